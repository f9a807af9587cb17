/* SPDX-License-Identifier: MIT */
/* hookset.c - PyMem_SetAllocator, three times. */
#include "memtrace/hookset.h"

#include "core/py/guard.h"

static const PyMemAllocatorDomain python_domain[PT_HOOK_DOMAINS] = {
    PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};

PT_THREAD_LOCAL const struct pt_hookset *pt_hookset_sought;

static const PyMemAllocatorEx *
functions_of(const struct pt_hookset *set, enum pt_hook_domain domain)
{
    return domain == PT_HOOK_RAW ? &set->raw : &set->gil;
}

/* Is the set the outermost of this domain? */
static int
is_outermost(const struct pt_hookset *set, enum pt_hook_domain domain)
{
    const PyMemAllocatorEx *ours = functions_of(set, domain);
    PyMemAllocatorEx now;

    PyMem_GetAllocator(python_domain[domain], &now);
    return now.ctx == &set->inner[domain] && now.malloc == ours->malloc &&
           now.free == ours->free;
}

void
pt_hookset_install(struct pt_hookset *set)
{
    for (int i = 0; i < PT_HOOK_DOMAINS; i++) {
        PyMemAllocatorEx hooks = *functions_of(set, i);

        // Still there, below another tool's: then they only wake up again.
        if (set->is_installed[i]) {
            continue;
        }
        PyMem_GetAllocator(python_domain[i], &set->inner[i]);
        hooks.ctx = &set->inner[i];
        PyMem_SetAllocator(python_domain[i], &hooks);
        set->is_installed[i] = 1;
    }
}

/* Does an allocation of this domain come to the set? */
static int
is_reached(const struct pt_hookset *set, enum pt_hook_domain domain)
{
    int reached;

    pt_guard_enter();
    pt_hookset_sought = set;
    if (domain == PT_HOOK_RAW) {
        PyMem_RawFree(PyMem_RawMalloc(1));
    }
    else if (domain == PT_HOOK_MEM) {
        PyMem_Free(PyMem_Malloc(1));
    }
    else {
        PyObject_Free(PyObject_Malloc(1));
    }
    reached = pt_hookset_sought == NULL;
    pt_hookset_sought = NULL;
    pt_guard_leave();
    return reached;
}

int
pt_hookset_is_lost(struct pt_hookset *set, enum pt_hook_domain domain)
{
    if (!set->is_installed[domain] || is_outermost(set, domain) ||
        is_reached(set, domain)) {
        return 0;
    }
    set->is_installed[domain] = 0;
    return 1;
}

int
pt_hookset_repair(struct pt_hookset *set)
{
    int lost = 0;

    for (int i = 0; i < PT_HOOK_DOMAINS; i++) {
        lost += pt_hookset_is_lost(set, i);
    }
    if (lost != 0) {
        pt_hookset_install(set);
    }
    return lost;
}

void
pt_hookset_remove(struct pt_hookset *set)
{
    for (int i = 0; i < PT_HOOK_DOMAINS; i++) {
        if (is_outermost(set, i)) {
            PyMem_SetAllocator(python_domain[i], &set->inner[i]);
            set->is_installed[i] = 0;
        }
    }
}
