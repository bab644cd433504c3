/* SPDX-License-Identifier: Apache-2.0 */
/* The plain functions are old-fashioned, and fast for few bytes. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "sys/sha256.h"

#define READ_BYTES 65536

struct sha256 {
	EVP_MD_CTX *context;
};

struct sha256 *
sha256_new(void)
{
	struct sha256 *hash;

	hash = mem_zalloc(sizeof(*hash));
	if (hash == NULL)
		return NULL;
	hash->context = EVP_MD_CTX_new();
	if (hash->context == NULL ||
	    EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1) {
		sha256_free(hash);
		return NULL;
	}
	return hash;
}

void
sha256_free(struct sha256 *hash)
{
	if (hash == NULL)
		return;
	EVP_MD_CTX_free(hash->context);
	mem_free(hash);
}

void
sha256_add(struct sha256 *hash, const void *bytes, size_t len)
{
	int is_done = EVP_DigestUpdate(hash->context, bytes, len);

	ASSERT(is_done == 1);
}

void
sha256_end(struct sha256 *hash, uint8_t out[SHA256_SIZE])
{
	int is_done = EVP_DigestFinal_ex(hash->context, out, NULL);

	ASSERT(is_done == 1);
	is_done = EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL);
	ASSERT(is_done == 1);
}

void
sha256_of(const void *bytes, size_t len, uint8_t out[SHA256_SIZE])
{
	SHA256_CTX context;

	/* SHA256() looks its own implementation up at each call, which costs
	 * more than hashing a key does; each request hashes one. */
	(void)SHA256_Init(&context);
	(void)SHA256_Update(&context, bytes, len);
	(void)SHA256_Final(out, &context);
}

int
sha256_of_fd(int fd, uint8_t out[SHA256_SIZE], uint64_t *ret_bytes)
{
	struct sha256 *hash;
	uint64_t at = 0;
	char *window;
	ssize_t got;
	int err = 0;

	hash = sha256_new();
	window = mem_alloc(READ_BYTES);
	if (hash == NULL || window == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	for (;;) {
		got = pread(fd, window, READ_BYTES, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err = err_from_errno(errno);
			goto out;
		}
		if (got == 0)
			break;
		sha256_add(hash, window, (size_t)got);
		at += (uint64_t)got;
	}
	sha256_end(hash, out);
	*ret_bytes = at;
out:
	mem_free(window);
	sha256_free(hash);
	return err;
}

void
sha256_format(const uint8_t hash[SHA256_SIZE], char out[SHA256_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 0; i < SHA256_SIZE; i++) {
		*out++ = digits[hash[i] >> 4];
		*out++ = digits[hash[i] & 15];
	}
	*out = '\0';
}
