/* SPDX-License-Identifier: Apache-2.0 */
/* Contents put into documents: new ones, those that are there, those that
 * another job is about to index; and where their bytes lie meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "pipeline_world.h"

#include "engine/board.h"
#include "engine/engine_int.h"
#include "make_zip.h"

#define BATCH "20260102030405678901"

static int
puts_up(void **state)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));

	assert_non_null(w);
	world_init(w);
	world_start(w);
	world_base(w);
	*state = w;
	return 0;
}

/* Without threads: what is put waits for engine_begin(). */
static int
puts_up_still(void **state)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));
	struct err_note note;

	assert_non_null(w);
	world_init(w);
	assert_int_equal(world_open(w, &note), 0);
	world_login(w);
	world_base(w);
	*state = w;
	return 0;
}

static int
puts_down(void **state)
{
	world_fini(*state);
	mem_free(*state);
	return 0;
}

static void
engine_begin(struct pipeline *w)
{
	struct err_note note = {""};

	if (engine_start(w->engine, &note) < 0)
		fail_msg("no start: %s", note.text);
}

static struct upload *
upload_of(struct pipeline *w, const char *name, const char *text, size_t len)
{
	struct upload *upload = NULL;
	struct err_note note;

	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_TEXT, name,
			     NULL, &upload, &note), 0);
	assert_int_equal(engine_upload_write(upload, text, len), 0);
	assert_int_equal(engine_upload_finish(upload, &note), 0);
	return upload;
}

static int
put_try(struct pipeline *w, struct put *puts, size_t count, bool is_forced,
    struct job *ret_job)
{
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE};
	struct err_note note = {""};

	return engine_job_puts(w->engine, &request, JOB_KIND_TEXT, puts,
	    count, NULL, is_forced, ret_job, &note);
}

/* One put, with its text as an upload when there is one. */
static struct job
put_text(struct pipeline *w, struct put *put, const char *name,
    const char *text, bool is_forced)
{
	struct job job;

	if (text != NULL)
		put->upload = upload_of(w, name, text, strlen(text));
	assert_int_equal(put_try(w, put, 1, is_forced, &job), 0);
	engine_upload_free(put->upload);
	put->upload = NULL;
	return job;
}

static struct job
put_end(struct pipeline *w, struct put *put, const char *name,
    const char *text)
{
	struct job job = put_text(w, put, name, text, false);

	return world_until(w, &job.uuid, NULL);
}

struct seen {
	char name[64], metadata[128], settings[128], uri[256], message[256];
	uint32_t position, segments;
	uint64_t count;
	enum item_state state;
	enum item_code code;
};

static int
seen_document(void *arg, const struct document *document)
{
	struct seen *seen = arg;

	(void)snprintf(seen->name, sizeof(seen->name), "%s", document->name);
	(void)snprintf(seen->metadata, sizeof(seen->metadata), "%s",
	    document->metadata);
	(void)snprintf(seen->settings, sizeof(seen->settings), "%s",
	    document->settings);
	(void)snprintf(seen->uri, sizeof(seen->uri), "%s", document->uri);
	seen->position = document->position;
	seen->segments = document->segments;
	seen->count++;
	return 0;
}

static struct seen
document_of(struct pipeline *w, const struct uuid *uuid)
{
	struct seen seen;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_document_get(w->reader,
			     (int64_t)uuid_row(uuid), seen_document, &seen),
	    0);
	return seen;
}

static int
seen_item(void *arg, const struct item_row *row)
{
	struct seen *seen = arg;

	seen->state = row->item.state;
	seen->code = row->item.code;
	(void)snprintf(seen->message, sizeof(seen->message), "%s",
	    row->item.message);
	return 0;
}

/* The first item of a job. */
static struct seen
item_of(struct pipeline *w, const struct job *job)
{
	struct item_filter filter = {.job_id = job->id, .limit = 1};
	struct seen seen;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(store_items_each(w->reader, &filter, seen_item,
			     &seen), 0);
	return seen;
}

static uint64_t
documents_count(struct pipeline *w)
{
	return world_audit(w).index.documents;
}

/* How many files are below a folder of the data folder. */
static unsigned
files_count(struct pipeline *w, const char *folder)
{
	char command[256];
	unsigned count = 0;
	FILE *pipe;

	(void)snprintf(command, sizeof(command),
	    "find %s/%s -type f | wc -l", w->data, folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%u", &count), 1);
	assert_int_equal(pclose(pipe), 0);
	return count;
}

/* ---- where they go ------------------------------------------------------ */

static void
test_new_ones(void **state)
{
	struct pipeline *w = *state;
	struct put puts[3] = {{.is_new = true}, {.is_new = true},
	    {.is_new = true, .name = "other", .metadata = "{\"a\":1}",
		.settings = "{\"chunking\":{\"chars_max\":100}}"}};
	struct job job;
	struct seen seen;
	size_t i;

	puts[0].upload = upload_of(w, "note", "An early ebb.", 13);
	puts[1].upload = upload_of(w, "note", "A late ebb.", 11);
	puts[2].upload = upload_of(w, "note", "No ebb at all.", 14);
	assert_int_equal(put_try(w, puts, 3, false, &job), 0);
	assert_int_equal(job.counts.total, 3);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 3);
	assert_int_equal(world_found(w, "ebb"), 3);
	for (i = 0; i < 3; i++) {
		seen = document_of(w, &puts[i].ret_document);
		assert_string_equal(seen.name, i == 2 ? "other" : "note");
		assert_string_equal(seen.metadata,
		    i == 2 ? "{\"a\":1}" : "{}");
		assert_string_equal(seen.settings, i == 2
		    ? "{\"chunking\":{\"chars_max\":100}}" : "{}");
		assert_int_equal(seen.position, i + 1);
		assert_int_equal(puts[i].ret_position, i + 1);
		engine_upload_free(puts[i].upload);
	}
	/* Another one of that name, in another request. */
	puts[0] = (struct put){.is_new = true};
	job = put_end(w, &puts[0], "note", "An ebb of its own.");
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(puts[0].ret_position, 4);
	assert_int_equal(documents_count(w), 4);
}

/* A name with a number that none has yet: within one request, when there are
 * gaps, and when what is there has that name by itself. */
static void
test_numbered(void **state)
{
	static const char *const names[] = {"note 1.txt", "note 2.txt",
	    "note 5.txt", "note 6.txt", "note 7.txt"};
	struct pipeline *w = *state;
	struct put puts[2], put = {.name = "note #.txt",
	    .is_numbered = true}, taken = {.name = "note 4.txt"};
	struct job job;
	size_t i;

	puts[0] = puts[1] = put;
	puts[0].upload = upload_of(w, "x", "One tide.", 9);
	puts[1].upload = upload_of(w, "x", "Two tides.", 10);
	assert_int_equal(put_try(w, puts, 2, false, &job), 0);
	(void)world_until(w, &job.uuid, NULL);
	for (i = 0; i < 2; i++) {
		assert_string_equal(document_of(w,
			    &puts[i].ret_document).name, names[i]);
		engine_upload_free(puts[i].upload);
	}
	(void)put_end(w, &taken, "x", "Four tides.");
	for (i = 2; i < 5; i++) {
		(void)put_end(w, &put, "x", names[i]);
		assert_string_equal(document_of(w, &put.ret_document).name,
		    names[i]);
	}
	assert_int_equal(documents_count(w), 6);
	put.name = "no sign";
	put.upload = upload_of(w, "x", "No tide.", 8);
	assert_int_equal(put_try(w, &put, 1, false, &job), ERR_INVALID);
	put.name = NULL;
	assert_int_equal(put_try(w, &put, 1, false, &job), ERR_INVALID);
	put.name = "note #.txt";
	put.is_new = true;
	assert_int_equal(put_try(w, &put, 1, false, &job), ERR_INVALID);
	engine_upload_free(put.upload);
}

static void
test_by_name(void **state)
{
	struct pipeline *w = *state;
	struct put puts[3] = {{.is_new = false}};
	struct uuid first;
	struct job job;

	puts[0].upload = upload_of(w, "a b", "The first tide.", 15);
	puts[1].upload = upload_of(w, "a b", "The second tide.", 16);
	puts[2].upload = upload_of(w, "a b?copy=2", "The third tide.", 15);
	assert_int_equal(put_try(w, puts, 3, false, &job), 0);
	(void)world_until(w, &job.uuid, NULL);
	assert_string_equal(document_of(w, &puts[0].ret_document).uri,
	    "text:///a%20b");
	assert_string_equal(document_of(w, &puts[1].ret_document).uri,
	    "text:///a%20b?copy=2");
	assert_string_equal(document_of(w, &puts[2].ret_document).uri,
	    "text:///a%20b%3Fcopy%3D2");
	first = puts[0].ret_document;
	engine_upload_free(puts[0].upload);
	engine_upload_free(puts[1].upload);
	engine_upload_free(puts[2].upload);

	puts[0] = (struct put){.metadata = "{\"b\":2}"};
	job = put_end(w, &puts[0], "a b", "The newest tide.");
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_true(uuid_is_equal(&puts[0].ret_document, &first));
	assert_int_equal(puts[0].ret_position, 1);
	assert_int_equal(world_found(w, "first"), 0);
	assert_int_equal(world_found(w, "newest"), 1);
	assert_string_equal(document_of(w, &first).metadata, "{\"b\":2}");

	/* What was not given stays. */
	puts[0] = (struct put){.upload = NULL};
	job = put_end(w, &puts[0], "a b", "The newer tide.");
	assert_string_equal(document_of(w, &first).metadata, "{\"b\":2}");
	assert_int_equal(documents_count(w), 3);
}

static void
test_into_document(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true}, again;
	struct job job;
	struct seen seen;

	(void)put_end(w, &put, "old name", "Some oldword.");
	again = (struct put){.document = &put.ret_document};
	job = put_end(w, &again, "upload's", "Some newword.");
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_true(uuid_is_equal(&again.ret_document, &put.ret_document));
	assert_string_equal(document_of(w, &put.ret_document).name,
	    "upload's");
	assert_int_equal(world_found(w, "oldword"), 0);
	assert_int_equal(world_found(w, "newword"), 1);

	again = (struct put){.document = &put.ret_document, .name = "renamed",
	    .settings = "{\"x\":1}"};
	job = put_end(w, &again, NULL, NULL);
	seen = document_of(w, &put.ret_document);
	assert_string_equal(seen.name, "renamed");
	assert_string_equal(seen.settings, "{\"x\":1}");
	/* No setting that decides what becomes of it. */
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, 1);
	assert_int_equal(documents_count(w), 1);
}

static void
test_other_rule(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true}, again;
	char text[4000];
	struct job job;
	size_t len = 0;

	while (len < 3000)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "The water rises, stands and falls again.\n\n");
	(void)put_end(w, &put, "long", text);
	assert_int_equal(document_of(w, &put.ret_document).segments, 3);
	again = (struct put){.document = &put.ret_document,
	    .settings = "{\"chunking\":{\"chars_max\":300}}"};
	job = put_end(w, &again, NULL, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_true(document_of(w, &put.ret_document).segments > 9);
	/* The same once more. */
	job = put_end(w, &again, NULL, NULL);
	assert_int_equal(job.unchanged, 1);
	(void)world_audit(w);
}

static void
test_forced(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true}, again;
	struct job job;

	(void)put_end(w, &put, "same", "Always the same.");
	again = (struct put){.document = &put.ret_document};
	job = put_text(w, &again, NULL, NULL, false);
	assert_int_equal(world_until(w, &job.uuid, NULL).unchanged, 1);
	job = put_text(w, &again, NULL, NULL, true);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.unchanged, 0);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "always"), 1);
	/* Also when the content is given anew. */
	job = put_text(w, &again, "same", "Always the same.", true);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(documents_count(w), 1);
}

/* A forced run that was asked for before the server ended is one after it. */
static void
test_forced_over_restart(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true}, again;
	struct job job, forced;

	job = put_text(w, &put, "same", "Always the same.", false);
	engine_begin(w);
	(void)world_until(w, &job.uuid, NULL);
	again = (struct put){.document = &put.ret_document};
	world_stop(w);
	assert_int_equal(world_open(w, NULL), 0);
	world_login(w);
	forced = put_text(w, &again, NULL, NULL, true);
	world_stop(w);
	world_start(w);
	forced = world_until(w, &forced.uuid, NULL);
	assert_int_equal(forced.counts.completed, 1);
	assert_int_equal(world_found(w, "always"), 1);
	(void)world_audit(w);
}

/* ---- documents read in place -------------------------------------------- */

static int
first_document(void *arg, const struct document *document)
{
	struct uuid *uuid = arg;

	*uuid = uuid_of_row(&document->base_uuid, (uint64_t)document->id);
	return 0;
}

static void
test_in_place(void **state)
{
	struct pipeline *w = *state;
	struct document_filter filter = {.base_id = 1, .limit = 1};
	struct uuid uuid;
	struct put put = {.document = &uuid, .name = "my own name",
	    .metadata = "{\"kept\":true}"};
	struct job job;
	char path[160];

	world_put(w, "a.txt", "Read at the pier.\n", 1);
	assert_int_equal(world_index(w, &job), 0);
	(void)world_until(w, &job.uuid, NULL);
	assert_int_equal(store_documents_each(w->reader, &filter,
			     first_document, &uuid), 0);

	job = put_text(w, &put, NULL, NULL, true);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.removed, 0);
	world_put(w, "a.txt", "Read at the mole, somewhat later.\n", 1);
	job = put_text(w, &put, NULL, NULL, false);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "pier"), 0);
	assert_int_equal(world_found(w, "mole"), 1);

	/* The next walk takes nothing of it back. */
	assert_int_equal(world_index(w, &job), 0);
	assert_int_equal(world_until(w, &job.uuid, NULL).unchanged, 1);
	assert_string_equal(document_of(w, &uuid).name, "my own name");
	assert_string_equal(document_of(w, &uuid).metadata,
	    "{\"kept\":true}");

	(void)snprintf(path, sizeof(path), "%s/a.txt", w->docs);
	assert_int_equal(unlink(path), 0);
	job = put_text(w, &put, NULL, NULL, false);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(item_of(w, &job).code, ITEM_CODE_SOURCE_NOT_FOUND);
	assert_int_equal(world_found(w, "mole"), 1);
}

/* ---- what is refused ---------------------------------------------------- */

static void
test_refused(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true}, twice[2], other = {.name = NULL};
	struct job job;
	struct uuid nobody, base = w->base, foreign;
	struct err_note note;
	int64_t rev;

	job = put_end(w, &put, "a", "Something.");
	assert_int_equal(engine_base_create(w->engine, w->account_id, "more",
			     NULL, NULL, &w->base, &note), 0);
	other.is_new = true;
	job = put_end(w, &other, "b", "Something else.");
	foreign = other.ret_document;
	w->base = base;
	memset(&nobody, 0x5A, sizeof(nobody));
	rev = board_rev(engine_board(w->engine));

	other = (struct put){.document = &nobody};
	assert_int_equal(put_try(w, &other, 1, false, &job), ERR_NOT_FOUND);
	other.document = &foreign;
	assert_int_equal(put_try(w, &other, 1, true, &job), ERR_NOT_FOUND);
	other = (struct put){.name = "nothing at all"};
	assert_int_equal(put_try(w, &other, 1, false, &job), ERR_INVALID);
	other = (struct put){.document = &put.ret_document, .name = "\t"};
	assert_int_equal(put_try(w, &other, 1, false, &job), ERR_INVALID);
	other = (struct put){.document = &put.ret_document, .name = ""};
	assert_int_equal(put_try(w, &other, 1, false, &job), ERR_INVALID);
	other = (struct put){.document = &put.ret_document,
	    .metadata = "[]"};
	assert_int_equal(put_try(w, &other, 1, false, &job), ERR_INVALID);
	other = (struct put){.document = &put.ret_document,
	    .settings = "{\"chunking\":{\"chars_max\":1}}"};
	assert_int_equal(put_try(w, &other, 1, false, &job), ERR_INVALID);
	twice[0] = (struct put){.document = &put.ret_document};
	twice[1] = twice[0];
	assert_int_equal(put_try(w, twice, 2, true, &job), ERR_INVALID);
	assert_int_equal(put_try(w, twice, 0, true, &job), ERR_INVALID);
	/* Nothing of all that came to be. */
	assert_int_equal(board_rev(engine_board(w->engine)), rev);
	assert_int_equal(documents_count(w), 1);
}

static void
test_batch(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE};
	struct put put = {.is_new = true};
	struct err_note note;
	struct job job, found;

	put.upload = upload_of(w, "a", "A batch.", 8);
	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_TEXT,
			     &put, 1, BATCH "x", false, &job, &note),
	    ERR_INVALID);
	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_TEXT,
			     &put, 1, "", false, &job, &note), ERR_INVALID);
	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_TEXT,
			     &put, 1, BATCH, false, &job, &note), 0);
	assert_string_equal(job.batch, BATCH);
	(void)world_until(w, &job.uuid, NULL);
	assert_int_equal(store_job_find_batch(w->reader, job.base_id, BATCH,
			     &found), 0);
	assert_int_equal(found.id, job.id);
	engine_upload_free(put.upload);
}

/* ---- the newest content wins -------------------------------------------- */

/* Both wait: the older one ends as what it is, whatever is taken first. */
static void
test_newer_waits(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true}, newer, newest;
	struct job first, second, third, same;
	struct seen seen;

	first = put_text(w, &put, "a", "The oldest word.", false);
	newer = (struct put){.document = &put.ret_document};
	second = put_text(w, &newer, "a", "The newer word.", false);
	assert_int_equal(world_job(w, &first.uuid).state, JOB_NO_CHANGES);
	seen = item_of(w, &first);
	assert_int_equal(seen.state, ITEM_CANCELLED);
	assert_int_equal(seen.code, ITEM_CODE_CANCELLED);
	assert_string_equal(seen.message,
	    "a newer content of the document came");
	newest = newer;
	third = put_text(w, &newest, "a", "The newest word.", false);
	assert_int_equal(item_of(w, &second).state, ITEM_CANCELLED);
	/* The same content again takes nobody's place. */
	same = put_text(w, &newest, "a", "The newest word.", false);
	assert_int_equal(item_of(w, &third).state, ITEM_QUEUED);

	engine_begin(w);
	third = world_until(w, &third.uuid, NULL);
	same = world_until(w, &same.uuid, NULL);
	/* The second may have looked before the first was committed. */
	assert_int_equal(third.counts.completed + third.unchanged, 1);
	assert_int_equal(same.counts.completed + same.unchanged, 1);
	assert_true(third.counts.completed + same.counts.completed > 0);
	assert_int_equal(world_found(w, "oldest"), 0);
	assert_int_equal(world_found(w, "newer"), 0);
	assert_int_equal(world_found(w, "newest"), 1);
	assert_int_equal(documents_count(w), 1);
}

/* The same, and the workers come to the older one last: it is paused. */
static void
test_older_is_held(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true}, newer;
	struct err_note note;
	struct job first, second, paused;

	first = put_text(w, &put, "a", "The oldest word.", false);
	assert_int_equal(engine_job_order(w->engine, w->account_id,
			     &first.uuid, JOB_ORDER_PAUSE, "test", &paused,
			     &note), 0);
	newer = (struct put){.document = &put.ret_document};
	second = put_text(w, &newer, "a", "The newest word.", false);
	engine_begin(w);
	assert_int_equal(world_until(w, &second.uuid, NULL).counts.completed,
	    1);
	assert_int_equal(engine_job_order(w->engine, w->account_id,
			     &first.uuid, JOB_ORDER_RESUME, "test", &paused,
			     &note), 0);
	first = world_until(w, &first.uuid, NULL);
	assert_int_equal(first.counts.cancelled, 1);
	assert_int_equal(world_found(w, "oldest"), 0);
	assert_int_equal(world_found(w, "newest"), 1);
	(void)world_audit(w);
}

static bool
has_batches(const struct job *job)
{
	return job->segments_completed > 0 ||
	    job_state_is_final(job->state);
}

/* The older one is in a worker's hands, some of its segments are stored. */
static void
test_older_runs(void **state)
{
	struct pipeline *w = *state;
	static const char line[] = "The oldest word of all, told again and "
				   "again until the ebb.\n\n";
	struct put put = {.is_new = true}, newer;
	struct job first, second;
	struct buf text;
	int i;

	buf_init(&text, 8 * MIB);
	for (i = 0; i < 60000; i++)
		(void)buf_puts(&text, line);
	put.upload = upload_of(w, "a", text.data, text.len);
	assert_int_equal(put_try(w, &put, 1, false, &first), 0);
	engine_upload_free(put.upload);
	buf_fini(&text);
	(void)world_until(w, &first.uuid, has_batches);
	newer = (struct put){.document = &put.ret_document};
	second = put_text(w, &newer, "a", "The newest word.", false);
	second = world_until(w, &second.uuid, NULL);
	first = world_until(w, &first.uuid, NULL);
	assert_int_equal(second.counts.completed, 1);
	assert_int_equal(first.counts.completed + first.counts.cancelled, 1);
	assert_int_equal(world_found(w, "oldest"), 0);
	assert_int_equal(world_found(w, "newest"), 1);
	(void)world_audit(w);
}

/* ---- where the bytes are ------------------------------------------------ */

/* A document of so many bytes, written in pieces of step. */
static void
put_bytes(struct pipeline *w, size_t bytes, size_t step, const char *name)
{
	struct put put = {.is_new = true};
	struct upload *upload = NULL;
	struct err_note note;
	struct stat info;
	char *text, *back;
	struct job job;
	size_t at, n;
	int fd;

	text = mem_alloc(bytes + 1);
	back = mem_alloc(bytes + 1);
	assert_non_null(text);
	assert_non_null(back);
	for (at = 0; at < bytes; at++)
		text[at] = at % 7 == 6 ? ' ' : (char)('a' + at / 7 % 26);
	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_UPLOAD, name,
			     NULL, &upload, &note), 0);
	for (at = 0; at < bytes; at += n) {
		n = bytes - at < step ? bytes - at : step;
		assert_int_equal(engine_upload_write(upload, text + at, n),
		    0);
	}
	assert_int_equal(engine_upload_finish(upload, &note), 0);
	put.upload = upload;
	assert_int_equal(put_try(w, &put, 1, false, &job), 0);
	fd = engine_blob_open(w->engine, w->reader, upload_hash(upload),
	    &note);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &info), 0);
	assert_int_equal(info.st_size, bytes);
	assert_int_equal(read(fd, back, bytes + 1), bytes);
	assert_memory_equal(back, text, bytes);
	assert_int_equal(close(fd), 0);
	engine_upload_free(upload);
	mem_free(text);
	mem_free(back);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, bytes > 0);
}

static void
test_small_and_large(void **state)
{
	struct pipeline *w = *state;

	put_bytes(w, 100, 100, "few.txt");
	put_bytes(w, SMALL_BLOB_BYTES_MAX, 1000, "most.txt");
	put_bytes(w, 0, 1, "none.txt");
	assert_int_equal(files_count(w, "blobs"), 0);
	put_bytes(w, SMALL_BLOB_BYTES_MAX + 1, 1000, "more.txt");
	assert_int_equal(files_count(w, "blobs"), 1);
	put_bytes(w, SMALL_BLOB_BYTES_MAX + 2, 1 * MIB, "at-once.txt");
	assert_int_equal(files_count(w, "blobs"), 2);
	assert_int_equal(files_count(w, "tmp"), 0);
	assert_int_equal(w->engine->upload_memory, 0);
}

static void
test_no_such_blob(void **state)
{
	struct pipeline *w = *state;
	static const uint8_t hash[HASH_SIZE] = {1};
	struct err_note note;

	assert_int_equal(engine_blob_open(w->engine, w->reader, hash, &note),
	    ERR_NOT_FOUND);
}

/* What nobody may write to any more. */
static void
test_blob_is_sealed(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true};
	struct err_note note;
	struct job job;
	int fd;

	put.upload = upload_of(w, "a", "Sealed.", 7);
	assert_int_equal(put_try(w, &put, 1, false, &job), 0);
	fd = engine_blob_open(w->engine, w->reader, upload_hash(put.upload),
	    &note);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(close(fd), 0);
	engine_upload_free(put.upload);
	(void)world_until(w, &job.uuid, NULL);
}

#define MANY 600

static void
check_blob(struct pipeline *w, const struct upload *upload, const char *text)
{
	char back[32];
	struct err_note note;
	int fd;

	fd = engine_blob_open(w->engine, w->reader, upload_hash(upload),
	    &note);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, back, sizeof(back)), sizeof(back));
	assert_memory_equal(back, text, strlen(text));
	assert_int_equal(close(fd), 0);
}

/* More than memory takes of them: the rest are files, and all are right. */
static void
test_many_at_once(void **state)
{
	struct pipeline *w = *state;
	static struct put puts[MANY];
	static char text[SMALL_BLOB_BYTES_MAX];
	char name[32];
	struct job job;
	unsigned i, files;

	memset(text, ' ', sizeof(text));
	memset(puts, 0, sizeof(puts));
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "n%u.txt", i);
		(void)snprintf(text, 32, "A word%uword here", i);
		text[strlen(text)] = ' ';
		puts[i].upload = upload_of(w, name, text, sizeof(text));
	}
	assert_true(w->engine->upload_memory <= 32 * MIB);
	files = files_count(w, "tmp");
	assert_int_equal(files, MANY - 32 * MIB / SMALL_BLOB_BYTES_MAX);
	assert_int_equal(put_try(w, puts, MANY, false, &job), 0);
	assert_int_equal(job.counts.total, MANY);
	assert_int_equal(files_count(w, "tmp"), 0);
	assert_int_equal(files_count(w, "blobs"), files);
	check_blob(w, puts[0].upload, "A word0word here ");
	check_blob(w, puts[MANY - 1].upload, "A word599word here ");
	for (i = 0; i < MANY; i++)
		engine_upload_free(puts[i].upload);
	assert_int_equal(w->engine->upload_memory, 0);
}

/* Given up, small and large: nothing stays behind. */
static void
test_given_up(void **state)
{
	struct pipeline *w = *state;
	static const char bytes[SMALL_BLOB_BYTES_MAX] = {1};
	struct upload *small = NULL, *large = NULL;
	struct err_note note;

	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_UPLOAD, "a",
			     NULL, &small, &note), 0);
	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_UPLOAD, "b",
			     NULL, &large, &note), 0);
	assert_int_equal(engine_upload_write(small, bytes, 10), 0);
	assert_int_equal(engine_upload_write(large, bytes, sizeof(bytes)), 0);
	assert_int_equal(files_count(w, "tmp"), 0);
	assert_int_equal(engine_upload_write(large, bytes, 1), 0);
	assert_int_equal(files_count(w, "tmp"), 1);
	assert_int_equal(w->engine->upload_memory, 10);
	engine_upload_free(small);
	engine_upload_free(large);
	assert_int_equal(files_count(w, "tmp"), 0);
	assert_int_equal(w->engine->upload_memory, 0);
}

/* Small members of an archive go the same way. */
static void
test_members(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.is_new = true};
	struct made_zip zip;
	struct buf file;
	struct job job;

	zip_begin(&zip);
	zip_text(&zip, "a.txt", "The first member.");
	zip_text(&zip, "b.txt", "The second member.");
	file = zip_end(&zip);
	put.upload = upload_of(w, "box.zip", file.data, file.len);
	assert_int_equal(put_try(w, &put, 1, false, &job), 0);
	engine_upload_free(put.upload);
	buf_fini(&file);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.total, 3);
	assert_int_equal(job.counts.completed, 3);
	assert_int_equal(world_found(w, "member"), 2);
	assert_int_equal(files_count(w, "blobs"), 0);
	assert_int_equal(files_count(w, "tmp"), 0);
	(void)world_audit(w);
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, puts_up, puts_down)
#define STILL(name)                                                           \
	cmocka_unit_test_setup_teardown(name, puts_up_still, puts_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_new_ones),
	    TEST(test_numbered),
	    TEST(test_by_name),
	    TEST(test_into_document),
	    TEST(test_other_rule),
	    TEST(test_forced),
	    STILL(test_forced_over_restart),
	    TEST(test_in_place),
	    TEST(test_refused),
	    TEST(test_batch),
	    STILL(test_newer_waits),
	    STILL(test_older_is_held),
	    TEST(test_older_runs),
	    TEST(test_small_and_large),
	    TEST(test_no_such_blob),
	    TEST(test_blob_is_sealed),
	    STILL(test_many_at_once),
	    TEST(test_given_up),
	    TEST(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
