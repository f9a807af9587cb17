/* SPDX-License-Identifier: MIT */
/* modules.c - a list that is as short as that of the loader. */
#include "native/modules.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

static uint32_t
find(struct pt_timeline *timeline, uint64_t base_bytes)
{
    struct pt_array *modules = &timeline->array[PT_SEGMENT_MODULE];
    uint32_t items =
        atomic_load_explicit(modules->items, memory_order_acquire);

    for (uint32_t id = 1; id < items; id++) {
        const struct pt_module *module = pt_array_at(modules, id);

        if (module->path != 0 && module->base_bytes == base_bytes) {
            return id;
        }
    }
    return 0;
}

/* Two threads may add one twice, which costs an item and harms nobody. */
static uint32_t
add(struct pt_timeline *timeline, uint64_t base_bytes, const char *path)
{
    uint32_t text = pt_timeline_text(timeline, path, strlen(path));
    uint32_t id = pt_timeline_append(timeline, PT_SEGMENT_MODULE, 1);
    struct pt_module *module;

    if (text == 0 || id == 0) {
        return 0;
    }
    module = pt_array_at(&timeline->array[PT_SEGMENT_MODULE], id);
    module->base_bytes = base_bytes;
    module->path = text;
    return id;
}

uint32_t
pt_modules_find(struct pt_timeline *timeline, uintptr_t address)
{
    char program[PATH_MAX];
    struct link_map *map = NULL;
    const char *path;
    ssize_t length;
    Dl_info info;
    uint32_t id;

    if (dladdr1((void *)address, &info, (void **)&map, RTLD_DL_LINKMAP) == 0 ||
        map == NULL) {
        return 0;
    }
    id = find(timeline, map->l_addr);
    if (id != 0) {
        return id;
    }
    path = map->l_name;
    if (path[0] == '\0') {
        // The program itself, which the loader does not name.
        length = readlink("/proc/self/exe", program, sizeof(program) - 1);
        program[length > 0 ? length : 0] = '\0';
        path = program;
    }
    return add(timeline, map->l_addr, path);
}
