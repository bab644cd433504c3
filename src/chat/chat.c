/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "chat/chat.h"
#include "chat/chat_int.h"
#include "net/net.h"

#define PATH "/chat/completions"
#define BEARER "Bearer "

struct chat_client {
	struct net_client *net;
	char *url;    /* whole */
	char *model;
	char *bearer; /* NULL: no key */
	unsigned timeout_ms;
	int64_t retry_after_s;
};

/* ---- making one ------------------------------------------------------- */

static bool
ends_with(const char *text, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len >= end_len &&
	    memcmp(text + len - end_len, end, end_len) == 0;
}

/* What a query holds stays behind the path. */
static int
url_make(const char *url, char **ret_url, struct err_note *note)
{
	size_t len = strcspn(url, "?#");
	const char *host, *path;
	struct buf whole;
	int err;

	err = net_url_check(url, note);
	if (err < 0)
		return err;
	buf_init(&whole, NET_URL_BYTES_MAX);
	path = url + len;
	while (len > 0 && url[len - 1] == '/')
		len--;
	(void)buf_put(&whole, url, len);
	if (!ends_with(url, len, PATH)) {
		host = strstr(url, "://");
		host = host == NULL ? url : host + 3;
		if (memchr(host, '/', len - (size_t)(host - url)) == NULL)
			(void)buf_puts(&whole, "/v1");
		(void)buf_puts(&whole, PATH);
	}
	if (path[0] == '?')
		(void)buf_put(&whole, path, strcspn(path, "#"));
	*ret_url = whole.err < 0 ? NULL : buf_take(&whole);
	err = whole.err;
	buf_fini(&whole);
	if (err == ERR_TOO_BIG)
		return err_set(note, ERR_INVALID, "the address is too long");
	return err;
}

static int
bearer_make(const char *key, char **ret_bearer, struct err_note *note)
{
	size_t len = strlen(key), size, i;

	for (i = 0; i < len; i++)
		if (key[i] <= 0x20 || key[i] == 0x7f)
			return err_set(note, ERR_INVALID,
			    "the key holds a blank or a character that is "
			    "not ASCII");
	if (len > CHAT_KEY_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "the key is longer than %u bytes", CHAT_KEY_BYTES_MAX);
	size = sizeof(BEARER) + len;
	*ret_bearer = mem_alloc(size);
	if (*ret_bearer == NULL)
		return ERR_NOMEM;
	(void)snprintf(*ret_bearer, size, BEARER "%s", key);
	return 0;
}

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
	err = url_make(config->url, &client->url, note);
	if (err == 0 && config->key != NULL && config->key[0] != '\0')
		err = bearer_make(config->key, &client->bearer, note);
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

/* "api.example.com:8080", out of an address that was checked. */
static void
host_of(const char *url, char out[128])
{
	const char *host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	(void)snprintf(out, 128, "%.*s", (int)strcspn(host, "/?#"), host);
	utf8_trim(out);
}

static int
status_err(unsigned status)
{
	switch (status) {
	case 408:
	case 425:
	case 429:
		return ERR_BUSY;
	default:
		return status >= 500 ? ERR_UPSTREAM : ERR_INVALID;
	}
}

static int
refusal_explain(const struct chat_client *client,
    const struct net_answer *answer, struct err_note *note)
{
	const char *key = client->bearer == NULL ?
	    NULL :
	    client->bearer + strlen(BEARER);
	char reason[CHAT_REASON_SIZE];

	if (answer->status >= 300 && answer->status < 400)
		return err_set(note, ERR_INVALID,
		    "HTTP status %u: the service is at another address",
		    answer->status);
	chat_reason_read(buf_text(&answer->body), answer->body.len, key,
	    reason);
	return err_set(note, status_err(answer->status), "HTTP status %u%s%s",
	    answer->status, reason[0] == '\0' ? "" : ": ", reason);
}

static int
answer_judge(struct chat_client *client, const struct net_answer *answer,
    struct chat_answer *ret_answer, struct err_note *note)
{
	char host[128];
	int err;

	if (answer->status >= 200 && answer->status < 300)
		err = chat_body_read(buf_text(&answer->body),
		    answer->body.len, ret_answer, note);
	else
		err = refusal_explain(client, answer, note);
	if (err == 0 || err == ERR_NOMEM)
		return err;
	client->retry_after_s = answer->retry_after_s;
	host_of(client->url, host);
	err_wrap(note, "%s", host);
	return err;
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
	buf_init(&body, CHAT_PROMPT_BYTES_MAX);
	chat_body_write(client->model, request, &body);
	if (body.err < 0) {
		err = body.err == ERR_NOMEM ?
		    ERR_NOMEM :
		    err_set(note, ERR_TOO_BIG,
			"the question is over %llu bytes",
			CHAT_PROMPT_BYTES_MAX);
		goto out;
	}
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
