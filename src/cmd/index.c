/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index: in place when the server may read the files itself, otherwise by
 * sending them.
 *
 * Sharing machine and user is proved, not guessed: the server says where its
 * local token lies, and who can read that file and sends its content back may
 * do what the server's user may.  A token of another machine that happens to
 * lie at the same path is refused, and then the files are sent.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "cmd/base.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/index.h"
#include "cmd/interrupt.h"
#include "cmd/session.h"
#include "cmd/upload.h"
#include "cmd/watch.h"
#include "source/folder.h"
#include "sys/fs.h"


struct paths {
	char **items; /* absolute, without links; each is freed with free() */
	size_t count;
};

static void
paths_free(struct paths *paths)
{
	size_t i;

	for (i = 0; i < paths->count; i++)
		free(paths->items[i]); /* realpath() allocated it */
	mem_free(paths->items);
}

static int
paths_resolve(const struct args *args, struct paths *paths,
    struct err_note *note)
{
	size_t i;

	paths->items = mem_array(args->word_count, sizeof(char *));
	if (paths->items == NULL)
		return ERR_NOMEM;
	for (i = 0; i < args->word_count; i++) {
		paths->items[i] = realpath(args->words[i], NULL);
		if (paths->items[i] == NULL)
			return err_set(note, ERR_INVALID, "%s: %s",
			    args->words[i], strerror(errno));
		paths->count++;
	}
	return 0;
}

/* The last part of the first path if that is a folder, else of its parent:
 * "/srv/handbook" and "/srv/handbook/a.md" are both "handbook". */
static char *
base_name(const char *path)
{
	struct stat st;
	const char *end = path + strlen(path);
	const char *start;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		end = strrchr(path, '/');
	for (start = end; start > path && start[-1] != '/'; start--)
		;
	if (start == end)
		return mem_strdup("files"); /* the root folder itself */
	return mem_strndup(start, (size_t)(end - start));
}

/* ---- in place --------------------------------------------------------- */

static void
list_put(struct jsonw *w, const char *name, const char *const *texts,
    size_t count)
{
	size_t i;

	jsonw_name(w, name);
	jsonw_array(w);
	for (i = 0; i < count; i++)
		jsonw_string(w, texts[i]);
	jsonw_array_end(w);
}

static void
folder_body(const struct args *args, const struct paths *paths,
    struct buf *body)
{
	struct jsonw w;

	jsonw_init(&w, body);
	jsonw_object(&w);
	jsonw_name(&w, "source");
	jsonw_object(&w);
	jsonw_nstring(&w, "kind", "folder");
	if (paths->count == 1)
		jsonw_nstring(&w, "path", paths->items[0]);
	else
		list_put(&w, "paths", (const char *const *)paths->items,
		    paths->count);
	list_put(&w, "include", args->include, args->include_count);
	list_put(&w, "exclude", args->exclude, args->exclude_count);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
}

/* ERR_FORBIDDEN: not in place, then. */
static int
start_folder(struct client *client, const struct args *args,
    const struct paths *paths, const char *path, json_t *jobs,
    struct err_note *note)
{
	json_t *answer = NULL, *job;
	struct buf body;
	int err;

	err = local_token_send(client, note);
	if (err < 0)
		return err;
	buf_init(&body, HTTP_JSON_BYTES_MAX);
	folder_body(args, paths, &body);
	err = body.err;
	if (err == 0)
		err = client_call(client, "POST", path, buf_text(&body),
		    &answer, note);
	buf_fini(&body);
	client_set_local(client, NULL);
	if (err < 0)
		return err;
	job = json_object_get(answer, "job");
	if (job == NULL)
		err = err_set(note, ERR_SYNTAX, "the answer has no job");
	else if (json_array_append(jobs, job) != 0)
		err = ERR_NOMEM;
	json_decref(answer);
	return err;
}

/* ---- all of it -------------------------------------------------------- */

static int
start(struct client *client, const struct args *args,
    const struct paths *paths, const char *base, FILE *out, json_t *jobs,
    struct err_note *note)
{
	struct folder_rule rule = {
	    .roots = (const char *const *)paths->items,
	    .root_count = paths->count,
	    .include = args->include,
	    .include_count = args->include_count,
	    .exclude = args->exclude,
	    .exclude_count = args->exclude_count,
	};
	struct buf path;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	err = base_ensure(client, args, base, note);
	if (err < 0)
		goto out;
	base_path_put(&path, base, "/jobs");
	if (path.err < 0) {
		err = path.err;
		goto out;
	}
	/* A server elsewhere may have the same path with other files. */
	err = ERR_FORBIDDEN;
	if (client_is_loopback(client))
		err = start_folder(client, args, paths, buf_text(&path), jobs,
		    note);
	if (err != ERR_FORBIDDEN)
		goto out;
	path.len -= strlen("/jobs");
	(void)buf_puts(&path, "/documents");
	*note = (struct err_note){0};
	err = upload_send(client, buf_text(&path), &rule, out, jobs, note);
out:
	buf_fini(&path);
	return err;
}

int
index_start(struct client *client, const struct args *args, const char *base,
    FILE *out, json_t *jobs, struct err_note *note)
{
	struct paths paths = {0};
	int err;

	err = paths_resolve(args, &paths, note);
	if (err == 0)
		err = start(client, args, &paths, base, out, jobs, note);
	paths_free(&paths);
	return err;
}

/* --json: the job; a list when there were too many files for one. */
static void
jobs_print(const json_t *jobs)
{
	if (json_array_size(jobs) == 1)
		json_print(json_array_get(jobs, 0));
	else
		json_print(jobs);
}

static int
finish(struct client *client, const struct args *args, json_t *jobs,
    FILE *out)
{
	json_t *job;
	int status = CMD_DONE;
	size_t i;

	if (!args_has(args, OPT(DETACH)))
		status = watch_jobs(client, jobs, out, args->data);
	else if (!args_has(args, OPT(JSON)))
		json_array_foreach (jobs, i, job)
			(void)printf("%s\n", json_text(job, "id"));
	if (args_has(args, OPT(JSON)))
		jobs_print(jobs);
	return status;
}

int
cmd_index(const struct args *args)
{
	FILE *out = args_has(args, OPT(JSON)) ? stderr : stdout;
	json_t *jobs = json_array();
	struct session session = {0};
	struct err_note note = {0};
	struct paths paths = {0};
	char *name = NULL;
	int err, status = CMD_FAILED;

	if (args->data != NULL && args_has(args, OPT(DETACH))) {
		err = err_set(&note, ERR_INVALID,
		    "--detach needs a server that goes on with the job");
		goto out;
	}
	err = paths_resolve(args, &paths, &note);
	if (err < 0)
		goto out;
	name = args->base != NULL ? mem_strdup(args->base) :
				    base_name(paths.items[0]);
	if (name == NULL || jobs == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	err = interrupt_catch();
	if (err < 0)
		goto out;
	err = session_open(args, true, &session, &note);
	if (err < 0)
		goto out;
	err = start(session.client, args, &paths, name, out, jobs, &note);
	if (err < 0)
		goto out;
	status = finish(session.client, args, jobs, out);
out:
	session_close(&session);
	paths_free(&paths);
	mem_free(name);
	json_decref(jobs);
	return err < 0 ? cmd_error("index", err, &note) : status;
}
