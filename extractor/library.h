/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * library: what libraries must do before the sandbox closes: open their data
 * files, read the time zone, register their types, find their converters.
 * Each function: 0, or ERR_INTERNAL or ERR_NOMEM with note.
 */
#ifndef EXTRACTOR_LIBRARY_H
#define EXTRACTOR_LIBRARY_H

struct err_note;

/* All of them, in order. */
int library_init(struct err_note *note);

int pdf_init(struct err_note *note);
int mail_init(struct err_note *note);
int ole_init(struct err_note *note);
int archive_init(struct err_note *note);

#endif
