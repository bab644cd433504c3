/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request: signed, sent, and what its refusal means.
 *
 * No answer leads us to another host but the provider's own for another
 * region: a Location or an <Endpoint> is not followed, since a signature must
 * not travel to wherever an answer points.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/s3_int.h"
#include "source/s3_sign.h"
#include "sys/clock.h"
#include "sys/rng.h"

#define HEADERS_MAX 8
#define PIECE 8u /* of a key, that is not shown */

/* ---- asking ------------------------------------------------------------- */

struct sending {
	char time[S3_TIME_SIZE];
	struct buf url, authorization;
	size_t path_at; /* in url */
	struct net_header headers[HEADERS_MAX];
	size_t count;
};

static void
header_add(struct sending *sending, const char *name, const char *value)
{
	sending->headers[sending->count++] =
	    (struct net_header){.name = name, .value = value};
}

static int
url_make(const struct s3_client *client, const struct s3_ask *ask,
    struct buf *url, size_t *ret_path_at)
{
	(void)buf_puts(url, buf_text(&client->origin));
	*ret_path_at = url->len;
	(void)buf_puts(url, buf_text(&client->path));
	(void)buf_putc(url, '/');
	if (ask->key != NULL)
		(void)s3_encode(ask->key, ask->key_len, true, url);
	return url->err;
}

/* Add what is signed, in the order of the names, and the signature. */
static int
sign(const struct s3_client *client, const struct s3_ask *ask,
    struct sending *sending)
{
	struct s3_signed request = {
	    .method = "GET",
	    .path = buf_text(&sending->url) + sending->path_at,
	    .query = ask->query,
	    .headers = sending->headers,
	    .body_sha256 = S3_EMPTY_SHA256,
	    .key_id = client->key_id,
	    .secret = client->secret,
	    .region = client->region,
	    .time = sending->time,
	};
	int err;

	s3_time(clock_wall_us() / 1000000, sending->time);
	header_add(sending, "host", client->host);
	header_add(sending, "x-amz-content-sha256", S3_EMPTY_SHA256);
	header_add(sending, "x-amz-date", sending->time);
	if (client->session_token[0] != '\0')
		header_add(sending, "x-amz-security-token",
		    client->session_token);
	request.header_count = sending->count;
	err = s3_sign(&request, &sending->authorization);
	header_add(sending, "Authorization",
	    buf_text(&sending->authorization));
	return err;
}

static int
send_once(struct s3_client *client, struct s3_ask *ask,
    const struct sending *sending, struct net_answer *ret_answer,
    struct err_note *note)
{
	struct s3_head *head = &ask->head;
	const struct net_wanted wanted[] = {
	    {.name = "ETag", .value = head->etag, .size = S3_HEADER_SIZE},
	    {.name = "Content-Length",
		.value = head->length,
		.size = S3_HEADER_SIZE},
	    {.name = "Content-Range",
		.value = head->range,
		.size = S3_HEADER_SIZE},
	    {.name = "Last-Modified",
		.value = head->modified,
		.size = S3_HEADER_SIZE},
	    {.name = "x-amz-bucket-region",
		.value = head->region,
		.size = S3_HEADER_SIZE},
	};
	struct net_request request = {
	    .url = buf_text(&sending->url),
	    .headers = sending->headers,
	    .header_count = sending->count,
	    .wanted = wanted,
	    .wanted_count = sizeof(wanted) / sizeof(wanted[0]),
	    .is_path_literal = true,
	    .limits = ask->limits,
	    .stop = ask->stop,
	};

	if (ask->fn == NULL)
		return net_run(client->net, &request, ret_answer, note);
	return net_stream(client->net, &request, ask->fn, ask->arg,
	    ret_answer, note);
}

int
s3_ask(struct s3_client *client, struct s3_ask *ask,
    struct net_answer *ret_answer, struct err_note *note)
{
	struct sending sending = {.count = 0};
	int err;

	memset(&ask->head, 0, sizeof(ask->head));
	buf_init(&sending.url, NET_URL_BYTES_MAX);
	buf_init(&sending.authorization, NET_HEADER_BYTES_MAX);
	err = url_make(client, ask, &sending.url, &sending.path_at);
	if (err == 0 && client->key_id[0] != '\0')
		err = sign(client, ask, &sending);
	if (err == 0 && ask->query[0] != '\0')
		err = buf_printf(&sending.url, "?%s", ask->query);
	if (err == ERR_TOO_BIG)
		err = err_set(note, ERR_INVALID,
		    "the request is longer than HTTP allows for");
	else if (err < 0)
		(void)err_set(note, err, "out of memory");
	if (err < 0)
		goto out;
	if (ask->if_match != NULL)
		header_add(&sending, "If-Match", ask->if_match);
	if (ask->range != NULL)
		header_add(&sending, "Range", ask->range);
	err = send_once(client, ask, &sending, ret_answer, note);
out:
	buf_fini(&sending.authorization);
	buf_fini(&sending.url);
	return err;
}

/* ---- refusals ----------------------------------------------------------- */

static int
reason_error(const char *code, unsigned status)
{
	static const struct {
		const char *code;
		int err;
	} faults[] = {
#define FAULT(row_code, row_err) {.code = row_code, .err = ERR_##row_err},
#include "source/s3_fault_tbl.h"
	};
	static const struct {
		unsigned first, last;
		int err;
	} statuses[] = {
#define STATUS(row_first, row_last, row_err)                                  \
	{.first = row_first, .last = row_last, .err = ERR_##row_err},
#include "source/s3_fault_tbl.h"
	};
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strcmp(code, faults[i].code) == 0)
			return faults[i].err;
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (status >= statuses[i].first && status <= statuses[i].last)
			return statuses[i].err;
	return ERR_UPSTREAM;
}

/* Does what the other side says hold a piece of what we sent it? */
static bool
tells(const char *message, const char *secret)
{
	size_t len = strlen(message), secret_len = strlen(secret), i;

	for (i = 0; i + PIECE <= len; i++)
		if (memmem(secret, secret_len, message + i, PIECE) != NULL)
			return true;
	return false;
}

/* Where is the bucket?  "" when that is not said, or is where we are. */
static const char *
region_told(const struct s3_client *client, unsigned status,
    const struct s3_head *head, const struct s3_reason *reason)
{
	const char *region = reason->region;

	if (status != 400 && (status < 300 || status > 399))
		return "";
	if (s3_region_is_valid(head->region))
		region = head->region;
	return strcmp(region, client->region) == 0 ? "" : region;
}

int
s3_refusal(struct s3_client *client, unsigned status,
    const struct s3_ask *ask, const char *body, size_t len,
    struct err_note *note)
{
	struct s3_reason reason;
	const char *region;
	int err;

	s3_reason_read(body, len, &reason);
	region = region_told(client, status, &ask->head, &reason);
	if (region[0] != '\0' && !client->is_moved &&
	    (client->endpoint[0] == '\0' || !client->is_region_given)) {
		client->is_moved = true;
		return s3_place(client, region, note);
	}
	if (region[0] != '\0')
		return err_set(note, ERR_INVALID,
		    "bucket \"%s\" is in the region \"%s\", not in \"%s\"",
		    client->bucket, region, client->region);
	if (tells(reason.message, client->key_id) ||
	    tells(reason.message, client->secret) ||
	    tells(reason.message, client->session_token))
		reason.message[0] = '\0';
	err = reason_error(reason.code, status);
	if (err == ERR_CONFLICT && ask->if_match != NULL)
		return err_set(note, err, "it was changed while it was read");
	/* We made no condition that could have failed. */
	if (err == ERR_CONFLICT)
		err = ERR_INVALID;
	if (reason.code[0] == '\0')
		return err_set(note, err,
		    "bucket \"%s\": the S3 service answers with HTTP %u",
		    client->bucket, status);
	return err_set(note, err, "bucket \"%s\": %s%s%s (HTTP %u)",
	    client->bucket, reason.code, reason.message[0] == '\0' ? "" : ": ",
	    reason.message, status);
}

/* ---- again -------------------------------------------------------------- */

static bool
is_worth_a_try(int err)
{
	return err == ERR_BUSY || err == ERR_TIMEOUT || err == ERR_UPSTREAM ||
	    err == ERR_CLOSED;
}

/* Between a half and the whole of what the tries so far have earned: so those
 * who were refused together do not come back together. */
static int64_t
backoff_us(unsigned tries)
{
	uint64_t ms = S3_BACKOFF_MS_MAX;
	uint32_t random;

	rng_bytes(&random, sizeof(random));
	if (tries < 16 && (S3_BACKOFF_MS << (tries - 1)) < S3_BACKOFF_MS_MAX)
		ms = S3_BACKOFF_MS << (tries - 1);
	return (int64_t)(ms * 500 + random % (ms * 500 + 1));
}

int
s3_again(struct s3_client *client, struct s3_patience *patience, int err,
    int64_t retry_after_s, struct err_note *note)
{
	int64_t us, told_us = retry_after_s * 1000000;
	int stopped;

	if (!is_worth_a_try(err))
		return err;
	patience->tries++;
	if (patience->tries >= S3_TRIES_MAX ||
	    retry_after_s > (int64_t)S3_RETRY_AFTER_SECONDS_MAX)
		return err;
	us = backoff_us(patience->tries);
	stopped = client->wait(client->wait_arg, us > told_us ? us : told_us,
	    patience->stop);
	if (stopped < 0)
		return err_set(note, stopped, "the wait was broken off");
	return 0;
}
