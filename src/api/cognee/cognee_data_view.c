/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "api/cognee/cognee_data_view.h"
#include "base/err.h"
#include "http/http.h"
#include "store/store.h"

#define EXTENSION_BYTES_MAX 16u

/* The dot before the extension of a file's name; its end when there is none.
 * ".profile" has none, and neither has "See section 4.2 below". */
size_t
cognee_data_name(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *dot = strrchr(name, '.');
	size_t len = strlen(name), rest;

	if (dot == NULL || dot == name || dot[-1] == '/')
		return len;
	rest = strlen(dot + 1);
	return rest > 0 && rest <= EXTENSION_BYTES_MAX &&
	    strspn(dot + 1, plain) == rest ? (size_t)(dot - name) : len;
}

static const char *
media_type_of(const struct document *document)
{
	return document->media_type == NULL ||
	    document->media_type[0] == '\0' ? "application/octet-stream"
					    : document->media_type;
}

static void
put_name(struct jsonw *w, const struct document *document)
{
	size_t at = cognee_data_name(document->name);
	const char *extension = document->name + at;
	const char *type = media_type_of(document);

	jsonw_name(w, "name");
	jsonw_stringn(w, document->name, at);
	if (extension[0] == '.')
		extension++;
	else if (strcmp(type, "text/plain") == 0)
		extension = "txt"; /* a text that was sent as such */
	jsonw_nstring(w, "extension", extension);
	jsonw_nstring(w, "mimeType", type);
}

/*
 * Where it came from, when that is an address in the network; else where it
 * can be fetched here.  A file's own path, or a folder of the server's, is
 * nobody's business.
 */
static void
put_location(struct jsonw *w, const char *dataset, const char *id,
    const char *uri)
{
	static const char *const afar[] = {"http://", "https://", "s3://",
	    "r2://"};
	char text[2 * UUID_TEXT_SIZE + 64];
	size_t i;

	for (i = 0; i < sizeof(afar) / sizeof(*afar); i++)
		if (strncmp(uri, afar[i], strlen(afar[i])) == 0) {
			jsonw_nstring(w, "rawDataLocation", uri);
			return;
		}
	(void)snprintf(text, sizeof(text),
	    "tidemark:/api/v1/datasets/%s/data/%s/raw", dataset, id);
	jsonw_nstring(w, "rawDataLocation", text);
}

static int
put_metadata(struct jsonw *w, const char *own)
{
	json_t *metadata = json_loads(own, 0, NULL), *label;
	char *text = NULL;

	label = json_object_get(metadata, COGNEE_LABEL);
	if (!json_is_string(label))
		label = NULL;
	jsonw_nstring(w, "label", json_string_value(label));
	if (label != NULL)
		(void)json_object_del(metadata, COGNEE_LABEL);
	jsonw_name(w, "externalMetadata");
	if (json_object_size(metadata) == 0) {
		jsonw_null(w);
	} else {
		text = json_dumps(metadata, JSON_COMPACT);
		if (text == NULL) {
			json_decref(metadata);
			return ERR_NOMEM;
		}
		jsonw_raw(w, text, strlen(text));
	}
	free(text);
	json_decref(metadata);
	return 0;
}

int
cognee_write_data(struct jsonw *w, const char *dataset,
    const struct document *document)
{
	struct uuid uuid = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	char id[UUID_TEXT_SIZE];
	int err;

	uuid_format(&uuid, id);
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	put_name(w, document);
	jsonw_ntime(w, "createdAt", document->created_us);
	/* Nothing was changed yet: 0 is null. */
	jsonw_ntime(w, "updatedAt",
	    document->updated_us == document->created_us
	    ? 0 : document->updated_us);
	put_location(w, dataset, id, document->uri);
	jsonw_nstring(w, "datasetId", dataset);
	err = put_metadata(w, document->own_metadata);
	jsonw_object_end(w);
	return err;
}

int
cognee_no_dataset(struct http_reply *reply, const struct uuid *uuid)
{
	struct jsonw *w = http_reply_json(reply, 404);
	char text[UUID_TEXT_SIZE], words[UUID_TEXT_SIZE + 32];

	uuid_format(uuid, text);
	(void)snprintf(words, sizeof(words), "Dataset (%s) not found.", text);
	jsonw_object(w);
	jsonw_nstring(w, "message", words);
	jsonw_object_end(w);
	return 0;
}
