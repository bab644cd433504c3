/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts: what an organization has one of for each of its environments, and
 * moving a base from one to another.
 *
 * Floor 4.
 */
#ifndef ENGINE_ACCOUNTS_H
#define ENGINE_ACCOUNTS_H

#include <stdint.h>

#include "model/environment.h"

struct engine;
struct err_note;
struct uuid;

/* The account of the same organization in that environment, which is the same
 * one in its own, and made when there is none yet. */
int engine_account_in(struct engine *engine, int64_t account_id,
    enum environment environment, int64_t *ret_account_id,
    struct err_note *note);

struct base_move {
	enum environment from;
	uint64_t documents; /* that are indexed */
};
/*
 * Move a base to another environment of its organization, with its documents,
 * sources, schedule and the history of its jobs; nothing is indexed again, and
 * all ids stay as they are.  Tags are unbound: they are the account's.
 * Uploaded objects that its sources name come along.  What was told of its jobs
 * before stays with the environment that it was told to.
 *
 * ERR_NOT_FOUND; ERR_INVALID: it is there already; ERR_EXISTS: a base there
 * has its name; ERR_CONFLICT: jobs of it have not ended.
 */
int engine_base_move(struct engine *engine, int64_t account_id,
    const struct uuid *base, enum environment to, struct base_move *ret_move,
    struct err_note *note);

#endif
