/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a document says outside of its pages' content: comments, what was
 * filled into forms, files inside, and about itself.
 */
#include <poppler.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/pdf.h"

#define PDF_NOTES_MAX 10000u /* of one page; fields of one page */

/* Strings of Poppler's should be UTF-8, and are where they came from known
 * encodings; what is not is marked.  Only words may pass. */
static void
put_clean(struct buf *out, const char *text)
{
	size_t i, step, len = strlen(text);
	uint32_t c;

	for (i = 0; i < len; i += step) {
		c = utf8_decode(text + i, len - i, &step);
		if (c == UTF8_BAD)
			(void)buf_put(out, "\xEF\xBF\xBD", 3);
		else if (c == '\r' || c == '\n')
			(void)buf_putc(out, '\n');
		else if (c < 0x20 || (c >= 0x7F && c < 0xA0))
			(void)buf_putc(out, ' ');
		else
			(void)buf_put(out, text + i, step); /* sticks */
	}
}

/* A paragraph of text, with a name in front when there is one.  Takes text. */
static int
put_note(struct emit *emit, const char *name, char *text)
{
	struct buf out;
	int err = emit->err;

	buf_init(&out, PDF_PAGE_TEXT_MAX);
	if (text != NULL && text[0] != '\0') {
		if (name != NULL && name[0] != '\0') {
			put_clean(&out, name);
			(void)buf_puts(&out, ": ");
		}
		put_clean(&out, text);
		err = out.err < 0
		    ? (emit->err = out.err)
		    : emit_block(emit, BLOCK_PARAGRAPH, 0, buf_text(&out),
			  out.len);
	}
	buf_fini(&out);
	g_free(text);
	return err;
}

/* ---- files -------------------------------------------------------------- */

static gboolean
save_bytes(const gchar *bytes, gsize len, gpointer arg, GError **error)
{
	struct emit *emit = arg;

	(void)error;
	return emit_member_bytes(emit, bytes, len) == 0;
}

static int
put_attachment(struct emit *emit, PopplerAttachment *attachment)
{
	const char *name = poppler_attachment_get_name(attachment);
	uint64_t before = emit->member_bytes;
	gboolean is_saved;

	if (name == NULL || name[0] == '\0')
		name = "attachment";
	if (emit_member_begin(emit, name, strlen(name)) < 0)
		return emit->err;
	is_saved = poppler_attachment_save_to_callback(attachment, save_bytes,
	    emit, NULL);
	return emit_member_end(emit,
	    is_saved || emit->member_bytes > before
		? ITEM_CODE_NONE
		: ITEM_CODE_EXTRACTION_FAILED,
	    NULL);
}

int
pdf_extra_attachments(struct pdf_reader *reader)
{
	GList *list, *item;

	list = poppler_document_get_attachments(reader->document);
	for (item = list; item != NULL; item = item->next) {
		if (item->data == NULL)
			continue;
		if (reader->emit->err == 0)
			(void)put_attachment(reader->emit, item->data);
		g_object_unref(item->data);
	}
	g_list_free(list);
	return reader->emit->err;
}

/* ---- comments ----------------------------------------------------------- */

static int
put_annotation(struct emit *emit, PopplerAnnot *annotation)
{
	PopplerAttachment *file;
	int err;

	switch (poppler_annot_get_annot_type(annotation)) {
	case POPPLER_ANNOT_LINK:
	case POPPLER_ANNOT_POPUP: /* its parent says the same */
	case POPPLER_ANNOT_WIDGET:
		return 0;
	case POPPLER_ANNOT_FILE_ATTACHMENT:
		err = put_note(emit, NULL,
		    poppler_annot_get_contents(annotation));
		file = poppler_annot_file_attachment_get_attachment(
		    POPPLER_ANNOT_FILE_ATTACHMENT(annotation));
		if (err == 0 && file != NULL)
			err = put_attachment(emit, file);
		if (file != NULL)
			g_object_unref(file);
		return err;
	default:
		return put_note(emit, NULL,
		    poppler_annot_get_contents(annotation));
	}
}

/* ---- forms -------------------------------------------------------------- */

/* A name that was given by a person. */
static bool
is_name(const char *name)
{
	return name != NULL && name[0] != '\0' &&
	    strpbrk(name, "[]#_.0123456789") == NULL;
}

static int
put_choice(struct emit *emit, PopplerFormField *field, const char *name)
{
	int i, n = poppler_form_field_choice_get_n_items(field), err = 0;

	if (poppler_form_field_choice_is_editable(field)) {
		char *text = poppler_form_field_choice_get_text(field);

		if (text != NULL && text[0] != '\0')
			return put_note(emit, name, text);
		g_free(text);
	}
	for (i = 0; i < n && err == 0 && i < (int)PDF_NOTES_MAX; i++)
		if (poppler_form_field_choice_is_item_selected(field, i))
			err = put_note(emit, name,
			    poppler_form_field_choice_get_item(field, i));
	return err;
}

static int
put_field(struct emit *emit, PopplerFormField *field)
{
	char *name = poppler_form_field_get_alternate_ui_name(field);
	int err = 0;

	if (name == NULL || name[0] == '\0') {
		g_free(name);
		name = poppler_form_field_get_partial_name(field);
		if (!is_name(name)) {
			g_free(name);
			name = NULL;
		}
	}
	switch (poppler_form_field_get_field_type(field)) {
	case POPPLER_FORM_FIELD_TEXT:
		if (!poppler_form_field_text_is_password(field))
			err = put_note(emit, name,
			    poppler_form_field_text_get_text(field));
		break;
	case POPPLER_FORM_FIELD_CHOICE:
		err = put_choice(emit, field, name);
		break;
	default:
		break; /* buttons: the page says what they are for */
	}
	g_free(name);
	return err;
}

int
pdf_extra_page(struct pdf_reader *reader, PopplerPage *page)
{
	const PopplerFormFieldMapping *field;
	const PopplerAnnotMapping *note;
	GList *list, *item;
	unsigned n;
	int err = reader->emit->err;

	list = poppler_page_get_form_field_mapping(page);
	for (item = list, n = 0;
	    item != NULL && err == 0 && n < PDF_NOTES_MAX;
	    item = item->next, n++) {
		field = item->data;
		err = put_field(reader->emit, field->field);
	}
	poppler_page_free_form_field_mapping(list);

	list = poppler_page_get_annot_mapping(page);
	for (item = list, n = 0;
	    item != NULL && err == 0 && n < PDF_NOTES_MAX;
	    item = item->next, n++) {
		note = item->data;
		err = put_annotation(reader->emit, note->annot);
	}
	poppler_page_free_annot_mapping(list);
	return err;
}

bool
pdf_has_image(PopplerPage *page)
{
	GList *images = poppler_page_get_image_mapping(page);
	bool has_image = images != NULL;

	poppler_page_free_image_mapping(images);
	return has_image;
}

/* ---- properties --------------------------------------------------------- */

/* Takes text. */
static void
put_property(struct emit *emit, enum property property, char *text)
{
	struct buf out;

	if (text == NULL)
		return;
	buf_init(&out, PROPERTY_BYTES_MAX + 4);
	put_clean(&out, text);
	(void)emit_property(emit, property, buf_text(&out),
	    utf8_floor(buf_text(&out), out.len, out.len)); /* sticks */
	buf_fini(&out);
	g_free(text);
}

/* Not the functions that give a GDateTime: a wrong time zone is a file to
 * them, which they open.  -1: there is none. */
static void
put_time(struct emit *emit, enum property property, time_t when)
{
	if (when != (time_t)-1)
		(void)emit_property_time(emit, property, when);
}

void
pdf_extra_properties(struct pdf_reader *reader)
{
	PopplerDocument *document = reader->document;
	struct emit *emit = reader->emit;
	struct buf title;
	char *text;

	text = poppler_document_get_title(document);
	if (text != NULL) {
		buf_init(&title, 64 * KIB);
		put_clean(&title, text);
		emit_title(emit, buf_text(&title), title.len);
		buf_fini(&title);
		g_free(text);
	}
	put_property(emit, PROPERTY_AUTHOR,
	    poppler_document_get_author(document));
	put_property(emit, PROPERTY_SUBJECT,
	    poppler_document_get_subject(document));
	put_property(emit, PROPERTY_KEYWORDS,
	    poppler_document_get_keywords(document));
	put_property(emit, PROPERTY_GENERATOR,
	    poppler_document_get_creator(document));
	put_property(emit, PROPERTY_GENERATOR,
	    poppler_document_get_producer(document));
	put_time(emit, PROPERTY_CREATED,
	    poppler_document_get_creation_date(document));
	put_time(emit, PROPERTY_MODIFIED,
	    poppler_document_get_modification_date(document));
	text = poppler_document_get_metadata(document);
	if (text != NULL)
		pdf_xmp_read(text, emit);
	g_free(text);
}
