/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of tools, held to their schema. */
#include <string.h>

#include "base/err.h"
#include "cmd/client.h"
#include "cmd/mcp.h"

static bool
is_of_type(const json_t *value, const char *type)
{
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(value);
	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "array") == 0)
		return json_is_array(value);
	return json_is_object(value);
}

static int
check_range(const char *name, const json_t *schema, const json_t *value,
    struct err_note *note)
{
	const json_t *low = json_object_get(schema, "minimum");
	const json_t *high = json_object_get(schema, "maximum");

	if (low == NULL || high == NULL)
		return 0;
	if (json_number_value(value) >= json_number_value(low) &&
	    json_number_value(value) <= json_number_value(high))
		return 0;
	return err_set(note, ERR_INVALID, "%s must be from %g to %g", name,
	    json_number_value(low), json_number_value(high));
}

static int
check_items(const char *name, const json_t *schema, const json_t *value,
    struct err_note *note)
{
	const json_t *items = json_object_get(schema, "items"), *item;
	size_t i;

	if (items == NULL)
		return 0;
	json_array_foreach (value, i, item)
		if (!is_of_type(item, json_text(items, "type")))
			return err_set(note, ERR_INVALID,
			    "each of %s must be a %s", name,
			    json_text(items, "type"));
	return 0;
}

static int
check_member(const char *name, const json_t *schema, const json_t *value,
    struct err_note *note)
{
	const char *type = json_text(schema, "type");
	int err;

	if (!is_of_type(value, type))
		return err_set(note, ERR_INVALID, "%s must be %s %s", name,
		    strchr("aeiou", type[0]) == NULL ? "a" : "an", type);
	err = check_range(name, schema, value, note);
	return err < 0 ? err : check_items(name, schema, value, note);
}

int
mcp_check(const json_t *schema, const json_t *arguments,
    struct err_note *note)
{
	json_t *properties = json_object_get(schema, "properties");
	const json_t *known, *name;
	json_t *value;
	const char *key;
	size_t i;
	int err;

	json_array_foreach (json_object_get(schema, "required"), i, name)
		if (json_object_get(arguments, json_string_value(name)) ==
		    NULL)
			return err_set(note, ERR_INVALID, "%s is missing",
			    json_string_value(name));
	json_object_foreach ((json_t *)(uintptr_t)arguments, key, value) {
		known = json_object_get(properties, key);
		if (known == NULL)
			return err_set(note, ERR_INVALID,
			    "there is no argument \"%.60s\"", key);
		err = check_member(key, known, value, note);
		if (err < 0)
			return err;
	}
	return 0;
}
