/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: follow jobs to their end, with live bars, plain lines, or lines of
 * JSON.
 */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include <jansson.h>
#include <stdio.h>

struct client;
struct err_note;

#define WATCH_INTERRUPTED 130 /* exit status after Ctrl-C, as shells have it */

/*
 * Follow jobs (an array of job objects, replaced by their last state) until
 * all are final, and print their summary.  data: the folder when the engine
 * runs in this process, else NULL.  Returns the exit status; what went wrong
 * has been told.
 */
int watch_jobs(struct client *client, json_t *jobs, FILE *out,
    const char *data);

/*
 * The same for programs: out gets the job's object in one line at each
 * change, and at the end each failed item's.
 */
int watch_lines(struct client *client, json_t *jobs, FILE *out);

/*
 * The job that text names: its id, the id's first characters (at least 4), or
 * with NULL the newest.  *ret_job is owned (json_decref).  ERR_NOT_FOUND.
 */
int job_find(struct client *client, const char *text, json_t **ret_job,
    struct err_note *note);

#endif
