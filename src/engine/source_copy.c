/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/import.h"
#include "engine/source_copy.h"
#include "net/net.h"
#include "source/web_url.h"

#define SOURCE_CONFIG_BYTES_MAX (64 * KIB)
/* Each byte of an address may have been escaped in the text. */
#define LINKS_CONFIG_BYTES_MAX (2ULL * LINKS_MAX * WEB_URL_BYTES_MAX)
#define ABSENT_BYTES_MAX 250u /* a sentence that a job can tell */

/* ---- members ------------------------------------------------------------- */

/* A name that nothing reads is a mistake, and not to be passed over. */
static int
check_members(json_t *from, const char *const *names, struct err_note *note)
{
	const char *name;
	json_t *value;
	size_t i;

	json_object_foreach(from, name, value) {
		for (i = 0; names[i] != NULL; i++)
			if (strcmp(name, names[i]) == 0)
				break;
		if (names[i] == NULL)
			return err_set(note, ERR_INVALID,
			    "there is no member %.60s", name);
	}
	return 0;
}

static bool
text_is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
			return false;
	return utf8_is_valid(text, len);
}

/* Absent or null leaves *ret_text as it is. */
static int
read_text(json_t *from, const char *name, size_t bytes_max, bool is_needed,
    const char **ret_text, struct err_note *note)
{
	json_t *value = json_object_get(from, name);

	if ((value == NULL || json_is_null(value)) && !is_needed)
		return 0;
	if (!json_is_string(value))
		return err_set(note, ERR_INVALID, "%s must be a text", name);
	if (is_needed && json_string_length(value) == 0)
		return err_set(note, ERR_INVALID, "%s may not be empty", name);
	if (json_string_length(value) > bytes_max)
		return err_set(note, ERR_INVALID,
		    "%s has more than %zu bytes", name, bytes_max);
	if (!text_is_plain(json_string_value(value),
		json_string_length(value)))
		return err_set(note, ERR_INVALID,
		    "%s may not hold control characters", name);
	*ret_text = json_string_value(value);
	return 0;
}

/* ---- kinds --------------------------------------------------------------- */

static int
read_upload(json_t *from, struct source_config *config,
    struct err_note *note)
{
	/* hash: what the object held when it was named, for who looks. */
	static const char *const names[] = {"key", "name", "hash", NULL};
	int err;

	err = check_members(from, names, note);
	if (err == 0)
		err = read_text(from, "key", OBJECT_KEY_BYTES_MAX - 1, true,
		    &config->key, note);
	if (err == 0)
		err = read_text(from, "name", UPLOAD_NAME_BYTES_MAX, false,
		    &config->file_name, note);
	return err;
}

/* What only some providers know of. */
static int
read_s3_account(json_t *from, struct source_config *config,
    struct err_note *note)
{
	bool has_account = config->provider == S3_PROVIDER_R2;
	int err;

	err = read_text(from, "account", S3_ACCOUNT_BYTES_MAX, has_account,
	    &config->account, note);
	if (err == 0)
		err = read_text(from, "jurisdiction",
		    S3_JURISDICTION_BYTES_MAX, false, &config->jurisdiction,
		    note);
	if (err == 0 && !has_account &&
	    (config->account[0] != '\0' || config->jurisdiction[0] != '\0'))
		err = err_set(note, ERR_INVALID,
		    "account and jurisdiction are for the provider \"r2\"");
	return err;
}

static int
read_is_object(json_t *from, struct source_config *config,
    struct err_note *note)
{
	json_t *value = json_object_get(from, "is_object");

	if (value != NULL && !json_is_boolean(value))
		return err_set(note, ERR_INVALID,
		    "is_object must be true or false");
	config->is_object = json_is_true(value);
	if (config->is_object && config->prefix[0] == '\0')
		return err_set(note, ERR_INVALID,
		    "prefix may not be empty where it is an object's key");
	return 0;
}

static int
read_s3(json_t *from, struct source_config *config, struct err_note *note)
{
	static const char *const names[] = {"bucket", "prefix", "region",
	    "provider", "endpoint", "account", "jurisdiction", "is_object",
	    NULL};
	const char *provider = "aws";
	int err;

	config->prefix = config->region = config->endpoint = "";
	config->account = config->jurisdiction = "";
	err = check_members(from, names, note);
	if (err == 0)
		err = read_text(from, "bucket", S3_BUCKET_BYTES_MAX, true,
		    &config->bucket, note);
	if (err == 0)
		err = read_text(from, "prefix", S3_KEY_BYTES_MAX, false,
		    &config->prefix, note);
	if (err == 0)
		err = read_text(from, "region", S3_REGION_BYTES_MAX, false,
		    &config->region, note);
	if (err == 0)
		err = read_text(from, "provider", S3_REGION_BYTES_MAX, false,
		    &provider, note);
	if (err == 0)
		err = read_text(from, "endpoint", WEB_URL_BYTES_MAX, false,
		    &config->endpoint, note);
	if (err < 0)
		return err;
	if (s3_provider_parse(provider, &config->provider) < 0)
		return err_set(note, ERR_INVALID, "provider must be \"aws\", "
		    "\"spaces\", \"r2\" or \"other\"");
	if (config->endpoint[0] != '\0' &&
	    config->provider != S3_PROVIDER_OTHER)
		return err_set(note, ERR_INVALID,
		    "endpoint is for the provider \"other\"");
	err = read_s3_account(from, config, note);
	return err < 0 ? err : read_is_object(from, config, note);
}

static int
read_scope(json_t *from, enum web_scope *ret_scope, struct err_note *note)
{
	static const char *const words[WEB_SCOPE_COUNT] = {
	    [WEB_SCOPED] = "page",
	    [WEB_PATH] = "path",
	    [WEB_DOMAIN] = "host",
	    [WEB_SUBDOMAINS] = "subdomains",
	    [WEB_SITEMAP] = "sitemap",
	};
	const char *word = words[WEB_SCOPED];
	int i, err;

	err = read_text(from, "scope", NAME_BYTES_MAX, false, &word, note);
	for (i = 0; err == 0 && i < WEB_SCOPE_COUNT; i++)
		if (strcmp(word, words[i]) == 0) {
			*ret_scope = (enum web_scope)i;
			return 0;
		}
	return err < 0 ? err
		       : err_set(note, ERR_INVALID, "scope must be \"page\", "
			     "\"path\", \"host\", \"subdomains\" or "
			     "\"sitemap\"");
}

static int
read_tags(json_t *from, struct source_config *config, struct err_note *note)
{
	json_t *list = json_object_get(from, "exclude_tags");
	const char *tag;
	size_t i;

	if (list == NULL || json_is_null(list))
		return 0;
	if (!json_is_array(list) || json_array_size(list) > WEB_TAGS_MAX)
		return err_set(note, ERR_INVALID,
		    "exclude_tags must be a list of at most %u names",
		    WEB_TAGS_MAX);
	for (i = 0; i < json_array_size(list); i++) {
		tag = json_string_value(json_array_get(list, i));
		if (tag == NULL || strlen(tag) != json_string_length(
			json_array_get(list, i)) || !web_tag_is_valid(tag))
			return err_set(note, ERR_INVALID,
			    "exclude_tags[%zu] is not the name of an element",
			    i);
		config->tags[config->tag_count++] = tag;
	}
	return 0;
}

static int
read_web(json_t *from, struct source_config *config, struct err_note *note)
{
	static const char *const names[] = {"url", "scope", "media",
	    "exclude_tags", NULL};
	json_t *media = json_object_get(from, "media");
	int err;

	err = check_members(from, names, note);
	if (err == 0)
		err = read_text(from, "url", WEB_URL_BYTES_MAX, true,
		    &config->url, note);
	if (err == 0) {
		err = net_url_check(config->url, note);
		if (err < 0)
			err_wrap(note, "url");
	}
	if (err == 0)
		err = read_scope(from, &config->scope, note);
	if (err == 0 && media != NULL && !json_is_boolean(media))
		err = err_set(note, ERR_INVALID,
		    "media must be true or false");
	config->takes_media = json_is_true(media);
	return err < 0 ? err : read_tags(from, config, note);
}

/* The address as it is asked for. */
static int
read_link(json_t *value, struct buf *out, struct err_note *note)
{
	int err = ERR_SYNTAX;

	buf_clear(out);
	if (json_is_string(value))
		err = web_url_resolve(NULL, json_string_value(value),
		    json_string_length(value), out);
	switch (err) {
	case 0:
		return net_url_check(buf_text(out), note);
	case ERR_NOMEM:
		return err;
	case ERR_FORBIDDEN:
		return err_set(note, ERR_INVALID,
		    "an address with a user's name in it is not used");
	case ERR_TOO_BIG:
		return err_set(note, ERR_INVALID,
		    "the address has more than %u bytes", WEB_URL_BYTES_MAX);
	default:
		return err_set(note, ERR_INVALID,
		    "this is no address: http://HOST... or https://HOST...");
	}
}

/* The list, normalised, with each address once, in the order in which they
 * were given. */
static int
links_clean(json_t *list, json_t *clean, struct err_note *note)
{
	json_t *seen = json_object();
	struct buf url;
	size_t i;
	int err = seen == NULL ? ERR_NOMEM : 0;

	buf_init(&url, WEB_URL_BYTES_MAX);
	for (i = 0; err == 0 && i < json_array_size(list); i++) {
		err = read_link(json_array_get(list, i), &url, note);
		if (err < 0) {
			err_wrap(note, "urls[%zu]", i);
			break;
		}
		if (json_object_get(seen, buf_text(&url)) != NULL)
			continue;
		if (json_object_set_new(seen, buf_text(&url), json_true()) <
			0 ||
		    json_array_append_new(clean,
			json_string(buf_text(&url))) < 0)
			err = ERR_NOMEM;
	}
	buf_fini(&url);
	json_decref(seen);
	return err;
}

static int
read_links(json_t *from, struct source_config *config,
    struct err_note *note)
{
	static const char *const names[] = {"urls", NULL};
	json_t *list = json_object_get(from, "urls"), *clean;
	int err;

	err = check_members(from, names, note);
	if (err < 0)
		return err;
	if (!json_is_array(list) || json_array_size(list) == 0 ||
	    json_array_size(list) > LINKS_MAX)
		return err_set(note, ERR_INVALID,
		    "urls must be a list of 1 to %u addresses", LINKS_MAX);
	clean = json_array();
	err = clean == NULL ? ERR_NOMEM : links_clean(list, clean, note);
	if (err < 0) {
		json_decref(clean);
		return err;
	}
	if (json_object_set_new(from, "urls", clean) < 0)
		return ERR_NOMEM;
	config->urls = json_object_get(from, "urls");
	return 0;
}

static int
read_absent(json_t *from, struct source_config *config,
    struct err_note *note)
{
	static const char *const names[] = {"message", NULL};
	int err;

	err = check_members(from, names, note);
	return err < 0 ? err
		       : read_text(from, "message", ABSENT_BYTES_MAX, true,
			     &config->message, note);
}

int
source_config_read(enum source_kind kind, const char *text,
    struct source_config *ret_config, struct err_note *note)
{
	struct source_config config = {.json = NULL};
	uint64_t bytes_max = kind == SOURCE_LINKS ? LINKS_CONFIG_BYTES_MAX
						  : SOURCE_CONFIG_BYTES_MAX;
	int err = ERR_INVALID;

	if (strlen(text) > bytes_max)
		return err_set(note, ERR_TOO_BIG,
		    "the source's config has more than %llu bytes",
		    (unsigned long long)bytes_max);
	config.json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(config.json)) {
		json_decref(config.json);
		return err_set(note, ERR_INVALID,
		    "the source's config must be an object");
	}
	switch (kind) {
	case SOURCE_UPLOAD:
		err = read_upload(config.json, &config, note);
		break;
	case SOURCE_S3:
		err = read_s3(config.json, &config, note);
		break;
	case SOURCE_WEB:
		err = read_web(config.json, &config, note);
		break;
	case SOURCE_LINKS:
		err = read_links(config.json, &config, note);
		break;
	case SOURCE_ABSENT:
		err = read_absent(config.json, &config, note);
		break;
	case SOURCE_KIND_COUNT:
		err = err_set(note, ERR_INVALID, "there is no such kind of "
		    "source");
		break;
	}
	if (err < 0)
		source_config_fini(&config);
	else
		*ret_config = config;
	return err;
}

void
source_config_fini(struct source_config *config)
{
	json_decref(config->json);
	config->json = NULL;
}

/* ---- copies -------------------------------------------------------------- */

static int
copy_row(void *arg, const struct source *source)
{
	struct source_copy *copy = arg;

	copy->row = *source;
	copy->name = mem_strdup(source->name);
	copy->text = mem_strdup(source->config);
	copy->settings = mem_strdup(source->settings);
	if (source->secret != NULL) {
		copy->secret = mem_alloc(source->secret_len);
		if (copy->secret != NULL)
			memcpy(copy->secret, source->secret,
			    source->secret_len);
	}
	copy->row.name = copy->name;
	copy->row.config = copy->text;
	copy->row.settings = copy->settings;
	copy->row.secret = copy->secret;
	return copy->name == NULL || copy->text == NULL ||
		copy->settings == NULL ||
		(source->secret != NULL && copy->secret == NULL) ? ERR_NOMEM
								  : 0;
}

int
source_copy_get(struct store *store, int64_t source_id,
    struct source_copy *ret_copy)
{
	struct source_copy copy = {.name = NULL};
	int err;

	err = store_source_get(store, source_id, copy_row, &copy);
	if (err == 0) {
		err = source_config_read(copy.row.kind, copy.text,
		    &copy.config, NULL);
		if (err == ERR_INVALID || err == ERR_TOO_BIG)
			err = ERR_CORRUPT;
	}
	if (err < 0)
		source_copy_fini(&copy);
	else
		*ret_copy = copy;
	return err;
}

void
source_copy_fini(struct source_copy *copy)
{
	source_config_fini(&copy->config);
	mem_free(copy->name);
	mem_free(copy->text);
	mem_free(copy->settings);
	mem_free(copy->secret);
	*copy = (struct source_copy){.name = NULL};
}
