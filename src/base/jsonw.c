/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "base/utf8.h"

void
jsonw_init(struct jsonw *w, struct buf *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
}

/* What stands before a value: a comma, unless it is the first or named. */
static void
jsonw_before(struct jsonw *w)
{
	uint64_t bit = (uint64_t)1 << w->depth;

	if (w->after_name) {
		w->after_name = false;
		return;
	}
	if ((w->has_member & bit) != 0)
		(void)buf_putc(w->out, ',');
	w->has_member |= bit;
}

static void
jsonw_open(struct jsonw *w, char c)
{
	jsonw_before(w);
	(void)buf_putc(w->out, c);
	ASSERT(w->depth < JSONW_DEPTH_MAX);
	w->depth++;
	w->has_member &= ~((uint64_t)1 << w->depth);
}

static void
jsonw_close(struct jsonw *w, char c)
{
	ASSERT(w->depth > 0 && !w->after_name);
	w->depth--;
	(void)buf_putc(w->out, c);
}

void
jsonw_object(struct jsonw *w)
{
	jsonw_open(w, '{');
}

void
jsonw_object_end(struct jsonw *w)
{
	jsonw_close(w, '}');
}

void
jsonw_array(struct jsonw *w)
{
	jsonw_open(w, '[');
}

void
jsonw_array_end(struct jsonw *w)
{
	jsonw_close(w, ']');
}

void
jsonw_name(struct jsonw *w, const char *name)
{
	size_t len = strlen(name);

	ASSERT(!w->after_name);
	jsonw_before(w);
	if (buf_reserve(w->out, len + 3) < 0)
		return;
	(void)buf_putc(w->out, '"');
	(void)buf_put(w->out, name, len);
	(void)buf_put(w->out, "\":", 2);
	w->after_name = true;
}

static void
jsonw_escape_ascii(struct jsonw *w, unsigned char c)
{
	static const char short_of[] = {
	    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
	    ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
	char pair[2] = {'\\', '\0'};

	if (c < sizeof(short_of) && short_of[c] != '\0') {
		pair[1] = short_of[c];
		(void)buf_put(w->out, pair, 2);
	} else {
		(void)buf_printf(w->out, "\\u%04x", c);
	}
}

static void
jsonw_escape_wide(struct jsonw *w, uint32_t c)
{
	if (c < 0x10000) {
		(void)buf_printf(w->out, "\\u%04x", c);
		return;
	}
	c -= 0x10000;
	(void)buf_printf(w->out, "\\u%04x\\u%04x", 0xD800 + (c >> 10),
	    0xDC00 + (c & 0x3FF));
}

static bool
is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

void
jsonw_stringn(struct jsonw *w, const char *text, size_t len)
{
	size_t i = 0, start, step;
	uint32_t c;

	jsonw_before(w);
	if (buf_reserve(w->out, len + 2) < 0)
		return;
	(void)buf_putc(w->out, '"');
	while (i < len) {
		for (start = i; i < len && is_plain((unsigned char)text[i]);)
			i++;
		(void)buf_put(w->out, text + start, i - start);
		if (i == len)
			break;
		if ((unsigned char)text[i] < 0x80) {
			jsonw_escape_ascii(w, (unsigned char)text[i++]);
			continue;
		}
		c = utf8_decode(text + i, len - i, &step);
		if (c == UTF8_BAD)
			c = 0xFFFD;
		if (w->ascii)
			jsonw_escape_wide(w, c);
		else if (c == 0xFFFD)
			(void)buf_put(w->out, "\xEF\xBF\xBD", 3);
		else
			(void)buf_put(w->out, text + i, step);
		i += step;
	}
	(void)buf_putc(w->out, '"');
}

void
jsonw_string(struct jsonw *w, const char *text)
{
	if (text == NULL)
		jsonw_null(w);
	else
		jsonw_stringn(w, text, strlen(text));
}

void
jsonw_uint(struct jsonw *w, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	jsonw_before(w);
	(void)buf_put(w->out, digits + at, sizeof(digits) - at);
}

void
jsonw_int(struct jsonw *w, int64_t value)
{
	if (value >= 0) {
		jsonw_uint(w, (uint64_t)value);
		return;
	}
	jsonw_before(w);
	(void)buf_printf(w->out, "%lld", (long long)value);
}

void
jsonw_bool(struct jsonw *w, bool value)
{
	jsonw_before(w);
	(void)buf_puts(w->out, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w)
{
	jsonw_before(w);
	(void)buf_put(w->out, "null", 4);
}

void
jsonw_real(struct jsonw *w, double value, int digits)
{
	char text[64];
	size_t len;

	if (!isfinite(value) || fabs(value) > 1e18) {
		jsonw_null(w);
		return;
	}
	(void)snprintf(text, sizeof(text), "%.*f", digits, value);
	len = strlen(text);
	if (strchr(text, '.') != NULL) {
		while (text[len - 1] == '0')
			len--;
		if (text[len - 1] == '.')
			len--;
	}
	jsonw_before(w);
	(void)buf_put(w->out, text, len);
}

void
jsonw_raw(struct jsonw *w, const char *json, size_t len)
{
	jsonw_before(w);
	(void)buf_put(w->out, json, len);
}

static void
put_digits(char *out, int width, int64_t value)
{
	while (width-- > 0) {
		out[width] = (char)('0' + value % 10);
		value /= 10;
	}
}

/*
 * The civil date of a day count: Howard Hinnant, "chrono-compatible low-level
 * date algorithms", days_to_civil; years 1970 to 9999 here.
 */
void
time_format(int64_t us, char out[TIME_TEXT_SIZE])
{
	static const char shape[TIME_TEXT_SIZE] = "0000-00-00T00:00:00.000000Z";
	int64_t second, day, era, doe, yoe, doy, month, year;

	if (us < 0)
		us = 0;
	if (us > 253402300799999999LL)
		us = 253402300799999999LL;
	second = us / 1000000;
	day = second / 86400 + 719468;
	era = day / 146097;
	doe = day - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	month = (5 * doy + 2) / 153;
	memcpy(out, shape, sizeof(shape));
	put_digits(out + 8, 2, doy - (153 * month + 2) / 5 + 1);
	month = month < 10 ? month + 3 : month - 9;
	year = yoe + era * 400 + (month <= 2);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 11, 2, second / 3600 % 24);
	put_digits(out + 14, 2, second / 60 % 60);
	put_digits(out + 17, 2, second % 60);
	put_digits(out + 20, 6, us % 1000000);
}

void
jsonw_time(struct jsonw *w, int64_t us)
{
	char text[TIME_TEXT_SIZE + 2];

	if (us == 0) {
		jsonw_null(w);
		return;
	}
	text[0] = '"';
	time_format(us, text + 1);
	text[TIME_TEXT_SIZE] = '"';
	jsonw_raw(w, text, TIME_TEXT_SIZE + 1);
}

void
jsonw_nstring(struct jsonw *w, const char *name, const char *text)
{
	jsonw_name(w, name);
	jsonw_string(w, text);
}

void
jsonw_nint(struct jsonw *w, const char *name, int64_t value)
{
	jsonw_name(w, name);
	jsonw_int(w, value);
}

void
jsonw_nuint(struct jsonw *w, const char *name, uint64_t value)
{
	jsonw_name(w, name);
	jsonw_uint(w, value);
}

void
jsonw_nbool(struct jsonw *w, const char *name, bool value)
{
	jsonw_name(w, name);
	jsonw_bool(w, value);
}

void
jsonw_nnull(struct jsonw *w, const char *name)
{
	jsonw_name(w, name);
	jsonw_null(w);
}

void
jsonw_nreal(struct jsonw *w, const char *name, double value, int digits)
{
	jsonw_name(w, name);
	jsonw_real(w, value, digits);
}

void
jsonw_ntime(struct jsonw *w, const char *name, int64_t us)
{
	jsonw_name(w, name);
	jsonw_time(w, us);
}
