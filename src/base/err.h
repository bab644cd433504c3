/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err: the one list of errors, and words for people that travel with them.
 *
 * Floor 0.  A function returns 0 or a negative enum err.  Words go into a
 * struct err_note that the caller owns, usually on its stack; a NULL note is
 * allowed everywhere and loses the words.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
#define ERR(name, value, class, http, text) ERR_##name = -(value),
#include "base/err_tbl.h"
};

enum err_class { ERR_CLASS_TRANSIENT, ERR_CLASS_PERMANENT };

#define ERR_NOTE_SIZE 256

/* Words for people: always terminated, cut at a character when too long. */
struct err_note {
	char text[ERR_NOTE_SIZE];
};

/* The name ("NOT_FOUND"), text, class and HTTP status of err (negative). */
const char *err_name(int err);
const char *err_text(int err);
enum err_class err_class(int err);
int err_http(int err);

/* Set note to the formatted words and return err: `return err_set(...)`. */
int err_set(struct err_note *note, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put the formatted words and ": " in front of what note says. */
void err_wrap(struct err_note *note, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What note says, or the standard text of err when it says nothing. */
const char *err_words(const struct err_note *note, int err);

/* The error that fits an errno value. */
int err_from_errno(int errnum);

#endif
