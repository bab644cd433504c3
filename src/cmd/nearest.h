/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nearest: what somebody may have meant who wrote a word that is none.
 * Pure.
 */
#ifndef CMD_NEAREST_H
#define CMD_NEAREST_H

#include <stddef.h>

struct err_note;

#define NEAREST_BYTES_MAX 64u /* longer words are like nothing */

/* The best of those that were offered; borrows word. */
struct nearest {
	const char *word;
	char best[NEAREST_BYTES_MAX + 1]; /* "" nothing is near */
	size_t distance;
};

/* How many bytes are to be changed, added, left out or swapped with the next
 * to make b of a; both at most NEAREST_BYTES_MAX long. */
size_t edit_distance(const char *a, const char *b);

struct nearest nearest_start(const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate);
/* Append "; did you mean BEST?" to note when there is one. */
void nearest_tell(const struct nearest *nearest, struct err_note *note);

#endif
