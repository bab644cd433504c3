/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Presentations of PowerPoint 97 to 2003: the directory of what counts, the
 * document's lists, then slide by slide its title, its other shapes, its notes
 * and comments.  What is kept of a slide is where its texts are.
 */
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/ole.h"
#include "extractor/ppt.h"

/* ---- a slide ------------------------------------------------------------- */

static bool
is_title(const struct ppt_text *text)
{
	return text->table == 0 &&
	    (text->type == PPT_TEXT_TITLE ||
		text->type == PPT_TEXT_CENTER_TITLE);
}

static size_t
texts_of(const struct buf *texts, const struct ppt_text **ret_texts)
{
	*ret_texts = (const struct ppt_text *)(const void *)texts->data;
	return texts->len / sizeof(struct ppt_text);
}

/* The title first, wherever it stands.  Sets *ret_title to its place.  A slide
 * that has none has its number instead, if it says anything at all. */
static int
send_title(struct ppt *ppt, unsigned number, size_t *ret_title)
{
	const struct ppt_text *texts;
	size_t count = texts_of(&ppt->texts, &texts), i;
	int err;

	*ret_title = SIZE_MAX;
	(void)snprintf(ppt->out.heading, sizeof(ppt->out.heading), "Slide %u",
	    number);
	ppt->out.level = 1;
	for (i = 0; i < count; i++) {
		if (!is_title(&texts[i]))
			continue;
		err = ppt_text_load(ppt, &texts[i]);
		if (err < 0)
			return err;
		if (strspn(buf_text(&ppt->text), " \t\n") == ppt->text.len)
			continue;
		ppt->out.heading[0] = '\0';
		*ret_title = i;
		(void)emit_open(ppt->emit, BLOCK_HEADING, 1); /* sticks */
		(void)emit_words(ppt->emit, ppt->text.data, ppt->text.len);
		return emit_close(ppt->emit);
	}
	return 0;
}

static int
send_texts(struct ppt *ppt, size_t title)
{
	const struct ppt_text *texts;
	size_t count = texts_of(&ppt->texts, &texts), i, end;
	int err = 0;

	for (i = 0; i < count && err == 0; i = end) {
		end = i + 1;
		if (i == title || texts[i].type == PPT_TEXT_COMMENT)
			continue;
		if (texts[i].table == 0) {
			err = ppt_text_send(ppt, &texts[i]);
			continue;
		}
		while (end < count && texts[end].table == texts[i].table &&
		    texts[end].type != PPT_TEXT_COMMENT)
			end++;
		err = ppt_table_send(ppt, &texts[i], end - i);
	}
	return err;
}

static int
send_comments(struct ppt *ppt)
{
	const struct ppt_text *texts;
	size_t count = texts_of(&ppt->texts, &texts), i;
	int err = 0;

	for (i = 0; i < count && err == 0; i++)
		if (texts[i].type == PPT_TEXT_COMMENT)
			err = ppt_comment_send(ppt, &texts[i]);
	return err;
}

/* Was it sent before?  If not, it is from now on. */
static bool
is_seen(struct ppt *ppt, const char *footer)
{
	const char *at = buf_text(&ppt->seen_footers);
	unsigned i;

	for (i = 0; i < ppt->seen; i++) {
		if (strcmp(at, footer) == 0)
			return true;
		at += strlen(at) + 1;
	}
	if (ppt->seen == PPT_FOOTERS_MAX)
		return true;
	if (buf_put(&ppt->seen_footers, footer, strlen(footer) + 1) == 0)
		ppt->seen++;
	return false;
}

/* Once, however many slides have the same. */
static int
send_footers(struct ppt *ppt, const struct buf *footers)
{
	const char *at = buf_text(footers);
	size_t i, len;

	for (i = 0; i < footers->len; i += len + 1) {
		len = strlen(at + i);
		if (strspn(at + i, " \t\n*") == len || is_seen(ppt, at + i))
			continue;
		(void)drawing_out_ready(&ppt->out); /* errors stick */
		(void)emit_block(ppt->emit, BLOCK_PARAGRAPH, 0, at + i, len);
	}
	return ppt->seen_footers.err < 0 ? ppt->seen_footers.err
					 : ppt->emit->err;
}

/* The notes with that id, among those that the document lists. */
static const struct ppt_slide *
find_notes(const struct ppt *ppt, uint32_t id)
{
	const struct ppt_slide *notes =
	    (const struct ppt_slide *)(const void *)ppt->notes.data;
	const uint64_t *order =
	    (const uint64_t *)(const void *)ppt->note_order.data;
	size_t count = ppt->note_order.len / sizeof(*order);
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (order[middle] >> 32 < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count || order[low] >> 32 != id)
		return NULL;
	return &notes[order[low] & UINT32_MAX];
}

/* The texts of the slide stay: its comments come behind. */
static int
send_notes(struct ppt *ppt, uint32_t id)
{
	const struct ppt_slide *notes = id == 0 ? NULL : find_notes(ppt, id);
	struct buf texts = ppt->texts;
	struct ppt_record record;
	int err;

	if (notes == NULL ||
	    !ppt_persist_find(ppt, notes->persist, PPT_NOTES, &record))
		return 0;
	ppt->texts = ppt->note_texts;
	buf_clear(&ppt->footers);
	ppt->out.prefix = "Notes: ";
	err = ppt_outline(ppt, notes->texts, notes->texts_end, &ppt->outline);
	if (err == 0)
		err = ppt_shapes(ppt, &record, NULL);
	if (err == 0)
		err = send_texts(ppt, SIZE_MAX);
	ppt->out.prefix = NULL;
	if (err == 0)
		err = send_footers(ppt, &ppt->footers);
	ppt->note_texts = ppt->texts;
	ppt->texts = texts;
	return err;
}

static int
read_slide(struct ppt *ppt, const struct ppt_slide *slide, unsigned number)
{
	struct ppt_record record;
	uint32_t notes = 0;
	size_t title;
	bool is_there;
	int err;

	is_there = ppt_persist_find(ppt, slide->persist, PPT_SLIDE, &record);
	buf_clear(&ppt->footers);
	ppt->has_footers = false;
	err = ppt_outline(ppt, slide->texts, slide->texts_end, &ppt->outline);
	if (err == 0)
		err = ppt_shapes(ppt, is_there ? &record : NULL, &notes);
	if (err == 0)
		err = send_title(ppt, number, &title);
	if (err == 0)
		err = send_texts(ppt, title);
	if (err == 0)
		err = send_footers(ppt,
		    ppt->has_footers || ppt->footers.len > 0
			? &ppt->footers
			: &ppt->all_footers);
	if (err == 0)
		err = send_notes(ppt, notes);
	if (err == 0)
		err = send_comments(ppt);
	return err;
}

/* ---- the whole ----------------------------------------------------------- */

static int
read_slides(struct ppt *ppt)
{
	const struct ppt_slide *slides =
	    (const struct ppt_slide *)(const void *)ppt->slides.data;
	size_t count = ppt->slides.len / sizeof(*slides), i;
	int err = 0;

	ppt->emit->pages = (uint32_t)count;
	for (i = 0; i < count && err == 0; i++) {
		ppt->emit->page = (uint32_t)(i + 1);
		err = read_slide(ppt, &slides[i], (unsigned)(i + 1));
		if (err == ERR_SYNTAX && ppt->note != NULL &&
		    ppt->note->text[0] == '\0')
			(void)err_set(ppt->note, err, "it is damaged");
		if (err == ERR_SYNTAX)
			err_wrap(ppt->note, "slide %zu", i + 1);
	}
	ppt->emit->page = 0;
	return err;
}

static int
read_presentation(struct ppt *ppt, const char *folder)
{
	uint64_t document;
	int err;

	err = ppt_persist(ppt, folder, &document);
	if (err < 0)
		return err;
	err = ole_properties(ppt->ole, ppt->emit, ppt->note);
	if (err == 0 && document != UINT64_MAX)
		err = ppt_document(ppt, document);
	if (err == ERR_SYNTAX)
		err = 0; /* slides may be found without it */
	if (err == 0 && ppt->slides.len == 0)
		err = ppt_all_slides(ppt);
	if (err == 0 && ppt->slides.len == 0 && document == UINT64_MAX)
		err = err_set(ppt->note, ERR_SYNTAX,
		    "there are no slides in it");
	if (err == 0)
		err = read_slides(ppt);
	if (err == 0)
		err = ppt_objects(ppt);
	return err;
}

static void
ppt_init(struct ppt *ppt)
{
	buf_init(&ppt->slides, PPT_SLIDES_MAX * sizeof(struct ppt_slide));
	buf_init(&ppt->notes, PPT_SLIDES_MAX * sizeof(struct ppt_slide));
	buf_init(&ppt->note_order, PPT_SLIDES_MAX * sizeof(uint64_t));
	buf_init(&ppt->objects, PPT_OBJECTS_MAX * sizeof(uint32_t));
	buf_init(&ppt->outline, PPT_TEXTS_MAX * sizeof(struct ppt_text));
	buf_init(&ppt->texts, PPT_TEXTS_MAX * sizeof(struct ppt_text));
	buf_init(&ppt->note_texts, PPT_TEXTS_MAX * sizeof(struct ppt_text));
	buf_init(&ppt->footers, PPT_TEXT_MAX);
	buf_init(&ppt->all_footers, PPT_TEXT_MAX);
	buf_init(&ppt->seen_footers, PPT_TEXT_MAX);
	buf_init(&ppt->raw, PPT_TEXT_MAX);
	buf_init(&ppt->style, PPT_TEXT_MAX);
	buf_init(&ppt->text, 2 * PPT_TEXT_MAX);
}

static void
ppt_fini(struct ppt *ppt)
{
	mem_free(ppt->persist);
	buf_fini(&ppt->slides);
	buf_fini(&ppt->notes);
	buf_fini(&ppt->note_order);
	buf_fini(&ppt->objects);
	buf_fini(&ppt->outline);
	buf_fini(&ppt->texts);
	buf_fini(&ppt->note_texts);
	buf_fini(&ppt->footers);
	buf_fini(&ppt->all_footers);
	buf_fini(&ppt->seen_footers);
	buf_fini(&ppt->raw);
	buf_fini(&ppt->style);
	buf_fini(&ppt->text);
	office_window_fini(&ppt->window);
}

int
read_ppt(struct input *input, struct emit *emit, struct err_note *note)
{
	/* A file for two versions has the newer one in a folder. */
	static const char *const paths[] = {
	    "PP97_DUALSTORAGE/PowerPoint Document", "PowerPoint Document"};
	struct ppt ppt = {.emit = emit, .note = note, .out.emit = emit};
	struct ole_stream *stream = NULL;
	const char *path;
	int err;

	err = ole_open(input, &ppt.ole, note);
	if (err < 0)
		return err;
	ppt_init(&ppt);
	path = paths[ole_has(ppt.ole, paths[0]) ? 0 : 1];
	err = ole_stream_open(ppt.ole, path, &stream);
	if (err == ERR_NOT_FOUND)
		err = err_set(note, ERR_SYNTAX,
		    "there is no presentation in it");
	/* What counts is said at the end. */
	if (err == 0 && office_is_cut(ppt.ole, path, stream))
		err = err_set(note, ERR_SYNTAX, "the file is cut off");
	if (err == 0)
		err = office_window_init(&ppt.window, stream);
	if (err == 0)
		err = read_presentation(&ppt,
		    path == paths[0] ? "PP97_DUALSTORAGE/" : "");
	ppt_fini(&ppt);
	ole_stream_close(stream);
	ole_close(ppt.ole);
	return err;
}
