/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes that take a collection elsewhere: to another environment of its
 * organization, or into a second one.
 */
#include <string.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "engine/accounts.h"
#include "engine/bases.h"
#include "store/store.h"

static const char *const environments[] = {
#define ENVIRONMENT(name, text) text,
#include "model/environment_tbl.h"
    NULL};

static int
move_refuse(struct http_reply *reply, int err)
{
	switch (err) {
	case ERR_INVALID:
		return captain_refuse(reply, 400,
		    "The collection is in that environment already");
	case ERR_NOT_FOUND:
		return captain_refuse(reply, 404, "Collection not found");
	case ERR_EXISTS:
		return captain_refuse(reply, 409,
		    "That environment has a collection of this name");
	case ERR_CONFLICT:
		return captain_refuse(reply, 409,
		    "Jobs of the collection have not ended: wait for them or "
		    "cancel them");
	default:
		return err;
	}
}

int
captain_move_collection(struct http_request *request,
    struct http_reply *reply)
{
	static const struct captain_field fields[] = {
	    {.name = "new_environment", .type = CAPTAIN_TEXT,
		.is_required = true, .words = environments},
	};
	enum environment to = ENVIRONMENT_PRODUCTION;
	struct captain_base base;
	struct base_move move;
	const json_t *body;
	struct jsonw *w;
	int err;

	err = captain_base(request, reply, &base);
	if (err == 0)
		err = captain_body(request, reply, fields, 1, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	(void)environment_parse(captain_text(body, "new_environment", ""),
	    &to);
	err = engine_base_move(request->engine, request->caller.account_id,
	    &base.uuid, to, &move, &request->note);
	if (err < 0)
		return move_refuse(reply, err);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nbool(w, "success", true);
	jsonw_nstring(w, "message",
	    "Collection moved; nothing was indexed again");
	jsonw_nstring(w, "collection_name", base.name);
	jsonw_nstring(w, "previous_environment", environment_name(move.from));
	jsonw_nstring(w, "new_environment", environment_name(to));
	jsonw_nuint(w, "files_moved", move.documents);
	jsonw_object_end(w);
	return 0;
}

static bool
server_goes_on(void *arg)
{
	return !http_is_stopping(arg);
}

void
captain_watch(struct http_request *request, struct base_watch *ret_watch)
{
	*ret_watch = (struct base_watch){server_goes_on, request};
}

/* ---- copying ------------------------------------------------------------- */

/* What there is none of here, is counted as such. */
static void
put_copy(struct jsonw *w, const struct captain_base *base, const char *name,
    const struct base_copy *copy)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&copy->uuid, id);
	jsonw_object(w);
	jsonw_nbool(w, "success", true);
	jsonw_nstring(w, "message", "Collection copied");
	jsonw_nstring(w, "source_collection", base->name);
	jsonw_nstring(w, "collection_name", name);
	jsonw_nstring(w, "collection_id", id);
	jsonw_nstring(w, "database_id", id);
	jsonw_nuint(w, "documents_copied", copy->documents);
	jsonw_nuint(w, "files_copied", copy->documents);
	jsonw_nuint(w, "chunk_metadata_copied", copy->segments);
	jsonw_nuint(w, "namespaces_copied", 0);
	jsonw_nuint(w, "relations_copied", 0);
	jsonw_nuint(w, "relations_unresolved", 0);
	jsonw_object_end(w);
}

int
captain_copy_collection(struct http_request *request,
    struct http_reply *reply)
{
	static const struct captain_field fields[] = {
	    {.name = "target_name", .type = CAPTAIN_TEXT,
		.is_required = true},
	    {.name = "include_graph", .type = CAPTAIN_BOOL},
	};
	struct captain_base base;
	struct base_watch watch;
	struct base_copy copy;
	const json_t *body;
	const char *name;
	int err;

	err = captain_base(request, reply, &base);
	if (err == 0)
		err = captain_body(request, reply, fields, 2, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	name = captain_text(body, "target_name", "");
	if (!captain_is_name(reply, name, "body", "target_name"))
		return 0;
	captain_watch(request, &watch);
	err = engine_base_copy(request->engine, request->caller.account_id,
	    &base.uuid, name, &watch, &copy, &request->note);
	if (err == ERR_NOT_FOUND)
		return captain_refuse(reply, 404, "Collection not found");
	if (err == ERR_EXISTS)
		return captain_refuse(reply, 409,
		    "There is a collection of that name already");
	if (err < 0) /* broken off: the server is about to stop */
		return err == ERR_CANCELLED ? ERR_BUSY : err;
	put_copy(http_reply_json(reply, 200), &base, name, &copy);
	return 0;
}
