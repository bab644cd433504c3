/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Presentations of PowerPoint, slide by slide in the order in which they are
 * shown, hidden ones included.  A slide is a heading (its title, or "Slide 7"
 * where it has none, so that its text is not taken for a part of the slide
 * before), its shapes, its notes behind "Notes:", its comments.  A slide
 * without any text has no heading either.
 *
 * The title is looked for first, as it need not be the first of the shapes:
 * slides are small, and looking ends where it is found.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/package.h"
#include "extractor/pptx.h"
#include "extractor/xml.h"

#define PPTX_SLIDES_MAX 20000u
#define PPTX_TITLE_MAX (64 * KIB)
#define PPTX_FOOTER_MAX (64 * KIB)

struct pptx {
	struct package *package;
	struct emit *emit;
	struct err_note *note;
	struct relation_map main, map; /* of the presentation, of a slide */
	struct drawing_out out;
	struct drawing drawing;
	struct pptx_layouts layouts;
	const struct pptx_layout *layout; /* of the slide */
	struct buf slides;  /* size_t: places of targets in names */
	struct buf names, authors, title, footer;
};

/* ---- the presentation --------------------------------------------------- */

static int
main_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct pptx *pptx = arg;
	const char *target;
	size_t at = pptx->names.len;
	char id[128];

	(void)ns;
	if (strcmp(name, "sldId") != 0 ||
	    !xml_attribute_copy(attributes, XML_NS_R, "id", id, sizeof(id)))
		return 0;
	target = relation_map_find(&pptx->main, id);
	if (target == NULL)
		return 0; /* a slide that was taken out */
	if (pptx->slides.len / sizeof(at) >= PPTX_SLIDES_MAX)
		return err_set(pptx->note, ERR_TOO_BIG,
		    "the presentation has more than %u slides",
		    PPTX_SLIDES_MAX);
	(void)buf_put(&pptx->slides, &at, sizeof(at)); /* errors stick */
	(void)buf_put(&pptx->names, target, strlen(target) + 1);
	return pptx->slides.err < 0 ? pptx->slides.err : pptx->names.err;
}

static int
read_main(struct pptx *pptx)
{
	static const struct xml_events events = {.start = main_start};
	char part[OOXML_NAME_SIZE];
	const char *target, *type;
	size_t i;
	int err;

	err = ooxml_main_part(pptx->package, part, sizeof(part), pptx->note);
	if (err == 0)
		err = relation_map_load(&pptx->main, pptx->package, part,
		    pptx->note);
	if (err == 0)
		err = xml_parse_part(pptx->package, part, &events, pptx,
		    pptx->note);
	for (i = 0; err == 0 &&
	     (target = relation_map_at(&pptx->main, i, &type)) != NULL; i++)
		if (strcmp(type, "commentAuthors") == 0 ||
		    strcmp(type, "authors") == 0)
			err = pptx_authors(pptx->package, target,
			    &pptx->authors, pptx->note);
	return err;
}

/* ---- a slide ------------------------------------------------------------ */

static struct drawing_bullets
bullets_of(void *arg, long index)
{
	const struct pptx *pptx = arg;

	return pptx_layout_bullets(pptx->layout, index);
}

/* Have the slide's heading wait for its first block. */
static int
slide_heading(struct pptx *pptx, const char *part, size_t number)
{
	struct drawing_out *out = &pptx->out;
	int err;

	err = drawing_title(pptx->package, part, &pptx->title, pptx->note);
	if (err < 0)
		return err;
	out->level = 1;
	pptx->drawing.skips_title = pptx->title.len > 0 &&
	    pptx->title.len < sizeof(out->heading);
	if (!pptx->drawing.skips_title) {
		(void)snprintf(out->heading, sizeof(out->heading), "Slide %zu",
		    number);
		return 0;
	}
	memcpy(out->heading, buf_text(&pptx->title), pptx->title.len + 1);
	return drawing_out_ready(out);
}

static int
slide_notes(struct pptx *pptx, const char *part)
{
	struct relation_map map;
	struct drawing notes;
	int err;

	relation_map_init(&map);
	drawing_init(&notes, pptx->package, &pptx->out, &map, pptx->note);
	pptx->out.prefix = "Notes: ";
	err = relation_map_load(&map, pptx->package, part, pptx->note);
	if (err == 0)
		err = drawing_read(&notes, part, DRAWING_NOTES);
	pptx->out.prefix = NULL;
	drawing_fini(&notes);
	relation_map_fini(&map);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
slide_rest(struct pptx *pptx)
{
	const char *target, *type;
	size_t i;
	int err = 0;

	target = relation_map_type(&pptx->map, "notesSlide");
	if (target != NULL)
		err = slide_notes(pptx, target);
	for (i = 0; err == 0 &&
	     (target = relation_map_at(&pptx->map, i, &type)) != NULL; i++)
		if (strcmp(type, "comments") == 0)
			err = pptx_comments(pptx->package, target,
			    &pptx->authors, &pptx->out, pptx->note);
	return err;
}

static int
read_slide(struct pptx *pptx, const char *part, size_t number)
{
	const char *target;
	int err;

	pptx->emit->page = (uint32_t)number;
	err = relation_map_load(&pptx->map, pptx->package, part, pptx->note);
	if (err == 0)
		err = slide_heading(pptx, part, number);
	pptx->layout = NULL;
	target = err < 0 ? NULL
			 : relation_map_type(&pptx->map, "slideLayout");
	if (target != NULL)
		err = pptx_layout_find(&pptx->layouts, pptx->package, target,
		    &pptx->layout);
	if (err == 0)
		err = drawing_read(&pptx->drawing, part, DRAWING_SHAPES);
	if (err == 0)
		err = slide_rest(pptx);
	pptx->out.heading[0] = '\0';
	if (err == ERR_NOT_FOUND)
		return err_set(pptx->note, ERR_SYNTAX,
		    "slide %zu is missing from the presentation", number);
	if (err < 0 && err != ERR_NOMEM && err != ERR_CLOSED &&
	    pptx->note != NULL && pptx->note->text[0] != '\0')
		err_wrap(pptx->note, "slide %zu", number);
	return err;
}

static int
read_slides(struct pptx *pptx)
{
	size_t i, at, count = pptx->slides.len / sizeof(at);
	int err = 0;

	pptx->emit->pages = (uint32_t)count;
	for (i = 0; err == 0 && i < count; i++) {
		memcpy(&at, pptx->slides.data + i * sizeof(at), sizeof(at));
		err = read_slide(pptx, pptx->names.data + at, i + 1);
	}
	pptx->emit->page = 0;
	return err;
}

/* ---- the whole ---------------------------------------------------------- */

static void
pptx_init(struct pptx *pptx, struct package *package, struct emit *emit,
    struct err_note *note)
{
	memset(pptx, 0, sizeof(*pptx));
	pptx->package = package;
	pptx->emit = pptx->out.emit = emit;
	pptx->note = note;
	relation_map_init(&pptx->main);
	relation_map_init(&pptx->map);
	buf_init(&pptx->slides, PPTX_SLIDES_MAX * sizeof(size_t));
	buf_init(&pptx->names, PPTX_SLIDES_MAX * OOXML_NAME_SIZE);
	buf_init(&pptx->authors, PPTX_AUTHORS_BYTES_MAX);
	buf_init(&pptx->title, PPTX_TITLE_MAX);
	buf_init(&pptx->footer, PPTX_FOOTER_MAX);
	drawing_init(&pptx->drawing, package, &pptx->out, &pptx->map, note);
	pptx->drawing.bullets_of = bullets_of;
	pptx->drawing.arg = pptx;
	pptx->drawing.footer = &pptx->footer;
}

static void
pptx_fini(struct pptx *pptx)
{
	relation_map_fini(&pptx->main);
	relation_map_fini(&pptx->map);
	buf_fini(&pptx->slides);
	buf_fini(&pptx->names);
	buf_fini(&pptx->authors);
	buf_fini(&pptx->title);
	buf_fini(&pptx->footer);
	drawing_fini(&pptx->drawing);
	pptx_layouts_fini(&pptx->layouts);
}

int
read_pptx(struct input *input, struct emit *emit, struct err_note *note)
{
	struct package *package;
	struct pptx pptx;
	int err;

	err = package_open(input, &package, note);
	if (err < 0)
		return err;
	pptx_init(&pptx, package, emit, note);
	err = ooxml_properties(package, emit, note);
	if (err == 0)
		err = read_main(&pptx);
	if (err == 0)
		err = read_slides(&pptx);
	if (err == 0)
		err = ooxml_members(package, "ppt/embeddings/", emit, note);
	pptx_fini(&pptx);
	package_close(package);
	return err;
}
