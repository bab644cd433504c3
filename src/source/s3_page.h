/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_page: what S3 answers: a page of a listing, or why not.  Floor 3, pure.
 */
#ifndef SOURCE_S3_PAGE_H
#define SOURCE_S3_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "source/remote.h"

struct err_note;

/* An object as it is listed; valid during the call. */
struct s3_listed {
	const char *key; /* any bytes, terminated */
	size_t key_len;
	uint64_t bytes;
	int64_t mtime_us; /* 0: not said, or not understood */
	const char *etag; /* as s3_etag() leaves it */
};

/* A negative return ends the reading. */
typedef int s3_listed_fn(void *arg, const struct s3_listed *listed);

struct s3_page {
	size_t objects;
	bool is_truncated; /* there is more, behind token */
	bool is_encoded;   /* keys are percent-encoded */
	char token[S3_TOKEN_BYTES_MAX + 1];
};

/*
 * Read the answer of ListObjectsV2.  ERR_UPSTREAM with words when it is none,
 * in whole or in part, ERR_NOMEM.
 */
int s3_page_read(const char *xml, size_t len, struct s3_page *ret_page,
    struct err_note *note);

/* Give the objects of a page that was read from the same bytes; fn NULL: only
 * see whether they can be understood. */
int s3_page_give(const char *xml, size_t len, const struct s3_page *page,
    s3_listed_fn *fn, void *arg, struct err_note *note);

#define S3_CODE_SIZE 64
#define S3_MESSAGE_SIZE 161

/* Why a request was refused: "" what is not said.  All of it can be shown. */
struct s3_reason {
	char code[S3_CODE_SIZE]; /* letters and digits */
	char message[S3_MESSAGE_SIZE];
	char region[S3_REGION_BYTES_MAX + 1]; /* as s3_region_is_valid() */
};

/* Whatever body holds: never an error. */
void s3_reason_read(const char *body, size_t len, struct s3_reason *out);

/* A name that can be a part of a host's. */
bool s3_region_is_valid(const char *region);

/* Write what of an ETag tells contents apart: without quotes and W/; "" when
 * it is too long or has something in it that cannot be sent back. */
void s3_etag(const char *text, char out[REMOTE_TAG_SIZE]);

/* 2009-10-12T17:50:30.000Z or Mon, 12 Oct 2009 17:50:30 GMT in microseconds
 * since 1970; 0 when it is neither. */
int64_t s3_time_parse(const char *text);

#endif
