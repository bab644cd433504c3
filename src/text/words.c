/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slow half of the word cursor.  Three kinds of characters make terms:
 *
 *	MEMBER	letters, digits, marks: a run of them is one term
 *	PAIRED	members of scripts without spaces: overlapping bigrams
 *	JOINER	zero-width joiners and soft hyphens: inside a run they are
 *		skipped, they begin none
 *
 * Folding goes character by character, so that a term's place in the text is
 * known without a map: full case folding, compatibility decomposition, case
 * folding again (a decomposition may give capitals), then marks are dropped.
 * Only marks that are diacritics go: the vowel signs of Indic scripts are
 * marks as well, and a word without them is another word.  Hangul and voiced
 * kana are composed again, which keeps a syllable one character.
 */
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "base/utf8.h"
#include "text/words.h"
#include "text/words_scan.h"

enum kind { KIND_NONE, KIND_MEMBER, KIND_PAIRED, KIND_JOINER };

/* The longest: U+FDFA, an Arabic phrase of 18 characters. */
#define FOLD_MAX 40

struct folded {
	uint32_t chars[FOLD_MAX];
	size_t count;
};

struct range {
	uint32_t first, last;
};

/* Han, kana, Thai, Lao, Myanmar, Khmer; ascending. */
static const struct range paired_ranges[] = {
	{ 0x0E00, 0x0EFF },   { 0x1000, 0x109F },   { 0x1780, 0x17FF },
	{ 0x19E0, 0x19FF },   { 0x2E80, 0x2FDF },   { 0x3005, 0x3007 },
	{ 0x3021, 0x302F },   { 0x3040, 0x30FF },   { 0x31F0, 0x31FF },
	{ 0x3400, 0x4DBF },   { 0x4E00, 0x9FFF },   { 0xA9E0, 0xA9FF },
	{ 0xAA60, 0xAA7F },   { 0xF900, 0xFAFF },   { 0xFF66, 0xFF9F },
	{ 0x1AFF0, 0x1B16F }, { 0x20000, 0x3FFFD },
};

static bool
is_paired(uint32_t c)
{
	size_t i;

	if (c < paired_ranges[0].first)
		return false;
	for (i = 0; i < sizeof(paired_ranges) / sizeof(*paired_ranges); i++) {
		if (c <= paired_ranges[i].last)
			return c >= paired_ranges[i].first;
	}
	return false;
}

static bool
is_ascii_member(uint32_t c)
{
	return c - '0' < 10 || (c | 0x20) - 'a' < 26;
}

static enum kind
kind_of(uint32_t c)
{
	if (c < 0x80)
		return is_ascii_member(c) ? KIND_MEMBER : KIND_NONE;
	if (c == UTF8_BAD)
		return KIND_NONE;
	if ((c >= 0x200B && c <= 0x200D) || c == 0xAD || c == 0x2060)
		return KIND_JOINER;
	if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3041 && c <= 0x3096))
		return KIND_PAIRED;
	if ((U_GET_GC_MASK((UChar32)c) &
		(U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) == 0)
		return KIND_NONE;
	return is_paired(c) ? KIND_PAIRED : KIND_MEMBER;
}

/* A mark that only decorates the letter before it. */
static bool
is_diacritic(UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	UScriptCode script;

	if (c >= 0x300 && c <= 0x36F)
		return true;
	if ((U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK)) == 0)
		return false;
	script = uscript_getScript(c, &status);
	return script == USCRIPT_INHERITED || script == USCRIPT_COMMON ||
	    script == USCRIPT_LATIN || script == USCRIPT_GREEK ||
	    script == USCRIPT_CYRILLIC || script == USCRIPT_HEBREW ||
	    script == USCRIPT_ARABIC || script == USCRIPT_SYRIAC;
}

static void
fold_put(struct folded *folded, UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfc;
	UChar32 pair;

	if (c < 0x80) {
		if (!is_ascii_member((uint32_t)c))
			return;
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
	} else {
		c = u_foldCase(c, U_FOLD_CASE_DEFAULT);
	}
	if (folded->count > 0 && ((c >= 0x1161 && c <= 0x11C2) ||
				     c == 0x3099 || c == 0x309A)) {
		nfc = unorm2_getNFCInstance(&status);
		pair = U_FAILURE(status) ? -1 : unorm2_composePair(nfc,
		    (UChar32)folded->chars[folded->count - 1], c);
		if (pair >= 0) {
			folded->chars[folded->count - 1] = (uint32_t)pair;
			return;
		}
	}
	if (c >= 0x300 && is_diacritic(c))
		return;
	if (c >= 0x80 && kind_of((uint32_t)c) == KIND_NONE)
		return;
	if (folded->count < FOLD_MAX)
		folded->chars[folded->count++] = (uint32_t)c;
}

/* U16_NEXT without its mix of signs. */
static UChar32
next_unit(const UChar *text, int32_t len, int32_t *i)
{
	UChar unit = text[(*i)++];

	if (U16_IS_LEAD(unit) && *i < len && U16_IS_TRAIL(text[*i]))
		return (UChar32)U16_GET_SUPPLEMENTARY(unit, text[(*i)++]);
	return unit;
}

static void
fold_decomposed(struct folded *folded, UChar32 c)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfkd;
	UChar parts[FOLD_MAX];
	int32_t len, i = 0;
	UChar32 part;

	if (c < 0x80 || (c >= 0xAC00 && c <= 0xD7A3) ||
	    (c >= 0x3041 && c <= 0x30FE)) {
		fold_put(folded, c);
		return;
	}
	nfkd = unorm2_getNFKDInstance(&status);
	len = U_FAILURE(status) ? -1 :
		unorm2_getDecomposition(nfkd, c, parts, FOLD_MAX, &status);
	if (len < 0 || U_FAILURE(status)) {
		fold_put(folded, c);
		return;
	}
	while (i < len) {
		part = next_unit(parts, len, &i);
		fold_put(folded, part);
	}
}

/* Add what c folds to; it may be nothing, and may change the last one. */
static void
fold_char(struct folded *folded, uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar from[2], to[8];
	int32_t from_len = 0, len, i = 0;
	UChar32 part;

	if (c < 0x80 || (c >= 0x4E00 && c <= 0x9FFF)) {
		fold_put(folded, (UChar32)c);
		return;
	}
	U16_APPEND_UNSAFE(from, from_len, c);
	len = u_strFoldCase(to, 8, from, from_len, U_FOLD_CASE_DEFAULT,
	    &status);
	if (U_FAILURE(status)) {
		fold_put(folded, (UChar32)c);
		return;
	}
	while (i < len) {
		part = next_unit(to, len, &i);
		fold_decomposed(folded, part);
	}
}

/* The characters at the end of out that a composition may still change. */
static size_t
last_char(const char *out, size_t len)
{
	size_t at = len;

	if (at == 0)
		return 0;
	do {
		at--;
	} while (at > 0 && ((unsigned char)out[at] & 0xC0) == 0x80);
	return at;
}

/*
 * Put what c folds to behind the *len bytes of out.  False when there is no
 * room below WORD_BYTES_MAX; nothing is changed then.
 */
static bool
put_folded(char *out, size_t *len, uint32_t c)
{
	struct folded folded = { .count = 0 };
	char bytes[4 * FOLD_MAX];
	size_t from = *len, used = 0, i, step;
	uint32_t last;

	if (c >= 0x1161) {
		/* Jamo and voicing marks join the character before. */
		from = last_char(out, *len);
		if (from < *len) {
			last = utf8_decode(out + from, *len - from, &step);
			if (last >= 0x1100)
				folded.chars[folded.count++] = last;
			else
				from = *len;
		}
	}
	fold_char(&folded, c);
	for (i = 0; i < folded.count; i++)
		used += utf8_encode(folded.chars[i], bytes + used);
	if (used > WORD_BYTES_MAX)
		used = utf8_floor(bytes, used, WORD_BYTES_MAX);
	if (from + used > WORD_BYTES_MAX)
		return false;
	memcpy(out + from, bytes, used);
	*len = from + used;
	return true;
}

/* A run of members from scan->pos on, which is one. */
static bool
scan_run(struct words_scan *scan)
{
	size_t pos = scan->pos, len = 0, step;
	enum kind kind;
	uint32_t c;

	while (pos < scan->len) {
		c = utf8_decode(scan->text + pos, scan->len - pos, &step);
		if (is_ascii_member(c)) {
			if (len == WORD_BYTES_MAX)
				break;
			scan->bytes[len++] =
			    (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
			pos++;
			continue;
		}
		kind = kind_of(c);
		if (kind != KIND_MEMBER && kind != KIND_JOINER)
			break;
		if (kind == KIND_MEMBER && !put_folded(scan->bytes, &len, c))
			break;
		pos += step;
	}
	scan->start = scan->pos;
	scan->end = scan->pos = pos;
	scan->term = scan->bytes;
	scan->term_len = len;
	return len > 0;
}

/* Voicing marks of kana that stand behind their letter. */
static bool
is_voicing(uint32_t c)
{
	return c == 0x3099 || c == 0x309A || c == 0xFF9E || c == 0xFF9F;
}

/*
 * The paired character at pos with its voicing marks, put behind the *len
 * bytes of out; returns where the next one begins, or pos when there is none.
 */
static size_t
take_paired(const struct words_scan *scan, size_t pos, char *out, size_t *len)
{
	size_t step;
	uint32_t c;

	if (pos >= scan->len)
		return pos;
	c = utf8_decode(scan->text + pos, scan->len - pos, &step);
	if (kind_of(c) != KIND_PAIRED || !put_folded(out, len, c))
		return pos;
	for (pos += step; pos < scan->len; pos += step) {
		c = utf8_decode(scan->text + pos, scan->len - pos, &step);
		if (!is_voicing(c) || !put_folded(out, len, c))
			break;
	}
	return pos;
}

/*
 * A bigram of paired characters from scan->pos on.  The cursor moves by one
 * character, and past the second one when it is the run's last: so that it
 * does not stand alone as well.
 */
static bool
scan_pair(struct words_scan *scan)
{
	char third[WORD_BYTES_MAX];
	size_t next, end, len = 0, third_len = 0;

	next = take_paired(scan, scan->pos, scan->bytes, &len);
	end = take_paired(scan, next, scan->bytes, &len);
	scan->start = scan->pos;
	scan->end = end;
	scan->pos = take_paired(scan, end, third, &third_len) > end ? next :
	    end;
	scan->term = scan->bytes;
	scan->term_len = len;
	return len > 0;
}

bool
words_scan_slow(struct words_scan *scan)
{
	size_t step;
	uint32_t c;

	while (scan->pos < scan->len) {
		c = utf8_decode(scan->text + scan->pos, scan->len - scan->pos,
		    &step);
		switch (kind_of(c)) {
		case KIND_MEMBER:
			if (scan_run(scan))
				return true;
			break;
		case KIND_PAIRED:
			if (scan_pair(scan))
				return true;
			break;
		case KIND_NONE:
		case KIND_JOINER:
			scan->pos += step;
			break;
		}
	}
	return false;
}

int
words_each(const char *text, size_t len, words_fn *fn, void *arg)
{
	struct words_scan scan;
	int stop;

	words_scan_init(&scan, text, len);
	while (words_scan_next(&scan)) {
		stop = fn(arg, scan.term, scan.term_len, scan.start, scan.end);
		if (stop != 0)
			return stop;
	}
	return 0;
}

bool
words_is_joined(uint32_t c)
{
	return kind_of(c) == KIND_MEMBER;
}

bool
words_is_paired(uint32_t c)
{
	return kind_of(c) == KIND_PAIRED;
}
