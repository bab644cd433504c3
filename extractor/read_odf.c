/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenDocument and its forerunner OpenOffice.org 1: texts, sheets, slides and
 * drawings, in a package or as one XML file.
 *
 * In order: META-INF/manifest.xml (is it encrypted?), meta.xml, the common
 * styles, content.xml, and styles.xml once more for headers and footers.  Of a
 * single file the same is asked in three passes; all but the second end
 * where the body begins.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/odf.h"
#include "extractor/package.h"

/* How much rows and cells may repeat, for the whole document. */
#define ODF_REPEAT_BYTES (4 * MIB)
#define ODF_HEADERS_BYTES (64 * KIB)

void
odf_init(struct odf *odf)
{
	size_t i;

	memset(odf, 0, sizeof(*odf));
	odf_styles_init(&odf->styles);
	markup_table_init(&odf->table);
	for (i = 0; i < ODF_LEVELS_MAX; i++) {
		buf_init(&odf->levels[i].text, ODF_LATER_MAX);
		buf_init(&odf->levels[i].later, ODF_LATER_MAX);
	}
	buf_init(&odf->creator, 2 * ODF_NAME_MAX);
	buf_init(&odf->headers, ODF_HEADERS_BYTES);
	buf_init(&odf->value, BLOCK_BYTES_MAX);
	odf->repeat_bytes = ODF_REPEAT_BYTES;
}

void
odf_fini(struct odf *odf)
{
	size_t i;

	odf_styles_fini(&odf->styles);
	markup_table_fini(&odf->table);
	for (i = 0; i < ODF_LEVELS_MAX; i++) {
		buf_fini(&odf->levels[i].text);
		buf_fini(&odf->levels[i].later);
	}
	buf_fini(&odf->creator);
	buf_fini(&odf->headers);
	buf_fini(&odf->value);
}

/* A single file, from its beginning. */
struct flat {
	const struct input *input;
	uint64_t offset;
};

static long
pull_flat(void *from, void *bytes, size_t size, struct err_note *note)
{
	struct flat *flat = from;
	long n;

	n = input_read_at(flat->input, flat->offset, bytes, size);
	if (n < 0)
		return err_set(note, (int)n, "the file cannot be read");
	flat->offset += (uint64_t)n;
	return n;
}

int
odf_parse(struct odf *odf, const char *part, const struct xml_events *events,
    void *arg)
{
	struct flat flat = {.input = odf->input};

	if (odf->package == NULL)
		return xml_parse(pull_flat, &flat, events, arg, odf->note);
	return xml_parse_part(odf->package, part, events, arg, odf->note);
}

/* ---- encryption --------------------------------------------------------- */

struct manifest {
	bool is_content; /* the open entry is the text */
	bool is_encrypted;
};

static int
manifest_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct manifest *manifest = arg;
	char path[32];

	(void)ns;
	if (strcmp(name, "file-entry") == 0) {
		(void)xml_attribute_copy(attributes, XML_NS_OTHER,
		    "full-path", path, sizeof(path));
		manifest->is_content = strcmp(path, "content.xml") == 0 ||
		    strcmp(path, "encrypted-package") == 0;
	} else if (strcmp(name, "encryption-data") == 0) {
		manifest->is_encrypted |= manifest->is_content;
	}
	return manifest->is_encrypted ? ERR_FORBIDDEN : 0;
}

/* ERR_FORBIDDEN or ERR_NOMEM; a manifest that is missing or damaged says
 * nothing. */
static int
check_encryption(struct odf *odf)
{
	static const struct xml_events events = {.start = manifest_start};
	struct manifest manifest = {false, false};
	int err;

	err = xml_parse_part(odf->package, "META-INF/manifest.xml", &events,
	    &manifest, NULL);
	if (err == ERR_NOMEM)
		return err;
	return manifest.is_encrypted
	    ? err_set(odf->note, ERR_FORBIDDEN,
		  "the document needs a password to be read")
	    : 0;
}

/* ---- the passes --------------------------------------------------------- */

static int
on_style_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	if (ns == XML_NS_OFFICE && strcmp(name, "master-styles") == 0)
		return ERR_NOT_FOUND; /* that was all */
	return odf_styles_start(arg, ns, name, attributes);
}

static int
on_style_end(void *arg, enum xml_ns ns, const char *name)
{
	odf_styles_end(arg, ns, name);
	return 0;
}

/* Those that content.xml may name: the automatic ones in styles.xml are of
 * headers and have the same names. */
static int
read_styles(struct odf *odf)
{
	static const struct xml_events events = {
	    .start = on_style_start,
	    .end = on_style_end,
	};
	struct err_note unused, *note = odf->note;
	int err;

	odf->note = &unused;
	odf->styles.is_common_only = true;
	err = odf_parse(odf, "styles.xml", &events, &odf->styles);
	odf->styles.is_common_only = false;
	odf->styles.automatic_depth = 0;
	odf->styles.open = NULL;
	odf->note = note;
	return err == ERR_NOMEM ? err : 0;
}

/* Headers and footers: behind the text, on its last page. */
static int
read_headers(struct odf *odf)
{
	struct err_note unused, *note = odf->note;
	int err;

	odf->note = &unused;
	odf->is_header = true;
	odf->is_inside = false;
	odf->depth = odf->skip_depth = odf->asides = odf->list_depth = 0;
	err = odf_parse(odf, "styles.xml", &odf_header_events, odf);
	while (odf->level_count > 0)
		odf_pop(odf);
	odf->note = note;
	return err == ERR_NOMEM ? err : odf->emit->err;
}

static int
read_passes(struct odf *odf)
{
	int err;

	if (odf->package != NULL) {
		err = check_encryption(odf);
		if (err < 0)
			return err;
	}
	err = odf_read_meta(odf);
	if (err == 0 && odf->package != NULL)
		err = read_styles(odf);
	if (err == 0)
		err = odf_parse(odf, "content.xml", &odf_content_events, odf);
	if (err == ERR_NOT_FOUND)
		err = err_set(odf->note, ERR_SYNTAX,
		    "the package has no content.xml");
	if (err < 0)
		return err;
	odf_settle(odf);
	odf_turn_pages(odf);
	return read_headers(odf);
}

int
read_odf(struct input *input, struct emit *emit, struct err_note *note)
{
	struct odf_objects objects = {NULL, 0};
	struct odf odf;
	char head[2];
	int err = 0;

	odf_init(&odf);
	odf.input = input;
	odf.emit = emit;
	odf.note = note;
	odf.objects = &objects;
	if (input_read_at(input, 0, head, sizeof(head)) == 2 &&
	    memcmp(head, "PK", 2) == 0)
		err = package_open(input, &odf.package, note);
	if (err == 0)
		err = read_passes(&odf);
	emit->pages = emit->page;
	if (odf.has_pages && odf.meta_pages > (long)emit->pages &&
	    odf.meta_pages < UINT32_MAX)
		emit->pages = (uint32_t)odf.meta_pages;
	odf_fini(&odf);
	package_close(odf.package);
	mem_free(objects.seen);
	return err;
}
