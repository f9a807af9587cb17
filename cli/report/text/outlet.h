/* SPDX-License-Identifier: MIT */
/* outlet.h - where a command's output goes, all of it or piece by piece.
 *
 *     struct pt_outlet outlet = PT_OUTLET_INIT(path);          // NULL: stdout
 *     code = pt_outlet_pour(&outlet, &out, PT_OUTLET_PIECE);   // now and then
 *     status = pt_outlet_close(&outlet, &out, code);
 *
 * The file is made with the first piece, and removed when something fails
 * behind it: there is a whole one or none.
 */
#ifndef PT_CLI_REPORT_TEXT_OUTLET_H
#define PT_CLI_REPORT_TEXT_OUTLET_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/compiler.h"

#define PT_OUTLET_PIECE ((size_t)1 << 16)

struct pt_outlet {
    const char *path;
    int fd;
    int number;  // errno of what failed first
};

#define PT_OUTLET_INIT(path) \
  {                          \
    path, -1, 0              \
  }

/* Write what is in `out` and empty it, if that is at least so many bytes.
 * PT_OK, PT_ERR_NOMEM when `out` failed, PT_ERR_IO or PT_ERR_NOSPACE. */
PT_MUST_CHECK int pt_outlet_pour(struct pt_outlet *outlet, struct pt_buf *out,
                                 size_t least);

/* Write the rest and release `out`. `code` is how it went until here: if not
 * PT_OK, only the file is removed. The status for the command, 0 or 1, after
 * having said what could not be written; for a `code` that came of something
 * else that is the caller's. A reader of stdout who has gone away wanted no
 * more: that is 0. */
int pt_outlet_close(struct pt_outlet *outlet, struct pt_buf *out, int code);

#endif
