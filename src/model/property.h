/* SPDX-License-Identifier: Apache-2.0 */
/*
 * property: what a document says about itself.  Floor 2, pure.
 */
#ifndef MODEL_PROPERTY_H
#define MODEL_PROPERTY_H

#define PROPERTY_BYTES_MAX 1000u /* of one value */

/* Sent over the extractor's pipe: append, never renumber. */
enum property {
#define PROPERTY(id, value, name) PROPERTY_##id = (value),
#include "model/property_tbl.h"
	PROPERTY_COUNT
};

/* "author"; NULL when property is none. */
const char *property_name(enum property property);

#endif
