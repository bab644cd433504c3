/* SPDX-License-Identifier: Apache-2.0 */
/* A source that is one object, which lies here already. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/engine_int.h"
#include "engine/scan_source.h"
#include "engine/source_copy.h"
#include "sys/sha256.h"

static int
object_found(void *arg, const struct object *object)
{
	struct found *found = arg;
	char hex[SHA256_TEXT_SIZE];

	sha256_format(object->hash, hex);
	memcpy(found->blob, object->hash, HASH_SIZE);
	found->has_blob = true;
	found->bytes = object->bytes;
	found->mtime_us = object->created_us;
	found->etag = mem_strdup(hex);
	if (found->name == NULL)
		found->name = mem_strdup(object->name);
	return found->etag == NULL || found->name == NULL ? ERR_NOMEM : 0;
}

static int
upload_found(struct listing *listing, struct found *found)
{
	const struct source_copy *source = listing->source;
	struct buf path, uri;
	int err;

	if (source->config.file_name != NULL) {
		found->name = mem_strdup(source->config.file_name);
		if (found->name == NULL)
			return ERR_NOMEM;
	}
	buf_init(&path, URI_BYTES_MAX);
	buf_init(&uri, SOURCE_URI_BYTES_MAX);
	(void)buf_puts(&path, "object:");
	err = upload_uri(source->config.key, &path);
	if (err == 0)
		err = source_uri(buf_text(&path), &source->row, &uri);
	found->uri = err < 0 ? NULL : buf_take(&uri);
	buf_fini(&path);
	buf_fini(&uri);
	if (found->uri == NULL)
		return err < 0 ? err : ERR_NOMEM;
	return store_object_get(listing->scan->scanner->reader,
	    listing->job->account_id, source->config.key, object_found,
	    found);
}

/* The one object is all there is. */
int
upload_source_list(struct listing *listing, struct err_note *note)
{
	struct found found = {.uri = NULL};
	int err;

	err = upload_found(listing, &found);
	if (err == 0)
		return scan_put(listing->scan, &found);
	mem_free(found.uri);
	mem_free(found.name);
	mem_free(found.etag);
	return err == ERR_NOT_FOUND
	    ? err_set(note, err, "the uploaded file is not there any more")
	    : err;
}
