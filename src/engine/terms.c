/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that a query is asked with.
 */
#include <string.h>

#include "engine/terms.h"
#include "text/stop.h"
#include "text/words.h"
#include "text/words_scan.h"

struct taking {
	struct terms *terms;
	const struct stop_set *stops;
	bool is_stop; /* which are taken */
};

bool
term_is_stop(const struct stop_set *stops, const char *term, size_t len)
{
	struct words_scan scan;

	words_scan_init(&scan, term, len);
	return words_scan_next(&scan) &&
	    stop_set_has(stops, words_scan_hash(&scan));
}

static int
terms_put(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	const struct taking *taking = arg;
	struct terms *terms = taking->terms;
	size_t i;

	(void)start;
	(void)end;
	if (terms->count == TERMS_MAX)
		return 1;
	for (i = 0; i < terms->count; i++)
		if (strlen(terms->text[i]) == len &&
		    memcmp(terms->text[i], term, len) == 0)
			return 0;
	if (term_is_stop(taking->stops, term, len) != taking->is_stop)
		return 0;
	memcpy(terms->text[terms->count], term, len);
	terms->text[terms->count][len] = '\0';
	terms->list[terms->count] = terms->text[terms->count];
	terms->count++;
	return 0;
}

/* The walk stops at TERMS_MAX; nothing else can be wrong. */
static void
terms_take(const char *text, const struct stop_set *stops, bool is_thin,
    struct terms *ret_terms)
{
	struct taking taking = {.terms = ret_terms, .stops = stops};

	ret_terms->count = 0;
	(void)words_each(text, strlen(text), terms_put, &taking);
	taking.is_stop = true;
	if (!is_thin || ret_terms->count == 0)
		(void)words_each(text, strlen(text), terms_put, &taking);
}

void
terms_of(const char *text, const struct stop_set *stops,
    struct terms *ret_terms)
{
	terms_take(text, stops, false, ret_terms);
}

void
terms_of_content(const char *text, struct terms *ret_terms)
{
	struct stop_set stops;

	stop_set_init(&stops);
	terms_take(text, &stops, true, ret_terms);
}
