/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openapi: the descriptions of the interfaces, as they are in docs/api.
 *
 * Floor 5.  The table is made by the build, a row for each *.yaml there, so
 * that no name of an interface is written in this folder.
 */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include <stddef.h>

struct openapi_file {
	const char *name; /* "one.yaml"; NULL ends the table */
	const char *text; /* UTF-8, terminated */
	size_t len;
};

extern const struct openapi_file openapi_files[];

/* The row of that name; NULL: none. */
const struct openapi_file *openapi_find(const char *name);

#endif
