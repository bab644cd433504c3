/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_copy: a source as it is stored, and what its config says.
 *
 * Floor 4.  The config's text is checked in one place, when it comes in and
 * when it is read again.
 */
#ifndef ENGINE_SOURCE_COPY_H
#define ENGINE_SOURCE_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/s3.h"
#include "source/web.h"
#include "store/store_source.h"

struct engine;
struct err_note;
struct json_t;

/* Strings are the config's own, and never NULL but where it says so. */
struct source_config {
	struct json_t *json; /* owned */
	/* upload */
	const char *key;
	const char *file_name; /* NULL: the object's */
	/* s3 */
	enum s3_provider provider;
	const char *bucket, *prefix, *region, *endpoint;
	const char *account, *jurisdiction;
	bool is_object; /* prefix is the one object's key */
	/* web */
	const char *url;
	enum web_scope scope;
	bool takes_media;
	const char *tags[WEB_TAGS_MAX];
	size_t tag_count;
	/* links: an array of strings, normalised (source/web_url.h), each
	 * there once; json's own */
	const struct json_t *urls;
	/* absent */
	const char *message;
};

/* ERR_INVALID with words that name the member; *ret_config is freed with
 * source_config_fini(). */
int source_config_read(enum source_kind kind, const char *text,
    struct source_config *ret_config, struct err_note *note);
void source_config_fini(struct source_config *config);

/* A source, copied; strings and secret are owned (source_copy_fini). */
struct source_copy {
	struct source row;
	char *name, *text, *settings;
	void *secret;
	struct source_config config;
};

/* ERR_NOT_FOUND; ERR_CORRUPT: its config makes no sense any more. */
int source_copy_get(struct store *store, int64_t source_id,
    struct source_copy *ret_copy);
void source_copy_fini(struct source_copy *copy);

#endif
