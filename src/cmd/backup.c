/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup: a server makes it and this writes it down, or with --data, when
 * there is none, this makes it.  The server never writes where the client says:
 * it may not be allowed to, and what is full then is not its disk.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/backup_file.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/owner.h"
#include "cmd/session.h"
#include "cmd/version.h"
#include "engine/backup.h"
#include "store/store_backup.h"

#define BACKUP_PATH "/backup"

struct fetch {
	struct client *client;
	struct backup_file *file;
	uint64_t total; /* that the server has announced */
};

static int
fetch_take(void *arg, const void *bytes, size_t len)
{
	struct fetch *fetch = arg;

	if (fetch->total == 0) {
		fetch->total = client_header_number(fetch->client,
		    "Tidemark-Backup-Bytes");
		fetch->file->progress.total = fetch->total;
	}
	return backup_file_write(fetch->file, bytes, len);
}

static void
fetch_tick(void *arg)
{
	progress_draw(arg);
}

/* From the server. */
static int
backup_fetch(const struct args *args, struct backup_file *file,
    struct err_note *note)
{
	struct session session = {0};
	struct fetch fetch = {.file = file};
	struct client_sink sink = {.take = fetch_take, .arg = &fetch};
	int err;

	err = session_open(args, false, &session, note);
	if (err == 0)
		err = local_token_send(session.client, note);
	if (err < 0)
		goto out;
	fetch.client = session.client;
	client_set_tick(session.client, fetch_tick, &file->progress);
	err = client_fetch(session.client, BACKUP_PATH, &sink, note);
	if (file->err < 0)
		/* It was not the server that failed, as the client says. */
		err = err_set(note, file->err, "%s: %s", file->name,
		    err_text(file->err));
	else if (err == ERR_FORBIDDEN)
		err_wrap(note, "run this as the user of the server, or with "
			       "--data when it is stopped");
	else if (err == ERR_UNREACHABLE && file->progress.done > 0)
		err = err_set(note, ERR_UPSTREAM,
		    "the server broke the backup off; its log says why");
	else if (err == 0 && file->progress.done != fetch.total)
		err = err_set(note, ERR_UPSTREAM,
		    "the server sent another length than it announced");
out:
	session_close(&session);
	return err;
}

/* Of a folder without a server. */
static int
backup_make(const char *data, struct backup_file *file,
    struct err_note *note)
{
	struct backup *backup = NULL;
	struct buf out;
	int err, lock = -1, more = 1;

	buf_init(&out, 2 * BACKUP_PIECE_BYTES);
	err = owner_become(data, note);
	if (err == 0)
		err = store_lock(data, &lock, note);
	if (err == ERR_BUSY)
		(void)err_set(note, err, "another process works on %s; leave "
		    "--data out, and the server makes the backup", data);
	if (err == 0)
		err = backup_open(data, TIDEMARK_VERSION, &backup, note);
	owner_return();
	if (err == 0)
		file->progress.total = backup_bytes(backup);
	while (err == 0 && more > 0) {
		buf_clear(&out);
		more = interrupt_seen() != 0
		    ? ERR_CANCELLED
		    : backup_read(backup, &out, note);
		err = more < 0 ? more
			       : backup_file_write(file, out.data, out.len);
	}
	backup_close(backup);
	if (lock >= 0)
		(void)close(lock); /* gives it back */
	buf_fini(&out);
	return err;
}

int
cmd_backup(const struct args *args)
{
	const char *name = args->words[0];
	struct backup_facts facts = {.schema = 0};
	struct err_note note = {0};
	struct backup_file file = {.fd = -1};
	bool is_checked = false;
	uint64_t bytes = 0;
	int err;

	/* It holds everybody's text, and the key to their secrets. */
	(void)umask(077);
	err = interrupt_catch();
	if (err == 0)
		err = backup_file_create(&file, name, &note);
	if (err < 0)
		goto out;
	progress_begin(&file.progress, "backup");
	err = args->data != NULL ? backup_make(args->data, &file, &note)
				 : backup_fetch(args, &file, &note);
	bytes = file.progress.done;
	if (err == 0)
		err = backup_file_finish(&file, &facts, &is_checked, &note);
out:
	backup_file_close(&file);
	if (err < 0)
		return cmd_error("backup", err, &note);
	if (is_checked)
		backup_facts_print(name, &facts, bytes,
		    args_has(args, OPT(JSON)));
	return CMD_DONE;
}
