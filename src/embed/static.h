/* SPDX-License-Identifier: Apache-2.0 */
/*
 * static: an embedder that has a vector for each token, as model2vec makes
 * them.
 *
 * Floor 3.  The vector of a text is the mean of its tokens' vectors, those
 * that the model does not know left out, made of unit length.  A text without
 * any that it knows, even "", gets a unit vector by its bytes.  It fails only
 * for want of memory, or for a text over TOKENIZER_TEXT_BYTES_MAX.
 */
#ifndef EMBED_STATIC_H
#define EMBED_STATIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct embedder;
struct err_note;

/*
 * Open a folder with model.safetensors (a table "embeddings", or
 * "embedding.weight", of float32, float16 or bfloat16; "weights" and
 * "mapping" where there are some) and tokenizer.json.  The table is mapped
 * when it is of float32: the file must stay as it is.  The embedder's name is
 * made of both files' content, so it is the same for a copy of them.  Returns
 * owned (embedder->close).  ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT, ERR_SYNTAX,
 * ERR_UNSUPPORTED, ERR_TOO_BIG with words; ERR_NOMEM.
 */
int embed_static_new(const char *folder, struct embedder **ret_embedder,
    struct err_note *note);

/* What the folder has, for people; valid as long as the embedder. */
struct static_info {
	const char *tokenizer; /* "WordPiece" */
	const char *numbers;   /* "float32" */
	size_t tokens, rows, dimensions;
	uint64_t table_bytes;
	bool is_mapped;
};
/* Of one that embed_static_new() made. */
void embed_static_info(const struct embedder *embedder,
    struct static_info *ret_info);

#endif
