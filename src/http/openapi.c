/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http/openapi.h"

const struct openapi_file *
openapi_find(const char *name)
{
	const struct openapi_file *file;

	for (file = openapi_files; file->name != NULL; file++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}
