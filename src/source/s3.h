/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3: documents in a bucket of Amazon S3, or of what speaks like it.
 *
 * Floor 3.  A client is for one bucket and belongs to one thread at a time;
 * it keeps its connections open between calls.  Who calls has SIGPIPE blocked
 * or ignored.  Requests are signed (Signature Version 4), and tried again
 * when trying again can help: S3_TRIES_MAX times, with pauses that grow, or
 * as long as Retry-After says.
 *
 * Sentences in a note name the bucket and what S3 said; never a key or what
 * opens it.
 */
#ifndef SOURCE_S3_H
#define SOURCE_S3_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/net.h"
#include "source/remote.h"

struct buf;
struct err_note;
struct s3_client;

enum s3_provider {
#define S3_PROVIDER(name, text, scheme, begin, end, place, region)            \
	S3_PROVIDER_##name,
#include "source/s3_provider_tbl.h"
	S3_PROVIDER_COUNT
};

const char *s3_provider_name(enum s3_provider provider); /* "spaces" */
/* The region when none is given; NULL: one must be. */
const char *s3_provider_region(enum s3_provider provider);
/* Of its documents' addresses: "s3". */
const char *s3_provider_scheme(enum s3_provider provider);
/* 0 or ERR_INVALID. */
int s3_provider_parse(const char *text, enum s3_provider *ret_provider);

enum s3_style {
	/* The bucket is a part of the host's name where the provider's own
	 * address is used and the bucket's name allows it, else of the path. */
	S3_STYLE_AUTO,
	S3_STYLE_PATH,
	S3_STYLE_HOST,
};

/*
 * Wait for so long, or until *stop (may be NULL) is true, which is
 * ERR_CANCELLED.
 */
typedef int s3_wait_fn(void *arg, int64_t us, const atomic_bool *stop);

/* Strings may be NULL, which is "", but for bucket. */
struct s3_config {
	enum s3_provider provider;
	/* "https://HOST[:PORT][/PATH]"; "": the provider's own for the
	 * region, which OTHER has none of. */
	const char *endpoint;
	const char *region; /* "": the provider's default, if it has one */
	/* Whose buckets, with a provider that keeps each account's at an
	 * address of its own; and under which law, "" or "default": any. */
	const char *account, *jurisdiction;
	const char *scheme; /* of addresses; "": the provider's */
	enum s3_style style;
	const char *bucket;
	/* Of the keys that are listed. */
	const char *prefix;
	/* prefix is an object, or a folder, of that name: "a" is "a" and what
	 * begins with "a/", but not "ab". */
	bool is_prefix_whole;
	/* An entry's name is the whole of its key, whatever the prefix. */
	bool is_name_whole;
	/* No key_id: requests are not signed, for buckets that are public. */
	const char *key_id, *secret, *session_token;
	/* As struct folder_rule has them, matched against an entry's name. */
	const char *const *include;
	size_t include_count;
	const char *const *exclude;
	size_t exclude_count;
	struct net_policy policy;
	/* Of time, for each request; 0: defaults, and for downloads a total
	 * that grows with the bytes there may be. */
	unsigned connect_ms, total_ms, stall_ms;
	s3_wait_fn *wait; /* NULL: by the clock */
	void *wait_arg;
};

/*
 * Everything is copied.  Returns owned (s3_client_free).  ERR_INVALID with
 * words when something of config cannot be; ERR_TOO_BIG over NET_HOSTS_MAX,
 * PATTERNS_MAX; ERR_NOMEM.
 */
int s3_client_new(const struct s3_config *config,
    struct s3_client **ret_client, struct err_note *note);
/* Wipes what is secret; NULL is fine. */
void s3_client_free(struct s3_client *client);

/*
 * Give every object of the bucket below its prefix that the patterns take, in
 * the bucket's own order, page by page.  Left out are folders' markers: empty
 * objects whose key ends with a slash.  A key that is no UTF-8, holds a zero
 * byte or more folders than FOLDER_DEPTH_MAX, or is longer than
 * S3_KEY_BYTES_MAX is an entry with a code.  What else can go wrong:
 *
 *	ERR_NOT_FOUND	no such bucket
 *	ERR_FORBIDDEN	the key does not open it, or the policy refuses the
 *			service's address
 *	ERR_INVALID	S3 takes the request for wrong; the region, mostly
 *	ERR_UNSUPPORTED	the service cannot do this
 *	ERR_BUSY, ERR_TIMEOUT, ERR_UPSTREAM, ERR_CLOSED
 *			transient, and still so after the last try; UPSTREAM
 *			also when a listing makes no sense or goes in circles
 *	ERR_TOO_BIG	over S3_PAGES_MAX or S3_PAGE_BYTES_MAX
 *	ERR_CANCELLED	*stop (may be NULL) became true
 *	ERR_NOMEM, or what fn returned
 *
 * Entries that were given before an error stand; that a listing is complete
 * is known only when this returns 0.
 */
int s3_list(struct s3_client *client, const atomic_bool *stop,
    remote_entry_fn *fn, void *arg, struct err_note *note);

/*
 * Give the one object of that key, the client's prefix, as a listing would; it
 * must be allowed to read the object, and need not be to list the bucket.
 * Errors as those of s3_list(); ERR_NOT_FOUND: there is no such object.
 */
int s3_look(struct s3_client *client, const atomic_bool *stop,
    remote_entry_fn *fn, void *arg, struct err_note *note);

struct s3_fetch {
	const char *uri;  /* as an entry has it */
	const char *etag; /* as it was listed; "" or NULL: what there is */
	uint64_t bytes_max; /* at most FILE_BYTES_MAX, which 0 stands for */
	int fd; /* an empty file to be written (and truncated); borrowed */
	const atomic_bool *stop; /* NULL: none */
};

struct s3_object {
	uint64_t bytes;
	int64_t mtime_us; /* 0 when it is not said */
	char etag[REMOTE_TAG_SIZE];
	char content_type[NET_TYPE_SIZE];
};

/*
 * Write one object into fd.  A transfer that breaks goes on where it broke,
 * S3_RESUMES_MAX times at most.  On error fd may hold a part.  As for a
 * listing, and:
 *
 *	ERR_NOT_FOUND	no such object (any more)
 *	ERR_CONFLICT	it is not the one that was listed, or was changed
 *			while it was read
 *	ERR_TOO_BIG	over bytes_max
 *	ERR_SYNTAX, ERR_INVALID
 *			uri is no address of an object, or of another bucket
 *	or an error of writing
 */
int s3_fetch(struct s3_client *client, const struct s3_fetch *fetch,
    struct s3_object *ret_object, struct err_note *note);

/*
 * Append the address of an object: "s3://bucket/" (with that scheme) and the
 * key, percent-encoded but for unreserved characters and slashes, so that any
 * bytes make an ASCII address and each key has just one.
 */
int s3_uri(const char *scheme, const char *bucket, const void *key,
    size_t len, struct buf *out);

/* Append bucket and key of such an address; ERR_SYNTAX when it is none, and
 * nothing is appended then. */
int s3_uri_parse(const char *scheme, const char *uri, struct buf *out_bucket,
    struct buf *out_key);

#endif
