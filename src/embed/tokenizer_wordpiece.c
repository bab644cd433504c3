/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WordPiece: the longest token that a word begins with, then the longest that
 * goes on, and so on; a word that does not come out is unknown as a whole.
 * Tokens that go on are in a vocabulary of their own, without their "##".
 */
#include "base/err.h"
#include "base/utf8.h"
#include "embed/tokenizer_int.h"

/* The longest token at word; 0: there is none. */
static size_t
longest(const struct vocab *vocab, const char *word, size_t len,
    uint32_t *ret_id)
{
	uint64_t hashes[VOCAB_TOKEN_BYTES_MAX + 1];
	size_t i;

	if (len > vocab->len_max)
		len = vocab->len_max;
	hashes[0] = VOCAB_HASH;
	for (i = 0; i < len; i++)
		hashes[i + 1] = vocab_hash(hashes[i], word[i]);
	for (i = len; i > 0; i--) {
		if (vocab_find(vocab, hashes[i], word, i, ret_id))
			return i;
	}
	return 0;
}

int
wordpiece_run(const struct tokenizer *tokenizer, const char *word, size_t len,
    struct tokens *tokens)
{
	size_t count = tokens->count, at = 0, step;
	uint32_t id;
	int err = 0;

	if (len > tokenizer->word_chars_max &&
	    utf8_count(word, len) > tokenizer->word_chars_max)
		goto unknown;
	while (at < len && err == 0) {
		step = longest(at == 0 ? &tokenizer->vocab :
			    &tokenizer->inner,
		    word + at, len - at, &id);
		if (step == 0)
			goto unknown;
		err = tokens_add(tokens, id);
		at += step;
	}
	return err;
unknown:
	tokens->count = count;
	return tokenizer->has_unknown ?
		tokens_add(tokens, tokenizer->unknown) :
		0;
}
