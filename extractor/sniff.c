/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the bytes of formats begin that are no plain text; containers are
 * opened and looked into.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "extractor/bytes.h"
#include "extractor/input.h"
#include "extractor/package.h"
#include "extractor/sniff.h"
#include "extractor/xml.h"

#define PDF_HEADER_WITHIN 1024u
#define TAR_MAGIC_AT 257u
#define TAR_HEADER_LEN 512u
#define TAR_SUM_AT 148u
#define TAR_SUM_LEN 8u
#define TYPE_MAX 128u
#define ZIP_NAME_AT 30u /* in the head of the first entry */

static const struct {
	const char *begins;
	size_t len;
	enum format_id id;
	const char *media_type; /* "": the format's own */
} beginnings[] = {
    {"{\\rtf", 5, FORMAT_RTF, ""},
    {"\x89PNG\r\n\x1A\n", 8, FORMAT_IMAGE, "image/png"},
    {"\xFF\xD8\xFF", 3, FORMAT_IMAGE, "image/jpeg"},
    {"II*\0", 4, FORMAT_IMAGE, "image/tiff"},
    {"MM\0*", 4, FORMAT_IMAGE, "image/tiff"},
    {"\x1F\x8B\x08", 3, FORMAT_ARCHIVE, "application/gzip"},
    {"\xFD" "7zXZ\0", 6, FORMAT_ARCHIVE, "application/x-xz"},
    {"\x28\xB5\x2F\xFD", 4, FORMAT_ARCHIVE, "application/zstd"},
    {"7z\xBC\xAF\x27\x1C", 6, FORMAT_ARCHIVE, "application/x-7z-compressed"},
};

/* Media types of ODF and EPUB packages, and what begins them. */
static const struct {
	const char *type;
	enum format_id id;
} package_types[] = {
    {"application/epub+zip", FORMAT_EPUB},
    {"application/vnd.oasis.opendocument.text", FORMAT_ODT},
    {"application/vnd.oasis.opendocument.spreadsheet", FORMAT_ODS},
    {"application/vnd.oasis.opendocument.presentation", FORMAT_ODP},
    {"application/vnd.oasis.opendocument.graphics", FORMAT_ODP},
    {"application/vnd.oasis.opendocument.chart", FORMAT_ODP},
    {"application/vnd.oasis.opendocument.formula", FORMAT_ODT},
    {"application/x-vnd.oasis.opendocument.text", FORMAT_ODT},
    {"application/x-vnd.oasis.opendocument.spreadsheet", FORMAT_ODS},
    {"application/x-vnd.oasis.opendocument.presentation", FORMAT_ODP},
    {"application/vnd.sun.xml.writer", FORMAT_ODT},
    {"application/vnd.sun.xml.calc", FORMAT_ODS},
    {"application/vnd.sun.xml.impress", FORMAT_ODP},
    {"application/vnd.sun.xml.draw", FORMAT_ODP},
};

/* What [Content_Types].xml calls the main part, without ".main+xml". */
static const struct {
	const char *type;
	enum format_id id;
} ooxml_types[] = {
#define OOXML "application/vnd.openxmlformats-officedocument."
#define MACRO "application/vnd.ms-"
    {OOXML "wordprocessingml.document", FORMAT_DOCX},
    {OOXML "wordprocessingml.template", FORMAT_DOCX},
    {MACRO "word.document.macroEnabled", FORMAT_DOCX},
    {MACRO "word.template.macroEnabledTemplate", FORMAT_DOCX},
    {MACRO "word.template.macroEnabled", FORMAT_DOCX},
    {OOXML "presentationml.presentation", FORMAT_PPTX},
    {OOXML "presentationml.slideshow", FORMAT_PPTX},
    {OOXML "presentationml.template", FORMAT_PPTX},
    {MACRO "powerpoint.presentation.macroEnabled", FORMAT_PPTX},
    {MACRO "powerpoint.slideshow.macroEnabled", FORMAT_PPTX},
    {MACRO "powerpoint.template.macroEnabled", FORMAT_PPTX},
    {OOXML "spreadsheetml.sheet", FORMAT_XLSX},
    {OOXML "spreadsheetml.template", FORMAT_XLSX},
    {MACRO "excel.sheet.macroEnabled", FORMAT_XLSX},
    {MACRO "excel.template.macroEnabled", FORMAT_XLSX},
#undef OOXML
#undef MACRO
};

struct tell {
	char *media_type;
	size_t size;
	enum format_id id;
	bool is_found;
};

static int
type_part(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	static const char main_part[] = ".main+xml";
	struct tell *tell = arg;
	char type[TYPE_MAX];
	size_t i, len;

	(void)ns;
	if (tell->is_found || (strcmp(name, "Override") != 0 &&
		strcmp(name, "Default") != 0))
		return 0;
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "ContentType", type,
	    sizeof(type));
	len = strlen(type);
	if (len < sizeof(main_part) ||
	    strcmp(type + len - strlen(main_part), main_part) != 0)
		return 0;
	type[len - strlen(main_part)] = '\0';
	for (i = 0; i < sizeof(ooxml_types) / sizeof(ooxml_types[0]); i++) {
		if (strcmp(type, ooxml_types[i].type) != 0)
			continue;
		tell->id = ooxml_types[i].id;
		tell->is_found = true;
		(void)snprintf(tell->media_type, tell->size, "%s", type);
	}
	return 0;
}

/* "-template" and "-master" may follow what is known of a type. */
static void
tell_by_type(struct tell *tell, const char *type)
{
	size_t i, len;

	for (i = 0; !tell->is_found &&
	     i < sizeof(package_types) / sizeof(package_types[0]);
	     i++) {
		len = strlen(package_types[i].type);
		if (strncmp(type, package_types[i].type, len) != 0)
			continue;
		while (type[len] > ' ' && type[len] < 0x7F)
			len++;
		tell->id = package_types[i].id;
		tell->is_found = true;
		(void)snprintf(tell->media_type, tell->size, "%.*s", (int)len,
		    type);
	}
}

static void
tell_by_mimetype(struct package *package, struct tell *tell)
{
	struct buf type;

	buf_init(&type, TYPE_MAX);
	if (package_load(package, "mimetype", TYPE_MAX - 1, &type, NULL) == 0)
		tell_by_type(tell, buf_text(&type));
	buf_fini(&type);
}

/* The manifest of an OpenDocument package says what the whole is, too. */
static int
manifest_entry(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct tell *tell = arg;
	char path[8], type[TYPE_MAX];

	if (ns != XML_NS_MANIFEST || strcmp(name, "file-entry") != 0)
		return 0;
	(void)xml_attribute_copy(attributes, XML_NS_OTHER, "full-path", path,
	    sizeof(path));
	(void)xml_attribute_copy(attributes, XML_NS_OTHER, "media-type", type,
	    sizeof(type));
	if (strcmp(path, "/") == 0)
		tell_by_type(tell, type);
	return 0;
}

/* Packages whose labels are lost or damaged have their main parts still. */
static void
tell_by_part(struct package *package, struct tell *tell)
{
	static const struct {
		const char *part;
		enum format_id id;
	} parts[] = {
	    {"word/document.xml", FORMAT_DOCX},
	    {"ppt/presentation.xml", FORMAT_PPTX},
	    {"xl/workbook.xml", FORMAT_XLSX},
	    {"xl/workbook.bin", FORMAT_XLSX}, /* whose reader declines */
	    {"META-INF/container.xml", FORMAT_EPUB},
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!tell->is_found &&
		    package_find(package, parts[i].part) >= 0) {
			tell->id = parts[i].id;
			tell->is_found = true;
		}
}

/* A ZIP file that cannot be opened may have members still, but those of a
 * document are no documents: by its first entry. */
static enum format_id
tell_damaged_zip(const char *bytes, size_t len)
{
	static const struct {
		const char *name;
		enum format_id id;
	} firsts[] = {
	    {"[Content_Types].xml", FORMAT_DOCX}, {"_rels/", FORMAT_DOCX},
	    {"docProps/", FORMAT_DOCX}, {"word/", FORMAT_DOCX},
	    {"ppt/", FORMAT_PPTX}, {"xl/", FORMAT_XLSX},
	    {"mimetypeapplication/epub", FORMAT_EPUB},
	    {"mimetypeapplication/vnd.", FORMAT_ODT},
	};
	size_t i, name_len;

	for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		name_len = strlen(firsts[i].name);
		if (len >= ZIP_NAME_AT + name_len &&
		    memcmp(bytes + ZIP_NAME_AT, firsts[i].name, name_len) == 0)
			return firsts[i].id;
	}
	return FORMAT_ARCHIVE;
}

static enum format_id
tell_zip(struct input *input, char *media_type, size_t size)
{
	static const struct xml_events events = {.start = type_part};
	static const struct xml_events manifest = {.start = manifest_entry};
	struct tell tell = {media_type, size, FORMAT_ARCHIVE, false};
	struct package *package;

	if (package_open(input, &package, NULL) < 0)
		return tell_damaged_zip(input->raw, input->raw_len);
	tell_by_mimetype(package, &tell);
	if (!tell.is_found)
		(void)xml_parse_part(package, "[Content_Types].xml", &events,
		    &tell, NULL); /* damaged: the parts tell */
	if (!tell.is_found)
		(void)xml_parse_part(package, "META-INF/manifest.xml",
		    &manifest, &tell, NULL);
	if (!tell.is_found)
		tell_by_part(package, &tell);
	package_close(package);
	return tell.id;
}

/* "BZh" alone begins texts as well: a level and the magic of a block, or of
 * an empty stream's end, follow. */
static bool
is_bzip2(const char *bytes, size_t len)
{
	return len >= 10 && memcmp(bytes, "BZh", 3) == 0 &&
	    bytes[3] >= '1' && bytes[3] <= '9' &&
	    (memcmp(bytes + 4, "1AY&SY", 6) == 0 ||
		memcmp(bytes + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* The oldest tar files have no magic: the sum over their first header is
 * right.  One without members is nothing but zeros. */
static bool
is_tar(const char *bytes, size_t len)
{
	const unsigned char *c = (const unsigned char *)bytes;
	unsigned long sum = 0, wanted;
	char digits[TAR_SUM_LEN + 1];
	size_t i;

	if (len >= TAR_MAGIC_AT + 5 &&
	    memcmp(bytes + TAR_MAGIC_AT, "ustar", 5) == 0)
		return true;
	if (len < TAR_HEADER_LEN)
		return false;
	for (i = 0; i < TAR_HEADER_LEN; i++)
		sum += i >= TAR_SUM_AT && i < TAR_SUM_AT + TAR_SUM_LEN ? ' '
								       : c[i];
	memcpy(digits, bytes + TAR_SUM_AT, TAR_SUM_LEN);
	digits[TAR_SUM_LEN] = '\0';
	wanted = strtoul(digits, NULL, 8);
	if (sum == TAR_SUM_LEN * ' ' && wanted == 0)
		return len >= 2 * (size_t)TAR_HEADER_LEN && *bytes == '\0' &&
		    memcmp(bytes, bytes + 1, len - 1) == 0;
	return bytes[0] != '\0' && sum == wanted;
}

static bool
sniff_bytes(const char *bytes, size_t len, char *media_type, size_t size,
    enum format_id *ret_id)
{
	size_t i;

	for (i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		if (len < beginnings[i].len || memcmp(bytes,
			beginnings[i].begins, beginnings[i].len) != 0)
			continue;
		*ret_id = beginnings[i].id;
		(void)snprintf(media_type, size, "%s",
		    beginnings[i].media_type);
		return true;
	}
	if (is_bzip2(bytes, len) || is_tar(bytes, len)) {
		*ret_id = FORMAT_ARCHIVE;
		(void)snprintf(media_type, size, "application/x-%s",
		    is_bzip2(bytes, len) ? "bzip2" : "tar");
		return true;
	}
	/* Rubbish may stand in front of it; the first file of a tar is none. */
	if (bytes_find(bytes, len < PDF_HEADER_WITHIN ? len
						      : PDF_HEADER_WITHIN,
		"%PDF-", 5) != NULL) {
		*ret_id = FORMAT_PDF;
		return true;
	}
	return false;
}

int
format_sniff(struct input *input, const char *name, char *media_type,
    size_t size, const struct format **ret_format, struct err_note *note)
{
	const char *bytes = input->raw;
	size_t len = input->raw_len;
	enum format_id id;
	int err;

	if (len >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 ||
		memcmp(bytes, "PK\5\6", 4) == 0)) {
		id = tell_zip(input, media_type, size);
	} else if (len >= 8 &&
	    memcmp(bytes, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0) {
		err = ole_tell(input, &id, media_type, size, note);
		if (err < 0)
			return err;
	} else if (!sniff_bytes(bytes, len, media_type, size, &id) &&
	    !mail_tell(bytes, len, name, &id)) {
		return ERR_NOT_FOUND;
	}
	*ret_format = &formats[id];
	return 0;
}
