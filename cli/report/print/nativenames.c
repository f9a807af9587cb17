/* SPDX-License-Identifier: MIT */
/* nativenames.c - sites by their functions. */
#include "cli/report/print/nativenames.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/text/escape.h"
#include "cli/report/text/size_text.h"
#include "core/base/rawmem.h"

/* The sites of one entry in one function. */
struct group {
    const struct pt_nativesite *site;  // the first of them
    struct pt_symbol symbol;
    struct pt_amount kept;
};

int
pt_nativenames_init(struct pt_nativenames *names)
{
    int code = pt_nativesites_init(&names->sites);

    names->symbols = NULL;
    if (code == PT_OK) {
        code = pt_symbols_new(&names->symbols);
        if (code != PT_OK) {
            pt_nativesites_release(&names->sites);
        }
    }
    return code;
}

static struct group
describe(struct pt_nativenames *names, const struct pt_ledger *ledger,
         const struct pt_nativesite *site, char *path, size_t path_bytes)
{
    const struct pt_name *name = &ledger->name[site->name];
    struct group group = {.site = site, .kept = site->kept};

    if (site->name != 0 && name->bytes < path_bytes) {
        memcpy(path, name->text, name->bytes);
        path[name->bytes] = '\0';
        // The call returns to the instruction behind it.
        group.symbol = pt_symbols_find(names->symbols, path, site->offset - 1);
    }
    return group;
}

/* Of one function? Without its name a site stands for itself. */
static int
is_same(const struct group *a, const struct group *b)
{
    if (a->site->name != b->site->name) {
        return 0;
    }
    if (a->symbol.function == NULL || b->symbol.function == NULL) {
        return a->site->offset == b->site->offset;
    }
    return strcmp(a->symbol.function, b->symbol.function) == 0;
}

static uint32_t
collect(struct pt_nativenames *names, const struct pt_ledger *ledger,
        uint32_t entry, struct group *group)
{
    uint32_t groups = 0;

    for (uint32_t i = 1; i < names->sites.sites; i++) {
        const struct pt_nativesite *site = &names->sites.site[i];
        char path[4096];
        uint32_t at = 0;

        if (site->entry != entry) {
            continue;
        }
        group[groups] = describe(names, ledger, site, path, sizeof(path));
        while (at < groups && !is_same(&group[at], &group[groups])) {
            at++;
        }
        if (at < groups) {
            group[at].kept.bytes += site->kept.bytes;
            group[at].kept.blocks += site->kept.blocks;
        }
        else {
            groups++;
        }
    }
    return groups;
}

static int
compare(const void *a, const void *b)
{
    const struct group *one = a, *other = b;

    if (one->kept.bytes != other->kept.bytes) {
        return one->kept.bytes < other->kept.bytes ? 1 : -1;
    }
    return one->site->offset < other->site->offset ? -1 : 1;
}

static void
add_escaped(struct pt_report *report, const char *text, size_t bytes)
{
    pt_escape_add(&report->out, text, bytes, report->escape);
}

/* "    hold (leaky.c:31) in leaky.so: size=1000 KiB, count=1000" */
static void
add_group(struct pt_report *report, const struct pt_ledger *ledger,
          const struct group *group)
{
    const struct pt_name *name = &ledger->name[group->site->name];
    const char *slash = memrchr(name->text, '/', name->bytes);
    const char *base = slash != NULL ? slash + 1 : name->text;
    struct pt_buf *out = &report->out;

    pt_buf_add_text(out, "    from ");
    if (group->symbol.function != NULL) {
        add_escaped(report, group->symbol.function,
                    strlen(group->symbol.function));
        if (group->symbol.file != NULL) {
            const char *file = strrchr(group->symbol.file, '/');

            pt_buf_add_text(out, " (");
            file = file != NULL ? file + 1 : group->symbol.file;
            add_escaped(report, file, strlen(file));
            pt_buf_add_format(out, ":%d)", group->symbol.line);
        }
    }
    else {
        pt_buf_add_format(out, "0x%" PRIx64, group->site->offset);
    }
    pt_buf_add_text(out, " in ");
    if (group->site->name != 0) {
        add_escaped(report, base, (size_t)(name->text + name->bytes - base));
    }
    else {
        pt_buf_add_text(out, "no file");
    }
    pt_buf_add_format(out, ": size=%s, count=%" PRIu64 "\n",
                      pt_size_text((double)group->kept.bytes).text,
                      group->kept.blocks);
}

void
pt_nativenames_add(struct pt_nativenames *names, struct pt_report *report,
                   const struct pt_ledger *ledger, uint32_t entry)
{
    struct group *group = pt_rawmem_array(names->sites.sites, sizeof(*group));
    uint32_t groups;

    if (group == NULL) {
        report->out.failed = 1;
        return;
    }
    groups = collect(names, ledger, entry, group);
    qsort(group, groups, sizeof(*group), compare);
    for (uint32_t i = 0; i < groups && i < PT_NATIVENAMES_SHOWN; i++) {
        add_group(report, ledger, &group[i]);
    }
    pt_rawmem_free(group);
}

void
pt_nativenames_release(struct pt_nativenames *names)
{
    pt_symbols_free(names->symbols);
    names->symbols = NULL;
    pt_nativesites_release(&names->sites);
}
