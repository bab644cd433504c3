/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/random.h>

#include "base/assert.h"
#include "sys/rng.h"

void
rng_bytes(void *bytes, size_t len)
{
	ssize_t got;

	ASSERT(len <= 256);
	/* Up to 256 bytes come whole, and are not interrupted. */
	do {
		got = getrandom(bytes, len, 0);
	} while (got < 0 && errno == EINTR);
	ASSERT(got == (ssize_t)len);
}

struct uuid
rng_uuid(void)
{
	uint8_t random[16];

	rng_bytes(random, sizeof(random));
	return uuid_random(random);
}
