/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DOCX: WordprocessingML in a package, with its variants for templates and
 * macros, transitional or strict.
 *
 * Headers come first and footers last, each different one once; notes stand
 * behind the paragraph that refers to them, comments at the end.  Pages are
 * where Word noted that it began one when it showed the document last; a
 * document without such notes has no page numbers.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/bytes.h"
#include "extractor/docx.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/ooxml.h"
#include "extractor/package.h"

#define DOCX_RELATED_MAX 5000u /* parts that are read or sent */
#define DOCX_RELATED_BYTES_MAX (4 * MIB)
/* The first page of a document ends within so much of its XML. */
#define DOCX_PAGE_WITHIN (1 * MIB)
#define DOCX_PIECE (16 * KIB)

/* What to do with a part, by the type of its relation. */
enum related {
	RELATED_STYLES = 1, RELATED_NOTES, RELATED_HEADER, RELATED_FOOTER,
	RELATED_COMMENTS, RELATED_CHART, RELATED_DIAGRAM, RELATED_MEMBER
};

static const struct {
	const char *type;
	enum related related;
} related_types[] = {
    {"styles", RELATED_STYLES}, {"footnotes", RELATED_NOTES},
    {"endnotes", RELATED_NOTES}, {"header", RELATED_HEADER},
    {"footer", RELATED_FOOTER}, {"comments", RELATED_COMMENTS},
    {"chart", RELATED_CHART}, {"chartEx", RELATED_CHART},
    {"diagramData", RELATED_DIAGRAM}, {"aFChunk", RELATED_MEMBER},
    {"oleObject", RELATED_MEMBER}, {"package", RELATED_MEMBER},
};
#define RELATED_TYPES (sizeof(related_types) / sizeof(related_types[0]))

struct reading {
	struct docx docx;
	struct buf related; /* what it is, then the terminated name, of each */
	unsigned related_count;
	bool has_picture;
	struct buf seen; /* uint64_t: headers and footers that were sent */
	char main_part[OOXML_NAME_SIZE];
	char embeddings[OOXML_NAME_SIZE];
};

typedef int related_fn(struct reading *reading, const char *part);

static int
on_relation(void *arg, const char *id, const char *type, const char *target,
    bool is_external)
{
	struct reading *reading = arg;
	enum related related = 0;
	size_t i;

	reading->has_picture = reading->has_picture ||
	    strcmp(type, "image") == 0;
	for (i = 0; i < RELATED_TYPES && !is_external; i++)
		if (strcmp(type, related_types[i].type) == 0)
			related = related_types[i].related;
	/* Those in the usual folder are found there. */
	if (related == 0 || (related == RELATED_MEMBER &&
		strncmp(target, reading->embeddings,
		    strlen(reading->embeddings)) == 0))
		return 0;
	if (++reading->related_count > DOCX_RELATED_MAX)
		return err_set(reading->docx.note, ERR_TOO_BIG,
		    "the document has more than %u parts", DOCX_RELATED_MAX);
	if (related == RELATED_CHART || related == RELATED_DIAGRAM)
		return docx_store(&reading->docx, docx_key(id, strlen(id)),
		    related == RELATED_CHART ? DOCX_CHART : DOCX_DIAGRAM,
		    target, strlen(target));
	(void)buf_putc(&reading->related, (char)related); /* errors stick */
	return buf_put(&reading->related, target, strlen(target) + 1);
}

/* Call fn for each part that is wanted; missing ones do not matter. */
static int
each_related(struct reading *reading, enum related wanted, related_fn *fn)
{
	const char *at = buf_text(&reading->related);
	const char *end = at + reading->related.len;
	int err = 0;

	while (at < end && err == 0) {
		if (*at == (char)wanted)
			err = fn(reading, at + 1);
		if (err == ERR_NOT_FOUND)
			err = 0;
		at += strlen(at + 1) + 2;
	}
	return err;
}

/* ---- parts -------------------------------------------------------------- */

static int
styles_part(struct reading *reading, const char *part)
{
	if (reading->docx.styles.count > 0)
		return 0;
	return docx_styles_read(reading->docx.package, part,
	    &reading->docx.styles);
}

static int
notes_part(struct reading *reading, const char *part)
{
	return docx_part(&reading->docx, part, DOCX_HOLD);
}

static int
comments_part(struct reading *reading, const char *part)
{
	return docx_part(&reading->docx, part, DOCX_SEND);
}

/* Was the same sent before?  Every section has headers of its own, which say
 * the same for the most part. */
static bool
is_seen(struct reading *reading, uint64_t key)
{
	uint64_t old;
	size_t i;

	for (i = 0; i < reading->seen.len; i += sizeof(old)) {
		memcpy(&old, reading->seen.data + i, sizeof(old));
		if (old == key)
			return true;
	}
	(void)buf_put(&reading->seen, &key, sizeof(key)); /* seen again */
	return false;
}

static int
header_part(struct reading *reading, const char *part)
{
	struct docx *docx = &reading->docx;
	uint64_t key;
	int err;

	docx->is_in_header = true;
	err = docx_part(docx, part, DOCX_HOLD);
	docx->is_in_header = false;
	key = docx_key(buf_text(&docx->pile), docx->pile.len);
	if (err == 0 && docx->pile.len > 0 && !is_seen(reading, key))
		err = docx_send(docx, &docx->pile, 0, docx->pile.len, false);
	buf_clear(&docx->pile);
	if (err == 0)
		err = docx_send_wanted(docx);
	return err;
}

static int
member_part(struct reading *reading, const char *part)
{
	long index = package_find(reading->docx.package, part);

	return index < 0
	    ? 0
	    : ooxml_embedded(reading->docx.package, index,
		  reading->docx.emit, reading->docx.note);
}

/* ---- the document ------------------------------------------------------- */

/* Has Word noted where a page begins?  It does so or it does not, so that the
 * beginning tells. */
static bool
has_pages(struct docx *docx, const char *main_part)
{
	static const char mark[] = "lastRenderedPageBreak";
	char bytes[DOCX_PIECE];
	struct part *part;
	size_t kept = 0, total = 0;
	bool is_found = false;
	long n = 0;

	if (part_open(docx->package, package_find(docx->package, main_part),
		&part, NULL) < 0)
		return false;
	while (!is_found && total < DOCX_PAGE_WITHIN) {
		n = part_read(part, bytes + kept, sizeof(bytes) - kept, NULL);
		if (n <= 0)
			break;
		total += (size_t)n;
		kept += (size_t)n;
		is_found = bytes_find(bytes, kept, mark, strlen(mark)) != NULL;
		if (kept >= sizeof(mark)) {
			memmove(bytes, bytes + kept - sizeof(mark),
			    sizeof(mark));
			kept = sizeof(mark);
		}
	}
	part_close(part);
	return is_found;
}

static int
read_body(struct reading *reading)
{
	struct docx *docx = &reading->docx;
	struct emit *emit = docx->emit;
	long pages;
	int err;

	pages = ooxml_app_number(docx->package, "Pages");
	docx->is_paged = pages > 1 && has_pages(docx, reading->main_part);
	docx->page = docx->is_paged ? 1 : 0;
	docx->is_in_text = true;
	err = docx_part(docx, reading->main_part, DOCX_SEND);
	docx->is_in_text = false;
	if (err == ERR_NOT_FOUND)
		err = err_set(docx->note, ERR_SYNTAX,
		    "the package has no document in it");
	if (err == 0 && docx->is_paged) {
		emit->pages = docx->page;
		if (pages > (long)docx->page && pages <= INT32_MAX)
			emit->pages = (uint32_t)pages;
	}
	docx->is_paged = false;
	docx->page = 0;
	if (err == 0)
		err = emit_close(emit);
	emit->page = 0;
	return err < 0 ? err : docx_send_rest(docx);
}

static int
read_parts(struct reading *reading)
{
	struct docx *docx = &reading->docx;
	int err;

	err = ooxml_properties(docx->package, docx->emit, docx->note);
	if (err == 0)
		err = each_related(reading, RELATED_STYLES, styles_part);
	if (err == 0)
		err = each_related(reading, RELATED_NOTES, notes_part);
	buf_clear(&docx->pile);
	if (err == 0)
		err = each_related(reading, RELATED_HEADER, header_part);
	if (err == 0)
		err = read_body(reading);
	if (err == 0)
		err = each_related(reading, RELATED_FOOTER, header_part);
	if (err == 0)
		err = each_related(reading, RELATED_COMMENTS, comments_part);
	if (err == 0)
		err = emit_close(docx->emit);
	if (err == 0)
		err = each_related(reading, RELATED_MEMBER, member_part);
	if (err == 0)
		err = ooxml_members(docx->package, reading->embeddings,
		    docx->emit, docx->note);
	if (err == 0 && reading->has_picture && docx->emit->blocks == 0 &&
	    docx->emit->members == 0)
		err = err_set(docx->note, ERR_NOT_FOUND,
		    "the document has pictures but no text");
	return err;
}

static int
read_package(struct reading *reading)
{
	struct docx *docx = &reading->docx;
	const char *slash;
	int err;

	err = ooxml_main_part(docx->package, reading->main_part,
	    sizeof(reading->main_part), docx->note);
	if (err < 0)
		return err;
	slash = strrchr(reading->main_part, '/');
	(void)snprintf(reading->embeddings, sizeof(reading->embeddings),
	    "%.*sembeddings/",
	    slash == NULL ? 0 : (int)(slash - reading->main_part) + 1,
	    reading->main_part);
	err = ooxml_relations_each(docx->package, reading->main_part,
	    on_relation, reading, docx->note);
	return err < 0 ? err : read_parts(reading);
}

static struct reading *
reading_new(struct emit *emit, struct err_note *note)
{
	struct reading *reading;

	reading = mem_zalloc(sizeof(*reading));
	if (reading == NULL)
		return NULL;
	reading->docx.emit = emit;
	reading->docx.note = note;
	buf_init(&reading->docx.text, DOCX_PILE_MAX);
	buf_init(&reading->docx.pile, 2 * DOCX_PILE_MAX);
	buf_init(&reading->docx.scratch, DOCX_PILE_MAX + KIB);
	buf_init(&reading->docx.stored_bytes, DOCX_PILE_MAX);
	buf_init(&reading->docx.wanted, DOCX_STORED_MAX * sizeof(uint32_t));
	buf_init(&reading->related, DOCX_RELATED_BYTES_MAX);
	buf_init(&reading->seen, DOCX_RELATED_MAX * sizeof(uint64_t));
	return reading;
}

static void
reading_free(struct reading *reading)
{
	size_t i;

	if (reading == NULL)
		return;
	package_close(reading->docx.package);
	docx_styles_fini(&reading->docx.styles);
	for (i = 0; i < DOCX_TABLES_MAX; i++)
		mem_free(reading->docx.tables[i].columns);
	mem_free(reading->docx.stored);
	buf_fini(&reading->docx.text);
	buf_fini(&reading->docx.pile);
	buf_fini(&reading->docx.scratch);
	buf_fini(&reading->docx.stored_bytes);
	buf_fini(&reading->docx.wanted);
	buf_fini(&reading->related);
	buf_fini(&reading->seen);
	mem_free(reading);
}

int
read_docx(struct input *input, struct emit *emit, struct err_note *note)
{
	struct reading *reading;
	int err;

	reading = reading_new(emit, note);
	if (reading == NULL)
		return ERR_NOMEM;
	err = package_open(input, &reading->docx.package, note);
	if (err == 0)
		err = read_package(reading);
	reading_free(reading);
	return err;
}
