/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "model/item_code.h"

static const char *const item_code_names[ITEM_CODE_COUNT] = {
    [ITEM_CODE_NONE] = "NONE",
#define ITEM_CODE(name, value, ends, text, advice)                            \
	[ITEM_CODE_##name] = #name,
#include "model/item_code_tbl.h"
};

static const char *const item_code_texts[ITEM_CODE_COUNT] = {
    [ITEM_CODE_NONE] = "",
#define ITEM_CODE(name, value, ends, text, advice)                            \
	[ITEM_CODE_##name] = (text),
#include "model/item_code_tbl.h"
};

static const char *const item_code_advices[ITEM_CODE_COUNT] = {
    [ITEM_CODE_NONE] = "",
#define ITEM_CODE(name, value, ends, text, advice)                            \
	[ITEM_CODE_##name] = (advice),
#include "model/item_code_tbl.h"
};

const char *
item_code_name(enum item_code code)
{
	return item_code_names[code];
}

const char *
item_code_text(enum item_code code)
{
	return item_code_texts[code];
}

const char *
item_code_advice(enum item_code code)
{
	return item_code_advices[code];
}

enum item_code
item_code_find(const char *name)
{
	int code;

	for (code = ITEM_CODE_NONE + 1; code < ITEM_CODE_COUNT; code++)
		if (strcmp(item_code_names[code], name) == 0)
			return (enum item_code)code;
	return ITEM_CODE_NONE;
}

int
item_code_parse(long long stored, enum item_code *ret_code)
{
	if (stored < 0 || stored >= ITEM_CODE_COUNT)
		return ERR_CORRUPT;
	*ret_code = (enum item_code)stored;
	return 0;
}
