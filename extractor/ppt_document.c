/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"
#include "extractor/ppt.h"

/* Instances of the list of slides and of the footers. */
#define PPT_LIST_SLIDES 0u
#define PPT_LIST_NOTES 2u
#define PPT_FOOTERS_SLIDES 3u

/* Each slide's entry is followed by the texts that the outline has of it. */
static int
read_list(struct ppt *ppt, const struct ppt_record *list, struct buf *slides)
{
	struct ppt_slide slide = {.id = 0};
	struct ppt_walk walk;
	struct ppt_record record;
	const unsigned char *bytes;
	bool is_open = false;
	int err;

	ppt_walk_begin(&walk, ppt, list->at, list->at + list->len);
	while ((err = ppt_walk_next(&walk, &record)) > 0) {
		ppt_walk_skip(&walk, &record);
		if (record.type != PPT_PERSIST_ATOM || record.len < 16)
			continue;
		slide.texts_end = record.at - 8;
		err = is_open ? buf_put(slides, &slide, sizeof(slide)) : 0;
		if (err == 0)
			err = office_view(&ppt->window, record.at, 16,
			    &bytes);
		if (err < 0)
			return err;
		slide.persist = le32(bytes);
		slide.id = le32(bytes + 12);
		slide.texts = record.at + record.len;
		is_open = true;
	}
	slide.texts_end = list->at + list->len;
	if (err == 0 && is_open)
		err = buf_put(slides, &slide, sizeof(slide));
	return err;
}

int
ppt_footer_put(struct ppt *ppt, const struct ppt_record *record,
    struct buf *footers)
{
	int err;

	err = ppt_string(ppt, record->at, record->len, &ppt->text);
	if (err < 0 || ppt->text.len == 0)
		return err;
	return buf_put(footers, ppt->text.data, ppt->text.len + 1);
}

static int
read_footers(struct ppt *ppt, const struct ppt_record *footers)
{
	struct ppt_walk walk;
	struct ppt_record record;
	const unsigned char *bytes;
	unsigned shown = 0xFF;
	int err;

	ppt_walk_begin(&walk, ppt, footers->at, footers->at + footers->len);
	while ((err = ppt_walk_next(&walk, &record)) > 0) {
		err = 0;
		if (record.type == PPT_FOOTERS_ATOM && record.len >= 4) {
			err = office_view(&ppt->window, record.at, 4, &bytes);
			if (err == 0)
				shown = ppt_footers_shown(bytes);
		} else if (record.type == PPT_STRING &&
		    record.instance < 8 && shown & 1u << record.instance) {
			err = ppt_footer_put(ppt, &record,
			    &ppt->all_footers);
		}
		if (err < 0)
			return err;
	}
	return err;
}

static int
read_object(struct ppt *ppt, const struct ppt_record *record)
{
	const unsigned char *bytes;
	uint32_t persist;
	int err;

	if (record->len < 20)
		return 0;
	err = office_view(&ppt->window, record->at, 20, &bytes);
	if (err < 0)
		return err;
	persist = le32(bytes + 16);
	return buf_put(&ppt->objects, &persist, sizeof(persist));
}

static int
document_record(struct ppt *ppt, struct ppt_walk *walk,
    const struct ppt_record *record)
{
	switch (record->type) {
	case PPT_OBJECT_LIST:
	case PPT_EMBEDDED:
		return 0; /* what is in it comes next */
	case PPT_OBJECT_ATOM:
		return read_object(ppt, record);
	case PPT_SLIDE_LIST:
		ppt_walk_skip(walk, record);
		if (record->instance == PPT_LIST_SLIDES)
			return read_list(ppt, record, &ppt->slides);
		if (record->instance == PPT_LIST_NOTES)
			return read_list(ppt, record, &ppt->notes);
		return 0;
	case PPT_FOOTERS:
		ppt_walk_skip(walk, record);
		return record->instance == PPT_FOOTERS_SLIDES
		    ? read_footers(ppt, record)
		    : 0;
	default:
		ppt_walk_skip(walk, record);
		return 0;
	}
}

int
ppt_document(struct ppt *ppt, uint64_t at)
{
	const struct ppt_slide *notes;
	struct ppt_walk walk;
	struct ppt_record record;
	uint64_t order;
	size_t i;
	int err;

	err = ppt_record_at(ppt, at, &record);
	if (err < 0)
		return err;
	ppt_walk_begin(&walk, ppt, record.at, record.at + record.len);
	while ((err = ppt_walk_next(&walk, &record)) > 0) {
		err = document_record(ppt, &walk, &record);
		if (err < 0)
			return err;
	}
	notes = (const struct ppt_slide *)(const void *)ppt->notes.data;
	for (i = 0; i < ppt->notes.len / sizeof(*notes) && err == 0; i++) {
		order = (uint64_t)notes[i].id << 32 | i;
		err = buf_put(&ppt->note_order, &order, sizeof(order));
	}
	office_sort((uint64_t *)(void *)ppt->note_order.data,
	    ppt->note_order.len / sizeof(order));
	return err;
}

int
ppt_all_slides(struct ppt *ppt)
{
	struct ppt_walk walk;
	struct ppt_record record;
	struct ppt_slide slide = {.id = 0};
	int err;

	ppt_walk_begin(&walk, ppt, 0, ppt->window.size);
	while ((err = ppt_walk_next(&walk, &record)) > 0) {
		ppt_walk_skip(&walk, &record);
		if (record.type != PPT_SLIDE ||
		    ppt->slides.len / sizeof(slide) >= PPT_PERSIST_IDS)
			continue;
		/* Ids are of no use here: they become places in order. */
		slide.persist = (uint32_t)(ppt->slides.len / sizeof(slide));
		ppt->persist[slide.persist] = (uint32_t)(record.at - 8) + 1;
		err = buf_put(&ppt->slides, &slide, sizeof(slide));
		if (err < 0)
			return err;
	}
	/* What is no record any more ends the search. */
	return err == ERR_SYNTAX ? 0 : err;
}
