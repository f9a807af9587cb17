/* SPDX-License-Identifier: MIT */
/* ledger.c - from pairs along their stacks to entries. */
#include "cli/report/figures/ledger.h"

#include <string.h>

#include "cli/report/figures/account.h"
#include "cli/report/figures/nativesites.h"
#include "core/base/rawmem.h"

/* The engine keeps fewer frames; a damaged recording may say anything. */
#define FRAMES_MAX 4096u

struct charger {
    struct pt_ledger *ledger;
    const struct pt_reader *reader;
    const struct pt_ledger_options *options;
    unsigned char *is_wanted;  // of each file of the aggregate
    uint32_t pairs;            // charged yet, of all processes
    // The process whose pairs are charged:
    const struct pt_share *share;
    int is_highest;
    struct pt_node *node;
    uint32_t nodes;
    uint32_t *entry_of;  // the entry of each node, 0 if not known yet
    uint32_t *path;      // room for all nodes, as each is older than the last
    struct pt_native_pair source;  // of the pair, when it is a native one
    uint64_t temporary;            // blocks of the pair
    struct pt_lived lived;
};

static int
choose_files(struct charger *charger)
{
    const struct pt_aggregate *sum = charger->ledger->aggregate;
    const struct pt_ledger_options *options = charger->options;

    charger->is_wanted = pt_rawmem_array(sum->files, 1);
    if (charger->is_wanted == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < sum->files; i++) {
        const char *path = sum->file[i].path;

        charger->is_wanted[i] = pt_filter_takes(&options->filter, path) != 0;
    }
    return PT_OK;
}

/* Copied, as in a damaged recording they may lie anyhow. A parent is older
 * than its children, so that no walk outwards is without end. */
static int
load_nodes(struct charger *charger)
{
    uint32_t process = charger->share->record->number;

    charger->nodes =
        pt_reader_items(charger->reader, process, PT_SEGMENT_NODE);
    charger->node =
        pt_rawmem_array((size_t)charger->nodes + 1, sizeof(*charger->node));
    charger->entry_of = pt_rawmem_array((size_t)charger->nodes + 1,
                                        sizeof(*charger->entry_of));
    charger->path =
        pt_rawmem_array((size_t)charger->nodes + 1, sizeof(*charger->path));
    if (charger->node == NULL || charger->entry_of == NULL ||
        charger->path == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 1; i < charger->nodes; i++) {
        const void *found =
            pt_reader_item(charger->reader, process, PT_SEGMENT_NODE, i);

        if (found != NULL) {
            memcpy(&charger->node[i], found, sizeof(*charger->node));
        }
        if (charger->node[i].parent >= i) {
            charger->node[i].parent = PT_NODE_NONE;
        }
    }
    return PT_OK;
}

/* True if a frame stands at the node: a marker of a deep stack is none. */
static int
is_frame(const struct charger *charger, uint32_t node)
{
    return node != PT_NODE_NONE && node < charger->nodes &&
           charger->node[node].code != 0;
}

/* The code object at a node; zeros when it is not there. */
static struct pt_code
code_at(const struct charger *charger, uint32_t node)
{
    struct pt_code code = {0};
    const void *found = NULL;

    if (is_frame(charger, node)) {
        found = pt_reader_item(charger->reader, charger->share->record->number,
                               PT_SEGMENT_CODE, charger->node[node].code);
    }
    if (found != NULL) {
        memcpy(&code, found, sizeof(code));
    }
    return code;
}

static uint32_t
file_of(const struct charger *charger, const struct pt_code *code)
{
    const struct pt_share *share = charger->share;

    return code->source < share->sources ? share->file_of[code->source] : 0;
}

/* What of a node's frame counts in the grouping asked for. */
static int
make_key(struct charger *charger, uint32_t node, struct pt_entry *key)
{
    struct pt_code code = code_at(charger, node);
    size_t bytes;
    const char *name;

    *key = (struct pt_entry){.file = file_of(charger, &code)};
    if (key->file == 0 || charger->options->group == PT_LEDGER_FILENAME) {
        return PT_OK;
    }
    if (charger->options->group != PT_LEDGER_FUNCTION) {
        key->line = charger->node[node].line;
        return PT_OK;
    }
    key->line = code.defined_line;
    name = pt_reader_text(charger->reader, charger->share->record->number,
                          code.name, &bytes);
    return pt_account_name(charger->ledger, name, bytes, &key->name);
}

/* The entry of a node's frame and so many outer ones, found or made. */
static int
find_entry(struct charger *charger, uint32_t node, uint32_t frames,
           uint32_t *entry)
{
    uint32_t inner = 0, at = node;
    int code = PT_OK;

    if (node < charger->nodes && charger->entry_of[node] != 0) {
        *entry = charger->entry_of[node];
        return PT_OK;
    }
    for (uint32_t i = 0; i < frames && code == PT_OK; i++) {
        struct pt_entry key;

        code = make_key(charger, at, &key);
        if (code == PT_OK) {
            key.next = inner;
            code = pt_account_entry(charger->ledger, &key, &inner);
        }
        at = is_frame(charger, at) ? charger->node[at].parent : PT_NODE_NONE;
        if (!is_frame(charger, at)) {
            break;
        }
    }
    if (code == PT_OK) {
        *entry = inner;
        if (node < charger->nodes) {
            charger->entry_of[node] = inner;
        }
    }
    return code;
}

/* The entry of a node's frame and all outer ones. What is not known yet is
 * found from the outermost frame inward, so that `path` is walked twice. */
static int
find_stack(struct charger *charger, uint32_t node, uint32_t *entry)
{
    uint32_t outer = 0, frames = 0, at = node;
    int code = PT_OK;

    for (;;) {
        if (at < charger->nodes && charger->entry_of[at] != 0) {
            outer = charger->entry_of[at];
            break;
        }
        charger->path[frames++] = at;
        if (!is_frame(charger, at) ||
            !is_frame(charger, charger->node[at].parent)) {
            break;
        }
        at = charger->node[at].parent;
    }
    while (frames != 0 && code == PT_OK) {
        struct pt_entry key;

        at = charger->path[--frames];
        code = make_key(charger, at, &key);
        if (code == PT_OK) {
            key.next = outer;
            code = pt_account_entry(charger->ledger, &key, &outer);
        }
        if (code == PT_OK && at < charger->nodes) {
            charger->entry_of[at] = outer;
        }
    }
    *entry = outer;
    return code;
}

static int
charge(struct charger *charger, uint32_t id, const struct pt_weight *weight,
       const uint64_t blocks[PT_LEDGER_SUMS])
{
    struct pt_entry *entry = &charger->ledger->entry[id];

    for (int i = 0; i < PT_LEDGER_SUMS; i++) {
        pt_amount_add(&entry->sum[i], blocks[i], weight);
    }
    entry->lived.blocks += charger->lived.blocks;
    entry->lived.ns += charger->lived.ns;
    if (charger->options->native == NULL) {
        return PT_OK;
    }
    return pt_nativesites_charge(
        charger->options->native, charger->ledger, charger->reader,
        charger->share->record->number, &charger->source, id, blocks);
}

/* The blocks of a pair at each of the moments. */
static int
count_blocks(const struct charger *charger, const struct pt_pair *pair,
             uint64_t blocks[PT_LEDGER_SUMS])
{
    const struct pt_process *process = charger->share->record;
    int64_t peak = 0;

    if (charger->is_highest) {
        peak = atomic_load(&pair->epoch) == atomic_load(&process->peak_epoch)
                   ? atomic_load(&pair->saved)
                   : atomic_load(&pair->live);
    }
    blocks[PT_LEDGER_KEPT] = pt_aggregate_kept_blocks(process, pair);
    blocks[PT_LEDGER_PEAK] = peak > 0 ? (uint64_t)peak : 0;
    blocks[PT_LEDGER_ALLOCATED] = atomic_load(&pair->allocated);
    blocks[PT_LEDGER_TEMPORARY] = charger->temporary;
    return blocks[PT_LEDGER_KEPT] != 0 || blocks[PT_LEDGER_PEAK] != 0 ||
           blocks[PT_LEDGER_ALLOCATED] != 0;
}

/* Charge each place of the stack once. */
static int
charge_stack(struct charger *charger, const struct pt_pair *pair,
             const struct pt_weight *weight,
             const uint64_t blocks[PT_LEDGER_SUMS])
{
    uint32_t frames = charger->options->frames;
    uint32_t at = pair->node;

    if (frames == 0 || frames > FRAMES_MAX) {
        frames = FRAMES_MAX;
    }
    charger->pairs++;
    for (uint32_t i = 0; i < frames; i++) {
        struct pt_entry *entry;
        uint32_t id;
        int code = find_entry(charger, at, 1, &id);

        if (code != PT_OK) {
            return code;
        }
        entry = &charger->ledger->entry[id];
        if (entry->charged != charger->pairs) {
            entry->charged = charger->pairs;
            code = charge(charger, id, weight, blocks);
        }
        if (code != PT_OK) {
            return code;
        }
        at = is_frame(charger, at) ? charger->node[at].parent : PT_NODE_NONE;
        if (!is_frame(charger, at)) {
            break;
        }
    }
    return PT_OK;
}

static int
charge_pair(struct charger *charger, const struct pt_pair *pair)
{
    struct pt_code innermost = code_at(charger, pair->node);
    struct pt_weight weight = pt_weight_of(charger->share->record, pair);
    uint64_t blocks[PT_LEDGER_SUMS];
    uint32_t frames = 1, id;
    int code;

    if (!count_blocks(charger, pair, blocks) ||
        !charger->is_wanted[file_of(charger, &innermost)]) {
        return PT_OK;
    }
    if (charger->options->is_cumulative) {
        return charge_stack(charger, pair, &weight, blocks);
    }
    if (charger->options->group == PT_LEDGER_TRACEBACK) {
        frames = charger->options->frames;
        frames = frames == 0           ? PT_LEDGER_FRAMES
                 : frames > FRAMES_MAX ? FRAMES_MAX
                                       : frames;
    }
    code = charger->options->group == PT_LEDGER_STACK
               ? find_stack(charger, pair->node, &id)
               : find_entry(charger, pair->node, frames, &id);
    return code == PT_OK ? charge(charger, id, &weight, blocks) : code;
}

/* Copy a pair out; 0 when it is not of the memory asked for. */
static int
read_pair(struct charger *charger, const void *found, struct pt_pair *pair)
{
    if (charger->options->native == NULL) {
        memcpy(pair, found, sizeof(*pair));
        return 1;
    }
    memcpy(&charger->source, found, sizeof(charger->source));
    return pt_nativesites_convert(&charger->source,
                                  charger->options->native->what, pair);
}

/* How many blocks of Python's pair `id` were temporary; 0 when that was not
 * asked for. */
static uint64_t
temporary_of(const struct charger *charger, uint32_t id)
{
    uint64_t blocks = 0;

    if (charger->options->native == NULL) {
        (void)pt_reader_copy(charger->reader, charger->share->record->number,
                             PT_SEGMENT_TEMPORARY, id, &blocks,
                             sizeof(blocks));
    }
    return blocks;
}

/* How long the blocks of Python's pair `id` lived; of none if that was not
 * asked for, or the process runs on. */
static struct pt_lived
lived_of(const struct charger *charger, uint32_t id,
         const struct pt_pair *pair)
{
    const struct pt_process *process = charger->share->record;
    uint64_t end_ns = process->end_ns != 0
                          ? process->end_ns
                          : pt_reader_header(charger->reader)->end_ns;
    int64_t blocks = pair->inherited + (int64_t)atomic_load(&pair->allocated);
    uint64_t ns;

    if (charger->options->native != NULL || blocks <= 0 || end_ns == 0 ||
        !pt_reader_copy(charger->reader, process->number, PT_SEGMENT_LIFETIME,
                        id, &ns, sizeof(ns))) {
        return (struct pt_lived){0, 0};
    }
    // Modulo 2^64, as the writer's sums are.
    ns += (uint64_t)atomic_load(&pair->live) * (end_ns - process->start_ns);
    return (struct pt_lived){(uint64_t)blocks, ns};
}

static int
charge_process(struct charger *charger)
{
    enum pt_segment segment =
        charger->options->native != NULL ? PT_SEGMENT_NATIVE : PT_SEGMENT_PAIR;
    uint32_t process = charger->share->record->number;
    uint32_t pairs = pt_reader_items(charger->reader, process, segment);
    int code = load_nodes(charger);

    for (uint32_t i = 1; i < pairs && code == PT_OK; i++) {
        const void *found =
            pt_reader_item(charger->reader, process, segment, i);
        struct pt_pair pair;

        if (found != NULL && read_pair(charger, found, &pair)) {
            charger->temporary = temporary_of(charger, i);
            charger->lived = lived_of(charger, i, &pair);
            code = charge_pair(charger, &pair);
        }
    }
    pt_rawmem_free(charger->node);
    pt_rawmem_free(charger->entry_of);
    pt_rawmem_free(charger->path);
    charger->node = NULL;
    charger->entry_of = charger->path = NULL;
    return code;
}

int
pt_ledger_init(struct pt_ledger *ledger, const struct pt_reader *reader,
               const struct pt_aggregate *aggregate,
               const struct pt_ledger_options *options)
{
    struct charger charger = {
        .ledger = ledger, .reader = reader, .options = options};
    int code = pt_account_init(ledger, aggregate);

    if (code != PT_OK) {
        return code;
    }
    code = choose_files(&charger);
    for (uint32_t i = 0; i < aggregate->shares && code == PT_OK; i++) {
        charger.share = &aggregate->share[i];
        charger.is_highest = charger.share == pt_aggregate_highest(aggregate);
        code = charge_process(&charger);
    }
    pt_rawmem_free(charger.is_wanted);
    if (code != PT_OK) {
        pt_ledger_release(ledger);
    }
    return code;
}

void
pt_ledger_release(struct pt_ledger *ledger)
{
    pt_account_release(ledger);
}
