/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: follow jobs to their end, with a live bar or plain lines.
 */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cmd/job_view.h"

struct client;
struct err_note;

/* What is drawn over, and when it was drawn last. */
struct screen {
	FILE *out;
	bool is_live, has_color;
	bool is_drawn;	  /* a bar stands on the last line */
	int64_t drawn_us; /* monotonic */
	char last[512];	  /* the plain line before */
	bool is_owed;	  /* a plain line was held back */
};

void screen_init(struct screen *screen, FILE *out);
/* Show words in place of the bar; a plain line when not live. */
void screen_words(struct screen *screen, const char *words);
/* Remove the bar, so that lines can be printed. */
void screen_clear(struct screen *screen);

#define WATCH_INTERRUPTED 130 /* exit status after Ctrl-C, as shells have it */

/*
 * Follow jobs (an array of job objects, replaced by their last state) until
 * all are final, and print their summary: each failed file with its code and
 * sentence.  is_local: the engine runs in this process.  Returns the exit
 * status; what went wrong has been told.
 */
int watch_jobs(struct client *client, json_t *jobs, FILE *out,
    bool is_local);

/*
 * The job that text names: its id, the id's first characters (at least 4), or
 * with NULL the newest.  *ret_job is owned (json_decref).  ERR_NOT_FOUND.
 */
int job_find(struct client *client, const char *text, json_t **ret_job,
    struct err_note *note);

#endif
