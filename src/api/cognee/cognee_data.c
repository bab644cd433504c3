/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in a dataset: listing it, deleting it, and its bytes.
 *
 * Each route has an answer of its own for a dataset that the caller does not
 * have; none of them tells whether anybody has it.
 */
#include <stdio.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_data_view.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_view.h"
#include "http/content.h"
#include "store/store.h"

#define WORDS_SIZE 192u

struct owner {
	const struct cognee_dataset *dataset;
	const struct uuid *data;
	bool is_its;
};

static int
owner_take(void *arg, const struct document *document)
{
	struct owner *owner = arg;
	struct uuid own = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);

	owner->is_its = document->base_id == owner->dataset->id &&
	    uuid_is_equal(&own, owner->data);
	return 0;
}

int
cognee_data_find(struct store *reader, const struct cognee_dataset *dataset,
    const struct uuid *data, int64_t *ret_document_id)
{
	struct owner owner = {.dataset = dataset, .data = data};
	int64_t id = (int64_t)uuid_row(data);
	int err;

	if (id == 0)
		return ERR_NOT_FOUND;
	err = store_document_get(reader, id, owner_take, &owner);
	if (err == 0 && !owner.is_its)
		err = ERR_NOT_FOUND;
	if (err == 0)
		*ret_document_id = id;
	return err;
}

/* ---- listing ------------------------------------------------------------- */

struct list {
	struct jsonw *w;
	const struct cognee_dataset *dataset;
};

static int
list_row(void *arg, const struct document *document)
{
	struct list *list = arg;

	return cognee_write_data(list->w, list->dataset->text, document);
}

int
cognee_data_list(struct http_request *request, struct http_reply *reply)
{
	struct document_filter filter = {.limit = INT32_MAX};
	struct cognee_dataset dataset;
	struct list list = {.dataset = &dataset};
	struct store *reader;
	struct uuid uuid;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0)
		return 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = cognee_dataset_find(request, reader, &uuid, COGNEE_READ,
	    &dataset);
	if (err == ERR_NOT_FOUND) {
		err = http_end(request, reader, 0);
		return err < 0 ? err : cognee_denied(reply, "read");
	}
	if (err == 0) {
		filter.base_id = dataset.id;
		list.w = http_reply_json(reply, 200);
		jsonw_array(list.w);
		err = store_documents_each(reader, &filter, list_row, &list);
		jsonw_array_end(list.w);
	}
	return http_end(request, reader, err);
}

/* ---- how much of it is done ---------------------------------------------- */

#define STANDINGS_DONE                                                        \
	(1u << DOCUMENT_AVAILABLE | 1u << DOCUMENT_DISABLED |                 \
	    1u << DOCUMENT_ARCHIVED)

/* An add is done with what it knows; of a pipeline that is not run here
 * nothing is ever done. */
static int
count_done(struct store *reader, enum cognee_pipeline pipeline,
    int64_t base_id, uint64_t total, uint64_t *ret_done)
{
	struct document_page page = {.base_id = base_id,
	    .standings = STANDINGS_DONE};

	switch (pipeline) {
	case COGNEE_ADD_PIPELINE:
		*ret_done = total;
		return 0;
	case COGNEE_COGNIFY_PIPELINE:
		return store_documents_count(reader, &page, ret_done);
	case COGNEE_NO_PIPELINE:
		break;
	}
	*ret_done = 0;
	return 0;
}

int
cognee_data_counts(struct http_request *request, struct http_reply *reply)
{
	const char *name = http_query(request, "pipeline");
	struct document_page every = {.limit = 0};
	struct cognee_dataset dataset = {.id = 0};
	struct store *reader;
	uint64_t total = 0, done = 0;
	struct jsonw *w;
	struct uuid uuid;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0)
		return 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = cognee_dataset_find(request, reader, &uuid, COGNEE_READ,
	    &dataset);
	every.base_id = dataset.id;
	if (err == 0)
		err = store_documents_count(reader, &every, &total);
	if (err == 0)
		err = count_done(reader, name == NULL
		    ? COGNEE_COGNIFY_PIPELINE : cognee_parse_pipeline(name),
		    dataset.id, total, &done);
	err = http_end(request, reader, err);
	if (err == ERR_NOT_FOUND)
		return cognee_no_dataset(reply, &uuid);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nuint(w, "total", total);
	jsonw_nuint(w, "completed", done);
	jsonw_nuint(w, "pending", total - done);
	jsonw_object_end(w);
	return err;
}

/* ---- bytes --------------------------------------------------------------- */

static int
no_data(struct http_reply *reply, const struct cognee_dataset *dataset,
    const struct uuid *data)
{
	char text[UUID_TEXT_SIZE], words[WORDS_SIZE];

	uuid_format(data, text);
	(void)snprintf(words, sizeof(words),
	    "Data (%s) not found in dataset (%s). [DataNotFoundError]", text,
	    dataset->text);
	return cognee_detail(reply, 404, words);
}

int
cognee_data_raw(struct http_request *request, struct http_reply *reply)
{
	struct http_content content = {.fd = -1};
	struct cognee_dataset dataset = {.id = 0};
	struct uuid uuid, data;
	struct store *reader;
	int64_t document_id;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0 ||
	    cognee_path_uuid(request, reply, 1, "data_id", &data) != 0)
		return 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = cognee_dataset_find(request, reader, &uuid, COGNEE_READ,
	    &dataset);
	if (err == 0)
		err = cognee_data_find(reader, &dataset, &data, &document_id);
	if (err == 0)
		err = http_content_of_document(request, reader, document_id,
		    &content);
	err = http_end(request, reader, err);
	if (err == 0) {
		http_reply_content(request, reply, &content, content.name,
		    content.media_type);
	} else if (err == ERR_NOT_FOUND) {
		err = dataset.id == 0 ? cognee_denied(reply, "read")
				      : no_data(reply, &dataset, &data);
	} else if (err == ERR_UNSUPPORTED) {
		err = cognee_detail(reply, 501,
		    "The bytes of this data are not kept here.");
	}
	http_content_close(&content);
	return err;
}

/* ---- deleting ------------------------------------------------------------ */

/* dataset->id is 0 when the caller has no such one; data that are not in it are
 * as good as deleted. */
static int
delete_data(struct http_request *request, const struct uuid *uuid,
    const struct uuid *data, struct cognee_dataset *dataset)
{
	struct store *reader;
	int64_t document_id;
	int err;

	dataset->id = 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = cognee_dataset_find(request, reader, uuid, COGNEE_DELETE,
		    dataset);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	err = cognee_data_find(reader, dataset, data, &document_id);
	if (err == 0)
		err = engine_document_delete(request->engine,
		    dataset->account_id, data, &request->note);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int
cognee_data_delete(struct http_request *request, struct http_reply *reply)
{
	char text[UUID_TEXT_SIZE], words[WORDS_SIZE];
	struct cognee_dataset dataset;
	struct uuid uuid, data;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0 ||
	    cognee_path_uuid(request, reply, 1, "data_id", &data) != 0)
		return 0;
	err = delete_data(request, &uuid, &data, &dataset);
	if (err < 0)
		return err;
	if (dataset.id != 0)
		return cognee_null(reply, 200);
	uuid_format(&uuid, text);
	(void)snprintf(words, sizeof(words),
	    "Dataset %s not accessible. [UnauthorizedDataAccessError]", text);
	return cognee_detail(reply, 401, words);
}

/* The UUID of a query parameter that is required.  0; 1 when the reply is
 * written (400). */
static int
need_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid)
{
	bool has;

	if (cognee_query_uuid(request, reply, name, ret_uuid, &has) != 0)
		return 1;
	return has ? 0 : cognee_invalid(reply, "query", name, "missing",
				"Field required", NULL);
}

/* The older way.  Whatever is derived goes with its data, so that soft and
 * hard are one thing here. */
int
cognee_delete(struct http_request *request, struct http_reply *reply)
{
	const char *mode = http_query(request, "mode");
	struct cognee_dataset dataset;
	struct uuid uuid, data;
	struct jsonw *w;
	bool if_empty;
	int err;

	if (need_uuid(request, reply, "data_id", &data) != 0 ||
	    need_uuid(request, reply, "dataset_id", &uuid) != 0 ||
	    cognee_query_bool(request, reply, "delete_dataset_if_empty", false,
		&if_empty) != 0)
		return 0;
	if (mode != NULL && strcmp(mode, "soft") != 0 &&
	    strcmp(mode, "hard") != 0) {
		(void)cognee_invalid(reply, "query", "mode", "enum",
		    "Input should be 'soft' or 'hard'", mode);
		return 0;
	}
	err = delete_data(request, &uuid, &data, &dataset);
	if (err == 0 && dataset.id != 0 && if_empty) {
		err = engine_base_delete_empty(request->engine,
		    dataset.account_id, &uuid, &request->note);
		/* There is more in it, or it is gone already. */
		if (err == ERR_CONFLICT || err == ERR_NOT_FOUND)
			err = 0;
	}
	w = http_reply_json(reply, err == 0 && dataset.id != 0 ? 200 : 409);
	if (err < 0 || dataset.id == 0) {
		cognee_write_error(w, "Unable to delete data.");
		return 0;
	}
	jsonw_object(w);
	jsonw_nstring(w, "status", "success");
	jsonw_object_end(w);
	return 0;
}
