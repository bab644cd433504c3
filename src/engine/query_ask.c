/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a query demands (search/ask.h).
 *
 * Full text has no places of words, so what it finds with the words that must
 * be there is looked at: the segment's own text, as the query's snapshot has
 * it, says whether a clause holds.  What is demanded of documents is settled
 * first, as a filter is.  A query that looks for nothing, or for what full text
 * cannot find, is a list: documents in the order in which they came, their
 * segments by position.  However common the words are, so many segments are
 * looked at and no more.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/query_int.h"
#include "search/ask_match.h"
#include "store/store_index.h"
#include "store/store_vector.h"

/* Words that full text is asked to have; all of them are looked for in the
 * segment. */
#define MUSTS_MAX 16u

/* Of the nearest so many that all clauses hold for, unless more are asked
 * for. */
#define NEAR_WANTED 100u

#define SECTION_END 0x1F

struct asked {
	struct ask *ask;
	struct ask_match match;
	const char *musts[MUSTS_MAX]; /* each once */
	size_t must_count;
	size_t looks, looks_max;
	uint64_t look_bytes;
	bool is_spent; /* no more looks */
};

/* ---- what is asked ------------------------------------------------------- */

static bool
is_must(const struct asked *asked, const char *word)
{
	size_t i;

	for (i = 0; i < asked->must_count; i++)
		if (strcmp(asked->musts[i], word) == 0)
			return true;
	return false;
}

/* Of each clause in turn, so that all have some of theirs.  Full text may have
 * no single character of a script without spaces although the text has it. */
static void
musts_pick(struct asked *asked)
{
	const struct ask *ask = asked->ask;
	const struct ask_clause *clause;
	const struct ask_word *word;
	size_t place, i;

	for (place = 0; place < ASK_PHRASE_WORDS_MAX; place++)
		for (i = 0; i < ask->clause_count; i++) {
			clause = &ask->clauses[i];
			if (clause->is_excluded || place >= clause->count ||
			    ask_field_level(clause->field) != ASK_OF_SEGMENT)
				continue;
			word = &ask->words[clause->first + place];
			if (word->is_single || is_must(asked, word->text) ||
			    asked->must_count == MUSTS_MAX)
				continue;
			asked->musts[asked->must_count++] = word->text;
		}
}

int
search_operators(struct search *search)
{
	const struct query *query = search->query;
	struct asked *asked;
	struct ask *ask;

	search->text = query->text;
	if (!query->has_operators)
		return 0;
	ask = ask_new(query->text, strlen(query->text));
	if (ask == NULL)
		return ERR_NOMEM;
	if (ask->clause_count == 0) {
		ask_free(ask);
		return 0;
	}
	asked = mem_zalloc(sizeof(*asked));
	if (asked == NULL) {
		ask_free(ask);
		return ERR_NOMEM;
	}
	asked->ask = ask;
	asked->looks_max = query->looks_max > 0 ? query->looks_max
						: QUERY_LOOKS_MAX;
	ask_match_init(&asked->match, ask);
	musts_pick(asked);
	search->asked = asked;
	search->text = ask->sought;
	return 0;
}

void
search_operators_drop(struct search *search)
{
	if (search->asked == NULL)
		return;
	if (search->query->ret_is_partial != NULL)
		*search->query->ret_is_partial = search->asked->is_spent;
	ask_free(search->asked->ask);
	mem_free(search->asked);
	search->asked = NULL;
}

/* One that stands alone is not found by full text. */
static bool
is_single(const char *term)
{
	size_t len = strlen(term), step;

	return words_is_paired(utf8_decode(term, len, &step)) && step == len;
}

void
search_operators_terms(struct search *search)
{
	struct asked *asked = search->asked;
	struct terms *terms = &search->terms;
	const char *list[TERMS_MAX];
	bool is_findable = false;
	size_t i, n;

	if (asked == NULL)
		return;
	/* Those that must be there first, and although they may be so common
	 * that they would be left out. */
	n = asked->must_count;
	memcpy(list, asked->musts, n * sizeof(*list));
	for (i = 0; i < terms->count && n < TERMS_MAX; i++)
		if (!is_must(asked, terms->list[i]))
			list[n++] = terms->list[i];
	memcpy(terms->list, list, n * sizeof(*list));
	terms->count = n;
	for (i = 0; i < n; i++)
		is_findable |= !is_single(list[i]);
	search->is_list = n == 0 ||
	    (!is_findable && ask_demands(asked->ask, ASK_OF_SEGMENT));
}

bool
search_asks(const struct search *search, enum ask_level level)
{
	return search->asked != NULL && ask_has(search->asked->ask, level);
}

bool
search_demands(const struct search *search)
{
	return search->asked != NULL &&
	    ask_demands(search->asked->ask, ASK_OF_SEGMENT);
}

bool
search_must(const struct search *search, const char *term)
{
	return search->asked != NULL && is_must(search->asked, term);
}

/* ---- looking ------------------------------------------------------------- */

static void
put_text(struct ask_match *match, enum ask_field field, const char *text)
{
	if (text != NULL)
		ask_match_put(match, field, text, strlen(text));
}

/* Each of an array of strings. */
static void
put_texts(struct ask_match *match, enum ask_field field, const char *array)
{
	const json_t *text;
	json_t *texts;
	size_t i;

	if (array == NULL || strcmp(array, "[]") == 0 ||
	    !ask_match_wants(match, field))
		return;
	texts = json_loads(array, 0, NULL);
	json_array_foreach (texts, i, text)
		put_text(match, field, json_string_value(text));
	json_decref(texts);
}

static void
put_headings(struct ask_match *match, const char *section)
{
	const char *end;

	for (;; section = end + 1) {
		end = strchr(section, SECTION_END);
		if (end == NULL)
			break;
		ask_match_put(match, ASK_SECTION, section,
		    (size_t)(end - section));
	}
	put_text(match, ASK_SECTION, section);
}

bool
search_takes(struct search *search, const struct document *document)
{
	struct ask_match *match;

	if (!search_asks(search, ASK_OF_DOCUMENT))
		return true;
	match = &search->asked->match;
	ask_match_begin(match);
	put_text(match, ASK_NAME, document->name);
	put_text(match, ASK_TITLE, document->title);
	put_text(match, ASK_URI, document->uri);
	put_texts(match, ASK_TAG, document->keyphrases);
	return ask_match_holds(match, ASK_OF_DOCUMENT);
}

/* 1, 0, or SEARCH_ENOUGH. */
static int
look(struct asked *asked, const struct segment *segment)
{
	struct ask_match *match = &asked->match;

	if (asked->looks == asked->looks_max ||
	    asked->look_bytes >= QUERY_LOOK_BYTES_MAX)
		asked->is_spent = true;
	if (asked->is_spent)
		return SEARCH_ENOUGH;
	asked->looks++;
	asked->look_bytes += segment->text_len;
	ask_match_begin(match);
	put_headings(match, segment->section);
	put_texts(match, ASK_KEYWORD, segment->keywords);
	ask_match_put(match, ASK_TEXT, segment->text, segment->text_len);
	return ask_match_holds(match, ASK_OF_SEGMENT);
}

static int
look_at(void *arg, const struct segment *segment)
{
	return look(arg, segment);
}

void
search_look_anew(struct search *search)
{
	struct asked *asked = search->asked;

	if (asked == NULL)
		return;
	asked->looks = 0;
	asked->look_bytes = 0;
	asked->is_spent = false;
}

int
search_accept(void *arg, int64_t segment_id, int64_t revision_id)
{
	struct search *search = arg;
	int got;

	if (!search_allows(search, revision_id))
		return 0;
	if (!search_asks(search, ASK_OF_SEGMENT))
		return 1;
	got = store_segment_get(search->reader, segment_id, look_at,
	    search->asked);
	return got == ERR_NOT_FOUND ? 0 : got;
}

/* ---- nearness ------------------------------------------------------------ */

struct nearness {
	const struct search *search;
	const struct base_ref *base; /* whose vectors come by */
	double cosine; /* of the nearest of a segment's vectors */
	bool is_known;
};

static int
nearness_put(void *arg, const struct vector_kept *vector)
{
	struct nearness *nearness = arg;
	const struct search *search = nearness->search;
	double cosine;

	if (!search_cosine(search, nearness->base, vector, &cosine))
		return 0;
	if (!nearness->is_known || cosine > nearness->cosine)
		nearness->cosine = cosine;
	nearness->is_known = true;
	return 0;
}

static int
nearness_of(const struct search *search, int64_t segment_id,
    struct nearness *ret_nearness)
{
	struct nearness nearness = {.search = search};
	size_t i;
	int err = 0;

	/* A segment is of one base; which, it does not say. */
	for (i = 0; err == 0 && !nearness.is_known && i < search->base_count;
	    i++) {
		nearness.base = &search->bases[i];
		err = store_vectors_now(search->reader, search->bases[i].id,
		    segment_id, nearness_put, &nearness);
	}
	if (err == 0)
		*ret_nearness = nearness;
	return err;
}

/* What words have found is near to some degree, too. */
static int
near_words(struct search *search)
{
	struct allowed near = {.count = 0};
	struct top *top = &search->top;
	struct nearness nearness;
	int64_t segment_id;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < top->count; i++)
		err = allowed_put(&near, top->heap[i].segment_id);
	allowed_settle(&near);
	for (i = 0; err == 0 && i < search->lexical_count; i++) {
		segment_id = search->candidates[i].segment_id;
		if (allowed_has(&near, segment_id))
			continue;
		err = nearness_of(search, segment_id, &nearness);
		if (err == 0 && nearness.is_known)
			top->heap[top->count++] = (struct candidate){
			    .segment_id = segment_id,
			    .cosine = nearness.cosine, .is_vector = true};
	}
	mem_free(near.revisions);
	return err;
}

static int
nearer_first(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->cosine > b->cosine || a->cosine < b->cosine)
		return a->cosine > b->cosine ? -1 : 1;
	return (a->segment_id > b->segment_id) -
	    (a->segment_id < b->segment_id);
}

/* Of those in top as many as are wanted, nearest first. */
static int
near_accept(struct search *search)
{
	struct top *top = &search->top;
	size_t wanted, i, n = 0;
	int got = 0;

	wanted = search->query->per_document_max > 0 ||
		search->query->limit > NEAR_WANTED
	    ? QUERY_LIMIT_MAX : NEAR_WANTED;
	if (top->count > 1)
		qsort(top->heap, top->count, sizeof(*top->heap),
		    nearer_first);
	for (i = 0; got >= 0 && got != SEARCH_ENOUGH && i < top->count &&
	    n < wanted; i++) {
		got = store_segment_get(search->reader,
		    top->heap[i].segment_id, look_at, search->asked);
		if (got == ERR_NOT_FOUND)
			got = 0;
		if (got == 1)
			top->heap[n++] = top->heap[i];
	}
	top->count = n;
	return got < 0 ? got : 0;
}

int
search_vectors_accepted(struct search *search)
{
	int err = 0;

	/* Words have found all that there is: nothing else can be near. */
	if (search->asked->must_count > 0 && !search->asked->is_spent &&
	    search->lexical_count < search->size) {
		top_init(&search->top,
		    search->candidates + search->lexical_count, 0);
	} else {
		search->size = QUERY_LIMIT_MAX;
		err = search_vectors(search);
		if (err == 0)
			err = near_accept(search);
	}
	return err < 0 ? err : near_words(search);
}

/* ---- lists --------------------------------------------------------------- */

#define LIST_END 1

struct listing {
	struct search *search;
	size_t given; /* of the document under way */
};

static int
list_segment(void *arg, const struct segment *segment)
{
	struct listing *listing = arg;
	struct search *search = listing->search;
	size_t most = search->query->per_document_max;
	int got = 1;

	if (segment->disabled_us != 0)
		return 0;
	if (search_asks(search, ASK_OF_SEGMENT))
		got = look(search->asked, segment);
	if (got != 1)
		return got == SEARCH_ENOUGH ? LIST_END : 0;
	search->candidates[search->lexical_count++] = (struct candidate){
	    .segment_id = segment->id, .score = 1};
	return search->lexical_count == search->size ||
	    (most > 0 && ++listing->given == most);
}

static int
list_document(void *arg, const struct document *document)
{
	struct listing *listing = arg;
	struct search *search = listing->search;
	int got;

	if (document->revision_id == 0 || document->disabled_us != 0 ||
	    document->is_archived || !search_takes(search, document) ||
	    !search_filter_holds(search, document))
		return 0;
	listing->given = 0;
	got = store_segments_each(search->reader, document->id, 0, INT32_MAX,
	    list_segment, listing);
	if (got < 0)
		return got;
	return search->lexical_count == search->size ||
	    search->asked->is_spent ? LIST_END : 0;
}

int
search_list(struct search *search)
{
	struct listing listing = {.search = search};
	size_t i;
	int got = 0;

	for (i = 0; got == 0 && i < search->base_count; i++)
		got = search_documents(search, search->bases[i].id,
		    list_document, &listing);
	return got < 0 ? got : 0;
}
