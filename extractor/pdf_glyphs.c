/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Poppler gives a page's text, a rectangle for each of its characters and
 * runs of equal font, all by the same index.  Its text has been turned into
 * reading order word by word, with marks of direction around what it turned;
 * the rectangles have not.  Taking the marks out while turning back makes
 * both agree, and lets the direction be found for the whole line at once.
 *
 * Poppler visits what lies between two corners of a selection.  On a page
 * that is mostly right to left the first corner is at the right, and text
 * would be left out if it was not.
 */
#include <poppler.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/pdf.h"

/* Beyond every page: the selection takes in all blocks. */
#define PDF_FAR 1e7

#define PDF_LRE 0x202Au
#define PDF_RLE 0x202Bu
#define PDF_PDF 0x202Cu

static const PopplerRectangle area_left = {
    .x1 = -PDF_FAR, .y1 = -PDF_FAR, .x2 = PDF_FAR, .y2 = PDF_FAR};
static const PopplerRectangle areas_right[] = {
    {.x1 = PDF_FAR, .y1 = -PDF_FAR, .x2 = PDF_FAR, .y2 = PDF_FAR},
    {.x1 = PDF_FAR, .y1 = -PDF_FAR, .x2 = -PDF_FAR, .y2 = PDF_FAR},
};

void
pdf_glyphs_fini(struct pdf_glyphs *glyphs)
{
	mem_free(glyphs->list);
	mem_free(glyphs->fonts);
	memset(glyphs, 0, sizeof(*glyphs));
}

/* Poppler writes what a font says, halves of surrogate pairs included: these
 * are one place like any other. */
static uint32_t
next_character(const char *text, size_t len, size_t *ret_len)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t c = utf8_decode(text, len, ret_len);

	if (c == UTF8_BAD && len >= 3 && s[0] == 0xED &&
	    (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80)
		*ret_len = 3;
	return c == UTF8_BAD ? 0xFFFD : c;
}

static void
turn_back(struct pdf_glyph *list, size_t from, size_t to)
{
	uint32_t c;

	while (from + 1 < to) {
		c = list[from].c;
		list[from++].c = list[--to].c;
		list[to].c = c;
	}
}

/* The characters of text as they are seen, from left to right. */
static void
read_text(struct pdf_glyphs *glyphs, const char *text, size_t len)
{
	struct pdf_glyph *list = glyphs->list;
	size_t i = 0, n = 0, step, right = SIZE_MAX, left = SIZE_MAX;
	uint32_t c;

	for (; i < len && n < glyphs->size; i += step) {
		c = next_character(text + i, len - i, &step);
		if (c == '\n') {
			if (right != SIZE_MAX)
				turn_back(list, right, n);
			right = left = SIZE_MAX;
		}
		if (c == PDF_RLE && right == SIZE_MAX) {
			right = n;
		} else if (c == PDF_LRE && right != SIZE_MAX) {
			left = n;
		} else if (c == PDF_PDF && left != SIZE_MAX) {
			turn_back(list, left, n);
			left = SIZE_MAX;
		} else if (c == PDF_PDF && right != SIZE_MAX) {
			turn_back(list, right, n);
			right = SIZE_MAX;
		} else {
			list[n++].c = c;
		}
	}
	glyphs->count = n;
}

static bool
name_says(const char *name, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(name, *words) != NULL)
			return true;
	return false;
}

static int
add_font(struct pdf_glyphs *glyphs, const PopplerTextAttributes *attributes)
{
	static const char *const bold[] = {"Bold", "bold", "BOLD", "Black",
	    "Heavy", "Demi", "-Bd", ",Bd", "CMBX", NULL};
	static const char *const mono[] = {"Mono", "mono", "Courier",
	    "courier", "Consol", "Typewriter", "CMTT", "SFTT", "CMSLTT",
	    "Menlo", "LetterGothic", "Fixed", NULL};
	const char *name =
	    attributes->font_name == NULL ? "" : attributes->font_name;
	struct pdf_font *more;
	size_t size;

	if (glyphs->font_count == glyphs->fonts_size) {
		size = glyphs->fonts_size == 0 ? 64 : 2 * glyphs->fonts_size;
		more = mem_resize(glyphs->fonts, size, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		glyphs->fonts = more;
		glyphs->fonts_size = size;
	}
	glyphs->fonts[glyphs->font_count++] = (struct pdf_font){
	    .size = (float)attributes->font_size,
	    .is_bold = name_says(name, bold),
	    .is_mono = name_says(name, mono),
	};
	return 0;
}

/* Runs of fonts: the index of the last character belongs to the run. */
static int
read_fonts(struct pdf_glyphs *glyphs, GList *attributes)
{
	const PopplerTextAttributes *run;
	size_t i;
	int err;

	glyphs->font_count = 0;
	for (i = 0; i < glyphs->count; i++)
		glyphs->list[i].font = UINT32_MAX;
	for (; attributes != NULL; attributes = attributes->next) {
		run = attributes->data;
		if (run->start_index < 0 || run->end_index < run->start_index ||
		    glyphs->font_count >= PDF_FONTS_MAX)
			continue;
		err = add_font(glyphs, run);
		if (err < 0)
			return err;
		for (i = (size_t)run->start_index;
		    i <= (size_t)run->end_index && i < glyphs->count; i++)
			glyphs->list[i].font =
			    (uint32_t)(glyphs->font_count - 1);
	}
	return 0;
}

static int
make_room(struct pdf_glyphs *glyphs, size_t count)
{
	struct pdf_glyph *more;

	if (count > PDF_GLYPHS_MAX)
		return ERR_TOO_BIG;
	if (count <= glyphs->size)
		return 0;
	more = mem_resize(glyphs->list, count, sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	glyphs->list = more;
	glyphs->size = count;
	return 0;
}

static bool
is_right_to_left(uint32_t c)
{
	return (c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFDFF) ||
	    (c >= 0xFE70 && c <= 0xFEFF) || (c >= 0x10800 && c <= 0x10FFF) ||
	    (c >= 0x1E800 && c <= 0x1EFFF);
}

/* As Poppler tells it: more letters of one direction than of the other. */
static bool
is_mostly_right_to_left(const char *text, size_t len)
{
	size_t i, step, right = 0, all = 0;
	uint32_t c;

	for (i = 0; i < len; i += step) {
		c = next_character(text + i, len - i, &step);
		if (c == PDF_RLE || c == PDF_LRE || c == PDF_PDF || c <= 0x40)
			continue;
		all++;
		right += is_right_to_left(c);
	}
	return right > 0 && right >= all / 2;
}

/* The area that has all of the page, with the text it has. */
static PopplerRectangle
choose_area(PopplerPage *page, char **text)
{
	PopplerRectangle area = area_left, other;
	size_t i;
	char *more;

	*text = poppler_page_get_text_for_area(page, &area);
	if (*text == NULL || !is_mostly_right_to_left(*text, strlen(*text)))
		return area;
	for (i = 0; i < sizeof(areas_right) / sizeof(areas_right[0]); i++) {
		other = areas_right[i];
		more = poppler_page_get_text_for_area(page, &other);
		if (more != NULL && strlen(more) >= strlen(*text)) {
			g_free(*text);
			*text = more;
			area = other;
		} else {
			g_free(more);
		}
	}
	return area;
}

int
pdf_glyphs_load(struct pdf_glyphs *glyphs, PopplerPage *page,
    bool *ret_has_places)
{
	PopplerRectangle area, *places = NULL;
	GList *fonts = NULL;
	char *text = NULL;
	guint count = 0, i;
	size_t len;
	int err = 0;

	glyphs->count = 0;
	*ret_has_places = true;
	area = choose_area(page, &text);
	len = text == NULL ? 0 : strlen(text);
	if (len == 0)
		goto out;
	err = make_room(glyphs, len);
	if (err < 0)
		goto out;
	read_text(glyphs, text, len);
	if (!poppler_page_get_text_layout_for_area(page, &area, &places,
		&count) ||
	    count != glyphs->count) {
		*ret_has_places = false;
		goto out;
	}
	for (i = 0; i < count; i++) {
		glyphs->list[i].x1 = (float)places[i].x1;
		glyphs->list[i].y1 = (float)places[i].y1;
		glyphs->list[i].x2 = (float)places[i].x2;
		glyphs->list[i].y2 = (float)places[i].y2;
	}
	fonts = poppler_page_get_text_attributes_for_area(page, &area);
	err = read_fonts(glyphs, fonts);
out:
	poppler_page_free_text_attributes(fonts);
	g_free(places);
	g_free(text);
	return err;
}
