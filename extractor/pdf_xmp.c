/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XMP: a small XML document about the PDF.  Only the elements of Dublin Core
 * are of use; their values stand in lists, of languages or of names.  It adds
 * what the older dictionary of the document did not say.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/pdf.h"
#include "extractor/xml.h"

#define XMP_VALUE_MAX (16 * KIB)

struct xmp {
	struct emit *emit;
	struct buf value;
	const char *left; /* not parsed yet */
	size_t left_len;
	unsigned field;	  /* of xmp_fields, plus 1; 0: none of them */
	unsigned items;	  /* of its list, so far */
	bool is_in_item;
};

enum xmp_role { XMP_TITLE, XMP_LANGUAGE, XMP_PROPERTY };

/* between: what stands between items; NULL: the first one is meant. */
static const struct {
	const char *name;
	enum xmp_role role;
	enum property property;
	const char *between;
} xmp_fields[] = {
    {"title", XMP_TITLE, PROPERTY_SUBJECT, NULL},
    {"language", XMP_LANGUAGE, PROPERTY_SUBJECT, NULL},
    {"creator", XMP_PROPERTY, PROPERTY_AUTHOR, "; "},
    {"subject", XMP_PROPERTY, PROPERTY_KEYWORDS, ", "},
    {"description", XMP_PROPERTY, PROPERTY_DESCRIPTION, NULL},
    {"publisher", XMP_PROPERTY, PROPERTY_PUBLISHER, "; "},
};
#define XMP_FIELDS (sizeof(xmp_fields) / sizeof(xmp_fields[0]))

static int
xmp_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct xmp *xmp = arg;
	unsigned i;

	(void)attributes;
	if (ns == XML_NS_DC && xmp->field == 0) {
		for (i = 0; i < XMP_FIELDS; i++)
			if (strcmp(xmp_fields[i].name, name) == 0)
				xmp->field = i + 1;
		xmp->items = 0;
		buf_clear(&xmp->value);
	} else if (xmp->field > 0 && strcmp(name, "li") == 0) {
		xmp->items++;
		xmp->is_in_item = xmp->items == 1 ||
		    xmp_fields[xmp->field - 1].between != NULL;
		if (xmp->is_in_item && xmp->items > 1)
			(void)buf_puts(&xmp->value,
			    xmp_fields[xmp->field - 1].between); /* sticks */
	}
	return 0;
}

/* What is too long is left out: it is no title and no name. */
static void
xmp_put(struct xmp *xmp)
{
	const char *text = buf_text(&xmp->value);
	size_t len = xmp->value.len;

	if (xmp->value.err < 0)
		return;
	switch (xmp_fields[xmp->field - 1].role) {
	case XMP_TITLE:
		emit_title(xmp->emit, text, len);
		break;
	case XMP_LANGUAGE:
		emit_language(xmp->emit, text, len);
		break;
	case XMP_PROPERTY:
		(void)emit_property(xmp->emit,
		    xmp_fields[xmp->field - 1].property, text, len);
		break;
	}
}

static int
xmp_end(void *arg, enum xml_ns ns, const char *name)
{
	struct xmp *xmp = arg;

	if (strcmp(name, "li") == 0) {
		xmp->is_in_item = false;
	} else if (ns == XML_NS_DC && xmp->field > 0 &&
	    strcmp(name, xmp_fields[xmp->field - 1].name) == 0) {
		xmp_put(xmp);
		xmp->field = 0;
	}
	return xmp->emit->err;
}

static int
xmp_text(void *arg, const char *text, size_t len)
{
	struct xmp *xmp = arg;

	if (xmp->is_in_item)
		(void)buf_put(&xmp->value, text, len); /* sticks */
	return 0;
}

static long
xmp_pull(void *from, void *bytes, size_t size, struct err_note *note)
{
	struct xmp *xmp = from;

	(void)note;
	if (size > xmp->left_len)
		size = xmp->left_len;
	memcpy(bytes, xmp->left, size);
	xmp->left += size;
	xmp->left_len -= size;
	return (long)size;
}

void
pdf_xmp_read(const char *xml, struct emit *emit)
{
	static const struct xml_events events = {
	    .start = xmp_start,
	    .end = xmp_end,
	    .text = xmp_text,
	};
	struct xmp xmp = {
	    .emit = emit,
	    .left = xml,
	    .left_len = strlen(xml),
	};

	buf_init(&xmp.value, XMP_VALUE_MAX);
	/* Whatever is wrong with it, the document is still readable. */
	(void)xml_parse(xmp_pull, &xmp, &events, &xmp, NULL);
	buf_fini(&xmp.value);
}
