/* SPDX-License-Identifier: MIT */
/* packets.h - reading the sealed packets of one process, one after the other.
 *
 *     pt_packets_open(&packets, reader, process);
 *     while ((code = pt_packets_next(packets, &head)) > 0) {
 *         if (head->kind == PT_PACKET_SNAPSHOT) {
 *             code = pt_packets_unpack(packets, &raw);   // head->raw_bytes
 *
 * Rows of one kind and stream come in the order they were written. Takes some
 * 600 KiB whatever the size of the recording. What does not hold (a checksum,
 * a size) is passed over and counted; of a packet being written when its
 * process was killed nothing is seen. Not for use by several threads at once.
 */
#ifndef PT_CORE_TIMELINE_PACKETS_H
#define PT_CORE_TIMELINE_PACKETS_H

#include <stdint.h>

#include "core/base/compiler.h"
#include "core/timeline/reader.h"
#include "core/timeline/recording.h"

struct pt_packets;

/* Begin with the first packet of a process; a process without any is no error.
 * The reader must outlive it. PT_ERR_NOMEM. */
PT_MUST_CHECK int pt_packets_open(struct pt_packets **packets,
                                  const struct pt_reader *reader,
                                  uint32_t process);

/* Go on to the next packet and check it: 1 with its *head, 0 behind the last
 * one, or PT_ERR_IO. The head is valid until the next call. */
PT_MUST_CHECK int pt_packets_next(struct pt_packets *packets,
                                  const struct pt_packet **head);

/* What is in the packet last returned: head->raw_bytes bytes at *raw, aligned
 * to 16, valid until the next call. PT_ERR_CORRUPT (then counted too). */
PT_MUST_CHECK int pt_packets_unpack(struct pt_packets *packets,
                                    const void **raw);

/* How many packets were passed over so far as damaged. */
uint64_t pt_packets_damaged(const struct pt_packets *packets);

/* NULL is harmless. */
void pt_packets_close(struct pt_packets *packets);

#endif
