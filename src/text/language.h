/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language: which language a text is in, by its function words.
 *
 * Floor 2, pure.  About every second word of a sentence is one of the some
 * hundred that each language has for itself, so a sentence or two are enough;
 * less is "none", and so are languages that the table does not know.  The
 * answer depends on the terms alone: the same on every machine.
 */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include <stddef.h>
#include <stdint.h>

enum language {
	LANGUAGE_NONE = 0,
#define LANGUAGE(name, value, code, algorithm, words) LANGUAGE_##name = value,
#include "text/language_tbl.h"
	LANGUAGE_COUNT
};

#define LANGUAGE_SLOTS 4096u /* a power of two, over twice the words */

/* The words of all languages; read by any number of threads. */
struct language_set {
	uint32_t prints[LANGUAGE_SLOTS]; /* of the hashes; 0 is empty */
	uint16_t masks[LANGUAGE_SLOTS];	 /* bit n: it is one of language n's */
	uint8_t weights[LANGUAGE_SLOTS]; /* the less, the more have it */
};

/* Fill the set: some tens of microseconds, done once by its owner. */
void language_set_init(struct language_set *set);

/* What was seen of a text so far; zeroed at first. */
struct language_tally {
	uint64_t terms;
	uint64_t hits[LANGUAGE_COUNT];	 /* function words of each */
	uint64_t weights[LANGUAGE_COUNT]; /* shared ones count in part */
};

/* Count the term of this words_scan_hash(). */
void language_add(struct language_tally *tally,
    const struct language_set *set, uint64_t hash);

/* The language of what was counted, or LANGUAGE_NONE. */
enum language language_best(const struct language_tally *tally);

/* The same for a text that says of itself what it is in (LANGUAGE_NONE: it does
 * not): that, unless what was counted clearly is in another one. */
enum language language_decide(const struct language_tally *tally,
    enum language declared);

/* Both over a text, which must be valid UTF-8; of a long one the first
 * LANGUAGE_TERMS_MAX terms are looked at. */
#define LANGUAGE_TERMS_MAX 20000u
enum language language_of(const struct language_set *set, const char *text,
    size_t len);

/* "en", or "" for none. */
const char *language_code(enum language language);
/* The language of a code of two letters, or LANGUAGE_NONE. */
enum language language_find(const char *code);
/* The same of a tag as documents have it ("de-AT", "EN_us"). */
enum language language_of_tag(const char *tag);
/* libstemmer's name; NULL for none. */
const char *language_algorithm(enum language language);

#endif
