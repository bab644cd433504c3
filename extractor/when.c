/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extractor/when.h"

#define DAY_SECONDS 86400
/* From the first of March of year 0 to the first of January of 1970. */
#define DAYS_BEFORE_1970 719468
#define DAYS_IN_400_YEARS 146097
/* The widest offset from UTC that ISO 8601 can mean is below this. */
#define OFFSET_HOURS_MAX 18

static int
days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};

	if (month == 2 && year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

bool
when_civil(int year, int month, int day, int hour, int minute, int second,
    int64_t *ret_seconds)
{
	int64_t days;
	int years;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month) || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	/* Years that begin in March have their leap day at the end, and the
	 * months from there on are 153 days for every five. */
	years = month > 2 ? year : year - 1;
	month = month > 2 ? month - 3 : month + 9;
	days = (int64_t)(years / 400) * DAYS_IN_400_YEARS;
	years %= 400;
	days += years * 365 + years / 4 - years / 100;
	days += (153 * month + 2) / 5 + day - 1;
	days -= DAYS_BEFORE_1970;
	*ret_seconds = days * DAY_SECONDS + hour * 3600 + minute * 60 + second;
	return true;
}

struct scan {
	const char *at, *end;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly count digits. */
static bool
scan_number(struct scan *scan, int count, int *ret_number)
{
	int number = 0, i;

	if (scan->end - scan->at < count)
		return false;
	for (i = 0; i < count; i++) {
		if (!is_digit(scan->at[i]))
			return false;
		number = number * 10 + (scan->at[i] - '0');
	}
	scan->at += count;
	*ret_number = number;
	return true;
}

static bool
scan_char(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* "2024", "2024-05", "2024-05-06", "20240506"; what is missing is the first. */
static bool
scan_day(struct scan *scan, int *ret_year, int *ret_month, int *ret_day)
{
	*ret_month = *ret_day = 1;
	if (!scan_number(scan, 4, ret_year))
		return false;
	if (scan_char(scan, '-'))
		return scan_number(scan, 2, ret_month) &&
		    (!scan_char(scan, '-') || scan_number(scan, 2, ret_day));
	if (scan->at < scan->end && is_digit(*scan->at))
		return scan_number(scan, 2, ret_month) &&
		    scan_number(scan, 2, ret_day);
	return true;
}

/* "07:08", "07:08:09.5", "070809". */
static bool
scan_time(struct scan *scan, int *ret_hour, int *ret_minute, int *ret_second)
{
	bool has_colon, has_second;

	if (!scan_number(scan, 2, ret_hour))
		return false;
	has_colon = scan_char(scan, ':');
	if (!scan_number(scan, 2, ret_minute))
		return false;
	has_second = has_colon
	    ? scan_char(scan, ':')
	    : scan->at < scan->end && is_digit(*scan->at);
	if (!has_second)
		return true;
	if (!scan_number(scan, 2, ret_second))
		return false;
	if (scan_char(scan, '.') || scan_char(scan, ','))
		while (scan->at < scan->end && is_digit(*scan->at))
			scan->at++;
	return true;
}

/* "Z", "+02:00", "+0200", "+02", or nothing: seconds east of UTC. */
static bool
scan_offset(struct scan *scan, int *ret_offset)
{
	int hours, minutes = 0, sign;

	*ret_offset = 0;
	if (scan_char(scan, 'Z') || scan_char(scan, 'z'))
		return true;
	if (scan_char(scan, '+'))
		sign = 1;
	else if (scan_char(scan, '-'))
		sign = -1;
	else
		return true;
	if (!scan_number(scan, 2, &hours))
		return false;
	if ((scan_char(scan, ':') || scan->at < scan->end) &&
	    !scan_number(scan, 2, &minutes))
		return false;
	if (hours > OFFSET_HOURS_MAX || minutes > 59)
		return false;
	*ret_offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
when_iso(const char *text, size_t len, int64_t *ret_seconds)
{
	struct scan scan = {text, text + len};
	int year, month, day, hour = 0, minute = 0, second = 0, offset = 0;
	int64_t seconds;

	while (scan.at < scan.end && is_space(*scan.at))
		scan.at++;
	while (scan.at < scan.end && is_space(scan.end[-1]))
		scan.end--;
	if (!scan_day(&scan, &year, &month, &day))
		return false;
	if (scan_char(&scan, 'T') || scan_char(&scan, 't') ||
	    scan_char(&scan, ' ')) {
		if (!scan_time(&scan, &hour, &minute, &second))
			return false;
		(void)scan_char(&scan, ' ');
		if (!scan_offset(&scan, &offset))
			return false;
	} else if (!scan_char(&scan, 'Z') && scan.at < scan.end) {
		return false;
	}
	if (scan.at != scan.end ||
	    !when_civil(year, month, day, hour, minute, second, &seconds))
		return false;
	*ret_seconds = seconds - offset;
	return true;
}
