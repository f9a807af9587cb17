/* SPDX-License-Identifier: MIT */
/* nativeplaces.c - a ledger of native memory, and who is behind it. */
#include "cli/report/print/nativeplaces.h"

#include "cli/report/print/nativegroups.h"

int
pt_nativeplaces_init(struct pt_nativeplaces *places,
                     const struct pt_dossier *dossier,
                     enum pt_ledger_group group)
{
    struct pt_ledger_options options = {.group = group};
    int code = pt_nativenames_init(&places->names, PT_NATIVESITES_ALL);

    if (code != PT_OK) {
        return code;
    }
    options.native = &places->names.sites;
    code = pt_ledger_init(&places->ledger, dossier->reader, &dossier->sum,
                          &options);
    if (code != PT_OK) {
        pt_nativenames_release(&places->names);
    }
    return code;
}

void
pt_nativeplaces_add(struct pt_nativeplaces *places, uint32_t file,
                    uint32_t line, enum pt_escape escape, struct pt_buf *out)
{
    const struct pt_ledger *ledger = &places->ledger;

    for (uint32_t i = 1; i < ledger->entries; i++) {
        if (ledger->entry[i].file == file && ledger->entry[i].line == line) {
            pt_nativegroups_add(&places->names, ledger, i, escape, out);
        }
    }
}

void
pt_nativeplaces_release(struct pt_nativeplaces *places)
{
    pt_ledger_release(&places->ledger);
    pt_nativenames_release(&places->names);
}
