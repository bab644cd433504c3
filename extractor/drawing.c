/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements are told by their local names: the shapes of slides, of sheets and
 * of diagrams differ in nothing else.  Of alternatives the first one is read;
 * the fallback, mostly a picture of it, is not.
 *
 * A paragraph is opened with its first text: by then it is known whether it
 * has a bullet.  Footers are read where they change.  Numbers of slides and
 * dates that programs fill in are no text of the author's.
 */
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "extractor/drawing.h"
#include "extractor/emit.h"
#include "extractor/xml.h"

#define DRAWING_ALT_MAX (64 * KIB)
#define DRAWING_TITLE_MAX (64 * KIB)

enum drawing_role
drawing_role_of(const char *type)
{
	static const struct {
		const char *type;
		enum drawing_role role;
	} roles[] = {
	    {"title", DRAWING_TITLE}, {"ctrTitle", DRAWING_TITLE},
	    {"subTitle", DRAWING_SUBTITLE}, {"ftr", DRAWING_FOOTER},
	    {"hdr", DRAWING_FOOTER}, {"sldNum", DRAWING_FIELD},
	    {"dt", DRAWING_FIELD}, {"sldImg", DRAWING_IMAGE},
	};
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(type, roles[i].type) == 0)
			return roles[i].role;
	return DRAWING_BODY;
}

int
drawing_bullet_of(const char *name)
{
	if (strcmp(name, "buNone") == 0)
		return 0;
	return strcmp(name, "buChar") == 0 ||
		strcmp(name, "buAutoNum") == 0 || strcmp(name, "buBlip") == 0
	    ? 1
	    : -1;
}

int
drawing_level_of(const char *name)
{
	if (strncmp(name, "lvl", 3) != 0 || name[3] < '1' || name[3] > '9' ||
	    strcmp(name + 4, "pPr") != 0)
		return -1;
	return name[3] - '1';
}

/* ---- text --------------------------------------------------------------- */

static bool
has_bullet(const struct drawing *drawing)
{
	unsigned bit = 1u << drawing->level;

	if (drawing->kind == DRAWING_DIAGRAM)
		return true;
	if (drawing->bullet >= 0)
		return drawing->bullet > 0;
	return (drawing->bullets.with & bit) != 0 &&
	    (drawing->bullets.without & bit) == 0;
}

static bool
is_blank(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		/* Spaces that do not break hold empty lines open. */
		if (i + 1 < len && memcmp(text + i, "\xC2\xA0", 2) == 0)
			i++;
		else if ((unsigned char)text[i] > ' ')
			return false;
	}
	return true;
}

static int
put_words(struct drawing *drawing, const char *text, size_t len)
{
	struct emit *emit = drawing->out->emit;

	if (drawing->is_title) {
		drawing->has_title = drawing->has_title ||
		    !is_blank(text, len);
		return 0;
	}
	if (drawing->role == DRAWING_IMAGE)
		return 0;
	if (drawing->role == DRAWING_FOOTER)
		return buf_put(&drawing->words, text, len);
	if (drawing->is_in_cell)
		return buf_put(&drawing->table.cell, text, len);
	if (!drawing->is_paragraph_open) {
		if (is_blank(text, len))
			return 0;
		if (has_bullet(drawing))
			(void)drawing_out_open(drawing->out, BLOCK_LIST_ITEM,
			    drawing->level + 1);
		else
			(void)drawing_out_open(drawing->out, BLOCK_PARAGRAPH,
			    0);
		drawing->is_paragraph_open = true;
	}
	return emit_words(emit, text, len);
}

/* Footers are the same on every slide: only a new one is text. */
static int
put_footer(struct drawing *drawing)
{
	struct buf *words = &drawing->words, *footer = drawing->footer;
	struct emit *emit = drawing->out->emit;
	int err = 0;

	if (is_blank(words->data, words->len))
		goto out;
	if (footer != NULL && footer->len == words->len &&
	    memcmp(footer->data, words->data, words->len) == 0)
		goto out;
	if (footer != NULL) {
		buf_clear(footer);
		err = buf_put(footer, words->data, words->len);
	}
	(void)drawing_out_open(drawing->out, BLOCK_PARAGRAPH, 0);
	(void)emit_words(emit, words->data, words->len);
	(void)emit_close(emit); /* errors stick */
out:
	buf_clear(words);
	return err < 0 ? err : emit->err;
}

static void
start_paragraph(struct drawing *drawing)
{
	drawing->level = 0;
	drawing->bullet = -1;
	drawing->is_paragraph_open = false;
}

static int
end_paragraph(struct drawing *drawing)
{
	if (drawing->is_in_cell || drawing->role == DRAWING_FOOTER)
		return put_words(drawing, " ", 1);
	drawing->is_paragraph_open = false;
	return drawing->is_in_table ? 0 : emit_close(drawing->out->emit);
}

/* ---- shapes ------------------------------------------------------------- */

/* Programs put a file's name where words belong. */
static bool
is_file_name(const char *text)
{
	const char *dot = strrchr(text, '.');
	size_t n = dot == NULL ? 0 : strlen(dot + 1);

	return n >= 3 && n <= 4 && strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == n && strpbrk(dot, " ") == NULL &&
	    (strchr(text, ' ') == NULL || strpbrk(text, "/\\") != NULL);
}

static int
put_alt(struct drawing *drawing)
{
	struct emit *emit = drawing->out->emit;
	const char *alt = buf_text(&drawing->alt);

	if (!is_blank(alt, drawing->alt.len) && !is_file_name(alt) &&
	    !drawing->is_in_cell) {
		(void)drawing_out_open(drawing->out, BLOCK_PARAGRAPH, 0);
		(void)emit_words(emit, alt, drawing->alt.len);
		(void)emit_close(emit); /* errors stick */
	}
	buf_clear(&drawing->alt);
	return emit->err;
}

static void
start_shape(struct drawing *drawing)
{
	drawing->role = DRAWING_NONE;
	drawing->bullets = (struct drawing_bullets){0, 0};
	drawing->is_title = false;
}

static int
end_shape(struct drawing *drawing)
{
	int err = 0;

	if (drawing->role == DRAWING_FOOTER)
		err = put_footer(drawing);
	start_shape(drawing);
	return err < 0 ? err : put_alt(drawing);
}

static void
start_placeholder(struct drawing *drawing,
    const struct xml_attributes *attributes)
{
	char type[16];
	long index;

	(void)xml_attribute_copy(attributes, XML_NS_NONE, "type", type,
	    sizeof(type));
	index = xml_attribute_number(attributes, XML_NS_NONE, "idx", 0);
	drawing->role = drawing_role_of(type);
	drawing->is_title = drawing->role == DRAWING_TITLE &&
	    drawing->skips_title && !drawing->has_title;
	if (drawing->bullets_of != NULL &&
	    (drawing->role == DRAWING_BODY ||
		drawing->role == DRAWING_SUBTITLE))
		drawing->bullets = drawing->bullets_of(drawing->arg, index);
}

static int
start_alt(struct drawing *drawing, const struct xml_attributes *attributes)
{
	const char *words;
	size_t len;
	int err;

	err = put_alt(drawing); /* of what this one stands in */
	if (err < 0)
		return err;
	words = xml_attribute(attributes, XML_NS_NONE, "descr", &len);
	if (words != NULL && drawing->role != DRAWING_IMAGE)
		(void)buf_put(&drawing->alt, words,
		    len < DRAWING_ALT_MAX ? len : 0);
	return 0;
}

/* A chart or a diagram: its own part, read here and now. */
static int
start_part(struct drawing *drawing, const struct xml_attributes *attributes,
    const char *attribute, bool is_chart)
{
	struct drawing inner;
	const char *part;
	char id[128];
	int err;

	if (!xml_attribute_copy(attributes, XML_NS_R, attribute, id,
		sizeof(id)))
		return 0;
	part = relation_map_find(drawing->relations, id);
	if (part == NULL)
		return 0;
	if (++drawing->parts > DRAWING_PARTS_MAX)
		return err_set(drawing->note, ERR_TOO_BIG,
		    "a slide or sheet has more than %u charts",
		    DRAWING_PARTS_MAX);
	if (is_chart) {
		err = chart_read(drawing->package, part, drawing->out,
		    drawing->note);
	} else {
		drawing_init(&inner, drawing->package, drawing->out,
		    drawing->relations, drawing->note);
		inner.parts = DRAWING_PARTS_MAX; /* none inside */
		err = drawing_read(&inner, part, DRAWING_DIAGRAM);
		drawing_fini(&inner);
	}
	/* Without the part there is a gap on the slide as well. */
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* ---- tables ------------------------------------------------------------- */

static int
start_table(struct drawing *drawing, const char *name,
    const struct xml_attributes *attributes)
{
	char first[8];

	if (strcmp(name, "tblPr") == 0) {
		drawing->has_header = xml_attribute_copy(attributes,
		    XML_NS_NONE, "firstRow", first, sizeof(first)) &&
		    (first[0] == '1' || first[0] == 't');
	} else if (strcmp(name, "tr") == 0) {
		(void)emit_close(drawing->out->emit);
		(void)drawing_out_ready(drawing->out);
		drawing->is_in_row = true;
		return markup_row_begin(&drawing->table, drawing->out->emit);
	} else if (strcmp(name, "tc") == 0) {
		drawing->is_in_cell = drawing->is_in_row;
	}
	return drawing->out->emit->err;
}

static int
end_table(struct drawing *drawing, const char *name)
{
	struct emit *emit = drawing->out->emit;

	if (strcmp(name, "tc") == 0 && drawing->is_in_cell) {
		drawing->is_in_cell = false;
		return markup_cell_end(&drawing->table, emit,
		    drawing->has_header && drawing->is_first_row);
	}
	if (strcmp(name, "tr") == 0 && drawing->is_in_row) {
		drawing->is_in_row = drawing->is_first_row = false;
		return markup_row_end(&drawing->table, emit);
	}
	if (strcmp(name, "tbl") == 0) {
		drawing->is_in_table = false;
		return markup_table_end(&drawing->table, emit);
	}
	return 0;
}

/* ---- events ------------------------------------------------------------- */

static bool
is_shape(const char *name)
{
	return strcmp(name, "sp") == 0 || strcmp(name, "pic") == 0 ||
	    strcmp(name, "graphicFrame") == 0 || strcmp(name, "cxnSp") == 0;
}

static bool
is_skipped(const char *name)
{
	return strcmp(name, "Fallback") == 0 || strcmp(name, "extLst") == 0 ||
	    strcmp(name, "timing") == 0;
}

static void
list_style(struct drawing *drawing, const char *name)
{
	int bullet = drawing_bullet_of(name);

	if (drawing_level_of(name) >= 0)
		drawing->list_level = (unsigned)drawing_level_of(name);
	if (bullet < 0)
		return;
	drawing->bullets.with &= (uint16_t)~(1u << drawing->list_level);
	drawing->bullets.without &= (uint16_t)~(1u << drawing->list_level);
	if (bullet > 0)
		drawing->bullets.with |= (uint16_t)(1u << drawing->list_level);
	else
		drawing->bullets.without |=
		    (uint16_t)(1u << drawing->list_level);
}

/* What is in the namespace of text and its neighbours. */
static int
start_text(struct drawing *drawing, const char *name,
    const struct xml_attributes *attributes)
{
	char type[24];
	long level;

	if (drawing->is_in_list_style) {
		list_style(drawing, name);
	} else if (strcmp(name, "p") == 0) {
		start_paragraph(drawing);
	} else if (strcmp(name, "pPr") == 0) {
		level = xml_attribute_number(attributes, XML_NS_NONE, "lvl", 0);
		drawing->level = level < 0 || level >= (long)DRAWING_LEVELS
		    ? DRAWING_LEVELS - 1
		    : (unsigned)level;
	} else if (drawing_bullet_of(name) >= 0) {
		drawing->bullet = drawing_bullet_of(name);
	} else if (strcmp(name, "t") == 0) {
		drawing->is_in_text = true;
	} else if (strcmp(name, "br") == 0) {
		return put_words(drawing, " ", 1);
	} else if (strcmp(name, "fld") == 0) {
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "type", type,
		    sizeof(type));
		drawing->is_in_field = drawing->role == DRAWING_FIELD ||
		    strcmp(type, "slidenum") == 0;
	} else if (strcmp(name, "lstStyle") == 0) {
		drawing->is_in_list_style = true;
		drawing->list_level = 0;
	} else if (strcmp(name, "tbl") == 0) {
		drawing->is_in_table = true;
		drawing->is_in_row = drawing->is_in_cell = false;
		drawing->has_header = false;
		drawing->is_first_row = true;
		markup_table_begin(&drawing->table);
	} else if (drawing->is_in_table) {
		return start_table(drawing, name, attributes);
	}
	return 0;
}

static int
drawing_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct drawing *drawing = arg;

	drawing->depth++;
	if (drawing->skip_depth > 0)
		return 0;
	if (is_skipped(name)) {
		drawing->skip_depth = drawing->depth;
		return 0;
	}
	if (ns == XML_NS_A || ns == XML_NS_M)
		return start_text(drawing, name, attributes);
	if (is_shape(name))
		start_shape(drawing);
	else if (strcmp(name, "cNvPr") == 0)
		return start_alt(drawing, attributes);
	else if (strcmp(name, "ph") == 0)
		start_placeholder(drawing, attributes);
	else if (strcmp(name, "chart") == 0)
		return start_part(drawing, attributes, "id", true);
	else if (strcmp(name, "relIds") == 0)
		return start_part(drawing, attributes, "dm", false);
	return 0;
}

static int
end_text(struct drawing *drawing, const char *name)
{
	if (strcmp(name, "t") == 0)
		drawing->is_in_text = false;
	else if (strcmp(name, "fld") == 0)
		drawing->is_in_field = false;
	else if (strcmp(name, "lstStyle") == 0)
		drawing->is_in_list_style = false;
	else if (strcmp(name, "p") == 0)
		return end_paragraph(drawing);
	else if (drawing->is_in_table)
		return end_table(drawing, name);
	return 0;
}

static int
drawing_end(void *arg, enum xml_ns ns, const char *name)
{
	struct drawing *drawing = arg;
	bool is_skipping = drawing->skip_depth > 0;

	if (drawing->skip_depth == drawing->depth)
		drawing->skip_depth = 0;
	drawing->depth--;
	if (is_skipping)
		return 0;
	if (ns == XML_NS_A || ns == XML_NS_M)
		return end_text(drawing, name);
	return is_shape(name) ? end_shape(drawing) : 0;
}

static int
drawing_text(void *arg, const char *text, size_t len)
{
	struct drawing *drawing = arg;

	if (drawing->skip_depth > 0 || !drawing->is_in_text ||
	    drawing->is_in_field)
		return 0;
	return put_words(drawing, text, len);
}

void
drawing_init(struct drawing *drawing, struct package *package,
    struct drawing_out *out, struct relation_map *relations,
    struct err_note *note)
{
	memset(drawing, 0, sizeof(*drawing));
	drawing->package = package;
	drawing->out = out;
	drawing->relations = relations;
	drawing->note = note;
	markup_table_init(&drawing->table);
	buf_init(&drawing->alt, DRAWING_ALT_MAX);
	buf_init(&drawing->words, DRAWING_TITLE_MAX);
}

void
drawing_fini(struct drawing *drawing)
{
	markup_table_fini(&drawing->table);
	buf_fini(&drawing->alt);
	buf_fini(&drawing->words);
}

int
drawing_read(struct drawing *drawing, const char *part,
    enum drawing_kind kind)
{
	static const struct xml_events events = {drawing_start, drawing_end,
	    drawing_text};
	int err;

	if (markup_has_starved())
		return ERR_NOMEM; /* of the parser around this one */
	drawing->kind = kind;
	drawing->depth = drawing->skip_depth = 0;
	drawing->is_in_text = drawing->is_in_field = false;
	drawing->is_in_table = drawing->is_in_cell = drawing->is_in_row = false;
	drawing->is_in_list_style = drawing->has_title = false;
	buf_clear(&drawing->alt);
	buf_clear(&drawing->words);
	start_shape(drawing);
	start_paragraph(drawing);
	err = xml_parse_part(drawing->package, part, &events, drawing,
	    drawing->note);
	return err < 0 ? err : emit_close(drawing->out->emit);
}

/* ---- titles ------------------------------------------------------------- */

struct title {
	struct buf *text;
	unsigned depth, skip_depth;
	bool is_title, is_in_text, is_in_field;
};

static int
title_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct title *title = arg;
	char type[16];

	(void)ns;
	title->depth++;
	if (title->skip_depth > 0)
		return 0;
	if (is_skipped(name)) {
		title->skip_depth = title->depth;
	} else if (strcmp(name, "ph") == 0) {
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "type", type,
		    sizeof(type));
		title->is_title = drawing_role_of(type) == DRAWING_TITLE;
	} else if (title->is_title) {
		if (strcmp(name, "t") == 0)
			title->is_in_text = true;
		else if (strcmp(name, "fld") == 0)
			title->is_in_field = true;
		else if ((strcmp(name, "br") == 0 || strcmp(name, "p") == 0) &&
		    title->text->len < title->text->max)
			return buf_putc(title->text, ' ');
	}
	return 0;
}

static int
title_end(void *arg, enum xml_ns ns, const char *name)
{
	struct title *title = arg;

	(void)ns;
	if (title->skip_depth == title->depth)
		title->skip_depth = 0;
	title->depth--;
	if (strcmp(name, "t") == 0)
		title->is_in_text = false;
	else if (strcmp(name, "fld") == 0)
		title->is_in_field = false;
	else if (title->is_title && is_shape(name)) {
		title->is_title = false;
		/* It was found: the rest need not be gone through. */
		if (!is_blank(title->text->data, title->text->len))
			return ERR_CANCELLED;
		buf_clear(title->text);
	}
	return 0;
}

static int
title_text(void *arg, const char *text, size_t len)
{
	struct title *title = arg;

	if (!title->is_in_text || title->is_in_field || title->skip_depth > 0)
		return 0;
	if (len > title->text->max - title->text->len) {
		buf_clear(title->text); /* no title: read as other text */
		return ERR_CANCELLED;
	}
	return buf_put(title->text, text, len);
}

/* White space becomes single spaces, none at the edges. */
static void
fold(struct buf *text)
{
	size_t i, n = 0;

	for (i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] > ' ')
			text->data[n++] = text->data[i];
		else if (n > 0 && text->data[n - 1] != ' ')
			text->data[n++] = ' ';
	while (n > 0 && text->data[n - 1] == ' ')
		n--;
	text->len = n;
	if (text->data != NULL)
		text->data[n] = '\0';
}

int
drawing_title(struct package *package, const char *part, struct buf *text,
    struct err_note *note)
{
	static const struct xml_events events = {title_start, title_end,
	    title_text};
	struct title title = {.text = text};
	int err;

	buf_clear(text);
	err = xml_parse_part(package, part, &events, &title, note);
	if (err == 0 || err == ERR_CANCELLED) {
		fold(text);
		err = 0;
	}
	return err;
}
