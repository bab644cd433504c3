/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bert: an embedder that is an encoder of sentences, run here.
 *
 * Floor 3.  Understood are the encoders of bert_tbl.h as
 * sentence-transformers publishes them: config.json, model.safetensors,
 * tokenizer.json, and where they are there modules.json with the pooling's
 * config.json (mean, first token or maximum; without it the mean),
 * sentence_bert_config.json and config_sentence_transformers.json, whose
 * prompts "query" and "document" (or "passage", "corpus") are put before what
 * is asked and what is found.  What is not understood is refused by name.
 *
 * A text with more tokens than the model takes is cut into pieces of equal
 * length, and its vector is the mean of theirs: nothing of it is lost up to
 * BERT_TEXT_TOKENS_MAX.
 */
#ifndef EMBED_BERT_H
#define EMBED_BERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct embedder;
struct err_note;

#define BERT_TEXT_TOKENS_MAX 32768u

/*
 * Open such a folder.  is_int8: weights are rounded to bytes, which is faster
 * and somewhat less exact.  The weights are copied but for the tokens' table,
 * which stays mapped: the file must stay as it is.  The embedder's name is
 * made of what the vectors of documents depend on, so it is the same for a
 * copy of the folder.  Returns owned (embedder->close).  ERR_NOT_FOUND,
 * ERR_IO, ERR_CORRUPT, ERR_SYNTAX, ERR_UNSUPPORTED, ERR_TOO_BIG with words;
 * ERR_NOMEM.
 *
 * It fails for want of memory, with ERR_CANCELLED, ERR_TOO_BIG for a text over
 * TOKENIZER_TEXT_BYTES_MAX, and ERR_INVALID for one whose vector is not finite.
 */
int embed_bert_new(const char *folder, bool is_int8,
    struct embedder **ret_embedder, struct err_note *note);

/* What the folder has, for people; valid as long as the embedder. */
struct bert_info {
	const char *architecture; /* "BertModel" */
	const char *tokenizer;	  /* "WordPiece" */
	const char *numbers;	  /* of the file: "float32" */
	const char *pooling;	  /* "mean" */
	const char *kernels;	  /* "avx512" */
	const char *query_prompt, *document_prompt; /* "": none */
	size_t layers, heads, hidden, inner, tokens, tokens_max;
	uint64_t bytes; /* of memory for the weights */
	uint64_t operations; /* of dense layers for each token */
	bool is_int8;
};
/* Of one that embed_bert_new() made. */
void embed_bert_info(const struct embedder *embedder,
    struct bert_info *ret_info);
/* How many tokens it has made vectors of. */
uint64_t embed_bert_tokens(const struct embedder *embedder);

/* Operations (a multiplication and an addition are two) per second of a large
 * matrix product with the same numbers as the embedder's, measured for ms
 * milliseconds of this thread's processor time. */
int embed_bert_rate(const struct embedder *embedder, unsigned ms,
    double *ret_rate);

#endif
