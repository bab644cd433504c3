/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing documents and segments by hand: what is found right after, what is
 * refused, and what another run over the document makes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edit_world.h"

/* ---- documents ---------------------------------------------------------- */

static void
documents_are_renamed(void **state)
{
	struct fixture *f = *state;
	struct document_edit edits[2] = {
	    {.document = f->first, .name = "new name",
		.metadata = "{\"kind\":\"fruit\"}",
		.settings = "{\"vectors\":true}"},
	    {.document = f->second, .name = "a/b \xC3\xA9"},
	};
	struct found_document found;

	assert_int_equal(documents_edit(f, edits, 2), 0);
	found = document_read(&f->w, &f->first);
	assert_string_equal(found.shown, "new name");
	assert_non_null(strstr(found.metadata, "\"kind\":\"fruit\""));
	assert_string_equal(found.settings, "{\"vectors\":true}");
	found = document_read(&f->w, &f->second);
	assert_string_equal(found.shown, "a/b \xC3\xA9");
	assert_string_equal(found.settings, "{}");
	(void)world_audit(&f->w);
}

static void
document_edits_are_checked(void **state)
{
	struct fixture *f = *state;
	static char long_name[UPLOAD_NAME_BYTES_MAX + 2];
	static char long_object[METADATA_BYTES_MAX + 32];
	struct document_edit edit = {.document = f->first};

	assert_int_equal(documents_edit(f, NULL, 0), 0);
	edit.name = "";
	assert_int_equal(documents_edit(f, &edit, 1), ERR_INVALID);
	edit.name = "a\nb";
	assert_int_equal(documents_edit(f, &edit, 1), ERR_INVALID);
	edit.name = "\xFF";
	assert_int_equal(documents_edit(f, &edit, 1), ERR_INVALID);
	memset(long_name, 'n', UPLOAD_NAME_BYTES_MAX + 1);
	edit.name = long_name;
	assert_int_equal(documents_edit(f, &edit, 1), ERR_TOO_BIG);
	long_name[UPLOAD_NAME_BYTES_MAX] = '\0';
	assert_int_equal(documents_edit(f, &edit, 1), 0);
	edit.name = NULL;
	edit.metadata = "[]";
	assert_int_equal(documents_edit(f, &edit, 1), ERR_INVALID);
	edit.metadata = "{\"a\":1,\"a\":2}";
	assert_int_equal(documents_edit(f, &edit, 1), ERR_INVALID);
	(void)snprintf(long_object, sizeof(long_object), "{\"a\":\"%*s\"}",
	    (int)METADATA_BYTES_MAX, "");
	edit.metadata = long_object;
	assert_int_equal(documents_edit(f, &edit, 1), ERR_TOO_BIG);
	edit.metadata = NULL;
	edit.settings = "7";
	assert_int_equal(documents_edit(f, &edit, 1), ERR_INVALID);
	edit.settings = "{\"chunking\":{\"method\":\"nonsense\"}}";
	assert_int_equal(documents_edit(f, &edit, 1), ERR_INVALID);
	assert_int_equal(documents_edit(f, &edit, 10001), ERR_TOO_BIG);
}

static void
all_documents_or_none(void **state)
{
	struct fixture *f = *state;
	struct document_edit edits[2] = {
	    {.document = f->first, .name = "changed"},
	    {.document = f->second, .name = "changed"},
	};
	struct err_note note = {""};

	assert_int_equal(engine_documents_edit(f->w.engine, f->other_account,
			     edits, 2, "their key", &note), ERR_NOT_FOUND);
	edits[1].document = rng_uuid();
	assert_int_equal(documents_edit(f, edits, 2), ERR_NOT_FOUND);
	edits[1].document = uuid_of_row(&f->w.base, 999);
	assert_int_equal(documents_edit(f, edits, 2), ERR_NOT_FOUND);
	assert_string_equal(document_read(&f->w, &f->first).shown,
	    "first.txt");
	assert_string_equal(document_read(&f->w, &f->second).shown,
	    "second.txt");
}

static void
disabled_documents_hide(void **state)
{
	struct fixture *f = *state;
	struct document_edit edit = {.document = f->first,
	    .sets_enabled = true};
	struct found_document found;
	int64_t disabled_us;

	assert_int_equal(world_found(&f->w, "apple"), 1);
	assert_int_equal(documents_edit(f, &edit, 1), 0);
	assert_int_equal(world_found(&f->w, "apple"), 0);
	assert_int_equal(world_found(&f->w, "banana"), 1);
	(void)world_audit(&f->w);
	found = document_read(&f->w, &f->first);
	disabled_us = found.row.disabled_us;
	assert_true(disabled_us > 0);
	assert_string_equal(found.label, "my key");

	/* Once more does not make it later; nor does a restart. */
	assert_int_equal(documents_edit(f, &edit, 1), 0);
	world_stop(&f->w);
	world_start(&f->w);
	found = document_read(&f->w, &f->first);
	assert_int_equal(found.row.disabled_us, disabled_us);
	assert_int_equal(world_found(&f->w, "apple"), 0);

	edit.is_enabled = true;
	assert_int_equal(documents_edit(f, &edit, 1), 0);
	assert_int_equal(world_found(&f->w, "apple"), 1);
	found = document_read(&f->w, &f->first);
	assert_int_equal(found.row.disabled_us, 0);
	assert_string_equal(found.label, "");
	(void)world_audit(&f->w);
}

static void
archived_documents_hide(void **state)
{
	struct fixture *f = *state;
	struct document_edit edits[2] = {
	    {.document = f->first, .sets_archived = true,
		.is_archived = true},
	    {.document = f->second, .sets_archived = true,
		.is_archived = true},
	};

	assert_int_equal(documents_edit(f, edits, 2), 0);
	assert_int_equal(world_found(&f->w, "text"), 0);
	assert_true(document_read(&f->w, &f->first).row.is_archived);
	edits[0].is_archived = false;
	edits[0].sets_enabled = true; /* both at once: switched off instead */
	assert_int_equal(documents_edit(f, edits, 2), 0);
	assert_int_equal(world_found(&f->w, "text"), 0);
	edits[0].is_enabled = true;
	assert_int_equal(documents_edit(f, edits, 2), 0);
	assert_int_equal(world_found(&f->w, "apple"), 1);
	assert_int_equal(world_found(&f->w, "banana"), 0);
	(void)world_audit(&f->w);
}

/* Segments of a document that is switched off are edited like others. */
static void
disabled_documents_are_edited(void **state)
{
	struct fixture *f = *state;
	struct document_edit edit = {.document = f->first,
	    .sets_enabled = true};
	struct segment_edit change = {.text = "a cherry now"};
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0];

	assert_int_equal(documents_edit(f, &edit, 1), 0);
	assert_int_equal(segment_change(f, &segment, &change), 0);
	(void)segment_added(f, "and dates");
	assert_int_equal(world_found(&f->w, "cherry"), 0);
	assert_int_equal(world_found(&f->w, "dates"), 0);
	edit.is_enabled = true;
	assert_int_equal(documents_edit(f, &edit, 1), 0);
	assert_int_equal(world_found(&f->w, "cherry"), 1);
	assert_int_equal(world_found(&f->w, "dates"), 1);
	assert_true(is_near(&f->w, "a cherry now", &segment));
	(void)world_audit(&f->w);
}

/* ---- segments ----------------------------------------------------------- */

static void
segments_are_added(void **state)
{
	struct fixture *f = *state;
	struct segment_edit edits[3] = {{.text = "a cherry"},
	    {.text = "what is it?", .answer = "dates",
		.keywords = "[\"sweet stuff\"]"},
	    {.text = "elderberry", .sets_enabled = true}};
	struct uuid uuids[3];
	struct err_note note = {""};
	struct rows rows;

	assert_int_equal(engine_segments_add(f->w.engine, f->w.account_id,
			     &f->first, edits, 3, uuids, &note), 0);
	assert_int_equal(world_found(&f->w, "cherry"), 1);
	assert_int_equal(world_found(&f->w, "sweet"), 1);
	assert_int_equal(world_found(&f->w, "elderberry"), 0);
	assert_true(is_near(&f->w, "a cherry", &uuids[0]));
	rows = segments_of(&f->w, &f->first);
	assert_string_equal(rows.text, "the apple text\na cherry\n"
	    "what is it?|dates#[\"sweet stuff\"]\n-elderberry\n");
	assert_memory_equal(rows.uuids + 1, uuids, sizeof(uuids));
	assert_int_equal(world_audit(&f->w).index.segments, 5);
	assert_int_equal(document_read(&f->w, &f->first).row.segments, 4);
	assert_int_equal(segment_switch(f, &uuids[2], true), 0);
	assert_int_equal(world_found(&f->w, "elderberry"), 1);

	world_stop(&f->w);
	world_start(&f->w);
	assert_int_equal(world_found(&f->w, "sweet"), 1);
	assert_int_equal(world_found(&f->w, "elderberry"), 1);
	assert_int_equal(world_audit(&f->w).index.segments, 5);
}

static void
segment_texts_are_checked(void **state)
{
	struct fixture *f = *state;
	static char text[SEGMENT_BYTES_MAX + 2];
	static char answer[ANSWER_BYTES_MAX + 2];
	static const char *const blanks[] = {"", " \n\t", "\xE3\x80\x80 \x7F",
	    "\xEF\xBB\xBF", "\xE2\x80\x8B\xC2\xA0", "\xC3", "ok \xFF"};
	static const char *const words[] = {"{}", "[1]", "[\"a\",null]", "x",
	    "[\"a\""};
	struct segment_edit edit = {.text = NULL};
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0], uuid;
	size_t i;

	assert_int_equal(segment_add(f, &f->first, &edit, &uuid),
	    ERR_INVALID);
	for (i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		edit.text = blanks[i];
		assert_int_equal(segment_add(f, &f->first, &edit, &uuid),
		    ERR_INVALID);
		assert_int_equal(segment_change(f, &segment, &edit),
		    ERR_INVALID);
	}
	memset(text, 'x', SEGMENT_BYTES_MAX + 1);
	edit.text = text;
	assert_int_equal(segment_add(f, &f->first, &edit, &uuid),
	    ERR_TOO_BIG);
	assert_int_equal(segment_change(f, &segment, &edit), ERR_TOO_BIG);
	edit.text = "right";
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		edit.keywords = words[i];
		assert_int_equal(segment_add(f, &f->first, &edit, &uuid),
		    ERR_INVALID);
	}
	edit.keywords = NULL;
	memset(answer, 'x', ANSWER_BYTES_MAX + 1);
	edit.answer = answer;
	assert_int_equal(segment_add(f, &f->first, &edit, &uuid),
	    ERR_TOO_BIG);
	edit.answer = "\xFF";
	assert_int_equal(segment_add(f, &f->first, &edit, &uuid),
	    ERR_INVALID);
	edit.answer = NULL;
	text[SEGMENT_BYTES_MAX] = '\0';
	edit.text = text;
	assert_int_equal(segment_add(f, &f->first, &edit, &uuid), 0);
	assert_int_equal(world_audit(&f->w).index.segments, 3);
}

/* Documents that are one segment hold more. */
static void
whole_documents_are_large(void **state)
{
	struct fixture *f = *state;
	struct document_edit whole = {.document = f->first,
	    .settings = "{\"chunking\":{\"method\":\"whole\"}}"};
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0];
	char *text = mem_zalloc(WHOLE_BYTES_MAX + 2);
	struct segment_edit edit = {.text = text};

	assert_non_null(text);
	memset(text, ' ', WHOLE_BYTES_MAX + 1);
	memcpy(text, "cherry", 6);
	assert_int_equal(documents_edit(f, &whole, 1), 0);
	assert_int_equal(segment_change(f, &segment, &edit), ERR_TOO_BIG);
	text[WHOLE_BYTES_MAX] = '\0';
	assert_int_equal(segment_change(f, &segment, &edit), 0);
	assert_int_equal(world_found(&f->w, "cherry"), 1);
	mem_free(text);
}

static void
segments_of_others_are_not_found(void **state)
{
	struct fixture *f = *state;
	struct pipeline *w = &f->w;
	struct segment_edit edit = {.text = "stolen"};
	struct uuid mine = segments_of(w, &f->first).uuids[0];
	struct uuid other = segments_of(w, &f->second).uuids[0];
	struct uuid nobody = rng_uuid(), uuid;
	struct err_note note = {""};

	assert_int_equal(engine_segments_add(w->engine, f->other_account,
			     &f->first, &edit, 1, &uuid, &note),
	    ERR_NOT_FOUND);
	assert_int_equal(engine_segment_change(w->engine, f->other_account,
			     &f->first, &mine, &edit, "x", &note),
	    ERR_NOT_FOUND);
	assert_int_equal(engine_segment_delete(w->engine, f->other_account,
			     &f->first, &mine, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_child_add(w->engine, f->other_account,
			     &f->first, &mine, "x", &uuid, &note),
	    ERR_NOT_FOUND);
	assert_int_equal(segment_add(f, &nobody, &edit, &uuid),
	    ERR_NOT_FOUND);
	assert_int_equal(segment_change(f, &other, &edit), ERR_NOT_FOUND);
	assert_int_equal(segment_change(f, &nobody, &edit), ERR_NOT_FOUND);
	assert_int_equal(engine_segment_delete(w->engine, w->account_id,
			     &f->first, &other, &note), ERR_NOT_FOUND);
	assert_int_equal(child_add(f, &other, "x", &uuid), ERR_NOT_FOUND);
	assert_int_equal(child_change(f, &mine, &nobody, "x"),
	    ERR_NOT_FOUND);
	assert_int_equal(child_delete(f, &mine, &nobody), ERR_NOT_FOUND);
	assert_int_equal(world_found(w, "stolen"), 0);
}

static void
segments_are_changed(void **state)
{
	struct fixture *f = *state;
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0];
	struct segment_edit edit = {.text = "the cherry text"};
	struct segment_edit more = {.answer = "it is red",
	    .keywords = "[\"sour\",\"stone fruit\"]"};
	struct segment_edit other = {.keywords = "[\"tart\"]"};

	assert_int_equal(segment_change(f, &segment, &edit), 0);
	assert_int_equal(world_found(&f->w, "apple"), 0);
	assert_int_equal(world_found(&f->w, "cherry"), 1);
	assert_true(is_near(&f->w, "the cherry text", &segment));
	assert_int_equal(segment_change(f, &segment, &more), 0);
	assert_int_equal(world_found(&f->w, "sour"), 1);
	assert_int_equal(world_found(&f->w, "cherry"), 1);
	assert_true(is_near(&f->w, "the cherry text", &segment));
	assert_int_equal(segment_change(f, &segment, &other), 0);
	assert_int_equal(world_found(&f->w, "sour"), 0);
	assert_int_equal(world_found(&f->w, "tart"), 1);
	assert_string_equal(segments_of(&f->w, &f->first).text,
	    "the cherry text|it is red#[\"tart\"]\n");
	assert_int_equal(document_read(&f->w, &f->first).row.characters, 15);
}

static void
segments_are_switched(void **state)
{
	struct fixture *f = *state;
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0];
	struct segment_edit text = {.text = "the cherry text"};
	struct segment_edit answer = {.answer = "red"};
	struct segment_edit both = {.text = "the date text",
	    .sets_enabled = true, .is_enabled = true};

	assert_int_equal(segment_switch(f, &segment, true), 0); /* it is on */
	assert_int_equal(segment_switch(f, &segment, false), 0);
	assert_int_equal(world_found(&f->w, "apple"), 0);
	assert_false(is_near(&f->w, "the apple text", &segment));
	assert_int_equal(segment_change(f, &segment, &text), ERR_CONFLICT);
	assert_int_equal(segment_change(f, &segment, &answer), 0);
	assert_int_equal(segment_switch(f, &segment, false), 0);
	assert_string_equal(segments_of(&f->w, &f->first).text,
	    "-the apple text|red\n");
	assert_int_equal(segment_switch(f, &segment, true), 0);
	assert_int_equal(world_found(&f->w, "apple"), 1);
	assert_true(is_near(&f->w, "the apple text", &segment));
	assert_int_equal(segment_switch(f, &segment, false), 0);
	assert_int_equal(segment_change(f, &segment, &both), 0);
	assert_int_equal(world_found(&f->w, "date"), 1);
	assert_string_equal(segments_of(&f->w, &f->first).text,
	    "the date text|red\n");
}

static void
segments_are_deleted(void **state)
{
	struct fixture *f = *state;
	struct pipeline *w = &f->w;
	struct uuid segment = segments_of(w, &f->first).uuids[0];
	struct uuid added = segment_added(f, "a cherry");
	struct err_note note = {""};

	assert_int_equal(engine_segment_delete(w->engine, w->account_id,
			     &f->first, &segment, &note), 0);
	assert_int_equal(world_found(w, "apple"), 0);
	assert_int_equal(world_found(w, "cherry"), 1);
	assert_int_equal(world_audit(w).index.segments, 2);
	assert_int_equal(engine_segment_delete(w->engine, w->account_id,
			     &f->first, &segment, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_segment_delete(w->engine, w->account_id,
			     &f->first, &added, &note), 0);
	assert_int_equal(world_audit(w).index.segments, 1);
	/* A document without segments is still one. */
	(void)segment_added(f, "a date");
	assert_int_equal(world_found(w, "date"), 1);
}

static void
nothing_is_added_before_it_is_indexed(void **state)
{
	struct fixture *f = *state;
	struct segment_edit edit = {.text = "too early"};
	struct uuid document, uuid;

	world_put(&f->w, "empty.txt", "", 1);
	(void)index_all(&f->w);
	document = document_named(&f->w, "empty.txt");
	assert_int_equal(segment_add(f, &document, &edit, &uuid),
	    ERR_CONFLICT);
}

/* The next run brings back what the file says, and the run after it finds
 * nothing to do. */
static void
edited_documents_are_indexed_again(void **state)
{
	struct fixture *f = *state;
	struct segment_edit edit = {.text = "the cherry text"};
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0];
	struct job job;

	assert_int_equal(index_all(&f->w).unchanged, 2);
	assert_int_equal(segment_change(f, &segment, &edit), 0);
	job = index_all(&f->w);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.unchanged, 1);
	assert_int_equal(world_found(&f->w, "cherry"), 0);
	assert_int_equal(world_found(&f->w, "apple"), 1);
	assert_int_equal(segment_change(f, &segment, &edit), ERR_NOT_FOUND);
	assert_int_equal(index_all(&f->w).unchanged, 2);
	(void)world_audit(&f->w);
}

static int
wordy_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct fixture *f = arg;
	struct store *store = tx_store(tx);
	struct revision revision = {.hash = {1}, .title = "",
	    .media_type = "text/plain", .language = "", .summary = "",
	    .keyphrases = "[]"};
	struct base_ref base;
	int64_t id = 0;
	int err;

	(void)note;
	err = base_ref_find(store, f->w.account_id, &f->w.base, &base);
	if (err == 0)
		err = store_document_put(store, base.id, "text:///d", "d",
		    "{}", 0, 0, 1, &id);
	revision.document_id = id;
	revision.base_id = base.id;
	if (err == 0)
		err = store_revision_add(store, &revision, &revision.id);
	if (err == 0)
		err = store_revision_publish(store, &revision, 1);
	f->first = uuid_of_row(&base.uuid, (uint64_t)id);
	return err;
}

/* A document that is found by words alone stays so. */
static void
edits_without_vectors(void **state)
{
	struct fixture *f = *state;
	struct segment_edit edit = {.text = "a plum", .recuts_children = true};
	struct err_note note = {""};
	struct uuid segment, child;

	assert_int_equal(writer_do(f->w.engine->writer, wordy_apply, f,
			     &note), 0);
	segment = segment_added(f, "red cherry\nblack cherry");
	assert_int_equal(child_add(f, &segment, "green cherry", &child), 0);
	assert_int_equal(child_change(f, &segment, &child, "a quince"), 0);
	assert_false(is_near(&f->w, "a quince", &segment));
	assert_int_equal(segment_switch(f, &segment, false), 0);
	assert_int_equal(world_found(&f->w, "cherry"), 0);
	assert_int_equal(segment_switch(f, &segment, true), 0);
	assert_int_equal(world_found(&f->w, "cherry"), 1);
	assert_int_equal(segment_change(f, &segment, &edit), 0);
	assert_int_equal(world_found(&f->w, "plum"), 1);
	assert_false(is_near(&f->w, "a plum", &segment));
	child = children_of(&f->w, &segment).uuids[0];
	assert_int_equal(child_delete(f, &segment, &child), 0);
	assert_int_equal(world_audit(&f->w).index.vectors, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAIN(documents_are_renamed),
	    PLAIN(document_edits_are_checked),
	    PLAIN(all_documents_or_none),
	    PLAIN(disabled_documents_hide),
	    PLAIN(archived_documents_hide),
	    PLAIN(disabled_documents_are_edited),
	    PLAIN(segments_are_added),
	    PLAIN(segment_texts_are_checked),
	    PLAIN(whole_documents_are_large),
	    PLAIN(segments_of_others_are_not_found),
	    PLAIN(segments_are_changed),
	    PLAIN(segments_are_switched),
	    PLAIN(segments_are_deleted),
	    PLAIN(nothing_is_added_before_it_is_indexed),
	    PLAIN(edited_documents_are_indexed_again),
	    CUT(edits_without_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
