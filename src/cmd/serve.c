/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/host.h"
#include "cmd/interrupt.h"
#include "cmd/keeper.h"
#include "cmd/settings.h"
#include "engine/engine.h"
#include "sys/clock.h"

/* The only time that the key can be seen, and only by who sits there: the
 * lines of a log are kept, and read by others. */
static void
key_show(struct host *host)
{
	const char *key = engine_new_key(host_engine(host));
	const char *data = engine_data_dir(host_engine(host));

	if (key[0] == '\0')
		return;
	if (isatty(STDERR_FILENO) == 1)
		(void)fprintf(stderr,
		    "tidemark: the first API key (shown once, kept in "
		    "%s/api-key): %s\n",
		    data, key);
	else
		log_say("the first API key is in %s/api-key", data);
}

/* The setting makes the first key and no other: say so before somebody looks
 * for the mistake elsewhere. */
static void
key_check(struct host *host, const struct settings *settings)
{
	const char *key = settings->api_key;
	struct caller caller;

	if (key[0] != '\0' && engine_authenticate(host_engine(host), key,
	    strlen(key), &caller) < 0)
		log_warn("api_key is no key of this data folder; it makes the "
			 "key of a first start only");
}

int
cmd_serve(const struct args *args)
{
	struct settings settings = {0};
	struct err_note note = {0};
	struct host *host = NULL;
	enum log_format format;
	int err, status = CMD_FAILED;

	err = settings_read(args->argc, args->argv, getenv, &settings, &note);
	if (err < 0)
		return cmd_error("serve", err, &note);
	if (settings.is_help) {
		help_command(stdout, command_find("serve"));
		return CMD_DONE;
	}
	log_set_level(settings.log_level);
	if (log_format_parse(settings.log_format, &format) == 0)
		log_set_format(format, clock_wall_us);
	/* A terminal that goes away must not take the server along; there
	 * is nothing to reopen, as the log is standard error. */
	(void)signal(SIGHUP, SIG_IGN);
	err = interrupt_catch();
	if (err == 0)
		err = host_open(&settings, true, &host, &note);
	if (err < 0) {
		if (err == ERR_BUSY || err == ERR_INVALID)
			err_wrap(&note, "cannot start");
		(void)cmd_error("serve", err, &note);
		status = err == ERR_INVALID ? CMD_USAGE : CMD_FAILED;
		goto out;
	}
	key_show(host);
	key_check(host, &settings);
	log_say("listening on %s", host_url(host));
	keeper_wait(host);
	log_info("stopping at the next border between two steps");
	status = CMD_DONE;
out:
	host_close(host);
	if (status == CMD_DONE)
		log_info("stopped");
	settings_fini(&settings);
	return status;
}
