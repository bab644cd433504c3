/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extractor/markup.h"
#include "extractor/package.h"
#include "extractor/xml.h"

#define XML_PIECE (16 * KIB)

struct xml_uri {
	const char *uri;
	enum xml_ns ns;
};

static const struct xml_uri xml_uris[] = {
#define XML_NS(id, uri) {uri, XML_NS_##id},
#include "extractor/xml_ns_tbl.h"
    /* ISO 29500 strict, and what came before OASIS. */
#define STRICT "http://purl.oclc.org/ooxml/"
    {STRICT "wordprocessingml/main", XML_NS_W},
    {STRICT "drawingml/main", XML_NS_A},
    {STRICT "presentationml/main", XML_NS_P},
    {STRICT "spreadsheetml/main", XML_NS_S},
    {STRICT "officeDocument/relationships", XML_NS_R},
    {STRICT "drawingml/chart", XML_NS_C},
    {STRICT "drawingml/diagram", XML_NS_DGM},
    {STRICT "officeDocument/math", XML_NS_M},
    {STRICT "drawingml/spreadsheetDrawing", XML_NS_XDR},
    {STRICT "drawingml/wordprocessingDrawing", XML_NS_WP},
    {STRICT "officeDocument/extendedProperties", XML_NS_APP},
    /* Workbooks of the first trial version of Excel 2007. */
    {"http://schemas.microsoft.com/office/excel/2006/2", XML_NS_S},
    {"http://openoffice.org/2000/office", XML_NS_OFFICE},
    {"http://openoffice.org/2000/text", XML_NS_TEXT},
    {"http://openoffice.org/2000/table", XML_NS_TABLE},
    {"http://openoffice.org/2000/drawing", XML_NS_DRAW},
    {"http://openoffice.org/2000/presentation", XML_NS_PRESENTATION},
    {"http://openoffice.org/2000/style", XML_NS_STYLE},
    {"http://openoffice.org/2000/meta", XML_NS_META},
    {"http://openoffice.org/2001/manifest", XML_NS_MANIFEST},
#undef STRICT
};
#define XML_URIS (sizeof(xml_uris) / sizeof(xml_uris[0]))

struct xml_run {
	xmlParserCtxtPtr parser;
	const struct xml_events *events;
	void *arg;
	struct err_note *note;
	unsigned depth;
	int err;
	/* Addresses are interned: the last one asked for is the next one. */
	const xmlChar *last_uri;
	enum xml_ns last_ns;
};

static enum xml_ns
ns_of(const xmlChar *uri)
{
	size_t i;

	if (uri == NULL)
		return XML_NS_NONE;
	for (i = 0; i < XML_URIS; i++)
		if (strcmp((const char *)uri, xml_uris[i].uri) == 0)
			return xml_uris[i].ns;
	return XML_NS_OTHER;
}

static enum xml_ns
run_ns(struct xml_run *run, const xmlChar *uri)
{
	if (uri == NULL)
		return XML_NS_NONE;
	if (uri != run->last_uri) {
		run->last_ns = ns_of(uri);
		run->last_uri = uri;
	}
	return run->last_ns;
}

const char *
xml_attribute(const struct xml_attributes *attributes, enum xml_ns ns,
    const char *name, size_t *ret_len)
{
	/* Name, prefix, address, value and its end. */
	const xmlChar *const *at = attributes->list;
	int i;

	for (i = 0; i < attributes->count; i++, at += 5) {
		if (strcmp((const char *)at[0], name) != 0 ||
		    (ns != XML_NS_OTHER && ns_of(at[2]) != ns))
			continue;
		*ret_len = (size_t)(at[4] - at[3]);
		return (const char *)at[3];
	}
	return NULL;
}

bool
xml_attribute_copy(const struct xml_attributes *attributes, enum xml_ns ns,
    const char *name, char *out, size_t size)
{
	const char *value;
	size_t len;

	out[0] = '\0';
	value = xml_attribute(attributes, ns, name, &len);
	if (value == NULL)
		return false;
	len = utf8_floor(value, len, size - 1);
	memcpy(out, value, len);
	out[len] = '\0';
	return true;
}

long
xml_attribute_number(const struct xml_attributes *attributes, enum xml_ns ns,
    const char *name, long otherwise)
{
	char text[24], *end;
	long number;

	if (!xml_attribute_copy(attributes, ns, name, text, sizeof(text)))
		return otherwise;
	number = strtol(text, &end, 10);
	return end == text ? otherwise : number;
}

static void
run_stop(struct xml_run *run, int err)
{
	if (run->err == 0)
		run->err = err;
	xmlStopParser(run->parser);
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int namespaces, const xmlChar **declared,
    int attribute_count, int defaulted, const xmlChar **list)
{
	struct xml_run *run = arg;
	struct xml_attributes attributes = {list, attribute_count};
	int err = 0;

	(void)prefix;
	(void)namespaces;
	(void)declared;
	(void)defaulted;
	if (run->err < 0)
		return;
	if (++run->depth > XML_DEPTH_MAX) {
		run_stop(run, err_set(run->note, ERR_TOO_BIG,
		    "the XML is nested deeper than %u elements",
		    XML_DEPTH_MAX));
		return;
	}
	if (run->events->start != NULL)
		err = run->events->start(run->arg, run_ns(run, uri),
		    (const char *)name, &attributes);
	if (err < 0)
		run_stop(run, err);
}

static void
on_end(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct xml_run *run = arg;
	int err = 0;

	(void)prefix;
	if (run->err < 0)
		return;
	run->depth--;
	if (run->events->end != NULL)
		err = run->events->end(run->arg, run_ns(run, uri),
		    (const char *)name);
	if (err < 0)
		run_stop(run, err);
}

static void
on_text(void *arg, const xmlChar *text, int len)
{
	struct xml_run *run = arg;
	int err;

	if (run->err < 0 || run->events->text == NULL || len <= 0)
		return;
	err = run->events->text(run->arg, (const char *)text, (size_t)len);
	if (err < 0)
		run_stop(run, err);
}

static void
on_entity_declared(void *arg, const xmlChar *name, int type,
    const xmlChar *public_id, const xmlChar *system_id, xmlChar *content)
{
	struct xml_run *run = arg;

	(void)name;
	(void)type;
	(void)public_id;
	(void)system_id;
	(void)content;
	run_stop(run, err_set(run->note, ERR_SYNTAX,
	    "the document declares XML entities, which is not allowed"));
}

static xmlEntityPtr
on_entity(void *arg, const xmlChar *name)
{
	(void)arg;
	return xmlGetPredefinedEntity(name);
}

static void
on_error(void *arg, xmlErrorPtr error)
{
	struct xml_run *run = arg;
	const char *message = markup_words(error->message);

	if (error->level != XML_ERR_FATAL || run->err < 0)
		return;
	if (error->code == XML_ERR_NO_MEMORY)
		run->err = ERR_NOMEM;
	else if (error->code == XML_ERR_INTERNAL_ERROR ||
	    strstr(message, "huge") != NULL ||
	    strstr(message, "Excessive depth") != NULL)
		run->err = err_set(run->note, ERR_TOO_BIG,
		    "the XML is over a limit in line %d: %.*s", error->line,
		    (int)strcspn(message, "\n"), message);
	else
		run->err = err_set(run->note, ERR_SYNTAX,
		    "the XML is malformed in line %d: %.*s", error->line,
		    (int)strcspn(message, "\n"), message);
}

static int
run_pull(struct xml_run *run, xml_pull_fn *pull, void *from)
{
	char bytes[XML_PIECE];
	long n;

	do {
		n = pull(from, bytes, sizeof(bytes), run->note);
		if (n < 0)
			return (int)n;
		/* on_error() hears of errors. */
		(void)xmlParseChunk(run->parser, bytes, (int)n, n == 0);
		if (markup_has_starved())
			return ERR_NOMEM;
	} while (n > 0 && run->err == 0);
	if (run->err == 0 && !run->parser->wellFormed)
		run->err = err_set(run->note, ERR_SYNTAX,
		    "the XML is malformed");
	return run->err;
}

int
xml_parse(xml_pull_fn *pull, void *from, const struct xml_events *events,
    void *arg, struct err_note *note)
{
	xmlSAXHandler handler = {
	    .initialized = XML_SAX2_MAGIC,
	    .startElementNs = on_start,
	    .endElementNs = on_end,
	    .characters = on_text,
	    .cdataBlock = on_text,
	    .ignorableWhitespace = on_text,
	    .entityDecl = on_entity_declared,
	    .getEntity = on_entity,
	    .serror = on_error,
	};
	struct xml_run run = {.events = events, .arg = arg, .note = note};
	int err;

	markup_begin();
	run.parser = xmlCreatePushParserCtxt(&handler, &run, NULL, 0, NULL);
	if (run.parser == NULL)
		return ERR_NOMEM;
	/* NOENT for attributes, where "&amp;" would stay as it is; there are
	 * no other entities. */
	(void)xmlCtxtUseOptions(run.parser, XML_PARSE_NONET |
		XML_PARSE_NOENT | XML_PARSE_COMPACT);
	err = run_pull(&run, pull, from);
	if (run.parser->myDoc != NULL)
		xmlFreeDoc(run.parser->myDoc);
	xmlFreeParserCtxt(run.parser);
	return err;
}

static long
pull_part(void *from, void *bytes, size_t size, struct err_note *note)
{
	return part_read(from, bytes, size, note);
}

int
xml_parse_part(struct package *package, const char *name,
    const struct xml_events *events, void *arg, struct err_note *note)
{
	struct part *part;
	int err;

	err = part_open(package, package_find(package, name), &part, note);
	if (err < 0)
		return err;
	err = xml_parse(pull_part, part, events, arg, note);
	part_close(part);
	return err;
}
