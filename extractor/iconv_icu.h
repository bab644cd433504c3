/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iconv_icu: iconv_open(), iconv() and iconv_close() for the libraries, which
 * need no files.  Their prototypes are those of <iconv.h>.
 */
#ifndef EXTRACTOR_ICONV_ICU_H
#define EXTRACTOR_ICONV_ICU_H

struct err_note;

/* From now on ICU opens no file; 0 or ERR_INTERNAL. */
int iconv_icu_init(struct err_note *note);

#endif
