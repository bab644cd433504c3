/* SPDX-License-Identifier: Apache-2.0 */
/* Contents that are kept, and what of them is indexed when that is asked
 * for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "kept_world.h"

#include "engine/bases.h"
#include "engine/engine_int.h"
#include "engine/undo.h"
#include "make_zip.h"
#include "sys/sha256.h"

/* ---- keeping ------------------------------------------------------------- */

static void
test_keep(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.by_content = true, .metadata = "{\"a\":1}"};
	char uri[128], hex[SHA256_TEXT_SIZE];
	uint8_t hash[HASH_SIZE];
	struct kept_fact fact;
	struct job job;

	job = keep_put(w, &put, "one.txt", "the first words", 15);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.counts.skipped, 1);
	assert_int_equal(job.unchanged, 0);
	sha256_of("the first words", 15, hash);
	sha256_format(hash, hex);
	(void)snprintf(uri, sizeof(uri), "content:///%s", hex);
	fact = kept_fact(w, &put.ret_document);
	assert_string_equal(fact.uri, uri);
	assert_string_equal(fact.name, "one.txt");
	assert_string_equal(fact.metadata, "{\"a\":1}");
	assert_true(fact.is_held && !fact.is_indexed);
	assert_int_equal(fact.state, ITEM_SKIPPED);
	assert_int_equal(fact.code, ITEM_CODE_KEPT);
	assert_int_equal(fact.standing, DOCUMENT_WAITING);
	assert_int_equal(world_found(w, "words"), 0);
	(void)world_audit(w);
}

/* The same bytes are the same document, whatever they are called. */
static void
test_same_content(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = kept_request(w);
	struct put puts[3] = {{.by_content = true}, {.by_content = true},
	    {.by_content = true}};
	struct err_note note = {""};
	struct uuid first, again;
	struct job job;
	size_t i;

	first = keep_text(w, "one.txt", "the first words");
	again = keep_text(w, "two.txt", "the first words");
	assert_true(uuid_is_equal(&first, &again));
	assert_string_equal(kept_fact(w, &first).name, "two.txt");

	puts[0].upload = kept_upload(w, "a.txt", "same", 4);
	puts[1].upload = kept_upload(w, "b.txt", "same", 4);
	puts[2].upload = kept_upload(w, "c.txt", "other", 5);
	assert_int_equal(engine_job_keep(w->engine, &request, puts, 3, &job,
			     &note), 0);
	assert_int_equal(job.counts.total, 2);
	assert_true(uuid_is_equal(&puts[0].ret_document,
	    &puts[1].ret_document));
	assert_false(uuid_is_equal(&puts[0].ret_document,
	    &puts[2].ret_document));
	assert_int_equal(puts[0].ret_position, puts[1].ret_position);
	assert_string_equal(kept_fact(w, &puts[0].ret_document).name,
	    "b.txt");
	for (i = 0; i < 3; i++)
		engine_upload_free(puts[i].upload);
	(void)world_audit(w);
}

static void
test_refused(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = kept_request(w);
	struct put put = {.by_content = true};
	struct uuid none = {{1}};
	struct err_note note = {""};
	struct job job;

	assert_int_equal(engine_job_keep(w->engine, &request, &put, 1, &job,
			     &note), ERR_INVALID);
	put.is_new = true;
	assert_int_equal(keep_try(w, &put, "a", "a", 1, &job, &note),
	    ERR_INVALID);
	put.is_new = false;
	put.document = &none;
	assert_int_equal(keep_try(w, &put, "a", "a", 1, &job, &note),
	    ERR_NOT_FOUND);
	request.base = none;
	assert_int_equal(engine_job_kept(w->engine, &request, &job, &note),
	    ERR_NOT_FOUND);
}

/* ---- indexing ------------------------------------------------------------ */

static void
test_index(void **state)
{
	struct pipeline *w = *state;
	struct uuid one, two;
	struct kept_fact fact;
	struct job job;

	job = kept_end(w);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.counts.total, 0);

	one = keep_text(w, "one.txt", "walnut trees");
	job = kept_end(w);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 1);
	fact = kept_fact(w, &one);
	assert_true(fact.is_indexed && !fact.is_held);
	assert_int_equal(fact.standing, DOCUMENT_AVAILABLE);
	assert_int_equal(world_found(w, "walnut"), 1);

	/* Only what is new. */
	two = keep_text(w, "two.txt", "hazel bushes");
	assert_int_equal(world_found(w, "hazel"), 0);
	job = kept_end(w);
	assert_int_equal(job.counts.total, 1);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "hazel"), 1);
	assert_true(kept_fact(w, &two).is_indexed);
	job = kept_end(w);
	assert_int_equal(job.counts.total, 0);
	(void)world_audit(w);
}

static void
test_unchanged(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.by_content = true, .metadata = "{\"a\":2}"};
	struct kept_fact fact;
	struct job job;

	(void)keep_text(w, "one.txt", "walnut trees");
	(void)kept_end(w);
	job = keep_put(w, &put, "other.txt", "walnut trees", 12);
	assert_int_equal(job.unchanged, 1);
	fact = kept_fact(w, &put.ret_document);
	assert_false(fact.is_held);
	assert_string_equal(fact.name, "other.txt");
	assert_string_equal(fact.metadata, "{\"a\":2}");
	assert_int_equal(fact.standing, DOCUMENT_AVAILABLE);
	assert_int_equal(kept_end(w).counts.total, 0);
}

/* Another content for a document: it is found as it was until it is asked to
 * be indexed. */
static void
test_replace(void **state)
{
	struct pipeline *w = *state;
	struct uuid one = keep_text(w, "one.txt", "walnut trees");
	struct put put = {.by_content = true, .document = &one};
	struct err_note note = {""};
	struct kept_fact before, fact;
	struct uuid two;
	struct job job;

	(void)kept_end(w);
	before = kept_fact(w, &one);
	(void)keep_put(w, &put, "new.txt", "maple trees", 11);
	assert_true(uuid_is_equal(&put.ret_document, &one));
	fact = kept_fact(w, &one);
	assert_string_not_equal(fact.uri, before.uri);
	assert_true(fact.is_held && fact.is_indexed);
	assert_int_equal(world_found(w, "walnut"), 1);
	job = kept_end(w);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "walnut"), 0);
	assert_int_equal(world_found(w, "maple"), 1);

	/* What it was is nobody's content now, and may come again... */
	two = keep_text(w, "old.txt", "walnut trees");
	assert_false(uuid_is_equal(&two, &one));
	/* ...and then it is taken. */
	before = kept_fact(w, &one);
	assert_int_equal(keep_try(w, &put, "x", "walnut trees", 12, &job,
			     &note), ERR_EXISTS);
	fact = kept_fact(w, &one);
	assert_string_equal(fact.uri, before.uri);
	assert_string_equal(fact.name, before.name);
	assert_false(fact.is_held);
	/* Given again as it is: unchanged. */
	job = keep_put(w, &put, "x", "maple trees", 11);
	assert_int_equal(job.unchanged, 1);
	(void)world_audit(w);
}

/* ---- beside other jobs --------------------------------------------------- */

static struct job
put_now(struct pipeline *w, struct put *put, const char *text)
{
	struct job_request request = kept_request(w);
	struct err_note note = {""};
	struct job job;

	put->upload = kept_upload(w, "now.txt", text, strlen(text));
	if (engine_job_puts(w->engine, &request, JOB_KIND_TEXT, put, 1, NULL,
		false, &job, &note) < 0)
		fail_msg("not put: %s", note.text);
	engine_upload_free(put->upload);
	put->upload = NULL;
	return job;
}

/* A job has it open: the same content is not held, another one goes before. */
static void
test_open(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.by_content = true};
	struct put other = {.by_content = true};
	struct job live = put_now(w, &put, "walnut trees"), job;
	struct kept_fact before = kept_fact(w, &put.ret_document), fact;

	assert_int_equal(before.state, ITEM_QUEUED);
	(void)keep_put(w, &put, "a.txt", "walnut trees", 12);
	fact = kept_fact(w, &put.ret_document);
	assert_int_equal(fact.item_id, before.item_id);
	assert_false(fact.is_held);
	/* It is left to that job. */
	job = kept_ask(w);

	other.document = &put.ret_document;
	(void)put_now(w, &other, "maple trees");
	assert_int_equal(world_job(w, &live.uuid).counts.cancelled, 1);
	(void)keep_put(w, &other, "b.txt", "hazel bushes", 12);
	fact = kept_fact(w, &put.ret_document);
	assert_true(fact.is_held);
	assert_int_equal(fact.code, ITEM_CODE_KEPT);
	kept_begin(w);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "hazel"), 1);
	assert_int_equal(world_found(w, "walnut"), 0);
	(void)world_audit(w);
}

/* What another job indexes is not held any more. */
static void
test_indexed_otherwise(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = kept_request(w);
	struct uuid one = keep_text(w, "one.txt", "walnut trees");
	struct put put = {.document = &one};
	struct err_note note = {""};
	struct job job;

	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_TEXT,
			     &put, 1, NULL, false, &job, &note), 0);
	assert_false(kept_fact(w, &one).is_held);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "walnut"), 1);
	assert_int_equal(kept_end(w).counts.total, 0);
}

/* ---- turns --------------------------------------------------------------- */

static bool
is_scanned(const struct job *job)
{
	return job->scan == SCAN_DONE;
}

static void
test_turns(void **state)
{
	struct pipeline *w = *state;
	struct job first, second, third;

	(void)keep_text(w, "one.txt", "walnut trees");
	first = kept_ask(w);
	second = kept_ask(w);
	third = kept_ask(w);
	(void)kept_order(w, &first, JOB_ORDER_PAUSE);
	kept_begin(w);
	first = world_until(w, &first.uuid, is_scanned);
	assert_int_equal(first.counts.queued, 1);
	/* As long as it has not ended it is nobody else's turn. */
	second = world_job(w, &second.uuid);
	assert_int_equal(second.state, JOB_PENDING);
	(void)keep_text(w, "two.txt", "hazel bushes");
	second = kept_order(w, &second, JOB_ORDER_CANCEL);
	assert_int_equal(second.state, JOB_CANCELLED);
	third = world_job(w, &third.uuid);
	assert_int_equal(third.scan, SCAN_WAITING);

	(void)kept_order(w, &first, JOB_ORDER_RESUME);
	first = world_until(w, &first.uuid, NULL);
	assert_int_equal(first.counts.completed, 1);
	/* It sees what there is when its turn comes. */
	third = world_until(w, &third.uuid, NULL);
	assert_int_equal(third.counts.completed, 1);
	assert_true(third.started_us >= first.finished_us);
	assert_int_equal(world_found(w, "hazel"), 1);
}

/* They are durable, and go on after a start of the program. */
static void
test_restart(void **state)
{
	struct pipeline *w = *state;
	struct job first, second;

	(void)keep_text(w, "one.txt", "walnut trees");
	first = kept_ask(w);
	second = kept_ask(w);
	world_stop(w);
	world_start(w);
	first = world_until(w, &first.uuid, NULL);
	assert_int_equal(first.counts.completed, 1);
	second = world_until(w, &second.uuid, NULL);
	assert_int_equal(second.state, JOB_NO_CHANGES);
	assert_int_equal(world_found(w, "walnut"), 1);
}

/* The first is cancelled while nobody looks, and with the base all goes. */
static void
test_end_of_turns(void **state)
{
	struct pipeline *w = *state;
	struct err_note note = {""};
	struct job first, second, job;

	(void)keep_text(w, "one.txt", "walnut trees");
	first = kept_ask(w);
	second = kept_ask(w);
	(void)kept_order(w, &first, JOB_ORDER_CANCEL);
	kept_begin(w);
	second = world_until(w, &second.uuid, NULL);
	assert_int_equal(second.counts.completed, 1);

	first = kept_ask(w);
	first = kept_order(w, &first, JOB_ORDER_PAUSE);
	second = kept_ask(w);
	assert_int_equal(engine_base_delete(w->engine, w->account_id,
			     &w->base, &note), 0);
	assert_int_equal(engine_job_get(w->engine, w->reader, w->account_id,
			     &second.uuid, &job), ERR_NOT_FOUND);
	world_base(w);
	(void)keep_text(w, "one.txt", "hazel bushes");
	assert_int_equal(kept_end(w).counts.completed, 1);
}

/* ---- again --------------------------------------------------------------- */

static void
test_failures(void **state)
{
	struct pipeline *w = *state;
	struct put put = {.by_content = true};
	struct err_note note = {""};
	struct job job, again;

	(void)keep_put(w, &put, "bad.docx", "PK\3\4 no archive at all", 22);
	(void)keep_text(w, "one.txt", "walnut trees");
	job = kept_end(w);
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.counts.failed, 1);
	assert_int_equal(job.counts.completed, 1);
	assert_false(kept_fact(w, &put.ret_document).is_held);
	assert_int_equal(kept_fact(w, &put.ret_document).standing,
	    DOCUMENT_BROKEN);

	/* What failed is tried again, and nothing else. */
	again = kept_end(w);
	assert_int_equal(again.counts.total, 1);
	assert_int_equal(again.state, JOB_FAILED);
	assert_int_equal(engine_job_retry(w->engine, w->account_id, &job.uuid,
			     false, DIALECT_NATIVE, &again, &note), 0);
	assert_int_equal(again.kind, JOB_KIND_KEPT);
	assert_int_equal(again.attempt, 2);
	again = world_until(w, &again.uuid, NULL);
	assert_int_equal(again.counts.total, 1);
	/* Kept once more it is held, and not known to be indexed. */
	again = keep_put(w, &put, "bad.docx", "PK\3\4 no archive at all", 22);
	assert_int_equal(again.unchanged, 0);
	assert_true(kept_fact(w, &put.ret_document).is_held);
	assert_int_equal(engine_job_retry(w->engine, w->account_id,
			     &again.uuid, true, DIALECT_NATIVE, &job, &note),
	    ERR_INVALID);
}

static void
test_cancelled(void **state)
{
	struct pipeline *w = *state;
	struct uuid one = keep_text(w, "one.txt", "walnut trees");
	struct job job = kept_ask(w);

	(void)kept_order(w, &job, JOB_ORDER_PAUSE);
	kept_begin(w);
	job = world_until(w, &job.uuid, is_scanned);
	assert_int_equal(job.counts.queued, 1);
	(void)kept_order(w, &job, JOB_ORDER_CANCEL);
	assert_int_equal(kept_fact(w, &one).state, ITEM_CANCELLED);
	assert_int_equal(kept_end(w).counts.completed, 1);
	assert_int_equal(world_found(w, "walnut"), 1);
}

static int
first_segment(void *arg, const struct segment *segment)
{
	int64_t *id = arg;

	*id = segment->id;
	return 0;
}

static void
edit_by_hand(struct pipeline *w, const struct uuid *document)
{
	struct segment_edit edit = {.text = "written by hand"};
	struct err_note note = {""};
	struct uuid segment;
	int64_t id = 0;

	assert_int_equal(store_segments_each(w->reader,
			     (int64_t)uuid_row(document), 0, 1, first_segment,
			     &id), 0);
	segment = uuid_of_row(document, (uint64_t)id);
	if (engine_segment_change(w->engine, w->account_id, document,
		&segment, &edit, "tests", &note) < 0)
		fail_msg("not edited: %s", note.text);
}

/* With another rule what was indexed is indexed again, but for what was
 * changed by hand, and what has a rule of its own. */
static void
test_rules(void **state)
{
	struct pipeline *w = *state;
	struct put own = {.by_content = true, .settings =
	    "{\"chunking\":{\"method\":\"whole\"}}"};
	struct uuid edited;
	struct job job;

	(void)keep_text(w, "one.txt", "walnut trees");
	edited = keep_text(w, "two.txt", "hazel bushes");
	(void)keep_put(w, &own, "own.txt", "maple trees", 11);
	assert_int_equal(kept_end(w).counts.completed, 3);
	edit_by_hand(w, &edited);
	kept_settings(w, "{\"chunking\":{\"method\":\"fixed\","
	    "\"chars_max\":6}}");
	job = kept_end(w);
	assert_int_equal(job.counts.total, 1);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "hand"), 1);
	assert_int_equal(kept_end(w).counts.total, 0);
	/* The content it was made of is still known; a new one is asked
	 * for. */
	job = keep_put(w, &(struct put){.by_content = true}, "two.txt",
	    "hazel bushes", 12);
	assert_int_equal(job.unchanged, 1);
	job = keep_put(w, &(struct put){.by_content = true,
	    .document = &edited}, "two.txt", "birch trees", 11);
	assert_int_equal(job.unchanged, 0);
	assert_int_equal(kept_end(w).counts.completed, 1);
	assert_int_equal(world_found(w, "hand"), 0);
	(void)world_audit(w);
}

/* Files in place are read again where that is allowed now. */
static void
test_in_place(void **state)
{
	struct pipeline *w = *state;
	struct job job;

	world_put(w, "a.txt", "walnut trees\n", 1);
	assert_int_equal(world_index(w, &job), 0);
	(void)world_until(w, &job.uuid, NULL);
	kept_settings(w, "{\"chunking\":{\"method\":\"whole\"}}");
	job = kept_end(w);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(world_found(w, "walnut"), 1);

	kept_settings(w, "{\"chunking\":{\"method\":\"fixed\","
	    "\"chars_max\":4}}");
	w->engine->folder_root_count--;
	job = kept_end(w);
	w->engine->folder_root_count++;
	assert_int_equal(job.counts.total, 0);
}

/* What is held and cannot be read any more is not waited for without an end:
 * it fails, until it can be read again. */
static void
test_forgotten_in_place(void **state)
{
	struct base_watch watch = {.goes_on = NULL};
	struct pipeline *w = *state;
	struct err_note note = {""};
	uint64_t count;
	struct job job;

	world_put(w, "a.txt", "walnut trees\n", 1);
	assert_int_equal(world_index(w, &job), 0);
	(void)world_until(w, &job.uuid, NULL);
	assert_int_equal(engine_base_forget(w->engine, w->reader,
			     w->account_id, &w->base, "tests", &watch, &count,
			     &note), 0);
	assert_int_equal(count, 1);
	w->engine->folder_root_count--;
	job = kept_end(w);
	w->engine->folder_root_count++;
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(job.counts.failed, 1);
	assert_int_equal(kept_end(w).counts.completed, 1);
	assert_int_equal(world_found(w, "walnut"), 1);
	(void)world_audit(w);
}

/* What was the same as another document is found itself when that is gone. */
static void
test_duplicate(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = kept_request(w);
	struct put put = {.name = "a.txt"};
	struct err_note note = {""};
	struct uuid one, two;
	struct job job;

	put.upload = kept_upload(w, "a.txt", "walnut trees", 12);
	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_UPLOAD,
			     &put, 1, NULL, false, &job, &note), 0);
	engine_upload_free(put.upload);
	(void)world_until(w, &job.uuid, NULL);
	one = put.ret_document;
	two = keep_text(w, "b.txt", "walnut trees");
	assert_int_equal(kept_end(w).counts.skipped, 1);
	assert_int_equal(kept_fact(w, &two).code, ITEM_CODE_DUPLICATE);
	assert_int_equal(kept_end(w).counts.total, 0);
	assert_int_equal(world_found(w, "walnut"), 1);
	assert_int_equal(engine_document_delete(w->engine, w->account_id,
			     &one, &note), 0);
	assert_int_equal(world_found(w, "walnut"), 0);
	assert_int_equal(kept_end(w).counts.completed, 1);
	assert_int_equal(world_found(w, "walnut"), 1);
	assert_int_equal(kept_end(w).counts.total, 0);
	(void)world_audit(w);
}

/* ---- members ------------------------------------------------------------- */

static struct uuid
keep_archive(struct pipeline *w, const char *second)
{
	struct put put = {.by_content = true};
	struct made_zip zip;
	struct buf file;

	zip_begin(&zip);
	zip_text(&zip, "a.txt", "walnut trees");
	zip_text(&zip, "b.txt", second);
	file = zip_end(&zip);
	(void)keep_put(w, &put, "all.zip", file.data, file.len);
	buf_fini(&file);
	return put.ret_document;
}

static int
member_uuid(void *arg, const struct document *document)
{
	struct uuid *uuid = arg;

	if (document->parent_id != 0)
		*uuid = uuid_of_row(&document->base_uuid,
		    (uint64_t)document->id);
	return 0;
}

static struct uuid
some_member(struct pipeline *w, const struct uuid *document)
{
	struct document_filter filter = {.limit = 10,
	    .parent_id = (int64_t)uuid_row(document)};
	struct uuid uuid = {{0}};
	struct base_ref base;

	assert_int_equal(base_ref_find(w->reader, w->account_id, &w->base,
			     &base), 0);
	filter.base_id = base.id;
	assert_int_equal(store_documents_each(w->reader, &filter, member_uuid,
			     &uuid), 0);
	return uuid;
}

/* They come and go with what they are in. */
static void
test_members(void **state)
{
	struct pipeline *w = *state;
	struct uuid archive = keep_archive(w, "hazel bushes"), member;
	struct put put = {.by_content = true};
	struct err_note note = {""};
	struct job job = kept_end(w);

	assert_int_equal(job.counts.completed, 3);
	assert_int_equal(world_found(w, "hazel"), 1);
	assert_int_equal(kept_end(w).counts.total, 0);
	member = some_member(w, &archive);
	put.document = &member;
	assert_int_equal(keep_try(w, &put, "a", "b", 1, &job, &note),
	    ERR_INVALID);
	assert_int_equal(engine_document_forget(w->engine, w->account_id,
			     &member, &note), ERR_CONFLICT);
	kept_settings(w, "{\"chunking\":{\"method\":\"whole\"}}");
	assert_int_equal(kept_end(w).counts.completed, 3);

	assert_int_equal(engine_document_forget(w->engine, w->account_id,
			     &archive, &note), 0);
	assert_int_equal(world_found(w, "hazel"), 0);
	assert_false(kept_fact(w, &member).is_there);
	assert_int_equal(kept_end(w).counts.completed, 3);
	assert_int_equal(world_found(w, "hazel"), 1);
	(void)world_audit(w);
}

/* ---- forgetting ---------------------------------------------------------- */

static bool
goes_on_never(void *arg)
{
	(void)arg;
	return false;
}

static void
test_forget(void **state)
{
	struct pipeline *w = *state;
	struct base_watch watch = {.goes_on = NULL};
	struct uuid one, none = {{1}};
	struct err_note note = {""};
	struct audit_totals totals;
	struct kept_fact fact;
	char text[32];
	uint64_t count;
	unsigned i;

	for (i = 0; i < 40; i++) {
		(void)snprintf(text, sizeof(text), "walnut number%u", i);
		one = keep_text(w, "one.txt", text);
	}
	assert_int_equal(kept_end(w).counts.completed, 40);
	/* A file that could not be read again stays. */
	world_put(w, "a.txt", "hazel bushes\n", 1);
	{
		struct job job;

		assert_int_equal(world_index(w, &job), 0);
		(void)world_until(w, &job.uuid, NULL);
	}
	w->engine->folder_root_count--;
	assert_int_equal(engine_base_forget(w->engine, w->reader,
			     w->account_id, &w->base, "tests",
			     &(struct base_watch){.goes_on = goes_on_never},
			     &count, &note), ERR_CANCELLED);
	assert_int_equal(count, 0);
	assert_int_equal(engine_base_forget(w->engine, w->reader,
			     w->account_id, &w->base, "tests", &watch, &count,
			     &note), 0);
	w->engine->folder_root_count++;
	assert_int_equal(count, 40);
	assert_int_equal(world_found(w, "walnut"), 0);
	assert_int_equal(world_found(w, "hazel"), 1);
	fact = kept_fact(w, &one);
	assert_true(fact.is_held && !fact.is_indexed);
	totals = world_audit(w);
	assert_int_equal(totals.index.documents, 1);
	assert_int_equal(kept_end(w).counts.completed, 40);
	assert_int_equal(world_found(w, "walnut"), 40);

	assert_int_equal(engine_document_forget(w->engine, w->account_id,
			     &one, &note), 0);
	assert_int_equal(world_found(w, "number39"), 0);
	assert_true(kept_fact(w, &one).is_held);
	assert_int_equal(kept_end(w).counts.completed, 1);
	assert_int_equal(engine_document_forget(w->engine, w->account_id,
			     &none, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_base_forget(w->engine, w->reader,
			     w->account_id, &none, "tests", &watch, &count,
			     &note), ERR_NOT_FOUND);
	(void)world_audit(w);
}

/* What runs is cancelled, and not asked for again. */
static void
test_forget_running(void **state)
{
	struct pipeline *w = *state;
	struct base_watch watch = {.goes_on = NULL};
	struct err_note note = {""};
	struct job job;
	uint64_t count;
	struct uuid one;

	one = keep_text(w, "one.txt", "walnut trees");
	job = kept_ask(w);
	assert_int_equal(engine_base_forget(w->engine, w->reader,
			     w->account_id, &w->base, "tests", &watch, &count,
			     &note), 0);
	assert_int_equal(count, 1);
	assert_int_equal(world_job(w, &job.uuid).state, JOB_CANCELLED);
	assert_true(kept_fact(w, &one).is_held);
}

/* ---- undoing ------------------------------------------------------------- */

/* A job that is undone leaves what was held before it held again. */
static void
test_undo(void **state)
{
	struct pipeline *w = *state;
	struct job_request request = kept_request(w);
	struct uuid one = keep_text(w, "one.txt", "walnut trees");
	struct put put = {.document = &one};
	struct err_note note = {""};
	struct job job, undone;

	(void)kept_end(w);
	put.by_content = true;
	(void)keep_put(w, &put, "one.txt", "hazel bushes", 12);
	put.by_content = false;
	request.keeps_replaced = true;
	put.upload = kept_upload(w, "now.txt", "maple trees", 11);
	assert_int_equal(engine_job_puts(w->engine, &request, JOB_KIND_TEXT,
			     &put, 1, NULL, false, &job, &note), 0);
	engine_upload_free(put.upload);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(world_found(w, "maple"), 1);
	assert_false(kept_fact(w, &one).is_held);
	assert_int_equal(engine_job_undo(w->engine, w->account_id, &job.uuid,
			     &undone, &note), 0);
	assert_int_equal(world_found(w, "walnut"), 1);
	assert_true(kept_fact(w, &one).is_held);
	assert_int_equal(kept_end(w).counts.completed, 1);
	assert_int_equal(world_found(w, "hazel"), 1);
	(void)world_audit(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_keep, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_same_content, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_refused, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_index, kept_up, kept_down),
	    cmocka_unit_test_setup_teardown(test_unchanged, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_replace, kept_up, kept_down),
	    cmocka_unit_test_setup_teardown(test_open, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_indexed_otherwise, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_turns, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_restart, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_end_of_turns, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_failures, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_cancelled, kept_up_still,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_rules, kept_up, kept_down),
	    cmocka_unit_test_setup_teardown(test_in_place, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_forgotten_in_place, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_duplicate, kept_up,
		kept_down),
	    cmocka_unit_test_setup_teardown(test_members, kept_up, kept_down),
	    cmocka_unit_test_setup_teardown(test_forget, kept_up, kept_down),
	    cmocka_unit_test_setup_teardown(test_forget_running,
		kept_up_still, kept_down),
	    cmocka_unit_test_setup_teardown(test_undo, kept_up, kept_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
