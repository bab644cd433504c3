/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/utf8.h"

#define LOG_LINE_MAX 1024

static atomic_int log_max = LOG_INFO;

static const char *const log_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

void
log_set_level(enum log_level level)
{
	atomic_store(&log_max, (int)level);
}

int
log_level_parse(const char *text, enum log_level *ret_level)
{
	size_t i;

	for (i = 0; i < sizeof(log_names) / sizeof(log_names[0]); i++)
		if (strcmp(text, log_names[i]) == 0) {
			*ret_level = (enum log_level)i;
			return 0;
		}
	return ERR_INVALID;
}

void
log_line(enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;
	size_t used, i;

	if ((int)level > atomic_load_explicit(&log_max, memory_order_relaxed))
		return;
	(void)snprintf(line, sizeof(line), "tidemark: %s%s",
	    level == LOG_INFO ? "" : log_names[level],
	    level == LOG_INFO ? "" : ": ");
	used = strlen(line);
	va_start(args, format);
	(void)vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	utf8_trim(line);
	/* A name from outside must not start a line of its own. */
	for (i = 0; line[i] != '\0'; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = '?';
	line[i++] = '\n';
	/* Nothing can be done about a standard error that is gone. */
	if (write(STDERR_FILENO, line, i) < 0)
		return;
}
