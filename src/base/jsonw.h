/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jsonw: writes JSON (RFC 8259) at the end of a buf.
 *
 * Floor 0.  Commas are its business; the caller opens, names and closes.  It
 * keeps no state but the buf and one bit per level, allocates only through
 * the buf, and sticks at the first error as the buf does.  Strings must be
 * UTF-8; what is not becomes U+FFFD, so that the output is always valid.
 */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define JSONW_DEPTH_MAX 63

struct jsonw {
	struct buf *out; /* kept: must outlive the writer */
	uint64_t has_member; /* bit n: level n has a member already */
	unsigned depth;
	bool after_name;
	bool ascii; /* write what is not ASCII as \uXXXX */
};

void jsonw_init(struct jsonw *w, struct buf *out);

void jsonw_object(struct jsonw *w); /* { */
void jsonw_object_end(struct jsonw *w);
void jsonw_array(struct jsonw *w); /* [ */
void jsonw_array_end(struct jsonw *w);
void jsonw_name(struct jsonw *w, const char *name); /* ASCII, no quotes */

/* Values.  A NULL text is written as null. */
void jsonw_string(struct jsonw *w, const char *text);
void jsonw_stringn(struct jsonw *w, const char *text, size_t len);
void jsonw_int(struct jsonw *w, int64_t value);
void jsonw_uint(struct jsonw *w, uint64_t value);
void jsonw_bool(struct jsonw *w, bool value);
void jsonw_null(struct jsonw *w);
/* With so many digits after the point, trailing zeros cut; null if not
 * finite. */
void jsonw_real(struct jsonw *w, double value, int digits);
/* len bytes that are JSON already. */
void jsonw_raw(struct jsonw *w, const char *json, size_t len);
/* RFC 3339 UTC with microseconds, from microseconds since 1970; 0 is null. */
void jsonw_time(struct jsonw *w, int64_t us);

/* A name with its value. */
void jsonw_nstring(struct jsonw *w, const char *name, const char *text);
void jsonw_nint(struct jsonw *w, const char *name, int64_t value);
void jsonw_nuint(struct jsonw *w, const char *name, uint64_t value);
void jsonw_nbool(struct jsonw *w, const char *name, bool value);
void jsonw_nnull(struct jsonw *w, const char *name);
void jsonw_nreal(struct jsonw *w, const char *name, double value, int digits);
void jsonw_ntime(struct jsonw *w, const char *name, int64_t us);

/* Write us as RFC 3339 into out, 27 bytes and a zero. */
#define TIME_TEXT_SIZE 28
void time_format(int64_t us, char out[TIME_TEXT_SIZE]);

#endif
