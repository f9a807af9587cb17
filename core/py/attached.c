/* SPDX-License-Identifier: MIT */
/* attached.c - a search through the thread locals of the interpreter. */
#include "core/py/attached.h"

#if PT_HAS_THREAD_LOCAL_STATE

#  include <link.h>
#  include <stddef.h>
#  include <stdint.h>

#  include "core/base/compiler.h"

/* A thread local, as the linker's ABI names it. */
struct place {
    size_t module;  // 0: not known
    size_t offset;
};

extern void *__tls_get_addr(struct place *place);

static struct place found;

struct search {
    const PyThreadState *thread;
    struct place place;
    int matches;
};

static PyThreadState *const *
instance(struct place place)
{
    return __tls_get_addr(&place);
}

static int
holds_interpreter(const struct dl_phdr_info *info)
{
    uintptr_t wanted = (uintptr_t)&PyThreadState_Get;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type == PT_LOAD &&
            wanted - (info->dlpi_addr + part->p_vaddr) < part->p_memsz) {
            return 1;
        }
    }
    return 0;
}

/* Look for the thread among the words of the interpreter's thread locals. */
static int
look_into(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;

    (void)size;
    if (!holds_interpreter(info)) {
        return 0;
    }
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const PyThreadState *const *word = info->dlpi_tls_data;

        if (part->p_type != PT_TLS || word == NULL) {
            continue;
        }
        for (size_t k = 0; k < part->p_memsz / sizeof(*word); k++) {
            if (word[k] == search->thread) {
                search->place =
                    (struct place){info->dlpi_tls_modid, k * sizeof(*word)};
                search->matches++;
            }
        }
    }
    return 1;
}

/* Does the variable follow when the thread is detached and attached again? */
static int
follows(struct place place)
{
    PyThreadState *const volatile *word = instance(place);
    PyThreadState *thread = PyEval_SaveThread();
    int was_empty = *word == NULL;

    PyEval_RestoreThread(thread);
    return was_empty && *word == thread;
}

void
pt_attached_locate(void)
{
    struct search search = {.thread = PyThreadState_Get()};

    if (found.module != 0) {
        return;
    }
    dl_iterate_phdr(look_into, &search);
    if (search.matches == 1 && follows(search.place)) {
        found = search.place;
    }
}

PyThreadState *const *
pt_attached_place(void)
{
    PyThreadState *const *word;

    if (found.module == 0) {
        return NULL;
    }
    word = instance(found);
    return *word == pt_thread_attached() ? word : NULL;
}

#else

#  define Py_BUILD_CORE 1
#  include "internal/pycore_runtime.h"

void
pt_attached_locate(void)
{
}

PyThreadState *const *
pt_attached_place(void)
{
    return (PyThreadState *const *)&_PyRuntime.gilstate.tstate_current._value;
}

#endif
