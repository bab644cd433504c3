/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rng: random bytes from the kernel, fit for keys.  Floor 1.
 */
#ifndef SYS_RNG_H
#define SYS_RNG_H

#include <stddef.h>

#include "base/uuid.h"

/* Fill bytes with len random ones (len <= 256).  Any thread.  A kernel that
 * cannot is an assertion: nothing safe can be done without. */
void rng_bytes(void *bytes, size_t len);

struct uuid rng_uuid(void);

#endif
