/* SPDX-License-Identifier: MIT */
/* time_text.c - see time_text.h. */
#include "cli/report/text/time_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"

struct pt_time_text
pt_time_text(double ns)
{
    static const char *const unit[] = {"ns", "us", "ms", "s"};
    struct pt_time_text result;
    unsigned i = 0;

    // What would be rounded to 1000 belongs to the next unit.
    while (i < 3 && ns >= 999.5) {
        ns /= 1000;
        i++;
    }
    snprintf(result.text, sizeof(result.text), "%.*f %s",
             i == 0 || ns >= 99.95 ? 0
             : ns >= 9.995         ? 1
                                   : 2,
             ns, unit[i]);
    return result;
}

int
pt_time_read(const char *text, uint64_t *ns)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end != '\0' || !(seconds >= 0 && seconds < 1e9)) {
        return PT_ERR_USAGE;
    }
    *ns = (uint64_t)(seconds * 1e9 + 0.5);
    return PT_OK;
}
