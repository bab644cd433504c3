/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data source as bodies describe it, and as answers show it.
 *
 * A body names its kind by the member that is there: exactly one of six, of
 * which two are services that there is no way to from here.
 */
#include <stdlib.h>
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_chunking.h"
#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_source.h"
#include "base/mem.h"

#define NOT_ONE                                                               \
	"CreateKnowledgeBaseDataSource must have exactly 1 data source."
#define PATH_BYTES_MAX S3_KEY_BYTES_MAX
#define TAGS_MAX WEB_TAGS_MAX

/* Where pages are followed to; the words of both sides. */
static const char *const crawling_words[] = {"SCOPED", "PATH", "DOMAIN",
    "SUBDOMAINS", "SITEMAP", NULL};
static const char *const scopes[] = {"page", "path", "host", "subdomains",
    "sitemap"};
_Static_assert(sizeof(crawling_words) / sizeof(*crawling_words) ==
    sizeof(scopes) / sizeof(*scopes) + 1, "a scope for each word");

const char *
do_crawling_option(const char *scope)
{
	size_t i;

	for (i = 0; i + 1 < sizeof(scopes) / sizeof(*scopes); i++)
		if (strcmp(scopes[i], scope) == 0)
			break;
	return crawling_words[i];
}

/* ---- reading ------------------------------------------------------------ */

/* What is read, before it is text. */
struct reading {
	enum source_kind kind;
	const char *name;
	json_t *config, *secret; /* owned */
	const char *item_path;
};

static int
required(const char *text, const char *name, struct err_note *note)
{
	return text != NULL ? 0 : err_set(note, ERR_INVALID,
	    "%s is required", name);
}

/*
 * The prefix that a path stands for.  "", "/" and "*" are the whole bucket; a
 * path that ends with a slash is a folder; without one it is a file when its
 * last part looks like a file's name, else a folder.
 */
static int
prefix_make(const char *path, char out[PATH_BYTES_MAX + 2],
    struct err_note *note)
{
	const char *last;
	size_t len;

	out[0] = '\0';
	if (path == NULL)
		return 0;
	path += strspn(path, "/");
	len = strlen(path);
	while (len > 0 && path[len - 1] == '*')
		len--;
	if (len > PATH_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "item_path has more than %u bytes", PATH_BYTES_MAX);
	memcpy(out, path, len);
	out[len] = '\0';
	last = strrchr(out, '/');
	last = last == NULL ? out : last + 1;
	if (path[len] == '*' || last[0] == '\0' || strchr(last, '.') != NULL)
		return 0;
	out[len] = '/';
	out[len + 1] = '\0';
	return 0;
}

/* What opens it: both of them, or none. */
static int
read_keys(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	const char *key, *secret;
	int err;

	err = do_text(object, "key_id", &key, note);
	if (err == 0)
		err = do_text(object, "secret_key", &secret, note);
	if (err < 0)
		return err;
	if ((key == NULL) != (secret == NULL))
		return err_set(note, ERR_INVALID,
		    "key_id and secret_key belong together");
	if (key == NULL)
		return 0;
	reading->secret = json_pack("{s:s, s:s}", "key_id", key,
	    "secret_key", secret);
	return reading->secret == NULL ? ERR_NOMEM : 0;
}

static int
read_bucket(const json_t *object, const char *provider,
    const char *otherwise, const char *region_name, struct reading *reading,
    struct err_note *note)
{
	char prefix[PATH_BYTES_MAX + 2];
	const char *bucket, *region;
	int err;

	err = do_text(object, "bucket_name", &bucket, note);
	if (err == 0)
		err = required(bucket, "bucket_name", note);
	if (err == 0)
		err = do_text(object, region_name, &region, note);
	if (err == 0)
		err = do_text(object, "item_path", &reading->item_path, note);
	if (err == 0)
		err = prefix_make(reading->item_path, prefix, note);
	if (err == 0)
		err = read_keys(object, reading, note);
	if (err < 0)
		return err;
	reading->kind = SOURCE_S3;
	reading->config = json_pack("{s:s, s:s, s:s, s:s}", "bucket", bucket,
	    "prefix", prefix, "region", region == NULL ? otherwise : region,
	    "provider", provider);
	return reading->config == NULL ? ERR_NOMEM : 0;
}

static int
read_spaces(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	return read_bucket(object, "spaces", "tor1", "region", reading, note);
}

/* As it was before sources were objects. */
static int
read_old_spaces(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	return read_bucket(object, "spaces", "tor1", "bucket_region", reading,
	    note);
}

static int
read_aws(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	return read_bucket(object, "aws", "us-east-1", "region", reading,
	    note);
}

static int
read_web(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	const json_t *tags;
	const char *url;
	int option, media, err;

	err = do_text(object, "base_url", &url, note);
	if (err == 0)
		err = required(url, "base_url", note);
	if (err == 0)
		err = do_word(object, "crawling_option", crawling_words,
		    &option, note);
	if (err == 0)
		err = do_bool(object, "embed_media", &media, note);
	if (err == 0)
		err = do_texts(object, "exclude_tags", TAGS_MAX, &tags, note);
	if (err < 0)
		return err;
	reading->kind = SOURCE_WEB;
	reading->config = json_pack("{s:s, s:s, s:b, s:o}", "url", url,
	    "scope", scopes[option < 0 ? 0 : option], "media", media > 0,
	    "exclude_tags", tags == NULL ? json_array()
					 : json_deep_copy(tags));
	return reading->config == NULL ? ERR_NOMEM : 0;
}

static int
read_upload(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	const char *key;
	uint64_t bytes;
	int err;

	err = do_text(object, "stored_object_key", &key, note);
	if (err == 0)
		err = required(key, "stored_object_key", note);
	if (err == 0)
		err = do_text(object, "original_file_name", &reading->name,
		    note);
	/* Looked at for its type only: what was uploaded is what counts. */
	if (err == 0)
		err = do_number(object, "size_in_bytes", INT64_MAX, &bytes,
		    note);
	if (err < 0)
		return err;
	reading->kind = SOURCE_UPLOAD;
	reading->config = json_pack("{s:s, s:s*}", "key", key, "name",
	    reading->name);
	return reading->config == NULL ? ERR_NOMEM : 0;
}

static int
read_dropbox(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	(void)object;
	(void)reading;
	return err_set(note, ERR_INVALID, "Dropbox cannot be read from here; "
	    "upload the files or put them into a bucket");
}

static int
read_google_drive(const json_t *object, struct reading *reading,
    struct err_note *note)
{
	(void)object;
	(void)reading;
	return err_set(note, ERR_INVALID, "Google Drive cannot be read from "
	    "here; upload the files or put them into a bucket");
}

typedef int read_fn(const json_t *object, struct reading *reading,
    struct err_note *note);

static const struct {
	const char *name;
	read_fn *read;
} kinds[] = {
    {"spaces_data_source", read_spaces},
    {"aws_data_source", read_aws},
    {"web_crawler_data_source", read_web},
    {"file_upload_data_source", read_upload},
    {"dropbox_data_source", read_dropbox},
    {"google_drive_data_source", read_google_drive},
};

static int
read_one(const json_t *body, struct reading *reading, struct err_note *note)
{
	const json_t *object = NULL, *value;
	read_fn *read = read_old_spaces;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		value = json_object_get(body, kinds[i].name);
		if (do_is_blank(value))
			continue;
		if (!json_is_object(value))
			return err_set(note, ERR_INVALID,
			    "%s must be an object", kinds[i].name);
		if (object != NULL)
			return err_set(note, ERR_INVALID, NOT_ONE);
		object = value;
		read = kinds[i].read;
	}
	if (object == NULL && !do_is_blank(json_object_get(body,
	    "bucket_name")))
		object = body;
	return object == NULL ? err_set(note, ERR_INVALID, NOT_ONE)
			      : read(object, reading, note);
}

/* Returns owned; NULL: no memory. */
static json_t *
settings_make(const struct do_chunking *chunking, const char *item_path)
{
	json_t *settings = json_pack("{s:s, s:{s:s*}}", "duplicates",
	    "index", "digitalocean", "item_path", item_path);

	if (settings != NULL && do_chunking_store(chunking, settings,
	    do_settings(settings)) == 0)
		return settings;
	json_decref(settings);
	return NULL;
}

/* json as text; NULL stays NULL.  ERR_NOMEM. */
static int
text_of(const json_t *json, char **ret_text)
{
	if (json == NULL)
		return 0;
	*ret_text = json_dumps(json, JSON_COMPACT);
	return *ret_text == NULL ? ERR_NOMEM : 0;
}

void
do_source_input_fini(struct do_source_input *input)
{
	mem_free(input->name);
	free(input->config);
	if (input->secret != NULL)
		explicit_bzero(input->secret, strlen(input->secret));
	free(input->secret);
	free(input->settings);
	memset(input, 0, sizeof(*input));
}

int
do_source_read(const json_t *body, struct do_source_input *ret_input,
    struct err_note *note)
{
	struct do_chunking chunking = do_chunking_default;
	struct do_source_input input = {.kind = SOURCE_UPLOAD};
	struct reading reading = {.kind = SOURCE_UPLOAD};
	json_t *settings = NULL;
	int err;

	err = read_one(body, &reading, note);
	if (err == 0)
		err = do_chunking_change(&chunking, body, note);
	if (err < 0)
		goto out;
	input.kind = reading.kind;
	settings = settings_make(&chunking, reading.item_path);
	err = settings == NULL ? ERR_NOMEM : 0;
	if (err == 0 && reading.name != NULL) {
		input.name = mem_strdup(reading.name);
		err = input.name == NULL ? ERR_NOMEM : 0;
	}
	if (err == 0)
		err = text_of(reading.config, &input.config);
	if (err == 0)
		err = text_of(reading.secret, &input.secret);
	if (err == 0)
		err = text_of(settings, &input.settings);
	if (err == 0) {
		*ret_input = input;
		memset(&input, 0, sizeof(input));
	}
out:
	do_source_input_fini(&input);
	json_decref(settings);
	json_decref(reading.config);
	json_decref(reading.secret);
	return err;
}
