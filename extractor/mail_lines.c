/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/input.h"
#include "extractor/mail.h"

#define LINES_SIZE (64 * KIB)

int
mail_lines_init(struct mail_lines *lines, const struct input *input,
    uint64_t begin, uint64_t end)
{
	memset(lines, 0, sizeof(*lines));
	lines->input = input;
	lines->end = end < input->size ? end : input->size;
	lines->at = begin;
	lines->bytes = mem_alloc(LINES_SIZE);
	return lines->bytes == NULL ? ERR_NOMEM : 0;
}

void
mail_lines_fini(struct mail_lines *lines)
{
	mem_free(lines->bytes);
	memset(lines, 0, sizeof(*lines));
}

void
mail_lines_seek(struct mail_lines *lines, uint64_t offset)
{
	lines->is_rest = false;
	if (offset >= lines->at && offset - lines->at <= lines->len) {
		lines->start = (size_t)(offset - lines->at);
		return;
	}
	lines->at = offset;
	lines->start = lines->len = 0;
}

/* Fill the buffer behind what is not read yet. */
static int
lines_fetch(struct mail_lines *lines)
{
	uint64_t from, left;
	size_t room;
	long n;

	lines->len -= lines->start;
	memmove(lines->bytes, lines->bytes + lines->start, lines->len);
	lines->at += lines->start;
	lines->start = 0;
	from = lines->at + lines->len;
	left = from < lines->end ? lines->end - from : 0;
	room = LINES_SIZE - lines->len;
	if (room > left)
		room = (size_t)left;
	if (room == 0)
		return 0;
	n = input_read_at(lines->input, from, lines->bytes + lines->len, room);
	if (n < 0)
		return ERR_IO;
	if (n == 0)
		lines->end = from; /* the file shrank */
	lines->len += (size_t)n;
	return n > 0;
}

int
mail_line_next(struct mail_lines *lines, struct mail_line *ret_line)
{
	const char *text, *feed = NULL;
	size_t seen = 0, len;
	int got;

	for (;;) {
		text = lines->bytes + lines->start;
		len = lines->len - lines->start;
		if (len > seen)
			feed = memchr(text + seen, '\n', len - seen);
		if (feed != NULL || len == LINES_SIZE)
			break;
		seen = len;
		got = lines_fetch(lines);
		if (got < 0)
			return got;
		if (got == 0)
			break;
	}
	text = lines->bytes + lines->start;
	if (len == 0)
		return 0;
	ret_line->text = text;
	ret_line->offset = lines->at + lines->start;
	ret_line->is_rest = lines->is_rest;
	ret_line->end_len = 0;
	lines->is_rest = feed == NULL;
	if (feed != NULL) {
		len = (size_t)(feed - text) + 1;
		ret_line->end_len = len >= 2 && text[len - 2] == '\r' ? 2 : 1;
	}
	ret_line->len = len - ret_line->end_len;
	lines->start += len;
	return 1;
}
