/* SPDX-License-Identifier: MIT */
/* hookset.c - PyMem_SetAllocator, three times. */
#include "memtrace/hookset.h"

static const PyMemAllocatorDomain python_domain[PT_HOOK_DOMAINS] = {
    PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};

static const PyMemAllocatorEx *
functions_of(const struct pt_hookset *set, enum pt_hook_domain domain)
{
    return domain == PT_HOOK_RAW ? &set->raw : &set->gil;
}

int
pt_hookset_stands(const struct pt_hookset *set, enum pt_hook_domain domain)
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

void
pt_hookset_remove(struct pt_hookset *set)
{
    for (int i = 0; i < PT_HOOK_DOMAINS; i++) {
        if (pt_hookset_stands(set, i)) {
            PyMem_SetAllocator(python_domain[i], &set->inner[i]);
            set->is_installed[i] = 0;
        }
    }
}
