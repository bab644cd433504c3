/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "model/environment.h"

static const char *const names[ENVIRONMENT_COUNT] = {
#define ENVIRONMENT(name, text) [ENVIRONMENT_##name] = (text),
#include "model/environment_tbl.h"
};

const char *
environment_name(enum environment environment)
{
	return names[environment];
}

int
environment_parse(const char *text, enum environment *ret_environment)
{
	int i;

	for (i = 0; i < ENVIRONMENT_COUNT; i++)
		if (strcmp(names[i], text) == 0) {
			*ret_environment = (enum environment)i;
			return 0;
		}
	return ERR_SYNTAX;
}
