/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vocab: the numbers of many short strings.
 *
 * Floor 3, for this folder only.  The hash goes byte by byte, so that all
 * beginnings of a text can be looked up in one pass over it.
 */
#ifndef EMBED_VOCAB_H
#define EMBED_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VOCAB_COUNT_MAX 4000000u
#define VOCAB_TOKEN_BYTES_MAX 1024u
/* Strings that were made to collide are refused before they cost time. */
#define VOCAB_PROBES_MAX 512u

#define VOCAB_HASH 0xCBF29CE484222325ULL /* of nothing */

struct vocab_entry {
	uint32_t at, len; /* in bytes */
	uint32_t id;
	uint32_t check; /* of its hash */
};

/* Zeroed at first; finished with vocab_fini(). */
struct vocab {
	char *bytes;
	size_t bytes_len, bytes_size;
	struct vocab_entry *list;
	size_t count, size;
	uint32_t *slots; /* 1 + an index; 0: empty */
	unsigned bits;	 /* of their number; 0: there are none */
	size_t len_max;	 /* of a string in it */
};

static inline uint64_t
vocab_hash(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)c) * 0x100000001B3ULL;
}

/* Add a string with its number.  ERR_EXISTS, ERR_NOMEM, ERR_TOO_BIG: too long
 * a string, too many of them, or too many with one hash. */
int vocab_add(struct vocab *vocab, const char *bytes, size_t len,
    uint32_t id);

/* The number of a string whose vocab_hash() is given. */
bool vocab_find(const struct vocab *vocab, uint64_t hash, const char *bytes,
    size_t len, uint32_t *ret_id);

/* The same, where there is no hash yet. */
bool vocab_get(const struct vocab *vocab, const char *bytes, size_t len,
    uint32_t *ret_id);

void vocab_fini(struct vocab *vocab);

#endif
