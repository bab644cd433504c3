/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Days and times of cells in ISO form, and how text is put together.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "extractor/cell_format.h"
#include "extractor/cell_token.h"

#define WIDTH_MAX 20

void
cell_put(struct cell_out *out, const char *text, size_t len)
{
	if (len >= CELL_TEXT_MAX - out->len)
		return; /* no code is that long */
	memcpy(out->text + out->len, text, len);
	out->len += len;
}

void
cell_putc(struct cell_out *out, char c)
{
	cell_put(out, &c, 1);
}

void
cell_put_number(struct cell_out *out, int width, long long number)
{
	char text[32];
	int n;

	/* The width may be what a code asks for. */
	if (width > WIDTH_MAX)
		width = WIDTH_MAX;
	n = snprintf(text, sizeof(text), "%0*lld", width, number);
	if (n > 0 && (size_t)n < sizeof(text))
		cell_put(out, text, (size_t)n);
}

/* The civil date of a day since 1970-01-01 (Howard Hinnant's algorithm needs
 * no table and no loop; eras are 400 years that begin in March). */
static void
civil_of(long day, long *ret_year, long *ret_month, long *ret_day)
{
	long era, of_era, year, of_year, month;

	day += 719468;
	era = day / 146097;
	of_era = day - era * 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
	    365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	*ret_day = of_year - (153 * month + 2) / 5 + 1;
	*ret_month = month < 10 ? month + 3 : month - 9;
	*ret_year = year + era * 400 + (*ret_month <= 2);
}

static void
put_day(struct cell_out *out, unsigned parts, long day, bool is_1904)
{
	long year = 1900, month = 2, of_month = 29;

	/* Day 60 is a 29th of February that never was; 0 is no day. */
	if (is_1904)
		civil_of(day - 24107, &year, &month, &of_month);
	else if (day > 60)
		civil_of(day - 25569, &year, &month, &of_month);
	else if (day > 0 && day < 60)
		civil_of(day - 25568, &year, &month, &of_month);
	else if (day == 0)
		month = 1, of_month = 0;
	cell_put_number(out, 4, year);
	if ((parts & (CELL_MONTH | CELL_DAY)) == 0)
		return;
	cell_putc(out, '-');
	cell_put_number(out, 2, month);
	if ((parts & CELL_YEAR) != 0 && (parts & CELL_DAY) == 0)
		return;
	cell_putc(out, '-');
	cell_put_number(out, 2, of_month);
}

static void
put_time(struct cell_out *out, unsigned parts, int decimals, long long ticks,
    long ticks_of_second)
{
	long long second = ticks / ticks_of_second, minute = second / 60,
		  hour = minute / 60;

	if ((parts & CELL_ELAPSED) == 0)
		hour %= 24;
	if ((parts & CELL_HOUR) != 0) {
		cell_put_number(out, 2, hour);
		cell_putc(out, ':');
		cell_put_number(out, 2, minute % 60);
	} else if ((parts & CELL_MINUTE) != 0) {
		cell_put_number(out, 2, (parts & CELL_ELAPSED) != 0 ? minute
							       : minute % 60);
	}
	if ((parts & CELL_SECOND) == 0)
		return;
	if ((parts & (CELL_HOUR | CELL_MINUTE)) != 0) {
		cell_putc(out, ':');
		cell_put_number(out, 2, second % 60);
	} else {
		cell_put_number(out, 2, (parts & CELL_ELAPSED) != 0 ? second
							       : second % 60);
	}
	if (decimals > 0) {
		cell_putc(out, '.');
		cell_put_number(out, decimals, ticks % ticks_of_second);
	}
}

void
cell_put_date(struct cell_out *out, const struct cell_section *section,
    double value, bool is_1904)
{
	unsigned parts = section->date_parts;
	int decimals = section->decimals > 3 ? 3 : section->decimals, i;
	long ticks_of_second = 1, day;
	long long ticks;

	for (i = 0; i < decimals; i++)
		ticks_of_second *= 10;
	if ((parts & CELL_EITHER) != 0) {
		if (value < 1)
			parts = CELL_HOUR | CELL_MINUTE |
			    (parts & CELL_SECOND);
		else
			parts = CELL_DATE_PARTS;
	}
	ticks = llround(value * 86400 * (double)ticks_of_second);
	day = (long)(ticks / (86400LL * ticks_of_second));
	if (day > CELL_DAY_MAX)
		day = CELL_DAY_MAX;
	if ((parts & CELL_DATE_PARTS) != 0) {
		put_day(out, parts, day, is_1904);
		if ((parts & CELL_TIME_PARTS) != 0)
			cell_putc(out, ' ');
	}
	if ((parts & CELL_TIME_PARTS) != 0)
		put_time(out, parts, decimals, ticks, ticks_of_second);
}
