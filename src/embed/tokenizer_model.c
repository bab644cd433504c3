/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "model" of a tokenizer.json: the vocabulary, and what its kind needs.
 */
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/tokenizer_int.h"

/* What SentencePiece takes off the worst score for an unknown character. */
#define UNKNOWN_PENALTY 10.0

static int
id_check(struct tokenizer *tokenizer, json_int_t id, struct err_note *note)
{
	if (id < 0 || id >= (json_int_t)VOCAB_COUNT_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "a token has a number over %u", VOCAB_COUNT_MAX);
	if ((size_t)id >= tokenizer->size)
		tokenizer->size = (size_t)id + 1;
	return 0;
}

static int
token_refuse(int err, const char *token, struct err_note *note)
{
	if (err == ERR_EXISTS)
		return err_set(note, ERR_SYNTAX,
		    "the token \"%.40s\" is there twice", token);
	if (err == ERR_TOO_BIG)
		return err_set(note, err,
		    "the token \"%.40s\" is too long, or one too many",
		    token);
	return err;
}

/* {"token": number, ...} */
static int
vocab_read(struct tokenizer *tokenizer, const json_t *list,
    struct err_note *note)
{
	const char *token;
	json_t *id;
	int err;

	if (!json_is_object(list))
		return err_set(note, ERR_SYNTAX, "there is no vocabulary");
	json_object_foreach ((json_t *)(uintptr_t)list, token, id) {
		if (!json_is_integer(id))
			return err_set(note, ERR_SYNTAX,
			    "the token \"%.40s\" has no number", token);
		err = id_check(tokenizer, json_integer_value(id), note);
		if (err < 0)
			return err;
		err = vocab_add(&tokenizer->vocab, token, strlen(token),
		    (uint32_t)json_integer_value(id));
		if (err < 0)
			return token_refuse(err, token, note);
	}
	return 0;
}

/* Where the vocabulary has a token for each byte. */
static int
bytes_read(struct tokenizer *tokenizer, const json_t *model)
{
	char name[8];
	unsigned byte;

	if (!json_is_true(json_object_get(model, "byte_fallback")))
		return 0;
	for (byte = 0; byte < 256; byte++) {
		(void)snprintf(name, sizeof(name), "<0x%02X>", byte);
		if (!vocab_get(&tokenizer->vocab, name, strlen(name),
			&tokenizer->bytes[byte]))
			return 0;
	}
	tokenizer->has_bytes = true;
	return 0;
}

static int
unknown_read(struct tokenizer *tokenizer, const json_t *model,
    struct err_note *note)
{
	const json_t *token = json_object_get(model, "unk_token");

	if (!json_is_string(token))
		return 0;
	if (!vocab_get(&tokenizer->vocab, json_string_value(token),
		json_string_length(token), &tokenizer->unknown))
		return err_set(note, ERR_SYNTAX,
		    "the unk_token is not in the vocabulary");
	tokenizer->has_unknown = true;
	return 0;
}

static int
wordpiece_read(struct tokenizer *tokenizer, const json_t *model,
    struct err_note *note)
{
	const json_t *chars = json_object_get(model,
	    "max_input_chars_per_word");
	const json_t *given = json_object_get(model,
	    "continuing_subword_prefix");
	const char *prefix = json_is_string(given) ?
		json_string_value(given) :
		"##";
	size_t prefix_len = strlen(prefix), i;
	const struct vocab_entry *entry;
	const char *token;
	int err;

	tokenizer->model = MODEL_WORDPIECE;
	err = vocab_read(tokenizer, json_object_get(model, "vocab"), note);
	if (err == 0)
		err = unknown_read(tokenizer, model, note);
	for (i = 0; i < tokenizer->vocab.count && err == 0; i++) {
		entry = &tokenizer->vocab.list[i];
		token = tokenizer->vocab.bytes + entry->at;
		if (entry->len > prefix_len &&
		    memcmp(token, prefix, prefix_len) == 0)
			err = vocab_add(&tokenizer->inner, token + prefix_len,
			    entry->len - prefix_len, entry->id);
	}
	tokenizer->word_chars_max = json_is_integer(chars) ?
		(size_t)json_integer_value(chars) :
		100;
	if (err == 0 && (tokenizer->word_chars_max == 0 ||
			    tokenizer->word_chars_max >
				TOKENIZER_WORD_CHARS_MAX))
		err = err_set(note, ERR_TOO_BIG,
		    "max_input_chars_per_word is over %u",
		    TOKENIZER_WORD_CHARS_MAX);
	return err;
}

static int
bpe_read(struct tokenizer *tokenizer, const json_t *model,
    struct err_note *note)
{
	static const char *const members[] = { "continuing_subword_prefix",
		"end_of_word_suffix" };
	const json_t *dropout = json_object_get(model, "dropout");
	size_t i;
	int err;

	tokenizer->model = MODEL_BPE;
	for (i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (json_string_length(json_object_get(model, members[i])) > 0)
			return tokenizer_refuse(note, "the member",
			    members[i]);
	}
	if (json_is_number(dropout) && json_number_value(dropout) > 0)
		return tokenizer_refuse(note, "the member", "dropout");
	tokenizer->fuses_unknown =
	    json_is_true(json_object_get(model, "fuse_unk"));
	tokenizer->ignores_merges =
	    json_is_true(json_object_get(model, "ignore_merges"));
	err = vocab_read(tokenizer, json_object_get(model, "vocab"), note);
	if (err == 0)
		err = unknown_read(tokenizer, model, note);
	if (err == 0)
		err = bytes_read(tokenizer, model);
	if (err == 0)
		err = merges_read(tokenizer, json_object_get(model, "merges"),
		    note);
	return err;
}

/* [["token", score], ...]; the place is the number. */
static int
unigram_read(struct tokenizer *tokenizer, const json_t *model,
    struct err_note *note)
{
	const json_t *list = json_object_get(model, "vocab"), *pair, *token;
	const json_t *unknown = json_object_get(model, "unk_id");
	size_t count = json_array_size(list), i;
	double worst = 0, score;
	int err = 0;

	tokenizer->model = MODEL_UNIGRAM;
	if (count == 0 || count > VOCAB_COUNT_MAX)
		return err_set(note, ERR_SYNTAX, "there is no vocabulary");
	tokenizer->size = count;
	tokenizer->scores = mem_array(count, sizeof(*tokenizer->scores));
	if (tokenizer->scores == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++) {
		pair = json_array_get(list, i);
		token = json_array_get(pair, 0);
		score = json_number_value(json_array_get(pair, 1));
		if (!json_is_string(token) || !isfinite(score) ||
		    !json_is_number(json_array_get(pair, 1)))
			return err_set(note, ERR_SYNTAX,
			    "token %zu is none", i);
		tokenizer->scores[i] = score;
		if (score < worst)
			worst = score;
		err = vocab_add(&tokenizer->vocab, json_string_value(token),
		    json_string_length(token), (uint32_t)i);
		/* Some files have a token twice; the first one counts. */
		if (err < 0 && err != ERR_EXISTS)
			return token_refuse(err, json_string_value(token),
			    note);
	}
	tokenizer->unknown_score = worst - UNKNOWN_PENALTY;
	if (json_is_integer(unknown)) {
		if (json_integer_value(unknown) < 0 ||
		    (size_t)json_integer_value(unknown) >= count)
			return err_set(note, ERR_SYNTAX,
			    "the unk_id is not in the vocabulary");
		tokenizer->unknown = (uint32_t)json_integer_value(unknown);
		tokenizer->has_unknown = true;
	}
	return bytes_read(tokenizer, model);
}

int
model_read(struct tokenizer *tokenizer, const json_t *model,
    struct err_note *note)
{
	const char *type = json_string_value(json_object_get(model, "type"));

	if (type == NULL)
		return err_set(note, ERR_SYNTAX, "there is no model");
	if (strcmp(type, "WordPiece") == 0)
		return wordpiece_read(tokenizer, model, note);
	if (strcmp(type, "BPE") == 0)
		return bpe_read(tokenizer, model, note);
	if (strcmp(type, "Unigram") == 0)
		return unigram_read(tokenizer, model, note);
	return tokenizer_refuse(note, "the model", type);
}
