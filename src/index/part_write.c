/* SPDX-License-Identifier: Apache-2.0 */
/* A part on its way out, in the order in which its bytes lie. */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "index/part_code.h"
#include "index/part_int.h"

/* What is kept until it can be put; far more than any part has. */
#define WRITER_BYTES_MAX ((size_t)1 << 32)

void
part_writer_init(struct part_writer *writer, part_put_fn *put, void *arg)
{
	memset(writer, 0, sizeof(*writer));
	writer->put = put;
	writer->arg = arg;
	buf_init(&writer->skips, WRITER_BYTES_MAX);
	buf_init(&writer->data, WRITER_BYTES_MAX);
	buf_init(&writer->blocks, WRITER_BYTES_MAX);
	buf_init(&writer->places, WRITER_BYTES_MAX);
}

void
part_writer_fini(struct part_writer *writer)
{
	buf_fini(&writer->skips);
	buf_fini(&writer->data);
	buf_fini(&writer->blocks);
	buf_fini(&writer->places);
}

static int
put_bytes(struct part_writer *writer, const void *bytes, size_t len)
{
	int err;

	if (len == 0)
		return 0;
	err = writer->put(writer->arg, bytes, len);
	writer->at += err == 0 ? len : 0;
	return err;
}

static int
put_buf(struct part_writer *writer, const struct buf *buf)
{
	return buf->err < 0 ? buf->err
			    : put_bytes(writer, buf->data, buf->len);
}

/* ---- documents ---------------------------------------------------------- */

static int
put_u64(struct part_writer *writer, uint64_t number)
{
	uint8_t bytes[8];

	u64_put(bytes, number);
	return buf_put(&writer->data, bytes, sizeof(bytes));
}

int
part_writer_docs(struct part_writer *writer, const struct part_docs *docs)
{
	struct part *part = &writer->part;
	uint32_t i;
	int err;

	writer->lengths = docs->lengths;
	part->doc_count = docs->count;
	part->length_sum = docs->length_sum;
	err = put_bytes(writer, docs->lengths, docs->count);
	if (err < 0)
		return err;
	part->ids_at = writer->at;
	for (i = 0; i < docs->count; i++)
		(void)put_u64(writer, (uint64_t)docs->ids[i]);
	part->stamps_at = part->ids_at + writer->data.len;
	for (i = 0; i < docs->count; i++) {
		if (docs->stamps[i] == 0)
			continue;
		(void)put_u64(writer, i | (uint64_t)docs->stamps[i] << 32);
		part->stamp_count++;
	}
	err = put_buf(writer, &writer->data);
	buf_clear(&writer->data);
	part->lists_at = writer->at;
	return err;
}

/* ---- lists -------------------------------------------------------------- */

static void
block_put(struct part_writer *writer, const uint32_t *docs,
    const uint32_t *frequencies, uint32_t count, uint32_t before)
{
	uint32_t gaps[PART_BLOCK], less[PART_BLOCK], most = 0, i;
	uint8_t out[PART_BLOCK_BYTES_MAX], skip[PART_SKIP_BYTES] = {0};
	uint8_t shortest = UINT8_MAX;
	size_t len;

	for (i = 0; i < count; i++) {
		gaps[i] = docs[i] - before;
		before = docs[i] + 1;
		less[i] = frequencies[i] - 1;
		if (frequencies[i] > most)
			most = frequencies[i];
		if (writer->lengths[docs[i]] < shortest)
			shortest = writer->lengths[docs[i]];
	}
	out[0] = (uint8_t)bits_of(gaps, count);
	out[1] = (uint8_t)bits_of(less, count);
	len = 2 + bits_size(count, out[0]);
	bits_pack(gaps, count, out[0], out + 2);
	bits_pack(less, count, out[1], out + len);
	len += bits_size(count, out[1]);
	(void)buf_put(&writer->data, out, len);
	u32_put(skip, docs[count - 1]);
	u32_put(skip + 4, (uint32_t)writer->data.len);
	u16_put(skip + 8, (uint16_t)most);
	skip[10] = shortest;
	(void)buf_put(&writer->skips, skip, sizeof(skip));
}

static int
list_put(struct part_writer *writer, const uint32_t *docs,
    const uint32_t *frequencies, uint32_t count)
{
	uint32_t first, n, before = 0;
	int err;

	buf_clear(&writer->skips);
	buf_clear(&writer->data);
	for (first = 0; first < count; first += n) {
		n = count - first < PART_BLOCK ? count - first : PART_BLOCK;
		block_put(writer, docs + first, frequencies + first, n,
		    before);
		before = docs[first + n - 1] + 1;
	}
	if (writer->data.len > UINT32_MAX)
		return ERR_TOO_BIG;
	err = put_buf(writer, &writer->skips);
	return err < 0 ? err : put_buf(writer, &writer->data);
}

/* ---- terms -------------------------------------------------------------- */

static void
entry_put(struct part_writer *writer, const char *term, size_t len,
    const struct part_term *list)
{
	uint8_t out[PART_ENTRY_BYTES_MAX];
	size_t common = 0, n = 0;

	while (common < len && common < writer->last_len &&
	    term[common] == writer->last[common])
		common++;
	n += varint_put(out + n, common);
	n += varint_put(out + n, len - common);
	memcpy(out + n, term + common, len - common);
	n += len - common;
	n += varint_put(out + n, list->count);
	n += varint_put(out + n, list->frequency_max);
	if (list->count == 1) {
		n += varint_put(out + n, list->doc);
	} else {
		out[n++] = list->length_min;
		n += varint_put(out + n,
		    list->skips_at - writer->part.lists_at);
	}
	(void)buf_put(&writer->blocks, out, n);
	memcpy(writer->last, term, len);
	writer->last_len = len;
}

int
part_writer_term(struct part_writer *writer, const char *term, size_t len,
    const uint32_t *docs, const uint32_t *frequencies, uint32_t count)
{
	struct part_term list = {.count = count, .doc = docs[0],
	    .length_min = UINT8_MAX, .skips_at = writer->at};
	uint8_t place[8];
	uint32_t i;
	int err = 0;

	ASSERT(count > 0 && len <= PART_TERM_BYTES_MAX);
	for (i = 0; i < count; i++) {
		if (frequencies[i] > list.frequency_max)
			list.frequency_max = frequencies[i];
		if (writer->lengths[docs[i]] < list.length_min)
			list.length_min = writer->lengths[docs[i]];
	}
	if (count > 1)
		err = list_put(writer, docs, frequencies, count);
	if (err < 0)
		return err;
	if (writer->part.term_count == UINT32_MAX)
		return ERR_TOO_BIG;
	if (writer->part.term_count++ % PART_TERMS == 0) {
		u64_put(place, writer->blocks.len);
		(void)buf_put(&writer->places, place, sizeof(place));
		writer->part.block_count++;
		writer->last_len = 0;
	}
	entry_put(writer, term, len, &list);
	return writer->blocks.err < 0 ? writer->blocks.err
				      : writer->places.err;
}

int
part_writer_end(struct part_writer *writer)
{
	uint8_t foot[PART_FOOT_BYTES], *place;
	uint32_t i;
	int err;

	writer->part.blocks_at = writer->at;
	for (i = 0; i < writer->part.block_count; i++) {
		place = (uint8_t *)writer->places.data + (size_t)i * 8;
		u64_put(place, u64_get(place) + writer->at);
	}
	err = put_buf(writer, &writer->blocks);
	writer->part.places_at = writer->at;
	if (err == 0)
		err = put_buf(writer, &writer->places);
	part_foot_put(&writer->part, foot);
	return err < 0 ? err : put_bytes(writer, foot, sizeof(foot));
}
