/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keywords of a segment.  The original finds them with a dictionary of Chinese
 * and weights; here a word's weight is how often it stands there, and of equal
 * ones the earlier is taken.  Terms are those that the full-text index has, so
 * that a keyword is one that finds the segment.
 */
#include <pthread.h>
#include <string.h>

#include "api/dify/dify_segment.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/stop.h"
#include "text/words_scan.h"

#define KEYWORDS_MAX 10u
#define SCANNED_BYTES_MAX (64 * KIB)
#define SLOTS 4096u /* a power of two */
#define WORDS_MAX 3072u /* that are counted; a table that is full is slow */

struct word {
	uint64_t hash;
	uint32_t count; /* 0: the slot is free */
	uint32_t start, end; /* where it stands first */
};

static struct stop_set stop_words;
static pthread_once_t stop_once = PTHREAD_ONCE_INIT;

static void
stop_words_make(void)
{
	stop_set_init(&stop_words);
}

static void
count_word(struct word *slots, uint32_t *used, const struct words_scan *scan)
{
	uint64_t hash = words_scan_hash(scan);
	uint32_t slot = (uint32_t)hash % SLOTS;

	if (stop_set_has(&stop_words, hash) ||
	    utf8_count(scan->term, scan->term_len) < 2)
		return;
	while (slots[slot].count != 0 && slots[slot].hash != hash)
		slot = (slot + 1) % SLOTS;
	if (slots[slot].count == 0) {
		if (*used == WORDS_MAX)
			return;
		(*used)++;
		slots[slot] = (struct word){.hash = hash,
		    .start = (uint32_t)scan->start,
		    .end = (uint32_t)scan->end};
	}
	slots[slot].count++;
}

/* The best one left, taken out of the table; its count is 0 when there is
 * none. */
static struct word
take_best(struct word *slots)
{
	struct word *best = &slots[0], word;
	uint32_t i;

	for (i = 1; i < SLOTS; i++)
		if (slots[i].count > best->count ||
		    (slots[i].count == best->count &&
			slots[i].start < best->start))
			best = &slots[i];
	word = *best;
	best->count = 0;
	return word;
}

void
dify_write_keywords(struct jsonw *w, const char *text, size_t len)
{
	struct word *slots = mem_zalloc(SLOTS * sizeof(*slots)), word;
	struct words_scan scan;
	uint32_t used = 0;
	unsigned i;

	(void)pthread_once(&stop_once, stop_words_make);
	jsonw_array(w);
	if (len > SCANNED_BYTES_MAX)
		len = utf8_floor(text, len, SCANNED_BYTES_MAX);
	if (slots != NULL) {
		words_scan_init(&scan, text, len);
		while (words_scan_next(&scan))
			count_word(slots, &used, &scan);
		for (i = 0; i < KEYWORDS_MAX; i++) {
			word = take_best(slots);
			if (word.count == 0)
				break;
			jsonw_stringn(w, text + word.start,
			    word.end - word.start);
		}
	}
	jsonw_array_end(w);
	mem_free(slots);
}
