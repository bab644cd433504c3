/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal: secrets at rest (AES-256-GCM, by OpenSSL).  Floor 1.
 *
 * A sealed secret is one byte 1 (the version), a random nonce of 12 bytes,
 * the encrypted bytes, and a tag of 16 bytes over those and over context:
 * bytes that are not stored with it and say what it belongs to, so that one
 * that is moved elsewhere does not open.  The key lies in a file of its own:
 * who has a copy of the store alone has no secret.
 *
 * After it is made a seal may be used by many threads at a time.
 */
#ifndef SYS_SEAL_H
#define SYS_SEAL_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err_note;
struct seal;

#define SEAL_KEY_SIZE 32
#define SEAL_OVERHEAD 29u /* bytes more than what is sealed */

/*
 * The seal whose key is in the file at path; a file that is not there is
 * made, mode 0600, and is durable when this returns.  One process at a time.
 * Returns owned (seal_free).  ERR_CORRUPT: the file holds something else,
 * and is left as it is; ERR_FORBIDDEN: others than its owner may use it.
 */
int seal_new(const char *path, struct seal **ret_seal, struct err_note *note);
/* Wipes the key. */
void seal_free(struct seal *seal);

/* Append secret, sealed for context, to out.  ERR_TOO_BIG over
 * SEAL_BYTES_MAX, or what out says, which is then as it was. */
int seal_put(const struct seal *seal, const char *context, const void *secret,
    size_t len, struct buf *out);

/*
 * The secret in what seal_put() made with the same context; returns owned,
 * terminated by a zero that *ret_len does not count (seal_wipe).
 * ERR_CORRUPT: something was changed, or key or context are others.
 */
int seal_get(const struct seal *seal, const char *context, const void *sealed,
    size_t len, char **ret_secret, size_t *ret_len);

/*
 * A key for another use, named by label: HMAC-SHA-256 of the label under the
 * seal's own key, which nobody finds from it; the same as long as that file is.
 * ERR_NOMEM.  The caller wipes it.
 */
int seal_derive(const struct seal *seal, const char *label,
    uint8_t ret_key[SEAL_KEY_SIZE]);

/* Overwrite the secret and free it; NULL is fine. */
void seal_wipe(char *secret, size_t len);

#endif
