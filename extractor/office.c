/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <strings.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/office.h"
#include "extractor/ole.h"

/* ---- texts --------------------------------------------------------------- */

/* Windows 1252 from 0x80 on; 0 where it has no character. */
static const uint16_t office_1252[32] = {0x20AC, 0, 0x201A, 0x0192, 0x201E,
    0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D,
    0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
    0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

/* The character that c stands for; 0: none. */
static uint32_t
tidy(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' ? c
		    : c == '\r' || c == '\v' || c == '\f' ? '\n'
							  : 0;
	if (c >= 0x7F && c < 0xA0)
		return c == 0x7F ? 0 : office_1252[c - 0x80];
	return (c & 0xFFFE) == 0xFFFE || c == 0xFEFF ? 0 : c;
}

static void
put_tidy(struct buf *out, uint32_t c)
{
	c = tidy(c);
	if (c != 0)
		out->len += utf8_encode(c, out->data + out->len);
}

void
office_put_utf16(struct buf *out, const unsigned char *bytes, size_t units,
    unsigned *high)
{
	unsigned c;
	size_t i;

	/* A unit takes 3 bytes at most, a pair of them 4. */
	if (units > SIZE_MAX / 4 || buf_reserve(out, units * 3 + 4) < 0)
		return;
	for (i = 0; i < units; i++) {
		c = le16(bytes + 2 * i);
		if (c < 0xD800 || c > 0xDFFF) {
			*high = 0;
			put_tidy(out, c);
		} else if (c < 0xDC00) {
			*high = c;
		} else if (*high != 0) {
			put_tidy(out,
			    0x10000u + ((*high - 0xD800u) << 10) +
				(c - 0xDC00u));
			*high = 0;
		}
	}
	out->data[out->len] = '\0';
}

void
office_put_latin(struct buf *out, const unsigned char *bytes, size_t len)
{
	size_t i;

	if (len > SIZE_MAX / 4 || buf_reserve(out, len * 3) < 0)
		return;
	for (i = 0; i < len; i++) {
		if (bytes[i] >= 0x20 && bytes[i] < 0x7F)
			out->data[out->len++] = (char)bytes[i];
		else
			put_tidy(out, bytes[i]);
	}
	out->data[out->len] = '\0';
}

/* ---- order --------------------------------------------------------------- */

static void
sift(uint64_t *keys, size_t root, size_t count)
{
	size_t child;
	uint64_t key = keys[root];

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && keys[child] < keys[child + 1])
			child++;
		if (keys[child] <= key)
			break;
		keys[root] = keys[child];
		root = child;
	}
	keys[root] = key;
}

void
office_sort(uint64_t *keys, size_t count)
{
	uint64_t last;
	size_t i;

	for (i = count / 2; i > 0; i--)
		sift(keys, i - 1, count);
	for (i = count; i > 1; i--) {
		last = keys[i - 1];
		keys[i - 1] = keys[0];
		keys[0] = last;
		sift(keys, 0, i - 1);
	}
}

/* ---- the stream ---------------------------------------------------------- */

struct promise {
	const char *name;
	uint64_t size;
};

static int
find_promise(void *arg, const char *name, bool is_folder, uint64_t size)
{
	struct promise *promise = arg;

	if (is_folder || strcasecmp(name, promise->name) != 0)
		return 0;
	promise->size = size;
	return 1;
}

bool
office_is_cut(const struct ole *ole, const char *path,
    const struct ole_stream *stream)
{
	const char *slash = strrchr(path, '/');
	struct promise promise = {.name = slash == NULL ? path : slash + 1};
	char folder[64] = "";

	if (slash != NULL && (size_t)(slash - path) < sizeof(folder))
		memcpy(folder, path, (size_t)(slash - path));
	return ole_each(ole, folder, find_promise, &promise) == 1 &&
	    promise.size > ole_stream_size(stream);
}

/* ---- the window ---------------------------------------------------------- */

#define OFFICE_WINDOW_SIZE (2 * OFFICE_VIEW_MAX)
/* After a jump, which may be followed by another. */
#define OFFICE_JUMP_SIZE 1024u

int
office_window_init(struct office_window *window, struct ole_stream *stream)
{
	memset(window, 0, sizeof(*window));
	window->bytes = mem_alloc(OFFICE_WINDOW_SIZE);
	if (window->bytes == NULL)
		return ERR_NOMEM;
	window->stream = stream;
	window->size = ole_stream_size(stream);
	return 0;
}

void
office_window_fini(struct office_window *window)
{
	mem_free(window->bytes);
	memset(window, 0, sizeof(*window));
}

int
office_view(struct office_window *window, uint64_t offset, size_t len,
    const unsigned char **ret_bytes)
{
	size_t want = OFFICE_WINDOW_SIZE;
	long n;

	ASSERT(len <= OFFICE_VIEW_MAX);
	if (offset > window->size || len > window->size - offset)
		return ERR_SYNTAX;
	if (offset < window->start ||
	    offset + len > window->start + window->len) {
		/* Reading on, or somewhere else? */
		if (offset < window->start ||
		    offset > window->start + window->len)
			want = len > OFFICE_JUMP_SIZE ? len : OFFICE_JUMP_SIZE;
		if (want > window->size - offset)
			want = (size_t)(window->size - offset);
		n = ole_stream_read_at(window->stream, offset, window->bytes,
		    want);
		window->start = offset;
		window->len = n < 0 ? 0 : (size_t)n;
		if (n < 0)
			return (int)n;
		if ((size_t)n < len)
			return ERR_SYNTAX;
	}
	*ret_bytes = window->bytes + (offset - window->start);
	return 0;
}

int
office_load(struct office_window *window, uint64_t offset, uint64_t len,
    struct buf *out)
{
	long n;

	buf_clear(out);
	if (offset > window->size || len > window->size - offset)
		return ERR_SYNTAX;
	if (len > out->max)
		return ERR_TOO_BIG;
	if (buf_reserve(out, (size_t)len) < 0)
		return out->err;
	n = ole_stream_read_at(window->stream, offset, out->data, (size_t)len);
	if (n < 0)
		return (int)n;
	if ((uint64_t)n < len)
		return ERR_SYNTAX;
	out->len = (size_t)len;
	out->data[out->len] = '\0';
	return 0;
}
