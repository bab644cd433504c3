/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store gives each embedder a number by its name, which stands with every
 * vector: so vectors of two embedders are never compared, however many
 * dimensions they have.
 *
 * An embedder is opened, and gets its number, without the lock of the list: the
 * number may have to wait for the writer.  Two threads that open the same one
 * find that out when they put it into the list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/folder.h"
#include "embed/openai.h"
#include "engine/embedding.h"
#include "engine/embedding_int.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "engine/write_tx.h"

/* ---- numbers ------------------------------------------------------------- */

struct number {
	const char *name;
	int64_t account_id; /* that asks */
	int64_t id;
	size_t dimensions;
	size_t learnt; /* 0: nobody has asked it */
};

static int
number_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct number *number = arg;
	int err;

	(void)note;
	err = store_embedder(tx_store(tx), number->name, &number->id,
	    &number->dimensions);
	return err < 0 || number->learnt == 0 || number->dimensions != 0
	    ? err
	    : store_embedder_learn(tx_store(tx), number->id, number->learnt);
}

/* The writer does not run yet, and a start that finds all as it was is no
 * operation of it. */
static int
number_early(struct engine *engine, struct number *number,
    struct err_note *note)
{
	int err;

	err = store_begin(engine->store, note);
	if (err < 0)
		return err;
	err = store_embedder(engine->store, number->name, &number->id,
	    &number->dimensions);
	if (err < 0) {
		store_rollback(engine->store);
		return err_set(note, err, "the store's embedders: %s",
		    err_text(err));
	}
	return store_commit(engine->store, note);
}

/* ---- the list ------------------------------------------------------------ */

/* With the lock held; NULL: it is not there. */
static const struct embedding *
list_find(const struct embeddings *embeddings, int64_t id)
{
	size_t i;

	for (i = 0; i < embeddings->count; i++)
		if (embeddings->list[i].id == id)
			return &embeddings->list[i];
	return NULL;
}

static const struct embedding *
embedding_find(struct embeddings *embeddings, int64_t id)
{
	const struct embedding *found;

	(void)pthread_mutex_lock(&embeddings->lock);
	found = list_find(embeddings, id);
	(void)pthread_mutex_unlock(&embeddings->lock);
	return found;
}

/* With the lock held: one more for that account? */
static int
list_has_room(const struct embeddings *embeddings, int64_t account_id,
    struct err_note *note)
{
	size_t own = 0, i;

	if (embeddings->count == EMBEDDINGS_MAX)
		return err_set(note, ERR_BUSY, "%u models are in use here "
		    "already: that is as many as there may be",
		    EMBEDDINGS_MAX);
	for (i = 0; account_id != 0 && i < embeddings->count; i++)
		own += embeddings->list[i].account_id == account_id;
	if (own >= EMBEDDINGS_ACCOUNT_MAX)
		return err_set(note, ERR_BUSY, "this account has asked for %u "
		    "models since the server's start: that is as many as it "
		    "may", EMBEDDINGS_ACCOUNT_MAX);
	return 0;
}

/* Takes *embedder, whatever happens; another one may have been quicker. */
static int
list_put(struct embeddings *embeddings, const struct number *number,
    struct embedder **embedder, const struct embedding **ret_embedding,
    struct err_note *note)
{
	const struct embedding *found;
	int err = 0;

	if ((*embedder)->dimensions == 0)
		(*embedder)->dimensions = number->dimensions;
	(void)pthread_mutex_lock(&embeddings->lock);
	found = list_find(embeddings, number->id);
	if (found == NULL)
		err = list_has_room(embeddings, number->account_id, note);
	if (found == NULL && err == 0) {
		embeddings->list[embeddings->count] = (struct embedding){
		    *embedder, number->id, number->account_id};
		found = &embeddings->list[embeddings->count++];
		*embedder = NULL;
	}
	(void)pthread_mutex_unlock(&embeddings->lock);
	if (*embedder != NULL)
		(*embedder)->close(*embedder);
	*embedder = NULL;
	if (err == 0)
		*ret_embedding = found;
	return err;
}

/* ---- opening ------------------------------------------------------------- */

#define SERVICE "openai " /* an embedder's name is that, and the model's */

size_t
embedding_asked(const char *embedder, char model[EMBEDDING_NAME_SIZE])
{
	char *digits;

	(void)snprintf(model, EMBEDDING_NAME_SIZE, "%s",
	    embedder + sizeof(SERVICE) - 1);
	digits = strrchr(model, ' ');
	if (digits == NULL || digits[1] < '1' || digits[1] > '9' ||
	    strspn(digits + 1, "0123456789") != strlen(digits + 1))
		return 0;
	*digits = '\0';
	return strtoul(digits + 1, NULL, 10);
}

static int
service_open(const struct embeddings *embeddings, const char *name,
    struct embedder **ret_embedder, struct err_note *note)
{
	struct openai_config config = embeddings->service;
	char model[EMBEDDING_NAME_SIZE];

	config.dimensions = embedding_asked(name, model);
	config.model = model;
	return embed_openai_new(&config, ret_embedder, note);
}

/* Of that name, as it stands in the store.  ERR_NOT_FOUND: not here. */
static int
named_open(const struct embeddings *embeddings, const char *name,
    struct embedder **ret_embedder, struct err_note *note)
{
	if (strcmp(name, "lexical") == 0) {
		*ret_embedder = embed_lexical_new();
		return *ret_embedder == NULL ? ERR_NOMEM : 0;
	}
	if (embeddings->service.url != NULL &&
	    strncmp(name, SERVICE, sizeof(SERVICE) - 1) == 0)
		return service_open(embeddings, name, ret_embedder, note);
	return err_set(note, ERR_NOT_FOUND,
	    "the model %s cannot be used here", name);
}

int
embedding_of(struct engine *engine, struct store *reader, int64_t id,
    const struct embedding **ret_embedding, struct err_note *note)
{
	struct embeddings *embeddings = engine->embeddings;
	const struct embedding *found = embedding_find(embeddings, id);
	struct embedder *embedder = NULL;
	struct number number = {.id = id};
	char name[EMBEDDING_NAME_SIZE];
	int err;

	if (found != NULL) {
		*ret_embedding = found;
		return 0;
	}
	err = store_embedder_get(reader, id, name, sizeof(name),
	    &number.dimensions);
	if (err < 0)
		return err_set(note, err, "there is no model of number %lld",
		    (long long)id);
	err = named_open(embeddings, name, &embedder, note);
	/* What it was made with is refused today. */
	if (err == ERR_INVALID)
		err = ERR_NOT_FOUND;
	return err < 0 ? err : list_put(embeddings, &number, &embedder,
				   ret_embedding, note);
}

/* ---- by what is asked for ------------------------------------------------ */

static int
refuse(const struct embeddings *embeddings, const char *name,
    struct err_note *note)
{
	const struct embedding *folder = embeddings->of_folder;

	return err_set(note, ERR_INVALID, "there is no model %.100s here: "
	    "\"lexical\"%s%s%s%s can be used", name,
	    folder == NULL ? "" : " or \"",
	    folder == NULL ? "" : folder->embedder->name,
	    folder == NULL ? "" : "\"",
	    embeddings->service.url == NULL
		? "" : " or any model of the embedding service");
}

/* A model whose length is what it is. */
static int
fixed_take(const struct embedding *embedding, size_t dimensions,
    const struct embedding **ret_embedding, struct err_note *note)
{
	if (dimensions != 0 && dimensions != embedding->embedder->dimensions)
		return err_set(note, ERR_INVALID,
		    "the model %s has %zu dimensions",
		    embedding->embedder->name,
		    (size_t)embedding->embedder->dimensions);
	*ret_embedding = embedding;
	return 0;
}

/* With the lock not held. */
static const struct embedding *
list_find_name(struct embeddings *embeddings, const char *name)
{
	const struct embedding *found = NULL;
	size_t i;

	(void)pthread_mutex_lock(&embeddings->lock);
	for (i = 0; found == NULL && i < embeddings->count; i++)
		if (strcmp(embeddings->list[i].embedder->name, name) == 0)
			found = &embeddings->list[i];
	(void)pthread_mutex_unlock(&embeddings->lock);
	return found;
}

/* Does the service have it, and as long as it is asked for?  Whoever names a
 * model that is none leaves nothing behind, neither here nor in the store. */
static int
probe(struct embedder *embedder, struct err_note *note)
{
	static const struct embed_text text = {"a", 1};
	struct embed_call call = {.is_awaited = true};
	float *vector;
	int err;

	if (embedder->learn == NULL)
		return 0;
	if (embedder->dimensions == 0)
		return embedder->learn(embedder, &call, note);
	vector = mem_array(embedder->dimensions, sizeof(*vector));
	if (vector == NULL)
		return ERR_NOMEM;
	err = embedder->ask(embedder, &call, &text, 1, vector, note);
	mem_free(vector);
	return err;
}

/* Takes *embedder, whatever happens.  Whether there is room is looked at
 * before anybody is asked and anything is written. */
static int
named_put(struct engine *engine, int64_t account_id,
    struct embedder **embedder, bool is_probed,
    const struct embedding **ret_embedding, struct err_note *note)
{
	struct embeddings *embeddings = engine->embeddings;
	struct number number = {.name = (*embedder)->name,
	    .account_id = account_id};
	int err;

	(void)pthread_mutex_lock(&embeddings->lock);
	err = list_has_room(embeddings, account_id, note);
	(void)pthread_mutex_unlock(&embeddings->lock);
	if (err == 0 && is_probed)
		err = probe(*embedder, note);
	number.learnt = is_probed ? (*embedder)->dimensions : 0;
	if (err == 0)
		err = writer_do(engine->writer, number_apply, &number, note);
	if (err == 0)
		return list_put(embeddings, &number, embedder, ret_embedding,
		    note);
	(*embedder)->close(*embedder);
	*embedder = NULL;
	return err;
}

static int
named_find(struct engine *engine, int64_t account_id, const char *name,
    size_t dimensions, bool is_probed,
    const struct embedding **ret_embedding, struct err_note *note)
{
	struct embeddings *embeddings = engine->embeddings;
	const struct embedding *found = embeddings->of_folder;
	struct embedder *embedder = NULL;
	char full[EMBEDDING_NAME_SIZE];
	int err = 0;

	if (found != NULL && strcmp(name, found->embedder->name) == 0)
		return fixed_take(found, dimensions, ret_embedding, note);
	if (strcmp(name, "lexical") == 0)
		(void)snprintf(full, sizeof(full), "lexical");
	else if (embeddings->service.url == NULL ||
	    strlen(name) > NET_MODEL_BYTES_MAX || name[0] == '\0')
		return refuse(embeddings, name, note);
	else if (dimensions == 0)
		(void)snprintf(full, sizeof(full), SERVICE "%s", name);
	else
		(void)snprintf(full, sizeof(full), SERVICE "%s %zu", name,
		    dimensions);
	found = list_find_name(embeddings, full);
	if (found == NULL) {
		err = named_open(embeddings, full, &embedder, note);
		/* As it calls itself: not a digit less. */
		if (err == 0 && strcmp(embedder->name, full) != 0) {
			embedder->close(embedder);
			return refuse(embeddings, name, note);
		}
		if (err == 0)
			err = named_put(engine, account_id, &embedder,
			    is_probed, &found, note);
	}
	if (err < 0)
		return err;
	if (found->embedder->learn == NULL)
		return fixed_take(found, dimensions, ret_embedding, note);
	*ret_embedding = found;
	return 0;
}

int
embedding_named(struct engine *engine, int64_t account_id, const char *name,
    size_t dimensions, bool is_probed,
    const struct embedding **ret_embedding, struct err_note *note)
{
	if (name != NULL)
		return named_find(engine, account_id, name, dimensions,
		    is_probed, ret_embedding, note);
	*ret_embedding = engine->embeddings->by_default;
	return 0;
}

const struct embedding *
embedding_default(const struct engine *engine)
{
	return engine->embeddings->by_default;
}

/* ---- the configuration --------------------------------------------------- */

static int
text_copy(const char *text, char **ret_copy)
{
	if (text == NULL)
		return 0;
	*ret_copy = mem_strdup(text);
	return *ret_copy == NULL ? ERR_NOMEM : 0;
}

static int
service_copy(struct engine *engine, const struct engine_config *config,
    struct embeddings *embeddings)
{
	int err;

	err = text_copy(config->embedding_url, &embeddings->url);
	if (err == 0)
		err = text_copy(config->embedding_key, &embeddings->key);
	embeddings->service = (struct openai_config){.url = embeddings->url,
	    .key = embeddings->key,
	    .concurrency = config->embedding_concurrency,
	    .texts_max = config->embedding_texts,
	    .tokens_max = config->embedding_tokens,
	    .meter = &engine->counters.embedding};
	return err;
}

/* Into the list; takes *embedder. */
static int
early_put(struct engine *engine, struct embedder **embedder,
    const struct embedding **ret_embedding, struct err_note *note)
{
	struct number number = {.name = (*embedder)->name};
	int err;

	err = number_early(engine, &number, note);
	if (err == 0)
		return list_put(engine->embeddings, &number, embedder,
		    ret_embedding, note);
	(*embedder)->close(*embedder);
	*embedder = NULL;
	return err;
}

static int
folder_open(const struct engine_config *config,
    struct embedder **ret_embedder, struct err_note *note)
{
	enum folder_kind kind;
	int err = embed_folder_new(config->embedding_folder,
	    config->is_embedding_int8, &kind, ret_embedder, note);

	if (err < 0 && err != ERR_NOMEM)
		err_wrap(note, "embedding_folder");
	return err;
}

static int
all_open(struct engine *engine, const struct engine_config *config,
    struct err_note *note)
{
	struct embeddings *embeddings = engine->embeddings;
	const struct embedding *lexical = NULL;
	struct openai_config service;
	struct embedder *embedder = NULL;
	int err = 0;

	if (config->embedding_folder != NULL) {
		err = folder_open(config, &embedder, note);
		if (err == 0)
			err = early_put(engine, &embedder,
			    &embeddings->of_folder, note);
		embeddings->by_default = embeddings->of_folder;
	}
	if (err == 0 && config->embedding_url != NULL) {
		service = embeddings->service;
		service.model = config->embedding_model;
		service.dimensions = config->embedding_dimensions;
		err = embed_openai_new(&service, &embedder, note);
		if (err == 0)
			err = early_put(engine, &embedder,
			    &embeddings->by_default, note);
	}
	/* It needs nothing, so it can always be used. */
	if (err == 0)
		embedder = embed_lexical_new();
	if (err == 0)
		err = embedder == NULL
		    ? ERR_NOMEM
		    : early_put(engine, &embedder, &lexical, note);
	if (embeddings->by_default == NULL)
		embeddings->by_default = lexical;
	return err;
}

int
embedding_open(struct engine *engine, const struct engine_config *config,
    struct err_note *note)
{
	int err;

	engine->embeddings = mem_zalloc(sizeof(*engine->embeddings));
	if (engine->embeddings == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	(void)pthread_mutex_init(&engine->embeddings->lock, NULL);
	err = service_copy(engine, config, engine->embeddings);
	if (err == 0)
		err = all_open(engine, config, note);
	return err == ERR_NOMEM ? err_set(note, err, "out of memory") : err;
}

void
embedding_close(struct engine *engine)
{
	struct embeddings *embeddings = engine->embeddings;
	struct embedder *embedder;
	size_t i;

	if (embeddings == NULL)
		return;
	for (i = 0; i < embeddings->count; i++) {
		embedder = embeddings->list[i].embedder;
		embedder->close(embedder);
	}
	mem_free(embeddings->url);
	mem_free(embeddings->key);
	(void)pthread_mutex_destroy(&embeddings->lock);
	mem_free(embeddings);
	engine->embeddings = NULL;
}
