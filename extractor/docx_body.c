/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts that hold paragraphs: the body, headers, footers, notes, comments.
 *
 * Elements are told by docx_tbl.h; one that is not there is transparent.  What
 * is deleted, what only commands the layout and all but the first branch of
 * alternatives that gives text are skipped with all that is in them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/docx.h"
#include "extractor/package.h"
#include "extractor/xml.h"

#define ID_SIZE 256u
#define SPAN_MAX 10000

/* In groups: code asks for ranges of them. */
enum role {
	ROLE_NONE, ROLE_SKIP, ROLE_TEXT, ROLE_INSTRUCTION,
	ROLE_PARAGRAPH, ROLE_PROPERTIES,
	ROLE_PROPERTY_LEVEL, ROLE_PROPERTY_LIST, ROLE_PROPERTY_OUTLINE,
	ROLE_PROPERTY_STYLE,
	ROLE_RUN,
	ROLE_RUN_BOLD, ROLE_RUN_BREAK, ROLE_RUN_HIDDEN, ROLE_RUN_HYPHEN,
	ROLE_RUN_STYLE, ROLE_RUN_SYMBOL, ROLE_RUN_TAB,
	ROLE_TABLE, ROLE_ROW, ROLE_CELL,
	ROLE_TABLE_LOOK, ROLE_TABLE_STYLE, ROLE_ROW_BEFORE, ROLE_ROW_HEADER,
	ROLE_CELL_SPAN, ROLE_CELL_MERGED, ROLE_CELL_DELETED,
	ROLE_ALTERNATE, ROLE_CHOICE, ROLE_FALLBACK,
	ROLE_DELETED, ROLE_NOTE, ROLE_REFERENCE, ROLE_STORED, ROLE_PAGE,
	ROLE_FIELD, ROLE_SIMPLE_FIELD, ROLE_LIST_ENTRY, ROLE_LIST_RESULT,
	ROLE_MATH_OVER, ROLE_MATH_PARENS, ROLE_MATH_SUB, ROLE_MATH_SUP,
	ROLE_PICTURE, ROLE_SHAPE, ROLE_WORD_ART
};

static const struct {
	enum xml_ns ns;
	const char *name;
	enum role role;
} elements[] = {
#define ELEMENT(ns, name, role) {XML_NS_##ns, name, ROLE_##role},
#include "extractor/docx_tbl.h"
};
#define ELEMENTS (sizeof(elements) / sizeof(elements[0]))

/* The table is sorted by name. */
static enum role
role_of(enum xml_ns ns, const char *name)
{
	size_t low = 0, high = ELEMENTS, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(elements[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < ELEMENTS && strcmp(elements[low].name, name) == 0; low++)
		if (elements[low].ns == ns)
			return elements[low].role;
	return ROLE_NONE;
}

static enum role
known_role(struct docx *docx, enum xml_ns ns, const char *name)
{
	size_t at = (((uintptr_t)name >> 2) ^ (uintptr_t)ns) &
	    (DOCX_KNOWN - 1);

	if (docx->known[at].name != name || docx->known[at].ns != (int)ns) {
		docx->known[at].name = name;
		docx->known[at].ns = (int)ns;
		docx->known[at].role = (int)role_of(ns, name);
	}
	return (enum role)docx->known[at].role;
}

/* ---- runs --------------------------------------------------------------- */

static int
put_string(struct docx *docx, const char *text)
{
	return docx_is_in_instruction(docx) ? 0
				       : docx_put(docx, text, strlen(text));
}

static void
run_begin(struct docx *docx)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);

	if (paragraph == NULL)
		return;
	paragraph->is_bold = paragraph->style->bold == 1;
	paragraph->is_hidden = paragraph->style->hidden == 1;
}

static void
run_style(struct docx *docx, const struct xml_attributes *attributes)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);
	const struct docx_style *style;
	char id[ID_SIZE];

	if (paragraph == NULL)
		return;
	(void)xml_attribute_copy(attributes, XML_NS_W, "val", id, sizeof(id));
	style = docx_style_find(&docx->styles, id);
	if (style->bold != SAYS_NOTHING)
		paragraph->is_bold = style->bold == 1;
	if (style->hidden != SAYS_NOTHING)
		paragraph->is_hidden = style->hidden == 1;
}

static int
run_symbol(struct docx *docx, const struct xml_attributes *attributes)
{
	char font[64], digits[16], text[5];
	uint32_t c;

	(void)xml_attribute_copy(attributes, XML_NS_W, "font", font,
	    sizeof(font));
	(void)xml_attribute_copy(attributes, XML_NS_W, "char", digits,
	    sizeof(digits));
	c = (uint32_t)strtoul(digits, NULL, 16);
	c = docx_symbol(font, c);
	if (c == 0)
		return 0;
	text[utf8_encode(c, text)] = '\0';
	return put_string(docx, text);
}

static int
run_break(struct docx *docx, const struct xml_attributes *attributes)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);
	char type[16];

	if (paragraph == NULL || paragraph->is_hidden)
		return 0;
	(void)xml_attribute_copy(attributes, XML_NS_W, "type", type,
	    sizeof(type));
	if (strcmp(type, "page") == 0 && docx->is_paged) {
		docx->page++;
		docx->is_after_break = true;
	}
	if (paragraph->style->code == 1)
		return put_string(docx, "\n");
	paragraph->has_break = true;
	return 0;
}

/* Where Word began a page when it showed the document last: also behind the
 * break that made it do so. */
static void
page_begin(struct docx *docx)
{
	if (!docx->is_after_break && docx->is_paged)
		docx->page++;
	docx->is_after_break = false;
}

/* The value of an attribute as a block behind its paragraph. */
static int
put_aside(struct docx *docx, const struct xml_attributes *attributes,
    const char *name)
{
	const struct docx_paragraph *paragraph = docx_paragraph(docx);
	const char *text;
	size_t len;
	int err;

	text = xml_attribute(attributes, XML_NS_NONE, name, &len);
	if (text == NULL || len == 0 || paragraph == NULL ||
	    paragraph->is_hidden || docx_is_in_instruction(docx))
		return 0;
	err = docx_paragraph_begin(docx);
	if (err == 0)
		err = docx_put(docx, text, len);
	return err < 0 ? err : docx_paragraph_end(docx);
}

/* ---- paragraphs, tables ------------------------------------------------- */

static void
paragraph_property(struct docx *docx, enum role role,
    const struct xml_attributes *attributes)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);
	char id[ID_SIZE];
	long number;

	if (paragraph == NULL)
		return;
	number = xml_attribute_number(attributes, XML_NS_W, "val", -1);
	if (role == ROLE_PROPERTY_STYLE) {
		(void)xml_attribute_copy(attributes, XML_NS_W, "val", id,
		    sizeof(id));
		paragraph->style = docx_style_find(&docx->styles, id);
		run_begin(docx);
	} else if (role == ROLE_PROPERTY_LIST) {
		paragraph->list = number != 0;
	} else if (role == ROLE_PROPERTY_LEVEL && number >= 0 && number <= 8) {
		paragraph->list_level = (int8_t)number;
	} else if (role == ROLE_PROPERTY_OUTLINE && number >= 0 &&
	    number <= DOCX_OUTLINE_BODY) {
		paragraph->outline = (int8_t)number;
	}
}

static void
table_property(struct docx *docx, enum role role,
    const struct xml_attributes *attributes)
{
	struct docx_table *table = docx_table(docx);
	char value[ID_SIZE];
	long number;

	if (table == NULL)
		return;
	(void)xml_attribute_copy(attributes, XML_NS_W, "val", value,
	    sizeof(value));
	number = xml_attribute_number(attributes, XML_NS_W, "val", 1);
	if (number < 0 || number > SPAN_MAX)
		number = 1;
	if (role == ROLE_TABLE_STYLE) {
		table->is_styled =
		    docx_style_find(&docx->styles, value)->first_row == 1;
	} else if (role == ROLE_TABLE_LOOK) {
		table->wants_first_row =
		    (strtoul(value, NULL, 16) & 0x20) != 0 ||
		    xml_attribute_number(attributes, XML_NS_W, "firstRow",
			0) == 1;
	} else if (role == ROLE_ROW_HEADER && table->is_in_row) {
		table->is_header = docx_is_on(attributes);
	} else if (role == ROLE_ROW_BEFORE && table->column == 0) {
		table->column = (uint32_t)number;
	} else if (role == ROLE_CELL_SPAN && number > 0) {
		table->span = (uint32_t)number;
	} else if (role == ROLE_CELL_MERGED) {
		table->merge = strcmp(value, "restart") == 0 ? MERGE_BEGINS
							     : MERGE_GOES_ON;
	} else if (role == ROLE_CELL_DELETED) {
		table->is_cell_deleted = true;
	}
}

/* A mark in a paragraph's or a row's properties says that its end was
 * deleted; elsewhere it holds what was. */
static void
deleted(struct docx *docx)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);
	struct docx_table *table = docx_table(docx);

	if (docx->properties_depth > 0 && paragraph != NULL)
		paragraph->is_joined = true;
	else if (table != NULL && table->is_in_row && !table->is_in_cell)
		table->is_deleted = true;
	docx->skip_depth = docx->depth;
}

/* ---- notes and what is stored ------------------------------------------- */

static uint64_t
note_key(const char *name, const struct xml_attributes *attributes)
{
	char key[ID_SIZE];
	size_t n;

	/* "footnote" and "footnoteReference", "endnote" ... */
	key[0] = name[0];
	(void)xml_attribute_copy(attributes, XML_NS_W, "id", key + 1,
	    sizeof(key) - 1);
	n = strlen(key);
	return docx_key(key, n);
}

static int
note_begin(struct docx *docx, const char *name,
    const struct xml_attributes *attributes)
{
	char type[32];
	size_t n;
	int err;

	(void)xml_attribute_copy(attributes, XML_NS_W, "type", type,
	    sizeof(type));
	/* The lines above notes. */
	if (type[0] != '\0' && strcmp(type, "normal") != 0) {
		docx->skip_depth = docx->depth;
		return 0;
	}
	err = docx_carried_end(docx);
	if (err < 0)
		return err;
	docx->note_at = docx->pile.len;
	docx->note_key = note_key(name, attributes);
	if (strcmp(name, "comment") != 0)
		return 0;
	(void)xml_attribute_copy(attributes, XML_NS_W, "author", docx->prefix,
	    sizeof(docx->prefix) - 2);
	n = strlen(docx->prefix);
	if (n > 0)
		memcpy(docx->prefix + n, ": ", 3);
	return 0;
}

static int
note_end(struct docx *docx, const char *name)
{
	int err;

	err = docx_carried_end(docx);
	docx->prefix[0] = '\0';
	if (err < 0 || strcmp(name, "comment") == 0 ||
	    docx->note_at > docx->pile.len)
		return err;
	err = docx_store(docx, docx->note_key, DOCX_NOTE,
	    buf_text(&docx->pile) + docx->note_at,
	    docx->pile.len - docx->note_at);
	docx->pile.len = docx->note_at;
	return err;
}

/* A chart has an id, a diagram the id of its data. */
static int
want_stored(struct docx *docx, const struct xml_attributes *attributes)
{
	const char *id;
	size_t len;

	id = xml_attribute(attributes, XML_NS_R, "id", &len);
	if (id == NULL)
		id = xml_attribute(attributes, XML_NS_R, "dm", &len);
	return id == NULL ? 0 : docx_want(docx, docx_key(id, len));
}

/* ---- alternatives ------------------------------------------------------- */

static void
alternate_branch(struct docx *docx, bool is_first)
{
	unsigned top = docx->alternates_open - 1;

	/* The same in two ways: the first that gives words. */
	if (docx->alternates_open == 0)
		return;
	if (top >= DOCX_ALTERNATES_MAX ? !is_first
		: docx->words > docx->alternates[top])
		docx->skip_depth = docx->depth;
}

static void
alternate_begin(struct docx *docx)
{
	if (docx->alternates_open < DOCX_ALTERNATES_MAX)
		docx->alternates[docx->alternates_open] = docx->words;
	docx->alternates_open++;
}

/* ---- events ------------------------------------------------------------- */

static int
start_run(struct docx *docx, enum role role,
    const struct xml_attributes *attributes)
{
	struct docx_paragraph *paragraph = docx_paragraph(docx);

	if (docx->properties_depth > 0 || paragraph == NULL)
		return 0;
	if (role == ROLE_RUN_BOLD)
		paragraph->is_bold = docx_is_on(attributes);
	else if (role == ROLE_RUN_HIDDEN)
		paragraph->is_hidden = docx_is_on(attributes);
	else if (role == ROLE_RUN_STYLE)
		run_style(docx, attributes);
	else if (role == ROLE_RUN_BREAK)
		return run_break(docx, attributes);
	else if (role == ROLE_RUN_TAB)
		return put_string(docx, " ");
	else if (role == ROLE_RUN_HYPHEN)
		return put_string(docx, "-");
	else if (role == ROLE_RUN_SYMBOL)
		return run_symbol(docx, attributes);
	return 0;
}

/* The chosen one of a list in a form. */
static int
start_list_entry(struct docx *docx, const struct xml_attributes *attributes)
{
	const char *text;
	size_t len;

	if (docx->choices++ != docx->choice)
		return 0;
	text = xml_attribute(attributes, XML_NS_W, "val", &len);
	return text == NULL ? 0 : docx_put(docx, text, len);
}

/* What stands in a paragraph. */
static int
start_inline(struct docx *docx, enum role role, const char *name,
    const struct xml_attributes *attributes)
{
	if (role >= ROLE_RUN_BOLD && role <= ROLE_RUN_TAB)
		return start_run(docx, role, attributes);
	if (role == ROLE_FIELD)
		docx_field(docx, attributes);
	else if (role == ROLE_SIMPLE_FIELD)
		docx_field_simple(docx, attributes);
	else if (role == ROLE_LIST_ENTRY)
		return start_list_entry(docx, attributes);
	else if (role == ROLE_LIST_RESULT)
		docx->choice = xml_attribute_number(attributes, XML_NS_W,
		    "val", 0);
	else if (role == ROLE_MATH_OVER)
		return put_string(docx, "/");
	else if (role == ROLE_MATH_SUB)
		return put_string(docx, "_");
	else if (role == ROLE_MATH_SUP)
		return put_string(docx, "^");
	else if (role == ROLE_MATH_PARENS)
		return put_string(docx, "(");
	else if (role == ROLE_REFERENCE)
		return docx_want(docx, note_key(name, attributes));
	else if (role == ROLE_STORED)
		return want_stored(docx, attributes);
	else if (role == ROLE_PAGE)
		page_begin(docx);
	else if (role == ROLE_PICTURE)
		return put_aside(docx, attributes, "descr");
	else if (role == ROLE_SHAPE)
		return put_aside(docx, attributes, "alt");
	else if (role == ROLE_WORD_ART)
		return put_aside(docx, attributes, "string");
	return 0;
}

static int
start_table(struct docx *docx)
{
	int err = docx_carried_end(docx);

	docx_table_begin(docx);
	return err;
}

static int
start_element(struct docx *docx, enum role role, const char *name,
    const struct xml_attributes *attributes)
{
	if (role == ROLE_TEXT || role == ROLE_INSTRUCTION)
		docx->text_role = (int)role;
	else if (role == ROLE_RUN)
		run_begin(docx);
	else if (role == ROLE_PARAGRAPH)
		return docx_paragraph_begin(docx);
	else if (role == ROLE_PROPERTIES && docx->properties_depth == 0)
		docx->properties_depth = docx->depth;
	else if (role >= ROLE_PROPERTY_LEVEL && role <= ROLE_PROPERTY_STYLE) {
		if (docx->properties_depth > 0)
			paragraph_property(docx, role, attributes);
	} else if (role == ROLE_TABLE)
		return start_table(docx);
	else if (role == ROLE_ROW)
		return docx_row_begin(docx);
	else if (role == ROLE_CELL)
		return docx_cell_begin(docx);
	else if (role >= ROLE_TABLE_LOOK && role <= ROLE_CELL_DELETED)
		table_property(docx, role, attributes);
	else if (role == ROLE_DELETED)
		deleted(docx);
	else if (role == ROLE_SKIP)
		docx->skip_depth = docx->depth;
	else if (role == ROLE_ALTERNATE)
		alternate_begin(docx);
	else if (role == ROLE_CHOICE || role == ROLE_FALLBACK)
		alternate_branch(docx, role == ROLE_CHOICE);
	else if (role == ROLE_NOTE)
		return note_begin(docx, name, attributes);
	else
		return start_inline(docx, role, name, attributes);
	return 0;
}

static int
on_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct docx *docx = arg;
	enum role role;

	docx->depth++;
	if (docx->skip_depth > 0)
		return 0;
	role = known_role(docx, ns, name);
	return role == ROLE_NONE
	    ? 0
	    : start_element(docx, role, name, attributes);
}

static int
end_element(struct docx *docx, enum role role, const char *name)
{
	if (role == ROLE_TEXT || role == ROLE_INSTRUCTION) {
		docx->text_role = ROLE_NONE;
	} else if (role == ROLE_PARAGRAPH) {
		docx_fields_mend(docx);
		return docx_paragraph_end(docx);
	} else if (role == ROLE_TABLE) {
		return docx_table_end(docx);
	} else if (role == ROLE_ROW) {
		return docx_row_end(docx);
	} else if (role == ROLE_CELL) {
		return docx_cell_end(docx);
	} else if (role == ROLE_NOTE) {
		return note_end(docx, name);
	} else if (role == ROLE_ALTERNATE) {
		docx->alternates_open--;
	} else if (role == ROLE_MATH_PARENS) {
		return put_string(docx, ")");
	}
	return 0;
}

static int
on_end(void *arg, enum xml_ns ns, const char *name)
{
	struct docx *docx = arg;
	unsigned depth = docx->depth--;
	enum role role;

	if (docx->skip_depth > 0) {
		if (depth == docx->skip_depth)
			docx->skip_depth = 0;
		return 0;
	}
	if (depth == docx->properties_depth)
		docx->properties_depth = 0;
	role = known_role(docx, ns, name);
	return role == ROLE_NONE ? 0 : end_element(docx, role, name);
}

static int
on_text(void *arg, const char *text, size_t len)
{
	struct docx *docx = arg;

	if (docx->skip_depth > 0 || docx->text_role == ROLE_NONE)
		return 0;
	if (docx->text_role == ROLE_INSTRUCTION) {
		docx_field_instruction(docx, text, len);
		return 0;
	}
	return docx_is_in_instruction(docx) ? 0 : docx_put(docx, text, len);
}

int
docx_part(struct docx *docx, const char *part, enum docx_mode mode)
{
	static const struct xml_events events = {on_start, on_end, on_text};
	int err;

	docx->mode = mode;
	memset(docx->known, 0, sizeof(docx->known));
	docx->depth = docx->skip_depth = docx->properties_depth = 0;
	docx->text_role = ROLE_NONE;
	docx->fields_open = docx->alternates_open = 0;
	docx->open = docx->tables_open = docx->tables_flat = 0;
	docx->is_carried = false;
	docx->prefix[0] = '\0';
	buf_clear(&docx->text);
	err = xml_parse_part(docx->package, part, &events, docx, docx->note);
	return err < 0 ? err : docx_carried_end(docx);
}
