/* SPDX-License-Identifier: MIT */
/* foreign.c - our PyTraceMalloc_Track and its sisters. */
#include "memtrace/foreign.h"

#include "core/base/importslot.h"
#include "core/py/extload.h"
#include "memtrace/doorway.h"
#include "memtrace/memtrace.h"
#include "memtrace/recorder.h"
#include "memtrace/sampler.h"

static _Atomic(pt_foreign_traceback_func) shown;  // NULL: nothing is

/* Domain 0 is that of Python's allocators, here counted by any thread. */
static uint32_t
stored_domain(unsigned int domain)
{
    return domain == 0 ? PT_DOMAIN_RAW : domain;
}

/* What to say to an extension whose block was recorded, when the interpreter
 * says `result`: -2 if the standard module does not trace. */
static int
answer(int result)
{
    return atomic_load(&shown) != NULL ? 0 : result;
}

static int
track(unsigned int domain, uintptr_t block, size_t bytes)
{
    int result = PyTraceMalloc_Track(domain, block, bytes);

    pt_sampler_track(stored_domain(domain), block, bytes);
    if (!pt_recorder_listens() || !pt_recorder_enter()) {
        return result;
    }
    pt_guard_enter();
    pt_recorder_file_slow(block, stored_domain(domain), bytes);
    pt_guard_leave();
    pt_doorway_file_as(block, PT_NATIVE_TRACKED);
    pt_recorder_leave();
    return answer(result);
}

static int
untrack(unsigned int domain, uintptr_t block)
{
    int result = PyTraceMalloc_Untrack(domain, block);
    uint32_t id;

    pt_sampler_untrack(stored_domain(domain), block);
    if (!pt_recorder_listens() || !pt_recorder_enter()) {
        return result;
    }
    pt_guard_enter();
    id = pt_recorder_forget_slow(block, stored_domain(domain));
    if (id != 0) {
        pt_recorder_died(id);
    }
    pt_guard_leave();
    if (id != 0) {
        pt_doorway_file_as(block, PT_NATIVE_LIBRARY);
    }
    pt_recorder_leave();
    return answer(result);
}

/* The standard module's own answer comes first: it may run, too. */
static PyObject *
get_traceback(unsigned int domain, uintptr_t block)
{
    pt_foreign_traceback_func func = atomic_load(&shown);
    PyObject *core = pt_core_traceback(domain, block);
    uint32_t id;

    if (core != Py_None || func == NULL || pt_memtrace_catalog() == NULL) {
        return core;
    }
    id = pt_memtrace_find(domain, block);
    if (id == 0) {
        return core;
    }
    Py_DECREF(core);
    return func(id);
}

static void
redirect(void)
{
    static const struct pt_importslot slots[] = {
        {"PyTraceMalloc_Track", (pt_importslot_func)track},
        {"PyTraceMalloc_Untrack", (pt_importslot_func)untrack},
        {"_PyTraceMalloc_GetTraceback", (pt_importslot_func)get_traceback},
    };
    static struct pt_importslot_progress progress;

    pt_importslot_replace(slots, sizeof(slots) / sizeof(slots[0]), &progress);
}

static void
on_extension(void)
{
    if (pt_memtrace_catalog() != NULL || pt_sampler_catalog() != NULL) {
        redirect();
    }
}

int
pt_foreign_prepare(void)
{
    return pt_extload_watch(on_extension);
}

int
pt_foreign_start(void)
{
    redirect();
    return pt_foreign_prepare();
}

void
pt_foreign_show(pt_foreign_traceback_func func)
{
    atomic_store(&shown, func);
}
