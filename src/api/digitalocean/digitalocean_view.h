/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_view: the model in DigitalOcean's words.  Pure: structs in,
 * JSON out.
 *
 * Floor 6.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_VIEW_H
#define API_DIGITALOCEAN_DIGITALOCEAN_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "model/job.h"
#include "model/source.h"

struct jsonw;

enum do_word {
#define DO_WORD(name, phase, status, source, rank) DO_##name,
#include "api/digitalocean/digitalocean_state_tbl.h"
	DO_WORD_COUNT
};

/* Without prefix: "SUCCEEDED", "NO_CHANGES", "NOT_UPDATED". */
const char *do_phase(enum do_word word);
const char *do_status(enum do_word word);
const char *do_source_status(enum do_word word);
int do_rank(enum do_word word);

/* Of a job, of one source's part of it, and of a job with all its parts: when
 * one of several sources could not be read, the job has not failed. */
enum do_word do_word_of(const struct job *job);
enum do_word do_word_of_share(const struct share *share);
enum do_word do_word_of_job(const struct job *job,
    const struct share *shares, size_t count);

/*
 * The data source that a job of another kind than JOB_KIND_SOURCES is shown
 * with.  The model has none; a base has one of each kind, whose uuid is
 * computed from the base's (version 8).  Its row number has the topmost of its
 * 48 bits set, which no document's has.
 */
struct uuid do_source_uuid(const struct uuid *base, enum job_kind kind);

/* Tokens of so many characters: docs/decisions/0020. */
uint64_t do_tokens(uint64_t characters);

/* A name with a uuid. */
void do_write_uuid(struct jsonw *w, const char *name,
    const struct uuid *uuid);

/* The job object of every route that shows one. */
void do_write_job(struct jsonw *w, const struct job *job,
    const struct share *shares, size_t count);
/* The array of what became of its sources; the object of one. */
void do_write_shares(struct jsonw *w, const struct job *job,
    const struct share *shares, size_t count);
void do_write_share(struct jsonw *w, const struct share *share);

/* The error body: {"id","message","request_id"}. */
void do_write_error(struct jsonw *w, const char *id, const char *message,
    const char *request_id);

#endif
