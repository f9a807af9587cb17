/* SPDX-License-Identifier: MIT */
/* nativenames.c - sites by their functions. */
#include "cli/report/print/nativenames.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/text/json.h"
#include "cli/report/text/size_text.h"
#include "core/base/rawmem.h"

/* The sites of one entry in one function. */
struct group {
    const struct pt_nativesite *site;  // the first of them
    struct pt_symbol symbol;
    struct pt_amount kept;
};

int
pt_nativenames_init(struct pt_nativenames *names,
                    enum pt_nativesites_what what)
{
    int code = pt_nativesites_init(&names->sites, what);

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
add_base(const char *path, size_t bytes, enum pt_escape escape,
         struct pt_buf *out)
{
    const char *slash = memrchr(path, '/', bytes);
    const char *base = slash != NULL ? slash + 1 : path;

    pt_escape_add(out, base, (size_t)(path + bytes - base), escape);
}

/* "    from hold (leaky.c:31) in leaky.so: size=1000 KiB, count=1000" */
static void
add_group(const struct pt_ledger *ledger, const struct group *group,
          enum pt_escape escape, struct pt_buf *out)
{
    const struct pt_name *name = &ledger->name[group->site->name];
    const struct pt_symbol *symbol = &group->symbol;

    pt_buf_add_text(out, "    from ");
    if (symbol->function != NULL) {
        pt_escape_add(out, symbol->function, strlen(symbol->function), escape);
        if (symbol->file != NULL) {
            pt_buf_add_text(out, " (");
            add_base(symbol->file, strlen(symbol->file), escape, out);
            pt_buf_add_format(out, ":%d)", symbol->line);
        }
    }
    else {
        pt_buf_add_format(out, "0x%" PRIx64, group->site->offset);
    }
    pt_buf_add_text(out, " in ");
    if (group->site->name != 0) {
        add_base(name->text, name->bytes, escape, out);
    }
    else {
        pt_buf_add_text(out, "no file");
    }
    pt_buf_add_format(out, ": size=%s, count=%" PRIu64 "\n",
                      pt_size_text((double)group->kept.bytes).text,
                      group->kept.blocks);
}

/* {"function": "hold", "file": "/src/leaky.c", "line": 31, "library": ...};
 * what is not known is null. */
static void
add_group_json(const struct pt_ledger *ledger, const struct group *group,
               struct pt_buf *out)
{
    const struct pt_name *name = &ledger->name[group->site->name];
    const struct pt_symbol *symbol = &group->symbol;

    pt_buf_add_text(out, "{\"function\": ");
    pt_json_add_or_null(out, symbol->function);
    pt_buf_add_text(out, ", \"file\": ");
    pt_json_add_or_null(out, symbol->file);
    pt_buf_add_format(out, ", \"line\": %d, \"library\": ", symbol->line);
    if (group->site->name != 0) {
        pt_json_add_bytes(out, name->text, name->bytes);
    }
    else {
        pt_buf_add_text(out, "null");
    }
    pt_buf_add_format(out,
                      ", \"offset\": %" PRIu64 ", \"live_bytes\": %" PRIu64
                      ", \"live_blocks\": %" PRIu64 "}",
                      group->site->offset, group->kept.bytes,
                      group->kept.blocks);
}

/* The functions of an entry, those that keep most first; to be freed. NULL:
 * there is no memory for them. */
static struct group *
rank(struct pt_nativenames *names, const struct pt_ledger *ledger,
     uint32_t entry, uint32_t *groups)
{
    struct group *group = pt_rawmem_array(names->sites.sites, sizeof(*group));

    if (group != NULL) {
        *groups = collect(names, ledger, entry, group);
        qsort(group, *groups, sizeof(*group), compare);
    }
    return group;
}

void
pt_nativenames_add(struct pt_nativenames *names,
                   const struct pt_ledger *ledger, uint32_t entry,
                   enum pt_escape escape, struct pt_buf *out)
{
    uint32_t groups;
    struct group *group = rank(names, ledger, entry, &groups);

    if (group == NULL) {
        out->failed = 1;
        return;
    }
    for (uint32_t i = 0; i < groups && i < PT_NATIVENAMES_SHOWN; i++) {
        add_group(ledger, &group[i], escape, out);
    }
    pt_rawmem_free(group);
}

void
pt_nativenames_add_json(struct pt_nativenames *names,
                        const struct pt_ledger *ledger, uint32_t entry,
                        struct pt_buf *out)
{
    uint32_t groups;
    struct group *group = rank(names, ledger, entry, &groups);

    if (group == NULL) {
        out->failed = 1;
        return;
    }
    for (uint32_t i = 0; i < groups; i++) {
        pt_buf_add_text(out, i != 0 ? ",\n    " : "\n    ");
        add_group_json(ledger, &group[i], out);
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
