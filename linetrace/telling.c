/* SPDX-License-Identifier: MIT */
/* telling.c - see telling.h. */
#include "linetrace/telling.h"

#include "core/base/rawmem.h"
#include "core/py/codeinfo.h"
#include "linetrace/existing.h"
#include "linetrace/rewriting.h"

static const struct pt_telling_client *client;
static struct pt_rewriter rewriter;

static bool
is_wanted(PyCodeObject *code)
{
    return pt_code_can_run(code) && client->wants(code);
}

// The counters are for pt_rewrite_has_begun() alone.
static int
claim(void *context, PyCodeObject *code, const struct pt_plan *plan,
      struct pt_claimed *claimed)
{
    (void)context;
    claimed->record = client->number(code);
    claimed->counter =
        claimed->record != 0
            ? pt_rawmem_array(plan->counters, sizeof(*claimed->counter))
            : NULL;
    return claimed->counter != NULL;
}

static void
skip(void *context, PyCodeObject *code, const char *why)
{
    (void)context, (void)why;
    client->miss(code);
}

int
pt_telling_start(const struct pt_telling_client *who)
{
    if (pt_rewriting_ready() < 0) {
        return -1;
    }
    client = who;
    pt_rewriter_init(&rewriter, claim, skip, NULL);
    rewriter.tells = true;
    if (pt_rewriting_start(&rewriter, is_wanted) < 0) {
        return -1;
    }
    if (pt_existing_visit(is_wanted, pt_rewriting_meet) < 0) {
        pt_telling_stop();
        return -1;
    }
    pt_tellers_set_listener(&client->listener);
    return 0;
}

void
pt_telling_stop(void)
{
    if (client != NULL) {
        client = NULL;
        pt_tellers_set_listener(NULL);
        pt_rewriting_stop();
    }
}
