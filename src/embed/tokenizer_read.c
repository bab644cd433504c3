/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of a tokenizer.json: its parts, tokens that were added to the
 * vocabulary, and what is put around a text.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/tokenizer_int.h"

int
tokenizer_refuse(struct err_note *note, const char *what, const char *name)
{
	return err_set(note, ERR_UNSUPPORTED,
	    "%s \"%.80s\" is not understood", what, name == NULL ? "" : name);
}

static bool
is_set(const json_t *value, const char *name)
{
	return json_is_true(json_object_get(value, name));
}

static int
added_read(struct tokenizer *tokenizer, const json_t *value,
    struct err_note *note)
{
	const json_t *text = json_object_get(value, "content");
	const json_t *id = json_object_get(value, "id");
	size_t len = json_string_length(text);
	int err;

	if (len == 0 || !json_is_integer(id) || json_integer_value(id) < 0 ||
	    json_integer_value(id) >= (json_int_t)VOCAB_COUNT_MAX)
		return err_set(note, ERR_SYNTAX, "an added token is none");
	if ((size_t)json_integer_value(id) >= tokenizer->size)
		tokenizer->size = (size_t)json_integer_value(id) + 1;
	if (is_set(value, "special")) {
		err = vocab_add(&tokenizer->specials, json_string_value(text),
		    len, (uint32_t)json_integer_value(id));
		return err == ERR_EXISTS ? 0 : err;
	}
	/* Those are looked for before all steps, and nowhere else. */
	if (is_set(value, "lstrip") || is_set(value, "rstrip") ||
	    is_set(value, "single_word") ||
	    (is_set(value, "normalized") && tokenizer->norm_count > 0))
		return tokenizer_refuse(note, "the added token",
		    json_string_value(text));
	err = vocab_add(&tokenizer->added, json_string_value(text), len,
	    (uint32_t)json_integer_value(id));
	return err == ERR_EXISTS ? 0 : err;
}

static int
around_add(struct tokenizer *tokenizer, bool is_before, const json_t *id,
    struct err_note *note)
{
	uint32_t *list = is_before ? tokenizer->before : tokenizer->after;
	size_t *count = is_before ? &tokenizer->before_count :
				    &tokenizer->after_count;

	if (!json_is_integer(id) || json_integer_value(id) < 0 ||
	    (size_t)json_integer_value(id) >= tokenizer->size)
		return err_set(note, ERR_SYNTAX,
		    "a token of the post-processor is none");
	if (*count == TOKENIZER_SPECIALS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the post-processor has too many tokens");
	list[(*count)++] = (uint32_t)json_integer_value(id);
	return 0;
}

/* {"single": [{"SpecialToken": {"id": "[CLS]"}}, {"Sequence": ...}, ...]} */
static int
template_read(struct tokenizer *tokenizer, const json_t *value,
    struct err_note *note)
{
	const json_t *single = json_object_get(value, "single");
	const json_t *table = json_object_get(value, "special_tokens");
	const json_t *piece, *special, *ids;
	const char *name;
	bool is_before = true;
	size_t i, nth;
	int err = 0;

	if (!json_is_array(single))
		return err_set(note, ERR_SYNTAX,
		    "the post-processor has no template");
	for (i = 0; i < json_array_size(single); i++) {
		piece = json_array_get(single, i);
		if (json_object_get(piece, "Sequence") != NULL) {
			is_before = false;
			continue;
		}
		special = json_object_get(piece, "SpecialToken");
		name = json_string_value(json_object_get(special, "id"));
		ids = name == NULL ? NULL :
			json_object_get(json_object_get(table, name), "ids");
		if (json_array_size(ids) == 0)
			return err_set(note, ERR_SYNTAX,
			    "the post-processor's template has no tokens");
		for (nth = 0; nth < json_array_size(ids) && err == 0; nth++)
			err = around_add(tokenizer, is_before,
			    json_array_get(ids, nth), note);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
posts_read(struct tokenizer *tokenizer, const json_t *value, unsigned depth,
    struct err_note *note)
{
	const char *type = json_string_value(json_object_get(value, "type"));
	const json_t *list;
	size_t i;
	int err = 0;

	if (value == NULL || json_is_null(value))
		return 0;
	if (type == NULL || depth == TOKENIZER_NESTED_MAX)
		return err_set(note, ERR_SYNTAX, "the post-processor is none");
	if (strcmp(type, "ByteLevel") == 0)
		return 0;
	if (strcmp(type, "TemplateProcessing") == 0)
		return template_read(tokenizer, value, note);
	if (strcmp(type, "Sequence") == 0) {
		list = json_object_get(value, "processors");
		for (i = 0; i < json_array_size(list) && err == 0; i++)
			err = posts_read(tokenizer, json_array_get(list, i),
			    depth + 1, note);
		return err;
	}
	if (strcmp(type, "BertProcessing") != 0 &&
	    strcmp(type, "RobertaProcessing") != 0)
		return tokenizer_refuse(note, "the post-processor", type);
	err = around_add(tokenizer, true,
	    json_array_get(json_object_get(value, "cls"), 1), note);
	if (err == 0)
		err = around_add(tokenizer, false,
		    json_array_get(json_object_get(value, "sep"), 1), note);
	return err;
}

int
tokenizer_read(struct tokenizer *tokenizer, const json_t *root,
    struct err_note *note)
{
	const json_t *added = json_object_get(root, "added_tokens");
	size_t i;
	int err;

	err = model_read(tokenizer, json_object_get(root, "model"), note);
	if (err == 0)
		err = norms_read(tokenizer, json_object_get(root,
			"normalizer"), 0, note);
	if (err == 0)
		err = splits_read(tokenizer, json_object_get(root,
			"pre_tokenizer"), 0, note);
	for (i = 0; i < json_array_size(added) && err == 0; i++)
		err = added_read(tokenizer, json_array_get(added, i), note);
	if (err == 0)
		err = posts_read(tokenizer, json_object_get(root,
			"post_processor"), 0, note);
	return err;
}
