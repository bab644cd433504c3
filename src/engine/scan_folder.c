/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders read in place: the walk, and what has vanished.
 *
 * Scanning again after a crash is safe: the walk goes in a fixed order, and a
 * file that the job has an item for already is left out.  Workers begin with
 * the first items while the walk goes on.
 *
 * After the last item: documents below the job's roots that this job has not
 * come across, and whose files are not there any more, are deleted.  A file
 * that is there but was left out by a pattern has not vanished.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/scan_int.h"
#include "engine/writer.h"
#include "source/folder.h"
#include "sys/crash.h"

/* ---- the source as it was stored ---------------------------------------- */

struct folders {
	json_t *json;
	const char **lists[3]; /* roots, include, exclude */
	size_t counts[3];
	bool is_retry;
};

static void
folders_fini(struct folders *folders)
{
	int i;

	for (i = 0; i < 3; i++)
		mem_free(folders->lists[i]);
	json_decref(folders->json);
}

static int
folders_list(struct folders *folders, int which, const char *name)
{
	json_t *list = json_object_get(folders->json, name);
	size_t i, count = json_array_size(list);

	folders->lists[which] = mem_array(count + 1, sizeof(char *));
	if (folders->lists[which] == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++) {
		folders->lists[which][i] =
		    json_string_value(json_array_get(list, i));
		if (folders->lists[which][i] == NULL)
			return ERR_CORRUPT;
	}
	folders->counts[which] = count;
	return 0;
}

static int
folders_load(struct store *reader, int64_t job_id, struct folders *folders)
{
	char *text = NULL;
	int err;

	memset(folders, 0, sizeof(*folders));
	err = store_job_source(reader, job_id, &text);
	if (err < 0)
		return err;
	folders->json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	mem_free(text);
	if (!json_is_object(folders->json))
		return ERR_CORRUPT;
	folders->is_retry = json_is_true(json_object_get(folders->json,
	    "is_retry"));
	err = folders_list(folders, 0, "roots");
	if (err == 0)
		err = folders_list(folders, 1, "include");
	if (err == 0)
		err = folders_list(folders, 2, "exclude");
	return err;
}

/* ---- walking ------------------------------------------------------------ */

static int
folder_entry(void *arg, const struct folder_entry *entry)
{
	struct found found = {.bytes = entry->bytes,
	    .mtime_us = entry->mtime_us, .code = entry->code};
	struct buf uri;
	int err;

	buf_init(&uri, 4 * URI_BYTES_MAX);
	err = folder_uri(entry->path, &uri);
	found.uri = err < 0 ? NULL : buf_take(&uri);
	found.name = mem_strdup(entry->name);
	buf_fini(&uri);
	if (found.uri == NULL || found.name == NULL) {
		mem_free(found.uri);
		mem_free(found.name);
		return ERR_NOMEM;
	}
	if (entry->code != ITEM_CODE_NONE)
		(void)snprintf(found.message, sizeof(found.message), "%s",
		    entry->message);
	return scan_put(arg, &found);
}

static int
folder_scan(struct scanner *scanner, const struct job *job,
    const struct folders *folders, struct err_note *note)
{
	struct folder_rule rule = {
	    .roots = folders->lists[0], .root_count = folders->counts[0],
	    .include = folders->lists[1],
	    .include_count = folders->counts[1],
	    .exclude = folders->lists[2],
	    .exclude_count = folders->counts[2]};
	struct scan *scan;
	int err;

	scan = scan_new(scanner, job, 0, NULL);
	if (scan == NULL)
		return ERR_NOMEM;
	err = folder_walk(&rule, &scanner->stop, folder_entry, scan, note);
	if (err == 0)
		err = scan_flush(scan);
	scan_free(scan);
	return err;
}

/* What the machine lacks for the moment (descriptors, memory) is waited for;
 * a walk may be repeated. */
static int
folder_scan_patiently(struct scanner *scanner, const struct job *job,
    const struct folders *folders, struct err_note *note)
{
	unsigned tries;
	int err;

	for (tries = 1;; tries++) {
		err = folder_scan(scanner, job, folders, note);
		if (err == 0 || err_class(err) != ERR_CLASS_TRANSIENT ||
		    tries == SCAN_TRIES)
			return err;
		scanner_rest(scanner, SCAN_RETRY_US, false);
	}
}

/* ---- what has vanished -------------------------------------------------- */

struct vanished {
	struct scanner *scanner;
	const struct job *job;
	int64_t ids[UNSEEN_PAGE];
	size_t count;
	int64_t last_id;
	size_t rows;
};

static bool
file_is_gone(const char *uri)
{
	struct buf path;
	struct stat st;
	bool is_gone = false;

	buf_init(&path, URI_BYTES_MAX);
	if (folder_path_of_uri(uri, &path) == 0)
		is_gone = stat(buf_text(&path), &st) < 0 &&
		    (errno == ENOENT || errno == ENOTDIR);
	buf_fini(&path);
	return is_gone;
}

static int
vanished_row(void *arg, const struct document *document)
{
	struct vanished *vanished = arg;

	vanished->last_id = document->id;
	vanished->rows++;
	if (file_is_gone(document->uri))
		vanished->ids[vanished->count++] = document->id;
	return 0;
}

static int
vanished_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct vanished *vanished = arg;
	struct job *job = tx_job(tx, vanished->job->id);
	size_t i;
	int err = 0;

	(void)note;
	if (job == NULL || job->cancelled_us != 0)
		return ERR_CANCELLED;
	for (i = 0; err == 0 && i < vanished->count; i++) {
		err = document_drop_for(tx, job, vanished->ids[i],
		    &job->removed);
		if (err == ERR_NOT_FOUND)
			err = 0; /* somebody deleted it meanwhile */
	}
	return err;
}

static int
vanished_below(struct scanner *scanner, const struct job *job,
    const char *root)
{
	struct vanished vanished = {.scanner = scanner, .job = job};
	struct buf prefix;
	int err;

	buf_init(&prefix, 4 * URI_BYTES_MAX);
	err = folder_uri(root, &prefix);
	if (err == 0 && strcmp(root, "/") != 0)
		err = buf_putc(&prefix, '/');
	do {
		vanished.count = vanished.rows = 0;
		if (err == 0)
			err = store_documents_unseen(scanner->reader,
			    job->base_id, buf_text(&prefix), job->id,
			    vanished.last_id, UNSEEN_PAGE, vanished_row,
			    &vanished);
		if (err == 0 && vanished.count > 0)
			err = writer_do_surely(scanner->engine->writer,
			    vanished_apply, &vanished, NULL);
	} while (err == 0 && vanished.rows == UNSEEN_PAGE &&
	    !atomic_load(&scanner->stop));
	buf_fini(&prefix);
	return err;
}

static int
folder_finish(struct scanner *scanner, const struct job *job,
    const struct folders *folders)
{
	size_t i;
	int err = 0;

	/* What was not looked at has not vanished. */
	for (i = 0; err == 0 && job->scan == SCAN_DONE &&
	    !folders->is_retry && i < folders->counts[0]; i++)
		err = vanished_below(scanner, job, folders->lists[0][i]);
	CRASH_POINT("finish");
	if (err == 0 && !atomic_load(&scanner->stop))
		err = scan_finish(scanner, job);
	janitor_wake(scanner->engine->janitor);
	return err;
}

int
scan_folder_look(struct scanner *scanner, const struct job *job,
    struct err_note *note)
{
	struct folders folders = {0};
	int err;

	err = folders_load(scanner->reader, job->id, &folders);
	if (err == 0 && job->state == JOB_FINALIZING) {
		err = folder_finish(scanner, job, &folders);
	} else if (err == 0 && job->scan < SCAN_DONE) {
		err = folder_scan_patiently(scanner, job, &folders, note);
		/* Stopped: the next start walks again. */
		if (err != ERR_CANCELLED)
			err = scan_end(scanner, job->id, err, note);
	}
	folders_fini(&folders);
	return err;
}
