/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "model/property.h"

const char *
property_name(enum property property)
{
	static const char *const names[PROPERTY_COUNT] = {
#define PROPERTY(id, value, name) [PROPERTY_##id] = (name),
#include "model/property_tbl.h"
	};

	return (unsigned)property < PROPERTY_COUNT ? names[property] : NULL;
}
