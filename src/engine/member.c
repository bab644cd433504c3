/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/member.h"
#include "engine/outcome.h"
#include "engine/run.h"
#include "sys/rng.h"

/* ---- names --------------------------------------------------------------- */

/* There is room for it. */
static uint32_t
name_count(struct name_counts *names, uint64_t hash)
{
	size_t at = (size_t)hash & (names->size - 1);

	while (names->hashes[at] != 0 && names->hashes[at] != hash)
		at = (at + 1) & (names->size - 1);
	if (names->hashes[at] == 0)
		names->used++;
	names->hashes[at] = hash;
	return ++names->counts[at];
}

static int
names_grow(struct name_counts *names)
{
	struct name_counts old = *names;
	size_t i, at;

	names->size = old.size == 0 ? 64 : old.size * 2;
	names->hashes = mem_array(names->size, sizeof(*names->hashes));
	names->counts = mem_array(names->size, sizeof(*names->counts));
	if (names->hashes == NULL || names->counts == NULL) {
		mem_free(names->hashes);
		mem_free(names->counts);
		*names = old;
		return ERR_NOMEM;
	}
	memset(names->hashes, 0, names->size * sizeof(*names->hashes));
	memset(names->counts, 0, names->size * sizeof(*names->counts));
	for (i = 0; i < old.size; i++) {
		if (old.hashes[i] == 0)
			continue;
		at = (size_t)old.hashes[i] & (names->size - 1);
		while (names->hashes[at] != 0)
			at = (at + 1) & (names->size - 1);
		names->hashes[at] = old.hashes[i];
		names->counts[at] = old.counts[i];
	}
	mem_free(old.hashes);
	mem_free(old.counts);
	return 0;
}

/* Which of that name is this, from 1? */
static int
name_number(struct name_counts *names, const char *name, uint32_t *ret_number)
{
	uint64_t hash = XXH3_64bits_withSeed(name, strlen(name), names->seed);

	if (2 * (names->used + 1) > names->size && names_grow(names) < 0)
		return ERR_NOMEM;
	*ret_number = name_count(names, hash == 0 ? 1 : hash);
	return 0;
}

/* The member's path without its tricks; "unnamed" when nothing is left. */
static void
path_clean(const char *name, char out[UPLOAD_NAME_BYTES_MAX + 1])
{
	if (upload_name_clean(name, out) < 0)
		(void)snprintf(out, UPLOAD_NAME_BYTES_MAX + 1, "unnamed");
}

/* "mail.eml/report.pdf"; of a long one the end counts. */
static char *
full_name(const char *parent, const char *path)
{
	struct buf name;
	const char *text;
	char *full = NULL;
	size_t skip;

	buf_init(&name, 2 * UPLOAD_NAME_BYTES_MAX + 4);
	if (buf_printf(&name, "%s/%s", parent, path) == 0) {
		text = buf_text(&name);
		skip = name.len > UPLOAD_NAME_BYTES_MAX
		    ? name.len - UPLOAD_NAME_BYTES_MAX
		    : 0;
		while (((unsigned char)text[skip] & 0xC0) == 0x80)
			skip++;
		full = mem_strdup(text + skip);
	}
	buf_fini(&name);
	return full;
}

static void
put_path(struct buf *out, const char *path)
{
	for (; *path != '\0'; path++) {
		if (isalnum((unsigned char)*path) ||
		    strchr("-._~/", *path) != NULL)
			(void)buf_putc(out, *path);
		else
			(void)buf_printf(out, "%%%02X", (unsigned char)*path);
	}
}

/* The address of the document it is in, "#", and its path there; a path too
 * long for an address is named by its hash. */
static char *
full_uri(const char *parent, const char *path, uint32_t number)
{
	XXH128_hash_t hash;
	struct buf uri;
	char *full = NULL;

	buf_init(&uri, URI_BYTES_MAX);
	(void)buf_printf(&uri, "%s#", parent);
	put_path(&uri, path);
	if (number > 1)
		(void)buf_printf(&uri, "?copy=%u", number);
	if (uri.err == ERR_TOO_BIG) {
		hash = XXH3_128bits(path, strlen(path));
		buf_fini(&uri);
		/* Each of those it is in may have taken as much. */
		buf_init(&uri, URI_BYTES_MAX + (size_t)MEMBER_DEPTH_MAX * 64);
		(void)buf_printf(&uri, "%s#%016llx%016llx", parent,
		    (unsigned long long)hash.high64,
		    (unsigned long long)hash.low64);
		if (number > 1)
			(void)buf_printf(&uri, "?copy=%u", number);
	}
	if (uri.err == 0)
		full = buf_take(&uri);
	buf_fini(&uri);
	return full;
}

/* ---- a batch ------------------------------------------------------------- */

void
member_batch_free(struct member_batch *batch)
{
	size_t i;

	if (batch == NULL)
		return;
	for (i = 0; i < batch->count; i++) {
		mem_free(batch->list[i].uri);
		mem_free(batch->list[i].name);
		engine_upload_free(batch->list[i].upload);
	}
	mem_free(batch);
}

size_t
member_batch_bytes(const struct member_batch *batch)
{
	size_t i, bytes = sizeof(*batch);

	for (i = 0; i < batch->count; i++)
		bytes += strlen(batch->list[i].uri) +
		    strlen(batch->list[i].name) +
		    (batch->list[i].upload == NULL
			    ? 0
			    : upload_bytes(batch->list[i].upload));
	return bytes;
}

void
members_init(struct members *members, struct engine *engine)
{
	memset(members, 0, sizeof(*members));
	members->engine = engine;
	rng_bytes(&members->names.seed, sizeof(members->names.seed));
}

void
members_clear(struct members *members)
{
	member_batch_free(members->batch);
	mem_free(members->names.hashes);
	mem_free(members->names.counts);
	members_init(members, members->engine);
}

void
members_begin(struct members *members, const struct work *work,
    struct run *run, struct store *reader)
{
	members->work = work;
	members->run = run;
	members->reader = reader;
}

/*
 * What others have below the outermost document; our own may be there from an
 * earlier try.  The writer looks again: here it is about bytes that nobody
 * should store, and what other workers are about to add is not known.
 */
static int
members_count(struct members *members)
{
	const struct item *item = &members->work->item;
	uint64_t count = 0, bytes = 0;
	int err = 0;

	if (item->root_id != 0)
		err = store_item_members(members->reader, item->job_id,
		    item->root_id, item->document_id, &count, &bytes);
	if (err < 0)
		return err;
	members->count_left = count < MEMBERS_MAX ? MEMBERS_MAX - count : 0;
	members->bytes_left = bytes < MEMBERS_BYTES_MAX
	    ? MEMBERS_BYTES_MAX - bytes : 0;
	members->is_counted = true;
	return 0;
}

/* One more; or there are too many. */
static int
members_take(struct members *members)
{
	int err;

	if (members->work->item.depth >= MEMBER_DEPTH_MAX) {
		members->is_too_deep = true;
		return ERR_TOO_BIG;
	}
	if (!members->is_counted) {
		err = members_count(members);
		if (err < 0)
			return err;
	}
	if (members->count_left == 0 || members->bytes_left == 0) {
		members->is_over = true;
		return ERR_TOO_BIG;
	}
	members->count_left--;
	return 0;
}

int
members_add(struct members *members, const char *name)
{
	char path[UPLOAD_NAME_BYTES_MAX + 1];
	struct member *member;
	uint32_t number = 1;
	int err;

	ASSERT(members->open == NULL);
	err = members_take(members);
	if (err < 0)
		return err;
	if (members->batch == NULL)
		members->batch = mem_zalloc(sizeof(*members->batch));
	if (members->batch == NULL)
		return ERR_NOMEM;
	path_clean(name, path);
	err = name_number(&members->names, path, &number);
	if (err < 0)
		return err;
	member = &members->batch->list[members->batch->count++];
	member->uri = full_uri(members->work->uri, path, number);
	member->name = full_name(members->work->name, path);
	if (member->uri == NULL || member->name == NULL)
		return ERR_NOMEM;
	members->open = member;
	return 0;
}

/* A member that is too large for itself is no reason to leave the rest. */
int
members_bytes(struct members *members, const void *bytes, size_t len)
{
	struct member *member = members->open;
	struct err_note note = {""};
	int err = 0;

	ASSERT(member != NULL);
	if (len > members->bytes_left) {
		members->is_over = true;
		return ERR_TOO_BIG;
	}
	members->bytes_left -= len;
	member->bytes += len;
	if (member->code != ITEM_CODE_NONE)
		return 0;
	if (member->upload == NULL)
		err = engine_upload_open(members->engine, JOB_KIND_UPLOAD,
		    member->name, NULL, &member->upload, &note);
	if (err == 0)
		err = engine_upload_write(member->upload, bytes, len);
	if (err != ERR_TOO_BIG)
		return err;
	engine_upload_free(member->upload);
	member->upload = NULL;
	member->code = ITEM_CODE_FILE_TOO_LARGE;
	return 0;
}

int
members_end(struct members *members, enum item_code code, const char *message)
{
	struct member *member = members->open;
	int err = 0;

	ASSERT(member != NULL);
	members->open = NULL;
	if (code != ITEM_CODE_NONE && member->code == ITEM_CODE_NONE) {
		member->code = code;
		(void)snprintf(member->message, sizeof(member->message), "%s",
		    message);
	} else if (member->bytes == 0) {
		member->code = ITEM_CODE_EMPTY_CONTENT;
	}
	if (member->code != ITEM_CODE_NONE) {
		engine_upload_free(member->upload);
		member->upload = NULL;
	} else {
		err = engine_upload_finish(member->upload, NULL);
	}
	if (err == 0 && members->batch->count == MEMBER_BATCH)
		err = members_post(members);
	return err;
}

/* Files are durable before anything refers to them; what is small goes with
 * what refers to it. */
static int
batch_store(struct member_batch *batch)
{
	struct upload *uploads[MEMBER_BATCH];
	struct member *member;
	size_t i, n = 0;
	int err = 0;

	for (i = 0; i < batch->count; i++)
		if (batch->list[i].upload != NULL)
			uploads[n++] = batch->list[i].upload;
	if (n > 0)
		err = uploads_store(uploads, n, NULL);
	for (i = 0; err == 0 && i < batch->count; i++) {
		member = &batch->list[i];
		if (member->upload == NULL)
			continue;
		memcpy(member->hash, upload_hash(member->upload), HASH_SIZE);
		if (upload_is_small(member->upload))
			continue;
		engine_upload_free(member->upload);
		member->upload = NULL;
	}
	return err;
}

/* The document broke off inside of a member: part of its bytes is not what it
 * is. */
static void
members_break(struct members *members)
{
	struct member *member = members->open;

	if (member == NULL)
		return;
	members->open = NULL;
	engine_upload_free(member->upload);
	member->upload = NULL;
	if (member->code != ITEM_CODE_NONE)
		return;
	member->code = ITEM_CODE_EXTRACTION_FAILED;
	(void)snprintf(member->message, sizeof(member->message),
	    "what it is in could not be read any further");
}

int
members_post(struct members *members)
{
	int err;

	members_break(members);
	if (members->batch == NULL || members->batch->count == 0)
		return 0;
	err = batch_store(members->batch);
	if (err == 0)
		err = outcome_members(members->engine, members->run,
		    &members->batch);
	return err;
}

/* ---- again --------------------------------------------------------------- */

int
members_are_undone(struct store *store, int64_t document_id,
    bool *ret_are_undone)
{
	static const uint32_t codes = 1u << ITEM_CODE_FETCH_FAILED |
	    1u << ITEM_CODE_EMBEDDING_FAILED | 1u << ITEM_CODE_STORAGE_FULL |
	    1u << ITEM_CODE_INTERRUPTED | 1u << ITEM_CODE_CANCELLED |
	    1u << ITEM_CODE_INTERNAL_ERROR;

	return store_document_has_ended(store, document_id, codes,
	    ret_are_undone);
}
