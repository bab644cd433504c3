/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags: names that an account gives to its bases.  They change nothing about
 * what is indexed or found.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "sys/rng.h"

#define TAG_BYTES_MAX 200u /* 50 characters of any kind */
#define TAGS_BIND_MAX 1000u /* of one call */

_Static_assert(sizeof(((struct tag *)0)->name) == TAG_BYTES_MAX + 1,
    "a tag's name fits");

struct tag_plan {
	int64_t account_id;
	struct uuid uuid;
	const char *name;
	/* To bind. */
	const struct uuid *tags;
	size_t count;
	const struct uuid *base;
	bool is_bound;
};

static int
tag_name_check(const char *name, struct err_note *note)
{
	size_t i, len = strlen(name);

	if (len == 0 || len > TAG_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "a tag's name has 1 to %u bytes", TAG_BYTES_MAX);
	if (!utf8_is_valid(name, len))
		return err_set(note, ERR_INVALID,
		    "a tag's name must be UTF-8");
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7F)
			return err_set(note, ERR_INVALID,
			    "a tag's name may not hold control characters");
	return 0;
}

static int
tag_words(int err, const char *name, struct err_note *note)
{
	if (err == ERR_EXISTS)
		return err_set(note, err, "there is a tag named %s already",
		    name);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such tag");
	return err;
}

static int
tag_create_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct tag_plan *plan = arg;
	struct tag tag = {.uuid = plan->uuid, .created_us = tx_now_us(tx)};
	int64_t id;

	(void)snprintf(tag.name, sizeof(tag.name), "%s", plan->name);
	return tag_words(store_tag_add(tx_store(tx), plan->account_id, &tag,
			     &id), plan->name, note);
}

int
engine_tag_create(struct engine *engine, int64_t account_id,
    const char *name, struct uuid *ret_uuid, struct err_note *note)
{
	struct tag_plan plan = {.account_id = account_id, .name = name};
	int err;

	err = tag_name_check(name, note);
	if (err < 0)
		return err;
	plan.uuid = rng_uuid();
	err = writer_do(engine->writer, tag_create_apply, &plan, note);
	if (err == 0)
		*ret_uuid = plan.uuid;
	return err;
}

static int
tag_rename_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct tag_plan *plan = arg;

	return tag_words(store_tag_rename(tx_store(tx), plan->account_id,
			     &plan->uuid, plan->name), plan->name, note);
}

int
engine_tag_rename(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const char *name, struct err_note *note)
{
	struct tag_plan plan = {.account_id = account_id, .uuid = *uuid,
	    .name = name};
	int err;

	err = tag_name_check(name, note);
	return err < 0 ? err
		       : writer_do(engine->writer, tag_rename_apply, &plan,
			     note);
}

static int
tag_delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct tag_plan *plan = arg;

	return tag_words(store_tag_delete(tx_store(tx), plan->account_id,
			     &plan->uuid), "", note);
}

int
engine_tag_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note)
{
	struct tag_plan plan = {.account_id = account_id, .uuid = *uuid};

	return writer_do(engine->writer, tag_delete_apply, &plan, note);
}

/* One that is not there fails the operation, and with it what was written. */
static int
tags_bind_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct tag_plan *plan = arg;
	struct base_ref base;
	size_t i;
	int err;

	err = base_ref_find(tx_store(tx), plan->account_id, plan->base,
	    &base);
	if (err < 0)
		return err == ERR_NOT_FOUND
		    ? err_set(note, err, "there is no such base")
		    : err;
	for (i = 0; err == 0 && i < plan->count; i++)
		err = store_tag_bind(tx_store(tx), plan->account_id,
		    &plan->tags[i], base.id, plan->is_bound);
	return tag_words(err, "", note);
}

int
engine_tags_bind(struct engine *engine, int64_t account_id,
    const struct uuid *tags, size_t count, const struct uuid *base,
    bool is_bound, struct err_note *note)
{
	struct tag_plan plan = {.account_id = account_id, .tags = tags,
	    .count = count, .base = base, .is_bound = is_bound};

	if (count > TAGS_BIND_MAX)
		return err_set(note, ERR_TOO_BIG, "more than %u tags at once",
		    TAGS_BIND_MAX);
	return writer_do(engine->writer, tags_bind_apply, &plan, note);
}
