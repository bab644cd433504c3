/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a dataset: POST .../retrieve, and .../hit-testing, its older name.
 *
 * Records are written into the reply as the engine finds them; when it fails
 * half-way the server forgets what the reply held.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_retrieval.h"
#include "base/limits.h"

#define QUERY_CHARS_MAX 250
#define SCORE_DIGITS 6

static const struct dify_field retrieve_fields[] = {
    {.name = "query", .type = DIFY_TEXT, .has_range = true,
	.max = QUERY_CHARS_MAX},
    {.name = "retrieval_model", .type = DIFY_OBJECT,
	.of = &dify_retrieval_form},
    {.name = "external_retrieval_model", .type = DIFY_OBJECT},
    {.name = "attachment_ids", .type = DIFY_TEXTS},
};
static const struct dify_form retrieve_form =
    DIFY_FORM("HitTestingPayload", retrieve_fields);

struct answer {
	struct jsonw *w;
	const struct dify_dataset *dataset;
	char account[UUID_TEXT_SIZE];
};

/* ---- records ------------------------------------------------------------ */

static void
put_document(struct answer *answer, const struct document *document)
{
	struct jsonw *w = answer->w;
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	char id[UUID_TEXT_SIZE];

	uuid_format(&uuid, id);
	jsonw_name(w, "document");
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "data_source_type", "upload_file");
	jsonw_nstring(w, "name", document->name);
	jsonw_nnull(w, "doc_type");
	jsonw_name(w, "doc_metadata");
	dify_write_values(w, answer->dataset, document);
	jsonw_object_end(w);
}

static void
put_children(struct jsonw *w, const struct result *result)
{
	char id[UUID_TEXT_SIZE];
	size_t i;

	jsonw_name(w, "child_chunks");
	jsonw_array(w);
	for (i = 0; i < result->child_count; i++) {
		const struct result_child *child = &result->children[i];

		uuid_format(&child->id, id);
		jsonw_object(w);
		jsonw_nstring(w, "id", id);
		jsonw_name(w, "content");
		jsonw_stringn(w, child->text, child->text_len);
		jsonw_nuint(w, "position", (uint64_t)child->position + 1);
		jsonw_nreal(w, "score", child->score, SCORE_DIGITS);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static int
put_record(void *arg, const struct result *result)
{
	struct answer *answer = arg;
	struct jsonw *w = answer->w;
	const struct dify_segment_view view = {
	    .dataset = answer->dataset, .document = result->document,
	    .segment = result->segment, .account = answer->account,
	    .is_result = true};

	jsonw_object(w);
	jsonw_name(w, "segment");
	jsonw_object(w);
	dify_write_segment(w, &view);
	put_document(answer, result->document);
	jsonw_object_end(w);
	put_children(w, result);
	jsonw_nreal(w, "score", result->score, SCORE_DIGITS);
	jsonw_nnull(w, "tsne_position");
	jsonw_name(w, "files");
	jsonw_array(w);
	jsonw_array_end(w);
	jsonw_nnull(w, "summary");
	jsonw_object_end(w);
	return w->out->err;
}

/* ---- the route ---------------------------------------------------------- */

static int
answer_query(struct http_request *request, struct http_reply *reply,
    const struct dify_dataset *dataset, const struct query *query)
{
	struct answer answer = {.dataset = dataset};
	struct store *reader;
	int64_t generation;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = dify_account(request, reader, answer.account);
	if (err < 0)
		return err;
	answer.w = dify_json(reply, 200);
	jsonw_object(answer.w);
	jsonw_name(answer.w, "query");
	jsonw_object(answer.w);
	jsonw_nstring(answer.w, "content", query->text);
	jsonw_object_end(answer.w);
	jsonw_name(answer.w, "records");
	jsonw_array(answer.w);
	err = engine_query(request->engine, reader,
	    request->caller.account_id, &dataset->uuid, query, &generation,
	    put_record, &answer, &request->note);
	jsonw_array_end(answer.w);
	jsonw_object_end(answer.w);
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, "Dataset not found.");
	return err < 0 ? err : dify_end_json(reply);
}

static int
retrieve(struct http_request *request, struct http_reply *reply,
    const struct dify_dataset *dataset)
{
	const json_t *model;
	struct query query;
	json_t *body, *filter = NULL;
	int err;

	err = dify_body(request, reply, &retrieve_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	memset(&query, 0, sizeof(query));
	query.text = dify_text(body, "query");
	if (query.text == NULL || query.text[0] == '\0')
		return err_set(&request->note, ERR_INVALID,
		    "Query or attachment_ids is required");
	model = dify_object(body, "retrieval_model");
	if (model == NULL)
		model = dify_object(dataset->dify, "retrieval_model");
	err = dify_retrieval_read(model, dify_dataset_is_economy(dataset),
	    &query, &filter, &request->note);
	if (err == 0)
		err = answer_query(request, reply, dataset, &query);
	json_decref(filter);
	return err;
}

int
dify_retrieve(struct http_request *request, struct http_reply *reply)
{
	struct dify_dataset dataset;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	if (err == 0)
		err = retrieve(request, reply, &dataset);
	dify_dataset_close(&dataset);
	return err;
}
