/* SPDX-License-Identifier: MIT */
/* alignment.c - longest common subsequence of texts, or equal positions. */
#include "cli/report/source/alignment.h"

#include "core/base/rawmem.h"

#define CELLS_MAX (1u << 24)

struct side {
    const char *line;
    uint32_t lines;
    size_t stride;
};

static const struct pt_align_line *
at(const struct side *side, uint32_t i)
{
    return (const void *)(side->line + i * side->stride);
}

static int
have_texts(const struct side *side)
{
    for (uint32_t i = 0; i < side->lines; i++) {
        if (!at(side, i)->has_text) {
            return 0;
        }
    }
    return 1;
}

static int
is_same(const struct side *a, uint32_t i, const struct side *b, uint32_t j)
{
    return at(a, i)->text_hash == at(b, j)->text_hash;
}

/* length[i * (m + 1) + j]: of the longest common subsequence of what is left
 * from line i of the first and line j of the second. */
static int
align_middle(const struct side *a, const struct side *b, uint32_t first,
             uint32_t n, uint32_t m, uint32_t *other)
{
    size_t width = (size_t)m + 1;
    uint32_t *length =
        pt_rawmem_array((n + (size_t)1) * width, sizeof(*length));
    uint32_t i = 0, j = 0;

    if (length == NULL) {
        return PT_ERR_NOMEM;
    }
    for (i = n; i-- > 0;) {
        for (j = m; j-- > 0;) {
            uint32_t skip_a = length[(i + 1) * width + j];
            uint32_t skip_b = length[i * width + j + 1];

            length[i * width + j] = is_same(a, first + i, b, first + j)
                                        ? length[(i + 1) * width + j + 1] + 1
                                    : skip_a > skip_b ? skip_a
                                                      : skip_b;
        }
    }
    for (i = 0, j = 0; i < n && j < m;) {
        if (is_same(a, first + i, b, first + j)) {
            other[first + i++] = first + j++;
        }
        else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
            i++;
        }
        else {
            j++;
        }
    }
    pt_rawmem_free(length);
    return PT_OK;
}

/* Equal lines at both ends need no table. PT_ERR_RANGE: it would be too large.
 */
static int
align_texts(const struct side *a, const struct side *b, uint32_t *other)
{
    uint32_t n = a->lines, m = b->lines, first = 0;

    while (n != 0 && m != 0 && is_same(a, n - 1, b, m - 1)) {
        other[--n] = --m;
    }
    while (first < n && first < m && is_same(a, first, b, first)) {
        other[first] = first;
        first++;
    }
    n -= first;
    m -= first;
    if ((uint64_t)n * m > CELLS_MAX) {
        return PT_ERR_RANGE;
    }
    return n == 0 || m == 0 ? PT_OK : align_middle(a, b, first, n, m, other);
}

static int
compare_positions(const struct pt_align_line *a, const struct pt_align_line *b)
{
    return (a->position > b->position) - (a->position < b->position);
}

/* The lines with an order and those with a distance are met apart, each kind
 * in its order; what would cross a line met before stays alone. */
static void
align_positions(const struct side *a, const struct side *b, uint32_t *other)
{
    for (int is_ordered = 1; is_ordered >= 0; is_ordered--) {
        uint32_t j = 0;

        for (uint32_t i = 0; i < a->lines; i++) {
            other[i] = is_ordered ? PT_ALIGN_NONE : other[i];
            if (at(a, i)->is_ordered != is_ordered) {
                j = other[i] != PT_ALIGN_NONE ? other[i] + 1 : j;
                continue;
            }
            while (j < b->lines &&
                   (at(b, j)->is_ordered != is_ordered ||
                    compare_positions(at(b, j), at(a, i)) < 0)) {
                j++;
            }
            if (j < b->lines && compare_positions(at(b, j), at(a, i)) == 0) {
                other[i] = j++;
            }
        }
    }
}

/* What was met last, the lines without an order, may cross a line with one
 * behind it. */
static void
uncross(uint32_t *other, uint32_t lines)
{
    uint32_t least = PT_ALIGN_NONE;

    for (uint32_t i = lines; i-- > 0;) {
        if (other[i] != PT_ALIGN_NONE && other[i] >= least) {
            other[i] = PT_ALIGN_NONE;
        }
        least = other[i] != PT_ALIGN_NONE ? other[i] : least;
    }
}

int
pt_alignment_init(struct pt_alignment *alignment,
                  const struct pt_align_line *first, uint32_t firsts,
                  const struct pt_align_line *second, uint32_t seconds,
                  size_t stride)
{
    struct side a = {(const void *)first, firsts, stride};
    struct side b = {(const void *)second, seconds, stride};
    int code = PT_ERR_RANGE;

    alignment->other =
        pt_rawmem_array((size_t)firsts + 1, sizeof(*alignment->other));
    if (alignment->other == NULL) {
        return PT_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < firsts; i++) {
        alignment->other[i] = PT_ALIGN_NONE;
    }
    if (have_texts(&a) && have_texts(&b)) {
        code = align_texts(&a, &b, alignment->other);
    }
    if (code == PT_ERR_RANGE) {
        align_positions(&a, &b, alignment->other);
        uncross(alignment->other, firsts);
        code = PT_OK;
    }
    if (code != PT_OK) {
        pt_alignment_release(alignment);
    }
    return code;
}

void
pt_alignment_release(struct pt_alignment *alignment)
{
    pt_rawmem_free(alignment->other);
    alignment->other = NULL;
}
