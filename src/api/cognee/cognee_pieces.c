/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cognee/cognee_pieces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_said.h"
#include "base/mem.h"
#include "engine/kept.h"
#include "http/http.h"
#include "sys/rng.h"

#define SETS_MAX 256u /* fields of one form, as http has them */

/* ---- files --------------------------------------------------------------- */

/* Parts of a form without a file's name are fields. */
static int
check_data(struct http_request *request, struct http_reply *reply)
{
	const char *text = http_field(request, "data");

	return text == NULL ? 0
			    : cognee_invalid(reply, "body", "data",
				  "value_error", "Value error, Expected "
				  "UploadFile, received: <class 'str'>",
				  NULL);
}

/* A file of another name than "data" goes nowhere: it is none of the route's,
 * and the original does not look at it. */
static int
take_files(struct http_request *request, struct cognee_pieces *pieces)
{
	const struct http_file *file;
	size_t nth, room = 0;

	while (http_file_at(request, room) != NULL)
		room++;
	pieces->puts = mem_array(room, sizeof(*pieces->puts));
	if (pieces->puts == NULL)
		return ERR_NOMEM;
	for (nth = 0; nth < room; nth++) {
		file = http_file_at(request, nth);
		if (strcmp(file->field, "data") == 0)
			pieces->puts[pieces->count++] = (struct put){
			    .upload = file->upload, .by_content = true};
	}
	return 0;
}

/* ---- what is said of them ------------------------------------------------ */

static int
take_metadata(struct cognee_pieces *pieces, const json_t *metadata)
{
	char *text;
	size_t i;

	for (i = 0; i < pieces->count; i++) {
		text = json_dumps(json_array_get(metadata, i), JSON_COMPACT);
		if (text == NULL)
			return ERR_NOMEM;
		pieces->puts[i].metadata = text;
	}
	return 0;
}

/* What is wrong with it is told as the original tells its own errors. */
static int
refuse_said(struct http_request *request, struct http_reply *reply)
{
	char words[ERR_NOTE_SIZE + 32];

	(void)snprintf(words, sizeof(words), "%s [CogneeValidationError]",
	    request->note.text);
	(void)cognee_detail(reply, 400, words);
	return 1;
}

static int
take_said(struct http_request *request, struct http_reply *reply,
    const struct cognee_said *said, struct cognee_pieces *pieces)
{
	json_t *metadata = NULL;
	int err;

	err = cognee_said_read(said, pieces->count, &metadata,
	    &request->note);
	if (err == 0)
		err = take_metadata(pieces, metadata);
	json_decref(metadata);
	return err == ERR_INVALID || err == ERR_TOO_BIG
	    ? refuse_said(request, reply) : err;
}

static int
take_fields(struct http_request *request, struct http_reply *reply,
    struct cognee_pieces *pieces)
{
	const char *sets[SETS_MAX], *text;
	struct cognee_said said = {.sets = sets,
	    .labels = http_field(request, "labels"),
	    .external = http_field(request, "external_metadata")};
	size_t at = 0;

	while (said.set_count < SETS_MAX && (text = http_field_next(request,
	    COGNEE_NODE_SET, &at)) != NULL)
		sets[said.set_count++] = text;
	text = http_field(request, "datasetName");
	pieces->name = text == NULL || text[0] == '\0' ? NULL : text;
	if (cognee_form_uuid(request, reply, "datasetId", &pieces->uuid,
		&pieces->has_uuid) != 0 ||
	    cognee_form_bool(request, reply, "run_in_background", false,
		&pieces->is_background) != 0)
		return 1;
	return take_said(request, reply, &said, pieces);
}

int
cognee_pieces_read(struct http_request *request, struct http_reply *reply,
    struct cognee_pieces *ret_pieces)
{
	struct cognee_pieces pieces = {.count = 0};
	int err;

	err = check_data(request, reply);
	if (err == 0)
		err = take_files(request, &pieces);
	if (err == 0)
		err = take_fields(request, reply, &pieces);
	if (err == 0)
		*ret_pieces = pieces;
	else
		cognee_pieces_fini(&pieces);
	return err;
}

void
cognee_pieces_fini(struct cognee_pieces *pieces)
{
	size_t i;

	for (i = 0; i < pieces->count; i++) {
		if (pieces->owns_uploads)
			engine_upload_free(pieces->puts[i].upload);
		/* It was made by jansson. */
		free((void *)(uintptr_t)pieces->puts[i].metadata);
	}
	mem_free(pieces->puts);
	*pieces = (struct cognee_pieces){.count = 0};
}

/* ---- texts --------------------------------------------------------------- */

static int
take_text(struct http_request *request, const json_t *text,
    struct cognee_pieces *pieces)
{
	struct upload *upload = NULL;
	char name[32];
	int err;

	(void)snprintf(name, sizeof(name), "text_%zu.txt", pieces->count);
	err = engine_upload_open(request->engine, JOB_KIND_UPLOAD, name, NULL,
	    &upload, &request->note);
	if (err == 0)
		err = engine_upload_write(upload, json_string_value(text),
		    json_string_length(text));
	if (err == 0)
		err = engine_upload_finish(upload, &request->note);
	if (err < 0) {
		engine_upload_free(upload);
		return err;
	}
	pieces->puts[pieces->count++] = (struct put){.upload = upload,
	    .by_content = true};
	return 0;
}

static int
take_texts(struct http_request *request, struct http_reply *reply,
    const json_t *body, struct cognee_pieces *pieces)
{
	const json_t *texts = cognee_member(body, "text_data");
	const json_t *names = cognee_member(body, COGNEE_NODE_SET);
	size_t i, count = json_array_size(texts);
	struct cognee_said said = {.set_count = json_array_size(names)};
	const char **sets;
	int err = 0;

	if (count > UPLOAD_FILES_MAX || said.set_count > SETS_MAX) {
		(void)cognee_invalid(reply, "body",
		    count > UPLOAD_FILES_MAX ? "textData" : "nodeSet",
		    "too_long", "List has too many items", NULL);
		return 1;
	}
	pieces->owns_uploads = true;
	pieces->puts = mem_array(count, sizeof(*pieces->puts));
	sets = mem_array(said.set_count, sizeof(*sets));
	if (pieces->puts == NULL || sets == NULL)
		err = ERR_NOMEM;
	for (i = 0; err == 0 && i < count; i++)
		err = take_text(request, json_array_get(texts, i), pieces);
	for (i = 0; err == 0 && i < said.set_count; i++)
		sets[i] = json_string_value(json_array_get(names, i));
	said.sets = sets;
	if (err == 0)
		err = take_said(request, reply, &said, pieces);
	mem_free(sets);
	return err;
}

int
cognee_pieces_of_texts(struct http_request *request,
    struct http_reply *reply, struct cognee_pieces *ret_pieces)
{
	static const struct cognee_field fields[] = {
	    {.name = "text_data", .type = COGNEE_TEXTS, .is_required = true},
	    {.name = "dataset_name", .type = COGNEE_TEXT},
	    {.name = "dataset_id", .type = COGNEE_UUID},
	    {.name = COGNEE_NODE_SET, .type = COGNEE_TEXTS},
	    {.name = "run_in_background", .type = COGNEE_BOOL},
	};
	struct cognee_pieces pieces = {.count = 0};
	const json_t *body;
	int err;

	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(fields[0]), &body);
	if (err != 0)
		return err;
	pieces.name = cognee_text(body, "dataset_name", "");
	if (pieces.name[0] == '\0')
		pieces.name = NULL;
	pieces.has_uuid = cognee_uuid(body, "dataset_id", &pieces.uuid);
	pieces.is_background = cognee_bool(body, "run_in_background", false);
	err = take_texts(request, reply, body, &pieces);
	if (err == 0)
		*ret_pieces = pieces;
	else
		cognee_pieces_fini(&pieces);
	return err;
}

/* ---- where they go ------------------------------------------------------- */

int
cognee_name_check(const char *name, struct err_note *note)
{
	return strpbrk(name, " .") == NULL
	    ? 0
	    : err_set(note, ERR_INVALID,
		  "Dataset name cannot contain spaces or dots");
}

int
cognee_pieces_dataset(struct http_request *request,
    const struct cognee_pieces *pieces, struct cognee_dataset *ret_dataset)
{
	struct store *reader;
	int err;

	if (pieces->has_uuid) {
		err = http_reader(request, &reader);
		return err < 0 ? err
			       : cognee_dataset_find(request, reader,
				     &pieces->uuid, COGNEE_WRITE,
				     ret_dataset);
	}
	err = cognee_name_check(pieces->name, &request->note);
	return err < 0 ? err
		       : cognee_dataset_make(request, pieces->name,
			     ret_dataset);
}

int
cognee_pieces_keep(struct http_request *request,
    const struct cognee_dataset *dataset, struct cognee_pieces *pieces,
    struct job *ret_job)
{
	struct job_request order = {.account_id = dataset->account_id,
	    .base = dataset->uuid, .dialect = DIALECT_COGNEE};

	if (pieces->count == 0) {
		*ret_job = (struct job){.uuid = rng_uuid()};
		return 0;
	}
	return engine_job_keep(request->engine, &order, pieces->puts,
	    pieces->count, ret_job, &request->note);
}
