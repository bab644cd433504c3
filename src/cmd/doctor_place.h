/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_place: file systems that a data folder should not be on.  Pure.
 */
#ifndef CMD_DOCTOR_PLACE_H
#define CMD_DOCTOR_PLACE_H

#include <stdbool.h>

struct place {
	unsigned long number; /* as statfs(2) tells it */
	bool is_wrong; /* it may lose data; else it is worth a thought */
	const char *name, *why, *remedy;
};

/* NULL: nothing is known against it. */
const struct place *place_find(unsigned long number);

#endif
