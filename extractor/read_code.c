/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source code, settings and the like: blocks of lines, cut where a reader
 * would cut.  A blank line before something at the left edge ends a block
 * that is large enough; a blank line ends one that is large; any line ends
 * one that is too large.
 */
#include <string.h>

#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"

#define CODE_BLOCK_GOOD 600u
#define CODE_BLOCK_LARGE 2000u
#define CODE_BLOCK_MAX 6000u

static bool
is_blank_line(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\f')
			return false;
	return true;
}

/* Something new begins at the left edge: no end of a block, no label. */
static bool
is_top_level(const char *line, size_t len)
{
	return len > 0 && strchr(" \t})];", line[0]) == NULL;
}

static int
code_flush(struct input *input, struct emit *emit, size_t *len)
{
	int err;

	err = emit_block(emit, BLOCK_CODE, 0, input_text(input), *len);
	input_eat(input, *len);
	*len = 0;
	return err;
}

/* A line longer than any block: in pieces that belong together. */
static int
code_long_line(struct input *input, struct emit *emit)
{
	size_t len;
	int err;

	(void)emit_open(emit, BLOCK_CODE, 0); /* the error sticks */
	do {
		err = input_line(input, 0, &len);
		if (err < 0 || len == SIZE_MAX)
			break;
		err = emit_put(emit, input_text(input), len);
		input_eat(input, len);
	} while (err == 0 && (input_len(input) == 0 ||
				 *input_text(input) != '\n'));
	return err < 0 ? err : emit_close(emit);
}

int
read_code(struct input *input, struct emit *emit, struct err_note *note)
{
	size_t done = 0, len;
	const char *line;
	bool is_after_blank = false, is_blank;
	int err;

	(void)note;
	for (;;) {
		err = input_line(input, done, &len);
		if (err < 0)
			return err;
		if (len == SIZE_MAX)
			break;
		line = input_text(input) + done;
		is_blank = is_blank_line(line, len);
		if (done > 0 && !is_blank &&
		    (done + len > CODE_BLOCK_MAX ||
			(is_after_blank && done > CODE_BLOCK_LARGE) ||
			(is_after_blank && done > CODE_BLOCK_GOOD &&
			    is_top_level(line, len)))) {
			err = code_flush(input, emit, &done);
			if (err < 0)
				return err;
			continue;
		}
		if (done + len > BLOCK_BYTES_MAX / 2) {
			/* Blank lines without end, or a long line alone. */
			err = done > 0 ? code_flush(input, emit, &done)
				       : code_long_line(input, emit);
			if (err < 0)
				return err;
			continue;
		}
		done += len;
		if (done < input_len(input))
			done++; /* the line feed */
		is_after_blank = is_blank;
	}
	return code_flush(input, emit, &done);
}
