/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_document.h"
#include "api/dify/dify_rule.h"
#include "base/mem.h"

/* The texts of a row, which are gone when its callback returns. */
static const size_t text_offsets[] = {
    offsetof(struct document, uri), offsetof(struct document, name),
    offsetof(struct document, metadata), offsetof(struct document, title),
    offsetof(struct document, media_type),
    offsetof(struct document, language),
    offsetof(struct document, keyphrases),
    offsetof(struct document, summary), offsetof(struct document, settings),
    offsetof(struct document, disabled_by)};
_Static_assert(sizeof(text_offsets) / sizeof(text_offsets[0]) ==
    DIFY_DOCUMENT_TEXTS, "every text that is needed has a place");

static int
copy_texts(struct dify_document *document)
{
	const char **text;
	size_t i;

	/* Not needed: to be read by nobody. */
	document->row.own_metadata = document->row.etag = NULL;
	for (i = 0; i < DIFY_DOCUMENT_TEXTS; i++) {
		text = (const char **)(void *)((char *)&document->row +
		    text_offsets[i]);
		if (*text == NULL)
			continue;
		document->texts[i] = mem_strdup(*text);
		if (document->texts[i] == NULL)
			return ERR_NOMEM;
		*text = document->texts[i];
	}
	return 0;
}

static int
take_item(void *arg, const struct item_row *row)
{
	struct dify_document *document = arg;

	document->item = row->item;
	document->job = row->job_uuid;
	document->has_blob = row->blob != NULL;
	if (document->has_blob)
		memcpy(document->blob, row->blob, HASH_SIZE);
	return 0;
}

int
dify_document_take(struct store *reader, const struct document *row,
    struct dify_document *ret_document)
{
	struct dify_document document = {.row = *row};
	int err;

	document.uuid = uuid_of_row(&row->base_uuid, (uint64_t)row->id);
	uuid_format(&document.uuid, document.id_text);
	err = copy_texts(&document);
	if (err == 0 && row->item_id != 0) {
		err = store_item_get(reader, row->item_id, take_item,
		    &document);
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	if (err == 0) {
		document.settings = json_loads(document.row.settings == NULL
		    ? "{}" : document.row.settings, JSON_REJECT_DUPLICATES,
		    NULL);
		if (document.settings == NULL)
			err = ERR_CORRUPT;
		document.dify = dify_object(document.settings, "dify");
	}
	if (err < 0) {
		dify_document_close(&document);
		return err;
	}
	*ret_document = document;
	return 0;
}

struct opening {
	struct store *reader;
	struct dify_document *document;
};

static int
open_row(void *arg, const struct document *row)
{
	struct opening *opening = arg;

	return dify_document_take(opening->reader, row, opening->document);
}

int
dify_document_open(struct store *reader, const struct dify_dataset *dataset,
    const struct uuid *uuid, struct dify_document *ret_document)
{
	struct opening opening = {reader, ret_document};

	return dify_document_find(reader, dataset, uuid, open_row, &opening);
}

void
dify_document_close(struct dify_document *document)
{
	size_t i;

	for (i = 0; i < DIFY_DOCUMENT_TEXTS; i++) {
		mem_free(document->texts[i]);
		document->texts[i] = NULL;
	}
	json_decref(document->settings);
	document->settings = NULL;
	document->dify = NULL;
}

const char *
dify_document_form(const struct dify_document *document)
{
	const char *form = dify_text(document->dify, "doc_form");

	return form == NULL ? DIFY_FORM_TEXT : form;
}

const json_t *
dify_document_rule(const struct dify_document *document)
{
	return dify_object(document->dify, "process_rule");
}
