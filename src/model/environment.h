/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environment: where an organization's bases and keys belong: what it works
 * with, what it tries out, what it builds.  Nothing of one is seen from
 * another.
 *
 * Floor 2, pure.  The name is what is stored.
 */
#ifndef MODEL_ENVIRONMENT_H
#define MODEL_ENVIRONMENT_H

enum environment {
#define ENVIRONMENT(name, text) ENVIRONMENT_##name,
#include "model/environment_tbl.h"
	ENVIRONMENT_COUNT
};

const char *environment_name(enum environment environment);
/* ERR_SYNTAX: there is none of that name. */
int environment_parse(const char *text, enum environment *ret_environment);

#endif
