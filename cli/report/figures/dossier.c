/* SPDX-License-Identifier: MIT */
/* dossier.c - everything of a recording, made in order. */
#include "cli/report/figures/dossier.h"

#include <string.h>

int
pt_dossier_init(struct pt_dossier *dossier, const struct pt_reader *reader,
                const char *name)
{
    int code;

    *dossier = (struct pt_dossier){
        .name = name, .reader = reader, .header = pt_reader_header(reader)};
    code = pt_aggregate_init(&dossier->sum, reader);
    if (code == PT_OK) {
        pt_naming_init(&dossier->naming, reader);
        code = pt_functions_init(&dossier->functions, reader, &dossier->sum);
    }
    if (code == PT_OK) {
        code = pt_snippets_init(&dossier->snippets, &dossier->sum,
                                &dossier->naming);
    }
    if (code != PT_OK) {
        pt_dossier_release(dossier);
    }
    return code;
}

const char *
pt_dossier_path(const struct pt_dossier *dossier, uint32_t file)
{
    const char *path = dossier->sum.file[file].path;
    const char *directory = dossier->header->directory;
    size_t bytes = strlen(directory);

    if (bytes > 1 && strncmp(path, directory, bytes) == 0 &&
        path[bytes] == '/' && path[bytes + 1] != '\0') {
        return path + bytes + 1;
    }
    return path;
}

int
pt_dossier_takes(const struct pt_dossier *dossier,
                 const struct pt_filter *filter, uint32_t file)
{
    const char *shown = pt_dossier_path(dossier, file);
    const char *path = dossier->sum.file[file].path;

    return (filter->only.patterns == 0 ||
            pt_patterns_match(&filter->only, shown) ||
            pt_patterns_match(&filter->only, path)) &&
           !pt_patterns_match(&filter->omit, shown) &&
           !pt_patterns_match(&filter->omit, path);
}

int
pt_dossier_line(struct pt_dossier *dossier, uint32_t file, uint32_t line,
                struct pt_buf *text)
{
    if (!pt_snippets_are_current(&dossier->snippets, file)) {
        return 0;
    }
    pt_snippets_add(&dossier->snippets, file, line, PT_SNIPPET_WHOLE,
                    PT_ESCAPE_NOTHING, text);
    return 1;
}

void
pt_dossier_release(struct pt_dossier *dossier)
{
    pt_snippets_release(&dossier->snippets);
    pt_functions_release(&dossier->functions);
    pt_aggregate_release(&dossier->sum);
}
