/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * when: dates as documents write them.
 *
 * Pure.  Whatever is no date of the years 1 to 9999 is refused: documents
 * say many things.
 */
#ifndef EXTRACTOR_WHEN_H
#define EXTRACTOR_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Seconds since 1970 UTC of a day and time in UTC.  False when one of the
 * numbers is out of its range, the 30th of February included; a leap second
 * (60) is the next minute's first.
 */
bool when_civil(int year, int month, int day, int hour, int minute,
    int second, int64_t *ret_seconds);

/*
 * ISO 8601 as W3CDTF and its neighbours use it: "2024", "2024-05",
 * "2024-05-06", "20240506", any of these days with "T07:08", "T07:08:09.5" or
 * "T070809", and "Z", "+02:00", "+0200" or "+02" behind; without one of these
 * it is UTC.  White space around does not count.
 */
bool when_iso(const char *text, size_t len, int64_t *ret_seconds);

#endif
