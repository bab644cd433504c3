/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "embed/embed.h"
#include "engine/board.h"
#include "engine/dispatch.h"
#include "engine/embedding.h"
#include "engine/engine_int.h"
#include "engine/figures.h"
#include "engine/mirror.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/process.h"

/* Jobs that are looked at for what they wait for: what has rested for long
 * waits, or is looked for documents. */
#define RESTS_MAX 64u
/* A writer that has not got on for so long with what it is given is stuck. */
#define WRITER_STALL_US 60000000

static void
totals_put(const struct totals *totals, struct engine_stats *stats)
{
	stats->items_completed = totals->items_ended[ITEM_COMPLETED];
	stats->items_failed = totals->items_ended[ITEM_FAILED];
	stats->items_skipped = totals->items_ended[ITEM_SKIPPED];
	stats->items_cancelled = totals->items_ended[ITEM_CANCELLED];
}

void
engine_stats(struct engine *engine, struct engine_stats *ret_stats)
{
	const struct engine_counters *c = &engine->counters;
	struct embed_stats embed;
	struct writer_stats writer;
	struct totals totals;
	size_t mirrors;

	memset(ret_stats, 0, sizeof(*ret_stats));
	writer_stats(engine->writer, &writer);
	ret_stats->commits = writer.commits;
	ret_stats->operations = writer.operations;
	ret_stats->queue_bytes = writer.queue_bytes;
	board_totals(engine->board, &totals);
	totals_put(&totals, ret_stats);
	ret_stats->bytes_indexed = atomic_load(&c->bytes);
	ret_stats->segments_indexed = atomic_load(&c->segments);
	ret_stats->queries = atomic_load(&c->queries);
	ret_stats->extractor_starts = atomic_load(&c->extractor_starts);
	ret_stats->deliveries = atomic_load(&c->deliveries);
	ret_stats->delivery_failures = atomic_load(&c->delivery_failures);
	embedding_stats(engine, &embed);
	ret_stats->embedding_requests = embed.requests;
	ret_stats->embedding_failures = embed.failures;
	ret_stats->embedding_texts = embed.texts;
	ret_stats->embedding_tokens = embed.tokens;
	ret_stats->is_embedding_down = embed.is_down;
	mirrors_measure(engine->mirrors, &mirrors, &ret_stats->vector_bytes);
	ret_stats->vectors_in_cells = mirrors_parted(engine->mirrors);
	ret_stats->jobs_live = board_live(engine->board);
	ret_stats->workers = engine->worker_count;
	ret_stats->workers_busy = dispatch_busy(engine->dispatch);
	ret_stats->uptime_s =
	    (uint64_t)(clock_mono_us() - engine->opened_us) / 1000000;
	ret_stats->is_storage_waiting =
	    writer_is_storage_waiting(engine->writer);
}

/* What jobs wait for that have rested, and for how long the first of each. */
static void
waits_measure(struct engine *engine, int64_t waiting_us[WAITING_COUNT])
{
	struct dispatch_rest rests[RESTS_MAX];
	int64_t now_us, paused_us;
	struct job job;
	size_t count, i;

	count = dispatch_resting(engine->dispatch, rests, RESTS_MAX,
	    &paused_us);
	now_us = clock_mono_us();
	if (paused_us != 0 && now_us > paused_us)
		waiting_us[WAITING_PAUSED] = now_us - paused_us;
	for (i = 0; i < count; i++) {
		if (engine_job_get(engine, NULL, 0, &rests[i].job, &job) < 0 ||
		    job.waiting_for == WAITING_NOTHING ||
		    job.waiting_for == WAITING_PAUSED)
			continue;
		if (now_us - rests[i].since_us > waiting_us[job.waiting_for])
			waiting_us[job.waiting_for] = now_us -
			    rests[i].since_us;
	}
}

void
engine_figures(struct engine *engine, struct engine_figures *ret_figures)
{
	struct engine_counters *c = &engine->counters;
	struct writer_stats writer;
	int i;

	memset(ret_figures, 0, sizeof(*ret_figures));
	engine_stats(engine, &ret_figures->stats);
	/* Once more, for all of them to be of one moment. */
	board_totals(engine->board, &ret_figures->totals);
	totals_put(&ret_figures->totals, &ret_figures->stats);
	ret_figures->stats.jobs_live = 0;
	for (i = JOB_PENDING; i < JOB_STATE_COUNT; i++)
		ret_figures->stats.jobs_live += ret_figures->totals.jobs[i];
	writer_stats(engine->writer, &writer);
	ret_figures->queue_operations = writer.queue_operations;
	ret_figures->commit_seconds = writer.commit_seconds;
	ret_figures->commit_operations = writer.commit_operations;
	waits_measure(engine, ret_figures->waiting_us);
	for (i = 0; i < EXTRACTOR_END_COUNT; i++)
		ret_figures->extractor_ends[i] =
		    atomic_load(&c->extractor_ends[i]);
	ret_figures->dead_revisions = atomic_load(&c->dead_revisions);
	ret_figures->stages = c->stages;
	ret_figures->embedding = &c->embedding;
	ret_figures->chat = &c->chat;
	ret_figures->rerank = &c->rerank;
}

void
engine_disk(const struct engine *engine, struct engine_disk *ret_disk)
{
	char path[URI_BYTES_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/tidemark.db",
	    engine->data_dir);
	ret_disk->store_bytes = disk_file_bytes(path);
	(void)snprintf(path, sizeof(path), "%s/tidemark.db-wal",
	    engine->data_dir);
	ret_disk->log_bytes = disk_file_bytes(path);
	ret_disk->free_bytes = disk_free_bytes(engine->data_dir);
}

void
engine_health(struct engine *engine, struct engine_health *ret_health)
{
	const struct engine_counters *c = &engine->counters;
	const struct embedder *embedder = embedding_default(engine)->embedder;
	int64_t stalled_us = writer_stalled_us(engine->writer);

	*ret_health = (struct engine_health){
	    .is_storage_waiting = writer_is_storage_waiting(engine->writer),
	    .is_stopping = !atomic_load(&engine->is_started),
	    .writer_stalled_us = stalled_us,
	    .is_writer_stuck = stalled_us >= WRITER_STALL_US &&
		!writer_is_at_disk(engine->writer),
	    .has_embedding = embedder->stats != NULL,
	    .has_chat = engine_has_chat(engine),
	    .has_rerank = engine_has_rerank(engine),
	    .is_embedding_down = engine_embedder_is_down(engine),
	    .is_chat_down = atomic_load(&c->chat.is_failing),
	    .is_rerank_down = atomic_load(&c->rerank.is_failing),
	};
}
