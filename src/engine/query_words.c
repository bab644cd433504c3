/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching by words: in the full text of the bases.
 */
#include <string.h>

#include "engine/query_int.h"
#include "engine/terms.h"
#include "store/store_index.h"

static int
lexical_hit(void *arg, int64_t segment_id, double score)
{
	struct search *search = arg;
	struct candidate *c;

	c = &search->candidates[search->lexical_count++];
	memset(c, 0, sizeof(*c));
	c->segment_id = segment_id;
	c->lexical = score;
	c->is_lexical = true;
	return 0;
}

int
search_words(struct search *search)
{
	struct search_term terms[TERMS_MAX];
	struct search_request request = {.terms = terms,
	    .count = search->terms.count, .limit = search->size,
	    .accept = search_accept, .accept_arg = search};
	size_t i;
	int err = 0;

	for (i = 0; i < search->terms.count; i++)
		terms[i] = (struct search_term){
		    .text = search->terms.list[i], .weight = 1,
		    .must = search_must(search, search->terms.list[i])};
	for (i = 0; err == 0 && i < search->base_count; i++) {
		request.base_id = search->bases[i].id;
		err = store_search_terms(search->reader, &request,
		    lexical_hit, search);
	}
	return err;
}
