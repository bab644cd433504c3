/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame: what stands on a terminal while a job is followed.
 *
 * Pure: a view and the terminal's measures in, lines out.  No line takes more
 * than width - 1 columns and a frame less than height lines, so that nothing
 * wraps or scrolls; what does not fit is left out, the least important first.
 */
#ifndef CMD_FRAME_H
#define CMD_FRAME_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct job_view;

/* What the terminal can do. */
struct face {
	unsigned width, height;
	bool has_color;
	bool is_utf8; /* block characters may be drawn */
};

/* From here on the whole frame is drawn; below it one line is. */
#define FRAME_WIDTH_MIN 41u
#define FRAME_HEIGHT_MIN 6u

#define FAILURES_SHOWN 3u

struct failure {
	char name[256];
	char code[40];
	char message[256];
	char at[32]; /* when it ended, as the API writes times */
};

/* The newest are first. */
struct failures {
	struct failure rows[FAILURES_SHOWN];
	size_t count;
};

/* Lines with '\n' between; one line where there is no room for more. */
void frame_put(struct buf *out, const struct job_view *view,
    const struct failures *failures, const struct face *face);

/* The one line. */
void frame_bar_put(struct buf *out, const struct job_view *view,
    const struct face *face);

/* Any text as one line of a frame: cut to the width. */
void frame_words_put(struct buf *out, const char *words,
    const struct face *face);

#endif
