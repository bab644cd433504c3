/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost is libsodium's "interactive": two passes over 64 MiB, more than
 * OWASP asks for (19 MiB, two passes).  It is written into each hash, so that
 * a later server may ask for more and still read this one's.
 */
#include <errno.h>
#include <sodium/core.h> /* all of sodium.h mentions malloc */
#include <sodium/crypto_pwhash_argon2id.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "sys/password.h"

#define OPS crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE
#define MEMORY crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_argon2id_STRBYTES,
    "a hash has its place");

/* Nobody's, of the cost above: what a password is compared with where there is
 * no user, so that the answer takes as long. */
static const char nobody[] =
    "$argon2id$v=19$m=65536,t=2,p=1$"
    "c29tZSBzYWx0IG9mIDE2Yg$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

int
password_hash(const char *password, size_t len,
    char ret_hash[PASSWORD_HASH_SIZE])
{
	char hash[crypto_pwhash_argon2id_STRBYTES];

	/* Chooses what fits the processor; any thread, any number of times. */
	if (sodium_init() < 0 ||
	    crypto_pwhash_argon2id_str(hash, password, len, OPS, MEMORY) != 0)
		return ERR_NOMEM;
	memcpy(ret_hash, hash, sizeof(hash));
	return 0;
}

int
password_check(const char *password, size_t len, const char *hash)
{
	/* libsodium may read all of what it is given. */
	char known[crypto_pwhash_argon2id_STRBYTES] = "";
	bool is_nobody = hash == NULL || hash[0] == '\0';
	int bad;

	if (sodium_init() < 0)
		return ERR_NOMEM;
	(void)snprintf(known, sizeof(known), "%s",
	    is_nobody ? nobody : hash);
	errno = 0;
	bad = crypto_pwhash_argon2id_str_verify(known, password, len);
	if (bad != 0 && errno == ENOMEM)
		return ERR_NOMEM;
	return bad == 0 && !is_nobody;
}
