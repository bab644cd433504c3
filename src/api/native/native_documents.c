/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "http/content.h"

static int
on_document(void *arg, const struct document *document)
{
	struct native_list *list = arg;

	if (native_list_take(list, document->id))
		native_view_document(list->w, document, NULL);
	return 0;
}

/* The document whose members are asked for; 0 when none is named. */
static int
parent_of(struct http_request *request, const struct native_base *base,
    int64_t *ret_parent_id)
{
	const char *text = http_query(request, "parent");
	struct uuid asked, own;
	uint64_t row;

	*ret_parent_id = 0;
	if (text == NULL)
		return 0;
	if (uuid_parse(text, strlen(text), &asked) < 0)
		return err_set(&request->note, ERR_INVALID,
		    "parent is no document's id");
	row = uuid_row(&asked);
	own = uuid_of_row(&base->uuid, row);
	if (row == 0 || !uuid_is_equal(&asked, &own))
		return err_set(&request->note, ERR_NOT_FOUND,
		    "there is no such document in the base");
	*ret_parent_id = (int64_t)row;
	return 0;
}

int
native_documents_list(struct http_request *request, struct http_reply *reply)
{
	struct document_filter filter = {.name = http_query(request, "name")};
	struct native_list list;
	struct native_base base;
	struct store *reader;
	int err;

	err = native_item_states(request, &filter.states);
	if (err == 0)
		err = native_base_of(request, &base);
	if (err == 0)
		err = parent_of(request, &base, &filter.parent_id);
	if (err < 0)
		return err;
	err = native_list_open(request, reply, 'd', base.id, &list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	filter.base_id = base.id;
	filter.after_id = list.position;
	filter.limit = list.limit + 1;
	native_list_begin(&list, reply, "documents");
	err = store_documents_each(reader, &filter, on_document, &list);
	native_list_end(&list);
	return http_end(request, reader, err);
}

struct document_walk {
	struct store *reader;
	struct jsonw *w;
	const struct document *document;
	bool is_shown;
};

static int
show_with_item(void *arg, const struct item_row *row)
{
	struct document_walk *walk = arg;

	native_view_document(walk->w, walk->document, row);
	walk->is_shown = true;
	return 0;
}

static int
show_document(void *arg, const struct document *document)
{
	struct document_walk *walk = arg;
	int err = 0;

	walk->document = document;
	if (document->item_id != 0)
		err = store_item_get(walk->reader, document->item_id,
		    show_with_item, walk);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	if (!walk->is_shown)
		native_view_document(walk->w, document, NULL);
	return 0;
}

int
native_documents_get(struct http_request *request, struct http_reply *reply)
{
	struct document_walk walk = {.w = http_reply_json(reply, 200)};
	struct native_document document;
	int err;

	err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	err = native_document_find(request, walk.reader, &document);
	if (err == 0)
		err = store_document_get(walk.reader, document.id,
		    show_document, &walk);
	return http_end(request, walk.reader, err);
}

int
native_documents_delete(struct http_request *request,
    struct http_reply *reply)
{
	int err;

	err = engine_document_delete(request->engine,
	    request->caller.account_id, &request->params[0].uuid,
	    &request->note);
	reply->status = 204;
	reply->content_type = NULL;
	return err == ERR_NOT_FOUND ? native_missing(request, "document")
				    : err;
}

struct segment_walk {
	struct native_list list;
	struct uuid document;
};

/* The position that is remembered is one more than the ordinal: 0 means from
 * the start. */
static int
on_segment(void *arg, const struct segment *segment)
{
	struct segment_walk *walk = arg;

	if (native_list_take(&walk->list, (int64_t)segment->ordinal + 1))
		native_view_segment(walk->list.w, &walk->document, segment);
	return 0;
}

int
native_documents_segments(struct http_request *request,
    struct http_reply *reply)
{
	struct native_document document;
	struct segment_walk walk;
	struct store *reader;
	int err;

	err = native_list_open(request, reply, 's',
	    (int64_t)uuid_row(&request->params[0].uuid), &walk.list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = native_document_find(request, reader, &document);
	if (err == 0) {
		walk.document = document.uuid;
		native_list_begin(&walk.list, reply, "segments");
		err = store_segments_each(reader, document.id,
		    (uint32_t)walk.list.position, walk.list.limit + 1,
		    on_segment, &walk);
		native_list_end(&walk.list);
	}
	return http_end(request, reader, err);
}

/* ---- raw bytes -------------------------------------------------------- */

int
native_documents_raw(struct http_request *request, struct http_reply *reply)
{
	struct http_content content = {.fd = -1};
	struct native_document document;
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = native_document_find(request, reader, &document);
	if (err == 0) {
		err = http_content_of_document(request, reader, document.id,
		    &content);
		if (err == ERR_NOT_FOUND || err == ERR_UNSUPPORTED)
			err = native_missing(request, "content");
	}
	err = http_end(request, reader, err);
	if (err == 0)
		http_reply_content(request, reply, &content, content.name,
		    content.media_type);
	http_content_close(&content);
	return err;
}
