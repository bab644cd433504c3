/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_int: kernels that need a processor of their own kind.
 */
#ifndef SEARCH_NEAR_INT_H
#define SEARCH_NEAR_INT_H

#include <stdint.h>

#include "search/near.h"

/* A processor's set, and whether it can be used here. */
struct near_kind {
	struct near_kernels kernels;
	int (*is_here)(void);
};

/* From the slowest to the fastest; NULL kernels end it. */
extern const struct near_kind near_kinds_x86[];

#endif
