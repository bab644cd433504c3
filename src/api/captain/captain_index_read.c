/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Index requests, what of them is pure: metadata, addresses, hashes.
 */
#include <stdlib.h>
#include <string.h>

#include "api/captain/captain_index.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "sys/sha256.h"

/* ---- metadata ------------------------------------------------------------ */

static bool
is_texts(const json_t *value)
{
	size_t i;

	for (i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return json_is_array(value);
}

static int
count_bytes(const char *bytes, size_t len, void *arg)
{
	size_t *sum = arg;

	(void)bytes;
	*sum += len;
	return *sum > METADATA_BYTES_MAX ? -1 : 0;
}

int
captain_metadata_check(const json_t *metadata)
{
	/* jansson walks through objects that are not const alone. */
	json_t *object = (json_t *)(uintptr_t)metadata, *value;
	const char *name;
	size_t sum = 0;

	json_object_foreach(object, name, value)
		if (!json_is_string(value) && !json_is_number(value) &&
		    !json_is_boolean(value) && !is_texts(value))
			return ERR_INVALID;
	if (json_dump_callback(object, count_bytes, &sum, JSON_COMPACT) < 0)
		return ERR_TOO_BIG;
	return 0;
}

/* ---- addresses ----------------------------------------------------------- */

/* "s3://..." is one, "crawls/https://..." is a path. */
static bool
is_address(const char *text)
{
	const char *at = strstr(text, "://");

	return at != NULL && memchr(text, '/', (size_t)(at - text)) == NULL;
}

/* What comes after "scheme://bucket", "" or with its slash; NULL: it is
 * another address. */
static const char *
after_bucket(const char *scheme, const char *bucket, const char *text)
{
	const char *const parts[] = {scheme, "://", bucket};
	size_t i, len;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		len = strlen(parts[i]);
		if (strncmp(text, parts[i], len) != 0)
			return NULL;
		text += len;
	}
	return text[0] == '/' || text[0] == '\0' ? text : NULL;
}

int
captain_object_key(const char *scheme, const char *bucket, const char *uri,
    struct buf *out)
{
	const char *key = after_bucket(scheme, bucket, uri);

	if (key == NULL || key[0] == '\0' || key[1] == '\0')
		return ERR_INVALID;
	key++;
	if (strlen(key) > S3_KEY_BYTES_MAX)
		return ERR_TOO_BIG;
	return buf_puts(out, key);
}

int
captain_directory_prefix(const char *scheme, const char *bucket,
    const char *path, struct buf *out)
{
	size_t len;

	if (is_address(path))
		path = after_bucket(scheme, bucket, path);
	if (path == NULL)
		return ERR_INVALID;
	path += strspn(path, "/");
	len = strlen(path);
	while (len > 0 && path[len - 1] == '/')
		len--;
	if (len + 1 > S3_KEY_BYTES_MAX)
		return ERR_TOO_BIG;
	if (len == 0)
		return 0;
	(void)buf_put(out, path, len);
	return buf_putc(out, '/');
}

/* ---- hashes -------------------------------------------------------------- */

static int
digest_bytes(const char *bytes, size_t len, void *arg)
{
	sha256_add(arg, bytes, len);
	return 0;
}

int
captain_digest_fields(struct sha256 *hash, const json_t *body,
    const struct captain_field *fields)
{
	json_t *known = json_object(), *value;
	int err = known == NULL ? ERR_NOMEM : 0;

	for (; err == 0 && fields->name != NULL; fields++) {
		value = json_object_get(body, fields->name);
		if (value != NULL && !json_is_null(value) &&
		    json_object_set(known, fields->name, value) < 0)
			err = ERR_NOMEM;
	}
	if (err == 0 && json_dump_callback(known, digest_bytes, hash,
			    JSON_COMPACT | JSON_SORT_KEYS) < 0)
		err = ERR_NOMEM;
	json_decref(known);
	return err;
}
