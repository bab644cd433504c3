/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a backup.
 *
 *	engine_backup_open  snapshot -> DIR/tmp/backup.db   (needs the room)
 *	                    uploads counted, manifest written
 *	backup_read         manifest.json, tidemark.db, keys, uploads, sums
 *
 * Uploads are walked three times, by the copy's own index: to count them, to
 * give them, to tell their sums.  So memory is the same for ten and for a
 * million, but for those that are not there: which they were is kept, as one
 * that comes back meanwhile must not be in the second walk alone.
 *
 * The copy is unlinked as soon as it is open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/backup.h"
#include "engine/backup_tar.h"
#include "engine/engine_int.h"
#include "store/store_backup.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/sha256.h"

#define COPY_NAME "backup.db"
#define READ_BYTES (256 * KIB)
/* "<hash>  blobs/ab/<62 digits>\n" */
#define SUM_NAME_AT (SHA256_TEXT_SIZE - 1 + 2)
#define UPLOAD_NAME_LEN (6u + 2u + 1u + 62u)
#define UPLOAD_SUM_BYTES (SUM_NAME_AT + UPLOAD_NAME_LEN + 1)
#define SUMS_FEW_MAX (4 * KIB)

enum step {
	STEP_MANIFEST,
	STEP_STORE,
	STEP_SECRET_KEY,
	STEP_API_KEY,
	STEP_UPLOADS,
	STEP_SUMS,
	STEP_DONE,
};

struct backup {
	struct engine *engine; /* whose turn it holds; NULL: nobody's */
	char *dir;
	struct store_image *image;
	struct backup_facts facts;
	struct tar_member member; /* what all have in common */
	uint64_t bytes, given;
	struct buf manifest, secret_key, api_key;
	struct buf missing; /* hashes, ascending */
	size_t missed;	    /* of them, passed in this walk */
	struct buf sums;    /* lines of what comes before the uploads */
	int store_fd;

	enum step step;
	bool is_open;	/* a member has begun... */
	int fd;		/* ...and comes from here; -1: from memory */
	bool is_summing; /* what it holds is hashed as it is given */
	uint64_t left;	/* of its bytes */
	struct sha256 *sha256;
	uint8_t hash[HASH_SIZE]; /* of the upload that is open */
};

/* ---- members ------------------------------------------------------------ */

static void
upload_name_put(const uint8_t hash[HASH_SIZE], char out[TAR_NAME_SIZE])
{
	char hex[SHA256_TEXT_SIZE];

	sha256_format(hash, hex);
	(void)snprintf(out, TAR_NAME_SIZE, "blobs/%.2s/%s", hex, hex + 2);
}

static int
file_open(const struct backup *backup, const char *name, int *ret_fd)
{
	char path[URI_BYTES_MAX];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", backup->dir,
	    name) >= sizeof(path))
		return ERR_TOO_BIG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return err_from_errno(errno);
	*ret_fd = fd;
	return 0;
}

/* 0 and its size; ERR_NOT_FOUND. */
static int
file_bytes(int fd, uint64_t *ret_bytes)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_from_errno(errno);
	if (!S_ISREG(st.st_mode))
		return ERR_IO;
	*ret_bytes = (uint64_t)st.st_size;
	return 0;
}

/* The next upload that is in the backup: 1 and its hash, 0 at the end. */
static int
upload_next(struct backup *backup, uint8_t hash[HASH_SIZE])
{
	const char *missing;
	int got;

	for (;;) {
		got = store_image_blob_next(backup->image, hash);
		if (got <= 0)
			return got;
		missing = backup->missing.data;
		if (backup->missed * HASH_SIZE >= backup->missing.len ||
		    memcmp(missing + backup->missed * HASH_SIZE, hash,
			HASH_SIZE) != 0)
			return 1;
		backup->missed++;
	}
}

static void
uploads_rewind(struct backup *backup)
{
	store_image_rewind(backup->image);
	backup->missed = 0;
}

static uint64_t
member_bytes(uint64_t bytes)
{
	return tar_head_bytes(bytes) + bytes + tar_padding(bytes);
}

static int
uploads_count(struct backup *backup, struct err_note *note)
{
	struct backup_facts *facts = &backup->facts;
	char name[TAR_NAME_SIZE];
	uint8_t hash[HASH_SIZE];
	uint64_t bytes = 0;
	int got, err, fd = -1;

	while ((got = store_image_blob_next(backup->image, hash)) > 0) {
		upload_name_put(hash, name);
		err = file_open(backup, name, &fd);
		if (err == 0) {
			err = file_bytes(fd, &bytes);
			(void)close(fd); /* not even read */
		} else if (err == ERR_NOT_FOUND) {
			err = buf_put(&backup->missing, hash, HASH_SIZE);
			facts->uploads_missing++;
			if (err == 0)
				continue;
		}
		if (err < 0)
			return err_set(note, err, "%s: %s", name,
			    err_text(err));
		facts->uploads++;
		facts->upload_bytes += bytes;
		backup->bytes += member_bytes(bytes);
	}
	return got < 0 ? err_set(note, got, "the uploads: %s", err_text(got))
		       : 0;
}

static int
key_read(struct backup *backup, const char *name, struct buf *key,
    bool *ret_is_there, struct err_note *note)
{
	char path[URI_BYTES_MAX];
	int err;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", backup->dir,
	    name) >= sizeof(path))
		return err_set(note, ERR_TOO_BIG, "path too long");
	err = fs_read_plain_file(path, key, note);
	*ret_is_there = err == 0;
	return err == ERR_NOT_FOUND ? 0 : err;
}

static void
manifest_write(struct backup *backup)
{
	const struct backup_facts *facts = &backup->facts;
	struct jsonw w;

	jsonw_init(&w, &backup->manifest);
	jsonw_object(&w);
	jsonw_nint(&w, "tidemark_backup", BACKUP_FORMAT);
	jsonw_nstring(&w, "version", facts->version);
	jsonw_ntime(&w, "created_at", facts->created_us);
	jsonw_nint(&w, "schema", facts->schema);
	jsonw_nint(&w, "revision", facts->revision);
	jsonw_nint(&w, "generation", facts->generation);
	jsonw_nuint(&w, "bases", facts->bases);
	jsonw_nuint(&w, "documents", facts->documents);
	jsonw_nuint(&w, "jobs", facts->jobs);
	jsonw_nuint(&w, "store_bytes", facts->store_bytes);
	jsonw_nuint(&w, "uploads", facts->uploads);
	jsonw_nuint(&w, "upload_bytes", facts->upload_bytes);
	jsonw_nuint(&w, "uploads_missing", facts->uploads_missing);
	jsonw_nbool(&w, "secret_key", facts->has_secret_key);
	jsonw_nbool(&w, "api_key", facts->has_api_key);
	jsonw_object_end(&w);
	(void)buf_putc(&backup->manifest, '\n');
}

/* Of a member that is no upload. */
static uint64_t
sum_bytes(const char *name)
{
	return SUM_NAME_AT + strlen(name) + 1;
}

/* The manifest, and how long everything becomes. */
static int
backup_plan(struct backup *backup, struct err_note *note)
{
	struct backup_facts *facts = &backup->facts;
	struct store_facts store;
	uint64_t sums;
	int err;

	err = store_image_facts(backup->image, &store, note);
	if (err == 0)
		err = uploads_count(backup, note);
	if (err == 0)
		err = key_read(backup, "secret-key", &backup->secret_key,
		    &facts->has_secret_key, note);
	if (err == 0)
		err = key_read(backup, "api-key", &backup->api_key,
		    &facts->has_api_key, note);
	if (err < 0)
		return err;
	facts->schema = store.schema;
	facts->revision = store.revision;
	facts->generation = store.generation;
	facts->bases = store.bases;
	facts->documents = store.documents;
	facts->jobs = store.jobs;
	facts->created_us = clock_wall_us();
	backup->member.mtime_s = facts->created_us / 1000000;
	manifest_write(backup);
	sums = sum_bytes("manifest.json") + sum_bytes("tidemark.db") +
	    facts->uploads * UPLOAD_SUM_BYTES;
	backup->bytes += member_bytes(backup->manifest.len) +
	    member_bytes(facts->store_bytes);
	if (facts->has_secret_key) {
		backup->bytes += member_bytes(backup->secret_key.len);
		sums += sum_bytes("secret-key");
	}
	if (facts->has_api_key) {
		backup->bytes += member_bytes(backup->api_key.len);
		sums += sum_bytes("api-key");
	}
	backup->bytes += member_bytes(sums) + 2ULL * TAR_BLOCK;
	backup->bytes += (TAR_RECORD - backup->bytes % TAR_RECORD) %
	    TAR_RECORD;
	return backup->manifest.err < 0 ? backup->manifest.err : 0;
}

/* ---- opening ------------------------------------------------------------ */

static int
backup_new(const char *dir, const char *version, struct backup **ret_backup)
{
	struct backup *backup;
	struct stat st;

	backup = mem_zalloc(sizeof(*backup));
	if (backup == NULL)
		return ERR_NOMEM;
	backup->fd = backup->store_fd = -1;
	buf_init(&backup->manifest, BACKUP_MANIFEST_BYTES_MAX);
	buf_init(&backup->secret_key, BACKUP_KEY_BYTES_MAX);
	buf_init(&backup->api_key, BACKUP_KEY_BYTES_MAX);
	buf_init(&backup->missing, BACKUP_MISSING_MAX * HASH_SIZE);
	buf_init(&backup->sums, SUMS_FEW_MAX);
	(void)snprintf(backup->facts.version, sizeof(backup->facts.version),
	    "%s", version);
	backup->sha256 = sha256_new();
	backup->dir = mem_strdup(dir);
	if (backup->sha256 == NULL || backup->dir == NULL) {
		backup_close(backup);
		return ERR_NOMEM;
	}
	/* Who unpacks it as root gives it to whom it was. */
	if (stat(dir, &st) == 0) {
		backup->member.uid = st.st_uid;
		backup->member.gid = st.st_gid;
	}
	*ret_backup = backup;
	return 0;
}

void
backup_close(struct backup *backup)
{
	if (backup == NULL)
		return;
	if (backup->fd >= 0 && backup->fd != backup->store_fd)
		(void)close(backup->fd);
	if (backup->store_fd >= 0)
		(void)close(backup->store_fd);
	store_image_close(backup->image);
	buf_fini(&backup->manifest);
	buf_fini(&backup->secret_key);
	buf_fini(&backup->api_key);
	buf_fini(&backup->missing);
	buf_fini(&backup->sums);
	sha256_free(backup->sha256);
	mem_free(backup->dir);
	if (backup->engine != NULL)
		atomic_store(&backup->engine->is_backing_up, false);
	mem_free(backup);
}

/* The store is the file path, which nobody writes to. */
static int
backup_take(struct backup *backup, const char *path, struct err_note *note)
{
	int err;

	backup->store_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (backup->store_fd < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", path,
		    strerror(errno));
	err = file_bytes(backup->store_fd, &backup->facts.store_bytes);
	if (err < 0)
		return err_set(note, err, "%s: %s", path, err_text(err));
	return store_image_open(path, false, &backup->image, note);
}

int
backup_open(const char *dir, const char *version, struct backup **ret_backup,
    struct err_note *note)
{
	struct backup *backup = NULL;
	char path[URI_BYTES_MAX];
	int err;

	if ((size_t)snprintf(path, sizeof(path), "%s/tidemark.db", dir) >=
	    sizeof(path))
		return err_set(note, ERR_TOO_BIG, "path too long");
	err = backup_new(dir, version, &backup);
	if (err < 0)
		return err_set(note, err, "out of memory");
	err = store_settle(dir, note);
	if (err == 0)
		err = backup_take(backup, path, note);
	if (err == 0)
		err = backup_plan(backup, note);
	if (err < 0)
		goto out;
	*ret_backup = backup;
	backup = NULL;
out:
	backup_close(backup);
	return err;
}

/* Told before it is begun: a disk that fills up stops the server's work. */
static int
room_check(const char *dir, uint64_t bytes, struct err_note *note)
{
	struct statvfs fs;
	uint64_t free_bytes;

	if (statvfs(dir, &fs) < 0)
		return err_set(note, err_from_errno(errno), "%s: %s", dir,
		    strerror(errno));
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (free_bytes >= bytes + BACKUP_RESERVE_BYTES)
		return 0;
	return err_set(note, ERR_STORAGE_FULL, "a backup needs a copy of the "
	    "store beside it: %llu MB in %s, and %llu MB are free",
	    (unsigned long long)((bytes + BACKUP_RESERVE_BYTES) / 1000000),
	    dir, (unsigned long long)(free_bytes / 1000000));
}

static int
store_copy(struct engine *engine, const char *path, backup_stop_fn *stop,
    void *arg, struct err_note *note)
{
	struct store_snap *snap = NULL;
	bool is_done = false;
	int err;

	err = store_snap_open(engine->data_dir, &snap, note);
	if (err == 0)
		err = room_check(engine->tmp_dir, store_snap_bytes(snap),
		    note);
	while (err == 0 && !is_done) {
		if (stop != NULL && stop(arg))
			err = err_set(note, ERR_CANCELLED,
			    "the backup was broken off");
		else
			err = store_snap_copy(snap, path, &is_done, note);
	}
	store_snap_close(snap);
	return err;
}

int
engine_backup_open(struct engine *engine, const char *version,
    backup_stop_fn *stop, void *arg, struct backup **ret_backup,
    struct err_note *note)
{
	struct backup *backup = NULL;
	char path[URI_BYTES_MAX];
	int err;

	if ((size_t)snprintf(path, sizeof(path), "%s/" COPY_NAME,
	    engine->tmp_dir) >= sizeof(path))
		return err_set(note, ERR_TOO_BIG, "path too long");
	if (atomic_exchange(&engine->is_backing_up, true))
		return err_set(note, ERR_BUSY,
		    "another backup is being made; try again when it is done");
	err = backup_new(engine->data_dir, version, &backup);
	if (err < 0) {
		atomic_store(&engine->is_backing_up, false);
		return err_set(note, err, "out of memory");
	}
	backup->engine = engine;
	err = store_copy(engine, path, stop, arg, note);
	if (err == 0)
		err = backup_take(backup, path, note);
	if (err == 0)
		err = backup_plan(backup, note);
	(void)unlink(path); /* it is open, or of no use */
	if (err < 0)
		goto out;
	*ret_backup = backup;
	backup = NULL;
out:
	backup_close(backup);
	return err;
}

const struct backup_facts *
backup_facts(const struct backup *backup)
{
	return &backup->facts;
}

uint64_t
backup_bytes(const struct backup *backup)
{
	return backup->bytes;
}

/* ---- giving it ----------------------------------------------------------- */

static int
zeros_put(struct buf *out, uint64_t count)
{
	static const char zeros[TAR_BLOCK];
	uint64_t part;

	while (count > 0 && out->err == 0) {
		part = count < sizeof(zeros) ? count : sizeof(zeros);
		(void)buf_put(out, zeros, (size_t)part);
		count -= part;
	}
	return out->err;
}

static int
sum_put(struct buf *out, const uint8_t hash[HASH_SIZE], const char *name)
{
	char hex[SHA256_TEXT_SIZE];

	sha256_format(hash, hex);
	return buf_printf(out, "%s  %s\n", hex, name);
}

static int
head_put(struct backup *backup, const char *name, uint64_t bytes,
    struct buf *out)
{
	(void)snprintf(backup->member.name, sizeof(backup->member.name),
	    "%s", name);
	backup->member.bytes = bytes;
	backup->left = bytes;
	backup->is_open = true;
	return tar_put_head(out, &backup->member);
}

/* A member whose content is there: all of it at once. */
static int
small_put(struct backup *backup, const char *name, const struct buf *content,
    struct buf *out)
{
	uint8_t hash[HASH_SIZE];
	int err;

	backup->step++;
	err = head_put(backup, name, content->len, out);
	backup->is_open = false;
	sha256_of(buf_text(content), content->len, hash);
	if (err == 0)
		err = buf_put(out, buf_text(content), content->len);
	if (err == 0)
		err = zeros_put(out, tar_padding(content->len));
	return err < 0 ? err : sum_put(&backup->sums, hash, name);
}

static int
upload_begin(struct backup *backup, struct buf *out, struct err_note *note)
{
	char name[TAR_NAME_SIZE];
	uint64_t bytes = 0;
	int got, err;

	got = upload_next(backup, backup->hash);
	if (got == 0) {
		uploads_rewind(backup);
		backup->step = STEP_SUMS;
	}
	if (got <= 0)
		return got;
	upload_name_put(backup->hash, name);
	err = file_open(backup, name, &backup->fd);
	if (err == 0)
		err = file_bytes(backup->fd, &bytes);
	if (err < 0)
		return err_set(note, err, "%s: %s", name, err_text(err));
	backup->is_summing = true;
	return head_put(backup, name, bytes, out);
}

/* The next member begins, or is given as a whole. */
static int
member_begin(struct backup *backup, struct buf *out, struct err_note *note)
{
	const struct backup_facts *facts = &backup->facts;

	switch (backup->step) {
	case STEP_MANIFEST:
		return small_put(backup, "manifest.json", &backup->manifest,
		    out);
	case STEP_STORE:
		backup->fd = backup->store_fd;
		backup->is_summing = true;
		return head_put(backup, "tidemark.db", facts->store_bytes,
		    out);
	case STEP_SECRET_KEY:
		if (facts->has_secret_key)
			return small_put(backup, "secret-key",
			    &backup->secret_key, out);
		backup->step++;
		return 0;
	case STEP_API_KEY:
		uploads_rewind(backup);
		if (facts->has_api_key)
			return small_put(backup, "api-key", &backup->api_key,
			    out);
		backup->step++;
		return 0;
	case STEP_UPLOADS:
		return upload_begin(backup, out, note);
	case STEP_SUMS:
		backup->fd = -1;
		(void)head_put(backup, "SHA256SUMS", backup->sums.len +
		    facts->uploads * UPLOAD_SUM_BYTES, out);
		backup->left -= backup->sums.len;
		return buf_put(out, buf_text(&backup->sums),
		    backup->sums.len);
	case STEP_DONE:
		break;
	}
	return ERR_INTERNAL;
}

static int
member_end(struct backup *backup, struct buf *out, struct err_note *note)
{
	uint8_t hash[HASH_SIZE];
	int err;

	backup->is_open = false;
	err = zeros_put(out, tar_padding(backup->member.bytes));
	if (err < 0 || backup->step == STEP_SUMS) {
		backup->step = STEP_DONE;
		return err;
	}
	sha256_end(backup->sha256, hash);
	if (backup->step == STEP_STORE) {
		backup->step++;
		backup->fd = -1;
		return sum_put(&backup->sums, hash, "tidemark.db");
	}
	(void)close(backup->fd); /* only read */
	backup->fd = -1;
	if (memcmp(hash, backup->hash, sizeof(hash)) != 0)
		return err_set(note, ERR_CORRUPT, "%s is damaged: it is not "
		    "what its name says; move it away and try again",
		    backup->member.name);
	return 0;
}

/* A line of SHA256SUMS that tells of an upload. */
static int
sums_more(struct backup *backup, struct buf *out)
{
	char name[TAR_NAME_SIZE];
	uint8_t hash[HASH_SIZE];
	int got;

	got = upload_next(backup, hash);
	if (got <= 0)
		return got < 0 ? got : ERR_CORRUPT;
	upload_name_put(hash, name);
	backup->left -= UPLOAD_SUM_BYTES;
	return sum_put(out, hash, name);
}

static int
member_more(struct backup *backup, struct buf *out, struct err_note *note)
{
	uint64_t at = backup->member.bytes - backup->left;
	size_t len = backup->left < READ_BYTES ? (size_t)backup->left
					       : (size_t)READ_BYTES;
	int err;

	if (backup->step == STEP_SUMS)
		return sums_more(backup, out);
	err = buf_reserve(out, len);
	if (err == 0)
		err = fs_read_at(backup->fd, out->data + out->len, len, at);
	if (err < 0)
		return err_set(note, err, "%s: %s", backup->member.name,
		    err_text(err));
	sha256_add(backup->sha256, out->data + out->len, len);
	out->len += len;
	out->data[out->len] = '\0';
	backup->left -= len;
	return 0;
}

int
backup_read(struct backup *backup, struct buf *out, struct err_note *note)
{
	size_t begun = out->len;
	int err = 0;

	while (err == 0 && backup->step != STEP_DONE &&
	    out->len - begun < BACKUP_PIECE_BYTES - READ_BYTES -
	    4ULL * TAR_BLOCK) {
		if (!backup->is_open)
			err = member_begin(backup, out, note);
		else if (backup->left > 0)
			err = member_more(backup, out, note);
		else
			err = member_end(backup, out, note);
	}
	if (err < 0) {
		if (out->err < 0)
			err = out->err;
		log_warn("the backup: %s", err_words(note, err));
		return err;
	}
	backup->given += out->len - begun;
	if (backup->step != STEP_DONE)
		return 1;
	err = zeros_put(out, backup->bytes - backup->given);
	backup->given = backup->bytes;
	return err < 0 ? err : 0;
}
