/* SPDX-License-Identifier: MIT */
/* callgraph.h - a table of calls as a graph, in three formats. */
#ifndef PT_CLI_REPORT_PRINT_CALLGRAPH_H
#define PT_CLI_REPORT_PRINT_CALLGRAPH_H

#include "cli/report/print/calltable.h"

/* Append the graph to report->out: for Graphviz; as one JSON object; as text,
 * each function with those it called. */
void pt_callgraph_add_dot(struct pt_report *report,
                          const struct pt_calltable *table);
void pt_callgraph_add_json(struct pt_report *report,
                           const struct pt_calltable *table);
void pt_callgraph_add_text(struct pt_report *report,
                           const struct pt_calltable *table);

#endif
