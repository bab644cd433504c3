/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamp: instants that others wrote down (RFC 3339).  Floor 0, pure.
 * base/jsonw.h has time_format() for the other way.
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdint.h>

/*
 * "2026-11-22T10:15:00Z" as microseconds since 1970: with a space for the T,
 * any number of digits of a second (those after the sixth are cut), an offset
 * ("+01:00") for the Z, or neither, which is UTC.  Years from 1970 to 9999.
 * ERR_SYNTAX.
 */
int stamp_parse(const char *text, int64_t *ret_us);

#endif
