/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graphs of segments; see store_graph.h.
 *
 * Mentions and relations are rows of their segment.  An entity is a row of the
 * base: made by the first segment that names it, and gone with the last, in
 * the same transaction.  Segments of revisions that nobody finds hold it, too,
 * so readers ask for one that can be found.
 *
 * Rows go one by one: SQLite opens no statement journal then (see
 * sqlite_revision.c).
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_copy.h"
#include "store/store_graph.h"

#define ERASE_PAGE 64

/* ---- writing ------------------------------------------------------------- */

/* Not empty, unless it may be NULL and is. */
static int
text_check(const char *text, size_t max, bool may_be_null)
{
	if (text == NULL)
		return may_be_null ? 0 : ERR_INVALID;
	if (text[0] == '\0')
		return ERR_INVALID;
	return strnlen(text, max + 1) > max ? ERR_TOO_BIG : 0;
}

static int
mention_check(const struct mention *m)
{
	int err;

	err = text_check(m->key, ENTITY_KEY_BYTES_MAX, false);
	if (err == 0)
		err = text_check(m->name, ENTITY_NAME_BYTES_MAX, false);
	if (err == 0)
		err = text_check(m->type, ENTITY_TYPE_BYTES_MAX, false);
	if (err == 0)
		err = text_check(m->alias_key, ENTITY_KEY_BYTES_MAX, true);
	if (err == 0)
		err = text_check(m->description, ENTITY_DESCRIPTION_BYTES_MAX,
		    true);
	return err == 0 && m->weight == 0 ? ERR_INVALID : err;
}

static int
relation_check(const struct relation *r, uint32_t mention_count)
{
	if (r->subject >= mention_count || r->object >= mention_count ||
	    r->subject == r->object || r->weight == 0)
		return ERR_INVALID;
	return text_check(r->label, RELATION_LABEL_BYTES_MAX, false);
}

static int
graph_check(const struct segment_graph *graph)
{
	uint32_t i;
	int err = 0;

	if (graph->mention_count > SEGMENT_MENTIONS_MAX ||
	    graph->relation_count > SEGMENT_RELATIONS_MAX)
		return ERR_TOO_BIG;
	for (i = 0; err == 0 && i < graph->mention_count; i++)
		err = mention_check(&graph->mentions[i]);
	for (i = 0; err == 0 && i < graph->relation_count; i++)
		err = relation_check(&graph->relations[i],
		    graph->mention_count);
	return err;
}

/* The base's entity of that key, made when it is not there. */
static int
entity_put(struct store *store, int64_t base_id, const char *key,
    const char *name, int64_t *ret_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_ENTITY_BY_KEY);
	q_int(&q, base_id);
	q_text(&q, key);
	got = q_step(&q);
	if (got > 0)
		*ret_id = q_col_int(&q, 0);
	got = q_close(&q, got);
	if (got != 0)
		return got < 0 ? got : 0;
	q_open(&q, store, STMT_ENTITY_ADD);
	q_int(&q, base_id);
	q_text(&q, key);
	q_text(&q, name);
	got = q_run(&q);
	if (got == 0)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return got;
}

static int
mention_write(struct store *store, int64_t base_id, int64_t segment_id,
    int64_t entity_id, const struct mention *m)
{
	struct q q;

	q_open(&q, store, STMT_MENTION_ADD);
	q_int(&q, segment_id);
	q_int(&q, entity_id);
	q_int(&q, m->weight);
	q_text(&q, m->type);
	q_text(&q, m->alias_key);
	q_text(&q, m->description);
	q_int(&q, base_id);
	return q_run(&q);
}

static int
relation_write(struct store *store, int64_t segment_id, const int64_t *ids,
    const struct relation *r)
{
	struct q q;

	q_open(&q, store, STMT_RELATION_ADD);
	q_int(&q, segment_id);
	q_int(&q, ids[r->subject]);
	q_int(&q, ids[r->object]);
	q_text(&q, r->label);
	q_int(&q, r->weight);
	return q_run(&q);
}

int
graph_write(struct store *store, int64_t base_id, int64_t segment_id,
    const struct segment_graph *graph)
{
	int64_t *ids;
	uint32_t i;
	int err;

	err = graph_check(graph);
	if (err < 0 || graph->mention_count == 0)
		return err;
	ids = mem_array(graph->mention_count, sizeof(*ids));
	if (ids == NULL)
		return ERR_NOMEM;
	for (i = 0; err == 0 && i < graph->mention_count; i++) {
		err = entity_put(store, base_id, graph->mentions[i].key,
		    graph->mentions[i].name, &ids[i]);
		if (err == 0)
			err = mention_write(store, base_id, segment_id,
			    ids[i], &graph->mentions[i]);
	}
	for (i = 0; err == 0 && i < graph->relation_count; i++)
		err = relation_write(store, segment_id, ids,
		    &graph->relations[i]);
	mem_free(ids);
	return err;
}

struct erase {
	int64_t ids[ERASE_PAGE];
	size_t count;
};

static int
erase_row(struct q *q, void *arg)
{
	struct erase *erase = arg;

	erase->ids[erase->count++] = q_col_int(q, 0);
	return 0;
}

int
graph_erase(struct store *store, int64_t segment_id)
{
	struct erase erase;
	struct q q;
	size_t i;
	int err;

	do {
		erase.count = 0;
		q_open(&q, store, STMT_MENTIONS_SOME);
		q_int(&q, segment_id);
		q_int(&q, ERASE_PAGE);
		err = q_each(&q, erase_row, &erase);
		for (i = 0; err == 0 && i < erase.count; i++) {
			err = stmt_run_2(store, STMT_MENTION_DELETE,
			    segment_id, erase.ids[i]);
			if (err == 0)
				err = stmt_run_1(store, STMT_ENTITY_DROP,
				    erase.ids[i]);
		}
	} while (err == 0 && erase.count == ERASE_PAGE);
	return err < 0 ? err
		       : stmt_run_1(store, STMT_RELATIONS_DELETE, segment_id);
}

int
graph_rows(struct store *store, int64_t segment_id, uint64_t *ret_rows)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_GRAPH_ROWS);
	q_int(&q, segment_id);
	got = q_step(&q);
	if (got > 0)
		*ret_rows = (uint64_t)q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
}

int
store_segment_graph(struct store *store, int64_t segment_id,
    const struct segment_graph *graph)
{
	int64_t base_id = 0;
	bool has_maker = false;
	struct q q;
	int got, err;

	q_open(&q, store, STMT_GRAPH_HOME);
	q_int(&q, segment_id);
	got = q_step(&q);
	if (got > 0) {
		base_id = q_col_int(&q, 0);
		has_maker = q_col_int(&q, 1) != GRAPH_OF_NOBODY;
	}
	err = q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
	if (err == 0)
		err = graph_erase(store, segment_id);
	if (err == 0 && graph != NULL && has_maker)
		err = graph_write(store, base_id, segment_id, graph);
	/* What is made of the base's graph is of a generation. */
	return err < 0 ? err : base_grow(store, base_id, 0, 0, 0);
}

/* ---- reading ------------------------------------------------------------- */

struct graph_walk {
	struct store *store;
	int64_t document_id; /* of the segment; 0: the row says it */
	mention_fn *mention;
	relation_fn *relation;
	void *arg;
};

/* The columns are MENTION_COLUMNS, and behind them the document. */
static int
mention_row(struct q *q, void *arg)
{
	const struct graph_walk *walk = arg;
	struct mention_row m;

	m.entity_id = q_col_int(q, 0);
	m.segment_id = q_col_int(q, 1);
	m.key = q_col_text(q, 2);
	m.name = q_col_text(q, 3);
	m.type = q_col_text(q, 4);
	m.alias_key = q_col_text_or_null(q, 5);
	m.description = q_col_text_or_null(q, 6);
	m.weight = (uint32_t)q_col_int(q, 7);
	m.document_id = walk->document_id != 0 ? walk->document_id
					       : q_col_int(q, 8);
	return walk->mention(walk->arg, &m);
}

static int
relation_row(struct q *q, void *arg)
{
	const struct graph_walk *walk = arg;
	struct relation_row r;

	r.segment_id = q_col_int(q, 0);
	r.subject_id = q_col_int(q, 1);
	r.object_id = q_col_int(q, 2);
	r.label = q_col_text(q, 3);
	r.weight = (uint32_t)q_col_int(q, 4);
	return walk->relation(walk->arg, &r);
}

/* All that a segment has, whoever finds it. */
static int
segment_walk(struct graph_walk *walk, int64_t segment_id)
{
	struct q q;
	int err = 0;

	if (walk->mention != NULL) {
		q_open(&q, walk->store, STMT_MENTIONS_OF);
		q_int(&q, segment_id);
		err = q_each(&q, mention_row, walk);
	}
	if (err == 0 && walk->relation != NULL) {
		q_open(&q, walk->store, STMT_RELATIONS_OF);
		q_int(&q, segment_id);
		err = q_each(&q, relation_row, walk);
	}
	return err;
}

static int
segment_row(struct q *q, void *arg)
{
	struct graph_walk *walk = arg;

	walk->document_id = q_col_int(q, 0);
	return segment_walk(walk, q_col_int(q, 1));
}

int
store_graph_each(struct store *store, int64_t base_id, mention_fn *fn,
    relation_fn *relation, void *arg)
{
	struct graph_walk walk = {store, 0, fn, relation, arg};
	struct q q;

	q_open(&q, store, STMT_GRAPH_SEGMENTS);
	q_int(&q, base_id);
	return q_each(&q, segment_row, &walk);
}

int
store_graph_of_segment(struct store *store, int64_t segment_id,
    mention_fn *fn, relation_fn *relation, void *arg)
{
	struct graph_walk walk = {store, 0, fn, relation, arg};
	struct q q;

	q_open(&q, store, STMT_GRAPH_SEGMENT_ON);
	q_int(&q, segment_id);
	return q_each(&q, segment_row, &walk);
}

int
store_copy_graph(struct store *store, int64_t segment_id, mention_fn *fn,
    relation_fn *relation, void *arg)
{
	struct graph_walk walk = {store, -1, fn, relation, arg};

	return segment_walk(&walk, segment_id);
}

static int
entity_walk(struct graph_walk *walk, enum stmt_id id, int64_t entity_id,
    size_t limit, q_row_fn *row)
{
	struct q q;

	q_open(&q, walk->store, id);
	q_int(&q, entity_id);
	q_int(&q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	return q_each(&q, row, walk);
}

int
store_graph_of_entity(struct store *store, int64_t entity_id, size_t limit,
    relation_fn *fn, void *arg)
{
	struct graph_walk walk = {store, 0, NULL, fn, arg};

	return entity_walk(&walk, STMT_RELATIONS_AT, entity_id, limit,
	    relation_row);
}

int
store_graph_mentions(struct store *store, int64_t entity_id, size_t limit,
    mention_fn *fn, void *arg)
{
	struct graph_walk walk = {store, 0, fn, NULL, arg};

	return entity_walk(&walk, STMT_MENTIONS_AT, entity_id, limit,
	    mention_row);
}

/* ---- entities ------------------------------------------------------------ */

static int
entity_give(struct q *q, entity_fn *fn, void *arg)
{
	struct entity entity;
	int got;

	got = q_step(q);
	if (got <= 0)
		return q_close(q, got == 0 ? ERR_NOT_FOUND : got);
	entity.id = q_col_int(q, 0);
	entity.key = q_col_text(q, 1);
	entity.name = q_col_text(q, 2);
	return q_close(q, fn(arg, &entity));
}

int
store_entity_find(struct store *store, int64_t base_id, const char *key,
    entity_fn *fn, void *arg)
{
	struct q q;

	q_open(&q, store, STMT_ENTITY_FIND);
	q_int(&q, base_id);
	q_text(&q, key);
	return entity_give(&q, fn, arg);
}

int
store_entity_get(struct store *store, int64_t entity_id, entity_fn *fn,
    void *arg)
{
	struct q q;

	q_open(&q, store, STMT_ENTITY_GET);
	q_int(&q, entity_id);
	return entity_give(&q, fn, arg);
}

struct alias_walk {
	alias_fn *fn;
	void *arg;
};

static int
alias_row(struct q *q, void *arg)
{
	const struct alias_walk *walk = arg;

	return walk->fn(walk->arg, q_col_text(q, 0), q_col_int(q, 1));
}

int
store_entity_alias(struct store *store, int64_t base_id,
    const char *alias_key, size_t limit, alias_fn *fn, void *arg)
{
	struct alias_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_ALIASES_OF);
	q_int(&q, base_id);
	q_text(&q, alias_key);
	q_int(&q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	return q_each(&q, alias_row, &walk);
}

int
store_aliases_each(struct store *store, int64_t base_id, alias_fn *fn,
    void *arg)
{
	struct alias_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_ALIASES_ALL);
	q_int(&q, base_id);
	return q_each(&q, alias_row, &walk);
}

int
store_graph_makers(struct store *store, int64_t base_id,
    unsigned *ret_makers)
{
	unsigned maker, makers = 0;
	struct q q;
	int got = 0;

	for (maker = GRAPH_OF_RULES; got >= 0 && maker <= GRAPH_OF_MODEL;
	    maker++) {
		q_open(&q, store, STMT_GRAPH_MADE);
		q_int(&q, base_id);
		q_int(&q, maker);
		got = q_step(&q);
		makers |= (unsigned)(got > 0) << maker;
		got = q_close(&q, got < 0 ? got : 0);
	}
	if (got == 0)
		*ret_makers = makers;
	return got;
}
