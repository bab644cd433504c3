/* SPDX-License-Identifier: Apache-2.0 */
/* Users, and sessions that were ended. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_user.h"

int
store_user_add(struct store *store, const struct user *user, int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_USER_ADD);
	q_blob(&q, user->uuid.bytes, sizeof(user->uuid.bytes));
	q_int(&q, user->account_id);
	q_text(&q, user->email);
	q_text(&q, user->password);
	q_int(&q, user->is_active);
	q_int(&q, user->is_superuser);
	q_int(&q, user->is_verified);
	q_int(&q, user->generation);
	q_int(&q, user->created_us);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

int
store_user_save(struct store *store, const struct user *user)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_USER_SAVE);
	q_int(&q, user->id);
	q_text(&q, user->email);
	q_text(&q, user->password);
	q_int(&q, user->is_active);
	q_int(&q, user->is_superuser);
	q_int(&q, user->is_verified);
	q_int(&q, user->generation);
	q_int(&q, user->updated_us);
	err = q_run(&q);
	return err == 0 && sqlite3_changes64(store->db) == 0 ? ERR_NOT_FOUND
							     : err;
}

int
store_user_delete(struct store *store, int64_t user_id)
{
	int err;

	err = stmt_run_1(store, STMT_USER_DELETE, user_id);
	return err == 0 && sqlite3_changes64(store->db) == 0 ? ERR_NOT_FOUND
							     : err;
}

/* The row that q stands on.  The columns are USER_COLUMNS. */
static int
user_read(struct q *q, struct user *ret_user)
{
	struct user user = {.id = q_col_int(q, 0)};
	const char *email = q_col_text(q, 3), *password = q_col_text(q, 4);
	const uint8_t *tenant;
	int err;

	err = q_col_uuid(q, 1, &user.uuid);
	if (err < 0)
		return err;
	if (strlen(email) >= sizeof(user.email) ||
	    strlen(password) >= sizeof(user.password))
		return ERR_CORRUPT;
	user.account_id = q_col_int(q, 2);
	memcpy(user.email, email, strlen(email));
	memcpy(user.password, password, strlen(password));
	user.is_active = q_col_int(q, 5) != 0;
	user.is_superuser = q_col_int(q, 6) != 0;
	user.is_verified = q_col_int(q, 7) != 0;
	user.generation = q_col_int(q, 8);
	user.created_us = q_col_int(q, 9);
	user.updated_us = q_col_int(q, 10);
	tenant = q_col_blob(q, 11, sizeof(user.tenant.bytes));
	user.has_tenant = tenant != NULL;
	if (tenant != NULL)
		memcpy(user.tenant.bytes, tenant, sizeof(user.tenant.bytes));
	*ret_user = user;
	return 0;
}

static int
user_one(struct q *q, struct user *ret_user)
{
	int got;

	got = q_step(q);
	if (got > 0)
		got = user_read(q, ret_user);
	else if (got == 0)
		got = ERR_NOT_FOUND;
	return q_close(q, got);
}

int
store_user_get(struct store *store, const struct uuid *uuid,
    struct user *ret_user)
{
	struct q q;

	q_open(&q, store, STMT_USER_GET);
	q_blob(&q, uuid->bytes, sizeof(uuid->bytes));
	return user_one(&q, ret_user);
}

int
store_user_by_email(struct store *store, const char *email,
    struct user *ret_user)
{
	struct q q;

	q_open(&q, store, STMT_USER_BY_EMAIL);
	q_text(&q, email);
	return user_one(&q, ret_user);
}

struct user_walk {
	user_fn *fn;
	void *arg;
};

static int
user_row(struct q *q, void *arg)
{
	const struct user_walk *walk = arg;
	struct user user;
	int err;

	err = user_read(q, &user);
	return err < 0 ? err : walk->fn(walk->arg, &user);
}

int
store_users_each(struct store *store, int64_t after_id, size_t limit,
    user_fn *fn, void *arg)
{
	struct user_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_USERS);
	q_int(&q, after_id);
	q_int(&q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	return q_each(&q, user_row, &walk);
}

static int
organization_step(struct store *store, enum stmt_id id,
    const struct uuid *organization)
{
	struct q q;

	q_open(&q, store, id);
	q_blob(&q, organization->bytes, sizeof(organization->bytes));
	return q_run(&q);
}

int
store_organization_drop(struct store *store, const struct uuid *organization)
{
	static const enum stmt_id steps[] = {STMT_ORGANIZATION_KEYS,
	    STMT_ORGANIZATION_TAGS, STMT_ORGANIZATION_REQUESTS,
	    STMT_ACCOUNTS_DELETE};
	struct account first;
	struct uuid uuid;
	int64_t id;
	size_t i;
	int err;

	err = store_account_first(store, &id, &uuid);
	if (err == 0)
		err = store_account_get(store, id, &first);
	if (err < 0 || uuid_is_equal(&first.organization, organization))
		return err;
	for (i = 0; err == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = organization_step(store, steps[i], organization);
	return err;
}

int
store_accounts_collect(struct store *store, size_t limit, bool *ret_more)
{
	static const struct collect collect = {STMT_ACCOUNTS_LOOK,
	    STMT_ACCOUNT_DELETE, 0};

	return collect_rows(store, &collect, limit, &store->account_looked,
	    ret_more);
}

int
store_accounts_have(struct store *store, bool *ret_have)
{
	return has_rows(store, STMT_ACCOUNTS_HAVE, ret_have);
}

int
store_organization_has_bases(struct store *store, int64_t account_id,
    bool *ret_has)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_ORGANIZATION_HAS_BASES);
	q_int(&q, account_id);
	got = q_step(&q);
	if (got >= 0) {
		*ret_has = got > 0;
		got = 0;
	}
	return q_close(&q, got);
}

/* ---- sessions that were ended -------------------------------------------- */

int
store_session_end(struct store *store, const struct uuid *session,
    int64_t until_us)
{
	struct q q;

	q_open(&q, store, STMT_SESSION_END);
	q_blob(&q, session->bytes, sizeof(session->bytes));
	q_int(&q, until_us);
	return q_run(&q);
}

struct session_walk {
	session_fn *fn;
	void *arg;
};

static int
session_row(struct q *q, void *arg)
{
	const struct session_walk *walk = arg;
	struct uuid session;
	int err;

	err = q_col_uuid(q, 0, &session);
	return err < 0 ? err : walk->fn(walk->arg, &session, q_col_int(q, 1));
}

int
store_sessions_ended(struct store *store, int64_t after_us, session_fn *fn,
    void *arg)
{
	struct session_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_SESSIONS_ENDED);
	q_int(&q, after_us);
	return q_each(&q, session_row, &walk);
}

int
store_sessions_forget(struct store *store, int64_t before_us)
{
	return stmt_run_1(store, STMT_SESSIONS_FORGET, before_us);
}
