/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers are checked here, before the document is taken.  The original
 * does that in its worker, so that a rule out of range is a 200 and, some
 * polls later, a document in error; its words are kept.
 */
#include <stdint.h>
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_rule.h"
#include "base/err.h"
#include "base/utf8.h"
#include "text/chunk.h"

#define CHARS_MIN 50
#define CHARS_MAX 4000
#define SUBCHUNK_DEFAULT "\n"
/* What the automatic mode stands for. */
#define AUTOMATIC_CHARS 500
#define AUTOMATIC_OVERLAP 50

#define SPACES "remove_extra_spaces"
#define ADDRESSES "remove_urls_emails"
#define STOPWORDS "remove_stopwords"

static const char *const modes[] = {"automatic", "custom", "hierarchical",
    NULL};
static const char *const parent_modes[] = {"paragraph", "full-doc", NULL};
static const char *const step_ids[] = {SPACES, ADDRESSES, STOPWORDS, NULL};

static const struct dify_field step_fields[] = {
    {.name = "id", .type = DIFY_TEXT, .is_required = true,
	.words = step_ids},
    {.name = "enabled", .type = DIFY_BOOL, .is_required = true},
};
static const struct dify_form step_form = DIFY_FORM("PreProcessingRule",
    step_fields);

static const struct dify_field cut_fields[] = {
    {.name = "separator", .type = DIFY_TEXT},
    {.name = "delimiter", .type = DIFY_TEXT},
    {.name = "max_tokens", .type = DIFY_INTEGER},
    {.name = "chunk_overlap", .type = DIFY_INTEGER},
};
static const struct dify_form cut_form = DIFY_FORM("Segmentation",
    cut_fields);

static const struct dify_field rules_fields[] = {
    {.name = "pre_processing_rules", .type = DIFY_OBJECTS, .of = &step_form,
	.has_range = true, .max = 64},
    {.name = "segmentation", .type = DIFY_OBJECT, .of = &cut_form},
    {.name = "parent_mode", .type = DIFY_TEXT, .words = parent_modes},
    {.name = "subchunk_segmentation", .type = DIFY_OBJECT,
	.of = &cut_form},
};
static const struct dify_form rules_form = DIFY_FORM("Rule", rules_fields);

static const struct dify_field rule_fields[] = {
    {.name = "mode", .type = DIFY_TEXT, .is_required = true,
	.words = modes},
    {.name = "rules", .type = DIFY_OBJECT, .of = &rules_form},
};
const struct dify_form dify_process_rule_form = DIFY_FORM("ProcessRule",
    rule_fields);

/* ---- separators --------------------------------------------------------- */

/* The value of count hexadecimal digits; UTF8_BAD when they are none. */
static uint32_t
hex_value(const char *text, unsigned count)
{
	uint32_t value = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (uint32_t)(c - 'A') + 10;
		else
			return UTF8_BAD;
	}
	return value;
}

static bool
is_scalar(uint32_t c)
{
	return c != 0 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

/*
 * The escape at text, which begins with a backslash: the code point that it
 * stands for and how many bytes it takes; 0 when it is none and stays.
 */
static uint32_t
escape_value(const char *text, size_t *ret_len)
{
	static const char letters[] = "ntrfvb\\'\"";
	static const char values[] = "\n\t\r\f\v\b\\'\"";
	const char *letter;
	unsigned digits = text[1] == 'x' ? 2 : text[1] == 'u' ? 4 : 0;
	uint32_t c;

	if (text[1] == 'U')
		digits = 8;
	*ret_len = 2;
	if (digits > 0) {
		/* A short text ends in a zero, which is no digit. */
		c = hex_value(text + 2, digits);
		*ret_len = 2 + digits;
		return is_scalar(c) ? c : 0;
	}
	letter = text[1] == '\0' ? NULL : strchr(letters, text[1]);
	return letter == NULL ? 0 : (uint32_t)values[letter - letters];
}

int
dify_separator(const char *text, char *out, size_t size)
{
	size_t used = 0, taken;
	char piece[4];
	uint32_t c;

	while (*text != '\0') {
		c = *text == '\\' ? escape_value(text, &taken) : 0;
		if (c == 0) {
			piece[0] = *text;
			taken = 1;
			if (used + 1 >= size)
				return ERR_TOO_BIG;
			out[used++] = piece[0];
		} else {
			size_t len = utf8_encode(c, piece);

			if (used + len >= size)
				return ERR_TOO_BIG;
			memcpy(out + used, piece, len);
			used += len;
		}
		text += taken;
	}
	out[used] = '\0';
	return 0;
}

/* ---- reading ------------------------------------------------------------ */

static int
take(json_t *json, json_t **ret_json)
{
	if (json == NULL)
		return ERR_NOMEM;
	*ret_json = json;
	return 0;
}

static json_t *
find_step(const json_t *steps, const char *id)
{
	json_t *step;
	const char *name;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		name = dify_text(step, "id");
		if (name != NULL && strcmp(name, id) == 0)
			return step;
	}
	return NULL;
}

/* Duplicates: the last one wins, at the place of the first. */
static int
read_steps(const json_t *wire, json_t **ret_steps)
{
	json_t *steps = json_array(), *step, *kept;
	const char *id;
	size_t i;

	json_array_foreach(wire, i, step)
	{
		id = dify_text(step, "id");
		if (id == NULL)
			continue;
		kept = find_step(steps, id);
		if (kept == NULL) {
			kept = json_pack("{s:s}", "id", id);
			(void)json_array_append_new(steps, kept);
		}
		if (json_object_set_new(kept, "enabled",
			json_boolean(dify_bool(step, "enabled", false))) < 0) {
			json_decref(steps);
			return ERR_NOMEM;
		}
	}
	return take(steps, ret_steps);
}

static const char *
separator_of(const json_t *cut)
{
	const char *text = dify_text(cut, "separator");

	if (text == NULL)
		text = dify_text(cut, "delimiter");
	return text == NULL ? SUBCHUNK_DEFAULT : text;
}

static int
check_separator(const char *text, struct err_note *note)
{
	char meant[CHUNK_SEPARATOR_BYTES_MAX + 1];

	if (text[0] == '\0')
		return err_set(note, ERR_INVALID,
		    "Process rule segmentation separator is required");
	if (dify_separator(text, meant, sizeof(meant)) < 0)
		return err_set(note, ERR_INVALID,
		    "Process rule segmentation separator is invalid: it has "
		    "more than %u bytes", CHUNK_SEPARATOR_BYTES_MAX);
	return 0;
}

/* has_size: without one (a whole document is not cut) numbers do not count. */
static int
read_cut(const json_t *wire, bool has_size, json_t **ret_cut,
    struct err_note *note)
{
	const char *separator = separator_of(wire);
	int64_t chars = dify_integer(wire, "max_tokens", 0);
	int64_t overlap = dify_integer(wire, "chunk_overlap", 0);
	int err;

	err = check_separator(separator, note);
	if (err < 0)
		return err;
	if (has_size && chars == 0)
		return err_set(note, ERR_INVALID,
		    "Process rule segmentation max_tokens is required");
	if (has_size && (chars < CHARS_MIN || chars > CHARS_MAX))
		return err_set(note, ERR_INVALID,
		    "Custom segment length should be between %d and %d.",
		    CHARS_MIN, CHARS_MAX);
	if (has_size && overlap < 0)
		return err_set(note, ERR_INVALID,
		    "Process rule segmentation chunk_overlap is invalid");
	if (has_size && overlap > chars)
		return err_set(note, ERR_INVALID,
		    "Got a larger chunk overlap (%lld) than chunk size "
		    "(%lld), should be smaller.",
		    (long long)overlap, (long long)chars);
	return take(json_pack("{s:s, s:I, s:I}", "separator", separator,
	    "max_tokens", (json_int_t)chars,
	    "chunk_overlap", (json_int_t)overlap), ret_cut);
}

/* A whole document is the parent in this mode alone. */
static bool
has_whole_parents(const char *mode, const char *parent_mode)
{
	return strcmp(mode, "hierarchical") == 0 && parent_mode != NULL &&
	    strcmp(parent_mode, "full-doc") == 0;
}

static int
read_rules(const char *mode, const json_t *wire, json_t **ret_rules,
    struct err_note *note)
{
	bool is_hierarchical = strcmp(mode, "hierarchical") == 0;
	const char *parent_mode = dify_text(wire, "parent_mode");
	const json_t *given = json_object_get(wire, "pre_processing_rules");
	const json_t *cut = dify_object(wire, "segmentation");
	const json_t *child = dify_object(wire, "subchunk_segmentation");
	json_t *steps = NULL, *parent_cut = NULL, *child_cut = NULL, *rules;
	int err;

	if (wire == NULL)
		return err_set(note, ERR_INVALID,
		    "Process rule rules is required");
	if (!json_is_array(given))
		return err_set(note, ERR_INVALID,
		    "Process rule pre_processing_rules is required");
	if (cut == NULL)
		return err_set(note, ERR_INVALID,
		    "Process rule segmentation is required");
	if (is_hierarchical && parent_mode == NULL)
		parent_mode = "paragraph";
	err = read_cut(cut, !has_whole_parents(mode, parent_mode),
	    &parent_cut, note);
	if (err == 0 && child != NULL)
		err = read_cut(child, true, &child_cut, note);
	if (err == 0)
		err = read_steps(given, &steps);
	if (err == 0) {
		rules = json_pack("{s:O, s:O, s:s?, s:O?}",
		    "pre_processing_rules", steps, "segmentation",
		    parent_cut, "parent_mode", parent_mode,
		    "subchunk_segmentation", child_cut);
		err = take(rules, ret_rules);
	}
	json_decref(steps);
	json_decref(parent_cut);
	json_decref(child_cut);
	return err;
}

static json_t *
plain_rules(int chars)
{
	return json_pack("{s:[{s:s, s:b}, {s:s, s:b}], s:{s:s, s:i, s:i}}",
	    "pre_processing_rules", "id", SPACES, "enabled", 1,
	    "id", ADDRESSES, "enabled", 0, "segmentation", "delimiter", "\n",
	    "max_tokens", chars, "chunk_overlap", AUTOMATIC_OVERLAP);
}

int
dify_rule_read(const json_t *wire, json_t **ret_rule, struct err_note *note)
{
	const char *mode = "automatic";
	json_t *rules = NULL;
	int err;

	if (wire != NULL && !json_is_null(wire)) {
		mode = dify_text(wire, "mode");
		if (mode == NULL || mode[0] == '\0')
			return err_set(note, ERR_INVALID,
			    "Process rule mode is required");
	}
	if (strcmp(mode, "automatic") == 0)
		err = take(plain_rules(AUTOMATIC_CHARS), &rules);
	else if (strcmp(mode, "custom") == 0 ||
	    strcmp(mode, "hierarchical") == 0)
		err = read_rules(mode, dify_object(wire, "rules"), &rules,
		    note);
	else
		err = err_set(note, ERR_INVALID,
		    "Process rule mode is invalid");
	if (err < 0)
		return err;
	return take(json_pack("{s:s, s:o}", "mode", mode, "rules", rules),
	    ret_rule);
}

json_t *
dify_rule_default(void)
{
	return json_pack("{s:s, s:o}", "mode", "custom", "rules",
	    plain_rules(1024));
}

/* ---- turning into chunking ---------------------------------------------- */

static bool
has_step(const json_t *rules, const char *id)
{
	return dify_bool(find_step(json_object_get(rules,
	    "pre_processing_rules"), id), "enabled", false);
}

static json_t *
cut_chunking(const json_t *cut)
{
	char separator[CHUNK_SEPARATOR_BYTES_MAX + 1];

	/* It was checked when the rule was read. */
	if (dify_separator(separator_of(cut), separator,
	    sizeof(separator)) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:I, s:I}", "method", "separator",
	    "separator", separator,
	    "chars_max", (json_int_t)dify_integer(cut, "max_tokens", 0),
	    "overlap_chars",
	    (json_int_t)dify_integer(cut, "chunk_overlap", 0));
}

static int
parents_chunking(const json_t *rule, json_t **ret_chunking,
    struct err_note *note)
{
	const json_t *rules = json_object_get(rule, "rules");
	const json_t *child = dify_object(rules, "subchunk_segmentation");
	const char *mode = dify_text(rule, "mode");
	json_t *chunking;

	if (mode == NULL || strcmp(mode, "hierarchical") != 0)
		return err_set(note, ERR_INVALID,
		    "doc_form hierarchical_model needs a process_rule of "
		    "mode hierarchical.");
	if (child == NULL)
		return err_set(note, ERR_INVALID,
		    "No subchunk segmentation found in rules.");
	if (dify_rule_is_whole(rule))
		chunking = json_pack("{s:s}", "method", "whole");
	else
		chunking = cut_chunking(json_object_get(rules,
		    "segmentation"));
	if (json_object_set_new(chunking, "child", cut_chunking(child)) < 0) {
		json_decref(chunking);
		return ERR_NOMEM;
	}
	*ret_chunking = chunking;
	return 0;
}

int
dify_rule_chunking(const json_t *rule, const char *doc_form,
    json_t **ret_chunking, struct err_note *note)
{
	const json_t *rules = json_object_get(rule, "rules");
	const char *mode = dify_text(rule, "mode");
	bool has_parents = strcmp(doc_form, DIFY_FORM_PARENTS) == 0;
	bool is_whole = has_parents && dify_rule_is_whole(rule);
	json_t *chunking = NULL;
	int err = 0;

	if (has_parents)
		err = parents_chunking(rule, &chunking, note);
	else if (mode != NULL && strcmp(mode, "automatic") == 0)
		chunking = json_pack("{s:s, s:i, s:i}", "method", "recursive",
		    "chars_max", AUTOMATIC_CHARS,
		    "overlap_chars", AUTOMATIC_OVERLAP);
	else if (dify_rule_is_whole(rule))
		err = err_set(note, ERR_INVALID,
		    "parent_mode full-doc needs doc_form hierarchical_model.");
	else
		chunking = cut_chunking(json_object_get(rules,
		    "segmentation"));
	if (err < 0)
		return err;
	/* A whole document is left as it is. */
	if (json_object_set_new(chunking, "squeezes_blanks",
		json_boolean(!is_whole && has_step(rules, SPACES))) < 0 ||
	    json_object_set_new(chunking, "drops_addresses",
		json_boolean(!is_whole && has_step(rules, ADDRESSES))) < 0) {
		json_decref(chunking);
		return ERR_NOMEM;
	}
	*ret_chunking = chunking;
	return 0;
}

bool
dify_rule_is_same(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "mode"),
		   json_object_get(b, "mode")) == 1 &&
	    json_equal(json_object_get(a, "rules"),
		json_object_get(b, "rules")) == 1;
}

bool
dify_rule_is_whole(const json_t *rule)
{
	const char *mode = dify_text(rule, "mode");

	return mode != NULL && has_whole_parents(mode,
	    dify_text(json_object_get(rule, "rules"), "parent_mode"));
}
