/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shapes of a slide, from the back to the front, which is the order they
 * were made in.  Their texts are in them or, for placeholders of the outline,
 * in the document's list of slides.
 */
#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/ppt.h"

#define PPT_PROPERTY_ID 0x3FFFu
#define PPT_PROPERTY_COMPLEX 0x8000u
#define PPT_PROPERTY_LETTERS 0x00C0u
#define PPT_PROPERTY_TABLE 0x039Fu
#define PPT_TAG_SIZE 16u /* of "___PPT10" in UTF-16 */

/* Places of a slide that show what is the same on all of them. */
#define PPT_PLACE_DATE 7u
#define PPT_PLACE_NUMBER 8u
#define PPT_PLACE_FOOTER 9u
#define PPT_PLACE_HEADER 10u
#define PPT_PLACE_IMAGE 11u /* of the slide, on its notes */

struct ppt_shapes {
	struct ppt *ppt;
	struct ppt_walk walk;
	size_t first;	       /* text of the shape at hand */
	unsigned group;	       /* depth of the innermost group */
	unsigned table_depth;  /* of the group that is a table, or 0 */
	uint32_t tables;
	int32_t left, top;
	uint8_t placeholder;
	unsigned footers, comment; /* depth of what we are in, or 0 */
	uint8_t shows; /* bit (1 << instance): header, footer */
	bool is_tag; /* the next data are records */
	uint32_t notes;
};

static struct ppt_text *
texts_of(struct buf *texts, size_t *ret_count)
{
	*ret_count = texts->len / sizeof(struct ppt_text);
	return (struct ppt_text *)(void *)texts->data;
}

/* The last text, if it is of the shape at hand. */
static struct ppt_text *
last_text(struct buf *texts, size_t first)
{
	size_t count;
	struct ppt_text *all = texts_of(texts, &count);

	return count > first ? &all[count - 1] : NULL;
}

/* What belongs to a text, in the outline as well as in a shape. */
static int
text_record(struct ppt *ppt, const struct ppt_record *record,
    struct buf *texts, size_t first)
{
	struct ppt_text *text = last_text(texts, first);
	struct ppt_text added = {.type = PPT_TEXT_OTHER};
	const unsigned char *bytes;
	size_t i;
	int err;

	if (record->type == PPT_TEXT_HEADER || text == NULL) {
		if (record->type == PPT_TEXT_HEADER && record->len >= 4) {
			err = office_view(&ppt->window, record->at, 4,
			    &bytes);
			if (err < 0)
				return err;
			added.type = le32(bytes);
		}
		err = buf_put(texts, &added, sizeof(added));
		if (err < 0)
			return err;
		text = last_text(texts, first);
	}
	switch (record->type) {
	case PPT_TEXT_HEADER:
		return 0;
	case PPT_TEXT_CHARS:
	case PPT_TEXT_BYTES:
		text->at = record->at;
		text->len = record->len;
		text->is_wide = record->type == PPT_TEXT_CHARS;
		return 0;
	case PPT_TEXT_STYLE:
		text->style_at = record->at;
		text->style_len = record->len;
		return 0;
	default: /* a mark of a field: where it stands */
		if (record->len < 4)
			return 0;
		err = office_view(&ppt->window, record->at, 4, &bytes);
		for (i = 0; err == 0 && i < PPT_MARKS_MAX; i++)
			if (text->marks[i] == 0) {
				text->marks[i] = le32(bytes) + 1;
				break;
			}
		return err;
	}
}

static bool
is_text_record(unsigned type)
{
	switch (type) {
	case PPT_TEXT_HEADER:
	case PPT_TEXT_CHARS:
	case PPT_TEXT_BYTES:
	case PPT_TEXT_STYLE:
	case PPT_MARK_NUMBER:
	case PPT_MARK_DATE:
	case PPT_MARK_DATE_TEXT:
	case PPT_MARK_HEADER:
	case PPT_MARK_FOOTER:
		return true;
	default:
		return false;
	}
}

int
ppt_outline(struct ppt *ppt, uint64_t at, uint64_t end, struct buf *texts)
{
	struct ppt_walk walk;
	struct ppt_record record;
	int err;

	buf_clear(texts);
	ppt_walk_begin(&walk, ppt, at, end);
	while ((err = ppt_walk_next(&walk, &record)) > 0) {
		ppt_walk_skip(&walk, &record);
		if (!is_text_record(record.type))
			continue;
		err = text_record(ppt, &record, texts, 0);
		if (err < 0)
			return err;
	}
	return err;
}

/* Text number so and so of the outline; it is sent once. */
static int
outline_text(struct ppt_shapes *shapes, const struct ppt_record *record)
{
	struct ppt *ppt = shapes->ppt;
	const unsigned char *bytes;
	struct ppt_text *outline;
	size_t count;
	uint32_t i;
	int err;

	if (record->len < 4)
		return 0;
	err = office_view(&ppt->window, record->at, 4, &bytes);
	if (err < 0)
		return err;
	i = le32(bytes);
	outline = texts_of(&ppt->outline, &count);
	if (i >= count || outline[i].is_sent)
		return 0;
	outline[i].is_sent = true;
	return buf_put(&ppt->texts, &outline[i], sizeof(outline[i]));
}

/* The letters of a picture made of letters: len bytes, the last two zeros. */
static int
picture_text(struct ppt *ppt, uint64_t at, uint32_t len)
{
	struct ppt_text text = {.type = PPT_TEXT_OTHER, .is_wide = true,
	    .at = at, .len = len - 2};

	return buf_put(&ppt->texts, &text, sizeof(text));
}

/*
 * Properties of a shape: 6 bytes each, then the bytes of those that have more.
 * That its group is a table stands with the first shape of the group.
 */
static int
options_record(struct ppt_shapes *shapes, const struct ppt_record *record)
{
	uint64_t more = (uint64_t)record->instance * 6;
	const unsigned char *bytes;
	unsigned i, id;
	uint32_t value;
	int err = 0;

	for (i = 0; i < record->instance && (i + 1) * 6 <= record->len &&
	     err == 0; i++) {
		err = office_view(&shapes->ppt->window,
		    record->at + (uint64_t)i * 6, 6, &bytes);
		if (err < 0)
			return err;
		id = le16(bytes);
		value = le32(bytes + 2);
		if ((id & PPT_PROPERTY_ID) == PPT_PROPERTY_TABLE &&
		    (value & 1) != 0 && shapes->table_depth == 0 &&
		    shapes->group != 0 && record->depth == shapes->group + 2) {
			shapes->table_depth = shapes->group;
			shapes->tables++;
		}
		if ((id & PPT_PROPERTY_COMPLEX) == 0)
			continue;
		if (value > record->len || more > record->len - value)
			return 0;
		if ((id & PPT_PROPERTY_ID) == PPT_PROPERTY_LETTERS &&
		    value > 2)
			err = picture_text(shapes->ppt, record->at + more,
			    value);
		more += value;
	}
	return err;
}

/* The texts of the shape at hand get to know where they stand. */
static void
end_shape(struct ppt_shapes *shapes)
{
	size_t count, i;
	struct ppt_text *texts = texts_of(&shapes->ppt->texts, &count);

	for (i = shapes->first; i < count; i++) {
		if (texts[i].type == PPT_TEXT_COMMENT)
			continue;
		texts[i].placeholder = shapes->placeholder;
		texts[i].left = shapes->left;
		texts[i].top = shapes->top;
		texts[i].table = shapes->table_depth != 0 ? shapes->tables
							  : 0;
	}
	shapes->first = count;
	shapes->placeholder = 0;
	shapes->left = shapes->top = 0;
}

/* A text of its own: of a comment, a footer, or the name of a tag. */
static int
string_record(struct ppt_shapes *shapes, const struct ppt_record *record)
{
	struct ppt *ppt = shapes->ppt;
	struct ppt_text *comment;
	const unsigned char *bytes;
	int err;

	if (shapes->comment != 0) {
		comment = last_text(&ppt->texts, 0);
		if (comment != NULL && record->instance == 0) {
			comment->author_at = record->at;
			comment->author_len = record->len;
		} else if (comment != NULL && record->instance == 1) {
			comment->at = record->at;
			comment->len = record->len;
		}
		return 0;
	}
	if (shapes->footers != 0)
		return record->instance < 8 &&
			(shapes->shows & 1u << record->instance)
		    ? ppt_footer_put(ppt, record, &ppt->footers)
		    : 0;
	shapes->is_tag = false;
	if (record->instance != 0 || record->len < PPT_TAG_SIZE)
		return 0;
	err = office_view(&ppt->window, record->at, PPT_TAG_SIZE, &bytes);
	if (err == 0)
		shapes->is_tag =
		    memcmp(bytes, "_\0_\0_\0P\0P\0T\0001\0000\0",
			PPT_TAG_SIZE) == 0;
	return err;
}

/* Records of a few bytes that are looked at. */
static int
small_record(struct ppt_shapes *shapes, const struct ppt_record *record,
    size_t need)
{
	const unsigned char *bytes;
	int err;

	if (record->len < need)
		return 0;
	err = office_view(&shapes->ppt->window, record->at, need, &bytes);
	if (err < 0)
		return err;
	switch (record->type) {
	case PPT_SLIDE_ATOM:
		shapes->notes = le32(bytes + 16);
		break;
	case PPT_PLACEHOLDER:
		shapes->placeholder = bytes[4];
		break;
	case PPT_PLACEHOLDER_2007:
		shapes->placeholder = bytes[0];
		break;
	case PPT_SHAPE_ANCHOR:
		shapes->left = (int32_t)le32(bytes);
		shapes->top = (int32_t)le32(bytes + 4);
		break;
	default: /* what is shown of the header and the footer */
		shapes->shows = ppt_footers_shown(bytes);
		break;
	}
	return 0;
}

/* Something that holds records begins.  What is of no use to us is gone over,
 * whole: not all that looks like it does hold records. */
static int
container_record(struct ppt_shapes *shapes, const struct ppt_record *record)
{
	static const struct ppt_text comment = {.type = PPT_TEXT_COMMENT,
	    .is_wide = true};
	struct ppt *ppt = shapes->ppt;

	switch (record->type) {
	case PPT_SHAPE_GROUP:
		end_shape(shapes);
		shapes->group = record->depth;
		return 0;
	case PPT_SHAPE:
		end_shape(shapes);
		return 0;
	case PPT_FOOTERS:
		shapes->footers = record->depth;
		shapes->shows = 0xFF;
		ppt->has_footers = true;
		return 0;
	case PPT_COMMENT:
		end_shape(shapes);
		shapes->comment = record->depth;
		return buf_put(&ppt->texts, &comment, sizeof(comment));
	case PPT_TAG_DATA:
		if (!shapes->is_tag || record->version == 15)
			return 0;
		shapes->is_tag = false;
		return ppt_walk_enter(&shapes->walk, record);
	case PPT_DRAWING:
	case PPT_SHAPES:
	case PPT_SHAPE_TEXT:
	case PPT_SHAPE_DATA:
	case PPT_TAGS:
	case PPT_TAG:
		return 0;
	default:
		ppt_walk_skip(&shapes->walk, record);
		return 0;
	}
}

/* Forget what does not go on at this record's depth. */
static void
leave(struct ppt_shapes *shapes, unsigned depth)
{
	if (depth <= shapes->footers)
		shapes->footers = 0;
	if (depth <= shapes->comment)
		shapes->comment = 0;
	if (depth <= shapes->table_depth) {
		end_shape(shapes);
		shapes->table_depth = 0;
	}
	if (depth <= shapes->group)
		shapes->group = 0;
}

static int
shapes_record(struct ppt_shapes *shapes, const struct ppt_record *record)
{
	leave(shapes, record->depth);
	if (is_text_record(record->type))
		return shapes->comment != 0
		    ? 0
		    : text_record(shapes->ppt, record, &shapes->ppt->texts,
			  shapes->first);
	switch (record->type) {
	case PPT_TEXT_REF:
		return outline_text(shapes, record);
	case PPT_STRING:
		return string_record(shapes, record);
	case PPT_SLIDE_ATOM:
		return small_record(shapes, record, 20);
	case PPT_PLACEHOLDER:
		return small_record(shapes, record, 5);
	case PPT_PLACEHOLDER_2007:
		return small_record(shapes, record, 1);
	case PPT_SHAPE_ANCHOR:
		return small_record(shapes, record, 8);
	case PPT_FOOTERS_ATOM:
		return small_record(shapes, record, 4);
	case PPT_SHAPE_OPTIONS:
	case PPT_SHAPE_OPTIONS_3:
		return options_record(shapes, record);
	default:
		return container_record(shapes, record);
	}
}

/* Take out what is the same on all slides; its headers and footers, if they
 * are words, are kept apart. */
static int
drop_places(struct ppt *ppt)
{
	size_t count, i, n = 0;
	struct ppt_text *texts = texts_of(&ppt->texts, &count);
	int err = 0;

	for (i = 0; i < count && err == 0; i++) {
		if (texts[i].placeholder < PPT_PLACE_DATE ||
		    texts[i].placeholder > PPT_PLACE_IMAGE) {
			if (texts[i].len > 0)
				texts[n++] = texts[i];
		} else if (texts[i].len > 0 &&
		    (texts[i].placeholder == PPT_PLACE_FOOTER ||
			texts[i].placeholder == PPT_PLACE_HEADER)) {
			err = ppt_text_load(ppt, &texts[i]);
			if (err == 0 && ppt->text.len > 0)
				err = buf_put(&ppt->footers, ppt->text.data,
				    ppt->text.len + 1);
		}
	}
	ppt->texts.len = n * sizeof(*texts);
	return err;
}

static int
add_unreferenced(struct ppt *ppt)
{
	size_t count, i;
	const struct ppt_text *outline = texts_of(&ppt->outline, &count);
	int err = 0;

	for (i = 0; i < count && err == 0; i++)
		if (!outline[i].is_sent && outline[i].len > 0)
			err = buf_put(&ppt->texts, &outline[i],
			    sizeof(outline[i]));
	return err;
}

int
ppt_shapes(struct ppt *ppt, const struct ppt_record *slide,
    uint32_t *ret_notes)
{
	struct ppt_shapes shapes = {.ppt = ppt};
	struct ppt_record record;
	int err = 0, more;

	buf_clear(&ppt->texts);
	if (slide != NULL) {
		err = ppt_spend(ppt, slide->len);
		if (err < 0)
			return err;
		ppt_walk_begin(&shapes.walk, ppt, slide->at,
		    slide->at + slide->len);
		while ((more = ppt_walk_next(&shapes.walk, &record)) > 0) {
			err = shapes_record(&shapes, &record);
			if (err < 0)
				return err;
		}
		if (more < 0)
			return more;
		end_shape(&shapes);
	}
	err = add_unreferenced(ppt);
	if (err < 0)
		return err;
	err = drop_places(ppt);
	if (err == 0 && ret_notes != NULL)
		*ret_notes = shapes.notes;
	return err;
}
