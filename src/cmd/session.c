/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session: where the server is.
 *
 * With --data there is no server: one is hosted in this process, on a free
 * loopback port, for as long as the command runs.  Its key is the folder's
 * own; when that is not to be had (the first key came from elsewhere) a
 * temporary one is made and revoked again: who may open the folder may do
 * everything with it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cmd/advice.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/host.h"
#include "cmd/session.h"
#include "cmd/settings.h"
#include "engine/engine.h"
#include "sys/fs.h"

#define URL_DEFAULT "http://127.0.0.1:8420"
#define KEY_FILE_MAX 1024
#define TOKEN_DIGITS 64u

/* ---- keys ------------------------------------------------------------- */

/* The first line of DIR/api-key; "" when it cannot be read. */
static void
key_read(const char *data, struct buf *key)
{
	struct buf path;

	buf_init(&path, 64 * KIB);
	(void)buf_printf(&path, "%s/api-key", data);
	if (path.err < 0 || fs_read_file(buf_text(&path), key, NULL) < 0)
		buf_clear(key);
	buf_fini(&path);
	if (key->len > 0) {
		key->len = strcspn(key->data, "\r\n");
		key->data[key->len] = '\0';
	}
}

/*
 * The server says which file it is.  It may be anybody's server, so what goes
 * out looks like a token, from a file of that name, and stays on this machine:
 * nobody gets the first line of another file by naming it.
 */
static bool
token_read(const char *path, struct buf *token)
{
	const char *name = strrchr(path, '/');

	if (path[0] != '/' || strcmp(name, "/local-token") != 0 ||
	    fs_read_plain_file(path, token, NULL) < 0)
		return false;
	return token->len == TOKEN_DIGITS &&
	    strspn(token->data, "0123456789abcdef") == TOKEN_DIGITS;
}

int
local_token_send(struct client *client, struct err_note *note)
{
	json_t *about = NULL;
	const char *path;
	struct buf token;
	int err;

	err = client_call(client, "GET", "/about", NULL, &about, note);
	if (err < 0)
		return err;
	buf_init(&token, TOKEN_DIGITS);
	path = json_text(about, "local_token_path");
	if (client_is_loopback(client) && token_read(path, &token))
		client_set_local(client, buf_text(&token));
	buf_fini(&token);
	json_decref(about);
	return 0;
}

/* ---- with a server ---------------------------------------------------- */

static int
open_remote(struct session *session, struct err_note *note)
{
	const char *url = getenv("TIDEMARK_URL");
	const char *key = getenv("TIDEMARK_API_KEY");
	const char *data = getenv("TIDEMARK_DATA");
	char *folder = NULL;
	struct buf file;
	int err;

	buf_init(&file, KEY_FILE_MAX);
	if (url == NULL || url[0] == '\0')
		url = URL_DEFAULT;
	/* A server elsewhere has other keys than the folder here. */
	if ((key == NULL || key[0] == '\0') && url_is_loopback(url)) {
		if (data == NULL || data[0] == '\0')
			data = folder = settings_default_data(getenv);
		if (data != NULL)
			key_read(data, &file);
		key = buf_text(&file);
	}
	err = client_open(url, key, &session->client, note);
	mem_free(folder);
	buf_fini(&file);
	return err;
}

/* ---- without ---------------------------------------------------------- */

/* Who only looks should not make a folder by a slip of the pen. */
static int
data_check(const char *data, struct err_note *note)
{
	struct buf path;
	int err;

	buf_init(&path, 64 * KIB);
	(void)buf_printf(&path, "%s/tidemark.db", data);
	err = path.err;
	if (err == 0 && access(buf_text(&path), F_OK) < 0) {
		err = err_set(note, ERR_INVALID,
		    "%s is not a data folder: %s", data, strerror(errno));
		advice_give(errno == EACCES ? ADVICE_NO_PERMISSION :
					      ADVICE_NO_FOLDER);
	}
	buf_fini(&path);
	return err;
}

static int
temporary_key(struct session *session, const struct caller *owner,
    char text[KEY_TEXT_SIZE], struct err_note *note)
{
	int err;

	err = engine_key_create(host_engine(session->host),
	    owner->account_id, "command line", text, &session->key, note);
	if (err == 0) {
		session->account_id = owner->account_id;
		session->has_key = true;
	}
	return err;
}

static int
owner_find(struct engine *engine, struct caller *ret_owner,
    struct err_note *note)
{
	struct store *reader = NULL;
	struct uuid uuid;
	int err;

	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = store_account_first(reader, &ret_owner->account_id,
		    &uuid);
	store_close(reader);
	return err;
}

static int
open_local(struct session *session, const char *data, bool do_work,
    struct err_note *note)
{
	char listen[] = "--listen=127.0.0.1:0";
	char flag[] = "--data";
	char text[KEY_TEXT_SIZE] = "";
	struct caller owner = {0};
	struct buf file;
	char *folder, *argv[3];
	int err;

	buf_init(&file, KEY_FILE_MAX);
	folder = mem_strdup(data);
	if (folder == NULL)
		return ERR_NOMEM;
	argv[0] = listen;
	argv[1] = flag;
	argv[2] = folder;
	err = settings_read(3, argv, getenv, &session->settings, note);
	mem_free(folder);
	if (err < 0)
		goto out;
	if (!do_work)
		err = data_check(session->settings.data, note);
	if (err < 0)
		goto out;
	log_set_level(session->settings.log_level < LOG_WARN ?
	    session->settings.log_level : LOG_WARN);
	err = host_open(&session->settings, do_work, &session->host, note);
	if (err < 0)
		goto out;
	key_read(session->settings.data, &file);
	if (file.len == 0 ||
	    engine_authenticate(host_engine(session->host), buf_text(&file),
	    file.len, &owner) < 0) {
		err = owner_find(host_engine(session->host), &owner, note);
		if (err == 0)
			err = temporary_key(session, &owner, text, note);
		if (err < 0)
			goto out;
	}
	err = client_open(host_url(session->host),
	    text[0] != '\0' ? text : buf_text(&file), &session->client, note);
out:
	buf_fini(&file);
	return err;
}

int
session_open(const struct args *args, bool do_work, struct session *session,
    struct err_note *note)
{
	int err;

	*session = (struct session){0};
	if (args->data == NULL)
		err = open_remote(session, note);
	else
		err = open_local(session, args->data, do_work, note);
	if (err < 0)
		session_close(session);
	return err;
}

void
session_close(struct session *session)
{
	client_close(session->client);
	if (session->has_key)
		(void)engine_key_revoke(host_engine(session->host),
		    session->account_id, &session->key, NULL);
	host_close(session->host);
	settings_fini(&session->settings);
	*session = (struct session){0};
}
