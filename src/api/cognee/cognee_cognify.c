/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cognify: what datasets keep becomes found, and part of their graphs.
 *
 * A dataset that is named and is not there is made, as the original does.
 * data_per_batch and chunks_per_batch say how the original goes about its work,
 * and nothing of what comes of it: they are checked, and no matter here.
 */
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_pieces.h"
#include "api/cognee/cognee_rule.h"
#include "api/cognee/cognee_run.h"
#include "http/http.h"
#include "store/store.h"

static const struct cognee_field fields[] = {
    {.name = "datasets", .type = COGNEE_TEXTS},
    {.name = "dataset_ids", .type = COGNEE_UUIDS},
    {.name = "run_in_background", .type = COGNEE_BOOL},
    {.name = "graph_model", .type = COGNEE_OBJECT},
    {.name = "custom_prompt", .type = COGNEE_TEXT},
    {.name = "chunk_size", .type = COGNEE_INT},
    {.name = "ontology_key", .type = COGNEE_TEXTS},
    {.name = "chunks_per_batch", .type = COGNEE_INT},
    {.name = "data_per_batch", .type = COGNEE_INT},
};

/* ---- what is asked for --------------------------------------------------- */

/* 0, or 1 when the reply is written (400). */
static int
check_number(struct http_reply *reply, const json_t *body, const char *name,
    int64_t min, int64_t max)
{
	int64_t number = cognee_int(body, name, min);

	if (number < min)
		return cognee_invalid(reply, "body", name,
		    "greater_than_equal", "Input is too small", NULL);
	return number <= max ? 0
			     : cognee_invalid(reply, "body", name,
				   "less_than_equal", "Input is too large",
				   NULL);
}

static const char *
first_text(const json_t *texts)
{
	size_t i;

	for (i = 0; i < json_array_size(texts); i++)
		if (json_string_length(json_array_get(texts, i)) > 0)
			return json_string_value(json_array_get(texts, i));
	return NULL;
}

static int
read_rule(struct http_request *request, struct http_reply *reply,
    const json_t *body, struct cognee_rule *rule)
{
	if (check_number(reply, body, "chunk_size", COGNEE_CHUNK_TOKENS_MIN,
		COGNEE_CHUNK_TOKENS_MAX) != 0 ||
	    check_number(reply, body, "chunks_per_batch", 1, INT32_MAX) != 0 ||
	    check_number(reply, body, "data_per_batch", 1, INT32_MAX) != 0)
		return 1;
	rule->prompt = cognee_text(body, "custom_prompt", NULL);
	rule->chunk_tokens = cognee_int(body, "chunk_size", 0);
	return cognee_rule_check(request, rule,
	    cognee_member(body, "graph_model"),
	    first_text(cognee_member(body, "ontology_key")));
}

/* ---- its datasets -------------------------------------------------------- */

static bool
runs_have(const struct cognee_runs *runs, size_t count,
    const struct cognee_dataset *dataset)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (runs->items[i].dataset.id == dataset->id)
			return true;
	return false;
}

static int
resolve_one(struct http_request *request, struct store *reader,
    const json_t *wanted, bool by_id, struct cognee_dataset *dataset)
{
	const char *text = json_string_value(wanted);
	struct uuid uuid;
	int err;

	if (!by_id)
		return cognee_dataset_make(request, text, dataset);
	err = cognee_uuid_of(text, &uuid);
	return err < 0 ? err
		       : cognee_dataset_find(request, reader, &uuid,
			     COGNEE_WRITE, dataset);
}

/* All are found before any is begun; a name that cannot be one is told before
 * others are made. */
static int
resolve(struct http_request *request, const json_t *wanted, bool by_id,
    struct cognee_runs *runs)
{
	struct cognee_dataset dataset;
	struct store *reader;
	size_t i, count = 0;
	int err;

	err = http_reader(request, &reader);
	for (i = 0; err == 0 && !by_id && i < json_array_size(wanted); i++)
		err = cognee_name_check(json_string_value(json_array_get(
		    wanted, i)), &request->note);
	for (i = 0; err == 0 && i < json_array_size(wanted); i++) {
		err = resolve_one(request, reader, json_array_get(wanted, i),
		    by_id, &dataset);
		if (err == 0 && !runs_have(runs, count, &dataset))
			runs->items[count++].dataset = dataset;
	}
	runs->count = count;
	return err;
}

/* ---- the run ------------------------------------------------------------- */

static int
start(struct http_request *request, struct http_reply *reply,
    const json_t *body, const struct cognee_rule *rule)
{
	const json_t *ids = cognee_member(body, "dataset_ids");
	bool by_id = json_array_size(ids) > 0;
	const json_t *wanted = by_id ? ids : cognee_member(body, "datasets");
	struct cognee_runs *runs;
	size_t i;
	int err;

	if (json_array_size(wanted) > COGNEE_RUNS_MAX)
		return cognee_invalid(reply, "body",
		    by_id ? "datasetIds" : "datasets", "too_long",
		    "List should have at most 256 items", NULL);
	err = cognee_runs_new(request, json_array_size(wanted), &runs);
	if (err == 0)
		err = resolve(request, wanted, by_id, runs);
	for (i = 0; err == 0 && i < runs->count; i++)
		cognee_run_start(request, &runs->items[i], rule);
	return err;
}

/* 0: it has begun; 1: the reply is written. */
static int
begin(struct http_request *request, struct http_reply *reply)
{
	struct cognee_rule rule;
	struct cognee_runs *runs;
	const json_t *body;
	int err;

	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(fields[0]), &body);
	if (err != 0)
		return err;
	if (json_array_size(cognee_member(body, "datasets")) == 0 &&
	    json_array_size(cognee_member(body, "dataset_ids")) == 0) {
		(void)cognee_broken(reply, 400,
		    "No datasets or dataset_ids provided", NULL);
		return 1;
	}
	err = read_rule(request, reply, body, &rule);
	if (err == 0)
		err = start(request, reply, body, &rule);
	runs = cognee_runs_of(request);
	if (err == 0)
		runs->is_background = cognee_bool(body, "run_in_background",
		    false);
	return err;
}

int
cognee_cognify(struct http_request *request, struct http_reply *reply)
{
	int err = 0;

	if (cognee_runs_of(request) == NULL)
		err = begin(request, reply);
	if (err == 0)
		return cognee_runs_answer(request, reply, 500);
	if (err == ERR_INVALID || err == ERR_TOO_BIG)
		return cognee_broken(reply, 409,
		    err_words(&request->note, err), NULL);
	if (err == ERR_NOT_FOUND)
		return cognee_broken(reply, 500, COGNEE_BROKEN,
		    COGNEE_NO_WRITE);
	return err < 0 ? err : 0;
}
