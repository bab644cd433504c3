/* SPDX-License-Identifier: Apache-2.0 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cmd/frame.h"
#include "cmd/term.h"

#define WIDTH_DEFAULT 80u
#define WIDTH_MIN 20u
#define WIDTH_MAX 500u
#define HEIGHT_DEFAULT 24u
#define PRINT_BYTES_MAX (4 * MIB) /* of one text from outside */

bool
term_is_live(FILE *file)
{
	const char *term = getenv("TERM");

	return isatty(fileno(file)) != 0 && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

bool
term_has_color(FILE *file)
{
	const char *no_color = getenv("NO_COLOR");

	return term_is_live(file) && (no_color == NULL || *no_color == '\0');
}

unsigned
term_width(FILE *file)
{
	struct winsize size;

	if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_DEFAULT;
	if (size.ws_col < WIDTH_MIN)
		return WIDTH_MIN;
	return size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

/* The environment is asked and the program's own locale left alone: numbers
 * in JSON have a point everywhere. */
bool
term_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is_utf8;

	if (locale == (locale_t)0)
		return false;
	is_utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return is_utf8;
}

void
term_face(FILE *file, struct face *ret_face)
{
	struct winsize size = {0};

	*ret_face = (struct face){
	    .width = term_width(file),
	    .height = HEIGHT_DEFAULT,
	    .has_color = term_has_color(file),
	    .is_utf8 = term_is_utf8(),
	};
	if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_row != 0)
		ret_face->height = size.ws_row;
}

/* ---- text from outside ------------------------------------------------ */

/* Directional overrides and isolates can make a name look like another. */
static bool
is_harmful(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		return true;
	return c == 0x200E || c == 0x200F || c == 0x061C || c == 0x2028 ||
	    c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
	    (c >= 0x2066 && c <= 0x2069);
}

void
text_clean(struct buf *out, const char *text, size_t len)
{
	size_t i, n;
	uint32_t c;

	for (i = 0; i < len; i += n) {
		c = utf8_decode(text + i, len - i, &n);
		if (c == '\n' || c == '\t' || c == '\r')
			(void)buf_putc(out, ' ');
		else if (c == UTF8_BAD || is_harmful(c))
			(void)buf_puts(out, "\xEF\xBF\xBD");
		else
			(void)buf_put(out, text + i, n);
	}
}

void
text_print(FILE *out, const char *text)
{
	struct buf buf;

	buf_init(&buf, PRINT_BYTES_MAX);
	text_clean(&buf, text, strlen(text));
	(void)fputs(buf_text(&buf), out);
	buf_fini(&buf);
}

static size_t
char_width(uint32_t c)
{
	int east_asian;

	if (c < 0x300)
		return 1;
	switch (u_charType((UChar32)c)) {
	case U_NON_SPACING_MARK:
	case U_ENCLOSING_MARK:
	case U_FORMAT_CHAR:
		return 0;
	default:
		break;
	}
	east_asian = u_getIntPropertyValue((UChar32)c, UCHAR_EAST_ASIAN_WIDTH);
	return east_asian == U_EA_WIDE || east_asian == U_EA_FULLWIDTH ? 2 : 1;
}

size_t
text_width(const char *text, size_t len)
{
	size_t i, n, width = 0;
	uint32_t c;

	for (i = 0; i < len; i += n) {
		c = utf8_decode(text + i, len - i, &n);
		width += c == UTF8_BAD ? 1 : char_width(c);
	}
	return width;
}

size_t
text_fit(const char *text, size_t len, size_t width)
{
	size_t i, n, used = 0;
	uint32_t c;

	for (i = 0; i < len; i += n) {
		c = utf8_decode(text + i, len - i, &n);
		used += c == UTF8_BAD ? 1 : char_width(c);
		if (used > width)
			break;
	}
	return i;
}

/* The bytes of the next line: up to the last space that fits, or, in a word
 * longer than a line, as much of it as fits. */
static size_t
line_bytes(const char *text, size_t len, size_t width)
{
	size_t fit = text_fit(text, len, width);
	size_t at;

	if (fit == len || text[fit] == ' ')
		return fit;
	for (at = fit; at > 0 && text[at - 1] != ' '; at--)
		;
	if (at > 1)
		return at - 1;
	return fit > 0 ? fit : len; /* no room for one character: give up */
}

/* One space for each run of them, none at either end. */
static void
squeeze(struct buf *text)
{
	size_t i, n = 0;

	for (i = 0; i < text->len; i++)
		if (text->data[i] != ' ' ||
		    (n > 0 && text->data[n - 1] != ' '))
			text->data[n++] = text->data[i];
	if (n > 0 && text->data[n - 1] == ' ')
		n--;
	text->len = n;
	if (text->data != NULL)
		text->data[n] = '\0';
}

void
text_wrap(FILE *out, const char *text, unsigned width, unsigned indent,
    unsigned lines_max)
{
	unsigned room = width > indent + WIDTH_MIN ? width - indent : WIDTH_MIN;
	struct buf clean;
	const char *at;
	size_t left, n;
	unsigned lines;

	buf_init(&clean, PRINT_BYTES_MAX);
	text_clean(&clean, text, strlen(text));
	squeeze(&clean);
	at = buf_text(&clean);
	left = strlen(at);
	for (lines = 0; left > 0; lines++) {
		if (lines == lines_max) {
			(void)fprintf(out, "%*s...\n", (int)indent, "");
			break;
		}
		n = line_bytes(at, left, room);
		(void)fprintf(out, "%*s%.*s\n", (int)indent, "", (int)n, at);
		n += at[n] == ' ';
		at += n;
		left -= n;
	}
	buf_fini(&clean);
}
