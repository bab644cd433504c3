/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pptx: what the parts of the reader of presentations share.
 */
#ifndef EXTRACTOR_PPTX_H
#define EXTRACTOR_PPTX_H

#include <stddef.h>

#include "extractor/drawing.h"
#include "extractor/ooxml.h"

struct err_note;
struct package;

/* Layouts that are kept, and placeholders of each; a presentation has a few
 * dozens.  Paragraphs of those beyond are bulleted as they themselves say. */
#define PPTX_LAYOUTS_MAX 256u
#define PPTX_PLACEHOLDERS_MAX 64u

struct pptx_placeholder {
	long index;
	enum drawing_role role;
	struct drawing_bullets bullets;
};

/* What a layout or a master says of bullets. */
struct pptx_layout {
	char part[OOXML_NAME_SIZE];
	struct drawing_bullets body; /* of all bodies (a master's) */
	size_t count;
	struct pptx_placeholder placeholders[PPTX_PLACEHOLDERS_MAX];
};

struct pptx_layouts {
	struct pptx_layout *list[PPTX_LAYOUTS_MAX];
	size_t count;
};

void pptx_layouts_fini(struct pptx_layouts *layouts);

/*
 * The layout in part, its master's bullets worked in; borrowed, or NULL when
 * there is none that can be read or there are too many.  ERR_NOMEM.
 */
int pptx_layout_find(struct pptx_layouts *layouts, struct package *package,
    const char *part, const struct pptx_layout **ret_layout);

/* The bullets of the placeholder of that number. */
struct drawing_bullets pptx_layout_bullets(const struct pptx_layout *layout,
    long index);

/*
 * Comments of a slide: a paragraph for each, "Comment by NAME: text".  authors
 * has pairs of words, number and name, each terminated.
 */
#define PPTX_AUTHORS_BYTES_MAX (256 * KIB)
#define PPTX_COMMENT_MAX (1 * MIB) /* with its replies */

int pptx_authors(struct package *package, const char *part,
    struct buf *authors, struct err_note *note);
int pptx_comments(struct package *package, const char *part,
    const struct buf *authors, struct drawing_out *out,
    struct err_note *note);

#endif
