/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/edit.h"
#include "engine/edit_graph.h"
#include "engine/graph_pack.h"
#include "store/store_graph.h"

#define ROWS_FIRST 16u /* room for the first ones; it doubles */
/* Of one call, packed. */
#define EDIT_GRAPHS_BYTES_MAX (64 * MIB)

struct edit_graph_row {
	size_t at, len; /* packed */
	struct graph_pack_size has;
	uint64_t digest; /* of what it was made of */
};

void
edit_graphs_init(struct edit_graphs *graphs)
{
	memset(graphs, 0, sizeof(*graphs));
	buf_init(&graphs->text, WHOLE_BYTES_MAX + ANSWER_BYTES_MAX + 2);
	buf_init(&graphs->packed, EDIT_GRAPHS_BYTES_MAX);
}

void
edit_graphs_fini(struct edit_graphs *graphs)
{
	graph_extractor_free(graphs->extractor);
	buf_fini(&graphs->text);
	buf_fini(&graphs->packed);
	mem_free(graphs->rows);
	mem_free(graphs->mentions);
	mem_free(graphs->relations);
	memset(graphs, 0, sizeof(*graphs));
}

static int
take_title(void *arg, const struct document *document)
{
	struct edit_graphs *graphs = arg;

	(void)snprintf(graphs->title, sizeof(graphs->title), "%s",
	    document->title == NULL ? "" : document->title);
	utf8_trim(graphs->title);
	return 0;
}

int
edit_graphs_begin(struct edit_graphs *graphs, struct store *store,
    const struct edit_place *place, const struct rule *rule)
{
	edit_graphs_fini(graphs);
	edit_graphs_init(graphs);
	graphs->is_begun = true;
	if (rule->graph == RULE_GRAPH_NONE)
		return 0;
	graphs->extractor = graph_extractor_new();
	return graphs->extractor == NULL
	    ? ERR_NOMEM
	    : store_document_get(store, place->document_id, take_title,
		  graphs);
}

static uint64_t
digest_of(const char *text, size_t len, const char *answer)
{
	uint64_t digest = XXH3_64bits(text, len);

	return answer == NULL
	    ? digest
	    : XXH3_64bits_withSeed(answer, strlen(answer), digest);
}

static int
rows_grow(struct edit_graphs *graphs)
{
	size_t size = graphs->size == 0 ? ROWS_FIRST : 2 * graphs->size;
	struct edit_graph_row *rows;

	if (graphs->count < graphs->size)
		return 0;
	rows = mem_resize(graphs->rows, size, sizeof(*rows));
	if (rows == NULL)
		return ERR_NOMEM;
	graphs->rows = rows;
	graphs->size = size;
	return 0;
}

/* Pack it behind the others. */
static int
row_put(struct edit_graphs *graphs, const struct graph *graph,
    uint64_t digest)
{
	struct edit_graph_row row = {.at = graphs->packed.len,
	    .has = {graph->entity_count, graph->relation_count},
	    .digest = digest};
	int err;

	err = rows_grow(graphs);
	if (err == 0)
		err = graph_pack(graph, &graphs->packed);
	if (err < 0)
		return err;
	row.len = graphs->packed.len - row.at;
	graphs->rows[graphs->count++] = row;
	return 0;
}

int
edit_graphs_add(struct edit_graphs *graphs, const char *text, size_t len,
    const char *answer, struct err_note *note)
{
	struct graph_source source = {.title = graphs->title,
	    .title_len = strlen(graphs->title), .text = text,
	    .text_len = len};
	struct graph graph = {.entity_count = 0};
	int err = 0;

	if (graphs->extractor == NULL)
		return 0;
	if (answer != NULL) {
		buf_clear(&graphs->text);
		(void)buf_put(&graphs->text, text, len);
		(void)buf_puts(&graphs->text, "\n\n");
		err = buf_puts(&graphs->text, answer);
		source.text = buf_text(&graphs->text);
		source.text_len = graphs->text.len;
	}
	if (err == 0)
		err = graph_extract(graphs->extractor, &source, &graph);
	if (err == 0)
		err = row_put(graphs, &graph, digest_of(text, len, answer));
	graph_fini(&graph);
	return err == ERR_TOO_BIG
	    ? err_set(note, err, "the graphs of the texts are too large")
	    : err;
}

int
edit_graphs_get(struct edit_graphs *graphs, size_t i,
    struct segment_graph *room, const struct segment_graph **ret_graph)
{
	const struct edit_graph_row *row;

	*ret_graph = NULL;
	if (graphs->extractor == NULL)
		return 0;
	ASSERT(i < graphs->count);
	row = &graphs->rows[i];
	mem_free(graphs->mentions);
	mem_free(graphs->relations);
	graphs->mentions = mem_array(row->has.mentions,
	    sizeof(*graphs->mentions));
	graphs->relations = mem_array(row->has.relations,
	    sizeof(*graphs->relations));
	if (graphs->mentions == NULL || graphs->relations == NULL)
		return ERR_NOMEM;
	graph_unpack(graphs->packed.data + row->at, row->len,
	    graphs->mentions, graphs->relations, room);
	*ret_graph = room;
	return 0;
}

bool
edit_graphs_are_of(const struct edit_graphs *graphs, const char *text,
    const char *answer)
{
	if (graphs->extractor == NULL)
		return graphs->is_begun;
	return graphs->count > 0 &&
	    graphs->rows[graphs->count - 1].digest ==
		digest_of(text, strlen(text), answer);
}
