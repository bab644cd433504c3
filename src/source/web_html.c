/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "source/web_html.h"

/* Longer names are no names. */
#define REFERENCE_BYTES_MAX 10u

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool
web_name_is(const char *name, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(name, word, len) == 0;
}

void
web_scan_init(struct web_scan *scan, const char *text, size_t len,
    bool is_xml)
{
	*scan = (struct web_scan){
	    .at = text, .end = text + len, .is_xml = is_xml};
}

/* ---- tokens ------------------------------------------------------------ */

/* Elements that hold text only, whatever it looks like. */
static bool
is_raw(const char *name, size_t len)
{
	static const char *const names[] = {"script", "style", "textarea",
	    "title", "xmp", "noembed"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (web_name_is(name, len, names[i]))
			return true;
	return false;
}

/* Where the end tag of the raw element stands, or the end. */
static const char *
raw_end(const struct web_scan *scan)
{
	const char *at = scan->at;
	size_t left;

	for (;; at++) {
		at = memchr(at, '<', (size_t)(scan->end - at));
		if (at == NULL)
			return scan->end;
		left = (size_t)(scan->end - at);
		if (left < scan->raw_len + 3 || at[1] != '/' ||
		    strncasecmp(at + 2, scan->raw, scan->raw_len) != 0)
			continue;
		if (is_blank(at[scan->raw_len + 2]) ||
		    at[scan->raw_len + 2] == '>' ||
		    at[scan->raw_len + 2] == '/')
			return at;
	}
}

static const char *
find_behind(const char *at, const char *end, const char *word)
{
	const char *found;

	if (at >= end)
		return end;
	found = memmem(at, (size_t)(end - at), word, strlen(word));
	return found == NULL ? end : found + strlen(word);
}

/* A comment, a declaration, or an instruction; at is its '<'. */
static const char *
other_end(const struct web_scan *scan, const char *at)
{
	const char *end = scan->end;

	if (end - at >= 4 && memcmp(at, "<!--", 4) == 0) {
		/* <!--> and <!---> are whole comments. */
		if (end - at >= 5 && at[4] == '>')
			return at + 5;
		if (end - at >= 6 && at[4] == '-' && at[5] == '>')
			return at + 6;
		return find_behind(at + 4, end, "-->");
	}
	return find_behind(at + 2, end, ">");
}

/* Behind the '>' that ends the tag, or NULL when it never ends. */
static const char *
tag_end(const char *at, const char *end)
{
	bool is_value = false;
	char quote = 0;

	for (; at < end; at++) {
		if (quote != 0) {
			if (*at == quote)
				quote = 0;
		} else if (*at == '>') {
			return at + 1;
		} else if (is_value && (*at == '"' || *at == '\'')) {
			quote = *at;
			is_value = false;
		} else if (*at == '=') {
			is_value = true;
		} else if (!is_blank(*at)) {
			is_value = false;
		}
	}
	return NULL;
}

static void
tag_fill(struct web_token *token, const char *name, const char *end)
{
	const char *at = name;

	while (at < end - 1 && !is_blank(*at) && *at != '/')
		at++;
	token->name = name;
	token->name_len = (size_t)(at - name);
	token->attributes = at;
	token->attributes_len = (size_t)(end - 1 - at);
	token->is_closed = token->attributes_len > 0 && end[-2] == '/';
}

/* What begins with the '<' at scan->at; false when that is only text. */
static bool
tag_read(struct web_scan *scan, struct web_token *token)
{
	const char *at = scan->at, *end;
	bool is_end = scan->end - at >= 3 && at[1] == '/';
	const char *name = at + 1 + is_end;

	if (scan->end - at < 2)
		return false;
	if (name < scan->end && is_letter(*name)) {
		end = tag_end(name, scan->end);
		if (end == NULL) {
			end = scan->end;
		} else {
			token->kind = is_end ? WEB_TOKEN_END : WEB_TOKEN_START;
			tag_fill(token, name, end);
		}
	} else if (at[1] == '!' || at[1] == '?' || at[1] == '/') {
		end = other_end(scan, at);
	} else {
		return false;
	}
	token->len = (size_t)(end - at);
	return true;
}

/* CDATA in XML: its content is the token's bytes, its brackets are not. */
static bool
cdata_read(struct web_scan *scan, struct web_token *token)
{
	const char *at = scan->at, *end;

	if (scan->end - at < 9 || memcmp(at, "<![CDATA[", 9) != 0)
		return false;
	end = find_behind(at + 9, scan->end, "]]>");
	token->kind = WEB_TOKEN_TEXT;
	token->at = at + 9;
	token->len = (size_t)(end - at) - 9;
	if (token->len >= 3 && memcmp(end - 3, "]]>", 3) == 0)
		token->len -= 3;
	scan->at = end;
	return true;
}

bool
web_scan_next(struct web_scan *scan, struct web_token *ret_token)
{
	struct web_token token = {.kind = WEB_TOKEN_OTHER, .at = scan->at};
	const char *end;

	if (scan->at >= scan->end)
		return false;
	if (scan->raw != NULL) {
		end = raw_end(scan);
		scan->raw = NULL;
		if (end > scan->at) {
			token.kind = WEB_TOKEN_TEXT;
			token.len = (size_t)(end - scan->at);
			goto out;
		}
	}
	if (*scan->at == '<') {
		if (scan->is_xml && cdata_read(scan, &token)) {
			*ret_token = token;
			return true;
		}
		if (tag_read(scan, &token)) {
			if (!scan->is_xml && token.kind == WEB_TOKEN_START &&
			    is_raw(token.name, token.name_len)) {
				scan->raw = token.name;
				scan->raw_len = token.name_len;
			}
			goto out;
		}
	}
	token.kind = WEB_TOKEN_TEXT;
	end = memchr(scan->at + 1, '<', (size_t)(scan->end - scan->at) - 1);
	if (end == NULL)
		end = scan->end;
	token.len = (size_t)(end - scan->at);
out:
	scan->at += token.len;
	*ret_token = token;
	return true;
}

/* ---- attributes -------------------------------------------------------- */

bool
web_attribute_next(const char **at, const char *end,
    struct web_attribute *ret_attribute)
{
	struct web_attribute attribute = {.value = ""};
	const char *p = *at, *start;
	char quote;

	while (p < end && (is_blank(*p) || *p == '/'))
		p++;
	start = p;
	if (p < end) /* an '=' at the front belongs to the name */
		p++;
	while (p < end && !is_blank(*p) && *p != '=' && *p != '/')
		p++;
	attribute.name = start;
	attribute.name_len = (size_t)(p - start);
	while (p < end && is_blank(*p))
		p++;
	if (p < end && *p == '=') {
		for (p++; p < end && is_blank(*p); p++)
			;
		if (p < end && (*p == '"' || *p == '\'')) {
			quote = *p++;
			start = p;
			p = memchr(p, quote, (size_t)(end - p));
			attribute.value = start;
			attribute.value_len = (size_t)((p == NULL ? end : p) -
			    start);
			p = p == NULL ? end : p + 1;
		} else {
			attribute.value = p;
			while (p < end && !is_blank(*p))
				p++;
			attribute.value_len = (size_t)(p - attribute.value);
		}
	}
	*at = p;
	if (attribute.name_len == 0)
		return false;
	*ret_attribute = attribute;
	return true;
}

/* ---- character references ---------------------------------------------- */

static int
digit_value(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "#38;" or "#x26;"; returns its length, 0 when it is none. */
static size_t
number_read(const char *text, size_t len, uint32_t *ret_c)
{
	unsigned base = 10;
	size_t at = 1, digits = 0;
	uint32_t c = 0;

	if (at < len && (text[at] | 0x20) == 'x') {
		base = 16;
		at++;
	}
	for (; at < len && digit_value(text[at], base) >= 0; at++, digits++)
		if (c <= 0x10ffff)
			c = c * base + (uint32_t)digit_value(text[at], base);
	if (digits == 0)
		return 0;
	if (at < len && text[at] == ';')
		at++;
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	*ret_c = c;
	return at;
}

static size_t
name_read(const char *text, size_t len, uint32_t *ret_c)
{
	static const struct {
		const char *name;
		char c;
	} rows[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'},
	    {"apos", '\''}, {"sol", '/'}, {"colon", ':'}, {"period", '.'},
	    {"quest", '?'}, {"equals", '='}, {"num", '#'}, {"percnt", '%'},
	    {"lowbar", '_'}, {"Tab", '\t'}, {"NewLine", '\n'},
	    {"commat", '@'}, {"plus", '+'}, {"semi", ';'}, {"comma", ','}};
	size_t i, n;

	for (n = 0; n < len && n < REFERENCE_BYTES_MAX; n++)
		if (!is_letter(text[n]))
			break;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strlen(rows[i].name) != n ||
		    memcmp(rows[i].name, text, n) != 0)
			continue;
		/* Without its semicolon only the first four are known, and
		 * "?a&lt=b" is a parameter with that name. */
		if ((n == len || text[n] != ';') &&
		    (i > 3 || (n < len && text[n] == '=')))
			return 0;
		*ret_c = (unsigned char)rows[i].c;
		return n + (n < len && text[n] == ';');
	}
	return 0;
}

int
web_unescape(const char *text, size_t len, struct buf *out)
{
	const char *end = text + len, *and;
	uint32_t c = 0;
	char bytes[4];
	size_t n;

	while (text < end) {
		and = memchr(text, '&', (size_t)(end - text));
		if (and == NULL)
			and = end;
		(void)buf_put(out, text, (size_t)(and - text));
		if (and == end)
			break;
		text = and + 1;
		n = 0;
		if (text < end)
			n = *text == '#' ?
			    number_read(text, (size_t)(end - text), &c) :
			    name_read(text, (size_t)(end - text), &c);
		if (n == 0) {
			(void)buf_putc(out, '&');
			continue;
		}
		(void)buf_put(out, bytes, utf8_encode(c, bytes));
		text += n;
	}
	return out->err;
}
