/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph: what a piece of text is about: things, and how they are linked.
 *
 * Floor 3, pure.  A graph is made of one segment, by one of two makers: rules
 * over the text's surface (graph_extract(), always there), or a chat model
 * (chat_graph.h).  Both give this model; `maker` says who it was.  Graphs of
 * many segments are merged by the caller, entities by `key` and relations by
 * the keys of both ends and the label, weights summed up.
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

struct err_note;
struct graph_extractor;

/* Raise it when the rules make another graph of the same text: documents are
 * then indexed anew. */
#define GRAPH_RULES_VERSION 1u

/* Of one graph; what comes behind them is left out, and is_cut says so. */
#define GRAPH_ENTITIES_MAX 4096u
#define GRAPH_MENTIONS_MAX 32768u
#define GRAPH_RELATIONS_MAX 16384u
#define GRAPH_NAME_BYTES_MAX 160u /* longer names are none */
#define GRAPH_KEY_BYTES_MAX 480u /* folding may lengthen a name */
#define GRAPH_LABEL_BYTES_MAX 64u
#define GRAPH_TEXT_BYTES_MAX (64 * MIB)

/* The label of two that stand in one sentence, when nothing more is known. */
#define GRAPH_MENTIONED_WITH "mentioned_with"

enum graph_type {
#define GRAPH_TYPE(name, value, text) GRAPH_##name = (value),
#include "graph/types_tbl.h"
	GRAPH_TYPE_END
};

enum graph_maker { GRAPH_BY_RULES, GRAPH_BY_MODEL };

/* Bytes of the text; end is behind the last one. */
struct graph_range {
	uint32_t start, end;
};

struct graph_entity {
	const char *name; /* as shown: the longest form the text has of it */
	const char *key; /* of the name, see graph_key(); unique in the graph */
	/* The key of a short form that the text itself says it has ("World
	 * Health Organization (WHO)"); NULL: none. */
	const char *alias_key;
	const char *description; /* a model's; NULL: none */
	enum graph_type type;
	const char *type_name; /* of the table, or a model's own word */
	const struct graph_range *mentions; /* rising; a model's may be none */
	uint32_t mention_count;
};

struct graph_relation {
	uint32_t subject, object; /* of entities; never the same */
	const char *label; /* lower case, words joined by "_" */
	struct graph_range evidence; /* 0..0: a model showed none */
	uint32_t weight; /* how often the text says so, at least 1 */
};

struct graph {
	enum graph_maker maker;
	struct graph_entity *entities; /* by their first mention */
	uint32_t entity_count;
	struct graph_relation *relations; /* no subject, object, label twice */
	uint32_t relation_count;
	bool is_cut; /* a limit was reached: there would have been more */
	void *memory;
};

/* What "mentioned in a graph by rules" is called where people read it:
 * "rules", "model". */
const char *graph_maker_name(enum graph_maker maker);

/* "Person"; and back, in any case: ERR_NOT_FOUND. */
const char *graph_type_name(enum graph_type type);
int graph_type_parse(const char *name, size_t len, enum graph_type *ret_type);

/*
 * The key that names are merged by: composed and case-folded (NFKC, Unicode),
 * white space squeezed, typographic apostrophes and hyphens made plain, and
 * without the full stops of "U.S." and "Inc.".  Returns the key's length, 0
 * when there is none: an empty name, one over GRAPH_NAME_BYTES_MAX, with a
 * zero in it, or not UTF-8.
 */
size_t graph_key(const char *name, size_t len, char out[GRAPH_KEY_BYTES_MAX]);

/* Frees what a maker put in; a zeroed graph may be finished. */
void graph_fini(struct graph *graph);

/* An extractor has tables that every text needs, some 600 KiB; one thread at
 * a time.  Returns owned (graph_extractor_free); NULL: no memory. */
struct graph_extractor *graph_extractor_new(void);
void graph_extractor_free(struct graph_extractor *extractor);

struct graph_source {
	const char *title; /* of the document; NULL: none */
	size_t title_len;
	const char *text; /* of the segment; valid UTF-8, as is the title */
	size_t text_len;
};

/*
 * The graph of one segment, by rules.  Deterministic; time grows with the
 * text's length, memory with what is found.  Returns owned (graph_fini).
 * ERR_TOO_BIG over GRAPH_TEXT_BYTES_MAX, ERR_NOMEM.
 */
int graph_extract(struct graph_extractor *extractor,
    const struct graph_source *source, struct graph *ret_graph);

#endif
