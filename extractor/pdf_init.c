/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Poppler opens, it opens late: tables for the encodings of Asian fonts
 * when a document asks for one, lists of directories when the first document
 * is opened.  The tables are mapped now, and a tiny document stays open for
 * ever, because with the last one Poppler forgets its lists.
 *
 * Drawing asks fontconfig for fonts that a document does not bring along.  It
 * is told that there are none, and asked once, because then it looks up the
 * name of this program.
 *
 * Colour profiles are never opened: neither text nor a gray picture needs
 * them, they are one more thing to parse, and Poppler prepares each of them
 * again for every page, which takes a fifth of the time of some documents.
 */
#include <fontconfig/fontconfig.h>
#include <poppler.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/library.h"
#include "extractor/vfile.h"

#define PDF_DATA "/usr/share/poppler"

/* The C library's qsort() asks once how much memory there is, at the first
 * array that is larger than this. */
#define PDF_SORTED 1024u

/* Without a table of objects: Poppler looks for them, and finds them. */
static const char tiny[] =
    "%PDF-1.4\n"
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    "trailer<</Root 1 0 R/Size 4>>\n"
    "%%EOF\n";

static PopplerDocument *kept;

static int
init_fonts(void)
{
	FcConfig *fonts = FcConfigCreate();
	FcPattern *pattern = FcPatternCreate(), *match;
	FcResult result;

	if (fonts == NULL || pattern == NULL)
		return ERR_NOMEM;
	(void)FcConfigSetCurrent(fonts); /* it has a reference of its own */
	FcConfigDestroy(fonts);
	(void)FcConfigSubstitute(NULL, pattern, FcMatchPattern);
	FcDefaultSubstitute(pattern);
	match = FcFontMatch(NULL, pattern, &result);
	if (match != NULL)
		FcPatternDestroy(match);
	FcPatternDestroy(pattern);
	return 0;
}

/* In front of Little CMS's own: Poppler takes the alternate colours then. */
void *cmsOpenProfileFromMem(const void *bytes, uint32_t len);

void *
cmsOpenProfileFromMem(const void *bytes, uint32_t len)
{
	(void)bytes;
	(void)len;
	return NULL;
}

static int
compare_bytes(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

int
pdf_init(struct err_note *note)
{
	GBytes *bytes;
	char *sorted;
	int err;

	if (kept != NULL)
		return 0;
	sorted = mem_zalloc(2 * PDF_SORTED);
	if (sorted == NULL)
		return ERR_NOMEM;
	qsort(sorted, PDF_SORTED, 2, compare_bytes);
	mem_free(sorted);

	err = vfile_map(PDF_DATA, note);
	if (err < 0)
		return err;
	err = init_fonts();
	if (err < 0)
		return err;

	bytes = g_bytes_new_static(tiny, sizeof(tiny) - 1);
	kept = poppler_document_new_from_bytes(bytes, NULL, NULL);
	g_bytes_unref(bytes);
	if (kept == NULL)
		return err_set(note, ERR_INTERNAL, "Poppler does not start");
	return 0;
}
