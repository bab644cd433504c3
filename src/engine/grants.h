/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grants: users who are meant together, and what they may do with bases of
 * other accounts.
 *
 * Floor 4; any thread.  A base belongs to an account, and the engine goes on
 * isolating by that: whoever asks it for something in a base of another says
 * whose it is, after looking here what the caller may do (store_granted_find(),
 * store_granted_each()).
 *
 * A tenant is of the account that made it, which alone puts users in and makes
 * roles within it.  Groups that an account is not in do not exist for it.
 */
#ifndef ENGINE_GRANTS_H
#define ENGINE_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_grant.h"

struct engine;
struct err_note;

/* A tenant; the account is in it, and works in it from now on.  ERR_EXISTS:
 * it has one of that name; ERR_INVALID: the name; ERR_TOO_BIG over
 * GROUPS_OWNED_MAX or GROUPS_OF_USER_MAX. */
int engine_tenant_create(struct engine *engine, int64_t account_id,
    const char *name, struct user_group *ret_tenant, struct err_note *note);
/* A role within the tenant that the account works in.  ERR_NOT_FOUND: in none;
 * ERR_FORBIDDEN: that is not its own; else as above. */
int engine_role_create(struct engine *engine, int64_t account_id,
    const char *name, struct user_group *ret_role,
    struct user_group *ret_tenant, struct err_note *note);
/* The group of that kind, as the account sees it.  ERR_NOT_FOUND, also when it
 * is not in it, nor in the tenant of a role. */
int group_visible(struct store *store, int64_t account_id,
    enum group_kind kind, const struct uuid *uuid,
    struct user_group *ret_group);

/* A change of one group by the account, which must own it (ERR_FORBIDDEN) and
 * be able to see it (ERR_NOT_FOUND). */
struct group_change {
	int64_t account_id;
	enum group_kind kind;
	struct uuid group;
	struct uuid user; /* whom it is about, where it is about one */
};
/* With what it may do, and of a tenant with its roles. */
int engine_group_delete(struct engine *engine,
    const struct group_change *change, struct err_note *note);
/* ERR_INVALID: there is no such user; ERR_CONFLICT: who is to be in a role is
 * not in its tenant; ERR_EXISTS: is in it already; ERR_TOO_BIG over
 * GROUP_USERS_MAX or GROUPS_OF_USER_MAX. */
int engine_group_put(struct engine *engine,
    const struct group_change *change, struct err_note *note);
/* Everybody may take themselves out.  ERR_INVALID: there is no such user in
 * it; ERR_CONFLICT: it is the tenant's owner. */
int engine_group_take(struct engine *engine,
    const struct group_change *change, struct err_note *note);
/* The account works in that tenant; NULL: in none.  ERR_NOT_FOUND. */
int engine_tenant_select(struct engine *engine, int64_t account_id,
    const struct uuid *tenant, struct err_note *note);

/* Rights that an account gives or takes, on all of the bases or on none. */
struct grant_change {
	int64_t account_id;
	struct uuid principal;
	const struct uuid *bases; /* may be there twice */
	size_t count;
	unsigned rights;
	bool takes;
};
/*
 * Who gives must have RIGHT_SHARE on each base and the very rights, and who
 * takes RIGHT_SHARE (ERR_FORBIDDEN, also for bases that are not there).  What
 * is there already is no error.  ERR_NOT_FOUND: no user, and no group that the
 * account may see; of rights that are there they may be taken all the same.
 * ERR_CONFLICT: rights of the owner.  ERR_TOO_BIG over BASE_GRANTS_MAX or
 * PRINCIPAL_GRANTS_MAX.
 */
int engine_grant(struct engine *engine, const struct grant_change *change,
    struct err_note *note);

#endif
