/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most bytes are copied sixteen at a time: a vector is looked at for the
 * first byte that needs thought (control, not ASCII, a space before a space),
 * all before it is right already.  What needs thought only ever gets shorter,
 * so that room for the block's own length is enough and no store is checked;
 * only composition may grow, and runs afterwards, when a character asked for
 * it.
 *
 * In prose every run of white space becomes one space.  In code spaces and
 * tabs stay, and only what stands before a line's end goes.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/block.h"
#include "text/clean.h"

#define SLACK 16 /* bytes a vector store may write too far */

/* What becomes of a character that is not ASCII. */
enum fate {
	FATE_KEEP,
	FATE_COMPOSE, /* keep, and look at the whole with NFC */
	FATE_SPACE,
	FATE_LINE,
	FATE_DROP,
	FATE_JOINER,   /* zero-width (non-)joiner: depends on neighbours */
	FATE_HYPHEN,   /* one that is not ASCII: depends on the line's end */
	FATE_SOFT,     /* a soft hyphen: goes, with the line's end after it */
	FATE_LIGATURE,
};

struct cleaner {
	const char *in, *end;
	char *out, *out_begin;
	bool is_code;
	bool is_glued; /* goes on from the block before */
	bool must_compose;
};

static const char *const ligatures[] = { "ff", "fi", "fl", "ffi", "ffl", "st",
	"st" };

static enum fate
fate_of_rare(uint32_t c)
{
	if (c < 0xA0)
		return c == 0x85 ? FATE_LINE : FATE_DROP;
	if (c == 0xA0 || c == 0x1680 || c == 0x202F || c == 0x205F ||
	    c == 0x3000 || (c >= 0x2000 && c <= 0x200A))
		return FATE_SPACE;
	if (c == 0x2028 || c == 0x2029)
		return FATE_LINE;
	if (c == 0x200C || c == 0x200D)
		return FATE_JOINER;
	if (c == 0x2010)
		return FATE_HYPHEN;
	if (c == 0xAD)
		return FATE_SOFT;
	if (c == 0x200B || c == 0x200E || c == 0x200F || c == 0x61C ||
	    c == 0x180E || c == 0xFEFF || (c >= 0x202A && c <= 0x202E) ||
	    (c >= 0x2060 && c <= 0x206F) || (c >= 0xFFF9 && c <= 0xFFFB) ||
	    (c >= 0xE0000 && c <= 0xE007F))
		return FATE_DROP;
	if (c >= 0xFB00 && c <= 0xFB06)
		return FATE_LIGATURE;
	if (c < 0x300)
		return FATE_KEEP;
	if (u_getIntPropertyValue((UChar32)c, UCHAR_NFC_QUICK_CHECK) !=
		UNORM_YES || u_getCombiningClass((UChar32)c) != 0)
		return FATE_COMPOSE;
	return FATE_KEEP;
}

static inline enum fate
fate_of(uint32_t c)
{
	/* Latin, Greek, Cyrillic, dashes and quotes, Han, Hangul. */
	if ((c >= 0xAE && c < 0x300) || (c >= 0x391 && c < 0x483) ||
	    (c >= 0x2011 && c < 0x2028) || (c >= 0x4E00 && c < 0xA000) ||
	    (c >= 0xAC00 && c < 0xD7A4))
		return FATE_KEEP;
	return fate_of_rare(c);
}

/* True when the character that ends before at is a lower-case letter. */
static bool
is_lower_before(const char *begin, const char *at)
{
	const char *head = at;
	size_t step;

	if (at == begin)
		return false;
	if ((unsigned char)at[-1] < 0x80)
		return at[-1] >= 'a' && at[-1] <= 'z';
	do {
		head--;
	} while (head > begin && ((unsigned char)*head & 0xC0) == 0x80);
	return u_islower((UChar32)utf8_decode(head, (size_t)(at - head),
	    &step)) != 0;
}

static bool
is_lower_at(const char *at, const char *end)
{
	size_t step;
	uint32_t c;

	if (at == end)
		return false;
	if ((unsigned char)*at < 0x80)
		return *at >= 'a' && *at <= 'z';
	c = utf8_decode(at, (size_t)(end - at), &step);
	return c != UTF8_BAD && u_islower((UChar32)c) != 0;
}

static inline bool
is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * in stands behind a hyphen.  If exactly one line ends here and the word goes
 * on in lower case, return where it goes on, else NULL.
 */
static const char *
hyphen_next(const struct cleaner *cl, const char *in)
{
	unsigned lines = 0;

	for (; in < cl->end && is_white(*in); in++)
		lines += *in == '\n' || (*in == '\r' &&
		    (in + 1 == cl->end || in[1] != '\n'));
	return lines == 1 && is_lower_at(in, cl->end) ? in : NULL;
}

/* A run of white space, of which some may stand in out already. */
static void
put_white(struct cleaner *cl)
{
	const char *next;
	bool has_line = false;

	/* One blank before a line's end was copied as plain. */
	if (cl->out > cl->out_begin && cl->out[-1] == ' ')
		cl->out--;
	for (next = cl->in; next < cl->end && is_white(*next); next++)
		has_line |= *next == '\n' || *next == '\r';
	if (has_line && cl->out > cl->out_begin && cl->out[-1] == '-' &&
	    is_lower_before(cl->out_begin, cl->out - 1) &&
	    hyphen_next(cl, cl->in) != NULL) {
		cl->out--;
		cl->in = next;
		return;
	}
	cl->in = next;
	if (cl->out > cl->out_begin || cl->is_glued)
		*cl->out++ = ' ';
}

/* The end of a line of code. */
static void
put_line(struct cleaner *cl)
{
	while (cl->out > cl->out_begin &&
	    (cl->out[-1] == ' ' || cl->out[-1] == '\t'))
		cl->out--;
	*cl->out++ = '\n';
}

static void
put_space_or_line(struct cleaner *cl, bool is_line)
{
	if (cl->is_code && is_line)
		put_line(cl);
	else if (cl->is_code ||
	    (cl->out > cl->out_begin ? cl->out[-1] != ' ' : cl->is_glued))
		*cl->out++ = ' ';
}

/* A control character or white space. */
static void
put_ascii(struct cleaner *cl)
{
	char c = *cl->in;

	if (!cl->is_code && is_white(c)) {
		put_white(cl);
		return;
	}
	cl->in++;
	switch (c) {
	case '\r':
		if (cl->in < cl->end && *cl->in == '\n')
			cl->in++;
		put_line(cl);
		break;
	case '\n':
		put_line(cl);
		break;
	case '\t':
	case ' ':
		*cl->out++ = c;
		break;
	default:
		break;
	}
}

/* A character of two bytes or more. */
static void
put_wide(struct cleaner *cl)
{
	const char *next, *text;
	enum fate fate;
	size_t step;
	uint32_t c;

	c = utf8_decode(cl->in, (size_t)(cl->end - cl->in), &step);
	next = cl->in + step;
	if (c == UTF8_BAD) {
		/* Against the contract; what we give out is valid still. */
		*cl->out++ = '?';
		cl->in = next;
		return;
	}
	fate = fate_of(c);
	switch (fate) {
	case FATE_SPACE:
	case FATE_LINE:
		put_space_or_line(cl, c == 0x85 || c == 0x2028 || c == 0x2029);
		break;
	case FATE_DROP:
		break;
	case FATE_LIGATURE:
		for (text = ligatures[c - 0xFB00]; *text != '\0'; text++)
			*cl->out++ = *text;
		break;
	case FATE_SOFT:
		text = cl->is_code ? NULL : hyphen_next(cl, next);
		if (text != NULL)
			next = text;
		break;
	case FATE_HYPHEN:
		text = cl->is_code ? NULL : hyphen_next(cl, next);
		if (text != NULL && is_lower_before(cl->out_begin, cl->out)) {
			next = text;
			break;
		}
		memcpy(cl->out, cl->in, step);
		cl->out += step;
		break;
	case FATE_JOINER:
		if (cl->out == cl->out_begin || next == cl->end ||
		    (unsigned char)cl->out[-1] < 0x80 ||
		    (unsigned char)*next < 0x80)
			break;
		memcpy(cl->out, cl->in, step);
		cl->out += step;
		break;
	case FATE_COMPOSE:
	case FATE_KEEP:
		cl->must_compose |= fate == FATE_COMPOSE;
		memcpy(cl->out, cl->in, step);
		cl->out += step;
		break;
	}
	cl->in = next;
}

/* How many bytes at in need no thought; they are copied already.  A space
 * before white space counts as one that does. */
static inline size_t
copy_plain(const struct cleaner *cl)
{
	const char *in = cl->in;
	char *out = cl->out;

#ifdef __SSE2__
	__m128i bytes, after, blank = _mm_set1_epi8(' '), special;
	unsigned mask;

	while (cl->end - in > 16) {
		bytes = _mm_loadu_si128((const __m128i *)(const void *)in);
		_mm_storeu_si128((__m128i *)(void *)out, bytes);
		/* Signed: bytes that are not ASCII are below ' ' as well. */
		special = _mm_or_si128(_mm_cmplt_epi8(bytes, blank),
		    _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)));
		if (!cl->is_code) {
			after = _mm_loadu_si128(
			    (const __m128i *)(const void *)(in + 1));
			special = _mm_or_si128(special,
			    _mm_and_si128(_mm_cmpeq_epi8(bytes, blank),
				_mm_cmpeq_epi8(after, blank)));
		}
		mask = (unsigned)_mm_movemask_epi8(special);
		if (mask != 0)
			return (size_t)(in - cl->in) +
			    (unsigned)__builtin_ctz(mask);
		in += 16;
		out += 16;
	}
#endif
	for (; in < cl->end; in++) {
		if (*in < ' ' || *in == 0x7F || (*in & 0x80) != 0)
			break;
		if (*in == ' ' && !cl->is_code && in + 1 < cl->end &&
		    in[1] == ' ')
			break;
		*out++ = *in;
	}
	return (size_t)(in - cl->in);
}

static void
clean_run(struct cleaner *cl)
{
	size_t plain;

	while (cl->in < cl->end) {
		plain = copy_plain(cl);
		cl->in += plain;
		cl->out += plain;
		while (cl->in < cl->end) {
			if ((unsigned char)*cl->in >= 0x80)
				put_wide(cl);
			else if (is_white(*cl->in) || *cl->in < ' ' ||
			    *cl->in == 0x7F)
				put_ascii(cl);
			else
				break;
		}
	}
}

/* Cut the blanks at both edges of what was put out; an edge at which the
 * text goes on in another block keeps its own. */
static void
trim(struct cleaner *cl, bool goes_on)
{
	const char *head = cl->out_begin, *line;

	if (!goes_on) {
		while (cl->out > cl->out_begin && is_white(cl->out[-1]))
			cl->out--;
	}
	if (!cl->is_code || cl->is_glued)
		return;
	/* Empty lines in front go, the first line's indent stays. */
	for (line = head; line < cl->out && *line == '\n'; line++)
		head = line + 1;
	memmove(cl->out_begin, head, (size_t)(cl->out - head));
	cl->out -= head - cl->out_begin;
}

/* Compose what stands in out from at on. */
static int
compose(struct buf *out, size_t at)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
	UChar *wide = NULL, *composed = NULL;
	size_t len = out->len - at;
	int32_t wide_len, composed_len, size, bytes;
	int err = ERR_NOMEM;

	/* A block is at most some MiB; NFC grows text at most threefold. */
	if (len > INT32_MAX / 16)
		return ERR_TOO_BIG;
	size = (int32_t)(3 * len + 8);
	wide = mem_array(len + 1, sizeof(*wide));
	composed = mem_array((size_t)size, sizeof(*composed));
	if (wide == NULL || composed == NULL)
		goto out;
	u_strFromUTF8(wide, (int32_t)len + 1, &wide_len, out->data + at,
	    (int32_t)len, &status);
	composed_len = unorm2_normalize(nfc, wide, wide_len, composed, size,
	    &status);
	u_strToUTF8(NULL, 0, &bytes, composed, composed_len, &status);
	err = ERR_INTERNAL;
	if (status != U_BUFFER_OVERFLOW_ERROR)
		goto out;
	status = U_ZERO_ERROR;
	out->len = at;
	err = buf_reserve(out, (size_t)bytes);
	if (err < 0)
		goto out;
	u_strToUTF8(out->data + at, bytes + 1, NULL, composed, composed_len,
	    &status);
	out->len = at + (size_t)bytes;
	err = U_FAILURE(status) ? ERR_INTERNAL : 0;
out:
	mem_free(wide);
	mem_free(composed);
	return err;
}

int
clean_block(const struct block *block, struct buf *out)
{
	struct cleaner cl = { 0 };
	size_t at = out->len;
	int err;

	err = buf_reserve(out, block->len + SLACK);
	if (err < 0)
		return err;
	cl.in = block->text;
	cl.end = block->text + block->len;
	cl.out = cl.out_begin = out->data + at;
	cl.is_code = block->kind == BLOCK_CODE;
	cl.is_glued = block->is_continued != 0;
	if (cl.in < cl.end && is_white(*cl.in))
		put_ascii(&cl);
	clean_run(&cl);
	trim(&cl, block->len > BLOCK_BYTES_MAX / 2);
	out->len = at + (size_t)(cl.out - cl.out_begin);
	out->data[out->len] = '\0';
	if (cl.must_compose)
		err = compose(out, at);
	return err;
}
