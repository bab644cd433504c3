/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources made, changed and deleted.  What a source says is checked before the
 * operation, as far as that needs no store; what it leads to (an uploaded
 * object, a job that reads it) within it, so that nothing comes in between.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "engine/remote.h"
#include "engine/rule.h"
#include "engine/source_copy.h"
#include "engine/sources.h"
#include "engine/writer.h"
#include "sys/rng.h"
#include "sys/seal.h"
#include "sys/sha256.h"

#define SOURCE_NAME_BYTES_MAX UPLOAD_NAME_BYTES_MAX

/* One that is added or changed, on its way into the store. */
struct source_plan {
	struct engine *engine;
	int64_t account_id;
	struct uuid base, uuid;
	struct source_request request;
	struct source_config config; /* of request.config; json NULL: none */
	struct buf sealed;	     /* request.secret */
	/* Made within the operation, anew each time it is applied. */
	struct source_copy old;
	char *text; /* the config with what was found out; free() */
	char *name;
};

/* ---- checks -------------------------------------------------------------- */

static int
name_check(const char *name, struct err_note *note)
{
	size_t i, len = strlen(name);

	if (len == 0)
		return err_set(note, ERR_INVALID, "name may not be empty");
	if (len > SOURCE_NAME_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "name has more than %u bytes", SOURCE_NAME_BYTES_MAX);
	if (!utf8_is_valid(name, len))
		return err_set(note, ERR_INVALID, "name is not UTF-8");
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7F)
			return err_set(note, ERR_INVALID,
			    "name may not hold control characters");
	return 0;
}

static int
settings_check(const char *settings, struct err_note *note)
{
	struct rule rule;
	int err;

	if (strlen(settings) > METADATA_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "settings have more than %llu bytes", METADATA_BYTES_MAX);
	err = rule_read(NULL, settings, NULL, &rule, note);
	if (err < 0)
		err_wrap(note, "settings");
	return err;
}

static int
secret_seal(struct source_plan *plan, enum source_kind kind,
    struct err_note *note)
{
	const char *secret = plan->request.secret;
	char context[UUID_TEXT_SIZE];
	struct s3_keys keys;
	int err;

	if (secret == NULL)
		return 0;
	if (kind != SOURCE_S3)
		return err_set(note, ERR_INVALID,
		    "a secret is for a bucket alone");
	err = s3_keys_read(secret, &keys, note);
	if (err < 0)
		return err;
	s3_keys_fini(&keys);
	uuid_format(&plan->uuid, context);
	err = seal_put(plan->engine->seal, context, secret, strlen(secret),
	    &plan->sealed);
	return err < 0 ? err_set(note, err, "the secret cannot be kept: %s",
			     err_text(err))
		       : 0;
}

static int
config_check(struct source_plan *plan, enum source_kind kind,
    struct err_note *note)
{
	int err;

	if (plan->request.config == NULL)
		return 0;
	err = source_config_read(kind, plan->request.config, &plan->config,
	    note);
	if (err == 0 && json_object_get(plan->config.json, "hash") != NULL)
		err = err_set(note, ERR_INVALID, "there is no member hash");
	if (err == 0)
		err = remote_check(plan->engine, kind, &plan->config, note);
	return err;
}

static int
plan_check(struct source_plan *plan, enum source_kind kind,
    struct err_note *note)
{
	const struct source_request *request = &plan->request;
	int err = 0;

	if (request->name != NULL)
		err = name_check(request->name, note);
	if (err == 0 && request->settings != NULL)
		err = settings_check(request->settings, note);
	if (err == 0)
		err = config_check(plan, kind, note);
	if (err == 0)
		err = secret_seal(plan, kind, note);
	return err;
}

/* ---- what is stored ------------------------------------------------------ */

/* Forget what an application that was rolled back has made. */
static void
plan_clear(struct source_plan *plan)
{
	source_copy_fini(&plan->old);
	free(plan->text);
	mem_free(plan->name);
	plan->text = plan->name = NULL;
}

static void
plan_fini(struct source_plan *plan)
{
	plan_clear(plan);
	source_config_fini(&plan->config);
	buf_fini(&plan->sealed);
}

static int
object_take(void *arg, const struct object *object)
{
	struct source_plan *plan = arg;
	char hex[SHA256_TEXT_SIZE];

	sha256_format(object->hash, hex);
	if (json_object_set_new(plan->config.json, "hash",
		json_string(hex)) < 0)
		return ERR_NOMEM;
	if (plan->config.file_name == NULL) {
		plan->name = mem_strdup(object->name);
		if (plan->name == NULL)
			return ERR_NOMEM;
	}
	return 0;
}

static char *
default_name(const struct source_config *config, enum source_kind kind)
{
	struct buf name;
	char *text;

	switch (kind) {
	case SOURCE_UPLOAD:
		return mem_strdup(config->file_name);
	case SOURCE_S3:
		buf_init(&name, URI_BYTES_MAX);
		(void)buf_printf(&name, "%s%s%s", config->bucket,
		    config->prefix[0] == '\0' ? "" : "/", config->prefix);
		text = buf_take(&name);
		buf_fini(&name);
		return text;
	case SOURCE_WEB:
		return mem_strdup(config->url);
	case SOURCE_KIND_COUNT:
		break;
	}
	return NULL;
}

/* What the config leads to is there, and is noted in it. */
static int
plan_config(struct write_tx *tx, struct source_plan *plan,
    enum source_kind kind, struct err_note *note)
{
	int err = 0;

	if (kind == SOURCE_UPLOAD)
		err = store_object_get(tx_store(tx), plan->account_id,
		    plan->config.key, object_take, plan);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "no file was uploaded as %.100s",
		    plan->config.key);
	if (err < 0)
		return err;
	if (plan->name == NULL)
		plan->name = default_name(&plan->config, kind);
	plan->text = json_dumps(plan->config.json, JSON_COMPACT);
	return plan->name == NULL || plan->text == NULL ? ERR_NOMEM : 0;
}

/* ---- adding -------------------------------------------------------------- */

static int
add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct source_plan *plan = arg;
	const struct source_request *request = &plan->request;
	struct base_ref base;
	struct source row;
	uint64_t count;
	int64_t id;
	int err;

	plan_clear(plan);
	err = base_ref_find(tx_store(tx), plan->account_id, &plan->base,
	    &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = store_sources_count(tx_store(tx), base.id, &count);
	if (err == 0 && count >= SOURCES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the base has %u sources already", SOURCES_MAX);
	if (err == 0)
		err = plan_config(tx, plan, request->kind, note);
	if (err < 0)
		return err;
	row = (struct source){.uuid = plan->uuid, .base_id = base.id,
	    .kind = request->kind,
	    .name = request->name != NULL ? request->name : plan->name,
	    .config = plan->text,
	    .secret = request->secret != NULL ? buf_text(&plan->sealed)
					      : NULL,
	    .secret_len = plan->sealed.len,
	    .settings = request->settings != NULL ? request->settings : "{}",
	    .created_us = tx_now_us(tx), .updated_us = tx_now_us(tx)};
	return store_source_add(tx_store(tx), &row, &id);
}

int
engine_source_add(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct source_request *request,
    struct uuid *ret_source, struct err_note *note)
{
	struct source_plan plan = {.engine = engine,
	    .account_id = account_id, .base = *base, .request = *request};
	int err;

	if (request->config == NULL)
		return err_set(note, ERR_INVALID, "a source needs a config");
	plan.uuid = rng_uuid();
	buf_init(&plan.sealed, SEAL_BYTES_MAX + SEAL_OVERHEAD);
	err = plan_check(&plan, request->kind, note);
	if (err == 0)
		err = writer_do(engine->writer, add_apply, &plan, note);
	if (err == 0)
		*ret_source = plan.uuid;
	plan_fini(&plan);
	return err;
}

/* ---- changing ------------------------------------------------------------ */

struct source_ref {
	int64_t id;
	enum source_kind kind;
};

static int
ref_take(void *arg, const struct source *source)
{
	struct source_ref *ref = arg;

	ref->id = source->id;
	ref->kind = source->kind;
	return 0;
}

static int
source_ref_find(struct store *store, int64_t account_id,
    const struct uuid *base_uuid, const struct uuid *uuid,
    struct source_ref *ret_ref, struct err_note *note)
{
	struct base_ref base;
	int err;

	err = base_ref_find(store, account_id, base_uuid, &base);
	if (err < 0)
		return err_set(note, err, "there is no such base");
	err = store_source_find(store, base.id, uuid, ref_take, ret_ref);
	return err < 0 ? err_set(note, err, "the base has no such source")
		       : 0;
}

static int
change_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct source_plan *plan = arg;
	const struct source_request *request = &plan->request;
	struct source_ref ref;
	struct source row;
	int err;

	plan_clear(plan);
	err = source_ref_find(tx_store(tx), plan->account_id, &plan->base,
	    &plan->uuid, &ref, note);
	if (err == 0)
		err = source_copy_get(tx_store(tx), ref.id, &plan->old);
	if (err == 0 && request->config != NULL)
		err = plan_config(tx, plan, ref.kind, note);
	if (err < 0)
		return err;
	row = plan->old.row;
	if (request->config != NULL)
		row.config = plan->text;
	if (request->name != NULL)
		row.name = request->name;
	if (request->settings != NULL)
		row.settings = request->settings;
	if (request->secret != NULL) {
		row.secret = buf_text(&plan->sealed);
		row.secret_len = plan->sealed.len;
	}
	row.updated_us = tx_now_us(tx);
	return store_source_save(tx_store(tx), &row);
}

int
engine_source_change(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct uuid *source,
    const struct source_request *request, struct err_note *note)
{
	struct source_plan plan = {.engine = engine,
	    .account_id = account_id, .base = *base, .uuid = *source,
	    .request = *request};
	struct store *reader = NULL;
	struct source_ref ref;
	int err;

	buf_init(&plan.sealed, SEAL_BYTES_MAX + SEAL_OVERHEAD);
	/* What kind it is decides how the rest is checked, and never
	 * changes. */
	err = engine_reader(engine, &reader, note);
	if (err == 0)
		err = source_ref_find(reader, account_id, base, source, &ref,
		    note);
	if (err == 0)
		err = plan_check(&plan, ref.kind, note);
	if (err == 0)
		err = writer_do(engine->writer, change_apply, &plan, note);
	store_close(reader);
	plan_fini(&plan);
	return err;
}

/* ---- deleting ------------------------------------------------------------ */

#define DROP_PAGE 128u

struct source_drop {
	int64_t account_id;
	const struct uuid *base, *source;
	int64_t ids[DROP_PAGE];
	size_t count;
};

static int
drop_row(void *arg, const struct document *document)
{
	struct source_drop *drop = arg;

	drop->ids[drop->count++] = document->id;
	return 0;
}

/* A page at a time: those that were dropped do not come again. */
static int
drop_documents(struct write_tx *tx, struct source_drop *drop,
    int64_t source_id)
{
	size_t i;
	int err;

	do {
		drop->count = 0;
		err = store_source_documents(tx_store(tx), source_id, 0, 0,
		    DROP_PAGE, drop_row, drop);
		for (i = 0; err == 0 && i < drop->count; i++)
			err = document_drop(tx, drop->ids[i], NULL);
	} while (err == 0 && drop->count == DROP_PAGE);
	return err;
}

/* Only its newest share can be of a live job: a base has one at a time. */
static int
is_being_read(struct write_tx *tx, int64_t source_id, bool *ret_is)
{
	const struct share *own;
	const struct job *job;
	struct share share;
	int err;

	*ret_is = false;
	err = store_share_newest(tx_store(tx), source_id, &share);
	if (err < 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	job = tx_job(tx, share.job_id);
	if (job == NULL || job_state_is_final(job->state) ||
	    job->cancelled_us != 0)
		return 0;
	own = tx_share(tx, share.job_id, source_id);
	*ret_is = own != NULL && !share_is_done(own);
	return 0;
}

static int
delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct source_drop *drop = arg;
	struct source_ref ref;
	bool is_read;
	int err;

	err = source_ref_find(tx_store(tx), drop->account_id, drop->base,
	    drop->source, &ref, note);
	if (err == 0)
		err = is_being_read(tx, ref.id, &is_read);
	if (err < 0)
		return err;
	if (is_read)
		return err_set(note, ERR_CONFLICT,
		    "a job is reading the source");
	err = drop_documents(tx, drop, ref.id);
	return err < 0 ? err : store_source_delete(tx_store(tx), ref.id);
}

int
engine_source_delete(struct engine *engine, int64_t account_id,
    const struct uuid *base, const struct uuid *source,
    struct err_note *note)
{
	struct source_drop drop = {.account_id = account_id, .base = base,
	    .source = source};
	int err;

	err = writer_do(engine->writer, delete_apply, &drop, note);
	if (err == 0)
		janitor_wake(engine->janitor);
	return err;
}
