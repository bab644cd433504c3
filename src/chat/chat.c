/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "chat/chat.h"
#include "chat/chat_int.h"
#include "net/net.h"
#include "net/service.h"

#define PATH "/chat/completions"

/* ---- making one ------------------------------------------------------- */

int
chat_client_new(const struct chat_config *config,
    struct chat_client **ret_client, struct err_note *note)
{
	const struct net_policy policy = {.allows_any = true};
	struct chat_client *client;
	size_t model_len = strlen(config->model);
	int err;

	if (model_len == 0 || model_len > CHAT_MODEL_BYTES_MAX ||
	    !utf8_is_valid(config->model, model_len))
		return err_set(note, ERR_INVALID,
		    "the model's name is empty, too long or no UTF-8");
	client = mem_zalloc(sizeof(*client));
	if (client == NULL)
		return ERR_NOMEM;
	client->retry_after_s = -1;
	client->timeout_ms = config->timeout_ms == 0 ? CHAT_TIMEOUT_MS :
						       config->timeout_ms;
	err = net_service_url(config->url, PATH, &client->url, note);
	if (err == 0 && config->key != NULL && config->key[0] != '\0')
		err = net_service_bearer(config->key, &client->bearer, note);
	if (err < 0)
		goto out;
	client->model = mem_strdup(config->model);
	if (client->model == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	err = net_client_new(&policy, &client->net, note);
	if (err < 0)
		goto out;
	*ret_client = client;
	client = NULL;
out:
	chat_client_free(client);
	return err;
}

void
chat_client_free(struct chat_client *client)
{
	if (client == NULL)
		return;
	net_client_free(client->net);
	mem_free(client->url);
	mem_free(client->model);
	mem_free(client->bearer);
	mem_free(client);
}

void
chat_answer_fini(struct chat_answer *answer)
{
	mem_free(answer->text);
	*answer = (struct chat_answer){0};
}

int64_t
chat_retry_after_s(const struct chat_client *client)
{
	return client->retry_after_s;
}

/* ---- asking ----------------------------------------------------------- */

static int
answer_judge(struct chat_client *client, const struct net_answer *answer,
    struct chat_answer *ret_answer, struct err_note *note)
{
	char host[NET_SERVICE_HOST_SIZE];
	int err;

	if (answer->status >= 200 && answer->status < 300)
		err = chat_body_read(buf_text(&answer->body),
		    answer->body.len, ret_answer, note);
	else
		err = net_service_refusal(answer, &answer->body, client->bearer,
		    note);
	if (err == 0 || err == ERR_NOMEM)
		return err;
	client->retry_after_s = answer->retry_after_s;
	net_service_host(client->url, host);
	err_wrap(note, "%s", host);
	return err;
}

int
chat_question_write(const struct chat_client *client,
    const struct chat_request *request, bool is_streamed, struct buf *out,
    struct err_note *note)
{
	buf_init(out, CHAT_PROMPT_BYTES_MAX);
	chat_body_write(client->model, request, is_streamed, out);
	return out->err == ERR_TOO_BIG
	    ? err_set(note, ERR_TOO_BIG, "the question is over %llu bytes",
		CHAT_PROMPT_BYTES_MAX)
	    : out->err;
}

int
chat_run(struct chat_client *client, const struct chat_request *request,
    struct chat_answer *ret_answer, struct err_note *note)
{
	struct net_header headers[] = {
	    {.name = "Content-Type", .value = "application/json"},
	    {.name = "Accept", .value = "application/json"},
	    {.name = "Authorization", .value = client->bearer},
	};
	struct net_request post = {
	    .url = client->url,
	    .headers = headers,
	    .header_count = client->bearer == NULL ? 2 : 3,
	    /* Nothing comes while the model thinks. */
	    .limits = {.total_ms = client->timeout_ms,
		.stall_ms = client->timeout_ms,
		.bytes_max = CHAT_ANSWER_BYTES_MAX},
	    .stop = request->stop,
	};
	struct net_answer answer = {0};
	struct buf body;
	int err;

	client->retry_after_s = -1;
	err = chat_question_write(client, request, false, &body, note);
	if (err < 0)
		goto out;
	post.body = body.data;
	post.body_len = body.len;
	err = net_run(client->net, &post, &answer, note);
	if (err == 0)
		err = answer_judge(client, &answer, ret_answer, note);
out:
	net_answer_fini(&answer);
	buf_fini(&body);
	return err;
}
