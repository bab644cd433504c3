/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTML, by libxml2's push parser: events only, no tree, so that memory does
 * not grow with the page.  The parser balances the tags.
 *
 * Tables hold data or, on old pages, the layout.  A cell is data until a
 * heading, a list, code or another table begins inside it: then what was
 * gathered of the row is sent and the rest flows like text outside tables.
 */
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/markup.h"

/* Deeper than any page; libxml2's own stack grows with it. */
#define HTML_DEPTH_MAX 4096u
#define HTML_PUSH_SIZE (32 * KIB)

enum html_role {
	HTML_INLINE, HTML_BREAK, HTML_LINE, HTML_SKIP, HTML_HEADING, HTML_LIST,
	HTML_ITEM, HTML_CODE, HTML_IMAGE, HTML_ROOT, HTML_TITLE, HTML_TABLE,
	HTML_ROW, HTML_CELL, HTML_NOTHING
};

static const struct {
	const char *name;
	enum html_role role;
} html_elements[] = {
#define ELEMENT(name, role) {name, HTML_##role},
#include "extractor/html_tbl.h"
};
#define HTML_ELEMENTS (sizeof(html_elements) / sizeof(html_elements[0]))

struct html {
	struct emit *emit;
	htmlParserCtxtPtr parser;
	struct markup_table table;
	struct buf title;
	unsigned depth;
	unsigned skip_depth; /* 0: not inside something that is skipped */
	unsigned list_depth, code_depth, table_depth;
	bool is_in_title;
	bool is_in_cell; /* of data */
	bool is_in_row;
	bool is_header;	 /* the cell */
	bool is_too_deep;
};

/* The table is sorted by name. */
static enum html_role
html_role(const char *name)
{
	size_t low = 0, high = HTML_ELEMENTS, middle;
	int order;

	while (low < high) {
		middle = (low + high) / 2;
		order = strcasecmp(name, html_elements[middle].name);
		if (order == 0)
			return html_elements[middle].role;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return HTML_INLINE;
}

static const char *
html_attribute(const xmlChar **attributes, const char *name)
{
	for (; attributes != NULL && *attributes != NULL; attributes += 2)
		if (strcasecmp((const char *)attributes[0], name) == 0)
			return attributes[1] == NULL
			    ? ""
			    : (const char *)attributes[1];
	return NULL;
}

static bool
is_hidden(const xmlChar **attributes)
{
	const char *value;

	if (attributes == NULL)
		return false;
	if (html_attribute(attributes, "hidden") != NULL)
		return true;
	value = html_attribute(attributes, "aria-hidden");
	if (value != NULL && strcasecmp(value, "true") == 0)
		return true;
	/* The number of a note, and the way back from it, are no words. */
	value = html_attribute(attributes, "role");
	if (value != NULL && (strcmp(value, "doc-noteref") == 0 ||
		strcmp(value, "doc-backlink") == 0))
		return true;
	value = html_attribute(attributes, "epub:type");
	if (value != NULL && (strcmp(value, "noteref") == 0 ||
		strcmp(value, "backlink") == 0))
		return true;
	value = html_attribute(attributes, "style");
	return value != NULL && (strstr(value, "display:none") != NULL ||
				    strstr(value, "display: none") != NULL);
}

/* The row is no data: send what it has, and go on as if outside tables. */
static void
leave_row(struct html *html)
{
	if (!html->is_in_row)
		return;
	if (html->is_in_cell)
		(void)markup_cell_end(&html->table, html->emit, false);
	html->table.is_header_row = false;
	(void)markup_row_end(&html->table, html->emit);
	html->is_in_row = html->is_in_cell = false;
}

static void
html_words(struct html *html, const char *text, size_t len)
{
	if (html->is_in_title)
		(void)buf_put(&html->title, text, len); /* over: cut below */
	else if (html->is_in_cell) {
		if (buf_put(&html->table.cell, text, len) < 0 &&
		    html->emit->err == 0)
			html->emit->err = html->table.cell.err;
	} else if (html->code_depth > 0)
		(void)emit_put(html->emit, text, len); /* errors stick */
	else
		(void)emit_words(html->emit, text, len);
}

static void
open_block(struct html *html, enum block_kind kind, unsigned level)
{
	leave_row(html);
	(void)emit_open(html->emit, kind, level);
}

static void
start_cell(struct html *html, bool is_header)
{
	if (html->is_in_cell)
		(void)markup_cell_end(&html->table, html->emit,
		    html->is_header);
	html->is_in_cell = html->is_in_row;
	html->is_header = is_header;
	if (!html->is_in_row)
		(void)emit_close(html->emit);
}

static void
start_element(struct html *html, enum html_role role, const char *name,
    const xmlChar **attributes)
{
	const char *value;

	switch (role) {
	case HTML_BREAK:
		if (html->is_in_cell)
			html_words(html, " ", 1);
		else if (html->code_depth == 0 && !html->is_in_row &&
		    emit_has_text(html->emit))
			(void)emit_close(html->emit);
		break;
	case HTML_LINE:
		html_words(html, "\n", 1);
		break;
	case HTML_HEADING:
		open_block(html, BLOCK_HEADING, (unsigned)(name[1] - '0'));
		break;
	case HTML_LIST:
		leave_row(html);
		(void)emit_close(html->emit);
		html->list_depth++;
		break;
	case HTML_ITEM:
		open_block(html, BLOCK_LIST_ITEM,
		    html->list_depth == 0 ? 1 : html->list_depth);
		break;
	case HTML_CODE:
		open_block(html, BLOCK_CODE, 0);
		html->code_depth++;
		break;
	case HTML_IMAGE:
		value = html_attribute(attributes, "alt");
		if (value != NULL && *value != '\0') {
			html_words(html, " ", 1);
			html_words(html, value, strlen(value));
			html_words(html, " ", 1);
		}
		break;
	case HTML_ROOT:
		value = html_attribute(attributes, "lang");
		if (value == NULL)
			value = html_attribute(attributes, "xml:lang");
		if (value != NULL)
			emit_language(html->emit, value, strlen(value));
		break;
	case HTML_TITLE:
		html->is_in_title = true;
		break;
	case HTML_TABLE:
		leave_row(html);
		(void)emit_close(html->emit);
		html->table_depth++;
		/* The one around it goes on without its names. */
		(void)markup_table_end(&html->table, html->emit);
		markup_table_begin(&html->table);
		break;
	case HTML_ROW:
		leave_row(html);
		html->is_in_row = html->table_depth > 0;
		if (html->is_in_row)
			(void)markup_row_begin(&html->table, html->emit);
		break;
	case HTML_CELL:
		start_cell(html, strcasecmp(name, "th") == 0);
		break;
	case HTML_INLINE:
	case HTML_NOTHING:
	case HTML_SKIP:
		break;
	}
}

static void
end_element(struct html *html, enum html_role role)
{
	switch (role) {
	case HTML_BREAK:
		if (html->is_in_cell)
			html_words(html, " ", 1);
		else if (html->code_depth == 0 && !html->is_in_row)
			(void)emit_close(html->emit); /* errors stick */
		break;
	case HTML_HEADING:
	case HTML_ITEM:
		if (!html->is_in_row)
			(void)emit_close(html->emit);
		break;
	case HTML_LIST:
		if (!html->is_in_row)
			(void)emit_close(html->emit);
		if (html->list_depth > 0)
			html->list_depth--;
		break;
	case HTML_CODE:
		if (html->code_depth > 0)
			html->code_depth--;
		if (!html->is_in_row)
			(void)emit_close(html->emit);
		break;
	case HTML_TITLE:
		html->is_in_title = false;
		break;
	case HTML_TABLE:
		leave_row(html);
		(void)markup_table_end(&html->table, html->emit);
		if (html->table_depth > 0)
			html->table_depth--;
		break;
	case HTML_ROW:
		if (html->is_in_cell)
			(void)markup_cell_end(&html->table, html->emit,
			    html->is_header);
		if (html->is_in_row)
			(void)markup_row_end(&html->table, html->emit);
		html->is_in_row = html->is_in_cell = false;
		break;
	case HTML_CELL:
		if (html->is_in_cell)
			(void)markup_cell_end(&html->table, html->emit,
			    html->is_header);
		else if (!html->is_in_row)
			(void)emit_close(html->emit);
		html->is_in_cell = false;
		break;
	case HTML_INLINE:
	case HTML_LINE:
	case HTML_IMAGE:
	case HTML_ROOT:
	case HTML_NOTHING:
	case HTML_SKIP:
		break;
	}
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar **attributes)
{
	struct html *html = arg;
	enum html_role role = html_role((const char *)name);

	html->depth++;
	if (html->depth > HTML_DEPTH_MAX && !html->is_too_deep) {
		html->is_too_deep = true;
		xmlStopParser(html->parser);
	}
	if (html->skip_depth > 0 || html->is_too_deep)
		return;
	if (role == HTML_SKIP || is_hidden(attributes)) {
		html->skip_depth = html->depth;
		return;
	}
	start_element(html, role, (const char *)name, attributes);
}

static void
on_end(void *arg, const xmlChar *name)
{
	struct html *html = arg;

	if (html->depth > 0)
		html->depth--;
	if (html->skip_depth > 0) {
		if (html->depth < html->skip_depth)
			html->skip_depth = 0;
		return;
	}
	end_element(html, html_role((const char *)name));
}

static void
on_text(void *arg, const xmlChar *text, int len)
{
	struct html *html = arg;

	/* White space between cells is no text. */
	if (html->skip_depth > 0 || html->is_too_deep || len <= 0 ||
	    (html->is_in_row && !html->is_in_cell))
		return;
	html_words(html, (const char *)text, (size_t)len);
}

static int
html_push(struct html *html, struct input *input)
{
	size_t len;
	int err;

	for (;;) {
		len = input_len(input);
		/* In small pieces, so that an error of ours ends it soon. */
		if (len > HTML_PUSH_SIZE)
			len = HTML_PUSH_SIZE;
		if (len > 0)
			(void)htmlParseChunk(html->parser, input_text(input),
			    (int)len, 0); /* bad HTML is HTML */
		input_eat(input, len);
		if (html->emit->err < 0)
			return html->emit->err;
		if (html->is_too_deep)
			return ERR_TOO_BIG;
		/* Starved, or stopped by a limit of its own: text is lost. */
		if (markup_has_starved() ||
		    html->parser->instate == XML_PARSER_EOF)
			return ERR_NOMEM;
		if (input_len(input) > 0)
			continue;
		if (input->is_end)
			break;
		err = input_more(input);
		if (err < 0)
			return err;
	}
	(void)htmlParseChunk(html->parser, "", 0, 1);
	if (html->is_too_deep)
		return ERR_TOO_BIG;
	return markup_has_starved() ? ERR_NOMEM : html->emit->err;
}

int
read_html(struct input *input, struct emit *emit, struct err_note *note)
{
	htmlSAXHandler handler = {
	    .startElement = on_start,
	    .endElement = on_end,
	    .characters = on_text,
	    .cdataBlock = NULL, /* scripts and styles */
	    .ignorableWhitespace = on_text,
	};
	struct html html = {.emit = emit};
	int err = ERR_NOMEM;

	markup_begin();
	markup_table_init(&html.table);
	buf_init(&html.title, 64 * KIB);
	html.parser = htmlCreatePushParserCtxt(&handler, &html, NULL, 0, NULL,
	    XML_CHAR_ENCODING_UTF8);
	if (html.parser == NULL)
		goto out;
	/* The text is UTF-8 by now, whatever it says of itself. */
	(void)htmlCtxtUseOptions(html.parser, HTML_PARSE_NONET |
		HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT);
	err = html_push(&html, input);
	if (err == 0) {
		leave_row(&html);
		err = emit_close(emit);
	}
	if (html.is_too_deep)
		err = err_set(note, ERR_TOO_BIG,
		    "the page is nested deeper than %u elements",
		    HTML_DEPTH_MAX);
	emit_title(emit, buf_text(&html.title), html.title.len);
out:
	if (html.parser != NULL) {
		if (html.parser->myDoc != NULL)
			xmlFreeDoc(html.parser->myDoc);
		htmlFreeParserCtxt(html.parser);
	}
	buf_fini(&html.title);
	markup_table_fini(&html.table);
	return err;
}
