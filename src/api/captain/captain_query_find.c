/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching, and keeping what was found: the rows of the store are gone when
 * the search returns, and other services may have to be waited for then.  So
 * each result is written at once, as the answer will have it, and its text is
 * kept beside that for those who are to read it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/captain/captain_int.h"
#include "api/captain/captain_query.h"
#include "base/mem.h"
#include "store/store.h"
#include "sys/clock.h"

#define NEIGHBOURS_MAX 2u
/* What scores less was found by chance: no word in common, and nearness that
 * is lost in rounding. */
#define SCORE_MIN 1e-6
#define KEPT_BYTES_MAX (256 * MIB) /* of one query's results */

/* ---- queries ------------------------------------------------------------- */

int
captain_query_new(struct http_request *request,
    const struct captain_asked *asked, struct captain_query **ret_query)
{
	const char *id = http_request_id(request);
	struct captain_query *query;
	int err = ERR_NOMEM;

	query = mem_zalloc(sizeof(*query));
	if (query == NULL)
		return ERR_NOMEM;
	query->asked = *asked;
	query->asked.filter = NULL;
	query->asked.text = mem_strdup(asked->text);
	query->asked.wish =
	    asked->wish == NULL ? NULL : mem_strdup(asked->wish);
	query->start_us = clock_mono_us();
	(void)snprintf(query->request_id, sizeof(query->request_id),
	    "req_%lld_%.8s", (long long)(clock_wall_us() / 1000000), id);
	(void)snprintf(query->run_id, sizeof(query->run_id), "run_%.8s", id);
	(void)snprintf(query->call_id, sizeof(query->call_id), "call_%.8s",
	    id);
	buf_init(&query->json, KEPT_BYTES_MAX);
	buf_init(&query->texts, KEPT_BYTES_MAX);
	if (query->asked.text == NULL ||
	    (asked->wish != NULL && query->asked.wish == NULL))
		goto out;
	*ret_query = query;
	query = NULL;
	err = 0;
out:
	captain_query_free(query);
	return err;
}

void
captain_query_free(void *arg)
{
	struct captain_query *query = arg;

	if (query == NULL)
		return;
	mem_free((void *)(uintptr_t)query->asked.text);
	mem_free((void *)(uintptr_t)query->asked.wish);
	mem_free(query->hits);
	mem_free(query->order);
	buf_fini(&query->json);
	buf_fini(&query->texts);
	answer_fini(&query->answer);
	mem_free(query);
}

/* ---- results ------------------------------------------------------------- */

struct finding {
	struct captain_query *query;
	struct store *reader;
	const struct captain_base *bases;
	size_t base_count;
	/* Of the result that is being kept. */
	const struct result *result;
	struct captain_neighbour neighbours[NEIGHBOURS_MAX];
	size_t neighbour_count;
};

/* Appends text and a zero; where it begins. */
static size_t
keep(struct captain_query *query, const char *text, size_t len)
{
	size_t at = query->texts.len;

	(void)buf_put(&query->texts, text, len);
	(void)buf_putc(&query->texts, '\0');
	return at;
}

static int
keep_neighbour(void *arg, const struct segment *segment)
{
	struct finding *finding = arg;
	struct captain_neighbour *neighbour;

	if (segment->ordinal == finding->result->position)
		return 0;
	if (segment->ordinal > finding->result->position + 1 ||
	    finding->neighbour_count == NEIGHBOURS_MAX)
		return 1;
	neighbour = &finding->neighbours[finding->neighbour_count++];
	neighbour->position = segment->ordinal;
	neighbour->text_len = segment->text_len;
	neighbour->text = keep(finding->query, segment->text,
	    segment->text_len);
	return finding->query->texts.err;
}

static int
find_neighbours(struct finding *finding)
{
	uint32_t position = finding->result->position;
	int err;

	finding->neighbour_count = 0;
	if ((finding->query->asked.include & CAPTAIN_WITH_NEIGHBOURS) == 0)
		return 0;
	err = store_segments_each(finding->reader,
	    finding->result->document->id, position > 0 ? position - 1 : 0,
	    NEIGHBOURS_MAX + 1, keep_neighbour, finding);
	return err < 0 ? err : 0;
}

static const char *
collection_of(const struct finding *finding, const struct result *result)
{
	size_t i;

	for (i = 0; i < finding->base_count; i++)
		if (finding->bases[i].id == result->document->base_id)
			return finding->bases[i].name;
	return ""; /* not reached: only these were searched */
}

static int
hit_add(struct captain_query *query, struct captain_hit **ret_hit)
{
	struct captain_hit *hits;
	size_t size;

	if (query->hit_count == query->hit_size) {
		size = query->hit_size == 0 ? 16 : 2 * query->hit_size;
		hits = mem_resize(query->hits, size, sizeof(*hits));
		if (hits == NULL)
			return ERR_NOMEM;
		query->hits = hits;
		query->hit_size = size;
	}
	*ret_hit = &query->hits[query->hit_count++];
	memset(*ret_hit, 0, sizeof(**ret_hit));
	return 0;
}

static int
on_result(void *arg, const struct result *result)
{
	struct finding *finding = arg;
	struct captain_query *query = finding->query;
	struct captain_hit *hit;
	struct jsonw w;
	int err;

	err = hit_add(query, &hit);
	if (err < 0)
		return err;
	hit->document = result->document_id;
	hit->score = result->score;
	hit->rerank = NAN;
	hit->name = keep(query, result->name, strlen(result->name));
	hit->text_len = result->text_len;
	hit->text = keep(query, result->text, result->text_len);
	finding->result = result;
	err = find_neighbours(finding);
	if (err < 0)
		return err;
	hit->json = query->json.len;
	jsonw_init(&w, &query->json);
	captain_write_hit(&w, query, result, collection_of(finding, result),
	    finding->neighbours, finding->neighbour_count);
	hit->json_len = query->json.len - hit->json;
	return query->texts.err < 0 ? query->texts.err : query->json.err;
}

/* As they were found, until somebody knows better. */
static int
order_make(struct captain_query *query)
{
	size_t i;

	query->order = mem_array(query->hit_count, sizeof(*query->order));
	if (query->order == NULL)
		return ERR_NOMEM;
	for (i = 0; i < query->hit_count; i++)
		query->order[i] = i;
	query->result_count = query->hit_count < query->asked.limit
	    ? query->hit_count : query->asked.limit;
	return 0;
}

int
captain_query_find(struct http_request *request,
    const struct captain_base *bases, size_t base_count,
    const json_t *filter, struct captain_query *query)
{
	const struct captain_asked *asked = &query->asked;
	struct finding finding = {.query = query, .bases = bases,
	    .base_count = base_count};
	struct query search = {.text = asked->text, .limit = asked->limit,
	    .semantic_ratio = asked->semantic_ratio, .filter = filter,
	    .score_min = SCORE_MIN,
	    .per_document_max = asked->per_document_max};
	struct uuid uuids[CAPTAIN_QUERY_BASES_MAX];
	int64_t generation;
	size_t i;
	int err = 0;

	if (asked->is_rerank && engine_has_rerank(request->engine) &&
	    asked->candidates > search.limit)
		search.limit = asked->candidates;
	for (i = 0; i < base_count; i++)
		uuids[i] = bases[i].uuid;
	if (!asked->finds_nothing) {
		err = http_reader(request, &finding.reader);
		if (err == 0)
			err = engine_query_bases(request->engine,
			    finding.reader, request->caller.account_id,
			    uuids, base_count, &search, &generation,
			    on_result, &finding, &request->note);
	}
	return err < 0 ? err : order_make(query);
}

void
captain_query_passages(const struct captain_query *query,
    struct passage *passages, size_t count)
{
	const struct captain_hit *hit;
	size_t i;

	for (i = 0; i < count; i++) {
		hit = &query->hits[query->order[i]];
		passages[i] = (struct passage){
		    .name = query->texts.data + hit->name,
		    .text = query->texts.data + hit->text,
		    .len = hit->text_len};
	}
}
