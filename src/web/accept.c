/* SPDX-License-Identifier: Apache-2.0 */
/* What a client would rather have, by its Accept header (RFC 9110, 12.5.1). */
#include <string.h>
#include <strings.h>

#include "web/web.h"

#define QUALITY_MAX 1000u /* "q=1" */
#define RANGES_MAX 64u	  /* looked at; what follows says nothing */

/* A stretch of the header, without the blanks around it. */
struct piece {
	const char *text;
	size_t len;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What stands before the next of stop; *at is moved behind that. */
static struct piece
piece_next(const char **at, const char *stop)
{
	struct piece piece = {*at, strcspn(*at, stop)};

	*at += piece.len;
	while (piece.len > 0 && is_blank(*piece.text)) {
		piece.text++;
		piece.len--;
	}
	while (piece.len > 0 && is_blank(piece.text[piece.len - 1]))
		piece.len--;
	return piece;
}

static bool
piece_is(struct piece piece, const char *word)
{
	return piece.len == strlen(word) &&
	    strncasecmp(piece.text, word, piece.len) == 0;
}

/* "0.85" is 850; what is no such number counts as 1, as if it were absent. */
static unsigned
quality_parse(const char *text, size_t len)
{
	unsigned quality, unit = QUALITY_MAX;
	size_t i;

	if (len == 0 || len > strlen("0.000") ||
	    (text[0] != '0' && text[0] != '1') || (len > 1 && text[1] != '.'))
		return QUALITY_MAX;
	quality = text[0] == '1' ? QUALITY_MAX : 0;
	for (i = 2; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return QUALITY_MAX;
		unit /= 10;
		quality += (unsigned)(text[i] - '0') * unit;
	}
	return quality < QUALITY_MAX ? quality : QUALITY_MAX;
}

/* Of the parameters from *at to the comma: ";q=0.9". */
static unsigned
quality_next(const char **at)
{
	unsigned quality = QUALITY_MAX;
	struct piece piece;

	while (**at == ';') {
		(*at)++;
		piece = piece_next(at, ";,");
		if (piece.len >= 2 && strncasecmp(piece.text, "q=", 2) == 0)
			quality = quality_parse(piece.text + 2,
			    piece.len - 2);
	}
	return quality;
}

bool
web_wants_page(const char *accept)
{
	unsigned page = 0, json = 0, quality, count = 0;
	const char *at = accept;
	struct piece type;

	if (accept == NULL)
		return false;
	while (*at != '\0' && count++ < RANGES_MAX) {
		type = piece_next(&at, ";,");
		quality = quality_next(&at);
		if (*at == ',')
			at++;
		if (piece_is(type, "text/html"))
			page = quality;
		else if (piece_is(type, "application/json"))
			json = quality;
	}
	return page > 0 && page >= json;
}
