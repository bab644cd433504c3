/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a base is embedded with.
 *
 * Asking for another model is one transaction: the base's row says what is
 * wanted, and the job that gets it there is made.  A base without anything to
 * embed needs no job, which is found out, and done, in a transaction of its own
 * before that.
 *
 * What is wanted stands with the base, not with the job, so a change of mind
 * while a job runs needs no other job: it goes on with what is wanted now.
 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/base_models.h"
#include "engine/embedding.h"
#include "engine/embedding_int.h"
#include "engine/engine_int.h"
#include "engine/mirror.h"
#include "engine/plan.h"
#include "engine/writer.h"
#include "store/store_model.h"

#define BASES_PAGE 64u

/* ---- what there is ------------------------------------------------------- */

static const char *
kind_of(const struct embeddings *embeddings,
    const struct embedding *embedding)
{
	if (embedding->embedder->learn != NULL)
		return "service";
	return embedding == embeddings->of_folder ? "folder" : "lexical";
}

static void
info_make(const struct embeddings *embeddings,
    const struct embedding *embedding, struct embed_stats *stats,
    char name[EMBEDDING_NAME_SIZE], struct model_info *info)
{
	struct embedder *embedder = embedding->embedder;

	memset(stats, 0, sizeof(*stats));
	memset(info, 0, sizeof(*info));
	if (embedder->stats != NULL)
		embedder->stats(embedder, stats);
	info->embedder = embedder->name;
	info->kind = kind_of(embeddings, embedding);
	info->name = embedder->name;
	info->dimensions = embedder->dimensions;
	info->is_default = embedding == embeddings->by_default;
	info->is_down = stats->is_down;
	info->why = stats->is_down ? stats->why.text : NULL;
	if (embedder->learn == NULL)
		return;
	info->asked_dimensions = embedding_asked(embedder->name, name);
	info->name = name;
}

/* Is it everybody's, or in use by a base of the account? */
static int
is_shown(const struct embeddings *embeddings,
    const struct embedding *embedding, struct store *reader,
    int64_t account_id, bool *ret_is_shown)
{
	*ret_is_shown = true;
	if (embedding->embedder->learn == NULL ||
	    embedding == embeddings->by_default)
		return 0;
	return store_account_embeds(reader, account_id, embedding->id,
	    ret_is_shown);
}

int
engine_models_each(struct engine *engine, struct store *reader,
    int64_t account_id, model_fn *fn, void *arg)
{
	struct embeddings *embeddings = engine->embeddings;
	char name[EMBEDDING_NAME_SIZE];
	const struct embedding *one;
	struct embed_stats stats;
	struct model_info info;
	bool is_wanted;
	size_t i, count;
	int err = 0, pass;

	(void)pthread_mutex_lock(&embeddings->lock);
	count = embeddings->count;
	(void)pthread_mutex_unlock(&embeddings->lock);
	/* What is in the list stays as it is. */
	for (pass = 0; pass < 2; pass++)
		for (i = 0; err == 0 && i < count; i++) {
			one = &embeddings->list[i];
			if ((one == embeddings->by_default) != (pass == 0))
				continue;
			err = is_shown(embeddings, one, reader, account_id,
			    &is_wanted);
			if (err < 0 || !is_wanted)
				continue;
			info_make(embeddings, one, &stats, name, &info);
			err = fn(arg, &info);
		}
	return err;
}

bool
engine_models_are_open(struct engine *engine)
{
	return engine->embeddings->service.url != NULL;
}

/* The embedder that a wish comes to, which has been asked once. */
static int
wish_find(struct engine *engine, int64_t account_id,
    const struct model_wish *wish, const struct embedding **ret_embedding,
    struct err_note *note)
{
	struct embed_call call = {.is_awaited = true};
	size_t dimensions;
	int err;

	if (wish->name == NULL && wish->dimensions != 0)
		return err_set(note, ERR_INVALID,
		    "dimensions are those of a model: name one");
	err = embedding_named(engine, account_id, wish->name,
	    wish->dimensions, true, ret_embedding, note);
	/* The default is what it is, whether it answers now or not. */
	if (err == 0 && wish->name != NULL)
		err = embedding_ready(engine, *ret_embedding, &call,
		    &dimensions, note);
	if (err < 0 && err_class(err) == ERR_CLASS_PERMANENT &&
	    err != ERR_NOMEM) {
		err_wrap(note, "the model %.100s cannot be used",
		    wish->name == NULL ? "" : wish->name);
		err = ERR_INVALID;
	}
	return err;
}

int
engine_model_check(struct engine *engine, int64_t account_id,
    const struct model_wish *wish, struct err_note *note)
{
	const struct embedding *embedding;

	return wish_find(engine, account_id, wish, &embedding, note);
}

bool
engine_model_is_here(struct engine *engine, int64_t account_id,
    const char *name)
{
	const struct model_wish wish = {.name = name};
	struct err_note note;

	return name != NULL && name[0] != '\0' &&
	    engine_model_check(engine, account_id, &wish, &note) == 0;
}

/* ---- one base ------------------------------------------------------------ */

struct change {
	struct engine *engine;
	int64_t account_id; /* 0: any */
	struct uuid uuid;
	bool has_model; /* else what is wanted stays */
	struct base_model model;
	/* By what it answers is no use any more. */
	bool turns_at_once;
	bool is_needed; /* there is something to embed; nothing was done */
};

static void
turned(void *arg, int64_t base_id)
{
	struct engine *engine = arg;

	mirrors_forget(engine->mirrors, base_id);
	janitor_lost(engine->janitor);
}

static int
change_write(struct write_tx *tx, const struct change *change,
    const struct base_ref *base, bool answers)
{
	int err = 0;

	if (change->has_model)
		err = store_base_model(tx_store(tx), base->id,
		    &change->model, tx_now_us(tx));
	if (err == 0 && answers)
		err = store_base_answer(tx_store(tx), base->id);
	if (err == 0)
		tx_on_commit(tx, turned, change->engine, base->id);
	return err;
}

/* Without a job, where that will do. */
static int
change_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct change *change = arg;
	int64_t answering, wanted;
	struct base_ref base;
	bool lacks = true;
	int err;

	err = base_ref_find(tx_store(tx), change->account_id, &change->uuid,
	    &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = store_base_embedders(tx_store(tx), base.id, &answering,
	    &wanted);
	if (change->has_model)
		wanted = change->model.wanted_id;
	if (err == 0)
		err = store_base_lacks(tx_store(tx), base.id, wanted, &lacks);
	change->is_needed = lacks;
	if (err < 0 || lacks)
		return err;
	return change_write(tx, change, &base, true);
}

/* Is there one at it, which goes on?  As the store has it, it may have ended in
 * this very transaction, and then it looks at nothing any more. */
static int
job_at_it(struct write_tx *tx, int64_t base_id, struct job *ret_job)
{
	const struct job *own;
	struct job live = {.id = 0};
	int err;

	do {
		err = store_job_next(tx_store(tx), base_id, JOB_KIND_EMBED,
		    live.id, &live);
		own = err < 0 ? NULL : tx_job(tx, live.id);
	} while (err == 0 && (own == NULL || own->cancelled_us != 0 ||
		own->is_finalized));
	if (err == 0)
		*ret_job = live;
	return err;
}

/* With the job, unless there is one at it. */
static int
change_prepare(struct write_tx *tx, struct plan *plan,
    const struct base_ref *base, struct err_note *note)
{
	const struct change *change = plan->arg;
	struct job live;
	int err;

	(void)note;
	err = change_write(tx, change, base, change->turns_at_once);
	if (err < 0)
		return err;
	err = job_at_it(tx, base->id, &live);
	if (err == 0) {
		plan->job.uuid = live.uuid;
		plan->job.id = live.id;
		plan->is_repeated = true;
	}
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
change_job(struct change *change, const struct job_request *request,
    uint32_t attempt, struct job *ret_job, struct err_note *note)
{
	struct plan plan = {.request = *request, .kind = JOB_KIND_EMBED,
	    .attempt = attempt, .scan = SCAN_WAITING, .source = "{}",
	    .prepare = change_prepare, .arg = change};

	plan.request.keeps_replaced = false;
	return plan_run(change->engine, &plan, ret_job, note);
}

int
engine_base_embed(struct engine *engine, const struct job_request *request,
    const struct model_wish *wish, bool *ret_has_job, struct job *ret_job,
    struct err_note *note)
{
	struct change change = {.engine = engine, .uuid = request->base,
	    .account_id = request->account_id, .has_model = wish != NULL};
	const struct embedding *embedding;
	int err = 0;

	if (wish != NULL) {
		err = wish_find(engine, request->account_id, wish,
		    &embedding, note);
		if (err < 0)
			return err;
		change.model = (struct base_model){wish->name,
		    wish->dimensions, embedding->id};
	}
	err = writer_do(engine->writer, change_apply, &change, note);
	*ret_has_job = err == 0 && change.is_needed;
	return *ret_has_job
	    ? change_job(&change, request, 1, ret_job, note)
	    : err;
}

int
base_models_retry(struct engine *engine, const struct job *old,
    enum dialect dialect, struct job *ret_job, struct err_note *note)
{
	const struct job_request request = {.account_id = old->account_id,
	    .base = old->base_uuid, .dialect = dialect, .form = old->form};
	struct change change = {.engine = engine, .uuid = old->base_uuid,
	    .account_id = old->account_id};

	return change_job(&change, &request, old->attempt + 1, ret_job,
	    note);
}

/* ---- all of them --------------------------------------------------------- */

struct found_base {
	int64_t id, account_id;
	struct uuid uuid;
	char *model; /* owned; NULL: the default */
	size_t dimensions;
	int64_t embedder_id, wanted_id;
};

struct bases {
	struct found_base list[BASES_PAGE];
	size_t count;
	int64_t only_id; /* 0: all */
};

static int
base_take(void *arg, const struct base *base)
{
	struct bases *bases = arg;
	struct found_base *found = &bases->list[bases->count];

	if (bases->only_id != 0 && base->id != bases->only_id)
		return 0;
	*found = (struct found_base){.id = base->id,
	    .account_id = base->account_id, .uuid = base->uuid,
	    .dimensions = base->embedding_dimensions,
	    .embedder_id = base->embedder_id, .wanted_id = base->wanted_id};
	if (base->embedding_model != NULL) {
		found->model = mem_strdup(base->embedding_model);
		if (found->model == NULL)
			return ERR_NOMEM;
	}
	bases->count++;
	return 0;
}

/* Each base, with what fn returns below 0 ending the walk. */
static int
bases_walk(struct engine *engine, struct store *reader, int64_t only_id,
    int (*fn)(struct engine *engine, struct store *reader,
	const struct found_base *base))
{
	int64_t after_id = only_id == 0 ? 0 : only_id - 1;
	struct bases *bases;
	size_t i, count;
	int err;

	bases = mem_zalloc(sizeof(*bases));
	if (bases == NULL)
		return ERR_NOMEM;
	bases->only_id = only_id;
	do {
		bases->count = 0;
		err = store_bases_all(reader, after_id,
		    only_id == 0 ? BASES_PAGE : 1, base_take, bases);
		count = bases->count;
		for (i = 0; i < count; i++) {
			if (err == 0)
				err = fn(engine, reader, &bases->list[i]);
			after_id = bases->list[i].id;
			mem_free(bases->list[i].model);
		}
	} while (err == 0 && count == BASES_PAGE);
	mem_free(bases);
	return err;
}

static struct job_request
request_for(const struct found_base *base)
{
	return (struct job_request){.account_id = base->account_id,
	    .base = base->uuid, .dialect = DIALECT_NATIVE};
}

/* Bring what is wanted in line with what the base was asked to have, and what
 * it answers by with what there is. */
static int
base_settle(struct engine *engine, struct store *reader,
    const struct found_base *base)
{
	struct change change = {.engine = engine, .uuid = base->uuid,
	    .account_id = base->account_id, .has_model = true};
	const struct job_request request = request_for(base);
	const struct embedding *wanted, *answering;
	struct err_note note = {""};
	struct job job;
	int err;

	err = embedding_named(engine, 0, base->model, base->dimensions, false,
	    &wanted, &note);
	if (err < 0)
		goto out;
	change.model = (struct base_model){base->model, base->dimensions,
	    wanted->id};
	if (base->embedder_id != wanted->id) {
		err = base->embedder_id == 0
		    ? ERR_NOT_FOUND
		    : embedding_of(engine, reader, base->embedder_id,
			  &answering, &note);
		change.turns_at_once = err == ERR_NOT_FOUND;
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	/* A job that was cancelled stays so. */
	if (err < 0 ||
	    (wanted->id == base->wanted_id && !change.turns_at_once))
		goto out;
	err = writer_do(engine->writer, change_apply, &change, &note);
	if (err == 0 && change.is_needed)
		err = change_job(&change, &request, 1, &job, &note);
out:
	/* The others are none the worse for it. */
	if (err < 0 && err != ERR_NOT_FOUND)
		log_warn("a base stays with the model that it had: %s",
		    err_words(&note, err));
	return 0;
}

int
base_models_settle(struct engine *engine, int64_t base_id,
    struct err_note *note)
{
	struct store *reader = NULL;
	int err;

	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = bases_walk(engine, reader, base_id, base_settle);
	store_close(reader);
	return err;
}

static int
base_repair(struct engine *engine, struct store *reader,
    const struct found_base *base)
{
	struct change change = {.engine = engine, .uuid = base->uuid,
	    .account_id = base->account_id};
	const struct job_request request = request_for(base);
	struct err_note note = {""};
	bool lacks = false;
	struct job job;
	int err;

	/* While it changes, its job is at it; or that was cancelled. */
	if (base->embedder_id != base->wanted_id)
		return 0;
	err = store_base_lacks(reader, base->id, base->embedder_id, &lacks);
	if (err == 0 && lacks)
		err = change_job(&change, &request, 1, &job, &note);
	if (err < 0 && err != ERR_NOT_FOUND)
		log_warn("a base is not embedded again: %s",
		    err_words(&note, err));
	return 0;
}

int
base_models_repair(struct engine *engine, struct store *reader,
    int64_t base_id)
{
	return bases_walk(engine, reader, base_id, base_repair);
}
