/* SPDX-License-Identifier: MIT */
/* datastack.h - the chunks that a thread's frames lie in.
 *
 * All but the first are mapped for the frame that does not fit any more, stand
 * at the start of a page, and are unmapped when that frame is left. Frames of
 * generators lie elsewhere. Hook-safe, by the thread that runs.
 */
#ifndef PT_CORE_PY_DATASTACK_H
#define PT_CORE_PY_DATASTACK_H

#include "core/py/compat.h"

#include <stddef.h>
#include <stdint.h>

#include "core/base/compiler.h"
#include "core/py/frame.h"

#define PT_DATASTACK_PAGE 4096u

PT_INLINE const struct pt_frame *
pt_datastack_first(const _PyStackChunk *chunk)
{
    return (const struct pt_frame *)&chunk->data[0];
}

/* The chunk of the thread for which `frame` was the first, or NULL. */
static inline const _PyStackChunk *
pt_datastack_chunk(const PyThreadState *thread, const struct pt_frame *frame)
{
    const _PyStackChunk *chunk;

    if ((uintptr_t)frame % PT_DATASTACK_PAGE !=
        offsetof(_PyStackChunk, data)) {
        return NULL;
    }
    chunk = thread->datastack_chunk;
    while (chunk != NULL && pt_datastack_first(chunk) != frame) {
        chunk = chunk->previous;
    }
    return chunk != NULL && chunk->previous != NULL ? chunk : NULL;
}

#endif
