/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers that one connections' thread keeps: no lock, each thread its
 * own.  An entry is found by account, path and query, and holds while what
 * it was made from is the same: the board's revision, or the job's revision,
 * its account and its base's name (a base that is renamed, or moved to another
 * account, does not touch its jobs' revisions).  A job
 * that has left the board is vouched for by the board's revision alone.
 */
#include <string.h>

#include <xxhash.h>

#include "base/limits.h"
#include "base/mem.h"
#include "engine/board.h"
#include "http/http_int.h"

#define CACHE_BUCKETS 4096u
#define CACHE_ENTRIES_MAX 4096u
#define CACHE_BYTES_MAX (16 * MIB)
#define CACHE_ENTRY_BYTES_MAX (1 * MIB)

struct entry {
	struct entry *chain;
	struct entry *newer, *older;
	uint64_t hash;
	int64_t account_id;
	struct MHD_Response *response;
	int status;
	enum reply_keep keep;
	struct uuid job;
	int64_t job_rev;
	int64_t stamp; /* the board's revision that it is known to hold at */
	size_t bytes;
	char base_name[NAME_BYTES_MAX + 1];
	size_t target_len;
	char target[];
};

struct cache {
	struct entry *buckets[CACHE_BUCKETS];
	struct entry *newest, *oldest;
	size_t count, bytes;
};

struct cache *
cache_new(void)
{
	return mem_zalloc(sizeof(struct cache));
}

static void
lru_unlink(struct cache *cache, struct entry *entry)
{
	if (entry->newer != NULL)
		entry->newer->older = entry->older;
	else
		cache->newest = entry->older;
	if (entry->older != NULL)
		entry->older->newer = entry->newer;
	else
		cache->oldest = entry->newer;
}

static void
lru_link(struct cache *cache, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	if (cache->newest != NULL)
		cache->newest->newer = entry;
	else
		cache->oldest = entry;
	cache->newest = entry;
}

static void
cache_drop(struct cache *cache, struct entry *entry)
{
	struct entry **at = &cache->buckets[entry->hash % CACHE_BUCKETS];

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	lru_unlink(cache, entry);
	cache->count--;
	cache->bytes -= entry->bytes;
	MHD_destroy_response(entry->response);
	mem_free(entry);
}

void
cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	while (cache->newest != NULL)
		cache_drop(cache, cache->newest);
	mem_free(cache);
}

static uint64_t
conn_hash(const struct http_conn *conn)
{
	return XXH3_64bits_withSeed(conn->target.data, conn->target.len,
	    (uint64_t)conn->request.caller.account_id);
}

static struct entry *
cache_find(const struct cache *cache, const struct http_conn *conn,
    uint64_t hash)
{
	struct entry *entry = cache->buckets[hash % CACHE_BUCKETS];

	for (; entry != NULL; entry = entry->chain)
		if (entry->hash == hash &&
		    entry->account_id == conn->request.caller.account_id &&
		    entry->target_len == conn->target.len &&
		    memcmp(entry->target, conn->target.data,
		    conn->target.len) == 0)
			return entry;
	return NULL;
}

static bool
entry_holds(struct entry *entry, const struct board *board)
{
	int64_t rev = board_rev(board);
	struct job job;

	if (entry->stamp == rev)
		return true;
	if (entry->keep != KEEP_JOB || !board_get(board, &entry->job, &job) ||
	    job.rev != entry->job_rev ||
	    job.account_id != entry->account_id ||
	    strcmp(job.base_name, entry->base_name) != 0)
		return false;
	entry->stamp = rev;
	return true;
}

struct MHD_Response *
cache_get(struct cache *cache, struct http_conn *conn, int *ret_status)
{
	struct entry *entry;

	if (cache->count == 0)
		return NULL;
	entry = cache_find(cache, conn, conn_hash(conn));
	if (entry == NULL)
		return NULL;
	if (!entry_holds(entry, conn->server->board)) {
		cache_drop(cache, entry);
		return NULL;
	}
	if (cache->newest != entry) {
		lru_unlink(cache, entry);
		lru_link(cache, entry);
	}
	*ret_status = entry->status;
	conn->sent = entry->bytes - sizeof(*entry) - entry->target_len;
	return entry->response;
}

bool
cache_put(struct cache *cache, struct http_conn *conn,
    struct MHD_Response *response, size_t bytes)
{
	const struct reply *reply = &conn->reply;
	size_t size = sizeof(struct entry) + conn->target.len;
	struct entry *entry;
	uint64_t hash;

	bytes += size;
	/* What was asked for has changed while it was answered. */
	if (bytes > CACHE_ENTRY_BYTES_MAX ||
	    (reply->keep == KEEP_REV && reply->keep_rev != conn->rev))
		return false;
	hash = conn_hash(conn);
	entry = cache_find(cache, conn, hash);
	if (entry != NULL)
		cache_drop(cache, entry);
	entry = mem_zalloc(size);
	if (entry == NULL)
		return false; /* it is made again next time */
	entry->hash = hash;
	entry->account_id = conn->request.caller.account_id;
	entry->response = response;
	entry->status = reply->pub.status;
	entry->keep = reply->keep;
	entry->job = reply->keep_job;
	entry->job_rev = reply->keep_rev;
	entry->stamp = conn->rev;
	entry->bytes = bytes;
	if (entry->keep == KEEP_JOB)
		memcpy(entry->base_name, reply->keep_name,
		    sizeof(entry->base_name));
	entry->target_len = conn->target.len;
	memcpy(entry->target, conn->target.data, conn->target.len);
	entry->chain = cache->buckets[entry->hash % CACHE_BUCKETS];
	cache->buckets[entry->hash % CACHE_BUCKETS] = entry;
	lru_link(cache, entry);
	cache->count++;
	cache->bytes += bytes;
	while (cache->count > CACHE_ENTRIES_MAX ||
	    cache->bytes > CACHE_BYTES_MAX)
		cache_drop(cache, cache->oldest);
	return true;
}
