/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chat/chat.h"
#include "cmd/models.h"
#include "cmd/settings.h"
#include "sys/fs.h"

/* A flag is seen by everybody who lists processes, so there is a file; its
 * first line is the key. */
static int
key_read(const char *key, const char *file, char **ret_key,
    struct err_note *note)
{
	struct buf text;
	int err;

	if (file[0] == '\0') {
		*ret_key = key[0] == '\0' ? NULL : mem_strdup(key);
		return key[0] != '\0' && *ret_key == NULL ? ERR_NOMEM : 0;
	}
	if (key[0] != '\0')
		return err_set(note, ERR_INVALID,
		    "chat_key and chat_key_file are both given");
	buf_init(&text, CHAT_KEY_BYTES_MAX + 2);
	err = fs_read_file(file, &text, note);
	if (err == 0) {
		*ret_key = mem_strndup(buf_text(&text),
		    strcspn(buf_text(&text), "\r\n"));
		err = *ret_key == NULL ? ERR_NOMEM : 0;
	}
	buf_fini(&text);
	if (err == 0 && **ret_key == '\0')
		err = err_set(note, ERR_INVALID,
		    "the first line of %s is empty", file);
	if (err < 0 && err != ERR_NOMEM) {
		err_wrap(note, "chat_key_file");
		err = ERR_INVALID;
	}
	return err;
}

/* What a client says when it is made is better heard now than at the first
 * document. */
static int
chat_check(const struct models *models, struct err_note *note)
{
	const struct chat_config config = {.url = models->chat_url,
	    .model = models->chat_model,
	    .key = models->chat_key};
	struct chat_client *client;
	int err;

	err = chat_client_new(&config, &client, note);
	if (err < 0) {
		err_wrap(note, "chat_url, chat_model or chat_key");
		return err;
	}
	chat_client_free(client);
	return 0;
}

int
models_read(const struct settings *settings, struct models *ret_models,
    struct err_note *note)
{
	struct models models = {0};
	bool has_url, has_model;
	int err;

	err = key_read(settings->chat_key, settings->chat_key_file,
	    &models.chat_key, note);
	if (err < 0)
		goto out;
	has_url = settings->chat_url[0] != '\0';
	has_model = settings->chat_model[0] != '\0';
	if (has_url != has_model || (models.chat_key != NULL && !has_url)) {
		err = err_set(note, ERR_INVALID,
		    "a chat model needs chat_url and chat_model");
		goto out;
	}
	if (has_url) {
		models.chat_url = settings->chat_url;
		models.chat_model = settings->chat_model;
		err = chat_check(&models, note);
		if (err < 0)
			goto out;
	}
	*ret_models = models;
	models = (struct models){0};
out:
	models_fini(&models);
	return err;
}

void
models_fini(struct models *models)
{
	mem_free(models->chat_key);
	*models = (struct models){0};
}
