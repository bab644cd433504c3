/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_sign: AWS Signature Version 4, for requests without a body or with one
 * whose hash is known.  Floor 3, pure.
 */
#ifndef SOURCE_S3_SIGN_H
#define SOURCE_S3_SIGN_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct net_header;

#define S3_TIME_SIZE 17 /* 20130524T000000Z */

/* The hash of no body. */
#define S3_EMPTY_SHA256                                                       \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct s3_signed {
	const char *method;
	const char *path;  /* as it is sent, percent-encoded, from / on */
	const char *query; /* the same; parameters sorted; "" none */
	/* What is signed of the head, host included: sorted by name; names in
	 * lower case, values without blanks around them. */
	const struct net_header *headers;
	size_t header_count;
	const char *body_sha256; /* in hexadecimal */
	const char *key_id, *secret, *region;
	const char *time; /* as s3_time() makes it */
};

/* Seconds since 1970 as the header x-amz-date has them; years 1970 to 9999,
 * others are taken for the nearest. */
void s3_time(int64_t time_s, char out[S3_TIME_SIZE]);

/* Append the value of the Authorization header; ERR_NOMEM, or what out says. */
int s3_sign(const struct s3_signed *request, struct buf *out);

#endif
