/* SPDX-License-Identifier: MIT */
/* nativenames.c - sites, and what was found out about them. */
#include "cli/report/figures/nativenames.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/rawmem.h"

int
pt_nativenames_init(struct pt_nativenames *names,
                    enum pt_nativesites_what what)
{
    int code = pt_nativesites_init(&names->sites, what);

    names->symbols = NULL;
    names->known = NULL;
    names->knowns = 0;
    if (code == PT_OK) {
        code = pt_symbols_new(&names->symbols);
        if (code != PT_OK) {
            pt_nativesites_release(&names->sites);
        }
    }
    return code;
}

static struct pt_symbol
look_up(struct pt_nativenames *names, const struct pt_ledger *ledger,
        const struct pt_nativecaller *caller)
{
    const struct pt_name *name = &ledger->name[caller->name];
    struct pt_symbol symbol = {0};
    char path[4096];

    if (caller->name != 0 && name->bytes < sizeof(path)) {
        memcpy(path, name->text, name->bytes);
        path[name->bytes] = '\0';
        // The call returns to the instruction behind it.
        symbol = pt_symbols_find(names->symbols, path, caller->offset - 1);
    }
    return symbol;
}

struct pt_symbol
pt_nativenames_symbol(struct pt_nativenames *names,
                      const struct pt_ledger *ledger, uint32_t caller)
{
    struct pt_nativeknown *known;

    if (caller >= names->knowns) {
        uint32_t callers = names->sites.callers;
        void *grown = pt_rawmem_resize(names->known, callers, sizeof(*known));

        if (grown == NULL) {
            return look_up(names, ledger, &names->sites.caller[caller]);
        }
        names->known = grown;
        memset(names->known + names->knowns, 0,
               (callers - names->knowns) * sizeof(*known));
        names->knowns = callers;
    }
    known = &names->known[caller];
    if (!known->is_known) {
        known->symbol = look_up(names, ledger, &names->sites.caller[caller]);
        known->is_known = 1;
    }
    return known->symbol;
}

static void
add_base(const char *path, size_t bytes, enum pt_escape escape,
         struct pt_buf *out)
{
    const char *slash = memrchr(path, '/', bytes);
    const char *base = slash != NULL ? slash + 1 : path;

    pt_escape_add(out, base, (size_t)(path + bytes - base), escape);
}

void
pt_nativenames_add_place(struct pt_nativenames *names,
                         const struct pt_ledger *ledger, uint32_t caller,
                         enum pt_escape escape, struct pt_buf *out)
{
    const struct pt_nativecaller *place = &names->sites.caller[caller];
    const struct pt_name *name = &ledger->name[place->name];
    struct pt_symbol symbol = pt_nativenames_symbol(names, ledger, caller);

    if (symbol.function != NULL) {
        pt_escape_add(out, symbol.function, strlen(symbol.function), escape);
        if (symbol.file != NULL) {
            pt_buf_add_text(out, " (");
            add_base(symbol.file, strlen(symbol.file), escape, out);
            pt_buf_add_format(out, ":%d)", symbol.line);
        }
    }
    else {
        pt_buf_add_format(out, "0x%" PRIx64, place->offset);
    }
    pt_buf_add_text(out, " in ");
    if (place->name != 0) {
        add_base(name->text, name->bytes, escape, out);
    }
    else {
        pt_buf_add_text(out, "no file");
    }
}

void
pt_nativenames_release(struct pt_nativenames *names)
{
    pt_symbols_free(names->symbols);
    names->symbols = NULL;
    pt_rawmem_free(names->known);
    names->known = NULL;
    names->knowns = 0;
    pt_nativesites_release(&names->sites);
}
