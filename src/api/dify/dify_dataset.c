/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dataset as the routes of this folder find and change it.
 */
#include <string.h>

#include "api/dify/dify_int.h"
#include "base/mem.h"

#define DEFAULT_FORM "text_model"
#define SWITCH "\"enable_api\""

/* ---- opening ------------------------------------------------------------ */

json_t *
dify_settings(json_t *settings)
{
	json_t *dify = json_object_get(settings, "dify");

	if (json_is_object(dify))
		return dify;
	dify = json_object();
	if (dify == NULL ||
	    json_object_set_new(settings, "dify", dify) < 0)
		return NULL;
	return dify;
}

int
dify_dataset_take(const struct base *base, struct dify_dataset *ret_dataset)
{
	struct dify_dataset dataset = {.id = base->id, .uuid = base->uuid,
	    .created_us = base->created_us, .updated_us = base->updated_us,
	    .documents = base->documents, .segments = base->segments};

	uuid_format(&base->uuid, dataset.id_text);
	memcpy(dataset.name, base->name, sizeof(dataset.name));
	dataset.description = mem_strdup(base->description);
	dataset.settings = json_loads(base->settings, 0, NULL);
	if (!json_is_object(dataset.settings)) {
		json_decref(dataset.settings);
		dataset.settings = json_object();
	}
	if (dataset.settings != NULL)
		dataset.dify = dify_settings(dataset.settings);
	if (dataset.description == NULL || dataset.dify == NULL) {
		dify_dataset_close(&dataset);
		return ERR_NOMEM;
	}
	if (dataset.updated_us == 0)
		dataset.updated_us = dataset.created_us;
	*ret_dataset = dataset;
	return 0;
}

static int
take_base(void *arg, const struct base *base)
{
	return dify_dataset_take(base, arg);
}

bool
dify_base_is_closed(const struct base *base)
{
	const char *at = base->settings;
	bool is_closed = false;
	json_t *settings;

	/* A cheap look first: this is asked at each poll of a status. */
	while ((at = strstr(at, SWITCH)) != NULL) {
		at += strlen(SWITCH);
		if (strncmp(at + strspn(at, " \t\r\n:"), "false", 5) == 0)
			break;
	}
	if (at == NULL)
		return false;
	settings = json_loads(base->settings, 0, NULL);
	is_closed = json_is_false(json_object_get(
	    json_object_get(settings, "dify"), "enable_api"));
	json_decref(settings);
	return is_closed;
}

int
dify_closed(struct http_request *request)
{
	return err_set(&request->note, ERR_FORBIDDEN,
	    "Dataset api access is not enabled.");
}

int
dify_dataset_open(struct http_request *request, struct store *reader,
    struct dify_dataset *ret_dataset)
{
	return dify_dataset_load(request, reader, &request->params[0].uuid,
	    ret_dataset);
}

int
dify_dataset_load(struct http_request *request, struct store *reader,
    const struct uuid *uuid, struct dify_dataset *ret_dataset)
{
	struct dify_dataset dataset;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = store_base_find(reader, request->caller.account_id, uuid, NULL,
	    take_base, &dataset);
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, "Dataset not found.");
	if (err < 0)
		return err;
	if (json_is_false(json_object_get(dataset.dify, "enable_api"))) {
		dify_dataset_close(&dataset);
		return dify_closed(request);
	}
	*ret_dataset = dataset;
	return 0;
}

int
dify_dataset_of(struct http_request *request,
    struct dify_dataset *ret_dataset)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = dify_dataset_open(request, reader, ret_dataset);
	return err;
}

void
dify_dataset_close(struct dify_dataset *dataset)
{
	mem_free(dataset->description);
	json_decref(dataset->settings);
	dataset->description = NULL;
	dataset->settings = dataset->dify = NULL;
}

/* ---- what it says ------------------------------------------------------- */

const char *
dify_dataset_technique(const struct dify_dataset *dataset)
{
	const json_t *technique = json_object_get(dataset->dify,
	    "indexing_technique");

	if (technique != NULL)
		return json_string_value(technique);
	/* A base of another dialect has vectors unless it says it has not. */
	return json_is_false(json_object_get(dataset->settings, "vectors"))
	    ? DIFY_ECONOMY
	    : DIFY_HIGH_QUALITY;
}

bool
dify_dataset_is_economy(const struct dify_dataset *dataset)
{
	const char *technique = dify_dataset_technique(dataset);

	return technique != NULL && strcmp(technique, DIFY_ECONOMY) == 0;
}

const char *
dify_dataset_form(const struct dify_dataset *dataset)
{
	const char *form = json_string_value(json_object_get(dataset->dify,
	    "doc_form"));

	if (form == NULL && dataset->documents > 0)
		return DEFAULT_FORM;
	return form;
}

/* ---- changing ----------------------------------------------------------- */

struct change {
	dify_change_fn *fn;
	void *arg;
};

static int
change_settings(void *arg, json_t *settings, struct err_note *note)
{
	const struct change *change = arg;
	json_t *dify = dify_settings(settings);

	return dify == NULL ? ERR_NOMEM
			    : change->fn(change->arg, settings, dify, note);
}

int
dify_dataset_change(struct http_request *request,
    const struct uuid *dataset, dify_change_fn *fn, void *arg)
{
	struct change change = {fn, arg};

	return engine_base_change(request->engine, request->caller.account_id,
	    dataset, NULL, NULL, change_settings, &change, &request->note);
}

/* ---- its documents ------------------------------------------------------ */

struct search {
	const struct dify_dataset *dataset;
	const struct uuid *uuid;
	document_fn *fn;
	void *arg;
	bool is_found;
};

static int
search_document(void *arg, const struct document *document)
{
	struct search *search = arg;
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);

	if (document->base_id != search->dataset->id ||
	    !uuid_is_equal(&uuid, search->uuid))
		return 0;
	search->is_found = true;
	return search->fn(search->arg, document);
}

int
dify_document_find(struct store *reader, const struct dify_dataset *dataset,
    const struct uuid *uuid, document_fn *fn, void *arg)
{
	struct search search = {dataset, uuid, fn, arg, false};
	uint64_t row = uuid_row(uuid);
	int err;

	if (row == 0)
		return ERR_NOT_FOUND;
	err = store_document_get(reader, (int64_t)row, search_document,
	    &search);
	return err == 0 && !search.is_found ? ERR_NOT_FOUND : err;
}

/* ---- whose it is -------------------------------------------------------- */

int
dify_account(struct http_request *request, struct store *reader,
    char ret_id[UUID_TEXT_SIZE])
{
	struct uuid uuid;
	int64_t id = 0;
	int err;

	err = store_account_first(reader, &id, &uuid);
	if (err < 0)
		return err;
	/* Accounts but the first have no look-up of their own; a name that
	 * never changes is all that is asked of an id here. */
	if (id != request->caller.account_id)
		uuid = uuid_of_row(&uuid,
		    (uint64_t)request->caller.account_id);
	uuid_format(&uuid, ret_id);
	return 0;
}

void
dify_seconds(struct jsonw *w, const char *name, int64_t us)
{
	jsonw_name(w, name);
	if (us == 0)
		jsonw_null(w);
	else
		jsonw_int(w, us / 1000000);
}
