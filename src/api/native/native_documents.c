/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/mem.h"
#include "source/folder.h"

static int
on_document(void *arg, const struct document *document)
{
	struct native_list *list = arg;

	if (native_list_take(list, document->id))
		native_view_document(list->w, document, NULL);
	return 0;
}

/* The document whose members are asked for; 0 when none is named. */
static int
parent_of(struct http_request *request, const struct native_base *base,
    int64_t *ret_parent_id)
{
	const char *text = http_query(request, "parent");
	struct uuid asked, own;
	uint64_t row;

	*ret_parent_id = 0;
	if (text == NULL)
		return 0;
	if (uuid_parse(text, strlen(text), &asked) < 0)
		return err_set(&request->note, ERR_INVALID,
		    "parent is no document's id");
	row = uuid_row(&asked);
	own = uuid_of_row(&base->uuid, row);
	if (row == 0 || !uuid_is_equal(&asked, &own))
		return err_set(&request->note, ERR_NOT_FOUND,
		    "there is no such document in the base");
	*ret_parent_id = (int64_t)row;
	return 0;
}

int
native_documents_list(struct http_request *request, struct http_reply *reply)
{
	struct document_filter filter = {.name = http_query(request, "name")};
	struct native_list list;
	struct native_base base;
	struct store *reader;
	int err;

	err = native_item_states(request, &filter.states);
	if (err == 0)
		err = native_base_of(request, &base);
	if (err == 0)
		err = parent_of(request, &base, &filter.parent_id);
	if (err < 0)
		return err;
	err = native_list_open(request, reply, 'd', base.id, &list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	filter.base_id = base.id;
	filter.after_id = list.position;
	filter.limit = list.limit + 1;
	native_list_begin(&list, reply, "documents");
	err = store_documents_each(reader, &filter, on_document, &list);
	native_list_end(&list);
	return http_end(request, reader, err);
}

struct document_walk {
	struct store *reader;
	struct jsonw *w;
	const struct document *document;
	bool is_shown;
};

static int
show_with_item(void *arg, const struct item_row *row)
{
	struct document_walk *walk = arg;

	native_view_document(walk->w, walk->document, row);
	walk->is_shown = true;
	return 0;
}

static int
show_document(void *arg, const struct document *document)
{
	struct document_walk *walk = arg;
	int err = 0;

	walk->document = document;
	if (document->item_id != 0)
		err = store_item_get(walk->reader, document->item_id,
		    show_with_item, walk);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	if (!walk->is_shown)
		native_view_document(walk->w, document, NULL);
	return 0;
}

int
native_documents_get(struct http_request *request, struct http_reply *reply)
{
	struct document_walk walk = {.w = http_reply_json(reply, 200)};
	struct native_document document;
	int err;

	err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	err = native_document_find(request, walk.reader, &document);
	if (err == 0)
		err = store_document_get(walk.reader, document.id,
		    show_document, &walk);
	return http_end(request, walk.reader, err);
}

int
native_documents_delete(struct http_request *request,
    struct http_reply *reply)
{
	int err;

	err = engine_document_delete(request->engine,
	    request->caller.account_id, &request->params[0].uuid,
	    &request->note);
	reply->status = 204;
	reply->content_type = NULL;
	return err == ERR_NOT_FOUND ? native_missing(request, "document")
				    : err;
}

struct segment_walk {
	struct native_list list;
	struct uuid document;
};

/* The position that is remembered is one more than the ordinal: 0 means from
 * the start. */
static int
on_segment(void *arg, const struct segment *segment)
{
	struct segment_walk *walk = arg;

	if (native_list_take(&walk->list, (int64_t)segment->ordinal + 1))
		native_view_segment(walk->list.w, &walk->document, segment);
	return 0;
}

int
native_documents_segments(struct http_request *request,
    struct http_reply *reply)
{
	struct native_document document;
	struct segment_walk walk;
	struct store *reader;
	int err;

	err = native_list_open(request, reply, 's',
	    (int64_t)uuid_row(&request->params[0].uuid), &walk.list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = native_document_find(request, reader, &document);
	if (err == 0) {
		walk.document = document.uuid;
		native_list_begin(&walk.list, reply, "segments");
		err = store_segments_each(reader, document.id,
		    (uint32_t)walk.list.position, walk.list.limit + 1,
		    on_segment, &walk);
		native_list_end(&walk.list);
	}
	return http_end(request, reader, err);
}

/* ---- raw bytes -------------------------------------------------------- */

struct raw {
	char *path;	/* owned; in place */
	char *name, *media_type; /* owned */
	uint8_t hash[HASH_SIZE];
	bool has_hash; /* of an upload */
	uint64_t bytes;
	int64_t mtime_us;
};

static int
take_blob(void *arg, const struct item_row *row)
{
	struct raw *raw = arg;

	raw->has_hash = row->blob != NULL;
	if (raw->has_hash)
		memcpy(raw->hash, row->blob, HASH_SIZE);
	return 0;
}

struct raw_walk {
	struct store *reader;
	struct raw *raw;
};

static int
take_raw(void *arg, const struct document *document)
{
	struct raw_walk *walk = arg;
	struct raw *raw = walk->raw;
	struct buf path;
	int err;

	/* What was changed by hand is no content's any more. */
	raw->has_hash = document->revision_id != 0 &&
	    document->rule != RULE_EDITED;
	raw->bytes = document->bytes;
	raw->mtime_us = document->mtime_us;
	memcpy(raw->hash, document->hash, HASH_SIZE);
	raw->name = mem_strdup(document->name);
	raw->media_type = mem_strdup(document->media_type == NULL
	    ? "" : document->media_type);
	if (raw->name == NULL || raw->media_type == NULL)
		return ERR_NOMEM;
	buf_init(&path, URI_BYTES_MAX);
	err = folder_path_of_uri(document->uri, &path);
	if (err == 0)
		raw->path = buf_take(&path);
	buf_fini(&path);
	if (err == 0)
		return raw->path == NULL ? ERR_NOMEM : 0;
	err = 0; /* no file's address: an upload */
	if (!raw->has_hash && document->item_id != 0)
		err = store_item_get(walk->reader, document->item_id,
		    take_blob, raw);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static void
raw_fini(struct raw *raw)
{
	mem_free(raw->path);
	mem_free(raw->name);
	mem_free(raw->media_type);
}

static int
raw_open_file(const char *path, struct stat *ret_stat)
{
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
		    ? ERR_NOT_FOUND
		    : err_from_errno(errno);
	if (fstat(fd, ret_stat) < 0 || !S_ISREG(ret_stat->st_mode)) {
		(void)close(fd);
		return ERR_NOT_FOUND;
	}
	return fd;
}

static int
raw_open_blob(struct http_request *request, const struct raw *raw,
    struct stat *ret_stat)
{
	struct store *reader;
	int fd, err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	fd = engine_blob_open(request->engine, reader, raw->hash,
	    &request->note);
	err = http_end(request, reader, fd < 0 ? fd : 0);
	if (err == 0 && fstat(fd, ret_stat) < 0)
		err = err_from_errno(errno);
	if (err < 0 && fd >= 0)
		(void)close(fd);
	return err < 0 ? err : fd;
}

/* Open the bytes; the descriptor, or ERR_NOT_FOUND, ERR_CONFLICT. */
static int
raw_open(struct http_request *request, const struct raw *raw,
    struct stat *ret_stat)
{
	int64_t mtime_us;
	int fd;

	if (raw->path != NULL)
		fd = raw_open_file(raw->path, ret_stat);
	else
		fd = raw->has_hash ? raw_open_blob(request, raw, ret_stat)
				   : ERR_NOT_FOUND;
	if (fd == ERR_NOT_FOUND)
		return native_missing(request, "content");
	if (fd < 0 || raw->path == NULL)
		return fd;
	mtime_us = (int64_t)ret_stat->st_mtim.tv_sec * 1000000 +
	    ret_stat->st_mtim.tv_nsec / 1000;
	if ((uint64_t)ret_stat->st_size != raw->bytes ||
	    mtime_us != raw->mtime_us) {
		(void)close(fd);
		return err_set(&request->note, ERR_CONFLICT,
		    "the file has changed since it was indexed");
	}
	return fd;
}

/* RFC 6266 with RFC 8187: every byte that is no letter or digit escaped. */
static void
raw_disposition(struct http_reply *reply, struct buf *scratch,
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

int
native_documents_raw(struct http_request *request, struct http_reply *reply)
{
	struct native_document document;
	struct raw raw = {.path = NULL};
	struct raw_walk walk = {.raw = &raw};
	struct stat info;
	int fd = -1, err;

	err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	err = native_document_find(request, walk.reader, &document);
	if (err == 0)
		err = store_document_get(walk.reader, document.id, take_raw,
		    &walk);
	err = http_end(request, walk.reader, err);
	if (err < 0)
		goto out;
	fd = raw_open(request, &raw, &info);
	if (fd < 0) {
		err = fd;
		goto out;
	}
	raw_disposition(reply, request->scratch, raw.name);
	/* A page that was indexed must not run as one of ours. */
	http_reply_header(reply, "X-Content-Type-Options", "nosniff");
	http_reply_header(reply, "Content-Security-Policy", "sandbox");
	http_reply_header(reply, "Content-Type", raw.media_type[0] != '\0'
	    ? raw.media_type : "application/octet-stream");
	reply->content_type = NULL;
	http_reply_file(reply, &fd, (uint64_t)info.st_size);
out:
	raw_fini(&raw);
	return err;
}
