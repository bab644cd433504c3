/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screen: what is drawn over on a terminal, and plain lines elsewhere.
 *
 * On a terminal a frame stands on the last lines and is replaced in place,
 * with one write, and the cursor is hidden.  It comes back when the frame is
 * removed, and also when a signal ends or stops the process.  One per process
 * may have a frame standing.
 */
#ifndef CMD_SCREEN_H
#define CMD_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cmd/frame.h"

struct job_view;

#define FRAME_LINES_MAX 32u

struct screen {
	FILE *out; /* NULL: nothing is shown */
	bool is_live;
	struct face face;
	unsigned lines;	  /* of the frame that stands; 0 none */
	unsigned columns[FRAME_LINES_MAX]; /* that each of them takes */
	int64_t drawn_us; /* monotonic; of the last plain line */
	char last[512];	  /* the plain line before */
	bool is_owed;	  /* a plain line was held back */
};

void screen_init(struct screen *screen, FILE *out);
/* Show the job; a plain line when not live. */
void screen_view(struct screen *screen, const struct job_view *view,
    const struct failures *failures);
/* Show words in place of the frame; a plain line when not live. */
void screen_words(struct screen *screen, const char *words);
/* Remove the frame, so that lines can be printed. */
void screen_clear(struct screen *screen);

/* Has the terminal another size than the frame was drawn for, or has the
 * process been stopped meanwhile?  Then it wants to be drawn again. */
bool screen_is_stale(const struct screen *screen);

/* Give the cursor back at once; only what a signal handler may do. */
void screen_leave(void);

#endif
