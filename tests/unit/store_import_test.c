/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of single jobs, and names of requests, as they are stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store_world.h"

#include "store/sqlite/sqlite_int.h"
#include "store/store_request.h"
#include "store/store_source.h"

static void
execute(struct world *w, const char *sql)
{
	assert_int_equal(sqlite3_exec(w->store->db, sql, NULL, NULL, NULL),
	    SQLITE_OK);
}

/* ---- sources ------------------------------------------------------------- */

static int64_t
add_source(struct world *w, uint8_t n, int64_t job_id)
{
	struct source source = {.uuid = uuid_make(n), .base_id = w->base_id,
	    .job_id = job_id, .kind = SOURCE_S3, .name = "a source",
	    .config = "{}", .secret = "sealed", .secret_len = 6,
	    .settings = "{}", .created_us = NOW, .updated_us = NOW};
	int64_t id;

	assert_int_equal(store_source_add(w->store, &source, &id), 0);
	return id;
}

static int
source_take(void *arg, const struct source *source)
{
	struct source *taken = arg;

	*taken = *source;
	return 0;
}

static struct source
get_source(struct world *w, int64_t id)
{
	struct source taken = {.id = 0};
	int err = store_source_get(w->store, id, source_take, &taken);

	assert_true(err == 0 || err == ERR_NOT_FOUND);
	return taken;
}

static void
test_lists(void **state)
{
	struct world *w = *state;
	struct source taken = {.id = 0};
	struct uuid uuid = uuid_make(2);
	int64_t own, other;
	uint64_t count;

	begin(w);
	own = add_source(w, 1, 0);
	other = add_source(w, 2, add_job(w, 1).id);
	assert_int_equal(store_sources_count(w->store, w->base_id, &count),
	    0);
	assert_int_equal(count, 1);
	assert_int_equal(store_sources_page(w->store, w->base_id, 0, 10,
			     source_take, &taken), 0);
	assert_int_equal(taken.id, own);
	assert_int_equal(store_source_find(w->store, w->base_id, &uuid,
			     source_take, &taken), ERR_NOT_FOUND);
	assert_int_equal(get_source(w, other).id, other);
	assert_int_equal(get_source(w, own).job_id, 0);
	/* Only what is of a job can become another one's. */
	assert_int_equal(store_source_adopt(w->store, other, 77), 0);
	assert_int_equal(store_source_adopt(w->store, own, 77), 0);
	assert_int_equal(get_source(w, other).job_id, 77);
	assert_int_equal(get_source(w, own).job_id, 0);
	commit(w);
}

static void
test_forget(void **state)
{
	struct world *w = *state;
	struct source source;
	int64_t job, ids[4];
	uint8_t n;

	begin(w);
	job = add_job(w, 1).id;
	for (n = 0; n < 4; n++)
		ids[n] = add_source(w, (uint8_t)(n + 1),
		    n < 2 ? job : n == 2 ? add_job(w, 2).id : 0);
	assert_int_equal(store_sources_forget(w->store, job, NOW + 5), 0);
	commit(w);
	for (n = 0; n < 4; n++) {
		source = get_source(w, ids[n]);
		assert_int_equal(source.is_forgotten, n < 2);
		assert_int_equal(source.secret_len, n < 2 ? 0 : 6);
		assert_int_equal(source.updated_us, n < 2 ? NOW + 5 : NOW);
	}
	/* What never had one has forgotten none. */
	begin(w);
	execute(w, "UPDATE source SET secret = NULL WHERE id = 1");
	assert_int_equal(store_sources_forget(w->store, job, NOW + 6), 0);
	assert_false(get_source(w, 1).is_forgotten);
	commit(w);
}

/* Those of jobs that run, that left something to be tried again, or that a
 * document is of, stay. */
static void
test_collect(void **state)
{
	struct world *w = *state;
	bool is_more = true, have = false;
	int64_t ids[5], document;
	unsigned rounds = 0;
	uint8_t n;

	begin(w);
	for (n = 0; n < 5; n++)
		ids[n] = add_source(w, (uint8_t)(n + 1),
		    n == 4 ? 0 : add_job(w, n).id);
	execute(w, "UPDATE job SET state = 7");
	execute(w, "UPDATE job SET state = 3 WHERE id = 1");
	execute(w, "UPDATE job SET failed = 1 WHERE id = 2");
	assert_int_equal(store_document_put(w->store, w->base_id, "s3://b/a",
			     "a", "{}", 0, 0, NOW, &document), 0);
	assert_int_equal(store_document_origin(w->store, document, ids[2]),
	    0);
	while (is_more) {
		assert_int_equal(store_job_sources_collect(w->store, 1,
				     &is_more), 0);
		rounds++;
	}
	assert_int_equal(rounds, 5);
	for (n = 0; n < 5; n++)
		assert_int_equal(get_source(w, ids[n]).id != 0, n != 3);
	assert_int_equal(store_job_sources_have(w->store, &have), 0);
	assert_true(have);
	/* Then nothing holds them any more. */
	execute(w, "UPDATE job SET state = 9, failed = 0");
	assert_int_equal(store_document_delete(w->store, document), 0);
	assert_int_equal(store_job_sources_collect(w->store, 10, &is_more),
	    0);
	assert_false(is_more);
	for (n = 0; n < 5; n++)
		assert_int_equal(get_source(w, ids[n]).id != 0, n == 4);
	assert_int_equal(store_job_sources_have(w->store, &have), 0);
	assert_false(have);
	commit(w);
}

/* ---- requests ------------------------------------------------------------ */

static int
put_request(struct world *w, const char *name, uint8_t hash, int64_t job_id,
    int64_t created_us)
{
	struct request_row row = {.account_id = w->account_id, .name = name,
	    .job_id = job_id, .created_us = created_us};

	memset(row.hash, hash, HASH_SIZE);
	return store_request_put(w->store, &row);
}

/* The hash's first byte, or an error. */
static int
find_request(struct world *w, int64_t account_id, const char *name,
    int64_t after_us, struct uuid *ret_job)
{
	struct request_row row = {.account_id = account_id, .name = name};
	int err = store_request_find(w->store, &row, after_us, ret_job);

	return err < 0 ? err : row.hash[HASH_SIZE - 1];
}

static void
test_requests(void **state)
{
	struct world *w = *state;
	struct job job, other;
	struct uuid uuid;

	begin(w);
	job = add_job(w, 1);
	other = add_job(w, 2);
	assert_int_equal(put_request(w, "one", 5, job.id, NOW), 0);
	assert_int_equal(find_request(w, w->account_id, "one", NOW, &uuid),
	    5);
	assert_true(uuid_is_equal(&uuid, &job.uuid));
	assert_int_equal(find_request(w, w->account_id, "one", NOW + 1,
			     &uuid), ERR_NOT_FOUND);
	assert_int_equal(find_request(w, w->account_id + 1, "one", 0, &uuid),
	    ERR_NOT_FOUND);
	assert_int_equal(find_request(w, w->account_id, "On", 0, &uuid),
	    ERR_NOT_FOUND);
	/* In place of the old one. */
	assert_int_equal(put_request(w, "one", 6, other.id, NOW + 9), 0);
	assert_int_equal(find_request(w, w->account_id, "one", NOW + 1,
			     &uuid), 6);
	assert_true(uuid_is_equal(&uuid, &other.uuid));
	/* A job that is gone is none. */
	assert_int_equal(put_request(w, "two", 7, 99, NOW), 0);
	assert_int_equal(find_request(w, w->account_id, "two", 0, &uuid),
	    ERR_NOT_FOUND);
	commit(w);
}

static void
test_requests_are_collected(void **state)
{
	struct world *w = *state;
	struct uuid uuid;
	bool is_more = true, have = false;
	unsigned rounds = 0;
	char name[16];
	int64_t job;
	int i;

	begin(w);
	job = add_job(w, 1).id;
	for (i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "r%d", i);
		assert_int_equal(put_request(w, name, 1, job, NOW + i), 0);
	}
	assert_int_equal(store_requests_have(w->store, NOW, &have), 0);
	assert_false(have);
	assert_int_equal(store_requests_have(w->store, NOW + 1, &have), 0);
	assert_true(have);
	while (is_more) {
		assert_int_equal(store_requests_collect(w->store, NOW + 7, 3,
				     &is_more), 0);
		rounds++;
	}
	assert_int_equal(rounds, 3);
	for (i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "r%d", i);
		assert_int_equal(find_request(w, w->account_id, name, 0,
				     &uuid), i < 7 ? ERR_NOT_FOUND : 1);
	}
	commit(w);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_lists),
	    WORLD_TEST(test_forget),
	    WORLD_TEST(test_collect),
	    WORLD_TEST(test_requests),
	    WORLD_TEST(test_requests_are_collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
