/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that are undone: what they made goes, what they replaced comes back,
 * what others changed since stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline_world.h"

#include "engine/engine_int.h"
#include "engine/undo.h"
#include "make_zip.h"
#include "store/store_undo.h"
#include "sys/clock.h"

#define HOUR_US 3600000000LL
#define MANY 600 /* more than are undone in one transaction */

static int
up_hours(void **state, unsigned hours)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));

	assert_non_null(w);
	world_init(w);
	w->undo_hours = hours;
	world_start(w);
	world_base(w);
	*state = w;
	return 0;
}

static int
up(void **state)
{
	return up_hours(state, 24);
}

static int
up_none(void **state)
{
	return up_hours(state, 0);
}

/* Without threads. */
static int
up_still(void **state)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));
	struct err_note note;

	assert_non_null(w);
	world_init(w);
	w->undo_hours = 24;
	assert_int_equal(world_open(w, &note), 0);
	world_login(w);
	world_base(w);
	*state = w;
	return 0;
}

static int
down(void **state)
{
	world_fini(*state);
	mem_free(*state);
	return 0;
}

/* ---- jobs ---------------------------------------------------------------- */

static struct upload *
upload_of(struct pipeline *w, const char *name, const char *metadata,
    const void *bytes, size_t len)
{
	struct upload *upload = NULL;
	struct err_note note;

	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_UPLOAD, name,
			     metadata, &upload, &note), 0);
	assert_int_equal(engine_upload_write(upload, bytes, len), 0);
	assert_int_equal(engine_upload_finish(upload, &note), 0);
	return upload;
}

static struct job
put_upload(struct pipeline *w, struct upload *upload, bool keeps)
{
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE,
	    .keeps_replaced = keeps};
	struct err_note note = {""};
	struct job job;

	assert_int_equal(engine_job_uploads(w->engine, &request,
			     JOB_KIND_UPLOAD, &upload, 1, &job, &note), 0);
	engine_upload_free(upload);
	return world_until(w, &job.uuid, NULL);
}

static struct job
put_text(struct pipeline *w, const char *name, const char *metadata,
    const char *text)
{
	return put_upload(w, upload_of(w, name, metadata, text, strlen(text)),
	    true);
}

/* An archive of up to three texts "name", "text"; ended by NULL. */
static struct job
put_archive(struct pipeline *w, const char *const *parts)
{
	struct made_zip zip;
	struct buf file;
	struct job job;

	zip_begin(&zip);
	for (; *parts != NULL; parts += 2)
		zip_text(&zip, parts[0], parts[1]);
	file = zip_end(&zip);
	job = put_upload(w, upload_of(w, "a.zip", NULL, file.data, file.len),
	    true);
	buf_fini(&file);
	assert_int_equal(job.state, JOB_COMPLETED);
	return job;
}

/* ---- what became of them ------------------------------------------------- */

struct told {
	char text[1024];
	unsigned counts[UNDONE_COUNT];
};

static int
told_take(void *arg, enum undone_kind kind, const char *uri, const char *name)
{
	static const char *const words[] = {"-", "<", "!"};
	struct told *told = arg;
	size_t len = strlen(told->text);

	assert_non_null(uri);
	told->counts[kind]++;
	if (len + strlen(name) + 4 < sizeof(told->text))
		(void)snprintf(told->text + len, sizeof(told->text) - len,
		    "%s%s ", words[kind], name);
	return 0;
}

static struct told
told_of(struct pipeline *w, const struct job *job)
{
	struct told told = {.text = ""};

	assert_int_equal(engine_job_undone(w->reader, job->id, told_take,
			     &told), 0);
	return told;
}

static void
expect_undo(struct pipeline *w, const struct job *job, const char *wanted)
{
	struct err_note note = {""};
	struct job undone;
	struct told told;

	if (engine_job_undo(w->engine, w->account_id, &job->uuid, &undone,
		&note) < 0)
		fail_msg("not undone: %s", note.text);
	assert_true(undone.undone_us > job->finished_us);
	told = told_of(w, job);
	assert_string_equal(told.text, wanted);
	assert_true(world_job(w, &job->uuid).undone_us == undone.undone_us);
	(void)world_audit(w);
}

static void
expect_refused(struct pipeline *w, const struct uuid *uuid, int wanted,
    const char *words)
{
	struct err_note note = {""};
	struct job job;

	assert_int_equal(engine_job_undo(w->engine, w->account_id, uuid, &job,
			     &note), wanted);
	assert_string_equal(note.text, words);
}

struct seen {
	struct uuid uuid;
	char name[128], metadata[128];
	bool is_there;
};

struct look {
	const char *name;
	struct seen seen;
};

static int
look_take(void *arg, const struct document *document)
{
	struct look *look = arg;
	struct seen *seen = &look->seen;

	if (strcmp(document->name, look->name) != 0)
		return 0;
	seen->is_there = true;
	seen->uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	(void)snprintf(seen->metadata, sizeof(seen->metadata), "%s",
	    document->own_metadata);
	return 0;
}

static int
base_id_take(void *arg, const struct base *base)
{
	*(int64_t *)arg = base->id;
	return 0;
}

static struct seen
document_named(struct pipeline *w, const char *name)
{
	struct document_filter filter = {.limit = 2 * MANY};
	struct look look = {.name = name};

	assert_int_equal(store_base_find(w->reader, w->account_id, &w->base,
			     NULL, base_id_take, &filter.base_id), 0);
	assert_int_equal(store_documents_each(w->reader, &filter, look_take,
			     &look), 0);
	return look.seen;
}

static void
expect_uuid(struct pipeline *w, const char *name, const struct uuid *wanted)
{
	struct seen seen = document_named(w, name);

	assert_true(seen.is_there && uuid_is_equal(&seen.uuid, wanted));
}

static void
rename_by_hand(struct pipeline *w, const char *name, const char *to)
{
	struct seen seen = document_named(w, name);
	struct document_edit edit = {.document = seen.uuid, .name = to};
	struct err_note note;

	assert_true(seen.is_there);
	assert_int_equal(engine_documents_edit(w->engine, w->account_id,
			     &edit, 1, "me", &note), 0);
}

/* ---- tests --------------------------------------------------------------- */

static void
test_made(void **state)
{
	struct pipeline *w = *state;
	struct job job = put_text(w, "a.txt", NULL, "the apple text");

	assert_true(job.keeps_replaced);
	assert_int_equal(world_found(w, "apple"), 1);
	expect_undo(w, &job, "-a.txt ");
	assert_int_equal(world_found(w, "apple"), 0);
	assert_false(document_named(w, "a.txt").is_there);
	expect_undo(w, &job, "-a.txt ");
	assert_int_equal(world_audit(w).index.documents, 0);
}

static void
test_replaced(void **state)
{
	struct pipeline *w = *state;
	struct job first, second, third;
	struct uuid uuid;

	first = put_text(w, "a.txt", "{\"k\":\"old\"}", "the apple text");
	uuid = document_named(w, "a.txt").uuid;
	second = put_text(w, "a.txt", "{\"k\":\"new\"}", "the banana text");
	assert_string_equal(document_named(w, "a.txt").metadata,
	    "{\"k\":\"new\"}");
	assert_int_equal(world_found(w, "apple"), 0);
	expect_undo(w, &second, "<a.txt ");
	assert_int_equal(world_found(w, "apple"), 1);
	assert_int_equal(world_found(w, "banana"), 0);
	assert_string_equal(document_named(w, "a.txt").metadata,
	    "{\"k\":\"old\"}");
	expect_uuid(w, "a.txt", &uuid);

	/* What came back is known for what it is. */
	third = put_text(w, "a.txt", NULL, "the apple text");
	assert_int_equal(third.unchanged, 1);
	expect_undo(w, &third, "");
	expect_undo(w, &first, "-a.txt ");
	assert_int_equal(world_audit(w).index.documents, 0);
}

/* Unchanged content with other metadata. */
static void
test_metadata(void **state)
{
	struct pipeline *w = *state;
	struct job job;

	(void)put_text(w, "a.txt", "{\"k\":\"old\"}", "the apple text");
	job = put_text(w, "a.txt", "{\"k\":\"new\"}", "the apple text");
	assert_int_equal(job.unchanged, 1);
	expect_undo(w, &job, "<a.txt ");
	assert_string_equal(document_named(w, "a.txt").metadata,
	    "{\"k\":\"old\"}");
	assert_int_equal(world_found(w, "apple"), 1);
}

static void
test_left_alone(void **state)
{
	struct pipeline *w = *state;
	struct job first, second, third;

	first = put_text(w, "a.txt", NULL, "the apple text");
	second = put_text(w, "a.txt", NULL, "the banana text");
	third = put_text(w, "b.txt", NULL, "the cherry text");
	rename_by_hand(w, "b.txt", "mine.txt");
	expect_undo(w, &first, "!a.txt ");
	expect_undo(w, &third, "!b.txt ");
	assert_int_equal(world_found(w, "banana"), 1);
	assert_int_equal(world_found(w, "cherry"), 1);
	assert_true(document_named(w, "mine.txt").is_there);
	/* The first one's revision is what the second one replaced. */
	expect_undo(w, &second, "<a.txt ");
	assert_int_equal(world_found(w, "apple"), 1);
}

/* A chain is undone from its end. */
static void
test_chain(void **state)
{
	struct pipeline *w = *state;
	struct job jobs[4];
	static const char *const words[] = {"apple", "banana", "cherry",
	    "damson"};
	char text[64];
	int i;

	for (i = 0; i < 4; i++) {
		(void)snprintf(text, sizeof(text), "the %s text", words[i]);
		jobs[i] = put_text(w, "a.txt", NULL, text);
	}
	for (i = 3; i >= 0; i--) {
		assert_int_equal(world_found(w, words[i]), 1);
		expect_undo(w, &jobs[i], i == 0 ? "-a.txt " : "<a.txt ");
		assert_int_equal(world_found(w, words[i]), 0);
	}
	assert_false(document_named(w, "a.txt").is_there);
}

static const char *const archive_old[] = {"one.txt", "the apple member",
    "two.txt", "the banana member", NULL};
static const char *const archive_new[] = {"one.txt", "the cherry member",
    "three.txt", "the damson member", NULL};

/* Members go, change and come with what they are in, and so they come back. */
static void
test_members(void **state)
{
	struct pipeline *w = *state;
	struct job first, second;
	struct uuid two;

	first = put_archive(w, archive_old);
	two = document_named(w, "a.zip/two.txt").uuid;
	second = put_archive(w, archive_new);
	assert_int_equal(world_found(w, "banana"), 0);
	assert_false(document_named(w, "a.zip/two.txt").is_there);
	expect_undo(w, &second,
	    "<a.zip <a.zip/one.txt <a.zip/two.txt -a.zip/three.txt ");
	assert_int_equal(world_found(w, "apple"), 1);
	assert_int_equal(world_found(w, "banana"), 1);
	assert_int_equal(world_found(w, "cherry"), 0);
	assert_int_equal(world_found(w, "damson"), 0);
	expect_uuid(w, "a.zip/two.txt", &two);
	assert_int_equal(put_archive(w, archive_new).counts.completed, 3);
	expect_undo(w, &first, "!a.zip !a.zip/one.txt !a.zip/two.txt ");
	assert_int_equal(world_found(w, "damson"), 1);
}

static void
test_members_made(void **state)
{
	struct pipeline *w = *state;
	struct job job = put_archive(w, archive_old);

	expect_undo(w, &job, "-a.zip -a.zip/one.txt -a.zip/two.txt ");
	assert_int_equal(world_audit(w).index.documents, 0);
	assert_int_equal(world_found(w, "apple"), 0);
}

/* Of a tree that a hand has touched nothing goes. */
static void
test_members_by_hand(void **state)
{
	struct pipeline *w = *state;
	struct job job = put_archive(w, archive_old);

	rename_by_hand(w, "a.zip/one.txt", "mine.txt");
	expect_undo(w, &job, "!a.zip !a.zip/one.txt !a.zip/two.txt ");
	assert_int_equal(world_found(w, "banana"), 1);
	assert_int_equal(world_found(w, "apple"), 1);
}

static struct job
put_many(struct pipeline *w, const char *word)
{
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE,
	    .keeps_replaced = true};
	static struct upload *uploads[MANY];
	struct err_note note = {""};
	char name[32], text[64];
	struct job job;
	int i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%d.txt", i);
		(void)snprintf(text, sizeof(text), "the %s text %d", word, i);
		uploads[i] = upload_of(w, name, NULL, text, strlen(text));
	}
	assert_int_equal(engine_job_uploads(w->engine, &request,
			     JOB_KIND_UPLOAD, uploads, MANY, &job, &note), 0);
	for (i = 0; i < MANY; i++)
		engine_upload_free(uploads[i]);
	return world_until(w, &job.uuid, NULL);
}

static void
test_many(void **state)
{
	struct pipeline *w = *state;
	struct job first, second, undone;
	struct err_note note = {""};

	first = put_many(w, "apple");
	second = put_many(w, "banana");
	assert_int_equal(second.counts.completed, MANY);
	assert_int_equal(engine_job_undo(w->engine, w->account_id,
			     &second.uuid, &undone, &note), 0);
	assert_int_equal(told_of(w, &second).counts[UNDONE_RESTORED], MANY);
	assert_int_equal(world_found(w, "apple"), 100); /* the limit */
	assert_int_equal(world_found(w, "banana"), 0);
	assert_int_equal(engine_job_undo(w->engine, w->account_id,
			     &first.uuid, &undone, &note), 0);
	assert_int_equal(told_of(w, &first).counts[UNDONE_REMOVED], MANY);
	assert_int_equal(world_audit(w).index.documents, 0);
}

/* An archive that was emptied and then deleted: its members stay away. */
static void
test_members_without_root(void **state)
{
	static const char *const less[] = {"one.txt", "the cherry member",
	    NULL};
	struct pipeline *w = *state;
	struct err_note note = {""};
	struct seen seen;
	struct job job;

	(void)put_archive(w, archive_old);
	job = put_archive(w, less);
	seen = document_named(w, "a.zip");
	assert_true(seen.is_there);
	assert_int_equal(engine_document_delete(w->engine, w->account_id,
			     &seen.uuid, &note), 0);
	expect_undo(w, &job, "!a.zip/two.txt ");
	assert_int_equal(world_found(w, "banana"), 0);
	assert_int_equal(world_audit(w).index.documents, 0);
}

#define BORDER 255 /* where one more is the last of a transaction */

static int
changed_take(void *arg, const struct document *document)
{
	int64_t *times = arg;

	if (strncmp(document->name, "a.zip", 5) != 0)
		return 0;
	times[0]++;
	if (times[1] != 0 && times[1] != document->updated_us)
		times[2]++;
	times[1] = document->updated_us;
	return 0;
}

/* A tree that does not fit behind others begins the next transaction. */
static void
test_tree_at_border(void **state)
{
	static const char *const words[] = {"apple", "banana"};
	struct pipeline *w = *state;
	struct document_filter filter = {.limit = 2 * MANY};
	struct upload *uploads[BORDER + 1];
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE,
	    .keeps_replaced = true};
	struct err_note note = {""};
	int64_t times[3] = {0};
	struct made_zip zip;
	struct buf file;
	char name[32], text[64];
	struct job job;
	int i, j;

	for (i = 0; i < 2; i++) {
		for (j = 0; j < BORDER; j++) {
			(void)snprintf(name, sizeof(name), "%d.txt", j);
			(void)snprintf(text, sizeof(text), "%s %d", words[i],
			    j);
			uploads[j] = upload_of(w, name, NULL, text,
			    strlen(text));
		}
		zip_begin(&zip);
		(void)snprintf(text, sizeof(text), "one %s", words[i]);
		zip_text(&zip, "one.txt", text);
		(void)snprintf(text, sizeof(text), "two %s", words[i]);
		zip_text(&zip, "two.txt", text);
		file = zip_end(&zip);
		uploads[BORDER] = upload_of(w, "a.zip", NULL, file.data,
		    file.len);
		buf_fini(&file);
		assert_int_equal(engine_job_uploads(w->engine, &request,
				     JOB_KIND_UPLOAD, uploads, BORDER + 1,
				     &job, &note), 0);
		for (j = 0; j <= BORDER; j++)
			engine_upload_free(uploads[j]);
		job = world_until(w, &job.uuid, NULL);
		assert_int_equal(job.counts.total, BORDER + 3);
	}
	assert_int_equal(engine_job_undo(w->engine, w->account_id, &job.uuid,
			     &job, &note), 0);
	assert_int_equal(told_of(w, &job).counts[UNDONE_RESTORED],
	    BORDER + 3);
	assert_int_equal(store_base_find(w->reader, w->account_id, &w->base,
			     NULL, base_id_take, &filter.base_id), 0);
	assert_int_equal(store_documents_each(w->reader, &filter,
			     changed_take, times), 0);
	assert_int_equal(times[0], 3);
	assert_int_equal(times[2], 0);
	(void)world_audit(w);
}

/* The server died when the job was marked, and some of it perhaps done: the
 * next start does the rest. */
static void
test_resumed(void **state)
{
	struct pipeline *w = *state;
	struct job job = put_many(w, "apple");
	struct err_note note;
	struct store *store;
	bool is_left = true;
	int i;

	world_stop(w);
	assert_int_equal(store_open(w->data, STORE_WRITER, &store, &note), 0);
	assert_int_equal(store_begin(store, &note), 0);
	job.undone_us = clock_wall_us();
	assert_int_equal(store_job_save(store, &job), 0);
	assert_int_equal(store_commit(store, &note), 0);
	store_close(store);
	world_start(w);
	for (i = 0; i < WORLD_WAITS && is_left; i++) {
		world_rest(w);
		assert_int_equal(store_undo_is_left(w->reader, job.id,
				     &is_left), 0);
	}
	assert_false(is_left);
	assert_int_equal(world_found(w, "apple"), 0);
	expect_undo(w, &job, told_of(w, &job).text);
	assert_int_equal(world_audit(w).index.documents, 0);
}

static void
test_refused(void **state)
{
	struct pipeline *w = *state;
	struct uuid unknown = {{0}};
	struct job job;

	expect_refused(w, &unknown, ERR_NOT_FOUND, "there is no such job");
	job = put_upload(w, upload_of(w, "a.txt", NULL, "apple", 5), false);
	expect_refused(w, &job.uuid, ERR_CONFLICT,
	    "the job did not keep what it replaced");
}

/* Nobody works here. */
static void
test_running(void **state)
{
	struct pipeline *w = *state;
	struct err_note note;
	struct job job;

	assert_int_equal(world_index(w, &job), 0);
	expect_refused(w, &job.uuid, ERR_CONFLICT,
	    "the job is still pending: cancel it, or wait for its end");
	assert_int_equal(engine_job_order(w->engine, w->account_id, &job.uuid,
			     JOB_ORDER_CANCEL, "me", &job, &note), 0);
	expect_refused(w, &job.uuid, ERR_CONFLICT,
	    "the job did not keep what it replaced");
}

static void
test_keeps_nothing(void **state)
{
	struct pipeline *w = *state;
	struct job job = put_text(w, "a.txt", NULL, "the apple text");

	assert_false(job.keeps_replaced);
	expect_refused(w, &job.uuid, ERR_CONFLICT,
	    "the job did not keep what it replaced");
}

/* By the clock; also what a server finds when it is started late. */
static void
test_end_of_keeping(void **state)
{
	struct pipeline *w = *state;
	struct job first, second;
	int64_t old = 0;
	bool has_dead = true;
	int i, err = 0;

	(void)put_text(w, "a.txt", NULL, "the apple text");
	first = put_text(w, "a.txt", NULL, "the banana text");
	second = put_text(w, "b.txt", NULL, "the cherry text");
	expect_undo(w, &second, "-b.txt ");
	world_stop(w);
	clock_wall_shift_us(25 * HOUR_US);
	world_start(w);
	expect_refused(w, &first.uuid, ERR_CONFLICT,
	    "the job ended too long ago: what it replaced is not kept any "
	    "more");
	for (i = 0; i < WORLD_WAITS && (err == 0 || has_dead); i++) {
		world_rest(w);
		err = store_kept_oldest(w->reader, INT64_MAX, &old);
		assert_int_equal(store_revision_has_dead(w->reader,
				     &has_dead), 0);
	}
	assert_int_equal(err, ERR_NOT_FOUND);
	(void)world_audit(w);
	assert_int_equal(world_found(w, "banana"), 1);
	/* That it was undone is not forgotten, but what became of its
	 * documents is. */
	expect_undo(w, &second, "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, up, down)
	const struct CMUnitTest tests[] = {
	    TEST(test_made),
	    TEST(test_replaced),
	    TEST(test_metadata),
	    TEST(test_left_alone),
	    TEST(test_chain),
	    TEST(test_members),
	    TEST(test_members_made),
	    TEST(test_members_by_hand),
	    TEST(test_members_without_root),
	    TEST(test_tree_at_border),
	    TEST(test_many),
	    TEST(test_resumed),
	    TEST(test_refused),
	    cmocka_unit_test_setup_teardown(test_running, up_still, down),
	    cmocka_unit_test_setup_teardown(test_keeps_nothing, up_none,
		down),
	    TEST(test_end_of_keeping), /* last: the clock stays ahead */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
