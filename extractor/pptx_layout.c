/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a paragraph is an item of a list stands, if not with itself, in the
 * list style of its shape, of the layout's placeholder with the same number,
 * of the master's body placeholder, and of the master's bodies as such.  Here
 * the last three become one answer for each level.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/package.h"
#include "extractor/pptx.h"
#include "extractor/relation_map.h"
#include "extractor/xml.h"

struct scan {
	struct pptx_layout *layout;
	struct drawing_bullets *style; /* that is being read, or NULL */
	struct pptx_placeholder *shape;
	unsigned level;
};

static int
scan_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct scan *scan = arg;
	struct pptx_layout *layout = scan->layout;
	uint16_t bit;
	char type[16];
	int bullet;

	(void)ns;
	if (strcmp(name, "ph") == 0 && layout->count < PPTX_PLACEHOLDERS_MAX) {
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "type", type,
		    sizeof(type));
		scan->shape = &layout->placeholders[layout->count++];
		scan->shape->index = xml_attribute_number(attributes,
		    XML_NS_NONE, "idx", 0);
		scan->shape->role = drawing_role_of(type);
	} else if (strcmp(name, "lstStyle") == 0) {
		scan->style = scan->shape == NULL ? NULL
						  : &scan->shape->bullets;
	} else if (strcmp(name, "bodyStyle") == 0) {
		scan->style = &layout->body;
	} else if (scan->style != NULL && drawing_level_of(name) >= 0) {
		scan->level = (unsigned)drawing_level_of(name);
	} else if (scan->style != NULL) {
		bullet = drawing_bullet_of(name);
		bit = (uint16_t)(1u << scan->level);
		if (bullet > 0)
			scan->style->with |= bit;
		else if (bullet == 0)
			scan->style->without |= bit;
	}
	return 0;
}

static int
scan_end(void *arg, enum xml_ns ns, const char *name)
{
	struct scan *scan = arg;

	(void)ns;
	if (strcmp(name, "lstStyle") == 0 || strcmp(name, "bodyStyle") == 0)
		scan->style = NULL;
	else if (strcmp(name, "sp") == 0)
		scan->shape = NULL;
	return 0;
}

static int
scan_part(struct package *package, const char *part,
    struct pptx_layout *layout)
{
	static const struct xml_events events = {scan_start, scan_end, NULL};
	struct scan scan = {.layout = layout};

	return xml_parse_part(package, part, &events, &scan, NULL);
}

/* Levels that inner says nothing of are as outer has them. */
static void
inherit(struct drawing_bullets *inner, const struct drawing_bullets *outer)
{
	uint16_t said = inner->with | inner->without;

	inner->with |= outer->with & (uint16_t)~said;
	inner->without |= outer->without & (uint16_t)~said;
}

static int
layout_read(struct package *package, const char *part,
    struct pptx_layout *layout)
{
	struct pptx_layout *master;
	struct relation_map map;
	const char *its;
	size_t i;
	int err;

	master = mem_zalloc(sizeof(*master));
	if (master == NULL)
		return ERR_NOMEM;
	relation_map_init(&map);
	err = scan_part(package, part, layout);
	if (err == 0)
		err = relation_map_load(&map, package, part, NULL);
	its = err < 0 ? NULL : relation_map_type(&map, "slideMaster");
	if (its != NULL)
		err = scan_part(package, its, master);
	for (i = 0; i < master->count; i++)
		if (master->placeholders[i].role == DRAWING_BODY)
			inherit(&layout->body,
			    &master->placeholders[i].bullets);
	inherit(&layout->body, &master->body);
	for (i = 0; i < layout->count; i++)
		inherit(&layout->placeholders[i].bullets, &layout->body);
	relation_map_fini(&map);
	mem_free(master);
	/* Damaged ones have no text that would be missed. */
	return err == ERR_NOMEM ? err : 0;
}

int
pptx_layout_find(struct pptx_layouts *layouts, struct package *package,
    const char *part, const struct pptx_layout **ret_layout)
{
	struct pptx_layout *layout;
	size_t i;
	int err;

	*ret_layout = NULL;
	for (i = 0; i < layouts->count; i++)
		if (strcmp(layouts->list[i]->part, part) == 0) {
			*ret_layout = layouts->list[i];
			return 0;
		}
	if (layouts->count == PPTX_LAYOUTS_MAX ||
	    strlen(part) >= OOXML_NAME_SIZE)
		return 0;
	layout = mem_zalloc(sizeof(*layout));
	if (layout == NULL)
		return ERR_NOMEM;
	memcpy(layout->part, part, strlen(part) + 1);
	err = layout_read(package, part, layout);
	if (err < 0) {
		mem_free(layout);
		return err;
	}
	layouts->list[layouts->count++] = layout;
	*ret_layout = layout;
	return 0;
}

void
pptx_layouts_fini(struct pptx_layouts *layouts)
{
	size_t i;

	for (i = 0; i < layouts->count; i++)
		mem_free(layouts->list[i]);
	layouts->count = 0;
}

struct drawing_bullets
pptx_layout_bullets(const struct pptx_layout *layout, long index)
{
	static const struct drawing_bullets none = {0, 0};
	size_t i;

	if (layout == NULL)
		return none;
	for (i = 0; i < layout->count; i++)
		if (layout->placeholders[i].index == index &&
		    (layout->placeholders[i].role == DRAWING_BODY ||
			layout->placeholders[i].role == DRAWING_SUBTITLE))
			return layout->placeholders[i].bullets;
	return layout->body;
}
