/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session: a client and, with --data, the engine behind it.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"
#include "cmd/settings.h"

struct args;
struct client;
struct err_note;
struct host;

struct session {
	struct client *client;
	/* With --data only. */
	struct settings settings;
	struct host *host;
	struct uuid key; /* to be revoked again, when has_key */
	int64_t account_id;
	bool has_key;
};

/*
 * The server of TIDEMARK_URL, or with --data one in this process; do_work:
 * it also goes on with the folder's jobs, and makes the folder when there is
 * none.  Ends with session_close(), also safe after an error.
 */
int session_open(const struct args *args, bool do_work,
    struct session *session, struct err_note *note);
void session_close(struct session *session);

#endif
