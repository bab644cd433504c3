/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph in words, as the context of an answer.
 *
 * Entities and relations share the room: each has half of it, and what one
 * does not need is the other's.  Both come with the heaviest first, so that
 * what is left out is what the texts say least of.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/graphs.h"

#define NODES_HEAD "Nodes:\n"
#define EDGES_HEAD "Connections:\n"

/* On one line, whatever was in it: a line feed in a name would look like the
 * next entity. */
static void
put_flat(struct buf *out, const char *text)
{
	size_t len;

	while (*text != '\0') {
		for (len = 0; (unsigned char)text[len] >= ' '; len++)
			continue;
		(void)buf_put(out, text, len);
		text += len;
		if (*text == '\0')
			return;
		(void)buf_putc(out, ' ');
		while (*text != '\0' && (unsigned char)*text <= ' ')
			text++;
	}
}

static void
put_node(struct buf *out, const struct base_graph *graph, size_t at)
{
	const struct graph_node *node = &graph->nodes[at];

	put_flat(out, node->name);
	if (node->type != NULL) {
		(void)buf_puts(out, " (");
		put_flat(out, node->type);
		(void)buf_putc(out, ')');
	}
	if (node->description != NULL && node->description[0] != '\0') {
		(void)buf_puts(out, ": ");
		put_flat(out, node->description);
	}
	(void)buf_putc(out, '\n');
}

static void
put_edge(struct buf *out, const struct base_graph *graph, size_t at)
{
	const struct graph_edge *edge = &graph->edges[at];

	put_flat(out, graph->nodes[edge->source].name);
	(void)buf_puts(out, " --[");
	put_flat(out, edge->label);
	(void)buf_puts(out, "]--> ");
	put_flat(out, graph->nodes[edge->target].name);
	(void)buf_putc(out, '\n');
}

typedef void put_fn(struct buf *out, const struct base_graph *graph,
    size_t at);

/*
 * Append the head and as many of count lines as fit into bytes_max, from the
 * first on; no head without a line.  out NULL: only count.  Returns how many
 * bytes that are.  line is for this function's use.
 */
static size_t
put_part(struct buf *out, const struct base_graph *graph, const char *head,
    put_fn *put, size_t count, size_t bytes_max, struct buf *line)
{
	size_t bytes = strlen(head), used = 0, i;

	for (i = 0; i < count; i++) {
		buf_clear(line);
		put(line, graph, i);
		if (line->err < 0 || bytes + line->len > bytes_max)
			break;
		if (out != NULL && i == 0)
			(void)buf_puts(out, head);
		if (out != NULL)
			(void)buf_put(out, line->data, line->len);
		bytes += line->len;
		used = bytes;
	}
	return used;
}

int
base_graph_write(const struct base_graph *graph, size_t bytes_max,
    struct buf *out)
{
	size_t half = bytes_max / 2, edges, nodes;
	struct buf line;
	int err;

	/* A line that is longer than all there is room for ends its part. */
	buf_init(&line, bytes_max);
	edges = put_part(NULL, graph, EDGES_HEAD, put_edge,
	    graph->relation_count, bytes_max, &line);
	nodes = put_part(out, graph, NODES_HEAD, put_node,
	    graph->entity_count,
	    edges < half ? bytes_max - edges : bytes_max - half, &line);
	(void)put_part(out, graph, EDGES_HEAD, put_edge,
	    graph->relation_count, bytes_max - nodes, &line);
	err = line.err == ERR_TOO_BIG ? 0 : line.err;
	buf_fini(&line);
	return err < 0 ? err : out->err;
}
