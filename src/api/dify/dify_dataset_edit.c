/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dataset changed.  Another indexing technique is a fact of the dataset at
 * once; its documents follow in the background, each found by what it had
 * until its turn comes.  Asking for the technique once more takes up what an
 * earlier request could not begin.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_int.h"
#include "base/mem.h"
#include "engine/base_models.h"

#define MEMBERS_LIST_MAX 1000
#define ROWS 512u	    /* documents read at a time */
#define JOB_DOCUMENTS 2000u /* so that no job holds up the writer */

static const struct dify_field member_fields[] = {
    {.name = "user_id", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = 64},
};
static const struct dify_form member_form =
    DIFY_FORM("DatasetMember", member_fields);
static const struct dify_field update_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .has_range = true, .min = 1,
	.max = 40},
    {.name = "description", .type = DIFY_TEXT, .has_range = true,
	.max = 400},
    {.name = "indexing_technique", .type = DIFY_TEXT,
	.words = dify_techniques},
    {.name = "permission", .type = DIFY_TEXT, .words = dify_permissions},
    {.name = "embedding_model", .type = DIFY_TEXT},
    {.name = "embedding_model_provider", .type = DIFY_TEXT},
    {.name = "retrieval_model", .type = DIFY_OBJECT,
	.of = &dify_retrieval_form},
    {.name = "partial_member_list", .type = DIFY_OBJECTS,
	.has_range = true, .max = MEMBERS_LIST_MAX, .of = &member_form},
};
static const struct dify_form update_form =
    DIFY_FORM("DatasetUpdatePayload", update_fields);

/* What the settings keep of the body as it is. */
static const char *const kept[] = {"indexing_technique", "permission",
    "embedding_model", "embedding_model_provider", "retrieval_model",
    "partial_member_list"};

static int
settings_update(void *arg, json_t *settings, struct err_note *note)
{
	const json_t *body = arg;
	const char *technique = dify_text(body, "indexing_technique");
	json_t *dify = dify_settings(settings), *value;
	bool has_change = false;
	size_t i;

	(void)note;
	if (dify == NULL)
		return ERR_NOMEM;
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		value = json_object_get(body, kept[i]);
		if (value == NULL || json_is_null(value))
			continue;
		has_change = true;
		/* A copy: the body belongs to another thread. */
		if (json_object_set_new(dify, kept[i],
		    json_deep_copy(value)) < 0)
			return ERR_NOMEM;
	}
	if (technique != NULL &&
	    json_object_set_new(settings, "vectors",
		json_boolean(strcmp(technique, DIFY_ECONOMY) != 0)) < 0)
		return ERR_NOMEM;
	return has_change ? 0 : 1;
}

/* ---- documents that are to be indexed anew ----------------------------- */

struct again {
	struct uuid base;
	bool has_vectors; /* wanted */
	struct put *puts;
	struct uuid *uuids;
	size_t count, rows;
	int64_t after_id;
};

/* Those that are indexed otherwise, or may be at it. */
static int
again_take(void *arg, const struct document *document)
{
	struct again *again = arg;
	bool is_settled = document->item_id == 0 ||
	    item_state_is_final(document->item_state);

	again->rows++;
	again->after_id = document->id;
	if (document->item_id == 0 || document->parent_id != 0 ||
	    (is_settled && (document->revision_id == 0 ||
	    document->has_vectors == again->has_vectors)))
		return 0;
	again->uuids[again->count] = uuid_of_row(&again->base,
	    (uint64_t)document->id);
	memset(&again->puts[again->count], 0, sizeof(*again->puts));
	again->puts[again->count].document = &again->uuids[again->count];
	again->count++;
	return 0;
}

/* Fill a job's worth from after_id on. */
static int
again_gather(struct store *reader, int64_t base_id, struct again *again)
{
	struct document_filter filter = {.base_id = base_id};
	size_t room;
	int err = 0;

	again->count = 0;
	do {
		room = JOB_DOCUMENTS - again->count;
		filter.after_id = again->after_id;
		filter.limit = room < ROWS ? room : ROWS;
		again->rows = 0;
		err = store_documents_each(reader, &filter, again_take,
		    again);
	} while (err == 0 && again->rows == filter.limit &&
	    again->count < JOB_DOCUMENTS);
	return err;
}

/* All of puts in one job; when one of them cannot be done (it was deleted
 * meanwhile, its file is gone) the halves each in one, so that it stands
 * alone at last and is left out. */
static int
again_put(struct http_request *request, const struct dify_dataset *dataset,
    struct put *puts, size_t count)
{
	const struct job_request job_request = {
	    .account_id = request->caller.account_id,
	    .base = dataset->uuid, .dialect = DIALECT_DIFY};
	struct job job;
	int err;

	err = engine_job_puts(request->engine, &job_request, JOB_KIND_UPLOAD,
	    puts, count, NULL, false, &job, &request->note);
	if (err != ERR_NOT_FOUND)
		return err;
	if (count == 1)
		return 0;
	err = again_put(request, dataset, puts, count / 2);
	return err < 0 ? err
		       : again_put(request, dataset, puts + count / 2,
			     count - count / 2);
}

static int
again_run(struct http_request *request, const struct dify_dataset *dataset,
    struct again *again)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	while (err == 0) {
		err = again_gather(reader, dataset->id, again);
		if (err < 0 || again->count == 0)
			break;
		err = again_put(request, dataset, again->puts, again->count);
	}
	return err;
}

static int
index_again(struct http_request *request, const struct dify_dataset *dataset,
    bool has_vectors)
{
	struct again again = {.base = dataset->uuid,
	    .has_vectors = has_vectors};
	int err = ERR_NOMEM;

	again.puts = mem_array(JOB_DOCUMENTS, sizeof(*again.puts));
	again.uuids = mem_array(JOB_DOCUMENTS, sizeof(*again.uuids));
	if (again.puts != NULL && again.uuids != NULL)
		err = again_run(request, dataset, &again);
	mem_free(again.puts);
	mem_free(again.uuids);
	return err;
}

/* ---- the route --------------------------------------------------------- */

static int
update(struct http_request *request, const struct dify_dataset *dataset,
    json_t *body)
{
	const char *technique = dify_text(body, "indexing_technique");
	const struct model_wish wish = {
	    .name = dify_text(body, "embedding_model")};
	const struct job_request order = {.base = dataset->uuid,
	    .account_id = request->caller.account_id,
	    .dialect = DIALECT_DIFY};
	struct job job;
	bool has_job;
	int err;

	err = engine_base_change(request->engine, request->caller.account_id,
	    &dataset->uuid, dify_text(body, "name"),
	    dify_text(body, "description"), settings_update, body,
	    &request->note);
	if (err == ERR_EXISTS)
		err = err_set(&request->note, ERR_INVALID,
		    "Dataset name already exists");
	if (err == ERR_NOT_FOUND)
		err = dify_missing(request, "Dataset not found.");
	if (err == 0 && technique != NULL)
		err = index_again(request, dataset,
		    strcmp(technique, DIFY_ECONOMY) != 0);
	/* What is none of ours is a label. */
	if (err == 0 && engine_model_is_here(request->engine,
	    order.account_id, wish.name))
		err = engine_base_embed(request->engine, &order, &wish,
		    &has_job, &job, &request->note);
	return err;
}

int
dify_update_dataset(struct http_request *request, struct http_reply *reply)
{
	struct dify_dataset dataset;
	json_t *body;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	if (err < 0)
		return err;
	err = dify_body(request, reply, &update_form, &body);
	if (err == 0)
		err = update(request, &dataset, body);
	if (err == 0)
		err = dify_reply_dataset(request, reply, &dataset.uuid,
		    DIFY_DATASET_SINGLE | DIFY_DATASET_MEMBERS);
	dify_dataset_close(&dataset);
	return err < 0 ? err : 0;
}
