/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata fields listed, made, renamed and deleted.
 *
 * A field's values lie with the documents, under its name.  A rename is the
 * settings' first: the field notes what it "was" until every document has
 * been changed, so that one which was cut short is finished by the next
 * request that changes metadata.  A deletion is the settings' last: cut short,
 * it leaves a field to be deleted once more.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_dataset_view.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_metadata.h"
#include "sys/rng.h"

#define NAME_TAKEN "Metadata name already exists."
#define NAME_BUILT_IN "Metadata name already exists in Built-in fields."
#define NO_FIELD "Metadata not found."

static const char *const types[] = {"string", "number", "time", NULL};
static const struct dify_field create_fields[] = {
    {.name = "type", .type = DIFY_TEXT, .is_required = true,
	.words = types},
    {.name = "name", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = 255},
};
static const struct dify_form create_form =
    DIFY_FORM("MetadataArgs", create_fields);
static const struct dify_field rename_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = 255},
};
static const struct dify_form rename_form =
    DIFY_FORM("MetadataUpdatePayload", rename_fields);

/* ---- changing the fields ------------------------------------------------ */

struct field_change {
	const char *id, *name;
	const char *type; /* of a new one */
	char old_name[256 * 4];
	char type_is[16];
};

static int
name_check(const json_t *dify, const char *name, const char *own_id,
    struct err_note *note)
{
	const char *id = dify_text(dify_field_by_name(dify, name), "id");

	if (dify_is_built_in(name))
		return err_set(note, ERR_INVALID, NAME_BUILT_IN);
	if (id != NULL && (own_id == NULL || strcmp(id, own_id) != 0))
		return err_set(note, ERR_INVALID, NAME_TAKEN);
	return 0;
}

static int
field_add(void *arg, json_t *settings, json_t *dify, struct err_note *note)
{
	const struct field_change *change = arg;
	json_t *fields = json_object_get(dify, "metadata_fields");
	int err;

	(void)settings;
	err = name_check(dify, change->name, NULL, note);
	if (err < 0)
		return err;
	if (!json_is_array(fields)) {
		fields = json_array();
		if (json_object_set_new(dify, "metadata_fields", fields) < 0)
			return ERR_NOMEM;
	}
	if (json_array_size(fields) >= DIFY_FIELDS_MAX)
		return err_set(note, ERR_INVALID,
		    "a dataset has at most %u metadata fields",
		    DIFY_FIELDS_MAX);
	return json_array_append_new(fields, json_pack("{s:s, s:s, s:s}",
	    "id", change->id, "name", change->name, "type",
	    change->type)) < 0 ? ERR_NOMEM : 0;
}

static int
field_rename(void *arg, json_t *settings, json_t *dify, struct err_note *note)
{
	struct field_change *change = arg;
	json_t *field = dify_field_by_id(dify, change->id);
	const char *name = dify_text(field, "name");
	const char *type = dify_text(field, "type");
	int err;

	(void)settings;
	if (name == NULL || type == NULL)
		return err_set(note, ERR_NOT_FOUND, NO_FIELD);
	err = name_check(dify, change->name, change->id, note);
	if (err < 0)
		return err;
	(void)snprintf(change->type_is, sizeof(change->type_is), "%s", type);
	(void)snprintf(change->old_name, sizeof(change->old_name), "%s",
	    name);
	if (strcmp(name, change->name) == 0)
		return 1;
	if (json_object_set_new(field, "was",
	    json_string(change->old_name)) < 0 ||
	    json_object_set_new(field, "name",
		json_string(change->name)) < 0)
		return ERR_NOMEM;
	return 0;
}

static int
field_settle(void *arg, json_t *settings, json_t *dify, struct err_note *note)
{
	const struct field_change *change = arg;

	(void)settings;
	(void)note;
	return json_object_del(dify_field_by_id(dify, change->id), "was") == 0
	    ? 0 : 1;
}

static int
field_remove(void *arg, json_t *settings, json_t *dify, struct err_note *note)
{
	const struct field_change *change = arg;
	json_t *fields = json_object_get(dify, "metadata_fields");
	const json_t *field = dify_field_by_id(dify, change->id);
	size_t i;

	(void)settings;
	(void)note;
	for (i = 0; i < json_array_size(fields); i++)
		if (json_array_get(fields, i) == field)
			return json_array_remove(fields, i) < 0 ? ERR_NOMEM
								: 0;
	return 1;
}

/* Move the values of fields whose renaming is not done yet.  With the lock
 * held. */
static int
renames_finish(struct http_request *request,
    const struct dify_dataset *dataset)
{
	const json_t *fields = dify_fields(dataset->dify), *field;
	struct field_change change = {.id = NULL};
	const char *was;
	size_t i;
	int err = 0;

	for (i = 0; i < json_array_size(fields) && err == 0; i++) {
		field = json_array_get(fields, i);
		was = dify_text(field, "was");
		change.id = dify_text(field, "id");
		if (was == NULL || change.id == NULL ||
		    dify_text(field, "name") == NULL)
			continue;
		err = dify_values_move(request, dataset, was,
		    dify_text(field, "name"));
		if (err == 0)
			err = dify_dataset_change(request, &dataset->uuid,
			    field_settle, &change);
	}
	return err;
}

int
dify_metadata_open(struct http_request *request,
    struct dify_dataset *ret_dataset)
{
	int err;

	err = dify_dataset_of(request, ret_dataset);
	return err < 0 ? err : renames_finish(request, ret_dataset);
}

/* ---- answers ------------------------------------------------------------ */

static int
reply_field(struct http_reply *reply, int status, const char *id,
    const char *type, const char *name)
{
	struct jsonw *w = dify_json(reply, status);

	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "type", type);
	jsonw_nstring(w, "name", name);
	jsonw_object_end(w);
	return dify_end_json(reply);
}

struct counting {
	const json_t *fields;
	uint64_t counts[DIFY_FIELDS_MAX];
};

static int
count_values(void *arg, const struct document *document)
{
	struct counting *counting = arg;
	json_t *metadata;
	const char *name;
	size_t i;

	if (strcmp(document->metadata, "{}") == 0)
		return 0;
	metadata = json_loads(document->metadata, 0, NULL);
	for (i = 0; i < json_array_size(counting->fields) &&
	    i < DIFY_FIELDS_MAX; i++) {
		name = dify_text(json_array_get(counting->fields, i), "name");
		if (json_object_get(metadata, name) != NULL)
			counting->counts[i]++;
	}
	json_decref(metadata);
	return 0;
}

static void
write_fields(struct jsonw *w, const struct dify_dataset *dataset,
    const struct counting *counting)
{
	const json_t *field;
	size_t i;

	jsonw_object(w);
	jsonw_name(w, "doc_metadata");
	jsonw_array(w);
	for (i = 0; i < json_array_size(counting->fields) &&
	    i < DIFY_FIELDS_MAX; i++) {
		field = json_array_get(counting->fields, i);
		jsonw_object(w);
		jsonw_nstring(w, "id", dify_text(field, "id"));
		jsonw_nstring(w, "name", dify_text(field, "name"));
		jsonw_nstring(w, "type", dify_text(field, "type"));
		jsonw_nuint(w, "count", counting->counts[i]);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_nbool(w, "built_in_field_enabled",
	    dify_bool(dataset->dify, "built_in_field_enabled", false));
	jsonw_object_end(w);
}

int
dify_list_metadata(struct http_request *request, struct http_reply *reply)
{
	struct document_filter all = {.limit = INT32_MAX};
	struct counting counting = {.fields = NULL};
	struct dify_dataset dataset;
	struct store *reader;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_open(request, reader, &dataset);
	if (err == 0) {
		counting.fields = dify_fields(dataset.dify);
		all.base_id = dataset.id;
		if (json_array_size(counting.fields) > 0)
			err = store_documents_each(reader, &all, count_values,
			    &counting);
	}
	err = http_end(request, reader, err);
	if (err == 0)
		write_fields(dify_json(reply, 200), &dataset, &counting);
	dify_dataset_close(&dataset);
	return err < 0 ? err : dify_end_json(reply);
}

/* ---- the routes that change --------------------------------------------- */

int
dify_create_metadata(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid = rng_uuid();
	struct dify_dataset dataset;
	struct field_change change;
	char id[UUID_TEXT_SIZE];
	json_t *body;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	if (err < 0)
		return err;
	dify_dataset_close(&dataset);
	err = dify_body(request, reply, &create_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	uuid_format(&uuid, id);
	change.id = id;
	change.name = dify_text(body, "name");
	change.type = dify_text(body, "type");
	err = dify_dataset_change(request, &request->params[0].uuid,
	    field_add, &change);
	return err < 0 ? err
		       : reply_field(reply, 201, id, change.type,
			     change.name);
}

/* With the lock held. */
static int
update(struct http_request *request, struct field_change *change)
{
	struct dify_dataset dataset;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_metadata_open(request, &dataset);
	if (err == 0)
		err = dify_dataset_change(request, &dataset.uuid,
		    field_rename, change);
	if (err == 0 && strcmp(change->old_name, change->name) != 0) {
		err = dify_values_move(request, &dataset, change->old_name,
		    change->name);
		if (err == 0)
			err = dify_dataset_change(request, &dataset.uuid,
			    field_settle, change);
	}
	dify_dataset_close(&dataset);
	return err;
}

int
dify_update_metadata(struct http_request *request, struct http_reply *reply)
{
	struct field_change change = {.id = request->params[1].text};
	struct dify_dataset dataset;
	json_t *body;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	if (err < 0)
		return err;
	dify_dataset_close(&dataset);
	err = dify_body(request, reply, &rename_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	change.name = dify_text(body, "name");
	err = dify_metadata_lock(&request->params[0].uuid, &request->note);
	if (err < 0)
		return err;
	err = update(request, &change);
	dify_metadata_unlock(&request->params[0].uuid);
	return err < 0 ? err
		       : reply_field(reply, 200, change.id, change.type_is,
			     change.name);
}

/* With the lock held. */
static int
remove_field(struct http_request *request, struct field_change *change)
{
	struct dify_dataset dataset;
	const char *name;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_metadata_open(request, &dataset);
	if (err == 0) {
		name = dify_text(dify_field_by_id(dataset.dify, change->id),
		    "name");
		err = name == NULL ? dify_missing(request, NO_FIELD)
				   : dify_values_move(request, &dataset,
					 name, NULL);
	}
	if (err == 0)
		err = dify_dataset_change(request, &dataset.uuid,
		    field_remove, change);
	dify_dataset_close(&dataset);
	return err;
}

int
dify_delete_metadata(struct http_request *request, struct http_reply *reply)
{
	struct field_change change = {.id = request->params[1].text};
	int err;

	err = dify_metadata_lock(&request->params[0].uuid, &request->note);
	if (err < 0)
		return err;
	err = remove_field(request, &change);
	dify_metadata_unlock(&request->params[0].uuid);
	return err < 0 ? err : dify_no_content(reply);
}

/* ---- fields that every document has ------------------------------------- */

int
dify_get_built_in(struct http_request *request, struct http_reply *reply)
{
	struct dify_dataset dataset;
	struct jsonw *w;
	size_t i;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	dify_dataset_close(&dataset);
	if (err < 0)
		return err;
	w = dify_json(reply, 200);
	jsonw_object(w);
	jsonw_name(w, "fields");
	jsonw_array(w);
	for (i = 0; dify_built_in_name(i) != NULL; i++) {
		jsonw_object(w);
		jsonw_nstring(w, "name", dify_built_in_name(i));
		jsonw_nstring(w, "type", dify_built_in_type(i));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
	return dify_end_json(reply);
}

static int
switch_built_in(void *arg, json_t *settings, json_t *dify,
    struct err_note *note)
{
	const bool *is_on = arg;

	(void)settings;
	(void)note;
	return json_object_set_new(dify, "built_in_field_enabled",
	    json_boolean(*is_on)) < 0 ? ERR_NOMEM : 0;
}

int
dify_switch_built_in(struct http_request *request, struct http_reply *reply)
{
	const char *action = request->params[1].text;
	bool is_on = strcmp(action, "enable") == 0;
	struct dify_dataset dataset;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	dify_dataset_close(&dataset);
	if (err < 0)
		return err;
	if (!is_on && strcmp(action, "disable") != 0)
		return err_set(&request->note, ERR_INVALID,
		    "Invalid action: %.60s. Must be one of ['enable', "
		    "'disable']", action);
	err = dify_dataset_change(request, &request->params[0].uuid,
	    switch_built_in, &is_on);
	return err < 0 ? err : dify_success(reply);
}
