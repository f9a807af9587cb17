/* SPDX-License-Identifier: MIT */
/* symbols_dw.c - names of native code, by elfutils. */
#include <elfutils/libdwfl.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/source/symbols.h"
#include "cli/report/text/room.h"
#include "core/base/rawmem.h"

struct file {
    char *path;
    Dwfl_Module *module;  // NULL: cannot be read
};

struct pt_symbols {
    Dwfl *dwfl;
    struct file *file;
    uint32_t files;
    uint32_t room;
};

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
};

int
pt_symbols_new(struct pt_symbols **symbols)
{
    *symbols = pt_rawmem_array(1, sizeof(**symbols));
    if (*symbols == NULL) {
        return PT_ERR_NOMEM;
    }
    (*symbols)->dwfl = dwfl_begin(&callbacks);
    return PT_OK;
}

static Dwfl_Module *
open_module(const struct pt_symbols *symbols, const char *path)
{
    Dwfl_Module *module = NULL;

    // Of what the process had in memory alone there is no file.
    if (symbols->dwfl != NULL && path[0] == '/' && access(path, R_OK) == 0) {
        dwfl_report_begin_add(symbols->dwfl);
        module = dwfl_report_offline(symbols->dwfl, path, path, -1);
        dwfl_report_end(symbols->dwfl, NULL, NULL);
    }
    return module;
}

static Dwfl_Module *
find_module(struct pt_symbols *symbols, const char *path)
{
    void *array = symbols->file;
    struct file *file;

    for (uint32_t i = 0; i < symbols->files; i++) {
        if (strcmp(symbols->file[i].path, path) == 0) {
            return symbols->file[i].module;
        }
    }
    if (pt_room_reserve(&array, symbols->files, &symbols->room,
                        sizeof(*symbols->file)) != PT_OK) {
        return NULL;
    }
    symbols->file = array;
    file = &symbols->file[symbols->files];
    file->path = pt_rawmem_copy(path, strlen(path) + 1);
    if (file->path == NULL) {
        return NULL;
    }
    file->module = open_module(symbols, path);
    symbols->files++;
    return file->module;
}

struct pt_symbol
pt_symbols_find(struct pt_symbols *symbols, const char *path, uint64_t offset)
{
    Dwfl_Module *module = find_module(symbols, path);
    struct pt_symbol symbol = {0};
    Dwfl_Line *line;
    GElf_Addr bias;

    if (module == NULL || dwfl_module_getelf(module, &bias) == NULL) {
        return symbol;
    }
    symbol.function = dwfl_module_addrname(module, offset + bias);
    line = dwfl_module_getsrc(module, offset + bias);
    if (line != NULL) {
        symbol.file =
            dwfl_lineinfo(line, NULL, &symbol.line, NULL, NULL, NULL);
    }
    return symbol;
}

void
pt_symbols_free(struct pt_symbols *symbols)
{
    if (symbols == NULL) {
        return;
    }
    for (uint32_t i = 0; i < symbols->files; i++) {
        pt_rawmem_free(symbols->file[i].path);
    }
    if (symbols->dwfl != NULL) {
        dwfl_end(symbols->dwfl);
    }
    pt_rawmem_free(symbols->file);
    pt_rawmem_free(symbols);
}
