/* SPDX-License-Identifier: MIT */
/* inner.c - jemalloc's own malloc() and free(), found behind ours. */
#include "native/inner.h"

#include <dlfcn.h>

#include "core/base/compiler.h"

static void *
plain_malloc(size_t bytes)
{
    return mallocx(bytes, 0);
}

static void
plain_free(void *block)
{
    dallocx(block, 0);
}

struct pt_inner pt_inner = {plain_malloc, plain_free};

void
pt_inner_find(void)
{
    void *library = NULL, *malloc_found = NULL, *free_found = NULL;
    Dl_info info;

    if (dladdr((void *)mallocx, &info) != 0) {
        library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    }
    if (library != NULL) {
        malloc_found = dlsym(library, "malloc");
        free_found = dlsym(library, "free");
        dlclose(library);
    }
    if (malloc_found != NULL && free_found != NULL) {
        pt_inner = (struct pt_inner){
            (void *(*)(size_t))malloc_found,
            (void (*)(void *))free_found,
        };
    }
}
