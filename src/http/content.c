/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "http/content.h"
#include "http/http.h"
#include "source/folder.h"

/* ---- opening ------------------------------------------------------------- */

void
http_content_close(struct http_content *content)
{
	if (content->fd >= 0)
		(void)close(content->fd); /* only read */
	content->fd = -1;
	mem_free(content->name);
	mem_free(content->media_type);
	content->name = content->media_type = NULL;
}

int
http_content_of_blob(struct engine *engine, struct store *reader,
    const uint8_t hash[HASH_SIZE], struct http_content *ret_content,
    struct err_note *note)
{
	struct http_content content = {.fd = -1};
	struct stat info;

	content.fd = engine_blob_open(engine, reader, hash, note);
	if (content.fd < 0)
		return content.fd;
	if (fstat(content.fd, &info) < 0 || !S_ISREG(info.st_mode)) {
		http_content_close(&content);
		return ERR_NOT_FOUND;
	}
	content.bytes = (uint64_t)info.st_size;
	*ret_content = content;
	return 0;
}

/* What a document's row says of its bytes. */
struct origin {
	char *path; /* owned; in place */
	char *name, *media_type; /* owned */
	uint8_t hash[HASH_SIZE];
	bool has_hash, has_blob; /* blob: of its newest item */
	uint64_t bytes;
	int64_t mtime_us;
	int64_t item_id;
};

static int
take_blob(void *arg, const struct item_row *row)
{
	struct origin *origin = arg;

	origin->has_blob = row->blob != NULL;
	if (origin->has_blob && !origin->has_hash) {
		memcpy(origin->hash, row->blob, HASH_SIZE);
		origin->has_hash = true;
	}
	return 0;
}

static int
take_document(void *arg, const struct document *document)
{
	struct origin *origin = arg;
	struct buf path;
	int err;

	/* What was changed by hand is no content's any more. */
	origin->has_hash = document->revision_id != 0 &&
	    document->rule != RULE_EDITED;
	origin->bytes = document->bytes;
	origin->mtime_us = document->mtime_us;
	origin->item_id = document->item_id;
	memcpy(origin->hash, document->hash, HASH_SIZE);
	origin->name = mem_strdup(document->name);
	origin->media_type = mem_strdup(document->media_type == NULL
	    ? "" : document->media_type);
	if (origin->name == NULL || origin->media_type == NULL)
		return ERR_NOMEM;
	buf_init(&path, URI_BYTES_MAX);
	err = folder_path_of_uri(document->uri, &path);
	if (err == 0) {
		origin->path = buf_take(&path);
		err = origin->path == NULL ? ERR_NOMEM : 0;
	} else {
		err = 0; /* no file's address: an upload, or from afar */
	}
	buf_fini(&path);
	return err;
}

static int
origin_load(struct store *reader, int64_t document_id, struct origin *origin)
{
	int err;

	err = store_document_get(reader, document_id, take_document, origin);
	if (err < 0 || origin->path != NULL || origin->item_id == 0)
		return err;
	err = store_item_get(reader, origin->item_id, take_blob, origin);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static void
origin_fini(struct origin *origin)
{
	mem_free(origin->path);
	mem_free(origin->name);
	mem_free(origin->media_type);
}

static int
open_in_place(struct http_request *request, const struct origin *origin,
    struct http_content *content)
{
	struct stat info;
	int64_t mtime_us;

	content->fd = open(origin->path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (content->fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
		    ? ERR_NOT_FOUND : err_from_errno(errno);
	if (fstat(content->fd, &info) < 0 || !S_ISREG(info.st_mode))
		return ERR_NOT_FOUND;
	mtime_us = (int64_t)info.st_mtim.tv_sec * 1000000 +
	    info.st_mtim.tv_nsec / 1000;
	if ((uint64_t)info.st_size != origin->bytes ||
	    mtime_us != origin->mtime_us)
		return err_set(&request->note, ERR_CONFLICT,
		    "the file has changed since it was indexed");
	content->bytes = origin->bytes;
	return 0;
}

static int
open_upload(struct http_request *request, struct store *reader,
    const struct origin *origin, struct http_content *content)
{
	int err;

	if (!origin->has_hash)
		return ERR_UNSUPPORTED;
	err = http_content_of_blob(request->engine, reader, origin->hash,
	    content, &request->note);
	/* What is from afar has a hash as well, but no upload has it. */
	return err == ERR_NOT_FOUND && !origin->has_blob ? ERR_UNSUPPORTED
							 : err;
}

int
http_content_of_document(struct http_request *request, struct store *reader,
    int64_t document_id, struct http_content *ret_content)
{
	struct http_content content = {.fd = -1};
	struct origin origin = {.path = NULL};
	int err;

	err = origin_load(reader, document_id, &origin);
	if (err == 0)
		err = origin.path != NULL
		    ? open_in_place(request, &origin, &content)
		    : open_upload(request, reader, &origin, &content);
	if (err < 0)
		goto out;
	content.name = origin.name;
	content.media_type = origin.media_type;
	origin.name = origin.media_type = NULL;
	*ret_content = content;
	content.fd = -1; /* the caller's now */
	content.name = content.media_type = NULL;
out:
	http_content_close(&content);
	origin_fini(&origin);
	return err;
}

/* ---- answering ----------------------------------------------------------- */

/* RFC 6266 with RFC 8187: every byte that is no letter or digit escaped. */
static void
put_disposition(struct http_reply *reply, struct buf *scratch,
    const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

	buf_clear(scratch);
	(void)buf_puts(scratch, "attachment; filename*=UTF-8''");
	for (; *name != '\0'; name++)
		if (strchr(plain, *name) != NULL)
			(void)buf_putc(scratch, *name);
		else
			(void)buf_printf(scratch, "%%%02X",
			    (unsigned char)*name);
	http_reply_header(reply, "Content-Disposition", buf_text(scratch));
}

void
http_reply_content(struct http_request *request, struct http_reply *reply,
    struct http_content *content, const char *name, const char *media_type)
{
	put_disposition(reply, request->scratch, name);
	/* A page that was uploaded must not run as one of ours. */
	http_reply_header(reply, "X-Content-Type-Options", "nosniff");
	http_reply_header(reply, "Content-Security-Policy", "sandbox");
	http_reply_header(reply, "Content-Type",
	    media_type != NULL && media_type[0] != '\0'
	    ? media_type : "application/octet-stream");
	reply->content_type = NULL;
	http_reply_file(reply, &content->fd, content->bytes);
}
