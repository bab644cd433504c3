/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password: what tells a right password from a wrong one (argon2id, by
 * libsodium).  Floor 1.
 *
 * Each costs 64 MiB for the time it takes, some 60 ms: whoever lets strangers
 * ask bounds how many are asked at once.
 */
#ifndef SYS_PASSWORD_H
#define SYS_PASSWORD_H

#include <stddef.h>

#define PASSWORD_HASH_SIZE 128

/* The hash of password under a salt of its own, in text (the PHC format),
 * terminated.  ERR_NOMEM. */
int password_hash(const char *password, size_t len,
    char ret_hash[PASSWORD_HASH_SIZE]);

/* Is it that password?  hash NULL or "": nobody's, and it takes as long to say
 * so.  0 or 1; ERR_NOMEM. */
int password_check(const char *password, size_t len, const char *hash);

#endif
