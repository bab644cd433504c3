/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workbooks of Excel, sheet by sheet in the order of their tabs, hidden ones
 * included: the name as a heading, the rows, header and footer, text boxes and
 * charts, comments.  A sheet without any text has no heading either.
 *
 * The texts that cells share stand in one part that is read first and kept,
 * up to XLSX_STRINGS_BYTES_MAX; sheets pass by, so that their size does not
 * matter.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/drawing.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/ooxml.h"
#include "extractor/package.h"
#include "extractor/xlsx.h"
#include "extractor/xml.h"

struct xlsx_tab {
	size_t name, part; /* in words */
};

struct workbook {
	struct xlsx *xlsx;
	struct buf tabs; /* struct xlsx_tab */
	struct buf words;
};

/* ---- the workbook ------------------------------------------------------- */

static int
add_tab(struct workbook *workbook, const struct xml_attributes *attributes)
{
	struct xlsx *xlsx = workbook->xlsx;
	struct xlsx_tab tab;
	const char *part, *name;
	char id[128];
	size_t len;

	if (!xml_attribute_copy(attributes, XML_NS_R, "id", id, sizeof(id)))
		return 0;
	part = relation_map_find(&xlsx->main, id);
	if (part == NULL)
		return 0; /* of a sheet that was taken out */
	if (workbook->tabs.len / sizeof(tab) >= XLSX_SHEETS_MAX)
		return err_set(xlsx->note, ERR_TOO_BIG,
		    "the workbook has more than %u sheets", XLSX_SHEETS_MAX);
	name = xml_attribute(attributes, XML_NS_NONE, "name", &len);
	tab.name = workbook->words.len;
	if (name != NULL)
		(void)buf_put(&workbook->words, name, len); /* sticks */
	(void)buf_put(&workbook->words, "", 1);
	tab.part = workbook->words.len;
	if (buf_put(&workbook->words, part, strlen(part) + 1) < 0)
		return workbook->words.err;
	return buf_put(&workbook->tabs, &tab, sizeof(tab));
}

static int
workbook_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct workbook *workbook = arg;
	char flag[8];

	(void)ns;
	if (strcmp(name, "workbookPr") == 0) {
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "date1904",
		    flag, sizeof(flag));
		workbook->xlsx->is_1904 = flag[0] == '1' || flag[0] == 't';
	} else if (strcmp(name, "sheet") == 0) {
		return add_tab(workbook, attributes);
	}
	return 0;
}

/* Parts that may be missing: a workbook of numbers alone has no texts. */
static int
optional(int err)
{
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int
read_workbook(struct workbook *workbook)
{
	static const struct xml_events events = {.start = workbook_start};
	struct xlsx *xlsx = workbook->xlsx;
	char main_part[OOXML_NAME_SIZE];
	const char *part, *type;
	size_t i;
	int err;

	err = ooxml_main_part(xlsx->package, main_part, sizeof(main_part),
	    xlsx->note);
	if (err == 0)
		err = relation_map_load(&xlsx->main, xlsx->package, main_part,
		    xlsx->note);
	if (err == 0)
		err = xml_parse_part(xlsx->package, main_part, &events,
		    workbook, xlsx->note);
	part = relation_map_type(&xlsx->main, "sharedStrings");
	if (err == 0 && part != NULL)
		err = optional(xlsx_strings_read(xlsx->package, part,
		    &xlsx->strings, xlsx->note));
	part = relation_map_type(&xlsx->main, "styles");
	if (err == 0 && part != NULL)
		err = optional(xlsx_formats_read(xlsx->package, part,
		    &xlsx->formats, xlsx->note));
	for (i = 0; err == 0 &&
	     (part = relation_map_at(&xlsx->main, i, &type)) != NULL; i++)
		if (strcmp(type, "person") == 0)
			err = xlsx_persons_read(xlsx, part);
	return err;
}

/* ---- a sheet ------------------------------------------------------------ */

static int
read_drawing(struct xlsx *xlsx, const char *part)
{
	struct relation_map map;
	struct drawing drawing;
	int err;

	relation_map_init(&map);
	drawing_init(&drawing, xlsx->package, &xlsx->out, &map, xlsx->note);
	err = relation_map_load(&map, xlsx->package, part, xlsx->note);
	if (err == 0)
		err = optional(drawing_read(&drawing, part, DRAWING_SHAPES));
	drawing_fini(&drawing);
	relation_map_fini(&map);
	return err;
}

static int
read_related(struct xlsx *xlsx, const char *wanted,
    int (*read)(struct xlsx *xlsx, const char *part))
{
	const char *part, *type;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 &&
	     (part = relation_map_at(&xlsx->map, i, &type)) != NULL; i++)
		if (strcmp(type, wanted) == 0)
			err = read(xlsx, part);
	return err;
}

static int
read_sheet(struct xlsx *xlsx, const char *name, const char *part)
{
	size_t len;
	int err;

	len = strlen(name);
	if (len >= sizeof(xlsx->out.heading))
		len = sizeof(xlsx->out.heading) - 1; /* Excel allows 31 */
	memcpy(xlsx->out.heading, name, len);
	xlsx->out.heading[len] = '\0';
	utf8_trim(xlsx->out.heading);
	xlsx->out.level = 1;

	sheet_rows_begin(&xlsx->rows);
	err = relation_map_load(&xlsx->map, xlsx->package, part, xlsx->note);
	if (err == 0)
		err = read_related(xlsx, "table", xlsx_table_read);
	if (err == 0)
		err = xlsx_sheet_read(xlsx, part);
	if (err == ERR_NOT_FOUND)
		err = err_set(xlsx->note, ERR_SYNTAX,
		    "it is missing from the workbook");
	if (err == 0)
		err = read_related(xlsx, "drawing", read_drawing);
	if (err == 0)
		err = read_related(xlsx, "comments", xlsx_comments_read);
	if (err == 0)
		err = read_related(xlsx, "threadedComment",
		    xlsx_comments_read);
	xlsx->out.heading[0] = '\0';
	if (err < 0 && xlsx->note != NULL && xlsx->note->text[0] != '\0')
		err_wrap(xlsx->note, "sheet \"%.64s\"", name);
	return err;
}

static int
read_sheets(struct workbook *workbook)
{
	size_t i, count = workbook->tabs.len / sizeof(struct xlsx_tab);
	struct emit *emit = workbook->xlsx->emit;
	struct xlsx_tab tab;
	int err = 0;

	emit->pages = (uint32_t)count;
	for (i = 0; err == 0 && i < count; i++) {
		memcpy(&tab, workbook->tabs.data + i * sizeof(tab),
		    sizeof(tab));
		emit->page = (uint32_t)i + 1;
		err = read_sheet(workbook->xlsx,
		    workbook->words.data + tab.name,
		    workbook->words.data + tab.part);
	}
	emit->page = 0;
	return err;
}

/* Packages whose parts are binary records, called "xlsb". */
static bool
is_binary(struct package *package)
{
	return package_find(package, "xl/workbook.bin") >= 0 &&
	    package_find(package, "xl/workbook.xml") < 0;
}

/* ---- the whole ---------------------------------------------------------- */

static void
xlsx_init(struct xlsx *xlsx, struct package *package, struct emit *emit,
    struct err_note *note)
{
	memset(xlsx, 0, sizeof(*xlsx));
	xlsx->package = package;
	xlsx->emit = xlsx->out.emit = emit;
	xlsx->note = note;
	relation_map_init(&xlsx->main);
	relation_map_init(&xlsx->map);
	sheet_rows_init(&xlsx->rows, &xlsx->out);
	buf_init(&xlsx->strings.text, XLSX_STRINGS_BYTES_MAX);
	buf_init(&xlsx->strings.ends, XLSX_STRINGS_MAX * sizeof(uint32_t));
	/* The plain one, and the known ones that cells name. */
	buf_init(&xlsx->formats.ids, (XLSX_FORMATS_MAX + 1) *
		sizeof(uint32_t));
	buf_init(&xlsx->formats.list, (XLSX_FORMATS_MAX + 1) *
		sizeof(struct cell_format));
	buf_init(&xlsx->formats.xfs, XLSX_XFS_MAX * sizeof(uint32_t));
	buf_init(&xlsx->persons, XLSX_AUTHORS_BYTES_MAX);
}

static void
xlsx_fini(struct xlsx *xlsx)
{
	relation_map_fini(&xlsx->main);
	relation_map_fini(&xlsx->map);
	sheet_rows_fini(&xlsx->rows);
	buf_fini(&xlsx->strings.text);
	buf_fini(&xlsx->strings.ends);
	buf_fini(&xlsx->formats.ids);
	buf_fini(&xlsx->formats.list);
	buf_fini(&xlsx->formats.xfs);
	buf_fini(&xlsx->persons);
}

int
read_xlsx(struct input *input, struct emit *emit, struct err_note *note)
{
	struct workbook workbook;
	struct package *package;
	struct xlsx xlsx;
	int err;

	err = package_open(input, &package, note);
	if (err < 0)
		return err;
	if (is_binary(package)) {
		package_close(package);
		(void)snprintf(emit->media_type, sizeof(emit->media_type),
		    "application/vnd.ms-excel.sheet.binary.macroEnabled.12");
		return err_set(note, ERR_UNSUPPORTED,
		    "binary workbooks of Excel (.xlsb) are not supported");
	}
	xlsx_init(&xlsx, package, emit, note);
	workbook.xlsx = &xlsx;
	buf_init(&workbook.tabs, XLSX_SHEETS_MAX * sizeof(struct xlsx_tab));
	buf_init(&workbook.words, RELATION_MAP_BYTES_MAX * 2);
	err = ooxml_properties(package, emit, note);
	if (err == 0)
		err = read_workbook(&workbook);
	if (err == 0)
		err = read_sheets(&workbook);
	if (err == 0)
		err = ooxml_members(package, "xl/embeddings/", emit, note);
	buf_fini(&workbook.tabs);
	buf_fini(&workbook.words);
	xlsx_fini(&xlsx);
	package_close(package);
	return err;
}
