/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_chunking: how the documents of a data source are cut.
 *
 * Floor 6, pure.  Sizes are tokens: a token is four characters here
 * (docs/decisions/0020).
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_CHUNKING_H
#define API_DIGITALOCEAN_DIGITALOCEAN_CHUNKING_H

#include <stdint.h>

#include <jansson.h>

struct err_note;
struct jsonw;

#define DO_CHUNK_TOKENS_MIN 100u
#define DO_CHUNK_TOKENS_MAX 2000u

enum do_cut {
#define DO_CUT(name, method, max, parent, child, threshold) DO_CUT_##name,
#include "api/digitalocean/digitalocean_chunking_tbl.h"
	DO_CUT_COUNT
};

/* What an algorithm has no option for is 0, and the threshold below 0. */
struct do_chunking {
	enum do_cut cut;
	uint32_t max, parent, child;
	double threshold;
};

extern const struct do_chunking do_chunking_default;

/* As a source's settings have it; what is absent or wrong there is as by
 * default. */
void do_chunking_load(const json_t *own, struct do_chunking *ret_chunking);
/* Let the members chunking_algorithm and chunking_options of a body change it:
 * what they do not say stays, and another algorithm begins with its own
 * sizes.  ERR_INVALID. */
int do_chunking_change(struct do_chunking *chunking, const json_t *body,
    struct err_note *note);
/* Put it into a source's settings, and the rule that follows from it.
 * ERR_NOMEM. */
int do_chunking_store(const struct do_chunking *chunking, json_t *settings,
    json_t *own);
/* The members chunking_algorithm and chunking_options. */
void do_chunking_write(struct jsonw *w, const struct do_chunking *chunking);

#endif
