/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PDF, by Poppler.
 *
 * Pages are read a few ahead of the one that is sent: what size the text is
 * set in and what is a running header shows only beside other pages.
 *
 * A page that cannot be read is left out; when there is none that can, the
 * document is damaged.
 */
#include <poppler.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/ocr.h"
#include "extractor/pdf.h"

static int
open_document(struct pdf_reader *reader, struct input *input,
    struct err_note *note)
{
	GInputStream *stream = pdf_stream_new(input);
	GError *error = NULL;
	int err = 0;

	if (stream == NULL)
		return ERR_NOMEM;
	reader->document = poppler_document_new_from_stream(stream,
	    (goffset)input->size, NULL, NULL, &error);
	g_object_unref(stream); /* the document has a reference */
	if (reader->document == NULL) {
		if (g_error_matches(error, POPPLER_ERROR,
			POPPLER_ERROR_ENCRYPTED))
			err = err_set(note, ERR_FORBIDDEN,
			    "the document needs a password to be read");
		else
			err = err_set(note, ERR_SYNTAX,
			    "the PDF is damaged: its table of objects or its "
			    "list of pages cannot be read");
		g_clear_error(&error);
	}
	return err;
}

/* Lines that the outline calls headings. */
static void
mark_headings(const struct pdf_outline *outline, struct pdf_page *page)
{
	size_t i;

	if (outline->count == 0)
		return;
	for (i = 0; i < page->line_count; i++)
		page->lines[i].level = pdf_outline_level(outline,
		    page->number, page->lines[i].key);
}

/* Poppler's page goes at once: what it holds would lie between the pages to
 * come, and freeing all of it in order is what keeps malloc() quick. */
static int
load_page(struct pdf_reader *reader, unsigned number, struct pdf_page *page)
{
	double width = 0, height = 0;
	PopplerPage *source;
	int err;

	page->number = number;
	source = poppler_document_get_page(reader->document, (int)number - 1);
	if (source == NULL) {
		page->is_failed = true;
		reader->pages_failed++;
		return 0;
	}
	poppler_page_get_size(source, &width, &height);
	page->width = (float)width;
	page->height = (float)height;
	err = pdf_glyphs_load(&reader->work.glyphs, source,
	    &page->has_places);
	g_object_unref(source);
	if (err == 0)
		err = pdf_lines_make(&reader->work, page);
	if (err < 0)
		return err;
	mark_headings(&reader->outline, page);
	pdf_count_fonts(reader, page);
	return 0;
}

/* A page without text: is there a picture of some? */
static int
send_bare(struct pdf_reader *reader, PopplerPage *page, struct err_note *note)
{
	unsigned char *pixels;
	unsigned width, height, stride;
	int err;

	if (!pdf_has_image(page))
		return 0;
	if (!ocr_is_on()) {
		reader->emit->pages_bare++;
		return 0;
	}
	err = pdf_render_page(page, &pixels, &width, &height, &stride);
	if (err == 0) {
		err = ocr_gray(pixels, width, height, stride, reader->emit,
		    note);
		mem_free(pixels);
	}
	if (err == ERR_NOT_FOUND || err == ERR_SYNTAX) {
		reader->emit->pages_bare++;
		err = 0;
	} else if (err == 0) {
		reader->pages_with_text++;
	}
	return err;
}

static int
send_page(struct pdf_reader *reader, const unsigned *order, unsigned count,
    struct err_note *note)
{
	struct pdf_page *page = reader->pages + order[0];
	struct emit *emit = reader->emit;
	uint64_t before = emit->blocks;
	PopplerPage *source;
	int err;

	if (page->is_failed)
		return 0;
	emit->page = page->number;
	pdf_running_mark(&reader->running, reader->pages, order, count);
	err = pdf_blocks_emit(reader, page);
	source = poppler_document_get_page(reader->document,
	    (int)page->number - 1);
	if (source == NULL)
		return err;
	if (err == 0 && page->line_count == 0)
		err = send_bare(reader, source, note);
	if (err == 0)
		err = pdf_extra_page(reader, source);
	g_object_unref(source);
	reader->pages_with_text += emit->blocks > before ||
	    page->line_count > 0;
	return err;
}

static int
read_pages(struct pdf_reader *reader, unsigned pages, struct err_note *note)
{
	unsigned order[PDF_AHEAD], loaded = 0, sent, i, count;
	int err = 0;

	for (sent = 0; sent < pages && err == 0; sent++) {
		for (; loaded < pages && loaded < sent + PDF_AHEAD && err == 0;
		    loaded++)
			err = load_page(reader, loaded + 1,
			    reader->pages + loaded % PDF_AHEAD);
		if (err < 0)
			break;
		count = loaded - sent;
		for (i = 0; i < count; i++)
			order[i] = (sent + i) % PDF_AHEAD;
		err = send_page(reader, order, count, note);
		pdf_page_fini(reader->pages + order[0]);
	}
	return err;
}

/* How a document ends whose pages were all looked at. */
static int
judge(const struct pdf_reader *reader, unsigned pages, struct err_note *note)
{
	const struct emit *emit = reader->emit;

	if (reader->pages_with_text > 0 || emit->members > 0)
		return 0;
	if (pages == 0)
		return err_set(note, ERR_SYNTAX,
		    "no pages are found in the PDF");
	if (reader->pages_failed == pages)
		return err_set(note, ERR_SYNTAX,
		    "the PDF is damaged: none of its %u pages can be read",
		    pages);
	if (emit->pages_bare > 0)
		return err_set(note, ERR_NOT_FOUND,
		    ocr_is_on()
			? "no text was found on the pages"
			: "the pages have no text layer; turn on OCR");
	return err_set(note, ERR_NOT_FOUND, "the pages have no text");
}

int
read_pdf(struct input *input, struct emit *emit, struct err_note *note)
{
	struct pdf_reader *reader;
	unsigned i;
	int err, pages;

	reader = mem_zalloc(sizeof(*reader));
	if (reader == NULL)
		return ERR_NOMEM;
	reader->emit = emit;
	pdf_work_init(&reader->work);
	for (i = 0; i < PDF_AHEAD; i++)
		pdf_page_init(reader->pages + i);
	err = open_document(reader, input, note);
	if (err < 0)
		goto out;
	pages = poppler_document_get_n_pages(reader->document);
	if (pages < 0)
		pages = 0;
	if ((unsigned)pages > PDF_PAGES_MAX) {
		err = err_set(note, ERR_TOO_BIG,
		    "the PDF has %d pages, more than %u", pages,
		    PDF_PAGES_MAX);
		goto out;
	}
	emit->pages = (uint32_t)pages;
	pdf_extra_properties(reader);
	err = pdf_outline_load(&reader->outline, reader->document);
	if (err == 0)
		err = read_pages(reader, (unsigned)pages, note);
	emit->page = 0;
	if (err == 0)
		err = pdf_extra_attachments(reader);
	if (err == 0)
		err = judge(reader, (unsigned)pages, note);
out:
	for (i = 0; i < PDF_AHEAD; i++)
		pdf_page_fini(reader->pages + i);
	pdf_outline_fini(&reader->outline);
	pdf_work_fini(&reader->work);
	if (reader->document != NULL)
		g_object_unref(reader->document);
	mem_free(reader);
	return err;
}
