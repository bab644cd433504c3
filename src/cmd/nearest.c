/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "cmd/nearest.h"

#define FAR ((size_t)-1)

static size_t
least(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

size_t
edit_distance(const char *a, const char *b)
{
	/* Three rows of the table are enough: a swap looks two back. */
	size_t rows[3][NEAREST_BYTES_MAX + 1];
	size_t *last = rows[0], *row = rows[1], *next = rows[2], *swap;
	size_t a_len = strlen(a), b_len = strlen(b), i, j;

	ASSERT(a_len <= NEAREST_BYTES_MAX && b_len <= NEAREST_BYTES_MAX);
	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		next[0] = i;
		for (j = 1; j <= b_len; j++) {
			next[j] = least(row[j] + 1, next[j - 1] + 1,
			    row[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] &&
			    last[j - 2] + 1 < next[j])
				next[j] = last[j - 2] + 1;
		}
		swap = last;
		last = row;
		row = next;
		next = swap;
	}
	return row[b_len];
}

struct nearest
nearest_start(const char *word)
{
	return (struct nearest){.word = word, .distance = FAR};
}

void
nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t len = strlen(nearest->word), distance;

	if (len == 0 || len > NEAREST_BYTES_MAX || candidate[0] == '\0' ||
	    strlen(candidate) > NEAREST_BYTES_MAX)
		return;
	distance = edit_distance(nearest->word, candidate);
	/* A third of the word may be wrong, one character in any case; a
	 * beginning is a near miss however much is left out. */
	if (distance > len / 3 + 1 && (len < 3 ||
	    strncmp(nearest->word, candidate, len) != 0))
		return;
	if (distance >= nearest->distance || distance >= len)
		return;
	nearest->distance = distance;
	(void)snprintf(nearest->best, sizeof(nearest->best), "%s", candidate);
}

void
nearest_tell(const struct nearest *nearest, struct err_note *note)
{
	size_t len = strlen(note->text);

	if (nearest->best[0] != '\0')
		(void)snprintf(note->text + len, sizeof(note->text) - len,
		    "; did you mean %s?", nearest->best);
}
