/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Improve and memify: what the original does to a graph that is there.
 *
 * Its graphs are made better by a model that looks at them again; ours are
 * merged of what each segment says whenever they are read, so that there is
 * nothing to do.  What somebody wants done that is more than that (tasks of
 * their own, other data) is refused.  Memos of sessions become a document each,
 * and are cognified.
 */
#include <ctype.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_memo.h"
#include "api/cognee/cognee_pieces.h"
#include "api/cognee/cognee_rule.h"
#include "api/cognee/cognee_run.h"
#include "api/cognee/cognee_view.h"
#include "base/buf.h"
#include "base/mem.h"
#include "engine/kept.h"
#include "engine/memos.h"
#include "http/http.h"
#include "store/store.h"

#define SESSIONS_MAX 100u /* of one request */
#define SESSION_BYTES_MAX (4 * MIB) /* of one of them; its newest memos */

static const struct cognee_field fields[] = {
    {.name = "extraction_tasks", .type = COGNEE_TEXTS},
    {.name = "enrichment_tasks", .type = COGNEE_TEXTS},
    {.name = "data", .type = COGNEE_TEXT},
    {.name = "dataset_name", .type = COGNEE_TEXT},
    {.name = "dataset_id", .type = COGNEE_TEXT},
    {.name = "node_name", .type = COGNEE_TEXTS},
    {.name = "run_in_background", .type = COGNEE_BOOL},
    {.name = "build_global_context_index", .type = COGNEE_BOOL},
    {.name = "session_ids", .type = COGNEE_TEXTS},
};

struct wish {
	const char *name;
	struct uuid uuid;
	bool has_uuid, is_background;
	const json_t *sessions;
};

/* ---- what is asked for --------------------------------------------------- */

static const char *
first_text(const json_t *texts)
{
	size_t i;

	for (i = 0; i < json_array_size(texts); i++)
		if (json_string_length(json_array_get(texts, i)) > 0)
			return json_string_value(json_array_get(texts, i));
	return NULL;
}

/* What cannot be done here; ERR_INVALID with words. */
static int
check_extras(struct http_request *request, const json_t *body)
{
	static const char *const tasks[] = {"extraction_tasks",
	    "enrichment_tasks"};
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		text = first_text(cognee_member(body, tasks[i]));
		if (text != NULL)
			return err_set(&request->note, ERR_INVALID,
			    "there is no task '%.60s': %s are not supported",
			    text, tasks[i]);
	}
	if (cognee_text(body, "data", "")[0] != '\0')
		return err_set(&request->note, ERR_INVALID,
		    "data is not supported: add it, and cognify");
	if (cognee_bool(body, "build_global_context_index", false))
		return err_set(&request->note, ERR_INVALID,
		    "build_global_context_index is not supported");
	return 0;
}

/* 0; 1: the reply is written. */
static int
read_wish(struct http_request *request, struct http_reply *reply,
    struct wish *wish, int *ret_extras)
{
	const json_t *body;
	const char *uuid;
	int err;

	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(fields[0]), &body);
	if (err != 0)
		return err;
	wish->name = cognee_text(body, "dataset_name", "");
	uuid = cognee_text(body, "dataset_id", "");
	wish->has_uuid = uuid[0] != '\0';
	wish->is_background = cognee_bool(body, "run_in_background", false);
	wish->sessions = cognee_member(body, "session_ids");
	*ret_extras = check_extras(request, body);
	return wish->has_uuid ? cognee_value_uuid(reply, "body", "datasetId",
				    uuid, &wish->uuid)
			      : 0;
}

static int
find(struct http_request *request, const struct wish *wish,
    struct cognee_dataset *dataset)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	return wish->has_uuid
	    ? cognee_dataset_find(request, reader, &wish->uuid,
		  COGNEE_WRITE, dataset)
	    : cognee_dataset_named(request, reader, wish->name, dataset);
}

static const char *
no_dataset(const struct wish *wish)
{
	return wish->has_uuid ? COGNEE_NO_WRITE
			      : "No datasets found. [DatasetNotFoundError]";
}

/* ---- memify -------------------------------------------------------------- */

/* The run that made the graph as it is is the one that is told of; without
 * one there is nothing to tell of. */
static int
put_made(struct http_request *request, struct http_reply *reply,
    const struct cognee_dataset *dataset)
{
	struct base_standing standing;
	struct store *reader;
	struct jsonw *w;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	err = base_standing(reader, dataset->id, &standing);
	if (err == 0 && standing.has_run) {
		jsonw_name(w, dataset->text);
		err = cognee_write_info(w, reader, COGNEE_INFO_COMPLETED,
		    dataset, &standing.run.uuid, COGNEE_LIST_NONE);
	}
	jsonw_object_end(w);
	return http_end(request, reader, err);
}

int
cognee_memify(struct http_request *request, struct http_reply *reply)
{
	struct cognee_dataset dataset;
	struct wish wish;
	int err, extras;

	err = read_wish(request, reply, &wish, &extras);
	if (err != 0)
		return err < 0 ? err : 0;
	if (!wish.has_uuid && wish.name[0] == '\0')
		return cognee_broken(reply, 400, COGNEE_NO_NAME, NULL);
	if (extras < 0)
		return cognee_broken(reply, 400, request->note.text, NULL);
	err = find(request, &wish, &dataset);
	if (err == ERR_NOT_FOUND)
		return cognee_broken(reply, 500, COGNEE_BROKEN,
		    no_dataset(&wish));
	return err < 0 ? err : put_made(request, reply, &dataset);
}

/* ---- sessions ------------------------------------------------------------ */

struct session {
	struct buf lines[MEMOS_LOOKED_MAX]; /* newest first */
	size_t count;
	uint64_t bytes;
	const struct cognee_dataset *dataset;
};

/* What is about another dataset is not for this one. */
static int
on_memo(void *arg, const struct memo *memo, double score)
{
	struct session *session = arg;
	struct buf *lines;
	int err;

	(void)score;
	if (memo->has_base &&
	    !uuid_is_equal(&memo->base, &session->dataset->uuid))
		return 0;
	if (session->count == MEMOS_LOOKED_MAX ||
	    session->bytes >= SESSION_BYTES_MAX)
		return 1;
	lines = &session->lines[session->count++];
	buf_init(lines, SESSION_BYTES_MAX);
	err = cognee_memo_lines(memo, lines);
	session->bytes += lines->len;
	return err;
}

/* A name that no other session has, and that is no path.  Users' sessions are
 * often called alike: who it is of is said where a dataset is another's. */
static void
put_session_name(const char *id, const char *user, struct buf *out)
{
	const char *c;

	(void)buf_puts(out, "session_");
	for (c = id; *c != '\0'; c++)
		if (isalnum((unsigned char)*c) || *c == '_' || *c == '-')
			(void)buf_putc(out, *c);
		else
			(void)buf_printf(out, "%%%02X", (unsigned char)*c);
	(void)buf_printf(out, "%s%s.txt", user[0] == '\0' ? "" : ".", user);
}

/* "" where the dataset is the caller's own. */
static int
session_user(struct http_request *request, struct store *reader,
    const struct cognee_dataset *dataset, char user[UUID_TEXT_SIZE])
{
	struct account account;
	int err = 0;

	user[0] = '\0';
	if (dataset->account_id == request->caller.account_id)
		return 0;
	err = store_account_get(reader, request->caller.account_id, &account);
	if (err == 0)
		uuid_format(&account.uuid, user);
	return err;
}

/* The memos, the oldest first, as a finished upload. */
static int
session_upload(struct http_request *request, const char *id,
    const char *user, struct session *session, struct upload **ret_upload)
{
	struct upload *upload = NULL;
	struct buf name;
	size_t i;
	int err;

	buf_init(&name, UPLOAD_NAME_BYTES_MAX);
	put_session_name(id, user, &name);
	err = name.err < 0
	    ? err_set(&request->note, ERR_INVALID, "a session's id is too long")
	    : engine_upload_open(request->engine, JOB_KIND_UPLOAD,
		  buf_text(&name), NULL, &upload, &request->note);
	for (i = session->count; err == 0 && i > 0; i--) {
		err = engine_upload_write(upload, session->lines[i - 1].data,
		    session->lines[i - 1].len);
		if (err == 0)
			err = engine_upload_write(upload, "\n", 1);
	}
	if (err == 0)
		err = engine_upload_finish(upload, &request->note);
	if (err == 0)
		*ret_upload = upload;
	else
		engine_upload_free(upload);
	buf_fini(&name);
	return err;
}

/* *ret_upload NULL: nothing was said in it. */
static int
session_read(struct http_request *request, const char *id,
    const struct cognee_dataset *dataset, struct upload **ret_upload)
{
	struct memo_wish wish = {.session = id, .limit = MEMOS_LOOKED_MAX};
	char user[UUID_TEXT_SIZE];
	struct session *session;
	struct store *reader;
	size_t i;
	int err;

	session = mem_zalloc(sizeof(*session));
	if (session == NULL)
		return ERR_NOMEM;
	session->dataset = dataset;
	*ret_upload = NULL;
	err = http_reader(request, &reader);
	if (err == 0)
		err = session_user(request, reader, dataset, user);
	if (err == 0)
		err = engine_memos_find(reader, request->caller.account_id,
		    &wish, on_memo, session);
	if (err == 1)
		err = 0;
	if (err == 0 && session->bytes > 0)
		err = session_upload(request, id, user, session, ret_upload);
	for (i = 0; i < session->count; i++)
		buf_fini(&session->lines[i]);
	mem_free(session);
	return err;
}

static bool
is_named_before(const json_t *names, size_t nth)
{
	const char *name = json_string_value(json_array_get(names, nth));
	size_t i;

	for (i = 0; i < nth; i++)
		if (strcmp(json_string_value(json_array_get(names, i)), name)
		    == 0)
			return true;
	return false;
}

/* Keep each session as one document: what was said later becomes part of the
 * same. */
static int
sessions_keep(struct http_request *request, const struct wish *wish,
    const struct cognee_dataset *dataset, bool *ret_has)
{
	struct cognee_pieces pieces = {.owns_uploads = true};
	const json_t *one;
	struct job job;
	size_t i;
	int err = 0;

	pieces.puts = mem_array(json_array_size(wish->sessions),
	    sizeof(*pieces.puts));
	if (pieces.puts == NULL)
		return ERR_NOMEM;
	for (i = 0; err == 0 && i < json_array_size(wish->sessions); i++) {
		if (is_named_before(wish->sessions, i))
			continue;
		one = json_array_get(wish->sessions, i);
		pieces.puts[pieces.count] = (struct put){.is_new = false};
		err = session_read(request, json_string_value(one), dataset,
		    &pieces.puts[pieces.count].upload);
		pieces.count += pieces.puts[pieces.count].upload != NULL;
	}
	*ret_has = pieces.count > 0;
	if (err == 0 && pieces.count > 0)
		err = cognee_pieces_keep(request, dataset, &pieces, &job);
	cognee_pieces_fini(&pieces);
	return err;
}

/* ---- improve ------------------------------------------------------------- */

static int
improve_broken(struct http_reply *reply)
{
	cognee_write_error(http_reply_json(reply, 409),
	    "An error occurred during graph improvement.");
	return 1;
}

/* 0: runs have begun; 1: the reply is written. */
static int
improve_start(struct http_request *request, struct http_reply *reply,
    const struct wish *wish)
{
	const struct cognee_rule rule = {.prompt = NULL};
	struct cognee_dataset dataset;
	struct cognee_runs *runs;
	bool has_memos = false;
	int err;

	err = find(request, wish, &dataset);
	if (err == ERR_NOT_FOUND) {
		(void)cognee_detail(reply, wish->has_uuid ? 403 : 404,
		    no_dataset(wish));
		return 1;
	}
	if (err == 0 && json_array_size(wish->sessions) > 0)
		err = sessions_keep(request, wish, &dataset, &has_memos);
	if (err == ERR_INVALID || err == ERR_TOO_BIG ||
	    err == ERR_NOT_FOUND || err == ERR_CONFLICT)
		return improve_broken(reply);
	if (err == 0)
		err = cognee_runs_new(request, has_memos, &runs);
	if (err < 0)
		return err;
	runs->is_background = wish->is_background;
	if (has_memos) {
		runs->items[0].dataset = dataset;
		cognee_run_start(request, &runs->items[0], &rule);
	}
	return 0;
}

static int
improve_begin(struct http_request *request, struct http_reply *reply)
{
	struct wish wish;
	int err, extras;

	err = read_wish(request, reply, &wish, &extras);
	if (err != 0)
		return err;
	if (!wish.has_uuid && wish.name[0] == '\0')
		return cognee_detail(reply, 400, COGNEE_NO_NAME) + 1;
	if (extras < 0)
		return cognee_detail(reply, 400, request->note.text) + 1;
	if (json_array_size(wish.sessions) > SESSIONS_MAX)
		return cognee_invalid(reply, "body", "sessionIds", "too_long",
		    "List should have at most 100 items", NULL);
	return improve_start(request, reply, &wish);
}

int
cognee_improve(struct http_request *request, struct http_reply *reply)
{
	int err = 0;

	if (cognee_runs_of(request) == NULL)
		err = improve_begin(request, reply);
	if (err == 0)
		return cognee_runs_answer(request, reply, 420);
	return err < 0 ? err : 0;
}
