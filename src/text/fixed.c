/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A piece begins at a character that is no white space and takes as many as
 * the rule says.  Where that would cut a word, it ends before the word when
 * the blank before it is in the last eighth of the piece.  So a piece has
 * seven eighths at least, but for the last one and where white space comes off
 * its end.
 *
 * An overlap is at most half of the piece before: each piece brings something
 * new, and no text is repeated more than a few times, whatever it is made of.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "text/fixed.h"
#include "text/measure.h"
#include "text/space.h"

struct fixed {
	const struct chunk_cut *cut;
	const char *text;
	size_t len;
	size_t done; /* what stands before was in some piece */
};

/* The begin of the character that ends at at > 0. */
static size_t
char_before(const struct fixed *fixed, size_t at)
{
	size_t head = at - 1;

	while (head > 0 && at - head < 4 &&
	    ((unsigned char)fixed->text[head] & 0xC0) == 0x80)
		head--;
	return head;
}

static bool
is_space(const struct fixed *fixed, size_t at)
{
	return space_len(fixed->text + at, fixed->len - at) > 0;
}

/* Would a cut at at divide a word? */
static bool
is_in_word(const struct fixed *fixed, size_t at)
{
	return at > 0 && at < fixed->len && !is_space(fixed, at) &&
	    !is_space(fixed, char_before(fixed, at));
}

static size_t
skip_space(const struct fixed *fixed, size_t at)
{
	size_t step;

	while (at < fixed->len) {
		step = space_len(fixed->text + at, fixed->len - at);
		if (step == 0)
			break;
		at += step;
	}
	return at;
}

/* Where the word that a cut at at would divide begins, behind low and not too
 * far; or at. */
static size_t
word_begin(const struct fixed *fixed, size_t at, size_t low)
{
	uint32_t tries = fixed->cut->chars_max / 8;
	size_t begin = at, head;

	if (!is_in_word(fixed, at))
		return at;
	for (; tries > 0 && begin > low; tries--) {
		head = char_before(fixed, begin);
		if (head <= low)
			break;
		if (is_space(fixed, head))
			return begin;
		begin = head;
	}
	return at;
}

/* The next place from at on where a word begins, before end and not too far;
 * or at. */
static size_t
next_word(const struct fixed *fixed, size_t at, size_t end)
{
	uint32_t tries = fixed->cut->chars_max / 8;
	size_t next = at;

	if (!is_in_word(fixed, at))
		return at;
	for (; tries > 0 && next < end; tries--) {
		if (is_space(fixed, next))
			return skip_space(fixed, next);
		next += measure_bytes(fixed->text + next, fixed->len - next,
		    1);
	}
	return at;
}

/* Where the piece that begins at start ends. */
static size_t
piece_end(const struct fixed *fixed, size_t start)
{
	const char *text = fixed->text + start;
	size_t len = fixed->len - start, end;

	if (len > SEGMENT_BYTES_MAX)
		len = utf8_floor(text, len, SEGMENT_BYTES_MAX);
	end = start + measure_bytes(text, len, fixed->cut->chars_max);
	return word_begin(fixed, end, start > fixed->done ? start
							  : fixed->done);
}

/* Where the one behind text[start..end) begins. */
static size_t
next_start(const struct fixed *fixed, size_t start, size_t end)
{
	const char *text = fixed->text + start;
	size_t chars, keep = fixed->cut->overlap_chars, from;

	if (keep == 0)
		return end;
	chars = measure_chars(text, end - start);
	if (keep > chars / 2)
		keep = chars / 2;
	from = start + measure_bytes(text, end - start, chars - keep);
	return next_word(fixed, from, end);
}

int
fixed_text(const struct chunk_cut *cut, const char *text, size_t len,
    split_fn *fn, void *arg)
{
	struct fixed fixed = {.cut = cut, .text = text, .len = len};
	size_t start = 0, end, first, last;
	int err;

	for (;;) {
		start = skip_space(&fixed, start);
		if (start == len)
			return 0;
		end = piece_end(&fixed, start);
		if (end <= fixed.done) {
			/* Wide characters leave no room behind the overlap. */
			start = skip_space(&fixed, fixed.done);
			if (start == len)
				return 0;
			end = piece_end(&fixed, start);
		}
		if (end <= start) /* not UTF-8: against the contract */
			end = len - start < SEGMENT_BYTES_MAX
				? len : start + SEGMENT_BYTES_MAX;
		first = start;
		last = end;
		space_trim(text, &first, &last);
		/* Beyond the overlap there may be white space only. */
		if (last > fixed.done) {
			err = fn(arg, first, last - first);
			if (err < 0)
				return err;
		}
		if (end == len)
			return 0;
		fixed.done = end;
		start = next_start(&fixed, first, last);
	}
}
