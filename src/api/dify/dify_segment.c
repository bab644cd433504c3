/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments as the wire has them, and the routes that read them.
 *
 * Only segments of what is indexed are there, so each of them is completed.
 */
#include <string.h>
#include <strings.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_rule.h"
#include "api/dify/dify_segment.h"
#include "base/utf8.h"
#include "sys/sha256.h"

/* No row of the store has that number: the index's own name for a segment. */
#define ROW_OF_NODE ((1ULL << 48) - 1)
#define COMPLETED "completed"

/* ---- a segment ---------------------------------------------------------- */

/* The original hashes what follows the text, too: nothing, in its words. */
static void
put_hash(struct jsonw *w, const struct segment *segment)
{
	struct sha256 *sha256 = sha256_new();
	uint8_t hash[SHA256_SIZE] = {0};
	char text[SHA256_TEXT_SIZE];

	if (sha256 != NULL) {
		sha256_add(sha256, segment->text, segment->text_len);
		sha256_add(sha256, "None", 4);
		sha256_end(sha256, hash);
		sha256_free(sha256);
	}
	sha256_format(hash, text);
	jsonw_nstring(w, "index_node_hash", text);
}

static void
put_keywords(struct jsonw *w, const struct dify_segment_view *view)
{
	const struct segment *segment = view->segment;

	jsonw_name(w, "keywords");
	if (segment->keywords != NULL)
		jsonw_raw(w, segment->keywords, strlen(segment->keywords));
	else if (dify_dataset_is_economy(view->dataset))
		dify_write_keywords(w, segment->text, segment->text_len);
	else if (view->is_result)
		jsonw_raw(w, "[]", 2);
	else
		jsonw_null(w);
}

/* From id to index_node_hash. */
static void
put_content(struct jsonw *w, const struct dify_segment_view *view)
{
	const struct segment *segment = view->segment;
	struct uuid document = uuid_of_row(&view->document->base_uuid,
	    (uint64_t)view->document->id);
	struct uuid own = uuid_of_row(&document, (uint64_t)segment->id);
	struct uuid node = uuid_of_row(&own, ROW_OF_NODE);
	uint64_t chars = segment->chars;
	char id[UUID_TEXT_SIZE];

	if (segment->answer != NULL)
		chars += utf8_count(segment->answer, strlen(segment->answer));
	uuid_format(&own, id);
	jsonw_nstring(w, "id", id);
	jsonw_nuint(w, "position", (uint64_t)segment->ordinal + 1);
	uuid_format(&document, id);
	jsonw_nstring(w, "document_id", id);
	jsonw_name(w, "content");
	jsonw_stringn(w, segment->text, segment->text_len);
	jsonw_name(w, "sign_content");
	jsonw_stringn(w, segment->text, segment->text_len);
	jsonw_nstring(w, "answer", segment->answer);
	jsonw_nuint(w, "word_count", chars);
	jsonw_nuint(w, "tokens", dify_tokens(view->dataset, chars));
	put_keywords(w, view);
	uuid_format(&node, id);
	jsonw_nstring(w, "index_node_id", id);
	put_hash(w, segment);
}

void
dify_write_segment(struct jsonw *w, const struct dify_segment_view *view)
{
	const struct segment *segment = view->segment;
	int64_t created_us = segment->created_us != 0
	    ? segment->created_us : view->document->indexed_us;

	put_content(w, view);
	jsonw_nint(w, "hit_count", 0);
	jsonw_nbool(w, "enabled", segment->disabled_us == 0);
	dify_seconds(w, "disabled_at", segment->disabled_us);
	jsonw_nstring(w, "disabled_by",
	    segment->disabled_us == 0 ? NULL : view->account);
	jsonw_nstring(w, "status", COMPLETED);
	jsonw_nstring(w, "created_by", view->account);
	dify_seconds(w, "created_at", created_us);
	if (!view->is_result) {
		dify_seconds(w, "updated_at", segment->updated_us != 0
		    ? segment->updated_us : created_us);
		jsonw_nstring(w, "updated_by",
		    segment->updated_us == 0 ? NULL : view->account);
	}
	dify_seconds(w, "indexing_at", created_us);
	dify_seconds(w, "completed_at", created_us);
	jsonw_nnull(w, "error");
	jsonw_nnull(w, "stopped_at");
}

/* ---- with its children -------------------------------------------------- */

void
dify_write_child(struct jsonw *w, const struct dify_place *place,
    const struct uuid *segment, const struct child *child)
{
	int64_t created_us = child->created_us != 0
	    ? child->created_us : place->document.row.indexed_us;
	struct uuid own = uuid_of_child(segment, (uint64_t)child->id);
	char id[UUID_TEXT_SIZE];

	jsonw_object(w);
	uuid_format(&own, id);
	jsonw_nstring(w, "id", id);
	uuid_format(segment, id);
	jsonw_nstring(w, "segment_id", id);
	jsonw_name(w, "content");
	jsonw_stringn(w, child->text, child->text_len);
	jsonw_nuint(w, "position", (uint64_t)child->ordinal + 1);
	jsonw_nuint(w, "word_count", child->chars);
	jsonw_nstring(w, "type", child->is_custom ? "customized"
						  : "automatic");
	dify_seconds(w, "created_at", created_us);
	dify_seconds(w, "updated_at", child->updated_us != 0
	    ? child->updated_us : created_us);
	jsonw_object_end(w);
}

struct child_walk {
	struct jsonw *w;
	const struct dify_place *place;
	struct uuid segment;
};

static int
put_child(void *arg, const struct child *child)
{
	struct child_walk *walk = arg;

	dify_write_child(walk->w, walk->place, &walk->segment, child);
	return 0;
}

int
dify_write_segment_full(struct jsonw *w, const struct dify_place *place,
    const struct segment *segment)
{
	const struct dify_document *document = &place->document;
	struct child_walk walk = {w, place,
	    uuid_of_row(&document->uuid, (uint64_t)segment->id)};
	struct dify_segment_view view = {.dataset = &place->dataset,
	    .document = &document->row, .segment = segment,
	    .account = place->account};
	int err = 0;

	jsonw_object(w);
	dify_write_segment(w, &view);
	jsonw_name(w, "child_chunks");
	jsonw_array(w);
	/* A whole document's are on pages of their own: they may be many. */
	if (strcmp(dify_document_form(document), DIFY_FORM_PARENTS) == 0 &&
	    !dify_rule_is_whole(dify_document_rule(document)))
		err = store_children_page(place->reader, segment->id, NULL, 0,
		    CHILDREN_MAX, put_child, &walk);
	jsonw_array_end(w);
	jsonw_name(w, "attachments");
	jsonw_raw(w, "[]", 2);
	jsonw_nnull(w, "summary");
	jsonw_object_end(w);
	return err;
}

/* ---- finding ------------------------------------------------------------ */

int
dify_place_open(struct http_request *request, struct dify_place *place)
{
	int err;

	memset(place, 0, sizeof(*place));
	err = http_begin(request, &place->reader);
	if (err < 0) {
		place->reader = NULL;
		return err;
	}
	err = dify_dataset_open(request, place->reader, &place->dataset);
	if (err == 0)
		err = dify_account(request, place->reader, place->account);
	if (err == 0) {
		err = dify_document_open(place->reader, &place->dataset,
		    &request->params[1].uuid, &place->document);
		if (err == ERR_NOT_FOUND)
			err = dify_missing(request, "Document not found.");
	}
	return err;
}

int
dify_place_close(struct http_request *request, struct dify_place *place,
    int err)
{
	if (place->reader != NULL)
		err = http_end(request, place->reader, err);
	place->reader = NULL;
	dify_document_close(&place->document);
	dify_dataset_close(&place->dataset);
	return err;
}

int
dify_place_again(struct http_request *request, struct dify_place *place)
{
	(void)dify_place_close(request, place, 0);
	return dify_place_open(request, place);
}

struct search {
	const struct dify_place *place;
	const struct uuid *uuid;
	segment_fn *fn;
	void *arg;
	bool is_found;
};

static int
search_segment(void *arg, const struct segment *segment)
{
	struct search *search = arg;
	struct uuid own = uuid_of_row(&search->place->document.uuid,
	    (uint64_t)segment->id);

	if (!uuid_is_equal(&own, search->uuid) ||
	    segment->document_id != search->place->document.row.id)
		return 0;
	search->is_found = true;
	return search->fn(search->arg, segment);
}

int
dify_segment_find(struct http_request *request,
    const struct dify_place *place, const struct uuid *uuid, segment_fn *fn,
    void *arg)
{
	struct search search = {place, uuid, fn, arg, false};
	uint64_t row = uuid_row(uuid);
	int err = 0;

	if (row != 0)
		err = store_segment_get(place->reader, (int64_t)row,
		    search_segment, &search);
	if (err == ERR_NOT_FOUND || (err == 0 && !search.is_found))
		return dify_missing(request, "Segment not found.");
	return err;
}

/* ---- routes ------------------------------------------------------------- */

struct segment_walk {
	struct jsonw *w;
	const struct dify_place *place;
};

static int
put_segment(void *arg, const struct segment *segment)
{
	struct segment_walk *walk = arg;

	return dify_write_segment_full(walk->w, walk->place, segment);
}

/* What the query asks for; false: no segment is like that. */
static bool
wanted_segments(struct http_request *request, struct segment_page *page)
{
	const char *enabled = http_query(request, "enabled");
	bool wants_status = false, has_status = false;
	const char *status;
	size_t at = 0;

	page->text = http_query(request, "keyword");
	if (page->text != NULL && page->text[0] == '\0')
		page->text = NULL;
	if (enabled != NULL && strcasecmp(enabled, "true") == 0)
		page->switched = 1;
	else if (enabled != NULL && strcasecmp(enabled, "false") == 0)
		page->switched = 2;
	while ((status = http_query_next(request, "status", &at)) != NULL) {
		wants_status = wants_status || status[0] != '\0';
		has_status = has_status || strcmp(status, COMPLETED) == 0;
	}
	return !wants_status || has_status;
}

int
dify_list_segments(struct http_request *request, struct http_reply *reply)
{
	struct segment_page page = {.switched = 0};
	struct dify_paging paging;
	struct dify_place place;
	struct segment_walk walk = {.place = &place};
	uint64_t total = 0;
	int err;

	dify_paging_read(request, &paging);
	err = dify_place_open(request, &place);
	walk.w = dify_json(reply, 200);
	jsonw_object(walk.w);
	jsonw_name(walk.w, "data");
	jsonw_array(walk.w);
	page.document_id = place.document.row.id;
	page.offset = paging.offset;
	page.limit = paging.rows;
	if (err == 0 && wanted_segments(request, &page)) {
		err = store_segments_count(place.reader, &page, &total);
		if (err == 0)
			err = store_segments_page(place.reader, &page,
			    put_segment, &walk);
	}
	jsonw_array_end(walk.w);
	if (err == 0)
		jsonw_nstring(walk.w, "doc_form",
		    dify_document_form(&place.document));
	jsonw_nuint(walk.w, "total", total);
	jsonw_nbool(walk.w, "has_more", dify_paging_has_more(&paging, total));
	jsonw_nint(walk.w, "limit", paging.limit);
	jsonw_nint(walk.w, "page", paging.page);
	jsonw_object_end(walk.w);
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : dify_end_json(reply);
}

int
dify_answer_segment(struct http_request *request, struct http_reply *reply,
    const struct dify_place *place, const struct uuid *uuid)
{
	struct segment_walk walk = {dify_json(reply, 200), place};
	int err;

	jsonw_object(walk.w);
	jsonw_name(walk.w, "data");
	err = dify_segment_find(request, place, uuid, put_segment, &walk);
	if (err < 0)
		return err;
	jsonw_nstring(walk.w, "doc_form",
	    dify_document_form(&place->document));
	jsonw_object_end(walk.w);
	return dify_end_json(reply);
}

int
dify_get_segment(struct http_request *request, struct http_reply *reply)
{
	struct dify_place place;
	int err;

	err = dify_place_open(request, &place);
	if (err == 0)
		err = dify_answer_segment(request, reply, &place,
		    &request->params[2].uuid);
	return dify_place_close(request, &place, err);
}
