/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crawling a site.  Pages come with their bodies, which become blobs as those
 * of uploads do: whole, since links are often in what is left out of them, and
 * fetch.c leaves that out when the page is read.
 *
 * What a page's content is known by (the item's tag) is made of five parts
 * with tabs in between: the SHA-256 of its body, its entity tag, its time, its
 * type as they were sent, and a number for what is left out of it.  So the
 * first look says by itself whether anything has changed, and the next crawl
 * has what it needs to ask for changes only.  A crawl that is begun again
 * after a restart asks in the same way for what the job has items of already.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/remote.h"
#include "engine/scan_source.h"
#include "engine/source_copy.h"
#include "source/web.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/sha256.h"

#define PAGE_TAG_BYTES_MAX 1024u
#define PAGES_GATHER_US 1000000 /* how long pages may wait for others */
#define READ_BYTES (64 * KIB)

struct crawl {
	struct listing *listing;
	uint64_t drops; /* a number for what is left out of pages */
	int64_t flush_us;
	char *bytes; /* READ_BYTES */
};

/* A page as an earlier crawl, or this job, has it. */
struct page {
	char *tag; /* owned */
	uint64_t bytes;
	uint8_t blob[HASH_SIZE];
	bool has_blob;
	/* The item that is the document's newest: */
	int64_t item_id, job_id;
	enum item_state state;
	enum item_code code;
};

/* ---- tags ---------------------------------------------------------------- */

static int
tag_make(const char *hash, const struct web_known *known, uint64_t drops,
    char **ret_tag)
{
	struct buf tag;
	int err;

	buf_init(&tag, PAGE_TAG_BYTES_MAX);
	err = buf_printf(&tag, "%s\t%s\t%s\t%s\t%016" PRIx64, hash,
	    known->etag, known->last_modified, known->content_type, drops);
	*ret_tag = err < 0 ? NULL : buf_take(&tag);
	buf_fini(&tag);
	return err < 0 ? err : *ret_tag == NULL ? ERR_NOMEM : 0;
}

/* Copy the part up to a tab; NULL: it does not fit, or there is no tab. */
static const char *
part_take(const char *text, char *out, size_t size)
{
	size_t len;

	if (text == NULL)
		return NULL;
	len = strcspn(text, "\t");
	if (len >= size || text[len] == '\0')
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return text + len + 1;
}

static int
tag_parse(const char *tag, char hash[SHA256_TEXT_SIZE],
    struct web_known *known)
{
	tag = part_take(tag, hash, SHA256_TEXT_SIZE);
	tag = part_take(tag, known->etag, sizeof(known->etag));
	tag = part_take(tag, known->last_modified,
	    sizeof(known->last_modified));
	tag = part_take(tag, known->content_type,
	    sizeof(known->content_type));
	return tag == NULL ? ERR_SYNTAX : 0;
}

bool
page_tag_is_html(const char *tag)
{
	char hash[SHA256_TEXT_SIZE];
	struct web_known known;

	return tag_parse(tag, hash, &known) == 0 &&
	    (strncasecmp(known.content_type, "text/html", 9) == 0 ||
		strncasecmp(known.content_type, "application/xhtml+xml", 21) ==
		    0);
}

/* A tab would look like the end of a part. */
static void
header_copy(const char *text, char *out, size_t size)
{
	out[0] = '\0';
	if (strlen(text) < size && strpbrk(text, "\t\r\n") == NULL)
		memcpy(out, text, strlen(text) + 1);
}

static uint64_t
drops_number(const struct source_config *config)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < config->tag_count; i++)
		number = XXH3_64bits_withSeed(config->tags[i],
		    strlen(config->tags[i]) + 1, number);
	return number;
}

/* ---- what is known ------------------------------------------------------- */

static int
page_document(void *arg, const struct document *document)
{
	struct page *page = arg;

	page->item_id = document->item_id;
	return 0;
}

static int
page_item(void *arg, const struct item_row *row)
{
	struct page *page = arg;

	page->job_id = row->item.job_id;
	page->state = row->item.state;
	page->code = row->item.code;
	page->bytes = row->item.bytes;
	page->has_blob = row->blob != NULL;
	if (row->blob != NULL)
		memcpy(page->blob, row->blob, HASH_SIZE);
	page->tag = mem_strdup(row->etag);
	return page->tag == NULL ? ERR_NOMEM : 0;
}

/* Its newest item has what is indexed, or what this job is about to index. */
static bool
page_counts(const struct page *page, const struct job *job)
{
	if (!page->has_blob || page->tag == NULL)
		return false;
	return page->job_id == job->id || page->state == ITEM_COMPLETED ||
	    (page->state == ITEM_SKIPPED &&
		page->code == ITEM_CODE_UNCHANGED);
}

/* ERR_NOT_FOUND: nothing is known that would be of use. */
static int
page_find(const struct crawl *crawl, const char *url, struct page *ret_page)
{
	const struct listing *listing = crawl->listing;
	struct store *reader = listing->scan->scanner->reader;
	struct page page = {.tag = NULL};
	struct buf uri;
	int err;

	buf_init(&uri, SOURCE_URI_BYTES_MAX);
	err = source_uri(url, &listing->source->row, &uri);
	if (err == 0)
		err = store_document_find(reader, listing->job->base_id,
		    buf_text(&uri), page_document, &page);
	buf_fini(&uri);
	if (err == 0 && page.item_id == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = store_item_get(reader, page.item_id, page_item, &page);
	if (err == 0 && !page_counts(&page, listing->job))
		err = ERR_NOT_FOUND;
	if (err < 0)
		mem_free(page.tag);
	else
		*ret_page = page;
	return err;
}

static int
crawl_known(void *arg, const char *url, struct web_known *ret_known)
{
	const struct crawl *crawl = arg;
	char hash[SHA256_TEXT_SIZE];
	struct page page;
	int err;

	err = page_find(crawl, url, &page);
	if (err < 0)
		return err;
	err = tag_parse(page.tag, hash, ret_known);
	mem_free(page.tag);
	return err < 0 ? ERR_NOT_FOUND : 0;
}

static int
crawl_body(void *arg, const char *url, struct buf *out)
{
	const struct crawl *crawl = arg;
	struct scanner *scanner = crawl->listing->scan->scanner;
	struct page page;
	ssize_t n = 1;
	int fd, err;

	err = page_find(crawl, url, &page);
	if (err < 0)
		return err;
	mem_free(page.tag);
	fd = engine_blob_open(scanner->engine, scanner->reader, page.blob,
	    NULL);
	if (fd < 0)
		return fd;
	while (err == 0 && n > 0) {
		n = read(fd, crawl->bytes, READ_BYTES);
		if (n > 0)
			err = buf_put(out, crawl->bytes, (size_t)n);
	}
	(void)close(fd); /* only read */
	return n < 0 ? ERR_IO : err;
}

/* ---- entries ------------------------------------------------------------- */

static int
body_copy(const struct crawl *crawl, int fd, struct upload *upload)
{
	off_t at = 0;
	ssize_t n;
	int err = 0;

	while (err == 0) {
		n = pread(fd, crawl->bytes, READ_BYTES, at);
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			break;
		err = engine_upload_write(upload, crawl->bytes, (size_t)n);
		at += n;
	}
	return err < 0 ? err : engine_upload_finish(upload, NULL);
}

/* The body becomes a blob; one that is too large leaves a code. */
static int
found_body(const struct crawl *crawl, const struct web_entry *entry,
    struct found *found)
{
	struct engine *engine = crawl->listing->scan->scanner->engine;
	struct web_known known;
	char hex[SHA256_TEXT_SIZE];
	int err;

	/* Only its bytes count: the item has a name of its own. */
	err = engine_upload_open(engine, JOB_KIND_TEXT, "page", NULL,
	    &found->upload, NULL);
	if (err == 0)
		err = body_copy(crawl, entry->fd, found->upload);
	if (err == ERR_TOO_BIG) {
		engine_upload_free(found->upload);
		found->upload = NULL;
		found->code = ITEM_CODE_FILE_TOO_LARGE;
		return 0;
	}
	if (err < 0)
		return err;
	memcpy(found->blob, upload_hash(found->upload), HASH_SIZE);
	found->has_blob = true;
	found->bytes = upload_bytes(found->upload);
	header_copy(entry->remote.etag, known.etag, sizeof(known.etag));
	header_copy(entry->last_modified, known.last_modified,
	    sizeof(known.last_modified));
	header_copy(entry->content_type, known.content_type,
	    sizeof(known.content_type));
	sha256_format(found->blob, hex);
	mem_free(found->etag);
	return tag_make(hex, &known, crawl->drops, &found->etag);
}

/* The blob that there is, and the tag it would have now. */
static int
found_again(const struct crawl *crawl, const char *url, struct found *found)
{
	char hash[SHA256_TEXT_SIZE];
	struct web_known known;
	struct page page;
	int err;

	err = page_find(crawl, url, &page);
	if (err < 0)
		return err;
	memcpy(found->blob, page.blob, HASH_SIZE);
	found->has_blob = true;
	found->bytes = page.bytes;
	err = tag_parse(page.tag, hash, &known);
	mem_free(page.tag);
	if (err < 0)
		return ERR_NOT_FOUND;
	mem_free(found->etag);
	return tag_make(hash, &known, crawl->drops, &found->etag);
}

static void
found_drop(struct found *found)
{
	mem_free(found->uri);
	mem_free(found->name);
	mem_free(found->etag);
	engine_upload_free(found->upload);
}

static int
crawl_entry(void *arg, const struct web_entry *entry)
{
	struct crawl *crawl = arg;
	struct scan *scan = crawl->listing->scan;
	struct found found;
	int err;

	err = listing_found(crawl->listing, &entry->remote, &found);
	if (err < 0)
		return err;
	if (entry->is_unchanged)
		err = found_again(crawl, entry->remote.uri, &found);
	else if (entry->fd >= 0 && found.code == ITEM_CODE_NONE)
		err = found_body(crawl, entry, &found);
	/* Deleted while it was asked for: the next crawl finds it new. */
	if (err == ERR_NOT_FOUND)
		crawl->listing->is_partial = true;
	if (err < 0) {
		found_drop(&found);
		return err == ERR_NOT_FOUND ? 0 : err;
	}
	err = scan_put(scan, &found);
	if (err == 0 && clock_mono_us() >= crawl->flush_us) {
		err = scan_flush(scan);
		crawl->flush_us = clock_mono_us() + PAGES_GATHER_US;
	}
	return err;
}

/* ---- the crawl ----------------------------------------------------------- */

static int
crawl_run(struct crawl *crawl, struct net_client *client,
    struct err_note *note)
{
	struct listing *listing = crawl->listing;
	struct scanner *scanner = listing->scan->scanner;
	const struct source_config *from = &listing->source->config;
	struct web_calls calls = {.entry = crawl_entry,
	    .known = crawl_known, .body = crawl_body, .arg = crawl};
	struct web_config config;
	struct web_tally tally;
	int err;

	web_config_init(&config);
	config.url = from->url;
	config.scope = from->scope;
	config.takes_media = from->takes_media;
	config.folder = scanner->engine->tmp_dir;
	if (config.page_bytes_max > scanner->engine->file_bytes_max)
		config.page_bytes_max = scanner->engine->file_bytes_max;
	err = web_crawl(&config, client, &scanner->stop, &calls, &tally,
	    note);
	if (err < 0)
		return err;
	/* A site that gave nothing, and not because nothing is there. */
	if ((tally.cuts & WEB_CUT_UNSEEN) != 0 ||
	    (tally.pages == 0 && tally.failed > tally.broken))
		listing->is_partial = true;
	return 0;
}

int
web_source_list(struct listing *listing, struct err_note *note)
{
	struct net_policy policy =
	    remote_policy(listing->scan->scanner->engine);
	struct crawl crawl = {.listing = listing,
	    .drops = drops_number(&listing->source->config)};
	struct net_client *client = NULL;
	int err;

	crawl.bytes = mem_alloc(READ_BYTES);
	if (crawl.bytes == NULL)
		return ERR_NOMEM;
	err = net_client_new(&policy, &client, note);
	if (err == 0)
		err = crawl_run(&crawl, client, note);
	net_client_free(client);
	mem_free(crawl.bytes);
	return err;
}
