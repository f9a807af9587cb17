/* SPDX-License-Identifier: MIT */
/* compiler.h - every compiler extension the tree uses, under our own names. */
#ifndef PT_CORE_BASE_COMPILER_H
#define PT_CORE_BASE_COMPILER_H

#include <stdint.h>

#define pt_likely(x) __builtin_expect(!!(x), 1)
#define pt_unlikely(x) __builtin_expect(!!(x), 0)

/* The result carries an error that must not be ignored. */
#define PT_MUST_CHECK __attribute__((warn_unused_result))

/* Rarely run: kept out of line, away from the hot code. */
#define PT_COLD __attribute__((noinline, cold))

/* Kept out of line, for what calls it has less to save then. */
#define PT_NOINLINE __attribute__((noinline))

/* Inlined even where the compiler would rather not; hot paths only. */
#define PT_INLINE static inline __attribute__((always_inline))

/* Checked like printf: `fmt` and `args` are parameter positions from 1. */
#define PT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Run when the object is loaded, before main(). */
#define PT_CONSTRUCTOR __attribute__((constructor))

/* Where the function that this stands in returns to. */
#define PT_RETURN_ADDRESS ((uintptr_t)__builtin_return_address(0))

/* Put a sum or product into *result; true when it does not fit. */
#define pt_add_overflows(a, b, result) __builtin_add_overflow(a, b, result)
#define pt_mul_overflows(a, b, result) __builtin_mul_overflow(a, b, result)

/* The number of a bit of a word of 64, which is not 0: the highest that is
 * set, and the lowest. */
#define pt_highest_bit(word) (63 - __builtin_clzll(word))
#define pt_lowest_bit(word) __builtin_ctzll(word)

/* The compiler may rely on it. */
#define pt_assume(x) ((x) ? (void)0 : __builtin_unreachable())

/* An atomic word that nobody else in this process writes while we are here, as
 * a plain one: to add is one instruction, where a relaxed load and store are
 * three. */
#define PT_OWN_ADD(field, amount) \
  ((void)(*(uint64_t *)(uintptr_t)(field) += (uint64_t)(amount)))
#define PT_OWN_GET32(field) (*(const uint32_t *)(uintptr_t)(field))

/* A thread local that costs one load. Few and small: a shared object that is
 * loaded late shares about 1 KiB of such space with all others. */
#define PT_THREAD_LOCAL \
  _Thread_local __attribute__((tls_model("initial-exec")))

/* Seen from outside of a shared object whose symbols are hidden. */
#define PT_EXPORT __attribute__((visibility("default")))

/* A counter of time that all processors share, read in user space; of use
 * only where the kernel uses it for its own clock. */
PT_INLINE unsigned long
pt_read_counter(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    unsigned long counter;

    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(counter));
    return counter;
#else
    return 0;
#endif
}

/* Around the use of something that its owner wants to withdraw. */
#define PT_DEPRECATED_BEGIN      \
  _Pragma("GCC diagnostic push") \
      _Pragma("GCC diagnostic ignored \"-Wdeprecated-declarations\"")
#define PT_DEPRECATED_END _Pragma("GCC diagnostic pop")

/* The knobs of the hostile build stand beside what they bound. */
#ifdef PT_HOSTILE
#  define PT_SIZE(normal, hostile) (hostile)
#else
#  define PT_SIZE(normal, hostile) (normal)
#endif

#endif
