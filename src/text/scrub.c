/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every pass goes over the text once, from the front, and writes behind what
 * it reads: what is kept moves down over what was dropped.
 *
 * The searches for a bracket, a parenthesis or "http" remember where they
 * found one: a text of nothing but "[" is not searched to its end for each of
 * them.
 */
#include <string.h>

#include "text/measure.h"
#include "text/scrub.h"
#include "text/space.h"

struct scrub {
	char *text;
	size_t len;
	size_t to; /* written so far */
	struct scrub_mark *marks;
	size_t mark, mark_count;
};

static struct scrub
scrub_begin(char *text, size_t len, struct scrub_mark *marks, size_t count)
{
	struct scrub scrub = {.text = text, .len = len, .marks = marks,
	    .mark_count = count};

	return scrub;
}

/* What stands between this and what was kept before is dropped. */
static void
keep(struct scrub *scrub, size_t from, size_t len)
{
	struct scrub_mark *mark;

	for (; scrub->mark < scrub->mark_count; scrub->mark++) {
		mark = &scrub->marks[scrub->mark];
		if (mark->at >= from + len)
			break;
		mark->at = scrub->to + (mark->at > from ? mark->at - from : 0);
	}
	if (scrub->to != from)
		memmove(scrub->text + scrub->to, scrub->text + from, len);
	scrub->to += len;
}

static size_t
scrub_end(struct scrub *scrub)
{
	for (; scrub->mark < scrub->mark_count; scrub->mark++)
		scrub->marks[scrub->mark].at = scrub->to;
	return scrub->to;
}

/* ---- what is never wanted ------------------------------------------------ */

/* How many bytes at i are odd; *ret_kept of them, at *ret_from, stay. */
static size_t
odd_len(const char *text, size_t len, size_t i, size_t *ret_from,
    size_t *ret_kept)
{
	unsigned char c = (unsigned char)text[i];

	*ret_from = i;
	*ret_kept = 0;
	if (c == '<' || c == '|') {
		*ret_from = c == '<' ? i : i + 1;
		*ret_kept = 1;
		return i + 1 < len && text[i + 1] == (c == '<' ? '|' : '>')
			? 2 : 0;
	}
	if (c < 0x20)
		return c != '\t' && c != '\n' && c != '\r';
	if (c == 0x7F)
		return 1;
	return c == 0xEF && len - i >= 3 &&
		memcmp(text + i, "\xEF\xBF\xBE", 3) == 0 ? 3 : 0;
}

static size_t
scrub_odd(struct scrub *scrub)
{
	size_t i = 0, begin = 0, from, kept, odd;

	while (i < scrub->len) {
		odd = odd_len(scrub->text, scrub->len, i, &from, &kept);
		if (odd == 0) {
			i++;
			continue;
		}
		keep(scrub, begin, i - begin);
		keep(scrub, from, kept);
		begin = i += odd;
	}
	keep(scrub, begin, scrub->len - begin);
	return scrub_end(scrub);
}

/* ---- blanks -------------------------------------------------------------- */

static size_t
scrub_blanks(struct scrub *scrub)
{
	const char *text = scrub->text;
	size_t i = 0, begin = 0, run, step, count;

	while (i < scrub->len) {
		count = 0;
		run = i;
		if (text[i] == '\n') {
			while (run < scrub->len && text[run] == '\n')
				run++;
			if (run - i > 2) {
				keep(scrub, begin, i + 2 - begin);
				begin = run;
			}
			i = run;
			continue;
		}
		while (run < scrub->len) {
			step = space_blank_len(text + run, scrub->len - run);
			if (step == 0)
				break;
			run += step;
			count++;
		}
		if (count > 1) {
			keep(scrub, begin, i - begin);
			/* Blanks are two bytes or more by now. */
			scrub->text[scrub->to++] = ' ';
			begin = run;
		}
		i = count > 0 ? run : i + 1;
	}
	keep(scrub, begin, scrub->len - begin);
	return scrub_end(scrub);
}

/* ---- addresses ----------------------------------------------------------- */

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-';
}

static bool
is_mailbox(char c)
{
	return is_name(c) || c == '_' || c == '.' || c == '+';
}

/* The end of the address whose "@" is at, or 0. */
static size_t
mail_end(const char *text, size_t len, size_t at)
{
	size_t end = at + 1, dot;

	while (end < len && is_name(text[end]))
		end++;
	if (end == at + 1 || end == len || text[end] != '.')
		return 0;
	dot = end++;
	while (end < len && (is_name(text[end]) || text[end] == '.'))
		end++;
	return end > dot + 1 ? end : 0;
}

static size_t
scrub_mails(struct scrub *scrub)
{
	const char *text = scrub->text, *found;
	size_t i = 0, begin = 0, start, at, end;

	while (i < scrub->len) {
		found = memchr(text + i, '@', scrub->len - i);
		if (found == NULL)
			break;
		at = (size_t)(found - text);
		for (start = at; start > i && is_mailbox(text[start - 1]);)
			start--;
		end = start == at ? 0 : mail_end(text, scrub->len, at);
		if (end == 0) {
			i = at + 1;
			continue;
		}
		keep(scrub, begin, start - begin);
		begin = i = end;
	}
	keep(scrub, begin, scrub->len - begin);
	return scrub_end(scrub);
}

/* Where something comes next; it may be asked for rising places only. */
struct next {
	const char *what;
	size_t at; /* len: nowhere any more */
	bool is_known;
};

static size_t
next_at(struct next *next, const char *text, size_t len, size_t from)
{
	const char *found;

	if (next->is_known && next->at >= from)
		return next->at;
	found = measure_find(text + from, len - from, next->what,
	    strlen(next->what));
	next->at = found == NULL ? len : (size_t)(found - text);
	next->is_known = true;
	return next->at;
}

/* The bytes of "http://" or "https://" at text; 0: there is none. */
static size_t
scheme_len(const char *text, size_t len)
{
	size_t n = 4;

	if (len < 8 || memcmp(text, "http", 4) != 0)
		return 0;
	n += text[n] == 's';
	return len > n + 3 && memcmp(text + n, "://", 3) == 0 ? n + 3 : 0;
}

/* The end of the Markdown link "[words](http...)" at i, or 0.  An image is
 * one with "!" before it. */
static size_t
link_end(const char *text, size_t len, size_t i, struct next *bracket,
    struct next *parenthesis)
{
	size_t close, end, scheme;

	if (text[i] != '[')
		return 0;
	close = next_at(bracket, text, len, i + 1);
	if (len - close < 2 || text[close + 1] != '(')
		return 0;
	scheme = scheme_len(text + close + 2, len - close - 2);
	if (scheme == 0)
		return 0;
	end = next_at(parenthesis, text, len, close + 2 + scheme);
	return end < len && end > close + 2 + scheme ? end + 1 : 0;
}

/* The end of the address at i; a link that is stuck to it is none of it. */
static size_t
address_end(const char *text, size_t len, size_t i, struct next *bracket,
    struct next *parenthesis)
{
	size_t end = i + scheme_len(text + i, len - i), begin = end;

	if (end == i)
		return 0;
	while (end < len && space_len(text + end, len - end) == 0 &&
	    link_end(text, len, end, bracket, parenthesis) == 0)
		end++;
	return end > begin ? end : 0;
}

static size_t
scrub_addresses(struct scrub *scrub)
{
	struct next bracket = {.what = "]"}, parenthesis = {.what = ")"};
	const char *text = scrub->text;
	size_t i = 0, begin = 0, len = scrub->len, end;

	while (i < len) {
		end = link_end(text, len, i, &bracket, &parenthesis);
		if (end > 0) {
			i = end;
			continue;
		}
		end = address_end(text, len, i, &bracket, &parenthesis);
		if (end == 0) {
			i++;
			continue;
		}
		keep(scrub, begin, i - begin);
		begin = i = end;
	}
	keep(scrub, begin, len - begin);
	return scrub_end(scrub);
}

size_t
scrub_text(char *text, size_t len, bool squeezes_blanks,
    bool drops_addresses, struct scrub_mark *marks, size_t count)
{
	struct scrub scrub = scrub_begin(text, len, marks, count);

	len = scrub_odd(&scrub);
	if (squeezes_blanks) {
		scrub = scrub_begin(text, len, marks, count);
		len = scrub_blanks(&scrub);
	}
	if (!drops_addresses)
		return len;
	scrub = scrub_begin(text, len, marks, count);
	len = scrub_mails(&scrub);
	scrub = scrub_begin(text, len, marks, count);
	return scrub_addresses(&scrub);
}
