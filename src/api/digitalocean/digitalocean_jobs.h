/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_jobs: jobs with the shares of their sources, as they are read
 * from one snapshot of the store.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_JOBS_H
#define API_DIGITALOCEAN_DIGITALOCEAN_JOBS_H

#include <stddef.h>

#include "model/source.h"

struct job;
struct jsonw;
struct store;
struct uuid;

/* Jobs that a knowledge base's own list has. */
#define DO_LATEST_JOBS 15u

/* The shares of one job after the other; begins zeroed. */
struct do_jobs {
	struct share *shares;
	size_t count, size;
};
void do_jobs_fini(struct do_jobs *jobs);

/* Read the shares of job, in place of those that were there. */
int do_jobs_shares(struct do_jobs *jobs, struct store *reader,
    const struct job *job);
/* Read them and write the job. */
int do_jobs_write(struct do_jobs *jobs, struct store *reader,
    const struct job *job, struct jsonw *w);

#endif
