/* SPDX-License-Identifier: Apache-2.0 */
/* What is put into paths and read from answers. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/client.h"

void
path_put(struct buf *path, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL)
			(void)buf_putc(path, *text);
		else
			(void)buf_printf(path, "%%%02X",
			    (unsigned)(unsigned char)*text);
}

const char *
json_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

uint64_t
json_uint(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value < 0 ? 0 : (uint64_t)value;
}

double
json_number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

void
json_print(const json_t *json)
{
	if (json == NULL)
		return;
	(void)json_dumpf(json, stdout,
	    JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	(void)fputc('\n', stdout);
}
