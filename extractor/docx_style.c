/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Styles tell what is a heading, in any language: by their outline level or
 * by the name of a built-in style, which Word keeps in English whatever the
 * user sees.  A style that says nothing is asked for the one it is based on.
 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/docx.h"
#include "extractor/package.h"
#include "extractor/xml.h"

#define STYLE_NAME_SIZE 256u
/* A style based on itself, by whatever detour, ends here. */
#define STYLE_HOPS_MAX 64

struct reading {
	struct docx_styles *styles;
	struct docx_style style;
	bool is_in_style;
	unsigned depth, numbers_depth, first_row_depth;
};

uint64_t
docx_key(const char *text, size_t len)
{
	uint64_t key = 0xcbf29ce484222325ULL; /* FNV-1a */
	size_t i;

	for (i = 0; i < len; i++)
		key = (key ^ (unsigned char)text[i]) * 0x100000001b3ULL;
	return key;
}

/* "heading 3" or "Heading3" of the level, or 0. */
static int
numbered(const char *name, const char *word)
{
	size_t len = strlen(word);

	if (strncasecmp(name, word, len) != 0)
		return 0;
	name += len;
	while (*name == ' ' || *name == '_' || *name == '-')
		name++;
	return name[0] >= '1' && name[0] <= '9' && name[1] == '\0'
	    ? name[0] - '0'
	    : 0;
}

static void
style_clear(struct docx_style *style)
{
	memset(style, 0, sizeof(*style));
	style->outline = style->list = style->list_level = SAYS_NOTHING;
	style->bold = style->hidden = SAYS_NOTHING;
	style->code = style->first_row = style->title = SAYS_NOTHING;
}

/* What the name of a style says about it. */
static void
style_named(struct docx_style *style, const char *name)
{
	static const char *const code[] = {"HTML Preformatted",
	    "HTMLPreformatted", "Preformatted Text", "PreformattedText",
	    "Source Code", "SourceCode", "Code", "Code Block", "macro"};
	int level;
	size_t i;

	level = numbered(name, "heading");
	if (level > 0)
		style->outline = (int8_t)(level - 1);
	else if (strcasecmp(name, "title") == 0)
		style->outline = 0;
	if (strcasecmp(name, "title") == 0)
		style->title = 1;
	level = numbered(name, "list bullet") + numbered(name, "list number") +
	    numbered(name, "list continue");
	if (level > 0)
		style->list_level = (int8_t)(level - 1);
	for (i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		if (strcasecmp(name, code[i]) == 0)
			style->code = 1;
}

bool
docx_is_on(const struct xml_attributes *attributes)
{
	char value[8];

	(void)xml_attribute_copy(attributes, XML_NS_W, "val", value,
	    sizeof(value));
	return strcmp(value, "0") != 0 && strcmp(value, "false") != 0 &&
	    strcmp(value, "off") != 0;
}

static void
style_begin(struct reading *reading, const struct xml_attributes *attributes)
{
	const char *id;
	size_t len;

	style_clear(&reading->style);
	id = xml_attribute(attributes, XML_NS_W, "styleId", &len);
	reading->is_in_style = id != NULL;
	if (id != NULL)
		reading->style.key = docx_key(id, len);
}

static void
style_says(struct reading *reading, const char *name,
    const struct xml_attributes *attributes)
{
	struct docx_style *style = &reading->style;
	char value[STYLE_NAME_SIZE];
	const char *base;
	size_t len;
	long number;

	number = xml_attribute_number(attributes, XML_NS_W, "val", -1);
	if (strcmp(name, "basedOn") == 0) {
		base = xml_attribute(attributes, XML_NS_W, "val", &len);
		if (base != NULL)
			style->base = docx_key(base, len);
	} else if (strcmp(name, "name") == 0) {
		(void)xml_attribute_copy(attributes, XML_NS_W, "val", value,
		    sizeof(value));
		style_named(style, value);
	} else if (strcmp(name, "outlineLvl") == 0 && number >= 0 &&
	    number <= DOCX_OUTLINE_BODY) {
		style->outline = (int8_t)number;
	} else if (strcmp(name, "numId") == 0) {
		style->list = number != 0;
	} else if (strcmp(name, "ilvl") == 0 && number >= 0 && number <= 8) {
		if (style->list_level < number)
			style->list_level = (int8_t)number;
	} else if (strcmp(name, "b") == 0) {
		style->bold = docx_is_on(attributes);
	} else if (strcmp(name, "vanish") == 0) {
		style->hidden = docx_is_on(attributes);
	} else if (strcmp(name, "tblStylePr") == 0) {
		reading->first_row_depth = reading->depth;
		(void)xml_attribute_copy(attributes, XML_NS_W, "type", value,
		    sizeof(value));
		if (strcmp(value, "firstRow") == 0)
			style->first_row = 1;
	}
}

static int
on_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct reading *reading = arg;

	reading->depth++;
	if (ns != XML_NS_W)
		return 0;
	if (strcmp(name, "style") == 0)
		style_begin(reading, attributes);
	else if (reading->is_in_style && reading->first_row_depth == 0)
		style_says(reading, name, attributes);
	return 0;
}

static int
styles_add(struct docx_styles *styles, const struct docx_style *style)
{
	struct docx_style *list;
	size_t size;

	/* More than any program writes: paragraphs of the others are plain. */
	if (styles->count == DOCX_STYLES_MAX)
		return 0;
	if (styles->count == styles->size) {
		size = styles->size == 0 ? 256 : 2 * styles->size;
		list = mem_resize(styles->list, size, sizeof(*list));
		if (list == NULL)
			return ERR_NOMEM;
		styles->list = list;
		styles->size = size;
	}
	styles->list[styles->count++] = *style;
	return 0;
}

static int
on_end(void *arg, enum xml_ns ns, const char *name)
{
	struct reading *reading = arg;

	if (reading->depth == reading->first_row_depth)
		reading->first_row_depth = 0;
	reading->depth--;
	if (!reading->is_in_style || ns != XML_NS_W ||
	    strcmp(name, "style") != 0)
		return 0;
	reading->is_in_style = false;
	return styles_add(reading->styles, &reading->style);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct docx_style *one = a, *other = b;

	return (one->key > other->key) - (one->key < other->key);
}

/* glib's way of sorting hands something over, here nothing. */
static gint
by_key(const void *a, const void *b, void *arg)
{
	(void)arg;
	return compare_keys(a, b);
}

static const struct docx_style *
find(const struct docx_styles *styles, uint64_t key)
{
	struct docx_style wanted = {.key = key};

	return styles->count == 0
	    ? NULL
	    : bsearch(&wanted, styles->list, styles->count, sizeof(wanted),
		  compare_keys);
}

/* Let style say what base says where it says nothing. */
static void
style_inherit(struct docx_style *style, const struct docx_style *base)
{
#define INHERIT(member)                                                       \
	if (style->member == SAYS_NOTHING)                                    \
		style->member = base->member
	INHERIT(outline);
	INHERIT(list);
	INHERIT(list_level);
	INHERIT(bold);
	INHERIT(hidden);
	INHERIT(code);
	INHERIT(first_row);
#undef INHERIT
}

static void
styles_resolve(struct docx_styles *styles)
{
	const struct docx_style *base;
	struct docx_style *style;
	size_t i;
	int hops;

	/* Not qsort(), which asks the system how much memory there is. */
	if (styles->count > 1)
		g_qsort_with_data(styles->list, (gint)styles->count,
		    sizeof(*styles->list), by_key, NULL);
	/* In any order: one that was resolved already says the same. */
	for (i = 0; i < styles->count; i++) {
		style = &styles->list[i];
		base = find(styles, style->base);
		for (hops = 0; base != NULL && hops < STYLE_HOPS_MAX; hops++) {
			style_inherit(style, base);
			base = find(styles, base->base);
		}
	}
}

int
docx_styles_read(struct package *package, const char *part,
    struct docx_styles *styles)
{
	static const struct xml_events events = {on_start, on_end, NULL};
	struct reading reading = {.styles = styles};
	int err;

	err = xml_parse_part(package, part, &events, &reading, NULL);
	styles_resolve(styles);
	return err == ERR_NOMEM ? err : 0;
}

void
docx_styles_fini(struct docx_styles *styles)
{
	mem_free(styles->list);
	memset(styles, 0, sizeof(*styles));
}

const struct docx_style *
docx_style_find(const struct docx_styles *styles, const char *id)
{
	/* The ids of built-in styles of English programs are their names. */
#define HEADING(level)                                                        \
	{                                                                     \
		.outline = (level) - 1, .list = SAYS_NOTHING,                 \
		.list_level = SAYS_NOTHING, .bold = SAYS_NOTHING,             \
		.hidden = SAYS_NOTHING, .code = SAYS_NOTHING,                 \
		.first_row = SAYS_NOTHING, .title = SAYS_NOTHING,             \
	}
	static const struct docx_style headings[] = {HEADING(0), HEADING(1),
	    HEADING(2), HEADING(3), HEADING(4), HEADING(5), HEADING(6),
	    HEADING(7), HEADING(8), HEADING(9)};
#undef HEADING
	const struct docx_style *style;

	style = find(styles, docx_key(id, strlen(id)));
	return style != NULL ? style : &headings[numbered(id, "heading")];
}
