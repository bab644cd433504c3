/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph of each segment, by rules or asked of the chat model, into a spool
 * that is read beside the segments when batches are filled.
 *
 * What an earlier try has stored already has its graph: it is not made again.
 * A model that fails in the midst of a document has not worked for nothing:
 * the segments before that are embedded and stored, then the item waits with
 * the model's error, and the next try goes on behind them.
 */
#include <stdatomic.h>
#include <string.h>

#include "engine/dispatch.h"
#include "engine/engine_int.h"
#include "engine/graph_pack.h"
#include "engine/run.h"
#include "engine/steps_int.h"
#include "store/store_graph.h"
#include "sys/crash.h"

/* Of segments that can only be stored together (steps_embed.c); all others
 * are stored as they fill a batch. */
#define GRAPHS_BYTES_MAX (64 * MIB)
/* A model that has answered is alive: what makes no sense is asked again. */
#define ASK_TRIES 3

/* Of the spool; len bytes follow, as graph_pack() makes them.  0: the segment
 * names nothing. */
struct graph_head {
	uint32_t ordinal, len;
};

_Static_assert(GRAPH_PACK_BYTES_MAX <= UINT32_MAX, "it fits in a head");

/* ---- one segment --------------------------------------------------------- */

/* The segment's text, and with it what answers it. */
static int
graph_text(struct bench *bench, const struct segment *segment,
    const char **ret_text, size_t *ret_len)
{
	struct buf *both = &bench->scratch;

	if (segment->answer == NULL) {
		*ret_text = segment->text;
		*ret_len = segment->text_len;
		return 0;
	}
	buf_clear(both);
	(void)buf_put(both, segment->text, segment->text_len);
	(void)buf_puts(both, "\n\n");
	(void)buf_puts(both, segment->answer);
	*ret_text = buf_text(both);
	*ret_len = both->len;
	return both->err;
}

static int
graph_by_rules(struct task *task, const char *text, size_t len,
    struct graph *ret_graph)
{
	const char *title = task->what.title;
	const struct graph_source source = {
	    .title = title[0] == '\0' ? NULL : title,
	    .title_len = strlen(title), .text = text, .text_len = len};

	return graph_extract(task->bench->grapher, &source, ret_graph);
}

static bool
may_ask_again(int err)
{
	return err == ERR_UPSTREAM || err == ERR_TIMEOUT || err == ERR_CLOSED;
}

static int
graph_by_model(struct task *task, bool has_answered, const char *text,
    size_t len, struct graph *ret_graph, struct err_note *note)
{
	struct bench *bench = task->bench;
	int err, tries = has_answered ? ASK_TRIES : 1;
	size_t dropped;

	task->is_asking = true;
	do
		err = chat_graph_make(bench->chat, buf_text(&bench->orders),
		    text, len, work_stop(task->work), ret_graph, &dropped,
		    note);
	while (may_ask_again(err) && --tries > 0);
	task->is_asking = err < 0;
	return err;
}

static int
graph_put(struct task *task, uint32_t ordinal, const struct graph *graph)
{
	struct buf *packed = &task->bench->packed;
	struct spool *spool = &task->bench->graphs;
	struct graph_head head = {.ordinal = ordinal};
	int err = 0;

	buf_clear(packed);
	if (graph->entity_count > 0)
		err = graph_pack(graph, packed);
	head.len = (uint32_t)packed->len;
	if (err == 0)
		err = spool_put(spool, &head, sizeof(head));
	if (err == 0)
		err = spool_put(spool, packed->data, packed->len);
	task->graphs_bytes += packed->len +
	    graph->entity_count * sizeof(struct mention) +
	    graph->relation_count * sizeof(struct relation);
	return err;
}

static int
graph_one(struct task *task, const struct segment *segment,
    struct err_note *note)
{
	bool has_answered = segment->ordinal > task->graphs_from;
	struct graph graph = {.entity_count = 0};
	const char *text = NULL;
	size_t len = 0;
	int err;

	if (run_is_lost(task->run) || atomic_load(work_stop(task->work)))
		return ERR_CANCELLED;
	err = graph_text(task->bench, segment, &text, &len);
	if (err == 0)
		err = task->what.graph == GRAPH_OF_MODEL
		    ? graph_by_model(task, has_answered, text, len, &graph,
			  note)
		    : graph_by_rules(task, text, len, &graph);
	if (err < 0)
		return err;
	CRASH_POINT("graph");
	err = graph_put(task, segment->ordinal, &graph);
	graph_fini(&graph);
	if (err < 0)
		return err_set(note, err, "keeping the graph of a segment");
	if (task->rule.questions[0] != '\0' &&
	    task->graphs_bytes > GRAPHS_BYTES_MAX)
		return task_end(task, ITEM_CODE_EXTRACTION_LIMIT,
		    "the graphs of its questions take more than %llu bytes",
		    GRAPHS_BYTES_MAX);
	return 0;
}

/* ---- all of them --------------------------------------------------------- */

static int
graph_ready(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	int err;

	if (task->what.graph == GRAPH_OF_MODEL) {
		task->is_asking = true; /* see task_ask() */
		err = bench_chat(bench, note);
		task->is_asking = err < 0;
		return err;
	}
	if (bench->grapher == NULL)
		bench->grapher = graph_extractor_new();
	return bench->grapher == NULL
	    ? err_set(note, ERR_NOMEM, "out of memory") : 0;
}

/* May what there is be stored, and the error be told then? */
static bool
may_go_on(const struct task *task, uint32_t ordinal, int err)
{
	return task->is_asking && err_class(err) == ERR_CLASS_TRANSIENT &&
	    ordinal > task->graphs_from && task->rule.questions[0] == '\0';
}

int
task_graph(struct task *task, struct err_note *note)
{
	struct bench *bench = task->bench;
	struct segment segment;
	const char *children;
	int err;

	err = graph_ready(task, note);
	if (err < 0)
		return err;
	task->graphs_from = task_stored(task);
	spool_rewind(&bench->chunks);
	while ((err = spool_next_chunk(&bench->chunks, &segment,
		    &children)) == 0) {
		if (segment.ordinal < task->graphs_from)
			continue;
		err = graph_one(task, &segment, note);
		if (err == 0)
			continue;
		if (!may_go_on(task, segment.ordinal, err))
			return err;
		task->is_asking = false;
		task->graphs_until = segment.ordinal;
		task->graphs_err = err;
		task->graphs_note = *note;
		return 0;
	}
	return err == ERR_CLOSED
	    ? 0 : err_set(note, err, "reading the segments back");
}

int
task_graph_add(struct task *task, uint32_t ordinal,
    struct segment_batch *batch)
{
	struct spool *spool = &task->bench->graphs;
	struct graph_head head;
	const char *bytes;
	int err;

	/* More may have been stored since than was when they were made. */
	do {
		err = spool_get(spool, sizeof(head), &bytes);
		if (err < 0)
			return err == ERR_CLOSED ? ERR_CORRUPT : err;
		memcpy(&head, bytes, sizeof(head));
		if (head.len > GRAPH_PACK_BYTES_MAX)
			return ERR_CORRUPT;
		err = spool_get(spool, head.len, &bytes);
		if (err < 0)
			return err == ERR_CLOSED ? ERR_CORRUPT : err;
	} while (head.ordinal < ordinal);
	if (head.ordinal > ordinal)
		return ERR_CORRUPT;
	return head.len == 0 ? 0
			     : segment_batch_graph(batch, bytes, head.len);
}
