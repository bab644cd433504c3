/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_source: data sources as bodies describe them, and as answers
 * show them.  Floor 6.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_SOURCE_H
#define API_DIGITALOCEAN_DIGITALOCEAN_SOURCE_H

#include <jansson.h>

#include "model/source.h"

struct err_note;
struct http_request;
struct jsonw;
struct source;
struct store;

/* What a body says of a data source, as the engine wants it (struct
 * source_request); begins zeroed. */
struct do_source_input {
	enum source_kind kind;
	char *name, *config, *secret, *settings; /* owned */
};

/* Of what is to be exactly one source.  Pure.  ERR_INVALID, with the
 * original's words when it is none or several. */
int do_source_read(const json_t *body, struct do_source_input *ret_input,
    struct err_note *note);
void do_source_input_fini(struct do_source_input *input);

/* "page" as "SCOPED". */
const char *do_crawling_option(const char *scope);

int do_source_add(struct http_request *request, const struct uuid *base,
    const struct do_source_input *input, struct uuid *ret_source);
/* The object of one, read in the reader's snapshot. */
int do_write_source(struct http_request *request, struct store *reader,
    const struct source *source, struct jsonw *w);

#endif
