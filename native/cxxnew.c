/* SPDX-License-Identifier: MIT */
/* cxxnew.c - C++'s operators new and delete, by their mangled names.
 *
 * libstdc++'s own end in malloc() and free(), but jemalloc brings others that
 * do not, and which of them is found first is the loader's affair. When there
 * is no memory, the next definition is left to call the handler and to throw.
 */
#include <dlfcn.h>
#include <stdint.h>

#include "native/interpose.h"

typedef void *(*plain_new)(size_t);
typedef void *(*aligned_new)(size_t, size_t);

/* operator new, and delete, of one object and of an array: */
PT_EXPORT void *_Znwm(size_t bytes);
PT_EXPORT void *_Znam(size_t bytes);
PT_EXPORT void _ZdlPv(void *block);
PT_EXPORT void _ZdaPv(void *block);
/* std::nothrow: */
PT_EXPORT void *_ZnwmRKSt9nothrow_t(size_t bytes, const void *tag);
PT_EXPORT void *_ZnamRKSt9nothrow_t(size_t bytes, const void *tag);
PT_EXPORT void _ZdlPvRKSt9nothrow_t(void *block, const void *tag);
PT_EXPORT void _ZdaPvRKSt9nothrow_t(void *block, const void *tag);
/* of known size: */
PT_EXPORT void _ZdlPvm(void *block, size_t bytes);
PT_EXPORT void _ZdaPvm(void *block, size_t bytes);
/* std::align_val_t, and with the above: */
PT_EXPORT void *_ZnwmSt11align_val_t(size_t bytes, size_t align);
PT_EXPORT void *_ZnamSt11align_val_t(size_t bytes, size_t align);
PT_EXPORT void _ZdlPvSt11align_val_t(void *block, size_t align);
PT_EXPORT void _ZdaPvSt11align_val_t(void *block, size_t align);
PT_EXPORT void _ZdlPvmSt11align_val_t(void *block, size_t bytes, size_t align);
PT_EXPORT void _ZdaPvmSt11align_val_t(void *block, size_t bytes, size_t align);
PT_EXPORT void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t bytes, size_t align,
                                                   const void *tag);
PT_EXPORT void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t bytes, size_t align,
                                                   const void *tag);
PT_EXPORT void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *block, size_t align,
                                                   const void *tag);
PT_EXPORT void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *block, size_t align,
                                                   const void *tag);

PT_COLD static void *
fail(const char *name, size_t bytes)
{
    plain_new next = (plain_new)dlsym(RTLD_NEXT, name);

    return next != NULL ? next(bytes) : NULL;
}

PT_COLD static void *
fail_aligned(const char *name, size_t bytes, size_t align)
{
    aligned_new next = (aligned_new)dlsym(RTLD_NEXT, name);

    return next != NULL ? next(bytes, align) : NULL;
}

void *
_Znwm(size_t bytes)
{
    void *block = pt_interpose_allocate(bytes, 0, PT_RETURN_ADDRESS);

    return pt_likely(block != NULL) ? block : fail("_Znwm", bytes);
}

void *
_Znam(size_t bytes)
{
    void *block = pt_interpose_allocate(bytes, 0, PT_RETURN_ADDRESS);

    return pt_likely(block != NULL) ? block : fail("_Znam", bytes);
}

void *
_ZnwmSt11align_val_t(size_t bytes, size_t align)
{
    void *block = pt_interpose_allocate(bytes, align, PT_RETURN_ADDRESS);

    return pt_likely(block != NULL)
               ? block
               : fail_aligned("_ZnwmSt11align_val_t", bytes, align);
}

void *
_ZnamSt11align_val_t(size_t bytes, size_t align)
{
    void *block = pt_interpose_allocate(bytes, align, PT_RETURN_ADDRESS);

    return pt_likely(block != NULL)
               ? block
               : fail_aligned("_ZnamSt11align_val_t", bytes, align);
}

void *
_ZnwmRKSt9nothrow_t(size_t bytes, const void *tag)
{
    (void)tag;
    return pt_interpose_allocate(bytes, 0, PT_RETURN_ADDRESS);
}

void *
_ZnamRKSt9nothrow_t(size_t bytes, const void *tag)
{
    (void)tag;
    return pt_interpose_allocate(bytes, 0, PT_RETURN_ADDRESS);
}

void *
_ZnwmSt11align_val_tRKSt9nothrow_t(size_t bytes, size_t align, const void *tag)
{
    (void)tag;
    return pt_interpose_allocate(bytes, align, PT_RETURN_ADDRESS);
}

void *
_ZnamSt11align_val_tRKSt9nothrow_t(size_t bytes, size_t align, const void *tag)
{
    (void)tag;
    return pt_interpose_allocate(bytes, align, PT_RETURN_ADDRESS);
}

void
_ZdlPv(void *block)
{
    pt_interpose_release(block);
}

void
_ZdaPv(void *block)
{
    pt_interpose_release(block);
}

void
_ZdlPvRKSt9nothrow_t(void *block, const void *tag)
{
    (void)tag;
    pt_interpose_release(block);
}

void
_ZdaPvRKSt9nothrow_t(void *block, const void *tag)
{
    (void)tag;
    pt_interpose_release(block);
}

void
_ZdlPvm(void *block, size_t bytes)
{
    (void)bytes;
    pt_interpose_release(block);
}

void
_ZdaPvm(void *block, size_t bytes)
{
    (void)bytes;
    pt_interpose_release(block);
}

void
_ZdlPvSt11align_val_t(void *block, size_t align)
{
    (void)align;
    pt_interpose_release(block);
}

void
_ZdaPvSt11align_val_t(void *block, size_t align)
{
    (void)align;
    pt_interpose_release(block);
}

void
_ZdlPvmSt11align_val_t(void *block, size_t bytes, size_t align)
{
    (void)bytes;
    (void)align;
    pt_interpose_release(block);
}

void
_ZdaPvmSt11align_val_t(void *block, size_t bytes, size_t align)
{
    (void)bytes;
    (void)align;
    pt_interpose_release(block);
}

void
_ZdlPvSt11align_val_tRKSt9nothrow_t(void *block, size_t align, const void *tag)
{
    (void)align;
    (void)tag;
    pt_interpose_release(block);
}

void
_ZdaPvSt11align_val_tRKSt9nothrow_t(void *block, size_t align, const void *tag)
{
    (void)align;
    (void)tag;
    pt_interpose_release(block);
}
