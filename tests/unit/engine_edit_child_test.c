/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children of segments changed by hand, with the vectors that are theirs or the
 * segment's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edit_world.h"

/* ---- children ----------------------------------------------------------- */

static void
added_segments_are_cut(void **state)
{
	struct fixture *f = *state;
	struct uuid segment = segment_added(f, "red cherry\nblack cherry");
	struct rows rows = children_of(&f->w, &segment);

	assert_string_equal(rows.text, "red cherry\nblack cherry\n");
	assert_false(rows.are_custom[0] || rows.are_custom[1]);
	assert_true(is_near(&f->w, "black cherry", &segment));
	assert_int_equal(world_found(&f->w, "black"), 1);
}

static void
children_are_edited(void **state)
{
	struct fixture *f = *state;
	struct uuid segment = segment_added(f, "red cherry\nblack cherry");
	struct rows rows;
	struct uuid child;

	assert_int_equal(child_add(f, &segment, "a plum of sorts", &child),
	    0);
	assert_true(is_near(&f->w, "a plum of sorts", &segment));
	rows = children_of(&f->w, &segment);
	assert_string_equal(rows.text,
	    "red cherry\nblack cherry\na plum of sorts\n");
	assert_true(uuid_is_equal(&rows.uuids[2], &child));
	assert_true(rows.are_custom[2]);
	assert_int_equal(child_change(f, &segment, &rows.uuids[0],
			     "sweet quince"), 0);
	assert_true(is_near(&f->w, "sweet quince", &segment));
	assert_int_equal(child_delete(f, &segment, &child), 0);
	assert_int_equal(child_delete(f, &segment, &child), ERR_NOT_FOUND);
	assert_int_equal(child_change(f, &segment, &child, "x"),
	    ERR_NOT_FOUND);
	assert_int_equal(child_add(f, &segment, " ", &child), ERR_INVALID);
	rows = children_of(&f->w, &segment);
	assert_string_equal(rows.text, "sweet quince\nblack cherry\n");
	assert_true(rows.are_custom[0]);
	assert_int_equal(child_change(f, &f->first, &rows.uuids[0], "x"),
	    ERR_NOT_FOUND);

	world_stop(&f->w);
	world_start(&f->w);
	assert_true(is_near(&f->w, "sweet quince", &segment));
	(void)world_audit(&f->w);
}

/* With its first child a segment loses its own vector, with the last one it
 * gets it back. */
static void
first_and_last_children(void **state)
{
	struct fixture *f = *state;
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0];
	struct uuid child;

	assert_int_equal(child_add(f, &segment, "zebra crossing", &child), 0);
	assert_true(is_near(&f->w, "zebra crossing", &segment));
	assert_int_equal(child_delete(f, &segment, &child), 0);
	assert_true(is_near(&f->w, "the apple text", &segment));
	/* The same while it is switched off. */
	assert_int_equal(child_add(f, &segment, "zebra crossing", &child), 0);
	assert_int_equal(segment_switch(f, &segment, false), 0);
	assert_false(is_near(&f->w, "zebra crossing", &segment));
	assert_int_equal(child_change(f, &segment, &child, "yak shaving"),
	    0);
	assert_false(is_near(&f->w, "yak shaving", &segment));
	assert_int_equal(segment_switch(f, &segment, true), 0);
	assert_true(is_near(&f->w, "yak shaving", &segment));
	assert_int_equal(segment_switch(f, &segment, false), 0);
	assert_int_equal(child_delete(f, &segment, &child), 0);
	assert_int_equal(child_add(f, &segment, "zebra crossing", &child), 0);
	assert_int_equal(child_delete(f, &segment, &child), 0);
	assert_int_equal(segment_switch(f, &segment, true), 0);
	assert_true(is_near(&f->w, "the apple text", &segment));
}

static void
children_stay_or_are_cut(void **state)
{
	struct fixture *f = *state;
	struct uuid segment = segment_added(f, "red cherry\nblack cherry");
	struct segment_edit stay = {.text = "yellow plum\nblue plum"};
	struct segment_edit cut = {.text = "green fig\nbrown fig\nfig",
	    .recuts_children = true};
	struct segment_edit again = {.recuts_children = true};
	struct rows before = children_of(&f->w, &segment), rows;
	struct uuid child;

	assert_int_equal(segment_change(f, &segment, &stay), 0);
	rows = children_of(&f->w, &segment);
	assert_string_equal(rows.text, "red cherry\nblack cherry\n");
	assert_memory_equal(rows.uuids, before.uuids, sizeof(rows.uuids));
	assert_int_equal(world_found(&f->w, "plum"), 1);
	assert_int_equal(segment_change(f, &segment, &again), 0);
	assert_string_equal(children_of(&f->w, &segment).text,
	    "yellow plum\nblue plum\n");
	assert_int_equal(child_add(f, &segment, "by hand", &child), 0);
	assert_int_equal(segment_change(f, &segment, &cut), 0);
	rows = children_of(&f->w, &segment);
	assert_string_equal(rows.text, "green fig\nbrown fig\nfig\n");
	assert_true(is_near(&f->w, "green fig", &segment));
	assert_int_equal(child_delete(f, &segment, &before.uuids[0]),
	    ERR_NOT_FOUND);

	/* Switched off and on they are the same again. */
	assert_int_equal(segment_switch(f, &segment, false), 0);
	assert_false(is_near(&f->w, "green fig", &segment));
	assert_int_equal(segment_switch(f, &segment, true), 0);
	assert_true(is_near(&f->w, "green fig", &segment));
	before = children_of(&f->w, &segment);
	assert_memory_equal(rows.uuids, before.uuids, sizeof(rows.uuids));
	assert_false(before.are_custom[0]);
}

/* One request must not make more children than are dealt with at once. */
static void
children_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct document_edit rule = {.document = f->first,
	    .settings = "{\"chunking\":{\"method\":\"whole\",\"child\":{"
			"\"method\":\"recursive\",\"chars_max\":1}}}"};
	char *text = mem_zalloc(CHILDREN_MAX + 2);
	struct segment_edit edits[2] = {{.text = text}, {.text = "more"}};
	struct uuid uuids[2];
	struct err_note note = {""};

	assert_non_null(text);
	memset(text, 'x', CHILDREN_MAX);
	assert_int_equal(documents_edit(f, &rule, 1), 0);
	assert_int_equal(engine_segments_add(f->w.engine, f->w.account_id,
			     &f->first, edits, 2, uuids, &note),
	    ERR_TOO_BIG);
	assert_int_equal(segment_add(f, &f->first, edits, uuids), 0);
	assert_int_equal(child_add(f, &uuids[0], "x", &uuids[1]),
	    ERR_TOO_BIG);
	(void)world_audit(&f->w);
	mem_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CUT(added_segments_are_cut),
	    CUT(children_are_edited),
	    PLAIN(first_and_last_children),
	    CUT(children_stay_or_are_cut),
	    PLAIN(children_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
