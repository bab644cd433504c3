/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: lines for the operator, on standard error.
 *
 * Floor 0.  One call writes one line with one write(2); any thread may call.
 * Floors 0 to 3 log nothing above debug: they return errors instead.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above level are dropped; the default is LOG_INFO. */
void log_set_level(enum log_level level);

/* "error", "warn", "info", "debug"; 0, or ERR_INVALID. */
int log_level_parse(const char *text, enum log_level *ret_level);

void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
