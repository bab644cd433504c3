/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_document.h"
#include "api/dify/dify_document_put.h"
#include "api/dify/dify_upload.h"
#include "api/dify/dify_view.h"

#define SECOND 1000000LL
#define T0 1741267200LL
#define ACCOUNT "ad313dd6-ef04-4dd1-a5b0-c0f0b9e2e7e4"

static const struct uuid base_uuid = {{1, 2, 3}};

/* A dataset and a document of it; the test fills in what it is about. */
struct world {
	struct dify_dataset dataset;
	struct dify_document document;
	struct buf out;
	json_t *tree;
};

static void
world_init(struct world *world, const char *settings, const char *own)
{
	memset(world, 0, sizeof(*world));
	world->dataset.id = 1;
	world->dataset.uuid = base_uuid;
	uuid_format(&base_uuid, world->dataset.id_text);
	world->dataset.settings = json_loads(settings, 0, NULL);
	world->dataset.dify = json_object_get(world->dataset.settings,
	    "dify");
	world->document.row = (struct document){.id = 7, .base_id = 1,
	    .base_uuid = base_uuid, .name = "guide.md", .metadata = "{}",
	    .settings = own, .position = 3, .bytes = 2048,
	    .created_us = T0 * SECOND, .updated_us = (T0 + 1) * SECOND,
	    .disabled_by = ""};
	world->document.uuid = uuid_of_row(&base_uuid, 7);
	uuid_format(&world->document.uuid, world->document.id_text);
	world->document.settings = json_loads(own, 0, NULL);
	world->document.dify = json_object_get(world->document.settings,
	    "dify");
	buf_init(&world->out, 1 << 16);
}

static void
world_fini(struct world *world)
{
	json_decref(world->dataset.settings);
	json_decref(world->document.settings);
	json_decref(world->tree);
	buf_fini(&world->out);
}

/* The document as a list has it, or in detail. */
static json_t *
show(struct world *world, bool in_detail, enum dify_metadata metadata)
{
	struct dify_document_view view = {.dataset = &world->dataset,
	    .document = &world->document, .account = ACCOUNT};
	json_error_t error;
	struct jsonw w;

	buf_clear(&world->out);
	jsonw_init(&w, &world->out);
	w.ascii = true;
	if (in_detail)
		dify_write_document_detail(&w, &view, metadata);
	else
		dify_write_document(&w, &view);
	assert_int_equal(world->out.err, 0);
	json_decref(world->tree);
	world->tree = json_loads(buf_text(&world->out),
	    JSON_REJECT_DUPLICATES, &error);
	if (world->tree == NULL)
		fail_msg("%s: %s", error.text, buf_text(&world->out));
	return world->tree;
}

static void
expect_text(const json_t *tree, const char *name, const char *text)
{
	const json_t *value = json_object_get(tree, name);

	assert_non_null(value);
	if (text == NULL)
		assert_true(json_is_null(value));
	else
		assert_string_equal(json_string_value(value), text);
}

static void
expect_keys(const json_t *tree, const char *const *keys, size_t count)
{
	void *at = json_object_iter((json_t *)(uintptr_t)tree);
	size_t i;

	assert_int_equal(json_object_size(tree), count);
	for (i = 0; i < count; i++) {
		assert_string_equal(json_object_iter_key(at), keys[i]);
		at = json_object_iter_next((json_t *)(uintptr_t)tree, at);
	}
}

#define OWN                                                                   \
	"{\"dify\":{\"process_rule\":{\"id\":\"r\",\"mode\":\"custom\","      \
	"\"rules\":{\"x\":\"\xC3\xA9\"}},\"doc_form\":\"qa_model\","          \
	"\"doc_language\":\"German\",\"created_from\":\"api\",\"upload\":{"   \
	"\"id\":\"a1b2c3d4-e5f6-7890-abcd-ef1234567890\",\"name\":\"a.txt\"," \
	"\"size\":12,\"extension\":\"txt\",\"mime_type\":\"text/plain\","     \
	"\"created_us\":1741267200123456}}}"
#define HIGH "{\"dify\":{\"indexing_technique\":\"high_quality\"}}"
#define ECONOMY "{\"dify\":{\"indexing_technique\":\"economy\"}}"

static void
test_new(void **state)
{
	static const char *const keys[] = {"id", "position",
	    "data_source_type", "data_source_info",
	    "data_source_detail_dict", "dataset_process_rule_id", "name",
	    "created_from", "created_by", "created_at", "tokens",
	    "indexing_status", "error", "enabled", "disabled_at",
	    "disabled_by", "archived", "display_status", "word_count",
	    "hit_count", "doc_form", "doc_metadata", "summary_index_status",
	    "need_summary"};
	struct world world;
	json_t *tree, *file;

	(void)state;
	world_init(&world, HIGH, OWN);
	world.document.item = (struct item){.id = 1,
	    .state = ITEM_EXTRACTING, .stage = STAGE_EXTRACTING};
	world.document.is_new_run = true;
	tree = show(&world, false, DIFY_METADATA_ALL);
	expect_keys(tree, keys, sizeof(keys) / sizeof(keys[0]));
	expect_text(tree, "id", world.document.id_text);
	expect_text(tree, "indexing_status", "waiting");
	expect_text(tree, "display_status", "queuing");
	expect_text(tree, "dataset_process_rule_id", "r");
	expect_text(tree, "doc_form", "qa_model");
	expect_text(tree, "created_by", ACCOUNT);
	assert_true(json_is_null(json_object_get(tree, "tokens")));
	assert_true(json_is_null(json_object_get(tree, "word_count")));
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "created_at")), T0);
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "position")), 3);
	expect_text(json_object_get(tree, "data_source_info"),
	    "upload_file_id", "a1b2c3d4-e5f6-7890-abcd-ef1234567890");
	file = json_object_get(json_object_get(tree,
	    "data_source_detail_dict"), "upload_file");
	expect_text(file, "name", "a.txt");
	assert_int_equal(json_integer_value(json_object_get(file, "size")),
	    12);
	assert_true(json_is_real(json_object_get(file, "created_at")));
	assert_non_null(strstr(buf_text(&world.out),
	    "\"created_at\":1741267200.123456"));
	world_fini(&world);
}

static void
expect_status(struct world *world, const char *indexing, const char *display)
{
	struct document *row = &world->document.row;
	json_t *tree;

	row->item_id = world->document.item.id;
	row->item_state = world->document.item.state;
	row->item_stage = world->document.item.stage;
	row->item_code = world->document.item.code;
	tree = show(world, false, DIFY_METADATA_ALL);
	expect_text(tree, "indexing_status", indexing);
	expect_text(tree, "display_status", display);
}

static void
test_statuses(void **state)
{
	struct world world;
	struct item *item = &world.document.item;

	(void)state;
	world_init(&world, HIGH, "{}");
	expect_status(&world, "waiting", "queuing");
	*item = (struct item){.id = 1, .state = ITEM_QUEUED};
	expect_status(&world, "waiting", "queuing");
	/* A pause shows as soon as something has begun. */
	world.document.row.is_paused = true;
	expect_status(&world, "waiting", "queuing");
	*item = (struct item){.id = 1, .state = ITEM_CHUNKING,
	    .stage = STAGE_CHUNKING};
	expect_status(&world, "splitting", "paused");
	world.document.row.is_paused = false;
	expect_status(&world, "splitting", "indexing");
	*item = (struct item){.id = 1, .state = ITEM_FAILED,
	    .stage = STAGE_EXTRACTING, .code = ITEM_CODE_ENCRYPTED_DOCUMENT};
	expect_status(&world, "error", "error");
	expect_text(world.tree, "error",
	    "the document needs a password to be read");
	*item = (struct item){.id = 1, .state = ITEM_COMPLETED,
	    .stage = STAGE_FINALIZING};
	world.document.row.revision_id = 1;
	expect_status(&world, "completed", "available");
	expect_text(world.tree, "error", NULL);
	/* A newer content is kept. */
	world.document.row.held_us = T0 * SECOND;
	expect_status(&world, "waiting", "queuing");
	world.document.row.held_us = 0;
	world.document.row.disabled_us = T0 * SECOND;
	expect_status(&world, "completed", "disabled");
	expect_text(world.tree, "disabled_by", ACCOUNT);
	assert_true(json_is_false(json_object_get(world.tree, "enabled")));
	world.document.row.is_archived = true;
	expect_status(&world, "completed", "archived");
	world_fini(&world);
}

static void
test_tokens(void **state)
{
	struct world world;
	json_t *tree;

	(void)state;
	world_init(&world, HIGH, "{}");
	assert_int_equal(dify_tokens(&world.dataset, 0), 0);
	assert_int_equal(dify_tokens(&world.dataset, 4), 1);
	assert_int_equal(dify_tokens(&world.dataset, 5), 2);
	world.document.row.revision_id = 1;
	world.document.row.characters = 9;
	tree = show(&world, false, DIFY_METADATA_ALL);
	assert_int_equal(json_integer_value(json_object_get(tree, "tokens")),
	    3);
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "word_count")), 9);
	world_fini(&world);
	world_init(&world, ECONOMY, "{}");
	assert_int_equal(dify_tokens(&world.dataset, 5), 0);
	world_fini(&world);
}

static void
test_detail(void **state)
{
	static const char *const keys[] = {"id", "position",
	    "data_source_type", "data_source_info", "dataset_process_rule_id",
	    "dataset_process_rule", "document_process_rule", "name",
	    "created_from", "created_by", "created_at", "tokens",
	    "indexing_status", "completed_at", "updated_at",
	    "indexing_latency", "error", "enabled", "disabled_at",
	    "disabled_by", "archived", "doc_type", "doc_metadata",
	    "segment_count", "average_segment_length", "hit_count",
	    "display_status", "doc_form", "doc_language",
	    "summary_index_status", "need_summary"};
	static const char *const only[] = {"id", "doc_type", "doc_metadata"};
	struct world world;
	json_t *tree, *rule;

	(void)state;
	world_init(&world, HIGH, OWN);
	world.document.row.revision_id = 1;
	world.document.row.segments = 3;
	world.document.row.characters = 20;
	world.document.item = (struct item){.id = 1,
	    .state = ITEM_COMPLETED, .stage = STAGE_FINALIZING,
	    .finished_us = (T0 + 5) * SECOND};
	world.document.item.steps[STAGE_EMBEDDING].start_us =
	    (T0 + 5) * SECOND - 250000;
	tree = show(&world, true, DIFY_METADATA_ALL);
	expect_keys(tree, keys, sizeof(keys) / sizeof(keys[0]));
	assert_non_null(json_object_get(json_object_get(tree,
	    "data_source_info"), "upload_file"));
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "completed_at")), T0 + 5);
	assert_true(json_real_value(json_object_get(tree,
	    "indexing_latency")) == 0.25);
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "segment_count")), 3);
	assert_int_equal(json_integer_value(json_object_get(tree,
	    "average_segment_length")), 6);
	expect_text(tree, "doc_language", "German");
	rule = json_object_get(tree, "document_process_rule");
	expect_text(rule, "id", "r");
	expect_text(rule, "dataset_id", world.dataset.id_text);
	expect_text(json_object_get(rule, "rules"), "x", "\xC3\xA9");
	/* The dataset has none: the default. */
	expect_text(json_object_get(tree, "dataset_process_rule"), "mode",
	    "custom");
	expect_keys(show(&world, true, DIFY_METADATA_ONLY), only, 3);
	tree = show(&world, true, DIFY_METADATA_WITHOUT);
	assert_int_equal(json_object_size(tree),
	    sizeof(keys) / sizeof(keys[0]) - 2);
	assert_null(json_object_get(tree, "doc_type"));
	assert_null(json_object_get(tree, "doc_metadata"));
	world_fini(&world);
}

/* Of a document that another dialect brought the model is all there is. */
static void
test_foreign(void **state)
{
	struct world world;
	json_t *tree, *file;

	(void)state;
	world_init(&world, "{\"dify\":{}}", "{}");
	world.document.row.media_type = "text/markdown";
	tree = show(&world, false, DIFY_METADATA_ALL);
	expect_text(tree, "doc_form", "text_model");
	expect_text(tree, "dataset_process_rule_id", NULL);
	file = json_object_get(json_object_get(tree,
	    "data_source_detail_dict"), "upload_file");
	expect_text(file, "name", "guide.md");
	expect_text(file, "extension", "md");
	expect_text(file, "mime_type", "text/markdown");
	assert_int_equal(json_integer_value(json_object_get(file, "size")),
	    2048);
	world_fini(&world);
}

static void
test_extensions(void **state)
{
	(void)state;
	assert_string_equal(dify_extension("a.tar.GZ"), "GZ");
	assert_string_equal(dify_extension("README"), "");
	assert_string_equal(dify_extension(".txt"), "txt");
	assert_string_equal(dify_extension("a.b/c"), "");
	assert_string_equal(dify_media_type("MD"), "text/markdown");
	assert_string_equal(dify_media_type("exe"),
	    "application/octet-stream");
	assert_true(dify_extension_is_taken("PdF", false));
	assert_false(dify_extension_is_taken("pptx", false));
	assert_true(dify_extension_is_taken("pptx", true));
	assert_false(dify_extension_is_taken("exe", true));
	assert_false(dify_extension_is_taken("", true));
}

static void
test_names(void **state)
{
	struct dify_draft draft = {.name = ""};
	char long_name[801], want[DIFY_NAME_SIZE];
	size_t i;

	(void)state;
	dify_draft_name(&draft, "short.txt", true);
	assert_string_equal(draft.name, "short.txt");
	memset(long_name, 'a', 300);
	memcpy(long_name + 300, ".tar.gz", 8);
	dify_draft_name(&draft, long_name, false);
	assert_int_equal(strlen(draft.name), 200);
	/* A file keeps its ending, so that it can be read. */
	dify_draft_name(&draft, long_name, true);
	memset(want, 'a', 200);
	memcpy(want + 200, ".gz", 4);
	assert_string_equal(draft.name, want);
	/* Characters, not bytes. */
	for (i = 0; i < 260; i++)
		memcpy(long_name + 3 * i, "\xE3\x80\x82", 3);
	long_name[780] = '\0';
	dify_draft_name(&draft, long_name, false);
	assert_int_equal(strlen(draft.name), 600);
	memcpy(long_name + 777, ".md", 3);
	dify_draft_name(&draft, long_name, true);
	assert_int_equal(strlen(draft.name), 200 * 3 + 3);
	dify_draft_name(&draft, "a\tb\n\x7F", false);
	assert_string_equal(draft.name, "a b  ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_new),
	    cmocka_unit_test(test_statuses),
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_detail),
	    cmocka_unit_test(test_foreign),
	    cmocka_unit_test(test_extensions),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
