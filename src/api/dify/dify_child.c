/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child chunks: pieces of a segment that are found in its stead.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_rule.h"
#include "api/dify/dify_segment.h"

#define CONTENT_CHARS_MAX 8000

static const struct dify_field child_fields[] = {
    {.name = "content", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = CONTENT_CHARS_MAX},
};
static const struct dify_form child_form = DIFY_FORM("ChildChunkPayload",
    child_fields);

struct child_walk {
	struct jsonw *w;
	const struct dify_place *place;
	const struct uuid *segment, *child;
	bool is_found;
};

static int
note_segment(void *arg, const struct segment *segment)
{
	*(int64_t *)arg = segment->id;
	return 0;
}

/* The place of the path, with its segment's row. */
static int
open_segment(struct http_request *request, struct dify_place *place,
    int64_t *ret_segment)
{
	int err;

	err = dify_place_open(request, place);
	return err < 0 ? err
		       : dify_segment_find(request, place,
			     &request->params[2].uuid, note_segment,
			     ret_segment);
}

/* The body's content; returns as dify_body(). */
static int
read_content(struct http_request *request, struct http_reply *reply,
    const char **ret_content)
{
	json_t *body;
	const char *text;
	int err;

	err = dify_body(request, reply, &child_form, &body);
	if (err != 0)
		return err;
	text = dify_text(body, "content");
	if (text[strspn(text, " \t\r\n\f\v")] == '\0')
		return err_set(&request->note, ERR_INVALID,
		    "Content is empty");
	*ret_content = text;
	return 0;
}

/* ---- reading ------------------------------------------------------------ */

static int
put_child(void *arg, const struct child *child)
{
	struct child_walk *walk = arg;

	dify_write_child(walk->w, walk->place, walk->segment, child);
	return 0;
}

int
dify_list_children(struct http_request *request, struct http_reply *reply)
{
	const char *text = http_query(request, "keyword");
	struct child_walk walk = {.segment = &request->params[2].uuid};
	struct dify_paging paging;
	struct dify_place place;
	uint64_t total = 0;
	int64_t row = 0;
	int err;

	if (text != NULL && text[0] == '\0')
		text = NULL;
	dify_paging_read(request, &paging);
	walk.place = &place;
	walk.w = dify_json(reply, 200);
	jsonw_object(walk.w);
	jsonw_name(walk.w, "data");
	jsonw_array(walk.w);
	err = open_segment(request, &place, &row);
	if (err == 0)
		err = store_children_count(place.reader, row, text, &total);
	if (err == 0)
		err = store_children_page(place.reader, row, text,
		    paging.offset, paging.rows, put_child, &walk);
	jsonw_array_end(walk.w);
	jsonw_nuint(walk.w, "total", total);
	jsonw_nuint(walk.w, "total_pages",
	    (total + paging.rows - 1) / paging.rows);
	jsonw_nint(walk.w, "page", paging.page);
	jsonw_nint(walk.w, "limit", paging.limit);
	jsonw_object_end(walk.w);
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : dify_end_json(reply);
}

static int
search_child(void *arg, const struct child *child)
{
	struct child_walk *walk = arg;
	struct uuid own = uuid_of_child(walk->segment, (uint64_t)child->id);

	if (!uuid_is_equal(&own, walk->child))
		return 0;
	walk->is_found = true;
	return walk->w == NULL ? 0 : put_child(arg, child);
}

/* Written to w unless that is NULL.  ERR_NOT_FOUND with words. */
static int
find_child(struct http_request *request, const struct dify_place *place,
    const struct uuid *uuid, struct jsonw *w)
{
	struct child_walk walk = {w, place, &request->params[2].uuid, uuid,
	    false};
	uint64_t row = uuid_row(uuid);
	int err = 0;

	if (row != 0)
		err = store_child_get(place->reader, (int64_t)row,
		    search_child, &walk);
	if (err == ERR_NOT_FOUND || (err == 0 && !walk.is_found))
		return dify_missing(request, "Child chunk not found.");
	return err;
}

static int
answer_child(struct http_request *request, struct http_reply *reply,
    const struct dify_place *place, const struct uuid *uuid)
{
	struct jsonw *w = dify_json(reply, 200);
	int err;

	jsonw_object(w);
	jsonw_name(w, "data");
	err = find_child(request, place, uuid, w);
	jsonw_object_end(w);
	return err < 0 ? err : dify_end_json(reply);
}

/* ---- changing ----------------------------------------------------------- */

int
dify_add_child(struct http_request *request, struct http_reply *reply)
{
	const char *content;
	struct dify_place place;
	struct uuid uuid;
	int64_t row = 0;
	int err;

	err = open_segment(request, &place, &row);
	/* Elsewhere a segment is found by itself: with a child it would not
	 * be any more. */
	if (err == 0 && strcmp(dify_document_form(&place.document),
		DIFY_FORM_PARENTS) != 0)
		err = err_set(&request->note, ERR_INVALID,
		    "The document is not of doc_form hierarchical_model.");
	if (err == 0)
		err = read_content(request, reply, &content);
	if (err == 0)
		err = engine_child_add(request->engine,
		    request->caller.account_id, &place.document.uuid,
		    &request->params[2].uuid, content, &uuid,
		    &request->note);
	if (err == 0)
		err = dify_place_again(request, &place);
	if (err == 0)
		err = answer_child(request, reply, &place, &uuid);
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : 0;
}

int
dify_change_child(struct http_request *request, struct http_reply *reply)
{
	const struct uuid *uuid = &request->params[3].uuid;
	const char *content;
	struct dify_place place;
	int64_t row = 0;
	int err;

	err = open_segment(request, &place, &row);
	if (err == 0)
		err = find_child(request, &place, uuid, NULL);
	if (err == 0)
		err = read_content(request, reply, &content);
	if (err == 0)
		err = engine_child_change(request->engine,
		    request->caller.account_id, &place.document.uuid,
		    &request->params[2].uuid, uuid, content,
		    &request->note);
	if (err == 0)
		err = dify_place_again(request, &place);
	if (err == 0)
		err = answer_child(request, reply, &place, uuid);
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : 0;
}

int
dify_delete_child(struct http_request *request, struct http_reply *reply)
{
	const struct uuid *uuid = &request->params[3].uuid;
	struct dify_place place;
	int64_t row = 0;
	int err;

	err = open_segment(request, &place, &row);
	if (err == 0)
		err = find_child(request, &place, uuid, NULL);
	if (err == 0)
		err = engine_child_delete(request->engine,
		    request->caller.account_id, &place.document.uuid,
		    &request->params[2].uuid, uuid, &request->note);
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : dify_no_content(reply);
}
