/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source of a job over puts: "{}", or below which folders documents are
 * read in place again, and whether they are indexed although unchanged.
 */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/plan.h"
#include "engine/puts.h"
#include "engine/writer.h"

/* The roots below which documents are read in place again: those of the jobs
 * that found them. */
struct roots {
	json_t *list;
	int64_t job_id; /* whose are in the list already */
	bool is_in_place;
	int64_t found_job;
};

static int
roots_look(void *arg, const struct item_row *row)
{
	struct roots *roots = arg;

	roots->is_in_place = row->blob == NULL;
	roots->found_job = row->item.job_id;
	return 0;
}

static bool
roots_have(const struct roots *roots, const char *root)
{
	size_t i;

	for (i = 0; i < json_array_size(roots->list); i++)
		if (strcmp(json_string_value(json_array_get(roots->list, i)),
			root) == 0)
			return true;
	return false;
}

static int
roots_add(struct roots *roots, const char *source)
{
	const json_t *list;
	const char *root;
	json_t *json;
	size_t i;
	int err = 0;

	json = json_loads(source, JSON_REJECT_DUPLICATES, NULL);
	list = json_object_get(json, "roots");
	for (i = 0; err == 0 && i < json_array_size(list); i++) {
		root = json_string_value(json_array_get(list, i));
		if (root == NULL || roots_have(roots, root))
			continue;
		if (json_array_size(roots->list) >= FOLDER_PATHS_MAX)
			err = ERR_TOO_BIG;
		else if (json_array_append_new(roots->list,
			     json_string(root)) < 0)
			err = ERR_NOMEM;
	}
	json_decref(json);
	return err;
}

static int
roots_of_put(struct store *store, int64_t base_id, const struct put *put,
    const struct place *place, struct roots *roots)
{
	struct target target;
	char *source = NULL;
	int err;

	if (put->upload != NULL)
		return 0;
	roots->is_in_place = false;
	err = target_find(store, base_id, put, place, &target);
	if (err == 0 && target.item_id != 0)
		err = store_item_get(store, target.item_id, roots_look,
		    roots);
	target_fini(&target);
	/* What is not there is told of when the items are made. */
	if (err == ERR_NOT_FOUND)
		return 0;
	if (err < 0 || !roots->is_in_place ||
	    roots->found_job == roots->job_id)
		return err;
	err = store_job_source(store, roots->found_job, &source);
	if (err == 0)
		err = roots_add(roots, source);
	roots->job_id = roots->found_job;
	mem_free(source);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static void
source_write(struct puts *puts, const json_t *list)
{
	struct jsonw w;
	size_t i;

	buf_clear(&puts->source);
	jsonw_init(&w, &puts->source);
	jsonw_object(&w);
	jsonw_name(&w, "roots");
	jsonw_array(&w);
	for (i = 0; i < json_array_size(list); i++)
		jsonw_string(&w, json_string_value(json_array_get(list, i)));
	jsonw_array_end(&w);
	/* What it does not look at has not vanished. */
	jsonw_name(&w, "is_retry");
	jsonw_bool(&w, true);
	jsonw_name(&w, "is_forced");
	jsonw_bool(&w, puts->is_forced);
	jsonw_object_end(&w);
}

static bool
puts_are_plain(const struct puts *puts, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < puts->count; i++)
		if (puts->list[i].upload == NULL)
			return false;
	return !puts->is_forced && plan->kind != JOB_KIND_FOLDER;
}

int
puts_source(struct write_tx *tx, struct plan *plan,
    const struct base_ref *base, struct err_note *note)
{
	struct puts *puts = plan->arg;
	struct roots roots = {.list = NULL};
	size_t i;
	int err = 0;

	plan->source = "{}";
	if (puts_are_plain(puts, plan))
		return 0;
	roots.list = json_array();
	if (roots.list == NULL)
		return ERR_NOMEM;
	for (i = 0; err == 0 && i < puts->count; i++)
		err = roots_of_put(tx_store(tx), base->id, &puts->list[i],
		    &puts->places[i], &roots);
	if (err == 0) {
		source_write(puts, roots.list);
		err = puts->source.err;
	}
	json_decref(roots.list);
	if (err == ERR_TOO_BIG)
		return err_set(note, err,
		    "the documents are below too many folders");
	plan->source = buf_text(&puts->source);
	return err;
}
