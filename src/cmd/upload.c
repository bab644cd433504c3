/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upload: walk, then send.
 *
 * The walk comes first, so that the total is known before the first byte
 * leaves; it is the server's own walk, so that both ways of indexing a folder
 * take the same files.  What is kept of a file is its path: a million of them
 * are some hundred megabytes, their content never is in memory.
 */
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cmd/client.h"
#include "cmd/job_view.h"
#include "cmd/screen.h"
#include "cmd/term.h"
#include "cmd/upload.h"
#include "source/folder.h"

/* What one request may hold: half of what the server takes, so that names
 * and borders of the parts fit, too. */
#define BATCH_FILES_MAX (UPLOAD_FILES_MAX / 2)
#define BATCH_BYTES_MAX (UPLOAD_BYTES_MAX / 2)

struct found_file {
	char *path;	  /* owned */
	size_t name_at;	  /* the name within path: below the folder given */
	uint64_t bytes;
};

struct found_files {
	struct found_file *items;
	size_t count, size;
	uint64_t bytes;
};

static void
files_free(struct found_files *files)
{
	size_t i;

	for (i = 0; i < files->count; i++)
		mem_free(files->items[i].path);
	mem_free(files->items);
}

static int
files_add(struct found_files *files, const char *path, size_t name_at,
    uint64_t bytes)
{
	struct found_file *more;
	size_t size;

	if (files->count == files->size) {
		size = files->size == 0 ? 256 : files->size * 2;
		more = mem_resize(files->items, size, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		files->items = more;
		files->size = size;
	}
	files->items[files->count].path = mem_strdup(path);
	if (files->items[files->count].path == NULL)
		return ERR_NOMEM;
	files->items[files->count].name_at = name_at;
	files->items[files->count].bytes = bytes;
	files->count++;
	files->bytes += bytes;
	return 0;
}

/* ---- which files ------------------------------------------------------ */

/* What cannot be read is told and left out: the job knows nothing of it. */
static int
on_entry(void *arg, const struct folder_entry *entry)
{
	struct found_files *files = arg;
	size_t path_len = strlen(entry->path);
	size_t name_len = strlen(entry->name);

	if (entry->code != ITEM_CODE_NONE) {
		(void)fputs("tidemark: ", stderr);
		text_print(stderr, entry->path);
		(void)fputs(": ", stderr);
		text_print(stderr, entry->message);
		(void)fputs("; left out\n", stderr);
		return 0;
	}
	ASSERT(name_len <= path_len);
	return files_add(files, entry->path, path_len - name_len,
	    entry->bytes);
}

/* ---- sending ---------------------------------------------------------- */

struct sending {
	struct screen screen;
	uint64_t before, total; /* bytes of requests done; of all */
	uint64_t sent;		/* of the one that is running */
};

static void
on_tick(void *arg)
{
	struct sending *sending = arg;
	struct buf text;

	buf_init(&text, KIB);
	(void)buf_puts(&text, "sending ");
	bytes_put(&text, (double)(sending->before + sending->sent));
	(void)buf_puts(&text, " of ");
	bytes_put(&text, (double)sending->total);
	screen_words(&sending->screen, buf_text(&text));
	buf_fini(&text);
}

static int
batch_send(struct client *client, const char *path,
    const struct found_file *files, size_t count, struct sending *sending,
    json_t *jobs, struct err_note *note)
{
	struct client_file *batch = mem_array(count, sizeof(*batch));
	json_t *answer = NULL, *job;
	size_t i;
	int err;

	if (batch == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++) {
		batch[i].path = files[i].path;
		batch[i].name = files[i].path + files[i].name_at;
	}
	sending->sent = 0;
	err = client_upload(client, path, batch, count, &sending->sent,
	    &answer, note);
	mem_free(batch);
	if (err < 0)
		return err;
	job = json_object_get(answer, "job");
	if (job == NULL)
		err = err_set(note, ERR_SYNTAX, "the answer has no job");
	else if (json_array_append(jobs, job) != 0)
		err = ERR_NOMEM;
	json_decref(answer);
	return err;
}

static int
send_all(struct client *client, const char *path,
    const struct found_files *files, struct sending *sending, json_t *jobs,
    struct err_note *note)
{
	size_t first, count;
	uint64_t bytes;
	int err;

	for (first = 0; first < files->count; first += count) {
		bytes = files->items[first].bytes;
		for (count = 1; first + count < files->count; count++) {
			bytes += files->items[first + count].bytes;
			if (count == BATCH_FILES_MAX ||
			    bytes > BATCH_BYTES_MAX) {
				bytes -= files->items[first + count].bytes;
				break;
			}
		}
		err = batch_send(client, path, &files->items[first], count,
		    sending, jobs, note);
		if (err < 0)
			return err;
		sending->before += bytes;
	}
	return 0;
}

int
upload_send(struct client *client, const char *path,
    const struct folder_rule *rule, FILE *out, json_t *jobs,
    struct err_note *note)
{
	struct found_files files = {0};
	struct sending sending = {0};
	int err;

	err = folder_walk(rule, NULL, on_entry, &files, note);
	if (err == 0 && files.count == 0)
		err = err_set(note, ERR_NOT_FOUND, "there is no file to send");
	if (err < 0)
		goto out;
	screen_init(&sending.screen, out);
	sending.total = files.bytes;
	client_set_tick(client, on_tick, &sending);
	err = send_all(client, path, &files, &sending, jobs, note);
	client_set_tick(client, NULL, NULL);
	screen_clear(&sending.screen);
out:
	files_free(&files);
	return err;
}
