/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokenizer_int: what the files of the tokenizer share.
 *
 * A text passes through normalizers (text to text), pre-tokenizers (text to
 * spans of a text) and the model (a span to tokens).
 */
#ifndef EMBED_TOKENIZER_INT_H
#define EMBED_TOKENIZER_INT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "embed/tokenizer.h"
#include "embed/vocab.h"

#define TOKENIZER_FILE_BYTES_MAX (64u << 20)
#define TOKENIZER_VALUES_MAX 4000000u /* in the file's JSON */
#define TOKENIZER_STEPS_MAX 128u
#define TOKENIZER_NESTED_MAX 8u /* a Sequence in a Sequence */
#define TOKENIZER_SPECIALS_MAX 8u
#define TOKENIZER_WORD_CHARS_MAX 1000u /* of WordPiece */
/* What steps may make of a text. */
#define TOKENIZER_GROWN_BYTES_MAX (128u << 20)

enum norm_kind {
	NORM_BERT,
	NORM_NFC,
	NORM_NFD,
	NORM_NFKC,
	NORM_NFKD,
	NORM_LOWERCASE,
	NORM_STRIP_ACCENTS,
	NORM_REPLACE,
	NORM_SQUEEZE, /* Replace of runs of white space */
	NORM_STRIP,
	NORM_PREPEND,
	NORM_PRECOMPILED
};

struct norm_step {
	enum norm_kind kind;
	bool cleans, spaces_han, strips_accents, lowers; /* BERT */
	bool left, right;				 /* STRIP */
	bool any_space; /* SQUEEZE: all white space, or two blanks and more */
	char *from, *to; /* REPLACE, SQUEEZE, PREPEND; owned */
	size_t from_len, to_len;
	unsigned char ascii[128]; /* BERT: what becomes of each; 0: nothing */
};

enum split_kind {
	SPLIT_BERT,
	SPLIT_WHITESPACE, /* words, and runs of what is neither */
	SPLIT_CLASS,
	SPLIT_LITERAL,
	SPLIT_BYTE_LEVEL,
	SPLIT_METASPACE
};

enum split_behavior {
	SPLIT_REMOVED,
	SPLIT_ISOLATED,
	SPLIT_CONTIGUOUS,
	SPLIT_WITH_PREVIOUS,
	SPLIT_WITH_NEXT
};

enum prepend { PREPEND_NEVER, PREPEND_FIRST, PREPEND_ALWAYS };

/* Classes of characters. */
#define CHAR_SPACE 1u
#define CHAR_PUNCT 2u
#define CHAR_LETTER 4u
#define CHAR_NUMBER 8u
#define CHAR_WORD 16u

struct split_step {
	enum split_kind kind;
	enum split_behavior behavior;
	unsigned classes;     /* CLASS */
	char *text;	      /* LITERAL, METASPACE; owned */
	size_t text_len;
	enum prepend prepend; /* METASPACE, BYTE_LEVEL */
	bool splits;	      /* METASPACE; BYTE_LEVEL: by its pattern */
};

enum model_kind { MODEL_WORDPIECE, MODEL_BPE, MODEL_UNIGRAM };

struct merge {
	uint64_t pair; /* left's id above right's */
	uint32_t rank, id;
};

struct tokenizer {
	uint64_t serial; /* no other one ever has it */
	enum model_kind model;
	struct vocab vocab;
	struct vocab specials; /* by name, for tokenizer_find() */
	struct vocab added;    /* that are found in texts */
	size_t size;
	bool has_unknown;
	uint32_t unknown;

	struct norm_step norms[TOKENIZER_STEPS_MAX];
	size_t norm_count;
	struct split_step splits[TOKENIZER_STEPS_MAX];
	size_t split_count;
	uint32_t before[TOKENIZER_SPECIALS_MAX], after[TOKENIZER_SPECIALS_MAX];
	size_t before_count, after_count;
	unsigned char classes[128]; /* of ASCII */

	/* WordPiece: those that go on a word, without their prefix. */
	struct vocab inner;
	size_t word_chars_max;

	/* BPE */
	struct merge *merges; /* a hash table; rank UINT32_MAX: empty */
	unsigned merge_bits;
	bool fuses_unknown, ignores_merges;

	/* Unigram, by id */
	double *scores;
	double unknown_score;

	/* Both: characters that are unknown become bytes. */
	bool has_bytes;
	uint32_t bytes[256];
};

struct span {
	uint32_t start, len;
};

struct spans {
	struct span *list;
	size_t count, size;
};

/* What a thread keeps between texts. */
#define TOKEN_CACHE_SLOTS 8192u
#define TOKEN_CACHE_BYTES 30u
#define TOKEN_CACHE_IDS 8u

struct cached_word {
	uint8_t len; /* 0: empty */
	uint8_t count;
	char bytes[TOKEN_CACHE_BYTES];
	uint32_t ids[TOKEN_CACHE_IDS];
};

struct token_scratch {
	uint64_t serial; /* whose words are in the cache */
	struct buf text, other, prefixed;
	struct spans spans, other_spans;
	void *work; /* of the model, for one word */
	size_t work_bytes;
	struct cached_word cache[TOKEN_CACHE_SLOTS];
};

/* tokenizer_read.c: fill the tokenizer by the file's JSON. */
int tokenizer_read(struct tokenizer *tokenizer, const json_t *root,
    struct err_note *note);
/* A name that is not understood: ERR_UNSUPPORTED. */
int tokenizer_refuse(struct err_note *note, const char *what,
    const char *name);
/* tokenizer_steps.c: "normalizer" and "pre_tokenizer". */
int norms_read(struct tokenizer *tokenizer, const json_t *value,
    unsigned depth, struct err_note *note);
int splits_read(struct tokenizer *tokenizer, const json_t *value,
    unsigned depth, struct err_note *note);
/* tokenizer_model.c: "model". */
int model_read(struct tokenizer *tokenizer, const json_t *model,
    struct err_note *note);
int merges_read(struct tokenizer *tokenizer, const json_t *merges,
    struct err_note *note);

/* tokenizer_char.c */
unsigned char_classes(uint32_t c);
static inline unsigned
char_classes_of(const struct tokenizer *tokenizer, uint32_t c)
{
	return c < 0x80 ? tokenizer->classes[c] : char_classes(c);
}
/* The character at text and its bytes; U+FFFD and 1 for what is none. */
uint32_t char_at_slow(const char *text, size_t len, size_t *ret_step);
static inline uint32_t
char_at(const char *text, size_t len, size_t *ret_step)
{
	if (((unsigned char)text[0] & 0x80) != 0)
		return char_at_slow(text, len, ret_step);
	*ret_step = 1;
	return (unsigned char)text[0];
}

/* tokenizer_norm.c: normalize text into scratch->text. */
int norms_run(const struct tokenizer *tokenizer, const char *text, size_t len,
    struct token_scratch *scratch);
/* tokenizer_split.c: cut scratch->text (or what becomes of it) into
 * scratch->spans.  is_first: it is where the whole text begins. */
int splits_run(const struct tokenizer *tokenizer, bool is_first,
    struct token_scratch *scratch);
int spans_grow(struct spans *spans);
/* An empty one is left out. */
static inline int
spans_add(struct spans *spans, size_t start, size_t end)
{
	if (start == end)
		return 0;
	if (spans->count == spans->size && spans_grow(spans) < 0)
		return ERR_NOMEM;
	spans->list[spans->count++] = (struct span){
		.start = (uint32_t)start, .len = (uint32_t)(end - start) };
	return 0;
}

/* Append the tokens of one word.  tokenizer_wordpiece.c, _bpe.c, _unigram.c */
int wordpiece_run(const struct tokenizer *tokenizer, const char *word,
    size_t len, struct tokens *tokens);
int bpe_run(const struct tokenizer *tokenizer, const char *word, size_t len,
    struct tokens *tokens);
int unigram_run(const struct tokenizer *tokenizer, const char *word,
    size_t len, struct tokens *tokens);

int tokens_add(struct tokens *tokens, uint32_t id);
/* At least so many bytes of tokens->scratch->work; NULL: no memory. */
void *tokens_work(struct tokens *tokens, size_t count, size_t size);

#endif
