/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_backup.h"
#include "store_world.h"

/* ---- opening ---------------------------------------------------------- */

static void
test_open_again(void **state)
{
	struct world *w = *state;
	struct store *other = NULL;
	struct err_note note = {{0}};
	int64_t rev = -1, generation = -1, id;
	struct uuid uuid, wanted = uuid_make(200);

	assert_int_equal(store_open(w->dir, STORE_WRITER, &other, &note),
	    ERR_BUSY);
	assert_null(other);
	assert_true(note.text[0] != '\0');
	begin(w);
	assert_true(store_next_rev(w->store) > 0);
	(void)put_indexed(w, "file:///a", "first", 2, 1);
	commit(w);
	assert_int_equal(store_stamp(w->store, &rev, &generation), 0);
	assert_true(rev > 0 && generation > 0);
	reopen(w);
	{
		int64_t rev2, generation2;

		assert_int_equal(store_stamp(w->store, &rev2, &generation2),
		    0);
		assert_int_equal(rev2, rev);
		assert_int_equal(generation2, generation);
	}
	assert_int_equal(store_account_first(w->store, &id, &uuid), 0);
	assert_int_equal(id, w->account_id);
	assert_true(uuid_is_equal(&uuid, &wanted));
	assert_int_equal(found(w->store, w, w->base_id, "first"), 2);
	expect_audit(w, 1, 2);
}

static void
set_version(const struct world *w, int version)
{
	char path[128];
	uint8_t bytes[4];
	int fd, i;

	/* user_version: big endian, at byte 60 of the file's head. */
	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	for (i = 0; i < 4; i++)
		bytes[i] = (uint8_t)((unsigned)version >> (24 - 8 * i));
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, 4, 60), 4);
	assert_int_equal(close(fd), 0);
}

static void
test_versions(void **state)
{
	struct world *w = *state;
	struct store *store = NULL;
	struct err_note note;
	int version = store_schema_version();

	assert_true(version >= 1);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	store_close(w->store);
	w->store = NULL;
	set_version(w, version + 1);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &store, &note),
	    ERR_UNSUPPORTED);
	assert_int_equal(store_open(w->dir, STORE_READER, &store, &note),
	    ERR_UNSUPPORTED);
	set_version(w, -5);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &store, &note),
	    ERR_CORRUPT);
	set_version(w, 0);
	assert_int_equal(store_open(w->dir, STORE_READER, &store, &note),
	    ERR_BUSY);
	set_version(w, version);
	assert_null(store);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
}

static void
test_not_a_store(void **state)
{
	struct world *w = *state;
	struct store *store = NULL;
	struct err_note note;
	char path[128], noise[5000];

	store_close(w->store);
	w->store = NULL;
	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(unlink(path), 0);
	assert_true(store_open(w->dir, STORE_READER, &store, &note) < 0);
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(fs_replace(path, noise, sizeof(noise), 0600, &note),
	    0);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &store, &note),
	    ERR_CORRUPT);
	assert_int_equal(store_open("/tmp/not/there", STORE_WRITER, &store,
			     &note), ERR_NOT_FOUND);
	assert_null(store);
}

static void
test_rollback(void **state)
{
	struct world *w = *state;
	int64_t rev, generation, rev2, generation2;

	assert_int_equal(store_stamp(w->store, &rev, &generation), 0);
	begin(w);
	(void)store_next_rev(w->store);
	(void)put_indexed(w, "file:///a", "first", 2, 1);
	assert_int_equal(store_stamp(w->store, &rev2, &generation2), 0);
	assert_true(rev2 > rev && generation2 > generation);
	store_rollback(w->store);
	store_rollback(w->store); /* harmless */
	assert_int_equal(store_stamp(w->store, &rev2, &generation2), 0);
	assert_int_equal(rev2, rev);
	assert_int_equal(generation2, generation);
	assert_int_equal(found(w->store, w, w->base_id, "first"), 0);
	expect_base(w, "docs:0/0 ");
}

static void
test_snapshot(void **state)
{
	struct world *w = *state;
	struct store *r = reader(w);
	int64_t rev, generation, rev2, generation2;

	begin(w);
	(void)put_indexed(w, "file:///a", "first", 1, 1);
	assert_int_equal(found(r, w, w->base_id, "first"), 0);
	commit(w);
	assert_int_equal(found(r, w, w->base_id, "first"), 1);

	assert_int_equal(store_begin(r, NULL), 0);
	assert_int_equal(store_stamp(r, &rev, &generation), 0);
	begin(w);
	(void)put_indexed(w, "file:///b", "first", 1, 2);
	commit(w);
	/* What was committed meanwhile is not seen, a checkpoint is no
	 * matter. */
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_int_equal(found(r, w, w->base_id, "first"), 1);
	assert_int_equal(store_stamp(r, &rev2, &generation2), 0);
	assert_int_equal(generation2, generation);
	store_end(r);
	assert_int_equal(found(r, w, w->base_id, "first"), 2);
	assert_int_equal(store_stamp(r, &rev2, &generation2), 0);
	assert_int_equal(generation2, generation + 1);
	store_close(r);
}

/* ---- keys and bases --------------------------------------------------- */

static int
key_seen(void *arg, const struct api_key *key)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%d ", key->label,
	    key->revoked_us != 0);
}

static void
test_keys(void **state)
{
	struct world *w = *state;
	struct api_key key = {.account_id = w->account_id,
	    .label = "mine", .prefix = "tm_abc", .created_us = NOW};
	struct uuid other = uuid_make(9);
	int64_t id;

	key.uuid = uuid_make(8);
	begin(w);
	assert_int_equal(store_key_add(w->store, &key, &id), 0);
	assert_int_equal(store_key_add(w->store, &key, &id), ERR_EXISTS);
	assert_int_equal(store_key_revoke(w->store, w->account_id, &other,
			     NOW), ERR_NOT_FOUND);
	assert_int_equal(store_key_revoke(w->store, w->account_id + 1,
			     &key.uuid, NOW), ERR_NOT_FOUND);
	assert_int_equal(store_key_revoke(w->store, w->account_id, &key.uuid,
			     NOW), 0);
	assert_int_equal(store_key_revoke(w->store, w->account_id, &key.uuid,
			     NOW), ERR_NOT_FOUND);
	commit(w);
	seen_start(w);
	assert_int_equal(store_keys_each(w->store, 0, key_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "mine:1 ");
	seen_start(w);
	assert_int_equal(store_keys_each(w->store, w->account_id + 1,
			     key_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
}

static void
test_bases(void **state)
{
	struct world *w = *state;
	struct base base = {.account_id = w->account_id, .name = "docs",
	    .description = "", .settings = "{}", .created_us = NOW};
	struct uuid uuid = uuid_make(1);
	int64_t id;

	begin(w);
	base.uuid = uuid_make(2);
	assert_int_equal(store_base_add(w->store, &base, &id), ERR_EXISTS);
	(void)add_base(w, 3, "zoo");
	base.id = w->base_id;
	(void)snprintf(base.name, sizeof(base.name), "zoo");
	assert_int_equal(store_base_save(w->store, &base), ERR_EXISTS);
	(void)snprintf(base.name, sizeof(base.name), "papers");
	assert_int_equal(store_base_save(w->store, &base), 0);
	commit(w);
	expect_base(w, "papers:0/0 zoo:0/0 ");

	seen_start(w);
	assert_int_equal(store_base_find(w->store, w->account_id, &uuid, NULL,
			     base_seen, w), 0);
	assert_int_equal(store_base_find(w->store, 0, &uuid, NULL, base_seen,
			     w), 0);
	assert_int_equal(store_base_find(w->store, w->account_id, NULL,
			     "papers", base_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "papers:0/0 papers:0/0 papers:0/0 ");
	assert_int_equal(store_base_find(w->store, w->account_id + 1, &uuid,
			     NULL, base_seen, w), ERR_NOT_FOUND);
	assert_int_equal(store_base_find(w->store, w->account_id + 1, NULL,
			     "papers", base_seen, w), ERR_NOT_FOUND);
	assert_int_equal(store_base_find(w->store, w->account_id, NULL, "x",
			     base_seen, w), ERR_NOT_FOUND);
	/* What a callback says ends the walk and comes back. */
	buf_fini(&w->seen);
	buf_init(&w->seen, 4);
	assert_int_equal(store_bases_each(w->store, w->account_id, 0, 10,
			     base_seen, w), ERR_TOO_BIG);
}

/* ---- jobs and items --------------------------------------------------- */

static void
test_job_round_trip(void **state)
{
	struct world *w = *state;
	struct job job, got;
	char *source = NULL;
	int i;

	begin(w);
	job = add_job(w, 10);
	job.base_uuid = uuid_make(1);
	(void)snprintf(job.base_name, sizeof(job.base_name), "docs");
	job.state = JOB_RUNNING;
	job.scan = SCAN_DONE;
	job.is_paused = job.is_finalized = true;
	job.counts = (struct counts){21, 1, 2, 3, 4, 5, 6};
	job.removed = 7;
	job.unchanged = 8;
	job.empty = 9;
	job.bytes_total = INT64_MAX;
	job.bytes_done = 11;
	job.bytes_completed = 12;
	job.segments_total = 13;
	job.segments_completed = 14;
	job.characters = 15;
	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++)
		job.stages[i] = (struct stage_stats){(uint64_t)i * 1000,
		    (uint64_t)i * 1001, UINT64_MAX - (uint64_t)i};
	job.percent_hundredths = 1234;
	job.code = ITEM_CODE_SOURCE_NOT_FOUND;
	(void)snprintf(job.message, sizeof(job.message), "words \xC3\xA4");
	(void)snprintf(job.cancelled_by, sizeof(job.cancelled_by), "me");
	job.started_us = 16;
	job.updated_us = 17;
	job.finished_us = 18;
	job.cancelled_us = 19;
	job.paused_us = 21;
	job.rev = store_next_rev(w->store);
	job.generation = 20;
	assert_int_equal(store_job_save(w->store, &job), 0);
	commit(w);
	assert_int_equal(store_job_find(w->store, 0, &job.uuid, &got), 0);
	assert_memory_equal(&got, &job, sizeof(job));
	assert_int_equal(store_job_find_batch(w->store, w->base_id, job.batch,
			     &got), 0);
	assert_memory_equal(&got, &job, sizeof(job));
	assert_int_equal(store_job_find(w->store, w->account_id + 1,
			     &job.uuid, &got), ERR_NOT_FOUND);
	assert_int_equal(store_job_find_batch(w->store, w->base_id + 1,
			     job.batch, &got), ERR_NOT_FOUND);
	assert_int_equal(store_job_source(w->store, job.id, &source), 0);
	assert_string_equal(source, "{\"n\":1}");
	mem_free(source);
	assert_int_equal(store_job_source(w->store, 999, &source),
	    ERR_NOT_FOUND);
	begin(w);
	job.id = 999;
	assert_int_equal(store_job_save(w->store, &job), ERR_NOT_FOUND);
	store_rollback(w->store);
}

static void
test_job_lists(void **state)
{
	struct world *w = *state;
	struct job_filter filter = {.account_id = w->account_id,
	    .limit = 100};
	struct job jobs[5], got;
	int i;

	begin(w);
	assert_int_equal(store_job_newest_but(w->store, w->base_id,
			     JOB_KIND_KEEP, &got), ERR_NOT_FOUND);
	for (i = 0; i < 5; i++) {
		jobs[i] = add_job(w, (uint8_t)(20 + i));
		jobs[i].state = i % 2 == 0 ? JOB_RUNNING : JOB_COMPLETED;
		jobs[i].rev = store_next_rev(w->store);
		assert_int_equal(store_job_save(w->store, &jobs[i]), 0);
	}
	commit(w);
	seen_start(w);
	assert_int_equal(store_jobs_each(w->store, &filter, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "5 4 3 2 1 ");
	seen_start(w);
	filter.base_id = w->base_id;
	filter.before_id = 5;
	filter.states = 1u << JOB_RUNNING;
	filter.limit = 1;
	assert_int_equal(store_jobs_each(w->store, &filter, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "3 ");
	seen_start(w);
	assert_int_equal(store_jobs_live(w->store, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "1 3 5 ");
	seen_start(w);
	assert_int_equal(store_jobs_changed(w->store, w->account_id,
			     jobs[2].rev, 10, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "4 5 ");
	assert_int_equal(store_job_newest_but(w->store, w->base_id,
			     JOB_KIND_KEEP, &got), 0);
	assert_int_equal(got.id, jobs[4].id);
}

static void
test_item_moves(void **state)
{
	struct world *w = *state;
	struct item item, other, got;
	struct job job, counted;

	begin(w);
	job = add_job(w, 30);
	item = add_item(w, job.id, 1, "a", NULL);
	item_move(&item, ITEM_EXTRACTING, NOW + 1);
	assert_int_equal(store_item_save(w->store, &item, ITEM_QUEUED, 1), 0);
	/* Somebody who still thinks it is queued, or of another attempt. */
	other = item;
	assert_int_equal(store_item_save(w->store, &other, ITEM_QUEUED, 1),
	    ERR_CONFLICT);
	assert_int_equal(store_item_save(w->store, &other, ITEM_EXTRACTING,
			     2), ERR_CONFLICT);
	other.id = 999;
	assert_int_equal(store_item_save(w->store, &other, ITEM_EXTRACTING,
			     1), ERR_CONFLICT);

	item_move(&item, ITEM_WAITING, NOW + 2);
	item.waiting_for = WAITING_RETRY;
	item.due_us = NOW + 99;
	item.attempt = 2;
	item.interruptions = 3;
	item.segments_total = 7;
	item.segments_completed = 5;
	item.bytes_done = 50;
	item.error_stage = STAGE_EXTRACTING;
	(void)snprintf(item.message, sizeof(item.message), "try again");
	item.rev = store_next_rev(w->store);
	assert_int_equal(store_item_save(w->store, &item, ITEM_EXTRACTING, 1),
	    0);
	commit(w);
	memset(&got, 0, sizeof(got));
	assert_int_equal(store_item_get(w->store, item.id, item_copy, &got),
	    0);
	assert_memory_equal(&got, &item, sizeof(item));
	assert_int_equal(store_item_get(w->store, 999, item_copy, &got),
	    ERR_NOT_FOUND);

	memset(&counted, 0, sizeof(counted));
	assert_int_equal(store_items_recount(w->store, job.id, &counted), 0);
	assert_int_equal(counted.counts.total, 1);
	assert_int_equal(counted.counts.processing, 1);
	assert_int_equal(counted.bytes_done, 50);
	assert_int_equal(counted.segments_total, 7);
	assert_int_equal(counted.stages[STAGE_EXTRACTING].items, 1);
}

static void
test_item_lists(void **state)
{
	struct world *w = *state;
	struct item_filter filter = {.limit = 100};
	uint8_t blob[HASH_SIZE] = {7}, none[HASH_SIZE] = {8};
	struct item items[6];
	struct job job, other;
	bool is_used;
	uint32_t i;

	begin(w);
	job = add_job(w, 31);
	other = add_job(w, 32);
	(void)add_item(w, other.id, 1, "else", NULL);
	for (i = 1; i <= 5; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%s%u",
		    i % 2 == 0 ? "Even" : "odd", i);
		items[i] = add_item(w, job.id, i, name, i == 3 ? blob : NULL);
	}
	item_move(&items[2], ITEM_CANCELLED, NOW + 1);
	assert_int_equal(store_item_save(w->store, &items[2], ITEM_QUEUED, 1),
	    0);
	commit(w);
	filter.job_id = job.id;
	seen_start(w);
	assert_int_equal(store_items_each(w->store, &filter, item_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen),
	    "1:odd1:queued 2:Even2:cancelled 3:odd3:queued 4:Even4:queued "
	    "5:odd5:queued ");
	filter.name = "eVe";
	filter.states = 1u << ITEM_QUEUED;
	seen_start(w);
	assert_int_equal(store_items_each(w->store, &filter, item_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), "4:Even4:queued ");
	seen_start(w);
	assert_int_equal(store_items_open(w->store, job.id, 1, 2, item_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "3:odd3:queued 4:Even4:queued ");
	seen_start(w);
	assert_int_equal(store_items_changed(w->store, w->account_id, job.id,
			     items[3].rev, 10, item_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "4:Even4:queued 5:odd5:queued ");
	seen_start(w);
	assert_int_equal(store_items_changed(w->store, w->account_id + 1, 0,
			     0, 10, item_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	assert_int_equal(store_blob_is_used(w->store, blob, &is_used), 0);
	assert_true(is_used);
	assert_int_equal(store_blob_is_used(w->store, none, &is_used), 0);
	assert_false(is_used);
}

/* ---- copies and deaths ------------------------------------------------ */

/* What is committed after the snapshot is not in the copy, and nobody waits
 * for it. */
static void
test_backup(void **state)
{
	struct world *w = *state;
	struct store_image *image = NULL;
	struct store_snap *snap = NULL;
	struct store_facts facts;
	struct err_note note;
	char dir[80], path[96];
	bool is_done = false;

	begin(w);
	(void)put_indexed(w, "file:///a", "saved", 2, 1);
	commit(w);
	(void)snprintf(dir, sizeof(dir), "%s/copy", w->dir);
	(void)snprintf(path, sizeof(path), "%s/tidemark.db", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(store_snap_open(w->dir, &snap, &note), 0);
	begin(w);
	(void)put_indexed(w, "file:///b", "later", 2, 3);
	commit(w);
	while (!is_done)
		assert_int_equal(store_snap_copy(snap, path, &is_done, &note),
		    0);
	store_snap_close(snap);
	assert_int_equal(store_image_open(path, false, &image, &note), 0);
	assert_int_equal(store_image_check(image, &note), 0);
	assert_int_equal(store_image_facts(image, &facts, &note), 0);
	assert_int_equal(facts.schema, store_schema_version());
	assert_int_equal(facts.documents, 1);
	store_image_close(image);
	assert_int_equal(found(w->store, w, w->base_id, "later"), 2);
	store_close(w->store);
	assert_int_equal(store_open(dir, STORE_WRITER, &w->store, &note), 0);
	assert_int_equal(found(w->store, w, w->base_id, "saved"), 2);
	assert_int_equal(found(w->store, w, w->base_id, "later"), 0);
	expect_audit(w, 1, 2);
}

/* A writer that dies between two commits: what was committed is there, what
 * was not is not, and the lock is free. */
static void
test_killed(void **state)
{
	struct world *w = *state;
	struct err_note note;
	int status;
	pid_t child;

	store_close(w->store);
	w->store = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (store_open(w->dir, STORE_WRITER, &w->store, &note) < 0)
			_exit(1);
		(void)store_begin(w->store, NULL);
		(void)put_indexed(w, "file:///a", "durable", 2, 1);
		(void)store_commit(w->store, NULL);
		(void)store_begin(w->store, NULL);
		(void)put_indexed(w, "file:///b", "volatile", 2, 2);
		_exit(42);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
	assert_int_equal(found(w->store, w, w->base_id, "durable"), 2);
	assert_int_equal(found(w->store, w, w->base_id, "volatile"), 0);
	expect_audit(w, 1, 2);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_open_again),
	    WORLD_TEST(test_versions),
	    WORLD_TEST(test_not_a_store),
	    WORLD_TEST(test_rollback),
	    WORLD_TEST(test_snapshot),
	    WORLD_TEST(test_keys),
	    WORLD_TEST(test_bases),
	    WORLD_TEST(test_job_round_trip),
	    WORLD_TEST(test_job_lists),
	    WORLD_TEST(test_item_moves),
	    WORLD_TEST(test_item_lists),
	    WORLD_TEST(test_backup),
	    WORLD_TEST(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
