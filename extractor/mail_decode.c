/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How bodies are packed for the way: quoted-printable, base64, uuencode.
 * What is damaged is passed over; nothing here fails but the sink.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/input.h"
#include "extractor/mail.h"

#define DECODE_SIZE 4096u
#define UU_LINE_MAX 200u

/* Decoded bytes on their way to the sink. */
struct out {
	char bytes[DECODE_SIZE];
	size_t len;
	mail_sink_fn *sink;
	void *arg;
	int err;
};

static void
out_flush(struct out *out)
{
	if (out->len > 0 && out->err == 0)
		out->err = out->sink(out->arg, out->bytes, out->len);
	out->len = 0;
}

static inline void
out_put(struct out *out, char c)
{
	if (out->len == sizeof(out->bytes))
		out_flush(out);
	out->bytes[out->len++] = c;
}

void
mail_decoder_init(struct mail_decoder *decoder, enum mail_encoding encoding)
{
	memset(decoder, 0, sizeof(*decoder));
	decoder->encoding = encoding;
	buf_init(&decoder->line, UU_LINE_MAX);
}

void
mail_decoder_fini(struct mail_decoder *decoder)
{
	buf_fini(&decoder->line);
}

/* One more than the value of a digit of base64; 0: it is none. */
static const unsigned char base64_digits[256] = {
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6,
    ['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12,
    ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/* Groups of four digits without anything between; returns how many bytes they
 * take. */
static size_t
put_groups(const char *bytes, size_t len, struct out *out)
{
	const unsigned char *at = (const unsigned char *)bytes;
	unsigned a, b, c, d;
	uint32_t bits;
	size_t i;

	for (i = 0; i + 4 <= len; i += 4) {
		a = base64_digits[at[i]];
		b = base64_digits[at[i + 1]];
		c = base64_digits[at[i + 2]];
		d = base64_digits[at[i + 3]];
		if (a == 0 || b == 0 || c == 0 || d == 0)
			break;
		bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
		if (out->len + 3 > sizeof(out->bytes))
			out_flush(out);
		out->bytes[out->len++] = (char)(bits >> 16);
		out->bytes[out->len++] = (char)(bits >> 8 & 0xFF);
		out->bytes[out->len++] = (char)(bits & 0xFF);
	}
	return i;
}

static void
put_base64(struct mail_decoder *decoder, const char *bytes, size_t len,
    struct out *out)
{
	size_t i;
	unsigned digit;

	for (i = 0; i < len; i++) {
		if (decoder->count == 0)
			i += put_groups(bytes + i, len - i, out);
		if (i == len)
			break;
		digit = base64_digits[(unsigned char)bytes[i]];
		if (bytes[i] == '=')
			decoder->bits = decoder->count = 0;
		if (digit == 0)
			continue;
		decoder->bits = (decoder->bits << 6 | (digit - 1)) & 0xFFFF;
		decoder->count += 6;
		if (decoder->count >= 8) {
			decoder->count -= 8;
			out_put(out, (char)(decoder->bits >> decoder->count &
			    0xFF));
		}
	}
}

/* What was held back is text after all. */
static void
put_held(struct mail_decoder *decoder, struct out *out)
{
	unsigned i;

	for (i = 0; i < decoder->held_len; i++)
		out_put(out, decoder->held[i]);
	for (; decoder->blanks > 0; decoder->blanks--)
		out_put(out, ' ');
	decoder->held_len = 0;
}

/*
 * "=41" is a character, "=" at a line's end joins it with the next.  White
 * space between the two is dropped; at other lines' ends it stays, as nothing
 * is harmed by it.
 */
static void
put_quoted(struct mail_decoder *decoder, const char *bytes, size_t len,
    struct out *out)
{
	size_t i;
	char c;

	for (i = 0; i < len; i++) {
		c = bytes[i];
		if (decoder->held_len == 0) {
			if (c == '=')
				decoder->held[decoder->held_len++] = c;
			else
				out_put(out, c);
		} else if (decoder->held_len == 1) {
			if (c == '\n') {
				decoder->held_len = 0;
				decoder->blanks = 0;
			} else if (c == ' ' || c == '\t') {
				decoder->blanks++;
			} else if (mail_hex(c) >= 0 && decoder->blanks == 0) {
				decoder->held[decoder->held_len++] = c;
			} else if (c != '\r') {
				put_held(decoder, out);
				i--; /* it may be another "=" */
			}
		} else if (mail_hex(c) >= 0) {
			out_put(out, (char)(mail_hex(decoder->held[1]) * 16 +
			    mail_hex(c)));
			decoder->held_len = 0;
		} else {
			put_held(decoder, out);
			i--;
		}
	}
}

size_t
mail_uuencode_line(const char *line, size_t len, char out[64])
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t i, n = 0, wanted;

	if (len == 0 || line[0] < ' ' || line[0] > '`')
		return 0;
	wanted = (size_t)((line[0] - ' ') & 0x3F);
	/* Blanks at the end may be lost; otherwise the length is right. */
	if (len > 1 + (wanted + 2) / 3 * 4 + 1)
		return 0;
	for (i = 1; n < wanted && i < 1 + (wanted + 2) / 3 * 4; i++) {
		bits <<= 6;
		if (i < len) {
			if (line[i] < ' ' || line[i] > '`')
				return 0;
			bits |= (uint32_t)(line[i] - ' ') & 0x3F;
		}
		bits &= 0xFFFF;
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[n++] = (char)(bits >> count & 0xFF);
		}
	}
	return n;
}

static void
uu_line(struct mail_decoder *decoder, struct out *out)
{
	const char *line = buf_text(&decoder->line);
	size_t len = decoder->line.len, n, i;
	char bytes[64];

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (!decoder->is_begun) {
		decoder->is_begun = len > 6 && memcmp(line, "begin ", 6) == 0;
	} else if (len == 3 && memcmp(line, "end", 3) == 0) {
		decoder->is_ended = true;
	} else if (!decoder->is_ended) {
		n = mail_uuencode_line(line, len, bytes);
		for (i = 0; i < n; i++)
			out_put(out, bytes[i]);
	}
	buf_clear(&decoder->line);
}

static void
put_uuencode(struct mail_decoder *decoder, const char *bytes, size_t len,
    struct out *out)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			uu_line(decoder, out);
		else
			(void)buf_putc(&decoder->line, bytes[i]); /* a line
						that is too long is none */
	}
}

int
mail_decoder_put(struct mail_decoder *decoder, const char *bytes, size_t len,
    mail_sink_fn *sink, void *arg)
{
	struct out out;

	out.len = 0;
	out.sink = sink;
	out.arg = arg;
	out.err = 0;
	switch (decoder->encoding) {
	case MAIL_IDENTITY:
		return len > 0 ? sink(arg, bytes, len) : 0;
	case MAIL_QUOTED_PRINTABLE:
		put_quoted(decoder, bytes, len, &out);
		break;
	case MAIL_BASE64:
		put_base64(decoder, bytes, len, &out);
		break;
	case MAIL_UUENCODE:
		put_uuencode(decoder, bytes, len, &out);
		break;
	}
	out_flush(&out);
	return out.err;
}

int
mail_decoder_end(struct mail_decoder *decoder, mail_sink_fn *sink, void *arg)
{
	if (decoder->encoding == MAIL_UUENCODE && decoder->line.len > 0)
		return mail_decoder_put(decoder, "\n", 1, sink, arg);
	/* A last "=" is the join with a line that is not there. */
	if (decoder->encoding == MAIL_QUOTED_PRINTABLE &&
	    decoder->held_len == 2)
		return sink(arg, decoder->held, decoder->held_len);
	return 0;
}

int
mail_part_bytes(const struct mail *mail, const struct mail_part *part,
    mail_sink_fn *sink, void *arg)
{
	struct mail_decoder decoder;
	uint64_t at = part->body;
	size_t size = 16 * DECODE_SIZE;
	char *bytes;
	long n = 0;
	int err = 0;

	bytes = mem_alloc(size);
	if (bytes == NULL)
		return ERR_NOMEM;
	mail_decoder_init(&decoder, part->encoding);
	while (err == 0 && at < part->end) {
		if (size > part->end - at)
			size = (size_t)(part->end - at);
		n = input_read_at(mail->input, at, bytes, size);
		if (n <= 0)
			break;
		at += (uint64_t)n;
		err = mail_decoder_put(&decoder, bytes, (size_t)n, sink, arg);
	}
	if (n < 0)
		err = ERR_IO;
	if (err == 0)
		err = mail_decoder_end(&decoder, sink, arg);
	mail_decoder_fini(&decoder);
	mem_free(bytes);
	return err;
}

int
mail_sink_buf(void *arg, const char *bytes, size_t len)
{
	return buf_put(arg, bytes, len);
}

int
mail_part_load(const struct mail *mail, const struct mail_part *part,
    struct buf *out)
{
	buf_clear(out);
	return mail_part_bytes(mail, part, mail_sink_buf, out);
}
