/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "http/content.h"

struct document_walk {
	struct native_list list;
	struct store *reader;
	const struct document *document;
	struct native_document_more more;
	bool is_shown;
};

static int
show_with_item(void *arg, const struct item_row *row)
{
	struct document_walk *walk = arg;

	walk->more.item = row;
	native_view_document(walk->list.w, walk->document, &walk->more);
	walk->more.item = NULL;
	walk->is_shown = true;
	return 0;
}

/* The item is read only where something of it is shown. */
static int
show_document(struct document_walk *walk, const struct document *document)
{
	size_t members = 0;
	int64_t member;
	int err;

	err = store_document_members(walk->reader, document->id, 0, &member,
	    1, &members);
	walk->more.has_members = members != 0;
	walk->document = document;
	walk->is_shown = false;
	if (err == 0 && document->item_id != 0 &&
	    (walk->more.shows_item || document->item_code != ITEM_CODE_NONE))
		err = store_item_get(walk->reader, document->item_id,
		    show_with_item, walk);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	if (!walk->is_shown)
		native_view_document(walk->list.w, document, &walk->more);
	return 0;
}

static int
on_document(void *arg, const struct document *document)
{
	struct document_walk *walk = arg;

	if (!native_list_take(&walk->list, document->id))
		return 0;
	return show_document(walk, document);
}

/* The document whose members are asked for, DOCUMENTS_OUTERMOST for "none"; 0
 * when nothing is said. */
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
	if (strcmp(text, "none") == 0) {
		*ret_parent_id = DOCUMENTS_OUTERMOST;
		return 0;
	}
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

/* The oldest first, unless the newest are asked for. */
static int
order_of(struct http_request *request, bool *ret_is_newest_first)
{
	const char *text = http_query(request, "order");

	if (text != NULL && strcmp(text, "newest") != 0 &&
	    strcmp(text, "oldest") != 0)
		return err_set(&request->note, ERR_INVALID,
		    "order must be \"oldest\" or \"newest\"");
	*ret_is_newest_first = text != NULL && text[0] == 'n';
	return 0;
}

int
native_documents_list(struct http_request *request, struct http_reply *reply)
{
	struct document_filter filter = {.name = http_query(request, "name")};
	struct document_walk walk = {.more = {.has_members = false}};
	struct native_list *list = &walk.list;
	struct native_base base;
	int err;

	err = native_item_states(request, &filter.states);
	if (err == 0)
		err = native_base_of(request, &base);
	if (err == 0)
		err = parent_of(request, &base, &filter.parent_id);
	if (err == 0)
		err = order_of(request, &filter.is_newest_first);
	if (err < 0)
		return err;
	err = native_list_open(request, reply,
	    filter.is_newest_first ? 'n' : 'd', base.id, list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	filter.base_id = base.id;
	filter.after_id = list->position;
	filter.limit = list->limit + 1;
	native_list_begin(list, reply, "documents");
	err = store_documents_each(walk.reader, &filter, on_document, &walk);
	native_list_end(list);
	return http_end(request, walk.reader, err);
}

static int
on_whole_document(void *arg, const struct document *document)
{
	return show_document(arg, document);
}

int
native_documents_get(struct http_request *request, struct http_reply *reply)
{
	struct document_walk walk = {.list = {.w = http_reply_json(reply, 200)},
	    .more = {.shows_item = true}};
	struct native_document document;
	int err;

	err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	err = native_document_find(request, walk.reader, &document);
	if (err == 0)
		err = store_document_get(walk.reader, document.id,
		    on_whole_document, &walk);
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
