/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data source as answers show it.  Secrets never are.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_chunking.h"
#include "api/digitalocean/digitalocean_int.h"
#include "api/digitalocean/digitalocean_source.h"
#include "api/digitalocean/digitalocean_view.h"
#include "store/store_source.h"

static const char *
text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

static int
take_bytes(void *arg, const struct object *object)
{
	uint64_t *bytes = arg;

	*bytes = object->bytes;
	return 0;
}

static int
put_upload(struct http_request *request, struct store *reader,
    const struct source *source, const json_t *config, struct jsonw *w)
{
	const char *key = text_in(config, "key");
	uint64_t bytes = 0;
	char text[24];
	int err;

	err = store_object_get(reader, request->caller.account_id, key,
	    take_bytes, &bytes);
	if (err < 0 && err != ERR_NOT_FOUND)
		return err;
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)bytes);
	jsonw_name(w, "file_upload_data_source");
	jsonw_object(w);
	jsonw_nstring(w, "original_file_name", source->name);
	jsonw_nstring(w, "size_in_bytes", text);
	jsonw_nstring(w, "stored_object_key", key);
	jsonw_object_end(w);
	return 0;
}

static void
put_place(struct jsonw *w, const json_t *config, const char *path)
{
	jsonw_nstring(w, "bucket_name", text_in(config, "bucket"));
	jsonw_nstring(w, "item_path", path);
	jsonw_nstring(w, "region", text_in(config, "region"));
}

/* Twice: old clients look for its parts at the top. */
static void
put_bucket(struct jsonw *w, const json_t *config, const json_t *own)
{
	const json_t *given = json_object_get(own, "item_path");
	const char *path = json_is_string(given)
	    ? json_string_value(given) : text_in(config, "prefix");
	bool is_spaces = strcmp(text_in(config, "provider"), "spaces") == 0;

	jsonw_name(w, is_spaces ? "spaces_data_source" : "aws_data_source");
	jsonw_object(w);
	put_place(w, config, path);
	jsonw_object_end(w);
	put_place(w, config, path);
}

static void
put_web(struct jsonw *w, const json_t *config)
{
	const json_t *tags = json_object_get(config, "exclude_tags");
	size_t i;

	jsonw_name(w, "web_crawler_data_source");
	jsonw_object(w);
	jsonw_nstring(w, "base_url", text_in(config, "url"));
	jsonw_nstring(w, "crawling_option",
	    do_crawling_option(text_in(config, "scope")));
	jsonw_nbool(w, "embed_media",
	    json_is_true(json_object_get(config, "media")));
	jsonw_name(w, "exclude_tags");
	jsonw_array(w);
	for (i = 0; i < json_array_size(tags); i++)
		if (json_is_string(json_array_get(tags, i)))
			jsonw_string(w,
			    json_string_value(json_array_get(tags, i)));
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static int
put_kind(struct http_request *request, struct store *reader,
    const struct source *source, const json_t *config, const json_t *own,
    struct jsonw *w)
{
	switch (source->kind) {
	case SOURCE_UPLOAD:
		return put_upload(request, reader, source, config, w);
	case SOURCE_S3:
		put_bucket(w, config, own);
		return 0;
	case SOURCE_WEB:
		put_web(w, config);
		return 0;
	case SOURCE_LINKS:
	case SOURCE_ABSENT: /* of imports alone: no base has one */
	case SOURCE_KIND_COUNT:
		break;
	}
	return ERR_CORRUPT;
}

static int
put_last_job(struct store *reader, const struct source *source,
    struct jsonw *w)
{
	struct share share;
	int err;

	err = store_share_newest(reader, source->id, &share);
	if (err == ERR_NOT_FOUND)
		return 0;
	if (err < 0)
		return err;
	jsonw_name(w, "last_datasource_indexing_job");
	do_write_share(w, &share);
	return 0;
}

int
do_write_source(struct http_request *request, struct store *reader,
    const struct source *source, struct jsonw *w)
{
	json_t *config = json_loads(source->config, 0, NULL);
	json_t *settings = json_loads(source->settings, 0, NULL);
	const json_t *own = json_object_get(settings, "digitalocean");
	struct do_chunking chunking;
	int err;

	do_chunking_load(own, &chunking);
	jsonw_object(w);
	do_write_uuid(w, "uuid", &source->uuid);
	jsonw_ntime(w, "created_at", source->created_us);
	jsonw_ntime(w, "updated_at", source->updated_us == 0
	    ? source->created_us : source->updated_us);
	do_chunking_write(w, &chunking);
	err = put_kind(request, reader, source, config, own, w);
	if (err == 0)
		err = put_last_job(reader, source, w);
	jsonw_object_end(w);
	json_decref(config);
	json_decref(settings);
	return err;
}
