/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context of an answer: what of a dataset is shown to whoever answers, and
 * given as it is where nobody is to.
 *
 * A way that wants the graph gets the chunks where there is none: a dataset is
 * as good as it is indexed, and an answer from its texts is better than none.
 * Where rules made the graph it gets both: they see names, and how these are
 * linked, and miss much of what a text says.
 */
#include <string.h>

#include "api/cognee/cognee_search.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/graphs.h"
#include "http/http.h"

#define GRAPH_BYTES_MAX (32 * KIB) /* of a graph in words */
#define REPORT_BYTES_MAX (1 * MIB)
#define AROUND_MAX 64u /* chunks around which a graph is looked for */
#define WIDE_NODES 128u /* of more of it than engine_graph_around() takes */
#define WIDE_EDGES 256u

/* ---- the graph ----------------------------------------------------------- */

/* The graph in words, kept behind what is kept. */
static int
keep_graph(struct cognee_search *search, const struct base_graph *graph,
    struct cognee_found *found)
{
	struct buf words;
	int err;

	buf_init(&words, GRAPH_BYTES_MAX);
	err = base_graph_write(graph, GRAPH_BYTES_MAX, &words);
	if (err == 0 && words.len > 0) {
		found->graph_len = words.len;
		found->graph = cognee_keep(search, buf_text(&words),
		    words.len);
	}
	buf_fini(&words);
	return err;
}

static int
around(struct http_request *request, struct store *reader,
    struct cognee_search *search, struct cognee_found *found, bool is_wide)
{
	struct graph_wish wish = {.nodes_max = is_wide ? WIDE_NODES : 0,
	    .edges_max = is_wide ? WIDE_EDGES : 0};
	struct uuid segments[AROUND_MAX];
	struct base_graph graph;
	size_t i;
	int err;

	for (i = 0; i < found->count && i < AROUND_MAX; i++)
		segments[i] = search->hits[found->first + i].segment;
	err = engine_graph_around(request->engine, reader,
	    found->dataset.account_id, &found->dataset.uuid,
	    search->asked.question, segments, i, &wish, &graph,
	    &request->note);
	if (err < 0)
		return err;
	err = keep_graph(search, &graph, found);
	base_graph_fini(&graph);
	return err;
}

static int
report(struct http_request *request, struct store *reader,
    struct cognee_search *search, struct cognee_found *found)
{
	struct graph_wish wish = {.nodes_max = 0};
	struct base_graph graph;
	struct buf words;
	int err;

	err = engine_graph(request->engine, reader, found->dataset.account_id,
	    &found->dataset.uuid, &wish, &graph, &request->note);
	if (err < 0)
		return err;
	buf_init(&words, REPORT_BYTES_MAX);
	err = base_graph_report(&graph, found->dataset.name, &words);
	if (err == 0) {
		found->context_len = words.len;
		found->context = cognee_keep(search, buf_text(&words),
		    words.len);
	}
	buf_fini(&words);
	base_graph_fini(&graph);
	return err;
}

/* ---- all of it ----------------------------------------------------------- */

static bool
shows_chunks(enum cognee_gathering gathers, const struct cognee_found *found)
{
	switch (gathers) {
	case COGNEE_GATHER_GRAPH:
	case COGNEE_GATHER_GRAPH_WIDE:
		return found->graph_len == 0 || !found->is_by_model;
	case COGNEE_GATHER_NOTHING:
	case COGNEE_GATHER_REPORT:
	case COGNEE_GATHER_LUCKY:
		return false;
	case COGNEE_GATHER_CHUNKS:
	case COGNEE_GATHER_WORDS:
	case COGNEE_GATHER_SUMMARIES:
	case COGNEE_GATHER_HYBRID:
	case COGNEE_GATHER_GRAPH_SUMMARY:
	case COGNEE_GATHER_DATES:
		break;
	}
	return true;
}

/* The graph, then the chunks, with an empty line between two of them.  The
 * texts move when they grow: what is copied is made room for first. */
static int
join(struct cognee_search *search, struct cognee_found *found,
    bool with_chunks)
{
	struct buf *texts = &search->texts;
	const struct cognee_hit *hit;
	size_t i, at, room = found->graph_len + 1;
	int err;

	for (i = 0; with_chunks && i < found->count; i++)
		room += search->hits[found->first + i].text_len + 2;
	err = buf_reserve(texts, room);
	if (err < 0)
		return err;
	at = texts->len;
	(void)buf_put(texts, texts->data + found->graph, found->graph_len);
	for (i = 0; with_chunks && i < found->count; i++) {
		hit = &search->hits[found->first + i];
		if (texts->len > at)
			(void)buf_puts(texts, "\n\n");
		(void)buf_put(texts, texts->data + hit->text, hit->text_len);
	}
	found->context = at;
	found->context_len = texts->len - at;
	(void)buf_putc(texts, '\0');
	return texts->err;
}

int
cognee_context_make(struct http_request *request, struct store *reader,
    struct cognee_search *search, struct cognee_found *found)
{
	enum cognee_gathering gathers =
	    cognee_search_way(found->type)->gathers;
	int err = 0;

	if (gathers == COGNEE_GATHER_REPORT)
		return report(request, reader, search, found);
	if (found->has_graph &&
	    (gathers == COGNEE_GATHER_GRAPH ||
		gathers == COGNEE_GATHER_GRAPH_WIDE ||
		gathers == COGNEE_GATHER_GRAPH_SUMMARY ||
		gathers == COGNEE_GATHER_HYBRID))
		err = around(request, reader, search, found,
		    gathers == COGNEE_GATHER_GRAPH_WIDE);
	return err < 0 ? err
		       : join(search, found, shows_chunks(gathers, found));
}

size_t
cognee_passages(const struct cognee_search *search,
    const struct cognee_found *found, bool with_graph,
    struct passage *passages, size_t count)
{
	enum cognee_gathering gathers =
	    cognee_search_way(found->type)->gathers;
	bool has_graph = with_graph && found->graph_len > 0;
	const char *texts = buf_text(&search->texts);
	const struct cognee_hit *hit;
	size_t i, at = 0;

	if (has_graph && count > 0)
		passages[at++] = (struct passage){.name = "knowledge graph",
		    .text = texts + found->graph, .len = found->graph_len};
	if (has_graph && !shows_chunks(gathers, found))
		return at;
	for (i = 0; i < found->count && at < count; i++) {
		hit = &search->hits[found->first + i];
		passages[at++] = (struct passage){.name = texts + hit->name,
		    .text = texts + hit->text, .len = hit->text_len};
	}
	return at;
}
