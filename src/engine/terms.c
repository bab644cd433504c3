/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that a query is asked with.
 */
#include <string.h>

#include "engine/terms.h"
#include "text/stop.h"
#include "text/words.h"
#include "text/words_scan.h"

static int
terms_put(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	struct terms *terms = arg;
	size_t i;

	(void)start;
	(void)end;
	for (i = 0; i < terms->count; i++)
		if (strlen(terms->text[i]) == len &&
		    memcmp(terms->text[i], term, len) == 0)
			return 0;
	memcpy(terms->text[terms->count], term, len);
	terms->text[terms->count][len] = '\0';
	terms->list[terms->count] = terms->text[terms->count];
	terms->count++;
	return terms->count == TERMS_MAX;
}

static bool
term_is_stop(const struct stop_set *stops, const char *term)
{
	struct words_scan scan;

	words_scan_init(&scan, term, strlen(term));
	return words_scan_next(&scan) &&
	    stop_set_has(stops, words_scan_hash(&scan));
}

static void
terms_thin(struct terms *terms)
{
	struct stop_set stops;
	size_t i, n = 0;

	stop_set_init(&stops);
	for (i = 0; i < terms->count; i++)
		if (!term_is_stop(&stops, terms->list[i]))
			terms->list[n++] = terms->list[i];
	if (n > 0)
		terms->count = n;
}

void
terms_of(const char *text, struct terms *ret_terms)
{
	struct terms *terms = ret_terms;

	terms->count = 0;
	/* Stops at TERMS_MAX; nothing else can be wrong. */
	(void)words_each(text, strlen(text), terms_put, terms);
}

void
terms_of_content(const char *text, struct terms *ret_terms)
{
	terms_of(text, ret_terms);
	terms_thin(ret_terms);
}
