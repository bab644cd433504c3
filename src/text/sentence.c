/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "text/sentence.h"

/* Words that end in a full stop in the middle of a sentence. */
static const char *const abbreviations[] = { "mr", "mrs", "ms", "dr", "prof",
	"st", "vs", "e.g", "i.e", "cf", "fig", "figs", "no", "nos", "vol",
	"pp", "approx", "inc", "ltd", "jr", "sr", "eq", "eqs", "sec", "ref",
	"refs", "al", "ca", "bzw", "z.b", "d.h", "u.a", "vgl", "nr", "abs",
	"str", "sra", "mme", "sig", "dott", "bijv" };

#define ABBREVIATION_BYTES_MAX 6

/* Full stops that need a blank behind them, beside those of ASCII. */
static bool
is_stop(uint32_t c)
{
	return c == '.' || c == '?' || c == '!' || c == 0x2026 ||
	    c == 0x964 || c == 0x965 || c == 0x61F || c == 0x6D4 ||
	    c == 0x589 || c == 0x1362 || c == 0x17D4 || c == 0x104B;
}

/* Those that do not: their scripts write no blanks. */
static bool
is_wide_stop(uint32_t c)
{
	return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF61 ||
	    c == 0xFF0E;
}

static bool
is_closing(uint32_t c)
{
	return c == '"' || c == '\'' || c == ')' || c == ']' || c == 0x201D ||
	    c == 0x2019 || c == 0xBB || c == 0x300D || c == 0x300F ||
	    c == 0xFF09;
}

/* The character that ends before *at, which moves to its begin; 0: none. */
static uint32_t
char_before(const char *text, size_t *at)
{
	size_t head = *at, step;

	if (head == 0)
		return 0;
	do {
		head--;
	} while (head > 0 && *at - head < 4 &&
	    ((unsigned char)text[head] & 0xC0) == 0x80);
	step = *at - head;
	*at = head;
	return utf8_decode(text + head, step, &step);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* True when the full stop at text[stop] belongs to an abbreviation. */
static bool
is_abbreviation(const char *text, size_t stop)
{
	char word[ABBREVIATION_BYTES_MAX + 1];
	size_t head = stop, i, len;

	while (head > 0 && stop - head <= ABBREVIATION_BYTES_MAX &&
	    (is_letter(text[head - 1]) || text[head - 1] == '.'))
		head--;
	len = stop - head;
	if (len == 0 || len > ABBREVIATION_BYTES_MAX)
		return false;
	/* Initials: "J. Smith". */
	if (len == 1)
		return text[head] >= 'A' && text[head] <= 'Z';
	for (i = 0; i < len; i++)
		word[i] = is_letter(text[head + i]) ?
		    (char)(text[head + i] | 0x20) : text[head + i];
	word[len] = '\0';
	for (i = 0; i < sizeof(abbreviations) / sizeof(*abbreviations); i++) {
		if (strcmp(word, abbreviations[i]) == 0)
			return true;
	}
	return false;
}

/* True when a sentence may begin with what stands at text[at]. */
static bool
is_begin(const char *text, size_t len, size_t at)
{
	size_t step;
	uint32_t c;

	while (at < len && (text[at] == ' ' || text[at] == '\n'))
		at++;
	if (at == len)
		return true;
	c = utf8_decode(text + at, len - at, &step);
	if (c < 0x80)
		return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c != '\0' && strchr("\"'([`*-#", (int)c) != NULL);
	return !u_islower((UChar32)c);
}

bool
sentence_ends(const char *text, size_t len, size_t at)
{
	size_t before = at;
	uint32_t c;
	int closings = 0;
	bool is_blank = text[at] == ' ' || text[at] == '\n';

	/* Nearly every blank ends here: a letter stands before it. */
	if (is_blank && is_letter(text[at - 1]))
		return false;
	if (!is_blank && (unsigned char)text[at - 1] < 0x80)
		return false;
	c = char_before(text, &before);
	while (is_closing(c) && closings++ < 3)
		c = char_before(text, &before);
	if (is_wide_stop(c)) {
		/* A closing quote still belongs to this sentence. */
		(void)utf8_decode(text + at, len - at, &before);
		before += at;
		return !is_closing(char_before(text, &before));
	}
	if (!is_blank || !is_stop(c) || !is_begin(text, len, at))
		return false;
	return c != '.' || closings > 0 || !is_abbreviation(text, before);
}
