/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BPE: a word's characters, of which the neighbours whose merge has the best
 * rank become one, until there are none.  Neighbours wait in a heap, the best
 * rank on top and among equals the leftmost; one that has been merged away
 * meanwhile is recognised when it comes to the top.  A merge takes one symbol
 * away and adds at most two neighbours, so that all is over after n log n.
 */
#include "base/err.h"
#include "embed/tokenizer_int.h"

#define NONE UINT32_MAX

struct symbol {
	uint32_t id, prev, next; /* NONE: at an end */
	bool is_gone, is_unknown;
};

struct pair {
	uint32_t rank, left, id; /* id: what they become */
};

struct bpe {
	const struct tokenizer *tokenizer;
	struct symbol *symbols;
	size_t count;
	struct pair *heap;
	size_t heap_count;
};

static bool
is_before(const struct pair *a, const struct pair *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->left < b->left;
}

static void
heap_push(struct bpe *bpe, struct pair pair)
{
	size_t i = bpe->heap_count++, up;

	for (; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!is_before(&pair, &bpe->heap[up]))
			break;
		bpe->heap[i] = bpe->heap[up];
	}
	bpe->heap[i] = pair;
}

static struct pair
heap_pop(struct bpe *bpe)
{
	struct pair top = bpe->heap[0], last;
	size_t i = 0, down;

	last = bpe->heap[--bpe->heap_count];
	while ((down = 2 * i + 1) < bpe->heap_count) {
		if (down + 1 < bpe->heap_count &&
		    is_before(&bpe->heap[down + 1], &bpe->heap[down]))
			down++;
		if (!is_before(&bpe->heap[down], &last))
			break;
		bpe->heap[i] = bpe->heap[down];
		i = down;
	}
	bpe->heap[i] = last;
	return top;
}

static const struct merge *
merge_find(const struct tokenizer *tokenizer, uint32_t left, uint32_t right)
{
	uint64_t pair = (uint64_t)left << 32 | right;
	const struct merge *merge;
	size_t slot;

	if (tokenizer->merges == NULL)
		return NULL;
	slot = (size_t)(pair * 0x9E3779B97F4A7C15ULL >>
	    (64 - tokenizer->merge_bits));
	for (;;) {
		merge = &tokenizer->merges[slot];
		if (merge->rank == NONE)
			return NULL;
		if (merge->pair == pair)
			return merge;
		slot = (slot + 1) & (((size_t)1 << tokenizer->merge_bits) - 1);
	}
}

/* Let the neighbours wait of which left is the first. */
static void
pair_push(struct bpe *bpe, uint32_t left)
{
	const struct merge *merge;
	uint32_t right;

	if (left == NONE)
		return;
	right = bpe->symbols[left].next;
	if (right == NONE)
		return;
	merge = merge_find(bpe->tokenizer, bpe->symbols[left].id,
	    bpe->symbols[right].id);
	if (merge != NULL)
		heap_push(bpe, (struct pair){ .rank = merge->rank,
		    .left = left, .id = merge->id });
}

static void
symbol_add(struct bpe *bpe, uint32_t id, bool is_unknown)
{
	struct symbol *symbol = &bpe->symbols[bpe->count];

	symbol->id = id;
	symbol->is_gone = false;
	symbol->is_unknown = is_unknown;
	symbol->prev = bpe->count == 0 ? NONE : (uint32_t)bpe->count - 1;
	symbol->next = NONE;
	if (bpe->count > 0)
		symbol[-1].next = (uint32_t)bpe->count;
	bpe->count++;
}

static void
symbols_fill(struct bpe *bpe, const char *word, size_t len)
{
	const struct tokenizer *tokenizer = bpe->tokenizer;
	size_t at, step, i;
	uint32_t id;

	for (at = 0; at < len; at += step) {
		(void)char_at(word + at, len - at, &step);
		if (vocab_get(&tokenizer->vocab, word + at, step, &id)) {
			symbol_add(bpe, id, false);
		} else if (tokenizer->has_bytes) {
			for (i = 0; i < step; i++)
				symbol_add(bpe, tokenizer->bytes[
				    (unsigned char)word[at + i]], false);
		} else if (tokenizer->has_unknown &&
		    !(tokenizer->fuses_unknown && bpe->count > 0 &&
			bpe->symbols[bpe->count - 1].is_unknown)) {
			symbol_add(bpe, tokenizer->unknown, true);
		}
	}
}

static void
merge_all(struct bpe *bpe)
{
	struct symbol *left, *right;
	const struct merge *merge;
	struct pair pair;
	size_t i;

	for (i = 0; i < bpe->count; i++)
		pair_push(bpe, (uint32_t)i);
	while (bpe->heap_count > 0) {
		pair = heap_pop(bpe);
		left = &bpe->symbols[pair.left];
		if (left->is_gone || left->next == NONE)
			continue;
		right = &bpe->symbols[left->next];
		merge = merge_find(bpe->tokenizer, left->id, right->id);
		if (merge == NULL || merge->id != pair.id)
			continue;
		left->id = pair.id;
		left->is_unknown = false;
		left->next = right->next;
		right->is_gone = true;
		if (left->next != NONE)
			bpe->symbols[left->next].prev = pair.left;
		pair_push(bpe, left->prev);
		pair_push(bpe, pair.left);
	}
}

int
bpe_run(const struct tokenizer *tokenizer, const char *word, size_t len,
    struct tokens *tokens)
{
	struct bpe bpe = { .tokenizer = tokenizer };
	uint32_t id, i;
	int err = 0;

	if (tokenizer->ignores_merges &&
	    vocab_get(&tokenizer->vocab, word, len, &id))
		return tokens_add(tokens, id);
	/* A byte is a symbol at most; neighbours: one fewer at first, and two
	 * for each merge. */
	bpe.symbols = tokens_work(tokens, len,
	    sizeof(*bpe.symbols) + 3 * sizeof(*bpe.heap));
	if (bpe.symbols == NULL)
		return ERR_NOMEM;
	bpe.heap = (struct pair *)(void *)(bpe.symbols + len);
	symbols_fill(&bpe, word, len);
	merge_all(&bpe);
	for (i = bpe.count == 0 ? NONE : 0; i != NONE && err == 0;
	    i = bpe.symbols[i].next)
		err = tokens_add(tokens, bpe.symbols[i].id);
	return err;
}
