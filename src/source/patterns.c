/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path and a pattern are compared part by part, a part being what stands
 * between two slashes.  "**" among the parts and "*" within one are handled
 * alike: go on behind the star, and when that fails, come back to the last
 * star and let it swallow one more.  Coming back to the last star only is
 * enough, so each part of the pattern meets each part of the path at most
 * once, and each of their characters too: that is the bound on time.
 *
 * Characters are UTF-8; a byte that is none counts as a character of its own.
 */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "source/patterns.h"

/* One pattern, taken apart. */
struct pattern {
	const char *text, *end;
	bool is_negated;
	bool is_folder_only;
	bool is_anchored;
};

/* A part of a path or pattern; next is behind its slash, NULL at the end. */
struct part {
	const char *text, *end;
	const char *next;
};

static uint32_t
char_at(const char *text, const char *end, size_t *ret_len)
{
	uint32_t c = utf8_decode(text, (size_t)(end - text), ret_len);

	/* Beyond all characters, so that different bytes stay different. */
	return c == UTF8_BAD ? 0x110000u + (unsigned char)*text : c;
}

struct named_class {
	const char *name;
	const char *ranges; /* pairs: first and last character */
};

/* ASCII, as in the C locale; what a name says does not depend on whose
 * environment the server was started in. */
static const struct named_class named_classes[] = {
    {"alnum", "09AZaz"},
    {"alpha", "AZaz"},
    {"blank", "\t\t  "},
    {"cntrl", "\x01\x1F\x7F\x7F"},
    {"digit", "09"},
    {"graph", "!~"},
    {"lower", "az"},
    {"print", " ~"},
    {"punct", "!/:@[`{~"},
    {"space", "\t\r  "},
    {"upper", "AZ"},
    {"xdigit", "09AFaf"},
};

static bool
named_class_has(const struct named_class *named, uint32_t c)
{
	const char *range;

	for (range = named->ranges; *range != '\0'; range += 2)
		if (c >= (unsigned char)range[0] &&
		    c <= (unsigned char)range[1])
			return true;
	return false;
}

/* text is behind "[:"; returns what is behind ":]", NULL when it is not the
 * name of a class. */
static const char *
named_class_match(const char *text, const char *end, uint32_t c,
    bool *ret_has)
{
	size_t i, len;

	for (i = 0; i < sizeof(named_classes) / sizeof(named_classes[0]);
	    i++) {
		len = strlen(named_classes[i].name);
		if ((size_t)(end - text) < len + 2 ||
		    memcmp(text, named_classes[i].name, len) != 0 ||
		    memcmp(text + len, ":]", 2) != 0)
			continue;
		*ret_has = named_class_has(&named_classes[i], c);
		return text + len + 2;
	}
	return NULL;
}

/* The character that text stands for within a class, \ taken away; NULL when
 * the pattern ends before. */
static const char *
class_char(const char *text, const char *end, uint32_t *ret_c)
{
	size_t step;

	if (text < end && *text == '\\')
		text++;
	if (text >= end)
		return NULL;
	*ret_c = char_at(text, end, &step);
	return text + step;
}

/* text is behind "["; returns what is behind "]", NULL when there is none:
 * such a pattern matches nothing. */
static const char *
class_match(const char *text, const char *end, uint32_t c, bool *ret_has)
{
	bool is_turned = false, has = false, has_name, is_first = true;
	uint32_t low, high;
	const char *behind;

	if (text < end && (*text == '!' || *text == '^')) {
		is_turned = true;
		text++;
	}
	while (text < end && (is_first || *text != ']')) {
		is_first = false;
		if (end - text > 2 && text[0] == '[' && text[1] == ':') {
			has_name = false;
			behind = named_class_match(text + 2, end, c,
			    &has_name);
			if (behind == NULL)
				return NULL;
			has = has || has_name;
			text = behind;
			continue;
		}
		text = class_char(text, end, &low);
		if (text == NULL)
			return NULL;
		high = low;
		if (end - text > 1 && text[0] == '-' && text[1] != ']') {
			text = class_char(text + 1, end, &high);
			if (text == NULL)
				return NULL;
		}
		has = has || (c >= low && c <= high);
	}
	if (text >= end)
		return NULL;
	*ret_has = has != is_turned;
	return text + 1;
}

/* Does one character of the pattern, not a star, match the one at text?
 * Returns what is behind it in the pattern, NULL when it does not. */
static const char *
glob_char(const char *glob, const char *end, const char *text,
    const char *text_end, size_t *ret_len)
{
	uint32_t c = char_at(text, text_end, ret_len);
	bool has = false;

	if (*glob == '?')
		return glob + 1;
	if (*glob == '[') {
		glob = class_match(glob + 1, end, c, &has);
		return has ? glob : NULL;
	}
	if (*glob == '\\')
		glob++; /* at the end of a pattern it matches nothing */
	if (glob == end || *glob != *text)
		return NULL;
	*ret_len = 1;
	return glob + 1;
}

static bool
part_match(const struct part *glob, const struct part *part)
{
	const char *at = glob->text, *text = part->text;
	const char *star = NULL, *star_text = NULL, *behind;
	size_t len = 0;

	while (text < part->end) {
		if (at < glob->end && *at == '*') {
			while (at < glob->end && *at == '*')
				at++;
			if (at == glob->end)
				return true;
			star = at;
			star_text = text;
			continue;
		}
		behind = at < glob->end
		    ? glob_char(at, glob->end, text, part->end, &len)
		    : NULL;
		if (behind != NULL) {
			at = behind;
			text += len;
			continue;
		}
		if (star == NULL)
			return false;
		(void)char_at(star_text, part->end, &len);
		star_text += len;
		text = star_text;
		at = star;
	}
	while (at < glob->end && *at == '*')
		at++;
	return at == glob->end;
}

/* The part that begins at text; NULL gives one whose text is NULL. */
static void
part_read(const char *text, const char *end, bool is_pattern,
    struct part *part)
{
	const char *at = text;

	memset(part, 0, sizeof(*part));
	if (text == NULL)
		return;
	part->text = text;
	while (at < end && *at != '/') {
		if (!is_pattern || *at != '\\' || at + 1 == end) {
			at++;
			continue;
		}
		/* A slash that is taken as it is, is still a slash. */
		if (at[1] == '/') {
			part->end = at;
			part->next = at + 2;
			return;
		}
		at += 2;
	}
	part->end = at;
	if (at < end)
		part->next = at + 1;
}

static bool
part_is_any(const struct part *part)
{
	return part->end - part->text == 2 && memcmp(part->text, "**", 2) == 0;
}

static bool
parts_match(const struct pattern *pattern, const char *path,
    const char *path_end)
{
	struct part glob, part;
	const char *star = NULL, *star_path = NULL;

	part_read(pattern->text, pattern->end, true, &glob);
	part_read(path, path_end, false, &part);
	while (part.text != NULL) {
		if (glob.text != NULL && part_is_any(&glob)) {
			if (glob.next == NULL)
				return true; /* all that is inside */
			star = glob.next;
			star_path = part.text;
			part_read(star, pattern->end, true, &glob);
			continue;
		}
		if (glob.text != NULL && part_match(&glob, &part)) {
			part_read(glob.next, pattern->end, true, &glob);
			part_read(part.next, path_end, false, &part);
			continue;
		}
		if (star == NULL)
			return false;
		part_read(star_path, path_end, false, &part);
		star_path = part.next;
		part_read(star_path, path_end, false, &part);
		part_read(star, pattern->end, true, &glob);
	}
	return glob.text == NULL;
}

/* Blanks at the end do not count unless a \ stands before them. */
static const char *
end_trim(const char *text, const char *end)
{
	const char *kept = text, *at = text;

	while (at < end) {
		if (*at == '\\' && at + 1 < end) {
			at += 2;
			kept = at;
		} else if (*at++ != ' ') {
			kept = at;
		}
	}
	return kept;
}

/* False when the line says nothing. */
static bool
pattern_parse(const char *line, struct pattern *pattern)
{
	const char *end = end_trim(line, line + strcspn(line, "\r\n"));
	const char *at;

	memset(pattern, 0, sizeof(*pattern));
	if (line == end || *line == '#')
		return false;
	if (*line == '!') {
		pattern->is_negated = true;
		line++;
	}
	if (line < end && end[-1] == '/') {
		pattern->is_folder_only = true;
		end--;
	}
	for (at = line; at < end; at++)
		if (*at == '/')
			pattern->is_anchored = true;
	if (line < end && *line == '/')
		line++;
	pattern->text = line;
	pattern->end = end;
	return line < end;
}

static bool
pattern_match(const struct pattern *pattern, const char *path, bool is_folder)
{
	const char *slash, *end = path + strlen(path);
	struct part glob, part;

	if (pattern->is_folder_only && !is_folder)
		return false;
	if (pattern->is_anchored)
		return parts_match(pattern, path, end);
	slash = strrchr(path, '/');
	part_read(slash == NULL ? path : slash + 1, end, false, &part);
	part_read(pattern->text, pattern->end, true, &glob);
	return part_match(&glob, &part);
}

enum pattern_verdict
patterns_match(const char *const *patterns, size_t count, const char *path,
    bool is_folder)
{
	struct pattern pattern;

	while (count > 0) {
		count--;
		if (!pattern_parse(patterns[count], &pattern) ||
		    !pattern_match(&pattern, path, is_folder))
			continue;
		return pattern.is_negated ? PATTERN_NEGATED : PATTERN_YES;
	}
	return PATTERN_NO;
}

bool
patterns_say_nothing(const char *const *patterns, size_t count)
{
	struct pattern pattern;
	size_t i;

	for (i = 0; i < count; i++)
		if (pattern_parse(patterns[i], &pattern))
			return false;
	return true;
}

bool
patterns_name(const char *const *patterns, size_t count, const char *name)
{
	struct pattern pattern;
	struct part part;
	size_t i, len = strlen(name);

	for (i = 0; i < count; i++) {
		if (!pattern_parse(patterns[i], &pattern) ||
		    pattern.is_negated)
			continue;
		part_read(pattern.text, pattern.end, true, &part);
		while (part.text != NULL) {
			if ((size_t)(part.end - part.text) == len &&
			    memcmp(part.text, name, len) == 0)
				return true;
			part_read(part.next, pattern.end, true, &part);
		}
	}
	return false;
}
