/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents indexed by rules of their base: what of them is in the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "pipeline_world.h"

struct found {
	struct store *reader;
	struct buf out;
};

static int
on_child(void *arg, const struct child *child)
{
	struct found *found = arg;

	(void)buf_printf(&found->out, "(%s)", child->text);
	return 0;
}

static int
on_segment(void *arg, const struct segment *segment)
{
	struct found *found = arg;

	(void)buf_putc(&found->out, '[');
	(void)buf_put(&found->out, segment->text, segment->text_len);
	(void)buf_putc(&found->out, ']');
	return store_children_page(found->reader, segment->id, NULL, 0, 100,
	    on_child, found);
}

static int
on_document(void *arg, const struct document *document)
{
	struct found *found = arg;

	(void)buf_printf(&found->out, "%s%s %u: ", document->name,
	    document->has_vectors ? "" : " by words", document->segments);
	return store_segments_each(found->reader, document->id, 0, 100,
	    on_segment, found);
}

/* Index the folder anew by settings, and say what is there then. */
static void
expect(struct pipeline *w, const char *settings, uint64_t completed,
    const char *expected)
{
	struct document_filter filter = {.limit = 100};
	struct found found = {.reader = w->reader};
	struct err_note note = {""};
	struct job job;

	if (engine_base_update(w->engine, w->account_id, &w->base, NULL, NULL,
		settings, &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(world_index(w, &job), 0);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, completed);
	filter.base_id = job.base_id;
	buf_init(&found.out, MIB);
	assert_int_equal(store_documents_each(w->reader, &filter, on_document,
			     &found), 0);
	assert_string_equal(buf_text(&found.out), expected);
	buf_fini(&found.out);
	(void)world_audit(w);
}

#define LINES "{\"chunking\":{\"method\":\"separator\",\"chars_max\":50}"

static void
test_rules(void **state)
{
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", "  alpha  beta\r\n\r\n\r\n# gamma. delta\n", 1);
	expect(&w, "{}", 1, "a.txt 1: [alpha beta\n\n# gamma. delta]");
	/* Nothing has changed. */
	expect(&w, "{}", 0, "a.txt 1: [alpha beta\n\n# gamma. delta]");
	expect(&w, LINES "}", 1, "a.txt 2: [alpha  beta][gamma. delta]");
	expect(&w, LINES "}", 0, "a.txt 2: [alpha  beta][gamma. delta]");
	assert_int_equal(world_found(&w, "gamma"), 1);
	expect(&w, LINES ",\"vectors\":false}", 1,
	    "a.txt by words 2: [alpha  beta][gamma. delta]");
	assert_int_equal(world_found(&w, "gamma"), 1);
	expect(&w, "{\"chunking\":{\"method\":\"recursive\","
	    "\"chars_max\":12}}", 1,
	    "a.txt 4: [alpha][beta\r\n\r\n\r\n#][gamma.][delta]");
	expect(&w, "{\"chunking\":{\"method\":\"whole\",\"child\":"
	    "{\"method\":\"separator\",\"chars_max\":20}}}", 1,
	    "a.txt 1: [alpha  beta\r\n\r\n\r\n# gamma. delta]"
	    "(alpha  beta)(# gamma. delta)");
	assert_int_equal(world_found(&w, "gamma"), 1);
	world_fini(&w);
}

static void
test_many_children(void **state)
{
	struct err_note note = {""};
	struct pipeline w;
	struct job job;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	/* 300 segments of some hundred children: several batches. */
	world_put(&w, "a.txt", "a b c d e f g h i j k l m n o p q r s t u v "
	    "w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z\n",
	    300);
	if (engine_base_update(w.engine, w.account_id, &w.base, NULL, NULL,
		"{\"chunking\":{\"method\":\"separator\",\"chars_max\":500,"
		"\"child\":{\"method\":\"recursive\",\"chars_max\":2}}}",
		&note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(world_index(&w, &job), 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.segments_completed, 300);
	(void)world_audit(&w);
	world_fini(&w);
}

static void
test_kept(void **state)
{
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", "same\n", 1);
	world_put(&w, "b.txt", "same\n", 1);
	world_put(&w, "c.txt", " \n", 1);
	world_put(&w, "d.txt", "", 1);
	expect(&w, LINES ",\"duplicates\":\"index\",\"empty\":\"index\"}", 4,
	    "a.txt 1: [same]b.txt 1: [same]c.txt 0: d.txt 0: ");
	world_fini(&w);
}

static void
test_no_chat(void **state)
{
	struct err_note note = {""};
	struct pipeline w;
	struct job job;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", "a text\n", 1);
	if (engine_base_update(w.engine, w.account_id, &w.base, NULL, NULL,
		"{\"questions\":\"English\"}", &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(world_index(&w, &job), 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.failed, 1);
	world_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_many_children),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_no_chat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
