/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits at the same time, and what of them, and of small uploads, stays in the
 * files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/buf.h"
#include "sys/fs.h"

#include "edit_world.h"

/* ---- what stays in the files -------------------------------------------- */

static bool
files_hold(struct pipeline *w, const char *word)
{
	char path[512];
	struct dirent *entry;
	struct buf bytes;
	bool holds = false;
	DIR *dir = opendir(w->data);

	assert_non_null(dir);
	while (!holds && (entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_REG)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", w->data,
		    entry->d_name);
		buf_init(&bytes, 256 * MIB);
		assert_int_equal(fs_read_file(path, &bytes, NULL), 0);
		holds = bytes.len > 0 && memmem(bytes.data, bytes.len, word,
		    strlen(word)) != NULL;
		buf_fini(&bytes);
	}
	(void)closedir(dir);
	return holds;
}

static void
expect_gone(struct pipeline *w, const char *word)
{
	int i;

	for (i = 0; i < WORLD_WAITS; i++) {
		if (!files_hold(w, word))
			return;
		world_rest(w);
	}
	fail_msg("%s is still in the files", word);
}

/* A document of few bytes; its content lies in the store. */
static struct uuid
upload_small(struct pipeline *w, const char *name, const char *text)
{
	struct job_request request = {.account_id = w->account_id,
	    .base = w->base, .dialect = DIALECT_NATIVE};
	struct err_note note = {""};
	struct upload *upload = NULL;
	struct job job;

	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_UPLOAD, name,
			     NULL, &upload, &note), 0);
	assert_int_equal(engine_upload_write(upload, text, strlen(text)), 0);
	assert_int_equal(engine_upload_finish(upload, &note), 0);
	assert_int_equal(engine_job_uploads(w->engine, &request,
			     JOB_KIND_UPLOAD, &upload, 1, &job, &note), 0);
	engine_upload_free(upload);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed + job.counts.skipped, 1);
	return document_named(w, name);
}

static void
small_uploads_leave_the_files(void **state)
{
	struct fixture *f = *state;
	struct pipeline *w = &f->w;
	struct uuid gone = upload_small(w, "gone.html",
	    "<!-- zyxomatic --><p>gone</p>");
	struct err_note note = {""};

	/* A comment is in the upload alone, not in what was made of it. */
	(void)upload_small(w, "kept.html",
	    "<!-- keptomatic --><p>kept</p>");
	assert_true(files_hold(w, "zyxomatic"));
	assert_int_equal(engine_document_delete(w->engine, w->account_id,
			     &gone, &note), 0);
	expect_gone(w, "zyxomatic");
	assert_true(files_hold(w, "keptomatic"));
	/* With their base they go, too. */
	assert_int_equal(engine_base_delete(w->engine, w->account_id,
			     &w->base, &note), 0);
	expect_gone(w, "keptomatic");
}

static int
blob_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	static const uint8_t hash[HASH_SIZE] = {1};
	const char *text = arg;

	(void)note;
	return store_small_blob_put(tx_store(tx), hash, text, strlen(text));
}

/* What a server left behind, the next one collects. */
static void
small_blobs_without_items_go(void **state)
{
	struct fixture *f = *state;
	char word[] = "zyxomatic";
	struct err_note note = {""};

	assert_int_equal(writer_do(f->w.engine->writer, blob_apply, word,
			     &note), 0);
	world_stop(&f->w);
	assert_true(files_hold(&f->w, word));
	world_start(&f->w);
	expect_gone(&f->w, word);
}

static void
edited_words_leave_the_files(void **state)
{
	struct fixture *f = *state;
	struct uuid segment = segment_added(f, "zyxomatic one");
	struct uuid other = segment_added(f, "wyvomatic two");
	struct segment_edit edit = {.text = "tame"};
	struct err_note note = {""};

	assert_true(files_hold(&f->w, "zyxomatic"));
	assert_int_equal(segment_change(f, &segment, &edit), 0);
	expect_gone(&f->w, "zyxomatic");
	assert_true(files_hold(&f->w, "wyvomatic"));
	assert_int_equal(engine_segment_delete(f->w.engine, f->w.account_id,
			     &f->first, &other, &note), 0);
	expect_gone(&f->w, "wyvomatic");
	assert_int_equal(world_found(&f->w, "tame"), 1);
}

/* ---- many at once ------------------------------------------------------- */

#define EDITORS 4u
#define ROUNDS 12u

struct editor {
	struct fixture *f;
	struct uuid segment;
	unsigned number;
	pthread_t thread;
	int err;
};

static int
editor_round(struct editor *editor, unsigned round)
{
	struct fixture *f = editor->f;
	struct engine *engine = f->w.engine;
	int64_t me = f->w.account_id;
	char text[64];
	struct segment_edit add = {.text = text};
	struct segment_edit change = {.text = text, .sets_enabled = true,
	    .is_enabled = true, .recuts_children = round % 3 == 0};
	struct segment_edit turn = {.sets_enabled = true};
	struct document_edit rename = {.document = f->first, .name = text};
	struct uuid segment, child;
	struct err_note note = {""};
	int err;

	(void)snprintf(text, sizeof(text), "editor %u\nround %u",
	    editor->number, round);
	err = engine_segments_add(engine, me, &f->first, &add, 1, &segment,
	    &note);
	if (err == 0)
		err = engine_segment_change(engine, me, &f->first,
		    &editor->segment, &turn, "x", &note);
	if (err == 0)
		err = engine_child_add(engine, me, &f->first,
		    &editor->segment, text, &child, &note);
	if (err == 0)
		err = engine_segment_change(engine, me, &f->first,
		    &editor->segment, &change, "x", &note);
	/* Others may have cut them anew. */
	if (err == 0) {
		err = engine_child_delete(engine, me, &f->first,
		    &editor->segment, &child, &note);
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	(void)snprintf(text, sizeof(text), "editor %u", editor->number);
	if (err == 0)
		err = engine_documents_edit(engine, me, &rename, 1, "x",
		    &note);
	return err == 0 && round % 2 == 0
	    ? engine_segment_delete(engine, me, &f->first, &segment, &note)
	    : err;
}

static void *
editor_run(void *arg)
{
	struct editor *editor = arg;
	unsigned i;

	for (i = 0; editor->err == 0 && i < ROUNDS; i++)
		editor->err = editor_round(editor, i);
	return NULL;
}

static void
many_edit_the_same(void **state)
{
	struct fixture *f = *state;
	struct editor editors[EDITORS];
	struct uuid segment = segment_added(f, "shared one\nshared two");
	struct segment_edit on = {.sets_enabled = true, .is_enabled = true};
	unsigned i;

	for (i = 0; i < EDITORS; i++) {
		editors[i] = (struct editor){.f = f, .segment = segment,
		    .number = i};
		assert_int_equal(pthread_create(&editors[i].thread, NULL,
				     editor_run, &editors[i]), 0);
	}
	for (i = 0; i < EDITORS; i++)
		assert_int_equal(pthread_join(editors[i].thread, NULL), 0);
	for (i = 0; i < EDITORS; i++)
		assert_int_equal(editors[i].err, 0);
	assert_int_equal(segment_change(f, &segment, &on), 0);
	/* Theirs, the shared one, and one in each document. */
	assert_int_equal(world_audit(&f->w).index.segments,
	    EDITORS * ROUNDS / 2 + 3);
	assert_int_equal(world_found(&f->w, "editor"),
	    EDITORS * ROUNDS / 2 + 1);
}

/* Edits while the document is indexed anew: adding always finds a revision,
 * and what was added goes with it. */
static void *
adder_run(void *arg)
{
	struct editor *editor = arg;
	struct fixture *f = editor->f;
	struct segment_edit edit = {.text = "added\nby hand"};
	struct err_note note = {""};
	struct uuid uuid;
	unsigned i;
	int err = 0;

	for (i = 0; err == 0 && i < 5 * ROUNDS; i++) {
		err = engine_segments_add(f->w.engine, f->w.account_id,
		    &f->first, &edit, 1, &uuid, &note);
		if (err == 0)
			err = engine_segment_change(f->w.engine,
			    f->w.account_id, &f->first, &uuid, &edit, "x",
			    &note);
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	editor->err = err;
	return NULL;
}

static void
edits_while_it_is_indexed(void **state)
{
	struct fixture *f = *state;
	struct editor editor = {.f = f};
	char text[32];
	unsigned i;

	assert_int_equal(pthread_create(&editor.thread, NULL, adder_run,
			     &editor), 0);
	for (i = 0; i < ROUNDS; i++) {
		(void)snprintf(text, sizeof(text), "the grape%u text", i);
		world_put(&f->w, "first.txt", text, 1);
		assert_int_equal(index_all(&f->w).counts.failed, 0);
	}
	assert_int_equal(pthread_join(editor.thread, NULL), 0);
	assert_int_equal(editor.err, 0);
	assert_int_equal(world_found(&f->w, "grape11"), 1);
	(void)world_audit(&f->w);
	world_put(&f->w, "first.txt", "the raisin text", 1);
	assert_int_equal(index_all(&f->w).counts.failed, 0);
	assert_int_equal(world_found(&f->w, "added"), 0);
	assert_int_equal(world_audit(&f->w).index.segments, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAIN(small_uploads_leave_the_files),
	    PLAIN(small_blobs_without_items_go),
	    PLAIN(edited_words_leave_the_files),
	    CUT(many_edit_the_same),
	    PLAIN(many_edit_the_same),
	    PLAIN(edits_while_it_is_indexed),
	    CUT(edits_while_it_is_indexed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
