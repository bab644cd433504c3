/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forget: delete data, datasets or all of them; or, memory only, what became of
 * them, so that cognifying makes it anew.
 */
#include <stdio.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_view.h"
#include "engine/bases.h"
#include "engine/kept.h"
#include "http/http.h"
#include "store/store.h"

#define WORDS_SIZE (NAME_BYTES_MAX + 64u)

static const struct cognee_field fields[] = {
    {.name = "data_id", .type = COGNEE_UUID},
    {.name = "dataset", .type = COGNEE_TEXT},
    {.name = "dataset_id", .type = COGNEE_UUID},
    {.name = "everything", .type = COGNEE_BOOL},
    {.name = "memory_only", .type = COGNEE_BOOL},
};

struct wish {
	struct uuid data, dataset;
	bool has_data, has_dataset;
	const char *name; /* of the dataset; NULL: none */
	bool is_everything, is_memory;
};

/* To forget everything but only the memory of it is not among the original's
 * words: there it deletes all the same, which nobody can mean. */
static bool
wish_read(const json_t *body, struct wish *wish)
{
	wish->has_data = cognee_uuid(body, "data_id", &wish->data);
	wish->has_dataset = cognee_uuid(body, "dataset_id", &wish->dataset);
	wish->name = cognee_text(body, "dataset", NULL);
	wish->is_everything = cognee_bool(body, "everything", false);
	wish->is_memory = cognee_bool(body, "memory_only", false);
	if (wish->name != NULL && wish->name[0] == '\0')
		wish->name = NULL;
	if (wish->is_everything)
		return !wish->is_memory;
	return wish->has_dataset || wish->name != NULL;
}

/* Clients send an id as the dataset's name, too. */
static int
find(struct http_request *request, const struct wish *wish,
    struct cognee_dataset *dataset)
{
	struct uuid uuid = wish->dataset;
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0 && !wish->has_dataset) {
		err = cognee_dataset_named(request, reader, wish->name,
		    dataset);
		if (err != ERR_NOT_FOUND ||
		    cognee_uuid_of(wish->name, &uuid) < 0)
			return err;
		err = 0;
	}
	return err < 0 ? err
		       : cognee_dataset_find(request, reader, &uuid,
			     COGNEE_DELETE, dataset);
}

/* ---- answers ------------------------------------------------------------- */

static int
put_done(struct http_reply *reply, const struct wish *wish,
    const struct cognee_dataset *dataset)
{
	struct jsonw *w = http_reply_json(reply, 200);
	char text[UUID_TEXT_SIZE];

	jsonw_object(w);
	if (wish->has_data) {
		uuid_format(&wish->data, text);
		jsonw_nstring(w, "data_id", text);
	}
	jsonw_nstring(w, "dataset_id", dataset->text);
	jsonw_nstring(w, "status", "success");
	jsonw_object_end(w);
	return 0;
}

static int
put_count(struct http_reply *reply, const struct cognee_dataset *dataset,
    const char *name, uint64_t count)
{
	struct jsonw *w = http_reply_json(reply, 200);

	jsonw_object(w);
	if (dataset != NULL)
		jsonw_nstring(w, "dataset_id", dataset->text);
	jsonw_nuint(w, name, count);
	jsonw_nstring(w, "status", "success");
	jsonw_object_end(w);
	return 0;
}

static int
no_dataset(struct http_reply *reply, const struct wish *wish)
{
	char words[WORDS_SIZE];
	struct uuid uuid;

	if (wish->has_dataset || cognee_uuid_of(wish->name, &uuid) == 0)
		return cognee_denied(reply, "delete");
	(void)snprintf(words, sizeof(words),
	    "Dataset (%.*s) not found. [DatasetNotFoundError]",
	    (int)NAME_BYTES_MAX, wish->name);
	return cognee_detail(reply, 404, words);
}

static int
no_data(struct http_reply *reply, const struct wish *wish,
    const struct cognee_dataset *dataset)
{
	char text[UUID_TEXT_SIZE], words[WORDS_SIZE];

	uuid_format(&wish->data, text);
	(void)snprintf(words, sizeof(words),
	    "Data (%s) not found in dataset (%s). [DataNotFoundError]", text,
	    dataset->text);
	return cognee_detail(reply, 404, words);
}

/* ---- one of the data ----------------------------------------------------- */

/* Data that are not there are as good as deleted; but what became of them
 * cannot be made anew. */
static int
forget_data(struct http_request *request, struct http_reply *reply,
    const struct wish *wish, const struct cognee_dataset *dataset)
{
	struct store *reader;
	int64_t document_id;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = cognee_data_find(reader, dataset, &wish->data,
		    &document_id);
	if (err == 0)
		err = wish->is_memory
		    ? engine_document_forget(request->engine,
			  dataset->account_id, &wish->data, &request->note)
		    : engine_document_delete(request->engine,
			  dataset->account_id, &wish->data, &request->note);
	if (err == ERR_NOT_FOUND && wish->is_memory)
		return no_data(reply, wish, dataset);
	if (err == ERR_CONFLICT)
		return cognee_detail(reply, 409,
		    err_words(&request->note, err));
	return err < 0 && err != ERR_NOT_FOUND
	    ? err : put_done(reply, wish, dataset);
}

/* ---- a dataset ----------------------------------------------------------- */

static bool
goes_on(void *arg)
{
	return !http_is_stopping(arg);
}

static int
forget_dataset(struct http_request *request, struct http_reply *reply,
    const struct wish *wish, const struct cognee_dataset *dataset)
{
	struct base_watch watch = {.goes_on = goes_on, .arg = request};
	struct store *reader;
	uint64_t count = 0;
	int err;

	if (!wish->is_memory) {
		err = engine_base_delete(request->engine,
		    dataset->account_id, &dataset->uuid, &request->note);
		return err < 0 && err != ERR_NOT_FOUND
		    ? err : put_done(reply, wish, dataset);
	}
	err = http_reader(request, &reader);
	if (err == 0)
		err = engine_base_forget(request->engine, reader,
		    dataset->account_id, &dataset->uuid,
		    request->caller.label, &watch, &count, &request->note);
	return err < 0 ? err
		       : put_count(reply, dataset, "data_records_reset",
			     count);
}

/* ---- everything ---------------------------------------------------------- */

static int
forget_everything(struct http_request *request, struct http_reply *reply)
{
	uint64_t count = 0;
	int err;

	err = cognee_datasets_wipe(request, &count);
	return err < 0 ? err
		       : put_count(reply, NULL, "datasets_removed", count);
}

int
cognee_forget(struct http_request *request, struct http_reply *reply)
{
	struct cognee_dataset dataset;
	struct wish wish;
	const json_t *body;
	int err;

	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(fields[0]), &body);
	if (err != 0)
		return err < 0 ? err : 0;
	if (!wish_read(body, &wish)) {
		cognee_write_error(http_reply_json(reply, 422),
		    "Invalid request parameters. Specify dataset or "
		    "dataset_id, data_id+dataset, or everything=True.");
		return 0;
	}
	if (wish.is_everything)
		return forget_everything(request, reply);
	err = find(request, &wish, &dataset);
	if (err == ERR_NOT_FOUND)
		return no_dataset(reply, &wish);
	if (err < 0)
		return err;
	return wish.has_data ? forget_data(request, reply, &wish, &dataset)
			     : forget_dataset(request, reply, &wish, &dataset);
}
