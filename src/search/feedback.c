/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terms are counted in one table, of which nothing is ever taken out: how much
 * a term weighs in the segments before, and how often it stands in this one,
 * whose length is known when the next one begins.  A table that is full takes
 * no new terms; it has room for what six segments of usual length can hold.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"
#include "search/feedback.h"
#include "text/stop.h"
#include "text/words_scan.h"

#define ENTRIES_MAX 2048u
#define SLOTS (2 * ENTRIES_MAX)
#define TEXTS_MAX (FEEDBACK_SEGMENTS * FEEDBACK_BYTES_MAX)

#define POWER 8.0
#define SHARE_MAX 0.4
#define SHARE_MIN 0.1
#define FLAT_FROM 0.75
#define FLAT_TO 0.95
#define WORDS_ENOUGH 4.0

struct entry {
	uint32_t place; /* in texts */
	uint32_t len;
	uint32_t count; /* in this segment */
	double weight;	/* in those before */
};

struct feedback {
	const struct stop_set *stops;
	uint16_t slots[SLOTS]; /* 1 + the entry's number; 0: free */
	struct entry entries[ENTRIES_MAX];
	char texts[TEXTS_MAX];
	size_t entry_count, text_len;
	double first, scores; /* the best score, and the sum of the others */
	double weight;	      /* of this segment */
	uint64_t length;      /* of this segment, as far as it was put */
	size_t bytes;	      /* of its terms */
	unsigned place;	      /* of this segment; 0: none yet */
};

_Static_assert(ENTRIES_MAX < UINT16_MAX, "entries fit their slots");
_Static_assert(FEEDBACK_TERM_BYTES_MAX == WORD_BYTES_MAX, "terms fit");

struct feedback *
feedback_new(const struct stop_set *stops)
{
	struct feedback *feedback;

	feedback = mem_zalloc(sizeof(*feedback));
	if (feedback != NULL)
		feedback->stops = stops;
	return feedback;
}

void
feedback_free(struct feedback *feedback)
{
	mem_free(feedback);
}

/* What was counted becomes weight. */
static void
segment_end(struct feedback *feedback)
{
	struct entry *entry;
	size_t i;

	if (feedback->length == 0)
		return;
	for (i = 0; i < feedback->entry_count; i++) {
		entry = &feedback->entries[i];
		entry->weight += feedback->weight * entry->count /
		    (double)feedback->length;
		entry->count = 0;
	}
	feedback->length = 0;
}

void
feedback_segment(struct feedback *feedback, double score)
{
	double part;

	segment_end(feedback);
	feedback->bytes = 0;
	if (feedback->place++ == 0)
		feedback->first = score;
	if (feedback->place > FEEDBACK_SEGMENTS)
		return;
	part = feedback->first > 0 ? score / feedback->first : 0;
	if (feedback->place > 1)
		feedback->scores += part;
	feedback->weight = pow(part, POWER) / feedback->place;
}

/* FNV-1a. */
static size_t
slot_of(const char *term, size_t len)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)term[i]) * 16777619u;
	return (hash ^ hash >> 15) % SLOTS;
}

/* NULL: there is no room for another. */
static struct entry *
entry_of(struct feedback *feedback, const char *term, size_t len)
{
	struct entry *entry;
	size_t slot;

	for (slot = slot_of(term, len); feedback->slots[slot] != 0;
	    slot = (slot + 1) % SLOTS) {
		entry = &feedback->entries[feedback->slots[slot] - 1];
		if (entry->len == len &&
		    memcmp(feedback->texts + entry->place, term, len) == 0)
			return entry;
	}
	if (feedback->entry_count == ENTRIES_MAX ||
	    TEXTS_MAX - feedback->text_len < len)
		return NULL;
	entry = &feedback->entries[feedback->entry_count];
	*entry = (struct entry){.place = (uint32_t)feedback->text_len,
	    .len = (uint32_t)len};
	memcpy(feedback->texts + feedback->text_len, term, len);
	feedback->text_len += len;
	feedback->slots[slot] = (uint16_t)++feedback->entry_count;
	return entry;
}

int
feedback_put(struct feedback *feedback, const char *term, size_t len,
    uint32_t count)
{
	struct entry *entry;

	ASSERT(len > 0 && len <= FEEDBACK_TERM_BYTES_MAX);
	ASSERT(feedback->place > 0);
	if (feedback->place > FEEDBACK_SEGMENTS ||
	    feedback->bytes + len > FEEDBACK_BYTES_MAX)
		return 1;
	feedback->bytes += len;
	feedback->length += count;
	if (len == 1)
		return 0;
	entry = entry_of(feedback, term, len);
	if (entry != NULL)
		entry->count += count;
	return 0;
}

static bool
is_stop(const struct feedback *feedback, const struct entry *entry)
{
	struct words_scan scan;

	words_scan_init(&scan, feedback->texts + entry->place, entry->len);
	return words_scan_next(&scan) &&
	    stop_set_has(feedback->stops, words_scan_hash(&scan));
}

/* Equal ones by their bytes, so that the outcome is always the same. */
static bool
is_heavier(const struct feedback *feedback, const struct entry *a,
    const struct entry *b)
{
	int order;

	if (a->weight != b->weight)
		return a->weight > b->weight;
	order = memcmp(feedback->texts + a->place, feedback->texts + b->place,
	    a->len < b->len ? a->len : b->len);
	return order != 0 ? order < 0 : a->len < b->len;
}

/* The heaviest that may be asked for, heaviest first. */
static size_t
pick(const struct feedback *feedback, const struct entry **best)
{
	const struct entry *entry;
	size_t count = 0, i, j;

	for (i = 0; i < feedback->entry_count; i++) {
		entry = &feedback->entries[i];
		if (entry->weight <= 0 || (count == FEEDBACK_TERMS &&
			!is_heavier(feedback, entry, best[count - 1])) ||
		    is_stop(feedback, entry))
			continue;
		if (count < FEEDBACK_TERMS)
			count++;
		for (j = count - 1;
		    j > 0 && is_heavier(feedback, entry, best[j - 1]); j--)
			best[j] = best[j - 1];
		best[j] = entry;
	}
	return count;
}

/* x, of the header. */
static double
share_of(const struct feedback *feedback, double asked)
{
	double flat = (feedback->scores / (FEEDBACK_SEGMENTS - 1) -
	    FLAT_FROM) / (FLAT_TO - FLAT_FROM);
	double words = asked / WORDS_ENOUGH;

	flat = flat < 0 ? 0 : flat > 1 ? 1 : flat;
	return (SHARE_MAX - (SHARE_MAX - SHARE_MIN) * flat) *
	    (words < 1 ? words : 1);
}

size_t
feedback_end(struct feedback *feedback, double asked,
    struct feedback_term *terms)
{
	const struct entry *best[FEEDBACK_TERMS];
	double sum = 0, share;
	size_t count, i;

	segment_end(feedback);
	feedback->place = FEEDBACK_SEGMENTS + 1;
	count = pick(feedback, best);
	for (i = 0; i < count; i++)
		sum += best[i]->weight;
	share = share_of(feedback, asked);
	for (i = 0; i < count; i++) {
		memcpy(terms[i].text, feedback->texts + best[i]->place,
		    best[i]->len);
		terms[i].text[best[i]->len] = '\0';
		/* Words asked for keep their weights, so that they add up to
		 * 1 - share. */
		terms[i].weight = asked * share / (1 - share) *
		    best[i]->weight / sum;
	}
	return count;
}
