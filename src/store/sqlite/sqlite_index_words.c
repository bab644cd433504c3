/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What terms of full text are: the stems of words, by the rules of one
 * language for each document.  A query does not say its language, so a word of
 * it is stemmed by the rules of each that the base has: the different stems
 * are one group, and what holds any of them holds the word.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "text/stem.h"
#include "text/words.h"
#include "text/words_scan.h"

#define HEADING_WEIGHT 2u
#define TEXT_WEIGHT 1u
#define LOOKED_ENOUGH 1 /* ends a walk */

static int
stemmer_get(struct store *store, struct stemmer **ret_stemmer)
{
	if (store->stemmer == NULL)
		store->stemmer = stemmer_new();
	*ret_stemmer = store->stemmer;
	return store->stemmer == NULL ? ERR_NOMEM : 0;
}

/* ---- of a segment -------------------------------------------------------- */

struct word_sink {
	struct stemmer *stemmer;
	enum language language;
	uint32_t weight;
	struct part_builder *builder; /* or, when it is NULL: */
	term_fn *fn;
	void *arg;
	uint64_t bytes;
};

_Static_assert(PART_TERM_BYTES_MAX >= WORD_BYTES_MAX, "a stem is a term");

static int
word_stem(void *arg, const char *word, size_t len,
    char out[PART_TERM_BYTES_MAX], size_t *ret_len)
{
	const struct word_sink *sink = arg;

	return stem_term(sink->stemmer, sink->language, word, len, out,
	    ret_len);
}

static int
word_put(void *arg, const char *word, size_t len, size_t start, size_t end)
{
	struct word_sink *sink = arg;
	char term[PART_TERM_BYTES_MAX];
	size_t term_len;
	int err;

	(void)start;
	(void)end;
	sink->bytes += len;
	if (sink->builder != NULL)
		return part_builder_word(sink->builder,
		    (unsigned)sink->language + 1, word, len, sink->weight,
		    word_stem, sink);
	err = word_stem(sink, word, len, term, &term_len);
	return err < 0
	    ? err
	    : sink->fn(sink->arg, term, term_len, sink->weight);
}

/* Words that were given by hand count as those of the text. */
static int
keywords_put(struct store *store, const char *keywords,
    struct word_sink *sink)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_KEYWORDS);
	q_text(&q, keywords);
	got = q_step(&q);
	if (got > 0)
		got = words_each(q_col_text(&q, 0),
		    strlen(q_col_text(&q, 0)), word_put, sink);
	return q_close(&q, got);
}

static int
posting_walk(struct store *store, const struct posting *posting,
    struct word_sink *sink)
{
	int err;

	if (posting->stems >= LANGUAGE_COUNT)
		return ERR_CORRUPT;
	sink->language = (enum language)posting->stems;
	sink->weight = HEADING_WEIGHT;
	err = stemmer_get(store, &sink->stemmer);
	if (err == 0)
		err = words_each(posting->section, strlen(posting->section),
		    word_put, sink);
	sink->weight = TEXT_WEIGHT;
	if (err == 0)
		err = words_each(posting->text, posting->text_len, word_put,
		    sink);
	if (err == 0 && posting->keywords != NULL)
		err = keywords_put(store, posting->keywords, sink);
	return err;
}

int
index_words(struct store *store, const struct posting *posting,
    struct part_builder *builder, uint64_t *ret_bytes)
{
	struct word_sink sink = {.builder = builder};
	int err;

	err = posting_walk(store, posting, &sink);
	if (err == 0)
		*ret_bytes = sink.bytes;
	return err;
}

int
store_segment_terms(struct store *store, int64_t segment_id, term_fn *fn,
    void *arg)
{
	struct posting posting = {.segment_id = segment_id};
	struct word_sink sink = {.fn = fn, .arg = arg};
	struct q q;
	int got;

	q_open(&q, store, STMT_SEGMENT_POSTED);
	q_int(&q, segment_id);
	got = q_step(&q);
	if (got > 0) {
		posting.section = q_col_text(&q, 0);
		posting.text = q_col_text(&q, 1);
		posting.text_len = (size_t)sqlite3_column_bytes(q.stmt, 1);
		posting.keywords = q_col_text_or_null(&q, 2);
		posting.stems = (unsigned)q_col_int(&q, 3);
		got = posting_walk(store, &posting, &sink);
	} else if (got == 0) {
		got = ERR_NOT_FOUND;
	}
	return q_close(&q, got);
}

/* ---- which language ------------------------------------------------------ */

struct look {
	struct language_set set;
	struct language_tally tally;
};

static void
look_at(struct look *look, const char *text, size_t len)
{
	struct words_scan scan;

	words_scan_init(&scan, text, len);
	while (look->tally.terms < LANGUAGE_TERMS_MAX &&
	    words_scan_next(&scan))
		language_add(&look->tally, &look->set,
		    words_scan_hash(&scan));
}

static int
look_at_row(struct q *q, void *arg)
{
	struct look *look = arg;

	look_at(look, q_col_text(q, 0),
	    (size_t)sqlite3_column_bytes(q->stmt, 0));
	return look->tally.terms < LANGUAGE_TERMS_MAX ? 0 : LOOKED_ENOUGH;
}

int
index_stems_decide(struct store *store, int64_t revision_id,
    const struct text_looked *looked, unsigned *ret_stems)
{
	enum language language;
	struct look *look;
	struct q q;
	int err = 0;

	look = mem_zalloc(sizeof(*look));
	if (look == NULL)
		return ERR_NOMEM;
	language_set_init(&look->set);
	if (looked->text != NULL) {
		look_at(look, looked->text, looked->text_len);
	} else {
		q_open(&q, store, STMT_SEGMENT_TEXTS);
		q_int(&q, revision_id);
		err = q_each(&q, look_at_row, look);
	}
	language = language_decide(&look->tally,
	    language_of_tag(looked->document_language));
	mem_free(look);
	if (err < 0)
		return err;
	*ret_stems = language == LANGUAGE_NONE ? LANGUAGE_ENGLISH : language;
	return stmt_run_2(store, STMT_REVISION_STEMS, revision_id,
	    *ret_stems);
}

/* ---- of a query ---------------------------------------------------------- */

static bool
group_has(const struct asked *asked, size_t begin, const char *text,
    size_t len)
{
	size_t i;

	for (i = begin; i < asked->count; i++)
		if (asked->terms[i].len == len &&
		    memcmp(asked->terms[i].text, text, len) == 0)
			return true;
	return false;
}

static int
group_put(struct asked *asked, size_t begin, const struct search_term *term,
    const char *text, size_t len)
{
	char *place;

	if (group_has(asked, begin, text, len))
		return 0;
	if (asked->count == TOPK_TERMS_MAX)
		return ERR_TOO_BIG;
	place = asked->texts + asked->count * WORD_BYTES_MAX;
	memcpy(place, text, len);
	asked->terms[asked->count++] = (struct topk_term){.text = place,
	    .len = len, .weight = term->weight, .group = begin,
	    .must = term->must, .is_extra = term->is_extra};
	return 0;
}

/* When an earlier group is of the same terms, it takes the weight of the one
 * from begin on, which goes. */
static void
group_join(struct asked *asked, size_t begin)
{
	size_t count = asked->count - begin, first, i;

	for (first = 0; first + count <= begin; first++) {
		for (i = 0; i < count && asked->terms[first + i].group ==
		    asked->terms[first].group; i++)
			if (!group_has(asked, begin,
				asked->terms[first + i].text,
				asked->terms[first + i].len))
				break;
		if (i < count || asked->terms[first].group != first ||
		    (first + count < begin &&
			asked->terms[first + count].group == first))
			continue;
		for (i = 0; i < count; i++) {
			asked->terms[first + i].weight +=
			    asked->terms[begin].weight;
			asked->terms[first + i].must |=
			    asked->terms[begin].must;
		}
		asked->count = begin;
		return;
	}
}

static int
group_fill(struct store *store, const struct search_term *term,
    uint32_t languages, struct asked *asked)
{
	size_t begin = asked->count, len = strlen(term->text), stem_len;
	struct stemmer *stemmer;
	char stem[WORD_BYTES_MAX];
	unsigned language;
	int err;

	if (len == 0 || len > WORD_BYTES_MAX)
		return ERR_INVALID;
	err = stemmer_get(store, &stemmer);
	if (err == 0 && (term->is_stem || languages == 0))
		err = group_put(asked, begin, term, term->text, len);
	for (language = 0; err == 0 && !term->is_stem &&
	    language < LANGUAGE_COUNT; language++) {
		if ((languages >> language & 1) == 0)
			continue;
		err = stem_term(stemmer, (enum language)language, term->text,
		    len, stem, &stem_len);
		if (err == 0)
			err = group_put(asked, begin, term, stem, stem_len);
	}
	if (err == 0)
		group_join(asked, begin);
	return err;
}

int
asked_init(struct asked *asked, struct store *store,
    const struct search_request *request, uint32_t languages)
{
	size_t i;
	int err = 0;

	memset(asked, 0, sizeof(*asked));
	if (request->count > TOPK_TERMS_MAX)
		return ERR_TOO_BIG;
	asked->terms = mem_array(TOPK_TERMS_MAX, sizeof(*asked->terms));
	asked->texts = mem_array(TOPK_TERMS_MAX, WORD_BYTES_MAX);
	if (asked->terms == NULL || asked->texts == NULL)
		err = ERR_NOMEM;
	for (i = 0; err == 0 && i < request->count; i++)
		err = group_fill(store, &request->terms[i], languages, asked);
	if (err < 0)
		asked_fini(asked);
	return err;
}

void
asked_fini(struct asked *asked)
{
	mem_free(asked->terms);
	mem_free(asked->texts);
	asked->terms = NULL;
	asked->texts = NULL;
}
