/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host: engine and HTTP server in this process, wired together.
 *
 * `serve` runs one until a signal comes.  A command with --data runs one for
 * as long as it takes, on a free loopback port that it alone knows the key
 * for: so there is one way to every answer, with a server and without.
 */
#ifndef CMD_HOST_H
#define CMD_HOST_H

#include <stdbool.h>

struct engine;
struct err_note;
struct host;
struct settings;

/*
 * Open the engine on settings' data folder, start it (do_work: jobs that
 * were left go on) and listen.  Keeps settings until host_close().  Returns
 * owned (host_close).  Errors of engine_open() and http_server_open().
 */
int host_open(const struct settings *settings, bool do_work,
    struct host **ret_host, struct err_note *note);

/* Stop accepting, let steps reach a border, commit, close all. */
void host_close(struct host *host);

struct engine *host_engine(struct host *host);
/* "http://127.0.0.1:8420"; valid until host_close(). */
const char *host_url(const struct host *host);

/* The program tidemark-extract: settings' own, else beside this binary, else
 * in PATH.  Returns owned (mem_free); ERR_NOT_FOUND with words. */
int host_extractor(const struct settings *settings, char **ret_path,
    struct err_note *note);

#endif
