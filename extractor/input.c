/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes become text in two steps: decode (raw to staged, or nothing at all for
 * valid UTF-8) and tidy (staged to the window: line ends, control characters).
 * Plain text is checked and copied, 64 bytes at a time.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/charset.h"
#include "extractor/input.h"

#define INPUT_RAW_SIZE (128 * KIB)
/* A bad byte becomes three of U+FFFD; so can a character of a charset. */
#define INPUT_STAGED_SIZE (3 * INPUT_RAW_SIZE + 64)
#define INPUT_WINDOW_SIZE (INPUT_KEEP_MAX + INPUT_STAGED_SIZE)

enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_SEQUENCE };

int
input_init(struct input *input)
{
	memset(input, 0, sizeof(*input));
	input->name = "";
	input->raw = mem_alloc(INPUT_RAW_SIZE);
	input->staged = mem_alloc(INPUT_STAGED_SIZE);
	input->window = mem_alloc(INPUT_WINDOW_SIZE);
	if (input->raw == NULL || input->staged == NULL ||
	    input->window == NULL) {
		input_fini(input);
		return ERR_NOMEM;
	}
	return 0;
}

void
input_fini(struct input *input)
{
	mem_free(input->raw);
	mem_free(input->staged);
	mem_free(input->window);
	memset(input, 0, sizeof(*input));
}

/* Fill raw; a file that shrank meanwhile simply ends. */
static int
input_fetch(struct input *input)
{
	uint64_t left = input->size - input->offset;
	size_t room = INPUT_RAW_SIZE - input->raw_len;
	ssize_t n;

	if (room > left)
		room = (size_t)left;
	if (room == 0)
		return 0;
	if (input->memory != NULL) {
		memcpy(input->raw + input->raw_len,
		    input->memory + input->offset, room);
		n = (ssize_t)room;
	} else {
		do {
			n = pread(input->fd, input->raw + input->raw_len, room,
			    (off_t)input->offset);
		} while (n < 0 && errno == EINTR);
		if (n < 0)
			return ERR_IO;
	}
	if (n == 0)
		input->size = input->offset;
	input->offset += (uint64_t)n;
	input->raw_len += (size_t)n;
	return 0;
}

long
input_read_at(const struct input *input, uint64_t offset, void *bytes,
    size_t len)
{
	size_t got = 0;
	ssize_t n;

	if (offset >= input->size)
		return 0;
	if (len > input->size - offset)
		len = (size_t)(input->size - offset);
	if (input->memory != NULL) {
		memcpy(bytes, input->memory + offset, len);
		return (long)len;
	}
	while (got < len) {
		n = pread(input->fd, (char *)bytes + got, len - got,
		    (off_t)(offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			break; /* it shrank */
		got += (size_t)n;
	}
	return (long)got;
}

static int
input_begin(struct input *input, uint64_t size)
{
	input->size = size;
	input->offset = 0;
	input->raw_len = 0;
	input->start = input->end = 0;
	input->charset = NULL;
	input->is_sure = input->is_started = input->is_end = false;
	input->is_verbatim = false;
	input->has_cr = false;
	input->escape = ESCAPE_NONE;
	input->err = 0;
	return input_fetch(input);
}

int
input_open(struct input *input, int fd, uint64_t size)
{
	input->fd = fd;
	input->memory = NULL;
	input->wants_text = input->wants_verbatim = false;
	return input_begin(input, size);
}

int
input_open_memory(struct input *input, const char *memory, size_t len)
{
	input->fd = -1;
	input->memory = memory;
	input->wants_text = input->wants_verbatim = false;
	return input_begin(input, len);
}

int
input_rewind(struct input *input)
{
	return input_begin(input, input->size);
}

/* Typewriter emphasis: the character before is struck over. */
static void
tidy_backspace(struct input *input)
{
	size_t end = input->end;

	if (end == input->start || input->window[end - 1] == '\n')
		return;
	do
		end--;
	while (end > input->start &&
	    ((unsigned char)input->window[end] & 0xC0) == 0x80);
	input->end = end;
}

static void
tidy_control(struct input *input, char c)
{
	if (input->is_verbatim) {
		if (c == '\r')
			input->window[input->end++] = c;
	} else if (c == '\r') {
		input->window[input->end++] = '\n';
		input->has_cr = true;
	} else if (c == '\b') {
		tidy_backspace(input);
	} else if (c == 0x1B) {
		input->escape = ESCAPE_BEGUN;
	} /* the others mean nothing in a text */
}

/* Drop the rest of a terminal's escape sequence: "ESC [ parameters letter". */
static size_t
tidy_escape(struct input *input, const char *text, size_t len)
{
	size_t i = 0;

	if (input->escape == ESCAPE_BEGUN) {
		if (text[0] != '[') {
			input->escape = ESCAPE_NONE;
			return 0;
		}
		input->escape = ESCAPE_SEQUENCE;
		i = 1;
	}
	while (i < len && text[i] >= 0x20 && text[i] < 0x40)
		i++;
	if (i < len) {
		input->escape = ESCAPE_NONE;
		if (text[i] >= 0x40 && text[i] < 0x7F)
			i++;
	}
	return i;
}

/* Valid UTF-8 into the window. */
static void
input_tidy(struct input *input, const char *text, size_t len)
{
	size_t i = 0, run;

	ASSERT(len <= INPUT_WINDOW_SIZE - input->end);
	while (i < len) {
		if (input->escape != ESCAPE_NONE) {
			i += tidy_escape(input, text + i, len - i);
			continue;
		}
		if (input->has_cr) {
			input->has_cr = false;
			if (text[i] == '\n') {
				i++;
				continue;
			}
		}
		run = bytes_plain(text + i, len - i);
		memcpy(input->window + input->end, text + i, run);
		input->end += run;
		i += run;
		if (i < len)
			tidy_control(input, text[i++]);
	}
}

/* What is no UTF-8 becomes U+FFFD, on the way to staged. */
static void
input_mend(struct input *input, const char *raw, size_t len)
{
	size_t i, n = 0, step;

	for (i = 0; i < len; i += step) {
		if (utf8_decode(raw + i, len - i, &step) == UTF8_BAD) {
			memcpy(input->staged + n, "\xEF\xBF\xBD", 3);
			n += 3;
		} else {
			memcpy(input->staged + n, raw + i, step);
			n += step;
		}
	}
	input_tidy(input, input->staged, n);
}

/* How many bytes at the end of raw may belong to a character cut in two. */
static size_t
cut_len(const char *raw, size_t len)
{
	size_t n;
	unsigned char c;

	for (n = 1; n <= 3 && n <= len; n++) {
		c = (unsigned char)raw[len - n];
		if (c >= 0xC2 && c <= 0xF4)
			return (c >= 0xF0 ? 4u : c >= 0xE0 ? 3u : 2u) > n ? n
									  : 0;
		if ((c & 0xC0) != 0x80)
			break;
	}
	return 0;
}

static void
input_decode_utf8(struct input *input, bool is_last)
{
	size_t len = input->raw_len, kept;

	kept = is_last ? 0 : cut_len(input->raw, len);
	len -= kept;
	if (utf8_is_valid(input->raw, len))
		input_tidy(input, input->raw, len);
	else
		input_mend(input, input->raw, len);
	memmove(input->raw, input->raw + len, kept);
	input->raw_len = kept;
}

/* True when all of raw became text. */
static bool
input_decode(struct input *input, bool is_last)
{
	const char *bytes = input->raw;
	size_t n, left;
	bool is_full;

	if (!input->is_sure && !bytes_are_ascii(input->raw, input->raw_len)) {
		/* Long after the sample the first letter beyond ASCII. */
		input->charset = charset_detect(input->raw,
		    input->raw_len < INPUT_SAMPLE_MAX ? input->raw_len
						      : INPUT_SAMPLE_MAX,
		    NULL, &input->is_sure);
		if (input->charset != NULL)
			charset_reset(input->charset);
	}
	if (input->charset == NULL) {
		input_decode_utf8(input, is_last);
		return input->raw_len == 0;
	}
	n = charset_decode(input->charset, &bytes, input->raw + input->raw_len,
	    is_last, input->staged, INPUT_STAGED_SIZE, &is_full);
	input_tidy(input, input->staged, n);
	left = input->raw_len - (size_t)(bytes - input->raw);
	memmove(input->raw, bytes, left);
	input->raw_len = left;
	return left == 0 && !is_full;
}

/* The byte order mark is no text. */
static void
input_start(struct input *input)
{
	input->is_started = true;
	if (input->charset != NULL)
		charset_reset(input->charset);
	if (input->charset == NULL && input->raw_len >= 3 &&
	    memcmp(input->raw, "\xEF\xBB\xBF", 3) == 0) {
		input->raw_len -= 3;
		memmove(input->raw, input->raw + 3, input->raw_len);
	}
}

int
input_more(struct input *input)
{
	size_t len = input_len(input), first = input->end;
	bool is_last, is_all;
	int err;

	ASSERT(len <= INPUT_KEEP_MAX);
	if (!input->is_started)
		input_start(input);
	if (INPUT_WINDOW_SIZE - input->end < INPUT_STAGED_SIZE) {
		memmove(input->window, input->window + input->start, len);
		input->start = 0;
		input->end = len;
		first = len;
	}
	/* Until there is something new: a piece may hold nothing but what is
	 * dropped. */
	do {
		err = input_fetch(input);
		if (err < 0)
			return err;
		is_last = input->offset >= input->size;
		is_all = input_decode(input, is_last);
		input->is_end = is_last && is_all;
	} while (input->end <= first && !input->is_end &&
	    INPUT_WINDOW_SIZE - input->end >= INPUT_STAGED_SIZE);
	if (first == 0 && input->end >= 3 &&
	    memcmp(input->window, "\xEF\xBB\xBF", 3) == 0 &&
	    input->start == 0 && input->charset != NULL)
		input->start = 3; /* the mark of UTF-16 or UTF-32 */
	return 0;
}

int
input_line(struct input *input, size_t at, size_t *ret_len)
{
	const char *text, *feed = NULL;
	size_t seen = at, len;
	int err;

	for (;;) {
		text = input_text(input);
		len = input_len(input);
		if (len > seen)
			feed = memchr(text + seen, '\n', len - seen);
		if (feed != NULL || input->is_end || len > INPUT_KEEP_MAX)
			break;
		seen = len < at ? at : len;
		err = input_more(input);
		if (err < 0)
			return err;
		/* Overstrikes may have taken text back. */
		if (seen > input_len(input))
			seen = input_len(input) < at ? at : input_len(input);
	}
	if (at >= len)
		*ret_len = SIZE_MAX;
	else
		*ret_len = (feed == NULL ? len : (size_t)(feed - text)) - at;
	return 0;
}

void
input_eat_line(struct input *input, size_t len)
{
	input_eat(input, len);
	if (input_len(input) > 0 && *input_text(input) == '\n')
		input_eat(input, 1);
}

int
input_peek(struct input *input)
{
	while (input_len(input) == 0) {
		if (input->is_end || input->err < 0)
			return -1;
		input->err = input_more(input);
	}
	return (unsigned char)*input_text(input);
}
