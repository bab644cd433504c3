/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figures: what the engine knows of itself, for /metrics and for whoever wants
 * to know whether it is well.
 *
 * Floor 4.  Any thread; from memory, but for engine_disk().
 */
#ifndef ENGINE_FIGURES_H
#define ENGINE_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/totals.h"
#include "extract/extract.h"

struct histogram;
struct net_meter;

/* Pointers lead to what goes on counting, until engine_close(). */
struct engine_figures {
	struct engine_stats stats;
	struct totals totals; /* all of one moment */
	uint64_t queue_operations; /* that wait for the writer */
	/* For how long the job that waits for longest has got nothing done, by
	 * what it waits for; 0: none waits for that. */
	int64_t waiting_us[WAITING_COUNT];
	uint64_t extractor_ends[EXTRACTOR_END_COUNT];
	uint64_t dead_revisions; /* that the janitor has found last */
	const struct histogram *stages; /* by enum stage; histogram_work */
	const struct histogram *commit_seconds;	   /* histogram_work */
	const struct histogram *commit_operations; /* histogram_counts */
	const struct net_meter *embedding, *chat, *rerank;
};
void engine_figures(struct engine *engine, struct engine_figures *ret_figures);

/* Bytes of the store's file and its log, and what is free where they are. */
struct engine_disk {
	uint64_t store_bytes, log_bytes, free_bytes;
};
void engine_disk(const struct engine *engine, struct engine_disk *ret_disk);

/* How the engine is, for who asks often. */
struct engine_health {
	bool is_storage_waiting; /* the disk is full or fails */
	bool is_stopping;	 /* or has not begun */
	int64_t writer_stalled_us; /* for how long it has not got on */
	bool is_writer_stuck;	   /* and that is not the disk's doing */
	/* Services that are configured, and did not answer when they were
	 * asked last. */
	bool has_embedding, has_chat, has_rerank;
	bool is_embedding_down, is_chat_down, is_rerank_down;
};
void engine_health(struct engine *engine, struct engine_health *ret_health);

#endif
