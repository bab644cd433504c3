/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tidemark-extract: reads untrusted files for the server that starts it.
 *
 * Everything that needs the file system happens before the sandbox closes;
 * then come the files.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "extractor/charset.h"
#include "extractor/emit.h"
#include "extractor/input.h"
#include "extractor/library.h"
#include "extractor/sandbox.h"
#include "extractor/serve.h"

static int
usage(void)
{
	(void)fputs("usage: tidemark-extract --self-test\n"
		    "tidemark-extract is started by the tidemark server, with "
		    "a socket as descriptor 3.\n",
	    stderr);
	return 2;
}

static int
run(uint64_t memory_bytes_max)
{
	struct err_note note = {{0}};
	struct input input;
	struct emit emit;
	uint32_t layers;
	int err;

	err = input_init(&input);
	if (err == 0)
		err = emit_init(&emit, serve_write, NULL);
	if (err == 0)
		err = charset_init();
	if (err == 0)
		err = library_init(&note);
	if (err == 0)
		err = sandbox_close(~0u, memory_bytes_max, &layers, &note);
	if (err < 0) {
		(void)fprintf(stderr, "tidemark-extract: %s\n",
		    err_words(&note, err));
		return 1;
	}
	return serve(&input, &emit, layers);
}

int
main(int argc, char **argv)
{
	unsigned long long memory = 0;
	char *end;
	int type;
	socklen_t len = sizeof(type);

	if (argc == 2 && strcmp(argv[1], "--self-test") == 0)
		return sandbox_self_test();
	if (argc == 3 && strcmp(argv[1], "--memory") == 0) {
		errno = 0;
		memory = strtoull(argv[2], &end, 10);
		if (errno != 0 || *end != '\0' || end == argv[2])
			return usage();
	} else if (argc != 1) {
		return usage();
	}
	if (getsockopt(WIRE_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return usage();
	sandbox_prepare();
	/* Without exit handlers: the sandbox leaves them nothing to do. */
	_exit(run(memory));
}
