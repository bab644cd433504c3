/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tells one rule from another, and the rule of what is in the store.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/rule.h"
#include "graph/graph.h"
#include "store/store_source.h"

/* Raise it when extracting, cleaning or chunking change what segments come
 * out: documents are then indexed anew, as if their content had changed. */
#define PIPELINE_VERSION 2

unsigned
rule_graph_maker(const struct engine *engine, const struct rule *rule)
{
	switch (rule->graph) {
	case RULE_GRAPH_NONE:
		break;
	case RULE_GRAPH_AUTO:
		return engine_has_chat(engine) ? GRAPH_OF_MODEL
					       : GRAPH_OF_RULES;
	case RULE_GRAPH_RULES:
		return GRAPH_OF_RULES;
	case RULE_GRAPH_MODEL:
		return GRAPH_OF_MODEL;
	}
	return GRAPH_OF_NOBODY;
}

/* ---- fingerprint --------------------------------------------------------- */

/* Each separator twice at most, and names that are far shorter. */
struct sum {
	char text[1024];
	size_t len;
};

__attribute__((format(printf, 2, 3)))
static void
put(struct sum *sum, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sum->len += (size_t)vsnprintf(sum->text + sum->len,
	    sizeof(sum->text) - sum->len, format, args);
	va_end(args);
	ASSERT(sum->len < sizeof(sum->text));
}

static void
put_cut(struct sum *sum, const struct chunk_cut *cut)
{
	uint64_t threshold;

	put(sum, " %s", chunk_method_name(cut->method));
	if (cut->method != CHUNK_WHOLE)
		put(sum, " %u %u", cut->chars_max, cut->overlap_chars);
	/* Its bits: all of it, and however a locale writes numbers. */
	memcpy(&threshold, &cut->threshold, sizeof(threshold));
	if (cut->method == CHUNK_SEMANTIC)
		put(sum, " %016" PRIx64, threshold);
	if (cut->method == CHUNK_SEPARATOR)
		put(sum, " %zu %s", strlen(cut->separator), cut->separator);
}

/* What a rule says beyond that of a base that says nothing. */
static void
put_rest(struct sum *sum, const struct rule *rule)
{
	const struct chunk_rule *chunk = &rule->chunk;

	if (chunk->cut.method != CHUNK_STRUCTURE)
		put_cut(sum, &chunk->cut);
	if (chunk->child.chars_max > 0) {
		put(sum, " child");
		put_cut(sum, &chunk->child);
	}
	if (chunk->cut.method != CHUNK_WHOLE &&
	    chunk_method_is_plain(chunk->cut.method))
		put(sum, " %d %d", chunk->squeezes_blanks,
		    chunk->drops_addresses);
	if (!rule->has_vectors)
		put(sum, " words");
	if (rule->is_text)
		put(sum, " text");
	if (rule->questions[0] != '\0')
		put(sum, " questions %s", rule->questions);
}

static void
put_graph(struct sum *sum, const struct engine *engine,
    const struct rule *rule)
{
	unsigned maker = rule_graph_maker(engine, rule);

	if (maker == GRAPH_OF_RULES)
		put(sum, " graph by rules %u", GRAPH_RULES_VERSION);
	if (maker == GRAPH_OF_MODEL)
		put(sum, " graph by a model %016" PRIx64,
		    rule->graph_orders);
}

uint64_t
rule_fingerprint(const struct engine *engine, const struct rule *rule)
{
	bool is_outline = rule->chunk.cut.method == CHUNK_STRUCTURE;
	struct sum sum = {.len = 0};

	put(&sum, "%d %u %u", PIPELINE_VERSION,
	    is_outline ? rule->chunk.cut.chars_max : 0,
	    is_outline ? rule->chunk.cut.overlap_chars : 0);
	/* Which embedder makes the vectors is no matter of the rule: what is
	 * stored is embedded by another one without being read again.  It was
	 * one once; these words keep what was indexed then. */
	put(&sum, " lexical 256");
	put(&sum, " %.100s",
	    engine->ocr_languages == NULL ? "" : engine->ocr_languages);
	put_rest(&sum, rule);
	put_graph(&sum, engine, rule);
	/* 63 bits: it is stored as a signed number. */
	return XXH3_64bits(sum.text, sum.len) >> 1;
}

/* ---- from the store ------------------------------------------------------ */

static int
on_source(void *arg, const struct source *source)
{
	char **settings = arg;

	*settings = mem_strdup(source->settings);
	return *settings == NULL ? ERR_NOMEM : 0;
}

int
rule_source_settings(struct store *store, int64_t source_id,
    char **ret_settings)
{
	char *settings = NULL;
	int err = 0;

	if (source_id != 0)
		err = store_source_get(store, source_id, on_source,
		    &settings);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	*ret_settings = settings;
	return 0;
}

struct of_source {
	const char *settings;
	struct rule rule;
};

static int
on_base(void *arg, const struct base *base)
{
	struct of_source *of = arg;

	if (rule_read(base->settings, of->settings, NULL, &of->rule, NULL) < 0)
		of->rule = rule_default;
	return 0;
}

int
rule_of_source(struct store *store, const struct engine *engine,
    const struct uuid *base, int64_t source_id, uint64_t *ret_fingerprint)
{
	char *settings = NULL;
	struct of_source of;
	int err;

	err = rule_source_settings(store, source_id, &settings);
	of.settings = settings;
	if (err == 0)
		err = store_base_find(store, 0, base, NULL, on_base, &of);
	if (err == 0)
		*ret_fingerprint = rule_fingerprint(engine, &of.rule);
	mem_free(settings);
	return err;
}

int
rule_of_base(struct store *store, const struct engine *engine,
    const struct uuid *base, uint64_t *ret_fingerprint)
{
	return rule_of_source(store, engine, base, 0, ret_fingerprint);
}
