/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/remote.h"
#include "sys/seal.h"

/* ---- keys ---------------------------------------------------------------- */

static int
read_key(json_t *from, const char *name, bool is_needed,
    const char **ret_text, struct err_note *note)
{
	json_t *value = json_object_get(from, name);

	if (value == NULL && !is_needed)
		return 0;
	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    json_string_length(value) > S3_SECRET_BYTES_MAX ||
	    strlen(json_string_value(value)) != json_string_length(value))
		return err_set(note, ERR_INVALID,
		    "%s must be a text of 1 to %u bytes", name,
		    S3_SECRET_BYTES_MAX);
	*ret_text = json_string_value(value);
	return 0;
}

int
s3_keys_read(const char *text, struct s3_keys *ret_keys,
    struct err_note *note)
{
	struct s3_keys keys = {.session_token = ""};
	size_t count = 2;
	int err;

	keys.json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(keys.json)) {
		json_decref(keys.json);
		return err_set(note, ERR_INVALID,
		    "the secret must be an object");
	}
	err = read_key(keys.json, "key_id", true, &keys.key_id, note);
	if (err == 0)
		err = read_key(keys.json, "secret_key", true,
		    &keys.secret_key, note);
	if (err == 0)
		err = read_key(keys.json, "session_token", false,
		    &keys.session_token, note);
	count += json_object_get(keys.json, "session_token") != NULL;
	if (err == 0 && json_object_size(keys.json) != count)
		err = err_set(note, ERR_INVALID, "the secret has members "
		    "beside key_id, secret_key and session_token");
	if (err < 0)
		s3_keys_fini(&keys);
	else
		*ret_keys = keys;
	return err;
}

static void
wipe_string(json_t *value)
{
	if (json_is_string(value))
		explicit_bzero((void *)(uintptr_t)json_string_value(value),
		    json_string_length(value));
}

void
s3_keys_fini(struct s3_keys *keys)
{
	wipe_string(json_object_get(keys->json, "key_id"));
	wipe_string(json_object_get(keys->json, "secret_key"));
	wipe_string(json_object_get(keys->json, "session_token"));
	json_decref(keys->json);
	*keys = (struct s3_keys){.json = NULL};
}

/* ---- addresses ----------------------------------------------------------- */

struct net_policy
remote_policy(const struct engine *engine)
{
	return (struct net_policy){
	    .hosts = (const char *const *)engine->net_allow.list,
	    .host_count = engine->net_allow.count};
}

int
remote_words_check(const char *const *s3_endpoints, size_t s3_endpoint_count,
    size_t net_allow_count, struct err_note *note)
{
	const char *url;
	size_t i;
	int err;

	if (net_allow_count > NET_HOSTS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "net_allow: more than %u hosts", NET_HOSTS_MAX);
	for (i = 0; i < s3_endpoint_count; i++) {
		url = strchr(s3_endpoints[i], '=');
		if (url == NULL || url == s3_endpoints[i])
			return err_set(note, ERR_INVALID,
			    "s3_endpoints: \"%.60s\" is not NAME=URL",
			    s3_endpoints[i]);
		err = net_url_check(url + 1, note);
		if (err < 0) {
			err_wrap(note, "s3_endpoints");
			return err;
		}
	}
	return 0;
}

/* "NAME=URL": the URL when NAME is that, else NULL. */
static const char *
endpoint_of(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, name, len) == 0 && word[len] == '='
	    ? word + len + 1
	    : NULL;
}

/* What the operator wrote down for the bucket, its region, or all. */
static const char *
endpoint_find(const struct engine *engine, const char *region,
    const char *bucket)
{
	char names[3][S3_REGION_BYTES_MAX + S3_BUCKET_BYTES_MAX + 2];
	const char *url;
	size_t i, j;

	(void)snprintf(names[0], sizeof(names[0]), "%s/%s", region, bucket);
	(void)snprintf(names[1], sizeof(names[1]), "%s", region);
	(void)snprintf(names[2], sizeof(names[2]), "*");
	for (i = 0; i < 3; i++)
		for (j = 0; j < engine->s3_endpoints.count; j++) {
			url = endpoint_of(engine->s3_endpoints.list[j],
			    names[i]);
			if (url != NULL)
				return url;
		}
	return NULL;
}

/* s3 says how it is asked, and with what keys; config where. */
static int
client_new(const struct engine *engine, const struct source_config *config,
    struct s3_config *s3, struct s3_client **ret_client,
    struct err_note *note)
{
	const char *region = config->region, *own = NULL;

	/* Settings name a region also where a source need not. */
	if (region[0] == '\0' && s3_provider_region(config->provider) != NULL)
		region = s3_provider_region(config->provider);
	s3->provider = config->provider;
	s3->scheme = s3_provider_scheme(config->provider);
	s3->endpoint = config->endpoint;
	s3->region = config->region;
	s3->account = config->account;
	s3->jurisdiction = config->jurisdiction;
	s3->bucket = config->bucket;
	s3->prefix = config->prefix;
	s3->is_prefix_whole = true;
	s3->policy = remote_policy(engine);
	if (config->endpoint[0] == '\0')
		own = endpoint_find(engine, region, config->bucket);
	/* The operator knows where that leads. */
	if (own != NULL) {
		s3->provider = S3_PROVIDER_OTHER;
		s3->endpoint = own;
		/* One that goes without saying may turn out another one. */
		if (strcmp(region, s3_provider_region(S3_PROVIDER_OTHER)) != 0)
			s3->region = region;
		s3->policy = (struct net_policy){.allows_any = true};
	}
	return s3_client_new(s3, ret_client, note);
}

int
remote_check(const struct engine *engine, enum source_kind kind,
    const struct source_config *config, struct err_note *note)
{
	struct s3_config s3 = {.key_id = NULL};
	struct s3_client *client = NULL;
	int err;

	if (kind != SOURCE_S3)
		return 0;
	err = client_new(engine, config, &s3, &client, note);
	s3_client_free(client);
	return err;
}

/* ---- clients ------------------------------------------------------------- */

static int
keys_open(const struct engine *engine, const struct source_copy *source,
    struct s3_keys *keys, struct err_note *note)
{
	char context[UUID_TEXT_SIZE], *secret;
	size_t len;
	int err;

	uuid_format(&source->row.uuid, context);
	err = seal_get(engine->seal, context, source->secret,
	    source->row.secret_len, &secret, &len);
	if (err < 0)
		return err == ERR_CORRUPT
		    ? err_set(note, ERR_FORBIDDEN, "what opens the bucket was "
			  "sealed with another key than that of this data "
			  "folder")
		    : err;
	err = s3_keys_read(secret, keys, note);
	seal_wipe(secret, len);
	return err;
}

int
remote_s3_open(const struct engine *engine, const struct source_copy *source,
    s3_wait_fn *wait, void *wait_arg, struct s3_client **ret_client,
    struct err_note *note)
{
	/* What a job of its own finds has the same name whatever the prefix
	 * is: another one may come across it. */
	struct s3_config s3 = {.wait = wait, .wait_arg = wait_arg,
	    .is_name_whole = source->row.job_id != 0};
	struct s3_keys keys = {.json = NULL};
	int err = 0;

	if (source->row.is_forgotten)
		return err_set(note, ERR_FORBIDDEN, "%s",
		    REMOTE_FORGOTTEN_TEXT);
	if (source->secret != NULL)
		err = keys_open(engine, source, &keys, note);
	s3.key_id = keys.key_id;
	s3.secret = keys.secret_key;
	s3.session_token = keys.session_token;
	if (err == 0)
		err = client_new(engine, &source->config, &s3, ret_client,
		    note);
	s3_keys_fini(&keys);
	return err;
}

static bool
slot_fits(const struct remote_slot *slot, const struct source_copy *source)
{
	return slot->client != NULL && slot->source_id == source->row.id &&
	    slot->updated_us == source->row.updated_us;
}

int
remote_kept_open(struct remote_kept *kept, const struct engine *engine,
    const struct source_copy *source, struct s3_client **ret_client,
    struct err_note *note)
{
	struct remote_slot *slot;
	unsigned i;
	int err;

	for (i = 0; i < REMOTE_KEPT_MAX; i++)
		if (slot_fits(&kept->slots[i], source)) {
			*ret_client = kept->slots[i].client;
			return 0;
		}
	slot = &kept->slots[kept->next];
	s3_client_free(slot->client);
	*slot = (struct remote_slot){.client = NULL};
	err = remote_s3_open(engine, source, NULL, NULL, &slot->client, note);
	if (err < 0)
		return err;
	slot->source_id = source->row.id;
	slot->updated_us = source->row.updated_us;
	kept->next = (kept->next + 1) % REMOTE_KEPT_MAX;
	*ret_client = slot->client;
	return 0;
}

int
remote_kept_web(struct remote_kept *kept, const struct engine *engine,
    struct net_client **ret_client, struct err_note *note)
{
	struct net_policy policy = remote_policy(engine);
	int err = 0;

	if (kept->web == NULL)
		err = net_client_new(&policy, &kept->web, note);
	if (err == 0)
		*ret_client = kept->web;
	return err;
}

void
remote_kept_fini(struct remote_kept *kept)
{
	unsigned i;

	for (i = 0; i < REMOTE_KEPT_MAX; i++)
		s3_client_free(kept->slots[i].client);
	net_client_free(kept->web);
	*kept = (struct remote_kept){.next = 0};
}
