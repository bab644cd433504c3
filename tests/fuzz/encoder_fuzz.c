/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder_fuzz: the small files of an encoder's folder.
 *
 * An input is such files with a zero between: config.json, modules.json, the
 * pooling's config.json, sentence_bert_config.json and
 * config_sentence_transformers.json; those that are left out are not there.
 * Weights and tokenizer are those of tests/data/encoder/bert.  What can be
 * opened embeds a text.
 */
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "embed/bert.h"
#include "embed/embed.h"
#include "sys/fs.h"

#define KEPT "tests/data/encoder/bert/"
#define PATH_SIZE 4200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {"config.json", "modules.json",
    "1_Pooling/config.json", "sentence_bert_config.json",
    "config_sentence_transformers.json"};
#define FILES (sizeof(files) / sizeof(*files))

static char folder[] = "/tmp/encoder-fuzz-XXXXXX";

static const char *
path_of(const char *file)
{
	static char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	return path;
}

static void
kept_link(const char *file)
{
	char from[PATH_SIZE], here[PATH_SIZE / 2];

	ASSERT(getcwd(here, sizeof(here)) != NULL);
	(void)snprintf(from, sizeof(from), "%s/" KEPT "%s", here, file);
	ASSERT(symlink(from, path_of(file)) == 0);
}

static void
folder_remove(void)
{
	size_t i;

	for (i = 0; i < FILES; i++)
		(void)unlink(path_of(files[i]));
	(void)unlink(path_of("model.safetensors"));
	(void)unlink(path_of("tokenizer.json"));
	(void)rmdir(path_of("1_Pooling"));
	(void)rmdir(folder);
}

static void
folder_make(void)
{
	static bool is_made;

	if (is_made)
		return;
	ASSERT(mkdtemp(folder) != NULL);
	is_made = true;
	(void)atexit(folder_remove);
	ASSERT(mkdir(path_of("1_Pooling"), 0700) == 0);
	kept_link("model.safetensors");
	kept_link("tokenizer.json");
}

static void
file_put(const char *file, const uint8_t *bytes, size_t len)
{
	int fd = open(path_of(file), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ASSERT(fd >= 0);
	ASSERT(fs_write(fd, bytes, len) == 0);
	(void)close(fd);
}

static void
try_text(struct embedder *embedder)
{
	const struct embed_text text = {"a ship is a boat", 16};
	struct err_note note = {.text = ""};
	float vector[DIMENSIONS_MAX];
	double squares = 0;
	size_t i;
	int err;

	err = embedder->run(embedder, &text, 1, vector, &note);
	ASSERT(err == 0 || err == ERR_INVALID);
	for (i = 0; err == 0 && i < embedder->dimensions; i++)
		squares += (double)vector[i] * (double)vector[i];
	ASSERT(err < 0 || fabs(squares - 1) < 1e-4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err_note note = {.text = ""};
	struct embedder *embedder;
	const uint8_t *zero;
	size_t i;
	int err;

	folder_make();
	for (i = 0; i < FILES; i++) {
		(void)unlink(path_of(files[i]));
		if (size == 0)
			continue;
		zero = memchr(data, 0, size);
		if (zero == NULL)
			zero = data + size;
		file_put(files[i], data, (size_t)(zero - data));
		size -= (size_t)(zero - data);
		data = zero;
		if (size > 0) {
			data++;
			size--;
		}
	}
	err = embed_bert_new(folder, false, &embedder, &note);
	if (err == 0) {
		try_text(embedder);
		embedder->close(embedder);
		return 0;
	}
	ASSERT(err == ERR_NOT_FOUND || err == ERR_SYNTAX ||
	    err == ERR_CORRUPT || err == ERR_UNSUPPORTED ||
	    err == ERR_TOO_BIG);
	ASSERT(note.text[0] != '\0');
	return 0;
}
