/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "text/space.h"

static bool
is_wide_space(uint32_t c)
{
	return c == 0x85 || c == 0xA0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202F || c == 0x205F || c == 0x3000;
}

size_t
space_len(const char *text, size_t len)
{
	unsigned char c = (unsigned char)*text;
	size_t step;

	if (c < 0x80)
		return c == ' ' || (c >= 0x09 && c <= 0x0D) ||
			(c >= 0x1C && c <= 0x1F);
	/* All others begin with one of these. */
	if (c != 0xC2 && c != 0xE1 && c != 0xE2 && c != 0xE3)
		return 0;
	return is_wide_space(utf8_decode(text, len, &step)) ? step : 0;
}

size_t
space_blank_len(const char *text, size_t len)
{
	unsigned char c = (unsigned char)*text;
	uint32_t wide;
	size_t step;

	if (c < 0x80)
		return c == ' ' || c == '\t' || c == '\f' || c == '\r';
	if (c != 0xC2 && c != 0xE1 && c != 0xE2 && c != 0xE3)
		return 0;
	wide = utf8_decode(text, len, &step);
	if (wide == 0x85 || wide == 0x2028 || wide == 0x2029)
		return 0;
	return wide == 0x180E || is_wide_space(wide) ? step : 0;
}

void
space_trim(const char *text, size_t *start, size_t *end)
{
	size_t at, step;

	while (*start < *end) {
		step = space_len(text + *start, *end - *start);
		if (step == 0)
			break;
		*start += step;
	}
	while (*end > *start) {
		at = *end - 1;
		while (at > *start && *end - at < 4 &&
		    ((unsigned char)text[at] & 0xC0) == 0x80)
			at--;
		if (space_len(text + at, *end - at) != *end - at)
			break;
		*end = at;
	}
}
