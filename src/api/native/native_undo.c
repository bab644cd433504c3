/* SPDX-License-Identifier: Apache-2.0 */
/* POST /jobs/{id}/undo: what the job wrote is taken back. */
#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "engine/undo.h"

struct undone_list {
	struct jsonw *w;
	enum undone_kind kind;
};

static int
on_undone(void *arg, enum undone_kind kind, const char *uri, const char *name)
{
	const struct undone_list *list = arg;

	if (kind != list->kind)
		return 0;
	jsonw_object(list->w);
	jsonw_nstring(list->w, "uri", uri);
	jsonw_nstring(list->w, "name", name);
	jsonw_object_end(list->w);
	return 0;
}

static int
write_lists(struct jsonw *w, struct store *reader, const struct job *job)
{
	static const char *const names[UNDONE_COUNT] = {
	    [UNDONE_REMOVED] = "removed",
	    [UNDONE_RESTORED] = "restored",
	    [UNDONE_LEFT] = "kept",
	};
	struct undone_list list = {.w = w};
	int kind, err = 0;

	for (kind = 0; err == 0 && kind < UNDONE_COUNT; kind++) {
		list.kind = (enum undone_kind)kind;
		jsonw_name(w, names[kind]);
		jsonw_array(w);
		err = engine_job_undone(reader, job->id, on_undone, &list);
		jsonw_array_end(w);
	}
	return err;
}

int
native_jobs_undo(struct http_request *request, struct http_reply *reply)
{
	struct store *reader;
	struct job_pace pace;
	struct jsonw *w;
	struct job job;
	int err;

	err = engine_job_undo(request->engine, request->caller.account_id,
	    &request->params[0].uuid, &job, &request->note);
	if (err == ERR_NOT_FOUND)
		return native_missing(request, "job");
	if (err == 0)
		err = http_begin(request, &reader);
	if (err < 0)
		return err;
	engine_job_pace(request->engine, &job, &pace);
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_name(w, "job");
	native_view_job(w, &job, &pace);
	err = write_lists(w, reader, &job);
	jsonw_object_end(w);
	return http_end(request, reader, err);
}
