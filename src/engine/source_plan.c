/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "engine/remote.h"
#include "engine/rule.h"
#include "engine/source_plan.h"
#include "engine/writer.h"
#include "sys/seal.h"
#include "sys/sha256.h"

#define SOURCE_NAME_BYTES_MAX UPLOAD_NAME_BYTES_MAX

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

/* What a base cannot be fed from again and again. */
static int
base_check(enum source_kind kind, const struct source_config *config,
    struct err_note *note)
{
	if (kind == SOURCE_LINKS || kind == SOURCE_ABSENT)
		return err_set(note, ERR_INVALID,
		    "there is no such kind of source");
	if (kind != SOURCE_S3)
		return 0;
	if (config->provider == S3_PROVIDER_R2)
		return err_set(note, ERR_INVALID, "provider must be \"aws\", "
		    "\"spaces\" or \"other\"");
	if (config->is_object)
		return err_set(note, ERR_INVALID,
		    "there is no member is_object");
	return 0;
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
	if (err == 0 && !plan->is_import)
		err = base_check(kind, &plan->config, note);
	if (err == 0)
		err = remote_check(plan->engine, kind, &plan->config, note);
	return err;
}

int
source_plan_check(struct source_plan *plan, enum source_kind kind,
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

void
source_plan_init(struct source_plan *plan)
{
	buf_init(&plan->sealed, SEAL_BYTES_MAX + SEAL_OVERHEAD);
}

void
source_plan_clear(struct source_plan *plan)
{
	source_copy_fini(&plan->old);
	free(plan->text);
	mem_free(plan->name);
	plan->text = plan->name = NULL;
}

void
source_plan_fini(struct source_plan *plan)
{
	source_plan_clear(plan);
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
	case SOURCE_LINKS:
		return mem_strdup(json_string_value(
		    json_array_get(config->urls, 0)));
	case SOURCE_ABSENT:
		return mem_strdup(config->message);
	case SOURCE_KIND_COUNT:
		break;
	}
	return NULL;
}

int
source_plan_make(struct write_tx *tx, struct source_plan *plan,
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

int
source_plan_add(struct write_tx *tx, struct source_plan *plan,
    int64_t base_id, int64_t job_id, int64_t *ret_id, struct err_note *note)
{
	const struct source_request *request = &plan->request;
	struct source row;
	int err;

	source_plan_clear(plan);
	err = source_plan_make(tx, plan, request->kind, note);
	if (err < 0)
		return err;
	row = (struct source){.uuid = plan->uuid, .base_id = base_id,
	    .job_id = job_id, .kind = request->kind,
	    .name = request->name != NULL ? request->name : plan->name,
	    .config = plan->text,
	    .secret = request->secret != NULL ? buf_text(&plan->sealed)
					      : NULL,
	    .secret_len = plan->sealed.len,
	    .settings = request->settings != NULL ? request->settings : "{}",
	    .created_us = tx_now_us(tx), .updated_us = tx_now_us(tx)};
	return store_source_add(tx_store(tx), &row, ret_id);
}
