/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_fuzz: the files of an embedding model.
 *
 * An input that begins with "{" is a tokenizer.json, a zero, and a text that
 * is cut by it; any other is a file of weights.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "embed/tensors.h"
#include "embed/tokenizer.h"
#include "sys/fs.h"

#define PATH_SIZE 32
#define FLOATS 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
file_make(const void *bytes, size_t len, char path[PATH_SIZE])
{
	int fd = memfd_create("model", MFD_CLOEXEC);

	ASSERT(fd >= 0);
	ASSERT(fs_write(fd, bytes, len) == 0);
	(void)snprintf(path, PATH_SIZE, "/proc/self/fd/%d", fd);
	return fd;
}

static void
try_tensors(const char *path)
{
	struct err_note note = { .text = "" };
	const struct tensor *tensor;
	struct tensors *tensors;
	float floats[FLOATS];
	size_t i, count;
	int err;

	err = tensors_open(path, &tensors, &note);
	ASSERT(err == 0 || err == ERR_CORRUPT || err == ERR_TOO_BIG);
	if (err < 0) {
		ASSERT(note.text[0] != '\0');
		return;
	}
	for (i = 0; i < tensors_count(tensors); i++) {
		tensor = tensors_at(tensors, i);
		ASSERT(tensors_find(tensors, tensor->name) == tensor);
		count = tensor->count < FLOATS ? tensor->count : FLOATS;
		err = tensor_floats(tensor, tensor->count - count, count,
		    floats);
		ASSERT(err == 0 || err == ERR_UNSUPPORTED);
	}
	tensors_close(tensors);
}

static void
try_tokenizer(const char *path, const char *text, size_t len)
{
	struct tokens tokens = { .ids = NULL }, again = { .ids = NULL };
	struct err_note note = { .text = "" };
	struct tokenizer *tokenizer;
	size_t i;
	int err;

	err = tokenizer_open(path, &tokenizer, &note);
	ASSERT(err == 0 || err == ERR_SYNTAX || err == ERR_UNSUPPORTED ||
	    err == ERR_TOO_BIG);
	if (err < 0) {
		ASSERT(note.text[0] != '\0');
		return;
	}
	/* What is remembered of words changes nothing. */
	err = tokenizer_run(tokenizer, text, len, true, 0, &tokens);
	ASSERT(err == 0 || err == ERR_TOO_BIG);
	if (err == 0) {
		ASSERT(tokenizer_run(tokenizer, text, len, true, 0, &again) ==
		    0);
		again.count = 0;
		ASSERT(tokenizer_run(tokenizer, text, len, true, 0, &again) ==
		    0);
		ASSERT(again.count == tokens.count);
		for (i = 0; i < tokens.count; i++)
			ASSERT(tokens.ids[i] == again.ids[i] &&
			    tokens.ids[i] < tokenizer_size(tokenizer));
	}
	tokens_fini(&tokens);
	tokens_fini(&again);
	tokenizer_free(tokenizer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero;
	char path[PATH_SIZE];
	int fd;

	if (size == 0 || data[0] != '{') {
		fd = file_make(data, size, path);
		try_tensors(path);
	} else {
		zero = memchr(data, 0, size);
		if (zero == NULL)
			zero = data + size;
		fd = file_make(data, (size_t)(zero - data), path);
		if (zero < data + size)
			zero++;
		try_tokenizer(path, (const char *)zero,
		    (size_t)(data + size - zero));
	}
	(void)close(fd);
	return 0;
}
