/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "merges" of a BPE model: pairs of tokens, the best one first, as "a b" or
 * as ["a", "b"].  They go into a table whose places are found by the numbers
 * of the pair.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/tokenizer_int.h"

#define BITS_MIN 6u

/* The two halves of one; false: it has another form. */
static bool
halves_read(const json_t *value, const char **ret_left, size_t *ret_left_len,
    const char **ret_right, size_t *ret_right_len)
{
	const json_t *left = json_array_get(value, 0);
	const json_t *right = json_array_get(value, 1);
	const char *text, *blank;
	size_t len;

	if (json_array_size(value) == 2 && json_is_string(left) &&
	    json_is_string(right)) {
		*ret_left = json_string_value(left);
		*ret_left_len = json_string_length(left);
		*ret_right = json_string_value(right);
		*ret_right_len = json_string_length(right);
		return true;
	}
	if (!json_is_string(value))
		return false;
	text = json_string_value(value);
	len = json_string_length(value);
	blank = memchr(text, ' ', len);
	if (blank == NULL)
		return false;
	*ret_left = text;
	*ret_left_len = (size_t)(blank - text);
	*ret_right = blank + 1;
	*ret_right_len = len - *ret_left_len - 1;
	return memchr(*ret_right, ' ', *ret_right_len) == NULL;
}

static int
merge_add(struct tokenizer *tokenizer, uint64_t pair, uint32_t rank,
    uint32_t id)
{
	size_t mask = ((size_t)1 << tokenizer->merge_bits) - 1, probes = 0;
	struct merge *merge;
	size_t slot;

	slot = (size_t)(pair * 0x9E3779B97F4A7C15ULL >>
	    (64 - tokenizer->merge_bits));
	for (;; slot = (slot + 1) & mask) {
		merge = &tokenizer->merges[slot];
		if (merge->rank == UINT32_MAX)
			break;
		/* Of two alike the last one counts. */
		if (merge->pair == pair)
			break;
		if (++probes > VOCAB_PROBES_MAX)
			return ERR_TOO_BIG;
	}
	*merge = (struct merge){ .pair = pair, .rank = rank, .id = id };
	return 0;
}

static int
merge_read(struct tokenizer *tokenizer, const json_t *value, uint32_t rank,
    struct err_note *note)
{
	char whole[2 * VOCAB_TOKEN_BYTES_MAX];
	const char *left, *right;
	size_t left_len, right_len;
	uint32_t left_id, right_id, id;

	if (!halves_read(value, &left, &left_len, &right, &right_len))
		return err_set(note, ERR_SYNTAX, "merge %u is none", rank);
	if (!vocab_get(&tokenizer->vocab, left, left_len, &left_id) ||
	    !vocab_get(&tokenizer->vocab, right, right_len, &right_id))
		return err_set(note, ERR_SYNTAX,
		    "merge %u is of tokens that there are not", rank);
	memcpy(whole, left, left_len);
	memcpy(whole + left_len, right, right_len);
	if (!vocab_get(&tokenizer->vocab, whole, left_len + right_len, &id))
		return err_set(note, ERR_SYNTAX,
		    "merge %u makes a token that there is not", rank);
	return merge_add(tokenizer, (uint64_t)left_id << 32 | right_id, rank,
	    id);
}

int
merges_read(struct tokenizer *tokenizer, const json_t *merges,
    struct err_note *note)
{
	size_t count = json_array_size(merges), i;
	int err = 0;

	if (!json_is_array(merges) || count > VOCAB_COUNT_MAX)
		return err_set(note, ERR_SYNTAX, "there are no merges");
	tokenizer->merge_bits = BITS_MIN;
	while ((size_t)1 << tokenizer->merge_bits < 2 * count)
		tokenizer->merge_bits++;
	tokenizer->merges = mem_array((size_t)1 << tokenizer->merge_bits,
	    sizeof(*tokenizer->merges));
	if (tokenizer->merges == NULL)
		return ERR_NOMEM;
	memset(tokenizer->merges, 0xFF, ((size_t)1 << tokenizer->merge_bits) *
		sizeof(*tokenizer->merges));
	for (i = 0; i < count && err == 0; i++)
		err = merge_read(tokenizer, json_array_get(merges, i),
		    (uint32_t)i, note);
	return err;
}
