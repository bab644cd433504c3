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
#include "base/utf8.h"
#include "chat/chat.h"
#include "chat/chat_int.h"

/* So many bytes of a key are a piece of it, less is chance. */
#define KEY_PIECE_MIN 6u
#define REASON_RAW_MAX 1024u /* looked at */

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
    struct buf *out)
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
	jsonw_nbool(&w, "stream", false);
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
	answer.is_cut = reason != NULL && strcmp(reason, "length") == 0;
	*ret_answer = answer;
out:
	json_decref(root);
	buf_fini(&text);
	return err;
}

/* ---- a refusal -------------------------------------------------------- */

/* How long a piece of key stands at text; 0: none. */
static size_t
key_piece(const char *text, size_t len, const char *key)
{
	size_t key_len = strlen(key), longest = 0, n, i;

	for (i = 0; i < key_len; i++) {
		for (n = 0; n < len && i + n < key_len; n++)
			if (key[i + n] != text[n])
				break;
		if (n > longest)
			longest = n;
	}
	return longest >= KEY_PIECE_MIN || longest == key_len ? longest : 0;
}

/* Not: controls, Unicode's line ends, and what turns the direction of
 * writing. */
static bool
is_shown(uint32_t c)
{
	return c != UTF8_BAD && c >= 0x20 && (c < 0x7f || c > 0x9f) &&
	    (c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069);
}

static void
reason_clean(const char *text, size_t len, const char *key,
    char out[CHAT_REASON_SIZE])
{
	size_t at, n, put_len, used = 0;
	const char *put;

	if (len > REASON_RAW_MAX)
		len = REASON_RAW_MAX;
	for (at = 0; at < len; at += n) {
		n = key == NULL ? 0 : key_piece(text + at, len - at, key);
		if (n > 0) {
			put = "***";
			put_len = 3;
		} else if (is_shown(utf8_decode(text + at, len - at, &n))) {
			put = text + at;
			put_len = n;
		} else {
			put = " ";
			put_len = 1;
		}
		/* One space for many, and none at the ends. */
		if (put[0] == ' ' && (used == 0 || out[used - 1] == ' '))
			continue;
		if (used + put_len >= CHAT_REASON_SIZE)
			break;
		memcpy(out + used, put, put_len);
		used += put_len;
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
}

/* {"error": {"message": ...}} is usual, the others are met. */
static const json_t *
reason_find(const json_t *root)
{
	const json_t *error = json_object_get(root, "error");

	if (json_is_string(json_object_get(error, "message")))
		return json_object_get(error, "message");
	if (json_is_string(error))
		return error;
	if (json_is_string(json_object_get(root, "message")))
		return json_object_get(root, "message");
	return json_object_get(root, "detail");
}

void
chat_reason_read(const char *body, size_t len, const char *key,
    char out[CHAT_REASON_SIZE])
{
	const json_t *reason;
	json_t *root;
	size_t at = 0;

	out[0] = '\0';
	if (len == 0)
		return;
	root = json_loadb(body, len, JSON_DECODE_ANY, NULL);
	reason = json_is_string(root) ? root : reason_find(root);
	if (json_is_string(reason)) {
		reason_clean(json_string_value(reason),
		    json_string_length(reason), key, out);
	} else if (root == NULL) {
		/* A plain sentence, but no page of HTML or half a JSON. */
		while (at < len && strchr(" \t\r\n", body[at]) != NULL)
			at++;
		if (at < len && strchr("<{[", body[at]) == NULL)
			reason_clean(body + at, len - at, key, out);
	}
	json_decref(root);
}
