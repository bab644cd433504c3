/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text that is too long is cut at the coarsest of five borders that occurs
 * in it, each part keeping the border at its end; parts that are too long
 * still are cut again at the finer borders, the others are joined while they
 * fit.  So there are five levels at most, and each reads its text twice: once
 * to see whether its border occurs, once to cut.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/fixed.h"
#include "text/measure.h"
#include "text/space.h"
#include "text/split.h"

static const char *const borders[] = {"\n\n", "\xE3\x80\x82", ". ", " "};
#define BORDER_COUNT (sizeof(borders) / sizeof(borders[0]))

int
split_init(struct split *split, const struct chunk_cut *cut, split_fn *fn,
    void *arg)
{
	memset(split, 0, sizeof(*split));
	split->cut = *cut;
	split->fn = fn;
	split->arg = arg;
	if (cut->method == CHUNK_FIXED)
		return 0;
	/* Each has a character at least. */
	split->part_size = (size_t)cut->chars_max + 1;
	split->parts = mem_array(split->part_size, sizeof(*split->parts));
	return split->parts == NULL ? ERR_NOMEM : 0;
}

void
split_fini(struct split *split)
{
	mem_free(split->parts);
	memset(split, 0, sizeof(*split));
}

static int
give(struct split *split, size_t start, size_t len)
{
	if (len > split->bytes_left)
		return ERR_TOO_BIG;
	split->bytes_left -= len;
	return split->fn(split->arg, start, len);
}

/* A piece that was put together has no white space at its edges. */
static int
give_trimmed(struct split *split, size_t start, size_t end)
{
	space_trim(split->text, &start, &end);
	return start < end ? give(split, start, end - start) : 0;
}

/* ---- joining ------------------------------------------------------------- */

static struct split_part *
part_at(const struct split *split, size_t i)
{
	return &split->parts[(split->first + i) % split->part_size];
}

/* Do the waiting parts and this one make a piece? */
static bool
is_joinable(const struct split *split, const struct split_part *part)
{
	return split->chars + part->chars <= split->cut.chars_max &&
	    part->start + part->len - part_at(split, 0)->start <=
	    SEGMENT_BYTES_MAX;
}

static int
give_parts(struct split *split)
{
	const struct split_part *last;

	if (split->count == 0)
		return 0;
	last = part_at(split, split->count - 1);
	return give_trimmed(split, part_at(split, 0)->start,
	    last->start + last->len);
}

static int
join(struct split *split, const struct split_part *part)
{
	int err;

	if (split->count > 0 && !is_joinable(split, part)) {
		err = give_parts(split);
		if (err < 0)
			return err;
		/* What is left is the overlap. */
		while (split->count > 0 &&
		    (split->chars > split->cut.overlap_chars ||
			!is_joinable(split, part))) {
			split->chars -= part_at(split, 0)->chars;
			split->first = (split->first + 1) % split->part_size;
			split->count--;
		}
	}
	ASSERT(split->count < split->part_size);
	*part_at(split, split->count++) = *part;
	split->chars += part->chars;
	return 0;
}

static int
join_end(struct split *split)
{
	int err = give_parts(split);

	split->count = split->first = split->chars = 0;
	return err;
}

/* ---- cutting ------------------------------------------------------------- */

static bool
is_longer(const struct split *split, uint64_t chars, size_t len)
{
	return chars > split->cut.chars_max || len > SEGMENT_BYTES_MAX;
}

/* Where a piece of the text that begins at start and ends at end at the
 * latest has to end. */
static size_t
fill_end(const struct split *split, size_t start, size_t end)
{
	const char *text = split->text + start;
	size_t len = end - start;

	if (len > SEGMENT_BYTES_MAX)
		len = utf8_floor(text, len, SEGMENT_BYTES_MAX);
	return start + measure_bytes(text, len, split->cut.chars_max);
}

/*
 * By characters.  What a piece adds beyond chars_max - overlap_chars begins
 * the next one; what was repeated is not repeated again, so that any overlap
 * at most doubles the text.
 */
static int
cut_chars(struct split *split, size_t start, size_t end)
{
	size_t done = start, stop, chars, from, repeated = 0;
	int err;

	for (;;) {
		stop = fill_end(split, start, end);
		if (stop <= done) {
			/* Wide characters leave no room behind the overlap. */
			start = done;
			repeated = 0;
			stop = fill_end(split, start, end);
			if (stop <= done) /* not UTF-8 */
				stop = end - done < SEGMENT_BYTES_MAX
					? end : done + SEGMENT_BYTES_MAX;
		}
		err = split->cut.method == CHUNK_RECURSIVE
			? give_trimmed(split, start, stop)
			: give(split, start, stop - start);
		if (err < 0 || stop == end)
			return err;
		chars = measure_chars(split->text + start, stop - start);
		from = chars > split->cut.overlap_chars
			? chars - split->cut.overlap_chars : 1;
		if (repeated > 0 && from < repeated + 1)
			from = repeated + 1;
		done = stop;
		repeated = from < chars ? chars - from : 0;
		start += measure_bytes(split->text + start, stop - start,
		    from);
	}
}

/* Behind the next border, or the end. */
static size_t
find_border(const struct split *split, size_t start, size_t end, size_t level)
{
	const char *found;

	found = measure_find(split->text + start, end - start, borders[level],
	    strlen(borders[level]));
	return found == NULL ? end : (size_t)(found - split->text) +
		strlen(borders[level]);
}

static int cut_long(struct split *split, size_t start, size_t end,
    size_t level);

static int
cut_part(struct split *split, const struct split_part *part, size_t level)
{
	int err;

	if (part->chars < split->cut.chars_max &&
	    part->len <= SEGMENT_BYTES_MAX)
		return join(split, part);
	err = join_end(split);
	return err < 0 ? err : cut_long(split, part->start,
	    part->start + part->len, level + 1);
}

/* At the first border from level on that occurs. */
static int
cut_long(struct split *split, size_t start, size_t end, size_t level)
{
	struct split_part part;
	size_t stop;
	int err;

	while (level < BORDER_COUNT &&
	    measure_find(split->text + start, end - start, borders[level],
		strlen(borders[level])) == NULL)
		level++;
	if (level == BORDER_COUNT)
		return cut_chars(split, start, end);
	while (start < end) {
		stop = find_border(split, start, end, level);
		part.start = start;
		part.len = stop - start;
		part.chars = (uint32_t)measure_chars(split->text + start,
		    part.len);
		start = stop;
		/* Only the last part can be a line's end by itself. */
		if (part.len == 1 && split->text[part.start] == '\n')
			break;
		err = cut_part(split, &part, level);
		if (err < 0)
			return err;
	}
	return join_end(split);
}

static int
cut_separator(struct split *split, size_t len)
{
	size_t separator_len = strlen(split->cut.separator);
	size_t start = 0, stop;
	const char *found;
	int err;

	while (start < len) {
		found = measure_find(split->text + start, len - start,
		    split->cut.separator, separator_len);
		stop = found == NULL ? len : (size_t)(found - split->text);
		if (is_longer(split, measure_chars(split->text + start,
			stop - start), stop - start))
			err = cut_long(split, start, stop, 0);
		else
			err = stop > start ? give(split, start, stop - start)
					   : 0;
		if (err < 0)
			return err;
		start = found == NULL ? len : stop + separator_len;
	}
	return 0;
}

int
split_text(struct split *split, const char *text, size_t len)
{
	split->text = text;
	split->bytes_left = SPLIT_REPEAT_MAX * (uint64_t)len +
	    SPLIT_FREE_BYTES;
	split->count = split->first = split->chars = 0;
	if (split->cut.method == CHUNK_SEPARATOR)
		return cut_separator(split, len);
	if (split->cut.method == CHUNK_FIXED)
		return fixed_text(&split->cut, text, len, split->fn,
		    split->arg);
	return len > 0 ? cut_long(split, 0, len, 0) : 0;
}

size_t
split_leading_stop(const char *text, size_t len)
{
	if (len > 0 && *text == '.')
		return 1;
	return len >= 3 && memcmp(text, "\xE3\x80\x82", 3) == 0 ? 3 : 0;
}
