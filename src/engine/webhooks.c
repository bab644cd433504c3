/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks made, changed and deleted, and what is sent because somebody asks
 * for it.  What a request says is checked before the operation; a secret is
 * made and sealed before it, too, and is nowhere in the clear but with the one
 * who asked.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "engine/remote.h"
#include "engine/webhook_int.h"
#include "engine/writer.h"
#include "sys/rng.h"
#include "sys/seal.h"

struct webhook_plan {
	struct engine *engine;
	int64_t account_id;
	struct uuid uuid;
	enum dialect dialect;
	const struct webhook_request *request;
	struct buf bases;  /* of request->bases: a JSON array */
	struct buf sealed; /* a new secret */
	int64_t until_us;  /* set: the old secret signs until then */
	int64_t id;	   /* set: its row */
	bool has_more;	   /* set: deliveries are left */
};

static void
plan_fini(struct webhook_plan *plan)
{
	buf_fini(&plan->bases);
	buf_fini(&plan->sealed);
}

static void
plan_init(struct webhook_plan *plan, struct engine *engine,
    int64_t account_id, const struct webhook_request *request)
{
	*plan = (struct webhook_plan){.engine = engine,
	    .account_id = account_id, .request = request};
	buf_init(&plan->bases, WEBHOOK_BASES_MAX * (UUID_TEXT_SIZE + 2) + 2);
	buf_init(&plan->sealed, WEBHOOK_KEY_SIZE + SEAL_OVERHEAD);
}

/* ---- names -------------------------------------------------------------- */

#define EVENT_PREFIX "evt_"

void
engine_event_name(const struct engine *engine, const struct webhook *webhook,
    const struct event *event, char out[EVENT_NAME_SIZE])
{
	const struct webhook_face *face =
	    engine->webhook_faces[webhook->dialect];
	char text[UUID_TEXT_SIZE];

	if (face != NULL) {
		face->name(event, out);
		return;
	}
	uuid_format(&event->job.uuid, text);
	(void)snprintf(out, EVENT_NAME_SIZE, EVENT_PREFIX "%s", text);
}

int
event_name_parse(const char *text, struct uuid *ret_uuid)
{
	const size_t uuid_len = UUID_TEXT_SIZE - 1;
	size_t len = strlen(text);

	if (len < uuid_len || len >= EVENT_NAME_SIZE)
		return ERR_SYNTAX;
	if (len > uuid_len &&
	    strncmp(text, EVENT_PREFIX, sizeof(EVENT_PREFIX) - 1) != 0)
		return ERR_SYNTAX;
	return uuid_parse(text + len - uuid_len, uuid_len, ret_uuid);
}

/* ---- checks ------------------------------------------------------------- */

static int
url_check(const struct engine *engine, const char *url,
    struct err_note *note)
{
	struct net_policy policy = remote_policy(engine);
	int err;

	if (strlen(url) > WEBHOOK_URL_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "url has more than %u bytes", WEBHOOK_URL_BYTES_MAX);
	err = net_url_guard(url, &policy, note);
	if (err < 0)
		err_wrap(note, "url");
	return err;
}

static int
text_check(const char *text, const char *name, size_t max,
    struct err_note *note)
{
	size_t len = strlen(text);

	if (len > max)
		return err_set(note, ERR_INVALID,
		    "%s has more than %zu bytes", name, max);
	return utf8_is_valid(text, len)
	    ? 0
	    : err_set(note, ERR_INVALID, "%s is not UTF-8", name);
}

static int
bases_write(struct webhook_plan *plan, struct err_note *note)
{
	const struct webhook_request *request = plan->request;
	char text[UUID_TEXT_SIZE];
	struct jsonw w;
	size_t i;

	if (request->base_count > WEBHOOK_BASES_MAX)
		return err_set(note, ERR_INVALID,
		    "a webhook is told of %u bases at most, or of all",
		    WEBHOOK_BASES_MAX);
	jsonw_init(&w, &plan->bases);
	jsonw_array(&w);
	for (i = 0; i < request->base_count; i++) {
		uuid_format(&request->bases[i], text);
		jsonw_string(&w, text);
	}
	jsonw_array_end(&w);
	return plan->bases.err;
}

static int
plan_check(struct webhook_plan *plan, struct err_note *note)
{
	const struct webhook_request *request = plan->request;
	int err = 0;

	if (request->url != NULL)
		err = url_check(plan->engine, request->url, note);
	if (err == 0 && request->description != NULL)
		err = text_check(request->description, "description",
		    DESCRIPTION_BYTES_MAX, note);
	if (err == 0 && request->settings != NULL)
		err = text_check(request->settings, "settings",
		    METADATA_BYTES_MAX, note);
	if (err == 0 && (request->types & ~EVENT_TYPES_ALL) != 0)
		err = err_set(note, ERR_INVALID, "no such event type");
	return err < 0 ? err : bases_write(plan, note);
}

/* A new secret, sealed for the webhook. */
static int
plan_secret(struct webhook_plan *plan, char ret_secret[WEBHOOK_SECRET_SIZE],
    struct err_note *note)
{
	char context[UUID_TEXT_SIZE];
	uint8_t key[WEBHOOK_KEY_SIZE];
	int err;

	rng_bytes(key, sizeof(key));
	uuid_format(&plan->uuid, context);
	err = seal_put(plan->engine->seal, context, key, sizeof(key),
	    &plan->sealed);
	if (err == 0)
		webhook_secret_format(key, ret_secret);
	explicit_bzero(key, sizeof(key));
	return err < 0 ? err_set(note, err, "the secret cannot be kept: %s",
			     err_text(err))
		       : 0;
}

/* ---- making and changing ------------------------------------------------ */

static int
missing(int err, struct err_note *note)
{
	return err == ERR_NOT_FOUND
	    ? err_set(note, err, "there is no such webhook")
	    : err;
}

static int
webhook_load(struct write_tx *tx, const struct webhook_plan *plan,
    struct webhook_copy *copy, struct err_note *note)
{
	return missing(store_webhook_find(tx_store(tx), plan->account_id,
			   &plan->uuid, webhook_copy_take, copy), note);
}

/* Put what the request sets into webhook. */
static void
request_apply(const struct webhook_plan *plan, struct webhook *webhook,
    int64_t now_us)
{
	const struct webhook_request *request = plan->request;

	if (request->url != NULL)
		webhook->url = request->url;
	if (request->description != NULL)
		webhook->description = request->description;
	if (request->sets_types)
		webhook->types = request->types;
	if (request->sets_bases)
		webhook->bases = buf_text(&plan->bases);
	if (request->sets_silent)
		webhook->is_silent = request->is_silent;
	if (request->settings != NULL)
		webhook->settings = request->settings;
	if (request->sets_stopped &&
	    request->is_stopped != (webhook->stop != WEBHOOK_RUNS)) {
		webhook->stop = request->is_stopped ? WEBHOOK_STOPPED
						    : WEBHOOK_RUNS;
		webhook->stopped_us = request->is_stopped ? now_us : 0;
	}
	/* It only rises: who has seen it sees each change. */
	webhook->updated_us = now_us > webhook->updated_us
	    ? now_us
	    : webhook->updated_us + 1;
}

static int
create_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct webhook_plan *plan = arg;
	struct webhook webhook = {.uuid = plan->uuid,
	    .account_id = plan->account_id, .dialect = plan->dialect,
	    .description = "", .bases = "[]", .settings = "{}",
	    .secret = plan->sealed.data, .secret_len = plan->sealed.len,
	    .created_us = tx_now_us(tx)};
	uint64_t count;
	int err;

	err = store_webhooks_count(tx_store(tx), plan->account_id, &count);
	if (err == 0 && count >= WEBHOOKS_MAX)
		return err_set(note, ERR_CONFLICT,
		    "there are %u webhooks already", WEBHOOKS_MAX);
	request_apply(plan, &webhook, tx_now_us(tx));
	return err < 0 ? err
		       : store_webhook_add(tx_store(tx), &webhook, &plan->id);
}

int
engine_webhook_create(struct engine *engine, int64_t account_id,
    enum dialect dialect, const struct webhook_request *request,
    struct uuid *ret_uuid, char ret_secret[WEBHOOK_SECRET_SIZE],
    struct err_note *note)
{
	struct webhook_plan plan;
	int err;

	if (request->url == NULL)
		return err_set(note, ERR_INVALID, "a webhook needs a url");
	if (engine->webhook_faces[dialect] == NULL)
		return err_set(note, ERR_UNSUPPORTED,
		    "webhooks cannot be told in that dialect");
	plan_init(&plan, engine, account_id, request);
	plan.uuid = rng_uuid();
	plan.dialect = dialect;
	err = plan_check(&plan, note);
	if (err == 0)
		err = plan_secret(&plan, ret_secret, note);
	if (err == 0)
		err = writer_do(engine->writer, create_apply, &plan, note);
	if (err == 0)
		*ret_uuid = plan.uuid;
	else
		explicit_bzero(ret_secret, WEBHOOK_SECRET_SIZE);
	plan_fini(&plan);
	return err;
}

static int
change_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct webhook_plan *plan = arg;
	int64_t seen_us = plan->request->seen_us;
	struct webhook_copy copy;
	int err;

	err = webhook_load(tx, plan, &copy, note);
	if (err < 0)
		return err;
	if (seen_us != 0 && copy.row.updated_us != seen_us) {
		err = err_set(note, ERR_CONFLICT,
		    "the webhook was changed by somebody else meanwhile");
	} else {
		request_apply(plan, &copy.row, tx_now_us(tx));
		err = store_webhook_save(tx_store(tx), &copy.row);
	}
	webhook_copy_fini(&copy);
	return err;
}

int
engine_webhook_change(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, const struct webhook_request *request,
    struct err_note *note)
{
	struct webhook_plan plan;
	int err;

	plan_init(&plan, engine, account_id, request);
	plan.uuid = *uuid;
	err = plan_check(&plan, note);
	if (err == 0)
		err = writer_do(engine->writer, change_apply, &plan, note);
	if (err == 0)
		couriers_wake(engine->couriers); /* it may run again */
	plan_fini(&plan);
	return err;
}

static int
rotate_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct webhook_plan *plan = arg;
	struct webhook_copy copy;
	int err;

	err = webhook_load(tx, plan, &copy, note);
	if (err < 0)
		return err;
	copy.row.old_secret = copy.row.secret;
	copy.row.old_secret_len = copy.row.secret_len;
	copy.row.secret = plan->sealed.data;
	copy.row.secret_len = plan->sealed.len;
	plan->until_us = tx_now_us(tx) + WEBHOOK_ROTATION_US;
	copy.row.old_until_us = plan->until_us;
	request_apply(plan, &copy.row, tx_now_us(tx));
	err = store_webhook_save(tx_store(tx), &copy.row);
	webhook_copy_fini(&copy);
	return err;
}

int
engine_webhook_rotate(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, char ret_secret[WEBHOOK_SECRET_SIZE],
    int64_t *ret_old_until_us, struct err_note *note)
{
	const struct webhook_request nothing = {.url = NULL};
	struct webhook_plan plan;
	int err;

	plan_init(&plan, engine, account_id, &nothing);
	plan.uuid = *uuid;
	err = plan_secret(&plan, ret_secret, note);
	if (err == 0)
		err = writer_do(engine->writer, rotate_apply, &plan, note);
	if (err == 0)
		*ret_old_until_us = plan.until_us;
	else
		explicit_bzero(ret_secret, WEBHOOK_SECRET_SIZE);
	plan_fini(&plan);
	return err;
}

/* ---- deleting ----------------------------------------------------------- */

#define DROP_ROWS 200u /* deliveries at once */

static int
id_take(void *arg, const struct webhook *webhook)
{
	*(int64_t *)arg = webhook->id;
	return 0;
}

static int
delete_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct webhook_plan *plan = arg;
	int err;

	err = store_webhook_find(tx_store(tx), plan->account_id, &plan->uuid,
	    id_take, &plan->id);
	if (err < 0)
		return missing(err, note);
	err = store_webhook_delete(tx_store(tx), plan->id);
	return err < 0 ? err
		       : store_deliveries_drop(tx_store(tx), plan->id,
			     DROP_ROWS, &plan->has_more);
}

static int
drop_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct webhook_plan *plan = arg;

	(void)note;
	return store_deliveries_drop(tx_store(tx), plan->id, DROP_ROWS,
	    &plan->has_more);
}

/*
 * Its deliveries go bit by bit behind it.  Without their webhook nobody finds
 * them; what a dying server leaves of them goes with their events.
 */
int
engine_webhook_delete(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, struct err_note *note)
{
	struct webhook_plan plan = {.account_id = account_id, .uuid = *uuid};
	int err;

	err = writer_do(engine->writer, delete_apply, &plan, note);
	if (err < 0)
		return err;
	while (err == 0 && plan.has_more)
		err = writer_do_quietly(engine->writer, drop_apply, &plan,
		    NULL);
	return 0; /* the webhook is gone */
}
