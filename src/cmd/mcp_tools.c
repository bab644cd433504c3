/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tools do: the requests that the other commands make, with answers
 * as the API gives them.
 *
 * Who waits for a job asks for it again when it has changed, and tells each
 * change to those that want to hear of progress.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cmd/base.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/index.h"
#include "cmd/mcp.h"
#include "cmd/session.h"
#include "cmd/watch.h"
#include "model/job.h"
#include "sys/clock.h"

#define WAIT_SECONDS 60	  /* for a job that was begun here */
#define POLL_SECONDS 20	  /* of one long poll */
#define FAILURES_SHOWN 20 /* of a job */
#define BASES_SHOWN 1000

/* Set a member to a value that is taken; whatever fails is out of memory. */
static int
member(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0 ? 0 : ERR_NOMEM;
}

/* ---- bases --------------------------------------------------------------- */

int
mcp_list_bases(struct mcp_call *call, json_t **ret_result,
    struct err_note *note)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/bases?limit=%d", BASES_SHOWN);
	return client_call(call->session->client, "GET", path, NULL,
	    ret_result, note);
}

int
mcp_query(struct mcp_call *call, json_t **ret_result, struct err_note *note)
{
	json_t *asked = json_copy((json_t *)(uintptr_t)call->arguments);
	struct buf path;
	char *body;
	int err;

	if (asked == NULL)
		return ERR_NOMEM;
	(void)json_object_del(asked, "base");
	body = json_dumps(asked, JSON_COMPACT);
	json_decref(asked);
	if (body == NULL)
		return ERR_NOMEM;
	buf_init(&path, CLIENT_PATH_MAX);
	base_path_put(&path, json_text(call->arguments, "base"), "/query");
	err = path.err;
	if (err == 0)
		err = client_call(call->session->client, "POST",
		    buf_text(&path), body, ret_result, note);
	buf_fini(&path);
	free(body);
	return err;
}

/* ---- jobs ---------------------------------------------------------------- */

static bool
is_final(const json_t *job)
{
	enum job_state state;

	return job_state_parse_name(json_text(job, "state"), &state) == 0 &&
	    job_state_is_final(state);
}

/* A notification, for who gave a token with the call. */
static void
tell_progress(struct mcp_call *call, const json_t *job)
{
	const json_t *counts = json_object_get(job, "counts");
	double percent = json_number(job, "percent");
	char words[128];
	json_t *message;

	if (call->progress == NULL || percent <= call->told_percent)
		return;
	call->told_percent = percent;
	(void)snprintf(words, sizeof(words), "%.40s, %llu of %llu files",
	    json_text(job, "state"),
	    (unsigned long long)(json_uint(counts, "total") -
		json_uint(counts, "queued") - json_uint(counts, "processing")),
	    (unsigned long long)json_uint(counts, "total"));
	message = json_pack("{s:s, s:s, s:{s:O, s:f, s:i, s:s}}", "jsonrpc",
	    "2.0", "method", "notifications/progress", "params",
	    "progressToken", call->progress, "progress",
	    percent, "total", 100, "message", words);
	if (message != NULL)
		call->tell(call->tell_arg, message);
	json_decref(message);
}

/* *job is replaced by what it is when it has ended, or the time is up. */
static int
job_await(struct mcp_call *call, json_t **job, int64_t seconds,
    struct err_note *note)
{
	int64_t end_us = clock_mono_us() + seconds * 1000000, left;
	char path[192];
	json_t *next;
	int err;

	for (;;) {
		left = (end_us - clock_mono_us() + 999999) / 1000000;
		if (left <= 0 || is_final(*job))
			return 0;
		(void)snprintf(path, sizeof(path),
		    "/jobs/%.40s?after=%lld&wait=%d", json_text(*job, "id"),
		    (long long)json_uint(*job, "revision"),
		    left < POLL_SECONDS ? (int)left : POLL_SECONDS);
		err = client_call(call->session->client, "GET", path, NULL,
		    &next, note);
		if (err < 0)
			return err;
		json_decref(*job);
		*job = next;
		tell_progress(call, *job);
	}
}

/* What failed, the first of them, with words. */
static int
failures_get(struct mcp_call *call, const json_t *job, json_t *result,
    struct err_note *note)
{
	const json_t *counts = json_object_get(job, "counts");
	json_t *page = NULL, *failures, *item;
	char path[128];
	size_t i;
	int err;

	failures = json_array();
	err = member(result, "failures", failures);
	if (err < 0 || json_uint(counts, "failed") == 0)
		return err;
	(void)snprintf(path, sizeof(path), "/jobs/%.40s/items?state=failed"
	    "&limit=%d", json_text(job, "id"), FAILURES_SHOWN);
	err = client_call(call->session->client, "GET", path, NULL, &page,
	    note);
	json_array_foreach (json_object_get(page, "items"), i, item)
		if (err == 0 && json_array_append_new(failures,
		    json_pack("{s:s, s:O}", "name", json_text(item, "name"),
			"error", json_object_get(item, "error"))) != 0)
			err = ERR_NOMEM;
	json_decref(page);
	return err;
}

/* Takes job: {"job", "is_final", "failures"}. */
static int
job_result(struct mcp_call *call, json_t *job, int64_t otherwise,
    json_t **ret_result, struct err_note *note)
{
	const json_t *wait = json_object_get(call->arguments,
	    "wait_seconds");
	json_t *result = NULL;
	int err;

	tell_progress(call, job);
	err = job_await(call, &job, wait == NULL ? otherwise
	    : json_integer_value(wait), note);
	if (err == 0) {
		result = json_pack("{s:O, s:b}", "job", job, "is_final",
		    is_final(job));
		err = result == NULL ? ERR_NOMEM
				     : failures_get(call, job, result, note);
	}
	json_decref(job);
	if (err < 0) {
		json_decref(result);
		return err;
	}
	*ret_result = result;
	return 0;
}

int
mcp_job_status(struct mcp_call *call, json_t **ret_result,
    struct err_note *note)
{
	const json_t *name = json_object_get(call->arguments, "job");
	json_t *job = NULL;
	int err;

	err = job_find(call->session->client,
	    name == NULL ? NULL : json_string_value(name), &job, note);
	return err < 0 ? err : job_result(call, job, 0, ret_result, note);
}

/* ---- indexing ------------------------------------------------------------ */

static json_t *
text_body(const json_t *arguments)
{
	const json_t *metadata = json_object_get(arguments, "metadata");
	json_t *document;

	document = json_pack("{s:O, s:O}", "name",
	    json_object_get(arguments, "name"), "text",
	    json_object_get(arguments, "text"));
	if (document != NULL && metadata != NULL &&
	    json_object_set(document, "metadata",
		(json_t *)(uintptr_t)metadata) != 0) {
		json_decref(document);
		return NULL;
	}
	return json_pack("{s:[o]}", "documents", document);
}

int
mcp_index_text(struct mcp_call *call, json_t **ret_result,
    struct err_note *note)
{
	struct client *client = call->session->client;
	const char *base = json_text(call->arguments, "base");
	json_t *body = text_body(call->arguments), *answer = NULL, *job;
	char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
	struct buf path;
	int err;

	json_decref(body);
	if (text == NULL)
		return ERR_NOMEM;
	buf_init(&path, CLIENT_PATH_MAX);
	base_path_put(&path, base, "/documents");
	err = path.err < 0 ? path.err
			   : base_ensure(client, call->args, base, note);
	if (err == 0)
		err = client_call(client, "POST", buf_text(&path), text,
		    &answer, note);
	buf_fini(&path);
	free(text);
	if (err < 0)
		return err;
	job = json_incref(json_object_get(answer, "job"));
	json_decref(answer);
	return job == NULL ? err_set(note, ERR_SYNTAX, "the answer has no job")
			   : job_result(call, job, WAIT_SECONDS, ret_result,
				 note);
}

/* Texts of an array, as the command's arguments have them. */
static size_t
texts_take(const json_t *array, const char **texts, size_t max)
{
	const json_t *text;
	size_t i;

	json_array_foreach (array, i, text) {
		if (i == max)
			break;
		texts[i] = json_string_value(text);
	}
	return i;
}

int
mcp_index_files(struct mcp_call *call, json_t **ret_result,
    struct err_note *note)
{
	/* Large: not for the stack.  One call at a time. */
	static struct args args;
	const json_t *paths = json_object_get(call->arguments, "paths");
	const json_t *include = json_object_get(call->arguments, "include");
	const json_t *exclude = json_object_get(call->arguments, "exclude");
	json_t *jobs = json_array(), *job;
	const char **words;
	int err;

	if (json_array_size(paths) == 0 ||
	    json_array_size(paths) > FOLDER_PATHS_MAX ||
	    json_array_size(include) > PATTERNS_MAX ||
	    json_array_size(exclude) > PATTERNS_MAX) {
		json_decref(jobs);
		return err_set(note, ERR_INVALID, "there must be 1 to %u "
		    "paths, and %u patterns at most", FOLDER_PATHS_MAX,
		    PATTERNS_MAX);
	}
	words = mem_array(json_array_size(paths), sizeof(*words));
	if (words == NULL || jobs == NULL) {
		mem_free(words);
		json_decref(jobs);
		return ERR_NOMEM;
	}
	args = (struct args){.data = call->args->data};
	args.word_count = texts_take(paths, words, FOLDER_PATHS_MAX);
	args.words = (char **)(uintptr_t)words;
	args.include_count = texts_take(include, args.include, PATTERNS_MAX);
	args.exclude_count = texts_take(exclude, args.exclude, PATTERNS_MAX);
	err = index_start(call->session->client, &args,
	    json_text(call->arguments, "base"), stderr, jobs, note);
	mem_free(words);
	/* More than one only where it was sent in pieces: the last one ends
	 * last. */
	job = json_array_get(jobs, json_array_size(jobs) - 1);
	if (err == 0 && job == NULL)
		err = err_set(note, ERR_SYNTAX, "the answer has no job");
	if (err == 0)
		err = job_result(call, json_incref(job), WAIT_SECONDS,
		    ret_result, note);
	json_decref(jobs);
	return err;
}
