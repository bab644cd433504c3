/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cmd/advice.h"
#include "cmd/cmd.h"

static enum advice given;

static const char *const words[ADVICE_COUNT] = {
    [ADVICE_NONE] = "",
#define ADVICE(name, text) [ADVICE_##name] = (text),
#include "cmd/advice_tbl.h"
};

const char *
advice_words(enum advice advice)
{
	return words[advice];
}

void
advice_give(enum advice advice)
{
	given = advice;
}

void
advice_of_folder(int err)
{
	if (err == ERR_BUSY)
		given = ADVICE_FOLDER_HELD;
	else if (err == ERR_FORBIDDEN)
		given = ADVICE_NO_PERMISSION;
}

void
advice_of_address(int err)
{
	if (err == ERR_BUSY)
		given = ADVICE_PORT_TAKEN;
	else if (err == ERR_FORBIDDEN)
		given = ADVICE_PORT_DENIED;
}

/* What the error's code alone tells. */
static enum advice
advice_of(int err)
{
	switch (err) {
	case ERR_UNREACHABLE:
		return ADVICE_NO_SERVER;
	case ERR_UNAUTHORIZED:
		return ADVICE_WRONG_KEY;
	case ERR_STORAGE_FULL:
		return ADVICE_DISK_FULL;
	default:
		return ADVICE_NONE;
	}
}

static void
advice_print(const char *text)
{
	size_t len;

	while (*text != '\0') {
		len = strcspn(text, "\n");
		(void)fprintf(stderr, "  %.*s\n", (int)len, text);
		text += len + (text[len] != '\0');
	}
}

int
cmd_error(const char *what, int err, const struct err_note *note)
{
	if (err == ERR_CANCELLED) {
		(void)fprintf(stderr, "tidemark: %s: interrupted\n", what);
		return 130;
	}
	(void)fprintf(stderr, "tidemark: %s: %s\n", what,
	    err_words(note, err));
	advice_print(words[given != ADVICE_NONE ? given : advice_of(err)]);
	if (err == ERR_UNREACHABLE)
		return CMD_UNREACHABLE;
	return err == ERR_INVALID ? CMD_USAGE : CMD_FAILED;
}
