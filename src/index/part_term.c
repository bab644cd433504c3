/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terms of a part.  An entry: how many bytes it has in common with the one
 * before it in its block, how many follow, those; how many documents hold it,
 * the greatest frequency; then for a list of one the document, else the
 * smallest length and where the list is, from lists_at on.
 */
#include <string.h>

#include "base/err.h"
#include "index/part_code.h"
#include "index/part_int.h"

/* ---- one entry ---------------------------------------------------------- */

static const uint8_t *
entry_name(const uint8_t *at, const uint8_t *end, struct part_walk *walk)
{
	uint64_t common, rest;

	at = varint_get(at, end, &common);
	if (at != NULL)
		at = varint_get(at, end, &rest);
	if (at == NULL || common > walk->len ||
	    rest > PART_TERM_BYTES_MAX - common || rest > (size_t)(end - at))
		return NULL;
	memcpy(walk->term + common, at, rest);
	walk->len = (size_t)(common + rest);
	return at + rest;
}

static const uint8_t *
entry_list(const uint8_t *at, const uint8_t *end, const struct part *part,
    struct part_term *term)
{
	uint64_t count, frequency, number = 0;

	at = varint_get(at, end, &count);
	if (at != NULL)
		at = varint_get(at, end, &frequency);
	if (at == NULL || count == 0 || count > part->doc_count ||
	    frequency == 0 || frequency > PART_FREQUENCY_MAX)
		return NULL;
	memset(term, 0, sizeof(*term));
	term->count = (uint32_t)count;
	term->frequency_max = (uint32_t)frequency;
	if (count > 1) {
		if (at == end)
			return NULL;
		term->length_min = *at++;
	}
	at = varint_get(at, end, &number);
	if (at == NULL)
		return NULL;
	if (count == 1) {
		if (number >= part->doc_count)
			return NULL;
		term->doc = (uint32_t)number;
	} else {
		if (number > part->blocks_at - part->lists_at)
			return NULL;
		term->skips_at = part->lists_at + number;
	}
	return at;
}

/* ---- blocks ------------------------------------------------------------- */

static int
block_place(const struct part *part, uint32_t block, uint64_t *ret_offset)
{
	const uint8_t *at;
	uint8_t scratch[8];
	int err = 0;

	if (block == part->block_count) {
		*ret_offset = part->places_at;
		return 0;
	}
	at = part_at(part, part->places_at + (uint64_t)block * 8, 8, scratch,
	    &err);
	if (at == NULL)
		return err;
	*ret_offset = u64_get(at);
	return *ret_offset < part->blocks_at || *ret_offset >= part->places_at
		? ERR_CORRUPT : 0;
}

/* Stand before the first term of a block. */
static int
walk_block(struct part_walk *walk, uint32_t block)
{
	int err;

	walk->block = block;
	walk->in_block = 0;
	walk->len = 0;
	err = block_place(walk->part, block, &walk->at);
	if (err == 0)
		err = block_place(walk->part, block + 1, &walk->end);
	if (err == 0 && (walk->end < walk->at ||
		walk->end - walk->at > PART_TERMS * PART_ENTRY_BYTES_MAX))
		err = ERR_CORRUPT;
	return err;
}

static int
walk_entry(struct part_walk *walk, struct part_term *ret_term)
{
	uint8_t scratch[PART_ENTRY_BYTES_MAX];
	size_t left = (size_t)(walk->end - walk->at);
	const uint8_t *at, *from;
	int err = 0;

	if (left > PART_ENTRY_BYTES_MAX)
		left = PART_ENTRY_BYTES_MAX;
	from = part_at(walk->part, walk->at, left, scratch, &err);
	if (from == NULL)
		return err;
	at = entry_name(from, from + left, walk);
	if (at != NULL)
		at = entry_list(at, from + left, walk->part, ret_term);
	if (at == NULL)
		return ERR_CORRUPT;
	walk->at += (uint64_t)(at - from);
	walk->in_block++;
	return 0;
}

void
part_walk_init(struct part_walk *walk, const struct part *part)
{
	memset(walk, 0, sizeof(*walk));
	walk->part = part;
	walk->in_block = PART_TERMS; /* the first block is the next one */
	walk->block = PART_NO_DOC;
}

int
part_walk_next(struct part_walk *walk, struct part_term *ret_term)
{
	int err;

	if (walk->in_block == PART_TERMS || walk->at == walk->end) {
		if (walk->block + 1 == walk->part->block_count)
			return ERR_CLOSED;
		err = walk_block(walk, walk->block + 1);
		if (err < 0)
			return err;
	}
	return walk_entry(walk, ret_term);
}

/* ---- finding ------------------------------------------------------------ */

static int
term_compare(const struct part_walk *walk, const char *term, size_t len)
{
	size_t common = walk->len < len ? walk->len : len;
	int order = memcmp(walk->term, term, common);

	return order != 0 ? order : (walk->len > len) - (walk->len < len);
}

int
part_find(const struct part *part, const char *term, size_t len,
    struct part_term *ret_term)
{
	uint32_t low = 0, high = part->block_count, middle;
	struct part_walk walk = {.part = part};
	struct part_term found;
	int err, order;

	/* The last block whose first term is not behind it. */
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		err = walk_block(&walk, middle);
		if (err == 0)
			err = walk_entry(&walk, &found);
		if (err < 0)
			return err;
		if (term_compare(&walk, term, len) <= 0)
			low = middle;
		else
			high = middle;
	}
	if (part->block_count == 0 || len > PART_TERM_BYTES_MAX)
		return ERR_NOT_FOUND;
	err = walk_block(&walk, low);
	while (err == 0 && walk.at < walk.end && walk.in_block < PART_TERMS) {
		err = walk_entry(&walk, &found);
		order = err < 0 ? 0 : term_compare(&walk, term, len);
		if (err == 0 && order == 0)
			*ret_term = found;
		if (err == 0 && order >= 0)
			return order == 0 ? 0 : ERR_NOT_FOUND;
	}
	return err < 0 ? err : ERR_NOT_FOUND;
}
