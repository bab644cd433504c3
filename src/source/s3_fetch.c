/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object into one file.  What is written stays written: after a broken
 * transfer the rest is asked for, under the condition that the object is still
 * the same one.  Without an ETag nobody could say whether it is, so then it is
 * read from its start again.
 *
 * The ETag is not compared with a hash of what came, although it is one for
 * most objects: for those that were put in parts, or are encrypted by the
 * service, it is something else, and nothing in an answer tells which.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/s3_int.h"
#include "sys/fs.h"

#define UNKNOWN UINT64_MAX

struct fetching {
	struct s3_client *client;
	const struct s3_fetch *fetch;
	struct err_note *note;
	struct s3_ask ask;
	uint64_t max;
	uint64_t have;	/* bytes that are written */
	uint64_t best;	/* have, when it last had got on */
	uint64_t total; /* of the object, or UNKNOWN */
	char etag[REMOTE_TAG_SIZE]; /* of what must come; "": anything */
	char if_match[REMOTE_TAG_SIZE + 2], range[48];
	unsigned status;   /* of this answer, when something came of it */
	struct buf reason; /* the body of a refusal */
	bool is_judged;	   /* this answer's head was looked at */
	int err;	   /* of ours, not of the transfer */
};

static int
restart(struct fetching *fetching)
{
	if (ftruncate(fetching->fetch->fd, 0) < 0 ||
	    lseek(fetching->fetch->fd, 0, SEEK_SET) < 0)
		return err_set(fetching->note, ERR_IO,
		    "a temporary file cannot be written to");
	fetching->have = 0;
	return 0;
}

/* ---- heads --------------------------------------------------------------- */

static bool
number_read(const char **at, uint64_t *ret_number)
{
	uint64_t number = 0;
	int digits = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++, digits++) {
		if (digits == 18)
			return false;
		number = number * 10 + (uint64_t)(**at - '0');
	}
	*ret_number = number;
	return digits > 0;
}

/* "bytes 10-19/20": does it go on behind what we have? */
static bool
range_goes_on(const char *at, uint64_t have, uint64_t *ret_total)
{
	uint64_t first, last, total;

	if (strncmp(at, "bytes ", 6) != 0)
		return false;
	at += 6;
	if (!number_read(&at, &first) || *at++ != '-' ||
	    !number_read(&at, &last) || *at++ != '/' ||
	    !number_read(&at, &total) || *at != '\0')
		return false;
	*ret_total = total;
	return first == have && last >= first && last < total;
}

static int
etag_judge(struct fetching *fetching)
{
	char etag[REMOTE_TAG_SIZE];

	s3_etag(fetching->ask.head.etag, etag);
	if (etag[0] == '\0')
		return 0;
	if (fetching->etag[0] == '\0')
		memcpy(fetching->etag, etag, sizeof(etag));
	else if (strcmp(fetching->etag, etag) != 0)
		return err_set(fetching->note, ERR_CONFLICT,
		    "it was changed while it was read");
	return 0;
}

/* Look at the head of an answer with the object, or some of it. */
static int
head_judge(struct fetching *fetching, unsigned status)
{
	const struct s3_head *head = &fetching->ask.head;
	const char *at = head->length;
	uint64_t length;
	int err;

	err = etag_judge(fetching);
	if (err < 0)
		return err;
	if (status == 206) {
		if (fetching->ask.range == NULL ||
		    !range_goes_on(head->range, fetching->have,
			&fetching->total))
			return err_set(fetching->note, ERR_UPSTREAM,
			    "the S3 service sends another part than it was "
			    "asked for");
	} else {
		/* Also when a part was asked for: some cannot. */
		err = restart(fetching);
		if (err < 0)
			return err;
		fetching->total = UNKNOWN;
		if (number_read(&at, &length) && *at == '\0')
			fetching->total = length;
	}
	if (fetching->total != UNKNOWN && fetching->total > fetching->max)
		return err_set(fetching->note, ERR_TOO_BIG,
		    "it is larger than %llu bytes",
		    (unsigned long long)fetching->max);
	return 0;
}

/* ---- bodies -------------------------------------------------------------- */

static bool
is_object(unsigned status)
{
	return status == 200 || status == 206;
}

static int
bytes_take(void *arg, const struct net_answer *answer, const void *bytes,
    size_t len)
{
	struct fetching *fetching = arg;

	fetching->status = answer->status;
	if (!is_object(answer->status))
		return buf_put(&fetching->reason, bytes, len);
	if (!fetching->is_judged) {
		fetching->is_judged = true;
		fetching->err = head_judge(fetching, answer->status);
		if (fetching->err < 0)
			return fetching->err;
	}
	if (len > fetching->max - fetching->have) {
		fetching->err = err_set(fetching->note, ERR_TOO_BIG,
		    "it is larger than %llu bytes",
		    (unsigned long long)fetching->max);
		return fetching->err;
	}
	fetching->err = fs_write(fetching->fetch->fd, bytes, len);
	if (fetching->err < 0)
		return err_set(fetching->note, fetching->err,
		    "a temporary file cannot be written to: %s",
		    err_text(fetching->err));
	fetching->have += len;
	return 0;
}

/* ---- one answer ---------------------------------------------------------- */

static void
ask_prepare(struct fetching *fetching)
{
	struct s3_ask *ask = &fetching->ask;

	ask->if_match = ask->range = NULL;
	fetching->is_judged = false;
	buf_clear(&fetching->reason);
	if (fetching->etag[0] != '\0') {
		(void)snprintf(fetching->if_match,
		    sizeof(fetching->if_match), "\"%s\"", fetching->etag);
		ask->if_match = fetching->if_match;
	}
	/* Without an ETag the head of the whole object starts it afresh. */
	if (fetching->etag[0] != '\0' && fetching->have > 0) {
		(void)snprintf(fetching->range, sizeof(fetching->range),
		    "bytes=%llu-", (unsigned long long)fetching->have);
		ask->range = fetching->range;
	}
}

/* The answer has come to its end: is it all that there is? */
static int
object_check(struct fetching *fetching, const struct net_answer *answer)
{
	int err;

	/* One without a byte. */
	if (!fetching->is_judged) {
		err = head_judge(fetching, answer->status);
		if (err < 0)
			return err;
	}
	if (fetching->total != UNKNOWN && fetching->have != fetching->total)
		return err_set(fetching->note, ERR_CLOSED,
		    "%llu bytes came of %llu",
		    (unsigned long long)fetching->have,
		    (unsigned long long)fetching->total);
	return 0;
}

/* Ask once.  0: it is all there, *ret_type says of what type; 1: ask again at
 * once. */
static int
try_once(struct fetching *fetching, char ret_type[NET_TYPE_SIZE],
    int64_t *ret_retry_s)
{
	struct net_answer answer = {.retry_after_s = -1};
	int err;

	ask_prepare(fetching);
	err = s3_ask(fetching->client, &fetching->ask, &answer,
	    fetching->note);
	*ret_retry_s = answer.retry_after_s;
	/* A refusal that is too long to be read is one all the same. */
	if (err < 0 && fetching->reason.err != ERR_TOO_BIG)
		return err;
	if (err == 0)
		fetching->status = answer.status;
	if (is_object(fetching->status)) {
		err = object_check(fetching, &answer);
		if (err == 0)
			memcpy(ret_type, answer.content_type, NET_TYPE_SIZE);
	} else if (fetching->status == 416 && fetching->have > 0) {
		/* What is there is not what we have a part of. */
		err = restart(fetching);
		if (err == 0)
			err = err_set(fetching->note, ERR_CLOSED,
			    "the S3 service has no more than a part of it");
	} else {
		err = s3_refusal(fetching->client, fetching->status,
		    &fetching->ask, buf_text(&fetching->reason),
		    fetching->reason.len, fetching->note);
		if (err == 0)
			err = 1;
	}
	net_answer_fini(&answer);
	return err;
}

static int
fetch_all(struct fetching *fetching, struct s3_object *ret_object)
{
	struct s3_patience patience = {.stop = fetching->fetch->stop};
	struct s3_object object = {0};
	unsigned resumes = 0;
	int64_t retry_s;
	int err;

	for (;;) {
		err = try_once(fetching, object.content_type, &retry_s);
		if (err == 0)
			break;
		if (err > 0)
			continue;
		if (fetching->err < 0 || ++resumes > S3_RESUMES_MAX)
			return err;
		if (fetching->have >= fetching->best + S3_PROGRESS_BYTES) {
			fetching->best = fetching->have;
			patience.tries = 0;
		}
		err = s3_again(fetching->client, &patience, err, retry_s,
		    fetching->note);
		if (err < 0)
			return err;
	}
	object.bytes = fetching->have;
	object.mtime_us = s3_time_parse(fetching->ask.head.modified);
	memcpy(object.etag, fetching->etag, sizeof(object.etag));
	*ret_object = object;
	return 0;
}

/* ---- a fetch ------------------------------------------------------------- */

/* The key in the address, which must be of the client's bucket. */
static int
key_read(const struct s3_client *client, const char *uri, struct buf *key,
    struct err_note *note)
{
	struct buf bucket;
	int err;

	buf_init(&bucket, S3_BUCKET_BYTES_MAX);
	err = s3_uri_parse(client->scheme, uri, &bucket, key);
	if (err == ERR_NOMEM)
		(void)err_set(note, err, "out of memory");
	else if (err < 0)
		err = err_set(note, ERR_SYNTAX,
		    "this is no address of an object: %s://BUCKET/KEY",
		    client->scheme);
	else if (strcmp(buf_text(&bucket), client->bucket) != 0)
		err = err_set(note, ERR_INVALID,
		    "the object is not of the bucket \"%s\"",
		    client->bucket);
	buf_fini(&bucket);
	return err;
}

static struct net_limits
limits_of(const struct s3_client *client, uint64_t max)
{
	return (struct net_limits){
	    .connect_ms = client->connect_ms,
	    .total_ms = client->total_ms != 0 ?
		client->total_ms :
		(unsigned)(NET_TOTAL_MS +
		    max * 1000 / S3_SLOWEST_BYTES_PER_SECOND),
	    .stall_ms = client->stall_ms,
	    /* bytes_take() knows better what is too much. */
	    .bytes_max = INT64_MAX,
	};
}

int
s3_fetch(struct s3_client *client, const struct s3_fetch *fetch,
    struct s3_object *ret_object, struct err_note *note)
{
	struct fetching fetching = {.client = client,
	    .fetch = fetch,
	    .note = note,
	    .total = UNKNOWN,
	    .max = fetch->bytes_max == 0 || fetch->bytes_max > FILE_BYTES_MAX ?
		FILE_BYTES_MAX :
		fetch->bytes_max};
	struct buf key;
	int err;

	buf_init(&key, S3_KEY_BYTES_MAX);
	buf_init(&fetching.reason, S3_REASON_BYTES_MAX);
	err = key_read(client, fetch->uri, &key, note);
	if (err < 0)
		goto out;
	if (fetch->etag != NULL)
		s3_etag(fetch->etag, fetching.etag);
	fetching.ask = (struct s3_ask){.key = buf_text(&key),
	    .key_len = key.len,
	    .query = "",
	    .stop = fetch->stop,
	    .limits = limits_of(client, fetching.max),
	    .fn = bytes_take,
	    .arg = &fetching};
	err = fetch_all(&fetching, ret_object);
out:
	buf_fini(&fetching.reason);
	buf_fini(&key);
	return err;
}
