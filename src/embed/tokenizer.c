/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tokenizer does not change once it is open.  What a thread needs beside it
 * is in its struct tokens: buffers, and the tokens of words that it has seen.
 * Most words of a text are among the last some thousand, and a word's tokens
 * depend on nothing but the word.
 */
#include <stdatomic.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/tokenizer_int.h"
#include "sys/fs.h"

static atomic_ullong serial_last;

/* What would need far more memory than it has bytes is refused before the
 * parser makes it. */
static bool
is_crowded(const char *json, size_t len)
{
	size_t values = 0, i;
	bool is_string = false;

	for (i = 0; i < len; i++) {
		if (json[i] == '"')
			is_string = !is_string;
		else if (json[i] == '\\' && is_string)
			i++;
		else if (!is_string)
			values += json[i] == ',' || json[i] == '[' ||
			    json[i] == '{';
	}
	return values > TOKENIZER_VALUES_MAX;
}

static int
json_open(const char *path, json_t **ret_root, struct err_note *note)
{
	json_error_t error;
	struct buf text;
	int err;

	buf_init(&text, TOKENIZER_FILE_BYTES_MAX);
	err = fs_read_plain_file(path, &text, note);
	if (err < 0)
		goto out;
	if (is_crowded(buf_text(&text), text.len)) {
		err = err_set(note, ERR_TOO_BIG, "there are over %u values",
		    TOKENIZER_VALUES_MAX);
		goto out;
	}
	*ret_root = json_loadb(buf_text(&text), text.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (*ret_root == NULL)
		err = err_set(note, ERR_SYNTAX, "line %d: %.120s", error.line,
		    error.text);
out:
	buf_fini(&text);
	return err;
}

int
tokenizer_open(const char *path, struct tokenizer **ret_tokenizer,
    struct err_note *note)
{
	struct tokenizer *tokenizer;
	json_t *root = NULL;
	unsigned c;
	int err;

	tokenizer = mem_zalloc(sizeof(*tokenizer));
	if (tokenizer == NULL)
		return ERR_NOMEM;
	tokenizer->serial = atomic_fetch_add(&serial_last, 1) + 1;
	for (c = 0; c < 128; c++)
		tokenizer->classes[c] = (unsigned char)char_classes(c);
	err = json_open(path, &root, note);
	if (err == 0)
		err = tokenizer_read(tokenizer, root, note);
	json_decref(root);
	if (err < 0) {
		if (note != NULL && err != ERR_NOMEM)
			err_wrap(note, "%.150s", path);
		tokenizer_free(tokenizer);
		return err;
	}
	*ret_tokenizer = tokenizer;
	return 0;
}

void
tokenizer_free(struct tokenizer *tokenizer)
{
	size_t i;

	if (tokenizer == NULL)
		return;
	for (i = 0; i < tokenizer->norm_count; i++) {
		mem_free(tokenizer->norms[i].from);
		mem_free(tokenizer->norms[i].to);
	}
	for (i = 0; i < tokenizer->split_count; i++)
		mem_free(tokenizer->splits[i].text);
	vocab_fini(&tokenizer->vocab);
	vocab_fini(&tokenizer->specials);
	vocab_fini(&tokenizer->added);
	vocab_fini(&tokenizer->inner);
	mem_free(tokenizer->merges);
	mem_free(tokenizer->scores);
	mem_free(tokenizer);
}

size_t
tokenizer_size(const struct tokenizer *tokenizer)
{
	return tokenizer->size;
}

const char *
tokenizer_model(const struct tokenizer *tokenizer)
{
	switch (tokenizer->model) {
	case MODEL_WORDPIECE:
		return "WordPiece";
	case MODEL_BPE:
		return "BPE";
	case MODEL_UNIGRAM:
		return "Unigram";
	}
	return "";
}

size_t
tokenizer_around(const struct tokenizer *tokenizer, bool after,
    const uint32_t **ret_ids)
{
	*ret_ids = after ? tokenizer->after : tokenizer->before;
	return after ? tokenizer->after_count : tokenizer->before_count;
}

int
tokenizer_find(const struct tokenizer *tokenizer, const char *token,
    uint32_t *ret_id)
{
	size_t len = strlen(token);

	return vocab_get(&tokenizer->specials, token, len, ret_id) ||
		vocab_get(&tokenizer->added, token, len, ret_id) ||
		vocab_get(&tokenizer->vocab, token, len, ret_id) ?
		0 :
		ERR_NOT_FOUND;
}

int
tokenizer_unknown(const struct tokenizer *tokenizer, uint32_t *ret_id)
{
	if (!tokenizer->has_unknown)
		return ERR_NOT_FOUND;
	*ret_id = tokenizer->unknown;
	return 0;
}

int
tokens_add(struct tokens *tokens, uint32_t id)
{
	uint32_t *ids;
	size_t size;

	if (tokens->count == tokens->size) {
		size = tokens->size == 0 ? 256 : 2 * tokens->size;
		ids = mem_resize(tokens->ids, size, sizeof(*ids));
		if (ids == NULL)
			return ERR_NOMEM;
		tokens->ids = ids;
		tokens->size = size;
	}
	tokens->ids[tokens->count++] = id;
	return 0;
}

void *
tokens_work(struct tokens *tokens, size_t count, size_t size)
{
	struct token_scratch *scratch = tokens->scratch;
	void *work;

	if (scratch->work_bytes / size < count) {
		work = mem_array(count, size);
		if (work == NULL)
			return NULL;
		mem_free(scratch->work);
		scratch->work = work;
		scratch->work_bytes = count * size;
	}
	return scratch->work;
}

void
tokens_fini(struct tokens *tokens)
{
	if (tokens->scratch != NULL) {
		buf_fini(&tokens->scratch->text);
		buf_fini(&tokens->scratch->other);
		buf_fini(&tokens->scratch->prefixed);
		mem_free(tokens->scratch->spans.list);
		mem_free(tokens->scratch->other_spans.list);
		mem_free(tokens->scratch->work);
		mem_free(tokens->scratch);
	}
	mem_free(tokens->ids);
	*tokens = (struct tokens){ .ids = NULL };
}

static int
scratch_make(const struct tokenizer *tokenizer, struct tokens *tokens)
{
	struct token_scratch *scratch = tokens->scratch;

	if (scratch == NULL) {
		scratch = mem_zalloc(sizeof(*scratch));
		if (scratch == NULL)
			return ERR_NOMEM;
		buf_init(&scratch->text, TOKENIZER_GROWN_BYTES_MAX);
		buf_init(&scratch->other, TOKENIZER_GROWN_BYTES_MAX);
		buf_init(&scratch->prefixed, TOKENIZER_GROWN_BYTES_MAX);
		tokens->scratch = scratch;
	}
	if (scratch->serial != tokenizer->serial) {
		memset(scratch->cache, 0, sizeof(scratch->cache));
		scratch->serial = tokenizer->serial;
	}
	return 0;
}

static int
model_run(const struct tokenizer *tokenizer, const char *word, size_t len,
    struct tokens *tokens)
{
	switch (tokenizer->model) {
	case MODEL_WORDPIECE:
		return wordpiece_run(tokenizer, word, len, tokens);
	case MODEL_BPE:
		return bpe_run(tokenizer, word, len, tokens);
	case MODEL_UNIGRAM:
		return unigram_run(tokenizer, word, len, tokens);
	}
	return ERR_INTERNAL;
}

/* The tokens of a word, out of the cache where it is there. */
static int
word_run(const struct tokenizer *tokenizer, const char *word, size_t len,
    struct tokens *tokens)
{
	struct cached_word *cached;
	size_t count = tokens->count, i;
	int err = 0;

	if (len > TOKEN_CACHE_BYTES)
		return model_run(tokenizer, word, len, tokens);
	cached = &tokens->scratch->cache[XXH3_64bits(word, len) %
	    TOKEN_CACHE_SLOTS];
	if (cached->len == len && memcmp(cached->bytes, word, len) == 0) {
		for (i = 0; i < cached->count && err == 0; i++)
			err = tokens_add(tokens, cached->ids[i]);
		return err;
	}
	err = model_run(tokenizer, word, len, tokens);
	if (err == 0 && tokens->count - count <= TOKEN_CACHE_IDS) {
		cached->len = (uint8_t)len;
		cached->count = (uint8_t)(tokens->count - count);
		memcpy(cached->bytes, word, len);
		for (i = 0; i < cached->count; i++)
			cached->ids[i] = tokens->ids[count + i];
	}
	return err;
}

/* Text without added tokens, until there are count_max. */
static int
text_run(const struct tokenizer *tokenizer, const char *text, size_t len,
    bool is_first, size_t count_max, struct tokens *tokens)
{
	struct token_scratch *scratch = tokens->scratch;
	const struct span *span;
	size_t i;
	int err;

	if (len == 0)
		return 0;
	err = norms_run(tokenizer, text, len, scratch);
	if (err == 0)
		err = splits_run(tokenizer, is_first, scratch);
	for (i = 0; err == 0 && i < scratch->spans.count &&
	    tokens->count < count_max; i++) {
		span = &scratch->spans.list[i];
		err = word_run(tokenizer, scratch->text.data + span->start,
		    span->len, tokens);
	}
	return err;
}

/* The bytes of the longest added token at text; 0: none is there. */
static size_t
added_at(const struct tokenizer *tokenizer, const char *text, size_t len,
    uint32_t *ret_id)
{
	uint64_t hash = VOCAB_HASH;
	size_t found = 0, i;

	if (len > tokenizer->added.len_max)
		len = tokenizer->added.len_max;
	for (i = 0; i < len; i++) {
		hash = vocab_hash(hash, text[i]);
		if (vocab_find(&tokenizer->added, hash, text, i + 1, ret_id))
			found = i + 1;
	}
	return found;
}

static int
pieces_run(const struct tokenizer *tokenizer, const char *text, size_t len,
    size_t count_max, struct tokens *tokens)
{
	size_t from = 0, at = 0, found;
	uint32_t id = 0;
	int err = 0;

	while (tokenizer->added.count > 0 && at < len && err == 0 &&
	    tokens->count < count_max) {
		found = added_at(tokenizer, text + at, len - at, &id);
		if (found == 0) {
			at++;
			continue;
		}
		err = text_run(tokenizer, text + from, at - from, from == 0,
		    count_max, tokens);
		if (err == 0)
			err = tokens_add(tokens, id);
		from = at += found;
	}
	if (err == 0 && tokens->count < count_max)
		err = text_run(tokenizer, text + from, len - from, from == 0,
		    count_max, tokens);
	return err;
}

int
tokenizer_run(const struct tokenizer *tokenizer, const char *text, size_t len,
    bool with_special, size_t max, struct tokens *tokens)
{
	size_t around = with_special ?
		tokenizer->before_count + tokenizer->after_count :
		0;
	size_t i, count_max = SIZE_MAX;
	int err;

	if (len > TOKENIZER_TEXT_BYTES_MAX)
		return ERR_TOO_BIG;
	err = scratch_make(tokenizer, tokens);
	for (i = 0; with_special && i < tokenizer->before_count && err == 0;
	    i++)
		err = tokens_add(tokens, tokenizer->before[i]);
	if (max > 0)
		count_max = tokens->count + (max > around ? max - around : 0);
	if (err == 0)
		err = pieces_run(tokenizer, text, len, count_max, tokens);
	/* The last word may have brought more than there is room for. */
	if (tokens->count > count_max)
		tokens->count = count_max;
	for (i = 0; with_special && i < tokenizer->after_count && err == 0;
	    i++)
		err = tokens_add(tokens, tokenizer->after[i]);
	return err;
}
