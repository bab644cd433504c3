/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The elements of content.xml, and of the headers and footers in styles.xml.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/odf.h"

enum odf_role {
	ODF_ANNOTATION, ODF_ASIDE, ODF_BIBLIOGRAPHY, ODF_CAPTION, ODF_CELL,
	ODF_COVERED, ODF_CREATOR, ODF_FIELD, ODF_HEADER_ROWS, ODF_HEADING,
	ODF_HIDDEN_PARAGRAPH, ODF_HIDDEN_TEXT, ODF_INDEX, ODF_ITEM, ODF_LIST,
	ODF_LIST_HEADER, ODF_NOTHING, ODF_OBJECT, ODF_PAGE_BREAK,
	ODF_PARAGRAPH, ODF_ROW, ODF_SECTION, ODF_SHEETS, ODF_SKIP, ODF_SLIDE,
	ODF_SLIDES, ODF_SPACE, ODF_SPAN, ODF_TABLE, ODF_TEXT
};

static const struct {
	const char *name;
	enum xml_ns ns;
	enum odf_role role;
} odf_elements[] = {
#define ELEMENT(ns, name, role) {name, XML_NS_##ns, ODF_##role},
#include "extractor/odf_tbl.h"
};
#define ODF_ELEMENTS (sizeof(odf_elements) / sizeof(odf_elements[0]))

static enum odf_role
odf_role(enum xml_ns ns, const char *name)
{
	size_t low = 0, high = ODF_ELEMENTS, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(odf_elements[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < ODF_ELEMENTS &&
	     strcmp(odf_elements[low].name, name) == 0;
	     low++)
		if (odf_elements[low].ns == ns)
			return odf_elements[low].role;
	return ns == XML_NS_DRAW ? ODF_ASIDE : ODF_NOTHING;
}

void
odf_skip(struct odf *odf)
{
	if (odf->skip_depth == 0)
		odf->skip_depth = odf->depth;
}

static bool
attribute_is(const struct xml_attributes *attributes, enum xml_ns ns,
    const char *name, const char *wanted)
{
	size_t len;
	const char *value = xml_attribute(attributes, ns, name, &len);

	return value != NULL && len == strlen(wanted) &&
	    memcmp(value, wanted, len) == 0;
}

/* ---- paragraphs --------------------------------------------------------- */

static unsigned
style_of(const struct odf *odf, char family,
    const struct xml_attributes *attributes)
{
	char name[ODF_NAME_MAX];

	(void)xml_attribute_copy(attributes, XML_NS_TEXT, "style-name", name,
	    sizeof(name));
	return odf_style_flags(&odf->styles, family, name);
}

static enum odf_end
start_heading(struct odf *odf, const struct xml_attributes *attributes)
{
	long level;

	level = xml_attribute_number(attributes, XML_NS_TEXT, "level", 1);
	level = xml_attribute_number(attributes, XML_NS_TEXT, "outline-level",
	    level);
	if (level < 1)
		level = 1;
	if (level > (long)SECTION_DEPTH_MAX)
		level = SECTION_DEPTH_MAX;
	odf->is_item_fresh = false;
	return odf_paragraph_start(odf, BLOCK_HEADING, (unsigned)level,
	    style_of(odf, ODF_FAMILY_PARAGRAPH, attributes));
}

static enum odf_end
start_paragraph(struct odf *odf, const struct xml_attributes *attributes)
{
	enum block_kind block = BLOCK_PARAGRAPH;
	unsigned style, level = 0;

	style = style_of(odf, ODF_FAMILY_PARAGRAPH, attributes);
	if (odf->list_depth > 0 && odf->is_item_fresh) {
		block = BLOCK_LIST_ITEM;
		level = odf->list_depth;
	} else if ((style & ODF_STYLE_TITLE) != 0 && odf->asides == 0 &&
	    odf->level_count == 0) {
		block = BLOCK_HEADING;
		level = 1;
	} else if ((style & ODF_STYLE_CODE) != 0) {
		block = BLOCK_CODE;
	}
	odf->is_item_fresh = false;
	return odf_paragraph_start(odf, block, level, style);
}

static enum odf_end
start_annotation(struct odf *odf, const struct xml_attributes *attributes)
{
	const char *author;
	size_t len;

	odf->asides++;
	odf->is_creator_due = true;
	buf_clear(&odf->creator);
	author = xml_attribute(attributes, XML_NS_OFFICE, "author", &len);
	if (author != NULL)
		(void)buf_put(&odf->creator, author, len); /* or none */
	return ODF_END_ANNOTATION;
}

static enum odf_end
start_creator(struct odf *odf)
{
	if (!odf->is_creator_due) {
		odf_skip(odf);
		return ODF_END_NOTHING;
	}
	odf->is_creator = true;
	return ODF_END_CREATOR;
}

static enum odf_end
start_aside(struct odf *odf, const struct xml_attributes *attributes)
{
	odf->asides++;
	if (odf->title_asides == 0 && odf->level_count == 0 &&
	    attribute_is(attributes, XML_NS_PRESENTATION, "class", "title")) {
		odf->title_asides = odf->asides;
		return ODF_END_TITLE;
	}
	return ODF_END_ASIDE;
}

static void
start_space(struct odf *odf, const char *name,
    const struct xml_attributes *attributes)
{
	if (strcmp(name, "s") == 0)
		odf_put_space(odf, ' ', xml_attribute_number(attributes,
		    XML_NS_TEXT, "c", 1));
	else
		odf_put_space(odf, name[0] == 'l' ? '\n' : '\t', 1);
}

/* What depends on a condition is there as its program saw it last. */
static bool
is_hidden(const struct xml_attributes *attributes)
{
	return attribute_is(attributes, XML_NS_TEXT, "is-hidden", "true");
}

static void
start_hidden_paragraph(struct odf *odf,
    const struct xml_attributes *attributes)
{
	struct odf_level *top = odf_top(odf);

	if (top != NULL && top->kind == ODF_LEVEL_PARAGRAPH &&
	    top->asides == odf->asides && is_hidden(attributes))
		top->is_hidden = true;
}

/* Numbers of pages and the like mean nothing where they are not. */
static void
start_field(struct odf *odf, const char *name)
{
	if (odf->is_header || (odf->is_slides &&
		strcmp(name, "page-number") == 0)) {
		odf->has_field = true;
		odf_skip(odf);
	}
}

static void
start_section(struct odf *odf, const struct xml_attributes *attributes)
{
	if (attribute_is(attributes, XML_NS_TEXT, "display", "none") ||
	    is_hidden(attributes))
		odf_skip(odf);
}

static void
start_span(struct odf *odf, const struct xml_attributes *attributes)
{
	if (odf->styles.has_hidden &&
	    (style_of(odf, ODF_FAMILY_TEXT, attributes) & ODF_STYLE_HIDDEN) !=
		0)
		odf_skip(odf);
}

/* ---- pages -------------------------------------------------------------- */

static void
start_text(struct odf *odf, const struct xml_attributes *attributes)
{
	if (odf->object_depth > 0 || odf->asides > 0 ||
	    !attribute_is(attributes, XML_NS_TEXT, "use-soft-page-breaks",
		"true"))
		return;
	odf->has_pages = true;
	odf->emit->page = 1;
}

static void
page_break(struct odf *odf)
{
	if (odf->asides > 0 && odf->level_count == 0)
		return;
	odf->breaks++;
	odf_turn_pages(odf);
}

/* "page1", "Slide 2" say nothing; a name that somebody gave does. */
static bool
is_named(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && (name[len - 1] < '0' || name[len - 1] > '9');
}

static void
start_slide(struct odf *odf, const struct xml_attributes *attributes)
{
	char *name = odf->slide_name;

	if (odf->object_depth > 0 || odf->level_count > 0)
		return;
	odf_settle(odf);
	odf->is_slides = true;
	odf->emit->page = ++odf->sheets;
	(void)xml_attribute_copy(attributes, XML_NS_DRAW, "name", name,
	    sizeof(odf->slide_name));
	if (!is_named(name)) {
		name[0] = '\0';
		return;
	}
	(void)emit_open(odf->emit, BLOCK_HEADING, 1);
	(void)emit_words(odf->emit, name, strlen(name));
	(void)emit_close(odf->emit); /* the error sticks */
}

static void
start_object(struct odf *odf, const struct xml_attributes *attributes)
{
	const char *href;
	size_t len;

	href = xml_attribute(attributes, XML_NS_XLINK, "href", &len);
	if (href != NULL)
		odf_object_note(odf, href, len);
	odf->asides++;
}

/* ---- all of them -------------------------------------------------------- */

/* Elements whose end means nothing. */
static void
start_mark(struct odf *odf, enum odf_role role, const char *name,
    const struct xml_attributes *attributes)
{
	if (role == ODF_ITEM || role == ODF_LIST_HEADER)
		odf->is_item_fresh = role == ODF_ITEM;
	else if (role == ODF_SPACE)
		start_space(odf, name, attributes);
	else if (role == ODF_SPAN)
		start_span(odf, attributes);
	else if (role == ODF_PAGE_BREAK)
		page_break(odf);
	else if (role == ODF_FIELD)
		start_field(odf, name);
	else if (role == ODF_SECTION)
		start_section(odf, attributes);
	else if (role == ODF_HIDDEN_PARAGRAPH)
		start_hidden_paragraph(odf, attributes);
	else if (role == ODF_TEXT)
		start_text(odf, attributes);
	else if (role == ODF_SLIDE)
		start_slide(odf, attributes);
	else if (role == ODF_SHEETS)
		odf->is_sheets = odf->is_sheets || odf->asides == 0;
	else if (role == ODF_SLIDES)
		odf->is_slides = odf->is_slides || odf->asides == 0;
	else if (role == ODF_SKIP ||
	    (role == ODF_HIDDEN_TEXT && is_hidden(attributes)) ||
	    /* An index has the headings once more. */
	    (role == ODF_INDEX && odf->bibliographies == 0))
		odf_skip(odf);
}

static enum odf_end
start_element(struct odf *odf, enum odf_role role, const char *name,
    const struct xml_attributes *attributes)
{
	switch ((int)role) {
	case ODF_PARAGRAPH:
		return start_paragraph(odf, attributes);
	case ODF_HEADING:
		return start_heading(odf, attributes);
	case ODF_CAPTION:
		return odf_paragraph_start(odf, BLOCK_PARAGRAPH, 0, 0);
	case ODF_ANNOTATION:
		return start_annotation(odf, attributes);
	case ODF_CREATOR:
		return start_creator(odf);
	case ODF_ASIDE:
		return start_aside(odf, attributes);
	case ODF_TABLE:
		return odf_table_start(odf, attributes);
	case ODF_ROW:
		return odf_row_start(odf, attributes);
	case ODF_CELL:
	case ODF_COVERED:
		return odf_cell_start(odf, role == ODF_COVERED, attributes);
	case ODF_HEADER_ROWS:
		odf->is_header_rows = true;
		return ODF_END_HEADER_ROWS;
	case ODF_LIST:
		odf->list_depth++;
		return ODF_END_LIST;
	case ODF_BIBLIOGRAPHY:
		odf->bibliographies++;
		return ODF_END_BIBLIOGRAPHY;
	case ODF_OBJECT:
		start_object(odf, attributes);
		return ODF_END_ASIDE;
	default:
		start_mark(odf, role, name, attributes);
		return ODF_END_NOTHING;
	}
}

static void
end_element(struct odf *odf, enum odf_end end)
{
	switch (end) {
	case ODF_END_PARAGRAPH:
	case ODF_END_CELL_PARAGRAPH:
	case ODF_END_GLUED:
		odf_paragraph_end(odf, end);
		break;
	case ODF_END_TITLE:
		odf_title_end(odf);
		odf->asides--;
		break;
	case ODF_END_ANNOTATION:
		odf->is_creator_due = false;
		odf->asides--;
		break;
	case ODF_END_ASIDE:
		odf->asides--;
		break;
	case ODF_END_CREATOR:
		odf->is_creator = false;
		break;
	case ODF_END_LIST:
		odf->list_depth--;
		odf->is_item_fresh = false;
		break;
	case ODF_END_BIBLIOGRAPHY:
		odf->bibliographies--;
		break;
	case ODF_END_TABLE:
		odf_table_end(odf);
		break;
	case ODF_END_HEADER_ROWS:
		odf->is_header_rows = false;
		break;
	case ODF_END_ROW:
		odf_row_end(odf);
		break;
	case ODF_END_INNER_ROW:
		odf_pop(odf);
		break;
	case ODF_END_CELL:
		odf_cell_end(odf);
		break;
	case ODF_END_INSIDE:
		odf->is_inside = false;
		break;
	case ODF_END_NOTHING:
		break;
	}
}

/* Outside the body: styles, and what a document of OpenOffice.org 1 is. */
static int
start_outside(struct odf *odf, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	if (odf->depth == 1) {
		odf->is_sheets = odf->is_sheets || attribute_is(attributes,
		    XML_NS_OFFICE, "class", "spreadsheet");
		/* A formula has no body. */
		odf->is_inside = strcmp(name, "math") == 0;
	}
	if (ns != XML_NS_OFFICE || strcmp(name, "body") != 0)
		return odf_styles_start(&odf->styles, ns, name, attributes);
	odf_styles_ready(&odf->styles);
	odf->is_inside = true;
	odf->ends[odf->depth] = ODF_END_INSIDE;
	return 0;
}

static int
on_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct odf *odf = arg;

	odf->depth++;
	if (odf->skip_depth > 0)
		return 0;
	odf->ends[odf->depth] = ODF_END_NOTHING;
	if (!odf->is_inside)
		return start_outside(odf, ns, name, attributes);
	odf->ends[odf->depth] = (uint8_t)start_element(odf,
	    odf_role(ns, name), name, attributes);
	return odf->emit->err;
}

static int
on_end(void *arg, enum xml_ns ns, const char *name)
{
	struct odf *odf = arg;
	unsigned depth = odf->depth--;

	if (odf->skip_depth > 0) {
		if (depth > odf->skip_depth)
			return 0;
		odf->skip_depth = 0;
	}
	if (!odf->is_inside)
		odf_styles_end(&odf->styles, ns, name);
	end_element(odf, (enum odf_end)odf->ends[depth]);
	return odf->emit->err;
}

static int
on_text(void *arg, const char *text, size_t len)
{
	struct odf *odf = arg;

	if (odf->skip_depth > 0 || !odf->is_inside)
		return 0;
	if (odf->is_creator)
		(void)buf_put(&odf->creator, text, len); /* or none */
	else
		odf_put(odf, text, len);
	return odf->emit->err;
}

/* What stands on all pages of a kind: of a text its headers and footers, of
 * slides what is no place for a slide's own title, text, date or number. */
static bool
is_on_all_pages(const struct odf *odf, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	static const char *const names[] = {"header", "header-left",
	    "header-first", "footer", "footer-left", "footer-first"};
	char class[16];
	size_t i;

	if (odf->is_slides) {
		if (ns != XML_NS_DRAW || !odf->is_master)
			return false;
		(void)xml_attribute_copy(attributes, XML_NS_PRESENTATION,
		    "class", class, sizeof(class));
		return class[0] == '\0' || strcmp(class, "footer") == 0 ||
		    strcmp(class, "header") == 0;
	}
	if (ns != XML_NS_STYLE ||
	    attribute_is(attributes, XML_NS_STYLE, "display", "false"))
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Master pages are looked through for headers and footers. */
static int
on_header_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct odf *odf = arg;

	if (odf->is_inside || odf->skip_depth > 0)
		return on_start(arg, ns, name, attributes);
	odf->depth++;
	odf->ends[odf->depth] = ODF_END_NOTHING;
	if (ns == XML_NS_OFFICE && strcmp(name, "master-styles") == 0)
		odf->is_master = true;
	if ((ns == XML_NS_OFFICE && strcmp(name, "body") == 0) ||
	    (ns == XML_NS_PRESENTATION && strcmp(name, "notes") == 0) ||
	    (ns == XML_NS_STYLE && strcmp(name, "handout-master") == 0)) {
		odf_skip(odf);
	} else if (is_on_all_pages(odf, ns, name, attributes)) {
		odf->is_inside = true;
		odf->ends[odf->depth] = ODF_END_INSIDE;
	}
	return odf->emit->err;
}

const struct xml_events odf_content_events = {
    .start = on_start,
    .end = on_end,
    .text = on_text,
};
const struct xml_events odf_header_events = {
    .start = on_header_start,
    .end = on_end,
    .text = on_text,
};
