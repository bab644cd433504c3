/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request, one answer.  "top_n" is not sent: all are wanted, which is
 * what every service gives unasked, and its name is not the same with all.
 * What comes back is not trusted; an answer with one entry that makes no
 * sense is none, as nobody knows what the others are worth then.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/meter.h"
#include "net/net.h"
#include "net/service.h"
#include "rerank/rerank.h"

#define PATH "/rerank"

struct rerank_client {
	struct net_service service;
	struct net_meter *meter; /* NULL: nobody counts */
};

/* ---- making one ------------------------------------------------------- */

int
rerank_client_new(const struct rerank_config *config,
    struct rerank_client **ret_client, struct err_note *note)
{
	const struct net_service_config service = {.url = config->url,
	    .path = PATH, .model = config->model, .key = config->key,
	    .timeout_ms = config->timeout_ms == 0 ? RERANK_TIMEOUT_MS
						  : config->timeout_ms};
	struct rerank_client *client;
	int err;

	client = mem_zalloc(sizeof(*client));
	if (client == NULL)
		return ERR_NOMEM;
	client->meter = config->meter;
	err = net_service_open(&client->service, &service, note);
	if (err < 0)
		rerank_client_free(client);
	else
		*ret_client = client;
	return err;
}

void
rerank_client_free(struct rerank_client *client)
{
	if (client == NULL)
		return;
	net_service_close(&client->service);
	mem_free(client);
}

/* ---- the two bodies --------------------------------------------------- */

static void
body_write(const char *model, const char *query,
    const struct rerank_text *texts, size_t count, struct buf *out)
{
	struct jsonw w;
	size_t i, len;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_nstring(&w, "model", model);
	jsonw_nstring(&w, "query", query);
	jsonw_name(&w, "documents");
	jsonw_array(&w);
	for (i = 0; i < count; i++) {
		len = texts[i].len;
		if (len > RERANK_TEXT_BYTES_MAX)
			len = utf8_floor(texts[i].text, len,
			    RERANK_TEXT_BYTES_MAX);
		jsonw_stringn(&w, texts[i].text, len);
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
}

static const json_t *
list_find(const json_t *root)
{
	const json_t *list = json_object_get(root, "results");

	if (list == NULL)
		list = json_object_get(root, "data");
	return list == NULL ? root : list;
}

/* False: it makes no sense. */
static bool
entry_read(const json_t *entry, size_t count, struct rerank_score *scores)
{
	const json_t *index = json_object_get(entry, "index");
	const json_t *score = json_object_get(entry, "relevance_score");
	json_int_t at = json_integer_value(index);

	if (score == NULL)
		score = json_object_get(entry, "score");
	if (!json_is_integer(index) || at < 0 || (uint64_t)at >= count ||
	    !json_is_number(score) || !isfinite(json_number_value(score)) ||
	    scores[at].is_known)
		return false;
	scores[at].score = json_number_value(score);
	scores[at].is_known = true;
	return true;
}

int
rerank_body_read(const char *json, size_t len, size_t count,
    struct rerank_score *ret_scores, struct err_note *note)
{
	struct rerank_score scores[RERANK_DOCUMENTS_MAX];
	const json_t *list;
	json_error_t error;
	json_t *root;
	size_t i;
	int err = 0;

	memset(scores, 0, sizeof(scores));
	root = json_loadb(json, len, 0, &error);
	if (root == NULL)
		return json_error_code(&error) == json_error_out_of_memory
		    ? ERR_NOMEM
		    : err_set(note, ERR_UPSTREAM,
			"its answer is not the JSON of a ranking");
	list = list_find(root);
	if (json_array_size(list) == 0)
		err = err_set(note, ERR_UPSTREAM,
		    "there is no ranking in its answer");
	for (i = 0; err == 0 && i < json_array_size(list); i++)
		if (!entry_read(json_array_get(list, i), count, scores))
			err = err_set(note, ERR_UPSTREAM,
			    "an entry of its ranking makes no sense");
	if (err == 0)
		memcpy(ret_scores, scores, count * sizeof(*scores));
	json_decref(root);
	return err;
}

/* ---- asking ----------------------------------------------------------- */

static int
answer_judge(const struct rerank_client *client,
    const struct net_answer *answer, size_t count,
    struct rerank_score *ret_scores, struct err_note *note)
{
	int err;

	if (answer->status >= 200 && answer->status < 300)
		err = rerank_body_read(buf_text(&answer->body),
		    answer->body.len, count, ret_scores, note);
	else
		err = net_service_refusal(answer, &answer->body,
		    client->service.bearer, note);
	if (err == 0 || err == ERR_NOMEM)
		return err;
	return net_service_wrap(&client->service, err, note);
}

int
rerank_run(struct rerank_client *client, const char *query,
    const struct rerank_text *texts, size_t count, const atomic_bool *stop,
    struct rerank_score *ret_scores, struct err_note *note)
{
	struct net_service_post post;
	struct net_answer answer = {0};
	struct buf body;
	int64_t begun_us;
	int err;

	if (count == 0 || count > RERANK_DOCUMENTS_MAX)
		return err_set(note, ERR_INVALID,
		    "not 1 to %u texts are to be ranked",
		    RERANK_DOCUMENTS_MAX);
	buf_init(&body, RERANK_BODY_BYTES_MAX);
	body_write(client->service.model, query, texts, count, &body);
	if (body.err < 0) {
		err = body.err == ERR_NOMEM ? ERR_NOMEM
		    : err_set(note, ERR_TOO_BIG,
			"question and texts are over %llu bytes",
			RERANK_BODY_BYTES_MAX);
		goto out;
	}
	net_service_post(&client->service, &body, "application/json",
	    RERANK_ANSWER_BYTES_MAX, stop, &post);
	begun_us = net_meter_begin(client->meter);
	err = net_run(client->service.net, &post.request, &answer, note);
	if (err == 0)
		err = answer_judge(client, &answer, count, ret_scores, note);
	net_meter_end(client->meter, begun_us, err, 0);
out:
	net_answer_fini(&answer);
	buf_fini(&body);
	return err;
}
