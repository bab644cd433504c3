/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "cmd/doctor_place.h"

static const struct place places[] = {
#define PLACE(number, is_wrong, name, why, remedy)                            \
	{number, is_wrong, name, why, remedy},
#include "cmd/doctor_place_tbl.h"
};

const struct place *
place_find(unsigned long number)
{
	size_t i;

	/* A number with its highest bit set may come with its sign. */
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i].number == (number & 0xffffffffUL))
			return &places[i];
	return NULL;
}
