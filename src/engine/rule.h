/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule: what beside its content decides what becomes of a document.
 *
 * Floor 4, pure.  It stands in the settings of the base and, over them member
 * by member, of the source and of the document: JSON objects of the form
 *
 *   {"chunking": {"method": "structure" | "separator" | "recursive" | "whole"
 *                     | "fixed" | "semantic",
 *                 "chars_max": 1200, "overlap_chars": 0, "separator": "\n",
 *                 "threshold": 0.5,
 *                 "child": {"method": ..., "chars_max": ...} | null,
 *                 "squeezes_blanks": false, "drops_addresses": false},
 *    "vectors": true,         found by nearness too, not by words alone
 *    "duplicates": "skip",    or "index": the same content may be in the base
 *                             under several names
 *    "empty": "skip",         or "index": without text it is a document
 *                             without segments, not one left out
 *    "content": "file",       or "text": it is plain text, whatever its name
 *                             or its first characters look like
 *    "questions": null,       or a language ("English"): a chat model turns
 *                             each segment into questions with answers
 *    "graph": null,           or {"by": "auto" | "rules" | "model",
 *                             "prompt": null}: what each segment names, and
 *                             how that is linked
 *    ...}                     others are for those who put them there
 *
 * What is absent is as in the form above, chunking as chunk_rule_default.
 * "chunking" and "graph" are taken whole from one of them, never mixed; only
 * "graph": null says that there is none, where one before it asks for one.
 *
 * Numbers and separators are those of text/chunk.h; a child has the members
 * method ("structure", "separator", "recursive" or "fixed"), chars_max,
 * overlap_chars and separator.
 *
 * A graph is made "auto"matically (which is what an absent "by" means) by the
 * chat model where the server has one, else by rules.  "prompt" is orders for
 * the model in the stead of our own, and refused where rules are asked for.
 */
#ifndef ENGINE_RULE_H
#define ENGINE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "text/chunk.h"

struct buf;
struct engine;
struct err_note;
struct store;
struct uuid;

enum rule_graph {
	RULE_GRAPH_NONE,
	RULE_GRAPH_AUTO,
	RULE_GRAPH_RULES,
	RULE_GRAPH_MODEL,
};

struct rule {
	struct chunk_rule chunk;
	bool has_vectors, keeps_duplicates, keeps_empty, is_text;
	char questions[32]; /* the language; "": none */
	enum rule_graph graph;
	/* Of the model's orders, which are long: rule_graph_orders() has them;
	 * 0: our own. */
	uint64_t graph_orders;
};

extern const struct rule rule_default;

/* ERR_INVALID with words; settings may be NULL for {}. */
int rule_read(const char *base_settings, const char *source_settings,
    const char *document_settings, struct rule *ret_rule,
    struct err_note *note);

/* The orders that rule_read() has hashed, from the same settings: put into
 * out, which is empty and stays so when they are our own.  ERR_NOMEM, and those
 * of rule_read(). */
int rule_graph_orders(const char *base_settings, const char *source_settings,
    const char *document_settings, struct buf *out, struct err_note *note);

/* Who makes the graphs: GRAPH_OF_... of store/store.h.  It may be a model that
 * the server does not have. */
unsigned rule_graph_maker(const struct engine *engine,
    const struct rule *rule);

/*
 * A number that differs when what the rule makes of a document does, OCR, who
 * makes its graph or the program's own way of cutting.
 * Whether duplicates and empty documents are kept changes no segment, and not
 * the number.
 */
uint64_t rule_fingerprint(const struct engine *engine,
    const struct rule *rule);

/* What the source (0: none) says of its documents; owned (mem_free), NULL:
 * nothing, or it is gone. */
int rule_source_settings(struct store *store, int64_t source_id,
    char **ret_settings);

/* The fingerprint for documents of base that say nothing of their own.  What is
 * stored wrongly counts as nothing said: the document's own item will tell.
 * ERR_NOT_FOUND, and those of the store. */
int rule_of_base(struct store *store, const struct engine *engine,
    const struct uuid *base, uint64_t *ret_fingerprint);
/* The same for documents of a source. */
int rule_of_source(struct store *store, const struct engine *engine,
    const struct uuid *base, int64_t source_id, uint64_t *ret_fingerprint);

#endif
