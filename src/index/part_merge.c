/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several parts become one.  Documents first, by their ids, which gives each
 * part a map from its numbers to the new ones; then term by term.  A map
 * rises, so that lists are merged as they lie.
 */
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "index/part_code.h"
#include "index/part_int.h"

struct from {
	const struct part *part;
	uint32_t *map; /* the new number, or PART_NO_DOC */
	uint32_t next; /* the document that comes next, of the first walk */
	int64_t id;
	uint32_t stamp;
	struct part_walk walk;
	struct part_term term;
	struct part_list list;
	bool has_term, is_in; /* it has one still; it has the one under way */
};

struct merge {
	struct from *from;
	size_t count;
	part_keep_fn *keep;
	void *arg;
	uint8_t *lengths;
	int64_t *ids;
	uint32_t *stamps;
	uint32_t *docs, *frequencies; /* of one list */
	struct part_docs kept;
};

static void
merge_fini(struct merge *merge)
{
	size_t i;

	for (i = 0; merge->from != NULL && i < merge->count; i++)
		mem_free(merge->from[i].map);
	mem_free(merge->from);
	mem_free(merge->lengths);
	mem_free(merge->ids);
	mem_free(merge->stamps);
	mem_free(merge->docs);
	mem_free(merge->frequencies);
}

static int
merge_init(struct merge *merge, const struct part *const *parts)
{
	size_t i, docs = 0;

	merge->from = mem_array(merge->count, sizeof(*merge->from));
	if (merge->from == NULL)
		return ERR_NOMEM;
	memset(merge->from, 0, merge->count * sizeof(*merge->from));
	for (i = 0; i < merge->count; i++) {
		merge->from[i].part = parts[i];
		merge->from[i].map = mem_array(parts[i]->doc_count,
		    sizeof(uint32_t));
		if (merge->from[i].map == NULL)
			return ERR_NOMEM;
		docs += parts[i]->doc_count;
	}
	if (docs > PART_DOCS_MAX)
		return ERR_TOO_BIG;
	merge->lengths = mem_array(docs, 1);
	merge->ids = mem_array(docs, sizeof(int64_t));
	merge->stamps = mem_array(docs, sizeof(uint32_t));
	merge->docs = mem_array(docs, sizeof(uint32_t));
	merge->frequencies = mem_array(docs, sizeof(uint32_t));
	return merge->lengths == NULL || merge->ids == NULL ||
		merge->stamps == NULL || merge->docs == NULL ||
		merge->frequencies == NULL ? ERR_NOMEM : 0;
}

/* ---- documents ---------------------------------------------------------- */

static int
from_look(struct from *from)
{
	int64_t before = from->id;
	int err;

	if (from->next == from->part->doc_count)
		return 0;
	err = part_doc_id(from->part, from->next, &from->id);
	if (err == 0)
		err = part_doc_stamp(from->part, from->next, &from->stamp);
	return err == 0 && from->next > 0 && from->id <= before
	    ? ERR_CORRUPT : err;
}

/* The one with the smallest id; of those with the same the first. */
static struct from *
next_from(struct merge *merge)
{
	struct from *next = NULL, *from;
	size_t i;

	for (i = 0; i < merge->count; i++) {
		from = &merge->from[i];
		if (from->next < from->part->doc_count &&
		    (next == NULL || from->id < next->id))
			next = from;
	}
	return next;
}

static int
take_doc(struct merge *merge, struct from *from)
{
	uint32_t number = merge->kept.count;
	int is_kept = 1, err;

	if (merge->keep != NULL)
		is_kept = merge->keep(merge->arg, from->id, from->stamp);
	if (is_kept < 0)
		return is_kept;
	from->map[from->next] = is_kept != 0 ? number : PART_NO_DOC;
	if (is_kept != 0) {
		err = part_doc_length(from->part, from->next,
		    &merge->lengths[number]);
		if (err < 0)
			return err;
		merge->ids[number] = from->id;
		merge->stamps[number] = from->stamp;
		merge->kept.count++;
	}
	from->next++;
	return from_look(from);
}

/* Of what goes, only the code of its length is known. */
static void
sum_lengths(struct merge *merge)
{
	uint64_t sum = 0, gone;
	const struct part *part;
	uint32_t doc;
	uint8_t code;
	size_t i;

	for (i = 0; i < merge->count; i++) {
		part = merge->from[i].part;
		gone = 0;
		for (doc = 0; doc < part->doc_count; doc++)
			if (merge->from[i].map[doc] == PART_NO_DOC &&
			    part_doc_length(part, doc, &code) == 0)
				gone += length_of(code);
		sum += part->length_sum > gone ? part->length_sum - gone : 0;
	}
	merge->kept.length_sum = sum;
}

static int
merge_docs(struct merge *merge)
{
	struct from *from;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < merge->count; i++)
		err = from_look(&merge->from[i]);
	while (err == 0 && (from = next_from(merge)) != NULL)
		err = take_doc(merge, from);
	if (err < 0)
		return err;
	sum_lengths(merge);
	merge->kept.lengths = merge->lengths;
	merge->kept.ids = merge->ids;
	merge->kept.stamps = merge->stamps;
	return 0;
}

/* ---- terms -------------------------------------------------------------- */

static int
from_term(struct from *from)
{
	int err;

	err = part_walk_next(&from->walk, &from->term);
	from->has_term = err == 0;
	return err == ERR_CLOSED ? 0 : err;
}

static int
name_compare(const struct part_walk *a, const struct part_walk *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->term, b->term, len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* Mark those that have the next term; false: none has any. */
static bool
next_term(struct merge *merge, const struct part_walk **ret_walk)
{
	const struct part_walk *least = NULL;
	struct from *from;
	size_t i;

	for (i = 0; i < merge->count; i++) {
		from = &merge->from[i];
		if (from->has_term && (least == NULL ||
			name_compare(&from->walk, least) < 0))
			least = &from->walk;
	}
	for (i = 0; least != NULL && i < merge->count; i++) {
		from = &merge->from[i];
		from->is_in = from->has_term &&
		    name_compare(&from->walk, least) == 0;
		if (from->is_in)
			part_list_init(&from->list, from->part, &from->term);
	}
	*ret_walk = least;
	return least != NULL;
}

/* The next of its postings that stays, as a new number. */
static uint32_t
from_doc(struct from *from)
{
	while (from->list.doc != PART_NO_DOC &&
	    from->map[from->list.doc] == PART_NO_DOC)
		part_list_next(&from->list);
	return from->list.doc == PART_NO_DOC ? PART_NO_DOC
					     : from->map[from->list.doc];
}

static int
merge_lists(struct merge *merge, uint32_t *ret_count)
{
	struct from *least;
	uint32_t doc, lowest, n = 0;
	size_t i;

	for (;;) {
		least = NULL;
		lowest = PART_NO_DOC;
		for (i = 0; i < merge->count; i++) {
			if (!merge->from[i].is_in)
				continue;
			doc = from_doc(&merge->from[i]);
			if (merge->from[i].list.err < 0)
				return merge->from[i].list.err;
			if (doc < lowest) {
				lowest = doc;
				least = &merge->from[i];
			}
		}
		if (least == NULL)
			break;
		/* A damaged list may say a document twice. */
		if (n == merge->kept.count)
			return ERR_CORRUPT;
		merge->docs[n] = lowest;
		merge->frequencies[n++] = least->list.frequency;
		part_list_next(&least->list);
	}
	*ret_count = n;
	return 0;
}

static int
merge_term(struct merge *merge, struct part_writer *writer,
    const struct part_walk *walk)
{
	uint32_t count = 0;
	size_t i;
	int err;

	err = merge_lists(merge, &count);
	if (err == 0 && count > 0)
		err = part_writer_term(writer, walk->term, walk->len,
		    merge->docs, merge->frequencies, count);
	for (i = 0; err == 0 && i < merge->count; i++)
		if (merge->from[i].is_in)
			err = from_term(&merge->from[i]);
	return err;
}

static int
merge_terms(struct merge *merge, struct part_writer *writer)
{
	const struct part_walk *walk;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < merge->count; i++) {
		part_walk_init(&merge->from[i].walk, merge->from[i].part);
		err = from_term(&merge->from[i]);
	}
	while (err == 0 && next_term(merge, &walk))
		err = merge_term(merge, writer, walk);
	return err;
}

int
part_merge(const struct part *const *parts, size_t count, part_keep_fn *keep,
    part_put_fn *put, void *arg, uint64_t *ret_docs)
{
	struct merge merge = {.count = count, .keep = keep, .arg = arg};
	struct part_writer writer;
	int err;

	part_writer_init(&writer, put, arg);
	err = merge_init(&merge, parts);
	if (err == 0)
		err = merge_docs(&merge);
	if (err == 0 && merge.kept.count > 0) {
		err = part_writer_docs(&writer, &merge.kept);
		if (err == 0)
			err = merge_terms(&merge, &writer);
		if (err == 0)
			err = part_writer_end(&writer);
	}
	if (err == 0)
		*ret_docs = merge.kept.count;
	part_writer_fini(&writer);
	merge_fini(&merge);
	return err;
}
