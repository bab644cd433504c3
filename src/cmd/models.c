/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chat/chat.h"
#include "cmd/models.h"
#include "cmd/settings.h"
#include "embed/embed.h"
#include "embed/openai.h"
#include "rerank/rerank.h"
#include "sys/fs.h"

/* A flag is seen by everybody who lists processes, so there is a file; its
 * first line is the key. */
static int
key_read(const char *name, const char *key, const char *file, char **ret_key,
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
		    "%s and %s_file are both given", name, name);
	buf_init(&text, NET_KEY_BYTES_MAX + 2);
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
		err_wrap(note, "%s_file", name);
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

static int
rerank_check(const struct models *models, struct err_note *note)
{
	const struct rerank_config config = {.url = models->rerank_url,
	    .model = models->rerank_model,
	    .key = models->rerank_key};
	struct rerank_client *client;
	int err;

	err = rerank_client_new(&config, &client, note);
	if (err < 0) {
		err_wrap(note, "rerank_url, rerank_model or rerank_key");
		return err;
	}
	rerank_client_free(client);
	return 0;
}

static int
embedding_check(const struct models *models, struct err_note *note)
{
	const struct openai_config config = {.url = models->embedding_url,
	    .model = models->embedding_model,
	    .key = models->embedding_key};
	struct embedder *embedder;
	int err;

	err = embed_openai_new(&config, &embedder, note);
	if (err < 0) {
		err_wrap(note,
		    "embedding_url, embedding_model or embedding_key");
		return err;
	}
	embedder->close(embedder);
	return 0;
}

static int
chat_read(const struct settings *settings, struct models *models,
    struct err_note *note)
{
	bool has_url = settings->chat_url[0] != '\0';
	bool has_model = settings->chat_model[0] != '\0';
	int err;

	err = key_read("chat_key", settings->chat_key,
	    settings->chat_key_file, &models->chat_key, note);
	if (err < 0)
		return err;
	if (has_url != has_model || (models->chat_key != NULL && !has_url))
		return err_set(note, ERR_INVALID,
		    "a chat model needs chat_url and chat_model");
	if (!has_url)
		return 0;
	models->chat_url = settings->chat_url;
	models->chat_model = settings->chat_model;
	return chat_check(models, note);
}

static int
rerank_read(const struct settings *settings, struct models *models,
    struct err_note *note)
{
	bool has_url = settings->rerank_url[0] != '\0';
	bool has_model = settings->rerank_model[0] != '\0';
	int err;

	err = key_read("rerank_key", settings->rerank_key,
	    settings->rerank_key_file, &models->rerank_key, note);
	if (err < 0)
		return err;
	if (has_url != has_model || (models->rerank_key != NULL && !has_url))
		return err_set(note, ERR_INVALID,
		    "a reranking service needs rerank_url and rerank_model");
	if (!has_url)
		return 0;
	models->rerank_url = settings->rerank_url;
	models->rerank_model = settings->rerank_model;
	return rerank_check(models, note);
}

static int
embedding_read(const struct settings *settings, struct models *models,
    struct err_note *note)
{
	bool has_url = settings->embedding_url[0] != '\0';
	bool has_model = settings->embedding_model[0] != '\0';
	int err;

	err = key_read("embedding_key", settings->embedding_key,
	    settings->embedding_key_file, &models->embedding_key, note);
	if (err < 0)
		return err;
	if (settings->embedding_folder[0] != '\0') {
		models->embedding_folder = settings->embedding_folder;
	} else if (strcmp(settings->embedding_numbers, "float32") != 0) {
		return err_set(note, ERR_INVALID, "embedding_numbers is of "
		    "use with embedding_folder only");
	}
	if (has_url != has_model ||
	    (models->embedding_key != NULL && !has_url))
		return err_set(note, ERR_INVALID, "an embedding service "
		    "needs embedding_url and embedding_model");
	if (!has_url)
		return 0;
	models->embedding_url = settings->embedding_url;
	models->embedding_model = settings->embedding_model;
	return embedding_check(models, note);
}

int
models_read(const struct settings *settings, struct models *ret_models,
    struct err_note *note)
{
	struct models models = {0};
	int err;

	err = chat_read(settings, &models, note);
	if (err == 0)
		err = rerank_read(settings, &models, note);
	if (err == 0)
		err = embedding_read(settings, &models, note);
	if (err == 0) {
		*ret_models = models;
		models = (struct models){0};
	}
	models_fini(&models);
	return err;
}

void
models_fini(struct models *models)
{
	mem_free(models->chat_key);
	mem_free(models->rerank_key);
	mem_free(models->embedding_key);
	*models = (struct models){0};
}
