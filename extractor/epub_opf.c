/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The package document: what the book is called and by whom it is, its parts
 * (manifest) and the order to read them in (spine).
 *
 * EPUB 2, EPUB 3 and the Open eBook that came before differ little in this;
 * elements are told by their names, because namespaces are often wrong.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/epub.h"
#include "extractor/package.h"
#include "extractor/when.h"
#include "extractor/xml.h"

#define EPUB_ITEMS_MAX 100000u
#define EPUB_STRINGS_MAX (64 * MIB)
#define EPUB_FIELD_MAX (64 * KIB)

enum opf_field {
	OPF_TITLE, OPF_CREATOR, OPF_SUBJECT, OPF_DESCRIPTION, OPF_PUBLISHER,
	OPF_LANGUAGE, OPF_DATE, OPF_GENERATOR, OPF_MODIFIED, OPF_FIELDS
};

/* A second one is appended, with this between; "" means it is left out. */
static const struct {
	const char *name, *between;
} opf_fields[OPF_FIELDS] = {
    [OPF_TITLE] = {"title", ""},
    [OPF_CREATOR] = {"creator", "; "},
    [OPF_SUBJECT] = {"subject", "; "},
    [OPF_DESCRIPTION] = {"description", ""},
    [OPF_PUBLISHER] = {"publisher", ""},
    [OPF_LANGUAGE] = {"language", ""},
    [OPF_DATE] = {"date", ""},
    [OPF_GENERATOR] = {"", ""},
    [OPF_MODIFIED] = {"", ""},
};

struct opf {
	struct epub *epub;
	struct buf fields[OPF_FIELDS];
	struct buf *open;
	bool is_author_known; /* by the role that a creator had */
};

/* ---- lists -------------------------------------------------------------- */

/* Keep an attribute's value; 0: it is missing. */
static int
keep_attribute(struct epub *epub, const struct xml_attributes *attributes,
    const char *name, uint32_t *ret_at)
{
	size_t len, at;
	const char *value;

	*ret_at = 0;
	value = xml_attribute(attributes, XML_NS_NONE, name, &len);
	if (value == NULL || len == 0)
		return 0;
	at = epub->strings.len;
	(void)buf_put(&epub->strings, value, len);
	(void)buf_putc(&epub->strings, '\0');
	if (epub->strings.err == ERR_TOO_BIG)
		return err_set(epub->note, ERR_TOO_BIG,
		    "the book's list of parts is too long");
	*ret_at = (uint32_t)at;
	return epub->strings.err;
}

/* Room for one more; 0, ERR_NOMEM or ERR_TOO_BIG. */
static int
grow(struct epub *epub, void **list, size_t count, size_t *size, size_t each)
{
	void *grown;

	if (count < *size)
		return 0;
	if (count >= EPUB_ITEMS_MAX)
		return err_set(epub->note, ERR_TOO_BIG,
		    "the book lists more than %u parts", EPUB_ITEMS_MAX);
	grown = mem_resize(*list, *size == 0 ? 64 : 2 * *size, each);
	if (grown == NULL)
		return ERR_NOMEM;
	*list = grown;
	*size = *size == 0 ? 64 : 2 * *size;
	return 0;
}

/* Is word one of those in the attribute, which has spaces between? */
static bool
has_word(const struct xml_attributes *attributes, const char *name,
    const char *word)
{
	char words[128], *at = words;
	size_t len = strlen(word);

	(void)xml_attribute_copy(attributes, XML_NS_NONE, name, words,
	    sizeof(words));
	while ((at = strstr(at, word)) != NULL) {
		if ((at == words || at[-1] == ' ') &&
		    (at[len] == '\0' || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

static int
manifest_item(struct epub *epub, const struct xml_attributes *attributes)
{
	struct epub_item item = {.order = (uint32_t)epub->item_count};
	void *list = epub->items;
	int err;

	err = grow(epub, &list, epub->item_count, &epub->item_size,
	    sizeof(item));
	epub->items = list;
	if (err == 0)
		err = keep_attribute(epub, attributes, "id", &item.id);
	if (err == 0)
		err = keep_attribute(epub, attributes, "href", &item.href);
	if (err == 0)
		err = keep_attribute(epub, attributes, "media-type",
		    &item.media_type);
	if (err < 0)
		return err;
	item.is_nav = has_word(attributes, "properties", "nav");
	if (item.href != 0)
		epub->items[epub->item_count++] = item;
	return 0;
}

static int
spine_item(struct epub *epub, const struct xml_attributes *attributes)
{
	struct epub_reference reference = {
	    .is_linear = !has_word(attributes, "linear", "no"),
	};
	void *list = epub->spine;
	int err;

	err = grow(epub, &list, epub->spine_count, &epub->spine_size,
	    sizeof(reference));
	epub->spine = list;
	if (err == 0)
		err = keep_attribute(epub, attributes, "idref",
		    &reference.id);
	if (err == 0 && reference.id != 0)
		epub->spine[epub->spine_count++] = reference;
	return err;
}

static int
id_order(const struct epub *epub, uint32_t first, uint32_t second)
{
	return strcmp(epub_string(epub, first), epub_string(epub, second));
}

static gint
item_order(gconstpointer a, gconstpointer b, gpointer arg)
{
	const struct epub_item *first = a, *second = b;
	int order = id_order(arg, first->id, second->id);

	if (order != 0)
		return order;
	return first->order < second->order ? -1 : 1;
}

static gint
manifest_order(gconstpointer a, gconstpointer b, gpointer arg)
{
	const struct epub_item *first = a, *second = b;

	(void)arg;
	return first->order < second->order ? -1 : 1;
}

/* Not qsort(), which asks the system how much memory there is. */
static void
sort_items(struct epub *epub, GCompareDataFunc order)
{
	if (epub->item_count > 1)
		g_qsort_with_data(epub->items, (gint)epub->item_count,
		    sizeof(*epub->items), order, epub);
}

void
epub_sort_by_order(struct epub *epub)
{
	sort_items(epub, manifest_order);
}

struct epub_item *
epub_item(struct epub *epub, uint32_t id)
{
	size_t low = 0, high = epub->item_count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (id_order(epub, epub->items[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == epub->item_count ||
	    id_order(epub, epub->items[low].id, id) != 0)
		return NULL;
	return &epub->items[low];
}

/* ---- metadata ----------------------------------------------------------- */

/* Translators and illustrators are creators, too, but no authors. */
static bool
is_author(struct opf *opf, const struct xml_attributes *attributes)
{
	char role[16];

	(void)xml_attribute_copy(attributes, XML_NS_OTHER, "role", role,
	    sizeof(role));
	if (strcmp(role, "aut") == 0) {
		if (!opf->is_author_known)
			buf_clear(&opf->fields[OPF_CREATOR]);
		opf->is_author_known = true;
	}
	return !opf->is_author_known || role[0] == '\0' ||
	    strcmp(role, "aut") == 0;
}

static void
open_field(struct opf *opf, enum opf_field field)
{
	struct buf *value = &opf->fields[field];

	if (value->len > 0 && opf_fields[field].between[0] == '\0')
		return;
	if (value->len > 0)
		(void)buf_puts(value, opf_fields[field].between);
	opf->open = value;
}

static void
start_field(struct opf *opf, enum opf_field field,
    const struct xml_attributes *attributes)
{
	char event[24];

	if (field == OPF_CREATOR && !is_author(opf, attributes))
		return;
	(void)xml_attribute_copy(attributes, XML_NS_OTHER, "event", event,
	    sizeof(event));
	if (field == OPF_DATE && strcmp(event, "modification") == 0)
		field = OPF_MODIFIED;
	open_field(opf, field);
}

/* <meta name="generator" content="..."/>, or with property and text. */
static void
start_meta(struct opf *opf, const struct xml_attributes *attributes)
{
	const char *value;
	char name[32];
	size_t len;

	(void)xml_attribute_copy(attributes, XML_NS_NONE, "name", name,
	    sizeof(name));
	value = xml_attribute(attributes, XML_NS_NONE, "content", &len);
	if (strcasecmp(name, "generator") == 0 && value != NULL &&
	    opf->fields[OPF_GENERATOR].len == 0)
		(void)buf_put(&opf->fields[OPF_GENERATOR], value, len);
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "property", name,
	    sizeof(name));
	if (strcmp(name, "dcterms:modified") == 0 &&
	    opf->fields[OPF_MODIFIED].len == 0)
		opf->open = &opf->fields[OPF_MODIFIED];
}

static int
opf_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct opf *opf = arg;
	size_t i;

	opf->open = NULL;
	if (strcmp(name, "item") == 0)
		return manifest_item(opf->epub, attributes);
	if (strcmp(name, "itemref") == 0)
		return spine_item(opf->epub, attributes);
	if (strcmp(name, "meta") == 0)
		start_meta(opf, attributes);
	else if (ns == XML_NS_DC || ns == XML_NS_OTHER)
		for (i = 0; i < OPF_FIELDS; i++)
			if (strcasecmp(name, opf_fields[i].name) == 0)
				start_field(opf, (enum opf_field)i,
				    attributes);
	return 0;
}

static int
opf_end(void *arg, enum xml_ns ns, const char *name)
{
	struct opf *opf = arg;

	(void)ns;
	(void)name;
	opf->open = NULL;
	return 0;
}

static int
opf_text(void *arg, const char *text, size_t len)
{
	struct opf *opf = arg;

	if (opf->open != NULL)
		(void)buf_put(opf->open, text, len); /* over: cut */
	return 0;
}

/* Descriptions are often pieces of HTML. */
static void
drop_tags(struct buf *text)
{
	size_t i, n = 0;
	const char *end;

	for (i = 0; i < text->len; i++) {
		end = NULL;
		if (text->data[i] == '<' && (text->data[i + 1] == '/' ||
			g_ascii_isalpha(text->data[i + 1])))
			end = memchr(text->data + i, '>', text->len - i);
		text->data[n++] = end == NULL ? text->data[i] : ' ';
		if (end != NULL)
			i = (size_t)(end - text->data);
	}
	text->len = n;
}

static void
send_property(struct opf *opf, struct emit *emit, enum property property,
    enum opf_field field)
{
	const struct buf *value = &opf->fields[field];

	(void)emit_property(emit, property, buf_text(value),
	    value->len); /* the error sticks */
}

static void
send_time(struct opf *opf, struct emit *emit, enum property property,
    enum opf_field field)
{
	const struct buf *value = &opf->fields[field];
	int64_t seconds;

	if (when_iso(buf_text(value), value->len, &seconds))
		(void)emit_property_time(emit, property, seconds);
}

static void
opf_send(struct opf *opf, struct emit *emit)
{
	const struct buf *title = &opf->fields[OPF_TITLE];
	const struct buf *language = &opf->fields[OPF_LANGUAGE];
	const char *word = buf_text(language);

	emit_title(emit, buf_text(title), title->len);
	word += strspn(word, " \t\r\n");
	emit_language(emit, word, strcspn(word, " \t\r\n"));
	drop_tags(&opf->fields[OPF_DESCRIPTION]);
	send_property(opf, emit, PROPERTY_AUTHOR, OPF_CREATOR);
	send_property(opf, emit, PROPERTY_SUBJECT, OPF_SUBJECT);
	send_property(opf, emit, PROPERTY_DESCRIPTION, OPF_DESCRIPTION);
	send_property(opf, emit, PROPERTY_PUBLISHER, OPF_PUBLISHER);
	send_property(opf, emit, PROPERTY_GENERATOR, OPF_GENERATOR);
	send_time(opf, emit, PROPERTY_CREATED, OPF_DATE);
	send_time(opf, emit, PROPERTY_MODIFIED, OPF_MODIFIED);
}

int
epub_read_opf(struct epub *epub, struct emit *emit)
{
	static const struct xml_events events = {
	    .start = opf_start,
	    .end = opf_end,
	    .text = opf_text,
	};
	struct opf opf = {.epub = epub};
	size_t i;
	int err;

	buf_init(&epub->strings, EPUB_STRINGS_MAX);
	err = buf_putc(&epub->strings, '\0'); /* 0 is the empty one */
	for (i = 0; i < OPF_FIELDS; i++)
		buf_init(&opf.fields[i], EPUB_FIELD_MAX);
	if (err == 0)
		err = xml_parse_part(epub->package, epub->opf, &events, &opf,
		    epub->note);
	if (err == ERR_SYNTAX && epub->spine_count > 0)
		err = 0;
	if (err == 0) {
		sort_items(epub, item_order);
		opf_send(&opf, emit);
		err = emit->err;
	}
	for (i = 0; i < OPF_FIELDS; i++)
		buf_fini(&opf.fields[i]);
	return err;
}
