/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/vocab.h"

#define BITS_MIN 6u

static uint64_t
mixed(uint64_t hash)
{
	return (hash ^ hash >> 29) * 0x9E3779B97F4A7C15ULL;
}

static size_t
first_slot(const struct vocab *vocab, uint64_t mix)
{
	return (size_t)(mix >> (64 - vocab->bits));
}

static size_t
next_slot(const struct vocab *vocab, size_t slot)
{
	return (slot + 1) & (((size_t)1 << vocab->bits) - 1);
}

static uint64_t
hash_of(const char *bytes, size_t len)
{
	uint64_t hash = VOCAB_HASH;
	size_t i;

	for (i = 0; i < len; i++)
		hash = vocab_hash(hash, bytes[i]);
	return hash;
}

/* Put the nth string into a slot; ERR_TOO_BIG after VOCAB_PROBES_MAX. */
static int
slot_fill(struct vocab *vocab, size_t nth)
{
	const struct vocab_entry *entry = &vocab->list[nth];
	size_t slot, probes = 0;

	slot = first_slot(vocab,
	    mixed(hash_of(vocab->bytes + entry->at, entry->len)));
	while (vocab->slots[slot] != 0) {
		if (++probes > VOCAB_PROBES_MAX)
			return ERR_TOO_BIG;
		slot = next_slot(vocab, slot);
	}
	vocab->slots[slot] = (uint32_t)nth + 1;
	return 0;
}

static int
slots_grow(struct vocab *vocab)
{
	unsigned bits = vocab->bits == 0 ? BITS_MIN : vocab->bits + 1;
	uint32_t *slots;
	size_t i;
	int err = 0;

	slots = mem_zalloc(((size_t)1 << bits) * sizeof(*slots));
	if (slots == NULL)
		return ERR_NOMEM;
	mem_free(vocab->slots);
	vocab->slots = slots;
	vocab->bits = bits;
	for (i = 0; i < vocab->count && err == 0; i++)
		err = slot_fill(vocab, i);
	return err;
}

static int
room_make(struct vocab *vocab, size_t len)
{
	struct vocab_entry *list;
	size_t size;
	char *bytes;

	if (vocab->count == vocab->size) {
		size = vocab->size == 0 ? 64 : 2 * vocab->size;
		list = mem_resize(vocab->list, size, sizeof(*list));
		if (list == NULL)
			return ERR_NOMEM;
		vocab->list = list;
		vocab->size = size;
	}
	if (vocab->bytes == NULL ||
	    vocab->bytes_size - vocab->bytes_len < len) {
		size = 2 * vocab->bytes_size + VOCAB_TOKEN_BYTES_MAX;
		bytes = mem_resize(vocab->bytes, size, 1);
		if (bytes == NULL)
			return ERR_NOMEM;
		vocab->bytes = bytes;
		vocab->bytes_size = size;
	}
	if (vocab->bits == 0 ||
	    (vocab->count + 1) * 2 > (size_t)1 << vocab->bits)
		return slots_grow(vocab);
	return 0;
}

int
vocab_add(struct vocab *vocab, const char *bytes, size_t len, uint32_t id)
{
	struct vocab_entry *entry;
	uint32_t other;
	int err;

	if (len > VOCAB_TOKEN_BYTES_MAX || vocab->count == VOCAB_COUNT_MAX ||
	    vocab->bytes_len + len > UINT32_MAX)
		return ERR_TOO_BIG;
	if (vocab_get(vocab, bytes, len, &other))
		return ERR_EXISTS;
	err = room_make(vocab, len);
	if (err < 0)
		return err;
	entry = &vocab->list[vocab->count];
	entry->at = (uint32_t)vocab->bytes_len;
	entry->len = (uint32_t)len;
	entry->id = id;
	entry->check = (uint32_t)hash_of(bytes, len);
	memcpy(vocab->bytes + vocab->bytes_len, bytes, len);
	err = slot_fill(vocab, vocab->count);
	if (err < 0)
		return err;
	vocab->bytes_len += len;
	vocab->count++;
	if (len > vocab->len_max)
		vocab->len_max = len;
	return 0;
}

bool
vocab_find(const struct vocab *vocab, uint64_t hash, const char *bytes,
    size_t len, uint32_t *ret_id)
{
	const struct vocab_entry *entry;
	size_t slot;

	if (vocab->bits == 0)
		return false;
	slot = first_slot(vocab, mixed(hash));
	for (; vocab->slots[slot] != 0; slot = next_slot(vocab, slot)) {
		entry = &vocab->list[vocab->slots[slot] - 1];
		if (entry->check == (uint32_t)hash && entry->len == len &&
		    memcmp(vocab->bytes + entry->at, bytes, len) == 0) {
			*ret_id = entry->id;
			return true;
		}
	}
	return false;
}

bool
vocab_get(const struct vocab *vocab, const char *bytes, size_t len,
    uint32_t *ret_id)
{
	return vocab_find(vocab, hash_of(bytes, len), bytes, len, ret_id);
}

void
vocab_fini(struct vocab *vocab)
{
	mem_free(vocab->bytes);
	mem_free(vocab->list);
	mem_free(vocab->slots);
	*vocab = (struct vocab){ .bytes = NULL };
}
