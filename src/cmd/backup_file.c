/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "cmd/backup_file.h"
#include "cmd/client.h"
#include "cmd/interrupt.h"
#include "cmd/term.h"
#include "engine/backup.h"
#include "sys/clock.h"
#include "sys/fs.h"

#define DRAW_US 250000

/* ---- how far it is --------------------------------------------------- */

void
bytes_format(uint64_t bytes, char out[BYTES_TEXT_SIZE])
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	double value = (double)bytes / 1000;
	size_t i;

	if (bytes < 1000) {
		(void)snprintf(out, BYTES_TEXT_SIZE, "%llu bytes",
		    (unsigned long long)bytes);
		return;
	}
	for (i = 0; value >= 1000 && i < 3; i++)
		value /= 1000;
	(void)snprintf(out, BYTES_TEXT_SIZE, "%.1f %s", value, units[i]);
}

void
progress_begin(struct progress *progress, const char *what)
{
	*progress = (struct progress){.what = what,
	    .begun_us = clock_mono_us(), .is_live = term_is_live(stderr)};
}

void
progress_draw(struct progress *progress)
{
	char done[BYTES_TEXT_SIZE], total[BYTES_TEXT_SIZE];
	int64_t now_us = clock_mono_us();

	if (!progress->is_live || now_us - progress->drawn_us < DRAW_US)
		return;
	progress->drawn_us = now_us;
	progress->is_drawn = true;
	bytes_format(progress->done, done);
	bytes_format(progress->total, total);
	if (progress->done == 0)
		(void)fprintf(stderr, "\r%s: the store is being copied, "
		    "%lld s\033[K", progress->what,
		    (long long)(now_us - progress->begun_us) / 1000000);
	else if (progress->total == 0)
		(void)fprintf(stderr, "\r%s: %s\033[K", progress->what, done);
	else
		(void)fprintf(stderr, "\r%s: %s of %s, %llu %%\033[K",
		    progress->what, done, total,
		    (unsigned long long)(progress->done * 100 /
			progress->total));
	(void)fflush(stderr);
}

void
progress_end(struct progress *progress)
{
	if (progress->is_drawn)
		(void)fputs("\r\033[K", stderr);
	progress->is_drawn = false;
}

/* ---- the file -------------------------------------------------------- */

static int
file_error(struct backup_file *file, const char *name)
{
	file->err = err_set(file->note, err_from_errno(errno), "%s: %s",
	    name, strerror(errno));
	return file->err;
}

/* What was left by one that was killed is written over; what has another name
 * or another owner is not: they would have all that is in the backup. */
static int
part_take(struct backup_file *file)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct stat st;

	file->fd = open(file->part, flags | O_CREAT | O_EXCL, 0600);
	if (file->fd >= 0)
		return 0;
	if (errno == EEXIST)
		file->fd = open(file->part, flags);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return file_error(file, file->part);
	return S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
		st.st_nlink == 1
	    ? 0
	    : err_set(file->note, ERR_CONFLICT, "%s is there, and is not a "
		  "file of yours alone: remove it, or name another",
		  file->part);
}

/* Nor what another is writing, or has just given its name. */
static int
part_lock(struct backup_file *file)
{
	struct stat st, named;

	return flock(file->fd, LOCK_EX | LOCK_NB) == 0 &&
		fstat(file->fd, &st) == 0 &&
		lstat(file->part, &named) == 0 && st.st_dev == named.st_dev &&
		st.st_ino == named.st_ino
	    ? 0
	    : err_set(file->note, ERR_BUSY,
		  "another process is writing %s.part", file->name);
}

static int
part_open(struct backup_file *file)
{
	size_t size = strlen(file->name) + sizeof(".part");
	int err;

	file->part = mem_alloc(size);
	if (file->part == NULL)
		return ERR_NOMEM;
	(void)snprintf(file->part, size, "%s.part", file->name);
	err = part_take(file);
	if (err == 0)
		err = part_lock(file);
	if (err < 0) {
		mem_free(file->part);
		file->part = NULL; /* not ours to remove */
		return err;
	}
	if (fchmod(file->fd, 0600) < 0 || ftruncate(file->fd, 0) < 0)
		return file_error(file, file->part);
	return 0;
}

int
backup_file_create(struct backup_file *file, const char *name,
    struct err_note *note)
{
	struct stat st;

	*file = (struct backup_file){.name = name, .fd = -1, .note = note};
	if (strcmp(name, "-") != 0) {
		if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
			return err_set(note, ERR_INVALID,
			    "%s is a folder; name a file", name);
		return part_open(file);
	}
	if (isatty(STDOUT_FILENO))
		return err_set(note, ERR_INVALID,
		    "a backup is nothing for a terminal; send it to a file");
	file->fd = STDOUT_FILENO;
	return 0;
}

int
backup_file_open(struct backup_file *file, const char *name,
    struct err_note *note)
{
	struct stat st;

	*file = (struct backup_file){.name = name, .fd = STDIN_FILENO,
	    .note = note};
	if (strcmp(name, "-") != 0)
		file->fd = open(name, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return file_error(file, name);
	if (fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode))
		file->progress.total = (uint64_t)st.st_size;
	return 0;
}

int
backup_file_write(void *arg, const void *bytes, size_t len)
{
	struct backup_file *file = arg;
	int err;

	err = fs_write(file->fd, bytes, len);
	if (err < 0) {
		file->err = err_set(file->note, err, "%s: %s", file->name,
		    err_text(err));
		return err;
	}
	file->progress.done += len;
	progress_draw(&file->progress);
	return 0;
}

int64_t
backup_file_read(void *arg, void *bytes, size_t size)
{
	struct backup_file *file = arg;
	ssize_t got;

	do {
		if (interrupt_seen() != 0)
			return ERR_CANCELLED;
		got = read(file->fd, bytes, size);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return file_error(file, file->name);
	file->progress.done += (uint64_t)got;
	progress_draw(&file->progress);
	return got;
}

static int
folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int err;

	folder = slash == NULL ? mem_strdup(".")
	    : mem_strndup(path, (size_t)(slash - path) + 1);
	err = folder == NULL ? ERR_NOMEM : fs_sync_folder(folder);
	mem_free(folder);
	return err;
}

int
backup_file_finish(struct backup_file *file, struct backup_facts *ret_facts,
    bool *ret_is_checked, struct err_note *note)
{
	static const struct backup_sink nobody;
	int err;

	*ret_is_checked = false;
	if (file->part == NULL)
		return 0;
	if (fsync(file->fd) < 0 || lseek(file->fd, 0, SEEK_SET) < 0)
		return file_error(file, file->part);
	file->progress.what = "check";
	file->progress.total = file->progress.done;
	file->progress.done = 0;
	err = backup_parse(backup_file_read, file, &nobody, ret_facts, note);
	if (err < 0)
		return err;
	if (rename(file->part, file->name) < 0)
		return file_error(file, file->name);
	mem_free(file->part);
	file->part = NULL;
	*ret_is_checked = true;
	/* Not every file system flushes folders, and the file is there. */
	(void)folder_sync(file->name);
	return 0;
}

void
backup_file_close(struct backup_file *file)
{
	progress_end(&file->progress);
	if (file->part != NULL)
		(void)unlink(file->part);
	mem_free(file->part);
	if (file->fd > STDERR_FILENO)
		(void)close(file->fd); /* flushed, or not wanted */
	file->part = NULL;
	file->fd = -1;
}

/* ---- what is in it --------------------------------------------------- */

static void
facts_json(const char *name, const struct backup_facts *facts,
    uint64_t bytes)
{
	char created[TIME_TEXT_SIZE];
	json_t *json;

	time_format(facts->created_us, created);
	json = json_pack("{s:s, s:I, s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:b}",
	    "file", name, "bytes", (json_int_t)bytes,
	    "version", facts->version, "created_at", created,
	    "schema", facts->schema,
	    "generation", (json_int_t)facts->generation,
	    "bases", (json_int_t)facts->bases,
	    "documents", (json_int_t)facts->documents,
	    "jobs", (json_int_t)facts->jobs,
	    "uploads", (json_int_t)facts->uploads,
	    "upload_bytes", (json_int_t)facts->upload_bytes,
	    "uploads_missing", (json_int_t)facts->uploads_missing,
	    "secret_key", facts->has_secret_key ? 1 : 0);
	json_print(json);
	json_decref(json);
}

static void
count_print(uint64_t count, const char *noun)
{
	(void)printf(", %llu %s%s", (unsigned long long)count, noun,
	    count == 1 ? "" : "s");
}

void
backup_facts_print(const char *name, const struct backup_facts *facts,
    uint64_t bytes, bool is_json)
{
	char text[BYTES_TEXT_SIZE], created[TIME_TEXT_SIZE];

	if (is_json) {
		facts_json(name, facts, bytes);
		return;
	}
	bytes_format(bytes, text);
	time_format(facts->created_us, created);
	text_print(stdout, name);
	(void)printf(": %s", text);
	count_print(facts->bases, "base");
	count_print(facts->documents, "document");
	count_print(facts->jobs, "job");
	count_print(facts->uploads, "upload");
	(void)printf("; as of %.19sZ, by version %s\n", created,
	    facts->version);
	if (facts->uploads_missing > 0)
		(void)printf("  %llu uploads that the store refers to were not "
			     "there: see tidemark doctor\n",
		    (unsigned long long)facts->uploads_missing);
}
