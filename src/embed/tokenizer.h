/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokenizer: text into the numbers of a model's vocabulary, as its
 * tokenizer.json says.
 *
 * Floor 3, for this folder only.  Understood are models WordPiece, BPE
 * (byte-level or with a prefix for spaces) and Unigram with the normalizers
 * (BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Replace,
 * Strip, Prepend, Precompiled as NFKC, Sequence), pre-tokenizers
 * (BertPreTokenizer, Whitespace, WhitespaceSplit, ByteLevel, Metaspace,
 * Punctuation, Digits, Split by a literal, Sequence) and post-processors
 * (TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, Sequence)
 * that published models use.  What is not understood is refused by name when
 * the file is opened, never passed over; but for truncation and padding, which
 * are the caller's.
 *
 * Special tokens are put around a text and never read from it: "[SEP]" in a
 * document is six characters.
 */
#ifndef EMBED_TOKENIZER_H
#define EMBED_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err_note;
struct tokenizer;
struct token_scratch;

#define TOKENIZER_TEXT_BYTES_MAX (16u << 20) /* of one text */

/* Returns owned (tokenizer_free); many threads may use it at once.
 * ERR_NOT_FOUND, ERR_IO, ERR_SYNTAX, ERR_UNSUPPORTED, ERR_TOO_BIG with words;
 * ERR_NOMEM. */
int tokenizer_open(const char *path, struct tokenizer **ret_tokenizer,
    struct err_note *note);
void tokenizer_free(struct tokenizer *tokenizer);

/* One more than the largest number of a token. */
size_t tokenizer_size(const struct tokenizer *tokenizer);
/* "WordPiece", "BPE" or "Unigram". */
const char *tokenizer_model(const struct tokenizer *tokenizer);

/* Room for tokens, which grows, and what one thread remembers of the words it
 * has seen; zeroed at first (tokens_fini).  count is the caller's to reset. */
struct tokens {
	uint32_t *ids;
	size_t count, size;
	struct token_scratch *scratch;
};
void tokens_fini(struct tokens *tokens);

/*
 * Append the tokens of valid UTF-8.  with_special: those that the model wants
 * at begin and end ([CLS], [SEP]) around them.  At most max in all (special
 * ones stay, the text is cut); 0: no limit.  ERR_NOMEM; ERR_TOO_BIG; then some
 * of them may have been appended.
 */
int tokenizer_run(const struct tokenizer *tokenizer, const char *text,
    size_t len, bool with_special, size_t max, struct tokens *tokens);

/* Those special ones that go before a text, or after it: how many, and which,
 * valid as long as the tokenizer. */
size_t tokenizer_around(const struct tokenizer *tokenizer, bool after,
    const uint32_t **ret_ids);

/* The number of a token; ERR_NOT_FOUND. */
int tokenizer_find(const struct tokenizer *tokenizer, const char *token,
    uint32_t *ret_id);
/* The number of the one that stands for what is unknown; ERR_NOT_FOUND. */
int tokenizer_unknown(const struct tokenizer *tokenizer, uint32_t *ret_id);

#endif
