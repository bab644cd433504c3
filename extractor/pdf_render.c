/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cairo.h>
#include <math.h>
#include <poppler.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/pdf.h"

#define PDF_POINTS_PER_INCH 72.0

/* Rows of four bytes a pixel become rows of one, in place. */
static unsigned
to_gray(unsigned char *pixels, unsigned width, unsigned height,
    unsigned stride)
{
	const unsigned char *from;
	unsigned char *to = pixels;
	unsigned x, y, c;

	for (y = 0; y < height; y++) {
		from = pixels + (size_t)y * stride;
		for (x = 0; x < width; x++, from += 4) {
			/* Blue, green, red: a processor with the low byte
			 * first; elsewhere the weights are a bit wrong. */
			c = 29u * from[0] + 150u * from[1] + 77u * from[2];
			*to++ = (unsigned char)(c >> 8);
		}
	}
	return width;
}

int
pdf_render_page(PopplerPage *page, unsigned char **ret_pixels,
    unsigned *ret_width, unsigned *ret_height, unsigned *ret_stride)
{
	double width, height, scale = PDF_DOTS_PER_INCH / PDF_POINTS_PER_INCH;
	cairo_surface_t *surface = NULL;
	unsigned char *pixels = NULL;
	cairo_t *cairo = NULL;
	unsigned columns, rows, stride;
	int err = ERR_NOMEM;

	poppler_page_get_size(page, &width, &height);
	if (!(width > 0 && height > 0))
		return ERR_SYNTAX;
	scale = fmin(scale, PDF_PIXELS_MAX / fmax(width, height));
	columns = (unsigned)fmax(1, width * scale);
	rows = (unsigned)fmax(1, height * scale);
	stride = (unsigned)cairo_format_stride_for_width(CAIRO_FORMAT_RGB24,
	    (int)columns);
	pixels = mem_array(rows, stride);
	if (pixels == NULL)
		goto out;
	surface = cairo_image_surface_create_for_data(pixels,
	    CAIRO_FORMAT_RGB24, (int)columns, (int)rows, (int)stride);
	cairo = cairo_create(surface);
	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_paint(cairo);
	cairo_scale(cairo, scale, scale);
	poppler_page_render(page, cairo);
	cairo_surface_flush(surface);
	err = cairo_status(cairo) == CAIRO_STATUS_SUCCESS ? 0
	    : cairo_status(cairo) == CAIRO_STATUS_NO_MEMORY ? ERR_NOMEM
							     : ERR_SYNTAX;
out:
	if (cairo != NULL)
		cairo_destroy(cairo);
	if (surface != NULL)
		cairo_surface_destroy(surface);
	if (err < 0) {
		mem_free(pixels);
		return err;
	}
	*ret_stride = to_gray(pixels, columns, rows, stride);
	*ret_width = columns;
	*ret_height = rows;
	*ret_pixels = pixels;
	return 0;
}
