/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/native/native_view.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/jsonw.h"
#include "engine/engine.h"
#include "model/item.h"
#include "model/job.h"
#include "store/store.h"

static void
view_uuid(struct jsonw *w, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jsonw_nstring(w, name, text);
}

/* The uuid of a row that may be none (0). */
static void
view_row_uuid(struct jsonw *w, const char *name, const struct uuid *parent,
    int64_t row)
{
	struct uuid uuid;

	if (row <= 0) {
		jsonw_nnull(w, name);
		return;
	}
	uuid = uuid_of_row(parent, (uint64_t)row);
	view_uuid(w, name, &uuid);
}

/* JSON as it is stored; an empty one instead of none. */
static void
view_json(struct jsonw *w, const char *name, const char *json,
    const char *empty)
{
	if (json == NULL || json[0] != empty[0])
		json = empty;
	jsonw_name(w, name);
	jsonw_raw(w, json, strlen(json));
}

/* A text or, when there is none, null. */
static void
view_text(struct jsonw *w, const char *name, const char *text)
{
	jsonw_nstring(w, name, text == NULL || text[0] == '\0' ? NULL : text);
}

static void
view_pair(struct jsonw *w, const char *name, const char *first,
    const char *second, uint64_t a, uint64_t b)
{
	jsonw_name(w, name);
	jsonw_object(w);
	jsonw_nuint(w, first, a);
	jsonw_nuint(w, second, b);
	jsonw_object_end(w);
}

/* What it was asked for, and how it stands with that. */
static void
view_model(struct jsonw *w, const struct base *base)
{
	jsonw_nstring(w, "embedding_model", base->embedding_model);
	if (base->embedding_dimensions == 0)
		jsonw_nnull(w, "embedding_dimensions");
	else
		jsonw_nuint(w, "embedding_dimensions",
		    base->embedding_dimensions);
	jsonw_nstring(w, "embedder", base->embedder);
	jsonw_nstring(w, "changing_to",
	    base->wanted_id == base->embedder_id ? NULL : base->wanted);
}

void
native_view_base(struct jsonw *w, const struct base *base,
    const struct job *job)
{
	jsonw_object(w);
	view_uuid(w, "id", &base->uuid);
	jsonw_nstring(w, "name", base->name);
	jsonw_nstring(w, "description", base->description);
	view_json(w, "settings", base->settings, "{}");
	view_model(w, base);
	jsonw_nuint(w, "documents", base->documents);
	jsonw_nuint(w, "segments", base->segments);
	jsonw_ntime(w, "created_at", base->created_us);
	jsonw_ntime(w, "updated_at", base->updated_us);
	if (job != NULL) {
		jsonw_name(w, "job");
		native_view_job(w, job, NULL);
	}
	jsonw_object_end(w);
}

static void
view_counts(struct jsonw *w, const struct counts *counts)
{
	jsonw_name(w, "counts");
	jsonw_object(w);
	jsonw_nuint(w, "total", counts->total);
	jsonw_nuint(w, "queued", counts->queued);
	jsonw_nuint(w, "processing", counts->processing);
	jsonw_nuint(w, "completed", counts->completed);
	jsonw_nuint(w, "failed", counts->failed);
	jsonw_nuint(w, "skipped", counts->skipped);
	jsonw_nuint(w, "cancelled", counts->cancelled);
	jsonw_object_end(w);
}

static void
view_stages(struct jsonw *w, const struct stage_stats stages[STAGE_COUNT])
{
	jsonw_name(w, "stages");
	jsonw_array(w);
	for (int i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		jsonw_object(w);
		jsonw_nstring(w, "name", stage_name((enum stage)i));
		jsonw_nuint(w, "items", stages[i].items);
		jsonw_nuint(w, "done", stages[i].done);
		jsonw_nreal(w, "seconds", (double)stages[i].busy_us / 1e6, 6);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
view_pace(struct jsonw *w, const struct job *job, const struct job_pace *pace)
{
	bool is_final = job_state_is_final(job->state);

	if (pace == NULL || !pace->is_known || is_final) {
		jsonw_nnull(w, "eta");
	} else {
		jsonw_name(w, "eta");
		jsonw_object(w);
		jsonw_nreal(w, "seconds", pace->seconds, 1);
		jsonw_nreal(w, "low", pace->low, 1);
		jsonw_nreal(w, "high", pace->high, 1);
		jsonw_object_end(w);
	}
	jsonw_name(w, "throughput");
	jsonw_object(w);
	jsonw_nreal(w, "items_per_second",
	    pace == NULL ? 0 : pace->items_per_second, 1);
	jsonw_nreal(w, "bytes_per_second",
	    pace == NULL ? 0 : pace->bytes_per_second, 0);
	jsonw_object_end(w);
}

static void
view_job_error(struct jsonw *w, const struct job *job)
{
	if (job->code == ITEM_CODE_NONE) {
		jsonw_nnull(w, "error");
		return;
	}
	jsonw_name(w, "error");
	jsonw_object(w);
	jsonw_nstring(w, "code", item_code_name(job->code));
	jsonw_nstring(w, "message", job->message[0] != '\0'
	    ? job->message : item_code_text(job->code));
	jsonw_object_end(w);
}

/* A link out of fixed parts and uuids: nothing in it needs an escape. */
static void
view_link(struct jsonw *w, const char *name, const char *a, const char *b,
    const char *c)
{
	char link[256];
	int len;

	len = snprintf(link, sizeof(link), "%s%s%s", a, b, c);
	jsonw_name(w, name);
	jsonw_stringn(w, link, (size_t)len);
}

static void
view_links(struct jsonw *w, const struct job *job)
{
	static const char self[] = "/tidemark/v1/jobs/";
	char id[UUID_TEXT_SIZE], base[UUID_TEXT_SIZE], path[128];

	uuid_format(&job->uuid, id);
	uuid_format(&job->base_uuid, base);
	jsonw_name(w, "links");
	jsonw_object(w);
	view_link(w, "self", self, id, "");
	view_link(w, "items", self, id, "/items");
	view_link(w, "events", self, id, "/events");
	view_link(w, "report", self, id, "/report.csv");
	(void)snprintf(path, sizeof(path), "%s/documents/%s", base,
	    job->batch);
	view_link(w, "dify", "/v1/datasets/", path, "/indexing-status");
	view_link(w, "digitalocean", "/v2/gen-ai/indexing_jobs/", id, "");
	(void)snprintf(path, sizeof(path), "%s_%s", job_kind_name(job->kind),
	    id);
	view_link(w, "captain", "/v2/jobs/job_", path, "");
	view_link(w, "cognee", "/api/v1/datasets/status?dataset=", base, "");
	jsonw_object_end(w);
}

void
native_view_job(struct jsonw *w, const struct job *job,
    const struct job_pace *pace)
{
	jsonw_object(w);
	view_uuid(w, "id", &job->uuid);
	jsonw_nstring(w, "base", job->base_name);
	view_uuid(w, "base_id", &job->base_uuid);
	jsonw_nstring(w, "batch", job->batch);
	jsonw_nstring(w, "kind", job_kind_name(job->kind));
	jsonw_nstring(w, "dialect", dialect_name(job->dialect));
	jsonw_nstring(w, "state", job_state_name(job->state));
	jsonw_nint(w, "revision", job->rev);
	jsonw_nint(w, "generation", job->generation);
	view_counts(w, &job->counts);
	view_pair(w, "bytes", "total", "done", job->bytes_total,
	    job->bytes_done);
	view_pair(w, "segments", "total", "completed", job->segments_total,
	    job->segments_completed);
	jsonw_nuint(w, "embedding_tokens", job->embedding_tokens);
	view_stages(w, job->stages);
	jsonw_nreal(w, "percent", (double)job->percent_hundredths / 100, 2);
	view_pace(w, job, pace);
	jsonw_nstring(w, "waiting_for", waiting_for_name(job->waiting_for));
	jsonw_nuint(w, "attempt", job->attempt);
	view_text(w, "cancelled_by", job->cancelled_by);
	view_job_error(w, job);
	jsonw_ntime(w, "created_at", job->created_us);
	jsonw_ntime(w, "started_at", job->started_us);
	jsonw_ntime(w, "updated_at", job->updated_us);
	jsonw_ntime(w, "finished_at", job->finished_us);
	jsonw_ntime(w, "undone_at", job->undone_us);
	jsonw_ntime(w, "undo_until", pace == NULL ? 0 : pace->undo_until_us);
	view_links(w, job);
	jsonw_object_end(w);
}

static void
view_stage(struct jsonw *w, const char *name, enum stage stage)
{
	jsonw_nstring(w, name, stage == STAGE_NONE ? NULL : stage_name(stage));
}

static const char *
item_words(const struct item *item)
{
	return item->message[0] != '\0' ? item->message
					: item_code_text(item->code);
}

static void
view_item_error(struct jsonw *w, const struct item *item)
{
	if (item->code == ITEM_CODE_NONE) {
		jsonw_nnull(w, "error");
		return;
	}
	jsonw_name(w, "error");
	jsonw_object(w);
	jsonw_nstring(w, "code", item_code_name(item->code));
	jsonw_nstring(w, "message", item_words(item));
	view_stage(w, "stage", item->error_stage);
	jsonw_nstring(w, "advice", item_code_advice(item->code));
	jsonw_object_end(w);
}

static void
view_item_times(struct jsonw *w, const struct item *item)
{
	char name[32];

	jsonw_name(w, "times");
	jsonw_object(w);
	jsonw_ntime(w, "queued_at", item->queued_us);
	for (int i = STAGE_EXTRACTING; i < STAGE_COUNT; i++) {
		if (item->steps[i].start_us == 0)
			continue;
		(void)snprintf(name, sizeof(name), "%s_at",
		    stage_name((enum stage)i));
		jsonw_ntime(w, name, item->steps[i].start_us);
	}
	if (item->finished_us != 0)
		jsonw_ntime(w, "finished_at", item->finished_us);
	jsonw_object_end(w);
}

void
native_view_item(struct jsonw *w, const struct item_row *row)
{
	const struct item *item = &row->item;

	jsonw_object(w);
	view_row_uuid(w, "id", &row->job_uuid, item->id);
	jsonw_nuint(w, "seq", item->seq);
	jsonw_nstring(w, "uri", row->uri);
	jsonw_nstring(w, "name", row->name);
	view_row_uuid(w, "document_id", &row->base_uuid, item->document_id);
	view_row_uuid(w, "parent_id", &row->base_uuid, item->parent_id);
	jsonw_nstring(w, "state", item_state_name(item->state));
	view_stage(w, "stage", item->stage);
	jsonw_nuint(w, "attempt", item->attempt);
	jsonw_nuint(w, "bytes", item->bytes);
	view_pair(w, "segments", "total", "completed", item->segments_total,
	    item->segments_completed);
	jsonw_nstring(w, "waiting_for", waiting_for_name(item->waiting_for));
	view_item_error(w, item);
	view_item_times(w, item);
	jsonw_ntime(w, "updated_at", item->updated_us);
	jsonw_object_end(w);
}

static void
view_hash(struct jsonw *w, const char *name, const uint8_t hash[HASH_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char text[HASH_SIZE * 2];

	for (size_t i = 0; i < HASH_SIZE; i++) {
		text[2 * i] = digits[hash[i] >> 4];
		text[2 * i + 1] = digits[hash[i] & 15];
	}
	jsonw_name(w, name);
	jsonw_stringn(w, text, sizeof(text));
}

/* What its live revision is. */
static void
view_revision(struct jsonw *w, const struct document *document)
{
	view_hash(w, "sha256", document->hash);
	jsonw_nuint(w, "segments", document->segments);
	jsonw_nuint(w, "characters", document->characters);
	if (document->pages == 0)
		jsonw_nnull(w, "pages");
	else
		jsonw_nuint(w, "pages", document->pages);
	view_text(w, "title", document->title);
	view_text(w, "media_type", document->media_type);
	view_text(w, "language", document->language);
	view_json(w, "keyphrases", document->keyphrases, "[]");
	view_text(w, "summary", document->summary);
}

void
native_view_document(struct jsonw *w, const struct document *document,
    const struct native_document_more *more)
{
	const struct item_row *row = more->item;

	jsonw_object(w);
	view_row_uuid(w, "id", &document->base_uuid, document->id);
	view_uuid(w, "base_id", &document->base_uuid);
	jsonw_nstring(w, "name", document->name);
	jsonw_nstring(w, "uri", document->uri);
	view_row_uuid(w, "parent_id", &document->base_uuid,
	    document->parent_id);
	view_json(w, "metadata", document->metadata, "{}");
	if (document->item_id == 0)
		jsonw_nnull(w, "state");
	else
		jsonw_nstring(w, "state",
		    item_state_name(document->item_state));
	jsonw_nstring(w, "code", document->item_code == ITEM_CODE_NONE
	    ? NULL : item_code_name(document->item_code));
	if (row == NULL)
		jsonw_nnull(w, "error");
	else
		view_item_error(w, &row->item);
	jsonw_nbool(w, "has_members", more->has_members);
	jsonw_nbool(w, "is_indexed", document->revision_id != 0);
	jsonw_nuint(w, "bytes", document->bytes);
	jsonw_ntime(w, "modified_at", document->mtime_us);
	if (document->revision_id != 0)
		view_revision(w, document);
	jsonw_ntime(w, "created_at", document->created_us);
	jsonw_ntime(w, "updated_at", document->updated_us);
	jsonw_ntime(w, "indexed_at", document->indexed_us);
	if (row != NULL && more->shows_item) {
		view_uuid(w, "job_id", &row->job_uuid);
		jsonw_name(w, "item");
		native_view_item(w, row);
	}
	jsonw_object_end(w);
}

static void
view_section(struct jsonw *w, const char *section)
{
	size_t len;

	jsonw_name(w, "section");
	jsonw_array(w);
	while (section != NULL && *section != '\0') {
		len = strcspn(section, "\x1F");
		jsonw_stringn(w, section, len);
		section += len;
		section += *section == '\x1F';
	}
	jsonw_array_end(w);
}

static void
view_page(struct jsonw *w, const char *name, uint32_t page)
{
	if (page == 0)
		jsonw_nnull(w, name);
	else
		jsonw_nuint(w, name, page);
}

void
native_view_segment(struct jsonw *w, const struct uuid *document,
    const struct segment *segment)
{
	jsonw_object(w);
	view_row_uuid(w, "id", document, segment->id);
	view_uuid(w, "document_id", document);
	jsonw_nuint(w, "position", segment->ordinal);
	jsonw_name(w, "text");
	jsonw_stringn(w, segment->text, segment->text_len);
	jsonw_nuint(w, "characters", segment->chars);
	view_section(w, segment->section);
	view_page(w, "page_start", segment->page_start);
	view_page(w, "page_end", segment->page_end);
	jsonw_nbool(w, "is_enabled", segment->disabled_us == 0);
	jsonw_nstring(w, "answer", segment->answer);
	view_json(w, "keywords", segment->keywords, "[]");
}

void
native_view_child(struct jsonw *w, const struct uuid *segment,
    const struct child *child)
{
	jsonw_object(w);
	view_row_uuid(w, "id", segment, child->id);
	jsonw_nuint(w, "position", child->ordinal);
	jsonw_name(w, "text");
	jsonw_stringn(w, child->text, child->text_len);
	jsonw_nuint(w, "characters", child->chars);
	jsonw_object_end(w);
}

void
native_view_key(struct jsonw *w, const struct api_key *key)
{
	jsonw_object(w);
	view_uuid(w, "id", &key->uuid);
	jsonw_nstring(w, "label", key->label);
	jsonw_nstring(w, "prefix", key->prefix);
	jsonw_nstring(w, "environment", environment_name(key->environment));
	jsonw_ntime(w, "created_at", key->created_us);
	jsonw_ntime(w, "revoked_at", key->revoked_us);
	jsonw_object_end(w);
}

void
native_view_result(struct jsonw *w, const struct result *result)
{
	jsonw_object(w);
	view_uuid(w, "document_id", &result->document_id);
	jsonw_nstring(w, "name", result->name);
	jsonw_nstring(w, "uri", result->uri);
	view_uuid(w, "segment_id", &result->segment_id);
	jsonw_nuint(w, "position", result->position);
	jsonw_nreal(w, "score", result->score, 6);
	jsonw_name(w, "text");
	jsonw_stringn(w, result->text, result->text_len);
	view_section(w, result->section);
	view_page(w, "page_start", result->page_start);
	view_page(w, "page_end", result->page_end);
	view_json(w, "metadata", result->metadata, "{}");
	jsonw_name(w, "match");
	jsonw_array(w);
	if (result->is_lexical)
		jsonw_string(w, "lexical");
	if (result->is_vector)
		jsonw_string(w, "vector");
	jsonw_array_end(w);
	jsonw_object_end(w);
}

void
native_view_totals(struct jsonw *w, const struct audit_totals *totals)
{
	jsonw_object(w);
	jsonw_nuint(w, "documents", totals->index.documents);
	jsonw_nuint(w, "segments", totals->index.segments);
	jsonw_nuint(w, "postings", totals->index.postings);
	jsonw_nuint(w, "vectors", totals->index.vectors);
	jsonw_nuint(w, "promised", totals->index.promised);
	jsonw_nuint(w, "jobs", totals->jobs);
	jsonw_nuint(w, "items", totals->items);
	jsonw_object_end(w);
}

void
native_view_difference(struct jsonw *w, const struct difference *difference)
{
	jsonw_object(w);
	jsonw_nstring(w, "what", difference->what);
	jsonw_nstring(w, "where", difference->where);
	jsonw_nuint(w, "stored", difference->stored);
	jsonw_nuint(w, "counted", difference->counted);
	jsonw_object_end(w);
}

/* ---- the report ------------------------------------------------------- */

void
native_view_csv_head(struct buf *out)
{
	(void)buf_puts(out, "seq,name,uri,state,stage,code,message,attempt,"
	    "bytes,segments,queued_at,finished_at,document_id,item_id\r\n");
}

static void
csv_time(struct buf *out, int64_t us)
{
	char text[TIME_TEXT_SIZE] = "";

	if (us != 0)
		time_format(us, text);
	(void)buf_printf(out, "%s,", text);
}

static void
csv_uuid(struct buf *out, const struct uuid *parent, int64_t row)
{
	char text[UUID_TEXT_SIZE] = "";
	struct uuid uuid;

	if (row > 0) {
		uuid = uuid_of_row(parent, (uint64_t)row);
		uuid_format(&uuid, text);
	}
	(void)buf_puts(out, text);
}

void
native_view_csv_item(struct buf *out, const struct item_row *row)
{
	const struct item *item = &row->item;
	bool has_code = item->code != ITEM_CODE_NONE;

	(void)buf_printf(out, "%u,", item->seq);
	csv_cell(out, row->name);
	(void)buf_putc(out, ',');
	csv_cell(out, row->uri);
	(void)buf_printf(out, ",%s,%s,%s,", item_state_name(item->state),
	    item->stage == STAGE_NONE ? "" : stage_name(item->stage),
	    has_code ? item_code_name(item->code) : "");
	csv_cell(out, has_code ? item_words(item) : "");
	(void)buf_printf(out, ",%u,%llu,%u,", item->attempt,
	    (unsigned long long)item->bytes, item->segments_completed);
	csv_time(out, item->queued_us);
	csv_time(out, item->finished_us);
	csv_uuid(out, &row->base_uuid, item->document_id);
	(void)buf_putc(out, ',');
	csv_uuid(out, &row->job_uuid, item->id);
	(void)buf_puts(out, "\r\n");
}
