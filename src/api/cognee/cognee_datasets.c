/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datasets: list, make, delete.
 *
 * Making one that there is already is asking for it: clients do so before
 * everything else, and rely on being given the same id.
 */
#include <stdio.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "store/store.h"

/* Deleted at a time when all go. */
#define BASES_CHUNK 256u
/* Others may delete it each time between finding that it is there and looking
 * at it. */
#define CREATE_TRIES 3u

/* ---- one dataset --------------------------------------------------------- */

int
cognee_denied(struct http_reply *reply, const char *permission)
{
	char words[128];

	(void)snprintf(words, sizeof(words),
	    "Request owner does not have necessary permission: [%s] for all "
	    "datasets requested. [PermissionDeniedError]", permission);
	return cognee_detail(reply, 403, words);
}

int
cognee_put_dataset(void *arg, const struct cognee_dataset *dataset)
{
	struct jsonw *w = arg;
	char text[UUID_TEXT_SIZE];

	jsonw_object(w);
	jsonw_nstring(w, "id", dataset->text);
	jsonw_nstring(w, "name", dataset->name);
	jsonw_ntime(w, "createdAt", dataset->created_us);
	/* Nothing was changed yet: 0 is null. */
	jsonw_ntime(w, "updatedAt",
	    dataset->updated_us == dataset->created_us
	    ? 0 : dataset->updated_us);
	uuid_format(&dataset->owner, text);
	jsonw_nstring(w, "ownerId", text);
	jsonw_object_end(w);
	return 0;
}

/* ---- listing ------------------------------------------------------------- */

static int
list_read(struct http_request *request, struct jsonw *w)
{
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	jsonw_array(w);
	err = cognee_datasets_each(request, reader, COGNEE_READ,
	    cognee_put_dataset, w);
	jsonw_array_end(w);
	return http_end(request, reader, err);
}

int
cognee_datasets_list(struct http_request *request, struct http_reply *reply)
{
	char words[ERR_NOTE_SIZE];
	int err;

	err = list_read(request, http_reply_json(reply, 200));
	if (err == 0)
		return 0;
	(void)snprintf(words, sizeof(words), "Error retrieving datasets: %s",
	    err_text(err));
	return cognee_detail(reply, 500, words);
}

/* ---- making -------------------------------------------------------------- */

int
cognee_dataset_make(struct http_request *request, const char *name,
    struct cognee_dataset *ret_dataset)
{
	struct store *reader;
	struct uuid uuid;
	unsigned tries;
	int err;

	for (tries = 0; tries < CREATE_TRIES; tries++) {
		err = engine_base_create(request->engine,
		    request->caller.account_id, name, "", "{}", &uuid,
		    &request->note);
		if (err < 0 && err != ERR_EXISTS)
			return err;
		err = http_begin(request, &reader);
		if (err < 0)
			return err;
		err = cognee_dataset_named(request, reader, name,
		    ret_dataset);
		err = http_end(request, reader, err);
		if (err != ERR_NOT_FOUND)
			return err;
	}
	return err_set(&request->note, ERR_CONFLICT,
	    "the dataset is deleted by others all the time");
}

int
cognee_datasets_create(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "name", .type = COGNEE_TEXT, .is_required = true},
	};
	struct cognee_dataset dataset;
	const json_t *body;
	const char *name;
	int err;

	err = cognee_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	name = cognee_text(body, "name", "");
	err = cognee_dataset_make(request, name, &dataset);
	if (err == 0)
		err = cognee_put_dataset(http_reply_json(reply, 200),
		    &dataset);
	if (err != ERR_INVALID && err != ERR_TOO_BIG)
		return err;
	(void)cognee_invalid(reply, "body", "name", "value_error",
	    request->note.text,
	    strlen(name) > NAME_BYTES_MAX ? NULL : name);
	return 0;
}

/* ---- deleting ------------------------------------------------------------ */

int
cognee_datasets_delete(struct http_request *request, struct http_reply *reply)
{
	struct cognee_dataset dataset;
	struct store *reader;
	struct uuid uuid;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0)
		return 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = cognee_dataset_find(request, reader, &uuid,
		    COGNEE_DELETE, &dataset);
	if (err == 0)
		err = engine_base_delete(request->engine, dataset.account_id,
		    &uuid, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_denied(reply, "delete");
	return err < 0 ? err : cognee_null(reply, 200);
}

struct chunk {
	struct uuid uuids[BASES_CHUNK];
	size_t count;
	int64_t last_id;
};

static int
chunk_take(void *arg, const struct base *base)
{
	struct chunk *chunk = arg;

	chunk->uuids[chunk->count++] = base->uuid;
	chunk->last_id = base->id;
	return 0;
}

static int
delete_chunk(struct http_request *request, const struct chunk *chunk,
    uint64_t *count)
{
	size_t i;
	int err;

	for (i = 0; i < chunk->count; i++) {
		if (http_is_stopping(request))
			return ERR_BUSY;
		err = engine_base_delete(request->engine,
		    request->caller.account_id, &chunk->uuids[i],
		    &request->note);
		/* Somebody else was faster. */
		if (err < 0 && err != ERR_NOT_FOUND)
			return err;
		*count += err == 0;
	}
	return 0;
}

int
cognee_datasets_wipe(struct http_request *request, uint64_t *count)
{
	struct chunk chunk = {.last_id = 0};
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	do {
		chunk.count = 0;
		err = store_bases_each(reader, request->caller.account_id,
		    chunk.last_id, BASES_CHUNK, chunk_take, &chunk);
		if (err == 0)
			err = delete_chunk(request, &chunk, count);
		if (err < 0)
			return err;
	} while (chunk.count == BASES_CHUNK);
	return 0;
}

int
cognee_datasets_clear(struct http_request *request, struct http_reply *reply)
{
	uint64_t count = 0;
	int err;

	err = cognee_datasets_wipe(request, &count);
	return err < 0 ? err : cognee_null(reply, 200);
}
