/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "base/err.h"
#include "base/stamp.h"

#define SECOND_US 1000000
#define DAY_S 86400

/* Exactly count digits at *text, which moves behind them. */
static bool
take_digits(const char **text, int count, int64_t *ret_number)
{
	int64_t number = 0;

	for (; count > 0; count--, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		number = number * 10 + (**text - '0');
	}
	*ret_number = number;
	return true;
}

static bool
take(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t
month_days(int64_t year, int64_t month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to that one; March is the first month of a year here,
 * so that the day that leaps is its last. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    1 - 719468;
}

/* ".123": microseconds; none is 0. */
static bool
take_fraction(const char **text, int64_t *ret_us)
{
	int64_t us = 0, unit = SECOND_US / 10;

	if (!take(text, '.')) {
		*ret_us = 0;
		return true;
	}
	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
		us += (**text - '0') * unit;
	*ret_us = us;
	return true;
}

/* What is to be taken off the local time; in seconds. */
static bool
take_zone(const char **text, int64_t *ret_seconds)
{
	int64_t hours, minutes;
	int sign;

	*ret_seconds = 0;
	if (**text == '\0' || take(text, 'Z') || take(text, 'z'))
		return true;
	sign = **text == '-' ? -1 : 1;
	if (!take(text, '+') && !take(text, '-'))
		return false;
	if (!take_digits(text, 2, &hours) || !take(text, ':') ||
	    !take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

int
stamp_parse(const char *text, int64_t *ret_us)
{
	int64_t year, month, day, hour, minute, second, us, zone, at;

	if (!take_digits(&text, 4, &year) || !take(&text, '-') ||
	    !take_digits(&text, 2, &month) || !take(&text, '-') ||
	    !take_digits(&text, 2, &day))
		return ERR_SYNTAX;
	if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
		return ERR_SYNTAX;
	if (!take_digits(&text, 2, &hour) || !take(&text, ':') ||
	    !take_digits(&text, 2, &minute) || !take(&text, ':') ||
	    !take_digits(&text, 2, &second) || !take_fraction(&text, &us) ||
	    !take_zone(&text, &zone) || *text != '\0')
		return ERR_SYNTAX;
	/* A leap second is the one after it. */
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month) || hour > 23 || minute > 59 ||
	    second > 60)
		return ERR_SYNTAX;
	at = days_of(year, month, day) * DAY_S + hour * 3600 + minute * 60 +
	    second - zone;
	if (at < 0)
		return ERR_SYNTAX;
	*ret_us = at * SECOND_US + us;
	return 0;
}
