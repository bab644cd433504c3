/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unigram: of all ways to cut a word into tokens the one whose scores add up
 * to most (Viterbi).  A place remembers the best way to it; from each, every
 * token that begins there is tried, none is longer than the vocabulary's
 * longest: the time is linear in the word's length.  A character that is no
 * token counts as unknown, much worse than any; neighbours of that kind become
 * one token, or bytes where the vocabulary has them.
 */
#include "base/err.h"
#include "embed/tokenizer_int.h"

#define NOWHERE UINT32_MAX

struct place {
	double score; /* of the best way that ends here */
	uint32_t from; /* where its last token begins; NOWHERE: not reached */
	uint32_t id;
	bool is_unknown;
};

static void
reach(struct place *places, size_t from, size_t to, double score, uint32_t id,
    bool is_unknown)
{
	score += places[from].score;
	if (places[to].from != NOWHERE && score <= places[to].score)
		return;
	places[to].score = score;
	places[to].from = (uint32_t)from;
	places[to].id = id;
	places[to].is_unknown = is_unknown;
}

static void
places_fill(const struct tokenizer *tokenizer, const char *word, size_t len,
    struct place *places)
{
	size_t at = 0, step, i, end;
	bool has_single;
	uint64_t hash;
	uint32_t id;

	for (i = 1; i <= len; i++)
		places[i].from = NOWHERE;
	places[0].score = 0;
	places[0].from = 0;
	while (at < len) {
		(void)char_at(word + at, len - at, &step);
		has_single = false;
		hash = VOCAB_HASH;
		end = len - at > tokenizer->vocab.len_max ?
			at + tokenizer->vocab.len_max :
			len;
		for (i = at; i < end; i++) {
			hash = vocab_hash(hash, word[i]);
			if (i + 1 < len &&
			    ((unsigned char)word[i + 1] & 0xC0) == 0x80)
				continue;
			if (!vocab_find(&tokenizer->vocab, hash, word + at,
				i + 1 - at, &id))
				continue;
			reach(places, at, i + 1, tokenizer->scores[id], id,
			    false);
			has_single = has_single || i + 1 == at + step;
		}
		if (!has_single)
			reach(places, at, at + step,
			    tokenizer->unknown_score, 0, true);
		at += step;
	}
}

/* A run of unknown characters. */
static int
unknown_add(const struct tokenizer *tokenizer, const char *text, size_t len,
    struct tokens *tokens)
{
	size_t i;
	int err = 0;

	if (tokenizer->has_bytes) {
		for (i = 0; i < len && err == 0; i++)
			err = tokens_add(tokens,
			    tokenizer->bytes[(unsigned char)text[i]]);
		return err;
	}
	return tokenizer->has_unknown ?
		tokens_add(tokens, tokenizer->unknown) :
		0;
}

int
unigram_run(const struct tokenizer *tokenizer, const char *word, size_t len,
    struct tokens *tokens)
{
	struct place *places;
	size_t at, to, end;
	int err = 0;

	places = tokens_work(tokens, len + 1, sizeof(*places));
	if (places == NULL)
		return ERR_NOMEM;
	places_fill(tokenizer, word, len, places);
	/* The ways lead back: turn them round, each place then knows where
	 * its token ends, which is what from of the next one is. */
	for (at = len, to = NOWHERE; at > 0; at = end) {
		end = places[at].from;
		places[at].from = (uint32_t)to;
		to = at;
	}
	for (at = 0; at < len && err == 0; at = end) {
		end = to;
		if (!places[end].is_unknown) {
			err = tokens_add(tokens, places[end].id);
			to = places[end].from;
			continue;
		}
		for (to = places[end].from; to != NOWHERE &&
		    places[to].is_unknown; to = places[to].from)
			end = to;
		err = unknown_add(tokenizer, word + at, end - at, tokens);
	}
	return err;
}
