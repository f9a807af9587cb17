/* SPDX-License-Identifier: MIT */
/* nativenames.c - sites by their functions. */
#include "cli/report/print/nativenames.h"

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

/* What is at a caller, looked up once. */
static struct pt_symbol
symbol_of(struct pt_nativenames *names, const struct pt_ledger *ledger,
          uint32_t caller)
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
    left = symbol_of(names, ledger, a);
    right = symbol_of(names, ledger, b);
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

        if (site->entry != entry) {
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

static void
add_base(const char *path, size_t bytes, enum pt_escape escape,
         struct pt_buf *out)
{
    const char *slash = memrchr(path, '/', bytes);
    const char *base = slash != NULL ? slash + 1 : path;

    pt_escape_add(out, base, (size_t)(path + bytes - base), escape);
}

/* "hold (leaky.c:31) in leaky.so" */
static void
add_place(struct pt_nativenames *names, const struct pt_ledger *ledger,
          uint32_t caller, enum pt_escape escape, struct pt_buf *out)
{
    const struct pt_nativecaller *place = &names->sites.caller[caller];
    const struct pt_name *name = &ledger->name[place->name];
    struct pt_symbol symbol = symbol_of(names, ledger, caller);

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

/* "    from hold (leaky.c:31) in leaky.so: size=1000 KiB, count=1000", and
 * "      by ..." for each that called it. */
static void
add_group(struct pt_nativenames *names, const struct pt_ledger *ledger,
          const struct group *group, enum pt_escape escape, struct pt_buf *out)
{
    uint32_t at = group->site->caller;

    pt_buf_add_text(out, "    from ");
    add_place(names, ledger, at, escape, out);
    pt_buf_add_format(out, ": size=%s, count=%" PRIu64 "\n",
                      pt_size_text((double)group->kept.bytes).text,
                      group->kept.blocks);
    while ((at = names->sites.caller[at].outer) != 0) {
        pt_buf_add_text(out, "      by ");
        add_place(names, ledger, at, escape, out);
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
    struct pt_symbol symbol = symbol_of(names, ledger, caller);

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
        add_group(names, ledger, &group[i], escape, out);
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
        add_group_json(names, ledger, &group[i], out);
    }
    pt_rawmem_free(group);
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
