/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_table: what merging graphs counts with: texts, row ids and threes of
 * numbers, each once.
 *
 * Floor 4, for graph_*.c.  Open addressing over dense lists: what is in one is
 * numbered from 0 in the order in which it came, so that nothing depends on
 * hashes.  These have a seed of their own, for names come from outside.  A
 * table grows with what is in it, up to a limit of its own.
 */
#ifndef ENGINE_GRAPH_TABLE_H
#define ENGINE_GRAPH_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX

/* Where things are: hashes to numbers, more than there are things. */
struct table_slots {
	uint32_t *slots; /* number + 1; 0 free */
	size_t size;	 /* a power of two, or 0 */
	uint64_t seed;
};

/* ---- texts that stay where they are -------------------------------------- */

struct text_block;
struct text_store {
	struct text_block *newest;
	size_t bytes, max;
};

void text_store_init(struct text_store *store, size_t max);
void text_store_fini(struct text_store *store);
/* A terminated copy of len bytes, valid as long as the store.  ERR_TOO_BIG:
 * there is no room for it, ERR_NOMEM. */
int text_store_put(struct text_store *store, const char *text, size_t len,
    const char **ret_text);
/* Blocks without what they are counted by, for who owns nothing else. */
void text_blocks_free(struct text_block *newest);

/* ---- words: texts, each once --------------------------------------------- */

struct word_table {
	struct table_slots where;
	const char **list;
	size_t count, size, max;
	struct text_store texts;
};

void word_table_init(struct word_table *table, size_t count_max,
    size_t bytes_max);
void word_table_fini(struct word_table *table);
/* ERR_TOO_BIG: it is new and there is no room, ERR_NOMEM. */
int word_table_put(struct word_table *table, const char *text,
    uint32_t *ret_number);

/* ---- ids: row numbers, each once ----------------------------------------- */

struct id_table {
	struct table_slots where;
	int64_t *list;
	size_t count, size, max;
};

void id_table_init(struct id_table *table, size_t max);
void id_table_fini(struct id_table *table);
int id_table_put(struct id_table *table, int64_t id, uint32_t *ret_number);
/* TABLE_NONE: it is not there. */
uint32_t id_table_find(const struct id_table *table, int64_t id);

/* ---- threes: what links two, and how much -------------------------------- */

struct three {
	uint32_t a, b, c;
	uint64_t weight;
};

struct three_table {
	struct table_slots where;
	struct three *list;
	size_t count, size, max;
};

void three_table_init(struct three_table *table, size_t max);
void three_table_fini(struct three_table *table);
/* Add weight to that of the three, which is put in with 0. */
int three_table_add(struct three_table *table, uint32_t a, uint32_t b,
    uint32_t c, uint64_t weight);

#endif
