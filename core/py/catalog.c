/* SPDX-License-Identifier: MIT */
/* catalog.c - interning of sources and code objects. */
#include "core/py/catalog.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/hash.h"
#include "core/py/codeinfo.h"

#define NAME_BYTES 512u

struct path {
    char text[PATH_MAX];
    size_t bytes;
    uint64_t hash;
};

struct key {
    char name[NAME_BYTES];
    size_t name_bytes;
    uint32_t source;
    uint32_t defined_line;
    uint32_t units;
    uint64_t hash;
};

int
pt_catalog_init(struct pt_catalog *catalog, struct pt_timeline *timeline)
{
    catalog->timeline = timeline;
    if (pt_idmap_init(&catalog->sources) != PT_OK) {
        return PT_ERR_NOMEM;
    }
    if (pt_idmap_init(&catalog->codes) != PT_OK) {
        pt_idmap_release(&catalog->sources);
        return PT_ERR_NOMEM;
    }
    pthread_mutex_init(&catalog->lock, NULL);
    return PT_OK;
}

void
pt_catalog_release(struct pt_catalog *catalog)
{
    pt_idmap_release(&catalog->sources);
    pt_idmap_release(&catalog->codes);
    pthread_mutex_destroy(&catalog->lock);
}

static const struct pt_text *
text_at(const struct pt_catalog *catalog, uint32_t id)
{
    return pt_array_at(&catalog->timeline->array[PT_SEGMENT_TEXT], id);
}

static int
text_equals(const struct pt_catalog *catalog, uint32_t id, const char *text,
            size_t bytes)
{
    const struct pt_text *record = text_at(catalog, id);

    return record->bytes == bytes && memcmp(record->data, text, bytes) == 0;
}

const char *
pt_catalog_path(const struct pt_catalog *catalog, uint32_t source,
                size_t *bytes)
{
    const struct pt_text *path =
        text_at(catalog, pt_catalog_source_at(catalog, source)->path);

    *bytes = path->bytes;
    return path->data;
}

static uint32_t
find_source(const struct pt_catalog *catalog, const struct path *path)
{
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&catalog->sources, path->hash, &walk);

    while (id != 0 &&
           !text_equals(catalog, pt_catalog_source_at(catalog, id)->path,
                        path->text, path->bytes)) {
        id = pt_idmap_next(&walk);
    }
    return id;
}

static uint32_t
add_source_locked(struct pt_catalog *catalog, struct path *path)
{
    uint32_t text =
        pt_timeline_text(catalog->timeline, path->text, path->bytes);
    uint32_t id = pt_timeline_append(catalog->timeline, PT_SEGMENT_FILE, 1);
    struct pt_source *source;
    struct stat status;

    if (text == 0 || id == 0) {
        return 0;
    }
    source = pt_catalog_source_at(catalog, id);
    source->path = text;
    path->text[path->bytes] = '\0';
    // What it looked like when it was loaded: the report warns of changes.
    if (path->text[0] != '<' && stat(path->text, &status) == 0) {
        source->size_bytes = (uint64_t)status.st_size;
        source->modified_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 +
                              status.st_mtim.tv_nsec;
    }
    return pt_idmap_insert(&catalog->sources, path->hash, id) == PT_OK ? id
                                                                       : 0;
}

static uint32_t
find_code(const struct pt_catalog *catalog, const struct key *key)
{
    struct pt_idmap_walk walk;
    uint32_t id = pt_idmap_first(&catalog->codes, key->hash, &walk);

    for (; id != 0; id = pt_idmap_next(&walk)) {
        const struct pt_code *code = pt_catalog_code_at(catalog, id);

        if (code->source == key->source &&
            code->defined_line == key->defined_line &&
            code->units == key->units &&
            text_equals(catalog, code->name, key->name, key->name_bytes)) {
            break;
        }
    }
    return id;
}

void
pt_catalog_measure(const PyCodeObject *object, struct pt_catalog_span *span)
{
    struct pt_code_lines walk;
    int low = INT_MAX, high = 0;

    pt_code_lines_start(&walk, object);
    while (pt_code_lines_next(&walk)) {
        if (walk.line > 0) {
            low = walk.line < low ? walk.line : low;
            high = walk.line > high ? walk.line : high;
        }
    }
    span->first_line = high >= low ? (uint32_t)low : 0;
    span->lines = high >= low ? (uint32_t)(high - low) + 1 : 1;
}

static uint32_t
add_code_locked(struct pt_catalog *catalog, const struct key *key,
                const struct pt_catalog_span *span,
                enum pt_catalog_search search)
{
    uint32_t name =
        pt_timeline_text(catalog->timeline, key->name, key->name_bytes);
    uint32_t id = pt_timeline_append(catalog->timeline, PT_SEGMENT_CODE, 1);
    struct pt_code *code;

    if (name == 0 || id == 0) {
        return 0;
    }
    code = pt_catalog_code_at(catalog, id);
    code->source = key->source;
    code->name = name;
    code->defined_line = key->defined_line;
    code->units = key->units;
    code->first_line = span->first_line;
    code->lines = span->lines;
    if (search == PT_CATALOG_NEW) {
        return id;
    }
    return pt_idmap_insert(&catalog->codes, key->hash, id) == PT_OK ? id : 0;
}

/* Without a span it is measured, if the code object is new. */
static uint32_t
intern(struct pt_catalog *catalog, const PyCodeObject *object, struct key *key,
       const struct pt_catalog_span *span, enum pt_catalog_search search)
{
    struct pt_catalog_span measured;
    uint32_t id = 0;
    int saved_errno = errno;

    if (key->source == 0) {
        return 0;
    }
    key->name_bytes =
        pt_code_text(object->co_qualname, key->name, sizeof(key->name));
    key->defined_line = (uint32_t)object->co_firstlineno;
    key->units |= (uint32_t)Py_SIZE(object);
    key->hash =
        pt_hash_pair((uint64_t)key->source << 32 ^ key->defined_line,
                     pt_hash_bytes(key->name, key->name_bytes) + key->units);
    if (search == PT_CATALOG_KNOWN) {
        id = find_code(catalog, key);
    }
    if (id == 0 && span == NULL) {
        pt_catalog_measure(object, &measured);
        span = &measured;
    }
    if (id == 0) {
        pthread_mutex_lock(&catalog->lock);
        if (search == PT_CATALOG_KNOWN) {
            id = find_code(catalog, key);
        }
        if (id == 0) {
            id = add_code_locked(catalog, key, span, search);
        }
        pthread_mutex_unlock(&catalog->lock);
    }
    errno = saved_errno;
    return id;
}

uint32_t
pt_catalog_source(struct pt_catalog *catalog, const PyCodeObject *code)
{
    int saved_errno = errno;
    struct path path;
    uint32_t id;

    path.bytes =
        pt_code_text(code->co_filename, path.text, sizeof(path.text) - 1);
    path.hash = pt_hash_bytes(path.text, path.bytes);
    id = find_source(catalog, &path);
    if (id == 0) {
        pthread_mutex_lock(&catalog->lock);
        id = find_source(catalog, &path);
        if (id == 0) {
            id = add_source_locked(catalog, &path);
        }
        pthread_mutex_unlock(&catalog->lock);
    }
    errno = saved_errno;
    return id;
}

static uint32_t
intern_original(struct pt_catalog *catalog, const PyCodeObject *code,
                enum pt_catalog_search search)
{
    struct key key;

    key.source = pt_catalog_source(catalog, code);
    key.units = 0;
    return intern(catalog, code, &key, NULL, search);
}

uint32_t
pt_catalog_code(struct pt_catalog *catalog, const PyCodeObject *code)
{
    return intern_original(catalog, code, PT_CATALOG_KNOWN);
}

uint32_t
pt_catalog_another(struct pt_catalog *catalog, const PyCodeObject *code)
{
    return intern_original(catalog, code, PT_CATALOG_NEW);
}

uint32_t
pt_catalog_rewritten(struct pt_catalog *catalog, const PyCodeObject *code,
                     uint32_t source, const struct pt_catalog_span *span,
                     enum pt_catalog_search search)
{
    struct key key;

    key.source = source;
    key.units = PT_CODE_REWRITTEN;
    return intern(catalog, code, &key, span, search);
}

void
pt_catalog_before_fork(struct pt_catalog *catalog)
{
    pthread_mutex_lock(&catalog->lock);
}

void
pt_catalog_after_fork(struct pt_catalog *catalog)
{
    pthread_mutex_unlock(&catalog->lock);
}
