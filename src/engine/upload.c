/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads.  Bytes go to a file in DIR/tmp and through SHA-256 as they come;
 * finishing flushes the file, renames it to DIR/blobs/ab/cdef... by its hash,
 * and flushes the folder: only then may a job refer to it.  The same content
 * twice is one blob.  A blob that no job came to refer to (a request failed, a
 * base was deleted) is collected by the janitor at the next start, when no
 * upload can be under way.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
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

struct upload {
	struct engine *engine;
	char name[NAME_BYTES_MAX + 1];
	char *metadata;
	char path[URI_BYTES_MAX]; /* of the temporary file; "" when renamed */
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

	if (used > 0 && used < NAME_BYTES_MAX)
		out[used++] = '/';
	for (i = 0; i < len && used < NAME_BYTES_MAX; i++)
		out[used++] = (unsigned char)part[i] < ' ' ||
			part[i] == 0x7F
		    ? '_'
		    : part[i];
	out[used] = '\0';
	return used;
}

/* Too long a name keeps its end, where the extension is. */
static int
name_clean(const char *name, char out[NAME_BYTES_MAX + 1])
{
	size_t len = strlen(name), used = 0, part;

	if (!utf8_is_valid(name, len))
		return ERR_INVALID;
	while (len > NAME_BYTES_MAX || (*name & 0xC0) == 0x80) {
		name++;
		len--;
	}
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
upload_uri(const struct upload *upload, struct buf *out)
{
	const char *c;

	(void)buf_puts(out, "///");
	for (c = upload->name; *c != '\0'; c++) {
		if (isalnum((unsigned char)*c) || strchr("-._~/", *c) != NULL)
			(void)buf_putc(out, *c);
		else
			(void)buf_printf(out, "%%%02X", (unsigned char)*c);
	}
	return out->err;
}

/* ---- receiving ---------------------------------------------------------- */

static int
upload_temporary(struct upload *upload, struct err_note *note)
{
	if ((size_t)snprintf(upload->path, sizeof(upload->path),
		"%s/upload-XXXXXX",
		upload->engine->tmp_dir) >= sizeof(upload->path))
		return err_set(note, ERR_TOO_BIG, "path too long");
	upload->fd = mkostemp(upload->path, O_CLOEXEC);
	if (upload->fd < 0) {
		upload->path[0] = '\0';
		return err_set(note, err_from_errno(errno),
		    "cannot store the upload: %s", strerror(errno));
	}
	return 0;
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
	err = name_clean(name, upload->name);
	if (err < 0) {
		err = err_set(note, err, "a document needs a name");
		goto out;
	}
	upload->metadata = mem_strdup(metadata == NULL ? "{}" : metadata);
	upload->sha256 = sha256_new();
	if (upload->metadata == NULL || upload->sha256 == NULL) {
		err = err_set(note, ERR_NOMEM, "out of memory");
		goto out;
	}
	err = upload_temporary(upload, note);
	if (err < 0)
		goto out;
	*ret_upload = upload;
	upload = NULL;
out:
	engine_upload_free(upload);
	return err;
}

int
engine_upload_write(struct upload *upload, const void *bytes, size_t len)
{
	if (upload->bytes + len > upload->engine->file_bytes_max)
		return ERR_TOO_BIG;
	upload->bytes += len;
	sha256_add(upload->sha256, bytes, len);
	return fs_write(upload->fd, bytes, len);
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

static int
upload_place(struct upload *upload, struct err_note *note)
{
	char path[URI_BYTES_MAX], *slash;
	int err;

	err = blob_path(upload->engine, upload->hash, path);
	if (err < 0)
		return err_set(note, err, "path too long");
	slash = strrchr(path, '/');
	*slash = '\0';
	if (mkdir(path, 0700) == 0)
		err = fs_sync_folder(upload->engine->blob_dir);
	else if (errno != EEXIST)
		err = err_from_errno(errno);
	if (err < 0)
		return err_set(note, err, "cannot store the upload");
	*slash = '/';
	if (rename(upload->path, path) < 0)
		return err_set(note, err_from_errno(errno),
		    "cannot store the upload: %s", strerror(errno));
	upload->path[0] = '\0';
	*slash = '\0';
	err = fs_sync_folder(path);
	return err < 0 ? err_set(note, err, "cannot store the upload") : 0;
}

int
engine_upload_finish(struct upload *upload, struct err_note *note)
{
	int err;

	sha256_end(upload->sha256, upload->hash);
	if (fsync(upload->fd) < 0)
		return err_set(note, err_from_errno(errno),
		    "cannot store the upload: %s", strerror(errno));
	(void)close(upload->fd); /* flushed already */
	upload->fd = -1;
	err = upload_place(upload, note);
	if (err == 0)
		upload->is_finished = true;
	return err;
}

void
engine_upload_free(struct upload *upload)
{
	if (upload == NULL)
		return;
	if (upload->fd >= 0)
		(void)close(upload->fd);
	if (upload->path[0] != '\0')
		(void)unlink(upload->path);
	mem_free(upload->metadata);
	sha256_free(upload->sha256);
	mem_free(upload);
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
