/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paper_engine: the functions of engine.h that the server calls, for programs
 * that test the server alone: where they are defined, the library's are not
 * linked, nor is what they need.  All of them have to be here: one that is
 * missing brings the library's engine along, and the linker says that the
 * others are defined twice.
 *
 * Keys are "good" (account 1) and "also" (account 2).  An upload called
 * "refused" finds no room; all others lie in memory.
 */
#ifndef TESTS_PAPER_ENGINE_H
#define TESTS_PAPER_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "engine/board.h"
#include "engine/engine.h"
#include "engine/figures.h"

struct engine {
	struct board *board;
};

struct upload {
	struct buf bytes;
	bool is_finished;
};

struct engine paper;
/* Uploads that were opened and not freed. */
_Atomic int uploads_open;

struct board *
engine_board(struct engine *engine)
{
	return engine->board;
}

const struct embedder *
engine_embedder(const struct engine *engine)
{
	static const struct embedder paper_embedder = {.name = "paper"};

	(void)engine;
	return &paper_embedder;
}

uint64_t
engine_file_bytes_max(const struct engine *engine)
{
	(void)engine;
	return 1000;
}

bool
engine_has_folder_roots(const struct engine *engine)
{
	(void)engine;
	return true;
}

bool
engine_caller_stands(struct engine *engine, const struct caller *caller)
{
	(void)engine;
	(void)caller;
	return true;
}

const char *
engine_mark(const struct engine *engine)
{
	(void)engine;
	return "0badcafe";
}

void
engine_stats(struct engine *engine, struct engine_stats *ret_stats)
{
	(void)engine;
	memset(ret_stats, 0, sizeof(*ret_stats));
}

void
engine_figures(struct engine *engine, struct engine_figures *ret_figures)
{
	(void)engine;
	memset(ret_figures, 0, sizeof(*ret_figures));
}

void
engine_disk(const struct engine *engine, struct engine_disk *ret_disk)
{
	(void)engine;
	memset(ret_disk, 0, sizeof(*ret_disk));
}

void
engine_health(struct engine *engine, struct engine_health *ret_health)
{
	(void)engine;
	memset(ret_health, 0, sizeof(*ret_health));
}

int
engine_reader(struct engine *engine, struct store **ret_reader,
    struct err_note *note)
{
	(void)engine;
	(void)note;
	*ret_reader = NULL;
	return 0;
}

int
engine_authenticate(struct engine *engine, const char *key, size_t len,
    struct caller *ret_caller)
{
	(void)engine;
	if (len != 4 || (memcmp(key, "good", 4) != 0 &&
	    memcmp(key, "also", 4) != 0))
		return ERR_UNAUTHORIZED;
	ret_caller->account_id = key[0] == 'g' ? 1 : 2;
	ret_caller->session_until_s = INT32_MAX; /* as a cookie has it */
	return 0;
}

int
engine_upload_open(struct engine *engine, enum job_kind kind,
    const char *name, const char *metadata, struct upload **ret_upload,
    struct err_note *note)
{
	struct upload *upload = mem_zalloc(sizeof(*upload));

	(void)engine;
	(void)kind;
	(void)metadata;
	if (strcmp(name, "refused") == 0) {
		mem_free(upload);
		return err_set(note, ERR_STORAGE_FULL, "no room for it");
	}
	buf_init(&upload->bytes, 64 * MIB);
	(void)atomic_fetch_add(&uploads_open, 1);
	*ret_upload = upload;
	return 0;
}

int
engine_upload_write(struct upload *upload, const void *bytes, size_t len)
{
	return buf_put(&upload->bytes, bytes, len);
}

int
engine_upload_finish(struct upload *upload, struct err_note *note)
{
	(void)note;
	upload->is_finished = true;
	return 0;
}

void
engine_upload_free(struct upload *upload)
{
	if (upload == NULL)
		return;
	(void)atomic_fetch_sub(&uploads_open, 1);
	buf_fini(&upload->bytes);
	mem_free(upload);
}

#endif
