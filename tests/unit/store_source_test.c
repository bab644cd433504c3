/* SPDX-License-Identifier: Apache-2.0 */
/* Sources, shares of jobs, schedules and objects as they are stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store_world.h"

#include "store/sqlite/sqlite_int.h"
#include "store/store_source.h"

static void
execute(struct world *w, const char *sql)
{
	assert_int_equal(sqlite3_exec(w->store->db, sql, NULL, NULL, NULL),
	    SQLITE_OK);
}

static int64_t
rows_of(struct world *w, const char *table)
{
	sqlite3_stmt *stmt = NULL;
	char sql[128];
	int64_t rows;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	assert_int_equal(sqlite3_prepare_v2(w->store->db, sql, -1, &stmt,
			     NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	rows = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return rows;
}

/* ---- sources ------------------------------------------------------------- */

static const char secret[] = "seal\0ed\xff";

static struct source
source_of(struct world *w, uint8_t n, enum source_kind kind,
    const char *config)
{
	return (struct source){.uuid = uuid_make(n), .base_id = w->base_id,
	    .kind = kind, .name = "a source", .config = config,
	    .settings = "{}", .created_us = NOW + n, .updated_us = NOW + n};
}

static int64_t
add_source(struct world *w, uint8_t n, enum source_kind kind,
    const char *config)
{
	struct source source = source_of(w, n, kind, config);
	int64_t id;

	assert_int_equal(store_source_add(w->store, &source, &id), 0);
	return id;
}

static int
source_seen(void *arg, const struct source *s)
{
	struct world *w = arg;
	int err;

	assert_true(s->base_id > 0);
	err = buf_printf(&w->seen, "%d:%s:%s:%s:%s:%d-%d:", (int)s->id,
	    source_kind_name(s->kind), s->name, s->config, s->settings,
	    (int)(s->created_us - NOW), (int)(s->updated_us - NOW));
	if (err == 0 && s->secret != NULL)
		err = buf_put(&w->seen, s->secret, s->secret_len);
	return err < 0 ? err : buf_putc(&w->seen, ' ');
}

static int
uuid_take(void *arg, const struct source *s)
{
	struct uuid *uuids = arg;

	uuids[0] = s->uuid;
	uuids[1] = s->base_uuid;
	return 0;
}

static void
expect_source(struct world *w, int64_t id, const char *wanted, size_t len)
{
	seen_start(w);
	assert_int_equal(store_source_get(w->store, id, source_seen, w), 0);
	assert_int_equal(w->seen.len, len);
	assert_memory_equal(w->seen.data, wanted, len);
}

#define EXPECT_SOURCE(w, id, wanted) \
	expect_source(w, id, wanted, sizeof(wanted) - 1)

static void
test_sources(void **state)
{
	struct world *w = *state;
	struct source source = source_of(w, 1, SOURCE_S3, "{\"bucket\":\"b\"}");
	struct uuid uuids[2], base = uuid_make(1);
	int64_t id, other;

	begin(w);
	source.secret = secret;
	source.secret_len = sizeof(secret);
	assert_int_equal(store_source_add(w->store, &source, &id), 0);
	assert_int_equal(id, 1);
	EXPECT_SOURCE(w, id,
	    "1:s3:a source:{\"bucket\":\"b\"}:{}:1-1:seal\0ed\xff\0 ");
	assert_int_equal(store_source_get(w->store, id, uuid_take, uuids), 0);
	assert_true(uuid_is_equal(&uuids[0], &source.uuid));
	assert_true(uuid_is_equal(&uuids[1], &base));
	assert_int_equal(store_source_add(w->store, &source, &other),
	    ERR_EXISTS);

	source.id = id;
	source.name = "another";
	source.config = "{\"bucket\":\"c\"}";
	source.secret = NULL;
	source.settings = "{\"empty\":\"index\"}";
	source.updated_us = NOW + 9;
	source.kind = SOURCE_WEB; /* is what it was */
	source.base_id = 99;
	assert_int_equal(store_source_save(w->store, &source), 0);
	EXPECT_SOURCE(w, id, "1:s3:another:{\"bucket\":\"c\"}:"
	    "{\"empty\":\"index\"}:1-9: ");
	source.id = 77;
	assert_int_equal(store_source_save(w->store, &source), ERR_NOT_FOUND);
	assert_int_equal(store_source_get(w->store, 77, source_seen, w),
	    ERR_NOT_FOUND);
	commit(w);
}

static void
test_source_lists(void **state)
{
	struct world *w = *state;
	struct uuid uuid = uuid_make(2);
	int64_t base = w->base_id, second;
	uint64_t count;

	begin(w);
	(void)add_source(w, 1, SOURCE_S3, "{\"bucket\":\"b\"}");
	second = add_source(w, 2, SOURCE_WEB, "{\"url\":\"findmelater\"}");
	(void)add_source(w, 3, SOURCE_UPLOAD, "{\"key\":\"k\"}");
	w->base_id = add_base(w, 2, "other");
	(void)add_source(w, 4, SOURCE_WEB, "{}");
	commit(w);

	seen_start(w);
	assert_int_equal(store_sources_page(w->store, base, 1, 2, source_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen),
	    "2:web:a source:{\"url\":\"findmelater\"}:{}:2-2: "
	    "3:upload:a source:{\"key\":\"k\"}:{}:3-3: ");
	assert_int_equal(store_sources_count(w->store, base, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(store_sources_count(w->store, 99, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_source_find(w->store, w->base_id, &uuid,
			     source_seen, w), ERR_NOT_FOUND);
	seen_start(w);
	assert_int_equal(store_source_find(w->store, base, &uuid, source_seen,
			     w), 0);
	assert_int_equal(strncmp(buf_text(&w->seen), "2:web", 5), 0);

	begin(w);
	assert_int_equal(store_source_delete(w->store, second), 0);
	assert_int_equal(store_source_delete(w->store, second),
	    ERR_NOT_FOUND);
	commit(w);
	assert_int_equal(store_source_find(w->store, base, &uuid, source_seen,
			     w), ERR_NOT_FOUND);
	assert_int_equal(store_checkpoint(w->store, true), 0);
	assert_false(files_hold(w, "findmelater"));
	execute(w, "UPDATE source SET kind = 9");
	assert_int_equal(store_source_get(w->store, 1, source_seen, w),
	    ERR_CORRUPT);
}

/* ---- what came from a source -------------------------------------------- */

static int64_t
add_item_from(struct world *w, int64_t job_id, uint32_t seq,
    int64_t document_id, int64_t source_id, const char *etag)
{
	struct item_row row;

	memset(&row, 0, sizeof(row));
	row.uri = row.name = "x";
	row.metadata = "{}";
	row.etag = etag;
	row.item.job_id = job_id;
	row.item.seq = seq;
	row.item.document_id = document_id;
	row.item.source_id = source_id;
	row.item.state = ITEM_QUEUED;
	row.item.attempt = 1;
	row.item.rev = store_next_rev(w->store);
	assert_int_equal(store_item_add(w->store, &row, &row.item.id), 0);
	return row.item.id;
}

static int
item_tag_seen(void *arg, const struct item_row *row)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%d:%s ", (int)row->item.source_id,
	    row->etag);
}

static int
document_tag_seen(void *arg, const struct document *document)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%d:%s ", (int)document->source_id,
	    document->etag);
}

static void
expect_tag(struct world *w, int64_t document_id, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_document_get(w->store, document_id,
			     document_tag_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

/* A document has the tag of what is indexed of it, not of what was found. */
static void
test_tags(void **state)
{
	struct world *w = *state;
	struct revision r;
	int64_t job, document, one, two;

	begin(w);
	job = add_job(w, 7).id;
	document = put_document(w, "s3://b/x", job);
	expect_tag(w, document, "0: ");
	one = add_item_from(w, job, 1, document, 5, "\"v1\"");
	two = add_item_from(w, job, 2, document, 5, NULL);
	seen_start(w);
	assert_int_equal(store_items_open(w->store, job, 0, 10, item_tag_seen,
			     w), 0);
	assert_string_equal(buf_text(&w->seen), "5:\"v1\" 5: ");
	assert_int_equal(store_document_origin(w->store, document, 5), 0);
	expect_tag(w, document, "5: ");

	revision_begin(w, document, 1, &r);
	assert_int_equal(segments_put(w, &r, "w", 0, 1), 0);
	r.item_id = one;
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	expect_tag(w, document, "5:\"v1\" ");
	assert_int_equal(store_document_touch(w->store, document, 1, 2, job),
	    0);
	expect_tag(w, document, "5:\"v1\" ");
	assert_int_equal(store_document_retag(w->store, document, two), 0);
	expect_tag(w, document, "5: ");
	assert_int_equal(store_document_retag(w->store, document, one), 0);
	expect_tag(w, document, "5:\"v1\" ");

	/* Content that came another way has no tag. */
	revision_begin(w, document, 2, &r);
	assert_int_equal(segments_put(w, &r, "w", 0, 1), 0);
	assert_int_equal(store_revision_publish(w->store, &r, NOW), 0);
	expect_tag(w, document, "5: ");
	assert_int_equal(store_document_retag(w->store, document, 999), 0);
	expect_tag(w, document, "5: ");
	commit(w);
}

static void
expect_documents(struct world *w, int64_t source_id, int64_t unseen_job,
    int64_t after_id, size_t limit, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_source_documents(w->store, source_id,
			     unseen_job, after_id, limit, document_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static void
test_source_documents(void **state)
{
	struct world *w = *state;
	int64_t ids[5], member;
	int i;

	begin(w);
	for (i = 0; i < 5; i++) {
		char uri[2] = {(char)('a' + i), '\0'};

		ids[i] = put_document(w, uri, i % 2 == 0 ? 7 : 8);
		assert_int_equal(store_document_origin(w->store, ids[i],
				     i == 4 ? 6 : 5), 0);
	}
	assert_int_equal(store_document_put(w->store, w->base_id, "a#m", "m",
			     "{}", 8, ids[0], NOW, &member), 0);
	assert_int_equal(store_document_origin(w->store, member, 5), 0);
	(void)put_document(w, "none", 8);
	commit(w);
	expect_documents(w, 5, 0, 0, 10, "a:0 b:0 c:0 d:0 ");
	expect_documents(w, 5, 7, 0, 10, "b:0 d:0 ");
	expect_documents(w, 5, 8, 0, 10, "a:0 c:0 ");
	expect_documents(w, 5, 0, ids[0], 2, "b:0 c:0 ");
	expect_documents(w, 6, 0, 0, 10, "e:0 ");
	expect_documents(w, 0, 0, 0, 10, "");
}

/* ---- shares -------------------------------------------------------------- */

/* Each member with a value of its own. */
static struct share
share_of(int64_t job_id, int64_t source_id, uint64_t n)
{
	struct share share;

	memset(&share, 0, sizeof(share));
	share.job_id = job_id;
	share.source_id = source_id;
	share.source_uuid = uuid_make((uint8_t)source_id);
	share.scan = SCAN_FAILED;
	share.counts = (struct counts){n + 1, n + 2, n + 3, n + 4, n + 5,
	    n + 6, n + 7};
	share.removed = n + 8;
	share.unchanged = n + 9;
	share.empty = n + 10;
	share.bytes_total = n + 11 + (1ULL << 40);
	share.bytes_completed = n + 12;
	share.characters = n + 13;
	share.code = ITEM_CODE_SOURCE_ACCESS_DENIED;
	(void)snprintf(share.message, sizeof(share.message), "no %d", (int)n);
	share.started_us = NOW;
	share.finished_us = NOW + 1;
	return share;
}

static int
share_seen(void *arg, const struct share *share)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%d/%d:%s ", (int)share->job_id,
	    (int)share->source_id, share->message);
}

static void
test_shares(void **state)
{
	struct world *w = *state;
	struct share share = share_of(3, 5, 100), got;

	begin(w);
	assert_int_equal(store_share_get(w->store, 3, 5, &got),
	    ERR_NOT_FOUND);
	assert_int_equal(store_share_save(w->store, &share), 0);
	assert_int_equal(store_share_get(w->store, 3, 5, &got), 0);
	assert_memory_equal(&got, &share, sizeof(got));
	share = share_of(3, 5, 200);
	share.scan = SCAN_DONE;
	share.code = ITEM_CODE_NONE;
	assert_int_equal(store_share_save(w->store, &share), 0);
	assert_int_equal(store_share_get(w->store, 3, 5, &got), 0);
	assert_memory_equal(&got, &share, sizeof(got));
	assert_int_equal(rows_of(w, "share"), 1);

	share = share_of(3, 4, 1);
	assert_int_equal(store_share_save(w->store, &share), 0);
	share = share_of(4, 5, 2);
	assert_int_equal(store_share_save(w->store, &share), 0);
	commit(w);
	seen_start(w);
	assert_int_equal(store_shares_each(w->store, 3, share_seen, w), 0);
	assert_string_equal(buf_text(&w->seen), "3/4:no 1 3/5:no 200 ");
	assert_int_equal(store_share_newest(w->store, 5, &got), 0);
	assert_int_equal(got.job_id, 4);
	assert_int_equal(store_share_newest(w->store, 4, &got), 0);
	assert_int_equal(got.job_id, 3);
	assert_int_equal(store_share_newest(w->store, 6, &got),
	    ERR_NOT_FOUND);
	assert_int_equal(got.job_id, 3);

	begin(w);
	share = share_of(9, 9, 1);
	assert_int_equal(store_share_save(w->store, &share), 0);
	store_rollback(w->store);
	assert_int_equal(store_share_get(w->store, 9, 9, &got),
	    ERR_NOT_FOUND);
	execute(w, "UPDATE share SET scan = 9 WHERE job_id = 4");
	assert_int_equal(store_share_get(w->store, 4, 5, &got), ERR_CORRUPT);
	execute(w, "UPDATE share SET scan = 1, code = 99 WHERE job_id = 4");
	assert_int_equal(store_share_get(w->store, 4, 5, &got), ERR_CORRUPT);
	assert_int_equal(store_shares_each(w->store, 4, share_seen, w),
	    ERR_CORRUPT);
}

/* ---- schedules ----------------------------------------------------------- */

static int
schedule_seen(void *arg, const struct schedule *schedule)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%d@%d ", (int)schedule->id,
	    (int)schedule->next_us);
}

static void
expect_due(struct world *w, int64_t now, const char *wanted)
{
	seen_start(w);
	assert_int_equal(store_schedules_due(w->store, now, schedule_seen, w),
	    0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static int64_t
add_schedule(struct world *w, uint8_t n, int64_t base_id, int64_t next_us,
    struct schedule *schedule)
{
	*schedule = (struct schedule){.uuid = uuid_make(n),
	    .account_id = 12345, .base_id = base_id, .minute = 1439,
	    .days = 0x7f, .dialect = DIALECT_DIFY, .is_active = true,
	    .created_us = NOW,
	    .updated_us = NOW + 1, .ran_us = NOW + 2, .next_us = next_us};
	assert_int_equal(store_schedule_add(w->store, schedule,
			     &schedule->id), 0);
	return schedule->id;
}

static void
test_schedules(void **state)
{
	struct world *w = *state;
	struct schedule one, two, three, got;
	int64_t next = 7, id;

	assert_int_equal(store_schedule_next(w->store, &next), 0);
	assert_int_equal(next, 0);
	begin(w);
	memset(&one, 0, sizeof(one));
	(void)add_schedule(w, 1, w->base_id, 300, &one);
	(void)add_schedule(w, 2, add_base(w, 2, "b"), 100, &two);
	(void)add_schedule(w, 3, add_base(w, 3, "c"), 200, &three);
	one.uuid = uuid_make(9);
	assert_int_equal(store_schedule_add(w->store, &one, &id), ERR_EXISTS);
	commit(w);

	assert_int_equal(store_schedule_of_base(w->store, w->base_id, &got),
	    0);
	assert_int_equal(got.id, one.id);
	assert_int_equal(got.account_id, w->account_id);
	one.uuid = uuid_make(1);
	assert_true(uuid_is_equal(&got.uuid, &one.uuid));
	one.base_uuid = uuid_make(1);
	assert_true(uuid_is_equal(&got.base_uuid, &one.base_uuid));
	assert_int_equal(got.minute, 1439);
	assert_int_equal(got.days, 0x7f);
	assert_int_equal(got.dialect, DIALECT_DIFY);
	assert_true(got.is_active);
	assert_int_equal(got.created_us, NOW);
	assert_int_equal(got.updated_us, NOW + 1);
	assert_int_equal(got.ran_us, NOW + 2);
	assert_int_equal(got.next_us, 300);
	assert_int_equal(store_schedule_find(w->store, w->account_id,
			     &two.uuid, &got), 0);
	assert_int_equal(got.id, two.id);
	assert_int_equal(store_schedule_find(w->store, w->account_id + 1,
			     &two.uuid, &got), ERR_NOT_FOUND);
	assert_int_equal(store_schedule_of_base(w->store, 99, &got),
	    ERR_NOT_FOUND);

	expect_due(w, 99, "");
	expect_due(w, 200, "2@100 3@200 ");
	assert_int_equal(store_schedule_next(w->store, &next), 0);
	assert_int_equal(next, 100);
	begin(w);
	two.is_active = false;
	assert_int_equal(store_schedule_save(w->store, &two), 0);
	three.minute = 5;
	three.next_us = 400;
	assert_int_equal(store_schedule_save(w->store, &three), 0);
	commit(w);
	expect_due(w, 1000, "1@300 3@400 ");
	assert_int_equal(store_schedule_next(w->store, &next), 0);
	assert_int_equal(next, 300);
	begin(w);
	assert_int_equal(store_schedule_delete(w->store, one.id), 0);
	assert_int_equal(store_schedule_delete(w->store, one.id),
	    ERR_NOT_FOUND);
	assert_int_equal(store_schedule_save(w->store, &one), ERR_NOT_FOUND);
	commit(w);
	expect_due(w, 1000, "3@400 ");
}

/* ---- objects ------------------------------------------------------------- */

static void
put_object(struct world *w, const char *key, uint8_t n, int64_t created_us)
{
	struct object object = {.account_id = w->account_id, .key = key,
	    .name = "a.pdf", .bytes = n, .created_us = created_us};

	memset(object.hash, n, HASH_SIZE);
	assert_int_equal(store_object_put(w->store, &object), 0);
}

static int
object_seen(void *arg, const struct object *o)
{
	struct world *w = arg;

	return buf_printf(&w->seen, "%s:%s:%u:%u:%d ", o->key, o->name,
	    o->hash[31], (unsigned)o->bytes, (int)o->created_us);
}

static void
expect_object(struct world *w, const char *key, const char *wanted)
{
	int err;

	seen_start(w);
	err = store_object_get(w->store, w->account_id, key, object_seen, w);
	assert_int_equal(err, wanted[0] == '\0' ? ERR_NOT_FOUND : 0);
	assert_string_equal(buf_text(&w->seen), wanted);
}

static void
test_objects(void **state)
{
	struct world *w = *state;
	char key[OBJECT_KEY_BYTES_MAX + 1];
	struct object object = {.account_id = w->account_id, .name = "n"};
	struct account other = {.uuid = uuid_make(77), .name = "other"};
	int64_t account = w->account_id;

	begin(w);
	put_object(w, "k", 1, 10);
	expect_object(w, "k", "k:a.pdf:1:1:10 ");
	put_object(w, "k", 2, 20);
	expect_object(w, "k", "k:a.pdf:2:2:20 ");
	expect_object(w, "K", "");
	other.organization = other.uuid;
	assert_int_equal(store_account_add(w->store, &other,
			     &w->account_id), 0);
	expect_object(w, "k", "");
	w->account_id = account;
	memset(key, 'k', sizeof(key));
	key[OBJECT_KEY_BYTES_MAX] = '\0';
	object.key = key;
	assert_int_equal(store_object_put(w->store, &object), ERR_TOO_BIG);
	key[OBJECT_KEY_BYTES_MAX - 1] = '\0';
	assert_int_equal(store_object_put(w->store, &object), 0);
	assert_int_equal(rows_of(w, "object"), 2);
	commit(w);
}

static unsigned
collect_all(struct world *w, int64_t before_us, size_t limit)
{
	bool is_more = true;
	unsigned rounds;

	for (rounds = 0; is_more; rounds++) {
		assert_true(rounds < 100);
		begin(w);
		assert_int_equal(store_objects_collect(w->store, before_us,
				     limit, &is_more), 0);
		commit(w);
	}
	return rounds;
}

static void
test_objects_are_collected(void **state)
{
	struct world *w = *state;
	struct source source;
	struct account other = {.uuid = uuid_make(77), .name = "other"};
	int64_t account = w->account_id, base = w->base_id;
	bool is_more;

	begin(w);
	put_object(w, "named", 1, 10);
	put_object(w, "old", 2, 10);
	put_object(w, "young", 3, 30);
	put_object(w, "elsewhere", 4, 10);
	source = source_of(w, 1, SOURCE_UPLOAD, "{\"key\":\"other\"}");
	assert_int_equal(store_source_add(w->store, &source, &source.id), 0);
	/* What it names may change, and only an upload names any. */
	source.config = "{\"key\":\"named\",\"name\":\"a.pdf\"}";
	assert_int_equal(store_source_save(w->store, &source), 0);
	(void)add_source(w, 2, SOURCE_WEB, "{\"key\":\"old\"}");
	(void)add_source(w, 3, SOURCE_UPLOAD, "not JSON");
	other.organization = other.uuid;
	assert_int_equal(store_account_add(w->store, &other,
			     &w->account_id), 0);
	w->base_id = add_base(w, 3, "base");
	(void)add_source(w, 4, SOURCE_UPLOAD, "{\"key\":\"elsewhere\"}");
	w->account_id = account;
	w->base_id = base;
	commit(w);

	/* What a rollback brings back goes in the next round. */
	begin(w);
	assert_int_equal(store_objects_collect(w->store, 20, 4, &is_more), 0);
	assert_true(is_more);
	assert_int_equal(rows_of(w, "object"), 2);
	store_rollback(w->store);
	assert_int_equal(rows_of(w, "object"), 4);
	assert_int_equal(collect_all(w, 20, 2), 1); /* behind the last one */
	assert_int_equal(collect_all(w, 20, 2), 3);
	expect_object(w, "named", "named:a.pdf:1:1:10 ");
	expect_object(w, "old", "");
	expect_object(w, "elsewhere", "");
	expect_object(w, "young", "young:a.pdf:3:3:30 ");
	begin(w);
	assert_int_equal(store_source_delete(w->store, source.id), 0);
	commit(w);
	assert_int_equal(collect_all(w, 20, 100), 1);
	expect_object(w, "named", "");
	assert_int_equal(rows_of(w, "object"), 1);
}

/* An object keeps its bytes, in a file or in the store. */
static void
test_objects_keep_blobs(void **state)
{
	struct world *w = *state;
	uint8_t hash[HASH_SIZE];
	bool is_used, is_more;

	memset(hash, 1, sizeof(hash));
	begin(w);
	assert_int_equal(store_small_blob_put(w->store, hash, "x", 1), 0);
	assert_int_equal(store_blob_is_used(w->store, hash, &is_used), 0);
	assert_false(is_used);
	put_object(w, "k", 1, 10);
	assert_int_equal(store_blob_is_used(w->store, hash, &is_used), 0);
	assert_true(is_used);
	assert_int_equal(store_small_blobs_collect(w->store, 10, &is_more),
	    0);
	assert_int_equal(rows_of(w, "small_blob"), 1);
	commit(w);
	(void)collect_all(w, 20, 10);
	begin(w);
	assert_int_equal(store_blob_is_used(w->store, hash, &is_used), 0);
	assert_false(is_used);
	assert_int_equal(store_small_blobs_collect(w->store, 10, &is_more),
	    0);
	assert_int_equal(rows_of(w, "small_blob"), 0);
	commit(w);
}

/* ---- bases --------------------------------------------------------------- */

static void
test_base_delete(void **state)
{
	struct world *w = *state;
	int64_t base = w->base_id, source;
	struct schedule schedule;
	struct share share;
	uint8_t n;

	begin(w);
	for (n = 1; n <= 2; n++) {
		if (n == 2)
			w->base_id = add_base(w, 2, "other");
		source = add_source(w, n, SOURCE_WEB, "{}");
		(void)add_schedule(w, n, w->base_id, 100, &schedule);
		share = share_of(add_job(w, n).id, source, 1);
		assert_int_equal(store_share_save(w->store, &share), 0);
	}
	commit(w);
	begin(w);
	assert_int_equal(store_base_delete(w->store, base), 0);
	commit(w);
	assert_int_equal(rows_of(w, "base"), 1);
	assert_int_equal(rows_of(w, "source"), 1);
	assert_int_equal(rows_of(w, "schedule"), 1);
	assert_int_equal(rows_of(w, "share"), 1);
	assert_int_equal(store_share_get(w->store, share.job_id,
			     share.source_id, &share), 0);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_sources),
	    WORLD_TEST(test_source_lists),
	    WORLD_TEST(test_tags),
	    WORLD_TEST(test_source_documents),
	    WORLD_TEST(test_shares),
	    WORLD_TEST(test_schedules),
	    WORLD_TEST(test_objects),
	    WORLD_TEST(test_objects_are_collected),
	    WORLD_TEST(test_objects_keep_blobs),
	    WORLD_TEST(test_base_delete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
