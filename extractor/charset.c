/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <uchardet/uchardet.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/charset.h"
#include "extractor/input.h"

struct charset {
	const char *name;
	const char *aliases; /* separated by spaces */
	UConverter *converter;
};

static struct charset charsets[] = {
#define CHARSET(name, aliases) {name, aliases, NULL},
#include "extractor/charset_tbl.h"
};
#define CHARSETS (sizeof(charsets) / sizeof(charsets[0]))

enum { CHARSET_UTF_16LE, CHARSET_UTF_16BE, CHARSET_UTF_32LE, CHARSET_UTF_32BE };

static UConverter *charset_utf8;
static uchardet_t charset_guesser;

/* ICU converts by way of UTF-16; this is the half-way house. */
#define PIVOT_SIZE 4096
static UChar charset_pivot[PIVOT_SIZE];
static UChar *charset_pivot_source, *charset_pivot_target;

int
charset_init(void)
{
	UErrorCode err = U_ZERO_ERROR;
	size_t i;

	charset_utf8 = ucnv_open("UTF-8", &err);
	if (U_FAILURE(err))
		return ERR_INTERNAL;
	for (i = 0; i < CHARSETS; i++) {
		err = U_ZERO_ERROR;
		charsets[i].converter = ucnv_open(charsets[i].name, &err);
		if (U_FAILURE(err))
			charsets[i].converter = NULL;
	}
	if (charset_find("windows-1252") == NULL)
		return ERR_INTERNAL;
	charset_guesser = uchardet_new();
	return charset_guesser == NULL ? ERR_NOMEM : 0;
}

void
charset_fini(void)
{
	size_t i;

	for (i = 0; i < CHARSETS; i++) {
		if (charsets[i].converter != NULL)
			ucnv_close(charsets[i].converter);
		charsets[i].converter = NULL;
	}
	if (charset_utf8 != NULL)
		ucnv_close(charset_utf8);
	charset_utf8 = NULL;
	if (charset_guesser != NULL)
		uchardet_delete(charset_guesser);
	charset_guesser = NULL;
}

const char *
charset_name(const struct charset *charset)
{
	return charset == NULL ? "UTF-8" : charset->name;
}

static bool
charset_has_name(const struct charset *charset, const char *name)
{
	const char *alias = charset->aliases;
	char one[32];
	size_t len;

	if (ucnv_compareNames(charset->name, name) == 0)
		return true;
	for (; *alias != '\0'; alias += len) {
		alias += strspn(alias, " ");
		len = strcspn(alias, " ");
		if (len == 0 || len >= sizeof(one))
			continue;
		memcpy(one, alias, len);
		one[len] = '\0';
		if (ucnv_compareNames(one, name) == 0)
			return true;
	}
	return false;
}

struct charset *
charset_find(const char *name)
{
	size_t i;

	for (i = 0; i < CHARSETS; i++)
		if (charsets[i].converter != NULL &&
		    charset_has_name(&charsets[i], name))
			return &charsets[i];
	return NULL;
}

/*
 * Valid UTF-8 but for a character that the sample's end cuts in two.  A shorter
 * sample is the whole text: that was cut only if it has whole characters of
 * UTF-8 as well.
 */
static bool
is_utf8_sample(const char *sample, size_t len)
{
	size_t cut;

	for (cut = 0; cut < 4 && cut <= len; cut++) {
		if (!utf8_is_valid(sample, len - cut))
			continue;
		return cut == 0 || ((len >= INPUT_SAMPLE_MAX ||
			!bytes_are_ascii(sample, len - cut)) &&
			(unsigned char)sample[len - cut] >= 0xC2 &&
			(unsigned char)sample[len - cut] <= 0xF4);
	}
	return false;
}

/* Encodings that shift between sets with escapes and stay 7-bit. */
static bool
has_shifts(const char *sample, size_t len)
{
	return (memchr(sample, 0x1B, len) != NULL &&
		   bytes_find(sample, len, "\x1B$", 2) != NULL) ||
	    (memchr(sample, '~', len) != NULL &&
		bytes_find(sample, len, "~{", 2) != NULL);
}

/* True for code points that texts are made of: no control characters, no
 * surrogates, no private use, nothing beyond the assigned planes. */
static bool
is_plausible(uint32_t c)
{
	if (c < 0x20)
		return c == '\n' || c == '\r' || c == '\t' || c == '\f';
	return (c < 0x7F || c >= 0xA0) && (c < 0xD800 || c >= 0xF900) &&
	    c < 0x20000 && (c & 0xFFFE) != 0xFFFE;
}

/* How many of the units of that width and order are plausible characters. */
static size_t
count_plausible(const unsigned char *s, size_t len, unsigned width, bool is_big)
{
	size_t i, n = 0;
	uint32_t c;

	for (i = 0; i + width <= len; i += width) {
		if (width == 2)
			c = is_big ? (uint32_t)s[i] << 8 | s[i + 1]
				   : (uint32_t)s[i + 1] << 8 | s[i];
		else
			c = is_big ? (uint32_t)s[i] << 24 |
				(uint32_t)s[i + 1] << 16 |
				(uint32_t)s[i + 2] << 8 | s[i + 3]
				   : (uint32_t)s[i + 3] << 24 |
				(uint32_t)s[i + 2] << 16 |
				(uint32_t)s[i + 1] << 8 | s[i];
		n += is_plausible(c);
	}
	return n;
}

/*
 * UTF-16 without a mark, zeros of which stand on the side that the order
 * wants.  Nearly all units must be characters; and since any two letters of
 * ASCII make an ideograph, either most units have a zero, or the bytes are
 * not those of a plain text.
 */
static bool
is_unmarked_16(const unsigned char *s, size_t len, bool is_big, size_t zeros)
{
	size_t units = len / 2, i, beyond = 0;

	for (i = 0; i < len; i++)
		beyond += s[i] >= 0x80;
	return (zeros * 2 > units || beyond * 8 > len) &&
	    count_plausible(s, len, 2, is_big) * 32 >= units * 31;
}

/* Without a mark: zeroes must fall on one side of the units, as those of
 * spaces, line ends and Latin letters do. */
static struct charset *
detect_unmarked_wide(const unsigned char *s, size_t len)
{
	size_t zeros[4] = {0}, i, units = len / 4, low, high;

	if (memchr(s, 0, len) == NULL)
		return NULL;
	for (i = 0; i < len; i++)
		zeros[i & 3] += s[i] == 0;
	if (units >= 2 && zeros[3] == units &&
	    count_plausible(s, len, 4, false) == units)
		return &charsets[CHARSET_UTF_32LE];
	if (units >= 2 && zeros[0] == units &&
	    count_plausible(s, len, 4, true) == units)
		return &charsets[CHARSET_UTF_32BE];
	low = zeros[0] + zeros[2];
	high = zeros[1] + zeros[3];
	if (high > 8 * low && is_unmarked_16(s, len, false, high))
		return &charsets[CHARSET_UTF_16LE];
	if (low > 8 * high && is_unmarked_16(s, len, true, low))
		return &charsets[CHARSET_UTF_16BE];
	return NULL;
}

struct charset *
charset_detect_wide(const char *sample, size_t len)
{
	/* The longer mark first: one begins with the other. */
	if (len >= 4 && memcmp(sample, "\xFF\xFE\0\0", 4) == 0)
		return &charsets[CHARSET_UTF_32LE];
	if (len >= 4 && memcmp(sample, "\0\0\xFE\xFF", 4) == 0)
		return &charsets[CHARSET_UTF_32BE];
	if (len >= 2 && memcmp(sample, "\xFF\xFE", 2) == 0)
		return &charsets[CHARSET_UTF_16LE];
	if (len >= 2 && memcmp(sample, "\xFE\xFF", 2) == 0)
		return &charsets[CHARSET_UTF_16BE];
	return detect_unmarked_wide((const unsigned char *)sample,
	    len & ~(size_t)3);
}

static struct charset *
charset_guess(const char *sample, size_t len)
{
	struct charset *charset = NULL;

	uchardet_reset(charset_guesser);
	if (uchardet_handle_data(charset_guesser, sample, len) == 0) {
		uchardet_data_end(charset_guesser);
		charset = charset_find(uchardet_get_charset(charset_guesser));
	}
	return charset == NULL ? charset_find("windows-1252") : charset;
}

struct charset *
charset_detect(const char *sample, size_t len, const char *declared,
    bool *ret_is_sure)
{
	struct charset *charset;

	*ret_is_sure = true;
	if (len >= 3 && memcmp(sample, "\xEF\xBB\xBF", 3) == 0)
		return NULL;
	charset = charset_detect_wide(sample, len);
	if (charset != NULL)
		return charset;
	if (bytes_are_ascii(sample, len)) {
		if (has_shifts(sample, len)) {
			charset = charset_guess(sample, len);
			if (charset != charset_find("windows-1252"))
				return charset;
		}
		*ret_is_sure = false;
		return NULL;
	}
	if (is_utf8_sample(sample, len))
		return NULL;
	if (declared != NULL) {
		charset = charset_find(declared);
		/* A wide charset would have been seen above. */
		if (charset != NULL && charset > &charsets[CHARSET_UTF_32BE])
			return charset;
	}
	return charset_guess(sample, len);
}

void
charset_reset(struct charset *charset)
{
	ucnv_reset(charset->converter);
	ucnv_reset(charset_utf8);
	charset_pivot_source = charset_pivot_target = charset_pivot;
}

size_t
charset_decode(struct charset *charset, const char **bytes,
    const char *bytes_end, bool is_last, char *text, size_t size,
    bool *ret_is_full)
{
	UErrorCode err = U_ZERO_ERROR;
	const char *first = *bytes;
	char *to = text;

	ucnv_convertEx(charset_utf8, charset->converter, &to, text + size,
	    bytes, bytes_end, charset_pivot, &charset_pivot_source,
	    &charset_pivot_target, charset_pivot + PIVOT_SIZE, 0, is_last,
	    &err);
	*ret_is_full = err == U_BUFFER_OVERFLOW_ERROR;
	/* What a converter chokes on is skipped, so that there is an end. */
	if (U_FAILURE(err) && !*ret_is_full && *bytes == first &&
	    first < bytes_end) {
		++*bytes;
		charset_reset(charset);
	}
	return (size_t)(to - text);
}
