/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EPUB: META-INF/container.xml names the package document, its spine names
 * the chapters, and each of these is a page of HTML that read_html() reads.
 *
 * What is not in the line of reading (linear="no") comes behind the rest.  A
 * chapter is read once, however often the spine names it; one that is missing
 * or cannot be read is passed over as long as others can.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/epub.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/package.h"
#include "extractor/xml.h"

#define CHAPTER_BYTES_MAX (64 * MIB)
#define CHAPTER_PIECE (16 * KIB)
#define MEDIA_TYPE_MAX 128u

struct book {
	struct epub epub;
	struct emit *emit;
	struct input page; /* the chapter's text */
	struct buf chapter;
	unsigned long chapters; /* that were read */
};

/* ---- where the package document is -------------------------------------- */

static int
container_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct epub *epub = arg;
	char path[EPUB_PATH_MAX];

	(void)ns;
	if (strcmp(name, "rootfile") != 0 || epub->opf[0] != '\0')
		return 0;
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "full-path", path,
	    sizeof(path));
	if (!epub_resolve("", path, epub->opf, sizeof(epub->opf)) ||
	    epub_find(epub, epub->opf) < 0)
		epub->opf[0] = '\0';
	return 0;
}

/* Where the container does not say it, the first that is called like one. */
static int
find_opf(struct epub *epub)
{
	static const struct xml_events events = {.start = container_start};
	const char *name;
	size_t i, len;
	int err;

	err = xml_parse_part(epub->package, "META-INF/container.xml", &events,
	    epub, NULL);
	if (err == ERR_NOMEM)
		return err;
	for (i = 0; i < epub->name_count && epub->opf[0] == '\0'; i++) {
		name = epub->names[i].name;
		len = strlen(name);
		if (len > 4 && len < sizeof(epub->opf) &&
		    strcasecmp(name + len - 4, ".opf") == 0 &&
		    strncmp(name, "__MACOSX/", 9) != 0)
			(void)snprintf(epub->opf, sizeof(epub->opf), "%s",
			    name);
	}
	return epub->opf[0] != '\0'
	    ? 0
	    : err_set(epub->note, ERR_SYNTAX,
		  "the book has no package document");
}

/* ---- chapters ----------------------------------------------------------- */

/* The part that an item means, or -1. */
static long
item_part(const struct epub *epub, const struct epub_item *item)
{
	char path[EPUB_PATH_MAX];

	if (!epub_resolve(epub->opf, epub_string(epub, item->href), path,
		sizeof(path)))
		return -1;
	return epub_find(epub, path);
}

static bool
type_begins(const char *type, const char *word)
{
	return strncasecmp(type, word, strlen(word)) == 0;
}

/* The name that tells the reader what kind of text it is, or NULL: none.
 * Media types are often wrong, so pages are what is not known. */
static const char *
name_of_type(const char *type)
{
	if (type_begins(type, "image/") || type_begins(type, "audio/") ||
	    type_begins(type, "video/") || type_begins(type, "font/") ||
	    type_begins(type, "text/css") ||
	    type_begins(type, "application/x-dtbncx") ||
	    type_begins(type, "application/x-font") ||
	    type_begins(type, "application/vnd.ms-opentype") ||
	    type_begins(type, "application/font") ||
	    type_begins(type, "application/javascript") ||
	    type_begins(type, "application/pdf") ||
	    type_begins(type, "application/smil"))
		return NULL;
	if (type_begins(type, "text/plain"))
		return "page.txt";
	if (type_begins(type, "application/x-dtbook"))
		return "page.xml";
	return "page.xhtml";
}

/* A whole part into chapter; errors as of part_read(). */
static int
load_chapter(struct book *book, long index)
{
	struct buf *chapter = &book->chapter;
	char bytes[CHAPTER_PIECE];
	struct part *part;
	long n;
	int err;

	buf_clear(chapter);
	err = part_open(book->epub.package, index, &part, book->epub.note);
	if (err < 0)
		return err;
	while ((n = part_read(part, bytes, sizeof(bytes),
		    book->epub.note)) > 0)
		if (buf_put(chapter, bytes, (size_t)n) < 0) {
			n = chapter->err;
			break;
		}
	part_close(part);
	if (chapter->err == ERR_TOO_BIG)
		(void)err_set(book->epub.note, ERR_TOO_BIG,
		    "a chapter is larger than %llu bytes", CHAPTER_BYTES_MAX);
	return (int)n;
}

/* 0: read; otherwise what stopped it. */
static int
read_text(struct book *book, const char *name)
{
	const struct format *format;
	char type[MEDIA_TYPE_MAX];
	struct err_note unused;
	int err;

	err = input_open_memory(&book->page, buf_text(&book->chapter),
	    book->chapter.len);
	if (err == 0)
		err = format_tell(&book->page, name, type, sizeof(type),
		    &format, &unused);
	if (err < 0)
		return err;
	if (format->shape != FORMAT_IS_TEXT)
		return ERR_UNSUPPORTED;
	err = format->read(&book->page, book->emit, &unused);
	if (book->emit->err == 0)
		(void)emit_close(book->emit); /* what a damaged one left */
	return err;
}

/* 0 also when the chapter is passed over; what ends the book otherwise. */
static int
read_chapter(struct book *book, struct epub_item *item)
{
	const char *name = name_of_type(epub_string(&book->epub,
	    item->media_type));
	long index;
	int err;

	if (item->is_read || name == NULL)
		return 0;
	item->is_read = true;
	index = item_part(&book->epub, item);
	if (index < 0 || (book->epub.locked[index] & 2) != 0)
		return 0;
	book->epub.locked[index] |= 2; /* read, by whatever name */
	err = load_chapter(book, index);
	if (err == ERR_SYNTAX || err == ERR_UNSUPPORTED)
		return 0;
	if (err < 0)
		return err;
	err = read_text(book, name);
	if (book->emit->err < 0)
		return book->emit->err;
	if (err == 0 || err == ERR_SYNTAX || err == ERR_TOO_BIG)
		book->chapters++; /* up to where it went wrong */
	return err == ERR_NOMEM ? err : 0;
}

/* Are chapters encrypted?  Nothing is read then: a book is whole or not. */
static int
check_locks(struct epub *epub)
{
	const struct epub_item *item;
	size_t i;
	long index;

	for (i = 0; i < epub->spine_count; i++) {
		item = epub_item(epub, epub->spine[i].id);
		index = item == NULL ? -1 : item_part(epub, item);
		if (index >= 0 && epub->locked[index] != 0)
			return err_set(epub->note, ERR_FORBIDDEN,
			    "the book is protected by DRM");
	}
	return 0;
}

static int
read_spine(struct book *book, bool is_linear)
{
	struct epub *epub = &book->epub;
	struct epub_item *item;
	size_t i;
	int err = 0;

	for (i = 0; i < epub->spine_count && err == 0; i++) {
		if (epub->spine[i].is_linear != is_linear)
			continue;
		item = epub_item(epub, epub->spine[i].id);
		/* A table of contents aside has the headings once more. */
		if (item == NULL || (item->is_nav && !is_linear))
			continue;
		err = read_chapter(book, item);
	}
	return err;
}

/* Without a spine: the pages of the manifest. */
static int
read_manifest(struct book *book)
{
	struct epub *epub = &book->epub;
	const char *type;
	size_t i;
	int err = 0;

	epub_sort_by_order(epub);
	for (i = 0; i < epub->item_count && err == 0; i++) {
		type = epub_string(epub, epub->items[i].media_type);
		if (!epub->items[i].is_nav &&
		    (strcasecmp(type, "application/xhtml+xml") == 0 ||
			strcasecmp(type, "text/html") == 0 ||
			strcasecmp(type, "text/x-oeb1-document") == 0))
			err = read_chapter(book, &epub->items[i]);
	}
	return err;
}

static int
read_book(struct book *book)
{
	struct epub *epub = &book->epub;
	int err;

	err = epub_list_parts(epub);
	if (err == 0)
		err = epub_read_locks(epub);
	if (err == 0)
		err = find_opf(epub);
	if (err == 0)
		err = epub_read_opf(epub, book->emit);
	if (err == 0)
		err = check_locks(epub);
	if (err == 0)
		err = read_spine(book, true);
	if (err == 0)
		err = read_spine(book, false);
	if (err == 0 && book->chapters == 0)
		err = read_manifest(book);
	if (err == 0 && book->chapters == 0)
		err = err_set(epub->note, ERR_SYNTAX,
		    "none of the book's chapters can be read");
	return err;
}

int
read_epub(struct input *input, struct emit *emit, struct err_note *note)
{
	struct book book = {.emit = emit, .epub = {.note = note}};
	int err;

	buf_init(&book.epub.strings, 1);
	buf_init(&book.chapter, CHAPTER_BYTES_MAX);
	err = input_init(&book.page);
	if (err == 0)
		err = package_open(input, &book.epub.package, note);
	if (err == 0)
		err = read_book(&book);
	input_fini(&book.page);
	buf_fini(&book.chapter);
	buf_fini(&book.epub.strings);
	mem_free(book.epub.items);
	mem_free(book.epub.spine);
	mem_free(book.epub.names);
	mem_free(book.epub.locked);
	package_close(book.epub.package);
	return err;
}
