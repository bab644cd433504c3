/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user goes, with the keys, groups and grants of all of the user's accounts;
 * and the accounts, if nothing else refers to them.  Bases are not taken along:
 * nobody could take that back.
 */
#include "base/err.h"
#include "base/mem.h"
#include "engine/user_int.h"
#include "engine/writer.h"
#include "store/store_grant.h"
#include "store/store_memo.h"

struct delete_plan {
	struct engine *engine;
	struct uuid uuid;
	struct uuid *keys; /* of the organization, that are good; owned */
	size_t key_count, key_room;
};

static void
delete_committed(void *arg, int64_t id)
{
	const struct delete_plan *plan = arg;
	struct users *users = plan->engine->users;
	size_t i;

	(void)id;
	(void)pthread_rwlock_wrlock(&users->lock);
	known_drop(users, &plan->uuid);
	(void)pthread_rwlock_unlock(&users->lock);
	for (i = 0; i < plan->key_count; i++)
		keyring_drop(plan->engine->keyring, &plan->keys[i]);
}

static int
key_take(void *arg, const struct api_key *key)
{
	struct delete_plan *plan = arg;
	struct uuid *keys;
	size_t room = plan->key_room == 0 ? 16 : plan->key_room * 2;

	if (key->revoked_us != 0)
		return 0;
	if (plan->key_count == plan->key_room) {
		keys = mem_resize(plan->keys, room, sizeof(*keys));
		if (keys == NULL)
			return ERR_NOMEM;
		plan->keys = keys;
		plan->key_room = room;
	}
	plan->keys[plan->key_count++] = key->uuid;
	return 0;
}

static int
delete_keys(struct write_tx *tx, struct delete_plan *plan,
    int64_t account_id)
{
	size_t i;
	int err;

	plan->key_count = 0;
	err = store_keys_each(tx_store(tx), account_id, key_take, plan);
	for (i = 0; err == 0 && i < plan->key_count; i++)
		err = store_key_revoke(tx_store(tx), account_id,
		    &plan->keys[i], tx_now_us(tx));
	return err;
}

/* Grants and groups, of all accounts of the user, and what else is theirs
 * alone. */
static int
delete_accounts(struct store *store, int64_t account_id)
{
	struct account own, account;
	int environment, err;

	err = store_account_get(store, account_id, &own);
	for (environment = 0; err == 0 && environment < ENVIRONMENT_COUNT;
	     environment++) {
		err = store_account_of(store, &own.organization,
		    (enum environment)environment, &account);
		if (err == ERR_NOT_FOUND) {
			err = 0;
			continue;
		}
		if (err == 0)
			err = store_account_ungrant(store, account.id);
		if (err == 0)
			err = store_account_forget_words(store, account.id);
	}
	return err < 0 ? err
		       : store_organization_drop(store, &own.organization);
}

static int
delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct store *store = tx_store(tx);
	struct delete_plan *plan = arg;
	bool has_bases = false;
	struct user user;
	int err;

	err = store_user_get(store, &plan->uuid, &user);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such user");
	if (err == 0)
		err = store_organization_has_bases(store, user.account_id,
		    &has_bases);
	if (err == 0 && has_bases)
		return err_set(note, ERR_CONFLICT,
		    "The user has bases; delete them first.");
	if (err == 0)
		err = delete_keys(tx, plan, user.account_id);
	if (err == 0)
		err = store_user_delete(store, user.id);
	if (err == 0)
		err = delete_accounts(store, user.account_id);
	if (err == 0)
		tx_on_commit(tx, delete_committed, plan, 0);
	return err;
}

int
engine_user_delete(struct engine *engine, const struct uuid *user,
    struct err_note *note)
{
	struct delete_plan plan = {.engine = engine, .uuid = *user};
	int err;

	err = writer_do(engine->writer, delete_apply, &plan, note);
	mem_free(plan.keys);
	return err;
}
