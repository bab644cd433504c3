/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed: which models there are, and giving a base another one.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "cmd/base.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/session.h"
#include "cmd/term.h"
#include "cmd/watch.h"

#define BODY_BYTES_MAX (64 * KIB)

/* ---- models ------------------------------------------------------------- */

static void
model_print(const json_t *model)
{
	const char *error = json_text(model, "error");
	uint64_t dimensions = json_uint(model, "dimensions");

	text_print(stdout, json_text(model, "name"));
	(void)fputs(": ", stdout);
	text_print(stdout, json_text(model, "kind"));
	if (dimensions != 0)
		(void)printf(", %llu dimensions",
		    (unsigned long long)dimensions);
	else
		(void)fputs(", dimensions not known yet", stdout);
	if (json_is_true(json_object_get(model, "is_default")))
		(void)fputs(", the default", stdout);
	if (json_is_true(json_object_get(model, "is_down"))) {
		(void)fputs(", does not answer", stdout);
		(void)fputs(error[0] != '\0' ? ": " : "", stdout);
		text_print(stdout, error);
	}
	(void)fputc('\n', stdout);
}

static void
models_print(const json_t *answer)
{
	const json_t *model;
	size_t i;

	json_array_foreach (json_object_get(answer, "models"), i, model)
		model_print(model);
	if (json_is_true(json_object_get(answer, "takes_others")))
		(void)fputs("any other that the embedding service knows will "
			    "do, too\n", stdout);
}

int
cmd_models(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *answer = NULL;
	int err;

	err = session_open(args, false, &session, &note);
	if (err == 0)
		err = client_call(session.client, "GET", "/models", NULL,
		    &answer, &note);
	if (err == 0 && args_has(args, OPT(JSON)))
		json_print(answer);
	else if (err == 0)
		models_print(answer);
	json_decref(answer);
	session_close(&session);
	return err < 0 ? cmd_error("models", err, &note) : CMD_DONE;
}

/* ---- embed -------------------------------------------------------------- */

/* Without a model: what the base lacks of the one that it is to have. */
static int
embed_start(struct client *client, const struct args *args,
    json_t **ret_base, struct err_note *note)
{
	const char *rest = args->model == NULL ? "/embed" : "";
	struct buf path, body;
	struct jsonw w;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	buf_init(&body, BODY_BYTES_MAX);
	base_path_put(&path, args->words[0], rest);
	jsonw_init(&w, &body);
	jsonw_object(&w);
	model_members_put(&w, args);
	jsonw_object_end(&w);
	err = path.err < 0 ? path.err : body.err;
	if (err == 0 && args->model == NULL)
		err = client_call(client, "POST", buf_text(&path), NULL,
		    ret_base, note);
	else if (err == 0)
		err = client_call(client, "PATCH", buf_text(&path),
		    buf_text(&body), ret_base, note);
	buf_fini(&body);
	buf_fini(&path);
	return err;
}

/* --json prints what the server has answered when there is nothing to do or
 * to wait for, else the job at its end. */
static int
embed_finish(struct client *client, const struct args *args, json_t *base)
{
	bool is_json = args_has(args, OPT(JSON));
	json_t *job = json_object_get(base, "job"), *jobs;
	int status = CMD_DONE;

	if (job == NULL && is_json) {
		json_print(base);
	} else if (job == NULL) {
		text_print(stdout, json_text(base, "name"));
		(void)fputs(": nothing is to be embedded again\n", stdout);
	} else if (args_has(args, OPT(DETACH)) && is_json) {
		json_print(job);
	} else if (args_has(args, OPT(DETACH))) {
		(void)printf("%s\n", json_text(job, "id"));
	} else {
		jobs = json_array();
		if (json_array_append(jobs, job) != 0) {
			json_decref(jobs);
			return cmd_error("embed", ERR_NOMEM, NULL);
		}
		status = watch_jobs(client, jobs, is_json ? stderr : stdout,
		    args->data);
		if (is_json)
			json_print(json_array_get(jobs, 0));
		json_decref(jobs);
	}
	return status;
}

int
cmd_embed(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	json_t *base = NULL;
	int err = 0, status = CMD_FAILED;

	if (args->data != NULL && args_has(args, OPT(DETACH)))
		err = err_set(&note, ERR_INVALID,
		    "--detach needs a server that goes on with the job");
	else if (args->model == NULL && args->dimensions != 0)
		err = err_set(&note, ERR_INVALID,
		    "dimensions are a model's: --model is needed");
	if (err == 0)
		err = interrupt_catch();
	if (err == 0)
		err = session_open(args, true, &session, &note);
	if (err == 0)
		err = embed_start(session.client, args, &base, &note);
	if (err == ERR_NOT_FOUND)
		err = base_unknown(session.client, args->words[0], err,
		    &note);
	if (err == 0)
		status = embed_finish(session.client, args, base);
	json_decref(base);
	session_close(&session);
	return err < 0 ? cmd_error("embed", err, &note) : status;
}
