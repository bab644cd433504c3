/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chat/chat.h"
#include "chat/chat_int.h"
#include "net/meter.h"
#include "net/net.h"
#include "net/service.h"

#define PATH "/chat/completions"

/* ---- making one ------------------------------------------------------- */

int
chat_client_new(const struct chat_config *config,
    struct chat_client **ret_client, struct err_note *note)
{
	const struct net_service_config service = {.url = config->url,
	    .path = PATH, .model = config->model, .key = config->key,
	    .timeout_ms = config->timeout_ms == 0 ? CHAT_TIMEOUT_MS
						  : config->timeout_ms};
	struct chat_client *client;
	int err;

	client = mem_zalloc(sizeof(*client));
	if (client == NULL)
		return ERR_NOMEM;
	client->retry_after_s = -1;
	client->meter = config->meter;
	err = net_service_open(&client->service, &service, note);
	if (err < 0)
		chat_client_free(client);
	else
		*ret_client = client;
	return err;
}

void
chat_client_free(struct chat_client *client)
{
	if (client == NULL)
		return;
	net_service_close(&client->service);
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
	int err;

	if (answer->status >= 200 && answer->status < 300)
		err = chat_body_read(buf_text(&answer->body),
		    answer->body.len, ret_answer, note);
	else
		err = net_service_refusal(answer, &answer->body,
		    client->service.bearer, note);
	if (err == 0 || err == ERR_NOMEM)
		return err;
	client->retry_after_s = answer->retry_after_s;
	return net_service_wrap(&client->service, err, note);
}

int
chat_question_write(const struct chat_client *client,
    const struct chat_request *request, bool is_streamed, struct buf *out,
    struct err_note *note)
{
	buf_init(out, CHAT_PROMPT_BYTES_MAX);
	chat_body_write(client->service.model, request, is_streamed, out);
	return out->err == ERR_TOO_BIG
	    ? err_set(note, ERR_TOO_BIG, "the question is over %llu bytes",
		CHAT_PROMPT_BYTES_MAX)
	    : out->err;
}

int
chat_run(struct chat_client *client, const struct chat_request *request,
    struct chat_answer *ret_answer, struct err_note *note)
{
	struct net_service_post post;
	struct net_answer answer = {0};
	struct buf body;
	int64_t begun_us;
	int err;

	client->retry_after_s = -1;
	err = chat_question_write(client, request, false, &body, note);
	if (err < 0)
		goto out;
	net_service_post(&client->service, &body, "application/json",
	    CHAT_ANSWER_BYTES_MAX, request->stop, &post);
	begun_us = net_meter_begin(client->meter);
	err = net_run(client->service.net, &post.request, &answer, note);
	if (err == 0)
		err = answer_judge(client, &answer, ret_answer, note);
	net_meter_end(client->meter, begun_us, err,
	    err == 0 ? ret_answer->usage.total : 0);
out:
	net_answer_fini(&answer);
	buf_fini(&body);
	return err;
}
