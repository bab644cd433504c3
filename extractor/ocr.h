/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ocr: text from pictures.
 *
 * Tesseract and Leptonica are no part of the build: they are loaded when the
 * program is asked for OCR (--ocr LANGUAGES) and they are installed, before
 * the sandbox closes.  Everything here runs on one thread.
 */
#ifndef EXTRACTOR_OCR_H
#define EXTRACTOR_OCR_H

#include <stdbool.h>
#include <stddef.h>

struct emit;
struct err_note;

/* A picture's width and height, and what the pages of a document have. */
#define OCR_SIDE_MAX 20000u
#define OCR_PIXELS_MAX 20000000000ULL

/*
 * Load what is needed for languages ("eng", "deu+eng"), once.  0, or
 * ERR_UNSUPPORTED with note: it is not installed, or not for a language.
 */
int ocr_init(const char *languages, struct err_note *note);

/* What Tesseract says on the terminal is said into the void from now on: last
 * of all before the sandbox closes. */
void ocr_hush(void);

/* Was it turned on, and is what it needs installed? */
bool ocr_is_on(void);

/*
 * Read a picture of one byte a pixel (0 is black), stride bytes a row, and
 * emit what it says as blocks of emit->page.  0; ERR_NOT_FOUND: there is no
 * text in it; ERR_TOO_BIG: its sides; ERR_UNSUPPORTED: it is off; ERR_NOMEM;
 * emit->err.
 */
int ocr_gray(const unsigned char *pixels, unsigned width, unsigned height,
    unsigned stride, struct emit *emit, struct err_note *note);

/*
 * The same for a whole PNG or JPEG file, or the page of a TIFF file whose
 * directory is at offset page (0: no TIFF), turned clockwise by turns
 * quarters (0 to 3).  The caller has checked what it says of its size.
 * ERR_SYNTAX: it cannot be decoded.
 */
int ocr_file(const void *bytes, size_t len, size_t page, unsigned turns,
    struct emit *emit, struct err_note *note);

#endif
