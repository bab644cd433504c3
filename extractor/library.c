/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "extractor/format.h"
#include "extractor/library.h"
#include "extractor/markup.h"

/* Libraries complain about documents; the operator's terminal need not. */
static void
say_nothing(const char *domain, GLogLevelFlags level, const char *message,
    void *arg)
{
	(void)domain;
	(void)level;
	(void)message;
	(void)arg;
}

int
library_init(struct err_note *note)
{
	int err;

	/* Without TZ every localtime() looks at a file. */
	if (setenv("TZ", "UTC0", 1) < 0)
		return ERR_NOMEM;
	tzset();
	(void)g_log_set_default_handler(say_nothing, NULL);
	err = format_init(note);
	if (err == 0)
		err = markup_init();
	if (err == 0)
		err = pdf_init(note);
	if (err == 0)
		err = mail_init(note);
	if (err == 0)
		err = ole_init(note);
	if (err == 0)
		err = archive_init(note);
	return err;
}
