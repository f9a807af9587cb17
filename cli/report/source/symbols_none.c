/* SPDX-License-Identifier: MIT */
/* symbols_none.c - the same without elfutils: nothing is known. */
#include <stddef.h>

#include "cli/report/source/symbols.h"

int
pt_symbols_new(struct pt_symbols **symbols)
{
    *symbols = NULL;
    return PT_OK;
}

struct pt_symbol
pt_symbols_find(struct pt_symbols *symbols, const char *path, uint64_t offset)
{
    (void)symbols;
    (void)path;
    (void)offset;
    return (struct pt_symbol){0};
}

void
pt_symbols_free(struct pt_symbols *symbols)
{
    (void)symbols;
}
