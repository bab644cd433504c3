/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which datasets are asked, and what is found in each.
 */
#include <stdio.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_said.h"
#include "api/cognee/cognee_search.h"
#include "api/cognee/cognee_view.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/graphs.h"
#include "store/store.h"
#include "text/tags.h"

#define KEPT_BYTES_MAX (256 * MIB) /* of all that one search finds */
#define ITEMS_BYTES_MAX (64 * MIB) /* of a recall's own */
/* What scores less was found by chance: no word in common, and nearness that
 * is lost in rounding. */
#define SCORE_MIN 1e-6
#define SEMANTIC_RATIO 0.5

/* ---- searches ------------------------------------------------------------ */

int
cognee_search_new(struct http_request *request,
    const struct cognee_asked *asked, struct cognee_search **ret_search)
{
	struct cognee_search *search;
	int err = ERR_NOMEM;

	search = mem_zalloc(sizeof(*search));
	if (search == NULL)
		return ERR_NOMEM;
	search->asked = *asked;
	search->account_id = request->caller.account_id;
	search->asked.question = mem_strdup(asked->question);
	search->asked.wish =
	    asked->wish == NULL ? NULL : mem_strdup(asked->wish);
	buf_init(&search->texts, KEPT_BYTES_MAX);
	buf_init(&search->items, ITEMS_BYTES_MAX);
	if (search->asked.question == NULL ||
	    (asked->wish != NULL && search->asked.wish == NULL))
		goto out;
	if (asked->sets != NULL) {
		search->filter = json_pack("{s:O}", COGNEE_NODE_SET,
		    (json_t *)(uintptr_t)asked->sets);
		if (search->filter == NULL)
			goto out;
	}
	*ret_search = search;
	search = NULL;
	err = 0;
out:
	cognee_search_free(search);
	return err;
}

void
cognee_search_free(void *arg)
{
	struct cognee_search *search = arg;
	size_t i;

	if (search == NULL)
		return;
	for (i = 0; i < search->count; i++)
		answer_fini(&search->found[i].answer);
	mem_free((void *)(uintptr_t)search->asked.question);
	mem_free((void *)(uintptr_t)search->asked.wish);
	mem_free(search->found);
	mem_free(search->hits);
	json_decref(search->filter);
	buf_fini(&search->texts);
	buf_fini(&search->items);
	mem_free(search);
}

size_t
cognee_keep(struct cognee_search *search, const char *text, size_t len)
{
	size_t at = search->texts.len;

	(void)buf_put(&search->texts, text, len);
	(void)buf_putc(&search->texts, '\0');
	return at;
}

/* ---- datasets ------------------------------------------------------------ */

/* 1: there are too many. */
static int
take_dataset(void *arg, const struct cognee_dataset *dataset)
{
	struct cognee_search *search = arg;
	size_t i;

	for (i = 0; i < search->count; i++)
		if (search->found[i].dataset.id == dataset->id)
			return 0;
	if (search->count == COGNEE_SEARCH_DATASETS_MAX)
		return 1;
	search->found[search->count++].dataset = *dataset;
	return 0;
}

static int
take_ids(struct http_request *request, struct store *reader,
    struct cognee_search *search)
{
	struct cognee_dataset dataset;
	struct uuid uuid;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < json_array_size(search->asked.ids); i++) {
		/* Checked with the body: each is one. */
		err = cognee_parse_uuid(json_string_value(
		    json_array_get(search->asked.ids, i)), &uuid, NULL);
		if (err == 0)
			err = cognee_dataset_find(request, reader, &uuid,
			    COGNEE_READ, &dataset);
		if (err == 0)
			err = take_dataset(search, &dataset);
	}
	return err;
}

/* Names that there are not are passed over, unless there is none at all. */
static int
take_names(struct http_request *request, struct store *reader,
    struct cognee_search *search)
{
	struct cognee_dataset dataset;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < json_array_size(search->asked.names);
	     i++) {
		err = cognee_dataset_named(request, reader,
		    json_string_value(json_array_get(search->asked.names, i)),
		    &dataset);
		if (err == 0)
			err = take_dataset(search, &dataset);
		else if (err == ERR_NOT_FOUND)
			err = 0;
	}
	return err == 0 && search->count == 0 ? ERR_NOT_FOUND : err;
}

static int
refuse_many(struct http_reply *reply)
{
	char words[96];

	(void)snprintf(words, sizeof(words),
	    "A search goes over at most %u datasets; name them.",
	    COGNEE_SEARCH_DATASETS_MAX);
	return cognee_search_refuse(reply, 422, "QueryValidationError",
	    words);
}

int
cognee_search_resolve(struct http_request *request,
    struct http_reply *reply, struct cognee_search *search)
{
	const struct cognee_asked *asked = &search->asked;
	struct store *reader;
	int err;

	if (json_array_size(asked->ids) > COGNEE_SEARCH_DATASETS_MAX ||
	    json_array_size(asked->names) > COGNEE_SEARCH_DATASETS_MAX)
		return refuse_many(reply);
	search->found = mem_array(COGNEE_SEARCH_DATASETS_MAX,
	    sizeof(*search->found));
	if (search->found == NULL)
		return ERR_NOMEM;
	memset(search->found, 0,
	    COGNEE_SEARCH_DATASETS_MAX * sizeof(*search->found));
	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	if (asked->ids != NULL)
		err = take_ids(request, reader, search);
	else if (asked->names != NULL)
		err = take_names(request, reader, search);
	else
		err = cognee_datasets_each(request, reader, COGNEE_READ,
		    take_dataset, search);
	if (err == ERR_NOT_FOUND && asked->ids != NULL) {
		(void)cognee_denied(reply, "read");
		return 1;
	}
	if (err == ERR_NOT_FOUND)
		return cognee_search_refuse(reply, 404,
		    "DatasetNotFoundError", "No datasets found.");
	if (err == 1)
		return refuse_many(reply);
	return err;
}

/* ---- what is found ------------------------------------------------------- */

struct finding {
	struct cognee_search *search;
	struct cognee_found *found;
	const struct cognee_search_way *way;
	struct tagger *tagger; /* for summaries; else NULL */
};

static int
hit_add(struct cognee_search *search, struct cognee_hit **ret_hit)
{
	struct cognee_hit *hits;
	size_t size;

	if (search->hit_count == search->hit_size) {
		size = search->hit_size == 0 ? 16 : 2 * search->hit_size;
		hits = mem_resize(search->hits, size, sizeof(*hits));
		if (hits == NULL)
			return ERR_NOMEM;
		search->hits = hits;
		search->hit_size = size;
	}
	*ret_hit = &search->hits[search->hit_count++];
	memset(*ret_hit, 0, sizeof(**ret_hit));
	return 0;
}

/* The sentence of a text that says most of it; the beginning, where it has no
 * sentences. */
static int
summarize(struct tagger *tagger, const struct result *result,
    struct tags *ret_tags)
{
	size_t len;
	int err;

	tagger_clear(tagger);
	err = tagger_add(tagger, result->text, result->text_len);
	if (err == 0)
		err = tagger_end(tagger, ret_tags);
	if (err < 0 || ret_tags->summary[0] != '\0')
		return err;
	len = utf8_floor(result->text, result->text_len, SUMMARY_BYTES_MAX);
	memcpy(ret_tags->summary, result->text, len);
	ret_tags->summary[len] = '\0';
	return 0;
}

static int
on_result(void *arg, const struct result *result)
{
	struct finding *finding = arg;
	struct cognee_search *search = finding->search;
	struct tags tags = {.summary = ""};
	struct cognee_hit *hit;
	struct jsonw w;
	int err;

	err = hit_add(search, &hit);
	if (err == 0 && finding->tagger != NULL)
		err = summarize(finding->tagger, result, &tags);
	if (err < 0)
		return err;
	finding->found->count++;
	hit->segment = result->segment_id;
	hit->document = result->document_id;
	hit->position = result->position;
	hit->score = result->score;
	hit->name = cognee_keep(search, result->name, strlen(result->name));
	hit->text_len = finding->tagger != NULL ? strlen(tags.summary)
						: result->text_len;
	hit->text = cognee_keep(search, finding->tagger != NULL
	    ? tags.summary : result->text, hit->text_len);
	hit->json = search->texts.len;
	jsonw_init(&w, &search->texts);
	cognee_write_chunk(&w, result,
	    finding->tagger != NULL ? tags.summary : NULL);
	hit->json_len = search->texts.len - hit->json;
	return search->texts.err;
}

/* Those of the question's years first, each group as it was found. */
static int
years_first(struct cognee_search *search, struct cognee_found *found)
{
	struct cognee_hit *hits = search->hits + found->first, *ordered;
	struct cognee_years years;
	size_t i, at = 0;
	int pass;

	cognee_years_of(search->asked.question, &years);
	if (years.count == 0 || found->count == 0)
		return 0;
	ordered = mem_array(found->count, sizeof(*ordered));
	if (ordered == NULL)
		return ERR_NOMEM;
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < found->count; i++)
			if (cognee_years_are_in(&years,
				search->texts.data + hits[i].text,
				hits[i].text_len) == (pass == 0))
				ordered[at++] = hits[i];
	memcpy(hits, ordered, found->count * sizeof(*hits));
	mem_free(ordered);
	return 0;
}

static int
find_hits(struct http_request *request, struct store *reader,
    struct finding *finding)
{
	struct cognee_search *search = finding->search;
	struct cognee_found *found = finding->found;
	bool gathers_words = finding->way->gathers == COGNEE_GATHER_WORDS;
	struct query query = {.text = search->asked.question,
	    .limit = search->asked.limit,
	    .semantic_ratio = gathers_words ? 0 : SEMANTIC_RATIO,
	    .filter = search->filter, .score_min = SCORE_MIN};
	int64_t generation;
	int err;

	err = engine_query(request->engine, reader, found->dataset.account_id,
	    &found->dataset.uuid, &query, &generation, on_result, finding,
	    &request->note);
	if (err == 0 && finding->way->gathers == COGNEE_GATHER_DATES)
		err = years_first(search, found);
	return err;
}

static int
indexed_take(void *arg, const struct base *base)
{
	*(bool *)arg = base->documents > 0;
	return 0;
}

static int
find_in(struct http_request *request, struct store *reader,
    struct cognee_search *search, struct cognee_found *found)
{
	struct finding finding = {.search = search, .found = found};
	struct graph_made made;
	int err;

	err = engine_graph_made(request->engine, reader,
	    found->dataset.account_id, &found->dataset.uuid, &made,
	    &request->note);
	if (err < 0)
		return err;
	found->has_graph = made.is_there;
	found->is_by_model = made.by_model;
	found->first = search->hit_count;
	found->type = search->asked.type == COGNEE_SEARCH_FEELING_LUCKY
	    ? cognee_search_guess(search->asked.question, found->has_graph)
	    : search->asked.type;
	finding.way = cognee_search_way(found->type);
	if (finding.way->gathers == COGNEE_GATHER_SUMMARIES ||
	    finding.way->gathers == COGNEE_GATHER_GRAPH_SUMMARY) {
		finding.tagger = tagger_new();
		if (finding.tagger == NULL)
			return ERR_NOMEM;
	}
	if (finding.way->gathers != COGNEE_GATHER_REPORT)
		err = find_hits(request, reader, &finding);
	tagger_free(finding.tagger);
	return err < 0
	    ? err
	    : cognee_context_make(request, reader, search, found);
}

int
cognee_search_find(struct http_request *request, struct http_reply *reply,
    struct cognee_search *search)
{
	bool is_indexed = false, any = false;
	struct store *reader;
	size_t i;
	int err;

	err = http_reader(request, &reader);
	for (i = 0; err == 0 && i < search->count; i++) {
		if (http_is_stopping(request))
			return ERR_BUSY;
		err = store_base_find(reader, 0,
		    &search->found[i].dataset.uuid, NULL, indexed_take,
		    &is_indexed);
		if (err == 0)
			err = find_in(request, reader, search,
			    &search->found[i]);
		any |= err == 0 && is_indexed;
	}
	/* Deleted since it was looked up. */
	if (err == ERR_NOT_FOUND)
		return cognee_search_refuse(reply, 404,
		    "DatasetNotFoundError", "No datasets found.");
	if (err == ERR_TOO_BIG)
		return cognee_search_refuse(reply, 422,
		    "QueryValidationError", "More is found than one answer "
		    "can hold: ask for a smaller top_k, or fewer datasets.");
	if (err == 0 && search->count > 0 && !any)
		return cognee_search_refuse(reply, 404, "NoDataError",
		    "No data found in the system, please add data first.");
	return err;
}
