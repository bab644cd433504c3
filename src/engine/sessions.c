/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions, and the other tokens of users.
 *
 * A token says whose it is and of which generation; a user's generation goes
 * up when password, address or standing change, and all tokens of before are
 * worth nothing.  A session that a key began says which key, and is worth what
 * that is.  A single session that is ended is remembered until its token
 * would have expired, in the store, too: a restart does not bring it back.
 * Each use has a key of its own, derived from the data folder's secret: no
 * token can be taken for one of another use.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/user_int.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/rng.h"
#include "sys/seal.h"

#define SECOND_US 1000000
#define TOKEN_SECONDS 3600

#define SESSION_AUDIENCE "fastapi-users:auth"
#define KEY_SESSION_AUDIENCE "tidemark:session"

static const struct {
	const char *label, *audience;
} uses[USER_TOKEN_COUNT] = {
    [USER_TOKEN_RESET] = {"token: reset a password", "fastapi-users:reset"},
    [USER_TOKEN_VERIFY] = {"token: verify an address",
	"fastapi-users:verify"},
};

_Static_assert(JWT_KEY_SIZE == SEAL_KEY_SIZE, "a derived key signs");

/* ---- those that were ended ----------------------------------------------- */

static struct ended **
ended_bucket(struct users *users, const struct uuid *session)
{
	return &users->ended[((size_t)session->bytes[0] << 8 |
				 session->bytes[1]) %
	    ENDED_BUCKETS];
}

static bool
ended_has(struct users *users, const struct uuid *session)
{
	const struct ended *ended = *ended_bucket(users, session);

	while (ended != NULL && !uuid_is_equal(&ended->session, session))
		ended = ended->next;
	return ended != NULL;
}

/* Takes ended; the lock is held for writing. */
static void
ended_link(struct users *users, struct ended *ended)
{
	struct ended **at = ended_bucket(users, &ended->session);

	ended->next = *at;
	*at = ended;
	users->ended_count++;
}

/* Forget what has expired. */
static void
ended_sweep(struct users *users, int64_t now_us)
{
	struct ended **at, *ended;
	size_t i;

	for (i = 0; i < ENDED_BUCKETS; i++)
		for (at = &users->ended[i]; (ended = *at) != NULL;) {
			if (ended->until_us > now_us) {
				at = &ended->next;
				continue;
			}
			*at = ended->next;
			mem_free(ended);
			users->ended_count--;
		}
}

static int
ended_load(void *arg, const struct uuid *session, int64_t until_us)
{
	struct ended *ended;

	ended = mem_zalloc(sizeof(*ended));
	if (ended == NULL)
		return ERR_NOMEM;
	ended->session = *session;
	ended->until_us = until_us;
	ended_link(arg, ended);
	return 0;
}

void
sessions_free(struct users *users)
{
	ended_sweep(users, INT64_MAX);
}

static int
mark_make(struct engine *engine)
{
	uint8_t bytes[SEAL_KEY_SIZE];
	int err;

	err = seal_derive(engine->seal, "name of the data folder", bytes);
	if (err == 0)
		(void)snprintf(engine->mark, sizeof(engine->mark),
		    "%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2],
		    bytes[3]);
	return err;
}

const char *
engine_mark(const struct engine *engine)
{
	return engine->mark;
}

int
sessions_setup(struct engine *engine, struct err_note *note)
{
	struct users *users = engine->users;
	int use, err;

	err = mark_make(engine);
	if (err == 0)
		err = seal_derive(engine->seal, "token: session",
		    users->session_key);
	if (err == 0)
		err = seal_derive(engine->seal, "token: session of a key",
		    users->key_session_key);
	for (use = 0; err == 0 && use < USER_TOKEN_COUNT; use++)
		err = seal_derive(engine->seal, uses[use].label,
		    users->token_keys[use]);
	if (err == 0)
		err = store_sessions_ended(engine->store, clock_wall_us(),
		    ended_load, users);
	return err < 0 ? err_set(note, err, "sessions cannot be read: %s",
			     err_text(err))
		       : 0;
}

/* ---- sessions ------------------------------------------------------------ */

static int
user_session_caller(struct engine *engine, const char *token, size_t len,
    struct caller *ret_caller)
{
	struct users *users = engine->users;
	struct caller caller = {0};
	const struct known *known;
	struct jwt jwt;
	int err;

	err = jwt_read(users->session_key, SESSION_AUDIENCE, token, len,
	    clock_wall_us() / SECOND_US, &jwt);
	if (err < 0)
		return err;
	(void)pthread_rwlock_rdlock(&users->lock);
	known = known_find(users, &jwt.subject);
	if (known == NULL || !known->is_active ||
	    known->generation != jwt.generation ||
	    ended_has(users, &jwt.id)) {
		err = ERR_UNAUTHORIZED;
	} else {
		caller.account_id = known->account_id;
		caller.user_id = known->id;
		caller.is_superuser = known->is_superuser;
		caller.generation = known->generation;
		caller.session = jwt.id;
		caller.session_until_s = jwt.expires_s;
		memcpy(caller.label, known->label, sizeof(caller.label));
	}
	(void)pthread_rwlock_unlock(&users->lock);
	if (err == 0)
		*ret_caller = caller;
	return err;
}

static int
key_session_caller(struct engine *engine, const char *token, size_t len,
    struct caller *ret_caller)
{
	struct users *users = engine->users;
	struct caller caller = {0};
	struct jwt jwt;
	bool is_ended;
	int err;

	err = jwt_read(users->key_session_key, KEY_SESSION_AUDIENCE, token,
	    len, clock_wall_us() / SECOND_US, &jwt);
	if (err == 0)
		err = keyring_caller(engine->keyring, &jwt.subject, &caller);
	if (err < 0)
		return err;
	(void)pthread_rwlock_rdlock(&users->lock);
	is_ended = ended_has(users, &jwt.id);
	(void)pthread_rwlock_unlock(&users->lock);
	err = is_ended ? ERR_UNAUTHORIZED : users_key_caller(engine, &caller);
	if (err < 0)
		return err;
	caller.session = jwt.id;
	caller.session_until_s = jwt.expires_s;
	*ret_caller = caller;
	return 0;
}

int
users_session_caller(struct engine *engine, const char *token, size_t len,
    struct caller *ret_caller)
{
	int err;

	err = user_session_caller(engine, token, len, ret_caller);
	return err == ERR_UNAUTHORIZED
	    ? key_session_caller(engine, token, len, ret_caller) : err;
}

bool
engine_caller_stands(struct engine *engine, const struct caller *caller)
{
	struct users *users = engine->users;
	struct caller owner = {.account_id = caller->account_id};
	struct uuid uuid;
	bool is_ended;

	if (caller->key_id != 0 && keyring_name(engine->keyring,
	    caller->key_id, &uuid) < 0)
		return false;
	if (caller->session_until_s != 0) {
		(void)pthread_rwlock_rdlock(&users->lock);
		is_ended = ended_has(users, &caller->session);
		(void)pthread_rwlock_unlock(&users->lock);
		if (is_ended ||
		    caller->session_until_s <= clock_wall_us() / SECOND_US)
			return false;
	}
	if (users_key_caller(engine, &owner) < 0)
		return false;
	/* A user's own session is of that user, and of its last password. */
	return caller->key_id != 0 || caller->session_until_s == 0 ||
	    (owner.user_id == caller->user_id &&
		owner.generation == caller->generation);
}

int
engine_caller_key(struct engine *engine, const struct caller *caller,
    struct uuid *ret_key)
{
	return keyring_name(engine->keyring, caller->key_id, ret_key);
}

int
engine_key_session_open(struct engine *engine, const struct caller *caller,
    struct buf *out, int64_t *ret_until_s)
{
	struct jwt jwt = {.id = rng_uuid(),
	    .expires_s = clock_wall_us() / SECOND_US + KEY_SESSION_SECONDS};
	int err;

	/* A session that could begin another would never end. */
	if (caller->key_id == 0 || caller->session_until_s != 0)
		return ERR_INVALID;
	err = keyring_name(engine->keyring, caller->key_id, &jwt.subject);
	if (err == 0)
		err = jwt_write(engine->users->key_session_key,
		    KEY_SESSION_AUDIENCE, &jwt, out);
	if (err == 0)
		*ret_until_s = jwt.expires_s;
	return err;
}

int
engine_session_open(struct engine *engine, const struct user *user,
    struct buf *out)
{
	struct jwt jwt = {.subject = user->uuid, .id = rng_uuid(),
	    .generation = user->generation,
	    .expires_s = clock_wall_us() / SECOND_US + SESSION_SECONDS};

	return jwt_write(engine->users->session_key, SESSION_AUDIENCE, &jwt,
	    out);
}

struct end_plan {
	struct engine *engine;
	struct ended *ended; /* owned until it is linked */
	struct uuid session;
	int64_t until_us;
};

static void
end_committed(void *arg, int64_t id)
{
	struct end_plan *plan = arg;
	struct users *users = plan->engine->users;

	(void)id;
	(void)pthread_rwlock_wrlock(&users->lock);
	ended_link(users, plan->ended);
	plan->ended = NULL;
	(void)pthread_rwlock_unlock(&users->lock);
}

static int
end_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct end_plan *plan = arg;
	int err;

	(void)note;
	err = store_sessions_forget(tx_store(tx), tx_now_us(tx));
	if (err == 0)
		err = store_session_end(tx_store(tx), &plan->session,
		    plan->until_us);
	if (err == 0)
		tx_on_commit(tx, end_committed, plan, 0);
	return err;
}

/* Is there room for one more?  Sweeps when there seems to be none. */
static bool
ended_has_room(struct users *users)
{
	bool has_room;

	(void)pthread_rwlock_wrlock(&users->lock);
	if (users->ended_count >= SESSIONS_ENDED_MAX)
		ended_sweep(users, clock_wall_us());
	has_room = users->ended_count < SESSIONS_ENDED_MAX;
	(void)pthread_rwlock_unlock(&users->lock);
	return has_room;
}

int
engine_session_end(struct engine *engine, const struct caller *caller,
    struct err_note *note)
{
	struct end_plan plan = {.engine = engine,
	    .session = caller->session,
	    .until_us = caller->session_until_s * SECOND_US};
	int err;

	if (caller->session_until_s == 0)
		return 0;
	if (!ended_has_room(engine->users))
		return err_set(note, ERR_BUSY,
		    "too many sessions were ended lately");
	plan.ended = mem_zalloc(sizeof(*plan.ended));
	if (plan.ended == NULL)
		return ERR_NOMEM;
	plan.ended->session = plan.session;
	plan.ended->until_us = plan.until_us;
	err = writer_do(engine->writer, end_apply, &plan, note);
	mem_free(plan.ended);
	return err;
}

/* ---- other tokens -------------------------------------------------------- */

int
engine_user_token(struct engine *engine, const struct user *user,
    enum user_token use, struct buf *out)
{
	struct jwt jwt = {.subject = user->uuid, .id = rng_uuid(),
	    .generation = user->generation,
	    .expires_s = clock_wall_us() / SECOND_US + TOKEN_SECONDS};

	return jwt_write(engine->users->token_keys[use], uses[use].audience,
	    &jwt, out);
}

static int
token_read(const struct engine *engine, enum user_token use,
    const char *token, struct jwt *ret_jwt)
{
	return jwt_read(engine->users->token_keys[use], uses[use].audience,
	    token, strlen(token), clock_wall_us() / SECOND_US, ret_jwt);
}

struct token_plan {
	int64_t generation;
	char password[PASSWORD_HASH_SIZE];
};

static int
reset_edit(void *arg, struct user *user, struct err_note *note)
{
	const struct token_plan *plan = arg;

	(void)note;
	if (user->generation != plan->generation || !user->is_active)
		return ERR_UNAUTHORIZED;
	memcpy(user->password, plan->password, sizeof(user->password));
	user->generation++;
	return 0;
}

int
engine_user_reset(struct engine *engine, const char *token,
    const char *password, struct err_note *note)
{
	struct token_plan plan;
	struct jwt jwt;
	int err;

	err = token_read(engine, USER_TOKEN_RESET, token, &jwt);
	if (err == 0)
		err = password_allowed(password, note);
	if (err == 0)
		err = gate_hash(engine->users, password, plan.password, note);
	if (err < 0)
		return err;
	plan.generation = jwt.generation;
	err = user_edit(engine, &jwt.subject, reset_edit, &plan, NULL, note);
	return err == ERR_NOT_FOUND ? ERR_UNAUTHORIZED : err;
}

static int
verify_edit(void *arg, struct user *user, struct err_note *note)
{
	const struct token_plan *plan = arg;

	(void)note;
	if (user->generation != plan->generation || !user->is_active)
		return ERR_UNAUTHORIZED;
	if (user->is_verified)
		return ERR_EXISTS;
	user->is_verified = true;
	return 0;
}

int
engine_user_verify(struct engine *engine, const char *token,
    struct user *ret_user, struct err_note *note)
{
	struct token_plan plan = {0};
	struct jwt jwt;
	int err;

	err = token_read(engine, USER_TOKEN_VERIFY, token, &jwt);
	if (err < 0)
		return err;
	plan.generation = jwt.generation;
	err = user_edit(engine, &jwt.subject, verify_edit, &plan, ret_user,
	    note);
	return err == ERR_NOT_FOUND ? ERR_UNAUTHORIZED : err;
}
