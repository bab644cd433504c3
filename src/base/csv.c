/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"

void
csv_cell(struct buf *out, const char *text)
{
	bool is_formula = text[0] != '\0' &&
	    strchr("=+-@\t\r", text[0]) != NULL;
	const char *quote;

	if (text[strcspn(text, "\",\r\n")] == '\0' && !is_formula) {
		(void)buf_puts(out, text);
		return;
	}
	(void)buf_puts(out, is_formula ? "\"'" : "\"");
	while ((quote = strchr(text, '"')) != NULL) {
		(void)buf_put(out, text, (size_t)(quote - text));
		(void)buf_puts(out, "\"\"");
		text = quote + 1;
	}
	(void)buf_puts(out, text);
	(void)buf_putc(out, '"');
}
