/* SPDX-License-Identifier: MIT */
/* repack.c - unpacking, shifting times, packing again. */
#include "core/timeline/repack.h"

#include <string.h>

#include <lz4.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/rawmem.h"
#include "core/timeline/packet.h"
#include "core/timeline/packets.h"

#define EXTENT_BYTES (1u << 20)

struct repack {
    struct pt_merger *merger;
    const struct pt_header *header;  // of the recording that is read
    uint32_t number;
    uint64_t shift_ns;
    uint32_t extents;
    struct pt_buf out;  // packets of the next extent
    char *raw;          // PT_PACKET_RAW_MAX bytes of room, as has
    char *packed;
};

/* What the header says of units of time: so many are so many nanoseconds. */
static void
rate_of(const struct pt_header *header, uint64_t *units, uint64_t *ns)
{
    uint64_t latest_ticks = atomic_load(&header->latest_ticks);
    uint64_t latest_ns = atomic_load(&header->latest_ns);
    uint32_t shift = header->tick_shift & 31;

    *units = 1;
    *ns = header->tick_kind == PT_TICK_NS ? UINT64_C(1) << shift : 0;
    if (latest_ticks > header->start_ticks && latest_ns > header->start_ns &&
        (latest_ticks - header->start_ticks) >> shift != 0) {
        *units = (latest_ticks - header->start_ticks) >> shift;
        *ns = latest_ns - header->start_ns;
    }
}

void
pt_repack_page(void *bytes, size_t count, uint64_t shift_ns,
               const struct pt_header *header)
{
    struct pt_stream_page page;

    if (count < sizeof(page)) {
        return;
    }
    memcpy(&page, bytes, sizeof(page));
    if (page.end_ns < page.start_ns || page.end_units <= page.start_units) {
        uint64_t units, ns;

        rate_of(header, &units, &ns);
        page.end_units = page.start_units + units;
        page.end_ns = page.start_ns + ns;
    }
    page.start_ns += shift_ns;
    page.end_ns += shift_ns;
    memcpy(bytes, &page, sizeof(page));
}

static void
shift_content(const struct repack *repack, const struct pt_packet *packet)
{
    struct pt_instant_head head;

    if (packet->kind == PT_PACKET_EVENTS) {
        pt_repack_page(repack->raw, packet->raw_bytes, repack->shift_ns,
                       repack->header);
    }
    else if (packet->kind == PT_PACKET_SNAPSHOT && packet->first == 0 &&
             packet->raw_bytes >= sizeof(head)) {
        memcpy(&head, repack->raw, sizeof(head));
        head.time_ns += repack->shift_ns;
        memcpy(repack->raw, &head, sizeof(head));
    }
}

static int
flush(struct repack *repack)
{
    int code = pt_buf_check(&repack->out);

    if (code == PT_OK && repack->out.used != 0) {
        code = pt_merger_extent(repack->merger, PT_SEGMENT_SEALED,
                                repack->number, repack->extents++,
                                repack->out.data, repack->out.used);
        pt_buf_reset(&repack->out);
    }
    return code;
}

static int
put(struct repack *repack, const struct pt_packet *from)
{
    static const char padding[8];
    struct pt_packet head = *from;
    int made =
        LZ4_compress_default(repack->raw, repack->packed, (int)head.raw_bytes,
                             (int)head.raw_bytes - 1);
    const char *bytes = made > 0 ? repack->packed : repack->raw;

    head.process = repack->number;
    head.start_ns += repack->shift_ns;
    head.end_ns += repack->shift_ns;
    head.packed_bytes = made > 0 ? (uint32_t)made : head.raw_bytes;
    head.check = pt_packet_check(&head, bytes);
    pt_buf_add(&repack->out, &head, sizeof(head));
    pt_buf_add(&repack->out, bytes, head.packed_bytes);
    pt_buf_add(&repack->out, padding,
               pt_packet_span(&head) - sizeof(head) - head.packed_bytes);
    return repack->out.used >= EXTENT_BYTES ? flush(repack) : PT_OK;
}

static int
copy_all(struct repack *repack, struct pt_packets *packets)
{
    const struct pt_packet *head;
    const void *raw;
    int code;

    while ((code = pt_packets_next(packets, &head)) > 0) {
        // What does not unpack is counted there.
        if (pt_packets_unpack(packets, &raw) != PT_OK) {
            continue;
        }
        memcpy(repack->raw, raw, head->raw_bytes);
        shift_content(repack, head);
        code = put(repack, head);
        if (code != PT_OK) {
            return code;
        }
    }
    return code == 0 ? flush(repack) : code;
}

int
pt_repack_copy(struct pt_merger *merger, const struct pt_reader *reader,
               uint32_t process, uint32_t number, uint64_t shift_ns)
{
    struct repack repack = {.merger = merger,
                            .header = pt_reader_header(reader),
                            .number = number,
                            .shift_ns = shift_ns,
                            .raw = pt_rawmem_array(2, PT_PACKET_RAW_MAX)};
    struct pt_packets *packets = NULL;
    int code = repack.raw != NULL ? pt_packets_open(&packets, reader, process)
                                  : PT_ERR_NOMEM;

    if (code == PT_OK) {
        repack.packed = repack.raw + PT_PACKET_RAW_MAX;
        code = copy_all(&repack, packets);
        merger->damaged += pt_packets_damaged(packets);
    }
    pt_packets_close(packets);
    pt_buf_release(&repack.out);
    pt_rawmem_free(repack.raw);
    return code;
}
