/* SPDX-License-Identifier: MIT */
/* nativegroups.c - sites by their functions. */
#include "cli/report/print/nativegroups.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/text/json.h"
#include "cli/report/text/size_text.h"
#include "core/base/rawmem.h"

/* The sites of one entry in one function, called by the same ones. */
struct group {
    const struct pt_nativesite *site;  // the first of them
    struct pt_amount kept;
};

/* Of one function? Without its name a place stands for itself. */
static int
is_same_place(struct pt_nativenames *names, const struct pt_ledger *ledger,
              uint32_t a, uint32_t b)
{
    const struct pt_nativecaller *one = &names->sites.caller[a];
    const struct pt_nativecaller *other = &names->sites.caller[b];
    struct pt_symbol left, right;

    if (one->name != other->name) {
        return 0;
    }
    left = pt_nativenames_symbol(names, ledger, a);
    right = pt_nativenames_symbol(names, ledger, b);
    if (left.linkage == NULL || right.linkage == NULL) {
        return one->offset == other->offset;
    }
    return strcmp(left.linkage, right.linkage) == 0;
}

static int
is_same(struct pt_nativenames *names, const struct pt_ledger *ledger,
        uint32_t a, uint32_t b)
{
    while (a != b && a != 0 && b != 0) {
        if (!is_same_place(names, ledger, a, b)) {
            return 0;
        }
        a = names->sites.caller[a].outer;
        b = names->sites.caller[b].outer;
    }
    return a == b;
}

static uint32_t
collect(struct pt_nativenames *names, const struct pt_ledger *ledger,
        uint32_t entry, struct group *group)
{
    uint32_t groups = 0;

    for (uint32_t i = 1; i < names->sites.sites; i++) {
        const struct pt_nativesite *site = &names->sites.site[i];
        uint32_t at = 0;

        if (site->entry != entry || site->kept.blocks == 0) {
            continue;
        }
        while (at < groups &&
               !is_same(names, ledger, group[at].site->caller, site->caller)) {
            at++;
        }
        if (at < groups) {
            group[at].kept.bytes += site->kept.bytes;
            group[at].kept.blocks += site->kept.blocks;
        }
        else {
            group[groups++] = (struct group){site, site->kept};
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
    return one->site->caller < other->site->caller ? -1 : 1;
}

/* "    from hold (leaky.c:31) in leaky.so: size=1000 KiB, count=1000", and
 * "      by ..." for each that called it. */
static void
add_group(struct pt_nativenames *names, const struct pt_ledger *ledger,
          const struct group *group, enum pt_escape escape, struct pt_buf *out)
{
    uint32_t at = group->site->caller;

    pt_buf_add_text(out, "    from ");
    pt_nativenames_add_place(names, ledger, at, escape, out);
    pt_buf_add_format(out, ": size=%s, count=%" PRIu64 "\n",
                      pt_size_text((double)group->kept.bytes).text,
                      group->kept.blocks);
    while ((at = names->sites.caller[at].outer) != 0) {
        pt_buf_add_text(out, "      by ");
        pt_nativenames_add_place(names, ledger, at, escape, out);
        pt_buf_add_char(out, '\n');
    }
}

/* "function": "hold", "file": "/src/leaky.c", "line": 31, "library": ...; what
 * is not known is null. */
static void
add_place_json(struct pt_nativenames *names, const struct pt_ledger *ledger,
               uint32_t caller, struct pt_buf *out)
{
    const struct pt_nativecaller *place = &names->sites.caller[caller];
    const struct pt_name *name = &ledger->name[place->name];
    struct pt_symbol symbol = pt_nativenames_symbol(names, ledger, caller);

    pt_buf_add_text(out, "\"function\": ");
    pt_json_add_or_null(out, symbol.function);
    pt_buf_add_text(out, ", \"file\": ");
    pt_json_add_or_null(out, symbol.file);
    pt_buf_add_format(out, ", \"line\": %d, \"library\": ", symbol.line);
    if (place->name != 0) {
        pt_json_add_bytes(out, name->text, name->bytes);
    }
    else {
        pt_buf_add_text(out, "null");
    }
    pt_buf_add_format(out, ", \"offset\": %" PRIu64, place->offset);
}

static void
add_group_json(struct pt_nativenames *names, const struct pt_ledger *ledger,
               const struct group *group, struct pt_buf *out)
{
    uint32_t at = group->site->caller;
    const char *separator = "";

    pt_buf_add_char(out, '{');
    add_place_json(names, ledger, at, out);
    pt_buf_add_format(out,
                      ", \"live_bytes\": %" PRIu64 ", \"live_blocks\": "
                      "%" PRIu64 ",\n     \"callers\": [",
                      group->kept.bytes, group->kept.blocks);
    while ((at = names->sites.caller[at].outer) != 0) {
        pt_buf_add_format(out, "%s{", separator);
        add_place_json(names, ledger, at, out);
        pt_buf_add_char(out, '}');
        separator = ",\n      ";
    }
    pt_buf_add_text(out, "]}");
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
pt_nativegroups_add(struct pt_nativenames *names,
                    const struct pt_ledger *ledger, uint32_t entry,
                    enum pt_escape escape, struct pt_buf *out)
{
    uint32_t groups;
    struct group *group = rank(names, ledger, entry, &groups);

    if (group == NULL) {
        out->failed = 1;
        return;
    }
    for (uint32_t i = 0; i < groups && i < PT_NATIVEGROUPS_SHOWN; i++) {
        add_group(names, ledger, &group[i], escape, out);
    }
    pt_rawmem_free(group);
}

void
pt_nativegroups_add_json(struct pt_nativenames *names,
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
        add_group_json(names, ledger, &group[i], out);
    }
    pt_rawmem_free(group);
}
