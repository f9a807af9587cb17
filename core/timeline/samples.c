/* SPDX-License-Identifier: MIT */
/* samples.c - collecting samples from their extents. */
#include "core/timeline/samples.h"

#include <string.h>

#include "core/base/rawmem.h"
#include "core/timeline/pieces.h"

/* What is not behind the one before it is not believed, or, in a running
 * process, is just being moved. */
static void
take(struct pt_samples *samples, const struct pt_sample *sample)
{
    uint64_t latest_ns =
        samples->count != 0 ? samples->sample[samples->count - 1].time_ns : 0;

    if (sample->time_ns > latest_ns && samples->count < PT_SAMPLES_MAX) {
        samples->sample[samples->count++] = *sample;
    }
}

int
pt_samples_read(struct pt_samples *samples, const struct pt_reader *reader,
                uint32_t process)
{
    uint32_t pieces;
    const struct pt_piece *piece =
        pt_reader_pieces(reader, process, PT_SEGMENT_SAMPLE, &pieces);

    *samples = (struct pt_samples){0};
    if (pieces == 0) {
        return PT_OK;
    }
    samples->sample =
        pt_rawmem_array(PT_SAMPLES_MAX, sizeof(struct pt_sample));
    if (samples->sample == NULL) {
        return PT_ERR_NOMEM;
    }
    for (; pieces != 0; piece++, pieces--) {
        uint64_t items = piece->payload_bytes / sizeof(struct pt_sample);

        for (uint64_t i = 0; i < items; i++) {
            struct pt_sample sample;

            memcpy(&sample, piece->payload + i * sizeof(sample),
                   sizeof(sample));
            take(samples, &sample);
        }
    }
    return PT_OK;
}

void
pt_samples_release(struct pt_samples *samples)
{
    pt_rawmem_free(samples->sample);
    *samples = (struct pt_samples){0};
}
