/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/utf8.h"

static bool
is_tail(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

uint32_t
utf8_decode(const char *text, size_t len, size_t *ret_len)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t c;

	*ret_len = 1;
	if (s[0] < 0x80)
		return s[0];
	if (s[0] >= 0xC2 && s[0] <= 0xDF && len >= 2 && is_tail(text[1])) {
		*ret_len = 2;
		return (uint32_t)(s[0] & 0x1F) << 6 | (s[1] & 0x3Fu);
	}
	if ((s[0] & 0xF0) == 0xE0 && len >= 3 && is_tail(text[1]) &&
	    is_tail(text[2])) {
		c = (uint32_t)(s[0] & 0x0F) << 12 |
		    (uint32_t)(s[1] & 0x3F) << 6 | (s[2] & 0x3Fu);
		if (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF))
			return UTF8_BAD;
		*ret_len = 3;
		return c;
	}
	if (s[0] >= 0xF0 && s[0] <= 0xF4 && len >= 4 && is_tail(text[1]) &&
	    is_tail(text[2]) && is_tail(text[3])) {
		c = (uint32_t)(s[0] & 0x07) << 18 |
		    (uint32_t)(s[1] & 0x3F) << 12 |
		    (uint32_t)(s[2] & 0x3F) << 6 | (s[3] & 0x3Fu);
		if (c < 0x10000 || c > 0x10FFFF)
			return UTF8_BAD;
		*ret_len = 4;
		return c;
	}
	return UTF8_BAD;
}

size_t
utf8_encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

bool
utf8_is_valid(const char *text, size_t len)
{
	size_t i, step;
	uint64_t word;

	for (i = 0; i < len;) {
		if (len - i >= sizeof(word)) {
			memcpy(&word, text + i, sizeof(word));
			if ((word & 0x8080808080808080ULL) == 0) {
				i += sizeof(word);
				continue;
			}
		}
		if (utf8_decode(text + i, len - i, &step) == UTF8_BAD)
			return false;
		i += step;
	}
	return true;
}

size_t
utf8_floor(const char *text, size_t len, size_t max)
{
	size_t n;

	if (len <= max)
		return len;
	n = max;
	while (n > 0 && is_tail(text[n]))
		n--;
	return n;
}

size_t
utf8_count(const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += !is_tail(text[i]);
	return n;
}

void
utf8_trim(char *text)
{
	size_t len = strlen(text), head = len, step;

	while (head > 0 && len - head < 4 && is_tail(text[head - 1]))
		head--;
	if (head > 0)
		head--;
	if (head < len &&
	    utf8_decode(text + head, len - head, &step) == UTF8_BAD)
		text[head] = '\0';
}
