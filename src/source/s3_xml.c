/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of our own, because libxml2 is the extractor's, behind its walls:
 * a parser that can do everything XML can has no business reading what
 * strangers send in the process that holds the keys.  S3's answers need a
 * small part of it.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/utf8.h"
#include "source/s3_xml.h"

void
s3_xml_init(struct s3_xml *xml, const char *bytes, size_t len)
{
	*xml = (struct s3_xml){.at = bytes, .end = bytes + len};
	buf_init(&xml->text, S3_XML_TEXT_BYTES_MAX);
}

void
s3_xml_fini(struct s3_xml *xml)
{
	buf_fini(&xml->text);
}

bool
s3_xml_is(const struct s3_xml *xml, size_t depth, const char *name)
{
	size_t len = strlen(name);

	return depth < xml->depth && xml->open[depth].len == len &&
	    memcmp(xml->open[depth].text, name, len) == 0;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
	    c == ':';
}

static void
pass_space(struct s3_xml *xml)
{
	while (xml->at < xml->end && is_space(*xml->at))
		xml->at++;
}

/* Is this what comes next?  Then it is passed over. */
static bool
pass(struct s3_xml *xml, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(xml->end - xml->at) < len ||
	    memcmp(xml->at, text, len) != 0)
		return false;
	xml->at += len;
	return true;
}

/* Go behind the next text; ERR_SYNTAX when it does not come. */
static int
pass_until(struct s3_xml *xml, const char *text)
{
	const char *found;
	size_t len = strlen(text);

	found = memmem(xml->at, (size_t)(xml->end - xml->at), text, len);
	if (found == NULL)
		return ERR_SYNTAX;
	xml->at = found + len;
	return 0;
}

static int
name_read(struct s3_xml *xml, struct s3_xml_name *ret_name)
{
	struct s3_xml_name name = {.text = xml->at};

	while (xml->at < xml->end && is_name(*xml->at))
		xml->at++;
	name.len = (size_t)(xml->at - name.text);
	if (name.len == 0)
		return ERR_SYNTAX;
	*ret_name = name;
	return 0;
}

/* ---- text -------------------------------------------------------------- */

/* A character by its number: behind "&#", up to the semicolon. */
static int
number_read(struct s3_xml *xml)
{
	uint32_t c = 0, base = 10, digit;
	char bytes[4], at;
	bool is_any = false;

	if (pass(xml, "x"))
		base = 16;
	for (; xml->at < xml->end && *xml->at != ';'; xml->at++) {
		at = *xml->at;
		if (at >= '0' && at <= '9')
			digit = (uint32_t)(at - '0');
		else if (at >= 'a' && at <= 'f')
			digit = (uint32_t)(at - 'a') + 10;
		else if (at >= 'A' && at <= 'F')
			digit = (uint32_t)(at - 'A') + 10;
		else
			return ERR_SYNTAX;
		if (digit >= base)
			return ERR_SYNTAX;
		c = c * base + digit;
		if (c > 0x10ffff)
			return ERR_SYNTAX;
		is_any = true;
	}
	if (!is_any || c == 0 || (c >= 0xd800 && c <= 0xdfff) ||
	    !pass(xml, ";"))
		return ERR_SYNTAX;
	return buf_put(&xml->text, bytes, utf8_encode(c, bytes));
}

static int
reference_read(struct s3_xml *xml)
{
	static const struct {
		const char *text;
		char c;
	} rows[] = {
	    {"&amp;", '&'},
	    {"&lt;", '<'},
	    {"&gt;", '>'},
	    {"&quot;", '"'},
	    {"&apos;", '\''},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (pass(xml, rows[i].text))
			return buf_putc(&xml->text, rows[i].c);
	return pass(xml, "&#") ? number_read(xml) : ERR_SYNTAX;
}

/* Everything up to the next '<'. */
static int
text_read(struct s3_xml *xml)
{
	const char *start;
	int err;

	while (xml->at < xml->end && *xml->at != '<') {
		if (*xml->at == '&') {
			err = reference_read(xml);
			if (err < 0)
				return err;
			continue;
		}
		start = xml->at;
		while (xml->at < xml->end && *xml->at != '<' &&
		    *xml->at != '&' && *xml->at != '\0')
			xml->at++;
		if (xml->at < xml->end && *xml->at == '\0')
			return ERR_SYNTAX;
		err = buf_put(&xml->text, start, (size_t)(xml->at - start));
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- tags --------------------------------------------------------------- */

/* Attributes, and then > or />. */
static int
tag_finish(struct s3_xml *xml)
{
	struct s3_xml_name name;
	char quote;

	for (;;) {
		pass_space(xml);
		if (pass(xml, ">"))
			return 0;
		if (pass(xml, "/>")) {
			xml->owes_close = true;
			return 0;
		}
		if (name_read(xml, &name) < 0)
			return ERR_SYNTAX;
		pass_space(xml);
		if (!pass(xml, "="))
			return ERR_SYNTAX;
		pass_space(xml);
		if (xml->at == xml->end ||
		    (*xml->at != '"' && *xml->at != '\''))
			return ERR_SYNTAX;
		quote = *xml->at++;
		if (pass_until(xml, quote == '"' ? "\"" : "'") < 0)
			return ERR_SYNTAX;
	}
}

static int
open_read(struct s3_xml *xml, enum s3_xml_event *ret_event)
{
	int err;

	/* A second root. */
	if (xml->depth == 0 && xml->is_begun)
		return ERR_SYNTAX;
	if (xml->depth == S3_XML_DEPTH_MAX)
		return ERR_TOO_BIG;
	err = name_read(xml, &xml->open[xml->depth]);
	if (err == 0)
		err = tag_finish(xml);
	if (err < 0)
		return err;
	xml->depth++;
	xml->is_begun = xml->is_leaf = true;
	buf_clear(&xml->text);
	*ret_event = S3_XML_OPEN;
	return 0;
}

static int
close_read(struct s3_xml *xml, enum s3_xml_event *ret_event)
{
	const struct s3_xml_name *open;
	struct s3_xml_name name;

	if (xml->depth == 0 || name_read(xml, &name) < 0)
		return ERR_SYNTAX;
	pass_space(xml);
	open = &xml->open[xml->depth - 1];
	if (!pass(xml, ">") || name.len != open->len ||
	    memcmp(name.text, open->text, name.len) != 0)
		return ERR_SYNTAX;
	*ret_event = S3_XML_CLOSE;
	return 0;
}

/* What was closed by the last event is gone now. */
static void
pop(struct s3_xml *xml)
{
	ASSERT(xml->depth > 0);
	xml->depth--;
	xml->is_leaf = false;
	buf_clear(&xml->text);
}

/* Outside of all elements there is only white space. */
static bool
text_is_allowed(const struct s3_xml *xml)
{
	size_t i;

	for (i = 0; xml->depth == 0 && i < xml->text.len; i++)
		if (!is_space(xml->text.data[i]))
			return false;
	return true;
}

/* Go to the next tag, or the end: through text and comments. */
static int
markup_find(struct s3_xml *xml)
{
	int err;

	if (!xml->is_begun && xml->depth == 0) {
		(void)pass(xml, "\xef\xbb\xbf");
		if (pass(xml, "<?xml") && pass_until(xml, "?>") < 0)
			return ERR_SYNTAX;
	}
	do {
		err = text_read(xml);
		if (err < 0)
			return err;
		if (!text_is_allowed(xml))
			return ERR_SYNTAX;
		if (!pass(xml, "<!--"))
			return 0;
	} while (pass_until(xml, "-->") == 0);
	return ERR_SYNTAX;
}

int
s3_xml_next(struct s3_xml *xml, enum s3_xml_event *ret_event)
{
	int err;

	if (xml->owes_close) {
		xml->owes_close = false;
		xml->is_closing = true;
		*ret_event = S3_XML_CLOSE;
		return 0;
	}
	if (xml->is_closing) {
		xml->is_closing = false;
		pop(xml);
	}
	err = markup_find(xml);
	if (err < 0)
		return err;
	if (xml->at == xml->end) {
		if (xml->depth > 0 || !xml->is_begun)
			return ERR_SYNTAX;
		*ret_event = S3_XML_END;
		return 0;
	}
	if (pass(xml, "</")) {
		err = close_read(xml, ret_event);
		xml->is_closing = err == 0;
		return err;
	}
	xml->at++; /* the < */
	return open_read(xml, ret_event);
}
