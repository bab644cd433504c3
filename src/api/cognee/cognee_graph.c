/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dataset's graph, its numbers, and what it is made by.
 *
 * There is one graph model here: entities with a name, a type and a
 * description, and labelled relations between them.  What can be chosen is the
 * order that a chat model is given, which stands in the base's settings:
 * {"graph": {"prompt": "..."}} (engine/rule.h).
 */
#include <string.h>

#include <jansson.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_graph_view.h"
#include "api/cognee/cognee_int.h"
#include "base/mem.h"
#include "engine/graphs.h"
#include "engine/kept.h"
#include "graph/chat_graph.h"
#include "store/store.h"
#include "sys/clock.h"

#define SUMMARIES_MAX 10000u /* datasets of one answer */
#define SUMMARIES_FIRST 16u

/* ---- the graph ----------------------------------------------------------- */

int
cognee_graph_get(struct http_request *request, struct http_reply *reply)
{
	static const struct graph_wish wish = {.with_texts = true};
	char words[COGNEE_GRAPH_WORDS_SIZE];
	struct cognee_dataset dataset;
	struct base_graph graph;
	struct store *reader;
	struct uuid uuid;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0)
		return 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = cognee_dataset_find(request, reader, &uuid, COGNEE_READ,
		    &dataset);
	if (err == 0)
		err = engine_graph(request->engine, reader,
		    dataset.account_id, &uuid, &wish, &graph, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_denied(reply, "read");
	if (err < 0)
		return err;
	cognee_graph_words(&graph, words);
	http_reply_header(reply, COGNEE_GRAPH_HEADER, words);
	cognee_write_graph(http_reply_json(reply, 200), &graph);
	base_graph_fini(&graph);
	return 0;
}

/* ---- numbers ------------------------------------------------------------- */

struct summaries {
	struct cognee_dataset *datasets; /* owned */
	size_t count, size;
};

static int
summaries_add(void *arg, const struct cognee_dataset *dataset)
{
	struct summaries *summaries = arg;
	struct cognee_dataset *grown;
	size_t i, size;

	/* At most as many ids as a query has parameters. */
	for (i = 0; i < summaries->count; i++)
		if (summaries->datasets[i].id == dataset->id)
			return 0;
	if (summaries->count == SUMMARIES_MAX)
		return ERR_TOO_BIG;
	if (summaries->count == summaries->size) {
		size = summaries->size == 0 ? SUMMARIES_FIRST
					    : 2 * summaries->size;
		grown = mem_resize(summaries->datasets, size, sizeof(*grown));
		if (grown == NULL)
			return ERR_NOMEM;
		summaries->datasets = grown;
		summaries->size = size;
	}
	summaries->datasets[summaries->count++] = *dataset;
	return 0;
}

/* Those that are asked for, each once; all that there are when none is.  1:
 * the reply is written. */
static int
summaries_find(struct http_request *request, struct http_reply *reply,
    struct store *reader, struct summaries *summaries)
{
	struct cognee_dataset dataset;
	struct uuid uuid;
	const char *text;
	size_t at = 0;
	int err;

	if (http_query(request, "dataset_ids") == NULL)
		return cognee_datasets_each(request, reader, COGNEE_READ,
		    summaries_add, summaries);
	while ((text = http_query_next(request, "dataset_ids", &at)) !=
	    NULL) {
		if (cognee_value_uuid(reply, "query", "dataset_ids", text,
			&uuid) != 0)
			return 1;
		err = cognee_dataset_find(request, reader, &uuid, COGNEE_READ,
		    &dataset);
		if (err == ERR_NOT_FOUND)
			return cognee_denied(reply, "read") + 1;
		if (err == 0)
			err = summaries_add(summaries, &dataset);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
put_summary(struct http_request *request, struct store *reader,
    const struct cognee_dataset *dataset, struct jsonw *w)
{
	static const struct graph_wish wish = {.with_texts = true};
	struct base_standing standing;
	char run[UUID_TEXT_SIZE];
	struct base_graph graph;
	int err;

	err = base_standing(reader, dataset->id, &standing);
	if (err == 0)
		err = engine_graph(request->engine, reader,
		    dataset->account_id, &dataset->uuid, &wish, &graph,
		    &request->note);
	if (err < 0) /* one that is gone by now has no numbers */
		return err == ERR_NOT_FOUND ? 0 : err;
	jsonw_object(w);
	jsonw_nstring(w, "datasetId", dataset->text);
	uuid_format(&standing.run.uuid, run);
	jsonw_nstring(w, "pipelineRunId", standing.has_run ? run : NULL);
	jsonw_nuint(w, "numNodes", cognee_graph_nodes(&graph));
	jsonw_nuint(w, "numEdges", cognee_graph_edges(&graph));
	jsonw_ntime(w, "computedAt",
	    standing.has_run ? clock_wall_us() : 0);
	jsonw_object_end(w);
	base_graph_fini(&graph);
	return 0;
}

int
cognee_graph_summary(struct http_request *request, struct http_reply *reply)
{
	struct summaries summaries = {.datasets = NULL};
	struct store *reader;
	struct jsonw *w;
	size_t i;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = summaries_find(request, reply, reader, &summaries);
	if (err == 0) {
		w = http_reply_json(reply, 200);
		jsonw_array(w);
		for (i = 0; err == 0 && i < summaries.count; i++)
			err = http_is_stopping(request) ? ERR_BUSY
			    : put_summary(request, reader,
				  &summaries.datasets[i], w);
		jsonw_array_end(w);
	}
	mem_free(summaries.datasets);
	return err < 0 ? err : 0;
}

/* ---- what it is made by -------------------------------------------------- */

static int
take_prompt(void *arg, const struct base *base)
{
	json_t *settings = json_loads(base->settings, 0, NULL);
	char **prompt = arg;
	const char *text;
	int err = 0;

	text = json_string_value(json_object_get(
	    json_object_get(settings, "graph"), "prompt"));
	if (text != NULL) {
		*prompt = mem_strdup(text);
		err = *prompt == NULL ? ERR_NOMEM : 0;
	}
	json_decref(settings);
	return err;
}

int
cognee_schema_get(struct http_request *request, struct http_reply *reply)
{
	struct cognee_dataset dataset;
	struct store *reader;
	char *prompt = NULL;
	struct uuid uuid;
	struct jsonw *w;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0)
		return 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = cognee_dataset_find(request, reader, &uuid, COGNEE_READ,
		    &dataset);
	if (err == 0)
		err = store_base_find(reader, dataset.account_id, &uuid, NULL,
		    take_prompt, &prompt);
	if (err == ERR_NOT_FOUND)
		return cognee_denied(reply, "read");
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nnull(w, "graph_schema");
	jsonw_nstring(w, "custom_prompt", prompt);
	jsonw_object_end(w);
	mem_free(prompt);
	return 0;
}

/* *arg: the prompt; "" takes it away. */
static int
set_prompt(void *arg, json_t *settings, struct err_note *note)
{
	const char *prompt = *(const char **)arg;
	json_t *graph = json_object_get(settings, "graph");

	if (prompt[0] == '\0')
		return json_object_del(graph, "prompt") == 0 ? 0 : 1;
	if (!json_is_object(graph)) {
		graph = json_object();
		if (json_object_set_new(settings, "graph", graph) < 0)
			return ERR_NOMEM;
	}
	if (json_is_string(json_object_get(graph, "by")) &&
	    strcmp(json_string_value(json_object_get(graph, "by")), "rules")
	    == 0)
		return err_set(note, ERR_INVALID, "this dataset's graph is "
		    "made by rules, which read no prompt");
	return json_object_set_new(graph, "prompt", json_string(prompt)) == 0
	    ? 0 : ERR_NOMEM;
}

/* 0; 1 when it cannot be, and the reply says so. */
static int
schema_check(struct http_request *request, struct http_reply *reply,
    const json_t *body)
{
	const char *prompt = cognee_text(body, "custom_prompt", "");

	if (json_object_size(cognee_member(body, "graph_schema")) > 0)
		return cognee_invalid(reply, "body", "graph_schema",
		    "value_error", "There is one graph model here: entities "
		    "with a name, a type and a description, and labelled "
		    "relations between them. Leave graph_schema out", NULL);
	if (prompt[0] != '\0' && !engine_has_chat(request->engine))
		return cognee_invalid(reply, "body", "custom_prompt",
		    "value_error", "No chat model is configured: graphs are "
		    "made by rules, and nothing would read a prompt", NULL);
	if (strlen(prompt) > CHAT_GRAPH_PROMPT_BYTES_MAX)
		return cognee_invalid(reply, "body", "custom_prompt",
		    "string_too_long", "The prompt has more than 16384 bytes",
		    NULL);
	return 0;
}

int
cognee_schema_put(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "graph_schema", .type = COGNEE_OBJECT},
	    {.name = "custom_prompt", .type = COGNEE_TEXT},
	};
	struct cognee_dataset dataset;
	struct store *reader;
	struct uuid uuid;
	const json_t *body, *prompt;
	const char *text;
	struct jsonw *w;
	int err;

	if (cognee_path_uuid(request, reply, 0, "dataset_id", &uuid) != 0)
		return 0;
	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(*fields), &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = cognee_dataset_find(request, reader, &uuid, COGNEE_WRITE,
		    &dataset);
	if (err == ERR_NOT_FOUND)
		return cognee_denied(reply, "write");
	if (err < 0 || schema_check(request, reply, body) != 0)
		return err;
	prompt = cognee_member(body, "custom_prompt");
	text = json_string_value(prompt);
	if (prompt != NULL)
		err = engine_base_change(request->engine, dataset.account_id,
		    &uuid, NULL, NULL, set_prompt,
		    &text, &request->note);
	if (err == ERR_INVALID) {
		(void)cognee_invalid(reply, "body", "custom_prompt",
		    "value_error", request->note.text, NULL);
		return 0;
	}
	if (err == ERR_NOT_FOUND)
		return cognee_denied(reply, "write");
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nstring(w, "status", "ok");
	jsonw_object_end(w);
	return err;
}
