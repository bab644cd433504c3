/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of metadata fields: given to documents, and moved along when a field
 * is renamed or deleted.
 */
#include <stdlib.h>
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_metadata.h"
#include "base/mem.h"

#define OPERATIONS_MAX 1000 /* documents in one request */
#define ROWS 500u	    /* documents read, and changed, at a time */

static const struct dify_field value_fields[] = {
    {.name = "id", .type = DIFY_TEXT, .is_required = true},
    {.name = "name", .type = DIFY_TEXT},
    {.name = "value", .type = DIFY_ANY},
};
static const struct dify_form value_form =
    DIFY_FORM("MetadataDetail", value_fields);
static const struct dify_field document_fields[] = {
    {.name = "document_id", .type = DIFY_TEXT, .is_required = true},
    {.name = "metadata_list", .type = DIFY_OBJECTS, .is_required = true,
	.has_range = true, .max = DIFY_FIELDS_MAX, .of = &value_form},
    {.name = "partial_update", .type = DIFY_BOOL},
};
static const struct dify_form document_form =
    DIFY_FORM("DocumentMetadataOperation", document_fields);
static const struct dify_field operation_fields[] = {
    {.name = "operation_data", .type = DIFY_OBJECTS, .is_required = true,
	.has_range = true, .max = OPERATIONS_MAX, .of = &document_form},
};
static const struct dify_form operation_form =
    DIFY_FORM("MetadataOperationData", operation_fields);

/* ---- changed metadata, to be written in one go -------------------------- */

struct edits {
	struct document_edit list[OPERATIONS_MAX];
	json_t *metadata[OPERATIONS_MAX];
	size_t count, rows;
	int64_t after_id;
	/* What is being moved. */
	const struct dify_dataset *dataset;
	const char *from, *to;
	struct uuid uuid; /* of the document looked for */
};

static void
edits_clear(struct edits *edits)
{
	size_t i;

	for (i = 0; i < edits->count; i++) {
		json_decref(edits->metadata[i]);
		/* What jansson made for json_dumps(). */
		free((void *)(uintptr_t)edits->list[i].metadata);
	}
	edits->count = 0;
}

/* Takes metadata. */
static void
edits_add(struct edits *edits, const struct uuid *document,
    json_t *metadata)
{
	struct document_edit *edit = &edits->list[edits->count];

	memset(edit, 0, sizeof(*edit));
	edit->document = *document;
	edits->metadata[edits->count++] = metadata;
}

static int
edits_write(struct http_request *request, struct edits *edits)
{
	size_t i;

	if (edits->count == 0)
		return 0;
	for (i = 0; i < edits->count; i++) {
		edits->list[i].metadata = json_dumps(edits->metadata[i],
		    JSON_COMPACT);
		if (edits->list[i].metadata == NULL)
			return ERR_NOMEM;
	}
	return engine_documents_edit(request->engine,
	    request->caller.account_id, edits->list, edits->count,
	    request->caller.label, &request->note);
}

/* ---- moving ------------------------------------------------------------- */

static int
move_take(void *arg, const struct document *document)
{
	struct edits *edits = arg;
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	json_t *shown, *metadata, *value;
	int err = 0;

	edits->rows++;
	edits->after_id = document->id;
	if (strcmp(document->metadata, "{}") == 0)
		return 0;
	/* A value that the content gave the field is one as well; it cannot
	 * be taken away, but it can have the new name, too. */
	shown = json_loads(document->metadata, 0, NULL);
	value = json_object_get(shown, edits->from);
	metadata = value == NULL ? NULL : dify_own_metadata(document);
	if (metadata != NULL && edits->to != NULL)
		err = json_object_set(metadata, edits->to, value);
	if (metadata != NULL && json_object_del(metadata, edits->from) < 0 &&
	    edits->to == NULL)
		value = NULL; /* nothing of it is its own */
	json_decref(shown);
	if (value == NULL || metadata == NULL || err < 0) {
		json_decref(metadata);
		return value == NULL ? 0 : ERR_NOMEM;
	}
	edits_add(edits, &uuid, metadata);
	return 0;
}

int
dify_values_move(struct http_request *request,
    const struct dify_dataset *dataset, const char *from, const char *to)
{
	struct document_filter filter = {.base_id = dataset->id,
	    .limit = ROWS};
	struct store *reader;
	struct edits *edits;
	int err;

	edits = mem_zalloc(sizeof(*edits));
	if (edits == NULL)
		return ERR_NOMEM;
	if (dataset->documents > ROWS)
		dify_metadata_takes_long(&dataset->uuid);
	edits->dataset = dataset;
	edits->from = from;
	edits->to = to;
	err = http_reader(request, &reader);
	do {
		if (err < 0)
			break;
		edits->rows = 0;
		filter.after_id = edits->after_id;
		err = store_documents_each(reader, &filter, move_take, edits);
		if (err == 0)
			err = edits_write(request, edits);
		/* One of them was deleted meanwhile: those of the page once
		 * more, which has it no longer. */
		if (err == ERR_NOT_FOUND) {
			edits->after_id = filter.after_id;
			edits->rows = ROWS;
			err = 0;
		}
		edits_clear(edits);
	} while (err == 0 && edits->rows == ROWS);
	edits_clear(edits);
	mem_free(edits);
	return err;
}

/* ---- giving ------------------------------------------------------------- */

static int
give_take(void *arg, const struct document *document)
{
	struct edits *edits = arg;
	json_t *metadata;

	metadata = dify_own_metadata(document);
	if (metadata == NULL)
		return ERR_NOMEM;
	edits_add(edits, &edits->uuid, metadata);
	return 0;
}

/* The metadata of the document, as it is or as an earlier operation of the
 * request has left it. */
static int
give_find(struct http_request *request, struct store *reader,
    struct edits *edits, const char *id, json_t **ret_metadata)
{
	size_t i;
	int err;

	if (uuid_parse(id, strlen(id), &edits->uuid) < 0)
		return dify_missing(request, "Document not found.");
	for (i = 0; i < edits->count; i++)
		if (uuid_is_equal(&edits->list[i].document, &edits->uuid)) {
			*ret_metadata = edits->metadata[i];
			return 0;
		}
	err = dify_document_find(reader, edits->dataset, &edits->uuid,
	    give_take, edits);
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, "Document not found.");
	if (err == 0)
		*ret_metadata = edits->metadata[edits->count - 1];
	return err;
}

static int
give_value(struct http_request *request, const struct dify_dataset *dataset,
    json_t *metadata, const json_t *entry)
{
	const char *id = dify_text(entry, "id");
	const json_t *value = json_object_get(entry, "value");
	const json_t *field = dify_field_by_id(dataset->dify, id);
	const char *name = dify_text(field, "name");

	/* Clients send back what they were told, built-in fields too. */
	if (strcmp(id, "built-in") == 0)
		return 0;
	if (name == NULL)
		return dify_missing(request, "Metadata not found.");
	if (value == NULL || json_is_null(value)) {
		(void)json_object_del(metadata, name);
		return 0;
	}
	if (!json_is_string(value) && !json_is_number(value))
		return err_set(&request->note, ERR_INVALID,
		    "the value of %.100s must be a string or a number", name);
	return json_object_set_new(metadata, name,
	    dify_value_of(dify_text(field, "type"), value)) < 0 ? ERR_NOMEM
								: 0;
}

static int
give_one(struct http_request *request, struct store *reader,
    struct edits *edits, const json_t *operation)
{
	const json_t *list = json_object_get(operation, "metadata_list");
	const json_t *fields = dify_fields(edits->dataset->dify);
	json_t *metadata = NULL;
	size_t i;
	int err;

	err = give_find(request, reader, edits,
	    dify_text(operation, "document_id"), &metadata);
	if (err < 0)
		return err;
	if (!dify_bool(operation, "partial_update", false))
		for (i = 0; i < json_array_size(fields); i++)
			(void)json_object_del(metadata,
			    dify_text(json_array_get(fields, i), "name"));
	for (i = 0; i < json_array_size(list) && err == 0; i++)
		err = give_value(request, edits->dataset, metadata,
		    json_array_get(list, i));
	return err;
}

/* With the lock held. */
static int
give(struct http_request *request, const json_t *body)
{
	const json_t *list = json_object_get(body, "operation_data");
	struct dify_dataset dataset;
	struct edits *edits;
	struct store *reader;
	size_t i;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	edits = mem_zalloc(sizeof(*edits));
	if (edits == NULL)
		return ERR_NOMEM;
	err = dify_metadata_open(request, &dataset);
	if (err == 0)
		err = http_reader(request, &reader);
	edits->dataset = &dataset;
	for (i = 0; i < json_array_size(list) && err == 0; i++)
		err = give_one(request, reader, edits,
		    json_array_get(list, i));
	if (err == 0)
		err = edits_write(request, edits);
	edits_clear(edits);
	mem_free(edits);
	dify_dataset_close(&dataset);
	return err;
}

int
dify_set_metadata(struct http_request *request, struct http_reply *reply)
{
	struct dify_dataset dataset;
	json_t *body;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	dify_dataset_close(&dataset);
	if (err < 0)
		return err;
	err = dify_body(request, reply, &operation_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = dify_metadata_lock(&request->params[0].uuid, &request->note);
	if (err < 0)
		return err;
	err = give(request, body);
	dify_metadata_unlock(&request->params[0].uuid);
	return err < 0 ? err : dify_success(reply);
}
