/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data folder as one file, for who shares user and machine with the
 * server: it holds everybody's documents, and the key to their secrets.  No
 * API key is asked for, as who can read the local token can read those too.
 */
#include <stdio.h>

#include "api/native/native_int.h"
#include "engine/backup.h"

static bool
is_stopped(void *arg)
{
	return http_is_stopping(arg);
}

static int
backup_fill(void *state, struct engine *engine, struct store *reader,
    struct buf *out)
{
	int more;

	(void)engine;
	(void)reader;
	more = backup_read(state, out, NULL);
	if (more < 0)
		return more;
	return more > 0 ? HTTP_MORE : HTTP_END;
}

static void
backup_free(void *state)
{
	backup_close(state);
}

int
native_backup(struct http_request *request, struct http_reply *reply)
{
	static const struct http_stream_ops ops = {.fill = backup_fill,
	    .free = backup_free};
	struct backup *backup = NULL;
	char bytes[24];
	int err;

	if (!native_is_local(request))
		return err_set(&request->note, ERR_FORBIDDEN, "a backup is "
		    "for the user whom the server runs as, on its machine");
	err = engine_backup_open(request->engine, http_version(request),
	    is_stopped, request, &backup, &request->note);
	if (err < 0)
		return err;
	(void)snprintf(bytes, sizeof(bytes), "%llu",
	    (unsigned long long)backup_bytes(backup));
	http_reply_header(reply, "Tidemark-Backup-Bytes", bytes);
	reply->content_type = "application/x-tar";
	http_reply_stream(reply, &ops, backup);
	return 0;
}
