/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of documents: lists, and deleting one or all.
 *
 * The list of version 2 has the documents that are indexed, as many as its
 * collection says it has; that of version 3 has all, and says how far each is.
 */
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_document.h"
#include "api/captain/captain_int.h"
#include "engine/bases.h"
#include "search/filter.h"
#include "store/store.h"

#define DOCUMENTS_LIMIT_DEFAULT 100u
#define DOCUMENTS_LIMIT_MAX 1000u
#define OFFSET_MAX 0xFFFFFFFFu

/* ---- a page of them ------------------------------------------------------ */

struct list {
	struct jsonw *w;
	const struct captain_base *base;
	bool is_v3, with_metadata;
	json_t *filter; /* owned; NULL: all of them */
	uint64_t limit, offset;
	uint64_t total; /* that the filter lets through, so far */
};

static bool
list_holds(const struct list *list, const struct document *document)
{
	json_t *metadata = json_loads(document->metadata, 0, NULL);
	struct filter_subject subject = {.metadata = metadata,
	    .name = document->name, .uri = document->uri,
	    .created_us = document->created_us,
	    .updated_us = document->updated_us};
	char id[UUID_TEXT_SIZE];
	bool holds;

	captain_document_id(document, id);
	subject.id = id;
	holds = filter_holds(list->filter, &subject);
	json_decref(metadata);
	return holds;
}

static int
list_row(void *arg, const struct document *document)
{
	struct list *list = arg;

	if (list->filter != NULL) {
		if (!list_holds(list, document))
			return 0;
		if (list->total++ < list->offset ||
		    list->total > list->offset + list->limit)
			return 0;
	}
	if (list->is_v3)
		captain_write_row_v3(list->w, document, list->with_metadata);
	else
		captain_write_row(list->w, document);
	return 0;
}

static int
total_take(void *arg, const struct base *base)
{
	*(uint64_t *)arg = base->documents;
	return 0;
}

/* With a filter all of them are looked at. */
static int
list_rows(struct store *reader, int64_t account_id, struct list *list)
{
	struct document_filter all = {.base_id = list->base->id,
	    .limit = INT32_MAX};
	struct document_page every = {.base_id = list->base->id};
	struct document_span span = {.base_id = list->base->id,
	    .only_indexed = !list->is_v3,
	    .offset = (size_t)list->offset, .limit = (size_t)list->limit};
	int err;

	if (list->filter != NULL)
		return store_documents_each(reader, &all, list_row, list);
	err = store_documents_span(reader, &span, list_row, list);
	if (err < 0)
		return err;
	return list->is_v3
	    ? store_documents_count(reader, &every, &list->total)
	    : store_base_find(reader, account_id, &list->base->uuid, NULL,
		  total_take, &list->total);
}

static int
list_answer(struct http_request *request, struct http_reply *reply,
    struct list *list)
{
	struct jsonw *w = http_reply_json(reply, 200);
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	list->w = w;
	jsonw_object(w);
	jsonw_name(w, "documents");
	jsonw_array(w);
	err = list_rows(reader, request->caller.account_id, list);
	jsonw_array_end(w);
	jsonw_nuint(w, "total_count", list->total);
	jsonw_nuint(w, "limit", list->limit);
	jsonw_nuint(w, "offset", list->offset);
	jsonw_nstring(w, "collection_name", list->base->name);
	jsonw_object_end(w);
	err = http_end(request, reader, err);
	return err == ERR_NOT_FOUND
	    ? captain_refuse(reply, 404, "Collection not found")
	    : err;
}

/* 0; 1 when the reply is written; or an error. */
static int
list_open(struct http_request *request, struct http_reply *reply,
    struct captain_base *base, struct list *list)
{
	int err;

	err = captain_base(request, reply, base);
	if (err == 0)
		err = captain_query_number(request, reply, "limit", 1,
		    DOCUMENTS_LIMIT_MAX, DOCUMENTS_LIMIT_DEFAULT,
		    &list->limit);
	if (err == 0)
		err = captain_query_number(request, reply, "offset", 0,
		    OFFSET_MAX, 0, &list->offset);
	list->base = base;
	return err;
}

int
captain_list_documents(struct http_request *request,
    struct http_reply *reply)
{
	struct list list = {.is_v3 = false};
	struct captain_base base;
	int err;

	err = list_open(request, reply, &base, &list);
	if (err != 0)
		return err < 0 ? err : 0;
	return list_answer(request, reply, &list);
}

/* 0; 1 when the reply is written (400, 422). */
static int
list_filter(struct http_request *request, struct http_reply *reply,
    struct list *list)
{
	const char *text = http_query(request, "metadata_filter");
	json_error_t error;

	if (text == NULL || text[0] == '\0')
		return 0;
	list->filter = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(list->filter))
		return captain_invalid(reply, "query", "metadata_filter",
		    "json_invalid", "Input should be an object in JSON");
	if (filter_check(list->filter, &request->note) == 0)
		return 0;
	(void)captain_refuse(reply, 400,
	    "metadata_filter has an operator or a value that is not known");
	return 1;
}

int
captain_list_documents_v3(struct http_request *request,
    struct http_reply *reply)
{
	struct list list = {.is_v3 = true};
	struct captain_base base;
	int err;

	err = list_open(request, reply, &base, &list);
	if (err == 0)
		err = captain_query_bool(request, reply,
		    "include_custom_metadata", false, &list.with_metadata);
	if (err == 0)
		err = list_filter(request, reply, &list);
	if (err == 0)
		err = list_answer(request, reply, &list);
	json_decref(list.filter);
	return err < 0 ? err : 0;
}

/* ---- deleting ------------------------------------------------------------ */

int
captain_wipe_documents(struct http_request *request,
    struct http_reply *reply)
{
	struct captain_base base;
	struct base_watch watch;
	struct store *reader;
	uint64_t count = 0;
	struct jsonw *w;
	int err;

	err = captain_base(request, reply, &base);
	if (err != 0)
		return err < 0 ? err : 0;
	captain_watch(request, &watch);
	err = http_reader(request, &reader);
	if (err == 0)
		err = engine_base_wipe(request->engine, reader,
		    request->caller.account_id, &base.uuid,
		    request->caller.label, &watch, &count, &request->note);
	if (err == ERR_NOT_FOUND)
		return captain_refuse(reply, 404, "Collection not found");
	if (err < 0) /* broken off: the server is about to stop */
		return err == ERR_CANCELLED ? ERR_BUSY : err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nbool(w, "success", true);
	jsonw_nstring(w, "message",
	    "All documents of the collection were deleted");
	jsonw_nuint(w, "documents_deleted", count);
	jsonw_object_end(w);
	return 0;
}

struct owner {
	const struct captain_base *base;
	const struct uuid *uuid;
	bool is_its;
};

static int
owner_take(void *arg, const struct document *document)
{
	struct owner *owner = arg;
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);

	owner->is_its = document->base_id == owner->base->id &&
	    uuid_is_equal(&uuid, owner->uuid);
	return 0;
}

int
captain_delete_document(struct http_request *request,
    struct http_reply *reply)
{
	const char *id = request->params[1].text;
	struct captain_base base;
	struct uuid uuid;
	struct owner owner = {.base = &base, .uuid = &uuid};
	struct store *reader;
	struct jsonw *w;
	int err;

	err = captain_base(request, reply, &base);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_reader(request, &reader);
	if (err == 0 && uuid_parse(id, strlen(id), &uuid) < 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = store_document_get(reader, (int64_t)uuid_row(&uuid),
		    owner_take, &owner);
	if (err == 0 && !owner.is_its)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = engine_document_delete(request->engine,
		    request->caller.account_id, &uuid, &request->note);
	if (err == ERR_NOT_FOUND)
		return captain_refuse(reply, 404, "Document not found");
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nbool(w, "success", true);
	jsonw_nstring(w, "message", "Document deleted");
	uuid_format(&uuid, base.name);
	jsonw_nstring(w, "document_id", base.name);
	jsonw_object_end(w);
	return 0;
}
