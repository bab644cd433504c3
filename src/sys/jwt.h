/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt: tokens that say who somebody is until a moment (RFC 7519, signed by
 * HMAC-SHA-256).  Floor 1; any thread.
 *
 * Only tokens of our own making are read: the header is the one that is
 * written here, to the byte, so that there is no algorithm to choose, and
 * nothing of a token is looked at before its signature is right.
 */
#ifndef SYS_JWT_H
#define SYS_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct buf;

#define JWT_KEY_SIZE 32
#define JWT_AUDIENCE_BYTES_MAX 64u

struct jwt {
	struct uuid subject;	/* "sub": whose it is */
	struct uuid id;		/* "jti": this token's own name */
	int64_t generation;	/* "gen": of the subject's tokens; from 0 */
	int64_t expires_s;	/* "exp": from then on it is worth nothing */
};

/* Does text begin as every token does?  A cheap question. */
bool jwt_is(const char *text, size_t len);

/* Append the token for audience ("aud", a list of that one word), which holds
 * letters, digits, ':' and '-'.  ERR_INVALID: expires_s is not above 0,
 * generation below 0, or audience is no such word; what out says. */
int jwt_write(const uint8_t key[JWT_KEY_SIZE], const char *audience,
    const struct jwt *jwt, struct buf *out);

/* ERR_UNAUTHORIZED: not made with key, for another audience, or expired at
 * now_s. */
int jwt_read(const uint8_t key[JWT_KEY_SIZE], const char *audience,
    const char *text, size_t len, int64_t now_s, struct jwt *ret_jwt);

#endif
