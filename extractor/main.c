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
#include "extractor/ocr.h"
#include "extractor/sandbox.h"
#include "extractor/serve.h"
#include "extractor/vfile.h"

static int
usage(void)
{
	(void)fputs("usage: tidemark-extract --self-test\n"
		    "tidemark-extract is started by the tidemark server, with "
		    "a socket as descriptor 3.\n",
	    stderr);
	return 2;
}

struct options {
	uint64_t memory_bytes_max; /* 0: no limit */
	const char *languages;	   /* of OCR; NULL: none */
};

/* OCR that cannot be had is no reason not to start: it stays off, and the
 * greeting tells. */
static void
start_ocr(const char *languages)
{
	struct err_note note = {{0}};
	int err;

	if (languages == NULL)
		return;
	err = ocr_init(languages, &note);
	if (err < 0)
		(void)fprintf(stderr, "tidemark-extract: %s\n",
		    err_words(&note, err));
	else
		ocr_hush();
}

static int
run(const struct options *options)
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
		start_ocr(options->languages);
	vfile_close();
	if (err == 0)
		err = sandbox_close(~0u, options->memory_bytes_max, &layers,
		    &note);
	if (err < 0) {
		(void)fprintf(stderr, "tidemark-extract: %s\n",
		    err_words(&note, err));
		return 1;
	}
	return serve(&input, &emit, layers);
}

/* 0, or -1 for words that it does not know. */
static int
options_parse(int argc, char **argv, struct options *options)
{
	char *end;
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--memory") == 0) {
			errno = 0;
			options->memory_bytes_max = strtoull(argv[i + 1],
			    &end, 10);
			if (errno != 0 || *end != '\0' || end == argv[i + 1])
				return -1;
		} else if (strcmp(argv[i], "--ocr") == 0) {
			options->languages = argv[i + 1];
		} else {
			return -1;
		}
	}
	return i == argc ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct options options = {0};
	int type;
	socklen_t len = sizeof(type);

	if (argc == 2 && strcmp(argv[1], "--self-test") == 0)
		return sandbox_self_test();
	if (options_parse(argc, argv, &options) < 0 ||
	    getsockopt(WIRE_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return usage();
	sandbox_prepare();
	/* Without exit handlers: the sandbox leaves them nothing to do. */
	_exit(run(&options));
}
