/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay_main: gives files to a fuzz target, one after the other, as
 * libFuzzer would, but built like the rest.  What fuzzing once found is thus
 * tried again by every `make test`, without clang.
 *
 *	extract_fuzz FILE...
 *
 * It is linked with extract_fuzz, hence its licence.  The name of the file
 * that is being tried is in the first line of a crash's output.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int
replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	struct stat st;
	size_t len;
	int status = 1;

	if (file == NULL || fstat(fileno(file), &st) != 0)
		goto out;
	/* As large as the content to the byte: one read beyond is seen. */
	len = (size_t)st.st_size;
	bytes = mem_alloc(len);
	if (bytes == NULL || fread(bytes, 1, len, file) != len)
		goto out;
	(void)fprintf(stderr, "%s\n", path);
	(void)LLVMFuzzerTestOneInput(bytes, len);
	status = 0;
out:
	if (status != 0)
		perror(path);
	mem_free(bytes);
	if (file != NULL)
		(void)fclose(file);
	return status;
}

int
main(int argc, char **argv)
{
	int i, status = 0;

	if (LLVMFuzzerInitialize != NULL)
		(void)LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc; i++)
		status |= replay(argv[i]);
	return status;
}
