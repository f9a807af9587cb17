/* SPDX-License-Identifier: MIT */
/* snaphunt.c - reading a recording as of each snapshot in turn. */
#include "cli/report/figures/snaphunt.h"

#include <string.h>

#include "cli/report/figures/pairlines.h"
#include "cli/report/figures/places.h"
#include "core/base/rawmem.h"

struct look {
    const struct pt_dossier *dossier;
    struct pt_reader *reader;
    int64_t *bytes;  // of each line: see pairlines.h
    int64_t *blocks;
};

static void
set_line(const struct look *look, uint32_t line,
         const struct pt_amount *amount)
{
    look->bytes[line] = (int64_t)amount->bytes;
    look->blocks[line] = (int64_t)amount->blocks;
}

/* Add what the lines of one snapshot held. Those that the whole recording does
 * not know hold nothing that anybody could name. */
static void
add_lines(const struct look *look, const struct pt_aggregate *then)
{
    const struct pt_aggregate *sum = &look->dossier->sum;

    for (uint32_t i = 1; i < then->files; i++) {
        const struct pt_file *file = &then->file[i];
        uint32_t own = pt_places_find(&look->dossier->sum, file->path);

        for (uint32_t j = 0; own != 0 && j < file->places; j++) {
            const struct pt_place *place = &then->place[file->first + j];
            const struct pt_place *now =
                pt_aggregate_find(sum, own, place->line);

            if (now->line == place->line) {
                uint32_t line = (uint32_t)(now - sum->place);

                set_line(look, line, &place->memory.live);
                set_line(look, line + sum->places, &place->native.live);
            }
        }
    }
}

/* Open the recording once more, to be rewound to one snapshot after the other.
 * Not before there is one: of a large recording that takes a copy. */
static int
open_again(struct look *look)
{
    const struct pt_dossier *dossier = look->dossier;
    int code = pt_reader_open(&look->reader, pt_reader_fd(dossier->reader),
                              dossier->name, NULL);

    return code == PT_OK ? pt_reader_own(look->reader) : code;
}

/* Add what was held when a snapshot was taken to the lines, which have nothing
 * yet. */
static int
look_at(struct look *look, const struct pt_instant *instant)
{
    struct pt_aggregate then;
    int code = look->reader == NULL ? open_again(look) : PT_OK;

    if (code == PT_OK) {
        code = pt_instants_rewind_to(look->reader, instant);
    }
    if (code == PT_OK) {
        code =
            pt_aggregate_init_process(&then, look->reader, instant->process);
    }
    if (code == PT_OK) {
        add_lines(look, &then);
        pt_aggregate_release(&then);
    }
    return code;
}

static void
look_release(struct look *look)
{
    pt_reader_close(look->reader);
    pt_rawmem_free(look->bytes);
    pt_rawmem_free(look->blocks);
}

int
pt_snaphunt_take(const struct pt_dossier *dossier, uint32_t process,
                 const struct pt_instants *instants, const char *label,
                 struct pt_series *series, uint32_t *snapshots)
{
    uint32_t lines = pt_pairlines_count(dossier);
    struct look look = {.dossier = dossier};
    int code = PT_OK;

    *snapshots = 0;
    look.bytes = pt_rawmem_array(lines, sizeof(*look.bytes));
    look.blocks = pt_rawmem_array(lines, sizeof(*look.blocks));
    if (look.bytes == NULL || look.blocks == NULL) {
        code = PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < instants->count && code == PT_OK; i++) {
        const struct pt_instant *instant = &instants->instant[i];

        if (instant->process != process ||
            (label != NULL && strcmp(label, instant->label) != 0)) {
            continue;
        }
        memset(look.bytes, 0, lines * sizeof(*look.bytes));
        memset(look.blocks, 0, lines * sizeof(*look.blocks));
        code = look_at(&look, instant);
        if (code == PT_OK) {
            pt_series_take(series, (*snapshots)++, look.bytes, look.blocks);
        }
    }
    look_release(&look);
    return code;
}
