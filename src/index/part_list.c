/* SPDX-License-Identifier: Apache-2.0 */
/* One term's list: block after block, or over blocks that cannot matter. */
#include <string.h>

#include "base/err.h"
#include "index/part_code.h"
#include "index/part_int.h"

struct skip {
	uint32_t last, end; /* end: of the block's bytes, from data_at on */
	uint32_t frequency_max;
	uint8_t length_min;
};

static void
list_end(struct part_list *list, int err)
{
	list->doc = PART_NO_DOC;
	list->block = PART_NO_DOC;
	if (list->err == 0)
		list->err = err;
}

static int
skip_get(const struct part_list *list, uint32_t block, struct skip *ret_skip)
{
	uint8_t scratch[PART_SKIP_BYTES];
	const uint8_t *at;
	int err = 0;

	at = part_at(list->part,
	    list->term.skips_at + (uint64_t)block * PART_SKIP_BYTES,
	    PART_SKIP_BYTES, scratch, &err);
	if (at == NULL)
		return err;
	ret_skip->last = u32_get(at);
	ret_skip->end = u32_get(at + 4);
	ret_skip->frequency_max = u16_get(at + 8);
	ret_skip->length_min = at[10];
	return 0;
}

/* Gaps become documents; a number that is none of the part's ends it. */
static int
block_sum(struct part_list *list, uint32_t before)
{
	uint64_t doc = before;
	uint32_t i;

	for (i = 0; i < list->in_block; i++) {
		doc += (uint64_t)list->docs[i] + 1;
		if (doc > list->part->doc_count)
			return ERR_CORRUPT;
		/* Documents are counted from 1 here, so that the first gap is
		 * one like all others. */
		list->docs[i] = (uint32_t)doc - 1;
		list->frequencies[i]++;
	}
	return 0;
}

static int
block_unpack(struct part_list *list, uint64_t begin, uint64_t end,
    uint32_t before)
{
	uint8_t scratch[PART_BLOCK_BYTES_MAX];
	size_t gaps, len = (size_t)(end - begin);
	const uint8_t *at;
	int err = 0;

	if (end <= begin || len < 2 || len > PART_BLOCK_BYTES_MAX)
		return ERR_CORRUPT;
	at = part_at(list->part, list->data_at + begin, len, scratch, &err);
	if (at == NULL)
		return err;
	if (at[0] > 32 || at[1] > 32)
		return ERR_CORRUPT;
	gaps = bits_size(list->in_block, at[0]);
	if (2 + gaps + bits_size(list->in_block, at[1]) != len)
		return ERR_CORRUPT;
	bits_unpack(at + 2, list->in_block, at[0], list->docs);
	bits_unpack(at + 2 + gaps, list->in_block, at[1], list->frequencies);
	return block_sum(list, before);
}

/* Unpack a block and stand on its first posting. */
static void
list_load(struct part_list *list, uint32_t block)
{
	struct skip before = {.last = 0}, skip;
	int err = 0;

	if (block >= list->blocks) {
		list_end(list, 0);
		return;
	}
	if (block > 0) {
		err = skip_get(list, block - 1, &before);
		before.last++; /* counted from 1, as in block_sum() */
	}
	if (err == 0)
		err = skip_get(list, block, &skip);
	list->in_block = block + 1 < list->blocks
	    ? PART_BLOCK : list->term.count - block * PART_BLOCK;
	if (err == 0)
		err = block_unpack(list, before.end, skip.end, before.last);
	if (err < 0) {
		list_end(list, err);
		return;
	}
	list->block = block;
	list->at = 0;
	list->doc = list->docs[0];
	list->frequency = list->frequencies[0];
}

void
part_list_init(struct part_list *list, const struct part *part,
    const struct part_term *term)
{
	list->part = part;
	list->term = *term;
	list->err = 0;
	list->bound_block = 0;
	list->bound_last = 0;
	list->bound_frequency = term->frequency_max;
	list->bound_length = term->length_min;
	list->blocks = (term->count + PART_BLOCK - 1) / PART_BLOCK;
	list->data_at = term->skips_at +
	    (uint64_t)list->blocks * PART_SKIP_BYTES;
	if (term->count > 1) {
		list_load(list, 0);
		list->bound_block = PART_NO_DOC; /* not looked at yet */
		return;
	}
	list->block = 0;
	list->at = 0;
	list->in_block = 1;
	list->docs[0] = list->doc = list->bound_last = term->doc;
	list->frequencies[0] = list->frequency = term->frequency_max;
	list->err = part_doc_length(part, term->doc, &list->bound_length);
	if (list->err < 0)
		list_end(list, 0);
}

void
part_list_next(struct part_list *list)
{
	if (list->doc == PART_NO_DOC)
		return;
	if (++list->at < list->in_block) {
		list->doc = list->docs[list->at];
		list->frequency = list->frequencies[list->at];
	} else {
		list_load(list, list->block + 1);
	}
}

/* The first block whose last document is doc or a later one, from block on:
 * steps that double, then halves. */
static int
find_block(const struct part_list *list, uint32_t block, uint32_t doc,
    struct skip *ret_skip, uint32_t *ret_block)
{
	uint32_t low = block, high, step = 1, middle;
	struct skip skip;
	int err;

	for (high = block; high < list->blocks; high += step, step *= 2) {
		err = skip_get(list, high, &skip);
		if (err < 0)
			return err;
		if (skip.last >= doc)
			break;
		low = high + 1;
		if (step > list->blocks)
			step = list->blocks;
	}
	if (high > list->blocks)
		high = list->blocks;
	/* The answer is in low..high, high being behind the last one. */
	while (low < high) {
		middle = low + (high - low) / 2;
		err = skip_get(list, middle, &skip);
		if (err < 0)
			return err;
		if (skip.last >= doc)
			high = middle;
		else
			low = middle + 1;
	}
	*ret_block = low;
	return low == list->blocks ? 0 : skip_get(list, low, ret_skip);
}

void
part_list_seek(struct part_list *list, uint32_t doc)
{
	struct skip skip;
	uint32_t block, low, high, middle;
	int err;

	if (list->doc >= doc)
		return;
	if (list->docs[list->in_block - 1] < doc) {
		if (list->term.count == 1) {
			list_end(list, 0);
			return;
		}
		err = find_block(list, list->block + 1, doc, &skip, &block);
		if (err < 0) {
			list_end(list, err);
			return;
		}
		list_load(list, block);
		if (list->doc >= doc)
			return;
	}
	low = list->at;
	high = list->in_block;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (list->docs[middle] < doc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == list->in_block) {
		/* A skip that promised more than its block has. */
		list_end(list, ERR_CORRUPT);
		return;
	}
	list->at = low;
	list->doc = list->docs[low];
	list->frequency = list->frequencies[low];
}

void
part_list_bound(struct part_list *list, uint32_t doc)
{
	uint32_t from = list->bound_block == PART_NO_DOC
	    ? 0 : list->bound_block;
	struct skip skip = {.last = PART_NO_DOC};
	int err;

	if (list->bound_block != PART_NO_DOC && doc <= list->bound_last)
		return;
	if (list->term.count == 1) {
		list->bound_last = PART_NO_DOC;
		list->bound_frequency = 0;
		return;
	}
	err = find_block(list, from, doc, &skip, &list->bound_block);
	if (err < 0)
		list_end(list, err);
	list->bound_last = skip.last;
	list->bound_frequency = err < 0 || list->bound_block == list->blocks
	    ? 0 : skip.frequency_max;
	list->bound_length = skip.length_min;
}
