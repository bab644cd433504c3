/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/store.h"
#include "sys/fs.h"

#define NOW 1700000000000000LL
#define DIMENSIONS 8

/* A store in a folder of its own, with an account and a base, and what the
 * callbacks below have seen. */
struct world {
	char dir[64];
	struct store *store;
	int64_t account_id, base_id;
	struct buf seen;
	int64_t hit;
};

static struct uuid
uuid_make(uint8_t n)
{
	uint8_t bytes[16];

	memset(bytes, n, sizeof(bytes));
	return uuid_random(bytes);
}

static void
begin(struct world *w)
{
	assert_int_equal(store_begin(w->store, NULL), 0);
}

static void
commit(struct world *w)
{
	struct err_note note;

	assert_int_equal(store_commit(w->store, &note), 0);
}

static int64_t
add_base(struct world *w, uint8_t n, const char *name)
{
	struct base base = {.account_id = w->account_id,
	    .description = "", .settings = "{}", .created_us = NOW};
	int64_t id;

	base.uuid = uuid_make(n);
	(void)snprintf(base.name, sizeof(base.name), "%s", name);
	assert_int_equal(store_base_add(w->store, &base, &id), 0);
	return id;
}

static int
world_up(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct uuid uuid = uuid_make(200);
	struct err_note note;

	assert_non_null(w);
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/tidemark-store-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	buf_init(&w->seen, MIB);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
	begin(w);
	assert_int_equal(store_account_add(w->store, &uuid, "me", NOW,
			     &w->account_id), 0);
	w->base_id = add_base(w, 1, "docs");
	commit(w);
	*state = w;
	return 0;
}

static int
world_down(void **state)
{
	struct world *w = *state;
	char command[128];

	store_close(w->store);
	(void)snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	buf_fini(&w->seen);
	mem_free(w);
	return system(command);
}

static struct store *
reader(const struct world *w)
{
	struct store *store = NULL;
	struct err_note note;

	assert_int_equal(store_open(w->dir, STORE_READER, &store, &note), 0);
	return store;
}

static void
reopen(struct world *w)
{
	struct err_note note;

	store_close(w->store);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
}

/* ---- what the callbacks write down, and how it is compared ------------- */

static void
seen_start(struct world *w)
{
	buf_clear(&w->seen);
	w->hit = 0;
}

static int
base_seen(void *arg, const struct base *base)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%u/%u ", base->name,
	    (unsigned)base->documents, (unsigned)base->segments);
}

static int
job_seen(void *arg, const struct job *job)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%d ", (int)job->id);
}

static int
item_seen(void *arg, const struct item_row *row)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%u:%s:%s ", row->item.seq, row->name,
	    item_state_name(row->item.state));
}

static int
document_seen(void *arg, const struct document *d)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%u ", d->uri, d->segments);
}

static int
segment_seen(void *arg, const struct segment *segment)
{
	struct world *w = arg;

	w->hit = segment->id;
	return buf_printf(&w->seen, "%u:%.*s ", segment->ordinal,
	    (int)segment->text_len, segment->text);
}

static int
hit_seen(void *arg, int64_t segment_id, double score)
{
	struct world *w = arg;

	assert_true(score > 0);
	w->hit = segment_id;
	return buf_printf(&w->seen, "%d ", (int)segment_id);
}

static int
vector_seen(void *arg, int64_t segment_id, const int8_t *vector,
    size_t dimensions, float scale)
{
	struct world *w = arg;

	(void)segment_id;
	assert_int_equal(dimensions, DIMENSIONS);
	assert_true(scale > 0.49f && scale < 0.51f);
	assert_int_equal(vector[1], -1);
	return buf_printf(&w->seen, "%d ", vector[0]);
}

static unsigned
found(struct store *store, struct world *w, int64_t base_id,
    const char *term)
{
	const char *at;
	unsigned n = 0;

	seen_start(w);
	assert_int_equal(store_search_terms(store, base_id, &term, 1, 1000,
			     hit_seen, w), 0);
	for (at = buf_text(&w->seen); *at != '\0'; at++)
		n += *at == ' ';
	return n;
}

/* ---- documents made of segments --------------------------------------- */

static int64_t
put_document(struct world *w, const char *uri, int64_t seen_job)
{
	int64_t id;

	assert_int_equal(store_document_put(w->store, w->base_id, uri, uri,
			     "{}", seen_job, NOW, &id), 0);
	return id;
}

static void
revision_begin(struct world *w, int64_t document_id, uint8_t n,
    struct revision *r)
{
	memset(r, 0, sizeof(*r));
	r->document_id = document_id;
	r->base_id = w->base_id;
	memset(r->hash, n, sizeof(r->hash));
	r->rule = UINT64_MAX - n;
	r->title = "Title";
	r->media_type = "text/plain";
	r->language = "en";
	r->summary = "Summary";
	r->keyphrases = "[]";
	r->bytes = 10;
	r->mtime_us = NOW - 5;
	r->characters = 4;
	assert_int_equal(store_revision_add(w->store, r, &r->id), 0);
}

/* count segments whose text is word and their ordinal. */
static int
segments_put(struct world *w, struct revision *r, const char *word,
    uint32_t first, uint32_t count)
{
	int8_t vector[DIMENSIONS] = {1, -1};
	struct segment segment;
	char text[128];
	uint32_t i;
	int err = 0;

	for (i = first; err == 0 && i < first + count; i++) {
		(void)snprintf(text, sizeof(text), "%s common n%u", word, i);
		memset(&segment, 0, sizeof(segment));
		segment.ordinal = i;
		segment.chars = (uint32_t)strlen(text);
		segment.section = "Part";
		segment.text = text;
		segment.text_len = strlen(text);
		vector[0] = (int8_t)i;
		segment.vector = vector;
		segment.dimensions = DIMENSIONS;
		segment.scale = 0.5f;
		err = store_segments_add(w->store, r, &segment, 1);
	}
	if (err == 0)
		r->segments = r->stored = first + count;
	return err;
}

static int64_t
put_indexed(struct world *w, const char *uri, const char *word,
    uint32_t segments, uint8_t n)
{
	struct revision r;
	int64_t id;

	id = put_document(w, uri, 0);
	revision_begin(w, id, n, &r);
	assert_int_equal(segments_put(w, &r, word, 0, segments), 0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	return id;
}

static void
expect_base(struct world *w, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_bases_each(w->store, w->account_id, 0, 100,
			     base_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static void
expect_audit(struct world *w, uint64_t documents, uint64_t segments)
{
	struct index_totals t;

	assert_int_equal(store_audit_base(w->store, w->base_id, &t), 0);
	assert_int_equal(t.documents, documents);
	assert_int_equal(t.segments, segments);
	assert_int_equal(t.postings, segments);
	assert_int_equal(t.vectors, segments);
	assert_int_equal(t.promised, segments);
}

static void
purge_all(struct world *w, size_t limit)
{
	int64_t base_id;
	bool left = true;
	int rounds;

	for (rounds = 0; left; rounds++) {
		assert_true(rounds < 1000);
		begin(w);
		assert_int_equal(store_revision_purge(w->store, limit, &base_id,
				     &left), 0);
		commit(w);
		assert_true(base_id == w->base_id || base_id == 0);
	}
	assert_int_equal(store_revision_has_dead(w->store, &left), 0);
	assert_false(left);
}

/* Merge the full-text index a step at a time; how many there were. */
static int
merge_all(struct world *w)
{
	bool more = true;
	int steps;

	for (steps = 0; more && steps < 100; steps++) {
		begin(w);
		assert_int_equal(store_search_merge(w->store, w->base_id,
				     &more), 0);
		commit(w);
	}
	return steps;
}

/* Is word anywhere in the raw files? */
static bool
files_hold(const struct world *w, const char *word)
{
	static const char *const names[] = {"", "-wal", "-shm", "-journal"};
	struct err_note note;
	char path[128];
	struct buf raw;
	size_t i;
	bool is_held = false;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/tidemark.db%s", w->dir,
		    names[i]);
		buf_init(&raw, GIB);
		if (access(path, F_OK) == 0) {
			assert_int_equal(fs_read_file(path, &raw, &note), 0);
			is_held = is_held || (raw.len > 0 &&
			    memmem(raw.data, raw.len, word,
				strlen(word)) != NULL);
		}
		buf_fini(&raw);
	}
	return is_held;
}

/* ---- opening ---------------------------------------------------------- */

static void
test_open_again(void **state)
{
	struct world *w = *state;
	struct store *other = NULL;
	struct err_note note = {{0}};
	int64_t rev = -1, generation = -1, id;
	struct uuid uuid, wanted = uuid_make(200);

	assert_int_equal(store_open(w->dir, STORE_WRITER, &other, &note),
	    ERR_BUSY);
	assert_null(other);
	assert_true(note.text[0] != '\0');
	begin(w);
	assert_true(store_next_rev(w->store) > 0);
	(void)put_indexed(w, "file:///a", "first", 2, 1);
	commit(w);
	assert_int_equal(store_stamp(w->store, &rev, &generation), 0);
	assert_true(rev > 0 && generation > 0);
	reopen(w);
	{
		int64_t rev2, generation2;

		assert_int_equal(store_stamp(w->store, &rev2, &generation2),
		    0);
		assert_int_equal(rev2, rev);
		assert_int_equal(generation2, generation);
	}
	assert_int_equal(store_account_first(w->store, &id, &uuid), 0);
	assert_int_equal(id, w->account_id);
	assert_true(uuid_is_equal(&uuid, &wanted));
	assert_int_equal(found(w->store, w, w->base_id, "first"), 2);
	expect_audit(w, 1, 2);
}

static void
set_version(const struct world *w, int version)
{
	char path[128];
	uint8_t bytes[4];
	int fd, i;

	/* user_version: big endian, at byte 60 of the file's head. */
	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	for (i = 0; i < 4; i++)
		bytes[i] = (uint8_t)((unsigned)version >> (24 - 8 * i));
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, 4, 60), 4);
	assert_int_equal(close(fd), 0);
}

static void
test_versions(void **state)
{
	struct world *w = *state;
	struct store *store = NULL;
	struct err_note note;
	int version = store_schema_version();

	assert_true(version >= 1);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	store_close(w->store);
	w->store = NULL;
	set_version(w, version + 1);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &store, &note),
	    ERR_UNSUPPORTED);
	assert_int_equal(store_open(w->dir, STORE_READER, &store, &note),
	    ERR_UNSUPPORTED);
	set_version(w, -5);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &store, &note),
	    ERR_CORRUPT);
	set_version(w, 0);
	assert_int_equal(store_open(w->dir, STORE_READER, &store, &note),
	    ERR_BUSY);
	set_version(w, version);
	assert_null(store);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
}

static void
test_not_a_store(void **state)
{
	struct world *w = *state;
	struct store *store = NULL;
	struct err_note note;
	char path[128], noise[5000];

	store_close(w->store);
	w->store = NULL;
	(void)snprintf(path, sizeof(path), "%s/tidemark.db", w->dir);
	assert_int_equal(unlink(path), 0);
	assert_true(store_open(w->dir, STORE_READER, &store, &note) < 0);
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(fs_replace(path, noise, sizeof(noise), 0600, &note),
	    0);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &store, &note),
	    ERR_CORRUPT);
	assert_int_equal(store_open("/tmp/not/there", STORE_WRITER, &store,
			     &note), ERR_NOT_FOUND);
	assert_null(store);
}

static void
test_rollback(void **state)
{
	struct world *w = *state;
	int64_t rev, generation, rev2, generation2;

	assert_int_equal(store_stamp(w->store, &rev, &generation), 0);
	begin(w);
	(void)store_next_rev(w->store);
	(void)put_indexed(w, "file:///a", "first", 2, 1);
	assert_int_equal(store_stamp(w->store, &rev2, &generation2), 0);
	assert_true(rev2 > rev && generation2 > generation);
	store_rollback(w->store);
	store_rollback(w->store); /* harmless */
	assert_int_equal(store_stamp(w->store, &rev2, &generation2), 0);
	assert_int_equal(rev2, rev);
	assert_int_equal(generation2, generation);
	assert_int_equal(found(w->store, w, w->base_id, "first"), 0);
	expect_base(w, "docs:0/0 ");
}

static void
test_snapshot(void **state)
{
	struct world *w = *state;
	struct store *r = reader(w);
	int64_t rev, generation, rev2, generation2;

	begin(w);
	(void)put_indexed(w, "file:///a", "first", 1, 1);
	assert_int_equal(found(r, w, w->base_id, "first"), 0);
	commit(w);
	assert_int_equal(found(r, w, w->base_id, "first"), 1);

	assert_int_equal(store_begin(r, NULL), 0);
	assert_int_equal(store_stamp(r, &rev, &generation), 0);
	begin(w);
	(void)put_indexed(w, "file:///b", "first", 1, 2);
	commit(w);
	/* What was committed meanwhile is not seen, a checkpoint is no
	 * matter. */
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_int_equal(found(r, w, w->base_id, "first"), 1);
	assert_int_equal(store_stamp(r, &rev2, &generation2), 0);
	assert_int_equal(generation2, generation);
	store_end(r);
	assert_int_equal(found(r, w, w->base_id, "first"), 2);
	assert_int_equal(store_stamp(r, &rev2, &generation2), 0);
	assert_int_equal(generation2, generation + 1);
	store_close(r);
}

/* ---- keys and bases --------------------------------------------------- */

static int
key_seen(void *arg, const struct api_key *key)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%d ", key->label,
	    key->revoked_us != 0);
}

static void
test_keys(void **state)
{
	struct world *w = *state;
	struct api_key key = {.account_id = w->account_id,
	    .label = "mine", .prefix = "tm_abc", .created_us = NOW};
	struct uuid other = uuid_make(9);
	int64_t id;

	key.uuid = uuid_make(8);
	begin(w);
	assert_int_equal(store_key_add(w->store, &key, &id), 0);
	assert_int_equal(store_key_add(w->store, &key, &id), ERR_EXISTS);
	assert_int_equal(store_key_revoke(w->store, w->account_id, &other,
			     NOW), ERR_NOT_FOUND);
	assert_int_equal(store_key_revoke(w->store, w->account_id + 1,
			     &key.uuid, NOW), ERR_NOT_FOUND);
	assert_int_equal(store_key_revoke(w->store, w->account_id, &key.uuid,
			     NOW), 0);
	assert_int_equal(store_key_revoke(w->store, w->account_id, &key.uuid,
			     NOW), ERR_NOT_FOUND);
	commit(w);
	seen_start(w);
	assert_int_equal(store_keys_each(w->store, 0, key_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "mine:1 ");
	seen_start(w);
	assert_int_equal(store_keys_each(w->store, w->account_id + 1,
			     key_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
}

static void
test_bases(void **state)
{
	struct world *w = *state;
	struct base base = {.account_id = w->account_id, .name = "docs",
	    .description = "", .settings = "{}", .created_us = NOW};
	struct uuid uuid = uuid_make(1);
	int64_t id;

	begin(w);
	base.uuid = uuid_make(2);
	assert_int_equal(store_base_add(w->store, &base, &id), ERR_EXISTS);
	(void)add_base(w, 3, "zoo");
	base.id = w->base_id;
	(void)snprintf(base.name, sizeof(base.name), "zoo");
	assert_int_equal(store_base_save(w->store, &base), ERR_EXISTS);
	(void)snprintf(base.name, sizeof(base.name), "papers");
	assert_int_equal(store_base_save(w->store, &base), 0);
	commit(w);
	expect_base(w, "papers:0/0 zoo:0/0 ");

	seen_start(w);
	assert_int_equal(store_base_find(w->store, w->account_id, &uuid, NULL,
			     base_seen, w), 0);
	assert_int_equal(store_base_find(w->store, 0, &uuid, NULL, base_seen,
			     w), 0);
	assert_int_equal(store_base_find(w->store, w->account_id, NULL,
			     "papers", base_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "papers:0/0 papers:0/0 papers:0/0 ");
	assert_int_equal(store_base_find(w->store, w->account_id + 1, &uuid,
			     NULL, base_seen, w), ERR_NOT_FOUND);
	assert_int_equal(store_base_find(w->store, w->account_id + 1, NULL,
			     "papers", base_seen, w), ERR_NOT_FOUND);
	assert_int_equal(store_base_find(w->store, w->account_id, NULL, "x",
			     base_seen, w), ERR_NOT_FOUND);
	/* What a callback says ends the walk and comes back. */
	buf_fini(&w->seen);
	buf_init(&w->seen, 4);
	assert_int_equal(store_bases_each(w->store, w->account_id, 0, 10,
			     base_seen, w), ERR_TOO_BIG);
}

/* ---- jobs and items --------------------------------------------------- */

static struct job
add_job(struct world *w, uint8_t n)
{
	struct job job;

	memset(&job, 0, sizeof(job));
	job.uuid = uuid_make(n);
	job.account_id = w->account_id;
	job.base_id = w->base_id;
	(void)snprintf(job.batch, sizeof(job.batch), "%020u", n);
	job.kind = JOB_KIND_FOLDER;
	job.dialect = DIALECT_DIFY;
	job.state = JOB_PENDING;
	job.attempt = 1;
	job.created_us = NOW + n;
	assert_int_equal(store_job_add(w->store, &job, "{\"n\":1}", &job.id),
	    0);
	return job;
}

static void
test_job_round_trip(void **state)
{
	struct world *w = *state;
	struct job job, got;
	char *source = NULL;
	int i;

	begin(w);
	job = add_job(w, 10);
	job.base_uuid = uuid_make(1);
	(void)snprintf(job.base_name, sizeof(job.base_name), "docs");
	job.state = JOB_RUNNING;
	job.scan = SCAN_DONE;
	job.is_paused = job.is_finalized = true;
	job.counts = (struct counts){21, 1, 2, 3, 4, 5, 6};
	job.removed = 7;
	job.unchanged = 8;
	job.empty = 9;
	job.bytes_total = INT64_MAX;
	job.bytes_done = 11;
	job.bytes_completed = 12;
	job.segments_total = 13;
	job.segments_completed = 14;
	job.characters = 15;
	for (i = STAGE_EXTRACTING; i < STAGE_COUNT; i++)
		job.stages[i] = (struct stage_stats){(uint64_t)i * 1000,
		    (uint64_t)i * 1001, UINT64_MAX - (uint64_t)i};
	job.percent_hundredths = 1234;
	job.code = ITEM_CODE_SOURCE_NOT_FOUND;
	(void)snprintf(job.message, sizeof(job.message), "words \xC3\xA4");
	(void)snprintf(job.cancelled_by, sizeof(job.cancelled_by), "me");
	job.started_us = 16;
	job.updated_us = 17;
	job.finished_us = 18;
	job.cancelled_us = 19;
	job.rev = store_next_rev(w->store);
	job.generation = 20;
	assert_int_equal(store_job_save(w->store, &job), 0);
	commit(w);
	assert_int_equal(store_job_find(w->store, 0, &job.uuid, &got), 0);
	assert_memory_equal(&got, &job, sizeof(job));
	assert_int_equal(store_job_find_batch(w->store, w->base_id, job.batch,
			     &got), 0);
	assert_memory_equal(&got, &job, sizeof(job));
	assert_int_equal(store_job_find(w->store, w->account_id + 1,
			     &job.uuid, &got), ERR_NOT_FOUND);
	assert_int_equal(store_job_find_batch(w->store, w->base_id + 1,
			     job.batch, &got), ERR_NOT_FOUND);
	assert_int_equal(store_job_source(w->store, job.id, &source), 0);
	assert_string_equal(source, "{\"n\":1}");
	mem_free(source);
	assert_int_equal(store_job_source(w->store, 999, &source),
	    ERR_NOT_FOUND);
	begin(w);
	job.id = 999;
	assert_int_equal(store_job_save(w->store, &job), ERR_NOT_FOUND);
	store_rollback(w->store);
}

static void
test_job_lists(void **state)
{
	struct world *w = *state;
	struct job_filter filter = {.account_id = w->account_id,
	    .limit = 100};
	struct job jobs[5], got;
	int i;

	begin(w);
	assert_int_equal(store_job_newest(w->store, w->base_id, &got),
	    ERR_NOT_FOUND);
	for (i = 0; i < 5; i++) {
		jobs[i] = add_job(w, (uint8_t)(20 + i));
		jobs[i].state = i % 2 == 0 ? JOB_RUNNING : JOB_COMPLETED;
		jobs[i].rev = store_next_rev(w->store);
		assert_int_equal(store_job_save(w->store, &jobs[i]), 0);
	}
	commit(w);
	seen_start(w);
	assert_int_equal(store_jobs_each(w->store, &filter, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "5 4 3 2 1 ");
	seen_start(w);
	filter.base_id = w->base_id;
	filter.before_id = 5;
	filter.states = 1u << JOB_RUNNING;
	filter.limit = 1;
	assert_int_equal(store_jobs_each(w->store, &filter, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "3 ");
	seen_start(w);
	assert_int_equal(store_jobs_live(w->store, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "1 3 5 ");
	seen_start(w);
	assert_int_equal(store_jobs_changed(w->store, w->account_id,
			     jobs[2].rev, 10, job_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "4 5 ");
	assert_int_equal(store_job_newest(w->store, w->base_id, &got), 0);
	assert_int_equal(got.id, jobs[4].id);
}

static struct item
add_item(struct world *w, int64_t job_id, uint32_t seq, const char *name,
    const uint8_t *blob)
{
	struct item_row row;

	memset(&row, 0, sizeof(row));
	row.uri = row.name = name;
	row.metadata = "{}";
	row.blob = blob;
	row.item.job_id = job_id;
	row.item.document_id = put_document(w, name, job_id);
	row.item.seq = seq;
	row.item.state = ITEM_QUEUED;
	row.item.attempt = 1;
	row.item.bytes = 100 + seq;
	row.item.queued_us = NOW;
	row.item.rev = store_next_rev(w->store);
	assert_int_equal(store_item_add(w->store, &row, &row.item.id), 0);
	return row.item;
}

static int
item_copy(void *arg, const struct item_row *row)
{
	*(struct item *)arg = row->item;
	return 0;
}

static void
test_item_moves(void **state)
{
	struct world *w = *state;
	struct item item, other, got;
	struct job job, counted;

	begin(w);
	job = add_job(w, 30);
	item = add_item(w, job.id, 1, "a", NULL);
	item_move(&item, ITEM_EXTRACTING, NOW + 1);
	assert_int_equal(store_item_save(w->store, &item, ITEM_QUEUED, 1), 0);
	/* Somebody who still thinks it is queued, or of another attempt. */
	other = item;
	assert_int_equal(store_item_save(w->store, &other, ITEM_QUEUED, 1),
	    ERR_CONFLICT);
	assert_int_equal(store_item_save(w->store, &other, ITEM_EXTRACTING,
			     2), ERR_CONFLICT);
	other.id = 999;
	assert_int_equal(store_item_save(w->store, &other, ITEM_EXTRACTING,
			     1), ERR_CONFLICT);

	item_move(&item, ITEM_WAITING, NOW + 2);
	item.waiting_for = WAITING_RETRY;
	item.due_us = NOW + 99;
	item.attempt = 2;
	item.interruptions = 3;
	item.segments_total = 7;
	item.segments_completed = 5;
	item.bytes_done = 50;
	item.error_stage = STAGE_EXTRACTING;
	(void)snprintf(item.message, sizeof(item.message), "try again");
	item.rev = store_next_rev(w->store);
	assert_int_equal(store_item_save(w->store, &item, ITEM_EXTRACTING, 1),
	    0);
	commit(w);
	memset(&got, 0, sizeof(got));
	assert_int_equal(store_item_get(w->store, item.id, item_copy, &got),
	    0);
	assert_memory_equal(&got, &item, sizeof(item));
	assert_int_equal(store_item_get(w->store, 999, item_copy, &got),
	    ERR_NOT_FOUND);

	memset(&counted, 0, sizeof(counted));
	assert_int_equal(store_items_recount(w->store, job.id, &counted), 0);
	assert_int_equal(counted.counts.total, 1);
	assert_int_equal(counted.counts.processing, 1);
	assert_int_equal(counted.bytes_done, 50);
	assert_int_equal(counted.segments_total, 7);
	assert_int_equal(counted.stages[STAGE_EXTRACTING].items, 1);
}

static void
test_item_lists(void **state)
{
	struct world *w = *state;
	struct item_filter filter = {.limit = 100};
	uint8_t blob[HASH_SIZE] = {7}, none[HASH_SIZE] = {8};
	struct item items[6];
	struct job job, other;
	bool is_used;
	uint32_t i;

	begin(w);
	job = add_job(w, 31);
	other = add_job(w, 32);
	(void)add_item(w, other.id, 1, "else", NULL);
	for (i = 1; i <= 5; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%s%u",
		    i % 2 == 0 ? "Even" : "odd", i);
		items[i] = add_item(w, job.id, i, name, i == 3 ? blob : NULL);
	}
	item_move(&items[2], ITEM_CANCELLED, NOW + 1);
	assert_int_equal(store_item_save(w->store, &items[2], ITEM_QUEUED, 1),
	    0);
	commit(w);
	filter.job_id = job.id;
	seen_start(w);
	assert_int_equal(store_items_each(w->store, &filter, item_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen),
	    "1:odd1:queued 2:Even2:cancelled 3:odd3:queued 4:Even4:queued "
	    "5:odd5:queued ");
	filter.name = "eVe";
	filter.states = 1u << ITEM_QUEUED;
	seen_start(w);
	assert_int_equal(store_items_each(w->store, &filter, item_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), "4:Even4:queued ");
	seen_start(w);
	assert_int_equal(store_items_open(w->store, job.id, 1, 2, item_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "3:odd3:queued 4:Even4:queued ");
	seen_start(w);
	assert_int_equal(store_items_changed(w->store, w->account_id, job.id,
			     items[3].rev, 10, item_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "4:Even4:queued 5:odd5:queued ");
	seen_start(w);
	assert_int_equal(store_items_changed(w->store, w->account_id + 1, 0,
			     0, 10, item_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	assert_int_equal(store_blob_is_used(w->store, blob, &is_used), 0);
	assert_true(is_used);
	assert_int_equal(store_blob_is_used(w->store, none, &is_used), 0);
	assert_false(is_used);
}

/* ---- documents and revisions ------------------------------------------ */

static void
test_documents(void **state)
{
	struct world *w = *state;
	struct document_filter filter = {.limit = 100};
	uint8_t hash[HASH_SIZE];
	int64_t a, b, id = 0;

	begin(w);
	a = put_document(w, "file:///in/a", 1);
	b = put_document(w, "file:///in/b", 1);
	(void)put_document(w, "file:///out/c", 1);
	assert_int_equal(put_document(w, "file:///in/a", 2), a);
	commit(w);
	filter.base_id = w->base_id;
	seen_start(w);
	assert_int_equal(store_documents_each(w->store, &filter,
			     document_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "file:///in/a:0 file:///in/b:0 file:///out/c:0 ");
	seen_start(w);
	assert_int_equal(store_documents_unseen(w->store, w->base_id,
			     "file:///in/", 2, 0, 100, document_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "file:///in/b:0 ");
	begin(w);
	assert_int_equal(store_document_touch(w->store, b, 5, 6, 2), 0);
	(void)put_indexed(w, "file:///in/a", "word", 3, 4);
	commit(w);
	seen_start(w);
	assert_int_equal(store_documents_unseen(w->store, w->base_id,
			     "file:///in/", 2, a, 100, document_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	memset(hash, 4, sizeof(hash));
	assert_int_equal(store_document_by_hash(w->store, w->base_id, hash, b,
			     &id), 0);
	assert_int_equal(id, a);
	assert_int_equal(store_document_by_hash(w->store, w->base_id, hash, a,
			     &id), ERR_NOT_FOUND);
	seen_start(w);
	assert_int_equal(store_document_find(w->store, w->base_id,
			     "file:///in/a", document_seen, w), 0);
	assert_int_equal(store_document_get(w->store, a, document_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen),
	    "file:///in/a:3 file:///in/a:3 ");
	assert_int_equal(store_document_get(w->store, 999, document_seen, w),
	    ERR_NOT_FOUND);
	assert_int_equal(store_document_find(w->store, w->base_id + 1,
			     "file:///in/a", document_seen, w),
	    ERR_NOT_FOUND);
	begin(w);
	assert_int_equal(store_document_delete(w->store, 999), ERR_NOT_FOUND);
	store_rollback(w->store);
}

/* Batches are durable but found by nobody until the revision is published;
 * after a restart it goes on where it stopped. */
static void
test_batches(void **state)
{
	struct world *w = *state;
	struct revision r, found_r;
	int64_t id, gen, gen2, rev;

	begin(w);
	id = put_document(w, "file:///big", 0);
	revision_begin(w, id, 5, &r);
	assert_int_equal(segments_put(w, &r, "batched", 0, 3), 0);
	commit(w);
	assert_int_equal(store_stamp(w->store, &rev, &gen), 0);
	assert_int_equal(found(w->store, w, w->base_id, "batched"), 0);
	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, w->base_id, vector_seen,
			     w), 0);
	assert_int_equal(store_segments_each(w->store, id, 0, 10,
			     segment_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	expect_audit(w, 0, 0);
	reopen(w);

	memset(&found_r, 0, sizeof(found_r));
	assert_int_equal(store_revision_building(w->store, id, r.hash, r.rule,
			     &found_r), 0);
	assert_int_equal(found_r.id, r.id);
	assert_int_equal(found_r.stored, 3);
	assert_int_equal(store_revision_building(w->store, id, r.hash,
			     r.rule - 1, &found_r), ERR_NOT_FOUND);

	/* Neither a batch again nor one too far. */
	begin(w);
	assert_int_equal(segments_put(w, &r, "batched", 2, 1), ERR_CONFLICT);
	store_rollback(w->store);
	begin(w);
	assert_int_equal(segments_put(w, &r, "batched", 4, 1), ERR_CONFLICT);
	store_rollback(w->store);
	begin(w);
	assert_int_equal(segments_put(w, &r, "batched", 3, 2), 0);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "batched"), 0);
	begin(w);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	commit(w);
	assert_int_equal(store_stamp(w->store, &rev, &gen2), 0);
	assert_true(gen2 > gen);
	assert_int_equal(found(w->store, w, w->base_id, "batched"), 5);
	assert_int_equal(store_segment_get(w->store, w->hit, segment_seen, w),
	    0);
	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, w->base_id, vector_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen), "0 1 2 3 4 ");
	seen_start(w);
	assert_int_equal(store_segments_each(w->store, id, 3, 10,
			     segment_seen, w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "3:batched common n3 4:batched common n4 ");
	expect_audit(w, 1, 5);
	expect_base(w, "docs:1/5 ");

	/* Published once; nothing can be added to it any more. */
	begin(w);
	assert_int_equal(store_revision_publish(w->store, &r, NOW),
	    ERR_CONFLICT);
	assert_int_equal(segments_put(w, &r, "batched", 5, 1), ERR_CONFLICT);
	store_rollback(w->store);
}

static void
test_index_again(void **state)
{
	struct world *w = *state;
	struct revision r;
	int64_t id, old_hit;

	begin(w);
	id = put_indexed(w, "file:///a", "oldword", 3, 1);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 3);
	old_hit = w->hit;
	begin(w);
	revision_begin(w, id, 2, &r);
	assert_int_equal(segments_put(w, &r, "newword", 0, 2), 0);
	commit(w);
	/* The old one answers while the new one is made. */
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 3);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "common"), 3);
	begin(w);
	assert_int_equal(store_revision_publish(w->store, &r, NOW + 1), 0);
	commit(w);
	assert_int_equal(found(w->store, w, w->base_id, "oldword"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 2);
	assert_int_equal(found(w->store, w, w->base_id, "common"), 2);
	assert_int_equal(store_segment_get(w->store, old_hit, segment_seen,
			     w), ERR_NOT_FOUND);
	expect_base(w, "docs:1/2 ");
	expect_audit(w, 1, 2);
	purge_all(w, 2);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 2);
	expect_audit(w, 1, 2);

	/* One begun and given up is never found, and is purged too. */
	begin(w);
	revision_begin(w, id, 3, &r);
	assert_int_equal(segments_put(w, &r, "givenup", 0, 2), 0);
	assert_int_equal(store_revision_abandon(w->store, id), 0);
	commit(w);
	assert_int_equal(store_revision_building(w->store, id, r.hash, r.rule,
			     &r), ERR_NOT_FOUND);
	purge_all(w, 100);
	assert_int_equal(found(w->store, w, w->base_id, "givenup"), 0);
	assert_int_equal(found(w->store, w, w->base_id, "newword"), 2);
}

static void
test_search(void **state)
{
	struct world *w = *state;
	static const char *const terms[] = {"alpha", "beta"};
	static const char *const odd[] = {"OR", "NOT", "a\"b", "*", "-x",
	    "NEAR(", "section:", "\xC3\xA4"};
	const char *no_terms = NULL;
	int64_t other;

	begin(w);
	(void)put_indexed(w, "file:///a", "alpha", 2, 1);
	(void)put_indexed(w, "file:///b", "beta alpha", 1, 2);
	other = add_base(w, 77, "other");
	commit(w);
	seen_start(w);
	assert_int_equal(store_search_terms(w->store, w->base_id, terms, 2, 1,
			     hit_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "3 "); /* it has both */
	assert_int_equal(found(w->store, w, w->base_id, "alpha"), 3);
	assert_int_equal(found(w->store, w, other, "alpha"), 0);
	/* Each is a term, none an operator; the section counts, too. */
	assert_int_equal(store_search_terms(w->store, w->base_id, odd, 8, 10,
			     hit_seen, w), 0);
	assert_int_equal(found(w->store, w, w->base_id, "part"), 3);
	assert_int_equal(store_search_terms(w->store, w->base_id, &no_terms,
			     0, 10, hit_seen, w), 0);
	assert_int_equal(store_search_terms(w->store, w->base_id, terms, 2, 0,
			     hit_seen, w), 0);
}

/* ---- what is deleted is gone ------------------------------------------ */

static void
test_delete_leaves_nothing(void **state)
{
	struct world *w = *state;
	int64_t gone;

	begin(w);
	(void)put_indexed(w, "file:///kept", "keptword", 20, 1);
	gone = put_indexed(w, "file:///secret-name", "zyxomatic", 40, 2);
	commit(w);
	assert_true(files_hold(w, "zyxomatic"));
	begin(w);
	assert_int_equal(store_document_delete(w->store, gone), 0);
	commit(w);
	{
		bool has_dead = false;

		assert_int_equal(store_revision_has_dead(w->store, &has_dead),
		    0);
		assert_true(has_dead);
	}
	/* At once for whoever asks, ... */
	assert_int_equal(found(w->store, w, w->base_id, "zyxomatic"), 0);
	expect_base(w, "docs:1/20 ");
	expect_audit(w, 1, 20);
	/* ... and after the clearing away for whoever reads the disk. */
	purge_all(w, 7);
	assert_true(merge_all(w) < 100);
	begin(w);
	assert_int_equal(store_search_optimize(w->store, w->base_id), 0);
	commit(w);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "zyxomatic"));
	assert_false(files_hold(w, "secret-name"));
	assert_true(files_hold(w, "keptword"));
	assert_int_equal(found(w->store, w, w->base_id, "keptword"), 20);
	assert_int_equal(found(w->store, w, w->base_id, "zyxomatic"), 0);
	expect_audit(w, 1, 20);
}

static void
test_delete_base(void **state)
{
	struct world *w = *state;
	struct store *r = reader(w);
	struct item item;
	struct job job, got;
	int64_t other, base_id = w->base_id;
	struct uuid uuid = uuid_make(1);

	begin(w);
	(void)put_indexed(w, "file:///gone-uri", "goneword", 30, 1);
	job = add_job(w, 50);
	item = add_item(w, job.id, 1, "gone-item", NULL);
	other = add_base(w, 78, "other");
	w->base_id = other;
	(void)put_indexed(w, "file:///kept", "keptword", 5, 2);
	commit(w);
	assert_int_equal(found(r, w, base_id, "goneword"), 30);
	begin(w);
	assert_int_equal(store_base_delete(w->store, base_id), 0);
	commit(w);
	expect_base(w, "other:1/5 ");
	assert_int_equal(store_base_find(w->store, 0, &uuid, NULL, base_seen,
			     w), ERR_NOT_FOUND);
	assert_int_equal(store_job_find(w->store, 0, &job.uuid, &got),
	    ERR_NOT_FOUND);
	assert_int_equal(store_item_get(w->store, item.id, item_copy, &item),
	    ERR_NOT_FOUND);
	seen_start(w);
	assert_int_equal(store_vectors_each(w->store, base_id, vector_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen), "");
	/* A reader that asks for it all the same gets an error, no answer. */
	{
		const char *term = "goneword";

		assert_true(store_search_terms(r, base_id, &term, 1, 10,
				hit_seen, w) < 0);
	}
	store_close(r);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "goneword"));
	assert_false(files_hold(w, "gone-uri"));
	assert_false(files_hold(w, "gone-item"));
	assert_true(files_hold(w, "keptword"));
	assert_int_equal(found(w->store, w, other, "keptword"), 5);
	/* Its name is free, its row is not used again. */
	begin(w);
	assert_true(add_base(w, 79, "docs") > other);
	commit(w);
}

static void
test_backup(void **state)
{
	struct world *w = *state;
	struct err_note note;
	char dir[80], path[96];

	begin(w);
	(void)put_indexed(w, "file:///a", "saved", 2, 1);
	commit(w);
	(void)snprintf(dir, sizeof(dir), "%s/copy", w->dir);
	(void)snprintf(path, sizeof(path), "%s/tidemark.db", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(store_backup(w->store, path, &note), 0);
	assert_true(store_backup(w->store, path, &note) < 0);
	store_close(w->store);
	assert_int_equal(store_open(dir, STORE_WRITER, &w->store, &note), 0);
	assert_int_equal(found(w->store, w, w->base_id, "saved"), 2);
	expect_audit(w, 1, 2);
}

/* A writer that dies between two commits: what was committed is there, what
 * was not is not, and the lock is free. */
static void
test_killed(void **state)
{
	struct world *w = *state;
	struct err_note note;
	int status;
	pid_t child;

	store_close(w->store);
	w->store = NULL;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (store_open(w->dir, STORE_WRITER, &w->store, &note) < 0)
			_exit(1);
		(void)store_begin(w->store, NULL);
		(void)put_indexed(w, "file:///a", "durable", 2, 1);
		(void)store_commit(w->store, NULL);
		(void)store_begin(w->store, NULL);
		(void)put_indexed(w, "file:///b", "volatile", 2, 2);
		_exit(42);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	assert_int_equal(store_open(w->dir, STORE_WRITER, &w->store, &note),
	    0);
	assert_int_equal(found(w->store, w, w->base_id, "durable"), 2);
	assert_int_equal(found(w->store, w, w->base_id, "volatile"), 0);
	expect_audit(w, 1, 2);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_open_again),
	    WORLD_TEST(test_versions),
	    WORLD_TEST(test_not_a_store),
	    WORLD_TEST(test_rollback),
	    WORLD_TEST(test_snapshot),
	    WORLD_TEST(test_keys),
	    WORLD_TEST(test_bases),
	    WORLD_TEST(test_job_round_trip),
	    WORLD_TEST(test_job_lists),
	    WORLD_TEST(test_item_moves),
	    WORLD_TEST(test_item_lists),
	    WORLD_TEST(test_documents),
	    WORLD_TEST(test_batches),
	    WORLD_TEST(test_index_again),
	    WORLD_TEST(test_search),
	    WORLD_TEST(test_delete_leaves_nothing),
	    WORLD_TEST(test_delete_base),
	    WORLD_TEST(test_backup),
	    WORLD_TEST(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
