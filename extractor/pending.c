/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pending: formats that are told apart but not read yet; each definition
 * here gives way to the reader's own.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/format.h"
#include "extractor/library.h"
#include "extractor/ocr.h"
#include "extractor/sniff.h"

#define PENDING(name)                                                         \
	__attribute__((weak)) int read_##name(struct input *input,            \
	    struct emit *emit, struct err_note *note)                         \
	{                                                                     \
		(void)input;                                                  \
		(void)emit;                                                   \
		return err_set(note, ERR_UNSUPPORTED,                         \
		    "this type of file is not supported");                    \
	}
PENDING(image)

__attribute__((weak)) bool
ocr_is_on(void)
{
	return false;
}

__attribute__((weak)) int
ocr_gray(const unsigned char *pixels, unsigned width, unsigned height,
    unsigned stride, struct emit *emit, struct err_note *note)
{
	(void)pixels;
	(void)width;
	(void)height;
	(void)stride;
	(void)emit;
	return err_set(note, ERR_UNSUPPORTED, "OCR is off");
}
