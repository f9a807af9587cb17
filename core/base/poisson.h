/* SPDX-License-Identifier: MIT */
/* poisson.h - the mathematics of sampling allocations by bytes.
 *
 * Think of all bytes that a thread allocates in a row, and of points thrown on
 * them at random, one in `mean` bytes on average. A block with a point in it
 * is in the sample. Points know nothing of each other, so each block is in the
 * sample by itself, with a probability that depends on its size alone:
 *
 *     share(bytes) = 1 - exp(-bytes / mean)
 *
 * A block in the sample stands for 1 / share blocks of its size, which makes
 * every sum over the sample an estimate without bias; the variance of what one
 * block adds to it is estimated without bias by (1 - share) / share^2.
 */
#ifndef PT_CORE_BASE_POISSON_H
#define PT_CORE_BASE_POISSON_H

#include <stdint.h>

/* Bytes from here to the next point, not counting its own: 0 if it is in the
 * very next byte. *state is that of the random numbers, any value at first.
 * Hook-safe. The thread that owns the state. */
uint64_t pt_poisson_gap(uint64_t *state, uint32_t mean);

/* How likely a block of so many bytes is in the sample. Hook-safe. Any thread.
 */
double pt_poisson_share(uint64_t bytes, uint32_t mean);

/* The bytes that one block in the sample stands for; 0 for an empty one, which
 * never is. Hook-safe. Any thread. */
uint64_t pt_poisson_bytes(uint64_t bytes, uint32_t mean);

#endif
