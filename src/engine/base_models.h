/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base_models: which models can be used here, what a base is embedded with, and
 * changing that.
 *
 * Floor 4.  Any thread.
 */
#ifndef ENGINE_BASE_MODELS_H
#define ENGINE_BASE_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

/* ---- what there is ------------------------------------------------------- */

struct model_info {
	/* What a base is asked for with: "lexical", the folder's model by its
	 * own name, or a model as the service calls it. */
	const char *name;
	const char *embedder;	/* the name that stands in the store */
	const char *kind;	/* "lexical", "folder" or "service" */
	size_t asked_dimensions; /* of a service's: those it is asked for; 0 */
	size_t dimensions;	/* 0: nobody has asked it yet */
	bool is_default;
	bool is_down; /* it did not answer when it was asked last */
	const char *why; /* NULL, or what it said then */
};
typedef int model_fn(void *arg, const struct model_info *info);
/* The default first.  fn's nonzero return ends the walk.  Models of the service
 * are those that a base of the account has or is about to have: there may be
 * any number (engine_models_are_open()), and what others ask for is their own
 * business. */
int engine_models_each(struct engine *engine, struct store *reader,
    int64_t account_id, model_fn *fn, void *arg);
/* Is there a service, so that other names than those may do? */
bool engine_models_are_open(struct engine *engine);

/* What a base is to be embedded with. */
struct model_wish {
	const char *name;  /* NULL: the server's default, whatever that is */
	size_t dimensions; /* 0: as many as it has */
};
/* Can the account use it?  A service is asked, unless it is known how long its
 * vectors are.  ERR_INVALID with words that name what there is; TRANSIENT
 * errors: the service did not say. */
int engine_model_check(struct engine *engine, int64_t account_id,
    const struct model_wish *wish, struct err_note *note);

/* For those whose clients may say any name of a model: is it one of here?  With
 * an error it is none for now. */
bool engine_model_is_here(struct engine *engine, int64_t account_id,
    const char *name);

/* ---- bases --------------------------------------------------------------- */

/* As engine_base_create(), with a model (NULL: the default).  Errors also those
 * of engine_model_check(). */
int engine_base_create_with(struct engine *engine, int64_t account_id,
    const char *name, const char *description, const char *settings,
    const struct model_wish *wish, struct uuid *ret_uuid,
    struct err_note *note);

/*
 * Change what the base is embedded with, or (wish NULL) embed again what has
 * not the vectors that it is to have.  A base that has nothing to embed is
 * changed at once; else that is a job (*ret_has_job): one at a time, and one
 * that runs already goes on with what is wanted now.  Until it has ended, the
 * base answers as before; when it is cancelled, too, and what it has made stays
 * for the next one.
 *
 * ERR_NOT_FOUND: no such base; those of engine_model_check() and plan_run().
 */
int engine_base_embed(struct engine *engine,
    const struct job_request *request, const struct model_wish *wish,
    bool *ret_has_job, struct job *ret_job, struct err_note *note);

/* ---- the engine's own ---------------------------------------------------- */

/* When the engine has started (base_id 0: all), or of a base that is new: those
 * that follow the default do so, those that were to have another model are on
 * their way to it, and those that answer by one that cannot be used here any
 * more stop that. */
int base_models_settle(struct engine *engine, int64_t base_id,
    struct err_note *note);
/* A job that embeds again is tried again by another one. */
int base_models_retry(struct engine *engine, const struct job *old,
    enum dialect dialect, struct job *ret_job, struct err_note *note);
/* The base has something that is not embedded as it answers, and nobody is at
 * it: then somebody is.  base_id 0: look at all.  reader is the caller's. */
int base_models_repair(struct engine *engine, struct store *reader,
    int64_t base_id);

#endif
