/* SPDX-License-Identifier: MIT */
/* heapprofile.h - jemalloc's own heap profile, for --native-profile. */
#ifndef PT_NATIVE_HEAPPROFILE_H
#define PT_NATIVE_HEAPPROFILE_H

/* Note where it is to go, and say on stderr when jemalloc makes none. In the
 * constructor. */
void pt_heapprofile_start(void);

/* Write it: the program has ended. That of a forked child goes beside it, with
 * its number behind the name. Any thread, outside of the tracker. */
void pt_heapprofile_write(void);

#endif
