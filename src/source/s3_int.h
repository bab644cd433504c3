/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_int: what the files of s3 share.
 */
#ifndef SOURCE_S3_INT_H
#define SOURCE_S3_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "source/s3.h"
#include "source/s3_page.h"

struct s3_client {
	struct net_client *net;
	enum s3_provider provider;
	enum s3_style style;
	bool is_prefix_whole, is_name_whole;
	bool is_region_given;
	/* Once at most do we go where S3 says that the bucket is. */
	bool is_moved;
	char *endpoint, *bucket, *prefix;
	char *account, *jurisdiction;
	char *scheme; /* of addresses */
	char *key_id, *secret, *session_token;
	char **include, **exclude;
	size_t include_count, exclude_count;
	bool is_all; /* no include pattern says anything */
	unsigned connect_ms, total_ms, stall_ms;
	s3_wait_fn *wait;
	void *wait_arg;
	char region[S3_REGION_BYTES_MAX + 1];
	/* Where the bucket is, of endpoint, region and style. */
	struct buf origin; /* "https://host:port" */
	const char *host;  /* the end of origin: what the Host header says */
	struct buf path;   /* before "/" and the key */
};

/* ---- s3_place.c ---------------------------------------------------------- */

/* Work out where the bucket is; ERR_INVALID with words, ERR_NOMEM. */
int s3_place(struct s3_client *client, const char *region,
    struct err_note *note);

/* ---- s3_uri.c ------------------------------------------------------------ */

/* Append bytes, percent-encoded but for unreserved characters. */
int s3_encode(const void *bytes, size_t len, bool keeps_slash,
    struct buf *out);
/* And back; ERR_SYNTAX, after which out may hold a part. */
int s3_decode(const char *text, size_t len, bool is_plus_blank,
    struct buf *out);

/* ---- s3_ask.c ------------------------------------------------------------ */

#define S3_HEADER_SIZE 160

/* What is told in the head of each answer. */
struct s3_head {
	char etag[S3_HEADER_SIZE];
	char length[S3_HEADER_SIZE];
	char range[S3_HEADER_SIZE];
	char modified[S3_HEADER_SIZE];
	char region[S3_HEADER_SIZE];
};

/* One request, as its caller sees it. */
struct s3_ask {
	const char *key; /* NULL: of the bucket itself */
	size_t key_len;
	const char *query; /* as it is signed and sent; "": none */
	const char *if_match; /* as the header has it, as the next; NULL */
	const char *range;
	struct net_limits limits;
	const atomic_bool *stop;
	net_bytes_fn *fn; /* NULL: into the answer */
	void *arg;
	struct s3_head head; /* filled */
};

/* Sign and send it once; as net_stream(). */
int s3_ask(struct s3_client *client, struct s3_ask *ask,
    struct net_answer *ret_answer, struct err_note *note);

/*
 * What an answer that is not the one wanted means: an error with words; 0
 * when the bucket is in another region, which the client now turned to: ask
 * again.
 */
int s3_refusal(struct s3_client *client, unsigned status,
    const struct s3_ask *ask, const char *body, size_t len,
    struct err_note *note);

/* How often something was tried. */
struct s3_patience {
	unsigned tries;
	const atomic_bool *stop;
};

/* err has happened.  When another try can help wait before it and return 0,
 * else err, or ERR_CANCELLED.  retry_after_s: -1 not said. */
int s3_again(struct s3_client *client, struct s3_patience *patience, int err,
    int64_t retry_after_s, struct err_note *note);

#endif
