/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"
#include "extractor/pdf_marker.h"

#define NUMBER_LEN_MAX 5u

bool
pdf_is_bullet(uint32_t c)
{
	static const uint32_t bullets[] = {0x2022, 0x2023, 0x2043, 0x2219,
	    0x25A0, 0x25A1, 0x25AA, 0x25AB, 0x25B6, 0x25B8, 0x25BA, 0x25C6,
	    0x25CB, 0x25CF, 0x25E6, 0x2713, 0x2714, 0x2756, 0x27A2, 0x27A4,
	    0xB7, 0x30FB, 0xF0B7};
	size_t i;

	for (i = 0; i < sizeof(bullets) / sizeof(bullets[0]); i++)
		if (bullets[i] == c)
			return true;
	return false;
}

static bool
is_dash(uint32_t c)
{
	return c == '-' || c == '*' || c == '+' || c == 0x2013 ||
	    c == 0x2014 || c == 0x2212;
}

static size_t
blanks(const char *text, size_t len, size_t at)
{
	while (at < len && text[at] == ' ')
		at++;
	return at;
}

static bool
is_roman(char c)
{
	return c == 'i' || c == 'v' || c == 'x';
}

/* "12." "3)" "(4)" "[5]" "a)" "(b)" "iv." "ii)" but not "A." of a name. */
static size_t
number_len(const char *text, size_t len)
{
	size_t at = 0, from, i;
	bool is_digit = true, is_letter = true;
	char open = '\0', close;

	if (len > 0 && (text[0] == '(' || text[0] == '['))
		open = text[at++];
	for (from = at; at < len && at - from < NUMBER_LEN_MAX; at++)
		if (!(text[at] >= '0' && text[at] <= '9') &&
		    !(text[at] >= 'a' && text[at] <= 'z'))
			break;
	if (at == from || at >= len)
		return 0;
	for (i = from; i < at; i++) {
		is_digit = is_digit && text[i] <= '9';
		is_letter = is_letter && is_roman(text[i]);
	}
	is_letter = is_letter ||
	    (at - from == 1 && text[from] >= 'a' && text[from] <= 'z');
	close = text[at++];
	if (open == '[' ? close != ']' || !is_digit
	    : open == '('
		? close != ')' || !(is_digit || is_letter)
		: (close != ')' && close != '.') ||
		    (is_digit && at - from > 4) ||
		    !(is_digit || (is_letter && (close == ')' ||
				       at - from > 2))))
		return 0;
	return at < len && text[at] == ' ' ? at : 0;
}

enum pdf_marker
pdf_marker_of(const char *text, size_t len, size_t *ret_len)
{
	size_t step, at;
	uint32_t c;

	*ret_len = 0;
	if (len == 0)
		return MARKER_NONE;
	c = utf8_decode(text, len, &step);
	at = blanks(text, len, step);
	if (pdf_is_bullet(c) && at < len) {
		*ret_len = at;
		return MARKER_BULLET;
	}
	if (is_dash(c) && at > step && at < len) {
		*ret_len = at;
		return MARKER_DASH;
	}
	at = number_len(text, len);
	if (at == 0)
		return MARKER_NONE;
	*ret_len = blanks(text, len, at);
	return *ret_len < len ? MARKER_NUMBER : MARKER_NONE;
}
