/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little that the text depends on its styles for: what is hidden, what is
 * code or a title, where pages begin.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/odf.h"

#define STYLES_MAX 65536u
#define STYLE_NAMES_MAX (8 * MIB)
#define STYLE_PARENTS_MAX 16u

/* Programs call these styles by their English names in files. */
static const struct {
	const char *name; /* with its family */
	unsigned flags;
} named_styles[] = {
    {"pTitle", ODF_STYLE_TITLE},
    {"pPreformatted_20_Text", ODF_STYLE_CODE},
    {"pPreformatted Text", ODF_STYLE_CODE},
    {"pSource_20_Code", ODF_STYLE_CODE},
    {"pTable_20_Heading", ODF_STYLE_TABLE_HEADING},
    {"pTable Heading", ODF_STYLE_TABLE_HEADING},
};

void
odf_styles_init(struct odf_styles *styles)
{
	memset(styles, 0, sizeof(*styles));
	buf_init(&styles->names, STYLE_NAMES_MAX);
}

void
odf_styles_fini(struct odf_styles *styles)
{
	buf_fini(&styles->names);
	mem_free(styles->list);
}

/* The place of a name in names; 0 when there is none or no room. */
static uint32_t
keep_name(struct odf_styles *styles, char family, const char *name)
{
	size_t at;

	if (styles->names.len == 0)
		(void)buf_putc(&styles->names, '\0'); /* 0 is no place */
	at = styles->names.len;
	if (name[0] == '\0' ||
	    buf_reserve(&styles->names, strlen(name) + 2) < 0)
		return 0;
	(void)buf_putc(&styles->names, family);
	(void)buf_put(&styles->names, name, strlen(name) + 1);
	return (uint32_t)at;
}

static const char *
style_name(const struct odf_styles *styles, uint32_t at)
{
	return styles->names.data + at;
}

static int
style_add(struct odf_styles *styles, const struct xml_attributes *attributes)
{
	char family[16], name[ODF_NAME_MAX], parent[ODF_NAME_MAX],
	    master[ODF_NAME_MAX];
	struct odf_style *grown;
	char letter;

	(void)xml_attribute_copy(attributes, XML_NS_STYLE, "family", family,
	    sizeof(family));
	letter = strcmp(family, "paragraph") == 0 ? ODF_FAMILY_PARAGRAPH
	    : strcmp(family, "text") == 0	  ? ODF_FAMILY_TEXT
	    : strcmp(family, "table") == 0	  ? ODF_FAMILY_TABLE
						  : '\0';
	/* Styles over the limit are as good as none. */
	if (letter == '\0' || styles->count == STYLES_MAX)
		return 0;
	if (styles->count == styles->size) {
		grown = mem_resize(styles->list,
		    styles->size == 0 ? 64 : 2 * styles->size,
		    sizeof(*styles->list));
		if (grown == NULL)
			return ERR_NOMEM;
		styles->list = grown;
		styles->size = styles->size == 0 ? 64 : 2 * styles->size;
	}
	(void)xml_attribute_copy(attributes, XML_NS_STYLE, "name", name,
	    sizeof(name));
	(void)xml_attribute_copy(attributes, XML_NS_STYLE,
	    "parent-style-name", parent, sizeof(parent));
	(void)xml_attribute_copy(attributes, XML_NS_STYLE, "master-page-name",
	    master, sizeof(master));
	styles->open = &styles->list[styles->count];
	*styles->open = (struct odf_style){
	    .name = keep_name(styles, letter, name),
	    .parent = keep_name(styles, letter, parent),
	    .flags = master[0] != '\0' ? ODF_STYLE_MASTER : 0,
	};
	if (styles->open->name != 0)
		styles->count++;
	else
		styles->open = NULL;
	return 0;
}

static void
style_property(struct odf_styles *styles,
    const struct xml_attributes *attributes)
{
	struct odf_style *style = styles->open;
	char value[16];

	(void)xml_attribute_copy(attributes, XML_NS_TEXT, "display", value,
	    sizeof(value));
	if (strcmp(value, "none") == 0) {
		style->flags |= ODF_STYLE_HIDDEN;
		styles->has_hidden = true;
	}
	(void)xml_attribute_copy(attributes, XML_NS_FO, "break-before", value,
	    sizeof(value));
	if (strcmp(value, "page") == 0)
		style->flags |= ODF_STYLE_BREAK_BEFORE;
	(void)xml_attribute_copy(attributes, XML_NS_FO, "break-after", value,
	    sizeof(value));
	if (strcmp(value, "page") == 0)
		style->flags |= ODF_STYLE_BREAK_AFTER;
}

static bool
is_properties(const char *name)
{
	static const char suffix[] = "properties";
	size_t len = strlen(name);

	return len >= sizeof(suffix) - 1 &&
	    strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

int
odf_styles_start(struct odf_styles *styles, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	if (ns == XML_NS_OFFICE && strcmp(name, "automatic-styles") == 0)
		styles->automatic_depth = 1;
	if (ns != XML_NS_STYLE ||
	    (styles->automatic_depth > 0 && styles->is_common_only))
		return 0;
	if (strcmp(name, "style") == 0)
		return style_add(styles, attributes);
	if (styles->open != NULL && is_properties(name))
		style_property(styles, attributes);
	return 0;
}

void
odf_styles_end(struct odf_styles *styles, enum xml_ns ns, const char *name)
{
	if (ns == XML_NS_OFFICE && strcmp(name, "automatic-styles") == 0)
		styles->automatic_depth = 0;
	else if (ns == XML_NS_STYLE && strcmp(name, "style") == 0)
		styles->open = NULL;
}

static gint
style_order(gconstpointer a, gconstpointer b, gpointer arg)
{
	const struct odf_style *first = a, *second = b;
	const struct odf_styles *styles = arg;

	return strcmp(style_name(styles, first->name),
	    style_name(styles, second->name));
}

static const struct odf_style *
style_find(const struct odf_styles *styles, const char *name)
{
	size_t low = 0, high = styles->count, middle;
	int order;

	while (low < high) {
		middle = (low + high) / 2;
		order = strcmp(name,
		    style_name(styles, styles->list[middle].name));
		if (order == 0)
			return &styles->list[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static unsigned
flags_of_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(named_styles) / sizeof(named_styles[0]); i++)
		if (strcmp(name, named_styles[i].name) == 0)
			return named_styles[i].flags;
	return 0;
}

/* Its own flags and those of its parents, which hostile files let go round. */
static unsigned
style_resolve(const struct odf_styles *styles, const struct odf_style *style)
{
	const char *name = style_name(styles, style->name);
	unsigned flags = style->flags, i;

	flags |= flags_of_name(name);
	for (i = 0; i < STYLE_PARENTS_MAX && style->parent != 0; i++) {
		name = style_name(styles, style->parent);
		flags |= flags_of_name(name);
		style = style_find(styles, name);
		if (style == NULL)
			break;
		flags |= style->flags & ~(unsigned)ODF_STYLE_MASTER;
	}
	return flags;
}

void
odf_styles_ready(struct odf_styles *styles)
{
	size_t i;

	/* Not qsort(), which asks the system how much memory there is. */
	if (styles->count > 1)
		g_qsort_with_data(styles->list, (gint)styles->count,
		    sizeof(*styles->list), style_order, styles);
	for (i = 0; i < styles->count; i++)
		styles->list[i].all = style_resolve(styles, &styles->list[i]);
	styles->open = NULL;
	styles->is_sorted = true;
}

unsigned
odf_style_flags(const struct odf_styles *styles, char family,
    const char *name)
{
	const struct odf_style *style;
	char full[ODF_NAME_MAX + 1];

	if (!styles->is_sorted || name[0] == '\0')
		return 0;
	(void)snprintf(full, sizeof(full), "%c%s", family, name);
	style = style_find(styles, full);
	return style == NULL ? flags_of_name(full) : style->all;
}
