/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaving elements out of a page: navigation, footers, asides.
 *
 * There is no tree, only a stack of the elements that are open, by a hash of
 * their names.  What is left out ends at its own end tag, or at the end tag
 * of something around it when it has none; an end tag that fits nothing that
 * is open says nothing.  Elements whose end may be left away (p, li, td...)
 * end as well where another one begins that cannot stand in them.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "source/web.h"
#include "source/web_html.h"

/* Elements below this many are seen, but not told apart. */
#define OPEN_MAX 256u

struct dropper {
	const char *const *tags;
	size_t tag_count;
	uint64_t open[OPEN_MAX];
	size_t depth, below; /* elements on the stack, and beyond it */
	size_t drop_depth;   /* of what is left out; 0: nothing is */
};

static uint64_t
name_hash(const char *name, size_t len)
{
	uint64_t hash = 14695981039346656037u;
	size_t i;
	char c;

	for (i = 0; i < len; i++) {
		c = name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 :
						       name[i];
		hash = (hash ^ (unsigned char)c) * 1099511628211u;
	}
	return hash;
}

static bool
is_one_of(const char *name, size_t len, const char *words)
{
	const char *end;

	for (; *words != '\0'; words = *end == '\0' ? end : end + 1) {
		end = words + strcspn(words, " ");
		if ((size_t)(end - words) == len &&
		    strncasecmp(words, name, len) == 0)
			return true;
	}
	return false;
}

static bool
is_void(const char *name, size_t len)
{
	return is_one_of(name, len,
	    "area base br col embed hr img input link meta param source "
	    "track wbr");
}

/* Does a new element end one of that name whose end tag is missing? */
static bool
ends_implied(uint64_t open, const char *name, size_t len)
{
	static const struct {
		const char *open, *starts;
	} rows[] = {
	    {"p",
		"address article aside blockquote details div dl fieldset "
		"figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
		"main menu nav ol p pre section table ul"},
	    {"li", "li"}, {"dt", "dt dd"}, {"dd", "dt dd"},
	    {"td", "td th tr tbody tfoot"}, {"th", "td th tr tbody tfoot"},
	    {"tr", "tr tbody tfoot"}, {"option", "option optgroup"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (open == name_hash(rows[i].open, strlen(rows[i].open)))
			return is_one_of(name, len, rows[i].starts);
	return false;
}

static bool
is_dropped(const struct dropper *dropper, const struct web_token *token)
{
	size_t i;

	for (i = 0; i < dropper->tag_count; i++)
		if (web_name_is(token->name, token->name_len,
			dropper->tags[i]))
			return true;
	return false;
}

static void
depth_set(struct dropper *dropper, size_t depth)
{
	dropper->depth = depth;
	dropper->below = 0;
	if (depth < dropper->drop_depth)
		dropper->drop_depth = 0;
}

/* Does the tag belong to what stays? */
static bool
start_stays(struct dropper *dropper, const struct web_token *token)
{
	bool stays;

	if (dropper->below == 0 && dropper->depth > 0 &&
	    ends_implied(dropper->open[dropper->depth - 1], token->name,
		token->name_len))
		depth_set(dropper, dropper->depth - 1);
	stays = dropper->drop_depth == 0 && !is_dropped(dropper, token);
	if (token->is_closed || is_void(token->name, token->name_len))
		return stays;
	if (dropper->depth == OPEN_MAX) {
		dropper->below++;
		/* Nothing would say where it ends. */
		return dropper->drop_depth == 0;
	}
	dropper->open[dropper->depth++] = name_hash(token->name,
	    token->name_len);
	if (!stays && dropper->drop_depth == 0)
		dropper->drop_depth = dropper->depth;
	return stays;
}

static bool
end_stays(struct dropper *dropper, const struct web_token *token)
{
	uint64_t hash = name_hash(token->name, token->name_len);
	bool was_dropping = dropper->drop_depth > 0;
	size_t i = dropper->depth;

	if (dropper->below > 0) {
		dropper->below--;
		return !was_dropping;
	}
	while (i > 0 && dropper->open[i - 1] != hash)
		i--;
	if (i == 0)
		return !was_dropping;
	/* The end tag of what is left out goes with it; one of something
	 * around it does not. */
	was_dropping = was_dropping && i >= dropper->drop_depth;
	depth_set(dropper, i - 1);
	return !was_dropping;
}

int
web_drop_tags(const char *html, size_t len, const char *const *tags,
    size_t tag_count, struct buf *out)
{
	struct dropper dropper = {.tags = tags, .tag_count = tag_count};
	struct web_token token;
	struct web_scan scan;
	bool stays;

	web_scan_init(&scan, html, len, false);
	while (out->err == 0 && web_scan_next(&scan, &token)) {
		stays = dropper.drop_depth == 0;
		if (token.kind == WEB_TOKEN_START)
			stays = start_stays(&dropper, &token);
		else if (token.kind == WEB_TOKEN_END)
			stays = end_stays(&dropper, &token);
		if (stays)
			(void)buf_put(out, token.at, token.len);
	}
	return out->err;
}

bool
web_tag_is_valid(const char *tag)
{
	size_t i, len = strlen(tag);

	if (len == 0 || len > WEB_TAG_BYTES_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!((tag[i] >= 'a' && tag[i] <= 'z') ||
			(tag[i] >= 'A' && tag[i] <= 'Z') ||
			(i > 0 && ((tag[i] >= '0' && tag[i] <= '9') ||
				      tag[i] == '-'))))
			return false;
	return true;
}
