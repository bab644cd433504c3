/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* The font Symbol, from the space on. */
static const uint16_t symbols[224] = {
    0x0020, 0x0021, 0x2200, 0x0023, 0x2203, 0x0025, 0x0026, 0x220B, 0x0028,
    0x0029, 0x2217, 0x002B, 0x002C, 0x2212, 0x002E, 0x002F, 0x0030, 0x0031,
    0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037, 0x0038, 0x0039, 0x003A,
    0x003B, 0x003C, 0x003D, 0x003E, 0x003F, 0x2245, 0x0391, 0x0392, 0x03A7,
    0x0394, 0x0395, 0x03A6, 0x0393, 0x0397, 0x0399, 0x03D1, 0x039A, 0x039B,
    0x039C, 0x039D, 0x039F, 0x03A0, 0x0398, 0x03A1, 0x03A3, 0x03A4, 0x03A5,
    0x03C2, 0x03A9, 0x039E, 0x03A8, 0x0396, 0x005B, 0x2234, 0x005D, 0x22A5,
    0x005F, 0x203E, 0x03B1, 0x03B2, 0x03C7, 0x03B4, 0x03B5, 0x03C6, 0x03B3,
    0x03B7, 0x03B9, 0x03D5, 0x03BA, 0x03BB, 0x03BC, 0x03BD, 0x03BF, 0x03C0,
    0x03B8, 0x03C1, 0x03C3, 0x03C4, 0x03C5, 0x03D6, 0x03C9, 0x03BE, 0x03C8,
    0x03B6, 0x007B, 0x007C, 0x007D, 0x223C, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x0000, 0x20AC, 0x03D2, 0x2032, 0x2264, 0x2044, 0x221E, 0x0192,
    0x2663, 0x2666, 0x2665, 0x2660, 0x2194, 0x2190, 0x2191, 0x2192, 0x2193,
    0x00B0, 0x00B1, 0x2033, 0x2265, 0x00D7, 0x221D, 0x2202, 0x2022, 0x00F7,
    0x2260, 0x2261, 0x2248, 0x2026, 0x007C, 0x2014, 0x21B5, 0x2135, 0x2111,
    0x211C, 0x2118, 0x2297, 0x2295, 0x2205, 0x2229, 0x222A, 0x2283, 0x2287,
    0x2284, 0x2282, 0x2286, 0x2208, 0x2209, 0x2220, 0x2207, 0x00AE, 0x00A9,
    0x2122, 0x220F, 0x221A, 0x22C5, 0x00AC, 0x2227, 0x2228, 0x21D4, 0x21D0,
    0x21D1, 0x21D2, 0x21D3, 0x25CA, 0x27E8, 0x00AE, 0x00A9, 0x2122, 0x2211,
    0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x0000, 0x27E9, 0x222B, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
    0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,
};

/* Charsets of fonts as Windows numbers them. */
static const struct {
	unsigned char charset;
	unsigned short codepage;
} charsets[] = {
    {0, 1252}, {77, 10000}, {78, 10001}, {79, 10003}, {80, 10008},
    {81, 10002}, {83, 1255}, {84, 1256}, {89, 10007}, {128, 932},
    {129, 949}, {130, 949}, {134, 936}, {136, 950}, {161, 1253},
    {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257},
    {204, 1251}, {222, 874}, {238, 1250}, {254, 437}, {255, 850},
};

/* Not everything that says to be a symbol font is one. */
static const char *const dingbats[] = {"Wingdings", "Webdings", "Dingbats",
    "Marlett", "MT Extra", "Monotype Sorts", "StarSymbol", "OpenSymbol"};

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

unsigned
codepage_of_font(unsigned charset, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(dingbats) / sizeof(dingbats[0]); i++)
		if (strcasestr(name, dingbats[i]) != NULL)
			return CODEPAGE_DINGBATS;
	if (strcasecmp(name, "Symbol") == 0)
		return CODEPAGE_SYMBOL;
	for (i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (charsets[i].charset == charset)
			return charsets[i].codepage;
	return 0;
}

uint32_t
codepage_symbol(unsigned char byte)
{
	return byte < 0x20 ? 0 : symbols[byte - 0x20];
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
