/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/rule.h"
#include "graph/chat_graph.h"

/* Of CHUNK_SEMANTIC, when nothing is said. */
#define THRESHOLD 0.5

const struct rule rule_default = {
	.chunk = {.cut = {.method = CHUNK_STRUCTURE, .chars_max = 1200}},
	.has_vectors = true,
};

/* ---- reading ------------------------------------------------------------- */

static int
read_uint(json_t *from, const char *name, uint32_t *ret_number,
    struct err_note *note)
{
	json_t *value = json_object_get(from, name);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > 1000000)
		return err_set(note, ERR_INVALID,
		    "%s must be a number of characters", name);
	*ret_number = (uint32_t)json_integer_value(value);
	return 0;
}

static int
read_share(json_t *from, const char *name, double *ret_share,
    struct err_note *note)
{
	json_t *value = json_object_get(from, name);
	double share = json_number_value(value);

	if (value == NULL)
		return 0;
	if (!json_is_number(value) || share < 0.0 || share > 1.0)
		return err_set(note, ERR_INVALID,
		    "%s must be a number from 0 to 1", name);
	*ret_share = share + 0.0; /* -0 is 0 */
	return 0;
}

static int
read_bool(json_t *from, const char *name, bool *ret_flag,
    struct err_note *note)
{
	json_t *value = json_object_get(from, name);

	if (value == NULL)
		return 0;
	if (!json_is_boolean(value))
		return err_set(note, ERR_INVALID, "%s must be true or false",
		    name);
	*ret_flag = json_is_true(value);
	return 0;
}

/* Text of less than size bytes; absent or null leaves out as it is. */
static int
read_text(json_t *from, const char *name, char *out, size_t size,
    struct err_note *note)
{
	json_t *value = json_object_get(from, name);

	if (value == NULL || json_is_null(value))
		return 0;
	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    json_string_length(value) >= size)
		return err_set(note, ERR_INVALID,
		    "%s must be a text of 1 to %zu bytes", name, size - 1);
	memcpy(out, json_string_value(value), json_string_length(value) + 1);
	return 0;
}

/* One of two words: *ret_flag says whether it is the second. */
static int
read_choice(json_t *from, const char *name, const char *first,
    const char *second, bool *ret_flag, struct err_note *note)
{
	json_t *value = json_object_get(from, name);
	const char *word = json_string_value(value);

	if (value == NULL)
		return 0;
	if (word == NULL ||
	    (strcmp(word, first) != 0 && strcmp(word, second) != 0))
		return err_set(note, ERR_INVALID, "%s must be \"%s\" or "
		    "\"%s\"", name, first, second);
	*ret_flag = strcmp(word, second) == 0;
	return 0;
}

static int
read_cut(json_t *from, struct chunk_cut *cut, struct err_note *note)
{
	json_t *method = json_object_get(from, "method");
	int err = 0;

	memset(cut, 0, sizeof(*cut));
	cut->method = rule_default.chunk.cut.method;
	cut->chars_max = rule_default.chunk.cut.chars_max;
	cut->separator[0] = '\n';
	cut->threshold = THRESHOLD;
	if (method != NULL && (!json_is_string(method) ||
		chunk_method_parse(json_string_value(method), &cut->method) <
		0))
		return err_set(note, ERR_INVALID, "method must be "
		    "\"structure\", \"separator\", \"recursive\", "
		    "\"whole\", \"fixed\" or \"semantic\"");
	err = read_uint(from, "chars_max", &cut->chars_max, note);
	if (err == 0)
		err = read_uint(from, "overlap_chars", &cut->overlap_chars,
		    note);
	if (err == 0)
		err = read_text(from, "separator", cut->separator,
		    sizeof(cut->separator), note);
	if (err == 0)
		err = read_share(from, "threshold", &cut->threshold, note);
	return err;
}

/* A name that nothing reads is a mistake, and not to be passed over. */
static int
check_names(json_t *from, bool is_child, struct err_note *note)
{
	static const char *const names[] = {"method", "chars_max",
	    "overlap_chars", "separator", "child", "squeezes_blanks",
	    "drops_addresses", "threshold"};
	size_t i, count = is_child ? 4 : sizeof(names) / sizeof(names[0]);
	const char *name;
	json_t *value;

	json_object_foreach(from, name, value) {
		for (i = 0; i < count && strcmp(name, names[i]) != 0; i++)
			continue;
		if (i == count)
			return err_set(note, ERR_INVALID,
			    "there is no member %.60s", name);
	}
	return 0;
}

/* What the numbers of a cut have to be. */
static const char *
limits_of(const struct chunk_cut *cut)
{
	switch (cut->method) {
	case CHUNK_STRUCTURE:
	case CHUNK_SEMANTIC:
		return "chars_max must be 64 to 8000, overlap_chars 0 to half "
		       "of it";
	case CHUNK_FIXED:
		return "chars_max must be 1 to 8000, overlap_chars 0 to half "
		       "of it";
	case CHUNK_SEPARATOR:
	case CHUNK_RECURSIVE:
	case CHUNK_WHOLE:
	case CHUNK_METHOD_COUNT:
		break;
	}
	return "chars_max must be 1 to 8000, overlap_chars 0 to chars_max";
}

static int
read_child(json_t *from, struct chunk_cut *child, struct err_note *note)
{
	struct chunk_rule alone = {.cut = {.method = CHUNK_WHOLE}};
	int err;

	if (!json_is_object(from))
		return err_set(note, ERR_INVALID,
		    "child must be an object or null");
	err = check_names(from, true, note);
	if (err == 0)
		err = read_cut(from, child, note);
	alone.child = *child;
	if (err == 0 && (child->chars_max == 0 ||
			    !chunk_rule_is_valid(&alone)))
		err = child->method == CHUNK_WHOLE ||
			child->method == CHUNK_SEMANTIC
			? err_set(note, ERR_INVALID, "method must be "
			    "\"structure\", \"separator\", \"recursive\" or "
			    "\"fixed\"")
			: err_set(note, ERR_INVALID, "%s", limits_of(child));
	if (err < 0)
		err_wrap(note, "child");
	return err;
}

static int
read_chunking(json_t *from, struct chunk_rule *ret_rule,
    struct err_note *note)
{
	json_t *child = json_object_get(from, "child");
	struct chunk_rule rule = {.squeezes_blanks = false};
	int err;

	if (!json_is_object(from))
		return err_set(note, ERR_INVALID, "it must be an object");
	err = check_names(from, false, note);
	if (err == 0)
		err = read_cut(from, &rule.cut, note);
	if (err == 0 && child != NULL && !json_is_null(child))
		err = read_child(child, &rule.child, note);
	if (err == 0)
		err = read_bool(from, "squeezes_blanks",
		    &rule.squeezes_blanks, note);
	if (err == 0)
		err = read_bool(from, "drops_addresses",
		    &rule.drops_addresses, note);
	if (err < 0)
		return err;
	if (!chunk_rule_is_valid(&rule))
		return err_set(note, ERR_INVALID, "%s",
		    limits_of(&rule.cut));
	*ret_rule = rule;
	return 0;
}

/* ---- who makes the graph ------------------------------------------------- */

static int
read_graph_by(json_t *by, enum rule_graph *ret_graph, struct err_note *note)
{
	static const struct {
		const char *name;
		enum rule_graph graph;
	} makers[] = {{"auto", RULE_GRAPH_AUTO}, {"rules", RULE_GRAPH_RULES},
	    {"model", RULE_GRAPH_MODEL}};
	const char *name = json_string_value(by);
	size_t i;

	*ret_graph = RULE_GRAPH_AUTO;
	if (by == NULL)
		return 0;
	for (i = 0; name != NULL && i < sizeof(makers) / sizeof(*makers); i++)
		if (strcmp(name, makers[i].name) == 0) {
			*ret_graph = makers[i].graph;
			return 0;
		}
	return err_set(note, ERR_INVALID,
	    "by must be \"auto\", \"rules\" or \"model\"");
}

static int
read_graph_orders(json_t *prompt, struct rule *rule, struct err_note *note)
{
	size_t len = json_string_length(prompt);

	if (prompt == NULL || json_is_null(prompt))
		return 0;
	if (len == 0 || len > CHAT_GRAPH_PROMPT_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "prompt must be a text of 1 to %llu bytes",
		    CHAT_GRAPH_PROMPT_BYTES_MAX);
	if (rule->graph == RULE_GRAPH_RULES)
		return err_set(note, ERR_INVALID,
		    "a prompt is for a model, and by is \"rules\"");
	/* 0 would be our own orders. */
	rule->graph_orders = XXH3_64bits(json_string_value(prompt), len) | 1;
	return 0;
}

static int
read_graph(json_t *from, struct rule *rule, struct err_note *note)
{
	const char *name;
	json_t *value;
	int err;

	rule->graph = RULE_GRAPH_NONE;
	rule->graph_orders = 0;
	if (json_is_null(from))
		return 0;
	if (!json_is_object(from))
		return err_set(note, ERR_INVALID,
		    "it must be an object or null");
	json_object_foreach(from, name, value)
		if (strcmp(name, "by") != 0 && strcmp(name, "prompt") != 0)
			return err_set(note, ERR_INVALID,
			    "there is no member %.60s", name);
	err = read_graph_by(json_object_get(from, "by"), &rule->graph, note);
	if (err == 0)
		err = read_graph_orders(json_object_get(from, "prompt"), rule,
		    note);
	return err;
}

/* ---- all of it ----------------------------------------------------------- */

/* A reference to what is in settings. */
static int
load(const char *settings, json_t **ret_from, struct err_note *note)
{
	json_t *from;

	from = json_loads(settings, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(from)) {
		json_decref(from);
		return err_set(note, ERR_INVALID,
		    "settings must be a JSON object");
	}
	*ret_from = from;
	return 0;
}

/* What settings say, over what rule says already. */
static int
read_over(const char *settings, struct rule *rule, struct err_note *note)
{
	bool has_none = false;
	json_t *from, *chunking, *questions, *graph;
	int err;

	if (settings == NULL)
		return 0;
	err = load(settings, &from, note);
	if (err < 0)
		return err;
	chunking = json_object_get(from, "chunking");
	if (chunking != NULL && !json_is_null(chunking)) {
		err = read_chunking(chunking, &rule->chunk, note);
		if (err < 0)
			err_wrap(note, "chunking");
	}
	if (err == 0)
		err = read_bool(from, "vectors", &rule->has_vectors, note);
	if (err == 0)
		err = read_choice(from, "duplicates", "skip", "index",
		    &rule->keeps_duplicates, note);
	if (err == 0)
		err = read_choice(from, "empty", "skip", "index",
		    &rule->keeps_empty, note);
	if (err == 0)
		err = read_choice(from, "content", "file", "text",
		    &rule->is_text, note);
	questions = json_object_get(from, "questions");
	has_none = questions != NULL && json_is_null(questions);
	if (err == 0 && has_none)
		rule->questions[0] = '\0';
	if (err == 0)
		err = read_text(from, "questions", rule->questions,
		    sizeof(rule->questions), note);
	graph = json_object_get(from, "graph");
	if (err == 0 && graph != NULL) {
		err = read_graph(graph, rule, note);
		if (err < 0)
			err_wrap(note, "graph");
	}
	json_decref(from);
	return err;
}

int
rule_read(const char *base_settings, const char *source_settings,
    const char *document_settings, struct rule *ret_rule,
    struct err_note *note)
{
	struct rule rule = rule_default;
	int err;

	err = read_over(base_settings, &rule, note);
	if (err == 0)
		err = read_over(source_settings, &rule, note);
	if (err == 0)
		err = read_over(document_settings, &rule, note);
	if (err == 0)
		*ret_rule = rule;
	return err;
}

int
rule_graph_orders(const char *base_settings, const char *source_settings,
    const char *document_settings, struct buf *out, struct err_note *note)
{
	/* The last one that says anything of a graph says all of it. */
	const char *const all[] = {document_settings, source_settings,
	    base_settings};
	json_t *from, *graph, *prompt;
	size_t i;
	int err;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (all[i] == NULL)
			continue;
		err = load(all[i], &from, note);
		if (err < 0)
			return err;
		graph = json_object_get(from, "graph");
		prompt = json_object_get(graph, "prompt");
		if (json_is_string(prompt))
			err = buf_puts(out, json_string_value(prompt));
		json_decref(from);
		if (graph != NULL)
			return err;
	}
	return 0;
}
