/* SPDX-License-Identifier: MIT */
/* xmltext.h - texts of others in XML. */
#ifndef PT_CLI_REPORT_TEXT_XMLTEXT_H
#define PT_CLI_REPORT_TEXT_XMLTEXT_H

#include <stddef.h>

#include "core/base/buf.h"

/* Append a text as content or in double quotes. What XML cannot say, control
 * characters and bytes that are not UTF-8, becomes U+FFFD. */
void pt_xml_add(struct pt_buf *buf, const char *text, size_t bytes);

#endif
