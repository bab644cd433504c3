/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads.  Bytes go through SHA-256 as they come, and are kept in memory as
 * long as they are few; beyond SMALL_BLOB_BYTES_MAX, or when other uploads
 * have UPLOADS_MEMORY_MAX already, in a file in DIR/tmp.
 *
 * A job's transaction puts those in memory into the store (upload_put).  Files
 * are flushed before that, renamed to DIR/blobs/ab/cdef... by their hash, and
 * the folders are flushed.  The same content twice is one blob.  A blob that no
 * job came to refer to (a request failed, a base was deleted) is collected by
 * the janitor at the next start, when no upload can be under way.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "sys/fs.h"
#include "sys/sha256.h"

#define UPLOADS_FEW 4u
/* Of all uploads together: a request may bring ten thousand files. */
#define UPLOADS_MEMORY_MAX (32 * MIB)

_Static_assert(SMALL_BLOB_BYTES_MAX <= UPLOADS_MEMORY_MAX,
    "one upload at least has its place in memory");

struct upload {
	struct engine *engine;
	char name[UPLOAD_NAME_BYTES_MAX + 1];
	char *metadata;	   /* NULL: none was given */
	struct buf memory; /* the content, while is_small */
	bool is_small;
	char *path; /* of the temporary file; NULL: renamed, or none */
	int fd;
	struct sha256 *sha256;
	uint64_t bytes;
	uint8_t hash[HASH_SIZE];
	bool is_finished;
};

/* ---- names -------------------------------------------------------------- */

static bool
part_is_kept(const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.') ||
	    (len == 2 && part[0] == '.' && part[1] == '.'))
		return false;
	return !(len == 2 && part[1] == ':'); /* a drive */
}

static size_t
name_put(char *out, size_t used, const char *part, size_t len)
{
	size_t i;

	if (used > 0 && used < UPLOAD_NAME_BYTES_MAX)
		out[used++] = '/';
	for (i = 0; i < len && used < UPLOAD_NAME_BYTES_MAX; i++)
		out[used++] = (unsigned char)part[i] < ' ' ||
			part[i] == 0x7F
		    ? '_'
		    : part[i];
	out[used] = '\0';
	return used;
}

int
upload_name_clean(const char *name, char out[UPLOAD_NAME_BYTES_MAX + 1])
{
	size_t len = strlen(name), used = 0, part;

	if (!utf8_is_valid(name, len))
		return ERR_INVALID;
	if (len > UPLOAD_NAME_BYTES_MAX)
		return ERR_TOO_BIG;
	out[0] = '\0';
	while (*name != '\0') {
		part = strcspn(name, "/\\");
		if (part_is_kept(name, part))
			used = name_put(out, used, name, part);
		name += part;
		name += *name != '\0';
	}
	return used == 0 ? ERR_INVALID : 0;
}

int
upload_uri(const char *name, struct buf *out)
{
	const char *c;

	(void)buf_puts(out, "///");
	for (c = name; *c != '\0'; c++) {
		if (isalnum((unsigned char)*c) || strchr("-._~/", *c) != NULL)
			(void)buf_putc(out, *c);
		else
			(void)buf_printf(out, "%%%02X", (unsigned char)*c);
	}
	return out->err;
}

/* ---- receiving ---------------------------------------------------------- */

static int
upload_temporary(struct upload *upload)
{
	struct buf path;
	int fd;

	buf_init(&path, URI_BYTES_MAX - 1);
	(void)buf_printf(&path, "%s/upload-XXXXXX", upload->engine->tmp_dir);
	upload->path = buf_take(&path);
	buf_fini(&path);
	if (upload->path == NULL)
		return ERR_NOMEM;
	fd = mkostemp(upload->path, O_CLOEXEC);
	if (fd < 0) {
		mem_free(upload->path);
		upload->path = NULL;
		return err_from_errno(errno);
	}
	upload->fd = fd;
	return 0;
}

/* Let go of the content in memory. */
static void
upload_forget(struct upload *upload)
{
	(void)atomic_fetch_sub(&upload->engine->upload_memory,
	    upload->memory.len);
	buf_fini(&upload->memory);
	upload->is_small = false;
}

/* It has become too large for memory, or all uploads together have. */
static int
upload_spill(struct upload *upload)
{
	int err;

	err = upload_temporary(upload);
	if (err == 0 && upload->memory.len > 0)
		err = fs_write(upload->fd, upload->memory.data,
		    upload->memory.len);
	upload_forget(upload);
	return err;
}

/* False: there is no room in memory. */
static bool
upload_gather(struct upload *upload, const void *bytes, size_t len)
{
	_Atomic uint64_t *all = &upload->engine->upload_memory;

	if (len > SMALL_BLOB_BYTES_MAX - upload->memory.len)
		return false;
	if (atomic_fetch_add(all, len) + len > UPLOADS_MEMORY_MAX ||
	    buf_put(&upload->memory, bytes, len) < 0) {
		(void)atomic_fetch_sub(all, len);
		return false;
	}
	return true;
}

int
engine_upload_open(struct engine *engine, enum job_kind kind,
    const char *name, const char *metadata, struct upload **ret_upload,
    struct err_note *note)
{
	struct upload *upload;
	int err;

	(void)kind;
	upload = mem_zalloc(sizeof(*upload));
	if (upload == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	upload->engine = engine;
	upload->fd = -1;
	upload->is_small = true;
	buf_init(&upload->memory, SMALL_BLOB_BYTES_MAX);
	err = upload_name_clean(name, upload->name);
	if (err < 0) {
		err = err == ERR_TOO_BIG
		    ? err_set(note, err,
			  "a document's name has more than %u bytes",
			  UPLOAD_NAME_BYTES_MAX)
		    : err_set(note, err,
			  "a document needs a name, in UTF-8");
		goto out;
	}
	if (metadata != NULL)
		upload->metadata = mem_strdup(metadata);
	upload->sha256 = sha256_new();
	if ((metadata != NULL && upload->metadata == NULL) ||
	    upload->sha256 == NULL) {
		err = err_set(note, ERR_NOMEM, "out of memory");
		goto out;
	}
	*ret_upload = upload;
	upload = NULL;
out:
	engine_upload_free(upload);
	return err;
}

int
engine_upload_write(struct upload *upload, const void *bytes, size_t len)
{
	int err = 0;

	if (upload->bytes + len > upload->engine->file_bytes_max)
		return ERR_TOO_BIG;
	upload->bytes += len;
	sha256_add(upload->sha256, bytes, len);
	if (upload->is_small && upload_gather(upload, bytes, len))
		return 0;
	if (upload->is_small)
		err = upload_spill(upload);
	return err < 0 ? err : fs_write(upload->fd, bytes, len);
}

int
blob_path(const struct engine *engine, const uint8_t hash[HASH_SIZE],
    char out[URI_BYTES_MAX])
{
	char hex[SHA256_TEXT_SIZE];
	int len;

	sha256_format(hash, hex);
	len = snprintf(out, URI_BYTES_MAX, "%s/%.2s/%s", engine->blob_dir,
	    hex, hex + 2);
	return len < 0 || (size_t)len >= URI_BYTES_MAX ? ERR_TOO_BIG : 0;
}

int
engine_upload_finish(struct upload *upload, struct err_note *note)
{
	(void)note;
	if (upload->is_finished)
		return 0;
	sha256_end(upload->sha256, upload->hash);
	/* A request may bring more files than may be open at once. */
	if (upload->fd >= 0)
		(void)close(upload->fd); /* its content is flushed later */
	upload->fd = -1;
	upload->is_finished = true;
	return 0;
}

int
engine_upload_read(const struct upload *upload, void *bytes, size_t size,
    size_t *ret_len)
{
	ssize_t n = -1;
	int fd;

	if (upload->bytes > size)
		return ERR_TOO_BIG;
	if (upload->is_small) {
		if (upload->memory.len > 0)
			memcpy(bytes, upload->memory.data,
			    upload->memory.len);
		*ret_len = upload->memory.len;
		return 0;
	}
	if (upload->path == NULL)
		return ERR_CONFLICT; /* it is a job's already */
	fd = open(upload->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_from_errno(errno);
	/* Of a file that nobody writes to all comes at once. */
	n = read(fd, bytes, (size_t)upload->bytes);
	(void)close(fd); /* only read */
	if (n < 0 || (uint64_t)n != upload->bytes)
		return ERR_IO;
	*ret_len = (size_t)n;
	return 0;
}

/* ---- making them durable ------------------------------------------------ */

/* Rename it to its blob; folders are flushed by the caller. */
static int
upload_place(struct upload *upload, struct err_note *note)
{
	char path[URI_BYTES_MAX], *slash;
	int err;

	if (upload->path == NULL)
		return 0; /* placed already, or small */
	err = blob_path(upload->engine, upload->hash, path);
	if (err < 0)
		return err_set(note, err, "path too long");
	slash = strrchr(path, '/');
	*slash = '\0';
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_set(note, err_from_errno(errno),
		    "cannot store the upload: %s", strerror(errno));
	*slash = '/';
	if (rename(upload->path, path) < 0)
		return err_set(note, err_from_errno(errno),
		    "cannot store the upload: %s", strerror(errno));
	mem_free(upload->path);
	upload->path = NULL;
	return 0;
}

static int
upload_sync_folder(struct upload *upload)
{
	char path[URI_BYTES_MAX];
	int err;

	err = blob_path(upload->engine, upload->hash, path);
	if (err < 0)
		return err;
	*strrchr(path, '/') = '\0';
	err = fs_sync_folder(path);
	return err < 0 ? err : fs_sync_folder(upload->engine->blob_dir);
}

/* flush: fsync, or syncfs for the whole file system that path is on. */
static int
upload_flush(const char *path, int (*flush)(int fd))
{
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_from_errno(errno);
	if (flush(fd) < 0)
		err = err_from_errno(errno);
	(void)close(fd); /* only read */
	return err;
}

/* One of few: its own file and folders. */
static int
upload_store(struct upload *upload, struct err_note *note)
{
	int err;

	if (upload->path == NULL)
		return 0;
	err = upload_flush(upload->path, fsync);
	if (err < 0)
		return err_set(note, err, "cannot store the upload");
	err = upload_place(upload, note);
	if (err < 0)
		return err;
	err = upload_sync_folder(upload);
	return err < 0 ? err_set(note, err, "cannot store the upload") : 0;
}

/*
 * Many: three flushes of files and folders for each would take milliseconds
 * apiece, so the file system is flushed as a whole, once for the contents
 * and, after the renames, once for the names.
 */
static int
uploads_store_many(struct upload *const *uploads, size_t count,
    struct err_note *note)
{
	const char *tmp_dir = uploads[0]->engine->tmp_dir;
	size_t i;
	int err;

	err = upload_flush(tmp_dir, syncfs);
	if (err < 0)
		return err_set(note, err, "cannot store the uploads");
	for (i = 0; err == 0 && i < count; i++)
		err = upload_place(uploads[i], note);
	if (err < 0)
		return err;
	err = upload_flush(tmp_dir, syncfs);
	return err < 0 ? err_set(note, err, "cannot store the uploads") : 0;
}

int
uploads_store(struct upload *const *uploads, size_t count,
    struct err_note *note)
{
	size_t i, files = 0;
	int err = 0;

	for (i = 0; i < count; i++)
		files += uploads[i]->path != NULL;
	if (files > UPLOADS_FEW)
		return uploads_store_many(uploads, count, note);
	for (i = 0; err == 0 && i < count; i++)
		err = upload_store(uploads[i], note);
	return err;
}

int
upload_put(const struct upload *upload, struct store *store)
{
	if (!upload->is_small)
		return 0;
	return store_small_blob_put(store, upload->hash,
	    buf_text(&upload->memory), upload->memory.len);
}

bool
upload_is_small(const struct upload *upload)
{
	return upload->is_small;
}

void
engine_upload_free(struct upload *upload)
{
	if (upload == NULL)
		return;
	if (upload->fd >= 0)
		(void)close(upload->fd);
	if (upload->path != NULL)
		(void)unlink(upload->path);
	mem_free(upload->path);
	upload_forget(upload);
	mem_free(upload->metadata);
	sha256_free(upload->sha256);
	mem_free(upload);
}

const uint8_t *
engine_upload_hash(const struct upload *upload)
{
	return upload->hash;
}

const uint8_t *
upload_hash(const struct upload *upload)
{
	return upload->hash;
}

const char *
upload_name(const struct upload *upload)
{
	return upload->name;
}

const char *
upload_metadata(const struct upload *upload)
{
	return upload->metadata;
}

uint64_t
upload_bytes(const struct upload *upload)
{
	return upload->bytes;
}
