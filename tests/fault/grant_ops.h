/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant_ops: groups of users, grants, and accounts that go with their users.
 * Included by store_faults_test.c behind its world.
 */
#ifndef TESTS_FAULT_GRANT_OPS_H
#define TESTS_FAULT_GRANT_OPS_H

#include "store/store_grant.h"
#include "store/store_user.h"

static int
on_group(void *arg, const struct user_group *group)
{
	struct world *w = arg;

	(void)group;
	w->rows++;
	return 0;
}

static int
on_group_user(void *arg, const struct group_user *user)
{
	struct world *w = arg;

	(void)user;
	w->rows++;
	return 0;
}

static int
on_granted(void *arg, const struct granted *granted)
{
	struct world *w = arg;

	(void)granted;
	w->rows++;
	return 0;
}

/* An account that nobody else is of. */
static int
guest_add(struct world *w, struct account *ret_guest)
{
	struct account guest = {.uuid = uuid_new(w), .name = "guest",
	    .created_us = NOW};
	int err;

	guest.organization = guest.uuid;
	err = store_account_add(w->store, &guest, &guest.id);
	if (err == 0)
		*ret_guest = guest;
	return err;
}

static int
group_add(struct world *w, int64_t owner_id, int64_t tenant_id,
    struct user_group *ret_group)
{
	struct user_group group = {.uuid = uuid_new(w),
	    .kind = tenant_id == 0 ? GROUP_TENANT : GROUP_ROLE,
	    .owner_id = owner_id, .tenant_id = tenant_id, .created_us = NOW};
	int err;

	(void)snprintf(group.name, sizeof(group.name), "group %u", w->made);
	err = store_group_add(w->store, &group, &group.id);
	if (err == 0)
		err = store_group_put(w->store, group.id, owner_id);
	if (err == 0)
		*ret_group = group;
	return err;
}

static int
group_lists(struct world *w, const struct user_group *tenant,
    int64_t account_id)
{
	struct user_group current;
	int err;

	w->rows = 0;
	err = store_groups_of(w->store, account_id, on_group, w);
	if (err == 0)
		err = store_roles_of(w->store, tenant->id, on_group, w);
	if (err == 0)
		err = store_roles_in(w->store, tenant->id, account_id,
		    on_group, w);
	if (err == 0)
		err = store_group_users(w->store, tenant->id, on_group_user,
		    w);
	if (err == 0)
		err = store_tenant_get(w->store, account_id, &current);
	return err < 0 || w->rows == 5 ? err : ERR_CORRUPT;
}

static int
do_groups(struct world *w)
{
	struct user_group tenant, role;
	struct account guest;
	int err;

	err = guest_add(w, &guest);
	if (err == 0)
		err = group_add(w, guest.id, 0, &tenant);
	if (err == 0)
		err = group_add(w, guest.id, tenant.id, &role);
	if (err == 0)
		err = store_tenant_set(w->store, guest.id, tenant.id);
	if (err == 0)
		err = group_lists(w, &tenant, guest.id);
	if (err == 0)
		err = store_group_take(w->store, tenant.id, guest.id);
	if (err == 0)
		err = store_account_ungrant(w->store, guest.id);
	return err < 0 ? err
		       : store_organization_drop(w->store,
			     &guest.organization);
}

static int
do_grants(struct world *w)
{
	struct uuid base = {{0}};
	struct granted granted;
	struct account guest;
	struct user_group role;
	uint64_t count = 0;
	int64_t base_id;
	int err;

	err = guest_add(w, &guest);
	if (err == 0)
		err = group_add(w, guest.id, 0, &role);
	if (err == 0)
		err = base_add(w, &base_id);
	if (err == 0)
		err = store_grant_set(w->store, base_id, &guest.uuid,
		    RIGHT_READ, NOW);
	if (err == 0)
		err = store_grant_set(w->store, base_id, &role.uuid,
		    RIGHT_WRITE, NOW);
	w->rows = 0;
	if (err == 0)
		err = store_granted_each(w->store, guest.id, on_granted, w);
	if (err == 0)
		err = store_granted_to(w->store, &role.uuid, on_granted, w);
	if (err == 0)
		err = store_grants_on(w->store, base_id, 10, &count);
	if (err == 0 && (w->rows != 2 || count != 2))
		err = ERR_CORRUPT;
	if (err < 0)
		return err;
	err = store_granted_find(w->store, guest.id, &base, &granted);
	if (err == ERR_NOT_FOUND)
		err = store_grant_set(w->store, base_id, &guest.uuid, 0, NOW);
	if (err == 0)
		err = store_group_delete(w->store, role.id);
	return err < 0 ? err : store_base_delete(w->store, base_id);
}

#endif
