/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of both kinds of group, ours and everybody's, are read in one pass
 * into two lists; at the end the one that counts is kept.
 *
 * A pattern is a row of pieces between stars.  Matching looks for each piece
 * behind the one before, at its first place: with nothing but stars between
 * them the first place is never worse than a later one, so no step is taken
 * back, and memmem() keeps one rule linear.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/web_int.h"
#include "source/web_robots.h"

enum { GROUP_OURS, GROUP_ANY, GROUP_COUNT };

struct reader {
	struct web_robots groups[GROUP_COUNT];
	bool is_named[GROUP_COUNT];  /* a group of this kind was there */
	bool is_inside[GROUP_COUNT]; /* the one we are in is of this kind */
	bool has_rule;		     /* a name that comes now begins another */
	struct buf *sitemaps;
};

void
web_robots_init(struct web_robots *robots)
{
	*robots = (struct web_robots){0};
	buf_init(&robots->text, 4 * WEB_ROBOTS_BYTES_MAX);
	buf_init(&robots->sitemaps, WEB_ROBOTS_BYTES_MAX);
}

void
web_robots_fini(struct web_robots *robots)
{
	buf_fini(&robots->text);
	buf_fini(&robots->sitemaps);
	mem_free(robots->rules);
	robots->rules = NULL;
	robots->rule_count = robots->rule_size = 0;
}

/* ---- reading ----------------------------------------------------------- */

static int
rule_add(struct web_robots *robots, bool allows, const char *pattern,
    size_t len)
{
	const char *dollar;
	size_t *rules, size, n;

	if (robots->rule_count == robots->rule_size) {
		size = robots->rule_size == 0 ? 16 : 2 * robots->rule_size;
		rules = mem_resize(robots->rules, size, sizeof(*rules));
		if (rules == NULL)
			return ERR_NOMEM;
		robots->rules = rules;
		robots->rule_size = size;
	}
	robots->rules[robots->rule_count++] = robots->text.len;
	(void)buf_putc(&robots->text, allows ? 'A' : 'D');
	/* A dollar means something at the end only. */
	for (; len > 0; pattern += n, len -= n) {
		dollar = memchr(pattern, '$', len - 1);
		n = dollar == NULL ? len : (size_t)(dollar - pattern) + 1;
		web_escape(pattern, n - (dollar != NULL), &robots->text);
		if (dollar != NULL)
			(void)buf_puts(&robots->text, "%24");
	}
	return buf_put(&robots->text, "", 1);
}

static bool
word_is(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

/* A product token ends where its characters end: "tidemark/1.0" is ours. */
static bool
agent_is_ours(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') ||
			(text[i] >= 'A' && text[i] <= 'Z') ||
			text[i] == '-' || text[i] == '_'))
			break;
	return word_is(text, i, WEB_TOKEN);
}

static void
agent_read(struct reader *reader, const char *value, size_t len)
{
	unsigned kind;

	if (reader->has_rule) {
		reader->is_inside[GROUP_OURS] = false;
		reader->is_inside[GROUP_ANY] = false;
		reader->has_rule = false;
	}
	if (len > 0 && value[0] == '*')
		kind = GROUP_ANY;
	else if (agent_is_ours(value, len))
		kind = GROUP_OURS;
	else
		return;
	reader->is_inside[kind] = reader->is_named[kind] = true;
}

/* Seconds, perhaps with a fraction; what is no number says nothing. */
static void
delay_read(struct web_robots *robots, const char *value, size_t len)
{
	unsigned ms = 0, place = 1000;
	size_t i = 0;

	for (; i < len && value[i] >= '0' && value[i] <= '9'; i++)
		if (ms < WEB_DELAY_MS_MAX)
			ms = ms * 10 + 1000 * (unsigned)(value[i] - '0');
	if (i < len && value[i] == '.')
		for (i++; i < len && value[i] >= '0' && value[i] <= '9'; i++) {
			place /= 10;
			ms += place * (unsigned)(value[i] - '0');
		}
	if (i < len)
		return;
	robots->delay_ms = ms > WEB_DELAY_MS_MAX ? WEB_DELAY_MS_MAX : ms;
}

static int
line_read(struct reader *reader, const char *name, size_t name_len,
    const char *value, size_t len)
{
	bool allows = word_is(name, name_len, "allow");
	unsigned kind;
	int err = 0;

	if (word_is(name, name_len, "user-agent")) {
		agent_read(reader, value, len);
	} else if (word_is(name, name_len, "sitemap")) {
		if (len > 0 && memchr(value, '\0', len) == NULL) {
			(void)buf_put(reader->sitemaps, value, len);
			err = buf_put(reader->sitemaps, "", 1);
		}
	} else if (allows || word_is(name, name_len, "disallow")) {
		reader->has_rule = true;
		for (kind = 0; kind < GROUP_COUNT && err == 0; kind++)
			if (reader->is_inside[kind] && len > 0)
				err = rule_add(&reader->groups[kind], allows,
				    value, len);
	} else if (word_is(name, name_len, "crawl-delay")) {
		reader->has_rule = true;
		for (kind = 0; kind < GROUP_COUNT; kind++)
			if (reader->is_inside[kind])
				delay_read(&reader->groups[kind], value, len);
	}
	return err;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* A line without its end. */
static int
line_split(struct reader *reader, const char *line, size_t len)
{
	const char *comment = memchr(line, '#', len), *colon;
	size_t name_len;

	if (comment != NULL)
		len = (size_t)(comment - line);
	while (len > 0 && is_blank(line[0])) {
		line++;
		len--;
	}
	while (len > 0 && is_blank(line[len - 1]))
		len--;
	colon = memchr(line, ':', len);
	if (colon == NULL)
		return 0;
	name_len = (size_t)(colon - line);
	len -= name_len + 1;
	while (name_len > 0 && is_blank(line[name_len - 1]))
		name_len--;
	for (colon++; len > 0 && is_blank(colon[0]); colon++)
		len--;
	return line_read(reader, line, name_len, colon, len);
}

int
web_robots_read(struct web_robots *robots, const char *text, size_t len)
{
	struct reader reader = {0};
	const char *end;
	unsigned kind;
	size_t n;
	int err = 0;

	buf_clear(&robots->sitemaps);
	reader.sitemaps = &robots->sitemaps;
	for (kind = 0; kind < GROUP_COUNT; kind++)
		web_robots_init(&reader.groups[kind]);
	if (len > WEB_ROBOTS_BYTES_MAX)
		for (len = WEB_ROBOTS_BYTES_MAX; len > 0; len--)
			if (text[len - 1] == '\n' || text[len - 1] == '\r')
				break;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	for (; len > 0 && err == 0; text += n, len -= n) {
		end = text;
		while (end < text + len && *end != '\n' && *end != '\r')
			end++;
		n = (size_t)(end - text);
		err = line_split(&reader, text, n);
		n += n < len;
	}
	if (err == 0) {
		kind = reader.is_named[GROUP_OURS] ? GROUP_OURS : GROUP_ANY;
		buf_fini(&robots->text);
		mem_free(robots->rules);
		robots->text = reader.groups[kind].text;
		robots->rules = reader.groups[kind].rules;
		robots->rule_count = reader.groups[kind].rule_count;
		robots->rule_size = reader.groups[kind].rule_size;
		robots->delay_ms = reader.groups[kind].delay_ms;
		buf_init(&reader.groups[kind].text, 0);
		reader.groups[kind].rules = NULL;
	}
	for (kind = 0; kind < GROUP_COUNT; kind++)
		web_robots_fini(&reader.groups[kind]);
	return err;
}

/* ---- matching ---------------------------------------------------------- */

static bool
pattern_matches(const char *pattern, const char *path, size_t len)
{
	const char *star, *end = path + len, *at = path;
	bool is_first = true, is_anchored = false;
	size_t n = strlen(pattern), piece;

	if (n > 0 && pattern[n - 1] == '$') {
		is_anchored = true;
		n--;
	}
	for (;; pattern += piece + 1, n -= piece + 1, is_first = false) {
		star = memchr(pattern, '*', n);
		piece = star == NULL ? n : (size_t)(star - pattern);
		if ((size_t)(end - at) < piece)
			return false;
		if (is_first) {
			if (memcmp(at, pattern, piece) != 0)
				return false;
		} else if (star == NULL && is_anchored) {
			return memcmp(end - piece, pattern, piece) == 0;
		} else {
			at = memmem(at, (size_t)(end - at), pattern, piece);
			if (at == NULL)
				return false;
		}
		at += piece;
		if (star == NULL)
			return !is_anchored || at == end;
	}
}

bool
web_robots_allow(const struct web_robots *robots, const char *path,
    size_t len)
{
	size_t best = 0, i, n, escaped_len = 0;
	char escaped[3 * WEB_URL_BYTES_MAX];
	bool allows = true;
	const char *rule;

	if (len == strlen("/robots.txt") &&
	    memcmp(path, "/robots.txt", len) == 0)
		return true;
	if (robots->refuses_all || len > WEB_URL_BYTES_MAX)
		return false;
	/* In a pattern * and $ mean something; what means just them is an
	 * escape there. */
	for (i = 0; i < len; i++) {
		if (path[i] == '*' || path[i] == '$') {
			memcpy(escaped + escaped_len,
			    path[i] == '*' ? "%2A" : "%24", 3);
			escaped_len += 3;
		} else {
			escaped[escaped_len++] = path[i];
		}
	}
	for (i = 0; i < robots->rule_count; i++) {
		rule = robots->text.data + robots->rules[i];
		n = strlen(rule + 1);
		if (n < best || (n == best && (rule[0] == 'D' || allows)))
			continue;
		if (!pattern_matches(rule + 1, escaped, escaped_len))
			continue;
		best = n;
		allows = rule[0] == 'A';
	}
	return allows;
}

const char *
web_robots_sitemap(const struct web_robots *robots, size_t *at)
{
	const char *sitemap;

	if (*at >= robots->sitemaps.len)
		return NULL;
	sitemap = robots->sitemaps.data + *at;
	*at += strlen(sitemap) + 1;
	return sitemap;
}

/* ---- wishes ------------------------------------------------------------ */

/* Words that may stand before a colon without being an agent's name. */
static bool
is_directive(const char *word, size_t len)
{
	return word_is(word, len, "unavailable_after") ||
	    word_is(word, len, "max-snippet") ||
	    word_is(word, len, "max-image-preview") ||
	    word_is(word, len, "max-video-preview");
}

void
web_wish_read(const char *text, size_t len, bool has_agent,
    struct web_wish *wish)
{
	const char *end = text + len, *word, *colon, *stop;
	bool is_ours = true;
	size_t n;

	for (; text <= end; text = stop + 1) {
		stop = memchr(text, ',', (size_t)(end - text));
		if (stop == NULL)
			stop = end;
		for (word = text; word < stop && is_blank(*word); word++)
			;
		colon = memchr(word, ':', (size_t)(stop - word));
		if (has_agent && colon != NULL &&
		    !is_directive(word, (size_t)(colon - word))) {
			is_ours = agent_is_ours(word,
			    (size_t)(colon - word)) || *word == '*';
			for (word = colon + 1; word < stop && is_blank(*word);
			     word++)
				;
		}
		n = (size_t)(stop - word);
		while (n > 0 && is_blank(word[n - 1]))
			n--;
		if (!is_ours)
			continue;
		if (word_is(word, n, "noindex") || word_is(word, n, "none"))
			wish->noindex = true;
		if (word_is(word, n, "nofollow") || word_is(word, n, "none"))
			wish->nofollow = true;
	}
}
