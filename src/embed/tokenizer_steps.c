/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "normalizer" and "pre_tokenizer" of a tokenizer.json: each is one step, none
 * (null), or a Sequence of them.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "embed/tokenizer_int.h"

#define METASPACE "\xE2\x96\x81"

static const char *
type_of(const json_t *value)
{
	const char *type = json_string_value(json_object_get(value, "type"));

	return type == NULL ? "" : type;
}

static bool
flag(const json_t *value, const char *name, bool fallback)
{
	const json_t *member = json_object_get(value, name);

	return json_is_boolean(member) ? json_is_true(member) : fallback;
}

/* A text of the file: owned. */
static int
text_read(const json_t *value, char **ret_text, size_t *ret_len)
{
	if (!json_is_string(value))
		return ERR_SYNTAX;
	if (json_string_length(value) > VOCAB_TOKEN_BYTES_MAX)
		return ERR_TOO_BIG;
	*ret_text = mem_strndup(json_string_value(value),
	    json_string_length(value));
	if (*ret_text == NULL)
		return ERR_NOMEM;
	*ret_len = json_string_length(value);
	return 0;
}

static void
bert_read(struct norm_step *step, const json_t *value)
{
	const json_t *accents = json_object_get(value, "strip_accents");
	unsigned c;

	step->kind = NORM_BERT;
	step->cleans = flag(value, "clean_text", true);
	step->spaces_han = flag(value, "handle_chinese_chars", true);
	step->lowers = flag(value, "lowercase", true);
	step->strips_accents = json_is_boolean(accents) ?
		json_is_true(accents) :
		step->lowers;
	for (c = 0; c < 128; c++) {
		if (c >= 'A' && c <= 'Z' && step->lowers)
			step->ascii[c] = (unsigned char)(c | 0x20);
		else if (c >= 0x20 && c < 0x7F)
			step->ascii[c] = (unsigned char)c;
		else if (!step->cleans)
			step->ascii[c] = (unsigned char)c;
		else if (c == '\t' || c == '\n' || c == '\r')
			step->ascii[c] = ' ';
	}
}

static int
replace_read(struct norm_step *step, const json_t *value,
    struct err_note *note)
{
	const json_t *pattern = json_object_get(value, "pattern");
	const json_t *literal = json_object_get(pattern, "String");
	const char *regex;
	int err;

	err = text_read(json_object_get(value, "content"), &step->to,
	    &step->to_len);
	if (err < 0)
		return err;
	if (literal != NULL) {
		step->kind = NORM_REPLACE;
		err = text_read(literal, &step->from, &step->from_len);
		return err == 0 && step->from_len == 0 ? ERR_SYNTAX : err;
	}
	/* The two expressions that published models have. */
	step->kind = NORM_SQUEEZE;
	regex = json_string_value(json_object_get(pattern, "Regex"));
	if (regex == NULL)
		return ERR_SYNTAX;
	step->any_space = strcmp(regex, "\\s+") == 0;
	if (!step->any_space && strcmp(regex, " {2,}") != 0)
		return tokenizer_refuse(note, "the expression", regex);
	return 0;
}

static int
norm_read(struct tokenizer *tokenizer, const json_t *value,
    struct err_note *note)
{
	static const struct {
		const char *type;
		enum norm_kind kind;
	} plain[] = {
		{ "NFC", NORM_NFC }, { "NFD", NORM_NFD },
		{ "NFKC", NORM_NFKC }, { "NFKD", NORM_NFKD },
		{ "Lowercase", NORM_LOWERCASE },
		{ "StripAccents", NORM_STRIP_ACCENTS },
		{ "Precompiled", NORM_PRECOMPILED },
	};
	struct norm_step *step = &tokenizer->norms[tokenizer->norm_count++];
	const char *type = type_of(value);
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (strcmp(type, plain[i].type) == 0) {
			step->kind = plain[i].kind;
			return 0;
		}
	}
	if (strcmp(type, "BertNormalizer") == 0) {
		bert_read(step, value);
		return 0;
	}
	if (strcmp(type, "Strip") == 0) {
		step->kind = NORM_STRIP;
		step->left = flag(value, "strip_left", true);
		step->right = flag(value, "strip_right", true);
		return 0;
	}
	if (strcmp(type, "Prepend") == 0) {
		step->kind = NORM_PREPEND;
		return text_read(json_object_get(value, "prepend"), &step->to,
		    &step->to_len);
	}
	if (strcmp(type, "Replace") == 0)
		return replace_read(step, value, note);
	return tokenizer_refuse(note, "the normalizer", type);
}

int
norms_read(struct tokenizer *tokenizer, const json_t *value, unsigned depth,
    struct err_note *note)
{
	const json_t *list;
	size_t i;
	int err = 0;

	if (value == NULL || json_is_null(value))
		return 0;
	if (depth == TOKENIZER_NESTED_MAX ||
	    tokenizer->norm_count == TOKENIZER_STEPS_MAX)
		return err_set(note, ERR_TOO_BIG, "too many normalizers");
	if (strcmp(type_of(value), "Sequence") != 0)
		return norm_read(tokenizer, value, note);
	list = json_object_get(value, "normalizers");
	for (i = 0; i < json_array_size(list) && err == 0; i++)
		err = norms_read(tokenizer, json_array_get(list, i),
		    depth + 1, note);
	return err;
}

static int
behavior_read(struct split_step *step, const json_t *value,
    struct err_note *note)
{
	static const struct {
		const char *name;
		enum split_behavior behavior;
	} rows[] = {
		{ "Removed", SPLIT_REMOVED }, { "Isolated", SPLIT_ISOLATED },
		{ "Contiguous", SPLIT_CONTIGUOUS },
		{ "MergedWithPrevious", SPLIT_WITH_PREVIOUS },
		{ "MergedWithNext", SPLIT_WITH_NEXT },
	};
	const char *name = json_string_value(json_object_get(value,
	    "behavior"));
	size_t i;

	step->behavior = SPLIT_ISOLATED;
	for (i = 0; name != NULL && i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(rows[i].name, name) == 0) {
			step->behavior = rows[i].behavior;
			return 0;
		}
	}
	return name == NULL ? 0 :
		tokenizer_refuse(note, "the behaviour", name);
}

static int
literal_read(struct split_step *step, const json_t *value,
    struct err_note *note)
{
	const json_t *pattern = json_object_get(value, "pattern");
	int err;

	step->kind = SPLIT_LITERAL;
	if (json_object_get(pattern, "Regex") != NULL)
		return tokenizer_refuse(note, "the expression",
		    json_string_value(json_object_get(pattern, "Regex")));
	if (flag(value, "invert", false))
		return tokenizer_refuse(note, "the member", "invert");
	err = behavior_read(step, value, note);
	if (err == 0)
		err = text_read(json_object_get(pattern, "String"),
		    &step->text, &step->text_len);
	return err == 0 && step->text_len == 0 ? ERR_SYNTAX : err;
}

static int
metaspace_read(struct split_step *step, const json_t *value,
    struct err_note *note)
{
	const json_t *mark = json_object_get(value, "replacement");
	const char *scheme = json_string_value(json_object_get(value,
	    "prepend_scheme"));

	step->kind = SPLIT_METASPACE;
	step->behavior = SPLIT_WITH_NEXT;
	step->splits = flag(value, "split", true);
	step->prepend = flag(value, "add_prefix_space", true) ?
		PREPEND_ALWAYS :
		PREPEND_NEVER;
	if (scheme != NULL && strcmp(scheme, "first") == 0)
		step->prepend = PREPEND_FIRST;
	else if (scheme != NULL && strcmp(scheme, "never") == 0)
		step->prepend = PREPEND_NEVER;
	else if (scheme != NULL && strcmp(scheme, "always") == 0)
		step->prepend = PREPEND_ALWAYS;
	else if (scheme != NULL)
		return tokenizer_refuse(note, "the prepend_scheme", scheme);
	if (json_string_length(mark) > 0)
		return text_read(mark, &step->text, &step->text_len);
	step->text = mem_strdup(METASPACE);
	step->text_len = sizeof(METASPACE) - 1;
	return step->text == NULL ? ERR_NOMEM : 0;
}

static int
split_read(struct tokenizer *tokenizer, const json_t *value,
    struct err_note *note)
{
	struct split_step *step = &tokenizer->splits[tokenizer->split_count++];
	const char *type = type_of(value);

	if (strcmp(type, "BertPreTokenizer") == 0) {
		step->kind = SPLIT_BERT;
	} else if (strcmp(type, "Whitespace") == 0) {
		step->kind = SPLIT_WHITESPACE;
	} else if (strcmp(type, "WhitespaceSplit") == 0) {
		step->kind = SPLIT_CLASS;
		step->classes = CHAR_SPACE;
		step->behavior = SPLIT_REMOVED;
	} else if (strcmp(type, "Punctuation") == 0) {
		step->kind = SPLIT_CLASS;
		step->classes = CHAR_PUNCT;
		return behavior_read(step, value, note);
	} else if (strcmp(type, "Digits") == 0) {
		step->kind = SPLIT_CLASS;
		step->classes = CHAR_NUMBER;
		step->behavior = flag(value, "individual_digits", false) ?
			SPLIT_ISOLATED :
			SPLIT_CONTIGUOUS;
	} else if (strcmp(type, "ByteLevel") == 0) {
		step->kind = SPLIT_BYTE_LEVEL;
		step->prepend = flag(value, "add_prefix_space", true) ?
			PREPEND_ALWAYS :
			PREPEND_NEVER;
		step->splits = flag(value, "use_regex", true);
	} else if (strcmp(type, "Metaspace") == 0) {
		return metaspace_read(step, value, note);
	} else if (strcmp(type, "Split") == 0) {
		return literal_read(step, value, note);
	} else {
		return tokenizer_refuse(note, "the pre-tokenizer", type);
	}
	return 0;
}

int
splits_read(struct tokenizer *tokenizer, const json_t *value, unsigned depth,
    struct err_note *note)
{
	const json_t *list;
	size_t i;
	int err = 0;

	if (value == NULL || json_is_null(value))
		return 0;
	if (depth == TOKENIZER_NESTED_MAX ||
	    tokenizer->split_count == TOKENIZER_STEPS_MAX)
		return err_set(note, ERR_TOO_BIG, "too many pre-tokenizers");
	if (strcmp(type_of(value), "Sequence") != 0)
		return split_read(tokenizer, value, note);
	list = json_object_get(value, "pretokenizers");
	for (i = 0; i < json_array_size(list) && err == 0; i++)
		err = splits_read(tokenizer, json_array_get(list, i),
		    depth + 1, note);
	return err;
}
