/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources_world: an engine at work whose base is fed from sources: objects
 * that were uploaded, and buckets of a service on loopback.  Included after
 * cmocka.h.
 */
#ifndef TESTS_UNIT_SOURCES_WORLD_H
#define TESTS_UNIT_SOURCES_WORLD_H

#include <signal.h>

#include "engine/sources.h"
#include "http_peer.h"
#include "pipeline_world.h"
#include "sys/clock.h"

#define BUCKET_OBJECTS_MAX 2000
/* No test waits that long unless it fails. */
#define SOURCES_WAIT_US 600000000LL
#define BUCKET_PAGE 100u /* of a listing */
#define SOURCES_SECRET "{\"key_id\": \"KEYID\", \"secret_key\": \"SECRET\"}"

struct bucket_object {
	char key[64];
	char text[160];
	unsigned version; /* its tag; 0: it is not there */
};

/* What the service has, and how it behaves; lock guards all of it. */
struct bucket {
	pthread_mutex_t lock;
	struct bucket_object objects[BUCKET_OBJECTS_MAX];
	size_t count;
	const char *list_refusal; /* the status of listings; NULL: they work */
	unsigned list_busy; /* so many listings are refused with a 503 */
	const char *get_refusal; /* of objects whose key has "bad" in it */
	bool hangs_lists, hangs_gets; /* until peer_release() */
	unsigned lists, fetches; /* that came */
};

struct sources_world {
	struct pipeline w; /* first */
	struct peer peer;
	struct bucket bucket;
	char endpoint[64];
};

/* ---- the service --------------------------------------------------------- */

static inline void
bucket_put(struct sources_world *s, const char *key, const char *text)
{
	struct bucket *bucket = &s->bucket;
	struct bucket_object *object;
	size_t i;

	(void)pthread_mutex_lock(&bucket->lock);
	for (i = 0; i < bucket->count; i++)
		if (strcmp(bucket->objects[i].key, key) == 0)
			break;
	assert_true(i < BUCKET_OBJECTS_MAX);
	object = &bucket->objects[i];
	bucket->count += i == bucket->count;
	(void)snprintf(object->key, sizeof(object->key), "%s", key);
	(void)snprintf(object->text, sizeof(object->text), "%s", text);
	object->version++;
	(void)pthread_mutex_unlock(&bucket->lock);
}

static inline void
bucket_drop(struct sources_world *s, const char *key)
{
	struct bucket *bucket = &s->bucket;
	size_t i;

	(void)pthread_mutex_lock(&bucket->lock);
	for (i = 0; i < bucket->count; i++)
		if (strcmp(bucket->objects[i].key, key) == 0)
			break;
	assert_true(i < bucket->count);
	/* In the order of their keys. */
	bucket->count--;
	memmove(&bucket->objects[i], &bucket->objects[i + 1],
	    (bucket->count - i) * sizeof(bucket->objects[0]));
	(void)pthread_mutex_unlock(&bucket->lock);
}

/* The page that begins with the object numbered by the token. */
static inline void
bucket_page(const struct bucket *bucket, const char *path, struct buf *out)
{
	const char *token = strstr(path, "continuation-token=");
	const char *prefix = strstr(path, "prefix=");
	size_t i = token == NULL ? 0 : strtoul(token + 19, NULL, 10), n = 0;
	size_t len = prefix == NULL ? 0 : strcspn(prefix + 7, "&");
	const struct bucket_object *object;

	(void)buf_puts(out, "<ListBucketResult><EncodingType>url"
	    "</EncodingType>");
	for (; i < bucket->count && n < BUCKET_PAGE; i++) {
		object = &bucket->objects[i];
		if (len > 0 && strncmp(object->key, prefix + 7, len) != 0)
			continue;
		n++;
		(void)buf_printf(out, "<Contents><Key>%s</Key><LastModified>"
		    "2024-01-02T03:04:05.000Z</LastModified><ETag>&quot;%u"
		    "&quot;</ETag><Size>%zu</Size></Contents>", object->key,
		    object->version, strlen(object->text));
	}
	if (i < bucket->count)
		(void)buf_printf(out, "<IsTruncated>true</IsTruncated>"
		    "<NextContinuationToken>%zu</NextContinuationToken>", i);
	else
		(void)buf_puts(out, "<IsTruncated>false</IsTruncated>");
	(void)buf_puts(out, "</ListBucketResult>");
}

/* In one piece: two would wait for each other. */
static inline bool
bucket_answer(int fd, const char *headers, const char *body)
{
	struct buf answer;

	buf_init(&answer, 4 * MIB);
	(void)buf_printf(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
	    "%s\r\n%s", strlen(body), headers, body);
	peer_say(fd, buf_text(&answer));
	buf_fini(&answer);
	return true;
}

static inline bool
bucket_list(struct sources_world *s, int fd, const char *path)
{
	struct bucket *bucket = &s->bucket;
	const char *refusal = NULL;
	struct buf page;
	bool hangs;

	(void)pthread_mutex_lock(&bucket->lock);
	bucket->lists++;
	hangs = bucket->hangs_lists;
	(void)pthread_mutex_unlock(&bucket->lock);
	if (hangs)
		peer_hang(&s->peer);
	buf_init(&page, 4 * MIB);
	(void)pthread_mutex_lock(&bucket->lock);
	if (strncmp(path, "/gone", 5) == 0)
		refusal = "404 Not Found";
	else if (strncmp(path, "/closed", 7) == 0)
		refusal = "403 Forbidden";
	else if (bucket->list_busy > 0)
		refusal = "503 Slow Down";
	else
		refusal = bucket->list_refusal;
	bucket->list_busy -= bucket->list_busy > 0;
	bucket_page(bucket, path, &page);
	(void)pthread_mutex_unlock(&bucket->lock);
	if (refusal != NULL)
		(void)peer_answer(fd, refusal, "", "");
	else
		(void)bucket_answer(fd, "", buf_text(&page));
	buf_fini(&page);
	return true;
}

static inline bool
bucket_get(struct sources_world *s, int fd, const char *path,
    const char *request)
{
	struct bucket *bucket = &s->bucket;
	struct bucket_object object = {.version = 0};
	const char *key = strchr(path + 1, '/');
	char headers[160], match[64];
	const char *refusal;
	bool hangs;
	size_t i;

	(void)pthread_mutex_lock(&bucket->lock);
	bucket->fetches++;
	hangs = bucket->hangs_gets;
	(void)pthread_mutex_unlock(&bucket->lock);
	if (hangs)
		peer_hang(&s->peer);
	(void)pthread_mutex_lock(&bucket->lock);
	for (i = 0; key != NULL && i < bucket->count; i++)
		if (strcmp(bucket->objects[i].key, key + 1) == 0)
			object = bucket->objects[i];
	refusal = bucket->get_refusal;
	(void)pthread_mutex_unlock(&bucket->lock);
	if (object.version == 0)
		return peer_answer(fd, "404 Not Found", "", "");
	if (refusal != NULL && strstr(object.key, "bad") != NULL)
		return peer_answer(fd, refusal, "", "");
	(void)snprintf(match, sizeof(match), "If-Match: \"%u\"",
	    object.version);
	if (strcasestr(request, "If-Match:") != NULL &&
	    strcasestr(request, match) == NULL)
		return peer_answer(fd, "412 Precondition Failed", "", "");
	(void)snprintf(headers, sizeof(headers), "ETag: \"%u\"\r\n"
	    "Last-Modified: Tue, 02 Jan 2024 03:04:05 GMT\r\n",
	    object.version);
	return bucket_answer(fd, headers, object.text);
}

static inline bool
bucket_behave(struct peer *peer, int fd, const char *path,
    const char *request)
{
	struct sources_world *s = peer->arg;

	return strstr(path, "list-type=2") != NULL
	    ? bucket_list(s, fd, path)
	    : bucket_get(s, fd, path, request);
}

/* ---- the engine ---------------------------------------------------------- */

static inline void
sources_start(struct sources_world *s)
{
	static const char *const hosts[] = {"127.0.0.1"};
	struct pipeline *w = &s->w;
	char endpoint[96];
	const char *endpoints[] = {endpoint};
	struct engine_config config = {.data_dir = w->data,
	    .extractor = w->extractor, .workers = 2,
	    .file_bytes_max = 64 * MIB, .api_key = WORLD_KEY,
	    .commit_ms = 1, .on_commit = world_committed,
	    .on_commit_arg = w, .s3_endpoints = endpoints,
	    .s3_endpoint_count = 1, .net_allow = hosts,
	    .net_allow_count = 1};
	struct err_note note = {""};
	int err;

	(void)snprintf(endpoint, sizeof(endpoint), "here=%s", s->endpoint);
	err = engine_open(&config, &w->engine, &note);
	if (err == 0)
		err = engine_start(w->engine, &note);
	if (err < 0)
		fail_msg("no engine: %s", note.text);
	world_login(w);
}

static inline void
sources_world_init(struct sources_world *s)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)pthread_mutex_init(&s->bucket.lock, NULL);
	peer_open(&s->peer, bucket_behave, s);
	(void)snprintf(s->endpoint, sizeof(s->endpoint),
	    "http://127.0.0.1:%u", s->peer.port);
	world_init(&s->w);
	sources_start(s);
	world_base(&s->w);
}

static inline void
sources_world_fini(struct sources_world *s)
{
	world_fini(&s->w);
	peer_close(&s->peer);
	(void)pthread_mutex_destroy(&s->bucket.lock);
}

static inline int
sources_up(void **state)
{
	struct sources_world *s = mem_zalloc(sizeof(*s));

	assert_non_null(s);
	sources_world_init(s);
	*state = s;
	return 0;
}

static inline int
sources_down(void **state)
{
	sources_world_fini(*state);
	mem_free(*state);
	return 0;
}

/* A file uploaded ahead, under key. */
static inline void
sources_object(struct sources_world *s, const char *name, const char *text,
    char key[OBJECT_KEY_BYTES_MAX])
{
	char query[OBJECT_URL_QUERY_SIZE];
	struct engine *engine = s->w.engine;
	struct upload *upload;
	struct err_note note = {""};

	if (key[0] == '\0')
		assert_int_equal(engine_object_sign(engine, s->w.account_id,
				     name, 4000000000, key, query, &note),
		    0);
	assert_int_equal(engine_upload_open(engine, JOB_KIND_UPLOAD, name,
			     NULL, &upload, &note), 0);
	assert_int_equal(engine_upload_write(upload, text, strlen(text)), 0);
	assert_int_equal(engine_upload_finish(upload, &note), 0);
	assert_int_equal(engine_object_put(engine, s->w.account_id, key,
			     upload, &note), 0);
	engine_upload_free(upload);
}

/* 0, or what the engine says. */
static inline int
sources_try(struct sources_world *s, enum source_kind kind,
    const char *config, const char *secret, struct uuid *ret_source,
    struct err_note *note)
{
	struct source_request request = {.kind = kind, .config = config,
	    .secret = secret};

	return engine_source_add(s->w.engine, s->w.account_id, &s->w.base,
	    &request, ret_source, note);
}

static inline struct uuid
sources_add(struct sources_world *s, enum source_kind kind,
    const char *config, const char *secret)
{
	struct err_note note = {""};
	struct uuid source;

	if (sources_try(s, kind, config, secret, &source, &note) < 0)
		fail_msg("no source: %s", note.text);
	return source;
}

static inline struct uuid
sources_upload(struct sources_world *s, const char *name, const char *text)
{
	char key[OBJECT_KEY_BYTES_MAX] = "", config[OBJECT_KEY_BYTES_MAX + 64];

	sources_object(s, name, text, key);
	(void)snprintf(config, sizeof(config), "{\"key\": \"%s\"}", key);
	return sources_add(s, SOURCE_UPLOAD, config, NULL);
}

static inline struct uuid
sources_bucket(struct sources_world *s, const char *bucket,
    const char *prefix)
{
	char config[256];

	(void)snprintf(config, sizeof(config), "{\"bucket\": \"%s\", "
	    "\"prefix\": \"%s\", \"region\": \"here\"}", bucket, prefix);
	return sources_add(s, SOURCE_S3, config, SOURCES_SECRET);
}

static inline int
sources_start_job(struct sources_world *s, const struct uuid *sources,
    size_t count, struct job *ret_job, struct uuid *ret_running,
    struct err_note *note)
{
	struct job_request request = {.account_id = s->w.account_id,
	    .base = s->w.base, .dialect = DIALECT_NATIVE};

	return engine_job_sources(s->w.engine, &request, sources, count,
	    ret_job, ret_running, note);
}

static inline struct job
sources_begin(struct sources_world *s)
{
	struct err_note note = {""};
	struct uuid running;
	struct job job;

	if (sources_start_job(s, NULL, 0, &job, &running, &note) < 0)
		fail_msg("no job: %s", note.text);
	return job;
}

/* Together the shares are the job, whenever one looks. */
static inline int
sources_sum(void *arg, const struct share *share)
{
	share_check(share);
	share_sum(arg, share);
	return 0;
}

static inline void
sources_check(struct sources_world *s, const struct uuid *uuid)
{
	struct store *reader = s->w.reader;
	struct share sum = {0};
	struct job job;

	/* In one snapshot. */
	assert_int_equal(store_begin(reader, NULL), 0);
	assert_int_equal(store_job_find(reader, s->w.account_id, uuid, &job),
	    0);
	assert_int_equal(store_shares_each(reader, job.id, sources_sum, &sum),
	    0);
	store_end(reader);
	assert_memory_equal(&sum.counts, &job.counts, sizeof(sum.counts));
	assert_int_equal(sum.removed, job.removed);
	assert_int_equal(sum.unchanged, job.unchanged);
	assert_int_equal(sum.empty, job.empty);
	assert_int_equal(sum.bytes_total, job.bytes_total);
	assert_int_equal(sum.bytes_completed, job.bytes_completed);
	assert_int_equal(sum.characters, job.characters);
}

/* As world_until(), with the shares looked at all the time. */
static inline struct job
sources_until(struct sources_world *s, const struct uuid *uuid,
    bool (*holds)(const struct job *job))
{
	int64_t until_us = clock_mono_us() + SOURCES_WAIT_US;
	struct job job;

	do {
		sources_check(s, uuid);
		job = world_job(&s->w, uuid);
		if (holds != NULL ? holds(&job)
				  : job_state_is_final(job.state))
			return job;
		world_rest(&s->w);
	} while (clock_mono_us() < until_us);
	fail_msg("a job stays %s: %d of %d", job_state_name(job.state),
	    (int)job.counts.completed, (int)job.counts.total);
	return job;
}

/* From its beginning to its end. */
static inline struct job
sources_run(struct sources_world *s)
{
	struct job job = sources_begin(s);

	return sources_until(s, &job.uuid, NULL);
}

struct sources_find {
	const struct uuid *source;
	struct share share;
	bool is_found;
};

static inline int
sources_find_row(void *arg, const struct share *share)
{
	struct sources_find *find = arg;

	if (!uuid_is_equal(&share->source_uuid, find->source))
		return 0;
	find->share = *share;
	find->is_found = true;
	return 1;
}

static inline struct share
sources_share(struct sources_world *s, const struct job *job,
    const struct uuid *source)
{
	struct sources_find find = {.source = source};

	assert_int_equal(store_shares_each(s->w.reader, job->id,
			     sources_find_row, &find), 1);
	return find.share;
}

static inline unsigned
bucket_count(struct sources_world *s, const unsigned *counter)
{
	unsigned count;

	(void)pthread_mutex_lock(&s->bucket.lock);
	count = *counter;
	(void)pthread_mutex_unlock(&s->bucket.lock);
	return count;
}

#endif
