/* SPDX-License-Identifier: MIT */
/* calltree.h - events as an indented tree of calls, one line each.
 *
 *     Shop.sell(self=<Shop object>, what='tea')  shop.py:12
 *       price_of(what='tea')  prices.py:3
 *       => 3
 *     !! KeyError('milk')
 *
 * A generator that goes on shows as "price_of ...", what it yields behind
 * "~>". An exception that arrives in a frame shows as "! KeyError('milk')",
 * one that leaves it as "!!". Frames that are followed make the tree: a client
 * that wants only some functions sees those in their order.
 *
 * How to use it: make a feed (feed.h), ask decide() for the kinds that are
 * to be shown, and in on_event write the event into a buffer.
 */
#ifndef PT_LINETRACE_CALLTREE_H
#define PT_LINETRACE_CALLTREE_H

#include "core/py/compat.h"

#include "core/base/buf.h"
#include "core/py/saferepr.h"
#include "linetrace/feed.h"

struct pt_calltree_style {
    int shows_arguments;
    int shows_results;  // what is returned or yielded, and exceptions
    int shows_places;   // behind calls
    struct pt_saferepr_limits limits;
};

/* Append the line of an event, with its newline. `source` is the text of a
 * line event's line, or NULL. Runs no Python code. Owner thread, within the
 * event. Needs the GIL. */
void pt_calltree_write(struct pt_buf *out,
                       const struct pt_calltree_style *style,
                       const struct pt_feed_event *event, PyObject *source);

#endif
