/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching by words: in the full text of the bases.
 *
 * A word counts as often as it is asked, a function word a quarter, so that
 * long questions are not about "which" and "would".  Where the query may be
 * expanded, words are asked twice: what the best of all bases have in common
 * (search/feedback.h) is asked for with them the second time.  The first time
 * is cheap, as only few are wanted; what is read of them is bounded.
 */
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "engine/query_int.h"
#include "engine/terms.h"
#include "search/feedback.h"
#include "store/store_index.h"
#include "text/stop.h"
#include "text/words.h"

/* Of all segments of a base: words that more of them hold are not asked
 * for. */
#define COMMON_MAX 0.8
/* The same for words that nobody asked for, whose lists cost as much. */
#define EXTRA_MAX 0.2
/* Once, however often it is asked. */
#define FUNCTION_WORD_WEIGHT 0.25

struct words_asked {
	struct search_term terms[TERMS_MAX + FEEDBACK_TERMS];
	struct feedback_term more[FEEDBACK_TERMS];
	size_t count;
};

/* The best by words alone, best first. */
struct firsts {
	struct {
		int64_t segment_id;
		double score;
	} list[FEEDBACK_SEGMENTS];
	size_t count;
};

_Static_assert(FEEDBACK_TERM_BYTES_MAX == WORD_BYTES_MAX,
    "feedback takes all terms that there are");

/* ---- what is asked ------------------------------------------------------- */

static int
word_count(void *arg, const char *term, size_t len, size_t start, size_t end)
{
	struct words_asked *asked = arg;
	size_t i;

	(void)start;
	(void)end;
	for (i = 0; i < asked->count; i++) {
		if (strlen(asked->terms[i].text) == len &&
		    memcmp(asked->terms[i].text, term, len) == 0) {
			asked->terms[i].weight++;
			break;
		}
	}
	return 0;
}

/* Function words stay when they are all that there is, when they must be there,
 * and where the results are not only of words: in a list of what holds a word
 * nobody looks for what holds "which". */
static void
words_thin(const struct search *search, struct words_asked *asked)
{
	struct search_term *terms = asked->terms;
	bool is_stop[TERMS_MAX], is_content = false;
	const struct stop_set *stops = &search->engine->stops;
	size_t i, n = 0;

	for (i = 0; i < asked->count; i++) {
		is_stop[i] = term_is_stop(stops, terms[i].text,
		    strlen(terms[i].text));
		if (is_stop[i])
			terms[i].weight = FUNCTION_WORD_WEIGHT;
		is_content |= !is_stop[i];
	}
	for (i = 0; i < asked->count; i++)
		if (!is_stop[i] || !is_content || terms[i].must ||
		    search->query->semantic_ratio > 0)
			terms[n++] = terms[i];
	asked->count = n;
}

static void
words_fill(const struct search *search, struct words_asked *asked)
{
	size_t i;

	asked->count = search->terms.count;
	for (i = 0; i < asked->count; i++)
		asked->terms[i] = (struct search_term){
		    .text = search->terms.list[i],
		    .must = search_must(search, search->terms.list[i])};
	(void)words_each(search->text, strlen(search->text), word_count,
	    asked);
	/* What must be there need not be looked for. */
	for (i = 0; i < asked->count; i++)
		if (asked->terms[i].weight < 1)
			asked->terms[i].weight = 1;
	words_thin(search, asked);
}

/* ---- asking -------------------------------------------------------------- */

static int
words_run(struct search *search, const struct words_asked *asked,
    size_t limit, hit_fn *fn, void *arg)
{
	struct search_request request = {.terms = asked->terms,
	    .count = asked->count, .limit = limit,
	    .common_max = COMMON_MAX, .extra_max = EXTRA_MAX,
	    .accept = search_accept, .accept_arg = search};
	size_t i;
	int err = 0;

	/* Then the store asks for less. */
	if (search->query->filter == NULL && search->asked == NULL)
		request.accept = NULL;
	for (i = 0; err == 0 && i < search->base_count; i++) {
		request.base_id = search->bases[i].id;
		err = store_search_terms(search->reader, &request, fn, arg);
	}
	return err;
}

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

/* ---- asking for more ----------------------------------------------------- */

static int
first_hit(void *arg, int64_t segment_id, double score)
{
	struct firsts *firsts = arg;
	size_t i;

	if (firsts->count < FEEDBACK_SEGMENTS)
		firsts->count++;
	else if (score <= firsts->list[firsts->count - 1].score)
		return 0;
	for (i = firsts->count - 1;
	    i > 0 && firsts->list[i - 1].score < score; i--)
		firsts->list[i] = firsts->list[i - 1];
	firsts->list[i].segment_id = segment_id;
	firsts->list[i].score = score;
	return 0;
}

static int
term_put(void *arg, const char *term, size_t len, uint32_t count)
{
	return feedback_put(arg, term, len, count);
}

/* What firsts have in common joins asked.  A stem that is asked for already
 * gets more weight in the store. */
static int
words_expand(struct search *search, const struct firsts *firsts,
    struct words_asked *asked)
{
	struct feedback *feedback;
	size_t count = 0, i;
	double sum = 0;
	int err = 0;

	feedback = feedback_new(&search->engine->stops);
	if (feedback == NULL)
		return ERR_NOMEM;
	for (i = 0; err >= 0 && i < firsts->count; i++) {
		feedback_segment(feedback, firsts->list[i].score);
		err = store_segment_terms(search->reader,
		    firsts->list[i].segment_id, term_put, feedback);
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	for (i = 0; i < asked->count; i++)
		sum += asked->terms[i].weight;
	if (err >= 0)
		count = feedback_end(feedback, sum, asked->more);
	for (i = 0; i < count; i++)
		asked->terms[asked->count++] = (struct search_term){
		    .text = asked->more[i].text, .is_stem = true,
		    .is_extra = true, .weight = asked->more[i].weight};
	feedback_free(feedback);
	return err < 0 ? err : 0;
}

static bool
is_expanded(const struct search *search)
{
	const struct query *query = search->query;

	switch (query->expand) {
	case EXPAND_NO:
		return false;
	case EXPAND_YES:
		return true;
	case EXPAND_AUTO:
		break;
	}
	return query->semantic_ratio > 0 && query->semantic_ratio < 1 &&
	    search->asked == NULL;
}

int
search_words(struct search *search)
{
	struct firsts firsts = {.count = 0};
	struct words_asked asked;
	int err = 0;

	words_fill(search, &asked);
	if (is_expanded(search)) {
		err = words_run(search, &asked, FEEDBACK_SEGMENTS, first_hit,
		    &firsts);
		if (err == 0)
			err = words_expand(search, &firsts, &asked);
		/* The second time finds all of it again. */
		search_look_anew(search);
	}
	return err < 0 ? err
		       : words_run(search, &asked, search->size, lexical_hit,
			     search);
}
