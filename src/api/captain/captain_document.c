/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/captain/captain_document.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_view.h"
#include "base/jsonw.h"
#include "store/store.h"

#define TYPE_BYTES_MAX 16u /* of a file's name after its last point */

void
captain_document_id(const struct document *document, char out[UUID_TEXT_SIZE])
{
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);

	uuid_format(&uuid, out);
}

const char *
captain_document_status(const struct document *document)
{
	const struct item item = {.state = document->item_state};
	bool is_indexed = document->revision_id != 0;

	if (document->item_id == 0 || item.state == ITEM_SKIPPED) {
		if (is_indexed)
			return captain_file_name(CAPTAIN_FILE_COMPLETED);
		return captain_file_name(document->item_id == 0
			? CAPTAIN_FILE_QUEUED
			: CAPTAIN_FILE_SKIPPED);
	}
	return captain_file_name(captain_file_of(&item));
}

/* A text or, when there is none, null. */
static void
put_text(struct jsonw *w, const char *name, const char *text)
{
	jsonw_nstring(w, name, text == NULL || text[0] == '\0' ? NULL : text);
}

static void
put_json(struct jsonw *w, const char *name, const char *json,
    const char *empty)
{
	if (json == NULL || json[0] != empty[0])
		json = empty;
	jsonw_name(w, name);
	jsonw_raw(w, json, strlen(json));
}

static void
put_ids(struct jsonw *w, const struct document *document)
{
	char id[UUID_TEXT_SIZE];

	captain_document_id(document, id);
	jsonw_nstring(w, "document_id", id);
	jsonw_nstring(w, "file_id", id);
	jsonw_nstring(w, "filename", document->name);
	put_text(w, "content_type", document->media_type);
	jsonw_nuint(w, "chunk_count", document->segments);
	jsonw_ntime(w, "created_at", document->created_us);
	jsonw_ntime(w, "indexed_at", document->indexed_us);
}

void
captain_write_row(struct jsonw *w, const struct document *document)
{
	jsonw_object(w);
	put_ids(w, document);
	jsonw_object_end(w);
}

void
captain_write_row_v3(struct jsonw *w, const struct document *document,
    bool with_metadata)
{
	const char *status = captain_document_status(document);

	jsonw_object(w);
	put_ids(w, document);
	jsonw_nstring(w, "indexing_status", status);
	jsonw_nstring(w, "status", status);
	if (with_metadata)
		put_json(w, "custom_metadata", document->own_metadata, "{}");
	jsonw_object_end(w);
}

/* ---- one document -------------------------------------------------------- */

/* What follows the last point of its name, in lower case. */
static void
put_type(struct jsonw *w, const char *name)
{
	const char *point = strrchr(name, '.');
	char type[TYPE_BYTES_MAX + 1];
	size_t i, len = point == NULL ? 0 : strlen(point + 1);

	if (len > TYPE_BYTES_MAX || point == name)
		len = 0;
	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)point[1 + i]))
			len = 0;
		else
			type[i] = (char)tolower((unsigned char)point[1 + i]);
	}
	type[len] = '\0';
	put_text(w, "file_type", type);
}

/* What was sent has no address but the one it has here. */
static void
put_uri(struct jsonw *w, const struct document *document,
    const struct captain_base *base, const char *organization)
{
	char text[NAME_BYTES_MAX + 128], id[UUID_TEXT_SIZE];

	if (strncmp(document->uri, "upload:", 7) != 0 &&
	    strncmp(document->uri, "text:", 5) != 0) {
		jsonw_nstring(w, "uri", document->uri);
		return;
	}
	captain_document_id(document, id);
	(void)snprintf(text, sizeof(text),
	    "captain://%s/collections/%s/documents/%s", organization,
	    base->name, id);
	jsonw_nstring(w, "uri", text);
}

void
captain_write_document(struct jsonw *w, const struct document *document,
    const struct captain_base *base, const char *organization)
{
	jsonw_object(w);
	put_ids(w, document);
	jsonw_nstring(w, "collection_name", base->name);
	jsonw_nstring(w, "status", captain_document_status(document));
	jsonw_name(w, "metadata");
	jsonw_object(w);
	jsonw_nstring(w, "filename", document->name);
	put_type(w, document->name);
	jsonw_nuint(w, "file_size", document->bytes);
	put_text(w, "mime_type", document->media_type);
	put_uri(w, document, base, organization);
	put_text(w, "summary", document->summary);
	put_json(w, "tags", document->keyphrases, "[]");
	jsonw_object_end(w);
	put_json(w, "custom_metadata", document->own_metadata, "{}");
}

static void
put_page(struct jsonw *w, const char *name, uint32_t page)
{
	jsonw_name(w, name);
	if (page == 0)
		jsonw_null(w);
	else
		jsonw_uint(w, page);
}

void
captain_write_chunk(struct jsonw *w, const struct segment *segment,
    const char *document, bool has_regions)
{
	char id[UUID_TEXT_SIZE + 16];

	(void)snprintf(id, sizeof(id), "%s:%u", document, segment->ordinal);
	jsonw_object(w);
	jsonw_nstring(w, "chunk_id", id);
	jsonw_nuint(w, "chunk_index", segment->ordinal);
	jsonw_name(w, "content");
	jsonw_stringn(w, segment->text, segment->text_len);
	put_page(w, "page_start", segment->page_start);
	put_page(w, "page_end", segment->page_end);
	if (has_regions)
		put_json(w, "regions", NULL, "[]");
	jsonw_object_end(w);
}
