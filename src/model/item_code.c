/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "model/item_code.h"

static const char *const item_code_names[ITEM_CODE_COUNT] = {
    [ITEM_CODE_NONE] = "NONE",
#define ITEM_CODE(name, value, ends, text) [ITEM_CODE_##name] = #name,
#include "model/item_code_tbl.h"
};

static const char *const item_code_texts[ITEM_CODE_COUNT] = {
    [ITEM_CODE_NONE] = "",
#define ITEM_CODE(name, value, ends, text) [ITEM_CODE_##name] = (text),
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

int
item_code_parse(long long stored, enum item_code *ret_code)
{
	if (stored < 0 || stored >= ITEM_CODE_COUNT)
		return ERR_CORRUPT;
	*ret_code = (enum item_code)stored;
	return 0;
}
