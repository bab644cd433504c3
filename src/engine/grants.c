/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what is looked at in the operation that changes it, so that what
 * was taken away a moment ago counts.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "engine/grants.h"
#include "engine/writer.h"
#include "sys/rng.h"

static int
name_check(const char *name, struct err_note *note)
{
	size_t i, len = strlen(name);

	if (len == 0)
		return err_set(note, ERR_INVALID, "a name is needed");
	if (len > NAME_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "the name has more than %u bytes", NAME_BYTES_MAX);
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7F)
			return err_set(note, ERR_INVALID,
			    "a name may not hold control characters");
	return utf8_is_valid(name, len)
	    ? 0 : err_set(note, ERR_INVALID, "the name is not UTF-8");
}

int
group_visible(struct store *store, int64_t account_id, enum group_kind kind,
    const struct uuid *uuid, struct user_group *ret_group)
{
	struct user_group group;
	bool has = false;
	int err;

	err = store_group_find(store, uuid, &group);
	if (err == 0 && group.kind != kind)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = store_group_has(store, kind == GROUP_TENANT
		    ? group.id : group.tenant_id, account_id, &has);
	if (err == 0 && !has)
		err = ERR_NOT_FOUND;
	if (err == 0)
		*ret_group = group;
	return err;
}

/* ---- making -------------------------------------------------------------- */

struct create_plan {
	int64_t account_id;
	struct user_group group, tenant;
};

static int
create_room(struct store *store, int64_t account_id, struct err_note *note)
{
	uint64_t count = 0;
	int err;

	err = store_groups_owned(store, account_id, &count);
	return err == 0 && count >= GROUPS_OWNED_MAX
	    ? err_set(note, ERR_TOO_BIG, "there are %u tenants and roles",
		  GROUPS_OWNED_MAX)
	    : err;
}

/* Room for the account in one group more. */
static int
user_room(struct store *store, int64_t account_id, struct err_note *note)
{
	uint64_t count = 0;
	int err;

	err = store_groups_count(store, account_id, &count);
	return err == 0 && count >= GROUPS_OF_USER_MAX
	    ? err_set(note, ERR_TOO_BIG, "the user is in %u groups",
		  GROUPS_OF_USER_MAX)
	    : err;
}

static int
tenant_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct store *store = tx_store(tx);
	struct create_plan *plan = arg;
	int err;

	err = create_room(store, plan->account_id, note);
	if (err == 0)
		err = user_room(store, plan->account_id, note);
	if (err < 0)
		return err;
	plan->group.created_us = tx_now_us(tx);
	err = store_group_add(store, &plan->group, &plan->group.id);
	if (err == 0)
		err = store_group_put(store, plan->group.id,
		    plan->account_id);
	if (err == 0)
		err = store_tenant_set(store, plan->account_id,
		    plan->group.id);
	return err;
}

static int
create(struct engine *engine, struct create_plan *plan, const char *name,
    int (*apply)(struct write_tx *tx, void *arg, struct err_note *note),
    struct err_note *note)
{
	int err;

	err = name_check(name, note);
	if (err < 0)
		return err;
	plan->group.uuid = rng_uuid();
	plan->group.owner_id = plan->account_id;
	(void)snprintf(plan->group.name, sizeof(plan->group.name), "%s",
	    name);
	return writer_do(engine->writer, apply, plan, note);
}

int
engine_tenant_create(struct engine *engine, int64_t account_id,
    const char *name, struct user_group *ret_tenant, struct err_note *note)
{
	struct create_plan plan = {.account_id = account_id,
	    .group.kind = GROUP_TENANT};
	int err;

	err = create(engine, &plan, name, tenant_apply, note);
	if (err == 0)
		*ret_tenant = plan.group;
	return err;
}

static int
role_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct store *store = tx_store(tx);
	struct create_plan *plan = arg;
	int err;

	err = store_tenant_get(store, plan->account_id, &plan->tenant);
	if (err == 0 && plan->tenant.owner_id != plan->account_id)
		err = ERR_FORBIDDEN;
	if (err == 0)
		err = create_room(store, plan->account_id, note);
	if (err < 0)
		return err;
	plan->group.tenant_id = plan->tenant.id;
	plan->group.created_us = tx_now_us(tx);
	return store_group_add(store, &plan->group, &plan->group.id);
}

int
engine_role_create(struct engine *engine, int64_t account_id,
    const char *name, struct user_group *ret_role,
    struct user_group *ret_tenant, struct err_note *note)
{
	struct create_plan plan = {.account_id = account_id,
	    .group.kind = GROUP_ROLE};
	int err;

	err = create(engine, &plan, name, role_apply, note);
	if (err == 0) {
		*ret_role = plan.group;
		*ret_tenant = plan.tenant;
	}
	return err;
}

/* ---- changing ------------------------------------------------------------ */

/* The group, and the account of the user; ERR_INVALID: there is none. */
static int
change_look(struct store *store, const struct group_change *change,
    struct user_group *ret_group, struct account *ret_user)
{
	int err;

	err = group_visible(store, change->account_id, change->kind,
	    &change->group, ret_group);
	if (err == 0)
		err = store_account_find(store, &change->user, ret_user);
	else
		return err;
	return err == ERR_NOT_FOUND ? ERR_INVALID : err;
}

/* Nobody but the owner is told more than that it is not theirs. */
static int
owner_check(struct store *store, const struct group_change *change)
{
	struct user_group group;
	int err;

	err = group_visible(store, change->account_id, change->kind,
	    &change->group, &group);
	return err == 0 && group.owner_id != change->account_id
	    ? ERR_FORBIDDEN : err;
}

static int
group_delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct group_change *const *change = arg;
	struct store *store = tx_store(tx);
	struct user_group group;
	int err;

	(void)note;
	err = owner_check(store, *change);
	if (err == 0)
		err = store_group_find(store, &(*change)->group, &group);
	return err < 0 ? err : store_group_delete(store, group.id);
}

int
engine_group_delete(struct engine *engine, const struct group_change *change,
    struct err_note *note)
{
	return writer_do(engine->writer, group_delete_apply, &change, note);
}

static int
group_put_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct group_change *const *change = arg;
	struct store *store = tx_store(tx);
	struct user_group group;
	struct account user;
	uint64_t count = 0;
	bool has = true;
	int err;

	err = owner_check(store, *change);
	if (err == 0)
		err = change_look(store, *change, &group, &user);
	if (err == 0 && group.kind == GROUP_ROLE)
		err = store_group_has(store, group.tenant_id, user.id, &has);
	if (err == 0 && !has)
		err = ERR_CONFLICT;
	if (err == 0)
		err = store_group_has(store, group.id, user.id, &has);
	if (err == 0 && has)
		err = ERR_EXISTS;
	if (err == 0)
		err = user_room(store, user.id, note);
	if (err == 0)
		err = store_group_size(store, group.id, &count);
	if (err == 0 && count >= GROUP_USERS_MAX)
		err = err_set(note, ERR_TOO_BIG, "%u users are in it",
		    GROUP_USERS_MAX);
	return err < 0 ? err : store_group_put(store, group.id, user.id);
}

int
engine_group_put(struct engine *engine, const struct group_change *change,
    struct err_note *note)
{
	return writer_do(engine->writer, group_put_apply, &change, note);
}

static int
group_take_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct group_change *const *change = arg;
	struct store *store = tx_store(tx);
	struct user_group group;
	struct account user;
	int err;

	(void)note;
	err = change_look(store, *change, &group, &user);
	if (err < 0 && err != ERR_INVALID)
		return err;
	/* That there is no such user is told to the owner alone. */
	if (group.owner_id != (*change)->account_id &&
	    (err < 0 || user.id != (*change)->account_id))
		return ERR_FORBIDDEN;
	if (err < 0)
		return err;
	if (group.kind == GROUP_TENANT && user.id == group.owner_id)
		return ERR_CONFLICT;
	err = store_group_take(store, group.id, user.id);
	return err == ERR_NOT_FOUND ? ERR_INVALID : err;
}

int
engine_group_take(struct engine *engine, const struct group_change *change,
    struct err_note *note)
{
	return writer_do(engine->writer, group_take_apply, &change, note);
}

struct select_plan {
	int64_t account_id;
	const struct uuid *tenant;
};

static int
select_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct select_plan *plan = arg;
	struct store *store = tx_store(tx);
	struct user_group tenant = {.id = 0};
	int err = 0;

	(void)note;
	if (plan->tenant != NULL)
		err = group_visible(store, plan->account_id, GROUP_TENANT,
		    plan->tenant, &tenant);
	return err < 0 ? err
		       : store_tenant_set(store, plan->account_id, tenant.id);
}

int
engine_tenant_select(struct engine *engine, int64_t account_id,
    const struct uuid *tenant, struct err_note *note)
{
	struct select_plan plan = {account_id, tenant};

	return writer_do(engine->writer, select_apply, &plan, note);
}

/* ---- rights -------------------------------------------------------------- */

struct grant_plan {
	const struct grant_change *change;
	struct store *store;
	int64_t now_us;
	uint64_t held; /* grants of the principal, as far as is looked */
	bool is_known; /* the principal, to the account */
};

static int
principal_look(struct grant_plan *plan)
{
	const struct grant_change *change = plan->change;
	struct user_group group;
	struct account user;
	bool has = false;
	int err;

	err = store_account_find(plan->store, &change->principal, &user);
	if (err == ERR_NOT_FOUND) {
		err = store_group_find(plan->store, &change->principal,
		    &group);
		if (err == 0)
			err = store_group_has(plan->store,
			    group.kind == GROUP_TENANT ? group.id
						       : group.tenant_id,
			    change->account_id, &has);
		if (err == 0 && !has)
			err = ERR_NOT_FOUND;
	}
	plan->is_known = err == 0;
	if (err == 0)
		err = store_grants_to(plan->store, &change->principal,
		    PRINCIPAL_GRANTS_MAX, &plan->held);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
grant_room(struct grant_plan *plan, int64_t base_id, struct err_note *note)
{
	uint64_t count = 0;
	int err;

	err = store_grants_on(plan->store, base_id, BASE_GRANTS_MAX, &count);
	if (err == 0 && count >= BASE_GRANTS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the base is shared with %u users and groups",
		    BASE_GRANTS_MAX);
	if (err == 0 && plan->held >= PRINCIPAL_GRANTS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "%u bases are shared with it", PRINCIPAL_GRANTS_MAX);
	plan->held++;
	return err;
}

static int
grant_one(struct grant_plan *plan, const struct uuid *uuid,
    struct err_note *note)
{
	const struct grant_change *change = plan->change;
	unsigned need = RIGHT_SHARE, has = 0, rights;
	struct granted base;
	int err;

	if (!change->takes)
		need |= change->rights;
	err = store_granted_find(plan->store, change->account_id, uuid,
	    &base);
	if (err == ERR_NOT_FOUND || (err == 0 && (base.rights & need) != need))
		return ERR_FORBIDDEN;
	if (err == 0)
		err = store_grant_get(plan->store, base.id,
		    &change->principal, &has);
	if (err < 0)
		return err;
	if (uuid_is_equal(&base.owner, &change->principal))
		return change->takes ? ERR_CONFLICT : 0;
	plan->is_known |= change->takes && has != 0;
	rights = change->takes ? has & ~change->rights
			       : has | change->rights;
	if (!plan->is_known)
		return 0; /* nothing is done: see grant_apply() */
	if (has == 0 && rights != 0)
		err = grant_room(plan, base.id, note);
	return err < 0 || rights == has ? err
	    : store_grant_set(plan->store, base.id, &change->principal,
		  rights, plan->now_us);
}

static int
grant_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct grant_plan *plan = arg;
	size_t i;
	int err;

	plan->store = tx_store(tx);
	plan->now_us = tx_now_us(tx);
	plan->held = 0;
	err = principal_look(plan);
	for (i = 0; err == 0 && i < plan->change->count; i++)
		err = grant_one(plan, &plan->change->bases[i], note);
	/* Who may not share learns nothing about users and groups. */
	return err == 0 && !plan->is_known ? ERR_NOT_FOUND : err;
}

int
engine_grant(struct engine *engine, const struct grant_change *change,
    struct err_note *note)
{
	struct grant_plan plan = {.change = change};

	if (change->count > GRANT_BASES_MAX)
		return err_set(note, ERR_TOO_BIG, "over %u bases at once",
		    GRANT_BASES_MAX);
	return writer_do(engine->writer, grant_apply, &plan, note);
}
