/* SPDX-License-Identifier: MIT */
/* heapprofile.c - asking jemalloc for its profile. */
#include "native/heapprofile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/timeline/handover.h"
#include "native/inner.h"

static char path[PATH_MAX];  // "": none is wanted
static pid_t process;

static int
is_set(const char *name)
{
    _Bool value = 0;
    size_t bytes = sizeof(value);

    return mallctl(name, &value, &bytes, NULL, 0) == 0 && value;
}

void
pt_heapprofile_start(void)
{
    const char *wanted = getenv(PT_ENV_PROFILE);

    if (wanted == NULL || strlen(wanted) >= sizeof(path)) {
        return;
    }
    if (!is_set("config.prof")) {
        fputs("pytrace: no heap profile is written: this jemalloc was built "
              "without (--enable-prof)\n",
              stderr);
    }
    else if (!is_set("opt.prof")) {
        fputs("pytrace: no heap profile is written: prof:false in MALLOC_CONF "
              "switches it off\n",
              stderr);
    }
    else {
        strcpy(path, wanted);
        process = getpid();
    }
}

void
pt_heapprofile_write(void)
{
    char own[PATH_MAX + 16];
    const char *name = path;
    int code;

    if (path[0] == '\0') {
        return;
    }
    if (getpid() != process) {
        snprintf(own, sizeof(own), "%s.%d", path, (int)getpid());
        name = own;
    }
    code = mallctl("prof.dump", NULL, NULL, &name, sizeof(name));
    if (code != 0) {
        fprintf(stderr,
                "pytrace: cannot write the heap profile '%s'; check its "
                "directory\n",
                name);
    }
}
