/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "extractor/charset.h"
#include "extractor/codepage.h"
#include "extractor/le.h"

/* Those that are not called "cp" and their number. */
static const struct {
	unsigned codepage;
	const char *name;
} names[] = {
    {708, "ISO-8859-6"}, {819, "windows-1252"}, {874, "windows-874"},
    {10000, "macintosh"}, {10001, "Shift_JIS"}, {10002, "Big5"},
    {10003, "windows-949"}, {10007, "x-mac-cyrillic"},
    {10008, "GB18030"}, {10017, "x-mac-cyrillic"},
    {10029, "x-mac-centraleurroman"}, {20127, "windows-1252"},
    {20866, "KOI8-R"}, {20932, "EUC-JP"}, {20936, "GB18030"},
    {21866, "KOI8-U"}, {28591, "windows-1252"}, {28592, "ISO-8859-2"},
    {28593, "ISO-8859-3"}, {28594, "ISO-8859-4"}, {28595, "ISO-8859-5"},
    {28596, "ISO-8859-6"}, {28597, "ISO-8859-7"}, {28598, "ISO-8859-8"},
    {28599, "ISO-8859-9"}, {28603, "ISO-8859-13"}, {28605, "ISO-8859-15"},
    {38598, "ISO-8859-8"}, {50220, "ISO-2022-JP"}, {50221, "ISO-2022-JP"},
    {50222, "ISO-2022-JP"}, {50225, "ISO-2022-KR"},
    {50227, "ISO-2022-CN"}, {51932, "EUC-JP"}, {51936, "GB18030"},
    {51949, "EUC-KR"}, {52936, "HZ-GB-2312"}, {54936, "GB18030"},
};

/* The low ten bits of a language's number: the language without its country.
 * What is not here is written in the Latin letters of 1252. */
static const struct {
	unsigned short language, codepage;
} languages[] = {
    {0x01, 1256}, /* Arabic */	   {0x02, 1251}, /* Bulgarian */
    {0x05, 1250}, /* Czech */	   {0x08, 1253}, /* Greek */
    {0x0D, 1255}, /* Hebrew */	   {0x0E, 1250}, /* Hungarian */
    {0x11, 932},  /* Japanese */   {0x12, 949},	 /* Korean */
    {0x15, 1250}, /* Polish */	   {0x18, 1250}, /* Romanian */
    {0x19, 1251}, /* Russian */	   {0x1A, 1250}, /* Croatian */
    {0x1B, 1250}, /* Slovak */	   {0x1C, 1250}, /* Albanian */
    {0x1E, 874},  /* Thai */	   {0x1F, 1254}, /* Turkish */
    {0x20, 1256}, /* Urdu */	   {0x22, 1251}, /* Ukrainian */
    {0x23, 1251}, /* Belarusian */ {0x24, 1250}, /* Slovenian */
    {0x25, 1257}, /* Estonian */   {0x26, 1257}, /* Latvian */
    {0x27, 1257}, /* Lithuanian */ {0x29, 1256}, /* Persian */
    {0x2A, 1258}, /* Vietnamese */ {0x2C, 1254}, /* Azeri */
    {0x2F, 1251}, /* Macedonian */ {0x3F, 1251}, /* Kazakh */
    {0x44, 1251}, /* Tatar */
};

struct charset *
codepage_charset(unsigned codepage)
{
	struct charset *charset = NULL;
	char name[16];
	size_t i;

	if (codepage == CODEPAGE_UTF_8)
		return NULL;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].codepage == codepage)
			charset = charset_find(names[i].name);
	if (charset == NULL && codepage < 10000) {
		(void)snprintf(name, sizeof(name), "cp%u", codepage);
		charset = charset_find(name);
	}
	return charset != NULL ? charset : charset_find("windows-1252");
}

bool
codepage_is_lead(unsigned codepage, unsigned char byte)
{
	switch (codepage) {
	case 932:
	case 10001:
		return (byte >= 0x81 && byte <= 0x9F) ||
		    (byte >= 0xE0 && byte <= 0xFC);
	case 936:
	case 949:
	case 950:
	case 1361:
	case 10002:
	case 10003:
	case 10008:
	case 20936:
	case 54936:
		return byte >= 0x81 && byte <= 0xFE;
	default:
		return false;
	}
}

unsigned
codepage_of_language(unsigned language)
{
	size_t i;

	switch (language) {
	case 0x0804: /* Chinese: of the mainland and Singapore, simplified */
	case 0x1004:
	case 0x0004:
		return 936;
	case 0x0404:
	case 0x0C04:
	case 0x1404:
		return 950;
	case 0x0C1A: /* Serbian in Cyrillic letters */
	case 0x1C1A:
		return 1251;
	default:
		break;
	}
	for (i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (languages[i].language == (language & 0x3FF))
			return languages[i].codepage;
	return CODEPAGE_LATIN;
}

/* Put what may stand in a text; *was_cr: the character before. */
static void
put_clean(uint32_t c, bool *was_cr, struct buf *out)
{
	char text[4];

	if (c == '\n' && *was_cr) {
		*was_cr = false;
		return;
	}
	*was_cr = c == '\r';
	if (c == '\r' || c == 0x0B)
		c = '\n';
	if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0))
		return;
	(void)buf_put(out, text, utf8_encode(c, text)); /* sticks */
}

static void
put_utf8(const char *text, size_t len, bool *was_cr, struct buf *out)
{
	size_t i = 0, step;
	uint32_t c;

	while (i < len) {
		c = utf8_decode(text + i, len - i, &step);
		put_clean(c != UTF8_BAD ? c : 0xFFFD, was_cr, out);
		i += step;
	}
}

static void
put_utf16(const unsigned char *bytes, size_t len, bool is_terminated,
    struct buf *out)
{
	bool was_cr = false;
	uint32_t c, low;
	size_t i;

	for (i = 0; i + 2 <= len; i += 2) {
		c = le16(bytes + i);
		if (c == 0 && is_terminated)
			break;
		if (c >= 0xD800 && c < 0xE000) {
			low = i + 4 <= len ? le16(bytes + i + 2) : 0;
			if (c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
				c = 0x10000 + ((c - 0xD800) << 10) +
				    (low - 0xDC00);
				i += 2;
			} else {
				c = 0xFFFD;
			}
		}
		put_clean(c, &was_cr, out);
	}
}

int
codepage_put(unsigned codepage, const void *bytes, size_t len,
    bool is_terminated, struct buf *out)
{
	const char *from = bytes, *end;
	struct charset *charset;
	char text[1024];
	bool was_cr = false, is_full = true;
	size_t n;

	if (codepage == CODEPAGE_UTF_16LE) {
		put_utf16(bytes, len, is_terminated, out);
		return out->err;
	}
	end = from + (is_terminated ? strnlen(from, len) : len);
	charset = codepage_charset(codepage);
	if (charset == NULL) {
		put_utf8(from, (size_t)(end - from), &was_cr, out);
		return out->err;
	}
	charset_reset(charset);
	while (is_full || from < end) {
		n = charset_decode(charset, &from, end, true, text,
		    sizeof(text), &is_full);
		put_utf8(text, n, &was_cr, out);
	}
	return out->err;
}
