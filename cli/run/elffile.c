/* SPDX-License-Identifier: MIT */
/* elffile.c - program headers and dynamic symbols, with every bound checked.
 */
#include "cli/run/elffile.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"

/* `count` items of `item_bytes` at `offset`, or NULL when they are not there.
 */
static const void *
items_at(const struct pt_buf *file, uint64_t offset, uint64_t count,
         size_t item_bytes)
{
    if (offset > file->used || count > (file->used - offset) / item_bytes ||
        offset % 8 != 0) {
        return NULL;
    }
    return file->data + offset;
}

static void
look_at_symbols(const struct pt_buf *file, const ElfW(Shdr) * sections,
                size_t count, const ElfW(Shdr) * table, struct pt_elffile *elf)
{
    size_t symbols = table->sh_size / sizeof(ElfW(Sym));
    const ElfW(Sym) *symbol =
        items_at(file, table->sh_offset, symbols, sizeof(*symbol));
    const ElfW(Shdr) * texts;

    if (symbol == NULL || table->sh_link >= count) {
        return;
    }
    texts = &sections[table->sh_link];
    if (texts->sh_offset > file->used ||
        texts->sh_size > file->used - texts->sh_offset ||
        texts->sh_size == 0 ||
        file->data[texts->sh_offset + texts->sh_size - 1] != '\0') {
        return;
    }
    for (size_t i = 0; i < symbols; i++) {
        const char *name = file->data + texts->sh_offset + symbol[i].st_name;

        if (symbol[i].st_name >= texts->sh_size) {
            continue;
        }
        elf->has_asan |= strcmp(name, "__asan_init") == 0;
        elf->defines_malloc |=
            symbol[i].st_shndx != SHN_UNDEF && strcmp(name, "malloc") == 0;
    }
}

static void
look_at_parts(const struct pt_buf *file, struct pt_elffile *elf)
{
    const ElfW(Ehdr) *head = (const void *)file->data;
    const ElfW(Phdr) *parts =
        items_at(file, head->e_phoff, head->e_phnum, sizeof(*parts));
    const ElfW(Shdr) *sections =
        items_at(file, head->e_shoff, head->e_shnum, sizeof(*sections));

    for (size_t i = 0; parts != NULL && i < head->e_phnum; i++) {
        elf->has_interpreter |= parts[i].p_type == PT_INTERP;
    }
    for (size_t i = 0; sections != NULL && i < head->e_shnum; i++) {
        if (sections[i].sh_type == SHT_DYNSYM) {
            look_at_symbols(file, sections, head->e_shnum, &sections[i], elf);
        }
    }
}

struct pt_elffile
pt_elffile_read(const char *path)
{
    struct pt_elffile elf = {0};
    struct pt_buf file = PT_BUF_INIT;
    struct pt_err err;

    if (pt_file_read(path, &file, &err) == PT_OK &&
        file.used >= sizeof(ElfW(Ehdr)) &&
        memcmp(file.data, ELFMAG, SELFMAG) == 0 &&
        file.data[EI_CLASS] ==
            (__ELF_NATIVE_CLASS == 64 ? ELFCLASS64 : ELFCLASS32)) {
        elf.is_elf = 1;
        look_at_parts(&file, &elf);
    }
    pt_buf_release(&file);
    return elf;
}
