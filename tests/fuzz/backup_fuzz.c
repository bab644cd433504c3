/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup_fuzz: a backup by anybody, read in pieces of any size.
 *
 * The first byte of an input says how large the pieces are; the rest is the
 * file.  Whatever it holds, what is let through are the folder's own names,
 * each once, with no more bytes than were announced, and either all of it or
 * an error with words.
 */
#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "engine/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	const uint8_t *bytes;
	size_t len, at, piece;
	struct backup_facts facts;
	char last[128];
	uint64_t announced, written, total;
	unsigned files;
	bool has_facts, is_open;
};

static int64_t
fuzz_read(void *arg, void *bytes, size_t size)
{
	struct world *world = arg;
	size_t len = world->len - world->at;

	len = len < size ? len : size;
	len = len < world->piece ? len : world->piece;
	memcpy(bytes, world->bytes + world->at, len);
	world->at += len;
	return (int64_t)len;
}

static int
fuzz_facts(void *arg, const struct backup_facts *facts, struct err_note *note)
{
	struct world *world = arg;

	(void)note;
	ASSERT(!world->has_facts);
	ASSERT(facts->schema >= 1);
	world->has_facts = true;
	world->facts = *facts;
	return 0;
}

static int
fuzz_begin(void *arg, const char *name, uint64_t bytes,
    struct err_note *note)
{
	struct world *world = arg;

	(void)note;
	ASSERT(world->has_facts && !world->is_open);
	ASSERT(strstr(name, "..") == NULL && name[0] != '/');
	ASSERT(strlen(name) < sizeof(world->last));
	if (strncmp(name, "blobs/", 6) == 0) {
		ASSERT(strcmp(name, world->last) > 0);
		memcpy(world->last, name, strlen(name) + 1);
		world->total += bytes;
		ASSERT(world->total <= world->facts.upload_bytes);
	} else {
		ASSERT(strcmp(name, "tidemark.db") == 0 ||
		    strcmp(name, "secret-key") == 0 ||
		    strcmp(name, "api-key") == 0);
		ASSERT(world->last[0] == '\0');
	}
	world->files++;
	world->is_open = true;
	world->announced = bytes;
	world->written = 0;
	return 0;
}

static int
fuzz_write(void *arg, const void *bytes, size_t len, struct err_note *note)
{
	struct world *world = arg;

	(void)bytes;
	(void)note;
	ASSERT(world->is_open);
	world->written += len;
	ASSERT(world->written <= world->announced);
	return 0;
}

static int
fuzz_end(void *arg, struct err_note *note)
{
	struct world *world = arg;

	(void)note;
	ASSERT(world->is_open && world->written == world->announced);
	world->is_open = false;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = {.has_facts = false};
	struct backup_sink sink = {.facts = fuzz_facts, .begin = fuzz_begin,
	    .write = fuzz_write, .end = fuzz_end, .arg = &world};
	struct backup_facts facts = {.schema = 0};
	struct err_note note = {0};
	int err;

	if (size == 0)
		return 0;
	world.bytes = data + 1;
	world.len = size - 1;
	world.piece = data[0] == 0 ? size : data[0] * (size_t)37;
	err = backup_parse(fuzz_read, &world, &sink, &facts, &note);
	if (err < 0) {
		ASSERT(note.text[0] != '\0');
		return 0;
	}
	ASSERT(!world.is_open && world.total == facts.upload_bytes);
	ASSERT(world.files == 1 + facts.uploads + facts.has_secret_key +
	    facts.has_api_key);
	return 0;
}
