/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of header fields: encoded words (RFC 2047), and bytes that stand
 * there bare.
 *
 * Mailers cut encoded words where they like, in the middle of characters and
 * of groups of base64: words of one charset that follow each other are put
 * together before they are decoded.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/charset.h"
#include "extractor/input.h"
#include "extractor/mail.h"

#define DECODE_STEP 4096u

struct word {
	const char *charset, *text, *end; /* end is behind the word */
	size_t charset_len, text_len;
	char encoding; /* 'B' or 'Q' */
};

/* A run of encoded words of one charset. */
struct run {
	struct buf bytes;
	struct mail_decoder decoder;
	char charset[MAIL_CHARSET_MAX];
	char encoding; /* of the last word; 0: there is no run */
};

/* ---- charsets ----------------------------------------------------------- */

/* A converter for the text, or NULL for UTF-8. */
static struct charset *
text_charset(const char *bytes, size_t len, const char *name)
{
	struct charset *charset = NULL;
	bool is_sure;

	/* What is said to be in 7 bits has no say about the others. */
	if (name != NULL && (strcasecmp(name, "us-ascii") == 0 ||
		strcasecmp(name, "ascii") == 0 || name[0] == '\0'))
		name = NULL;
	/* Some charsets look like ASCII. */
	if (name != NULL && bytes_are_ascii(bytes, len))
		charset = charset_find(name);
	if (charset != NULL)
		return charset;
	if (len > INPUT_SAMPLE_MAX)
		len = INPUT_SAMPLE_MAX;
	return charset_detect(bytes, len, name, &is_sure);
}

void
mail_decode_text(const char *bytes, size_t len, const char *name,
    struct buf *out)
{
	const char *at = bytes, *end = bytes + len;
	struct charset *charset = text_charset(bytes, len, name);
	char text[DECODE_STEP];
	size_t n;
	bool is_full = true;

	if (charset != NULL)
		charset_reset(charset);
	while (charset != NULL && (at < end || is_full)) {
		n = charset_decode(charset, &at, end, true, text,
		    sizeof(text), &is_full);
		(void)buf_put(out, text, n); /* sticks */
	}
	while (charset == NULL && at < end) {
		if (utf8_decode(at, (size_t)(end - at), &n) == UTF8_BAD)
			(void)buf_puts(out, "\xEF\xBF\xBD");
		else
			(void)buf_put(out, at, n);
		at += n;
	}
}

/* ---- encoded words ------------------------------------------------------ */

/* Does "=?charset?B?text?=" begin here?  *no_end: no "?=" follows any more,
 * which is what keeps the search short. */
static bool
word_at(const char *at, const char *end, bool *no_end, struct word *ret_word)
{
	const char *mark, *stop, *star;
	size_t len;

	if (*no_end || end - at < 8 || at[0] != '=' || at[1] != '?')
		return false;
	at += 2;
	len = (size_t)(end - at);
	mark = memchr(at, '?', len < MAIL_CHARSET_MAX ? len
						      : MAIL_CHARSET_MAX);
	if (mark == NULL || end - mark < 5 || mark[2] != '?' ||
	    strchr("BbQq", mark[1]) == NULL || mark[1] == '\0')
		return false;
	stop = bytes_find(mark + 3, (size_t)(end - mark - 3), "?=", 2);
	if (stop == NULL) {
		*no_end = true;
		return false;
	}
	ret_word->charset = at;
	/* "utf-8*en" names the language, too. */
	star = memchr(at, '*', (size_t)(mark - at));
	ret_word->charset_len = (size_t)((star == NULL ? mark : star) - at);
	ret_word->encoding = (mark[1] & 0x5F) == 'B' ? 'B' : 'Q';
	ret_word->text = mark + 3;
	ret_word->text_len = (size_t)(stop - mark - 3);
	ret_word->end = stop + 2;
	return true;
}

static void
put_q(const char *text, size_t len, struct buf *out)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '=' && i + 2 < len &&
		    mail_hex(text[i + 1]) >= 0 &&
		    mail_hex(text[i + 2]) >= 0) {
			(void)buf_putc(out, (char)(mail_hex(text[i + 1]) *
				16 + mail_hex(text[i + 2])));
			i += 2;
		} else {
			(void)buf_putc(out, text[i] == '_' ? ' ' : text[i]);
		}
	}
}

static void
run_end(struct run *run, struct buf *out)
{
	if (run->encoding == 0)
		return;
	mail_decode_text(buf_text(&run->bytes), run->bytes.len, run->charset,
	    out);
	buf_clear(&run->bytes);
	run->encoding = 0;
}

static void
run_word(struct run *run, const struct word *word, struct buf *out)
{
	if (run->encoding != 0 && (strlen(run->charset) != word->charset_len ||
		strncasecmp(run->charset, word->charset, word->charset_len) !=
		    0))
		run_end(run, out);
	if (run->encoding == 0) {
		memcpy(run->charset, word->charset, word->charset_len);
		run->charset[word->charset_len] = '\0';
	}
	if (word->encoding == 'B') {
		if (run->encoding != 'B')
			mail_decoder_init(&run->decoder, MAIL_BASE64);
		(void)mail_decoder_put(&run->decoder, word->text,
		    word->text_len, mail_sink_buf, &run->bytes); /* sticks */
	} else {
		put_q(word->text, word->text_len, &run->bytes);
	}
	run->encoding = word->encoding;
}

void
mail_fold(struct buf *out, size_t from)
{
	size_t i, n = from;
	char c;

	for (i = from; i < out->len; i++) {
		c = out->data[i];
		if ((unsigned char)c > ' ' && c != 0x7F)
			out->data[n++] = c;
		else if (n > from && out->data[n - 1] != ' ')
			out->data[n++] = ' ';
	}
	while (n > from && out->data[n - 1] == ' ')
		n--;
	out->len = n;
	if (out->data != NULL)
		out->data[n] = '\0';
}

void
mail_words(const char *value, size_t len, const char *charset,
    struct buf *out)
{
	const char *at = value, *end = value + len, *bare = value, *next;
	size_t from = out->len;
	struct word word;
	struct run run = {.encoding = 0};
	bool no_end = false;

	buf_init(&run.bytes, MAIL_FIELD_MAX);
	while (at < end) {
		next = memchr(at, '=', (size_t)(end - at));
		at = next == NULL ? end : next;
		if (next == NULL || !word_at(at, end, &no_end, &word)) {
			at += next != NULL;
			continue;
		}
		/* Nothing but white space between two: that goes, too. */
		while (run.encoding != 0 && bare < at &&
		    (unsigned char)*bare <= ' ')
			bare++;
		if (bare < at) {
			run_end(&run, out);
			while (bare > value && (unsigned char)bare[-1] <= ' ')
				bare--;
			mail_decode_text(bare, (size_t)(at - bare), charset,
			    out);
		}
		run_word(&run, &word, out);
		at = bare = word.end;
	}
	run_end(&run, out);
	if (bare < end)
		mail_decode_text(bare, (size_t)(end - bare), charset, out);
	buf_fini(&run.bytes);
	mail_fold(out, from);
}
