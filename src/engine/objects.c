/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects: bytes that are uploaded ahead of the source that names them.
 *
 * A key is "ACCOUNT-RANDOM-NAME": whose it is, 128 random bits that nobody
 * guesses, and as much of the file's name as an address can hold without
 * being escaped.  It has no slash, so it is one segment of a path.  The
 * account stands in the key because who puts an object shows no other key;
 * nobody changes it, since the signature is over the whole.
 *
 * Each put is one operation: small bytes and the row that refers to them are
 * stored together, larger bytes are a durable file before that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine_int.h"
#include "engine/sign.h"
#include "engine/sources.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/rng.h"

#define RANDOM_BYTES 16
#define NAME_KEPT_BYTES 128u /* of the name, in a key */

_Static_assert(OBJECT_URL_QUERY_SIZE == SIGN_QUERY_SIZE, "one and the same");
_Static_assert(20 + 2 * RANDOM_BYTES + NAME_KEPT_BYTES + 3 <=
	OBJECT_KEY_BYTES_MAX, "a key has its place");

static bool
char_is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* What is left of a name: the end of it, where the extension is. */
static void
name_sanitize(const char *name, char out[NAME_KEPT_BYTES + 1])
{
	char plain[UPLOAD_NAME_BYTES_MAX + 1];
	const char *slash = strrchr(name, '/');
	size_t len = 0, from;

	for (name = slash == NULL ? name : slash + 1; *name != '\0'; name++) {
		/* One '_' for a character, however many bytes it has. */
		if (((unsigned char)*name & 0xC0) == 0x80)
			continue;
		plain[len++] = char_is_plain(*name) ? *name : '_';
	}
	plain[len] = '\0';
	from = len > NAME_KEPT_BYTES ? len - NAME_KEPT_BYTES : 0;
	memcpy(out, plain + from, len - from + 1);
}

static void
key_make(int64_t account_id, const char *name, char out[OBJECT_KEY_BYTES_MAX])
{
	char hex[2 * RANDOM_BYTES + 1], kept[NAME_KEPT_BYTES + 1];
	uint8_t random[RANDOM_BYTES];
	size_t i;

	rng_bytes(random, sizeof(random));
	for (i = 0; i < sizeof(random); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", random[i]);
	name_sanitize(name, kept);
	(void)snprintf(out, OBJECT_KEY_BYTES_MAX, "%" PRId64 "-%s-%s",
	    account_id, hex, kept);
}

/* Whose key it says it is; ERR_INVALID: none of ours. */
static int
key_account(const char *key, int64_t *ret_account_id)
{
	int64_t account_id = 0;
	size_t i, len = strlen(key);

	for (i = 0; key[i] >= '0' && key[i] <= '9'; i++) {
		if (account_id > (INT64_MAX - 9) / 10)
			return ERR_INVALID;
		account_id = account_id * 10 + (key[i] - '0');
	}
	if (account_id == 0 || key[i] != '-' || len >= OBJECT_KEY_BYTES_MAX)
		return ERR_INVALID;
	*ret_account_id = account_id;
	return 0;
}

int
engine_object_sign(struct engine *engine, int64_t account_id,
    const char *name, int64_t expires_s, char ret_key[OBJECT_KEY_BYTES_MAX],
    char ret_query[OBJECT_URL_QUERY_SIZE], struct err_note *note)
{
	char clean[UPLOAD_NAME_BYTES_MAX + 1], key[OBJECT_KEY_BYTES_MAX];
	int err;

	err = upload_name_clean(name, clean);
	if (err == ERR_TOO_BIG)
		return err_set(note, err, "a file's name has more than %u "
		    "bytes", UPLOAD_NAME_BYTES_MAX);
	if (err < 0)
		return err_set(note, err, "a file needs a name, in UTF-8");
	key_make(account_id, clean, key);
	err = sign_query(engine->seal, SIGN_PUT_OBJECT, key, expires_s,
	    ret_query);
	if (err < 0)
		return err_set(note, err, "the address cannot be signed: %s",
		    err_text(err));
	memcpy(ret_key, key, sizeof(key));
	return 0;
}

int
engine_object_check(struct engine *engine, const char *key,
    const char *expires, const char *signature, int64_t *ret_account_id)
{
	int err;

	err = sign_check(engine->seal, SIGN_PUT_OBJECT, key, expires,
	    signature, clock_wall_us());
	return err < 0 ? err : key_account(key, ret_account_id);
}

int
engine_path_sign(struct engine *engine, const char *path, int64_t expires_s,
    char ret_query[OBJECT_URL_QUERY_SIZE])
{
	return sign_query(engine->seal, SIGN_GET_PATH, path, expires_s,
	    ret_query);
}

int
engine_path_check(struct engine *engine, const char *path,
    const char *expires, const char *signature)
{
	return sign_check(engine->seal, SIGN_GET_PATH, path, expires,
	    signature, clock_wall_us());
}

/* ---- content ------------------------------------------------------------ */

struct object_op {
	struct object object;
	const struct upload *upload;
	bool is_new;
};

static int
object_found(void *arg, const struct object *object)
{
	(void)arg;
	(void)object;
	return 0;
}

static int
object_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct object_op *op = arg;
	int err;

	(void)note;
	err = store_object_get(tx_store(tx), op->object.account_id,
	    op->object.key, object_found, NULL);
	op->is_new = err == ERR_NOT_FOUND;
	if (err < 0 && !op->is_new)
		return err;
	err = upload_put(op->upload, tx_store(tx));
	if (err < 0)
		return err;
	op->object.created_us = tx_now_us(tx);
	return store_object_put(tx_store(tx), &op->object);
}

int
engine_object_put(struct engine *engine, int64_t account_id, const char *key,
    struct upload *upload, struct err_note *note)
{
	struct object_op op = {.upload = upload,
	    .object = {.account_id = account_id, .key = key,
		.name = upload_name(upload), .bytes = upload_bytes(upload)}};
	int64_t owner;
	int err;

	err = key_account(key, &owner);
	if (err < 0 || owner != account_id)
		return err_set(note, ERR_INVALID, "no key of the account");
	memcpy(op.object.hash, upload_hash(upload), HASH_SIZE);
	err = uploads_store(&upload, 1, note);
	if (err < 0)
		return err;
	err = writer_do(engine->writer, object_apply, &op, note);
	/* Nothing refers to what was there before, perhaps. */
	if (err == 0 && !op.is_new)
		janitor_wake(engine->janitor);
	return err;
}
