/* SPDX-License-Identifier: MIT */
/* symbols_dw.c - names of native code, by elfutils.
 *
 * dwfl_module_addrname() goes through all symbols of a file for each address:
 * seconds where a library has a hundred thousand. So they are sorted once.
 */
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/report/source/demangle.h"
#include "cli/report/source/symbols.h"
#include "cli/report/text/room.h"
#include "core/base/arena.h"
#include "core/base/rawmem.h"

/* What a symbol names. */
struct range {
    GElf_Addr start;
    GElf_Addr end;
    GElf_Addr reach;       // the greatest end of this one and those before it
    const char *name;      // the module's
    const char *function;  // what it says; NULL: was not asked for yet
    int binding;           // GLOBAL before WEAK before LOCAL
    int index;             // as elfutils counts
};

struct file {
    char *path;
    Dwfl_Module *module;  // NULL: cannot be read
    struct range *range;  // by start, of one start the best one last
    size_t ranges;
};

struct pt_symbols {
    Dwfl *dwfl;
    struct file *file;
    uint32_t files;
    uint32_t room;
    struct pt_arena arena;  // names that are not the modules'
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
    pt_arena_init(&(*symbols)->arena);
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

static int
rank(int binding)
{
    return binding == STB_GLOBAL ? 2 : binding == STB_WEAK;
}

static int
compare(const void *left, const void *right)
{
    const struct range *a = left, *b = right;

    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    if (a->binding != b->binding) {
        return a->binding - b->binding;
    }
    if (a->end != b->end) {
        return a->end > b->end ? -1 : 1;
    }
    return b->index - a->index;
}

/* The range of a symbol, if it names code. */
static int
read_range(Dwfl_Module *module, int index, struct range *range)
{
    GElf_Sym symbol;
    GElf_Word section;

    range->name = dwfl_module_getsym_info(module, index, &symbol,
                                          &range->start, &section, NULL, NULL);
    range->function = NULL;
    range->end = range->start + symbol.st_size;
    range->binding = rank(GELF_ST_BIND(symbol.st_info));
    range->index = index;
    if (range->name == NULL || range->name[0] == '\0' ||
        section == SHN_UNDEF || range->end <= range->start) {
        return 0;
    }
    switch (GELF_ST_TYPE(symbol.st_info)) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
    case STT_NOTYPE:
        return 1;
    default:
        return 0;
    }
}

/* Without memory there are none. */
static void
read_ranges(struct file *file)
{
    int symbols = dwfl_module_getsymtab(file->module);
    GElf_Addr reach = 0;

    if (symbols > 0) {
        file->range = pt_rawmem_array((size_t)symbols, sizeof(*file->range));
    }
    if (file->range == NULL) {
        return;
    }
    for (int i = 0; i < symbols; i++) {
        file->ranges +=
            (size_t)read_range(file->module, i, &file->range[file->ranges]);
    }
    qsort(file->range, file->ranges, sizeof(*file->range), compare);
    for (size_t i = 0; i < file->ranges; i++) {
        if (file->range[i].end > reach) {
            reach = file->range[i].end;
        }
        file->range[i].reach = reach;
    }
}

static const struct file *
find_file(struct pt_symbols *symbols, const char *path)
{
    void *array = symbols->file;
    struct file *file;

    for (uint32_t i = 0; i < symbols->files; i++) {
        if (strcmp(symbols->file[i].path, path) == 0) {
            return &symbols->file[i];
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
    file->range = NULL;
    file->ranges = 0;
    if (file->module != NULL) {
        read_ranges(file);
    }
    symbols->files++;
    return file;
}

/* The innermost symbol around an address, or NULL. */
static struct range *
range_at(const struct file *file, GElf_Addr address)
{
    size_t low = 0, high = file->ranges;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (file->range[middle].start <= address) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    while (low > 0 && file->range[low - 1].reach > address) {
        low--;
        if (file->range[low].end > address) {
            return &file->range[low];
        }
    }
    return NULL;
}

/* Without memory it is called what the linker calls it. */
static const char *
function_of(struct pt_symbols *symbols, struct range *range)
{
    struct pt_buf text = PT_BUF_INIT;
    char *name;

    if (range->function == NULL) {
        range->function = range->name;
        if (pt_demangle(range->name, &text) && !text.failed) {
            name = pt_arena_array(&symbols->arena, text.used + 1, 1);
            if (name != NULL) {
                memcpy(name, text.data, text.used + 1);
                range->function = name;
            }
        }
        pt_buf_release(&text);
    }
    return range->function;
}

struct pt_symbol
pt_symbols_find(struct pt_symbols *symbols, const char *path, uint64_t offset)
{
    const struct file *file = find_file(symbols, path);
    struct pt_symbol symbol = {0};
    struct range *range;
    Dwfl_Line *line;
    GElf_Addr bias;

    if (file == NULL || file->module == NULL ||
        dwfl_module_getelf(file->module, &bias) == NULL) {
        return symbol;
    }
    range = range_at(file, offset + bias);
    if (range != NULL) {
        symbol.function = function_of(symbols, range);
        symbol.linkage = range->name;
    }
    line = dwfl_module_getsrc(file->module, offset + bias);
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
        pt_rawmem_free(symbols->file[i].range);
    }
    if (symbols->dwfl != NULL) {
        dwfl_end(symbols->dwfl);
    }
    pt_arena_release(&symbols->arena);
    pt_rawmem_free(symbols->file);
    pt_rawmem_free(symbols);
}
