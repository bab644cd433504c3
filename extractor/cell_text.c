/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number by its format.  The number is 15 decimal digits and the place of
 * its point: percents and scaling commas move the point, rounding is done on
 * the digits, and 2.675 becomes 2.68 as it does for the person who typed it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractor/cell_format.h"
#include "extractor/cell_token.h"

#define DIGITS 15
#define POINT_MAX 21 /* larger numbers are written with an exponent */
#define DENOMINATOR_MAX 999

/* 0.ddd * 10^point, without zeros at the end; zero has no digits. */
struct digits {
	char digit[DIGITS + 2];
	int count, point;
};

static size_t
cell_finish(struct cell_out *out)
{
	out->text[out->len] = '\0';
	return out->len;
}

/* ---- digits ------------------------------------------------------------- */

static void
digits_trim(struct digits *digits)
{
	while (digits->count > 0 && digits->digit[digits->count - 1] == '0')
		digits->count--;
	if (digits->count == 0)
		digits->point = 0;
}

/* value is finite and not negative. */
static void
digits_of(struct digits *digits, double value)
{
	char text[40]; /* "d.dddddddddddddde+ddd" */

	(void)snprintf(text, sizeof(text), "%.*e", DIGITS - 1, value);
	digits->digit[0] = text[0];
	memcpy(digits->digit + 1, text + 2, DIGITS - 1);
	digits->count = DIGITS;
	digits->point = (int)strtol(text + DIGITS + 2, NULL, 10) + 1;
	digits_trim(digits);
}

/* Round half away from zero to so many digits behind the point. */
static void
digits_round(struct digits *digits, int decimals)
{
	int keep = digits->point + decimals;
	bool is_up;

	if (keep >= digits->count)
		return;
	if (keep < 0)
		keep = 0;
	is_up = digits->point + decimals >= 0 && digits->digit[keep] >= '5';
	digits->count = keep;
	while (is_up && keep > 0 && digits->digit[keep - 1] == '9')
		digits->count = --keep;
	if (is_up && keep > 0) {
		digits->digit[keep - 1]++;
	} else if (is_up) {
		digits->digit[0] = '1';
		digits->count = 1;
		digits->point++;
	}
	digits_trim(digits);
}

/* The digit that stands for 10^place. */
static char
digits_at(const struct digits *digits, int place)
{
	int i = digits->point - 1 - place;

	return i >= 0 && i < digits->count ? digits->digit[i] : '0';
}

static int
digits_whole(const struct digits *digits)
{
	return digits->point > 0 ? digits->point : 0;
}

static void
put_plain(struct cell_out *out, const struct digits *digits)
{
	int place;

	for (place = digits->point > 0 ? digits->point - 1 : 0; place >= 0;
	     place--)
		cell_putc(out, digits_at(digits, place));
	if (digits->count <= digits->point)
		return;
	cell_putc(out, '.');
	for (; digits->point - 1 - place < digits->count; place--)
		cell_putc(out, digits_at(digits, place));
}

static void
put_general(struct cell_out *out, double value)
{
	struct digits digits;
	int power;

	digits_of(&digits, value);
	if (digits.count == 0 ||
	    (digits.point > -5 && digits.point <= POINT_MAX)) {
		put_plain(out, &digits);
		return;
	}
	power = digits.point - 1;
	digits.point = 1;
	put_plain(out, &digits);
	cell_put(out, power < 0 ? "E-" : "E+", 2);
	cell_put_number(out, 2, abs(power));
}

size_t
cell_general(double value, char text[CELL_TEXT_MAX])
{
	struct cell_out out = {text, 0};

	if (!isfinite(value))
		return cell_finish(&out);
	if (value < 0)
		cell_putc(&out, '-');
	put_general(&out, fabs(value));
	return cell_finish(&out);
}

/* ---- numbers ------------------------------------------------------------ */

struct walk {
	const struct cell_section *section;
	const struct digits *digits;
	double value;
	int place;    /* of the next placeholder's digit */
	bool is_fraction; /* behind the point */
	bool has_started; /* a digit was put */
	bool is_exponent; /* its digits are being counted */
	int power, power_digits;
};

static void
put_group(struct cell_out *out, const struct walk *walk, int place)
{
	if (walk->section->is_grouped && place > 0 && place % 3 == 0)
		cell_putc(out, ',');
}

/* The first placeholder takes all digits that have none of their own. */
static void
put_digit(struct cell_out *out, struct walk *walk, char placeholder)
{
	int place = walk->place--, at;
	int top = digits_whole(walk->digits) - 1;

	if (walk->is_fraction) {
		if (placeholder == '0' ||
		    walk->digits->point - 1 - place < walk->digits->count)
			cell_putc(out, digits_at(walk->digits, place));
		return;
	}
	for (at = top; !walk->has_started && at > place; at--) {
		cell_putc(out, digits_at(walk->digits, at));
		put_group(out, walk, at);
	}
	if (top > place)
		walk->has_started = true;
	if (walk->has_started || place <= top || placeholder == '0') {
		cell_putc(out, digits_at(walk->digits, place));
		put_group(out, walk, place);
		walk->has_started = true;
	}
}

static void
put_point(struct cell_out *out, struct walk *walk)
{
	int place;

	if (walk->is_fraction)
		return;
	if (walk->section->whole == 0)
		for (place = walk->digits->point - 1; place >= 0; place--)
			cell_putc(out, digits_at(walk->digits, place));
	walk->is_fraction = true;
	walk->place = -1;
	cell_putc(out, '.');
}

static void
put_exponent(struct cell_out *out, struct walk *walk, char sign)
{
	cell_putc(out, 'E');
	if (walk->power < 0)
		cell_putc(out, '-');
	else if (sign == '+')
		cell_putc(out, '+');
	walk->is_exponent = true;
}

static void
put_token(struct cell_out *out, struct walk *walk,
    const struct cell_token *token)
{
	if (walk->is_exponent && token->kind != CELL_TOKEN_DIGIT) {
		cell_put_number(out, walk->power_digits, abs(walk->power));
		walk->is_exponent = false;
		walk->is_fraction = true; /* no more digits */
	}
	switch (token->kind) {
	case CELL_TOKEN_DIGIT:
		if (walk->is_exponent)
			walk->power_digits++;
		else
			put_digit(out, walk, token->c);
		break;
	case CELL_TOKEN_POINT:
		put_point(out, walk);
		break;
	case CELL_TOKEN_PERCENT:
	case CELL_TOKEN_SLASH:
	case CELL_TOKEN_LITERAL:
	case CELL_TOKEN_HALF:
		/* A "#" that showed nothing leaves its point behind. */
		if (out->len > 0 && out->text[out->len - 1] == '.' &&
		    walk->is_fraction && token->kind == CELL_TOKEN_PERCENT)
			out->len--;
		cell_put(out, token->text, token->len);
		break;
	case CELL_TOKEN_EXPONENT:
		put_exponent(out, walk, token->c);
		break;
	case CELL_TOKEN_GENERAL:
	case CELL_TOKEN_TEXT:
		put_general(out, walk->value);
		break;
	case CELL_TOKEN_BRACKET:
		/* "[$€-407]" is a currency and a language. */
		if (token->len > 1 && token->text[0] == '$') {
			const char *dash = memchr(token->text, '-',
			    token->len);

			cell_put(out, token->text + 1, dash == NULL
				? token->len - 1
				: (size_t)(dash - token->text) - 1);
		}
		break;
	case CELL_TOKEN_SPACE:
		cell_putc(out, ' ');
		break;
	case CELL_TOKEN_END:
	case CELL_TOKEN_SECTION:
	case CELL_TOKEN_COMMA:
	case CELL_TOKEN_DATE:
	case CELL_TOKEN_NOTHING:
		break;
	}
}

static void
put_section(struct cell_out *out, const struct cell_format *format,
    struct walk *walk)
{
	struct cell_token token;
	size_t at = walk->section->start;

	walk->place = walk->section->whole - 1;
	do {
		token = cell_token_next(format->code, walk->section->end, &at);
		put_token(out, walk, &token);
	} while (token.kind != CELL_TOKEN_END);
	if (walk->is_fraction && out->len > 0 &&
	    out->text[out->len - 1] == '.')
		out->len--;
}

static void
put_number(struct cell_out *out, const struct cell_format *format,
    const struct cell_section *section, double value, bool is_negative)
{
	struct digits digits;
	struct walk walk = {.section = section, .digits = &digits,
	    .value = value};

	digits_of(&digits, value);
	if (digits.count > 0)
		digits.point += 2 * section->percents -
		    3 * section->thousands;
	if (section->kind == CELL_NUMBER)
		digits_round(&digits, section->decimals);
	if (digits.point > POINT_MAX) {
		if (is_negative)
			cell_putc(out, '-');
		put_general(out, value);
		return;
	}
	is_negative = is_negative &&
	    (digits.count > 0 || section->kind != CELL_NUMBER);
	if (is_negative)
		cell_putc(out, '-');
	put_section(out, format, &walk);
	/* A colour and nothing else shows the number as it is. */
	if (out->len == is_negative && section->whole == 0 &&
	    section->decimals == 0)
		put_general(out, value);
}

static void
put_scientific(struct cell_out *out, const struct cell_format *format,
    const struct cell_section *section, double value, bool is_negative)
{
	int step = section->whole > 1 ? section->whole : 1, over;
	struct digits digits;
	struct walk walk = {.section = section, .digits = &digits,
	    .value = value};

	digits_of(&digits, value);
	if (digits.count > 0) {
		/* One digit before the point, or up to step of them. */
		over = (digits.point - 1) % step;
		if (over < 0)
			over += step;
		walk.power = digits.point - 1 - over;
		digits.point = over + 1;
		digits_round(&digits, section->decimals);
		if (digits.point > step) {
			digits.point -= step;
			walk.power += step;
		}
	}
	if (is_negative)
		cell_putc(out, '-');
	put_section(out, format, &walk);
}

/* ---- fractions ---------------------------------------------------------- */

static long
fixed_denominator(const char *code, const struct cell_section *section)
{
	const char *slash = memchr(code + section->start, '/',
	    (size_t)(section->end - section->start));
	long number;

	if (slash == NULL)
		return 0;
	number = strtol(slash + 1, NULL, 10);
	return number > 0 && number <= 100000 ? number : 0;
}

/* Is there a placeholder of its own for what is before the fraction? */
static bool
has_whole(const char *code, const struct cell_section *section)
{
	size_t at;
	bool is_behind = false, has_gap = false;

	for (at = section->start; at < section->end && code[at] != '/'; at++) {
		if (strchr("0#?", code[at]) == NULL)
			has_gap |= is_behind;
		else if (has_gap)
			return true;
		else
			is_behind = true;
	}
	return false;
}

static void
put_fraction(struct cell_out *out, const struct cell_format *format,
    const struct cell_section *section, double value, bool is_negative)
{
	long max = 9, best = 1, fixed, i;
	double whole = floor(value), rest = value - whole, off, least = 2;
	long long over;

	if (value >= 1e15) {
		put_general(out, value);
		return;
	}
	if (section->denominator > 1)
		max = section->denominator == 2 ? 99 : DENOMINATOR_MAX;
	fixed = fixed_denominator(format->code, section);
	for (i = 1; fixed == 0 && i <= max; i++) {
		off = fabs(rest - round(rest * (double)i) / (double)i);
		if (off < least - 1e-12) {
			least = off;
			best = i;
		}
	}
	if (fixed > 0)
		best = fixed;
	over = (long long)round(rest * (double)best);
	if (is_negative && (whole > 0 || over > 0))
		cell_putc(out, '-');
	if (over == best) {
		whole += 1;
		over = 0;
	}
	if (!has_whole(format->code, section)) {
		over += (long long)whole * best;
		whole = 0;
	} else if (whole > 0 || over == 0) {
		cell_put_number(out, 1, (long long)whole);
		if (over == 0)
			return;
		cell_putc(out, ' ');
	}
	cell_put_number(out, 1, over);
	cell_putc(out, '/');
	cell_put_number(out, 1, best);
}

/* ---- sections ----------------------------------------------------------- */

static bool
section_fits(const struct cell_section *section, double value)
{
	switch (section->compare) {
	case '<':
		return value < section->limit;
	case 'l':
		return value <= section->limit;
	case '>':
		return value > section->limit;
	case 'g':
		return value >= section->limit;
	case '=':
		return value == section->limit;
	case 'n':
		return value != section->limit;
	default:
		return true;
	}
}

/* The section for value; *ret_is_signed: the minus is not its own affair. */
static const struct cell_section *
section_of(const struct cell_format *format, double value,
    bool *ret_is_signed)
{
	const struct cell_section *section = format->sections;
	size_t i, numeric = format->count < 3 ? format->count : 3;

	if (section->compare == 0 && (numeric < 2 || section[1].compare == 0)) {
		i = numeric < 2 || value > 0 ? 0 : value < 0 ? 1 : 2;
		if (i >= numeric)
			i = 0;
		*ret_is_signed = i != 1;
		return &section[i];
	}
	for (i = 0; i + 1 < numeric && !section_fits(&section[i], value); i++)
		continue;
	*ret_is_signed = !((section[i].compare == '<' ||
			       section[i].compare == 'l') &&
	    section[i].limit <= 0);
	return &section[i];
}

bool
cell_format_is_date(const struct cell_format *format, double value)
{
	bool is_signed;

	return section_of(format, value, &is_signed)->kind == CELL_DATE;
}

size_t
cell_format_number(const struct cell_format *format, double value,
    bool is_1904, char text[CELL_TEXT_MAX])
{
	const struct cell_section *section;
	struct cell_out out = {text, 0};
	bool is_signed, is_negative;

	if (!isfinite(value))
		return cell_finish(&out);
	section = section_of(format, value, &is_signed);
	is_negative = value < 0 && is_signed;
	if (section->start == section->end)
		return cell_finish(&out); /* hidden */
	switch ((enum cell_kind)section->kind) {
	case CELL_DATE:
		/* No date: the program shows nothing but number signs. */
		if (value < 0 || value >= CELL_DAY_MAX + 1)
			return cell_general(value, text);
		cell_put_date(&out, section, value, is_1904);
		break;
	case CELL_FRACTION:
		put_fraction(&out, format, section, fabs(value), is_negative);
		break;
	case CELL_SCIENTIFIC:
		put_scientific(&out, format, section, fabs(value),
		    is_negative);
		break;
	case CELL_GENERAL:
	case CELL_NUMBER:
		put_number(&out, format, section, fabs(value), is_negative);
		break;
	}
	return cell_finish(&out);
}
