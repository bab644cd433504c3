/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's groups.  Operations are queued before the thread starts, so
 * that they all come into one group, in order.
 */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store_world.h"

#include "engine/board.h"
#include "engine/writer.h"
#include "store/sqlite/sqlite_int.h"

#define NO_ANSWER 1
#define LONG_ENOUGH 200

static sem_t told; /* posted for each answer */

struct asked {
	struct write_op op;
	struct world *w;
	int (*apply)(struct asked *asked, struct write_tx *tx);
	char name[16];
	size_t bytes; /* of text to store */
	struct writer *writer; /* whose state is asked for */
	bool was_at_disk;
	int err;
};

static struct writer *
writer_make(struct world *w, struct board **ret_board)
{
	struct writer_config config = {.commit_ms = 1};
	struct writer *writer;

	*ret_board = board_new();
	assert_non_null(*ret_board);
	writer = writer_new(w->store, *ret_board, &config);
	assert_non_null(writer);
	return writer;
}

/* Run it until so many have been told. */
static void
writer_end(struct writer *writer, struct board *board, int count)
{
	assert_int_equal(writer_start(writer), 0);
	while (count-- > 0)
		assert_int_equal(sem_wait(&told), 0);
	writer_stop(writer);
	writer_free(writer);
	board_free(board);
}

static int
asked_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct asked *asked = arg;

	(void)note;
	return asked->apply(asked, tx);
}

static void
asked_done(struct write_op *op, int err, const struct err_note *note)
{
	struct asked *asked = (struct asked *)op;

	(void)note;
	asked->err = err;
	(void)sem_post(&told);
}

static void
ask(struct writer *writer, struct asked *asked, struct world *w,
    int (*apply)(struct asked *, struct write_tx *), bool gives_up)
{
	asked->w = w;
	asked->apply = apply;
	asked->err = NO_ANSWER;
	asked->op.apply = asked_apply;
	asked->op.done = asked_done;
	asked->op.arg = asked;
	asked->op.is_urgent = true;
	asked->op.gives_up = gives_up;
	writer_post(writer, &asked->op);
}

static int
apply_base(struct asked *asked, struct write_tx *tx)
{
	struct base base = {.account_id = asked->w->account_id,
	    .settings = "{}", .created_us = NOW};
	char *text = mem_zalloc(asked->bytes + 1);
	int64_t id;
	int err;

	assert_non_null(text);
	memset(text, 'x', asked->bytes);
	base.uuid = uuid_make((uint8_t)asked->name[0]);
	base.description = text;
	(void)snprintf(base.name, sizeof(base.name), "%s", asked->name);
	err = store_base_add(tx_store(tx), &base, &id);
	mem_free(text);
	return err;
}

static int
base_is_there(void *arg, const struct base *base)
{
	(void)arg;
	(void)base;
	return 1;
}

/* Refuses when the base is there. */
static int
apply_unless(struct asked *asked, struct write_tx *tx)
{
	return store_base_find(tx_store(tx), asked->w->account_id, NULL,
		   asked->name, base_is_there, NULL) == 1
	    ? ERR_CONFLICT
	    : 0;
}

static void
limit_pages(struct world *w, const char *sql)
{
	assert_int_equal(sqlite3_exec(w->store->db, sql, NULL, NULL, NULL),
	    SQLITE_OK);
}

/*
 * What the engine does itself waits for the storage.  It was refused only
 * because of a request that the full disk then sent away: it must not stay
 * refused.
 */
static void
test_full_disk_takes_refusals_back(void **state)
{
	struct world *w = *state;
	struct asked base = {.name = "new"}, own = {.name = "new"},
		     large = {.name = "large", .bytes = 4 * MIB};
	struct writer *writer;
	struct board *board;

	writer = writer_make(w, &board);
	limit_pages(w, "PRAGMA max_page_count = 300");
	ask(writer, &base, w, apply_base, true);
	ask(writer, &own, w, apply_unless, false);
	ask(writer, &large, w, apply_base, true);
	writer_end(writer, board, 3);
	assert_int_equal(base.err, ERR_STORAGE_FULL);
	assert_int_equal(large.err, ERR_STORAGE_FULL);
	assert_int_equal(own.err, 0);
}

/* One that fails after it has written takes nothing of the others along. */
static int
apply_and_fail(struct asked *asked, struct write_tx *tx)
{
	assert_int_equal(apply_base(asked, tx), 0);
	return ERR_INVALID;
}

static void
test_one_fails_alone(void **state)
{
	struct world *w = *state;
	struct asked one = {.name = "one"}, bad = {.name = "bad"},
		     two = {.name = "two"}, last = {.name = "bad"};
	struct writer *writer;
	struct board *board;

	writer = writer_make(w, &board);
	ask(writer, &one, w, apply_base, true);
	ask(writer, &bad, w, apply_and_fail, true);
	ask(writer, &two, w, apply_base, true);
	ask(writer, &last, w, apply_unless, true);
	writer_end(writer, board, 4);
	assert_int_equal(one.err, 0);
	assert_int_equal(bad.err, ERR_INVALID);
	assert_int_equal(two.err, 0);
	assert_int_equal(last.err, 0);
}

static uint64_t
log_size(const struct world *w)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/tidemark.db-wal", w->dir);
	return stat(path, &st) < 0 ? 0 : (uint64_t)st.st_size;
}

/* Operations that say nothing of their size (scans, purges, merges) make the
 * log longer as well. */
static void
test_the_log_is_copied_back(void **state)
{
	struct world *w = *state;
	struct asked many[40] = {{.err = 0}};
	struct writer *writer;
	struct board *board;
	size_t i;

	writer = writer_make(w, &board);
	assert_int_equal(writer_start(writer), 0);
	for (i = 0; i < 40; i++) {
		(void)snprintf(many[i].name, sizeof(many[i].name), "%c",
		    (int)('0' + i));
		many[i].bytes = 2 * MIB;
		many[i].w = w;
		many[i].apply = apply_base;
		assert_int_equal(writer_do(writer, asked_apply, &many[i],
				     NULL), 0);
	}
	assert_true(log_size(w) < 48 * MIB);
	writer_stop(writer);
	assert_int_equal(log_size(w), 0);
	assert_int_equal(store_log_bytes(w->store), 0);
	writer_free(writer);
	board_free(board);
}

static int64_t slept_us; /* as SQLite would have */

static int
sleep_not(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	slept_us += us;
	return us;
}

/* SQLite's own, but for its sleep. */
static void
sleepless_setup(void)
{
	static sqlite3_vfs vfs;

	vfs = *sqlite3_vfs_find(NULL);
	vfs.zName = "sleepless";
	vfs.xSleep = sleep_not;
	assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
}

/* The log is not emptied while somebody reads, and that is not waited for:
 * what is to be written next would wait as well. */
static void
test_readers_hold_nothing_up(void **state)
{
	struct world *w = *state;
	struct asked one = {.name = "one"};
	struct err_note note = {""};
	struct writer *writer;
	struct board *board;
	struct store *reader;

	writer = writer_make(w, &board);
	ask(writer, &one, w, apply_base, true);
	writer_end(writer, board, 1);
	assert_int_equal(store_begin(w->store, &note), 0);
	limit_pages(w, "UPDATE base SET description = 'two'");
	assert_int_equal(store_commit(w->store, &note), 0);
	assert_int_equal(store_open(w->dir, STORE_READER, &reader, &note), 0);
	assert_int_equal(store_begin(reader, &note), 0);
	slept_us = 0;
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_true(log_size(w) > 0);
	assert_in_range(slept_us, 1, 50000);
	store_end(reader);
	store_close(reader);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_int_equal(log_size(w), 0);
}

/* Until the thread is seen to have got on while it does so: what it says of
 * itself could otherwise only rise. */
static int
apply_long_statement(struct asked *asked, struct write_tx *tx)
{
	static const char sql[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION "
	    "ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n";
	int64_t before, after;
	int i;

	(void)tx;
	assert_false(writer_is_at_disk(asked->writer));
	before = writer_stalled_us(asked->writer);
	for (i = 0; i < LONG_ENOUGH; i++) {
		assert_int_equal(sqlite3_exec(asked->w->store->db, sql, NULL,
		    NULL, NULL), SQLITE_OK);
		after = writer_stalled_us(asked->writer);
		if (after < before)
			return 0;
		before = after;
	}
	return ERR_TOO_BIG;
}

static int
on_commit_of_sqlite(void *arg)
{
	struct asked *asked = arg;

	asked->was_at_disk |= writer_is_at_disk(asked->writer);
	return 0;
}

static int
apply_hooked(struct asked *asked, struct write_tx *tx)
{
	(void)sqlite3_commit_hook(asked->w->store->db, on_commit_of_sqlite,
	    asked);
	return apply_base(asked, tx);
}

/* What takes long gets on, and what waits for the disk is not stuck: who
 * watches must not start the program anew for either. */
static void
test_long_is_not_stuck(void **state)
{
	struct world *w = *state;
	struct asked busy = {.name = "busy"}, hooked = {.name = "hooked"};
	struct writer *writer;
	struct board *board;

	writer = busy.writer = hooked.writer = writer_make(w, &board);
	ask(writer, &busy, w, apply_long_statement, true);
	ask(writer, &hooked, w, apply_hooked, true);
	writer_end(writer, board, 2);
	(void)sqlite3_commit_hook(w->store->db, NULL, NULL);
	assert_int_equal(busy.err, 0);
	assert_int_equal(hooked.err, 0);
	assert_true(hooked.was_at_disk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_full_disk_takes_refusals_back, world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_one_fails_alone, world_up,
		world_down),
	    cmocka_unit_test_setup_teardown(test_the_log_is_copied_back,
		world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_readers_hold_nothing_up,
		world_up, world_down),
	    cmocka_unit_test_setup_teardown(test_long_is_not_stuck, world_up,
		world_down),
	};

	if (sem_init(&told, 0, 0) < 0)
		return 1;
	sleepless_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
