/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the tokens.  A <base> counts from where it stands: browsers
 * take it for the whole page, but it has to come before any link, and where
 * it does not, the pages that people wrote against one behaviour or the other
 * cannot be told apart.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "source/web_html.h"
#include "source/web_links.h"
#include "source/web_url.h"

/* The attributes that any of the elements below need. */
enum { A_HREF, A_SRC, A_DATA, A_REL, A_NAME, A_CONTENT, A_EQUIV, A_COUNT };

struct page {
	const char *url;
	struct buf base;  /* what links are relative to; "" like the page */
	struct buf value; /* an attribute's, decoded */
	struct buf link;
	web_link_fn *fn;
	void *arg;
	struct web_wish *wish;
	unsigned link_count;
	unsigned template_depth;
	bool has_base;
	bool is_cut;
};

static void
attributes_read(const struct web_token *token,
    struct web_attribute found[A_COUNT])
{
	static const char *const names[A_COUNT] = {[A_HREF] = "href",
	    [A_SRC] = "src", [A_DATA] = "data", [A_REL] = "rel",
	    [A_NAME] = "name", [A_CONTENT] = "content",
	    [A_EQUIV] = "http-equiv"};
	const char *at = token->attributes;
	const char *end = at + token->attributes_len;
	struct web_attribute attribute;
	size_t i;

	for (i = 0; i < A_COUNT; i++)
		found[i] = (struct web_attribute){.value = ""};
	while (web_attribute_next(&at, end, &attribute))
		for (i = 0; i < A_COUNT; i++)
			if (found[i].name == NULL &&
			    web_name_is(attribute.name, attribute.name_len,
				names[i]))
				found[i] = attribute;
}

/* Is word one of those in a list with blanks between? */
static bool
has_word(const struct web_attribute *list, const char *word)
{
	const char *at = list->value, *end = at + list->value_len;
	size_t n;

	for (; at < end; at += n + 1) {
		for (n = 0; at + n < end; n++)
			if (memchr(" \t\n\r\f", at[n], 5) != NULL)
				break;
		if (web_name_is(at, n, word))
			return true;
	}
	return false;
}

/* The address that the text means goes to out; ERR_SYNTAX for any that is
 * none of ours, ERR_NOMEM. */
static int
address_read(struct page *page, const char *text, size_t len,
    const char *base, struct buf *out)
{
	int err;

	buf_clear(&page->value);
	buf_clear(out);
	err = web_unescape(text, len, &page->value);
	if (err == 0)
		err = web_url_resolve(base, buf_text(&page->value),
		    page->value.len, out);
	return err == 0 || err == ERR_NOMEM ? err : ERR_SYNTAX;
}

static int
link_give(struct page *page, enum web_link_kind kind, const char *text,
    size_t len)
{
	int err;

	if (page->template_depth > 0)
		return 0;
	/* Most often a place on the same page. */
	if (kind == WEB_LINK_PAGE && len > 0 && text[0] == '#')
		return 0;
	err = address_read(page, text, len,
	    page->has_base ? buf_text(&page->base) : page->url, &page->link);
	if (err < 0)
		return err == ERR_SYNTAX ? 0 : err;
	if (page->link_count == WEB_LINKS_MAX) {
		page->is_cut = true;
		return 0;
	}
	page->link_count++;
	return page->fn(page->arg, kind, buf_text(&page->link));
}

static int
base_read(struct page *page, const struct web_attribute *href)
{
	int err;

	if (page->has_base || page->template_depth > 0)
		return 0;
	err = address_read(page, href->value, href->value_len, page->url,
	    &page->base);
	if (err == 0)
		page->has_base = true;
	return err == ERR_SYNTAX ? 0 : err;
}

/* <meta http-equiv=refresh content="5; url='...'"> */
static int
refresh_read(struct page *page, const struct web_attribute *content)
{
	const char *at = content->value, *end = at + content->value_len;
	const char *blanks = " \t\n\r\f";
	char quote;

	while (at < end && *at != ';' && *at != ',')
		at++;
	if (at < end)
		at++;
	while (at < end && memchr(blanks, *at, 5) != NULL)
		at++;
	if (end - at < 3 || !web_name_is(at, 3, "url"))
		return 0;
	for (at += 3; at < end && memchr(blanks, *at, 5) != NULL; at++)
		;
	if (at == end || *at != '=')
		return 0;
	for (at++; at < end && memchr(blanks, *at, 5) != NULL; at++)
		;
	if (at < end && (*at == '"' || *at == '\'')) {
		quote = *at++;
		if (memchr(at, quote, (size_t)(end - at)) != NULL)
			end = memchr(at, quote, (size_t)(end - at));
	}
	return link_give(page, WEB_LINK_PAGE, at, (size_t)(end - at));
}

static int
meta_read(struct page *page, const struct web_attribute *found)
{
	if (web_name_is(found[A_NAME].value, found[A_NAME].value_len,
		"robots") ||
	    web_name_is(found[A_NAME].value, found[A_NAME].value_len,
		WEB_TOKEN))
		web_wish_read(found[A_CONTENT].value,
		    found[A_CONTENT].value_len, false, page->wish);
	else if (web_name_is(found[A_EQUIV].value, found[A_EQUIV].value_len,
		     "refresh"))
		return refresh_read(page, &found[A_CONTENT]);
	return 0;
}

static int
link_read(struct page *page, const struct web_attribute *found)
{
	const struct web_attribute *href = &found[A_HREF];

	if (has_word(&found[A_REL], "canonical"))
		return link_give(page, WEB_LINK_CANONICAL, href->value,
		    href->value_len);
	if (has_word(&found[A_REL], "next") || has_word(&found[A_REL], "prev"))
		return link_give(page, WEB_LINK_PAGE, href->value,
		    href->value_len);
	return 0;
}

enum element { E_PAGE, E_MEDIA, E_BASE, E_LINK, E_META };

static const struct {
	const char *name;
	enum element element;
	unsigned attribute; /* where the address stands */
} elements[] = {
    {"a", E_PAGE, A_HREF}, {"area", E_PAGE, A_HREF},
    {"iframe", E_PAGE, A_SRC}, {"frame", E_PAGE, A_SRC},
    {"img", E_MEDIA, A_SRC}, {"embed", E_MEDIA, A_SRC},
    {"object", E_MEDIA, A_DATA}, {"base", E_BASE, A_HREF},
    {"link", E_LINK, A_HREF}, {"meta", E_META, A_CONTENT},
};

static int
element_read(struct page *page, const struct web_token *token)
{
	struct web_attribute found[A_COUNT];
	const struct web_attribute *address;
	size_t i;

	for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (web_name_is(token->name, token->name_len,
			elements[i].name))
			break;
	if (i == sizeof(elements) / sizeof(elements[0]))
		return 0;
	attributes_read(token, found);
	address = &found[elements[i].attribute];
	if (address->name == NULL)
		return 0;
	switch (elements[i].element) {
	case E_PAGE:
		if (has_word(&found[A_REL], "nofollow"))
			return 0;
		return link_give(page, WEB_LINK_PAGE, address->value,
		    address->value_len);
	case E_MEDIA:
		return link_give(page, WEB_LINK_MEDIA, address->value,
		    address->value_len);
	case E_BASE:
		return base_read(page, address);
	case E_LINK:
		return link_read(page, found);
	case E_META:
		return meta_read(page, found);
	}
	return 0;
}

int
web_links_scan(const char *html, size_t len, const char *base,
    web_link_fn *fn, void *arg, struct web_wish *wish, bool *ret_is_cut)
{
	struct page page = {.url = base, .fn = fn, .arg = arg, .wish = wish};
	struct web_token token;
	struct web_scan scan;
	int err = 0;

	buf_init(&page.base, WEB_URL_BYTES_MAX);
	buf_init(&page.value, 4 * WEB_URL_BYTES_MAX);
	buf_init(&page.link, WEB_URL_BYTES_MAX);
	web_scan_init(&scan, html, len, false);
	while (err == 0 && web_scan_next(&scan, &token)) {
		if (token.kind == WEB_TOKEN_START &&
		    web_name_is(token.name, token.name_len, "template"))
			page.template_depth++;
		else if (token.kind == WEB_TOKEN_END &&
		    page.template_depth > 0 &&
		    web_name_is(token.name, token.name_len, "template"))
			page.template_depth--;
		else if (token.kind == WEB_TOKEN_START)
			err = element_read(&page, &token);
	}
	buf_fini(&page.base);
	buf_fini(&page.value);
	buf_fini(&page.link);
	if (err == 0)
		*ret_is_cut = page.is_cut;
	return err;
}
