/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cognee/cognee_rule.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "api/cognee/cognee_dataset.h"
#include "engine/rule.h"
#include "http/http.h"

#define CHARACTERS_PER_TOKEN 4
#define CHUNK_CHARS_MAX 8000

/* ---- settings ------------------------------------------------------------ */

/* Set name of object to value, which it takes; *changed: it was another. */
static int
set(json_t *object, const char *name, json_t *value, bool *changed)
{
	if (value == NULL)
		return ERR_NOMEM;
	*changed |= !json_equal(json_object_get(object, name), value);
	return json_object_set_new(object, name, value) < 0 ? ERR_NOMEM : 0;
}

/* What there is of it, or a new one. */
static json_t *
member_object(json_t *settings, const char *name)
{
	json_t *member = json_object_get(settings, name);

	return json_is_object(member) ? json_deep_copy(member)
				      : json_object();
}

static int
set_graph(json_t *settings, const char *prompt, bool *changed)
{
	bool has_prompt = prompt != NULL && prompt[0] != '\0';
	json_t *graph;
	bool inner = false;
	int err = 0;

	if (!has_prompt && json_object_get(settings, "graph") != NULL)
		return 0;
	graph = member_object(settings, "graph");
	/* Rules take no orders. */
	if (json_object_get(graph, "by") == NULL ||
	    (has_prompt && strcmp(json_string_value(json_object_get(graph,
		"by")), "rules") == 0))
		err = set(graph, "by", json_string("auto"), &inner);
	if (err == 0 && has_prompt)
		err = set(graph, "prompt", json_string(prompt), &inner);
	if (err == 0)
		return set(settings, "graph", graph, changed);
	json_decref(graph);
	return err;
}

static int
set_chunking(json_t *settings, int64_t tokens, bool *changed)
{
	int64_t chars = tokens * CHARACTERS_PER_TOKEN;
	json_t *chunking, *method;
	bool inner = false;
	int err = 0;

	if (tokens == 0)
		return 0;
	if (chars > CHUNK_CHARS_MAX)
		chars = CHUNK_CHARS_MAX;
	chunking = member_object(settings, "chunking");
	method = json_object_get(chunking, "method");
	/* A document that is one chunk has no size of chunks. */
	if (json_is_string(method) &&
	    strcmp(json_string_value(method), "whole") == 0)
		(void)json_object_del(chunking, "method");
	if (json_integer_value(json_object_get(chunking, "overlap_chars")) >
	    chars / 2)
		(void)json_object_del(chunking, "overlap_chars");
	err = set(chunking, "chars_max", json_integer(chars), &inner);
	if (err == 0)
		return set(settings, "chunking", chunking, changed);
	json_decref(chunking);
	return err;
}

int
cognee_rule_change(const struct cognee_rule *rule, struct json_t *settings)
{
	bool changed = false;
	int err;

	err = set_graph(settings, rule->prompt, &changed);
	if (err == 0)
		err = set_chunking(settings, rule->chunk_tokens, &changed);
	return err < 0 || changed ? err : 1;
}

/* Would the engine take them? */
static int
settings_check(const json_t *settings, struct err_note *note)
{
	struct rule rule;
	char *text;
	int err;

	text = json_dumps(settings, JSON_COMPACT);
	err = text == NULL ? ERR_NOMEM
			   : rule_read(text, NULL, NULL, &rule, note);
	free(text);
	return err;
}

/* On the writer's thread. */
static int
on_settings(void *arg, struct json_t *settings, struct err_note *note)
{
	int err;

	err = cognee_rule_change(arg, settings);
	return err != 0 ? err : settings_check(settings, note);
}

int
cognee_rule_set(struct http_request *request,
    const struct cognee_dataset *dataset, const struct cognee_rule *rule)
{
	struct cognee_rule copy = *rule;

	return engine_base_change(request->engine, dataset->account_id,
	    &dataset->uuid, NULL, NULL, on_settings, &copy, &request->note);
}

/* ---- requests ------------------------------------------------------------ */

int
cognee_rule_check(struct http_request *request,
    const struct cognee_rule *rule, const struct json_t *graph_model,
    const char *ontology)
{
	json_t *settings;
	int err;

	if (json_is_object(graph_model) ? json_object_size(graph_model) > 0
					: graph_model != NULL &&
		    !json_is_null(graph_model))
		return err_set(&request->note, ERR_INVALID, "graph_model is "
		    "not supported: graphs are of entities, their types and "
		    "relations, whatever they are about");
	if (ontology != NULL)
		return err_set(&request->note, ERR_INVALID,
		    "Ontology key '%.60s' not found", ontology);
	if (rule->prompt != NULL && rule->prompt[0] != '\0' &&
	    !engine_has_chat(request->engine))
		return err_set(&request->note, ERR_INVALID, "custom_prompt "
		    "needs a chat model, and this server has none "
		    "(--chat-url, --chat-model)");
	settings = json_object();
	err = settings == NULL ? ERR_NOMEM
			       : cognee_rule_change(rule, settings);
	if (err == 0)
		err = settings_check(settings, &request->note);
	json_decref(settings);
	return err;
}
