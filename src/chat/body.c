/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two bodies.  What comes back is not trusted: every member may be
 * missing or of another type, and jansson bounds the depth.
 */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chat/chat.h"
#include "chat/chat_int.h"

static void
message_write(struct jsonw *w, const char *role, const char *content)
{
	jsonw_object(w);
	jsonw_nstring(w, "role", role);
	jsonw_nstring(w, "content", content);
	jsonw_object_end(w);
}

/* Nothing that only some services know: an unknown member is an error for
 * more than one of them. */
void
chat_body_write(const char *model, const struct chat_request *request,
    bool is_streamed, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_nstring(&w, "model", model);
	jsonw_name(&w, "messages");
	jsonw_array(&w);
	if (request->system != NULL)
		message_write(&w, "system", request->system);
	message_write(&w, "user", request->user);
	jsonw_array_end(&w);
	if (request->tokens_max > 0)
		jsonw_nuint(&w, "max_tokens", request->tokens_max);
	jsonw_nbool(&w, "stream", is_streamed);
	jsonw_object_end(&w);
}

/* ---- an answer -------------------------------------------------------- */

/* A string, or (as some services do) a list of parts with a text each. */
static int
content_read(const json_t *content, struct buf *text)
{
	const json_t *part;
	size_t i;

	if (json_is_string(content))
		return buf_put(text, json_string_value(content),
		    json_string_length(content));
	if (!json_is_array(content))
		return ERR_UPSTREAM;
	for (i = 0; i < json_array_size(content); i++) {
		part = json_object_get(json_array_get(content, i), "text");
		if (json_is_string(part))
			(void)buf_put(text, json_string_value(part),
			    json_string_length(part));
	}
	return text->err;
}

static uint64_t
count_read(const json_t *usage, const char *name)
{
	json_int_t count = json_integer_value(json_object_get(usage, name));

	return count > 0 ? (uint64_t)count : 0;
}

void
chat_usage_read(const json_t *root, struct chat_usage *usage)
{
	const json_t *counts = json_object_get(root, "usage");

	if (!json_is_object(counts))
		return;
	usage->prompt = count_read(counts, "prompt_tokens");
	usage->completion = count_read(counts, "completion_tokens");
	usage->total = count_read(counts, "total_tokens");
}

int
chat_body_read(const char *json, size_t len, struct chat_answer *ret_answer,
    struct err_note *note)
{
	struct chat_answer answer = {0};
	const json_t *choice, *message;
	const char *reason;
	json_error_t error;
	struct buf text;
	json_t *root;
	int err;

	buf_init(&text, CHAT_ANSWER_BYTES_MAX);
	root = json_loadb(json, len, 0, &error);
	if (root == NULL) {
		err = json_error_code(&error) == json_error_out_of_memory ?
		    ERR_NOMEM :
		    err_set(note, ERR_UPSTREAM,
			"its answer is not the JSON of a chat answer");
		goto out;
	}
	choice = json_array_get(json_object_get(root, "choices"), 0);
	message = json_object_get(choice, "message");
	reason = json_string_value(json_object_get(choice, "finish_reason"));
	err = content_read(json_object_get(message, "content"), &text);
	if (err == ERR_UPSTREAM) {
		(void)err_set(note, err, "%s",
		    json_is_string(json_object_get(message, "refusal")) ?
			"the model refuses to answer" :
			"there is no text in its answer");
		goto out;
	}
	if (err < 0)
		goto out;
	answer.len = text.len;
	answer.text = buf_take(&text);
	if (answer.text == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	chat_usage_read(root, &answer.usage);
	answer.is_cut = reason != NULL && strcmp(reason, "length") == 0;
	*ret_answer = answer;
out:
	json_decref(root);
	buf_fini(&text);
	return err;
}
