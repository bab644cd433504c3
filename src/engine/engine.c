/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and closing, and what holds the parts together.
 *
 * Order of starting: store and board (the truth, then what is derived), keys,
 * dispatch with a lane for each live job, then the threads: writer, workers,
 * planner, janitor, schedules.  Stopping goes the other way, and the writer
 * goes last: what the others hand it on their way out is still committed.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/backup.h"
#include "engine/base_models.h"
#include "engine/beside.h"
#include "engine/board.h"
#include "engine/dispatch.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/mirror.h"
#include "engine/rates.h"
#include "engine/remote.h"
#include "engine/rule.h"
#include "engine/schedule.h"
#include "engine/sources.h"
#include "engine/undo.h"
#include "engine/webhook_int.h"
#include "engine/writer.h"
#include "extract/extract.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/rng.h"
#include "sys/seal.h"

static int
path_join(const char *dir, const char *name, char **ret_path)
{
	struct buf path;
	int err;

	buf_init(&path, URI_BYTES_MAX - 128);
	err = buf_printf(&path, "%s/%s", dir, name);
	*ret_path = err < 0 ? NULL : buf_take(&path);
	if (err == 0 && *ret_path == NULL)
		err = ERR_NOMEM;
	buf_fini(&path);
	return err;
}

/* What a server that died was writing is of no use to anybody. */
static void
tmp_clear(const char *tmp_dir)
{
	char path[URI_BYTES_MAX + 256];
	struct dirent *entry;
	DIR *dir;

	dir = opendir(tmp_dir);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", tmp_dir,
		    entry->d_name);
		(void)unlink(path);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

static int
folders_setup(struct engine *engine, const char *data_dir,
    struct err_note *note)
{
	char absolute[PATH_MAX];
	int err;

	err = fs_make_folders(data_dir, 0700, note);
	if (err < 0)
		return err;
	if (realpath(data_dir, absolute) == NULL)
		return err_set(note, ERR_IO, "cannot find %s", data_dir);
	err = restore_check_done(absolute, note);
	if (err < 0)
		return err;
	engine->data_dir = mem_strdup(absolute);
	err = engine->data_dir == NULL ? ERR_NOMEM : 0;
	if (err == 0)
		err = path_join(absolute, "blobs", &engine->blob_dir);
	if (err == 0)
		err = path_join(absolute, "tmp", &engine->tmp_dir);
	if (err < 0)
		return err_set(note, err, "%s", err_text(err));
	err = fs_make_folders(engine->blob_dir, 0700, note);
	if (err == 0)
		err = fs_make_folders(engine->tmp_dir, 0700, note);
	return err;
}

static int
words_copy(const char *const *list, size_t count, struct words *words)
{
	size_t i;

	words->list = mem_array(count + 1, sizeof(char *));
	if (words->list == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++) {
		words->list[i] = mem_strdup(list[i]);
		if (words->list[i] == NULL)
			return ERR_NOMEM;
		words->count++;
	}
	return 0;
}

static void
words_free(struct words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		mem_free(words->list[i]);
	mem_free(words->list);
}

/* NULL stays NULL. */
static int
text_copy(const char *text, char **ret_copy)
{
	*ret_copy = text == NULL ? NULL : mem_strdup(text);
	return text != NULL && *ret_copy == NULL ? ERR_NOMEM : 0;
}

static unsigned
processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count > 0 && count < INT_MAX ? (unsigned)count : 1;
}

static int
config_copy(struct engine *engine, const struct engine_config *config)
{
	char root[PATH_MAX];
	size_t i;

	engine->extractor = mem_strdup(config->extractor);
	engine->folder_roots = mem_array(config->folder_root_count + 1,
	    sizeof(char *));
	if (engine->extractor == NULL || engine->folder_roots == NULL ||
	    text_copy(config->ocr_languages, &engine->ocr_languages) < 0 ||
	    text_copy(config->chat_url, &engine->chat_url) < 0 ||
	    text_copy(config->chat_model, &engine->chat_model) < 0 ||
	    text_copy(config->chat_key, &engine->chat_key) < 0 ||
	    text_copy(config->rerank_url, &engine->rerank_url) < 0 ||
	    text_copy(config->rerank_model, &engine->rerank_model) < 0 ||
	    text_copy(config->rerank_key, &engine->rerank_key) < 0 ||
	    words_copy(config->s3_endpoints, config->s3_endpoint_count,
		&engine->s3_endpoints) < 0 ||
	    words_copy(config->net_allow, config->net_allow_count,
		&engine->net_allow) < 0)
		return ERR_NOMEM;
	for (i = 0; i < config->folder_root_count; i++) {
		if (realpath(config->folder_roots[i], root) == NULL)
			continue; /* what is not there lets nobody in */
		engine->folder_roots[engine->folder_root_count] =
		    mem_strdup(root);
		if (engine->folder_roots[engine->folder_root_count] == NULL)
			return ERR_NOMEM;
		engine->folder_root_count++;
	}
	engine->file_bytes_max = config->file_bytes_max;
	engine->registration = config->registration;
	engine->opened_us = clock_mono_us();
	engine->undo_us = (int64_t)config->undo_hours * 3600000000LL;
	engine->worker_count = config->workers;
	if (engine->worker_count == 0)
		engine->worker_count = processors();
	if (engine->worker_count > WORKERS_MAX)
		engine->worker_count = WORKERS_MAX;
	memcpy(engine->webhook_faces, config->webhook_faces,
	    sizeof(engine->webhook_faces));
	engine->on_commit = config->on_commit;
	engine->on_commit_arg = config->on_commit_arg;
	return 0;
}

/* ---- what the writer tells ---------------------------------------------- */

static void
lane_open(struct engine *engine, struct store *store, const struct job *job)
{
	char *source = NULL;
	int err;

	err = store_job_source(store, job->id, &source);
	if (err == 0)
		err = dispatch_job(engine->dispatch, job, source);
	if (err < 0) {
		log_with(LOG_WARN, "a job waits a moment",
		    LOG_UUID("job", &job->uuid),
		    LOG_TEXT("error", err_text(err)));
		planner_missed(engine->planner);
	}
	mem_free(source);
}

static void
job_published(void *arg, const struct job *job)
{
	struct engine *engine = arg;

	if (job_state_is_final(job->state)) {
		log_with(LOG_DEBUG, "a job has ended",
		    LOG_UUID("job", &job->uuid),
		    LOG_UUID("base", &job->base_uuid),
		    LOG_TEXT("state", job_state_name(job->state)),
		    LOG_NUMBER("items", job->counts.total),
		    LOG_NUMBER("failed", job->counts.failed),
		    LOG_MS("duration_ms", job->finished_us - job->created_us));
		dispatch_end(engine->dispatch, job->id);
		planner_end(engine->planner, job->id, 0);
		if (job->kind == JOB_KIND_KEPT)
			kept_wake_next(engine, job);
		return;
	}
	if (!dispatch_has(engine->dispatch, job->id)) {
		lane_open(engine, engine->store, job);
	} else {
		dispatch_pause(engine->dispatch, job->id, job->is_paused);
		if (job->counts.queued > 0)
			dispatch_more(engine->dispatch, job->id);
	}
	if (job->scan == SCAN_WAITING || job_is_closing(job))
		planner_wake(engine->planner, job);
}

void
engine_take_up(struct engine *engine, struct store *store,
    const struct job *job)
{
	struct job now;

	if (!dispatch_has(engine->dispatch, job->id)) {
		lane_open(engine, store, job);
		/* What was published meanwhile had no lane to tell. */
		if (!board_get(engine->board, &job->uuid, &now) ||
		    job_state_is_final(now.state))
			dispatch_end(engine->dispatch, job->id);
		else
			dispatch_pause(engine->dispatch, job->id,
			    now.is_paused);
	}
	if (job->scan < SCAN_DONE || job_is_closing(job))
		planner_wake(engine->planner, job);
}

/* In the transaction: whoever wants to know is to be told. */
static int
job_ends(void *arg, struct write_tx *tx, const struct job *job)
{
	return event_note(arg, tx, job);
}

static void
group_committed(void *arg)
{
	struct engine *engine = arg;

	if (engine->on_commit != NULL)
		engine->on_commit(engine->on_commit_arg);
}

/* ---- opening ------------------------------------------------------------ */

static int
job_restore(void *arg, const struct job *job)
{
	struct engine *engine = arg;

	return board_put(engine->board, job);
}

static int
job_restart(void *arg, const struct job *job)
{
	struct engine *engine = arg;

	engine_take_up(engine, engine->store, job);
	return 0;
}

static int
recent_restore(struct engine *engine)
{
	int64_t rev, generation;
	int err;

	err = store_jobs_live(engine->store, job_restore, engine);
	board_begin(engine->board);
	if (err == 0)
		err = store_stamp(engine->store, &rev, &generation);
	if (err == 0)
		board_set_rev(engine->board, rev, generation);
	return err;
}

static int
parts_make(struct engine *engine, const struct engine_config *config)
{
	struct writer_config writer = {.commit_ms = config->commit_ms,
	    .on_job = job_published, .on_change = rates_change,
	    .on_end = job_ends,
	    .on_commit = group_committed,
	    .arg = engine};

	engine->board = board_new();
	engine->dispatch = dispatch_new();
	engine->planner = planner_new(engine);
	engine->janitor = janitor_new(engine);
	engine->mirrors = mirrors_new(config->vector_memory != 0
		? config->vector_memory
		: VECTOR_MEMORY_DEFAULT);
	engine->keyring = keyring_new();
	engine->users = users_new();
	engine->rates = rates_new(clock_wall_us());
	engine->schedules = schedules_new(engine, engine_job_sources);
	engine->couriers = couriers_new(engine);
	if (engine->board == NULL || engine->dispatch == NULL ||
	    engine->planner == NULL || engine->janitor == NULL ||
	    engine->mirrors == NULL ||
	    engine->keyring == NULL || engine->users == NULL ||
	    engine->rates == NULL ||
	    engine->schedules == NULL || engine->couriers == NULL)
		return ERR_NOMEM;
	engine->writer = writer_new(engine->store, engine->board, &writer);
	if (engine->writer == NULL)
		return ERR_NOMEM;
	return 0;
}

/* The token of the last start, when the disk is too full for a new one. */
static int
token_keep(struct engine *engine, const char *path)
{
	struct buf old;
	int err;

	buf_init(&old, sizeof(engine->local_token));
	err = fs_read_file(path, &old, NULL);
	if (err == 0 && old.len != sizeof(engine->local_token) - 1)
		err = ERR_CORRUPT;
	if (err == 0)
		memcpy(engine->local_token, old.data, old.len);
	buf_fini(&old);
	return err;
}

static int
token_setup(struct engine *engine, struct err_note *note)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[32];
	char *path = NULL;
	size_t i;
	int err;

	rng_bytes(random, sizeof(random));
	for (i = 0; i < sizeof(random); i++) {
		engine->local_token[2 * i] = digits[random[i] >> 4];
		engine->local_token[2 * i + 1] = digits[random[i] & 15];
	}
	err = path_join(engine->data_dir, "local-token", &path);
	if (err == 0)
		err = fs_replace(path, engine->local_token,
		    strlen(engine->local_token), 0600, note);
	if (err == ERR_STORAGE_FULL && token_keep(engine, path) == 0)
		err = 0;
	mem_free(path);
	return err;
}

static int
seal_setup(struct engine *engine, struct err_note *note)
{
	char *path = NULL;
	int err;

	err = path_join(engine->data_dir, "secret-key", &path);
	if (err < 0)
		return err_set(note, err, "%s", err_text(err));
	err = seal_new(path, &engine->seal, note);
	mem_free(path);
	return err;
}

int
engine_open(const struct engine_config *config, struct engine **ret_engine,
    struct err_note *note)
{
	struct engine *engine;
	int err;

	err = remote_words_check(config->s3_endpoints,
	    config->s3_endpoint_count, config->net_allow_count, note);
	if (err < 0)
		return err;
	engine = mem_zalloc(sizeof(*engine));
	if (engine == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	stop_set_init(&engine->stops);
	err = config_copy(engine, config);
	if (err < 0) {
		err = err_set(note, err, "out of memory");
		goto out;
	}
	err = folders_setup(engine, config->data_dir, note);
	if (err < 0)
		goto out;
	err = store_open(engine->data_dir, STORE_WRITER, &engine->store,
	    note);
	if (err < 0)
		goto out;
	tmp_clear(engine->tmp_dir);
	err = parts_make(engine, config);
	if (err == 0)
		err = recent_restore(engine);
	if (err < 0) {
		err = err_set(note, err, "the store cannot be read: %s",
		    err_text(err));
		goto out;
	}
	err = copies_clear(engine, note);
	if (err == 0)
		err = embedding_open(engine, config, note);
	if (err == 0)
		err = beside_new(processors() - 1, &engine->beside, note);
	if (err == 0)
		err = keys_setup(engine, config->api_key, note);
	if (err == 0)
		err = token_setup(engine, note);
	if (err == 0)
		err = seal_setup(engine, note);
	if (err == 0)
		err = users_setup(engine, note);
	if (err < 0)
		goto out;
	*ret_engine = engine;
	engine = NULL;
out:
	engine_close(engine);
	return err;
}

/* Better no server than one that fails every document. */
static int
extractor_check(const struct engine *engine, struct err_note *note)
{
	struct extractor *extractor;
	int err;

	extractor = extractor_new(engine->extractor);
	if (extractor == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	err = extractor_probe(extractor, note);
	extractor_close(extractor);
	return err;
}

/* Without Tesseract pictures are skipped, as if nobody had asked for OCR. */
static int
ocr_check(struct engine *engine, struct err_note *note)
{
	struct extractor *extractor;
	int err;

	if (engine->ocr_languages == NULL)
		return 0;
	extractor = extractor_new_ocr(engine->extractor,
	    engine->ocr_languages);
	if (extractor == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	err = extractor_probe(extractor, note);
	if (err == 0 && !extractor_has_ocr(extractor)) {
		log_warn("OCR is turned on, but Tesseract is not installed, "
			 "or not for %s: it stays off",
		    engine->ocr_languages);
		mem_free(engine->ocr_languages);
		engine->ocr_languages = NULL;
	}
	extractor_close(extractor);
	return err;
}

int
engine_start(struct engine *engine, struct err_note *note)
{
	int err;

	err = extractor_check(engine, note);
	if (err == 0)
		err = ocr_check(engine, note);
	if (err < 0)
		return err;
	engine->rule = rule_fingerprint(engine, &rule_default);
	janitor_collect(engine->janitor);
	err = store_jobs_live(engine->store, job_restart, engine);
	if (err < 0)
		return err_set(note, err, "the store cannot be read");
	engine->is_started = true;
	err = writer_start(engine->writer);
	if (err == 0)
		err = workers_start(engine, note);
	if (err == 0)
		err = planner_start(engine->planner);
	if (err == 0)
		err = janitor_start(engine->janitor);
	if (err == 0)
		err = schedules_start(engine->schedules);
	if (err == 0)
		err = couriers_start(engine->couriers);
	if (err == 0)
		err = base_models_settle(engine, 0, note);
	if (err < 0)
		engine_stop(engine);
	return err < 0 ? err_set(note, err, "cannot start: %s",
			     err_text(err))
		       : 0;
}

void
engine_stop(struct engine *engine)
{
	if (!engine->is_started)
		return;
	engine->is_started = false;
	writer_drain(engine->writer);
	schedules_stop(engine->schedules);
	couriers_stop(engine->couriers);
	dispatch_stop(engine->dispatch);
	planner_stop(engine->planner);
	workers_stop(engine);
	mirrors_stop(engine->mirrors);
	janitor_stop(engine->janitor);
	writer_stop(engine->writer);
}

void
engine_close(struct engine *engine)
{
	size_t i;

	if (engine == NULL)
		return;
	engine_stop(engine);
	planner_free(engine->planner);
	janitor_free(engine->janitor);
	beside_free(engine->beside);
	mirrors_free(engine->mirrors);
	writer_free(engine->writer);
	dispatch_free(engine->dispatch);
	board_free(engine->board);
	schedules_free(engine->schedules);
	couriers_free(engine->couriers);
	keyring_free(engine->keyring);
	users_free(engine->users);
	rates_free(engine->rates);
	seal_free(engine->seal);
	embedding_close(engine);
	store_close(engine->store);
	for (i = 0; i < engine->folder_root_count; i++)
		mem_free(engine->folder_roots[i]);
	mem_free(engine->folder_roots);
	mem_free(engine->extractor);
	mem_free(engine->ocr_languages);
	mem_free(engine->chat_url);
	mem_free(engine->chat_model);
	mem_free(engine->chat_key);
	mem_free(engine->rerank_url);
	mem_free(engine->rerank_model);
	mem_free(engine->rerank_key);
	words_free(&engine->s3_endpoints);
	words_free(&engine->net_allow);
	mem_free(engine->data_dir);
	mem_free(engine->blob_dir);
	mem_free(engine->tmp_dir);
	mem_free(engine);
}

/* ---- asking ------------------------------------------------------------- */

struct board *
engine_board(struct engine *engine)
{
	return engine->board;
}

const struct embedder *
engine_embedder(const struct engine *engine)
{
	return embedding_default(engine)->embedder;
}

bool
engine_embedder_is_down(const struct engine *engine)
{
	struct embed_stats stats;

	embedding_stats(engine, &stats);
	return stats.is_down;
}

const char *
engine_chat_model(const struct engine *engine)
{
	return engine_has_chat(engine) ? engine->chat_model : NULL;
}

bool
engine_has_chat(const struct engine *engine)
{
	return engine->chat_url != NULL;
}

bool
engine_has_rerank(const struct engine *engine)
{
	return engine->rerank_url != NULL;
}

const char *
engine_rerank_model(const struct engine *engine)
{
	return engine->rerank_model;
}

const char *
engine_data_dir(const struct engine *engine)
{
	return engine->data_dir;
}

uint64_t
engine_file_bytes_max(const struct engine *engine)
{
	return engine->file_bytes_max;
}

bool
engine_has_folder_roots(const struct engine *engine)
{
	return engine->folder_root_count != 0;
}

const char *
engine_new_key(const struct engine *engine)
{
	return engine->new_key;
}

const char *
engine_local_token(const struct engine *engine)
{
	return engine->local_token;
}

int
engine_reader(struct engine *engine, struct store **ret_reader,
    struct err_note *note)
{
	return store_open(engine->data_dir, STORE_READER, ret_reader, note);
}

/* What a live job waits for as a whole (promise 9). */
static enum waiting_for
job_waits_for(const struct engine *engine, const struct job *job)
{
	uint64_t in_steps = 0;
	int i;

	if (job_state_is_final(job->state))
		return WAITING_NOTHING;
	if (job->state == JOB_PAUSED)
		return WAITING_PAUSED;
	if (writer_is_storage_waiting(engine->writer))
		return WAITING_STORAGE;
	if (job_kind_has_shares(job->kind) && job->scan < SCAN_DONE &&
	    planner_is_waiting(engine->planner, job->id))
		return WAITING_SOURCE;
	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++)
		in_steps += job->stages[i].items;
	/* Its items that wait are counted in the step that they wait in. */
	if (job->counts.processing > 0 && engine_embedder_is_down(engine))
		return WAITING_EMBEDDING;
	if (job->counts.processing > 0 && in_steps == 0)
		return WAITING_RETRY;
	if (job->counts.processing == 0 && job->counts.queued > 0)
		return WAITING_WORKER;
	return WAITING_NOTHING;
}

int
engine_job_get(struct engine *engine, struct store *reader,
    int64_t account_id, const struct uuid *uuid, struct job *ret_job)
{
	struct job job;
	int err;

	if (!board_get(engine->board, uuid, &job)) {
		if (reader == NULL)
			return ERR_NOT_FOUND;
		err = store_job_find(reader, account_id, uuid, &job);
		if (err < 0)
			return err;
		/* Committed this moment: the board must not answer older. */
		board_wait(engine->board, job.rev);
		(void)board_get(engine->board, uuid, &job);
	}
	if (account_id != 0 && job.account_id != account_id)
		return ERR_NOT_FOUND;
	job.waiting_for = job_waits_for(engine, &job);
	*ret_job = job;
	return 0;
}

void
engine_job_pace(struct engine *engine, const struct job *job,
    struct job_pace *ret_pace)
{
	int64_t now_us = clock_wall_us();

	job_pace(job, now_us, ret_pace);
	ret_pace->undo_until_us = undo_until(engine, job, now_us);
}
