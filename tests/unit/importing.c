/* SPDX-License-Identifier: MIT */
/* importing.c - a shared object that imports a function, for test_importslot.
 */
#include <unistd.h>

int ask(void);

int
ask(void)
{
    return (int)getppid();
}
