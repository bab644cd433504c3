/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XML, by libxml2's push parser: events only, nothing from the network, no
 * entity is ever expanded (its name stays in the text), no option that lifts
 * the library's own limits.
 *
 * An element that has text and no child elements but inline ones is a
 * paragraph; one called title or head is a heading, whose level is its depth
 * among those that have headings.
 */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/markup.h"

#define XML_PUSH_SIZE (32 * KIB)

struct xml {
	struct emit *emit;
	struct err_note *note;
	xmlParserCtxtPtr parser;
	unsigned depth;
	unsigned title_depth; /* > 0: inside a heading */
	unsigned code_depth;
	unsigned first_title; /* depth of the outermost heading */
	int err;
	xmlEntity entity; /* stands for every one that is named */
	char entity_text[256];
};

static bool
is_named(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcasecmp(name, *names) == 0)
			return true;
	return false;
}

/* Elements inside a sentence, in the vocabularies for documents. */
static bool
is_inline(const char *name)
{
	static const char *const names[] = {"a", "abbr", "acronym", "b", "bold",
	    "cite", "citetitle", "code", "command", "em", "emph", "emphasis",
	    "i", "hi", "italic", "keyword", "kbd", "literal", "link", "q",
	    "quote", "ref", "small", "span", "strong", "sub", "sup",
	    "subscript", "superscript", "t", "tt", "tspan", "u", "ulink",
	    "var", "xref", "s", "filename", "option", "varname", "uicontrol",
	    "ph", NULL};

	return is_named(name, names);
}

static bool
is_title(const char *name)
{
	static const char *const names[] = {"title", "head", "heading",
	    "headline", "h1", "h2", "h3", "h4", "h5", "h6", NULL};

	return is_named(name, names);
}

static bool
is_code(const char *name)
{
	static const char *const names[] = {"programlisting", "screen",
	    "codeblock", "pre", "literallayout", "sourcecode", "verbatim",
	    "artwork", NULL};

	return is_named(name, names);
}

static void
on_start(void *arg, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int namespaces, const xmlChar **declared,
    int attributes, int defaulted, const xmlChar **values)
{
	struct xml *xml = arg;
	const char *name = (const char *)local;
	unsigned level;

	(void)prefix;
	(void)uri;
	(void)namespaces;
	(void)declared;
	(void)attributes;
	(void)defaulted;
	(void)values;
	xml->depth++;
	if (xml->depth > XML_DEPTH_MAX && xml->err == 0) {
		xml->err = err_set(xml->note, ERR_TOO_BIG,
		    "the XML is nested deeper than %u elements",
		    XML_DEPTH_MAX);
		xmlStopParser(xml->parser);
	}
	if (xml->title_depth > 0 || xml->code_depth > 0 || is_inline(name))
		return;
	if (is_code(name)) {
		xml->code_depth = xml->depth;
		(void)emit_open(xml->emit, BLOCK_CODE, 0); /* errors stick */
	} else if (is_title(name)) {
		if (xml->first_title == 0 || xml->depth < xml->first_title)
			xml->first_title = xml->depth;
		level = xml->depth - xml->first_title + 1;
		if (level > SECTION_DEPTH_MAX)
			level = SECTION_DEPTH_MAX;
		xml->title_depth = xml->depth;
		(void)emit_open(xml->emit, BLOCK_HEADING, level);
	} else if (emit_has_text(xml->emit)) {
		(void)emit_close(xml->emit);
	}
}

static void
on_end(void *arg, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct xml *xml = arg;

	(void)prefix;
	(void)uri;
	if (xml->title_depth == xml->depth) {
		emit_title(xml->emit, buf_text(&xml->emit->text),
		    xml->emit->text.len);
		xml->title_depth = 0;
		(void)emit_close(xml->emit); /* errors stick */
	} else if (xml->code_depth == xml->depth) {
		xml->code_depth = 0;
		(void)emit_close(xml->emit);
	} else if (xml->title_depth == 0 && xml->code_depth == 0 &&
	    !is_inline((const char *)local)) {
		(void)emit_close(xml->emit);
	}
	xml->depth--;
}

static void
on_text(void *arg, const xmlChar *text, int len)
{
	struct xml *xml = arg;

	if (len <= 0)
		return;
	if (xml->code_depth > 0)
		(void)emit_put(xml->emit, (const char *)text, (size_t)len);
	else
		(void)emit_words(xml->emit, (const char *)text, (size_t)len);
}

/*
 * Every named entity is taken for one that the parser knows beforehand, whose
 * text is given out as it is: the character when HTML has that name, else the
 * reference itself.  What the document declares is never looked at.
 */
static xmlEntityPtr
on_entity(void *arg, const xmlChar *name)
{
	struct xml *xml = arg;
	char out[4];
	size_t len;

	len = strlen((const char *)name);
	len = utf8_floor((const char *)name, len,
	    sizeof(xml->entity_text) - 3);
	(void)snprintf(xml->entity_text, sizeof(xml->entity_text), "&%.*s;",
	    (int)len, (const char *)name);
	len = markup_entity(xml->entity_text, strlen(xml->entity_text), out);
	if (len > 0) {
		memcpy(xml->entity_text, out, len);
		xml->entity_text[len] = '\0';
	}
	memset(&xml->entity, 0, sizeof(xml->entity));
	xml->entity.type = XML_ENTITY_DECL;
	xml->entity.etype = XML_INTERNAL_PREDEFINED_ENTITY;
	xml->entity.name = (const xmlChar *)xml->entity_text;
	xml->entity.content = (xmlChar *)xml->entity_text;
	xml->entity.orig = (xmlChar *)xml->entity_text;
	xml->entity.length = (int)strlen(xml->entity_text);
	xml->entity.checked = 1;
	return &xml->entity;
}

static void
on_error(void *arg, xmlErrorPtr error)
{
	struct xml *xml = arg;
	const char *message = markup_words(error->message);

	if (error->level != XML_ERR_FATAL || xml->err < 0)
		return;
	if (error->code == XML_ERR_NO_MEMORY)
		xml->err = ERR_NOMEM;
	else if (error->code == XML_ERR_INTERNAL_ERROR ||
	    error->code == XML_ERR_ENTITY_LOOP ||
	    strstr(message, "huge") != NULL ||
	    strstr(message, "Excessive depth") != NULL)
		xml->err = err_set(xml->note, ERR_TOO_BIG,
		    "the XML is over a limit in line %d: %.*s", error->line,
		    (int)strcspn(message, "\n"), message);
	else
		xml->err = err_set(xml->note, ERR_SYNTAX,
		    "the XML is malformed in line %d: %.*s", error->line,
		    (int)strcspn(message, "\n"), message);
}

static int
xml_push(struct xml *xml, struct input *input)
{
	size_t len;
	int err;

	for (;;) {
		len = input_len(input);
		if (len > XML_PUSH_SIZE)
			len = XML_PUSH_SIZE;
		if (len > 0)
			(void)xmlParseChunk(xml->parser, input_text(input),
			    (int)len, 0); /* on_error() hears of errors */
		input_eat(input, len);
		if (markup_has_starved())
			return ERR_NOMEM;
		if (xml->err < 0)
			return xml->err;
		if (xml->emit->err < 0)
			return xml->emit->err;
		if (input_len(input) > 0)
			continue;
		if (input->is_end)
			break;
		err = input_more(input);
		if (err < 0)
			return err;
	}
	(void)xmlParseChunk(xml->parser, "", 0, 1);
	if (markup_has_starved())
		return ERR_NOMEM;
	if (xml->err == 0 && !xml->parser->wellFormed)
		xml->err = err_set(xml->note, ERR_SYNTAX,
		    "the XML is malformed");
	return xml->err;
}

int
read_xml(struct input *input, struct emit *emit, struct err_note *note)
{
	xmlSAXHandler handler = {
	    .initialized = XML_SAX2_MAGIC,
	    .startElementNs = on_start,
	    .endElementNs = on_end,
	    .characters = on_text,
	    .cdataBlock = on_text,
	    .ignorableWhitespace = on_text,
	    .getEntity = on_entity,
	    .serror = on_error,
	};
	struct xml xml = {.emit = emit, .note = note};
	int err;

	markup_begin();
	xml.parser = xmlCreatePushParserCtxt(&handler, &xml, NULL, 0, NULL);
	if (xml.parser == NULL)
		return ERR_NOMEM;
	(void)xmlCtxtUseOptions(xml.parser, XML_PARSE_NONET |
		XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
	(void)xmlSwitchEncoding(xml.parser, XML_CHAR_ENCODING_UTF8);
	err = xml_push(&xml, input);
	if (err == 0)
		err = emit_close(emit);
	if (xml.parser->myDoc != NULL)
		xmlFreeDoc(xml.parser->myDoc);
	xmlFreeParserCtxt(xml.parser);
	return err;
}
