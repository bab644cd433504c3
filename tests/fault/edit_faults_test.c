/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Editing by hand with the first, second, third ... allocation or change of a
 * file failing until it passes.  The engine is open but without threads: each
 * operation is prepared, applied and committed in the thread of the test.
 * What fails says so with an error that is worth another try, and leaves an
 * index that agrees with itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fault.h"

#include "../unit/engine_world.h"

/* With children, and with a graph. */
#define SETTINGS "{\"chunking\":{\"method\":\"structure\",\"chars_max\":" \
		 "1200,\"child\":{\"method\":\"separator\",\"chars_max\":" \
		 "100,\"separator\":\"\\n\"}}," \
		 "\"graph\":{\"by\":\"rules\"}}"

struct edited {
	struct world *w;
	struct engine *engine;
	struct store *reader;
	int64_t account_id;
	struct uuid document, segment;
	unsigned round;
};

/* ---- a document with a segment with two children ------------------------ */

static int
document_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct edited *e = arg;
	struct store *store = tx_store(tx);
	struct revision revision = {.hash = {1}, .title = "",
	    .media_type = "text/plain", .language = "", .summary = "",
	    .keyphrases = "[]", .has_vectors = true,
	    .graph = GRAPH_OF_RULES};
	struct base_ref base;
	int64_t id = 0;
	int err;

	(void)note;
	err = base_ref_find(store, e->account_id, &e->w->base, &base);
	if (err == 0)
		err = store_document_put(store, base.id, "text:///d", "d",
		    "{}", 0, 0, 1, &id);
	revision.document_id = id;
	revision.base_id = base.id;
	if (err == 0)
		err = store_revision_add(store, &revision, &revision.id);
	if (err == 0)
		err = store_revision_publish(store, &revision, 1);
	e->document = uuid_of_row(&base.uuid, (uint64_t)id);
	return err;
}

static int
up(void **state)
{
	struct edited *e = mem_zalloc(sizeof(*e));
	struct segment_edit edit = {.text = "one cherry\nred cherry"};
	struct err_note note = {""};
	void *w;

	assert_non_null(e);
	assert_int_equal(world_up(&w), 0);
	e->w = w;
	e->engine = e->w->engine;
	e->account_id = e->w->caller.account_id;
	assert_int_equal(engine_reader(e->engine, &e->reader, &note), 0);
	assert_int_equal(engine_base_update(e->engine, e->account_id,
			     &e->w->base, NULL, NULL, SETTINGS, &note), 0);
	assert_int_equal(writer_do(e->engine->writer, document_apply, e,
			     &note), 0);
	assert_int_equal(engine_segments_add(e->engine, e->account_id,
			     &e->document, &edit, 1, &e->segment, &note), 0);
	*state = e;
	return 0;
}

static int
down(void **state)
{
	struct edited *e = *state;
	void *w = e->w;

	fault_clear();
	store_close(e->reader);
	mem_free(e);
	return world_down(&w);
}

/* ---- edits that can be made again and again ----------------------------- */

static int
do_document(struct edited *e, struct err_note *note)
{
	char name[32];
	struct document_edit edit = {.document = e->document, .name = name,
	    .metadata = "{\"a\":1}", .sets_enabled = true,
	    .is_enabled = e->round % 2 == 0};

	(void)snprintf(name, sizeof(name), "name %u", e->round);
	return engine_documents_edit(e->engine, e->account_id, &edit, 1, "k",
	    note);
}

static int
do_add(struct edited *e, struct err_note *note)
{
	struct segment_edit edits[2] = {
	    {.text = "a plum of Ada Lovelace\nb plum"},
	    {.text = "a fig", .answer = "Ada Lovelace lived in London.",
		.keywords = "[\"c\"]"}};
	struct uuid uuids[2];
	int err;

	err = engine_segments_add(e->engine, e->account_id, &e->document,
	    edits, 2, uuids, note);
	return err < 0 ? err
		       : engine_segment_delete(e->engine, e->account_id,
			     &e->document, &uuids[e->round % 2], note);
}

static int
segment_do(struct edited *e, const struct segment_edit *edit,
    struct err_note *note)
{
	return engine_segment_change(e->engine, e->account_id, &e->document,
	    &e->segment, edit, "k", note);
}

static int
do_text(struct edited *e, struct err_note *note)
{
	char text[64];
	struct segment_edit edit = {.text = text,
	    .recuts_children = e->round % 2 == 0};

	(void)snprintf(text, sizeof(text), "line\nAda Number%u founded "
	    "Line Inc. in London.", e->round);
	return segment_do(e, &edit, note);
}

static int
do_switch(struct edited *e, struct err_note *note)
{
	struct segment_edit edit = {.sets_enabled = true};
	int err;

	err = segment_do(e, &edit, note);
	edit.is_enabled = true;
	return err < 0 ? err : segment_do(e, &edit, note);
}

static int
do_child(struct edited *e, struct err_note *note)
{
	struct uuid child;
	int err;

	err = engine_child_add(e->engine, e->account_id, &e->document,
	    &e->segment, "by hand", &child, note);
	if (err == 0)
		err = engine_child_change(e->engine, e->account_id,
		    &e->document, &e->segment, &child, "changed", note);
	return err < 0 ? err
		       : engine_child_delete(e->engine, e->account_id,
			     &e->document, &e->segment, &child, note);
}

static int
do_tags(struct edited *e, struct err_note *note)
{
	struct uuid tag;
	char name[32];
	int err;

	(void)snprintf(name, sizeof(name), "tag %u", e->round);
	err = engine_tag_create(e->engine, e->account_id, name, &tag, note);
	if (err == 0)
		err = engine_tags_bind(e->engine, e->account_id, &tag, 1,
		    &e->w->base, true, note);
	return err < 0 ? err
		       : engine_tag_delete(e->engine, e->account_id, &tag,
			     note);
}

static const struct operation {
	const char *name;
	int (*run)(struct edited *e, struct err_note *note);
} operations[] = {
    {"document", do_document},
    {"add", do_add},
    {"text", do_text},
    {"switch", do_switch},
    {"child", do_child},
    {"tags", do_tags},
};

/* ---- failing ------------------------------------------------------------ */

static int
on_difference(void *arg, const struct difference *difference)
{
	(void)arg;
	fail_msg("audit: %s: %d stored, %d counted", difference->what,
	    (int)difference->stored, (int)difference->counted);
	return 0;
}

static void
check_audit(struct edited *e)
{
	struct audit_totals totals;
	struct err_note note = {""};

	assert_int_equal(engine_audit(e->engine, e->reader, e->account_id,
			     &e->w->base, &totals, on_difference, NULL, &note),
	    0);
}

static bool
is_trouble(int err)
{
	return err == ERR_NOMEM || err == ERR_IO || err == ERR_STORAGE_FULL ||
	    err == ERR_BUSY;
}

static void
try_operation(struct edited *e, const struct operation *operation,
    enum fault fault)
{
	bool has_happened = true;
	unsigned long nth;
	int err;

	for (nth = 1; has_happened; nth += 1 + nth / 16) {
		struct err_note note = {""};

		e->round++;
		fault_set(fault, nth);
		err = operation->run(e, &note);
		has_happened = fault_happened(fault);
		fault_clear();
		if (err < 0 && (!has_happened || !is_trouble(err)))
			fail_msg("%s, %s %lu: %s: %s", operation->name,
			    fault_names[fault], nth, err_name(err),
			    note.text);
		check_audit(e);
	}
	assert_int_equal(err, 0);
}

static void
try_all(struct edited *e, enum fault fault)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		try_operation(e, &operations[i], fault);
}

static void
test_memory(void **state)
{
	try_all(*state, FAULT_MEMORY);
}

static void
test_sqlite_memory(void **state)
{
	try_all(*state, FAULT_SQLITE_MEMORY);
}

static void
test_disk_full(void **state)
{
	try_all(*state, FAULT_DISK_FULL);
}

static void
test_disk_broken(void **state)
{
	try_all(*state, FAULT_DISK_BROKEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_memory, up, down),
	    cmocka_unit_test_setup_teardown(test_sqlite_memory, up, down),
	    cmocka_unit_test_setup_teardown(test_disk_full, up, down),
	    cmocka_unit_test_setup_teardown(test_disk_broken, up, down),
	};

	fault_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
