/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * input: a file as a window of clean text that slides forward.
 *
 * Whatever the file's charset, the window holds valid UTF-8 without NUL and
 * other control characters than line feed, tab and form feed; line ends are
 * line feeds; overstrikes and terminal colours are undone.  Where it is
 * verbatim, carriage returns stay instead and nothing is undone.  The memory
 * it needs does not depend on the file.
 */
#ifndef EXTRACTOR_INPUT_H
#define EXTRACTOR_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

struct charset;

/* A reader may leave this much unread and still ask for more. */
#define INPUT_KEEP_MAX ((size_t)BLOCK_BYTES_MAX)

/* How much of the file's beginning its type and charset are told from. */
#define INPUT_SAMPLE_MAX (64 * KIB)

struct input {
	/* Where the bytes come from: fd, or memory when that is not NULL. */
	int fd;
	const char *memory;
	uint64_t size, offset;
	const char *name; /* what its source calls it; borrowed */

	char *raw; /* bytes not decoded yet */
	size_t raw_len;
	char *window;
	size_t start, end; /* the unread text in the window */
	char *staged;	   /* decoded, not yet clean */

	struct charset *charset; /* NULL: UTF-8 */
	bool is_sure;	/* false: nothing but ASCII was seen so far */
	bool is_started; /* the byte order mark was looked for */
	/* Asked for, after input_open(): it is plain text whatever it looks
	 * like; what is plain text comes as it is. */
	bool wants_text, wants_verbatim;
	bool is_verbatim; /* set before the first input_more() */
	bool is_end;	/* the window holds the last of the text */
	bool has_cr;	/* the last character was a carriage return */
	uint8_t escape; /* inside a terminal's escape sequence */
	int err;	/* of input_peek() */
};

/* Memory for all files to come: 0 or ERR_NOMEM. */
int input_init(struct input *input);
void input_fini(struct input *input);

/*
 * Begin with the file of size bytes behind fd (borrowed), or with len bytes
 * of memory (borrowed); reads the sample into raw.  0, or ERR_IO.
 */
int input_open(struct input *input, int fd, uint64_t size);
int input_open_memory(struct input *input, const char *memory, size_t len);
/* Begin with the same file again. */
int input_rewind(struct input *input);

/*
 * For formats that are no text: read up to len bytes at offset, whatever was
 * read as text.  Returns how many there were (fewer at the end, 0 behind it),
 * or ERR_IO.  input->size is the size of the whole.
 */
long input_read_at(const struct input *input, uint64_t offset, void *bytes,
    size_t len);

/*
 * Put more text at the window's end.  At most INPUT_KEEP_MAX bytes may be
 * unread.  0 (is_end says whether that was all), or ERR_IO.
 */
int input_more(struct input *input);

/* The unread text. */
static inline const char *
input_text(const struct input *input)
{
	return input->window + input->start;
}

static inline size_t
input_len(const struct input *input)
{
	return input->end - input->start;
}

/* len bytes of it were read. */
static inline void
input_eat(struct input *input, size_t len)
{
	input->start += len;
}

/*
 * Have the line that begins at offset at of the unread text in the window,
 * and set *ret_len to its length without its line feed, or to SIZE_MAX when
 * the text ends there.  A line that goes on beyond INPUT_KEEP_MAX comes as
 * far as it is there.  0 or ERR_IO.
 */
int input_line(struct input *input, size_t at, size_t *ret_len);

/* Go past the line of len bytes at the beginning, and its line feed. */
void input_eat_line(struct input *input, size_t len);

/* The next character's first byte, or -1 at the end and after errors, which
 * are kept in err. */
int input_peek(struct input *input);

#endif
