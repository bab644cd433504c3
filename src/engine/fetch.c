/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of buckets, fetched by the worker that is about to read them into a
 * file of the data folder that has no name, so that nothing is left of it
 * however the worker ends.
 *
 * Trouble that may pass uses up attempts of the item as that of any other
 * service does.  An object that was changed since it was listed is fetched as
 * it is now, and remembered under the tag it has now.
 *
 * Who is asked is the source that the item came from: of two jobs that came
 * across the same object each has keys of its own.  An item of a job that is
 * over no sources takes its document's.
 *
 * Pages of the web came with their listing and lie here; what their source
 * leaves out of them is taken away on their way to the extractor.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/fetch.h"
#include "engine/remote.h"
#include "engine/scan_source.h"
#include "engine/source_copy.h"
#include "engine/steps.h"
#include "sys/fs.h"

int
fetch_judge(struct task *task, int err, struct err_note *note)
{
	switch ((enum err)err) {
	case ERR_NOT_FOUND:
		return task_end(task, ITEM_CODE_SOURCE_NOT_FOUND,
		    "%s is not there any more", task->work->name);
	case ERR_FORBIDDEN:
		return task_end(task, ITEM_CODE_SOURCE_ACCESS_DENIED, "%s",
		    err_words(note, err));
	case ERR_TOO_BIG:
		return task_end(task, ITEM_CODE_FILE_TOO_LARGE,
		    "%s has more than %llu bytes, which is the limit",
		    task->work->name,
		    (unsigned long long)task->bench->engine->file_bytes_max);
	case ERR_INVALID:
	case ERR_SYNTAX:
	case ERR_UNSUPPORTED:
		return task_end(task, ITEM_CODE_FETCH_FAILED, "%s",
		    err_words(note, err));
	case ERR_CONFLICT:
		return err_set(note, ERR_BUSY,
		    "%s was changed while it was fetched", task->work->name);
	case ERR_BUSY:
	case ERR_TIMEOUT:
	case ERR_CLOSED:
	case ERR_UPSTREAM:
		return ERR_UPSTREAM;
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_STORAGE_FULL:
	case ERR_EXISTS:
	case ERR_UNAUTHORIZED:
	case ERR_CORRUPT:
	case ERR_UNREADABLE:
	case ERR_CANCELLED:
	case ERR_INTERNAL:
		break;
	}
	return err;
}

static int
fetch_object(struct task *task, const struct source_copy *source,
    const char *uri, int fd, struct err_note *note)
{
	struct bench *bench = task->bench;
	struct s3_fetch fetch = {.uri = uri, .etag = task->work->etag,
	    .bytes_max = bench->engine->file_bytes_max, .fd = fd,
	    .stop = work_stop(task->work)};
	struct s3_client *client;
	struct s3_object object;
	int err;

	err = remote_kept_open(&bench->remote, bench->engine, source, &client,
	    note);
	if (err == 0)
		err = s3_fetch(client, &fetch, &object, note);
	/* It is another one than was listed. */
	if (err == ERR_CONFLICT && fetch.etag[0] != '\0') {
		fetch.etag = "";
		err = s3_fetch(client, &fetch, &object, note);
		if (err == 0)
			memcpy(task->what.etag, object.etag,
			    sizeof(object.etag));
		task->what.has_etag = err == 0;
	}
	if (err == 0 && lseek(fd, 0, SEEK_SET) < 0)
		err = err_set(note, ERR_IO, "the file cannot be read again");
	return err;
}

static int
fetch_source(struct task *task, const struct source_copy *source, int fd,
    struct err_note *note)
{
	const char *uri = task->work->uri;
	char *listed;
	int err;

	listed = mem_strndup(uri, source_uri_len(uri));
	if (listed == NULL)
		return ERR_NOMEM;
	err = fetch_object(task, source, listed, fd, note);
	mem_free(listed);
	return err < 0 ? fetch_judge(task, err, note) : 0;
}

static int
fetch_bucket(struct task *task, int64_t source_id, int fd,
    struct err_note *note)
{
	struct source_copy source;
	int err;

	err = source_copy_get(task->bench->reader, source_id, &source);
	if (err < 0)
		return err;
	err = fetch_source(task, &source, fd, note);
	source_copy_fini(&source);
	return err;
}

bool
task_is_remote(const struct task *task)
{
	/* A file of this machine is read in place, whatever is said of it. */
	return (task->source_id != 0 || task->work->item.source_id != 0) &&
	    !task->work->has_blob && strncmp(task->work->uri, "file:", 5) != 0;
}

static int
source_kind_take(void *arg, const struct source *source)
{
	enum source_kind *kind = arg;

	*kind = source->kind;
	return 0;
}

/* Sets task->fd, or returns what is to be returned. */
static int
fetch_by_kind(struct task *task, enum source_kind kind, int64_t source_id,
    struct err_note *note)
{
	int fd, err;

	fd = fs_temporary(task->bench->engine->tmp_dir);
	if (fd < 0)
		return fd;
	err = kind == SOURCE_LINKS ? fetch_link(task, fd, note)
				   : fetch_bucket(task, source_id, fd, note);
	if (err != 0) {
		(void)close(fd); /* nothing of it is wanted */
		return err;
	}
	task->fd = fd;
	task->is_frozen = true;
	return 0;
}

int
task_fetch(struct task *task, struct err_note *note)
{
	const struct item *item = &task->work->item;
	int64_t source_id = item->source_id != 0 ? item->source_id
						 : task->source_id;
	enum source_kind kind = SOURCE_ABSENT;
	int err;

	task->is_fetching = true;
	err = store_source_get(task->bench->reader, source_id,
	    source_kind_take, &kind);
	if (err == ERR_NOT_FOUND)
		return task_end(task, ITEM_CODE_SOURCE_NOT_FOUND,
		    "the source it came from was deleted");
	if (err < 0)
		return err;
	if (kind != SOURCE_S3 && kind != SOURCE_LINKS)
		return task_end(task, ITEM_CODE_FETCH_FAILED,
		    "%s has no content that is kept", task->work->name);
	err = fetch_by_kind(task, kind, source_id, note);
	task->is_fetching = err < 0;
	return err;
}

/* ---- pages --------------------------------------------------------------- */

static int
page_read(int fd, struct buf *out)
{
	char bytes[16384];
	ssize_t n;
	int err = 0;

	do {
		n = read(fd, bytes, sizeof(bytes));
		if (n < 0)
			return err_from_errno(errno);
		if (n > 0)
			err = buf_put(out, bytes, (size_t)n);
	} while (err == 0 && n > 0);
	return err;
}

static int
page_write(struct task *task, const struct buf *page)
{
	int fd, err;

	fd = fs_temporary(task->bench->engine->tmp_dir);
	if (fd < 0)
		return fd;
	err = page->len == 0 ? 0 : fs_write(fd, page->data, page->len);
	if (err == 0 && lseek(fd, 0, SEEK_SET) < 0)
		err = err_from_errno(errno);
	if (err < 0) {
		(void)close(fd);
		return err;
	}
	(void)close(task->fd); /* only read */
	task->fd = fd;
	task->is_cut = true;
	return 0;
}

static int
page_cut(struct task *task, const struct source_config *config)
{
	struct buf whole, cut;
	int err;

	buf_init(&whole, WEB_HTML_BYTES_MAX);
	buf_init(&cut, WEB_HTML_BYTES_MAX);
	err = page_read(task->fd, &whole);
	if (err == 0)
		err = web_drop_tags(buf_text(&whole), whole.len, config->tags,
		    config->tag_count, &cut);
	if (err == 0)
		err = page_write(task, &cut);
	buf_fini(&whole);
	buf_fini(&cut);
	return err;
}

/* Other documents of the site are left as they are. */
static bool
task_is_page(const struct task *task)
{
	const struct work *work = task->work;

	return task->source_id != 0 && work->item.parent_id == 0 &&
	    work->has_blob && strncmp(work->uri, "http", 4) == 0 &&
	    page_tag_is_html(work->etag);
}

int
task_cut_page(struct task *task, struct err_note *note)
{
	struct source_copy source;
	int err;

	if (!task_is_page(task))
		return 0;
	err = source_copy_get(task->bench->reader, task->source_id, &source);
	if (err == ERR_NOT_FOUND)
		return 0; /* so are its documents, in a moment */
	if (err < 0)
		return err;
	if (source.config.tag_count > 0)
		err = page_cut(task, &source.config);
	source_copy_fini(&source);
	if (err == ERR_TOO_BIG)
		return task_end(task, ITEM_CODE_FILE_TOO_LARGE,
		    "%s is too large for leaving out parts of it",
		    task->work->name);
	return err < 0 ? err_set(note, err, "%s cannot be read",
			     task->work->name)
		       : 0;
}
