/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The janitor: one thread that deletes what is dead, a piece at a time, so
 * that nobody waits long behind it.
 *
 * Dead revisions (replaced, deleted, given up) lose their segments, postings
 * and vectors; so do bases those of a model that they do not answer by any
 * more.  When nothing is dead any more and the engine is quiet, small
 * uploads that nothing refers to go: one that is under way is put into the
 * store with the item that refers to it, so none is taken for another.  Then
 * parts of full text that lost something are written again without it, so that
 * deleted words leave the file, and those that are many are merged into fewer
 * (janitor_merge.c).  Uploads that are files are collected at its start: then
 * none can be under way.
 * Each hour it looks for objects that no source has named within a day, names
 * of requests of more than a day ago, sources of jobs that have ended, and
 * accounts whose user is gone and that nothing is left of.  In each round it
 * first gives up what jobs have replaced when it was kept for as long as the
 * settings say.
 *
 * lock guards the flags; the rest is the thread's own.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/base_models.h"
#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/janitor_merge.h"
#include "engine/plan.h"
#include "engine/undo.h"
#include "engine/writer.h"
#include "store/store_model.h"
#include "store/store_request.h"
#include "store/store_source.h"
#include "store/store_user.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define PURGE_SEGMENTS 256
#define DEAD_MAX 10000u /* counted: whoever wants to know sees "many" */
#define DEAD_LOOK 16u	/* operations between two counts */
#define SWEEP_VECTORS 1024
#define COLLECT_BLOBS 256 /* looked at in one operation */
#define QUIET_US 200000
#define OBJECTS_LOOK_US 3600000000LL
#define OBJECT_KEEP_US 86400000000LL /* before a source names it */
#define BASES_MAX 64
#define KEPT_KINDS 4 /* of rows that are looked at each hour */

/* Some bases; where there are more, all are looked at. */
struct base_set {
	int64_t ids[BASES_MAX];
	size_t count;
};

struct janitor {
	struct engine *engine;
	pthread_t thread;
	bool is_started;
	struct store *reader;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool is_wanted;
	atomic_bool stop;
	struct base_set changed; /* their index has grown; by lock */
	bool all_changed;	 /* that of any may have; by lock */
	struct base_set lacking; /* have something to embed again; by lock */
	bool all_lack;		 /* all may; by lock */
	bool has_died;		 /* something has; by lock */
	struct base_set merging; /* as changed, taken over by the thread */
	bool merges_all;
	struct base_set repairing; /* as lacking, the thread's */
	bool repairs_all;
	bool is_collecting;
	bool is_looking[KEPT_KINDS]; /* for what is kept for a while */
	int64_t look_us;   /* when it looks next, by the monotonic clock */
};

struct janitor *
janitor_new(struct engine *engine)
{
	struct janitor *janitor;

	janitor = mem_zalloc(sizeof(*janitor));
	if (janitor == NULL)
		return NULL;
	janitor->engine = engine;
	(void)pthread_mutex_init(&janitor->lock, NULL);
	thread_cond_init(&janitor->woken);
	return janitor;
}

void
janitor_free(struct janitor *janitor)
{
	if (janitor == NULL)
		return;
	store_close(janitor->reader);
	(void)pthread_cond_destroy(&janitor->woken);
	(void)pthread_mutex_destroy(&janitor->lock);
	mem_free(janitor);
}

/* False: there is no room for it. */
static bool
base_set_put(struct base_set *set, int64_t base_id)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->ids[i] == base_id)
			return true;
	if (base_id == 0)
		return true;
	if (set->count == BASES_MAX)
		return false;
	set->ids[set->count++] = base_id;
	return true;
}

/* Called with the lock held. */
static void
janitor_want(struct janitor *janitor)
{
	if (!janitor->is_wanted)
		(void)pthread_cond_signal(&janitor->woken);
	janitor->is_wanted = true;
}

void
janitor_note(struct janitor *janitor, int64_t base_id)
{
	(void)pthread_mutex_lock(&janitor->lock);
	if (!base_set_put(&janitor->changed, base_id))
		janitor->all_changed = true;
	janitor_want(janitor);
	(void)pthread_mutex_unlock(&janitor->lock);
}

void
janitor_lacks(struct janitor *janitor, int64_t base_id)
{
	(void)pthread_mutex_lock(&janitor->lock);
	if (!base_set_put(&janitor->lacking, base_id))
		janitor->all_lack = true;
	janitor_want(janitor);
	(void)pthread_mutex_unlock(&janitor->lock);
}

void
janitor_lost(struct janitor *janitor)
{
	(void)pthread_mutex_lock(&janitor->lock);
	janitor_want(janitor);
	(void)pthread_mutex_unlock(&janitor->lock);
}

void
janitor_wake(struct janitor *janitor)
{
	(void)pthread_mutex_lock(&janitor->lock);
	janitor->has_died = true;
	janitor_want(janitor);
	(void)pthread_mutex_unlock(&janitor->lock);
}

struct purge_op {
	int64_t base_id; /* of what was purged; 0 nothing */
	bool is_left;
};

static int
purge_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct purge_op *op = arg;

	(void)note;
	return store_revision_purge(tx_store(tx), PURGE_SEGMENTS,
	    &op->base_id, &op->is_left);
}

/* How much there is to do, for the figures. */
static int
janitor_count_dead(struct janitor *janitor)
{
	uint64_t dead = 0;
	int err;

	err = store_revision_count_dead(janitor->reader, DEAD_MAX, &dead);
	if (err == 0)
		atomic_store(&janitor->engine->counters.dead_revisions, dead);
	return err;
}

static void
janitor_purge(struct janitor *janitor)
{
	struct purge_op op = {.is_left = false};
	unsigned round;
	int err;

	err = store_revision_has_dead(janitor->reader, &op.is_left);
	for (round = 0; err == 0 && op.is_left &&
	    !atomic_load(&janitor->stop); round++) {
		if (round % DEAD_LOOK == 0)
			err = janitor_count_dead(janitor);
		if (err < 0)
			break;
		op.base_id = 0;
		op.is_left = false;
		err = writer_do_quietly(janitor->engine->writer, purge_apply,
		    &op, NULL);
	}
	if (err == 0)
		err = janitor_count_dead(janitor);
	if (err < 0)
		log_warn("what is dead could not be deleted: %s",
		    err_text(err));
}

/* What jobs have replaced, when it is kept no longer; after what the server
 * did not come to the end of undoing. */
static void
janitor_end_keeping(struct janitor *janitor)
{
	bool is_more = true;
	int err;

	err = undo_resume(janitor->engine, janitor->reader, &janitor->stop);
	if (err < 0)
		log_warn("the rest of what was to be undone could not be: %s",
		    err_text(err));
	/* It may be of a time with another model. */
	janitor->repairs_all |= err != 0;
	err = 0;
	while (err == 0 && is_more && !atomic_load(&janitor->stop))
		err = undo_end_keeping(janitor->engine, janitor->reader,
		    &is_more);
	if (err < 0)
		log_warn("what is not kept any more could not be given up: %s",
		    err_text(err));
}

static int
sweep_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	bool *is_more = arg;

	(void)note;
	return store_vectors_sweep(tx_store(tx), SWEEP_VECTORS, is_more);
}

/* Vectors that no base answers by any more. */
static void
janitor_sweep(struct janitor *janitor)
{
	bool is_more = false;
	int err;

	err = store_vectors_have_waste(janitor->reader, &is_more);
	while (err == 0 && is_more && !atomic_load(&janitor->stop))
		err = writer_do_quietly(janitor->engine->writer, sweep_apply,
		    &is_more, NULL);
	if (err < 0)
		log_warn("vectors of another model could not be deleted: %s",
		    err_text(err));
}

/* What is not embedded as its base answers. */
static void
janitor_repair(struct janitor *janitor)
{
	struct base_set *set = &janitor->repairing;
	int err = 0;

	if (janitor->repairs_all)
		err = base_models_repair(janitor->engine, janitor->reader, 0);
	while (err == 0 && set->count > 0)
		err = base_models_repair(janitor->engine, janitor->reader,
		    set->ids[--set->count]);
	janitor->repairs_all = false;
	if (err < 0)
		log_warn("what is to be embedded could not be looked for: %s",
		    err_text(err));
}

static bool
engine_is_quiet(struct engine *engine)
{
	return dispatch_busy(engine->dispatch) == 0 &&
	    writer_is_idle(engine->writer);
}

/* What cannot wait until the engine is quiet. */
static void
janitor_uncrowd(struct janitor *janitor)
{
	bool is_more;
	size_t i;

	for (i = 0; i < janitor->merging.count; i++)
		do
			is_more = janitor_merge_one(janitor->engine,
			    janitor->reader, janitor->merging.ids[i],
			    MERGE_CROWD, &janitor->stop);
		while (is_more && !atomic_load(&janitor->stop));
}

/* Of any base; true when there is none left. */
static bool
janitor_merge_any(struct janitor *janitor, enum merge_want want)
{
	bool is_more = true;

	while (is_more && !atomic_load(&janitor->stop)) {
		if (!engine_is_quiet(janitor->engine))
			return false;
		is_more = janitor_merge_one(janitor->engine, janitor->reader,
		    0, want, &janitor->stop);
	}
	return true;
}

/* True when nothing is left to be merged. */
static bool
janitor_merge(struct janitor *janitor)
{
	struct base_set *set = &janitor->merging;

	while (set->count > 0 && !atomic_load(&janitor->stop)) {
		if (!engine_is_quiet(janitor->engine))
			return false;
		if (!janitor_merge_one(janitor->engine, janitor->reader,
			set->ids[set->count - 1], MERGE_MANY,
			&janitor->stop))
			set->count--;
	}
	if (janitor->merges_all && !janitor_merge_any(janitor, MERGE_MANY))
		return false;
	janitor->merges_all = false;
	return true;
}

/* False: some found no room. */
static bool
base_set_take(struct base_set *set, struct base_set *from)
{
	bool is_whole = true;
	size_t i;

	for (i = 0; i < from->count; i++)
		is_whole &= base_set_put(set, from->ids[i]);
	from->count = 0;
	return is_whole;
}

/* Called with the lock held. */
static void
changed_take(struct janitor *janitor)
{
	if (!base_set_take(&janitor->merging, &janitor->changed))
		janitor->merges_all = true;
	janitor->merges_all |= janitor->all_changed;
	janitor->all_changed = false;
	if (!base_set_take(&janitor->repairing, &janitor->lacking))
		janitor->repairs_all = true;
	janitor->repairs_all |= janitor->all_lack;
	janitor->all_lack = false;
	janitor->is_collecting |= janitor->has_died;
	janitor->has_died = false;
}

/* ---- uploads that nothing refers to -------------------------------------- */

static int
hex_parse(const char *hex, uint8_t *out, size_t len)
{
	unsigned byte;
	size_t i;

	for (i = 0; i < len; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return ERR_SYNTAX;
		out[i] = (uint8_t)byte;
	}
	return hex[2 * len] == '\0' ? 0 : ERR_SYNTAX;
}

static void
blob_look(struct store *reader, const char *folder, const char *first,
    const char *rest)
{
	char hex[80], path[URI_BYTES_MAX + 80];
	uint8_t hash[HASH_SIZE];
	bool is_used = true;

	(void)snprintf(hex, sizeof(hex), "%.2s%.70s", first, rest);
	if (hex_parse(hex, hash, sizeof(hash)) < 0)
		return;
	if (store_blob_is_used(reader, hash, &is_used) < 0 || is_used)
		return;
	(void)snprintf(path, sizeof(path), "%s/%.70s", folder, rest);
	(void)unlink(path); /* it will be looked at again */
}

static void
blob_folder_look(struct janitor *janitor, struct store *reader,
    const char *name)
{
	char folder[URI_BYTES_MAX];
	struct dirent *entry;
	DIR *dir;

	if (strlen(name) != 2 || name[0] == '.')
		return;
	(void)snprintf(folder, sizeof(folder), "%s/%s",
	    janitor->engine->blob_dir, name);
	dir = opendir(folder);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL &&
	    !atomic_load(&janitor->stop))
		if (entry->d_name[0] != '.')
			blob_look(reader, folder, name, entry->d_name);
	(void)closedir(dir);
}

void
janitor_collect(struct janitor *janitor)
{
	struct store *reader = NULL;
	struct dirent *entry;
	DIR *dir;

	if (engine_reader(janitor->engine, &reader, NULL) < 0)
		return;
	dir = opendir(janitor->engine->blob_dir);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		blob_folder_look(janitor, reader, entry->d_name);
	if (dir != NULL)
		(void)closedir(dir);
	store_close(reader);
}

static int
collect_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	bool *is_more = arg;

	(void)note;
	*is_more = false;
	return store_small_blobs_collect(tx_store(tx), COLLECT_BLOBS,
	    is_more);
}

/* Those in the store.  True when there are none left. */
static bool
janitor_collect_small(struct janitor *janitor)
{
	bool is_more = true;

	/* What is in doubt is looked at. */
	if (janitor->is_collecting &&
	    store_small_blobs_have(janitor->reader, &is_more) == 0)
		janitor->is_collecting = is_more;
	while (janitor->is_collecting && !atomic_load(&janitor->stop)) {
		if (!engine_is_quiet(janitor->engine) ||
		    writer_do_quietly(janitor->engine->writer, collect_apply,
			&is_more, NULL) < 0)
			return false;
		janitor->is_collecting = is_more;
	}
	return true;
}

/* What is looked for each hour: rows that nobody refers to any more. */
struct kept {
	int (*collect)(struct write_tx *tx, bool *ret_more);
	int (*have)(struct store *reader, bool *ret_have);
};

static int
objects_collect(struct write_tx *tx, bool *ret_more)
{
	return store_objects_collect(tx_store(tx),
	    tx_now_us(tx) - OBJECT_KEEP_US, COLLECT_BLOBS, ret_more);
}

static int
job_sources_collect(struct write_tx *tx, bool *ret_more)
{
	return store_job_sources_collect(tx_store(tx), COLLECT_BLOBS,
	    ret_more);
}

static int
requests_collect(struct write_tx *tx, bool *ret_more)
{
	return store_requests_collect(tx_store(tx),
	    tx_now_us(tx) - REQUEST_KEEP_US, COLLECT_BLOBS, ret_more);
}

static int
requests_have(struct store *reader, bool *ret_have)
{
	return store_requests_have(reader, clock_wall_us() - REQUEST_KEEP_US,
	    ret_have);
}

static int
accounts_collect(struct write_tx *tx, bool *ret_more)
{
	return store_accounts_collect(tx_store(tx), COLLECT_BLOBS, ret_more);
}

static const struct kept kept[] = {
    {.collect = objects_collect, .have = store_objects_have},
    {.collect = job_sources_collect, .have = store_job_sources_have},
    {.collect = requests_collect, .have = requests_have},
    {.collect = accounts_collect, .have = store_accounts_have},
};

#define KEPT_COUNT (sizeof(kept) / sizeof(kept[0]))

_Static_assert(KEPT_COUNT == KEPT_KINDS, "each has its flag");

struct kept_op {
	const struct kept *kept;
	bool is_more;
};

static int
kept_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct kept_op *op = arg;

	(void)note;
	op->is_more = false;
	return op->kept->collect(tx, &op->is_more);
}

/* True when all of these have been looked at. */
static bool
janitor_collect_kept(struct janitor *janitor, size_t i)
{
	struct kept_op op = {.kept = &kept[i]};

	while (janitor->is_looking[i] && !atomic_load(&janitor->stop)) {
		if (!engine_is_quiet(janitor->engine) ||
		    writer_do_quietly(janitor->engine->writer, kept_apply,
			&op, NULL) < 0)
			return false;
		janitor->is_looking[i] = op.is_more;
	}
	return true;
}

/* True when all have been looked at; blobs of objects are collected then. */
static bool
janitor_collect_rows(struct janitor *janitor)
{
	bool have, is_done = true;
	size_t i;

	if (clock_mono_us() >= janitor->look_us) {
		janitor->look_us = clock_mono_us() + OBJECTS_LOOK_US;
		for (i = 0; i < KEPT_COUNT; i++) {
			/* What is in doubt is looked at. */
			have = true;
			(void)kept[i].have(janitor->reader, &have);
			janitor->is_looking[i] = have;
		}
		janitor->is_collecting = true;
	}
	for (i = 0; is_done && i < KEPT_COUNT; i++) {
		have = janitor->is_looking[i];
		is_done = janitor_collect_kept(janitor, i);
		janitor->is_collecting |= have && is_done;
	}
	return is_done;
}

/* ---- the thread --------------------------------------------------------- */

/* Until somebody wants something, or objects are to be looked at.  Called with
 * the lock held. */
static void
janitor_sleep(struct janitor *janitor)
{
	int64_t now_us = clock_mono_us();

	while (!janitor->is_wanted && !atomic_load(&janitor->stop) &&
	    now_us < janitor->look_us) {
		thread_wait_us(&janitor->woken, &janitor->lock,
		    janitor->look_us - now_us);
		now_us = clock_mono_us();
	}
}

static void *
janitor_run(void *arg)
{
	struct janitor *janitor = arg;
	bool is_done = false;

	thread_lower();
	(void)pthread_mutex_lock(&janitor->lock);
	while (!atomic_load(&janitor->stop)) {
		if (is_done)
			janitor_sleep(janitor);
		/* A round for many changes, not one for each: while it is
		 * wanted already nobody signals. */
		if (!atomic_load(&janitor->stop))
			thread_wait_us(&janitor->woken, &janitor->lock,
			    QUIET_US);
		if (atomic_load(&janitor->stop))
			break;
		janitor->is_wanted = false;
		changed_take(janitor);
		(void)pthread_mutex_unlock(&janitor->lock);
		janitor_end_keeping(janitor);
		janitor_repair(janitor);
		janitor_purge(janitor);
		janitor_sweep(janitor);
		janitor_uncrowd(janitor);
		is_done = janitor_collect_rows(janitor) &&
		    janitor_collect_small(janitor) &&
		    janitor_merge_any(janitor, MERGE_LOST) &&
		    janitor_merge(janitor);
		(void)pthread_mutex_lock(&janitor->lock);
	}
	(void)pthread_mutex_unlock(&janitor->lock);
	return NULL;
}

int
janitor_start(struct janitor *janitor)
{
	int err;

	janitor->is_wanted = true;
	janitor->has_died = true; /* before this start, perhaps */
	janitor->all_lack = true; /* likewise */
	janitor->all_changed = true; /* and was not merged any more */
	err = engine_reader(janitor->engine, &janitor->reader, NULL);
	if (err == 0)
		err = thread_start(&janitor->thread, "tm-janitor",
		    janitor_run, janitor);
	if (err == 0)
		janitor->is_started = true;
	return err;
}

void
janitor_stop(struct janitor *janitor)
{
	if (janitor == NULL || !janitor->is_started)
		return;
	(void)pthread_mutex_lock(&janitor->lock);
	atomic_store(&janitor->stop, true);
	(void)pthread_cond_broadcast(&janitor->woken);
	(void)pthread_mutex_unlock(&janitor->lock);
	(void)pthread_join(janitor->thread, NULL);
	janitor->is_started = false;
}
