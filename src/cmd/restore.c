/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: a data folder from a backup.  What was unpacked is opened as a
 * server would, so that a store of an earlier version is migrated, and each
 * base is counted again, before any of it gets its place.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "cmd/backup_file.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/owner.h"
#include "cmd/term.h"
#include "engine/backup.h"
#include "engine/engine.h"
#include "store/store_backup.h"
#include "sys/fs.h"

struct check {
	struct engine *engine;
	struct store *reader;
	struct err_note *note;
	const char *base;
};

static int
check_differs(void *arg, const struct difference *difference)
{
	struct check *check = arg;

	return err_set(check->note, ERR_CORRUPT, "base \"%.80s\": %s is %llu, "
	    "counted again %llu", check->base, difference->what,
	    (unsigned long long)difference->stored,
	    (unsigned long long)difference->counted);
}

static int
check_base(void *arg, int64_t account_id, const struct uuid *uuid,
    const char *name)
{
	struct check *check = arg;
	struct audit_totals totals;

	if (interrupt_seen() != 0)
		return ERR_CANCELLED;
	check->base = name == NULL ? "" : name;
	return engine_audit(check->engine, check->reader, account_id, uuid,
	    &totals, check_differs, check, check->note);
}

/* Open it as a server would, and count all of it again. */
static int
check_store(const char *part, struct err_note *note)
{
	struct engine_config config = {.data_dir = part, .extractor = "",
	    .workers = 1, .file_bytes_max = FILE_BYTES_MAX};
	struct check check = {.note = note};
	struct store_image *image = NULL;
	char path[URI_BYTES_MAX];
	int err;

	if ((size_t)snprintf(path, sizeof(path), "%s/tidemark.db", part) >=
	    sizeof(path))
		return err_set(note, ERR_TOO_BIG, "path too long");
	/* Somebody else may have made it: it is looked at first. */
	err = store_image_open(path, false, &image, note);
	if (err == 0)
		err = store_image_check(image, note);
	store_image_close(image);
	image = NULL;
	if (err == 0)
		err = engine_open(&config, &check.engine, note);
	if (err == 0)
		err = engine_reader(check.engine, &check.reader, note);
	if (err == 0)
		err = store_image_open(path, true, &image, note);
	if (err == 0)
		err = store_image_bases_each(image, check_base, &check);
	store_image_close(image);
	store_close(check.reader);
	engine_close(check.engine);
	return err;
}

/* A folder of no user's: made, or one that is there. */
static int
folder_make(const char *data, bool *ret_is_new, struct err_note *note)
{
	struct stat st;

	if (stat(data, &st) == 0)
		return S_ISDIR(st.st_mode)
		    ? 0
		    : err_set(note, ERR_INVALID, "%s is not a folder", data);
	*ret_is_new = true;
	return fs_make_folders(data, 0700, note);
}

static int
restore_run(const char *data, struct backup_file *file,
    struct backup_facts *facts, struct err_note *note)
{
	char part[URI_BYTES_MAX];
	int err, lock = -1;

	if ((size_t)snprintf(part, sizeof(part), "%s/" BACKUP_PART, data) >=
	    sizeof(part))
		return err_set(note, ERR_TOO_BIG, "path too long");
	err = store_lock(data, &lock, note);
	if (err == 0)
		err = restore_check_folder(data, note);
	if (err < 0)
		goto out;
	err = restore_unpack(data, backup_file_read, file, facts, note);
	if (err < 0)
		goto out;
	err = check_store(part, note);
	if (err < 0)
		restore_discard(data);
	else
		err = restore_place(data, note);
out:
	if (lock >= 0)
		(void)close(lock); /* gives it back */
	return err;
}

/* What we made and did not fill. */
static void
folder_unmake(const char *data)
{
	char path[URI_BYTES_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/lock", data) <
	    sizeof(path))
		(void)unlink(path);
	(void)rmdir(data);
}

static int
restore_into(const char *data, struct backup_file *file,
    struct backup_facts *facts, struct err_note *note)
{
	bool is_new = false;
	int err;

	err = folder_make(data, &is_new, note);
	if (err == 0)
		err = owner_become(data, note);
	if (err == 0)
		err = restore_run(data, file, facts, note);
	if (err < 0 && is_new)
		folder_unmake(data);
	owner_return();
	return err;
}

int
cmd_restore(const struct args *args)
{
	static const struct backup_sink nobody;
	const char *name = args->words[0];
	struct backup_facts facts = {.schema = 0};
	struct err_note note = {0};
	struct backup_file file = {.fd = -1};
	bool checks = args_has(args, OPT(CHECK));
	uint64_t total = 0;
	int err;

	(void)umask(077);
	log_set_level(LOG_WARN);
	if (!checks && args->data == NULL) {
		err = err_set(&note, ERR_INVALID, "where to? --data DIR, a "
		    "folder that is empty or not there (or --check)");
		goto out;
	}
	err = interrupt_catch();
	if (err == 0)
		err = backup_file_open(&file, name, &note);
	if (err < 0)
		goto out;
	total = file.progress.total;
	progress_begin(&file.progress, checks ? "check" : "restore");
	file.progress.total = total;
	err = checks ? backup_parse(backup_file_read, &file, &nobody, &facts,
			   &note)
		     : restore_into(args->data, &file, &facts, &note);
out:
	backup_file_close(&file);
	if (err < 0)
		return cmd_error("restore", err, &note);
	backup_facts_print(checks ? name : args->data, &facts,
	    total != 0 ? total : file.progress.done,
	    args_has(args, OPT(JSON)));
	return CMD_DONE;
}
