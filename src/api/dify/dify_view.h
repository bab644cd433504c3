/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_view: the model in Dify's words.  Pure: structs in, JSON out.
 *
 * Floor 6.
 */
#ifndef API_DIFY_DIFY_VIEW_H
#define API_DIFY_DIFY_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct item;
struct job;
struct jsonw;
struct uuid;

enum dify_word {
#define DIFY_WORD(name, text, rank) DIFY_##name,
#include "api/dify/dify_state_tbl.h"
	DIFY_WORD_COUNT
};

const char *dify_word_name(enum dify_word word); /* "splitting" */

/* How far word is; -1 for paused, which has no place in the order. */
int dify_word_rank(enum dify_word word);

/* The word for item, one of job's. */
enum dify_word dify_word_of(const struct job *job, const struct item *item);

/* Why item is in error, for people; never empty. */
const char *dify_error_words(const struct item *item);

/* Does the page of item tell the segments of the document's live revision,
 * because the run found nothing to do for it? */
bool dify_wants_live(const struct item *item);

/*
 * Write one element of `data`: all twelve keys, in Dify's order.  document_id
 * is the document's; live_segments: of its live revision, used when
 * dify_wants_live(item).
 */
void dify_write_status(struct jsonw *w, const struct job *job,
    const struct item *item, const struct uuid *document_id,
    uint32_t live_segments);

/* The error body: {"code","message","status"}, ended by a line feed. */
void dify_write_error(struct jsonw *w, const char *code, const char *message,
    int status);

#endif
