/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/err.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "cmd/watch.h"

static int
on_bytes(void *arg, const void *bytes, size_t len)
{
	return fwrite(bytes, 1, len, arg) == len ? 0 : ERR_IO;
}

/* The server's own table as it is: what reads it is a program, too. */
int
cmd_report(const struct args *args)
{
	const struct client_sink sink = {.take = on_bytes, .arg = stdout};
	const char *text = args->word_count > 0 ? args->words[0] : NULL;
	struct session session = {0};
	struct err_note note = {0};
	json_t *job = NULL;
	char path[128];
	int err;

	err = session_open(args, false, &session, &note);
	if (err == 0)
		err = job_find(session.client, text, &job, &note);
	if (err == 0) {
		(void)snprintf(path, sizeof(path), "/jobs/%.40s/report.csv",
		    json_text(job, "id"));
		err = client_fetch(session.client, path, &sink, &note);
	}
	json_decref(job);
	session_close(&session);
	return err < 0 ? cmd_error("report", err, &note) : CMD_DONE;
}
