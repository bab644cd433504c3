/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of documents, one of them, and its end.
 */
#include <string.h>
#include <strings.h>

#include "api/dify/dify_document.h"

/* What the query asks for, as bits of document_standing; an unknown word is no
 * filter. */
static uint32_t
standings_of(const char *word)
{
	unsigned standing;

	if (word == NULL)
		return 0;
	if (strcasecmp(word, "active") == 0 ||
	    strcasecmp(word, "enabled") == 0)
		return 1u << DOCUMENT_AVAILABLE;
	for (standing = DOCUMENT_WAITING; standing <= DOCUMENT_ARCHIVED;
	    standing++)
		if (strcasecmp(word, dify_display_word(
			(enum document_standing)standing)) == 0)
			return 1u << standing;
	return 0;
}

/* ---- lists -------------------------------------------------------------- */

struct listing {
	struct store *reader;
	struct jsonw *w;
	struct dify_dataset dataset;
	char account[UUID_TEXT_SIZE];
	uint64_t total;
};

static int
list_row(void *arg, const struct document *row)
{
	struct listing *listing = arg;
	struct dify_document document;
	struct dify_document_view view = {.dataset = &listing->dataset,
	    .document = &document, .account = listing->account};
	int err;

	err = dify_document_take(listing->reader, row, &document);
	if (err < 0)
		return err;
	dify_write_document(listing->w, &view);
	dify_document_close(&document);
	return 0;
}

static int
list_rows(struct http_request *request, struct listing *listing,
    const struct document_page *wanted)
{
	struct document_page page = *wanted;
	int err;

	err = dify_dataset_open(request, listing->reader, &listing->dataset);
	if (err == 0)
		err = dify_account(request, listing->reader,
		    listing->account);
	page.base_id = listing->dataset.id;
	if (err == 0)
		err = store_documents_count(listing->reader, &page,
		    &listing->total);
	if (err == 0)
		err = store_documents_page(listing->reader, &page, list_row,
		    listing);
	return err;
}

int
dify_list_documents(struct http_request *request, struct http_reply *reply)
{
	struct listing listing;
	struct document_page page = {
	    .name = http_query(request, "keyword"),
	    .standings = standings_of(http_query(request, "status")),
	};
	struct dify_paging paging;
	int err;

	memset(&listing, 0, sizeof(listing));
	dify_paging_read(request, &paging);
	page.offset = paging.offset;
	page.limit = paging.rows;
	if (page.name != NULL && page.name[0] == '\0')
		page.name = NULL;
	err = http_begin(request, &listing.reader);
	if (err < 0)
		return err;
	listing.w = dify_json(reply, 200);
	jsonw_object(listing.w);
	jsonw_name(listing.w, "data");
	jsonw_array(listing.w);
	err = list_rows(request, &listing, &page);
	jsonw_array_end(listing.w);
	dify_paging_write(listing.w, &paging, listing.total);
	jsonw_object_end(listing.w);
	err = http_end(request, listing.reader, err);
	dify_dataset_close(&listing.dataset);
	return err < 0 ? err : dify_end_json(reply);
}

/* ---- one document ------------------------------------------------------- */

/* 0 or 1: the reply is written. */
static int
metadata_of(struct http_request *request, struct http_reply *reply,
    enum dify_metadata *ret_metadata)
{
	static const char *const words[] = {[DIFY_METADATA_ALL] = "all",
	    [DIFY_METADATA_ONLY] = "only",
	    [DIFY_METADATA_WITHOUT] = "without"};
	const char *word = http_query(request, "metadata");
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word == NULL || strcmp(words[i], word) == 0) {
			*ret_metadata = (enum dify_metadata)i;
			return 0;
		}
	buf_clear(request->scratch);
	(void)buf_printf(request->scratch, "Invalid metadata value: %s", word);
	(void)dify_refuse(reply, 400, "invalid_metadata",
	    buf_text(request->scratch));
	return 1;
}

int
dify_get_document(struct http_request *request, struct http_reply *reply)
{
	char account[UUID_TEXT_SIZE];
	enum dify_metadata metadata = DIFY_METADATA_ALL;
	struct dify_document document;
	struct dify_dataset dataset;
	struct dify_document_view view = {.dataset = &dataset,
	    .document = &document, .account = account};
	struct store *reader;
	int err;

	memset(&document, 0, sizeof(document));
	memset(&dataset, 0, sizeof(dataset));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_open(request, reader, &dataset);
	if (err == 0)
		err = dify_account(request, reader, account);
	if (err == 0)
		err = dify_document_open(reader, &dataset,
		    &request->params[1].uuid, &document);
	if (err == ERR_NOT_FOUND && dataset.id != 0)
		err = dify_missing(request, "Document not found.");
	err = http_end(request, reader, err);
	if (err == 0)
		err = metadata_of(request, reply, &metadata);
	if (err == 0) {
		dify_write_document_detail(dify_json(reply, 200), &view,
		    metadata);
		err = dify_end_json(reply);
	}
	dify_document_close(&document);
	dify_dataset_close(&dataset);
	return err < 0 ? err : 0;
}

static int
note_archived(void *arg, const struct document *row)
{
	*(bool *)arg = row->is_archived;
	return 0;
}

int
dify_delete_document(struct http_request *request, struct http_reply *reply)
{
	const struct uuid *uuid = &request->params[1].uuid;
	struct dify_dataset dataset;
	bool is_archived = false;
	struct store *reader;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_open(request, reader, &dataset);
	if (err == 0) {
		err = dify_document_find(reader, &dataset, uuid,
		    note_archived, &is_archived);
		if (err == ERR_NOT_FOUND)
			err = dify_missing(request, "Document Not Exists.");
	}
	err = http_end(request, reader, err);
	dify_dataset_close(&dataset);
	if (err < 0)
		return err;
	if (is_archived)
		return dify_refuse(reply, 403, "archived_document_immutable",
		    "The archived document is not editable.");
	err = engine_document_delete(request->engine,
	    request->caller.account_id, uuid, &request->note);
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, "Document Not Exists.");
	return err < 0 ? err : dify_no_content(reply);
}
