/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "extractor/emit.h"
#include "extractor/ooxml.h"
#include "extractor/package.h"
#include "extractor/when.h"
#include "extractor/xml.h"

#define OOXML_TYPE_SIZE 256u
/* Of a value in the properties: longer ones are cut when emitted anyway. */
#define OOXML_VALUE_MAX (64 * KIB)
/* Targets with percents that are looked for: looking goes through all parts. */
#define OOXML_PERCENTS_MAX 1000u

/* ---- relations ---------------------------------------------------------- */

struct relations {
	struct package *package;
	const char *part;
	ooxml_relation_fn *fn;
	void *arg;
	struct err_note *note;
	unsigned count, percents;
};

/* The part's folder as "a/b/", or "". */
static size_t
folder_len(const char *part)
{
	const char *slash = strrchr(part, '/');

	return slash == NULL ? 0 : (size_t)(slash - part) + 1;
}

/* Put one component of a path behind those in out; false when it is full. */
static bool
put_component(char *out, size_t size, const char *name, size_t len)
{
	size_t at = strlen(out);

	if (len == 0 || (len == 1 && name[0] == '.'))
		return true;
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		while (at > 0 && out[at - 1] != '/')
			at--;
		out[at > 0 ? at - 1 : 0] = '\0';
		return true;
	}
	if (at + len + 2 > size)
		return false;
	if (at > 0)
		out[at++] = '/';
	memcpy(out + at, name, len);
	out[at + len] = '\0';
	return true;
}

/* Components end at a slash of either kind: some programs write both. */
static bool
put_path(char *out, size_t size, const char *path, size_t len)
{
	size_t i, from = 0;

	for (i = 0; i <= len; i++) {
		if (i < len && path[i] != '/' && path[i] != '\\')
			continue;
		if (!put_component(out, size, path + from, i - from))
			return false;
		from = i + 1;
	}
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Targets are addresses, names of parts are often not: "a%20b" is "a b". */
static void
undo_percents(struct relations *relations, char *name)
{
	struct package *package = relations->package;
	char plain[OOXML_NAME_SIZE];
	int high, low;
	size_t i, n = 0;

	if (strchr(name, '%') == NULL ||
	    ++relations->percents > OOXML_PERCENTS_MAX ||
	    package_find(package, name) >= 0)
		return;
	for (i = 0; name[i] != '\0'; i++) {
		plain[n++] = name[i];
		if (name[i] != '%' || (high = hex_digit(name[i + 1])) < 0 ||
		    (low = hex_digit(name[i + 2])) < 0 || high + low == 0)
			continue;
		plain[n - 1] = (char)(high * 16 + low);
		i += 2;
	}
	plain[n] = '\0';
	if (package_find(package, plain) >= 0)
		memcpy(name, plain, n + 1);
}

static bool
resolve(struct relations *relations, const char *target, char *out,
    size_t size)
{
	size_t len = strcspn(target, "#");

	out[0] = '\0';
	if (target[0] != '/' && target[0] != '\\' &&
	    !put_path(out, size, relations->part,
		folder_len(relations->part)))
		return false;
	if (!put_path(out, size, target, len))
		return false;
	undo_percents(relations, out);
	return true;
}

static int
relation_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct relations *relations = arg;
	char id[OOXML_TYPE_SIZE], type[OOXML_TYPE_SIZE], mode[16];
	char target[URI_BYTES_MAX], part[OOXML_NAME_SIZE];
	const char *last;
	bool is_external;

	(void)ns;
	if (strcmp(name, "Relationship") != 0)
		return 0;
	if (++relations->count > OOXML_RELATIONS_MAX)
		return err_set(relations->note, ERR_TOO_BIG,
		    "a part of the document has more than %u relations",
		    OOXML_RELATIONS_MAX);
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "Id", id,
	    sizeof(id));
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "Type", type,
	    sizeof(type));
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "TargetMode", mode,
	    sizeof(mode));
	if (!xml_attribute_copy(attributes, XML_NS_NONE, "Target", target,
		sizeof(target)))
		return 0;
	is_external = strcasecmp(mode, "External") == 0;
	last = strrchr(type, '/');
	last = last == NULL ? type : last + 1;
	if (is_external)
		return relations->fn(relations->arg, id, last, target, true);
	if (!resolve(relations, target, part, sizeof(part)))
		return 0; /* no part has such a name */
	return relations->fn(relations->arg, id, last, part, false);
}

int
ooxml_relations_each(struct package *package, const char *part,
    ooxml_relation_fn *fn, void *arg, struct err_note *note)
{
	static const struct xml_events events = {.start = relation_start};
	struct relations relations = {.package = package,
	    .part = part, .fn = fn, .arg = arg, .note = note};
	char list[OOXML_NAME_SIZE];
	size_t folder = folder_len(part);
	int err, n;

	n = snprintf(list, sizeof(list), "%.*s_rels/%s.rels", (int)folder,
	    part, part + folder);
	if (n < 0 || (size_t)n >= sizeof(list))
		return 0;
	err = xml_parse_part(package, list, &events, &relations, note);
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* ---- the main part ------------------------------------------------------ */

struct found {
	struct package *package;
	const char *type; /* of the relation */
	char *out;
	size_t size;
	bool is_found;
};

static void
found_keep(struct found *found, const char *name)
{
	while (*name == '/')
		name++;
	if (found->is_found || strlen(name) >= found->size ||
	    package_find(found->package, name) < 0)
		return;
	memcpy(found->out, name, strlen(name) + 1);
	found->is_found = true;
}

static int
found_relation(void *arg, const char *id, const char *type,
    const char *target, bool is_external)
{
	struct found *found = arg;

	(void)id;
	if (!is_external && strcmp(type, found->type) == 0)
		found_keep(found, target);
	return 0;
}

static int
found_content(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	static const char main_part[] = ".main+xml";
	struct found *found = arg;
	char type[OOXML_TYPE_SIZE], part[OOXML_NAME_SIZE];
	size_t len;

	(void)ns;
	if (found->is_found || strcmp(name, "Override") != 0)
		return 0;
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "ContentType", type,
	    sizeof(type));
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "PartName", part,
	    sizeof(part));
	len = strlen(type);
	if (len > strlen(main_part) &&
	    strcmp(type + len - strlen(main_part), main_part) == 0)
		found_keep(found, part);
	return 0;
}

int
ooxml_main_part(struct package *package, char *out, size_t size,
    struct err_note *note)
{
	static const char *const usual[] = {"word/document.xml",
	    "ppt/presentation.xml", "xl/workbook.xml", "word/document2.xml"};
	static const struct xml_events contents = {.start = found_content};
	struct found found = {package, "officeDocument", out, size, false};
	size_t i;
	int err;

	/* Damaged labels are no reason to give up, only no memory is. */
	err = ooxml_relations_each(package, "", found_relation, &found, NULL);
	if (err == ERR_NOMEM)
		return err;
	if (!found.is_found && xml_parse_part(package, "[Content_Types].xml",
		&contents, &found, NULL) == ERR_NOMEM)
		return ERR_NOMEM;
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		found_keep(&found, usual[i]);
	if (!found.is_found)
		return err_set(note, ERR_SYNTAX,
		    "the package has no main part");
	return 0;
}

/* ---- properties --------------------------------------------------------- */

/* What the elements of core.xml become; app.xml has Application alone. */
static const struct {
	const char *name;
	enum property property;
	bool is_time;
} core_properties[] = {
    {"creator", PROPERTY_AUTHOR, false},
    {"subject", PROPERTY_SUBJECT, false},
    {"keywords", PROPERTY_KEYWORDS, false},
    {"description", PROPERTY_DESCRIPTION, false},
    {"category", PROPERTY_CATEGORY, false},
    {"publisher", PROPERTY_PUBLISHER, false},
    {"created", PROPERTY_CREATED, true},
    {"modified", PROPERTY_MODIFIED, true},
    {"Application", PROPERTY_GENERATOR, false},
};
#define CORE_PROPERTIES (sizeof(core_properties) / sizeof(core_properties[0]))

struct properties {
	struct emit *emit;
	struct buf value;
	unsigned depth;
	const char *wanted; /* a number of app.xml */
	long number;
};

static int
property_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct properties *properties = arg;

	(void)ns;
	(void)name;
	(void)attributes;
	/* Values are children of the root; keywords may have children. */
	if (++properties->depth == 2)
		buf_clear(&properties->value);
	else if (properties->value.len > 0)
		(void)buf_putc(&properties->value, ' ');
	return 0;
}

static int
property_text(void *arg, const char *text, size_t len)
{
	struct properties *properties = arg;

	/* Over the maximum: what is there already is more than is kept. */
	if (properties->depth >= 2)
		(void)buf_put(&properties->value, text, len);
	return 0;
}

static int
property_emit(struct properties *properties, const char *name)
{
	const char *value = buf_text(&properties->value);
	size_t len = properties->value.len, i;
	struct emit *emit = properties->emit;
	int64_t seconds;

	if (properties->wanted != NULL) {
		if (properties->number < 0 &&
		    strcmp(name, properties->wanted) == 0 && len > 0)
			properties->number = strtol(value, NULL, 10);
		return 0;
	}
	if (strcmp(name, "title") == 0)
		emit_title(emit, value, len);
	if (strcmp(name, "language") == 0)
		emit_language(emit, value, len);
	for (i = 0; i < CORE_PROPERTIES; i++) {
		if (strcmp(name, core_properties[i].name) != 0)
			continue;
		if (!core_properties[i].is_time)
			return emit_property(emit, core_properties[i].property,
			    value, len);
		if (when_iso(value, len, &seconds))
			return emit_property_time(emit,
			    core_properties[i].property, seconds);
	}
	return 0;
}

static int
property_end(void *arg, enum xml_ns ns, const char *name)
{
	struct properties *properties = arg;

	(void)ns;
	if (properties->depth-- != 2)
		return 0;
	return property_emit(properties, name);
}

static int
properties_read(struct package *package, const char *relation,
    const char *usual, struct properties *properties)
{
	static const struct xml_events events = {property_start, property_end,
	    property_text};
	char name[OOXML_NAME_SIZE];
	struct found found = {package, relation, name, sizeof(name), false};
	int err;

	found_keep(&found, usual);
	if (!found.is_found)
		err = ooxml_relations_each(package, "", found_relation, &found,
		    NULL);
	if (!found.is_found)
		return 0;
	properties->depth = 0;
	err = xml_parse_part(package, name, &events, properties, NULL);
	return err == ERR_NOMEM ? err : 0;
}

int
ooxml_properties(struct package *package, struct emit *emit,
    struct err_note *note)
{
	struct properties properties = {.emit = emit};
	int err;

	(void)note;
	buf_init(&properties.value, OOXML_VALUE_MAX);
	err = properties_read(package, "core-properties", "docProps/core.xml",
	    &properties);
	if (err == 0)
		err = properties_read(package, "extended-properties",
		    "docProps/app.xml", &properties);
	buf_fini(&properties.value);
	return err < 0 ? err : emit->err;
}

long
ooxml_app_number(struct package *package, const char *name)
{
	struct properties properties = {.wanted = name, .number = -1};

	buf_init(&properties.value, OOXML_VALUE_MAX);
	(void)properties_read(package, "extended-properties",
	    "docProps/app.xml", &properties); /* no number, then */
	buf_fini(&properties.value);
	return properties.number;
}
