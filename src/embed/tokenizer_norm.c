/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normalizers: each makes another text of one.  Two buffers take turns; a step
 * that finds nothing to do leaves the text where it is.
 *
 * A table of SentencePiece's (Precompiled) is not read: nearly all are its
 * nmt_nfkc, which is NFKC with control characters dropped and every other kind
 * of blank made one.
 */
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "embed/tokenizer_int.h"

/* The longest decomposition has 18 characters. */
#define PARTS_MAX 40

static int
put_char(struct buf *out, uint32_t c)
{
	char bytes[4];

	return buf_put(out, bytes, utf8_encode(c, bytes));
}

static int
put_lower(struct buf *out, uint32_t c)
{
	/* The one letter that has two for it. */
	if (c == 0x130)
		return buf_put(out, "i\xCC\x87", 3);
	return put_char(out, (uint32_t)u_tolower((UChar32)c));
}

static bool
is_ascii(const char *text, size_t len)
{
	size_t i;
	unsigned char seen = 0;

	for (i = 0; i < len; i++)
		seen |= (unsigned char)text[i];
	return seen < 0x80;
}

/* Han, for which models of the BERT kind have a token each. */
static bool
is_han(uint32_t c)
{
	return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
	    (c >= 0x20000 && c <= 0x2A6DF) ||
	    (c >= 0x2A700 && c <= 0x2B81F) ||
	    (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
	    (c >= 0x2F800 && c <= 0x2FA1F);
}

static int
bert_part(const struct norm_step *step, struct buf *out, uint32_t c)
{
	if (step->strips_accents &&
	    u_charType((UChar32)c) == U_NON_SPACING_MARK)
		return 0;
	return step->lowers ? put_lower(out, c) : put_char(out, c);
}

static int
bert_char(const struct norm_step *step, struct buf *out, uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfd;
	UChar parts[PARTS_MAX];
	int32_t len, i = 0;
	uint32_t part;

	if (step->cleans) {
		if (c == 0xFFFD ||
		    (U_GET_GC_MASK((UChar32)c) & U_GC_C_MASK) != 0)
			return 0;
		if (u_isUWhiteSpace((UChar32)c))
			c = ' ';
	}
	if (step->spaces_han && is_han(c)) {
		(void)buf_putc(out, ' ');
		(void)put_char(out, c);
		return buf_putc(out, ' ');
	}
	nfd = unorm2_getNFDInstance(&status);
	len = step->strips_accents && U_SUCCESS(status) ?
		unorm2_getDecomposition(nfd, (UChar32)c, parts, PARTS_MAX,
		    &status) :
		-1;
	if (len < 0 || U_FAILURE(status))
		return bert_part(step, out, c);
	while (i < len) {
		part = parts[i++];
		if (U16_IS_LEAD(part) && i < len)
			part = (uint32_t)U16_GET_SUPPLEMENTARY(part,
			    parts[i++]);
		(void)bert_part(step, out, part);
	}
	return out->err;
}

static int
norm_bert(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	size_t i = 0, width;
	unsigned char c;
	char *to;

	while (i < len) {
		if (buf_reserve(out, len - i) < 0)
			return out->err;
		/* A byte gives a byte at most: there is room. */
		for (to = out->data + out->len; i < len; i++) {
			c = (unsigned char)text[i];
			if (c >= 0x80)
				break;
			*to = (char)step->ascii[c];
			to += step->ascii[c] != 0;
		}
		out->len = (size_t)(to - out->data);
		*to = '\0';
		while (i < len && ((unsigned char)text[i] & 0x80) != 0) {
			if (bert_char(step, out,
				char_at(text + i, len - i, &width)) < 0)
				return out->err;
			i += width;
		}
	}
	return 0;
}

/* Each character by itself. */
static int
norm_chars(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	size_t i, width;
	uint32_t c;

	for (i = 0; i < len; i += width) {
		c = char_at(text + i, len - i, &width);
		if (step->kind == NORM_LOWERCASE)
			(void)put_lower(out, c);
		else if ((U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK) == 0)
			(void)put_char(out, c);
		if (out->err < 0)
			return out->err;
	}
	return 0;
}

/* White space and control characters as nmt_nfkc has them. */
static int
put_precompiled(struct buf *out, const char *text, size_t len)
{
	size_t i, width;
	uint32_t c;

	for (i = 0; i < len; i += width) {
		c = char_at(text + i, len - i, &width);
		if (c == '\t' || c == '\n' || c == '\f' || c == '\r' ||
		    c == 0x1680 || c == 0x2028 || c == 0x2029 ||
		    c == 0x2581 || c == 0xFFFD)
			(void)buf_putc(out, ' ');
		else if (c < 0x20 || c == 0x7F || c == 0x8F || c == 0x9F ||
		    (c >= 0x200B && c <= 0x200F) || c == 0xFEFF)
			continue;
		else
			(void)buf_put(out, text + i, width);
		if (out->err < 0)
			return out->err;
	}
	return 0;
}

static const UNormalizer2 *
form_of(enum norm_kind kind, UErrorCode *status)
{
	switch (kind) {
	case NORM_NFC:
		return unorm2_getNFCInstance(status);
	case NORM_NFD:
		return unorm2_getNFDInstance(status);
	case NORM_NFKD:
		return unorm2_getNFKDInstance(status);
	default:
		return unorm2_getNFKCInstance(status);
	}
}

/* Put the text's normal form into *ret_out, which is owned (mem_free). */
static int
form_make(enum norm_kind kind, const char *text, size_t len, UChar **ret_out,
    int32_t *ret_len)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *form = form_of(kind, &status);
	UChar *wide, *out = NULL;
	int32_t wide_len = 0, out_len = 0;
	int err = ERR_NOMEM;

	/* No character has more units than bytes. */
	wide = mem_array(len + 1, sizeof(*wide));
	if (wide == NULL || U_FAILURE(status))
		goto out;
	(void)u_strFromUTF8WithSub(wide, (int32_t)len + 1, &wide_len, text,
	    (int32_t)len, 0xFFFD, NULL, &status);
	out_len = unorm2_normalize(form, wide, wide_len, NULL, 0, &status);
	if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status))
		goto out;
	status = U_ZERO_ERROR;
	out = mem_array((size_t)out_len + 1, sizeof(*out));
	if (out == NULL)
		goto out;
	(void)unorm2_normalize(form, wide, wide_len, out, out_len + 1,
	    &status);
	if (U_FAILURE(status))
		goto out;
	*ret_out = out;
	*ret_len = out_len;
	out = NULL;
	err = 0;
out:
	mem_free(wide);
	mem_free(out);
	return err;
}

static int
norm_form(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	UChar *wide = NULL;
	int32_t wide_len = 0, i = 0;
	uint32_t c;
	int err = 0;

	if (is_ascii(text, len))
		return buf_put(out, text, len);
	err = form_make(step->kind, text, len, &wide, &wide_len);
	while (err == 0 && i < wide_len) {
		c = wide[i++];
		if (U16_IS_LEAD(c) && i < wide_len)
			c = (uint32_t)U16_GET_SUPPLEMENTARY(c, wide[i++]);
		err = put_char(out, U16_IS_SURROGATE(c) ? 0xFFFD : c);
	}
	mem_free(wide);
	return err;
}

static int
norm_precompiled(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	struct buf form;
	int err;

	buf_init(&form, TOKENIZER_GROWN_BYTES_MAX);
	err = norm_form(step, text, len, &form);
	if (err == 0 && form.len > 0)
		err = put_precompiled(out, form.data, form.len);
	buf_fini(&form);
	return err;
}

static int
norm_replace(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	const char *found;

	while (len > 0 && (found = memmem(text, len, step->from,
		    step->from_len)) != NULL) {
		(void)buf_put(out, text, (size_t)(found - text));
		if (buf_put(out, step->to, step->to_len) < 0)
			return out->err;
		len -= (size_t)(found - text) + step->from_len;
		text = found + step->from_len;
	}
	return buf_put(out, text, len);
}

/* Runs of white space, or of two blanks and more, become one text. */
static int
norm_squeeze(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	size_t i = 0, run, width;
	uint32_t c;

	while (i < len && out->err == 0) {
		for (run = i; run < len; run += width) {
			c = char_at(text + run, len - run, &width);
			if (step->any_space ? !u_isUWhiteSpace((UChar32)c) :
				c != ' ')
				break;
		}
		if (run - i >= (step->any_space ? 1u : 2u)) {
			(void)buf_put(out, step->to, step->to_len);
			i = run;
			continue;
		}
		(void)char_at(text + i, len - i, &width);
		(void)buf_put(out, text + i, width);
		i += width;
	}
	return out->err;
}

static int
norm_strip(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	size_t start = 0, end = 0, i, width;
	bool seen = false;

	for (i = 0; i < len; i += width) {
		if (u_isUWhiteSpace((UChar32)char_at(text + i, len - i,
			&width)))
			continue;
		if (!seen)
			start = i;
		seen = true;
		end = i + width;
	}
	if (!seen)
		return step->left || step->right ? 0 :
			buf_put(out, text, len);
	if (!step->left)
		start = 0;
	if (!step->right)
		end = len;
	return buf_put(out, text + start, end - start);
}

static int
norm_run(const struct norm_step *step, const char *text, size_t len,
    struct buf *out)
{
	switch (step->kind) {
	case NORM_BERT:
		return norm_bert(step, text, len, out);
	case NORM_NFC:
	case NORM_NFD:
	case NORM_NFKC:
	case NORM_NFKD:
		return norm_form(step, text, len, out);
	case NORM_LOWERCASE:
	case NORM_STRIP_ACCENTS:
		return norm_chars(step, text, len, out);
	case NORM_REPLACE:
		return norm_replace(step, text, len, out);
	case NORM_SQUEEZE:
		return norm_squeeze(step, text, len, out);
	case NORM_STRIP:
		return norm_strip(step, text, len, out);
	case NORM_PREPEND:
		if (len > 0)
			(void)buf_put(out, step->to, step->to_len);
		return buf_put(out, text, len);
	case NORM_PRECOMPILED:
		return norm_precompiled(step, text, len, out);
	}
	return ERR_INTERNAL;
}

int
norms_run(const struct tokenizer *tokenizer, const char *text, size_t len,
    struct token_scratch *scratch)
{
	const struct norm_step *step;
	struct buf swap;
	bool is_in = false;
	size_t i;
	int err;

	for (i = 0; i < tokenizer->norm_count; i++) {
		step = &tokenizer->norms[i];
		if (is_in) {
			text = buf_text(&scratch->text);
			len = scratch->text.len;
		}
		if (step->kind == NORM_REPLACE && (len == 0 ||
			memmem(text, len, step->from, step->from_len) == NULL))
			continue;
		buf_clear(&scratch->other);
		err = norm_run(step, text, len, &scratch->other);
		if (err < 0)
			return err;
		swap = scratch->text;
		scratch->text = scratch->other;
		scratch->other = swap;
		is_in = true;
	}
	if (is_in)
		return 0;
	buf_clear(&scratch->text);
	return buf_put(&scratch->text, text, len);
}
