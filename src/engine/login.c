/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in.  A password takes 64 MiB and some 60 ms of a processor each time
 * it is looked at, on a thread that answers requests: so a few are looked at
 * at a time, a few more wait, and whoever comes then is told to come again.
 * Otherwise strangers could hold all those threads.
 *
 * An attempt is counted before the password is looked at, and given back when
 * it was the right one: any number of attempts at once are no way around the
 * bound.
 */
#include <string.h>

#include "base/err.h"
#include "engine/user_int.h"
#include "sys/clock.h"

#define BUSY_WAIT_S 1u

/* ---- the gate ------------------------------------------------------------ */

static int
gate_enter(struct users *users, struct err_note *note)
{
	bool is_full;

	(void)pthread_mutex_lock(&users->gate_lock);
	is_full = users->hashing == PASSWORDS_AT_ONCE &&
	    users->waiting == PASSWORDS_WAITING;
	if (!is_full) {
		users->waiting++;
		while (users->hashing == PASSWORDS_AT_ONCE)
			(void)pthread_cond_wait(&users->gate,
			    &users->gate_lock);
		users->waiting--;
		users->hashing++;
	}
	(void)pthread_mutex_unlock(&users->gate_lock);
	return is_full ? err_set(note, ERR_BUSY,
			     "Too many passwords are being looked at; try "
			     "again in a moment.")
		       : 0;
}

static void
gate_leave(struct users *users)
{
	(void)pthread_mutex_lock(&users->gate_lock);
	users->hashing--;
	(void)pthread_cond_signal(&users->gate);
	(void)pthread_mutex_unlock(&users->gate_lock);
}

int
gate_hash(struct users *users, const char *password,
    char ret_hash[PASSWORD_HASH_SIZE], struct err_note *note)
{
	int err;

	err = gate_enter(users, note);
	if (err < 0)
		return err;
	err = password_hash(password, strlen(password), ret_hash);
	gate_leave(users);
	return err;
}

static int
gate_check(struct users *users, const char *password, const char *hash,
    struct err_note *note)
{
	int got;

	got = gate_enter(users, note);
	if (got < 0)
		return got;
	got = password_check(password, strlen(password), hash);
	gate_leave(users);
	return got;
}

/* ---- logging in ---------------------------------------------------------- */

/* The user of that address as stored now; no user is one without password. */
static int
user_read(struct engine *engine, const char *email, struct user *ret_user,
    struct err_note *note)
{
	struct store *reader = NULL;
	int err;

	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = store_user_by_email(reader, email, ret_user);
	store_close(reader);
	if (err == ERR_NOT_FOUND) {
		memset(ret_user, 0, sizeof(*ret_user));
		err = 0;
	}
	return err;
}

/* One attempt of the address's and one of the user's, or none. */
static unsigned
attempt_take(struct users *users, const struct origin *origin,
    const char *email, int64_t now_us)
{
	unsigned wait_s;

	wait_s = attempts_take(users->attempts, ATTEMPT_FROM,
	    origin->address, origin_len(origin), now_us);
	if (wait_s > 0)
		return wait_s;
	wait_s = attempts_take(users->attempts, ATTEMPT_FOR, email,
	    strlen(email), now_us);
	if (wait_s > 0)
		attempts_give(users->attempts, ATTEMPT_FROM, origin->address,
		    origin_len(origin), now_us);
	return wait_s;
}

static void
attempt_give(struct users *users, const struct origin *origin,
    const char *email, int64_t now_us)
{
	attempts_give(users->attempts, ATTEMPT_FROM, origin->address,
	    origin_len(origin), now_us);
	attempts_give(users->attempts, ATTEMPT_FOR, email, strlen(email),
	    now_us);
}

int
engine_login(struct engine *engine, const struct origin *origin,
    const char *email, const char *password, struct user *ret_user,
    unsigned *ret_wait_s, struct err_note *note)
{
	struct users *users = engine->users;
	int64_t now_us = clock_mono_us();
	char clean[EMAIL_BYTES_MAX + 1];
	struct user user;
	int got;

	*ret_wait_s = 0;
	/* What cannot be anybody's tells nobody anything. */
	if (email_clean(email, clean, NULL) < 0 ||
	    strlen(password) > PASSWORD_BYTES_MAX)
		return ERR_UNAUTHORIZED;
	*ret_wait_s = attempt_take(users, origin, clean, now_us);
	if (*ret_wait_s > 0)
		return err_set(note, ERR_BUSY,
		    "Too many attempts; try again in %u seconds.",
		    *ret_wait_s);
	got = user_read(engine, clean, &user, note);
	if (got == 0)
		got = gate_check(users, password, user.password, note);
	if (got == ERR_BUSY)
		*ret_wait_s = BUSY_WAIT_S;
	/* What is no answer was no attempt. */
	if (got != 0)
		attempt_give(users, origin, clean, now_us);
	if (got < 0)
		return got;
	if (got == 0 || !user.is_active)
		return ERR_UNAUTHORIZED;
	*ret_user = user;
	return 0;
}
