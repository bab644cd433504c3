/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listing goes from page to page by tokens that the service makes up.  One
 * that comes again would lead in a circle: a token is kept and each later one
 * is compared with it, and the one that is kept is replaced after 1, 2, 4, 8
 * ... pages (Brent), so a circle of any length is seen, with one token kept.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "source/patterns.h"
#include "source/s3_int.h"
#include "sys/sha256.h"

struct listing {
	struct s3_client *client;
	remote_entry_fn *fn;
	void *arg;
	const atomic_bool *stop;
	struct err_note *note;
	struct buf uri, name;
	char token[S3_TOKEN_BYTES_MAX + 1]; /* of the page to come */
	char kept[S3_TOKEN_BYTES_MAX + 1];
	uint64_t pages, kept_until;
};

static const char not_utf8[] = "its key is not UTF-8";
static const char has_zero[] = "its key holds a zero byte";
static const char too_long[] = "its key is longer than S3 allows";
static const char too_deep[] = "it lies too many folders deep";

static bool
is_stopped(const struct listing *listing)
{
	return listing->stop != NULL && atomic_load(listing->stop);
}

/* ---- which objects ------------------------------------------------------ */

/* Is the key the prefix itself, or below it as a folder? */
static bool
is_below(const struct s3_client *client, const struct s3_listed *listed)
{
	size_t len = strlen(client->prefix);

	/* A service that takes a prefix for advice is no reason to read what
	 * nobody asked for. */
	if (listed->key_len < len ||
	    memcmp(listed->key, client->prefix, len) != 0)
		return false;
	return !client->is_prefix_whole || len == 0 ||
	    client->prefix[len - 1] == '/' || listed->key_len == len ||
	    listed->key[len] == '/';
}

/* As walking a folder of these names would: what is inside of a folder that a
 * pattern matches goes with it.  name has no zero byte. */
static bool
is_taken(const struct s3_client *client, char *name)
{
	bool is_included = false, is_folder = true;
	enum pattern_verdict out, in;
	char *slash = name;

	while (is_folder) {
		slash = strchr(slash, '/');
		is_folder = slash != NULL;
		if (is_folder)
			*slash = '\0';
		out = patterns_match((const char *const *)client->exclude,
		    client->exclude_count, name, is_folder);
		in = patterns_match((const char *const *)client->include,
		    client->include_count, name, is_folder);
		is_included = in == PATTERN_YES ||
		    (in == PATTERN_NO && is_included);
		if (is_folder)
			*slash = '/';
		if (out == PATTERN_YES)
			return false;
		if (is_folder)
			slash += strspn(slash, "/");
	}
	return client->is_all || is_included;
}

/* ---- entries ------------------------------------------------------------ */

/* Bytes that are no UTF-8, and zeroes, are shown percent-encoded. */
static int
name_make(struct buf *out, const char *name, size_t len)
{
	size_t i, step;

	buf_clear(out);
	for (i = 0; i < len; i += step) {
		if (utf8_decode(name + i, len - i, &step) != UTF8_BAD &&
		    name[i] != '\0')
			(void)buf_put(out, name + i, step);
		else
			(void)buf_printf(out, "%%%02X",
			    (unsigned char)name[i]);
	}
	return out->err;
}

/* An address that is bounded: the key's hash stands for what is cut off, behind
 * a # that no address of a key has. */
static int
uri_make(const struct listing *listing, const struct s3_listed *listed,
    struct buf *out)
{
	char text[SHA256_TEXT_SIZE];
	uint8_t hash[SHA256_SIZE];

	buf_clear(out);
	if (listed->key_len <= S3_KEY_BYTES_MAX)
		return s3_uri(listing->client->scheme,
		    listing->client->bucket, listed->key, listed->key_len,
		    out);
	sha256_of(listed->key, listed->key_len, hash);
	sha256_format(hash, text);
	(void)s3_uri(listing->client->scheme, listing->client->bucket,
	    listed->key, S3_KEY_BYTES_MAX, out);
	return buf_printf(out, "#%s", text);
}

static size_t
slashes_in(const char *bytes, size_t len)
{
	size_t count = 0, i;

	for (i = 0; i < len; i++)
		count += bytes[i] == '/';
	return count;
}

static const char *
trouble_of(const struct s3_listed *listed, enum item_code *ret_code)
{
	*ret_code = ITEM_CODE_FETCH_FAILED;
	if (listed->key_len > S3_KEY_BYTES_MAX)
		return too_long;
	if (!utf8_is_valid(listed->key, listed->key_len))
		return not_utf8;
	if (memchr(listed->key, '\0', listed->key_len) != NULL)
		return has_zero;
	*ret_code = ITEM_CODE_EXTRACTION_LIMIT;
	if (slashes_in(listed->key, listed->key_len) > FOLDER_DEPTH_MAX)
		return too_deep;
	*ret_code = ITEM_CODE_NONE;
	return NULL;
}

/*
 * Where the name begins in the key: behind the prefix's last slash, so that no
 * name begins in the middle of a word; behind a prefix that is a folder.
 */
static size_t
name_find(const struct s3_client *client, const struct s3_listed *listed)
{
	size_t at = strlen(client->prefix);

	if (client->is_name_whole)
		return 0;
	if (client->is_prefix_whole && listed->key_len > at)
		at += at > 0 && listed->key[at] == '/';
	else
		while (at > 0 && client->prefix[at - 1] != '/')
			at--;
	/* The key of a folder's marker that holds something. */
	return at < listed->key_len ? at : 0;
}

/* What is deeper than can be is not matched: that costs too much. */
static bool
is_wanted(const struct listing *listing)
{
	char *name = listing->name.data;

	/* Patterns are anchored at a name, not at a slash. */
	name += strspn(name, "/");
	return slashes_in(name, strlen(name)) > FOLDER_DEPTH_MAX ||
	    is_taken(listing->client, name);
}

static int
entry_give(void *arg, const struct s3_listed *listed)
{
	struct listing *listing = arg;
	struct remote_entry entry = {.bytes = listed->bytes,
	    .mtime_us = listed->mtime_us,
	    .etag = listed->etag};
	size_t at, shown;

	if (is_stopped(listing))
		return err_set(listing->note, ERR_CANCELLED,
		    "the listing was stopped");
	if (!is_below(listing->client, listed) ||
	    (listed->bytes == 0 &&
		listed->key[listed->key_len - 1] == '/'))
		return 0;
	at = name_find(listing->client, listed);
	shown = listed->key_len - at < S3_KEY_BYTES_MAX ?
	    listed->key_len - at :
	    S3_KEY_BYTES_MAX;
	if (name_make(&listing->name, listed->key + at, shown) < 0 ||
	    uri_make(listing, listed, &listing->uri) < 0)
		return err_set(listing->note, ERR_NOMEM, "out of memory");
	if (!is_wanted(listing))
		return 0;
	entry.message = trouble_of(listed, &entry.code);
	entry.name = buf_text(&listing->name);
	entry.uri = buf_text(&listing->uri);
	return listing->fn(listing->arg, &entry);
}

/* ---- pages -------------------------------------------------------------- */

/* Parameters sorted by name, as they are signed. */
static int
query_make(const struct listing *listing, struct buf *out)
{
	const char *prefix = listing->client->prefix;

	buf_clear(out);
	if (listing->token[0] != '\0') {
		(void)buf_puts(out, "continuation-token=");
		(void)s3_encode(listing->token, strlen(listing->token), false,
		    out);
		(void)buf_putc(out, '&');
	}
	(void)buf_printf(out, "encoding-type=url&list-type=2&max-keys=%u",
	    S3_PAGE_OBJECTS);
	if (prefix[0] != '\0') {
		(void)buf_puts(out, "&prefix=");
		(void)s3_encode(prefix, strlen(prefix), false, out);
	}
	return out->err;
}

/* Ask for the page until it is there; the answer is the caller's. */
static int
page_fetch(struct listing *listing, struct net_answer *ret_answer,
    struct s3_page *ret_page)
{
	struct s3_patience patience = {.stop = listing->stop};
	struct s3_client *client = listing->client;
	struct s3_ask ask = {.stop = listing->stop,
	    .limits = {.connect_ms = client->connect_ms,
		.total_ms = client->total_ms,
		.stall_ms = client->stall_ms,
		.bytes_max = S3_PAGE_BYTES_MAX}};
	struct net_answer answer;
	struct buf query;
	int64_t retry_s;
	int err;

	buf_init(&query, NET_URL_BYTES_MAX);
	err = query_make(listing, &query);
	ask.query = buf_text(&query);
	while (err == 0) {
		retry_s = -1;
		err = s3_ask(client, &ask, &answer, listing->note);
		if (err == 0 && answer.status == 200) {
			err = s3_page_read(buf_text(&answer.body),
			    answer.body.len, ret_page, listing->note);
			if (err == 0) {
				*ret_answer = answer;
				break;
			}
			net_answer_fini(&answer);
		} else if (err == 0) {
			retry_s = answer.retry_after_s;
			err = s3_refusal(client, answer.status, &ask,
			    buf_text(&answer.body), answer.body.len,
			    listing->note);
			net_answer_fini(&answer);
			if (err == 0)
				continue;
		}
		err = s3_again(client, &patience, err, retry_s,
		    listing->note);
	}
	buf_fini(&query);
	return err;
}

/* Turn to the page behind this one; ERR_UPSTREAM when that leads nowhere. */
static int
page_turn(struct listing *listing, const struct s3_page *page)
{
	listing->pages++;
	if (listing->pages == S3_PAGES_MAX)
		return err_set(listing->note, ERR_TOO_BIG,
		    "the bucket \"%s\" holds more than %u pages of objects",
		    listing->client->bucket, S3_PAGES_MAX);
	if (strcmp(page->token, listing->token) == 0 ||
	    strcmp(page->token, listing->kept) == 0)
		return err_set(listing->note, ERR_UPSTREAM,
		    "the listing of bucket \"%s\" goes in circles",
		    listing->client->bucket);
	memcpy(listing->token, page->token, sizeof(listing->token));
	if (listing->pages == listing->kept_until) {
		memcpy(listing->kept, page->token, sizeof(listing->kept));
		listing->kept_until *= 2;
	}
	return 0;
}

static int
pages_walk(struct listing *listing)
{
	struct s3_page page = {.is_truncated = true};
	struct net_answer answer;
	int err = 0;

	while (err == 0 && page.is_truncated) {
		err = page_fetch(listing, &answer, &page);
		if (err < 0)
			return err;
		err = s3_page_give(buf_text(&answer.body), answer.body.len,
		    &page, entry_give, listing, listing->note);
		net_answer_fini(&answer);
		if (err == 0 && page.is_truncated)
			err = page_turn(listing, &page);
	}
	return err;
}

static void
listing_init(struct listing *listing)
{
	buf_init(&listing->uri, 3 * (S3_BUCKET_BYTES_MAX + S3_KEY_BYTES_MAX) +
		SHA256_TEXT_SIZE + 16);
	buf_init(&listing->name, 3 * S3_KEY_BYTES_MAX);
}

static void
listing_fini(struct listing *listing)
{
	buf_fini(&listing->name);
	buf_fini(&listing->uri);
}

int
s3_list(struct s3_client *client, const atomic_bool *stop,
    remote_entry_fn *fn, void *arg, struct err_note *note)
{
	struct listing listing = {.client = client,
	    .fn = fn,
	    .arg = arg,
	    .stop = stop,
	    .note = note,
	    .kept_until = 1};
	int err;

	listing_init(&listing);
	err = pages_walk(&listing);
	listing_fini(&listing);
	return err;
}

/* ---- one object ---------------------------------------------------------- */

/*
 * A key may open an object and not the listing of its bucket, so the object
 * itself is asked for: its first byte, whose answer says how many there are.
 */
struct looking {
	struct s3_ask ask;
	unsigned status;
	struct buf reason; /* the body of a refusal */
};

static int
look_take(void *arg, const struct net_answer *answer, const void *bytes,
    size_t len)
{
	struct looking *looking = arg;

	looking->status = answer->status;
	/* The head is all that is wanted; some send the whole object. */
	if (answer->status == 200)
		return ERR_CLOSED;
	return answer->status == 206 ? 0
				     : buf_put(&looking->reason, bytes, len);
}

/* "bytes 0-0/20", of an empty object "bytes" and a star for the range; what is
 * sent whole has a length. */
static uint64_t
look_bytes(const struct looking *looking)
{
	const struct s3_head *head = &looking->ask.head;
	const char *text = looking->status == 200 ? head->length
						  : strchr(head->range, '/');
	uint64_t bytes = 0;

	if (text == NULL)
		return 0;
	for (text += *text == '/'; *text >= '0' && *text <= '9'; text++)
		if (bytes < UINT64_MAX / 100)
			bytes = bytes * 10 + (uint64_t)(*text - '0');
	return bytes;
}

static int
look_once(struct listing *listing, struct looking *looking,
    int64_t *ret_retry_s)
{
	struct net_answer answer = {.retry_after_s = -1};
	int err;

	looking->status = 0;
	buf_clear(&looking->reason);
	err = s3_ask(listing->client, &looking->ask, &answer, listing->note);
	*ret_retry_s = answer.retry_after_s;
	if (err == 0)
		looking->status = answer.status;
	net_answer_fini(&answer);
	if (looking->status == 200 || looking->status == 206 ||
	    looking->status == 416)
		return 0;
	/* A refusal that is too long to be read is one all the same. */
	if (err < 0 && looking->reason.err != ERR_TOO_BIG)
		return err;
	err = s3_refusal(listing->client, looking->status, &looking->ask,
	    buf_text(&looking->reason), looking->reason.len, listing->note);
	return err == 0 ? 1 : err;
}

static int
look_patiently(struct listing *listing, struct looking *looking)
{
	struct s3_patience patience = {.stop = listing->stop};
	int64_t retry_s;
	int err;

	do {
		err = look_once(listing, looking, &retry_s);
		if (err < 0) {
			err = s3_again(listing->client, &patience, err,
			    retry_s, listing->note);
			if (err == 0)
				err = 1;
		}
	} while (err > 0);
	return err;
}

int
s3_look(struct s3_client *client, const atomic_bool *stop,
    remote_entry_fn *fn, void *arg, struct err_note *note)
{
	struct listing listing = {.client = client,
	    .fn = fn,
	    .arg = arg,
	    .stop = stop,
	    .note = note};
	struct looking looking = {.ask = {.key = client->prefix,
	    .key_len = strlen(client->prefix), .query = "",
	    .range = "bytes=0-0", .stop = stop,
	    .limits = {.connect_ms = client->connect_ms,
		.total_ms = client->total_ms,
		.stall_ms = client->stall_ms,
		.bytes_max = S3_PAGE_BYTES_MAX},
	    .fn = look_take}};
	struct s3_listed listed = {.key = client->prefix,
	    .key_len = strlen(client->prefix)};
	char etag[REMOTE_TAG_SIZE];
	int err;

	if (client->prefix[0] == '\0')
		return err_set(note, ERR_INVALID, "an object needs a key");
	looking.ask.arg = &looking;
	buf_init(&looking.reason, S3_REASON_BYTES_MAX);
	listing_init(&listing);
	err = look_patiently(&listing, &looking);
	if (err == 0) {
		s3_etag(looking.ask.head.etag, etag);
		listed.etag = etag;
		listed.bytes = look_bytes(&looking);
		listed.mtime_us = s3_time_parse(looking.ask.head.modified);
		err = entry_give(&listing, &listed);
	}
	listing_fini(&listing);
	buf_fini(&looking.reason);
	return err;
}
