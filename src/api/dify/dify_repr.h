/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_repr: JSON values as the original's error messages show them.
 *
 * Floor 6, pure.
 */
#ifndef API_DIFY_DIFY_REPR_H
#define API_DIFY_DIFY_REPR_H

#include <jansson.h>

struct buf;

#define DIFY_REPR_CHARS_MAX 50u

/* Append json (NULL: nothing there) in Python's notation; of more than
 * DIFY_REPR_CHARS_MAX characters the first 25 and the last 24. */
void dify_repr(struct buf *out, const json_t *json);

/* "dict", "str", "NoneType"... */
const char *dify_repr_type(const json_t *json);

#endif
