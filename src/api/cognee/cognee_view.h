/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_view: the model in Cognee's words.  Pure: structs in, JSON out.
 *
 * Floor 6.
 */
#ifndef API_COGNEE_COGNEE_VIEW_H
#define API_COGNEE_COGNEE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

struct base_standing;
struct buf;
struct job;
struct jsonw;
struct uuid;

enum cognee_word {
#define COGNEE_WORD(name, rank) COGNEE_##name,
#include "api/cognee/cognee_state_tbl.h"
	COGNEE_WORD_COUNT
};

enum cognee_pipeline {
	COGNEE_ADD_PIPELINE,
	COGNEE_COGNIFY_PIPELINE,
	COGNEE_PIPELINE_COUNT,
	COGNEE_NO_PIPELINE = COGNEE_PIPELINE_COUNT, /* one never run here */
};

const char *cognee_word_name(enum cognee_word word); /* "DATASET_..." */
int cognee_word_rank(enum cognee_word word);

const char *cognee_pipeline_name(enum cognee_pipeline pipeline);
enum cognee_pipeline cognee_parse_pipeline(const char *name);

/* The word for the pipeline's run that is part of job... */
enum cognee_word cognee_word_of(const struct job *job,
    enum cognee_pipeline pipeline);
/* ...and whether it has one: data that are only kept are added, and what was
 * kept is only indexed. */
bool cognee_has_run(const struct job *job, enum cognee_pipeline pipeline);

/*
 * The word for a dataset; false: the pipeline was never run.  Data that nobody
 * has asked to index yet make it INITIATED again, unless a job is live, or the
 * last run broke off and nothing came since it was asked for: a run that was
 * asked for ends in COMPLETED or ERRORED.
 */
bool cognee_dataset_word(const struct base_standing *standing,
    enum cognee_pipeline pipeline, enum cognee_word *ret_word);

/* Which pipelines were asked for, and so the shape of the answer. */
struct cognee_query {
	unsigned pipelines; /* bit (1 << pipeline): those that are run here */
	size_t distinct;    /* names asked for, also such as are not run */
	/* Each word is an object: itself, and how far the run is. */
	bool with_progress;
};

/*
 * Write the member of one dataset into the answer.  Asked for one pipeline the
 * value is a word, and a dataset without a run of it is left out; asked for
 * more it is an object with a word each.
 */
void cognee_write_dataset(struct jsonw *w, const struct cognee_query *query,
    const struct uuid *dataset, const struct base_standing *standing);

/*
 * Read a UUID in any form that the original takes: 32 digits, with hyphens,
 * the latter also in braces or behind urn:uuid:, in either case.  ERR_SYNTAX,
 * and why in words, which are the original's.
 */
int cognee_parse_uuid(const char *text, struct uuid *ret_uuid,
    struct buf *why);

/* {"detail":"message"}, {"error":"message"} */
void cognee_write_detail(struct jsonw *w, const char *message);
void cognee_write_error(struct jsonw *w, const char *message);

/* One element of a validation error's `detail`: values[index] of the query
 * parameter name is no UUID. */
void cognee_write_invalid_uuid(struct jsonw *w, const char *name,
    size_t index, const char *value, const char *why);

#endif
