/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is in which tenant and role, and what was granted to whom.  Lists of a
 * tenant are its owner's.
 */
#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_permissions.h"
#include "engine/grants.h"
#include "engine/users.h"

static void
put_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_nstring(w, name, text);
}

/* {"id":...,"name":...} */
static int
put_group(void *arg, const struct user_group *group)
{
	struct jsonw *w = arg;

	jsonw_object(w);
	put_uuid(w, "id", &group->uuid);
	jsonw_nstring(w, "name", group->name);
	jsonw_object_end(w);
	return 0;
}

static int
put_tenant(void *arg, const struct user_group *group)
{
	return group->kind == GROUP_TENANT ? put_group(arg, group) : 0;
}

int
cognee_tenants_mine(struct http_request *request, struct http_reply *reply)
{
	struct jsonw *w = http_reply_json(reply, 200);
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	jsonw_array(w);
	if (err == 0)
		err = store_groups_of(reader, request->caller.account_id,
		    put_tenant, w);
	jsonw_array_end(w);
	return err;
}

/* ---- lists of one tenant ------------------------------------------------- */

struct listing {
	struct jsonw *w;
	struct store *reader;
	struct user_group tenant;
};

/* What a list says of one tenant, within a snapshot. */
typedef int listing_fn(struct http_request *request,
    struct listing *listing);

static int
tenant_owned(struct http_request *request, struct store *reader,
    const struct uuid *uuid, struct user_group *ret_tenant)
{
	int err;

	err = group_visible(reader, request->caller.account_id, GROUP_TENANT,
	    uuid, ret_tenant);
	return err == 0 &&
		ret_tenant->owner_id != request->caller.account_id
	    ? ERR_FORBIDDEN : err;
}

static int
list_tenant(struct http_request *request, struct http_reply *reply,
    listing_fn *fn)
{
	struct listing listing = {.w = NULL};
	struct uuid uuid;
	int err, end;

	if (cognee_path_uuid(request, reply, 0, "tenant_id", &uuid) != 0)
		return 0;
	err = http_begin(request, &listing.reader);
	if (err < 0)
		return err;
	listing.w = http_reply_json(reply, 200);
	err = tenant_owned(request, listing.reader, &uuid, &listing.tenant);
	jsonw_array(listing.w);
	if (err == 0)
		err = fn(request, &listing);
	jsonw_array_end(listing.w);
	end = http_end(request, listing.reader,
	    err == ERR_NOT_FOUND || err == ERR_FORBIDDEN ? 0 : err);
	if (end < 0)
		return end;
	if (err == ERR_NOT_FOUND)
		return cognee_no_tenant(reply, &uuid);
	return err == ERR_FORBIDDEN ? cognee_not_manager(reply) : 0;
}

static int
put_role(void *arg, const struct user_group *role)
{
	struct listing *listing = arg;
	struct jsonw *w = listing->w;
	uint64_t count = 0;
	int err;

	err = store_group_size(listing->reader, role->id, &count);
	jsonw_object(w);
	put_uuid(w, "id", &role->uuid);
	jsonw_nstring(w, "name", role->name);
	jsonw_nnull(w, "description");
	jsonw_nuint(w, "user_count", count);
	jsonw_object_end(w);
	return err;
}

static int
put_roles(struct http_request *request, struct listing *listing)
{
	(void)request;
	return store_roles_of(listing->reader, listing->tenant.id, put_role,
	    listing);
}

int
cognee_tenant_roles(struct http_request *request, struct http_reply *reply)
{
	return list_tenant(request, reply, put_roles);
}

/* An account that nobody has a password for is the default user. */
static const char *
email_of(const struct group_user *user)
{
	return user->email[0] == '\0' ? COGNEE_DEFAULT_EMAIL : user->email;
}

static int
put_user(void *arg, const struct group_user *user)
{
	struct listing *listing = arg;
	struct jsonw *w = listing->w;
	int err;

	jsonw_object(w);
	put_uuid(w, "id", &user->uuid);
	jsonw_nstring(w, "email", email_of(user));
	jsonw_name(w, "roles");
	jsonw_array(w);
	err = store_roles_in(listing->reader, listing->tenant.id,
	    user->account_id, put_group, w);
	jsonw_array_end(w);
	jsonw_object_end(w);
	return err;
}

static int
put_users(struct http_request *request, struct listing *listing)
{
	(void)request;
	return store_group_users(listing->reader, listing->tenant.id,
	    put_user, listing);
}

int
cognee_tenant_users(struct http_request *request, struct http_reply *reply)
{
	return list_tenant(request, reply, put_users);
}

/* ---- datasets of a principal --------------------------------------------- */

struct datasets {
	struct http_request *request;
	struct store *reader;
	struct jsonw *w;
};

/* Of what others were granted the caller is told what it may change. */
static int
put_shareable(void *arg, const struct cognee_dataset *dataset)
{
	struct datasets *datasets = arg;
	struct cognee_dataset own;
	int err;

	err = cognee_dataset_find(datasets->request, datasets->reader,
	    &dataset->uuid, COGNEE_SHARE, &own);
	if (err == ERR_NOT_FOUND)
		return 0;
	return err < 0 ? err : cognee_put_dataset(datasets->w, dataset);
}

/* A role that the caller is in, or may manage. */
static int
role_visible(struct store *reader, int64_t account_id,
    const struct uuid *uuid, struct user_group *ret_role)
{
	bool has = false;
	int err;

	err = group_visible(reader, account_id, GROUP_ROLE, uuid, ret_role);
	if (err < 0 || ret_role->owner_id == account_id)
		return err;
	err = store_group_has(reader, ret_role->id, account_id, &has);
	return err == 0 && !has ? ERR_NOT_FOUND : err;
}

/* ERR_NOT_FOUND: neither a user nor a group that the caller sees. */
static int
put_datasets(struct datasets *datasets, const struct uuid *principal,
    unsigned right)
{
	int64_t account_id = datasets->request->caller.account_id;
	struct store *reader = datasets->reader;
	struct user_group group;
	struct account user;
	int err;

	err = store_account_find(reader, principal, &user);
	if (err == 0 && user.id == account_id)
		return cognee_datasets_each(datasets->request, reader, right,
		    cognee_put_dataset, datasets->w);
	if (err == 0)
		return cognee_datasets_granted(reader, principal, right,
		    put_shareable, datasets);
	if (err == ERR_NOT_FOUND)
		err = group_visible(reader, account_id, GROUP_TENANT,
		    principal, &group);
	if (err == ERR_NOT_FOUND)
		err = role_visible(reader, account_id, principal, &group);
	return err < 0 ? err
		       : cognee_datasets_granted(reader, principal, right,
			     cognee_put_dataset, datasets->w);
}

int
cognee_principal_datasets(struct http_request *request,
    struct http_reply *reply)
{
	struct datasets datasets = {.request = request};
	struct uuid principal;
	unsigned right;
	int err;

	if (cognee_path_uuid(request, reply, 0, "principal_id", &principal) !=
		0 ||
	    cognee_need_right(request, reply, COGNEE_READ, &right) != 0)
		return 0;
	err = http_begin(request, &datasets.reader);
	if (err < 0)
		return err;
	datasets.w = http_reply_json(reply, 200);
	jsonw_array(datasets.w);
	err = put_datasets(&datasets, &principal, right);
	jsonw_array_end(datasets.w);
	if (err != ERR_NOT_FOUND)
		return http_end(request, datasets.reader, err);
	err = http_end(request, datasets.reader, 0);
	return err < 0 ? err : cognee_no_user(reply);
}
