/* SPDX-License-Identifier: MIT */
/* importslot.c - a walk over the relocations of all loaded objects. */
#include "core/base/importslot.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
#  define IS_SLOT(type) \
    ((type) == R_X86_64_JUMP_SLOT || (type) == R_X86_64_GLOB_DAT)
#elif defined(__aarch64__)
#  define IS_SLOT(type) \
    ((type) == R_AARCH64_JUMP_SLOT || (type) == R_AARCH64_GLOB_DAT)
#else
#  define IS_SLOT(type) 0
#endif

struct wanted {
    const struct pt_importslot *slots;
    size_t count;
    size_t settled;  // objects not to be read again
    size_t objects;  // met so far
};

/* What the dynamic section of one object says. */
struct object {
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Rela) * table[2];  // of functions called, and of all others
    size_t bytes[2];
    int has_rela;  // the first table is of this kind
};

static void
read_dynamic(const ElfW(Dyn) * dynamic, struct object *object)
{
    for (; dynamic->d_tag != DT_NULL; dynamic++) {
        const void *address = (const void *)dynamic->d_un.d_ptr;

        switch (dynamic->d_tag) {
        case DT_SYMTAB:
            object->symbols = address;
            break;
        case DT_STRTAB:
            object->strings = address;
            break;
        case DT_PLTREL:
            object->has_rela = dynamic->d_un.d_val == DT_RELA;
            break;
        case DT_JMPREL:
            object->table[0] = address;
            break;
        case DT_PLTRELSZ:
            object->bytes[0] = dynamic->d_un.d_val;
            break;
        case DT_RELA:
            object->table[1] = address;
            break;
        case DT_RELASZ:
            object->bytes[1] = dynamic->d_un.d_val;
            break;
        default:
            break;
        }
    }
}

/* Was the page of `slot` made read-only after relocation? The dynamic linker
 * does so for whole pages of the segment that the program headers name. */
static int
is_protected(const struct dl_phdr_info *info, uintptr_t slot, uintptr_t page)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        uintptr_t end = start + header->p_memsz;

        if (header->p_type == PT_GNU_RELRO && slot >= start &&
            slot < (end & ~(page - 1))) {
            return 1;
        }
    }
    return 0;
}

static void
write_slot(const struct dl_phdr_info *info, uintptr_t *slot, uintptr_t value)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *start = (void *)((uintptr_t)slot & ~(page - 1));

    if (!is_protected(info, (uintptr_t)slot, page)) {
        *slot = value;
    }
    else if (mprotect(start, page, PROT_READ | PROT_WRITE) == 0) {
        *slot = value;
        mprotect(start, page, PROT_READ);
    }
}

static void
replace_in_table(const struct dl_phdr_info *info, const struct object *object,
                 int which, const struct wanted *wanted)
{
    size_t count = object->bytes[which] / sizeof(ElfW(Rela));

    for (size_t i = 0; object->table[which] != NULL && i < count; i++) {
        const ElfW(Rela) *entry = &object->table[which][i];
        const ElfW(Sym) *symbol = &object->symbols[ELF64_R_SYM(entry->r_info)];
        uintptr_t *slot = (uintptr_t *)(info->dlpi_addr + entry->r_offset);

        if (!IS_SLOT(ELF64_R_TYPE(entry->r_info))) {
            continue;
        }
        for (size_t k = 0; k < wanted->count; k++) {
            const struct pt_importslot *to = &wanted->slots[k];

            if (*slot != (uintptr_t)to->func &&
                strcmp(object->strings + symbol->st_name, to->name) == 0) {
                write_slot(info, slot, (uintptr_t)to->func);
            }
        }
    }
}

/* Is `address` inside one of the object's loaded segments? */
static int
holds(const struct dl_phdr_info *info, uintptr_t address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;

        if (header->p_type == PT_LOAD && address >= start &&
            address < start + header->p_memsz) {
            return 1;
        }
    }
    return 0;
}

static void
replace_in_object(const struct dl_phdr_info *info, const struct wanted *wanted)
{
    struct object object = {0};

    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
            read_dynamic(
                (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
                &object);
        }
    }
    // The kernel's own object (vdso) has addresses that were not relocated.
    if ((uintptr_t)object.symbols < info->dlpi_addr ||
        object.strings == NULL || !object.has_rela) {
        return;
    }
    replace_in_table(info, &object, 0, wanted);
    replace_in_table(info, &object, 1, wanted);
}

static int
on_object(struct dl_phdr_info *info, size_t size, void *data)
{
    struct wanted *wanted = data;

    (void)size;
    if (wanted->objects++ >= wanted->settled &&
        !holds(info, (uintptr_t)on_object)) {
        replace_in_object(info, wanted);
    }
    return 0;
}

static int
read_unloaded(struct dl_phdr_info *info, size_t size, void *data)
{
    unsigned long long *unloaded = data;

    if (size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof(*unloaded)) {
        *unloaded = info->dlpi_subs;
    }
    return 1;
}

void
pt_importslot_replace(const struct pt_importslot *slots, size_t count,
                      struct pt_importslot_progress *progress)
{
    struct wanted wanted = {slots, count, progress->settled, 0};
    unsigned long long unloaded = progress->unloaded;

    dl_iterate_phdr(read_unloaded, &unloaded);
    if (unloaded != progress->unloaded) {
        *progress = (struct pt_importslot_progress){unloaded, 0, 0};
        wanted.settled = 0;
    }
    dl_iterate_phdr(on_object, &wanted);
    progress->settled = progress->objects;
    progress->objects = wanted.objects;
}
