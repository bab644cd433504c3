/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_user: people who have an account, and their sessions that were ended.
 *
 * Floor 3; everything said in store/store.h holds.
 */
#ifndef STORE_STORE_USER_H
#define STORE_STORE_USER_H

#include "store/store.h"
#include "sys/password.h"

struct user {
	int64_t id;
	struct uuid uuid; /* of the account as well */
	int64_t account_id;
	char email[EMAIL_BYTES_MAX + 1]; /* lower case */
	char password[PASSWORD_HASH_SIZE]; /* what tells the right one */
	bool is_active;	   /* may come in at all */
	bool is_superuser; /* may change other users */
	bool is_verified;  /* the address was seen to be the user's */
	/* Of the tokens that are good; one more whenever all others are to be
	 * worth nothing. */
	int64_t generation;
	int64_t created_us, updated_us;
	/* The tenant that the user works in; read, not written: see
	 * store_tenant_set(). */
	bool has_tenant;
	struct uuid tenant;
};
typedef int user_fn(void *arg, const struct user *user);

/* ERR_EXISTS: the account has a user, or the email is taken. */
int store_user_add(struct store *store, const struct user *user,
    int64_t *ret_id);
/* Everything but id, uuid, account and created_us.  ERR_NOT_FOUND;
 * ERR_EXISTS: the email is taken. */
int store_user_save(struct store *store, const struct user *user);
/* The row alone.  ERR_NOT_FOUND. */
int store_user_delete(struct store *store, int64_t user_id);
/* ERR_NOT_FOUND. */
int store_user_get(struct store *store, const struct uuid *uuid,
    struct user *ret_user);
int store_user_by_email(struct store *store, const char *email,
    struct user *ret_user);
/* Oldest first, rows after after_id. */
int store_users_each(struct store *store, int64_t after_id, size_t limit,
    user_fn *fn, void *arg);

/* Of an organization whose user is gone: what belongs to its accounts alone
 * goes, and those accounts that nothing refers to then.  The first account's
 * stays: it is the operator's. */
int store_organization_drop(struct store *store,
    const struct uuid *organization);
/* Look at the next limit accounts and delete those of such organizations that
 * nothing refers to any more; *ret_more: there are more to be looked at. */
int store_accounts_collect(struct store *store, size_t limit,
    bool *ret_more);
/* Are there any at all?  For a reader, to ask before it disturbs the
 * writer. */
int store_accounts_have(struct store *store, bool *ret_have);

/* Has any account of the account's organization a base? */
int store_organization_has_bases(struct store *store, int64_t account_id,
    bool *ret_has);

/* Ending it twice is ending it once. */
int store_session_end(struct store *store, const struct uuid *session,
    int64_t until_us);
typedef int session_fn(void *arg, const struct uuid *session,
    int64_t until_us);
/* Those that were ended, and whose tokens would be good after after_us. */
int store_sessions_ended(struct store *store, int64_t after_us,
    session_fn *fn, void *arg);
/* Forget those whose tokens would be good until before_us at most. */
int store_sessions_forget(struct store *store, int64_t before_us);

#endif
