/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Imports of buckets: what they find, leave alone and forget; limits, jobs
 * beside each other, and jobs that are stopped in the middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/engine_int.h"
#include "import_world.h"

static const struct source_request docs = BUCKET("docs", "");

static void
fill(struct sources_world *s, unsigned count)
{
	char key[64], text[64];
	unsigned i;

	for (i = 0; i < count; i++) {
		(void)snprintf(key, sizeof(key), "many/%04u.txt", i);
		(void)snprintf(text, sizeof(text), "word%04u", i);
		bucket_put(s, key, text);
	}
}

static void
test_bucket(void **state)
{
	struct sources_world *s = *state;
	unsigned fetches;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	bucket_put(s, "b.txt", "banana");
	bucket_put(s, "c.txt", "cherry");
	job = import_run(s, &docs);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 3);
	assert_string_equal(import_document(s, "s3://docs/b.txt").name,
	    "b.txt");
	assert_int_equal(world_found(&s->w, "banana"), 1);

	/* By its tag, without a download. */
	fetches = bucket_count(s, &s->bucket.fetches);
	job = import_run(s, &docs);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, 3);
	assert_int_equal(bucket_count(s, &s->bucket.fetches), fetches);

	/* What has vanished stays, what was changed is replaced. */
	bucket_drop(s, "a.txt");
	bucket_put(s, "b.txt", "blueberry");
	job = import_run(s, &docs);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, 2);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.unchanged, 1);
	assert_int_equal(job.removed, 0);
	assert_int_equal(world_found(&s->w, "apple"), 1);
	assert_int_equal(world_found(&s->w, "banana"), 0);
	assert_int_equal(world_found(&s->w, "blueberry"), 1);
	assert_int_equal(world_audit(&s->w).index.documents, 3);
}

static void
test_forced(void **state)
{
	const struct import_request forced = {.is_forced = true};
	struct sources_world *s = *state;
	struct import_document before, after;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	bucket_put(s, "b.txt", "banana");
	(void)import_run(s, &docs);
	before = import_document(s, "s3://docs/a.txt");
	job = import_run_with(s, &docs, &forced);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 2);
	after = import_document(s, "s3://docs/a.txt");
	assert_int_equal(after.id, before.id);
	assert_int_not_equal(after.revision_id, before.revision_id);
	assert_int_equal(world_audit(&s->w).index.documents, 2);
}

/* A prefix is a folder of that name; names are whole keys, so that the same
 * document is called the same whichever job came across it. */
static void
test_prefix(void **state)
{
	static const struct source_request folder = BUCKET("docs", "x");
	struct sources_world *s = *state;
	struct job job;

	bucket_put(s, "x/a.txt", "apple");
	bucket_put(s, "x2/b.txt", "banana");
	job = import_run(s, &folder);
	assert_int_equal(job.counts.total, 1);
	assert_string_equal(import_document(s, "s3://docs/x/a.txt").name,
	    "x/a.txt");
	assert_int_equal(import_document(s, "s3://docs/x2/b.txt").id, 0);
	job = import_run(s, &docs);
	assert_int_equal(job.counts.total, 2);
	assert_int_equal(job.unchanged, 1);
}

static void
test_documents_max(void **state)
{
	const struct import_request two = {.documents_max = 2};
	static const struct source_request both[] = {BUCKET("docs", "many"),
	    BUCKET("docs", "x")};
	struct import_request three = {.sources = both, .source_count = 2,
	    .documents_max = 3};
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct job job;
	unsigned lists;

	fill(s, 2);
	bucket_put(s, "x/a.txt", "apple");
	bucket_put(s, "x/b.txt", "banana");
	job = import_run_with(s, &docs, &two);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.code, ITEM_CODE_NONE);
	assert_int_equal(job.counts.total, 2);
	assert_int_equal(job.counts.completed, 2);
	/* Whatever becomes of them they count: the same request again finds
	 * the same ones. */
	job = import_run_with(s, &docs, &two);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.counts.total, 2);
	assert_int_equal(job.unchanged, 2);

	assert_int_equal(import_try(s, &three, &job, &note), 0);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, 3);
	assert_int_equal(job.counts.completed, 1);
	/* With nothing left to find a source is not even asked. */
	lists = bucket_count(s, &s->bucket.lists);
	three.documents_max = 1;
	assert_int_equal(import_try(s, &three, &job, &note), 0);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.counts.total, 1);
	assert_int_equal(bucket_count(s, &s->bucket.lists), lists + 1);
	(void)world_audit(&s->w);
}

static void
test_metadata(void **state)
{
	const struct import_request one = {.metadata = "{\"team\":\"a\"}"};
	const struct import_request two = {.metadata = "{\"team\":\"b\"}"};
	const struct import_request bad = {.sources = &docs,
	    .source_count = 1, .metadata = "[]"};
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct job job;

	bucket_put(s, "a.txt", "apple");
	(void)import_run_with(s, &docs, &one);
	assert_string_equal(import_document(s, "s3://docs/a.txt").metadata,
	    "{\"team\":\"a\"}");
	/* None is given: what is there stays; another one: it is taken, though
	 * nothing is indexed anew. */
	job = import_run(s, &docs);
	assert_int_equal(job.unchanged, 1);
	assert_string_equal(import_document(s, "s3://docs/a.txt").metadata,
	    "{\"team\":\"a\"}");
	job = import_run_with(s, &docs, &two);
	assert_int_equal(job.unchanged, 1);
	assert_string_equal(import_document(s, "s3://docs/a.txt").metadata,
	    "{\"team\":\"b\"}");
	assert_int_equal(import_try(s, &bad, &job, &note), ERR_INVALID);
	(void)world_audit(&s->w);
}

/* What a user has made of the document stays with it. */
static void
test_metadata_alone(void **state)
{
	const struct import_request one = {.metadata = "{\"n\":1}"};
	struct sources_world *s = *state;
	struct document_edit edit = {.name = "my name", .sets_enabled = true};
	struct err_note note = {""};
	struct import_document found;

	bucket_put(s, "a.txt", "apple");
	(void)import_run(s, &docs);
	found = import_document(s, "s3://docs/a.txt");
	edit.document = uuid_of_row(&s->w.base, (uint64_t)found.id);
	assert_int_equal(engine_documents_edit(s->w.engine, s->w.account_id,
			     &edit, 1, "me", &note), 0);
	assert_int_equal(world_found(&s->w, "apple"), 0);
	(void)import_run_with(s, &docs, &one);
	found = import_document(s, "s3://docs/a.txt");
	assert_string_equal(found.metadata, "{\"n\":1}");
	assert_string_equal(found.name, "my name");
	assert_int_equal(world_found(&s->w, "apple"), 0);
}

static void
test_object(void **state)
{
	static const struct source_request object = OBJECT("docs", "x/a.txt");
	static const struct source_request gone = OBJECT("docs", "x");
	struct sources_world *s = *state;
	unsigned fetches;
	struct job job;

	bucket_put(s, "x/a.txt", "apple");
	bucket_put(s, "x/a.txt.old", "banana");
	job = import_run(s, &object);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, 1);
	assert_string_equal(import_document(s, "s3://docs/x/a.txt").name,
	    "x/a.txt");
	/* A key need not be allowed to list. */
	assert_int_equal(bucket_count(s, &s->bucket.lists), 0);

	/* One look, no download. */
	fetches = bucket_count(s, &s->bucket.fetches);
	job = import_run(s, &object);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(bucket_count(s, &s->bucket.fetches), fetches + 1);
	/* The bucket's listing tells the same of it. */
	job = import_run(s, &docs);
	assert_int_equal(job.unchanged, 1);
	assert_int_equal(job.counts.completed, 1);

	job = import_run(s, &gone);
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_NOT_FOUND);
	assert_int_equal(job.counts.total, 0);
	assert_non_null(strstr(job.message, "docs"));
}

static void
test_bad_sources(void **state)
{
	static const struct source_request closed = BUCKET("closed", "");
	static const struct source_request gone = BUCKET("gone", "");
	static const struct source_request absent = {.kind = SOURCE_ABSENT,
	    .config = "{\"message\": \"nothing here reads that cloud\"}"};
	struct source_request private = docs;
	struct sources_world *s = *state;
	char config[128];
	struct job job;

	job = import_run(s, &closed);
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(job.scan, SCAN_FAILED);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_non_null(strstr(job.message, "closed"));
	assert_false(import_source(s, &job).has_secret);
	job = import_run(s, &gone);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_NOT_FOUND);
	job = import_run(s, &absent);
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(job.code, ITEM_CODE_UNSUPPORTED_SOURCE);
	assert_string_equal(job.message, "nothing here reads that cloud");

	(void)snprintf(config, sizeof(config), "{\"bucket\": \"docs\", "
	    "\"provider\": \"other\", \"endpoint\": "
	    "\"http://127.0.0.2:%u\"}", s->peer.port);
	private.config = config;
	job = import_run(s, &private);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_int_equal(world_audit(&s->w).jobs, 4);
}

/* Of several sources one fails alone. */
static void
test_some_bad(void **state)
{
	static const struct source_request sources[] = {
	    BUCKET("closed", ""), BUCKET("docs", "")};
	const struct import_request import = {.sources = sources,
	    .source_count = 2};
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct job job;

	bucket_put(s, "a.txt", "apple");
	assert_int_equal(import_try(s, &import, &job, &note), 0);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_int_equal(job.counts.completed, 1);
}

/* No list of the base's sources has them, and nobody can change them. */
static void
test_own_sources(void **state)
{
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct uuid running;
	uint64_t count;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	(void)import_run(s, &docs);
	assert_int_equal(store_sources_count(s->w.reader, import_base_id(s),
			     &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(sources_start_job(s, NULL, 0, &job, &running, &note),
	    ERR_INVALID);
	/* Beside a source of the base over the same bucket: documents of its
	 * own, and what has vanished goes from there alone. */
	(void)sources_bucket(s, "docs", "");
	job = sources_run(s);
	assert_int_equal(job.counts.total, 1);
	bucket_drop(s, "a.txt");
	job = sources_run(s);
	assert_int_equal(job.removed, 1);
	assert_int_equal(world_found(&s->w, "apple"), 1);
	(void)world_audit(&s->w);
}

/* Keys are sealed while the job runs, and gone with its end. */
static void
test_secrets(void **state)
{
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct import_source source;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	s->bucket.hangs_lists = true;
	job = import_begin(s, &docs);
	peer_wait_hanging(&s->peer, 1);
	source = import_source(s, &job);
	assert_true(source.has_secret);
	assert_false(source.is_plain);
	assert_int_equal(engine_job_order(s->w.engine, s->w.account_id,
			     &job.uuid, JOB_ORDER_CANCEL, "", &job, &note), 0);
	assert_int_equal(job.state, JOB_CANCELLED);
	source = import_source(s, &job);
	assert_true(source.is_forgotten);
	assert_false(source.has_secret);
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.hangs_lists = false;
	(void)pthread_mutex_unlock(&s->bucket.lock);
	peer_release(&s->peer);
	job = import_run(s, &docs);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_true(import_source(s, &job).is_forgotten);
	(void)world_audit(&s->w);
}

static void
test_retry(void **state)
{
	struct sources_world *s = *state;
	struct err_note note = {""};
	struct job job, again;

	bucket_put(s, "a.txt", "apple");
	bucket_put(s, "bad.txt", "banana");
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.get_refusal = "403 Forbidden";
	(void)pthread_mutex_unlock(&s->bucket.lock);
	job = import_run(s, &docs);
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.counts.failed, 1);
	assert_int_equal(engine_job_retry(s->w.engine, s->w.account_id,
			     &job.uuid, false, DIALECT_NATIVE, &again, &note),
	    ERR_INVALID);
	assert_string_equal(note.text,
	    "the keys were forgotten with the job's end; index it again");
	(void)pthread_mutex_lock(&s->bucket.lock);
	s->bucket.get_refusal = NULL;
	(void)pthread_mutex_unlock(&s->bucket.lock);
	job = import_run(s, &docs);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.unchanged, 1);
}

/* ---- side by side -------------------------------------------------------- */

#define MANY 300
#define JOBS 3
#define SCAN_WORTH 400u /* more than a page of what is found */

static void
check_all_live(struct sources_world *s)
{
	struct import_document found;
	char uri[64];
	unsigned i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(uri, sizeof(uri), "s3://docs/many/%04u.txt",
		    i);
		found = import_document(s, uri);
		if (found.revision_id == 0)
			fail_msg("%s is not indexed", uri);
	}
	assert_int_equal(world_audit(&s->w).index.documents, MANY);
}

static void
test_at_once(void **state)
{
	struct sources_world *s = *state;
	struct job jobs[JOBS];
	uint64_t completed = 0, unchanged = 0;
	unsigned i;

	fill(s, MANY);
	for (i = 0; i < JOBS; i++)
		jobs[i] = import_begin(s, &docs);
	for (i = 0; i < JOBS; i++) {
		jobs[i] = sources_until(s, &jobs[i].uuid, NULL);
		assert_true(jobs[i].state == JOB_COMPLETED ||
		    jobs[i].state == JOB_NO_CHANGES);
		assert_int_equal(jobs[i].counts.total, MANY);
		completed += jobs[i].counts.completed;
		unchanged += jobs[i].unchanged;
	}
	/* Each once. */
	assert_int_equal(completed, MANY);
	assert_int_equal(unchanged, (JOBS - 1) * MANY);
	check_all_live(s);
	assert_int_equal(import_run(s, &docs).unchanged, MANY);
}

/* Objects that change while two jobs read them end as what they are. */
static void
test_at_once_changed(void **state)
{
	struct sources_world *s = *state;
	char key[64], text[64];
	struct job one, two;
	unsigned i;

	fill(s, MANY);
	one = import_begin(s, &docs);
	for (i = 0; i < MANY; i += 3) {
		(void)snprintf(key, sizeof(key), "many/%04u.txt", i);
		(void)snprintf(text, sizeof(text), "other%04u", i);
		bucket_put(s, key, text);
	}
	two = import_begin(s, &docs);
	(void)sources_until(s, &one.uuid, NULL);
	(void)sources_until(s, &two.uuid, NULL);
	check_all_live(s);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(text, sizeof(text), "%s%04u",
		    i % 3 == 0 ? "other" : "word", i);
		assert_int_equal(world_found(&s->w, text), 1);
	}
	assert_int_equal(import_run(s, &docs).unchanged, MANY);
}

static void
test_beside_sources(void **state)
{
	struct sources_world *s = *state;
	struct job import, job;

	fill(s, MANY);
	(void)sources_bucket(s, "docs", "");
	import = import_begin(s, &docs);
	job = sources_begin(s);
	import = sources_until(s, &import.uuid, NULL);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(import.counts.total, MANY);
	assert_int_equal(job.counts.total, MANY);
	/* Of each content one of the two is a duplicate. */
	assert_int_equal(import.counts.completed + job.counts.completed,
	    MANY);
	assert_int_equal(import.counts.failed + job.counts.failed, 0);
	(void)world_audit(&s->w);
}

static bool
has_some(const struct job *job)
{
	return job->counts.completed > 0;
}

static bool
is_begun(const struct job *job)
{
	return job->counts.total > 0;
}

/* Stopped in the middle of the listing, and again in that of the documents:
 * each is indexed, and each once. */
static void
test_restart(void **state)
{
	struct sources_world *s = *state;
	struct job job;

	fill(s, 2 * SCAN_WORTH);
	job = import_begin(s, &docs);
	(void)sources_until(s, &job.uuid, is_begun);
	world_stop(&s->w);
	sources_start(s);
	(void)sources_until(s, &job.uuid, has_some);
	world_stop(&s->w);
	sources_start(s);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, 2 * SCAN_WORTH);
	assert_int_equal(job.counts.completed, 2 * SCAN_WORTH);
	assert_true(import_source(s, &job).is_forgotten);
	assert_int_equal(world_audit(&s->w).index.documents, 2 * SCAN_WORTH);
}

/* ---- what nobody refers to ----------------------------------------------- */

static bool
source_is_there(struct sources_world *s, int64_t id)
{
	struct import_source found = {.id = id};

	return store_source_get(s->w.reader, id, import_source_take, &found) ==
	    0;
}

static void
test_collected(void **state)
{
	struct sources_world *s = *state;
	int64_t until_us = clock_mono_us() + SOURCES_WAIT_US;
	struct import_source first, second;
	struct job one, two;

	bucket_put(s, "a.txt", "apple");
	one = import_run(s, &docs);
	two = import_run(s, &docs);
	first = import_source(s, &one);
	second = import_source(s, &two);
	/* The document is of the second one now; at a start it is looked. */
	world_stop(&s->w);
	sources_start(s);
	while (source_is_there(s, first.id) && clock_mono_us() < until_us)
		world_rest(&s->w);
	assert_false(source_is_there(s, first.id));
	assert_true(source_is_there(s, second.id));
	assert_int_equal(world_found(&s->w, "apple"), 1);
	(void)world_audit(&s->w);
}

/* ---- requests ------------------------------------------------------------ */

static void
refuse(struct sources_world *s, enum source_kind kind, const char *config,
    const char *words)
{
	const struct source_request source = {.kind = kind,
	    .config = config};
	const struct import_request import = {.sources = &source,
	    .source_count = 1};
	struct err_note note = {""};
	struct job job;

	assert_int_equal(import_try(s, &import, &job, &note), ERR_INVALID);
	if (strstr(note.text, words) == NULL)
		fail_msg("%s: \"%s\"", config, note.text);
}

static void
test_refusals(void **state)
{
	struct sources_world *s = *state;
	const struct import_request none = {.source_count = 0};
	struct err_note note = {""};
	struct uuid source;
	struct job job;

	assert_int_equal(import_try(s, &none, &job, &note), ERR_INVALID);
	refuse(s, SOURCE_S3, "{}", "bucket");
	refuse(s, SOURCE_S3, "{\"bucket\": \"b\", \"is_object\": true}",
	    "prefix");
	refuse(s, SOURCE_S3, "{\"bucket\": \"b\", \"is_object\": 1}",
	    "is_object");
	refuse(s, SOURCE_S3, "{\"bucket\": \"b\", \"provider\": \"r2\"}",
	    "account");
	refuse(s, SOURCE_S3, "{\"bucket\": \"b\", \"account\": \"a\"}", "r2");
	refuse(s, SOURCE_S3, "{\"bucket\": \"b\", \"provider\": \"r2\", "
	    "\"account\": \"a.evil.example/\"}", "account");
	refuse(s, SOURCE_S3, "{\"bucket\": \"b\", \"provider\": \"r2\", "
	    "\"account\": \"a\", \"jurisdiction\": \"e/u\"}", "jurisdiction");
	refuse(s, SOURCE_LINKS, "{\"urls\": []}", "urls");
	refuse(s, SOURCE_LINKS, "{\"urls\": [\"http://a.example\", 7]}",
	    "urls[1]");
	refuse(s, SOURCE_LINKS, "{\"urls\": [\"ftp://a.example\"]}", "http");
	refuse(s, SOURCE_LINKS, "{\"urls\": [\"http://u:p@a.example\"]}",
	    "user");
	refuse(s, SOURCE_ABSENT, "{}", "message");
	/* A base cannot be fed from these. */
	assert_int_equal(sources_try(s, SOURCE_LINKS,
			     "{\"urls\": [\"http://a.example\"]}", NULL,
			     &source, &note), ERR_INVALID);
	assert_int_equal(sources_try(s, SOURCE_S3, "{\"bucket\": \"docs\", "
			     "\"provider\": \"r2\", \"account\": \"a\"}",
			     NULL, &source, &note), ERR_INVALID);
	assert_int_equal(world_audit(&s->w).jobs, 0);
}

static void
test_r2(void **state)
{
	static const struct source_request r2 = {.kind = SOURCE_S3,
	    .config = "{\"bucket\": \"docs\", \"provider\": \"r2\", "
		      "\"account\": \"0123abc\", \"jurisdiction\": \"eu\", "
		      "\"region\": \"here\"}",
	    .secret = SOURCES_SECRET};
	struct sources_world *s = *state;
	struct job job;

	bucket_put(s, "a.txt", "apple");
	job = import_run(s, &r2);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_string_equal(import_document(s, "r2://docs/a.txt").name,
	    "a.txt");
	assert_int_equal(import_document(s, "s3://docs/a.txt").id, 0);
	job = import_run(s, &r2);
	assert_int_equal(job.unchanged, 1);
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, sources_up, sources_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_bucket),
	    TEST(test_forced),
	    TEST(test_prefix),
	    TEST(test_documents_max),
	    TEST(test_metadata),
	    TEST(test_metadata_alone),
	    TEST(test_object),
	    TEST(test_bad_sources),
	    TEST(test_some_bad),
	    TEST(test_own_sources),
	    TEST(test_secrets),
	    TEST(test_retry),
	    TEST(test_at_once),
	    TEST(test_at_once_changed),
	    TEST(test_beside_sources),
	    TEST(test_restart),
	    TEST(test_collected),
	    TEST(test_refusals),
	    TEST(test_r2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
