/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha256: content addresses (FIPS 180-4, by OpenSSL).  Floor 1.
 */
#ifndef SYS_SHA256_H
#define SYS_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_TEXT_SIZE 65

struct sha256;

/* A running hash; returns owned (sha256_free), NULL: no memory. */
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t len);
/* The hash of what was added; it starts afresh. */
void sha256_end(struct sha256 *hash, uint8_t out[SHA256_SIZE]);

/* Of one piece. */
void sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_SIZE]);

/* Of what fd (borrowed) holds from its start, read with pread.  0 or an
 * error of reading; *ret_bytes is how many there were. */
int sha256_of_fd(int fd, uint8_t out[SHA256_SIZE], uint64_t *ret_bytes);

/* Lower-case hexadecimal, terminated. */
void sha256_format(const uint8_t hash[SHA256_SIZE],
    char out[SHA256_TEXT_SIZE]);

#endif
