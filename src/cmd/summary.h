/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary: what is said of jobs that have ended: a table of each, what failed
 * by reason with what to do about it, and which commands may come next.
 */
#ifndef CMD_SUMMARY_H
#define CMD_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

struct client;
struct err_note;

/* jobs: an array of job objects.  data: the folder that is worked on without
 * a server, which the next commands name then; NULL: there is a server.
 * Errors of client_call(). */
int summary_print(struct client *client, FILE *out, const json_t *jobs,
    const char *data, struct err_note *note);

#endif
