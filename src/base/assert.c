/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"

_Noreturn void
assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "tidemark: %s:%d: assertion failed: %s\n", file, line,
	    condition);
	abort();
}
