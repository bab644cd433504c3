/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ways to the parts of a book.  Its parts are listed by name once, because
 * libzip looks through all of them for a name whose case may differ, and a
 * book may name a hundred thousand.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/epub.h"
#include "extractor/package.h"

static gint
name_order(gconstpointer a, gconstpointer b, gpointer arg)
{
	const struct epub_name *first = a, *second = b;
	int order = strcasecmp(first->name, second->name);

	(void)arg;
	if (order != 0)
		return order;
	return first->index < second->index ? -1 : 1;
}

int
epub_list_parts(struct epub *epub)
{
	long count = package_count(epub->package), i;
	const char *name;

	epub->names = mem_array((size_t)count + 1, sizeof(*epub->names));
	if (epub->names == NULL)
		return ERR_NOMEM;
	for (i = 0; i < count; i++) {
		name = package_name(epub->package, i);
		if (name != NULL)
			epub->names[epub->name_count++] =
			    (struct epub_name){name, i};
	}
	/* Not qsort(), which asks the system how much memory there is. */
	if (epub->name_count > 1)
		g_qsort_with_data(epub->names, (gint)epub->name_count,
		    sizeof(*epub->names), name_order, NULL);
	return 0;
}

long
epub_find(const struct epub *epub, const char *path)
{
	size_t low = 0, high = epub->name_count, middle;

	/* The first of those that differ in nothing but case. */
	while (low < high) {
		middle = (low + high) / 2;
		if (strcasecmp(epub->names[middle].name, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == epub->name_count ||
	    strcasecmp(epub->names[low].name, path) != 0)
		return -1;
	return epub->names[low].index;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Replace %XX in place; a NUL ends it. */
static void
percent_decode(char *text)
{
	char *to = text;
	int high, low;

	while (*text != '\0') {
		high = *text == '%' ? hex_value(text[1]) : -1;
		low = high < 0 ? -1 : hex_value(text[2]);
		if (low < 0) {
			*to++ = *text++;
			continue;
		}
		*to++ = (char)(high * 16 + low);
		text += 3;
	}
	*to = '\0';
}

/* Append the parts of text to path, which is len long. */
static bool
path_add(char *path, size_t size, size_t *len, const char *text)
{
	size_t n;

	for (;; text += n) {
		while (*text == '/')
			text++;
		if (*text == '\0')
			return true;
		n = strcspn(text, "/");
		if (n == 1 && text[0] == '.')
			continue;
		if (n == 2 && text[0] == '.' && text[1] == '.') {
			/* Above the root there is nothing. */
			while (*len > 0 && path[*len - 1] != '/')
				(*len)--;
			if (*len > 0)
				(*len)--;
			path[*len] = '\0';
			continue;
		}
		if (*len + n + 2 > size)
			return false;
		if (*len > 0)
			path[(*len)++] = '/';
		memcpy(path + *len, text, n);
		*len += n;
		path[*len] = '\0';
	}
}

bool
epub_resolve(const char *base, const char *href, char *path, size_t size)
{
	char folder[EPUB_PATH_MAX], own[EPUB_PATH_MAX];
	const char *slash = strrchr(base, '/');
	size_t len = 0;

	(void)snprintf(own, sizeof(own), "%.*s", (int)strcspn(href, "#?"),
	    href);
	if (own[0] == '\0' || strstr(own, "://") != NULL)
		return false;
	percent_decode(own);
	path[0] = '\0';
	if (own[0] != '/' && slash != NULL) {
		(void)snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash - base), base);
		if (!path_add(path, size, &len, folder))
			return false;
	}
	return path_add(path, size, &len, own) && len > 0;
}
