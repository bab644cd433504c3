/* SPDX-License-Identifier: Apache-2.0 */
/* embedding_int: what the files of embedding*.c share. */
#ifndef ENGINE_EMBEDDING_INT_H
#define ENGINE_EMBEDDING_INT_H

#include <pthread.h>
#include <stddef.h>

#include "base/limits.h"
#include "embed/openai.h"
#include "engine/embedding.h"

#define EMBEDDING_NAME_SIZE (NET_MODEL_BYTES_MAX + 64)

struct embeddings {
	/* Guards the list, of which rows are only added: what is in it does
	 * not change. */
	pthread_mutex_t lock;
	struct embedding list[EMBEDDINGS_MAX];
	size_t count;
	/* Set by embedding_open() only. */
	const struct embedding *by_default;
	const struct embedding *of_folder; /* NULL: there is none */
	struct openai_config service;	   /* url NULL: there is none */
	char *url, *key;		   /* the service's */
};

/* Of an embedder of the service, by its name: the model as the service calls
 * it, and (returned) how many dimensions that is asked for; 0: as many as it
 * has. */
size_t embedding_asked(const char *embedder, char model[EMBEDDING_NAME_SIZE]);

#endif
