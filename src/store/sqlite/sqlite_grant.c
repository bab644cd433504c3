/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of users, and grants.  What an account may do with a base is looked
 * up with two looks into indices and one for each group that it is in; nothing
 * is kept in memory, so that what is taken away is gone with its commit.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_grant.h"

static void
q_uuid(struct q *q, const struct uuid *uuid)
{
	q_blob(q, uuid->bytes, sizeof(uuid->bytes));
}

static int
count_one(struct q *q, uint64_t *ret_count)
{
	int got;

	got = q_step(q);
	if (got > 0)
		*ret_count = (uint64_t)q_col_int(q, 0);
	return q_close(q, got < 0 ? got : 0);
}

static int
count_of(struct store *store, enum stmt_id id, int64_t value,
    uint64_t *ret_count)
{
	struct q q;

	q_open(&q, store, id);
	q_int(&q, value);
	return count_one(&q, ret_count);
}

static int
changed(struct store *store, int err)
{
	return err == 0 && sqlite3_changes64(store->db) == 0 ? ERR_NOT_FOUND
							     : err;
}

/* ---- groups -------------------------------------------------------------- */

int
store_group_add(struct store *store, const struct user_group *group,
    int64_t *ret_id)
{
	struct q q;
	int err;

	q_open(&q, store, STMT_GROUP_ADD);
	q_uuid(&q, &group->uuid);
	q_int(&q, group->kind);
	q_text(&q, group->name);
	q_int(&q, group->owner_id);
	q_int(&q, group->tenant_id);
	q_int(&q, group->created_us);
	err = q_run(&q);
	if (err == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return err;
}

/* The row that q stands on.  The columns are GROUP_COLUMNS. */
static int
group_read(struct q *q, struct user_group *ret_group)
{
	struct user_group group = {.id = q_col_int(q, 0)};
	int64_t kind = q_col_int(q, 2);
	int err;

	err = q_col_uuid(q, 1, &group.uuid);
	if (err < 0)
		return err;
	if (kind != GROUP_TENANT && kind != GROUP_ROLE)
		return ERR_CORRUPT;
	group.kind = (enum group_kind)kind;
	(void)snprintf(group.name, sizeof(group.name), "%s",
	    q_col_text(q, 3));
	group.owner_id = q_col_int(q, 4);
	group.tenant_id = q_col_int(q, 5);
	group.created_us = q_col_int(q, 6);
	*ret_group = group;
	return 0;
}

static int
group_one(struct q *q, struct user_group *ret_group)
{
	int got;

	got = q_step(q);
	if (got > 0)
		got = group_read(q, ret_group);
	else if (got == 0)
		got = ERR_NOT_FOUND;
	return q_close(q, got);
}

int
store_group_find(struct store *store, const struct uuid *uuid,
    struct user_group *ret_group)
{
	struct q q;

	q_open(&q, store, STMT_GROUP_FIND);
	q_uuid(&q, uuid);
	return group_one(&q, ret_group);
}

/* The first group that the statement finds; 0: none. */
static int
group_first(struct store *store, enum stmt_id id, int64_t value,
    int64_t *ret_id)
{
	uint64_t first = 0;
	int err;

	err = count_of(store, id, value, &first);
	if (err == 0)
		*ret_id = (int64_t)first;
	return err;
}

static int
group_drop(struct store *store, int64_t group_id)
{
	static const enum stmt_id steps[] = {STMT_GROUP_DELETE_GRANTS,
	    STMT_GROUP_DELETE_USERS, STMT_GROUP_DELETE_CHOICES,
	    STMT_GROUP_DELETE};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = stmt_run_1(store, steps[i], group_id);
	return err;
}

int
store_group_delete(struct store *store, int64_t group_id)
{
	int64_t role_id;
	int err;

	do {
		role_id = 0;
		err = group_first(store, STMT_GROUP_ROLE, group_id, &role_id);
		if (err == 0 && role_id != 0)
			err = group_drop(store, role_id);
	} while (err == 0 && role_id != 0);
	return err < 0 ? err : group_drop(store, group_id);
}

struct group_walk {
	group_fn *fn;
	void *arg;
};

static int
group_row(struct q *q, void *arg)
{
	const struct group_walk *walk = arg;
	struct user_group group;
	int err;

	err = group_read(q, &group);
	return err < 0 ? err : walk->fn(walk->arg, &group);
}

int
store_groups_of(struct store *store, int64_t account_id, group_fn *fn,
    void *arg)
{
	struct group_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_GROUPS_OF);
	q_int(&q, account_id);
	return q_each(&q, group_row, &walk);
}

int
store_roles_of(struct store *store, int64_t tenant_id, group_fn *fn,
    void *arg)
{
	struct group_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_ROLES_OF);
	q_int(&q, tenant_id);
	return q_each(&q, group_row, &walk);
}

int
store_roles_in(struct store *store, int64_t tenant_id, int64_t account_id,
    group_fn *fn, void *arg)
{
	struct group_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_ROLES_IN);
	q_int(&q, tenant_id);
	q_int(&q, account_id);
	return q_each(&q, group_row, &walk);
}

int
store_groups_owned(struct store *store, int64_t account_id,
    uint64_t *ret_count)
{
	return count_of(store, STMT_GROUPS_OWNED, account_id, ret_count);
}

int
store_groups_count(struct store *store, int64_t account_id,
    uint64_t *ret_count)
{
	return count_of(store, STMT_GROUPS_COUNT, account_id, ret_count);
}

int
store_tenant_get(struct store *store, int64_t account_id,
    struct user_group *ret_tenant)
{
	struct q q;

	q_open(&q, store, STMT_TENANT_GET);
	q_int(&q, account_id);
	return group_one(&q, ret_tenant);
}

int
store_tenant_set(struct store *store, int64_t account_id, int64_t tenant_id)
{
	return stmt_run_2(store, STMT_TENANT_SET, account_id, tenant_id);
}

/* ---- who is in a group --------------------------------------------------- */

int
store_group_put(struct store *store, int64_t group_id, int64_t account_id)
{
	return stmt_run_2(store, STMT_GROUP_PUT, group_id, account_id);
}

int
store_group_take(struct store *store, int64_t group_id, int64_t account_id)
{
	int err;

	err = changed(store, stmt_run_2(store, STMT_GROUP_TAKE, group_id,
	    account_id));
	if (err == 0)
		err = stmt_run_2(store, STMT_GROUP_LEAVE_ROLES, group_id,
		    account_id);
	return err < 0 ? err
		       : stmt_run_2(store, STMT_GROUP_LEAVE, group_id,
			     account_id);
}

int
store_group_has(struct store *store, int64_t group_id, int64_t account_id,
    bool *ret_has)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_GROUP_HAS);
	q_int(&q, group_id);
	q_int(&q, account_id);
	got = q_step(&q);
	if (got >= 0)
		*ret_has = got > 0;
	return q_close(&q, got < 0 ? got : 0);
}

struct user_walk {
	group_user_fn *fn;
	void *arg;
};

static int
user_row(struct q *q, void *arg)
{
	const struct user_walk *walk = arg;
	struct group_user user = {.account_id = q_col_int(q, 0)};
	int err;

	err = q_col_uuid(q, 1, &user.uuid);
	(void)snprintf(user.email, sizeof(user.email), "%s",
	    q_col_text(q, 2));
	return err < 0 ? err : walk->fn(walk->arg, &user);
}

int
store_group_users(struct store *store, int64_t group_id, group_user_fn *fn,
    void *arg)
{
	struct user_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_GROUP_USERS);
	q_int(&q, group_id);
	return q_each(&q, user_row, &walk);
}

int
store_group_size(struct store *store, int64_t group_id, uint64_t *ret_count)
{
	return count_of(store, STMT_GROUP_SIZE, group_id, ret_count);
}

int
store_account_ungrant(struct store *store, int64_t account_id)
{
	int64_t group_id = 1;
	int err;

	err = stmt_run_1(store, STMT_GRANTS_DELETE, account_id);
	if (err == 0)
		err = stmt_run_1(store, STMT_GROUP_LEAVE_ALL, account_id);
	if (err == 0)
		err = store_tenant_set(store, account_id, 0);
	while (err == 0 && group_id != 0) {
		group_id = 0;
		err = group_first(store, STMT_GROUP_OWNED, account_id,
		    &group_id);
		if (err == 0 && group_id != 0)
			err = store_group_delete(store, group_id);
	}
	return err;
}

/* ---- grants -------------------------------------------------------------- */

int
store_grant_set(struct store *store, int64_t base_id,
    const struct uuid *principal, unsigned rights, int64_t now_us)
{
	struct q q;

	q_open(&q, store, rights == 0 ? STMT_GRANT_DELETE : STMT_GRANT_SET);
	q_int(&q, base_id);
	q_uuid(&q, principal);
	if (rights != 0) {
		q_int(&q, rights);
		q_int(&q, now_us);
	}
	return q_run(&q);
}

int
store_grant_get(struct store *store, int64_t base_id,
    const struct uuid *principal, unsigned *ret_rights)
{
	uint64_t rights = 0;
	struct q q;
	int err;

	q_open(&q, store, STMT_GRANT_GET);
	q_int(&q, base_id);
	q_uuid(&q, principal);
	err = count_one(&q, &rights);
	if (err == 0)
		*ret_rights = (unsigned)rights & RIGHT_ALL;
	return err;
}

static int
grant_row(struct q *q, void *arg)
{
	(void)q;
	++*(uint64_t *)arg;
	return 0;
}

int
store_grants_on(struct store *store, int64_t base_id, uint64_t max,
    uint64_t *ret_count)
{
	struct q q;

	*ret_count = 0;
	q_open(&q, store, STMT_GRANTS_ON);
	q_int(&q, base_id);
	q_int(&q, (int64_t)max);
	return q_each(&q, grant_row, ret_count);
}

int
store_grants_to(struct store *store, const struct uuid *principal,
    uint64_t max, uint64_t *ret_count)
{
	struct q q;

	*ret_count = 0;
	q_open(&q, store, STMT_GRANTS_TO);
	q_uuid(&q, principal);
	q_int(&q, (int64_t)max);
	return q_each(&q, grant_row, ret_count);
}

/* The row that q stands on: GRANTED_COLUMNS, and rights. */
static int
granted_read(struct q *q, struct granted *ret_granted)
{
	struct granted granted = {.id = q_col_int(q, 0)};
	int err;

	err = q_col_uuid(q, 1, &granted.uuid);
	if (err == 0)
		err = q_col_uuid(q, 3, &granted.owner);
	granted.account_id = q_col_int(q, 2);
	(void)snprintf(granted.name, sizeof(granted.name), "%s",
	    q_col_text(q, 4));
	granted.created_us = q_col_int(q, 5);
	granted.updated_us = q_col_int(q, 6);
	granted.rights = (unsigned)q_col_int(q, 7) & RIGHT_ALL;
	if (err == 0)
		*ret_granted = granted;
	return err;
}

static int
rights_row(struct q *q, void *arg)
{
	unsigned *rights = arg;

	*rights |= (unsigned)q_col_int(q, 0) & RIGHT_ALL;
	return 0;
}

int
store_granted_find(struct store *store, int64_t account_id,
    const struct uuid *base, struct granted *ret_granted)
{
	struct granted granted;
	struct q q;
	int got;

	q_open(&q, store, STMT_GRANTED_BASE);
	q_uuid(&q, base);
	got = q_step(&q);
	if (got > 0)
		got = granted_read(&q, &granted);
	else if (got == 0)
		got = ERR_NOT_FOUND;
	got = q_close(&q, got);
	if (got < 0)
		return got;
	if (granted.account_id == account_id) {
		granted.rights = RIGHT_ALL;
	} else {
		q_open(&q, store, STMT_GRANTED_RIGHTS);
		q_int(&q, account_id);
		q_int(&q, granted.id);
		got = q_each(&q, rights_row, &granted.rights);
	}
	if (got == 0 && granted.rights == 0)
		got = ERR_NOT_FOUND;
	if (got == 0)
		*ret_granted = granted;
	return got;
}

/* Rows of one base come one after the other and are told as one. */
struct granted_walk {
	granted_fn *fn;
	void *arg;
	struct granted granted; /* id 0: none yet */
};

static int
granted_tell(struct granted_walk *walk)
{
	return walk->granted.id == 0 || walk->granted.rights == 0
	    ? 0 : walk->fn(walk->arg, &walk->granted);
}

static int
granted_row(struct q *q, void *arg)
{
	struct granted_walk *walk = arg;
	struct granted granted;
	int err;

	err = granted_read(q, &granted);
	if (err < 0)
		return err;
	if (granted.id == walk->granted.id) {
		walk->granted.rights |= granted.rights;
		return 0;
	}
	err = granted_tell(walk);
	walk->granted = granted;
	return err;
}

/* What fn ended the walk with is no error of its last row. */
static int
granted_walk(struct q *q, struct granted_walk *walk)
{
	int err;

	err = q_each(q, granted_row, walk);
	return err == 0 ? granted_tell(walk) : err;
}

int
store_granted_each(struct store *store, int64_t account_id, granted_fn *fn,
    void *arg)
{
	struct granted_walk walk = {.fn = fn, .arg = arg};
	struct q q;

	q_open(&q, store, STMT_GRANTED_EACH);
	q_int(&q, account_id);
	return granted_walk(&q, &walk);
}

int
store_granted_to(struct store *store, const struct uuid *principal,
    granted_fn *fn, void *arg)
{
	struct granted_walk walk = {.fn = fn, .arg = arg};
	struct q q;

	q_open(&q, store, STMT_GRANTED_TO);
	q_uuid(&q, principal);
	return granted_walk(&q, &walk);
}
