/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model2vec writes a config.json with a model_type of its own or with none, or
 * a modules.json with a module of its own; all others are encoders, or are
 * refused as such by their names.
 */
#include <jansson.h>
#include <string.h>

#include "base/err.h"
#include "embed/bert.h"
#include "embed/bert_int.h"
#include "embed/folder.h"
#include "embed/static.h"

static bool
config_is_static(const json_t *config)
{
	const char *type = json_string_value(json_object_get(config,
	    "model_type"));
	const json_t *names = json_object_get(config, "architectures");
	const char *name = json_string_value(json_array_get(names, 0));

	if (type != NULL)
		return strcmp(type, "model2vec") == 0;
	return name == NULL || strcmp(name, "StaticModel") == 0;
}

static bool
modules_are_static(const json_t *modules)
{
	const char *type;
	size_t i;

	for (i = 0; i < json_array_size(modules); i++) {
		type = json_string_value(json_object_get(
		    json_array_get(modules, i), "type"));
		type = type == NULL ? NULL : strrchr(type, '.');
		if (type != NULL && strcmp(type, ".Transformer") == 0)
			return false;
	}
	return true;
}

static int
kind_find(const char *folder, enum folder_kind *ret_kind,
    struct err_note *note)
{
	json_t *config = NULL, *modules = NULL;
	bool is_static;
	int err;

	err = bert_json_read(folder, "", "config.json", false, &config, note);
	if (err == 0 && config == NULL)
		err = bert_json_read(folder, "", "modules.json", false,
		    &modules, note);
	if (err == 0) {
		is_static = config != NULL ? config_is_static(config)
					   : modules_are_static(modules);
		*ret_kind = is_static ? FOLDER_STATIC : FOLDER_BERT;
	}
	json_decref(config);
	json_decref(modules);
	return err;
}

int
embed_folder_new(const char *folder, bool is_int8,
    enum folder_kind *ret_kind, struct embedder **ret_embedder,
    struct err_note *note)
{
	enum folder_kind kind = FOLDER_STATIC;
	int err;

	err = kind_find(folder, &kind, note);
	if (err < 0)
		return err;
	if (kind == FOLDER_STATIC && is_int8)
		return err_set(note, ERR_UNSUPPORTED,
		    "a static model has no use for int8");
	err = kind == FOLDER_STATIC
	    ? embed_static_new(folder, ret_embedder, note)
	    : embed_bert_new(folder, is_int8, ret_embedder, note);
	if (err == 0)
		*ret_kind = kind;
	return err;
}
