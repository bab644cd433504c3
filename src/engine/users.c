/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users: the rows, and what is known of them in memory.
 *
 * The table in memory follows the store: it is changed when the change is
 * committed, on the writer's thread, before whoever asked is told.  Passwords
 * are hashed before the writer is asked, as that takes long.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/user_int.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/rng.h"

/* ---- what is known ------------------------------------------------------ */

static size_t
uuid_bucket(const struct uuid *uuid)
{
	/* Random bytes; none of those that say which version it is. */
	return ((size_t)uuid->bytes[0] << 8 | uuid->bytes[1]) % KNOWN_BUCKETS;
}

static size_t
account_bucket(int64_t account_id)
{
	return (uint64_t)account_id % KNOWN_BUCKETS;
}

struct known *
known_find(const struct users *users, const struct uuid *uuid)
{
	struct known *known = users->by_uuid[uuid_bucket(uuid)];

	while (known != NULL && !uuid_is_equal(&known->uuid, uuid))
		known = known->uuid_next;
	return known;
}

void
known_set(struct known *known, const struct user *user)
{
	size_t len;

	known->id = user->id;
	known->account_id = user->account_id;
	known->uuid = user->uuid;
	known->generation = user->generation;
	known->is_active = user->is_active;
	known->is_superuser = user->is_superuser;
	len = utf8_floor(user->email, strlen(user->email),
	    sizeof(known->label) - 1);
	memcpy(known->label, user->email, len);
	known->label[len] = '\0';
}

/* Takes known; the lock is held for writing. */
static void
known_link(struct users *users, struct known *known)
{
	struct known **at = &users->by_uuid[uuid_bucket(&known->uuid)];

	known->uuid_next = *at;
	*at = known;
	at = &users->by_account[account_bucket(known->account_id)];
	known->account_next = *at;
	*at = known;
	users->count++;
}

void
known_drop(struct users *users, const struct uuid *uuid)
{
	struct known *known, **at;

	known = known_find(users, uuid);
	if (known == NULL)
		return;
	at = &users->by_uuid[uuid_bucket(uuid)];
	while (*at != known)
		at = &(*at)->uuid_next;
	*at = known->uuid_next;
	at = &users->by_account[account_bucket(known->account_id)];
	while (*at != known)
		at = &(*at)->account_next;
	*at = known->account_next;
	users->count--;
	mem_free(known);
}

int
users_key_caller(struct engine *engine, struct caller *caller)
{
	struct users *users = engine->users;
	const struct known *known;
	int err = 0;

	(void)pthread_rwlock_rdlock(&users->lock);
	known = users->by_account[account_bucket(caller->account_id)];
	while (known != NULL && known->account_id != caller->account_id)
		known = known->account_next;
	if (known != NULL && !known->is_active)
		err = ERR_UNAUTHORIZED;
	if (known != NULL && known->is_active) {
		caller->user_id = known->id;
		caller->is_superuser = known->is_superuser;
		caller->generation = known->generation;
	}
	(void)pthread_rwlock_unlock(&users->lock);
	return err;
}

static int
known_load(void *arg, const struct user *user)
{
	struct engine *engine = arg;
	struct known *known;

	known = mem_zalloc(sizeof(*known));
	if (known == NULL)
		return ERR_NOMEM;
	known_set(known, user);
	known_link(engine->users, known);
	return 0;
}

struct users *
users_new(void)
{
	struct users *users;

	users = mem_zalloc(sizeof(*users));
	if (users == NULL)
		return NULL;
	users->attempts = attempts_new();
	if (users->attempts == NULL) {
		mem_free(users);
		return NULL;
	}
	(void)pthread_rwlock_init(&users->lock, NULL);
	(void)pthread_mutex_init(&users->gate_lock, NULL);
	(void)pthread_cond_init(&users->gate, NULL);
	return users;
}

void
users_free(struct users *users)
{
	struct known *known, *next;
	size_t i;

	if (users == NULL)
		return;
	for (i = 0; i < KNOWN_BUCKETS; i++)
		for (known = users->by_uuid[i]; known != NULL; known = next) {
			next = known->uuid_next;
			mem_free(known);
		}
	sessions_free(users);
	attempts_free(users->attempts);
	(void)pthread_cond_destroy(&users->gate);
	(void)pthread_mutex_destroy(&users->gate_lock);
	(void)pthread_rwlock_destroy(&users->lock);
	OPENSSL_cleanse(users, sizeof(*users));
	mem_free(users);
}

int
users_setup(struct engine *engine, struct err_note *note)
{
	int err;

	err = store_users_each(engine->store, 0, SIZE_MAX, known_load,
	    engine);
	if (err < 0)
		return err_set(note, err, "users cannot be read: %s",
		    err_text(err));
	return sessions_setup(engine, note);
}

/* ---- adding -------------------------------------------------------------- */

struct add_plan {
	struct engine *engine;
	struct user user;
	bool is_first;
	struct known *known; /* for the table; owned until it is linked */
};

static void
add_committed(void *arg, int64_t id)
{
	struct add_plan *plan = arg;
	struct users *users = plan->engine->users;

	(void)id;
	(void)pthread_rwlock_wrlock(&users->lock);
	known_set(plan->known, &plan->user);
	known_link(users, plan->known);
	plan->known = NULL;
	(void)pthread_rwlock_unlock(&users->lock);
}

/* The account that the user is to have: the first one, or a new one. */
static int
add_account(struct write_tx *tx, struct add_plan *plan)
{
	struct account account = {.name = "user",
	    .environment = ENVIRONMENT_PRODUCTION,
	    .created_us = tx_now_us(tx)};

	if (plan->is_first)
		return store_account_first(tx_store(tx),
		    &plan->user.account_id, &plan->user.uuid);
	plan->user.uuid = rng_uuid();
	account.uuid = account.organization = plan->user.uuid;
	return store_account_add(tx_store(tx), &account,
	    &plan->user.account_id);
}

static int
add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct store *store = tx_store(tx);
	struct add_plan *plan = arg;
	struct user other;
	int err;

	err = store_user_by_email(store, plan->user.email, &other);
	if (err == 0)
		return err_set(note, ERR_EXISTS,
		    "there is a user of that address already");
	if (err == ERR_NOT_FOUND)
		err = add_account(tx, plan);
	if (err < 0)
		return err;
	plan->user.created_us = plan->user.updated_us = tx_now_us(tx);
	err = store_user_add(store, &plan->user, &plan->user.id);
	if (err == ERR_EXISTS)
		return err_set(note, ERR_CONFLICT,
		    "the first account has a user already");
	if (err == 0)
		tx_on_commit(tx, add_committed, plan, 0);
	return err;
}

static bool
users_are_full(struct users *users)
{
	bool are_full;

	(void)pthread_rwlock_rdlock(&users->lock);
	are_full = users->count >= USERS_MAX;
	(void)pthread_rwlock_unlock(&users->lock);
	return are_full;
}

int
engine_user_add(struct engine *engine, const struct user_new *new,
    struct user *ret_user, struct err_note *note)
{
	struct add_plan plan = {.engine = engine, .is_first = new->is_first};
	int err;

	plan.user.is_active = true;
	plan.user.is_superuser = new->is_first;
	plan.user.is_verified = new->is_verified;
	err = email_clean(new->email, plan.user.email, note);
	if (err == 0)
		err = password_allowed(new->password, note);
	if (err == 0 && users_are_full(engine->users))
		err = err_set(note, ERR_TOO_BIG, "there are %u users",
		    USERS_MAX);
	if (err == 0)
		err = gate_hash(engine->users, new->password,
		    plan.user.password, note);
	if (err < 0)
		return err;
	plan.known = mem_zalloc(sizeof(*plan.known));
	if (plan.known == NULL)
		return ERR_NOMEM;
	err = writer_do(engine->writer, add_apply, &plan, note);
	mem_free(plan.known);
	if (err == 0)
		*ret_user = plan.user;
	return err;
}

int
engine_user_register(struct engine *engine, const struct origin *origin,
    const char *email, const char *password, struct user *ret_user,
    unsigned *ret_wait_s, struct err_note *note)
{
	struct user_new new = {.email = email, .password = password};

	*ret_wait_s = 0;
	if (engine->registration == REGISTRATION_OFF)
		return err_set(note, ERR_FORBIDDEN,
		    "Users are added by the operator of this server: "
		    "tidemark user add EMAIL");
	if (engine->registration == REGISTRATION_LOCAL && !origin->is_local)
		return err_set(note, ERR_FORBIDDEN,
		    "Registration is open on the server's own machine only; "
		    "the setting registration changes that.");
	*ret_wait_s = attempts_take(engine->users->attempts,
	    ATTEMPT_REGISTER, origin->address, origin_len(origin),
	    clock_mono_us());
	if (*ret_wait_s > 0)
		return err_set(note, ERR_BUSY,
		    "Too many registrations; try again in %u seconds.",
		    *ret_wait_s);
	return engine_user_add(engine, &new, ret_user, note);
}

/* ---- changing ------------------------------------------------------------ */

struct edit_plan {
	struct engine *engine;
	struct uuid uuid;
	user_edit_fn *fn;
	void *arg;
	struct user user;
};

static void
edit_committed(void *arg, int64_t id)
{
	const struct edit_plan *plan = arg;
	struct users *users = plan->engine->users;
	struct known *known;

	(void)id;
	(void)pthread_rwlock_wrlock(&users->lock);
	known = known_find(users, &plan->uuid);
	if (known != NULL)
		known_set(known, &plan->user);
	(void)pthread_rwlock_unlock(&users->lock);
}

static int
edit_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct edit_plan *plan = arg;
	int err;

	err = store_user_get(tx_store(tx), &plan->uuid, &plan->user);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such user");
	if (err == 0)
		err = plan->fn(plan->arg, &plan->user, note);
	if (err < 0)
		return err;
	plan->user.updated_us = tx_now_us(tx);
	err = store_user_save(tx_store(tx), &plan->user);
	if (err == ERR_EXISTS)
		return err_set(note, err,
		    "there is a user of that address already");
	if (err == 0)
		tx_on_commit(tx, edit_committed, plan, 0);
	return err;
}

int
user_edit(struct engine *engine, const struct uuid *uuid, user_edit_fn *fn,
    void *arg, struct user *ret_user, struct err_note *note)
{
	struct edit_plan plan = {.engine = engine, .uuid = *uuid, .fn = fn,
	    .arg = arg};
	int err;

	err = writer_do(engine->writer, edit_apply, &plan, note);
	if (err == 0 && ret_user != NULL)
		*ret_user = plan.user;
	return err;
}

struct change_plan {
	const struct user_change *change;
	char email[EMAIL_BYTES_MAX + 1];
	char password[PASSWORD_HASH_SIZE];
};

static int
change_edit(void *arg, struct user *user, struct err_note *note)
{
	const struct change_plan *plan = arg;
	const struct user_change *change = plan->change;
	struct user old = *user;

	(void)note;
	if (change->email != NULL && strcmp(user->email, plan->email) != 0) {
		memcpy(user->email, plan->email, sizeof(user->email));
		user->is_verified = false;
	}
	if (change->password != NULL)
		memcpy(user->password, plan->password,
		    sizeof(user->password));
	if (change->sets_active)
		user->is_active = change->is_active;
	if (change->sets_superuser)
		user->is_superuser = change->is_superuser;
	if (change->sets_verified)
		user->is_verified = change->is_verified;
	if (change->password != NULL || strcmp(user->email, old.email) != 0 ||
	    user->is_active != old.is_active ||
	    user->is_superuser != old.is_superuser)
		user->generation++;
	return 0;
}

int
engine_user_change(struct engine *engine, const struct uuid *user,
    const struct user_change *change, struct user *ret_user,
    struct err_note *note)
{
	struct change_plan plan = {.change = change};
	int err = 0;

	if (change->email != NULL)
		err = email_clean(change->email, plan.email, note);
	if (err == 0 && change->password != NULL)
		err = password_allowed(change->password, note);
	if (err == 0 && change->password != NULL)
		err = gate_hash(engine->users, change->password,
		    plan.password, note);
	return err < 0 ? err
		       : user_edit(engine, user, change_edit, &plan, ret_user,
			     note);
}
