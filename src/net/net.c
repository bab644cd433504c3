/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net: one easy handle, driven through a multi handle that keeps the
 * connections, because only its poll can look at `stop` while it waits.
 *
 * A client has one policy for as long as it lives: a connection that is kept
 * is used again without another look at its address, which is right only
 * when the answer would be the same.
 *
 * libcurl calls back into struct transfer; the first error found there
 * stands, whatever code libcurl makes of it.
 */
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/net.h"
#include "net/net_int.h"
#include "sys/clock.h"

#define TICK_MS 100

/* ---- clients ---------------------------------------------------------- */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static bool global_is_ready; /* written once, before anybody reads it */

static void
global_init(void)
{
	global_is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static int
hosts_copy(struct net_client *client, const struct net_policy *policy)
{
	size_t i;

	client->hosts = mem_array(policy->host_count, sizeof(char *));
	if (client->hosts == NULL)
		return ERR_NOMEM;
	for (i = 0; i < policy->host_count; i++) {
		client->hosts[i] = mem_strdup(policy->hosts[i]);
		if (client->hosts[i] == NULL)
			return ERR_NOMEM;
		client->host_count++;
	}
	return 0;
}

int
net_client_new(const struct net_policy *policy,
    struct net_client **ret_client, struct err_note *note)
{
	struct net_client *client;
	int err;

	if (policy->uses_env_proxy && !policy->allows_any)
		return err_set(note, ERR_INVALID,
		    "whom a proxy connects to cannot be restricted here");
	if (policy->host_count > NET_HOSTS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "more than %u allowed hosts", NET_HOSTS_MAX);
	(void)pthread_once(&global_once, global_init);
	client = mem_zalloc(sizeof(*client));
	if (client == NULL)
		return ERR_NOMEM;
	client->allows_any = policy->allows_any;
	client->uses_env_proxy = policy->uses_env_proxy;
	err = hosts_copy(client, policy);
	if (err < 0)
		goto out;
	if (global_is_ready) {
		client->easy = curl_easy_init();
		client->multi = curl_multi_init();
	}
	if (client->easy == NULL || client->multi == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	*ret_client = client;
	client = NULL;
out:
	net_client_free(client);
	return err;
}

void
net_client_free(struct net_client *client)
{
	size_t i;

	if (client == NULL)
		return;
	curl_easy_cleanup(client->easy);
	if (client->multi != NULL)
		(void)curl_multi_cleanup(client->multi);
	for (i = 0; i < client->host_count; i++)
		mem_free(client->hosts[i]);
	mem_free(client->hosts);
	mem_free(client);
}

void
net_answer_fini(struct net_answer *answer)
{
	buf_fini(&answer->body);
}

/* ---- running ---------------------------------------------------------- */

void
transfer_fail(struct transfer *transfer, int err, const char *words)
{
	if (transfer->err < 0)
		return;
	transfer->err = words == NULL ?
	    err :
	    err_set(transfer->note, err, "%s: %s", transfer->host.where,
		words);
}

static int
transfer_check(struct transfer *transfer)
{
	curl_off_t up = 0;
	uint64_t moved;
	int64_t now;

	if (transfer->request->stop != NULL &&
	    atomic_load(transfer->request->stop))
		return err_set(transfer->note, ERR_CANCELLED,
		    "%s: the request was broken off", transfer->host.where);
	(void)curl_easy_getinfo(transfer->client->easy, CURLINFO_SIZE_UPLOAD_T,
	    &up);
	moved = transfer->head_bytes + transfer->body_bytes + (uint64_t)up;
	now = clock_mono_us();
	if (moved != transfer->moved) {
		transfer->moved = moved;
		transfer->moved_us = now;
	} else if (now - transfer->moved_us >
	    (int64_t)transfer->limits.stall_ms * 1000) {
		return err_set(transfer->note, ERR_TIMEOUT,
		    "%s: nothing came for %u ms", transfer->host.where,
		    transfer->limits.stall_ms);
	}
	return 0;
}

static int
transfer_wait(struct transfer *transfer, CURLcode *ret_code)
{
	CURLM *multi = transfer->client->multi;
	CURLMsg *message;
	int running = 1, left, err;

	transfer->moved_us = clock_mono_us();
	for (;;) {
		err = transfer_check(transfer);
		if (err < 0)
			return err;
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return ERR_NOMEM;
		if (running == 0)
			break;
		if (curl_multi_poll(multi, NULL, 0, TICK_MS, NULL) !=
		    CURLM_OK)
			return ERR_NOMEM;
	}
	message = curl_multi_info_read(multi, &left);
	ASSERT(message != NULL && message->msg == CURLMSG_DONE);
	*ret_code = message->data.result;
	return 0;
}

static int
timeout_explain(struct transfer *transfer)
{
	curl_off_t ready_us = 0;

	(void)curl_easy_getinfo(transfer->client->easy,
	    CURLINFO_PRETRANSFER_TIME_T, &ready_us);
	return ready_us == 0 ?
	    err_set(transfer->note, ERR_TIMEOUT,
		"%s: no connection within %u ms", transfer->host.where,
		transfer->limits.connect_ms < transfer->limits.total_ms ?
		    transfer->limits.connect_ms :
		    transfer->limits.total_ms) :
	    err_set(transfer->note, ERR_TIMEOUT,
		"%s: no whole answer within %u ms", transfer->host.where,
		transfer->limits.total_ms);
}

static int
cause_explain(struct transfer *transfer, CURLcode code)
{
	static const struct {
		CURLcode code;
		int err;
		const char *text;
	} causes[] = {
#define CAUSE(name, row_err, row_text)                                        \
	{.code = CURLE_##name, .err = ERR_##row_err, .text = row_text},
#include "net/cause_tbl.h"
	};
	long errnum = 0;
	size_t i;

	(void)curl_easy_getinfo(transfer->client->easy, CURLINFO_OS_ERRNO,
	    &errnum);
	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].code != code)
			continue;
		if (code == CURLE_COULDNT_CONNECT && errnum != 0)
			return err_set(transfer->note, causes[i].err,
			    "%s: %s: %s", transfer->host.where,
			    causes[i].text, strerrordesc_np((int)errnum));
		return err_set(transfer->note, causes[i].err, "%s: %s",
		    transfer->host.where, causes[i].text);
	}
	return err_set(transfer->note, ERR_UPSTREAM,
	    "%s: the request failed (libcurl %d)", transfer->host.where,
	    (int)code);
}

static int
transfer_judge(struct transfer *transfer, CURLcode code)
{
	long status = 0;

	if (transfer->err < 0)
		return transfer->err;
	if (code != CURLE_OK && transfer->refused != NULL &&
	    !transfer->is_opened)
		return err_set(transfer->note, ERR_FORBIDDEN,
		    "%s: it is at %s, a %s address, which is not allowed",
		    transfer->host.where, transfer->refused_address,
		    transfer->refused);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return timeout_explain(transfer);
	if (code == CURLE_FILESIZE_EXCEEDED) {
		transfer_fail(transfer, ERR_TOO_BIG,
		    "its answer is over the limit");
		return transfer->err;
	}
	if (code != CURLE_OK)
		return cause_explain(transfer, code);
	(void)curl_easy_getinfo(transfer->client->easy,
	    CURLINFO_RESPONSE_CODE, &status);
	transfer->answer->status = (unsigned)status;
	return 0;
}

int
net_stream(struct net_client *client, const struct net_request *request,
    net_bytes_fn *fn, void *arg, struct net_answer *ret_answer,
    struct err_note *note)
{
	struct net_answer answer = {0};
	struct transfer transfer = {.client = client,
	    .request = request,
	    .answer = &answer,
	    .fn = fn,
	    .arg = arg,
	    .note = note};
	CURLcode code = CURLE_OK;
	int err;

	err = transfer_setup(&transfer);
	if (err < 0)
		goto out;
	if (curl_multi_add_handle(client->multi, client->easy) != CURLM_OK) {
		err = ERR_NOMEM;
		goto out;
	}
	err = transfer_wait(&transfer, &code);
	if (err == 0)
		err = transfer_judge(&transfer, code);
	(void)curl_multi_remove_handle(client->multi, client->easy);
	if (err < 0)
		goto out;
	*ret_answer = answer;
	answer = (struct net_answer){0};
out:
	/* It points into this frame. */
	curl_easy_reset(client->easy);
	curl_slist_free_all(transfer.headers);
	net_answer_fini(&answer);
	return err;
}

int
net_run(struct net_client *client, const struct net_request *request,
    struct net_answer *ret_answer, struct err_note *note)
{
	return net_stream(client, request, NULL, NULL, ret_answer, note);
}
