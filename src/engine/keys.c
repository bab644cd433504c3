/* SPDX-License-Identifier: Apache-2.0 */
/*
 * API keys.  A key is 256 random bits, so its SHA-256 is all that is kept and
 * needs no salt and no slowness.  All hashes are in memory; a look-up goes by
 * the hash's own first bytes (an attacker cannot choose them) and compares the
 * rest in constant time.
 *
 * lock guards the table; it is held for a look-up, never for I/O.
 */
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/jwt.h"
#include "sys/rng.h"
#include "sys/sha256.h"

#define KEY_PREFIX "tm-"
#define KEY_RANDOM 32
#define KEY_GIVEN_MIN 8 /* characters of one that the operator chose */
#define PREFIX_MAX 8	/* characters shown of a key, but a quarter at most */

struct keyring {
	pthread_rwlock_t lock;
	struct api_key *keys;
	size_t count, size;
};

struct keyring *
keyring_new(void)
{
	struct keyring *keyring;

	keyring = mem_zalloc(sizeof(*keyring));
	if (keyring != NULL)
		(void)pthread_rwlock_init(&keyring->lock, NULL);
	return keyring;
}

void
keyring_free(struct keyring *keyring)
{
	if (keyring == NULL)
		return;
	(void)pthread_rwlock_destroy(&keyring->lock);
	mem_free(keyring->keys);
	mem_free(keyring);
}

int
keyring_put(struct keyring *keyring, const struct api_key *key)
{
	struct api_key *keys;
	size_t size;
	int err = 0;

	(void)pthread_rwlock_wrlock(&keyring->lock);
	if (keyring->count == keyring->size) {
		size = keyring->size == 0 ? 8 : keyring->size * 2;
		keys = mem_resize(keyring->keys, size, sizeof(*keys));
		if (keys == NULL) {
			err = ERR_NOMEM;
		} else {
			keyring->keys = keys;
			keyring->size = size;
		}
	}
	if (err == 0)
		keyring->keys[keyring->count++] = *key;
	(void)pthread_rwlock_unlock(&keyring->lock);
	return err;
}

void
keyring_drop(struct keyring *keyring, const struct uuid *uuid)
{
	size_t i;

	(void)pthread_rwlock_wrlock(&keyring->lock);
	for (i = 0; i < keyring->count; i++) {
		if (!uuid_is_equal(&keyring->keys[i].uuid, uuid))
			continue;
		keyring->keys[i] = keyring->keys[--keyring->count];
		break;
	}
	(void)pthread_rwlock_unlock(&keyring->lock);
}

static void
caller_fill(const struct api_key *key, struct caller *caller)
{
	memset(caller, 0, sizeof(*caller));
	caller->account_id = key->account_id;
	caller->key_id = key->id;
	memcpy(caller->label, key->label, sizeof(key->label));
}

int
keyring_caller(struct keyring *keyring, const struct uuid *uuid,
    struct caller *ret_caller)
{
	int err = ERR_UNAUTHORIZED;
	size_t i;

	(void)pthread_rwlock_rdlock(&keyring->lock);
	for (i = 0; i < keyring->count; i++) {
		if (!uuid_is_equal(&keyring->keys[i].uuid, uuid))
			continue;
		caller_fill(&keyring->keys[i], ret_caller);
		err = 0;
		break;
	}
	(void)pthread_rwlock_unlock(&keyring->lock);
	return err;
}

int
keyring_name(struct keyring *keyring, int64_t key_id, struct uuid *ret_uuid)
{
	int err = ERR_UNAUTHORIZED;
	size_t i;

	(void)pthread_rwlock_rdlock(&keyring->lock);
	for (i = 0; i < keyring->count; i++) {
		if (keyring->keys[i].id != key_id)
			continue;
		*ret_uuid = keyring->keys[i].uuid;
		err = 0;
		break;
	}
	(void)pthread_rwlock_unlock(&keyring->lock);
	return err;
}

int
engine_authenticate(struct engine *engine, const char *key, size_t len,
    struct caller *ret_caller)
{
	struct keyring *keyring = engine->keyring;
	const struct api_key *known;
	uint8_t hash[HASH_SIZE];
	int err = ERR_UNAUTHORIZED;
	size_t i;

	if (len == 0 || len > URI_BYTES_MAX)
		return ERR_UNAUTHORIZED;
	if (jwt_is(key, len))
		return users_session_caller(engine, key, len, ret_caller);
	sha256_of(key, len, hash);
	(void)pthread_rwlock_rdlock(&keyring->lock);
	for (i = 0; i < keyring->count; i++) {
		known = &keyring->keys[i];
		if (CRYPTO_memcmp(known->hash, hash, sizeof(hash)) != 0)
			continue;
		caller_fill(known, ret_caller);
		err = 0;
		break;
	}
	(void)pthread_rwlock_unlock(&keyring->lock);
	return err == 0 ? users_key_caller(engine, ret_caller) : err;
}

struct key_plan {
	struct engine *engine;
	struct api_key key;
};

static int
key_add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct key_plan *plan = arg;

	(void)note;
	plan->key.created_us = tx_now_us(tx);
	return store_key_add(tx_store(tx), &plan->key, &plan->key.id);
}

static void
key_text(char out[KEY_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[KEY_RANDOM];
	size_t i, at = strlen(KEY_PREFIX);

	rng_bytes(random, sizeof(random));
	memcpy(out, KEY_PREFIX, at);
	for (i = 0; i < sizeof(random); i++) {
		out[at++] = digits[random[i] >> 4];
		out[at++] = digits[random[i] & 15];
	}
	out[at] = '\0';
}

static int
key_store(struct engine *engine, int64_t account_id, const char *text,
    const char *label, struct uuid *ret_uuid, struct err_note *note)
{
	struct key_plan plan = {.engine = engine};
	size_t len = strlen(text);
	int err;

	plan.key.uuid = rng_uuid();
	plan.key.account_id = account_id;
	sha256_of(text, len, plan.key.hash);
	(void)snprintf(plan.key.label, sizeof(plan.key.label), "%s", label);
	(void)snprintf(plan.key.prefix, sizeof(plan.key.prefix), "%.*s",
	    len / 4 < PREFIX_MAX ? (int)(len / 4) : PREFIX_MAX, text);
	err = writer_do(engine->writer, key_add_apply, &plan, note);
	if (err == 0)
		err = keyring_put(engine->keyring, &plan.key);
	if (err == 0)
		*ret_uuid = plan.key.uuid;
	return err;
}

int
engine_key_create(struct engine *engine, int64_t account_id,
    const char *label, char ret_text[KEY_TEXT_SIZE], struct uuid *ret_uuid,
    struct err_note *note)
{
	char text[KEY_TEXT_SIZE];
	const char *c;
	int err;

	if (strlen(label) >= sizeof(((struct api_key *)NULL)->label))
		return err_set(note, ERR_TOO_BIG, "the label is too long");
	for (c = label; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			return err_set(note, ERR_INVALID,
			    "a label may not hold control characters");
	key_text(text);
	err = key_store(engine, account_id, text, label, ret_uuid, note);
	if (err == 0)
		memcpy(ret_text, text, sizeof(text));
	return err;
}

struct revoke {
	struct keyring *keyring;
	int64_t account_id;
	struct uuid uuid;
};

/* Before streams are woken: they look whether their caller's key stands, and
 * sleep until another commit when it does. */
static void
revoke_committed(void *arg, int64_t id)
{
	const struct revoke *revoke = arg;

	(void)id;
	keyring_drop(revoke->keyring, &revoke->uuid);
}

static int
key_revoke_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct revoke *revoke = arg;
	int err;

	err = store_key_revoke(tx_store(tx), revoke->account_id,
	    &revoke->uuid, tx_now_us(tx));
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such key");
	if (err == 0)
		tx_on_commit(tx, revoke_committed, arg, 0);
	return err;
}

int
engine_key_revoke(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note)
{
	struct revoke revoke = {engine->keyring, account_id, *uuid};

	return writer_do(engine->writer, key_revoke_apply, &revoke, note);
}

/* ---- the first start ---------------------------------------------------- */

static int
account_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct account account = {.uuid = rng_uuid(), .name = "default",
	    .environment = ENVIRONMENT_PRODUCTION,
	    .created_us = tx_now_us(tx)};

	(void)note;
	account.organization = account.uuid;
	return store_account_add(tx_store(tx), &account, arg);
}

static int
key_load(void *arg, const struct api_key *key)
{
	struct engine *engine = arg;

	return key->revoked_us != 0 ? 0 : keyring_put(engine->keyring, key);
}

static int
key_file_write(struct engine *engine, const char *text, struct err_note *note)
{
	char path[URI_BYTES_MAX], line[URI_BYTES_MAX];
	int len;

	(void)snprintf(path, sizeof(path), "%s/api-key", engine->data_dir);
	len = snprintf(line, sizeof(line), "%s\n", text);
	return fs_replace(path, line, (size_t)len, 0600, note);
}

/* A key that the operator gives by environment works from now on, whatever
 * keys there are. */
static int
key_given(struct engine *engine, int64_t account_id, const char *text,
    struct err_note *note)
{
	struct caller caller;
	struct uuid uuid;
	size_t len = strlen(text);
	int err;

	if (len < KEY_GIVEN_MIN || len > 512)
		return err_set(note, ERR_INVALID,
		    "the API key must have %d to 512 characters",
		    KEY_GIVEN_MIN);
	if (engine_authenticate(engine, text, len, &caller) == 0)
		return 0;
	err = key_store(engine, account_id, text, "given", &uuid, note);
	if (err == ERR_EXISTS)
		return err_set(note, ERR_INVALID,
		    "the API key given was revoked; give another one");
	return err < 0 ? err : key_file_write(engine, text, note);
}

int
keys_setup(struct engine *engine, const char *api_key, struct err_note *note)
{
	int64_t account_id = 0;
	struct uuid uuid;
	int err;

	err = store_account_first(engine->store, &account_id, &uuid);
	if (err == ERR_NOT_FOUND)
		err = writer_do(engine->writer, account_apply, &account_id,
		    note);
	if (err == 0)
		err = store_keys_each(engine->store, 0, key_load, engine);
	if (err < 0)
		return err;
	if (api_key != NULL && api_key[0] != '\0')
		return key_given(engine, account_id, api_key, note);
	if (engine->keyring->count > 0)
		return 0;
	key_text(engine->new_key);
	/* The file first: a key that nobody knows would be of no use. */
	err = key_file_write(engine, engine->new_key, note);
	if (err == 0)
		err = key_store(engine, account_id, engine->new_key, "first",
		    &uuid, note);
	return err;
}
