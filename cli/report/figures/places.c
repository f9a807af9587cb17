/* SPDX-License-Identifier: MIT */
/* places.c - finding and adding files and lines, and sorting them at last. */
#include "cli/report/figures/places.h"

#include <stdlib.h>
#include <string.h>

#include "cli/report/text/room.h"
#include "core/base/compiler.h"
#include "core/base/hash.h"
#include "core/base/rawmem.h"

static int
append_file(struct pt_places *places, const char *path, size_t bytes)
{
    struct pt_aggregate *sum = places->sum;
    void *array = sum->file;
    int code = pt_room_reserve(&array, sum->files, &places->file_room,
                               sizeof(*sum->file));
    char *copy;

    sum->file = array;
    if (code != PT_OK) {
        return code;
    }
    copy = pt_rawmem_array(bytes + 1, 1);
    if (copy == NULL) {
        return PT_ERR_NOMEM;
    }
    memcpy(copy, path, bytes);
    sum->file[sum->files++] = (struct pt_file){.path = copy};
    return PT_OK;
}

int
pt_places_file(struct pt_places *places, const char *path, size_t bytes,
               uint32_t *file)
{
    uint64_t hash = pt_hash_pair(pt_hash_bytes(path, bytes), bytes);
    struct pt_aggregate *sum = places->sum;
    struct pt_idmap_walk walk;
    int code;

    *file = 0;
    if (bytes == 0 || (bytes == strlen(PT_UNKNOWN_FILE) &&
                       memcmp(path, PT_UNKNOWN_FILE, bytes) == 0)) {
        return PT_OK;
    }
    for (uint32_t id = pt_idmap_first(&places->file_map, hash, &walk); id != 0;
         id = pt_idmap_next(&walk)) {
        if (strlen(sum->file[id].path) == bytes &&
            memcmp(sum->file[id].path, path, bytes) == 0) {
            *file = id;
            return PT_OK;
        }
    }
    code = append_file(places, path, bytes);
    if (code == PT_OK) {
        *file = sum->files - 1;
        code = pt_idmap_insert(&places->file_map, hash, *file);
    }
    return code;
}

struct pt_place *
pt_places_at(struct pt_places *places, uint32_t file, uint32_t line)
{
    uint64_t hash = pt_hash_pair(file, line);
    struct pt_aggregate *sum = places->sum;
    struct pt_idmap_walk walk;
    void *array = sum->place;

    if (file == 0) {
        return &sum->place[0];
    }
    for (uint32_t id = pt_idmap_first(&places->place_map, hash, &walk);
         id != 0; id = pt_idmap_next(&walk)) {
        if (sum->place[id].file == file && sum->place[id].line == line) {
            return &sum->place[id];
        }
    }
    if (pt_room_reserve(&array, sum->places, &places->place_room,
                        sizeof(*sum->place)) != PT_OK) {
        return NULL;
    }
    sum->place = array;
    if (pt_idmap_insert(&places->place_map, hash, sum->places) != PT_OK) {
        return NULL;
    }
    sum->place[sum->places] = (struct pt_place){.file = file, .line = line};
    return &sum->place[sum->places++];
}

int
pt_places_add_hits(struct pt_places *places, uint32_t file, uint32_t line,
                   uint64_t hits)
{
    struct pt_place *place = pt_places_at(places, file, line);

    if (place == NULL) {
        return PT_ERR_NOMEM;
    }
    place->hits += hits;
    place->is_executable = 1;
    return PT_OK;
}

/* File 0 with place 0, for what no line asked for. */
static int
append_unknown(struct pt_places *places)
{
    struct pt_aggregate *sum = places->sum;
    int code = append_file(places, PT_UNKNOWN_FILE, strlen(PT_UNKNOWN_FILE));
    void *array = NULL;

    if (code == PT_OK) {
        code = pt_room_reserve(&array, 0, &places->place_room,
                               sizeof(*sum->place));
        sum->place = array;
    }
    if (code == PT_OK) {
        sum->place[sum->places++] = (struct pt_place){0};
    }
    return code;
}

int
pt_places_init(struct pt_places *places, struct pt_aggregate *sum)
{
    int code;

    *places = (struct pt_places){.sum = sum};
    code = pt_idmap_init(&places->file_map);
    if (code != PT_OK) {
        return code;
    }
    code = pt_idmap_init(&places->place_map);
    if (code == PT_OK) {
        code = append_unknown(places);
    }
    if (code != PT_OK) {
        pt_places_release(places);
    }
    return code;
}

void
pt_places_release(struct pt_places *places)
{
    pt_idmap_release(&places->place_map);
    pt_idmap_release(&places->file_map);
}

static int
compare_places(const void *left, const void *right)
{
    const struct pt_place *a = left, *b = right;

    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    return a->line < b->line ? -1 : a->line > b->line;
}

void
pt_places_sort(struct pt_aggregate *sum)
{
    qsort(sum->place, sum->places, sizeof(*sum->place), compare_places);
    for (uint32_t i = 0; i < sum->places; i++) {
        struct pt_place *place = &sum->place[i];
        struct pt_file *file = &sum->file[place->file];

        // Below 0 a sum of terms of a running program may be for a moment.
        if (place->hits > INT64_MAX) {
            place->hits = 0;
        }
        if (file->places++ == 0) {
            file->first = i;
        }
        file->hits += place->hits;
    }
}

uint32_t
pt_places_find(const struct pt_aggregate *sum, const char *path)
{
    for (uint32_t i = 1; i < sum->files; i++) {
        if (strcmp(sum->file[i].path, path) == 0) {
            return i;
        }
    }
    return 0;
}

int
pt_places_by_hits(const void *left, const void *right)
{
    const struct pt_place *a = *(const struct pt_place *const *)left;
    const struct pt_place *b = *(const struct pt_place *const *)right;

    return a->hits != b->hits ? (a->hits > b->hits ? -1 : 1)
                              : (a > b) - (a < b);
}

int
pt_places_by_memory(const void *left, const void *right)
{
    const struct pt_place *a = *(const struct pt_place *const *)left;
    const struct pt_place *b = *(const struct pt_place *const *)right;

    return a->memory.live.bytes != b->memory.live.bytes
               ? (a->memory.live.bytes > b->memory.live.bytes ? -1 : 1)
               : (a > b) - (a < b);
}
