/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "cmd/advice.h"
#include "cmd/base.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/nearest.h"
#include "cmd/term.h"

#define BODY_BYTES_MAX (64 * KIB)

void
base_path_put(struct buf *path, const char *name, const char *rest)
{
	(void)buf_puts(path, "/bases/");
	path_put(path, name);
	(void)buf_puts(path, rest);
}

/* No name is the server's default, to which a base may go back. */
void
model_members_put(struct jsonw *w, const struct args *args)
{
	if (args->model == NULL)
		return;
	jsonw_nstring(w, "embedding_model",
	    args->model[0] == '\0' ? NULL : args->model);
	if (args->dimensions != 0)
		jsonw_nuint(w, "embedding_dimensions", args->dimensions);
}

static int
base_get(struct client *client, const char *name, json_t **ret_base,
    struct err_note *note)
{
	struct buf path;
	int err;

	buf_init(&path, CLIENT_PATH_MAX);
	base_path_put(&path, name, "");
	err = path.err;
	if (err == 0)
		err = client_call(client, "GET", buf_text(&path), NULL,
		    ret_base, note);
	buf_fini(&path);
	return err;
}

static int
base_make(struct client *client, const struct args *args, const char *name,
    json_t **ret_base, struct err_note *note)
{
	struct buf body;
	struct jsonw w;
	int err;

	buf_init(&body, BODY_BYTES_MAX);
	jsonw_init(&w, &body);
	jsonw_object(&w);
	jsonw_nstring(&w, "name", name);
	model_members_put(&w, args);
	jsonw_object_end(&w);
	err = body.err;
	if (err == 0)
		err = client_call(client, "POST", "/bases", buf_text(&body),
		    ret_base, note);
	buf_fini(&body);
	return err;
}

/* Has the base what the arguments ask for?  Changing it is work over all of
 * its documents, which nobody gets by indexing one more. */
static int
model_check(const json_t *base, const struct args *args, const char *name,
    struct err_note *note)
{
	const char *has = json_text(base, "embedding_model");
	char model[80] = "the server's default model";
	struct buf clean;

	if (args->model == NULL ||
	    (strcmp(has, args->model) == 0 &&
		(args->dimensions == 0 ||
		    json_uint(base, "embedding_dimensions") ==
			args->dimensions)))
		return 0;
	if (has[0] != '\0') {
		buf_init(&clean, CLIENT_PATH_MAX);
		text_clean(&clean, has, strlen(has));
		(void)snprintf(model, sizeof(model), "the model %.60s",
		    buf_text(&clean));
		buf_fini(&clean);
	}
	return err_set(note, ERR_CONFLICT,
	    "the base %.60s is there already, with %s; tidemark embed BASE "
	    "--model NAME gives it another one", name, model);
}

int
base_unknown(struct client *client, const char *name, int err,
    struct err_note *note)
{
	struct nearest nearest = nearest_start(name);
	json_t *answer = NULL, *base;
	char path[64];
	size_t i;

	if (err != ERR_NOT_FOUND)
		return err;
	(void)snprintf(path, sizeof(path), "/bases?limit=%u", PAGE_LIMIT_MAX);
	if (client_call(client, "GET", path, NULL, &answer, NULL) == 0)
		json_array_foreach (json_object_get(answer, "bases"), i, base)
			nearest_offer(&nearest, json_text(base, "name"));
	json_decref(answer);
	(void)err_set(note, err, "there is no base \"%.60s\"", name);
	nearest_tell(&nearest, note);
	advice_give(ADVICE_NO_BASE);
	return err;
}

int
base_ensure(struct client *client, const struct args *args, const char *name,
    struct err_note *note)
{
	json_t *base = NULL;
	int err;

	if (args->model == NULL && args->dimensions != 0)
		return err_set(note, ERR_INVALID,
		    "dimensions are a model's: --embedding-model is needed");
	err = base_get(client, name, &base, note);
	if (err == ERR_NOT_FOUND) {
		err = base_make(client, args, name, &base, note);
		/* Somebody else has made it meanwhile: as good. */
		if (err == ERR_CONFLICT)
			err = base_get(client, name, &base, note);
	}
	if (err == 0)
		err = model_check(base, args, name, note);
	json_decref(base);
	return err;
}
