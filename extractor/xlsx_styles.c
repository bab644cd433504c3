/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of the styles only the formats of numbers matter.  They are listed by number
 * (numFmts), those that every program knows are not, and the styles of cells
 * (cellXfs) name one each.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/xlsx.h"
#include "extractor/xml.h"

struct styles {
	struct xlsx_formats *formats;
	uint32_t last_id, last_at; /* asked for last */
	bool is_in_formats, is_in_xfs;
};

static size_t
format_count(const struct xlsx_formats *formats)
{
	return formats->ids.len / sizeof(uint32_t);
}

static int
add_format(struct xlsx_formats *formats, uint32_t id,
    const struct cell_format *format)
{
	if (buf_put(&formats->ids, &id, sizeof(id)) < 0)
		return formats->ids.err;
	return buf_put(&formats->list, format, sizeof(*format));
}

/* The place of format id, which is put there if need be; 0 is the plain one,
 * also where there is no more room. */
static int
format_place(struct styles *styles, uint32_t id, uint32_t *ret_at)
{
	struct xlsx_formats *formats = styles->formats;
	struct cell_format format;
	size_t i, count = format_count(formats);
	uint32_t other;
	int err;

	if (id == styles->last_id) {
		*ret_at = styles->last_at;
		return 0;
	}
	for (i = 0; i < count; i++) {
		memcpy(&other, formats->ids.data + i * sizeof(other),
		    sizeof(other));
		if (other == id)
			break;
	}
	if (i == count && count >= XLSX_FORMATS_MAX) {
		i = 0;
	} else if (i == count) {
		cell_format_builtin(&format, id);
		err = add_format(formats, id, &format);
		if (err < 0)
			return err;
	}
	styles->last_id = id;
	styles->last_at = *ret_at = (uint32_t)i;
	return 0;
}

static int
styles_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct styles *styles = arg;
	struct xlsx_formats *formats = styles->formats;
	struct cell_format format;
	const char *code;
	uint32_t at = 0;
	size_t len;
	long id;
	int err;

	(void)ns;
	if (strcmp(name, "numFmts") == 0) {
		styles->is_in_formats = true;
	} else if (strcmp(name, "cellXfs") == 0) {
		styles->is_in_xfs = true;
	} else if (styles->is_in_formats && strcmp(name, "numFmt") == 0) {
		id = xml_attribute_number(attributes, XML_NS_NONE, "numFmtId",
		    -1);
		code = xml_attribute(attributes, XML_NS_NONE, "formatCode",
		    &len);
		if (code == NULL || id <= 0 || id > UINT32_MAX - 1 ||
		    format_count(formats) >= XLSX_FORMATS_MAX)
			return 0;
		cell_format_parse(&format, code, len);
		return add_format(formats, (uint32_t)id, &format);
	} else if (styles->is_in_xfs && strcmp(name, "xf") == 0 &&
	    formats->xfs.len < XLSX_XFS_MAX * sizeof(at)) {
		id = xml_attribute_number(attributes, XML_NS_NONE, "numFmtId",
		    0);
		err = format_place(styles,
		    id < 0 || id > UINT32_MAX - 1 ? 0 : (uint32_t)id, &at);
		return err < 0 ? err
			       : buf_put(&formats->xfs, &at, sizeof(at));
	}
	return 0;
}

static int
styles_end(void *arg, enum xml_ns ns, const char *name)
{
	struct styles *styles = arg;

	(void)ns;
	if (strcmp(name, "numFmts") == 0)
		styles->is_in_formats = false;
	else if (strcmp(name, "cellXfs") == 0)
		styles->is_in_xfs = false;
	return 0;
}

int
xlsx_formats_read(struct package *package, const char *part,
    struct xlsx_formats *formats, struct err_note *note)
{
	static const struct xml_events events = {styles_start, styles_end,
	    NULL};
	struct styles styles = {.formats = formats, .last_id = UINT32_MAX};
	struct cell_format plain;
	int err;

	cell_format_builtin(&plain, 0);
	err = add_format(formats, 0, &plain);
	if (err < 0)
		return err;
	return xml_parse_part(package, part, &events, &styles, note);
}

const struct cell_format *
xlsx_format(const struct xlsx_formats *formats, long xf)
{
	const void *list = formats->list.data;
	uint32_t at;

	if (xf < 0 || (size_t)xf >= formats->xfs.len / sizeof(at))
		return NULL;
	memcpy(&at, formats->xfs.data + (size_t)xf * sizeof(at), sizeof(at));
	return at == 0 ? NULL : (const struct cell_format *)list + at;
}
