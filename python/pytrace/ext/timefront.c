/* SPDX-License-Identifier: MIT */
/* timefront.c - see timefront.h. */
#include "python/pytrace/ext/timefront.h"

#include "core/base/clock.h"

/* A number with leading zeroes, ending before `end`. Returns its start. */
static char *
digits_before(char *end, uint64_t number, int least)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
        least--;
    } while (number != 0 || least > 0);
    return end;
}

char *
pt_timefront(char *end, uint64_t then_ns, int digits)
{
    uint64_t unit = 1, scale = 1, time = pt_clock_ns();

    for (int i = 0; i < 9; i++) {
        unit *= i < 9 - digits ? 10 : 1;
        scale *= i < digits ? 10 : 1;
    }
    time = ((time > then_ns ? time - then_ns : 0) + unit / 2) / unit;
    *--end = ' ';
    if (digits > 0) {
        end = digits_before(end, time % scale, digits);
        *--end = '.';
    }
    return digits_before(end, time / scale, 1);
}
