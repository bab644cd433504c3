/* SPDX-License-Identifier: Apache-2.0 */
/*
 * users: people who have an account each, their passwords and sessions.
 *
 * Floor 4; any thread.  A user's uuid is that of the account, so what belongs
 * to the account belongs to the user, and an account without a user has an
 * owner all the same.
 *
 * A session is a token that the user carries (sys/jwt.h); engine_authenticate()
 * takes it wherever it takes a key.  It ends when it expires, when
 * engine_session_end() is called for it, and with all others of the user when
 * password, address or standing of the user change.  Accounts without users
 * have sessions, too: those that a key begins, for pages of a browser, which
 * is no place for the key itself.
 */
#ifndef ENGINE_USERS_H
#define ENGINE_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "store/store_user.h"

struct buf;
struct users;

/* Where somebody calls from, to tell callers apart: IPv6, or IPv4 as it is
 * written in that (::ffff:a.b.c.d). */
struct origin {
	uint8_t address[16];
	bool is_local; /* this machine, and no proxy of it */
};

/* ---- users -------------------------------------------------------------- */

/*
 * email: as people write it; kept in lower case.  ERR_INVALID with the reason
 * in words: it is no address.
 */
int email_clean(const char *email, char ret_email[EMAIL_BYTES_MAX + 1],
    struct err_note *note);
/* ERR_INVALID with words: too short, too long, not UTF-8. */
int password_allowed(const char *password, struct err_note *note);

struct user_new {
	const char *email, *password;
	bool is_verified;
	/* The user of the first account, who may change others; ERR_CONFLICT:
	 * that account has one. */
	bool is_first;
};
/* ERR_INVALID, ERR_EXISTS: the address is taken; ERR_TOO_BIG over USERS_MAX;
 * ERR_BUSY: too many passwords at once. */
int engine_user_add(struct engine *engine, const struct user_new *new,
    struct user *ret_user, struct err_note *note);

/*
 * The same for somebody who comes along.  ERR_FORBIDDEN: the setting does not
 * allow it from there.  ERR_BUSY with *ret_wait_s not 0: too many from there
 * lately; so long they have to wait.
 */
int engine_user_register(struct engine *engine, const struct origin *origin,
    const char *email, const char *password, struct user *ret_user,
    unsigned *ret_wait_s, struct err_note *note);

struct user_change {
	const char *email, *password; /* NULL: as it is */
	bool sets_active, is_active;
	bool sets_superuser, is_superuser;
	bool sets_verified, is_verified;
};
/* A new address is not verified, unless the change says so.  ERR_NOT_FOUND,
 * and as engine_user_add(). */
int engine_user_change(struct engine *engine, const struct uuid *user,
    const struct user_change *change, struct user *ret_user,
    struct err_note *note);

/* With all keys of the account, its groups, and what was granted to it; the
 * account goes as soon as nothing refers to it (the first one stays).
 * ERR_NOT_FOUND; ERR_CONFLICT: the user has bases. */
int engine_user_delete(struct engine *engine, const struct uuid *user,
    struct err_note *note);

/* ---- keys of users (user_keys.c) ----------------------------------------- */

#define USER_KEY_SIZE 65 /* 64 hexadecimal digits */
/* A key for the account.  ERR_TOO_BIG: it has max that are not revoked;
 * ERR_INVALID: the label. */
int engine_user_key(struct engine *engine, int64_t account_id,
    const char *label, size_t max, char ret_text[USER_KEY_SIZE],
    struct api_key *ret_key, struct err_note *note);

/* ---- sessions (sessions.c) ----------------------------------------------- */

/*
 * Whose password is that?  ERR_UNAUTHORIZED: nobody's, or the user is not
 * active; which of these cannot be told, not by the time it takes either.
 * ERR_BUSY with *ret_wait_s not 0: too many failed from there, or for that
 * user, lately; or too many ask at once.  Takes some 60 ms of a processor: not
 * for a thread that others wait for.
 */
int engine_login(struct engine *engine, const struct origin *origin,
    const char *email, const char *password, struct user *ret_user,
    unsigned *ret_wait_s, struct err_note *note);

/* Append the token of a new session. */
int engine_session_open(struct engine *engine, const struct user *user,
    struct buf *out);
/*
 * The same for a caller that came with a key: a session of
 * KEY_SESSION_SECONDS, which also ends when that key is revoked.  ERR_INVALID:
 * it came with a session itself; ERR_UNAUTHORIZED: the key was revoked
 * meanwhile.
 */
int engine_key_session_open(struct engine *engine,
    const struct caller *caller, struct buf *out, int64_t *ret_until_s);
/* The caller's own, if it came with one: the token is worth nothing from now
 * on.  With a key nothing happens. */
int engine_session_end(struct engine *engine, const struct caller *caller,
    struct err_note *note);

/* What else a token can be for; each is good once, for an hour. */
enum user_token { USER_TOKEN_RESET, USER_TOKEN_VERIFY, USER_TOKEN_COUNT };
int engine_user_token(struct engine *engine, const struct user *user,
    enum user_token use, struct buf *out);
/* ERR_UNAUTHORIZED: the token is none, or is used up; ERR_INVALID: the
 * password is not allowed; ERR_BUSY. */
int engine_user_reset(struct engine *engine, const char *token,
    const char *password, struct err_note *note);
/* ERR_UNAUTHORIZED; ERR_EXISTS: verified already. */
int engine_user_verify(struct engine *engine, const char *token,
    struct user *ret_user, struct err_note *note);

#endif
