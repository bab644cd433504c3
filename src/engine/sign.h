/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign: addresses that allow one thing until a moment, to whoever has them.
 *
 * Floor 4.  A signature is HMAC-SHA-256, in lower-case hexadecimal, over the
 * moment and the subject, under a key that is derived from the data folder's
 * secret for this use alone: what was signed for one use is worth nothing for
 * another.  Any thread.
 */
#ifndef ENGINE_SIGN_H
#define ENGINE_SIGN_H

#include <stdint.h>

struct seal;

#define SIGN_QUERY_SIZE 256

/* What may be done; the words are part of the key. */
#define SIGN_PUT_OBJECT "sign: put an object"
#define SIGN_GET_PATH "sign: get a path"

/*
 * "expires=...&signature=...", for subject until expires_s (seconds since
 * 1970).  ERR_INVALID: expires_s is not above 0; ERR_TOO_BIG: a subject over
 * URI_BYTES_MAX; ERR_NOMEM.
 */
int sign_query(const struct seal *seal, const char *use, const char *subject,
    int64_t expires_s, char ret_query[SIGN_QUERY_SIZE]);

/* The two members of such a query, as they come from outside; NULL: missing.
 * ERR_UNAUTHORIZED: not made by us, for another use or subject, or expired
 * (at expires_s it is). */
int sign_check(const struct seal *seal, const char *use, const char *subject,
    const char *expires, const char *signature, int64_t now_us);

#endif
