/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/err.h"
#include "base/utf8.h"
#include "graph/graph.h"
#include "graph/graph_memory.h"

static const char *const type_names[GRAPH_TYPE_END] = {
#define GRAPH_TYPE(name, value, text) [value] = text,
#include "graph/types_tbl.h"
};

const char *
graph_maker_name(enum graph_maker maker)
{
	return maker == GRAPH_BY_MODEL ? "model" : "rules";
}

const char *
graph_type_name(enum graph_type type)
{
	return type_names[type];
}

int
graph_type_parse(const char *name, size_t len, enum graph_type *ret_type)
{
	int i;

	for (i = GRAPH_PERSON; i < GRAPH_TYPE_END; i++) {
		if (strlen(type_names[i]) == len &&
		    strncasecmp(type_names[i], name, len) == 0) {
			*ret_type = (enum graph_type)i;
			return 0;
		}
	}
	return ERR_NOT_FOUND;
}

/* Compatibility composition with case folding; 0: it did not work. */
static size_t
fold(const char *name, size_t len, char out[GRAPH_KEY_BYTES_MAX])
{
	UErrorCode status = U_ZERO_ERROR;
	UChar from[GRAPH_NAME_BYTES_MAX], to[GRAPH_KEY_BYTES_MAX];
	const UNormalizer2 *nfkc;
	int32_t from_len, to_len, out_len;

	(void)u_strFromUTF8(from, GRAPH_NAME_BYTES_MAX, &from_len, name,
	    (int32_t)len, &status);
	nfkc = unorm2_getNFKCCasefoldInstance(&status);
	if (U_FAILURE(status))
		return 0;
	to_len = unorm2_normalize(nfkc, from, from_len, to,
	    GRAPH_KEY_BYTES_MAX, &status);
	if (U_FAILURE(status))
		return 0;
	(void)u_strToUTF8(out, GRAPH_KEY_BYTES_MAX, &out_len, to, to_len,
	    &status);
	return U_FAILURE(status) ? 0 : (size_t)out_len;
}

/* What stands for a character in keys; 0: nothing does. */
static uint32_t
key_char(uint32_t c, uint32_t before, bool is_before_letter)
{
	if (c == 0x2018 || c == 0x2019 || c == 0x2BC)
		return '\'';
	if (c >= 0x2010 && c <= 0x2013)
		return '-';
	if (c <= ' ' || c == 0x2028 || c == 0x2029)
		return ' ';
	/* "U.S.", "Inc.", "J. R. Smith", but "3.5" and "node.js" keep it. */
	if (c == '.' && (before > '9' || before == ' ') && !is_before_letter)
		return 0;
	return c;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

size_t
graph_key(const char *name, size_t len, char out[GRAPH_KEY_BYTES_MAX])
{
	char folded[GRAPH_KEY_BYTES_MAX];
	size_t folded_len, i, step, used = 0;
	uint32_t c, before = ' ';
	bool is_word;

	if (len == 0 || len > GRAPH_NAME_BYTES_MAX ||
	    memchr(name, '\0', len) != NULL || !utf8_is_valid(name, len))
		return 0;
	for (i = 0; i < len && (unsigned char)name[i] < 0x80; i++)
		folded[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ?
		    name[i] | 0x20 : name[i]);
	folded_len = i == len ? len : fold(name, len, folded);
	for (i = 0; i < folded_len; i += step) {
		c = utf8_decode(folded + i, folded_len - i, &step);
		/* "u.s." is an acronym, "node.js" a word with a point. */
		is_word = i + 2 < folded_len && is_letter(folded[i + 1]) &&
		    folded[i + 2] != '.';
		c = key_char(c, before, is_word);
		if (c == 0 || (c == ' ' && before == ' '))
			continue;
		used += utf8_encode(c, out + used);
		before = c;
	}
	if (used > 0 && out[used - 1] == ' ')
		used--;
	return used;
}

void
graph_fini(struct graph *graph)
{
	graph_memory_free(graph->memory);
	memset(graph, 0, sizeof(*graph));
}
