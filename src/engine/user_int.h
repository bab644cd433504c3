/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_int: what the files about users share.  What is asked for with each
 * request is in memory: who there is, and which sessions were ended.
 */
#ifndef ENGINE_USER_INT_H
#define ENGINE_USER_INT_H

#include <pthread.h>
#include <string.h>

#include "engine/engine_int.h"
#include "engine/users.h"
#include "sys/jwt.h"

#define KNOWN_BUCKETS 4096u
#define ENDED_BUCKETS 4096u

/* A user, as far as requests need one. */
struct known {
	struct known *uuid_next, *account_next; /* of their buckets */
	int64_t id, account_id, generation;
	struct uuid uuid;
	bool is_active, is_superuser;
	char label[64]; /* the address, cut at a character when too long */
};

struct ended {
	struct ended *next;
	struct uuid session;
	int64_t until_us;
};

struct attempts;

struct users {
	pthread_rwlock_t lock; /* of the tables; held for look-ups alone */
	struct known *by_uuid[KNOWN_BUCKETS];
	struct known *by_account[KNOWN_BUCKETS];
	size_t count;
	struct ended *ended[ENDED_BUCKETS];
	size_t ended_count;
	struct attempts *attempts;
	pthread_mutex_t gate_lock; /* of what follows */
	pthread_cond_t gate;
	unsigned hashing, waiting; /* passwords */
	uint8_t session_key[JWT_KEY_SIZE], key_session_key[JWT_KEY_SIZE];
	uint8_t token_keys[USER_TOKEN_COUNT][JWT_KEY_SIZE];
};

/* ---- users.c ------------------------------------------------------------- */

/* By uuid, or NULL; the lock is held. */
struct known *known_find(const struct users *users, const struct uuid *uuid);
/* Forget it; the lock is held for writing. */
void known_drop(struct users *users, const struct uuid *uuid);
/* Change the row and, with its commit, what is known of it.  fn changes *user
 * and returns 0 or an error; it may be called again, on the row as it was. */
typedef int user_edit_fn(void *arg, struct user *user, struct err_note *note);
int user_edit(struct engine *engine, const struct uuid *uuid,
    user_edit_fn *fn, void *arg, struct user *ret_user,
    struct err_note *note);
/* What others look at has changed: tokens of before are worth nothing. */
void known_set(struct known *known, const struct user *user);

/* ---- sessions.c ---------------------------------------------------------- */

/* Derive keys, read what was ended. */
int sessions_setup(struct engine *engine, struct err_note *note);
void sessions_free(struct users *users);

/* ---- login.c: passwords are hashed and compared a few at a time ---------- */

/* As password_hash(), after waiting for a place; ERR_BUSY: too many wait. */
int gate_hash(struct users *users, const char *password,
    char ret_hash[PASSWORD_HASH_SIZE], struct err_note *note);

/* ---- attempts.c ---------------------------------------------------------- */

/* How much of an address tells one from another: who has an IPv6 address has
 * 2^64 of them. */
static inline size_t
origin_len(const struct origin *origin)
{
	static const uint8_t v4[12] = {[10] = 0xFF, 0xFF};

	return memcmp(origin->address, v4, sizeof(v4)) == 0 ? 16 : 8;
}

struct attempts *attempts_new(void);
void attempts_free(struct attempts *attempts);

/* What is counted for whom. */
enum attempt_kind {
	ATTEMPT_FROM,	  /* logins that failed, by address */
	ATTEMPT_FOR,	  /* the same, by user */
	ATTEMPT_REGISTER, /* by address */
	ATTEMPT_KIND_COUNT
};
/*
 * Take one from what the name has left: 0, or how many seconds it takes until
 * there is one again, and nothing is taken.
 */
unsigned attempts_take(struct attempts *attempts, enum attempt_kind kind,
    const void *name, size_t len, int64_t now_us);
/* It was no attempt of the kind that is bounded: give it back. */
void attempts_give(struct attempts *attempts, enum attempt_kind kind,
    const void *name, size_t len, int64_t now_us);

#endif
