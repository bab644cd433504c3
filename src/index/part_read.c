/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a part, and its documents.
 *
 * The foot: "TMP1", its version, then counts of 4 bytes each (documents, terms,
 * blocks of terms, stamps), the sum of lengths and six offsets of 8 bytes
 * each, and XXH3 of all of that.  All offsets but two follow from the counts:
 * a foot that contradicts itself is none.
 */
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "index/part_code.h"
#include "index/part_int.h"

#define MAGIC "TMP1"
#define VERSION 1u
#define SUM_AT (PART_FOOT_BYTES - 8)

void
part_foot_put(const struct part *part, uint8_t out[PART_FOOT_BYTES])
{
	memset(out, 0, PART_FOOT_BYTES);
	memcpy(out, MAGIC, 4);
	u32_put(out + 4, VERSION);
	u32_put(out + 8, part->doc_count);
	u32_put(out + 12, part->term_count);
	u32_put(out + 16, part->block_count);
	u32_put(out + 20, part->stamp_count);
	u64_put(out + 24, part->length_sum);
	u64_put(out + 32, part->lengths_at);
	u64_put(out + 40, part->ids_at);
	u64_put(out + 48, part->stamps_at);
	u64_put(out + 56, part->lists_at);
	u64_put(out + 64, part->blocks_at);
	u64_put(out + 72, part->places_at);
	u64_put(out + SUM_AT, XXH3_64bits(out, SUM_AT));
}

static int
foot_get(struct part *part, const uint8_t *foot)
{
	if (memcmp(foot, MAGIC, 4) != 0 || u32_get(foot + 4) != VERSION ||
	    u64_get(foot + SUM_AT) != XXH3_64bits(foot, SUM_AT))
		return ERR_CORRUPT;
	part->doc_count = u32_get(foot + 8);
	part->term_count = u32_get(foot + 12);
	part->block_count = u32_get(foot + 16);
	part->stamp_count = u32_get(foot + 20);
	part->length_sum = u64_get(foot + 24);
	part->lengths_at = u64_get(foot + 32);
	part->ids_at = u64_get(foot + 40);
	part->stamps_at = u64_get(foot + 48);
	part->lists_at = u64_get(foot + 56);
	part->blocks_at = u64_get(foot + 64);
	part->places_at = u64_get(foot + 72);
	return 0;
}

static int
foot_check(const struct part *part)
{
	uint64_t docs = part->doc_count, blocks = part->block_count;

	if (docs > PART_DOCS_MAX || part->stamp_count > docs ||
	    part->lengths_at != 0 || part->ids_at != docs ||
	    part->stamps_at != part->ids_at + 8 * docs ||
	    part->lists_at != part->stamps_at + 8 * part->stamp_count ||
	    part->blocks_at < part->lists_at ||
	    part->places_at < part->blocks_at ||
	    part->places_at > part->source.size ||
	    part->source.size - part->places_at !=
		8 * blocks + PART_FOOT_BYTES ||
	    blocks != (part->term_count + (uint64_t)PART_TERMS - 1) /
		PART_TERMS)
		return ERR_CORRUPT;
	return 0;
}

static int
open_foot(struct part *part)
{
	uint8_t scratch[PART_FOOT_BYTES];
	const uint8_t *foot;
	int err = 0;

	if (part->source.size < PART_FOOT_BYTES)
		return ERR_CORRUPT;
	foot = part_at(part, part->source.size - PART_FOOT_BYTES,
	    PART_FOOT_BYTES, scratch, &err);
	if (foot != NULL)
		err = foot_get(part, foot);
	return err < 0 ? err : foot_check(part);
}

int
part_open(struct part *part, const void *bytes, size_t len)
{
	memset(part, 0, sizeof(*part));
	part->bytes = bytes;
	part->source.size = len;
	return open_foot(part);
}

int
part_open_pages(struct part *part, const struct part_source *source)
{
	memset(part, 0, sizeof(*part));
	part->source = *source;
	return open_foot(part);
}

/* ---- bytes -------------------------------------------------------------- */

/* What lies on several pages. */
static const uint8_t *
at_pages(const struct part *part, uint64_t offset, size_t len,
    uint8_t *scratch, int *ret_err)
{
	size_t page_len, begin, n, done;
	const uint8_t *page;

	for (done = 0; done < len; done += n) {
		begin = (size_t)((offset + done) % PART_PAGE_BYTES);
		page = part->source.get(part->source.arg,
		    (uint32_t)((offset + done) / PART_PAGE_BYTES), &page_len,
		    ret_err);
		if (page == NULL)
			return NULL;
		if (page_len <= begin) {
			*ret_err = ERR_CORRUPT;
			return NULL;
		}
		n = page_len - begin;
		if (n >= len && done == 0)
			return page + begin;
		if (n > len - done)
			n = len - done;
		memcpy(scratch + done, page + begin, n);
	}
	return scratch;
}

const uint8_t *
part_at(const struct part *part, uint64_t offset, size_t len,
    uint8_t *scratch, int *ret_err)
{
	if (offset > part->source.size || len > part->source.size - offset) {
		*ret_err = ERR_CORRUPT;
		return NULL;
	}
	if (part->source.get == NULL)
		return part->bytes + offset;
	return at_pages(part, offset, len, scratch, ret_err);
}

/* ---- documents ---------------------------------------------------------- */

int
part_doc_length(const struct part *part, uint32_t doc, uint8_t *ret_code)
{
	const uint8_t *at;
	uint8_t scratch;
	int err = 0;

	if (doc >= part->doc_count)
		return ERR_CORRUPT;
	at = part_at(part, part->lengths_at + doc, 1, &scratch, &err);
	if (at != NULL)
		*ret_code = *at;
	return err;
}

int
part_doc_id(const struct part *part, uint32_t doc, int64_t *ret_id)
{
	const uint8_t *at;
	uint8_t scratch[8];
	int err = 0;

	if (doc >= part->doc_count)
		return ERR_CORRUPT;
	at = part_at(part, part->ids_at + (uint64_t)doc * 8, 8, scratch,
	    &err);
	if (at != NULL)
		*ret_id = (int64_t)u64_get(at);
	return err;
}

int
part_doc_stamp(const struct part *part, uint32_t doc, uint32_t *ret_stamp)
{
	uint32_t low = 0, high = part->stamp_count, middle;
	const uint8_t *at;
	uint8_t scratch[8];
	int err = 0;

	while (low < high) {
		middle = low + (high - low) / 2;
		at = part_at(part, part->stamps_at + (uint64_t)middle * 8, 8,
		    scratch, &err);
		if (at == NULL)
			return err;
		if (u32_get(at) == doc) {
			*ret_stamp = u32_get(at + 4);
			return 0;
		}
		if (u32_get(at) < doc)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_stamp = 0;
	return 0;
}
