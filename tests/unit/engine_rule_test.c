/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents indexed by rules of their base: what of them is in the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <microhttpd.h>

#include "base/buf.h"
#include "embed/embed.h"
#include "embed/embed_fake.h"
#include "engine/embedding_int.h"
#include "engine/engine_int.h"
#include "engine/writer.h"
#include "pipeline_world.h"
#include "store/store_source.h"

struct found {
	struct store *reader;
	struct buf out;
};

static int
on_child(void *arg, const struct child *child)
{
	struct found *found = arg;

	(void)buf_printf(&found->out, "(%s)", child->text);
	return 0;
}

static int
on_segment(void *arg, const struct segment *segment)
{
	struct found *found = arg;

	(void)buf_putc(&found->out, '[');
	(void)buf_put(&found->out, segment->text, segment->text_len);
	(void)buf_putc(&found->out, ']');
	if (segment->answer != NULL)
		(void)buf_printf(&found->out, "<%s>", segment->answer);
	return store_children_page(found->reader, segment->id, NULL, 0, 100,
	    on_child, found);
}

static int
on_document(void *arg, const struct document *document)
{
	struct found *found = arg;

	(void)buf_printf(&found->out, "%s%s %u: ", document->name,
	    document->has_vectors ? "" : " by words", document->segments);
	return store_segments_each(found->reader, document->id, 0, 100,
	    on_segment, found);
}

/* Index the folder anew by settings, and say what is there then. */
static void
expect(struct pipeline *w, const char *settings, uint64_t completed,
    const char *expected)
{
	struct document_filter filter = {.limit = 100};
	struct found found = {.reader = w->reader};
	struct err_note note = {""};
	struct job job;

	if (engine_base_update(w->engine, w->account_id, &w->base, NULL, NULL,
		settings, &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(world_index(w, &job), 0);
	job = world_until(w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, completed);
	filter.base_id = job.base_id;
	buf_init(&found.out, MIB);
	assert_int_equal(store_documents_each(w->reader, &filter, on_document,
			     &found), 0);
	assert_string_equal(buf_text(&found.out), expected);
	buf_fini(&found.out);
	(void)world_audit(w);
}

#define LINES "\"chunking\":{\"method\":\"separator\",\"chars_max\":50}"

static void
test_rules(void **state)
{
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", "  alpha  beta\r\n\r\n\r\n# gamma. delta\n", 1);
	expect(&w, "{}", 1, "a.txt 1: [alpha beta\n\n# gamma. delta]");
	/* Nothing has changed. */
	expect(&w, "{}", 0, "a.txt 1: [alpha beta\n\n# gamma. delta]");
	expect(&w, "{" LINES "}", 1, "a.txt 2: [alpha  beta][gamma. delta]");
	expect(&w, "{" LINES "}", 0, "a.txt 2: [alpha  beta][gamma. delta]");
	assert_int_equal(world_found(&w, "gamma"), 1);
	expect(&w, "{" LINES ",\"vectors\":false}", 1,
	    "a.txt by words 2: [alpha  beta][gamma. delta]");
	assert_int_equal(world_found(&w, "gamma"), 1);
	expect(&w, "{\"chunking\":{\"method\":\"recursive\","
	    "\"chars_max\":12}}", 1,
	    "a.txt 4: [alpha][beta\r\n\r\n\r\n#][gamma.][delta]");
	expect(&w, "{\"chunking\":{\"method\":\"whole\",\"child\":"
	    "{\"method\":\"separator\",\"chars_max\":20}}}", 1,
	    "a.txt 1: [alpha  beta\r\n\r\n\r\n# gamma. delta]"
	    "(alpha  beta)(# gamma. delta)");
	assert_int_equal(world_found(&w, "gamma"), 1);
	world_fini(&w);
}

struct between {
	struct uuid base;
	int64_t base_id;
};

static int
between_base(void *arg, const struct base *base)
{
	((struct between *)arg)->base_id = base->id;
	return 0;
}

static int
between_document(void *arg, const struct document *document)
{
	*(int64_t *)arg = document->id;
	return 0;
}

static int
between_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct between *between = arg;
	struct document_filter filter = {.limit = 1};
	struct source source = {.uuid = uuid_of_row(&between->base, 1),
	    .kind = SOURCE_WEB, .name = "s", .config = "{}",
	    .settings = "{\"vectors\":false," LINES "}"};
	int64_t id = 0, document_id = 0;
	int err;

	(void)note;
	err = store_base_find(tx_store(tx), 0, &between->base, NULL,
	    between_base, between);
	source.base_id = filter.base_id = between->base_id;
	if (err == 0)
		err = store_source_add(tx_store(tx), &source, &id);
	if (err == 0)
		err = store_documents_each(tx_store(tx), &filter,
		    between_document, &document_id);
	return err < 0 ? err
		       : store_document_origin(tx_store(tx), document_id, id);
}

/* What a source says goes before what its base says. */
static void
test_source_between(void **state)
{
	struct between between;
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", "alpha\nbeta\n", 1);
	expect(&w, "{" LINES "}", 1, "a.txt 2: [alpha][beta]");
	between.base = w.base;
	assert_int_equal(writer_do(w.engine->writer, between_apply, &between,
			     NULL), 0);
	expect(&w, "{}", 1, "a.txt by words 2: [alpha][beta]");
	expect(&w, "{\"chunking\":{\"method\":\"whole\"}}", 0,
	    "a.txt by words 2: [alpha][beta]");
	world_fini(&w);
}

/* By length, by matter, and parents by structure. */
static void
test_methods(void **state)
{
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.md", "# One\n\nFour words and more.\n\n# Two\n\n"
	    "The end of it.\n", 1);
	expect(&w, "{\"chunking\":{\"method\":\"fixed\",\"chars_max\":24}}", 1,
	    "a.md 2: [One\n\nFour words and more][.\n\nTwo\n\nThe end of it.]");
	expect(&w, "{\"chunking\":{\"method\":\"semantic\"}}", 1,
	    "a.md 2: [One\n\nFour words and more.][Two\n\nThe end of it.]");
	/* Another threshold is another rule. */
	expect(&w, "{\"chunking\":{\"method\":\"semantic\","
	    "\"chars_max\":64,\"threshold\":1}}", 1,
	    "a.md 2: [One\n\nFour words and more.][Two\n\nThe end of it.]");
	expect(&w, "{\"chunking\":{\"method\":\"semantic\","
	    "\"chars_max\":64,\"threshold\":1}}", 0,
	    "a.md 2: [One\n\nFour words and more.][Two\n\nThe end of it.]");
	expect(&w, "{\"chunking\":{\"chars_max\":200,\"child\":"
	    "{\"method\":\"fixed\",\"chars_max\":12}}}", 1,
	    "a.md 2: [One\n\nFour words and more.](One\n\nFour wo)"
	    "(rds and more)(.)[Two\n\nThe end of it.](Two\n\nThe end)"
	    "(of it.)");
	assert_int_equal(world_found(&w, "words"), 1);
	world_fini(&w);
}

/* One worker, whose embedder fails when it is told to. */
static void
world_with_fake(struct pipeline *w, struct embedder *fake)
{
	struct err_note note = {""};

	if (world_open(w, &note) < 0)
		fail_msg("no engine: %s", note.text);
	w->engine->embeddings->list[0].embedder->close(
	    w->engine->embeddings->list[0].embedder);
	w->engine->embeddings->list[0].embedder = fake;
	if (engine_start(w->engine, &note) < 0)
		fail_msg("no engine: %s", note.text);
	world_login(w);
	world_base(w);
}

/* The embedder that sentences are compared with is busy at first: the item
 * waits.  What it refuses fails. */
static void
test_compare_fails(void **state)
{
	struct embedder *fake = embed_fake_new(256);
	struct err_note note = {""};
	struct pipeline w;
	struct job job;

	(void)state;
	assert_non_null(fake);
	embed_fake_fail(fake, 1, ERR_UPSTREAM);
	embed_fake_refuse(fake, "poison", ERR_UNREADABLE);
	world_init(&w);
	world_with_fake(&w, fake);
	world_put(&w, "a.txt", "Some sentence of words. ", 20);
	world_put(&w, "b.txt", "Some sentence with poison in it. ", 20);
	if (engine_base_update(w.engine, w.account_id, &w.base, NULL, NULL,
		"{\"chunking\":{\"method\":\"semantic\"}}", &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(world_index(&w, &job), 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.counts.failed, 1);
	assert_true(embed_fake_runs(fake) >= 4);
	world_fini(&w);
}

static void
test_many_children(void **state)
{
	struct err_note note = {""};
	struct pipeline w;
	struct job job;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	/* 300 segments of some hundred children: several batches. */
	world_put(&w, "a.txt", "a b c d e f g h i j k l m n o p q r s t u v "
	    "w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z\n",
	    300);
	if (engine_base_update(w.engine, w.account_id, &w.base, NULL, NULL,
		"{\"chunking\":{\"method\":\"separator\",\"chars_max\":500,"
		"\"child\":{\"method\":\"recursive\",\"chars_max\":2}}}",
		&note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(world_index(&w, &job), 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.segments_completed, 300);
	(void)world_audit(&w);
	world_fini(&w);
}

static void
test_kept(void **state)
{
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", "same\n", 1);
	world_put(&w, "b.txt", "same\n", 1);
	world_put(&w, "c.txt", " \n", 1);
	world_put(&w, "d.txt", "", 1);
	expect(&w, "{" LINES ",\"duplicates\":\"index\","
	    "\"empty\":\"index\"}", 4,
	    "a.txt 1: [same]b.txt 1: [same]c.txt 0: d.txt 0: ");
	world_fini(&w);
}

static void
test_no_chat(void **state)
{
	struct err_note note = {""};
	struct pipeline w;
	struct job job;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", "a text\n", 1);
	if (engine_base_update(w.engine, w.account_id, &w.base, NULL, NULL,
		"{\"questions\":\"English\"}", &note) < 0)
		fail_msg("%s", note.text);
	assert_int_equal(world_index(&w, &job), 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.failed, 1);
	world_fini(&w);
}

/* ---- a chat model -------------------------------------------------------- */

struct model {
	struct MHD_Daemon *daemon;
	unsigned status; /* of the first answer; then 200 */
	unsigned asked;
	const char *answer;
};

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **state)
{
	static const char begun;
	struct model *model = arg;
	struct MHD_Response *response;
	enum MHD_Result result;
	unsigned status;
	char body[512];

	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	if (*state == NULL) {
		*state = (void *)(uintptr_t)&begun;
		return MHD_YES;
	}
	if (*upload_len > 0) {
		*upload_len = 0;
		return MHD_YES;
	}
	status = model->asked++ == 0 ? model->status : 200;
	(void)snprintf(body, sizeof(body), "{\"choices\":[{\"message\":"
	    "{\"role\":\"assistant\",\"content\":\"%s\"},"
	    "\"finish_reason\":\"stop\"}]}", model->answer);
	response = MHD_create_response_from_buffer(strlen(body), body,
	    MHD_RESPMEM_MUST_COPY);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static void
model_start(struct model *model, char url[64])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};

	model->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0,
	    NULL, NULL, on_request, model, MHD_OPTION_SOCK_ADDR, &address,
	    MHD_OPTION_END);
	assert_non_null(model->daemon);
	(void)snprintf(url, 64, "http://127.0.0.1:%u/v1",
	    MHD_get_daemon_info(model->daemon,
		MHD_DAEMON_INFO_BIND_PORT)->port);
}

static void
world_with_model(struct pipeline *w, const char *url)
{
	const char *roots[] = {w->docs};
	struct engine_config config = {.data_dir = w->data,
	    .extractor = w->extractor, .workers = 1,
	    .file_bytes_max = 64 * MIB, .folder_roots = roots,
	    .folder_root_count = 1, .api_key = WORLD_KEY, .commit_ms = 1,
	    .on_commit = world_committed, .on_commit_arg = w,
	    .chat_url = url, .chat_model = "test"};
	struct err_note note = {""};

	if (engine_open(&config, &w->engine, &note) < 0 ||
	    engine_start(w->engine, &note) < 0)
		fail_msg("no engine: %s", note.text);
	world_login(w);
	world_base(w);
}

static void
test_questions(void **state)
{
	/* It is busy at first: the item waits and asks again. */
	struct model model = {.status = 503,
	    .answer = "Q1: What is it?\\nA1: A text.\\n"
		"Q2: Is it long?\\nA2: No."};
	struct pipeline w;
	struct job job;
	char url[64];

	(void)state;
	model_start(&model, url);
	world_init(&w);
	world_with_model(&w, url);
	world_put(&w, "a.txt", "one\ntwo\n", 1);
	expect(&w, "{" LINES ",\"questions\":\"English\"}", 1,
	    "a.txt 4: [What is it?]<A text.>[Is it long?]<No.>"
	    "[What is it?]<A text.>[Is it long?]<No.>");
	assert_int_equal(model.asked, 3);
	/* What it says is no pair. */
	model.answer = "I cannot do that.";
	world_put(&w, "a.txt", "three\n", 1);
	assert_int_equal(world_index(&w, &job), 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.failed, 1);
	/* It refuses. */
	model.status = 400;
	model.asked = 0;
	world_put(&w, "a.txt", "four\n", 1);
	assert_int_equal(world_index(&w, &job), 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.failed, 1);
	world_fini(&w);
	MHD_stop_daemon(model.daemon);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_source_between),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_compare_fails),
		cmocka_unit_test(test_many_children),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_no_chat),
		cmocka_unit_test(test_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
