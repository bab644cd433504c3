/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents that were named by their URLs.  What is indexed is asked for on
 * the condition that it has changed; a server that knows of no conditions
 * sends it again, and its hash says that it is the same.
 *
 * A document's tag is what the server said of its content: entity tag, tab,
 * time.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/fetch.h"
#include "engine/remote.h"
#include "engine/run.h"
#include "engine/steps.h"
#include "source/web_link.h"

_Static_assert(REMOTE_TAG_SIZE + WEB_DATE_SIZE <= CONTENT_TAG_SIZE,
    "a tag has its place");

/* ---- what is indexed ----------------------------------------------------- */

struct indexed {
	char tag[CONTENT_TAG_SIZE]; /* "": nothing that could be a condition */
	uint64_t bytes;
	int64_t mtime_us;
};

static int
indexed_take(void *arg, const struct document *document)
{
	struct indexed *indexed = arg;

	if (strlen(document->etag) < sizeof(indexed->tag))
		memcpy(indexed->tag, document->etag,
		    strlen(document->etag) + 1);
	indexed->bytes = document->bytes;
	indexed->mtime_us = document->mtime_us;
	return 0;
}

/* What is indexed by the rule of now and is to stay so; tag "" else. */
static int
indexed_find(const struct task *task, struct indexed *indexed)
{
	struct store *reader = task->bench->reader;
	bool are_undone = false;
	int err;

	*indexed = (struct indexed){.tag = ""};
	if (!task->is_same_rule || task_is_forced(task))
		return 0;
	err = members_are_undone(reader, task->what.document_id,
	    &are_undone);
	if (err == 0 && !are_undone)
		err = store_document_get(reader, task->what.document_id,
		    indexed_take, indexed);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static void
tag_make(const struct web_known *known, char out[CONTENT_TAG_SIZE])
{
	out[0] = '\0';
	if (known->etag[0] != '\0' || known->last_modified[0] != '\0')
		(void)snprintf(out, CONTENT_TAG_SIZE, "%s\t%s", known->etag,
		    known->last_modified);
}

static bool
tag_parse(const char *tag, struct web_known *known)
{
	size_t len = strcspn(tag, "\t");

	*known = (struct web_known){.etag = ""};
	if (tag[len] != '\t' || len >= sizeof(known->etag) ||
	    strlen(tag + len + 1) >= sizeof(known->last_modified))
		return false;
	memcpy(known->etag, tag, len);
	memcpy(known->last_modified, tag + len + 1,
	    strlen(tag + len + 1) + 1);
	return true;
}

/* ---- what came ----------------------------------------------------------- */

#define LINK_AGAIN (STEP_ENDED + 1)

/*
 * It has not changed since what was indexed when we looked.  What an item
 * before this one publishes may be on its way to the store, with another
 * content: then LINK_AGAIN, and it is asked for without a condition.
 */
static int
link_unchanged(struct task *task, const struct indexed *asked,
    struct err_note *note)
{
	struct indexed now;
	int err;

	err = task_look_again(task, note);
	if (err == 0)
		err = indexed_find(task, &now);
	if (err != 0)
		return err;
	if (strcmp(now.tag, asked->tag) != 0)
		return LINK_AGAIN;
	task->what.bytes = now.bytes;
	task->what.mtime_us = now.mtime_us;
	run_set_file(task->run, now.bytes, now.mtime_us);
	memcpy(task->what.etag, now.tag, sizeof(now.tag));
	task->what.has_etag = true;
	return task_end(task, ITEM_CODE_UNCHANGED, "%s",
	    item_code_text(ITEM_CODE_UNCHANGED));
}

/* Its name tells the extractor more than the address did. */
static int
link_changed(struct task *task, const struct web_linked *linked, int fd)
{
	char *name = mem_strdup(linked->name);

	if (name == NULL)
		return ERR_NOMEM;
	mem_free(task->work->name);
	task->work->name = name;
	memcpy(task->what.name, linked->name, sizeof(linked->name));
	tag_make(&linked->known, task->what.etag);
	task->what.has_etag = true;
	return lseek(fd, 0, SEEK_SET) < 0 ? ERR_IO : 0;
}

/* ---- a fetch ------------------------------------------------------------- */

static int
link_judge(struct task *task, int err, struct err_note *note)
{
	if (err == ERR_NOT_FOUND)
		return task_end(task, ITEM_CODE_SOURCE_NOT_FOUND, "%s",
		    err_words(note, err));
	return fetch_judge(task, err, note);
}

int
fetch_link(struct task *task, int fd, struct err_note *note)
{
	struct web_link link = {.url = task->work->uri, .fd = fd,
	    .bytes_max = task->bench->engine->file_bytes_max,
	    .stop = work_stop(task->work)};
	struct net_client *client;
	struct web_linked linked;
	struct web_known known;
	struct indexed indexed;
	int err;

	err = remote_kept_web(&task->bench->remote, task->bench->engine,
	    &client, note);
	if (err == 0)
		err = indexed_find(task, &indexed);
	if (err < 0)
		return err;
	if (tag_parse(indexed.tag, &known))
		link.known = &known;
	err = web_link_fetch(client, &link, &linked, note);
	if (err == 0 && linked.is_unchanged) {
		err = link_unchanged(task, &indexed, note);
		if (err != LINK_AGAIN)
			return err;
		link.known = NULL;
		err = web_link_fetch(client, &link, &linked, note);
	}
	return err < 0 ? link_judge(task, err, note)
		       : link_changed(task, &linked, fd);
}
