/* SPDX-License-Identifier: MIT */
/* snippet.c - reading sources late, finding a line in them. */
#include "cli/report/figures/snippet.h"

#include <string.h>

#include "core/base/rawmem.h"

int
pt_snippets_init(struct pt_snippets *snippets, const struct pt_aggregate *sum,
                 const struct pt_naming *naming)
{
    *snippets = (struct pt_snippets){.sum = sum, .naming = naming};
    snippets->file = pt_rawmem_array(sum->files, sizeof(*snippets->file));
    return snippets->file != NULL ? PT_OK : PT_ERR_NOMEM;
}

const struct pt_buf *
pt_snippets_text(struct pt_snippets *snippets, uint32_t file)
{
    struct pt_snippet_file *loaded = &snippets->file[file];
    struct pt_buf path = PT_BUF_INIT;

    if (file != 0 && !loaded->is_tried) {
        loaded->is_tried = 1;
        pt_naming_locate(snippets->naming, snippets->sum->file[file].path,
                         &path);
        if (pt_sourcetext_read(&loaded->source, pt_buf_text(&path), NULL) !=
            PT_OK) {
            // Without its text the line is still told by name and number.
            loaded->source.text.used = 0;
        }
        pt_buf_release(&path);
    }
    return &loaded->source.text;
}

/* Find where each line begins, once. All lines have an end. */
static int
find_lines(struct pt_snippet_file *loaded)
{
    const struct pt_buf *text = &loaded->source.text;
    const char *begin = pt_buf_text(text), *end = begin + text->used;
    uint32_t lines = 0;

    for (const char *at = begin; at < end; at++) {
        lines += *at == '\n';
    }
    loaded->start = pt_rawmem_array((size_t)lines + 1, sizeof(size_t));
    if (loaded->start == NULL) {
        return PT_ERR_NOMEM;
    }
    for (const char *at = begin; at < end; loaded->lines++) {
        loaded->start[loaded->lines] = (size_t)(at - begin);
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    }
    return PT_OK;
}

void
pt_snippets_add(struct pt_snippets *snippets, uint32_t file, uint32_t line,
                size_t bytes_max, enum pt_escape escape, struct pt_buf *out)
{
    const struct pt_buf *text = pt_snippets_text(snippets, file);
    struct pt_snippet_file *loaded = &snippets->file[file];
    const char *at, *end = pt_buf_text(text) + text->used;
    size_t bytes;

    if (loaded->start == NULL && find_lines(loaded) != PT_OK) {
        out->failed = 1;
        return;
    }
    if (line == 0 || line > loaded->lines) {
        return;
    }
    at = pt_buf_text(text) + loaded->start[line - 1];
    end = memchr(at, '\n', (size_t)(end - at));
    while (at < end && strchr(" \t\f", *at) != NULL) {
        at++;
    }
    while (at < end && strchr(" \t\f", end[-1]) != NULL) {
        end--;
    }
    bytes = (size_t)(end - at);
    if (bytes > bytes_max) {
        bytes = bytes_max;
        // Not in the middle of a character.
        while (bytes != 0 && ((unsigned char)at[bytes] & 0xc0) == 0x80) {
            bytes--;
        }
    }
    pt_escape_add(out, at, bytes, escape);
}

int
pt_snippets_are_current(const struct pt_snippets *snippets, uint32_t file)
{
    const struct pt_file *read = &snippets->sum->file[file];
    struct pt_buf path = PT_BUF_INIT;
    int result;

    pt_naming_locate(snippets->naming, read->path, &path);
    result = pt_sourcetext_is_that(pt_buf_text(&path), read->size_bytes,
                                   read->modified_ns);
    pt_buf_release(&path);
    return result;
}

void
pt_snippets_release(struct pt_snippets *snippets)
{
    for (uint32_t i = 0; snippets->file != NULL && i < snippets->sum->files;
         i++) {
        pt_sourcetext_release(&snippets->file[i].source);
        pt_rawmem_free(snippets->file[i].start);
    }
    pt_rawmem_free(snippets->file);
    *snippets = (struct pt_snippets){0};
}
