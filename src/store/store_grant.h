/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_grant: users who are meant together, and what may be done with bases of
 * other accounts.
 *
 * Floor 3; everything said in store/store.h holds.  Users are known by their
 * accounts here, which one without a password has as well.  A principal is an
 * account's uuid or a group's.
 */
#ifndef STORE_STORE_GRANT_H
#define STORE_STORE_GRANT_H

#include "store/store.h"

/* Stored: append, never renumber. */
enum group_kind {
	GROUP_TENANT = 1,
	GROUP_ROLE = 2, /* within a tenant */
};

struct user_group {
	int64_t id;
	struct uuid uuid;
	enum group_kind kind;
	char name[NAME_BYTES_MAX + 1];
	int64_t owner_id;  /* the account that made it, or its tenant */
	int64_t tenant_id; /* of a role; 0: it is a tenant */
	int64_t created_us;
};
typedef int group_fn(void *arg, const struct user_group *group);

/* ERR_EXISTS: its owner has one of that name, within the same tenant. */
int store_group_add(struct store *store, const struct user_group *group,
    int64_t *ret_id);
/* ERR_NOT_FOUND. */
int store_group_find(struct store *store, const struct uuid *uuid,
    struct user_group *ret_group);
/* With what it may do, and of a tenant with its roles; nobody works in it any
 * more. */
int store_group_delete(struct store *store, int64_t group_id);
/* That the account is in, oldest first. */
int store_groups_of(struct store *store, int64_t account_id, group_fn *fn,
    void *arg);
/* Roles of the tenant, oldest first. */
int store_roles_of(struct store *store, int64_t tenant_id, group_fn *fn,
    void *arg);
/* Tenants and roles that the account owns. */
int store_groups_owned(struct store *store, int64_t account_id,
    uint64_t *ret_count);

/* The tenant that the account works in.  ERR_NOT_FOUND: in none. */
int store_tenant_get(struct store *store, int64_t account_id,
    struct user_group *ret_tenant);
/* tenant_id 0: in none. */
int store_tenant_set(struct store *store, int64_t account_id,
    int64_t tenant_id);

/* ---- who is in a group --------------------------------------------------- */

struct group_user {
	int64_t account_id;
	struct uuid uuid;
	char email[EMAIL_BYTES_MAX + 1]; /* "": an account without a user */
};
typedef int group_user_fn(void *arg, const struct group_user *user);

/* ERR_EXISTS: it is in it. */
int store_group_put(struct store *store, int64_t group_id,
    int64_t account_id);
/* Of a tenant: out of its roles, too, and the account does not work in it any
 * more.  ERR_NOT_FOUND: it was not in it. */
int store_group_take(struct store *store, int64_t group_id,
    int64_t account_id);
int store_group_has(struct store *store, int64_t group_id,
    int64_t account_id, bool *ret_has);
/* In order of their accounts. */
int store_group_users(struct store *store, int64_t group_id,
    group_user_fn *fn, void *arg);
int store_group_size(struct store *store, int64_t group_id,
    uint64_t *ret_count);
/* Roles of the tenant that the account is in. */
int store_roles_in(struct store *store, int64_t tenant_id,
    int64_t account_id, group_fn *fn, void *arg);
/* Groups that the account is in. */
int store_groups_count(struct store *store, int64_t account_id,
    uint64_t *ret_count);

/* ERR_NOT_FOUND. */
int store_account_find(struct store *store, const struct uuid *uuid,
    struct account *ret_account);
/* Everything above and below of the account goes: grants, groups that it
 * owns, its places in others'. */
int store_account_ungrant(struct store *store, int64_t account_id);

/* ---- grants -------------------------------------------------------------- */

/* Bits; stored. */
enum right {
	RIGHT_READ = 1,
	RIGHT_WRITE = 2,
	RIGHT_DELETE = 4,
	RIGHT_SHARE = 8, /* give and take rights */
	RIGHT_ALL = 15,
};

/* 0: none any more. */
int store_grant_set(struct store *store, int64_t base_id,
    const struct uuid *principal, unsigned rights, int64_t now_us);
/* 0: none. */
int store_grant_get(struct store *store, int64_t base_id,
    const struct uuid *principal, unsigned *ret_rights);
/* Grants on the base, and grants to the principal; no further than max. */
int store_grants_on(struct store *store, int64_t base_id, uint64_t max,
    uint64_t *ret_count);
int store_grants_to(struct store *store, const struct uuid *principal,
    uint64_t max, uint64_t *ret_count);

struct granted {
	int64_t id; /* of the base */
	struct uuid uuid;
	int64_t account_id; /* whose it is */
	struct uuid owner;  /* that account's */
	char name[NAME_BYTES_MAX + 1];
	int64_t created_us, updated_us;
	unsigned rights; /* of all who are asked about together; not 0 */
};
typedef int granted_fn(void *arg, const struct granted *granted);

/* What the account may do with a base: of its own all, of another's what was
 * granted to it or to groups that it is in.  ERR_NOT_FOUND: nothing, or there
 * is no such base. */
int store_granted_find(struct store *store, int64_t account_id,
    const struct uuid *base, struct granted *ret_granted);
/* Bases of others that the account may do something with, oldest first, each
 * once.  fn's nonzero return ends the walk. */
int store_granted_each(struct store *store, int64_t account_id,
    granted_fn *fn, void *arg);
/* Bases that were granted to that very principal, likewise. */
int store_granted_to(struct store *store, const struct uuid *principal,
    granted_fn *fn, void *arg);

#endif
