/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop: words that say nothing about what a text is about.
 *
 * Floor 2, pure.  Function words of English, German, French, Spanish,
 * Italian, Portuguese and Dutch in one set: a text's language need not be
 * known.  Words that carry meaning in another of these languages are left out
 * ("war", "hat", "son"), as a keyphrase lost is worse than one too many.
 */
#ifndef TEXT_STOP_H
#define TEXT_STOP_H

#include <stdbool.h>
#include <stdint.h>

#define STOP_SLOTS 2048u /* a power of two, more than twice the words */

struct stop_set {
	uint32_t slots[STOP_SLOTS]; /* of the hashes; 0 is empty */
};

/* Fill the set: some microseconds, done once by its owner. */
void stop_set_init(struct stop_set *set);

/* Is the term of this words_scan_hash() a stop word? */
static inline bool
stop_set_has(const struct stop_set *set, uint64_t hash)
{
	uint32_t print = (uint32_t)(hash >> 32) | 1;
	uint32_t slot = (uint32_t)hash % STOP_SLOTS;

	while (set->slots[slot] != 0) {
		if (set->slots[slot] == print)
			return true;
		slot = (slot + 1) % STOP_SLOTS;
	}
	return false;
}

#endif
