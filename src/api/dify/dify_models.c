/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients ask before they know what there is: the root, the parameters,
 * and the models that this server has.
 */
#include <string.h>

#include "api/dify/dify_int.h"
#include "embed/embed.h"

#define PROVIDER "tidemark"
#define PROVIDER_LABEL "Tidemark"
#define EMBEDDING "text-embedding"
#define CHAT "llm"

static const char *const model_types[] = {CHAT, EMBEDDING, "rerank",
    "speech2text", "moderation", "tts", NULL};

int
dify_get_root(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = dify_json(reply, 200);

	(void)request;
	jsonw_object(w);
	jsonw_nstring(w, "welcome", "Dify OpenAPI");
	jsonw_nstring(w, "api_version", "v1");
	jsonw_nstring(w, "server_version", DIFY_VERSION);
	jsonw_object_end(w);
	return dify_end_json(reply);
}

/*
 * What an application's clients ask first, and some that only want datasets
 * ask to see whether their key is good.  This is the answer for an application
 * with nothing switched on, which is as much application as there is here.
 */
int
dify_get_parameters(struct http_request *request, struct http_reply *reply)
{
	static const char *const switches[] = {
	    "suggested_questions_after_answer", "speech_to_text",
	    "text_to_speech", "retriever_resource", "annotation_reply",
	    "more_like_this", "sensitive_word_avoidance"};
	struct jsonw *w = dify_json(reply, 200);
	size_t i;

	(void)request;
	jsonw_object(w);
	jsonw_nstring(w, "opening_statement", "");
	jsonw_name(w, "suggested_questions");
	jsonw_array(w);
	jsonw_array_end(w);
	for (i = 0; i < sizeof(switches) / sizeof(*switches); i++) {
		jsonw_name(w, switches[i]);
		jsonw_object(w);
		jsonw_nbool(w, "enabled", false);
		jsonw_object_end(w);
	}
	jsonw_name(w, "user_input_form");
	jsonw_array(w);
	jsonw_array_end(w);
	jsonw_object_end(w);
	return dify_end_json(reply);
}

static void
put_label(struct jsonw *w, const char *text)
{
	jsonw_name(w, "label");
	jsonw_object(w);
	jsonw_nstring(w, "zh_Hans", text);
	jsonw_nstring(w, "en_US", text);
	jsonw_object_end(w);
}

static void
put_model(struct jsonw *w, const char *type, const char *name,
    size_t dimensions)
{
	jsonw_object(w);
	jsonw_nstring(w, "model", name);
	put_label(w, name);
	jsonw_nstring(w, "model_type", type);
	jsonw_nnull(w, "features");
	jsonw_nstring(w, "fetch_from", "predefined-model");
	jsonw_name(w, "model_properties");
	jsonw_object(w);
	if (dimensions > 0)
		jsonw_nuint(w, "dimension", dimensions);
	jsonw_object_end(w);
	jsonw_nbool(w, "deprecated", false);
	jsonw_nstring(w, "status", "active");
	jsonw_nbool(w, "load_balancing_enabled", false);
	jsonw_nbool(w, "has_invalid_load_balancing_configs", false);
	jsonw_object_end(w);
}

static void
put_provider(struct jsonw *w, const char *account, const char *type,
    const char *model, size_t dimensions)
{
	jsonw_object(w);
	jsonw_nstring(w, "tenant_id", account);
	jsonw_nstring(w, "provider", PROVIDER);
	put_label(w, PROVIDER_LABEL);
	jsonw_nnull(w, "icon_small");
	jsonw_nnull(w, "icon_small_dark");
	jsonw_nstring(w, "status", "active");
	jsonw_name(w, "models");
	jsonw_array(w);
	put_model(w, type, model, dimensions);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

int
dify_list_models(struct http_request *request, struct http_reply *reply)
{
	const struct embedder *embedder = engine_embedder(request->engine);
	const char *chat = engine_chat_model(request->engine);
	const char *type = request->params[0].text;
	char account[UUID_TEXT_SIZE];
	struct store *reader;
	struct jsonw *w;
	size_t i;
	int err;

	for (i = 0; model_types[i] != NULL; i++)
		if (strcmp(model_types[i], type) == 0)
			break;
	if (model_types[i] == NULL)
		return err_set(&request->note, ERR_INVALID,
		    "'%.60s' is not a valid ModelType", type);
	err = http_reader(request, &reader);
	if (err == 0)
		err = dify_account(request, reader, account);
	if (err < 0)
		return err;
	w = dify_json(reply, 200);
	jsonw_object(w);
	jsonw_name(w, "data");
	jsonw_array(w);
	if (strcmp(type, EMBEDDING) == 0)
		put_provider(w, account, type, embedder->name,
		    embedder->dimensions);
	else if (strcmp(type, CHAT) == 0 && chat != NULL)
		put_provider(w, account, type, chat, 0);
	jsonw_array_end(w);
	jsonw_object_end(w);
	return dify_end_json(reply);
}
