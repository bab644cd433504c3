/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder's small files.  What changes vectors and is not understood is an
 * error; what is there besides is passed over, as these files are full of how
 * a model was trained.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "embed/bert_int.h"
#include "sys/fs.h"

#define JSON_FILE_BYTES_MAX (4 * MIB)
#define MODULES_MAX 16u

static const struct kind_row {
	const char *type, *architecture;
	bool is_behind;
} kinds[] = {
#define KIND(kind, type, architecture, prefix, behind) \
	{ type, architecture, behind },
#include "embed/bert_tbl.h"
};

static const struct fact_row {
	size_t at, max;
	const char *name, *distil_name;
} facts[] = {
#define FACT(member, max, name, distil_name) \
	{ offsetof(struct bert_config, member), max, name, distil_name },
#include "embed/bert_tbl.h"
};

static const struct act_row {
	enum bert_act act;
	const char *name;
} acts[] = {
#define ACT(act, name) { BERT_ACT_##act, name },
#include "embed/bert_tbl.h"
};

static const struct pooling_row {
	const char *name, *key;
} poolings[] = {
#define POOLING(pooling, name, key) { name, key },
#include "embed/bert_tbl.h"
};

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

const char *
bert_pooling_name(enum bert_pooling pooling)
{
	return poolings[pooling].name;
}

int
bert_path(const char *folder, const char *path, const char *file,
    char ret_path[BERT_PATH_SIZE], struct err_note *note)
{
	int len = snprintf(ret_path, BERT_PATH_SIZE, "%s/%s%s", folder, path,
	    file);

	if (len < 0 || (size_t)len >= BERT_PATH_SIZE)
		return err_set(note, ERR_TOO_BIG, "the path is too long");
	return 0;
}

int
bert_json_read(const char *folder, const char *path, const char *file,
    bool is_needed, json_t **ret_root, struct err_note *note)
{
	char name[BERT_PATH_SIZE];
	json_error_t error;
	struct buf text;
	json_t *root = NULL;
	int err;

	err = bert_path(folder, path, file, name, note);
	if (err < 0)
		return err;
	buf_init(&text, JSON_FILE_BYTES_MAX);
	err = fs_read_plain_file(name, &text, note);
	if (err == 0) {
		root = json_loadb(buf_text(&text), text.len,
		    JSON_REJECT_DUPLICATES, &error);
		if (root == NULL)
			err = err_set(note, ERR_SYNTAX, "%.120s: %.100s", file,
			    error.text);
	} else if (err == ERR_NOT_FOUND && !is_needed) {
		err = 0;
		if (note != NULL)
			note->text[0] = '\0';
	}
	buf_fini(&text);
	if (err == 0)
		*ret_root = root;
	return err;
}

static int
refuse(struct err_note *note, const char *what, const char *value)
{
	return err_set(note, ERR_UNSUPPORTED, "%s \"%.60s\" is not understood",
	    what, value);
}

/* ---- config.json -------------------------------------------------------- */

static int
kind_read(const json_t *root, struct bert_config *config,
    struct err_note *note)
{
	const char *type = json_string_value(json_object_get(root,
	    "model_type"));
	const char *name = json_string_value(json_array_get(
	    json_object_get(root, "architectures"), 0));
	const char *rest;
	size_t i;

	for (i = 0; type != NULL && i < COUNT(kinds); i++)
		if (strcmp(type, kinds[i].type) == 0)
			break;
	if (type == NULL)
		return err_set(note, ERR_UNSUPPORTED,
		    "config.json says no \"model_type\"");
	if (i == COUNT(kinds))
		return refuse(note, "the model_type", type);
	/* Without one it is the plain model. */
	rest = name == NULL ? "Model" : name;
	if (name != NULL && strncmp(name, kinds[i].architecture,
		strlen(kinds[i].architecture)) == 0)
		rest = name + strlen(kinds[i].architecture);
	if (strcmp(rest, "Model") != 0 && strcmp(rest, "ForMaskedLM") != 0)
		return refuse(note, "the architecture", name);
	config->kind = (enum bert_kind)i;
	(void)snprintf(config->architecture, sizeof(config->architecture),
	    "%s%s", kinds[i].architecture, rest);
	return 0;
}

static int
facts_read(const json_t *root, struct bert_config *config,
    struct err_note *note)
{
	const struct fact_row *fact;
	const char *name;
	const json_t *value;
	json_int_t number;
	size_t i;

	for (i = 0; i < COUNT(facts); i++) {
		fact = &facts[i];
		name = config->kind == BERT_KIND_DISTILBERT
		    ? fact->distil_name : fact->name;
		value = json_object_get(root, name);
		number = json_integer_value(value);
		if (!json_is_integer(value) || number < 1)
			return err_set(note, ERR_UNSUPPORTED,
			    "config.json says no \"%s\"", name);
		if ((uint64_t)number > fact->max)
			return err_set(note, ERR_TOO_BIG,
			    "\"%s\" is %lld, over %zu", name,
			    (long long)number, fact->max);
		*(size_t *)(void *)((char *)config + fact->at) =
		    (size_t)number;
	}
	if (config->hidden % config->heads != 0)
		return err_set(note, ERR_UNSUPPORTED, "%zu dimensions do not "
		    "part into %zu heads", config->hidden, config->heads);
	return 0;
}

static int
act_read(const json_t *root, struct bert_config *config,
    struct err_note *note)
{
	const char *name = json_string_value(json_object_get(root,
	    config->kind == BERT_KIND_DISTILBERT ? "activation"
						 : "hidden_act"));
	size_t i;

	for (i = 0; name != NULL && i < COUNT(acts); i++) {
		if (strcmp(acts[i].name, name) == 0) {
			config->act = acts[i].act;
			return 0;
		}
	}
	return refuse(note, "the activation", name == NULL ? "" : name);
}

/* What only some have. */
static int
rest_read(const json_t *root, struct bert_config *config,
    struct err_note *note)
{
	bool is_distil = config->kind == BERT_KIND_DISTILBERT;
	const json_t *value;
	const char *text;
	json_int_t number;

	text = json_string_value(json_object_get(root,
	    "position_embedding_type"));
	if (text != NULL && strcmp(text, "absolute") != 0)
		return refuse(note, "the position_embedding_type", text);
	if (json_is_true(json_object_get(root, "is_decoder")))
		return err_set(note, ERR_UNSUPPORTED, "it is a decoder");
	value = json_object_get(root, "layer_norm_eps");
	config->epsilon = is_distil || value == NULL ? 1e-12f
		: (float)json_number_value(value);
	if (!(config->epsilon >= 0 && config->epsilon <= 1))
		return refuse(note, "the layer_norm_eps", "of that size");
	number = is_distil ? 0 : json_integer_value(json_object_get(root,
	    "type_vocab_size"));
	if (number < 0 || (uint64_t)number > BERT_TYPES_MAX)
		return err_set(note, ERR_TOO_BIG, "\"type_vocab_size\" is "
		    "%lld, over %u", (long long)number, BERT_TYPES_MAX);
	config->types = (size_t)number;
	if (!kinds[config->kind].is_behind)
		return 0;
	value = json_object_get(root, "pad_token_id");
	number = value == NULL ? 1 : json_integer_value(value);
	if (number < 0 || (uint64_t)number + 1 >= config->positions)
		return err_set(note, ERR_UNSUPPORTED,
		    "\"pad_token_id\" leaves no positions");
	config->first_position = (size_t)number + 1;
	return 0;
}

static int
main_read(const char *folder, struct bert_config *config,
    struct err_note *note)
{
	json_t *root = NULL;
	int err;

	err = bert_json_read(folder, config->path, "config.json", true, &root,
	    note);
	if (err == 0)
		err = kind_read(root, config, note);
	if (err == 0)
		err = facts_read(root, config, note);
	if (err == 0)
		err = act_read(root, config, note);
	if (err == 0)
		err = rest_read(root, config, note);
	json_decref(root);
	config->tokens_max = config->positions - config->first_position;
	return err;
}

/* ---- modules.json and the pooling --------------------------------------- */

/* A folder's name within the folder, with a slash behind it. */
static int
path_read(const json_t *module, char path[BERT_NAME_SIZE],
    struct err_note *note)
{
	const char *name = json_string_value(json_object_get(module, "path"));

	if (name == NULL || strchr(name, '/') != NULL || name[0] == '.' ||
	    strlen(name) + 2 > BERT_NAME_SIZE)
		return refuse(note, "the module's path",
		    name == NULL ? "" : name);
	(void)snprintf(path, BERT_NAME_SIZE, "%s%s", name,
	    name[0] == '\0' ? "" : "/");
	return 0;
}

/* One way, of those that are understood, is to be true. */
static int
pooling_find(const json_t *root, struct bert_config *config,
    struct err_note *note)
{
	const char *text = json_string_value(json_object_get(root,
	    "pooling_mode"));
	const char *key;
	json_t *value;
	size_t i, count = 0;

	for (i = 0; i < COUNT(poolings); i++) {
		if (json_is_true(json_object_get(root, poolings[i].key)) ||
		    (text != NULL && strcmp(text, poolings[i].name) == 0)) {
			config->pooling = (enum bert_pooling)i;
			count++;
		}
	}
	json_object_foreach ((json_t *)(uintptr_t)root, key, value) {
		if (strncmp(key, "pooling_mode_", 13) != 0 ||
		    !json_is_true(value))
			continue;
		for (i = 0; i < COUNT(poolings); i++)
			if (strcmp(key, poolings[i].key) == 0)
				break;
		if (i == COUNT(poolings))
			return refuse(note, "the pooling", key);
	}
	if (count != 1)
		return err_set(note, ERR_UNSUPPORTED, count == 0 ?
		    "the pooling is not understood" :
		    "several poolings at once are not understood");
	value = json_object_get(root, "include_prompt");
	if (json_is_false(value))
		return refuse(note, "the pooling's include_prompt", "false");
	value = json_object_get(root, "word_embedding_dimension");
	if (value != NULL && (uint64_t)json_integer_value(value) !=
	    config->hidden)
		return err_set(note, ERR_UNSUPPORTED, "the pooling is not of "
		    "%zu dimensions", config->hidden);
	return 0;
}

static int
pooling_read(const char *folder, const char *path,
    struct bert_config *config, struct err_note *note)
{
	json_t *root = NULL;
	int err;

	err = bert_json_read(folder, path, "config.json", true, &root, note);
	if (err == 0)
		err = pooling_find(root, config, note);
	if (err < 0 && err != ERR_NOMEM)
		err_wrap(note, "pooling");
	json_decref(root);
	return err;
}

static int
module_read(const json_t *module, struct bert_config *config,
    char pooling[BERT_NAME_SIZE], struct err_note *note)
{
	const char *type = json_string_value(json_object_get(module, "type"));
	const char *name = type == NULL ? NULL : strrchr(type, '.');

	if (name == NULL)
		return refuse(note, "the module", type == NULL ? "" : type);
	if (strcmp(name, ".Transformer") == 0)
		return path_read(module, config->path, note);
	if (strcmp(name, ".Pooling") == 0)
		return path_read(module, pooling, note);
	/* All vectors are of unit length here. */
	if (strcmp(name, ".Normalize") == 0)
		return 0;
	return refuse(note, "the module", name + 1);
}

/* Where the model is, and where its pooling. */
static int
modules_read(const char *folder, struct bert_config *config,
    char pooling[BERT_NAME_SIZE], struct err_note *note)
{
	json_t *root = NULL;
	size_t i, count;
	int err;

	err = bert_json_read(folder, "", "modules.json", false, &root, note);
	if (err < 0 || root == NULL)
		return err;
	count = json_array_size(root);
	if (count == 0 || count > MODULES_MAX)
		err = err_set(note, ERR_UNSUPPORTED,
		    "modules.json is no list of modules");
	for (i = 0; err == 0 && i < count; i++)
		err = module_read(json_array_get(root, i), config, pooling,
		    note);
	json_decref(root);
	return err;
}

/* ---- the rest ----------------------------------------------------------- */

static int
sentence_read(const char *folder, struct bert_config *config,
    struct err_note *note)
{
	json_t *root = NULL;
	const json_t *value;
	json_int_t number;
	int err;

	err = bert_json_read(folder, config->path, "sentence_bert_config.json",
	    false, &root, note);
	if (err < 0 || root == NULL)
		return err;
	value = json_object_get(root, "max_seq_length");
	number = json_integer_value(value);
	if (json_is_integer(value) && number < 1)
		err = err_set(note, ERR_UNSUPPORTED,
		    "\"max_seq_length\" is %lld", (long long)number);
	else if (json_is_integer(value) &&
	    (uint64_t)number < config->tokens_max)
		config->tokens_max = (size_t)number;
	config->lowers = json_is_true(json_object_get(root, "do_lower_case"));
	json_decref(root);
	return err;
}

static int
prompt_set(const json_t *prompts, const char *name,
    char prompt[BERT_PROMPT_SIZE], struct err_note *note)
{
	const char *text = name == NULL ? NULL
		: json_string_value(json_object_get(prompts, name));

	if (text == NULL)
		return 0;
	if (strlen(text) >= BERT_PROMPT_SIZE)
		return err_set(note, ERR_TOO_BIG,
		    "the prompt \"%.40s\" has over %u bytes", name,
		    BERT_PROMPT_SIZE - 1);
	(void)snprintf(prompt, BERT_PROMPT_SIZE, "%s", text);
	return 0;
}

/* The last one that is there counts. */
static int
prompts_read(const char *folder, struct bert_config *config,
    struct err_note *note)
{
	static const char *const documents[] = { "corpus", "passage",
		"document" };
	const char *usual;
	const json_t *prompts;
	json_t *root = NULL;
	size_t i;
	int err;

	err = bert_json_read(folder, "", "config_sentence_transformers.json",
	    false, &root, note);
	if (err < 0 || root == NULL)
		return err;
	prompts = json_object_get(root, "prompts");
	usual = json_string_value(json_object_get(root,
	    "default_prompt_name"));
	err = prompt_set(prompts, usual, config->query_prompt, note);
	if (err == 0)
		err = prompt_set(prompts, usual, config->document_prompt,
		    note);
	if (err == 0)
		err = prompt_set(prompts, "query", config->query_prompt,
		    note);
	for (i = 0; err == 0 && i < COUNT(documents); i++)
		err = prompt_set(prompts, documents[i],
		    config->document_prompt, note);
	json_decref(root);
	return err;
}

int
bert_config_read(const char *folder, struct bert_config *ret_config,
    struct err_note *note)
{
	struct bert_config config = { .pooling = BERT_POOLING_MEAN };
	char pooling[BERT_NAME_SIZE] = "";
	int err;

	err = modules_read(folder, &config, pooling, note);
	if (err == 0)
		err = main_read(folder, &config, note);
	if (err == 0 && pooling[0] != '\0')
		err = pooling_read(folder, pooling, &config, note);
	if (err == 0)
		err = sentence_read(folder, &config, note);
	if (err == 0)
		err = prompts_read(folder, &config, note);
	if (err == 0)
		*ret_config = config;
	return err;
}
