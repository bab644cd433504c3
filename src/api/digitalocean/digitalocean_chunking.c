/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_chunking.h"
#include "base/err.h"
#include "base/jsonw.h"

#define PREFIX "CHUNKING_ALGORITHM_"
#define CHARACTERS_PER_TOKEN 4u
#define THRESHOLD_DIGITS 6

static const struct {
	const char *method;
	struct do_chunking chunking;
} cuts[DO_CUT_COUNT] = {
#define DO_CUT(name, how, most, above, below, limit)                          \
	[DO_CUT_##name] = {(how), {.cut = DO_CUT_##name, .max = (most),       \
	    .parent = (above), .child = (below), .threshold = (limit)}},
#include "api/digitalocean/digitalocean_chunking_tbl.h"
};

static const char *const names[] = {
#define DO_CUT(name, how, most, above, below, limit)                          \
	[DO_CUT_##name] = PREFIX #name,
#include "api/digitalocean/digitalocean_chunking_tbl.h"
	NULL};

const struct do_chunking do_chunking_default = {
    .cut = DO_CUT_SECTION_BASED, .max = 300, .threshold = -1};

/* The sizes of options that the algorithm has. */
static int
options_change(struct do_chunking *chunking, const json_t *options,
    struct err_note *note)
{
	struct {
		const char *name;
		uint32_t *size;
		uint64_t given;
	} sizes[] = {{"max_chunk_size", &chunking->max, 0},
	    {"parent_chunk_size", &chunking->parent, 0},
	    {"child_chunk_size", &chunking->child, 0}};
	double threshold;
	size_t i;
	int err;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		err = do_number(options, sizes[i].name, DO_CHUNK_TOKENS_MAX,
		    &sizes[i].given, note);
		if (err < 0)
			return err;
		if (sizes[i].given == 0 || *sizes[i].size == 0)
			continue;
		if (sizes[i].given < DO_CHUNK_TOKENS_MIN)
			return err_set(note, ERR_INVALID,
			    "%s must be from %u to %u tokens", sizes[i].name,
			    DO_CHUNK_TOKENS_MIN, DO_CHUNK_TOKENS_MAX);
		*sizes[i].size = (uint32_t)sizes[i].given;
	}
	err = do_real(options, "semantic_threshold", 0, 1,
	    chunking->threshold, &threshold, note);
	if (err < 0)
		return err;
	if (chunking->threshold >= 0)
		chunking->threshold = threshold;
	if (chunking->parent != 0 && chunking->parent <= chunking->child)
		return err_set(note, ERR_INVALID,
		    "parent_chunk_size must be larger than "
		    "child_chunk_size");
	return 0;
}

int
do_chunking_change(struct do_chunking *chunking, const json_t *body,
    struct err_note *note)
{
	struct do_chunking changed = *chunking;
	const json_t *options;
	int index, err;

	err = do_word(body, "chunking_algorithm", names, &index, note);
	if (err == 0)
		err = do_object(body, "chunking_options", &options, note);
	if (err < 0)
		return err;
	if (index >= 0 && (enum do_cut)index != changed.cut)
		changed = cuts[index].chunking;
	err = options_change(&changed, options, note);
	if (err == 0)
		*chunking = changed;
	return err;
}

void
do_chunking_load(const json_t *own, struct do_chunking *ret_chunking)
{
	struct err_note note;

	*ret_chunking = do_chunking_default;
	(void)do_chunking_change(ret_chunking, own, &note);
}

/* Returns owned; NULL: no memory. */
static json_t *
options_make(const struct do_chunking *chunking)
{
	json_t *options = json_object();
	bool is_bad = options == NULL;

	if (chunking->max != 0)
		is_bad |= json_object_set_new(options, "max_chunk_size",
		    json_integer(chunking->max)) < 0;
	if (chunking->parent != 0) {
		is_bad |= json_object_set_new(options, "parent_chunk_size",
		    json_integer(chunking->parent)) < 0;
		is_bad |= json_object_set_new(options, "child_chunk_size",
		    json_integer(chunking->child)) < 0;
	}
	if (chunking->threshold >= 0)
		is_bad |= json_object_set_new(options, "semantic_threshold",
		    json_real(chunking->threshold)) < 0;
	if (!is_bad)
		return options;
	json_decref(options);
	return NULL;
}

/* Returns owned; NULL: no memory. */
static json_t *
rule_make(const struct do_chunking *chunking)
{
	const char *method = cuts[chunking->cut].method;
	uint32_t tokens = chunking->parent != 0 ? chunking->parent
						: chunking->max;
	json_t *rule;

	rule = json_pack("{s:s, s:i}", "method", method, "chars_max",
	    (int)(tokens * CHARACTERS_PER_TOKEN));
	if (rule != NULL && chunking->threshold >= 0 &&
	    json_object_set_new(rule, "threshold",
		json_real(chunking->threshold)) < 0)
		goto out;
	if (rule != NULL && chunking->child != 0 &&
	    json_object_set_new(rule, "child", json_pack("{s:s, s:i}",
		"method", "recursive", "chars_max",
		(int)(chunking->child * CHARACTERS_PER_TOKEN))) < 0)
		goto out;
	return rule;
out:
	json_decref(rule);
	return NULL;
}

int
do_chunking_store(const struct do_chunking *chunking, json_t *settings,
    json_t *own)
{
	if (json_object_set_new(own, "chunking_algorithm",
	    json_string(names[chunking->cut])) < 0 ||
	    json_object_set_new(own, "chunking_options",
	    options_make(chunking)) < 0 ||
	    json_object_set_new(settings, "chunking",
	    rule_make(chunking)) < 0)
		return ERR_NOMEM;
	return 0;
}

void
do_chunking_write(struct jsonw *w, const struct do_chunking *chunking)
{
	jsonw_nstring(w, "chunking_algorithm", names[chunking->cut]);
	jsonw_name(w, "chunking_options");
	jsonw_object(w);
	if (chunking->max != 0)
		jsonw_nuint(w, "max_chunk_size", chunking->max);
	if (chunking->threshold >= 0)
		jsonw_nreal(w, "semantic_threshold", chunking->threshold,
		    THRESHOLD_DIGITS);
	if (chunking->parent != 0) {
		jsonw_nuint(w, "parent_chunk_size", chunking->parent);
		jsonw_nuint(w, "child_chunk_size", chunking->child);
	}
	jsonw_object_end(w);
}
