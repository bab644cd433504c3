/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests with a name: asked again they get the job that there is, whatever
 * kind of job it is, and whoever comes at the same moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/engine_int.h"
#include "import_world.h"
#include "sys/rng.h"

static struct job_request
named(struct sources_world *s, const char *name, uint8_t hash)
{
	struct job_request request = {.account_id = s->w.account_id,
	    .base = s->w.base, .dialect = DIALECT_NATIVE,
	    .request_key = name};

	memset(request.request_hash, hash, HASH_SIZE);
	return request;
}

static int
put_text(struct sources_world *s, const struct job_request *request,
    const char *text, struct job *ret_job, struct put *put,
    struct err_note *note)
{
	struct upload *upload;
	int err;

	assert_int_equal(engine_upload_open(s->w.engine, JOB_KIND_TEXT,
			     "a.txt", NULL, &upload, note), 0);
	assert_int_equal(engine_upload_write(upload, text, strlen(text)), 0);
	assert_int_equal(engine_upload_finish(upload, note), 0);
	*put = (struct put){.upload = upload};
	err = engine_job_puts(s->w.engine, request, JOB_KIND_TEXT, put, 1,
	    NULL, false, ret_job, note);
	engine_upload_free(upload);
	return err;
}

static void
test_puts(void **state)
{
	static const struct uuid none = {{0}};
	struct sources_world *s = *state;
	struct job_request request = named(s, "one", 1);
	struct err_note note = {""};
	struct job job, again;
	struct put put;

	assert_int_equal(put_text(s, &request, "apple", &job, &put, &note), 0);
	assert_false(uuid_is_equal(&put.ret_document, &none));
	(void)world_until(&s->w, &job.uuid, NULL);
	assert_int_equal(put_text(s, &request, "apple", &again, &put, &note),
	    0);
	assert_true(uuid_is_equal(&again.uuid, &job.uuid));
	assert_int_equal(again.state, JOB_COMPLETED);
	assert_true(uuid_is_equal(&put.ret_document, &none));

	request = named(s, "one", 2);
	assert_int_equal(put_text(s, &request, "pear", &again, &put, &note),
	    ERR_CONFLICT);
	assert_non_null(strstr(note.text, "something else"));
	request = named(s, "two", 2);
	assert_int_equal(put_text(s, &request, "pear", &again, &put, &note),
	    0);
	assert_false(uuid_is_equal(&again.uuid, &job.uuid));
	(void)world_until(&s->w, &again.uuid, NULL);
	assert_int_equal(world_audit(&s->w).jobs, 2);
}

static void
test_kinds(void **state)
{
	static const struct source_request docs = BUCKET("docs", "");
	const struct import_request import = {.sources = &docs,
	    .source_count = 1};
	struct sources_world *s = *state;
	const char *paths[] = {s->w.docs};
	const struct folder_source folder = {.paths = paths,
	    .path_count = 1};
	struct job_request request = named(s, "bucket", 1);
	struct err_note note = {""};
	struct job job, again;

	bucket_put(s, "a.txt", "apple");
	assert_int_equal(engine_job_import(s->w.engine, &request, &import,
			     &job, &note), 0);
	assert_int_equal(engine_job_import(s->w.engine, &request, &import,
			     &again, &note), 0);
	assert_true(uuid_is_equal(&again.uuid, &job.uuid));
	/* Nor was a source made for it. */
	(void)world_until(&s->w, &job.uuid, NULL);

	request = named(s, "folder", 1);
	assert_int_equal(engine_job_folder(s->w.engine, &request, &folder,
			     true, &job, &note), 0);
	assert_int_equal(engine_job_folder(s->w.engine, &request, &folder,
			     true, &again, &note), 0);
	assert_true(uuid_is_equal(&again.uuid, &job.uuid));
	(void)world_until(&s->w, &job.uuid, NULL);
	assert_int_equal(world_audit(&s->w).jobs, 2);
}

static void
test_names(void **state)
{
	struct sources_world *s = *state;
	char name[REQUEST_KEY_BYTES_MAX + 2];
	struct job_request request = named(s, "", 1);
	struct err_note note = {""};
	struct job job;
	struct put put;

	assert_int_equal(put_text(s, &request, "apple", &job, &put, &note),
	    ERR_INVALID);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	request.request_key = name;
	assert_int_equal(put_text(s, &request, "apple", &job, &put, &note),
	    ERR_INVALID);
	name[sizeof(name) - 2] = '\0';
	assert_int_equal(put_text(s, &request, "apple", &job, &put, &note), 0);
	(void)world_until(&s->w, &job.uuid, NULL);
}

/* What failed has not used up its name. */
static void
test_failed(void **state)
{
	struct sources_world *s = *state;
	struct job_request request = named(s, "one", 1);
	struct err_note note = {""};
	struct job job;
	struct put put;

	request.base = rng_uuid();
	assert_int_equal(put_text(s, &request, "apple", &job, &put, &note),
	    ERR_NOT_FOUND);
	request.base = s->w.base;
	assert_int_equal(put_text(s, &request, "apple", &job, &put, &note), 0);
	(void)world_until(&s->w, &job.uuid, NULL);
	/* And with its base it goes. */
	assert_int_equal(engine_base_delete(s->w.engine, s->w.account_id,
			     &s->w.base, &note), 0);
	world_base(&s->w);
	request = named(s, "one", 7);
	assert_int_equal(put_text(s, &request, "apple", &job, &put, &note), 0);
	(void)world_until(&s->w, &job.uuid, NULL);
}

#define RACERS 8

struct racer {
	struct sources_world *s;
	pthread_t thread;
	struct job job;
	int err;
};

static void *
race(void *arg)
{
	struct racer *racer = arg;
	struct job_request request = named(racer->s, "one", 1);
	struct put put;

	racer->err = put_text(racer->s, &request, "apple", &racer->job, &put,
	    NULL);
	return NULL;
}

static void
test_race(void **state)
{
	struct sources_world *s = *state;
	struct racer racers[RACERS];
	unsigned i;

	for (i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.s = s};
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race,
				     &racers[i]), 0);
	}
	for (i = 0; i < RACERS; i++) {
		assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
		assert_int_equal(racers[i].err, 0);
		assert_true(uuid_is_equal(&racers[i].job.uuid,
		    &racers[0].job.uuid));
	}
	(void)world_until(&s->w, &racers[0].job.uuid, NULL);
	assert_int_equal(world_audit(&s->w).jobs, 1);
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, sources_up, sources_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_puts),
	    TEST(test_kinds),
	    TEST(test_names),
	    TEST(test_failed),
	    TEST(test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
