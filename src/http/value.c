/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "http/value.h"

#define NUMBER_CHARS_MAX 40u /* of one in a string */

bool
http_value_number(const json_t *value, double *ret_number)
{
	const char *text = json_string_value(value);
	double number;
	char *end;

	if (json_is_number(value)) {
		*ret_number = json_number_value(value);
		return true;
	}
	/* strtod() alone would take blanks, "inf" and hexadecimal digits. */
	if (text == NULL || text[0] == '\0' ||
	    strlen(text) > NUMBER_CHARS_MAX ||
	    strspn(text, "+-.0123456789eE") != strlen(text))
		return false;
	number = strtod(text, &end);
	if (*end != '\0' || !isfinite(number))
		return false;
	*ret_number = number;
	return true;
}

bool
http_value_int(const json_t *value, int64_t *ret_number)
{
	double number;

	if (json_is_integer(value)) {
		*ret_number = json_integer_value(value);
		return true;
	}
	if (!http_value_number(value, &number) ||
	    fabs(number) > HTTP_VALUE_EXACT ||
	    fabs(number - trunc(number)) > 0)
		return false;
	*ret_number = (int64_t)number;
	return true;
}
