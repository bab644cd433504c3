/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Categories come before values in a series, and both in the order of their
 * points: the names of the categories are kept, the values are written as they
 * come.  Series without categories of their own have those of the one before.
 * Both kinds of charts are read, the old ones (c:) and those of 2014 (cx:),
 * whose data stand apart from the series that show them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "extractor/cell_format.h"
#include "extractor/chart.h"
#include "extractor/drawing.h"
#include "extractor/emit.h"
#include "extractor/markup.h"
#include "extractor/ooxml.h"
#include "extractor/relation_map.h"
#include "extractor/xml.h"

#define CHART_NAMES_MAX (4 * MIB) /* of categories; the rest has no names */
#define CHART_TEXT_MAX (1 * MIB)  /* of one title, name or value */

enum chart_place { CHART_ELSEWHERE, CHART_NAME, CHART_CATEGORY, CHART_VALUE };

struct chart {
	struct drawing_out *out;
	struct buf text;  /* of the value that is being read */
	struct buf title; /* of what has one */
	struct buf names; /* of categories: index, text, zero; and so on */
	size_t name_at;	  /* the next of them */
	struct cell_format format;
	enum chart_place place;
	unsigned title_depth, depth;
	unsigned levels; /* of categories */
	long point;
	bool has_new_names, is_in_text, is_in_code, is_in_title_text;
	bool is_row_open;
	bool is_label; /* what is being read like a title is one of points */
};

int
drawing_out_ready(struct drawing_out *out)
{
	if (out->heading[0] != '\0') {
		(void)emit_block(out->emit, BLOCK_HEADING, out->level,
		    out->heading, strlen(out->heading)); /* sticks */
		out->heading[0] = '\0';
	}
	return out->emit->err;
}

int
drawing_out_open(struct drawing_out *out, enum block_kind kind,
    unsigned level)
{
	(void)emit_close(out->emit); /* sticks */
	(void)drawing_out_ready(out);
	(void)emit_open(out->emit, kind, level);
	if (out->prefix != NULL)
		(void)emit_put(out->emit, out->prefix, strlen(out->prefix));
	out->prefix = NULL;
	return out->emit->err;
}

/* The name of the category of point, or "". */
static const char *
category(struct chart *chart, long point)
{
	const char *name;
	long index;

	while (chart->name_at + sizeof(index) < chart->names.len) {
		name = chart->names.data + chart->name_at;
		memcpy(&index, name, sizeof(index));
		name += sizeof(index);
		if (index > point)
			return "";
		if (index == point)
			return name;
		chart->name_at += sizeof(index) + strlen(name) + 1;
	}
	return "";
}

/* Put a part of the series' row, "; " between them. */
static void
row_put(struct chart *chart, const char *name, const char *text, size_t len)
{
	struct emit *emit = chart->out->emit;

	if (!chart->is_row_open)
		(void)drawing_out_open(chart->out, BLOCK_TABLE_ROW, 0);
	chart->is_row_open = true;
	emit->has_space = false;
	if (emit_has_text(emit))
		(void)emit_put(emit, "; ", 2); /* errors stick */
	if (*name != '\0') {
		(void)emit_words(emit, name, strlen(name));
		(void)emit_put(emit, ": ", 2);
	}
	(void)emit_words(emit, text, len);
}

/* A number as its format shows it, in place of its digits. */
static void
format_text(struct chart *chart)
{
	char shown[CELL_TEXT_MAX], *end;
	double value;
	size_t len;

	if (chart->text.len == 0 || chart->text.len > 64)
		return;
	value = strtod(chart->text.data, &end);
	if (*end != '\0')
		return;
	len = cell_format_number(&chart->format, value, false, shown);
	if (len == 0)
		return;
	buf_clear(&chart->text);
	(void)buf_put(&chart->text, shown, len);
}

static void
keep_category(struct chart *chart)
{
	struct buf *names = &chart->names;
	size_t len = chart->text.len;

	/* Upper levels stand for many categories below. */
	if (chart->levels > 1) {
		row_put(chart, "", buf_text(&chart->text), len);
		return;
	}
	if (!chart->has_new_names) {
		buf_clear(names);
		chart->name_at = 0;
		chart->has_new_names = true;
	}
	if (len > CHART_NAMES_MAX - names->len - sizeof(chart->point) - 1)
		return;
	(void)buf_put(names, &chart->point, sizeof(chart->point));
	(void)buf_put(names, buf_text(&chart->text), len + 1);
}

static void
end_value(struct chart *chart)
{
	switch (chart->place) {
	case CHART_NAME:
		row_put(chart, "", buf_text(&chart->text), chart->text.len);
		break;
	case CHART_CATEGORY:
		format_text(chart);
		keep_category(chart);
		break;
	case CHART_VALUE:
		format_text(chart);
		row_put(chart, category(chart, chart->point),
		    buf_text(&chart->text), chart->text.len);
		break;
	case CHART_ELSEWHERE:
		break;
	}
}

static void
end_title(struct chart *chart)
{
	struct emit *emit = chart->out->emit;

	if (strspn(buf_text(&chart->title), " \n\t") == chart->title.len)
		return;
	if (chart->is_label) {
		row_put(chart, "", chart->title.data, chart->title.len);
		return;
	}
	chart->is_row_open = false;
	(void)drawing_out_open(chart->out, BLOCK_PARAGRAPH, 0);
	(void)emit_words(emit, chart->title.data, chart->title.len);
	(void)emit_close(emit); /* errors stick */
}

static const struct {
	const char *name;
	enum chart_place place;
} chart_places[] = {
    {"tx", CHART_NAME}, {"cat", CHART_CATEGORY}, {"xVal", CHART_CATEGORY},
    {"strDim", CHART_CATEGORY}, {"val", CHART_VALUE}, {"yVal", CHART_VALUE},
    {"bubbleSize", CHART_VALUE}, {"numDim", CHART_VALUE},
};
#define CHART_PLACES (sizeof(chart_places) / sizeof(chart_places[0]))

static enum chart_place
place_of(const char *name)
{
	size_t i;

	for (i = 0; i < CHART_PLACES; i++)
		if (strcmp(name, chart_places[i].name) == 0)
			return chart_places[i].place;
	return CHART_ELSEWHERE;
}

static void
start_place(struct chart *chart, enum chart_place place)
{
	chart->place = place;
	chart->levels = 0;
	chart->name_at = 0;
	chart->point = 0;
	if (place == CHART_CATEGORY)
		chart->has_new_names = false;
	cell_format_builtin(&chart->format, 0);
}

static void
start_point(struct chart *chart, const struct xml_attributes *attributes)
{
	chart->point = xml_attribute_number(attributes, XML_NS_NONE, "idx", 0);
}

static void
start_code(struct chart *chart, const struct xml_attributes *attributes)
{
	const char *code;
	size_t len;

	code = xml_attribute(attributes, XML_NS_NONE, "formatCode", &len);
	if (code != NULL)
		cell_format_parse(&chart->format, code, len);
}

static int
chart_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct chart *chart = arg;
	bool is_point = strcmp(name, "pt") == 0;

	chart->depth++;
	if (chart->title_depth > 0) {
		if (strcmp(name, "p") == 0 || strcmp(name, "br") == 0)
			(void)buf_putc(&chart->title, ' ');
		chart->is_in_title_text = strcmp(name, "t") == 0 ||
		    strcmp(name, "v") == 0;
		return chart->title.err;
	}
	if (strcmp(name, "title") == 0 || strcmp(name, "dLbls") == 0) {
		chart->title_depth = chart->depth;
		chart->is_label = *name == 'd';
		buf_clear(&chart->title);
	} else if (strcmp(name, "ser") == 0 || strcmp(name, "series") == 0 ||
	    strcmp(name, "data") == 0) {
		chart->is_row_open = false;
	} else if (strcmp(name, "lvl") == 0) {
		chart->levels++;
		start_code(chart, attributes);
	} else if (strcmp(name, "formatCode") == 0) {
		chart->is_in_code = true;
		buf_clear(&chart->text);
	} else if (is_point) {
		start_point(chart, attributes);
	} else if (place_of(name) != CHART_ELSEWHERE) {
		start_place(chart, place_of(name));
	}
	if (strcmp(name, "v") == 0 || (is_point && ns == XML_NS_OTHER)) {
		chart->is_in_text = true;
		buf_clear(&chart->text);
	}
	return chart->out->emit->err;
}

static int
chart_end(void *arg, enum xml_ns ns, const char *name)
{
	struct chart *chart = arg;

	(void)ns;
	if (chart->title_depth == chart->depth) {
		chart->title_depth = 0;
		end_title(chart);
	}
	chart->depth--;
	chart->is_in_title_text = false;
	if (chart->title_depth > 0)
		return chart->out->emit->err;
	if (chart->is_in_code && strcmp(name, "formatCode") == 0) {
		chart->is_in_code = false;
		cell_format_parse(&chart->format, buf_text(&chart->text),
		    chart->text.len);
	} else if (chart->is_in_text) {
		chart->is_in_text = false;
		end_value(chart);
	} else if (place_of(name) != CHART_ELSEWHERE) {
		chart->place = CHART_ELSEWHERE;
	}
	if (chart->text.err < 0)
		return chart->text.err;
	return chart->out->emit->err;
}

static int
chart_text(void *arg, const char *text, size_t len)
{
	struct chart *chart = arg;

	if (chart->is_in_title_text)
		return buf_put(&chart->title, text, len);
	if (chart->is_in_text || chart->is_in_code)
		return buf_put(&chart->text, text, len);
	return 0;
}

/* ---- what was drawn upon it ---------------------------------------------- */

static int
keep_shapes(void *arg, const char *id, const char *type, const char *target,
    bool is_external)
{
	char *part = arg;

	(void)id;
	if (!is_external && strcmp(type, "chartUserShapes") == 0)
		(void)snprintf(part, OOXML_NAME_SIZE, "%s", target);
	return 0;
}

/* Whatever is wrong with it, the chart was read. */
static int
read_shapes(struct package *package, const char *chart,
    struct drawing_out *out)
{
	char part[OOXML_NAME_SIZE] = "";
	struct relation_map relations;
	struct drawing drawing;
	int err;

	err = ooxml_relations_each(package, chart, keep_shapes, part, NULL);
	if (err == 0 && part[0] != '\0') {
		relation_map_init(&relations); /* no charts in the chart */
		drawing_init(&drawing, package, out, &relations, NULL);
		err = drawing_read(&drawing, part, DRAWING_SHAPES);
		drawing_fini(&drawing);
		relation_map_fini(&relations);
	}
	return err == ERR_NOMEM ? err : out->emit->err;
}

int
chart_read(struct package *package, const char *part,
    struct drawing_out *out, struct err_note *note)
{
	static const struct xml_events events = {chart_start, chart_end,
	    chart_text};
	struct chart chart = {.out = out};
	int err;

	buf_init(&chart.text, CHART_TEXT_MAX);
	buf_init(&chart.title, CHART_TEXT_MAX);
	buf_init(&chart.names, CHART_NAMES_MAX);
	cell_format_builtin(&chart.format, 0);
	/* The parser around this one must not lose its word about memory. */
	err = markup_has_starved()
	    ? ERR_NOMEM
	    : xml_parse_part(package, part, &events, &chart, note);
	if (err == 0)
		err = emit_close(out->emit);
	if (err == 0)
		err = read_shapes(package, part, out);
	buf_fini(&chart.text);
	buf_fini(&chart.title);
	buf_fini(&chart.names);
	return err;
}
