/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advice: what to do next after an error (advice_tbl.h).
 *
 * One process runs one command and tells one error: who knows more of its
 * cause than its code says, says so here, and cmd_error() tells it.
 */
#ifndef CMD_ADVICE_H
#define CMD_ADVICE_H

enum advice {
	ADVICE_NONE = 0,
#define ADVICE(name, words) ADVICE_##name,
#include "cmd/advice_tbl.h"
	ADVICE_COUNT
};

/* Give this one with the next cmd_error(). */
void advice_give(enum advice advice);

/* What engine_open() and http_server_open() say of folder and address. */
void advice_of_folder(int err);
void advice_of_address(int err);

/* "" for ADVICE_NONE. */
const char *advice_words(enum advice advice);

#endif
