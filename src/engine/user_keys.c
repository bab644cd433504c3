/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that users make for their programs: as all keys of the account, but
 * bounded in number and of another look, 64 hexadecimal digits.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "engine/user_int.h"
#include "engine/writer.h"
#include "sys/rng.h"
#include "sys/sha256.h"

_Static_assert(USER_KEY_SIZE == SHA256_TEXT_SIZE, "32 bytes in digits");

struct key_plan {
	struct api_key key;
	size_t count, max;
};

static int
key_count(void *arg, const struct api_key *key)
{
	struct key_plan *plan = arg;

	plan->count += key->account_id == plan->key.account_id &&
	    key->revoked_us == 0;
	return 0;
}

static int
key_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct key_plan *plan = arg;
	int err;

	plan->count = 0;
	err = store_keys_each(tx_store(tx), plan->key.account_id, key_count,
	    plan);
	if (err == 0 && plan->count >= plan->max)
		return err_set(note, ERR_TOO_BIG,
		    "There are %zu API keys already, which is the most; "
		    "delete one first.", plan->count);
	plan->key.created_us = tx_now_us(tx);
	return err < 0 ? err
		       : store_key_add(tx_store(tx), &plan->key,
			     &plan->key.id);
}

static int
label_check(const char *label, struct err_note *note)
{
	size_t i, len = strlen(label);

	if (len >= sizeof(((struct api_key *)NULL)->label))
		return err_set(note, ERR_INVALID,
		    "The name of a key has at most %zu bytes.",
		    sizeof(((struct api_key *)NULL)->label) - 1);
	for (i = 0; i < len; i++)
		if ((unsigned char)label[i] < ' ' || label[i] == 0x7F)
			return err_set(note, ERR_INVALID,
			    "The name of a key may not hold control "
			    "characters.");
	return utf8_is_valid(label, len)
	    ? 0 : err_set(note, ERR_INVALID, "The name must be UTF-8.");
}

int
engine_user_key(struct engine *engine, int64_t account_id,
    const char *label, size_t max, char ret_text[USER_KEY_SIZE],
    struct api_key *ret_key, struct err_note *note)
{
	struct key_plan plan = {.max = max};
	uint8_t random[SHA256_SIZE];
	char text[USER_KEY_SIZE];
	int err;

	err = label_check(label, note);
	if (err < 0)
		return err;
	rng_bytes(random, sizeof(random));
	sha256_format(random, text);
	plan.key.uuid = rng_uuid();
	plan.key.account_id = account_id;
	sha256_of(text, strlen(text), plan.key.hash);
	(void)snprintf(plan.key.label, sizeof(plan.key.label), "%s", label);
	(void)snprintf(plan.key.prefix, sizeof(plan.key.prefix), "%.8s",
	    text);
	err = writer_do(engine->writer, key_apply, &plan, note);
	if (err == 0)
		err = keyring_put(engine->keyring, &plan.key);
	if (err < 0)
		return err;
	memcpy(ret_text, text, sizeof(text));
	*ret_key = plan.key;
	return 0;
}
