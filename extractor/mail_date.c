/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates as mails have them: "Thu, 4 May 2023 10:06:11 -0400 (EDT)", and what
 * old or careless programs write instead.  Words are looked at one by one:
 * their shapes tell what they are, their order only which number is the day.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "extractor/mail.h"
#include "extractor/when.h"

#define DATE_WORDS_MAX 12u

struct date {
	long day, month, year, hour, minute, second, ahead;
	bool has_time, has_zone, is_afternoon, is_morning;
};

static const struct {
	const char *name;
	int hours;
} zones[] = {
    {"UT", 0}, {"UTC", 0}, {"GMT", 0}, {"Z", 0}, {"EST", -5}, {"EDT", -4},
    {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8},
    {"PDT", -7}, {"CET", 1}, {"CEST", 2}, {"MEZ", 1}, {"MESZ", 2},
    {"BST", 1}, {"JST", 9}, {"MSK", 3},
};

/* Up to max digits; returns how many. */
static size_t
digits(const char *text, size_t len, size_t max, long *ret_value)
{
	size_t n = 0;
	long value = 0;

	for (; n < len && n < max && isdigit((unsigned char)text[n]); n++)
		value = value * 10 + text[n] - '0';
	*ret_value = value;
	return n;
}

/* 1 to 12 for a word that begins with an English month, else 0. */
static long
month_of(const char *word, size_t len)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	long i;

	if (len < 3)
		return 0;
	for (i = 0; i < 12; i++)
		if (strncasecmp(word, names + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

/* "10:06", "10:06:11", "10:06:11.123", and what may stand behind: "Z". */
static bool
take_time(struct date *date, const char *word, size_t len)
{
	size_t at, n;

	n = digits(word, len, 2, &date->hour);
	if (n == 0 || n == len || (word[n] != ':' && word[n] != '.'))
		return false;
	at = n + 1;
	n = digits(word + at, len - at, 2, &date->minute);
	if (n != 2)
		return false;
	at += n;
	date->second = 0;
	if (at < len && (word[at] == ':' || word[at] == '.')) {
		at++;
		at += digits(word + at, len - at, 2, &date->second);
	}
	if (at < len && word[at] == '.')
		for (at++; at < len && isdigit((unsigned char)word[at]); at++)
			continue;
	date->has_time = true;
	if (at < len && (word[at] == 'Z' || word[at] == 'z'))
		date->has_zone = true;
	return true;
}

/* "+0200", "-05:00" or a name. */
static bool
take_zone(struct date *date, const char *word, size_t len)
{
	long hours, minutes;
	size_t i, n;

	if (len >= 3 && (word[0] == '+' || word[0] == '-')) {
		n = digits(word + 1, len - 1, 2, &hours);
		i = 1 + n + (n < len - 1 && word[1 + n] == ':');
		if (n != 2)
			return false;
		(void)digits(word + i, len - i, 2, &minutes);
		if (hours > 14 || minutes > 59)
			return false;
		date->ahead = hours * 60 + minutes;
		if (word[0] == '-')
			date->ahead = -date->ahead;
		date->has_zone = true;
		return true;
	}
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (strlen(zones[i].name) == len &&
		    strncasecmp(word, zones[i].name, len) == 0) {
			date->ahead = zones[i].hours * 60L;
			date->has_zone = true;
			return true;
		}
	return false;
}

/* "2023-05-04", alone or with "T10:06:11Z" behind it; "2023/05/04". */
static bool
take_iso(struct date *date, const char *word, size_t len)
{
	long year, month, day;
	size_t at;

	if (len < 8 || digits(word, len, 4, &year) != 4 ||
	    (word[4] != '-' && word[4] != '/'))
		return false;
	at = 5 + digits(word + 5, len - 5, 2, &month);
	if (at >= len || word[at] != word[4])
		return false;
	at++;
	at += digits(word + at, len - at, 2, &day);
	date->year = year;
	date->month = month;
	date->day = day;
	if (at < len && (word[at] == 'T' || word[at] == 't')) {
		(void)take_time(date, word + at + 1, len - at - 1);
		for (at++; at < len && word[at] != '+' && word[at] != '-';
		     at++)
			continue;
		(void)take_zone(date, word + at, len - at);
	}
	return true;
}

/* A day, or a year: of two, three (since 1900) or four digits. */
static bool
take_number(struct date *date, const char *word, size_t len)
{
	long value;
	size_t n;

	n = digits(word, len, 4, &value);
	if (n == 0 || (n < len && isalnum((unsigned char)word[n])))
		return false;
	if (date->day == 0 && n <= 2)
		date->day = value;
	else if (date->year == 0 && n >= 2)
		date->year = n == 2 && value < 50 ? value + 2000
		    : n <= 3		    ? value + 1900
					    : value;
	return true;
}

/* "4-May-2023" */
static bool
take_dashed(struct date *date, const char *word, size_t len)
{
	const char *dash = memchr(word, '-', len);
	size_t at;

	if (dash == NULL || dash == word || !isdigit((unsigned char)*word))
		return false;
	at = (size_t)(dash + 1 - word);
	if (month_of(word + at, len - at) == 0)
		return false;
	dash = memchr(word + at, '-', len - at);
	if (dash == NULL)
		return false;
	(void)take_number(date, word, (size_t)2 - (word[1] == '-'));
	date->month = month_of(word + at, len - at);
	at = (size_t)(dash + 1 - word);
	return take_number(date, word + at, len - at);
}

static void
take_word(struct date *date, const char *word, size_t len)
{
	long month;

	if (take_iso(date, word, len) || take_dashed(date, word, len) ||
	    (!date->has_time && take_time(date, word, len)))
		return;
	if (date->has_time && !date->has_zone && take_zone(date, word, len))
		return;
	if (len == 2 && strncasecmp(word, "PM", 2) == 0)
		date->is_afternoon = true;
	if (len == 2 && strncasecmp(word, "AM", 2) == 0)
		date->is_morning = true;
	month = month_of(word, len);
	if (month > 0 && date->month == 0)
		date->month = month;
	else
		(void)take_number(date, word, len);
}

static bool
date_seconds(struct date *date, int64_t *ret_seconds)
{
	int64_t seconds;

	if (date->is_afternoon && date->hour < 12)
		date->hour += 12;
	if (date->is_morning && date->hour == 12)
		date->hour = 0;
	if (date->year < 1900 ||
	    !when_civil((int)date->year, (int)date->month, (int)date->day,
		(int)date->hour, (int)date->minute, (int)date->second,
		&seconds))
		return false;
	*ret_seconds = seconds - date->ahead * 60;
	return true;
}

bool
mail_date(const char *text, size_t len, int64_t *ret_seconds,
    int *ret_ahead_minutes)
{
	struct date date = {0};
	size_t i = 0, from, words;

	for (words = 0; words < DATE_WORDS_MAX && i < len; words++) {
		while (i < len && (isspace((unsigned char)text[i]) ||
				      text[i] == ','))
			i++;
		/* A remark names the zone again. */
		if (i < len && text[i] == '(')
			break;
		from = i;
		while (i < len && !isspace((unsigned char)text[i]) &&
		    text[i] != ',')
			i++;
		take_word(&date, text + from, i - from);
	}
	if (!date_seconds(&date, ret_seconds))
		return false;
	*ret_ahead_minutes = (int)date.ahead;
	return true;
}

void
mail_date_text(int64_t seconds, int ahead_minutes, char out[32])
{
	time_t when = (time_t)(seconds + (int64_t)ahead_minutes * 60);
	int ahead = ahead_minutes < 0 ? -ahead_minutes : ahead_minutes;
	struct tm tm;
	size_t len;

	out[0] = '\0';
	if (gmtime_r(&when, &tm) == NULL)
		return;
	len = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	if (ahead == 0)
		(void)snprintf(out + len, 32 - len, "Z");
	else
		(void)snprintf(out + len, 32 - len, "%c%02d:%02d",
		    ahead_minutes < 0 ? '-' : '+', ahead / 60 % 24,
		    ahead % 60);
}
