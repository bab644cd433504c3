/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item_code: the one list of reasons for an item not to be indexed.
 *
 * Floor 2, pure.
 */
#ifndef MODEL_ITEM_CODE_H
#define MODEL_ITEM_CODE_H

enum item_code {
	ITEM_CODE_NONE = 0,
#define ITEM_CODE(name, value, ends, text, advice) ITEM_CODE_##name = (value),
#include "model/item_code_tbl.h"
	ITEM_CODE_COUNT
};

/* "ENCRYPTED_DOCUMENT"; "NONE" for ITEM_CODE_NONE. */
const char *item_code_name(enum item_code code);

/* Its standard sentence, without a name and a full stop. */
const char *item_code_text(enum item_code code);

/* What to do about it, in a few words for who looks at a list. */
const char *item_code_advice(enum item_code code);

/* The code of that name; ITEM_CODE_NONE: there is none. */
enum item_code item_code_find(const char *name);

/* A number from outside: 0 or ERR_CORRUPT. */
int item_code_parse(long long stored, enum item_code *ret_code);

#endif
