/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a bucket is.  All that goes into the name of a host is checked first:
 * a region or a bucket comes from whoever has a key of ours, and must not
 * lead to another host than the provider's.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/s3_int.h"

#define HOST_BUCKET_BYTES_MAX 63u /* of a label of a host's name */

/* What stands in the middle of an address of a provider's own. */
enum place { PLACE_REGION, PLACE_ACCOUNT };

static const struct {
	const char *name, *scheme, *begin, *end, *region;
	enum place place;
} providers[] = {
#define S3_PROVIDER(row_name, row_text, row_scheme, row_begin, row_end,       \
    row_place, row_region)                                                    \
	[S3_PROVIDER_##row_name] = {.name = row_text,                         \
	    .scheme = row_scheme,                                             \
	    .begin = row_begin,                                               \
	    .end = row_end,                                                   \
	    .place = PLACE_##row_place,                                       \
	    .region = row_region},
#include "source/s3_provider_tbl.h"
};

const char *
s3_provider_name(enum s3_provider provider)
{
	return providers[provider].name;
}

const char *
s3_provider_region(enum s3_provider provider)
{
	return providers[provider].region;
}

const char *
s3_provider_scheme(enum s3_provider provider)
{
	return providers[provider].scheme;
}

int
s3_provider_parse(const char *text, enum s3_provider *ret_provider)
{
	size_t i;

	for (i = 0; i < S3_PROVIDER_COUNT; i++)
		if (strcmp(text, providers[i].name) == 0) {
			*ret_provider = (enum s3_provider)i;
			return 0;
		}
	return ERR_INVALID;
}

/* ---- the bucket --------------------------------------------------------- */

static bool
is_bucket(const char *bucket)
{
	size_t len = strspn(bucket,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789.-_");

	return len > 0 && bucket[len] == '\0' && len <= S3_BUCKET_BYTES_MAX &&
	    strcmp(bucket, ".") != 0 && strcmp(bucket, "..") != 0;
}

/* Can it be the first part of a host's name? */
static bool
is_host_part(const char *bucket, bool allows_dots)
{
	size_t len = strspn(bucket,
	    allows_dots ? "abcdefghijklmnopqrstuvwxyz0123456789-." :
			  "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && bucket[len] == '\0' &&
	    len <= HOST_BUCKET_BYTES_MAX && bucket[0] != '-' &&
	    bucket[0] != '.' && bucket[len - 1] != '-' &&
	    bucket[len - 1] != '.' && strstr(bucket, "..") == NULL;
}

static int
style_pick(const struct s3_client *client, bool *ret_in_host,
    struct err_note *note)
{
	switch (client->style) {
	case S3_STYLE_AUTO:
		/* No certificate covers a bucket with dots in its name, nor
		 * one below an account and a jurisdiction. */
		*ret_in_host = client->endpoint[0] == '\0' &&
		    providers[client->provider].place == PLACE_REGION &&
		    is_host_part(client->bucket, false);
		return 0;
	case S3_STYLE_PATH:
		*ret_in_host = false;
		return 0;
	case S3_STYLE_HOST:
		if (!is_host_part(client->bucket, true))
			return err_set(note, ERR_INVALID,
			    "this bucket's name cannot be a part of a host's");
		*ret_in_host = true;
		return 0;
	}
	return err_set(note, ERR_INVALID, "no such style");
}

/* ---- the endpoint -------------------------------------------------------- */

static bool
is_plain_part(const char *text, size_t len_max)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return len > 0 && text[len] == '\0' && len <= len_max;
}

/* "ACCOUNT" or "ACCOUNT.eu". */
static int
account_put(const struct s3_client *client, struct buf *out,
    struct err_note *note)
{
	const char *jurisdiction = client->jurisdiction;

	if (!is_plain_part(client->account, S3_ACCOUNT_BYTES_MAX))
		return err_set(note, ERR_INVALID, "an account is 1 to %u "
		    "letters and digits", S3_ACCOUNT_BYTES_MAX);
	(void)buf_puts(out, client->account);
	if (jurisdiction[0] == '\0' || strcmp(jurisdiction, "default") == 0)
		return 0;
	if (!is_plain_part(jurisdiction, S3_JURISDICTION_BYTES_MAX))
		return err_set(note, ERR_INVALID, "a jurisdiction is 1 to %u "
		    "letters and digits", S3_JURISDICTION_BYTES_MAX);
	(void)buf_printf(out, ".%s", jurisdiction);
	return 0;
}

/* The provider's own address for the region, or the account. */
static int
endpoint_derive(const struct s3_client *client, const char *region,
    struct buf *out, struct err_note *note)
{
	int err = 0;

	if (providers[client->provider].begin == NULL)
		return err_set(note, ERR_INVALID,
		    "the address of the S3 service is missing");
	(void)buf_puts(out, providers[client->provider].begin);
	if (providers[client->provider].place == PLACE_ACCOUNT)
		err = account_put(client, out, note);
	else
		(void)buf_puts(out, region);
	if (err < 0)
		return err;
	(void)buf_puts(out, providers[client->provider].end);
	/* Amazon's regions in China have a domain of their own. */
	if (client->provider == S3_PROVIDER_AWS &&
	    strncmp(region, "cn-", 3) == 0)
		(void)buf_puts(out, ".cn");
	return out->err;
}

/* Put host and port, in lower case and without a port that goes without
 * saying: as libcurl would say it, and as it is signed. */
static void
host_put(struct buf *origin, const char *host, size_t len, bool is_https)
{
	const char *port = is_https ? ":443" : ":80";
	size_t port_len = strlen(port), i;

	if (len > port_len &&
	    memcmp(host + len - port_len, port, port_len) == 0)
		len -= port_len;
	for (i = 0; i < len; i++)
		(void)buf_putc(origin,
		    (char)tolower((unsigned char)host[i]));
}

static int
endpoint_take(struct s3_client *client, const char *endpoint, bool in_host,
    struct err_note *note)
{
	static const char hosts[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_:[]";
	bool is_https = strncmp(endpoint, "https://", 8) == 0;
	const char *host = endpoint + (is_https ? 8 : 7), *path;
	size_t len = 0, path_len;

	if (is_https || strncmp(endpoint, "http://", 7) == 0)
		len = strspn(host, hosts);
	path = host + len;
	path_len = strspn(path, "/abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~");
	if (len == 0 || path[path_len] != '\0' ||
	    (path_len > 0 && path[0] != '/') ||
	    strlen(endpoint) > NET_URL_BYTES_MAX / 2)
		return err_set(note, ERR_INVALID,
		    "the address of the S3 service is not "
		    "https://HOST[:PORT][/PATH]");
	while (path_len > 0 && path[path_len - 1] == '/')
		path_len--;
	(void)buf_puts(&client->origin, is_https ? "https://" : "http://");
	if (in_host)
		(void)buf_printf(&client->origin, "%s.", client->bucket);
	host_put(&client->origin, host, len, is_https);
	(void)buf_put(&client->path, path, path_len);
	if (!in_host)
		(void)buf_printf(&client->path, "/%s", client->bucket);
	if (client->origin.err < 0 || client->path.err < 0)
		return err_set(note, ERR_NOMEM, "out of memory");
	client->host = buf_text(&client->origin) + (is_https ? 8 : 7);
	return net_url_check(buf_text(&client->origin), note);
}

int
s3_place(struct s3_client *client, const char *region, struct err_note *note)
{
	struct buf derived;
	bool in_host = false;
	int err;

	if (region[0] == '\0')
		region = providers[client->provider].region;
	if (region == NULL)
		return err_set(note, ERR_INVALID,
		    "the bucket's region is missing");
	if (!s3_region_is_valid(region))
		return err_set(note, ERR_INVALID, "this is no region's name");
	if (!is_bucket(client->bucket))
		return err_set(note, ERR_INVALID, "this is no bucket's name");
	err = style_pick(client, &in_host, note);
	if (err < 0)
		return err;
	buf_init(&derived, NET_URL_BYTES_MAX);
	buf_clear(&client->origin);
	buf_clear(&client->path);
	if (client->endpoint[0] == '\0')
		err = endpoint_derive(client, region, &derived, note);
	if (err == 0)
		err = endpoint_take(client,
		    client->endpoint[0] == '\0' ? buf_text(&derived) :
						  client->endpoint,
		    in_host, note);
	if (err == 0 && region != client->region)
		(void)snprintf(client->region, sizeof(client->region), "%s",
		    region);
	buf_fini(&derived);
	return err;
}
