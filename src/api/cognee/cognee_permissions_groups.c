/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tenants and roles: made, deleted, and who is in them.
 *
 * A dataset belongs to no tenant here, but to its owner: the tenant that a user
 * has selected is where roles are made, and takes nothing out of sight.
 */
#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_permissions.h"
#include "engine/grants.h"

/* {"message":"..."} and, where it is not NULL, an id under that name. */
static int
done(struct http_reply *reply, const char *message, const char *name,
    const struct uuid *uuid, const struct uuid *tenant)
{
	struct jsonw *w = http_reply_json(reply, 200);
	char text[UUID_TEXT_SIZE];

	jsonw_object(w);
	jsonw_nstring(w, "message", message);
	if (uuid != NULL) {
		uuid_format(uuid, text);
		jsonw_nstring(w, name, text);
	}
	if (tenant != NULL) {
		uuid_format(tenant, text);
		jsonw_nstring(w, "tenant_id", text);
	}
	jsonw_object_end(w);
	return 0;
}

static int
already(struct http_reply *reply, const char *message)
{
	return cognee_api_error(reply, 409, message,
	    "EntityAlreadyExistsError");
}

/* What a name cannot be. */
static int
bad_name(struct http_request *request, struct http_reply *reply,
    const char *field)
{
	(void)cognee_invalid(reply, "query", field, "value_error",
	    request->note.text, NULL);
	return 0;
}

/* ---- making -------------------------------------------------------------- */

int
cognee_tenants_create(struct http_request *request, struct http_reply *reply)
{
	struct user_group tenant;
	const char *name;
	int err;

	if (cognee_need_text(request, reply, "tenant_name", &name) != 0)
		return 0;
	err = engine_tenant_create(request->engine,
	    request->caller.account_id, name, &tenant, &request->note);
	if (err == ERR_EXISTS)
		return already(reply, "Tenant already exists.");
	if (err == ERR_INVALID)
		return bad_name(request, reply, "tenant_name");
	if (err == ERR_TOO_BIG)
		return cognee_detail(reply, 409, request->note.text);
	return err < 0 ? err
		       : done(reply, "Tenant created.", NULL, NULL,
			     &tenant.uuid);
}

int
cognee_roles_create(struct http_request *request, struct http_reply *reply)
{
	struct user_group role, tenant;
	const char *name;
	int err;

	if (cognee_need_text(request, reply, "role_name", &name) != 0)
		return 0;
	err = engine_role_create(request->engine, request->caller.account_id,
	    name, &role, &tenant, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_no_tenant(reply, NULL);
	if (err == ERR_FORBIDDEN)
		return cognee_not_manager(reply);
	if (err == ERR_EXISTS)
		return already(reply, "Role already exists for tenant.");
	if (err == ERR_INVALID)
		return bad_name(request, reply, "role_name");
	if (err == ERR_TOO_BIG)
		return cognee_detail(reply, 409, request->note.text);
	return err < 0 ? err
		       : done(reply, "Role created for tenant", "role_id",
			     &role.uuid, &tenant.uuid);
}

/* ---- changing ------------------------------------------------------------ */

static int
group_delete(struct http_request *request, struct http_reply *reply,
    enum group_kind kind)
{
	struct group_change change = {.kind = kind,
	    .account_id = request->caller.account_id};
	int err;

	if (cognee_path_uuid(request, reply, 0, kind == GROUP_ROLE
		? "role_id" : "tenant_id", &change.group) != 0)
		return 0;
	err = engine_group_delete(request->engine, &change, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_no_group(reply, kind, &change.group);
	if (err == ERR_FORBIDDEN)
		return cognee_not_manager(reply);
	return err < 0 ? err
		       : done(reply, kind == GROUP_ROLE ? "Role deleted"
						        : "Tenant deleted",
			     NULL, NULL, NULL);
}

int
cognee_roles_delete(struct http_request *request, struct http_reply *reply)
{
	return group_delete(request, reply, GROUP_ROLE);
}

int
cognee_tenants_delete(struct http_request *request, struct http_reply *reply)
{
	return group_delete(request, reply, GROUP_TENANT);
}

/* Of the path the user, of the query the group.  0; 1: the reply is
 * written. */
static int
read_change(struct http_request *request, struct http_reply *reply,
    enum group_kind kind, struct group_change *change)
{
	change->kind = kind;
	change->account_id = request->caller.account_id;
	return cognee_path_uuid(request, reply, 0, "user_id",
		   &change->user) != 0 ||
	    cognee_need_uuid(request, reply,
		kind == GROUP_ROLE ? "role_id" : "tenant_id",
		&change->group) != 0;
}

static int
put_user(struct http_request *request, struct http_reply *reply,
    enum group_kind kind)
{
	struct group_change change;
	int err;

	if (read_change(request, reply, kind, &change) != 0)
		return 0;
	err = engine_group_put(request->engine, &change, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_no_group(reply, kind, &change.group);
	if (err == ERR_FORBIDDEN)
		return cognee_api_error(reply, 403, kind == GROUP_TENANT
		    ? "Only tenant owner can add other users to organization."
		    : "User submitting request does not have permission to "
		      "add user to role.", "PermissionDeniedError");
	if (err == ERR_INVALID)
		return cognee_no_user(reply);
	if (err == ERR_CONFLICT)
		return cognee_api_error(reply, 404, "User tenant does not "
		    "match role tenant. User cannot be added to role.",
		    "TenantNotFoundError");
	if (err == ERR_EXISTS)
		return already(reply, "User is already part of group.");
	if (err == ERR_TOO_BIG)
		return cognee_detail(reply, 409, request->note.text);
	return err < 0 ? err
		       : done(reply, kind == GROUP_TENANT
			     ? "User added to tenant" : "User added to role",
			     NULL, NULL, NULL);
}

int
cognee_tenant_users_add(struct http_request *request,
    struct http_reply *reply)
{
	return put_user(request, reply, GROUP_TENANT);
}

int
cognee_role_users_add(struct http_request *request, struct http_reply *reply)
{
	return put_user(request, reply, GROUP_ROLE);
}

int
cognee_role_users_remove(struct http_request *request,
    struct http_reply *reply)
{
	struct group_change change;
	int err;

	if (read_change(request, reply, GROUP_ROLE, &change) != 0)
		return 0;
	err = engine_group_take(request->engine, &change, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_no_role(reply);
	if (err == ERR_FORBIDDEN)
		return cognee_not_manager(reply);
	if (err == ERR_INVALID)
		return cognee_no_user(reply);
	return err < 0 ? err
		       : done(reply, "User removed from role", NULL, NULL,
			     NULL);
}

int
cognee_tenant_users_remove(struct http_request *request,
    struct http_reply *reply)
{
	struct group_change change = {.kind = GROUP_TENANT,
	    .account_id = request->caller.account_id};
	int err;

	if (cognee_path_uuid(request, reply, 0, "tenant_id", &change.group) !=
		0 ||
	    cognee_path_uuid(request, reply, 1, "user_id", &change.user) != 0)
		return 0;
	err = engine_group_take(request->engine, &change, &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_no_tenant(reply, &change.group);
	if (err == ERR_FORBIDDEN)
		return cognee_not_manager(reply);
	if (err == ERR_INVALID)
		return cognee_api_error(reply, 404,
		    "User not found in this tenant.", "EntityNotFoundError");
	if (err == ERR_CONFLICT)
		return cognee_api_error(reply, 400,
		    "Cannot remove the tenant owner from their own tenant.",
		    "CogneeValidationError");
	return err < 0 ? err
		       : done(reply, "User removed from tenant", NULL, NULL,
			     NULL);
}

/* ---- the current tenant -------------------------------------------------- */

int
cognee_tenants_select(struct http_request *request, struct http_reply *reply)
{
	static const struct cognee_field fields[] = {
	    {.name = "tenant_id", .type = COGNEE_UUID},
	};
	const json_t *body;
	struct uuid tenant;
	struct jsonw *w;
	bool has;
	int err;

	err = cognee_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	has = cognee_uuid(body, "tenant_id", &tenant);
	err = engine_tenant_select(request->engine,
	    request->caller.account_id, has ? &tenant : NULL,
	    &request->note);
	if (err == ERR_NOT_FOUND)
		return cognee_no_tenant(reply, &tenant);
	if (err < 0)
		return err;
	if (has)
		return done(reply, "Tenant selected.", NULL, NULL, &tenant);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nstring(w, "message", "Tenant selected.");
	jsonw_nnull(w, "tenant_id");
	jsonw_object_end(w);
	return 0;
}
