/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a document says of itself: meta.xml, or office:meta.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/odf.h"
#include "extractor/when.h"

#define META_VALUE_MAX (64 * KIB)

enum meta_field {
	META_TITLE, META_FIRST_AUTHOR, META_LAST_AUTHOR, META_SUBJECT,
	META_KEYWORDS, META_DESCRIPTION, META_GENERATOR, META_CREATED,
	META_MODIFIED, META_LANGUAGE, META_FIELDS
};

static const struct {
	enum xml_ns ns;
	const char *name;
	enum meta_field field;
} meta_elements[] = {
    {XML_NS_DC, "title", META_TITLE},
    {XML_NS_META, "initial-creator", META_FIRST_AUTHOR},
    {XML_NS_DC, "creator", META_LAST_AUTHOR},
    {XML_NS_DC, "subject", META_SUBJECT},
    {XML_NS_META, "keyword", META_KEYWORDS},
    {XML_NS_DC, "description", META_DESCRIPTION},
    {XML_NS_META, "generator", META_GENERATOR},
    {XML_NS_META, "creation-date", META_CREATED},
    {XML_NS_DC, "date", META_MODIFIED},
    {XML_NS_DC, "language", META_LANGUAGE},
};

struct meta {
	struct odf *odf;
	struct buf fields[META_FIELDS];
	struct buf *open; /* whose text comes */
};

static int
meta_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct meta *meta = arg;
	size_t i;

	if (ns == XML_NS_OFFICE && strcmp(name, "body") == 0)
		return ERR_NOT_FOUND; /* it has none: that is enough */
	if (ns == XML_NS_META && strcmp(name, "document-statistic") == 0)
		meta->odf->meta_pages = xml_attribute_number(attributes,
		    XML_NS_META, "page-count", 0);
	meta->open = NULL;
	for (i = 0; i < sizeof(meta_elements) / sizeof(meta_elements[0]); i++)
		if (ns == meta_elements[i].ns &&
		    strcmp(name, meta_elements[i].name) == 0)
			meta->open = &meta->fields[meta_elements[i].field];
	if (meta->open == &meta->fields[META_KEYWORDS] && meta->open->len > 0)
		(void)buf_puts(meta->open, ", ");
	return 0;
}

static int
meta_end(void *arg, enum xml_ns ns, const char *name)
{
	struct meta *meta = arg;

	meta->open = NULL;
	return ns == XML_NS_OFFICE && strcmp(name, "meta") == 0
	    ? ERR_NOT_FOUND /* the rest is not looked at */
	    : 0;
}

static int
meta_text(void *arg, const char *text, size_t len)
{
	struct meta *meta = arg;

	if (meta->open != NULL)
		(void)buf_put(meta->open, text, len); /* over: cut */
	return 0;
}

static void
meta_property(struct meta *meta, enum property property,
    enum meta_field field)
{
	const struct buf *value = &meta->fields[field];

	(void)emit_property(meta->odf->emit, property, buf_text(value),
	    value->len); /* the error sticks */
}

static void
meta_time(struct meta *meta, enum property property, enum meta_field field)
{
	const struct buf *value = &meta->fields[field];
	int64_t seconds;

	if (when_iso(buf_text(value), value->len, &seconds))
		(void)emit_property_time(meta->odf->emit, property, seconds);
}

static void
meta_send(struct meta *meta)
{
	const struct buf *title = &meta->fields[META_TITLE];
	const struct buf *language = &meta->fields[META_LANGUAGE];

	emit_title(meta->odf->emit, buf_text(title), title->len);
	emit_language(meta->odf->emit, buf_text(language), language->len);
	/* Who began it wrote it; who saved it last may have only looked. */
	meta_property(meta, PROPERTY_AUTHOR, META_FIRST_AUTHOR);
	meta_property(meta, PROPERTY_AUTHOR, META_LAST_AUTHOR);
	meta_property(meta, PROPERTY_SUBJECT, META_SUBJECT);
	meta_property(meta, PROPERTY_KEYWORDS, META_KEYWORDS);
	meta_property(meta, PROPERTY_DESCRIPTION, META_DESCRIPTION);
	meta_property(meta, PROPERTY_GENERATOR, META_GENERATOR);
	meta_time(meta, PROPERTY_CREATED, META_CREATED);
	meta_time(meta, PROPERTY_MODIFIED, META_MODIFIED);
}

int
odf_read_meta(struct odf *odf)
{
	static const struct xml_events events = {
	    .start = meta_start,
	    .end = meta_end,
	    .text = meta_text,
	};
	struct meta meta = {.odf = odf};
	struct err_note unused;
	struct err_note *note = odf->note;
	size_t i;
	int err;

	for (i = 0; i < META_FIELDS; i++)
		buf_init(&meta.fields[i], META_VALUE_MAX);
	odf->note = &unused; /* damage here is none of the text */
	err = odf_parse(odf, "meta.xml", &events, &meta);
	odf->note = note;
	if (err != ERR_NOMEM) {
		meta_send(&meta);
		err = odf->emit->err;
	}
	for (i = 0; i < META_FIELDS; i++)
		buf_fini(&meta.fields[i]);
	return err;
}
