/* SPDX-License-Identifier: Apache-2.0 */
/* Documents inside of documents, on their way from the extractor to items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine_world.h"

#include "base/buf.h"
#include "engine/dispatch.h"
#include "engine/member.h"
#include "engine/outcome.h"
#include "engine/run.h"

#define DIMENSIONS 4
#define BOX "file:///box.zip"

/* An item in a worker's hands. */
struct held {
	struct work work;
	struct run *run;
	struct members members;
};

struct planned {
	int64_t job_id;
	bool is_first_look;
	struct item item;
};

static int
planned_take(void *arg, const struct item_row *row)
{
	((struct planned *)arg)->item = row->item;
	return 0;
}

static int
planned_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct planned *planned = arg;
	struct item_row row;
	int err;

	(void)note;
	memset(&row, 0, sizeof(row));
	row.uri = BOX;
	row.name = "box.zip";
	row.metadata = "{}";
	row.item.bytes = 100;
	row.item.mtime_us = 1000;
	err = plan_item(tx, tx_job(tx, planned->job_id), &row, 1,
	    planned->is_first_look);
	return err < 0 ? err
		       : store_item_get(tx_store(tx), row.item.id,
			     planned_take, planned);
}

static struct item
plan_box(struct world *w, bool is_first_look)
{
	struct planned planned = {.job_id = make_job(w),
	    .is_first_look = is_first_look};

	assert_int_equal(writer_do(w->engine->writer, planned_apply, &planned,
			     NULL), 0);
	return planned.item;
}

static void
hold_item(struct world *w, struct held *held, const struct item *item)
{
	static char uri[] = BOX, name[] = "box.zip";

	memset(held, 0, sizeof(*held));
	held->work.item = *item;
	held->work.uri = uri;
	held->work.name = name;
	held->run = run_new(w->engine, item);
	assert_non_null(held->run);
	members_init(&held->members, w->engine);
	members_begin(&held->members, &held->work, held->run,
	    w->engine->store);
}

/* The archive in a new job. */
static void
hold(struct world *w, struct held *held)
{
	struct item item = plan_box(w, false);

	hold_item(w, held, &item);
}

static void
let_go(struct held *held)
{
	members_clear(&held->members);
	run_unref(held->run);
}

/* Apply, commit and tell what was posted. */
static void
let_write(struct world *w)
{
	assert_int_equal(writer_start(w->engine->writer), 0);
	writer_stop(w->engine->writer);
}

static void
add(struct held *held, const char *name, const char *bytes)
{
	struct members *members = &held->members;

	assert_int_equal(members_add(members, name), 0);
	assert_int_equal(members_bytes(members, bytes, strlen(bytes)), 0);
	assert_int_equal(members_end(members, ITEM_CODE_NONE, ""), 0);
}

/* One member that came out without an error, and what became of it. */
static void
add_and_write(struct world *w, struct held *held, const char *name,
    const char *bytes)
{
	members_clear(&held->members);
	members_begin(&held->members, &held->work, held->run,
	    w->engine->store);
	add(held, name, bytes);
	assert_int_equal(members_post(&held->members), 0);
	let_write(w);
}

/* One that says that it has so many bytes. */
static void
post_large(struct world *w, struct held *held, const char *uri,
    uint64_t bytes)
{
	struct member_batch *batch = mem_zalloc(sizeof(*batch));
	struct member *member;

	assert_non_null(batch);
	member = &batch->list[batch->count++];
	member->uri = mem_strdup(uri);
	member->name = mem_strdup("large");
	member->bytes = bytes;
	member->code = ITEM_CODE_FILE_TOO_LARGE;
	assert_int_equal(outcome_members(w->engine, held->run, &batch), 0);
	let_write(w);
}

/* The archive itself was read to the end. */
static void
publish(struct world *w, struct held *held)
{
	static const float vectors[DIMENSIONS] = {1};
	struct segment_batch *batch = segment_batch_new(1);
	struct segment segment = {.section = "", .text = "names",
	    .text_len = 5};
	struct published what = {
	    .document_id = held->work.item.document_id, .base_id = 1,
	    .rule = 1, .bytes = 100, .mtime_us = 1000, .has_vectors = true};

	assert_non_null(batch);
	assert_int_equal(segment_batch_add(batch, &segment), 0);
	assert_int_equal(segment_batch_seal(batch, vectors, DIMENSIONS), 0);
	run_set_segments(held->run, 1);
	what.keyphrases = mem_strdup("[]");
	assert_int_equal(outcome_publish(w->engine, held->run, &what, &batch),
	    0);
	let_write(w);
}

static int
line_of(void *arg, const struct item_row *row)
{
	static const uint8_t none[HASH_SIZE];
	struct buf *lines = arg;

	(void)buf_printf(lines, "%s %s", row->name,
	    item_state_name(row->item.state));
	if (row->item.code != ITEM_CODE_NONE)
		(void)buf_printf(lines, " %s", item_code_name(row->item.code));
	if (row->blob != NULL) {
		assert_memory_not_equal(row->blob, none, HASH_SIZE);
		(void)buf_puts(lines, " +");
	}
	(void)buf_putc(lines, '\n');
	return 0;
}

/* The job's items, "+" where there are bytes. */
static void
check_items(struct world *w, const struct held *held, const char *wanted)
{
	struct item_filter filter = {.job_id = held->work.item.job_id,
	    .limit = 100};
	struct buf lines;

	buf_init(&lines, 8192);
	assert_int_equal(store_items_each(w->engine->store, &filter, line_of,
			     &lines), 0);
	assert_string_equal(buf_text(&lines), wanted);
	buf_fini(&lines);
}

static int
count_document(void *arg, const struct document *document)
{
	(void)document;
	(*(unsigned *)arg)++;
	return 0;
}

static unsigned
documents_inside(struct world *w, const struct held *held)
{
	struct document_filter filter = {.base_id = 1, .limit = 100,
	    .parent_id = held->work.item.document_id};
	unsigned count = 0;

	assert_int_equal(store_documents_each(w->engine->store, &filter,
			     count_document, &count), 0);
	return count;
}

/* The extractor died within it: half of a document is none. */
static void
test_broken_off(void **state)
{
	struct world *w = *state;
	struct held held;

	hold(w, &held);
	add(&held, "whole.txt", "some text");
	assert_int_equal(members_add(&held.members, "half.txt"), 0);
	assert_int_equal(members_bytes(&held.members, "some", 4), 0);
	assert_int_equal(members_post(&held.members), 0);
	let_write(w);
	check_items(w, &held,
	    "box.zip queued\n"
	    "box.zip/whole.txt queued +\n"
	    "box.zip/half.txt failed EXTRACTION_FAILED\n");
	let_go(&held);
}

/* Read again by the same job: known, unless the archive was changed. */
static void
test_read_again(void **state)
{
	struct world *w = *state;
	struct held held;

	hold(w, &held);
	add_and_write(w, &held, "a.txt", "one");
	add_and_write(w, &held, "a.txt", "one");
	check_items(w, &held, "box.zip queued\nbox.zip/a.txt queued +\n");
	add_and_write(w, &held, "a.txt", "two");
	add_and_write(w, &held, "a.txt", "two");
	check_items(w, &held,
	    "box.zip queued\n"
	    "box.zip/a.txt cancelled CANCELLED +\n"
	    "box.zip/a.txt queued +\n");
	let_go(&held);
}

/* Another job reads the same archive meanwhile: what is inside of it stays;
 * what is not inside any more goes. */
static void
test_two_jobs(void **state)
{
	struct world *w = *state;
	struct held one, two, three;

	hold(w, &one);
	hold(w, &two);
	add_and_write(w, &one, "a.txt", "one");
	add_and_write(w, &two, "a.txt", "one");
	publish(w, &one);
	check_items(w, &two, "box.zip queued\nbox.zip/a.txt queued +\n");
	assert_int_equal(documents_inside(w, &one), 1);
	publish(w, &two);
	assert_int_equal(documents_inside(w, &one), 1);

	hold(w, &three);
	publish(w, &three);
	assert_int_equal(documents_inside(w, &one), 0);
	check_items(w, &two,
	    "box.zip completed\nbox.zip/a.txt cancelled CANCELLED +\n");
	let_go(&one);
	let_go(&two);
	let_go(&three);
}

/* Size and time are the same, but members were not dealt with. */
static void
test_undone(void **state)
{
	struct world *w = *state;
	struct held held, inner;
	struct item_filter filter = {.after_seq = 1, .limit = 1};
	struct planned member;
	struct item item;

	hold(w, &held);
	add_and_write(w, &held, "in.zip", "one");
	publish(w, &held);
	assert_int_equal(plan_box(w, true).code, ITEM_CODE_UNCHANGED);

	/* At the second level as well. */
	filter.job_id = held.work.item.job_id;
	assert_int_equal(store_items_each(w->engine->store, &filter,
			     planned_take, &member), 0);
	hold_item(w, &inner, &member.item);
	add_and_write(w, &inner, "a.txt", "two");
	filter.after_seq = 2;
	assert_int_equal(store_items_each(w->engine->store, &filter,
			     planned_take, &member), 0);
	let_go(&inner);
	hold_item(w, &inner, &member.item);
	assert_int_equal(outcome_end(w->engine, inner.run,
			     ITEM_CODE_EMBEDDING_FAILED, "", 0), 0);
	let_write(w);
	item = plan_box(w, true);
	assert_int_equal(item.code, ITEM_CODE_NONE);
	assert_int_equal(item.state, ITEM_QUEUED);
	let_go(&inner);
	let_go(&held);
}

/* The limit holds for all that is below the outermost document, once. */
static void
test_too_many_bytes(void **state)
{
	struct world *w = *state;
	struct held held, inner;
	struct item item;

	hold(w, &held);
	post_large(w, &held, BOX "#a", MEMBERS_BYTES_MAX / 2);
	post_large(w, &held, BOX "#b", MEMBERS_BYTES_MAX / 2 - 100);
	/* Read again: they are there already. */
	post_large(w, &held, BOX "#a", MEMBERS_BYTES_MAX / 2);
	check_items(w, &held,
	    "box.zip queued\n"
	    "large failed FILE_TOO_LARGE\nlarge failed FILE_TOO_LARGE\n");

	/* An archive inside may have the 100 bytes that are left. */
	item = held.work.item;
	item.root_id = item.document_id;
	item.document_id++;
	item.depth = 1;
	hold_item(w, &inner, &item);
	assert_int_equal(members_add(&inner.members, "c"), 0);
	assert_int_equal(members_bytes(&inner.members, BOX, 10), 0);
	assert_int_equal(members_bytes(&inner.members, item.message, 91),
	    ERR_TOO_BIG);
	assert_true(inner.members.is_over);

	post_large(w, &held, BOX "#c", 101);
	check_items(w, &held,
	    "box.zip failed EXTRACTION_LIMIT\n"
	    "large failed FILE_TOO_LARGE\nlarge failed FILE_TOO_LARGE\n"
	    "large failed FILE_TOO_LARGE\n");
	members_clear(&inner.members);
	members_begin(&inner.members, &inner.work, inner.run,
	    w->engine->store);
	assert_int_equal(members_add(&inner.members, "c"), ERR_TOO_BIG);
	assert_true(inner.members.is_over);
	let_go(&inner);
	let_go(&held);
}

/* However long the address of what it is in has become. */
static void
test_long_address(void **state)
{
	struct world *w = *state;
	static char uri[URI_BYTES_MAX + 1];
	struct held held;
	char *address;
	unsigned depth;

	hold(w, &held);
	memset(uri, 'x', URI_BYTES_MAX);
	address = mem_strdup(uri);
	for (depth = 0; depth < MEMBER_DEPTH_MAX; depth++) {
		held.work.uri = address;
		held.work.item.depth = depth;
		add(&held, "../a/b", "text");
		add(&held, "a/b", "text");
		held.work.uri = NULL;
		mem_free(address);
		address = mem_strdup(held.members.batch->list[1].uri);
		members_clear(&held.members);
		members_begin(&held.members, &held.work, held.run,
		    w->engine->store);
	}
	mem_free(address);
	held.work.item.depth = depth;
	assert_int_equal(members_add(&held.members, "a"), ERR_TOO_BIG);
	assert_true(held.members.is_too_deep);
	let_go(&held);
}

int
main(void)
{
#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, world_up, world_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_broken_off),
	    TEST(test_read_again),
	    TEST(test_two_jobs),
	    TEST(test_undone),
	    TEST(test_too_many_bytes),
	    TEST(test_long_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
