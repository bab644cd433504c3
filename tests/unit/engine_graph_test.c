/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graphs that are made while documents are indexed, and when segments are
 * written by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <microhttpd.h>

#include "engine/embedding_int.h"
#include "engine/engine_int.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "edit_world.h"
#include "embed/embed.h"
#include "embed/embed_fake.h"
#include "store/store_graph.h"

#define BY_RULES "{\"graph\":{\"by\":\"rules\"}}"
#define BY_MODEL "{\"graph\":{\"by\":\"model\"}}"

#define CURIE "Marie Curie founded the Radium Institute in Paris."
#define TURING "Alan Turing worked at the University of Manchester."

/* ---- what is in the store ------------------------------------------------ */

#define NAMES_MAX 4096

struct shown {
	struct buf out;
	int64_t segment_id, ids[NAMES_MAX];
	char names[NAMES_MAX][48];
	size_t count;
};

static int
on_mention(void *arg, const struct mention_row *row)
{
	struct shown *shown = arg;
	size_t i;

	if (row->segment_id != shown->segment_id)
		(void)buf_putc(&shown->out, '|');
	shown->segment_id = row->segment_id;
	(void)buf_printf(&shown->out, "%s:%s*%u", row->name, row->type,
	    row->weight);
	if (row->alias_key != NULL)
		(void)buf_printf(&shown->out, "=%s", row->alias_key);
	if (row->description != NULL)
		(void)buf_printf(&shown->out, "(%s)", row->description);
	(void)buf_putc(&shown->out, ';');
	for (i = 0; i < shown->count; i++)
		if (shown->ids[i] == row->entity_id)
			return 0;
	assert_true(shown->count < NAMES_MAX);
	shown->ids[shown->count] = row->entity_id;
	(void)snprintf(shown->names[shown->count++],
	    sizeof(shown->names[0]), "%s", row->key);
	return 0;
}

static const char *
name_of(const struct shown *shown, int64_t id)
{
	size_t i;

	for (i = 0; i < shown->count; i++)
		if (shown->ids[i] == id)
			return shown->names[i];
	return "?";
}

static int
on_relation(void *arg, const struct relation_row *row)
{
	struct shown *shown = arg;

	return buf_printf(&shown->out, "%s>%s>%s*%u;",
	    name_of(shown, row->subject_id), row->label,
	    name_of(shown, row->object_id), row->weight);
}

static int64_t
base_id_of(struct pipeline *w)
{
	int64_t id = 0;

	assert_int_equal(store_base_find(w->reader, w->account_id, &w->base,
			     NULL, base_take, &id), 0);
	return id;
}

/* The base's graph in words; returns owned. */
static char *
graph_words(struct pipeline *w)
{
	struct shown *shown = mem_zalloc(sizeof(*shown));
	char *words;

	assert_non_null(shown);
	buf_init(&shown->out, 16 * MIB);
	(void)buf_puts(&shown->out, "");
	assert_int_equal(store_graph_each(w->reader, base_id_of(w),
			     on_mention, on_relation, shown), 0);
	words = buf_take(&shown->out);
	assert_non_null(words);
	buf_fini(&shown->out);
	mem_free(shown);
	return words;
}

static void
expect_graph(struct pipeline *w, const char *expected, unsigned makers)
{
	char *words = graph_words(w);
	unsigned found = 99;

	assert_string_equal(words, expected);
	mem_free(words);
	assert_int_equal(store_graph_makers(w->reader, base_id_of(w),
			     &found), 0);
	assert_int_equal(found, makers);
	(void)world_audit(w);
}

/* ---- jobs ---------------------------------------------------------------- */

static void
set(struct pipeline *w, const char *settings)
{
	struct err_note note = {""};

	if (engine_base_update(w->engine, w->account_id, &w->base, NULL, NULL,
		settings, &note) < 0)
		fail_msg("%s", note.text);
}

static void
index_by(struct pipeline *w, const char *settings, uint64_t completed)
{
	set(w, settings);
	assert_int_equal(index_all(w).counts.completed, completed);
}

static int
on_item(void *arg, const struct item_row *row)
{
	*(struct item *)arg = row->item;
	return 0;
}

/* The job's only one. */
static struct item
item_of(struct pipeline *w, const struct job *job)
{
	struct item_filter filter = {.job_id = job->id, .limit = 1};
	struct item item = {.id = 0};

	assert_int_equal(store_items_each(w->reader, &filter, on_item, &item),
	    0);
	assert_true(item.id != 0);
	return item;
}

/* The job, once its item waits for that. */
static struct job
until_waiting(struct pipeline *w, const struct uuid *uuid,
    enum waiting_for reason)
{
	struct job job;
	int i;

	for (i = 0; i < WORLD_WAITS; i++) {
		job = world_job(w, uuid);
		if (job_state_is_final(job.state))
			break;
		if (job.counts.total > 0 &&
		    item_of(w, &job).waiting_for == reason)
			return world_job(w, uuid);
		world_rest(w);
	}
	fail_msg("it did not wait: %s", job_state_name(job.state));
	return job;
}

static void
expect_failed(struct pipeline *w, enum item_code code, enum stage stage,
    const char *message)
{
	struct job job = index_all(w);
	struct item item = item_of(w, &job);

	assert_int_equal(job.counts.failed, 1);
	assert_int_equal(item.code, code);
	assert_int_equal(item.error_stage, stage);
	if (message != NULL)
		assert_string_equal(item.message, message);
}

#define CURIE_WORDS                                                           \
	"|Marie Curie:Person*1;Radium Institute:Organization*1;Paris:Place*1;"\
	"marie curie>founded>radium institute*1;"                             \
	"marie curie>mentioned_with>paris*1;"                                 \
	"radium institute>founded_in>paris*1;"

#define RULES (1u << GRAPH_OF_RULES)
#define MODEL (1u << GRAPH_OF_MODEL)

static void
test_rules(void **state)
{
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", CURIE, 1);
	index_by(&w, "{}", 1);
	expect_graph(&w, "", 0);
	/* Asked for: indexed anew; and not twice. */
	index_by(&w, BY_RULES, 1);
	expect_graph(&w, CURIE_WORDS, RULES);
	index_by(&w, "{\"graph\":{}}", 0);
	expect_graph(&w, CURIE_WORDS, RULES);
	world_put(&w, "a.txt", "There is nothing to be seen here.", 1);
	index_by(&w, BY_RULES, 1);
	expect_graph(&w, "", RULES);
	world_put(&w, "a.txt", CURIE, 1);
	index_by(&w, BY_RULES, 1);
	index_by(&w, "{\"graph\":null}", 1);
	expect_graph(&w, "", 0);
	world_fini(&w);
}

/* What rule_read() refuses, and a model that the server does not have. */
static void
test_refused(void **state)
{
	static const struct {
		const char *settings, *words;
	} cases[] = {
		{"{\"graph\":{\"by\":\"me\"}}", "graph: by must be \"auto\", "
		    "\"rules\" or \"model\""},
		{BY_MODEL, "a model is to make its graph, and the server has "
		    "no chat model: set chat_url and chat_model"},
	};
	struct pipeline w;
	size_t i;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world_put(&w, "a.txt", CURIE, (unsigned)i + 1);
		set(&w, cases[i].settings);
		expect_failed(&w, ITEM_CODE_INVALID_SETTINGS, STAGE_NONE,
		    cases[i].words);
	}
	expect_graph(&w, "", 0);
	world_fini(&w);
}

/* ---- a document of several batches --------------------------------------- */

#define MANY 700u

static void
put_many(struct pipeline *w)
{
	struct buf text;
	unsigned i;

	buf_init(&text, MIB);
	for (i = 0; i < MANY; i++)
		(void)buf_printf(&text, "Number %u: Ada Person%u visited "
		    "Berlin in %u. She met Otto Friend%u.\n", i, i,
		    1900 + i % 100, i / 2);
	world_put(w, "many.txt", buf_text(&text), 1);
	buf_fini(&text);
}

#define LINES "\"chunking\":{\"method\":\"separator\",\"chars_max\":200}"
#define LINES_BY_RULES "{" LINES ",\"graph\":{\"by\":\"rules\"}}"

static bool
has_batches(const struct job *job)
{
	return job->segments_completed > 0 || job_state_is_final(job->state);
}

static unsigned
count_of(const char *words, char c)
{
	unsigned count = 0;

	for (; *words != '\0'; words++)
		count += *words == c;
	return count;
}

static int
word_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What each segment has, in the order of the letters: that of the rows is the
 * one in which their entities came, and those may be older. */
static char *
in_order(char *words)
{
	char *parts[NAMES_MAX], *at, *segment, *next;
	struct buf out;
	size_t count, i;

	buf_init(&out, 16 * MIB);
	for (segment = words; segment != NULL; segment = next) {
		next = strchr(segment, '|');
		if (next != NULL)
			*next++ = '\0';
		count = 0;
		for (at = strtok(segment, ";"); at != NULL;
		    at = strtok(NULL, ";")) {
			assert_true(count < NAMES_MAX);
			parts[count++] = at;
		}
		qsort(parts, count, sizeof(parts[0]), word_compare);
		for (i = 0; i < count; i++)
			(void)buf_printf(&out, "%s;", parts[i]);
		(void)buf_putc(&out, '|');
	}
	mem_free(words);
	at = buf_take(&out);
	assert_non_null(at);
	buf_fini(&out);
	return at;
}

/* Stopped between batches, it has the same rows as one that was not. */
static void
test_restart(void **state)
{
	struct pipeline w;
	char *whole, *again;
	struct job job;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	put_many(&w);
	index_by(&w, LINES_BY_RULES, 1);
	whole = graph_words(&w);
	assert_int_equal(count_of(whole, '|'), MANY);
	whole = in_order(whole);
	/* Anew, through one without. */
	index_by(&w, "{" LINES "}", 1);
	expect_graph(&w, "", 0);
	set(&w, LINES_BY_RULES);
	assert_int_equal(world_index(&w, &job), 0);
	(void)world_until(&w, &job.uuid, has_batches);
	world_stop(&w);
	world_start(&w);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	again = in_order(graph_words(&w));
	assert_string_equal(again, whole);
	mem_free(again);
	mem_free(whole);
	(void)world_audit(&w);
	world_fini(&w);
}

/* The embedder gives up in the midst of it: what is stored is kept. */
static void
test_embedder_fails(void **state)
{
	struct embedder *fake = embed_fake_new(64);
	struct err_note note = {""};
	struct pipeline w;
	struct job job;
	char *words;

	(void)state;
	assert_non_null(fake);
	embed_fake_refuse(fake, "Person600 ", ERR_UPSTREAM);
	world_init(&w);
	if (world_open(&w, &note) < 0)
		fail_msg("no engine: %s", note.text);
	w.engine->embeddings->list[0].embedder->close(
	    w.engine->embeddings->list[0].embedder);
	w.engine->embeddings->list[0].embedder = fake;
	assert_int_equal(engine_start(w.engine, &note), 0);
	world_login(&w);
	world_base(&w);
	put_many(&w);
	set(&w, LINES_BY_RULES);
	assert_int_equal(world_index(&w, &job), 0);
	(void)until_waiting(&w, &job.uuid, WAITING_EMBEDDING);
	embed_fake_refuse(fake, NULL, 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	/* The first two batches were not embedded again. */
	assert_int_equal(embed_fake_texts(fake), MANY);
	words = graph_words(&w);
	assert_int_equal(count_of(words, '|'), MANY);
	mem_free(words);
	(void)world_audit(&w);
	world_fini(&w);
}

/* ---- a chat model -------------------------------------------------------- */

struct model {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	unsigned asked;
	/* The answers from..until (counted from 1) are of this status. */
	unsigned bad_from, bad_until, bad_status;
	const char *answer; /* of all others; NULL: a graph of the name that
			       follows "Ada " in the question */
	struct buf last; /* the last request's body */
};

static const char right[] =
    "{\"nodes\":[{\"id\":\"m\",\"name\":\"Marie Curie\",\"type\":\"Chemist\","
    "\"description\":\"She found it.\"},"
    "{\"id\":\"p\",\"name\":\"Polonium\"}],\"edges\":[{\"source_node_id\":"
    "\"m\",\"target_node_id\":\"p\",\"relationship_name\":\"has found\"}]}";
static const char right_words[] =
    "|Marie Curie:Chemist*1(She found it.);Polonium:Concept*1;"
    "marie curie>has_found>polonium*1;";

static void
answer_write(struct model *model, struct buf *out)
{
	const char *ada = strstr(buf_text(&model->last), ": Ada ");
	char graph[256];
	struct jsonw w;
	int n = 0;

	if (ada != NULL)
		(void)sscanf(ada, ": Ada Person%d", &n);
	(void)snprintf(graph, sizeof(graph),
	    "{\"nodes\":[{\"id\":\"1\",\"name\":\"Ada Person%d\"}],"
	    "\"edges\":[]}", n);
	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_name(&w, "choices");
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_name(&w, "message");
	jsonw_object(&w);
	jsonw_name(&w, "role");
	jsonw_string(&w, "assistant");
	jsonw_name(&w, "content");
	jsonw_string(&w, model->answer != NULL ? model->answer : graph);
	jsonw_object_end(&w);
	jsonw_name(&w, "finish_reason");
	jsonw_string(&w, "stop");
	jsonw_object_end(&w);
	jsonw_array_end(&w);
	jsonw_object_end(&w);
}

static enum MHD_Result
model_answer(struct model *model, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	unsigned status;
	struct buf body;

	buf_init(&body, MIB);
	(void)pthread_mutex_lock(&model->lock);
	model->asked++;
	status = model->asked >= model->bad_from &&
	    model->asked <= model->bad_until ? model->bad_status : 200;
	answer_write(model, &body);
	(void)pthread_mutex_unlock(&model->lock);
	response = MHD_create_response_from_buffer(body.len, body.data,
	    MHD_RESPMEM_MUST_COPY);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	buf_fini(&body);
	return result;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **state)
{
	static const char begun;
	struct model *model = arg;

	(void)url;
	(void)method;
	(void)version;
	if (*state == NULL) {
		*state = (void *)(uintptr_t)&begun;
		(void)pthread_mutex_lock(&model->lock);
		buf_clear(&model->last);
		(void)pthread_mutex_unlock(&model->lock);
		return MHD_YES;
	}
	if (*upload_len == 0)
		return model_answer(model, connection);
	(void)pthread_mutex_lock(&model->lock);
	(void)buf_put(&model->last, upload, *upload_len);
	(void)pthread_mutex_unlock(&model->lock);
	*upload_len = 0;
	return MHD_YES;
}

static void
model_set(struct model *model, const char *answer, unsigned from,
    unsigned until, unsigned status)
{
	(void)pthread_mutex_lock(&model->lock);
	model->asked = 0;
	model->answer = answer;
	model->bad_from = from;
	model->bad_until = until;
	model->bad_status = status;
	(void)pthread_mutex_unlock(&model->lock);
}

static unsigned
model_asked(struct model *model)
{
	unsigned asked;

	(void)pthread_mutex_lock(&model->lock);
	asked = model->asked;
	(void)pthread_mutex_unlock(&model->lock);
	return asked;
}

static void
model_start(struct pipeline *w, struct model *model)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const char *roots[] = {w->docs};
	struct engine_config config = {.data_dir = w->data,
	    .extractor = w->extractor, .workers = 1,
	    .file_bytes_max = 64 * MIB, .folder_roots = roots,
	    .folder_root_count = 1, .api_key = WORLD_KEY, .commit_ms = 1,
	    .on_commit = world_committed, .on_commit_arg = w,
	    .chat_model = "test"};
	struct err_note note = {""};
	char url[64];

	memset(model, 0, sizeof(*model));
	(void)pthread_mutex_init(&model->lock, NULL);
	buf_init(&model->last, MIB);
	model->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0,
	    NULL, NULL, on_request, model, MHD_OPTION_SOCK_ADDR, &address,
	    MHD_OPTION_END);
	assert_non_null(model->daemon);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/v1",
	    MHD_get_daemon_info(model->daemon,
		MHD_DAEMON_INFO_BIND_PORT)->port);
	config.chat_url = url;
	if (engine_open(&config, &w->engine, &note) < 0 ||
	    engine_start(w->engine, &note) < 0)
		fail_msg("no engine: %s", note.text);
	world_login(w);
	world_base(w);
}

static void
model_stop(struct pipeline *w, struct model *model)
{
	world_fini(w);
	MHD_stop_daemon(model->daemon);
	buf_fini(&model->last);
	(void)pthread_mutex_destroy(&model->lock);
}

static void
test_model(void **state)
{
	struct model model;
	struct pipeline w;

	(void)state;
	world_init(&w);
	model_start(&w, &model);
	world_put(&w, "a.txt", CURIE, 1);
	model_set(&model, right, 0, 0, 0);
	/* A model that is there is asked. */
	index_by(&w, "{\"graph\":{}}", 1);
	expect_graph(&w, right_words, MODEL);
	assert_int_equal(model_asked(&model), 1);
	assert_non_null(strstr(buf_text(&model.last), CURIE));
	index_by(&w, BY_MODEL, 0);
	/* Other orders are another rule. */
	index_by(&w, "{\"graph\":{\"prompt\":\"Only chemistry!\"}}", 1);
	assert_int_equal(model_asked(&model), 2);
	assert_non_null(strstr(buf_text(&model.last), "Only chemistry!"));
	index_by(&w, BY_MODEL, 1);
	assert_null(strstr(buf_text(&model.last), "Only chemistry!"));
	/* Rules are rules. */
	model_set(&model, right, 0, 0, 0);
	index_by(&w, BY_RULES, 1);
	expect_graph(&w, CURIE_WORDS, RULES);
	assert_int_equal(model_asked(&model), 0);
	model_stop(&w, &model);
}

/* It is busy, or says what is no graph: the item waits and asks again.  What
 * it refuses fails. */
static void
test_model_fails(void **state)
{
	struct model model;
	struct pipeline w;
	struct job job;

	(void)state;
	world_init(&w);
	model_start(&w, &model);
	world_put(&w, "a.txt", CURIE, 1);
	model_set(&model, right, 1, 1, 503);
	index_by(&w, BY_MODEL, 1);
	expect_graph(&w, right_words, MODEL);
	assert_int_equal(model_asked(&model), 2);
	/* Rubbish. */
	world_put(&w, "a.txt", CURIE " Again.", 1);
	model_set(&model, "I see no graph.", 0, 0, 0);
	assert_int_equal(world_index(&w, &job), 0);
	(void)until_waiting(&w, &job.uuid, WAITING_UPSTREAM);
	model_set(&model, right, 0, 0, 0);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	expect_graph(&w, right_words, MODEL);
	/* For good. */
	world_put(&w, "a.txt", CURIE " And again.", 1);
	model_set(&model, right, 1, 1, 400);
	expect_failed(&w, ITEM_CODE_CHAT_REJECTED, STAGE_TAGGING, NULL);
	assert_int_equal(model_asked(&model), 1);
	expect_graph(&w, right_words, MODEL);
	model_stop(&w, &model);
}

/* In the midst of a document: what it said is kept, and not asked again. */
static void
test_model_stops(void **state)
{
	struct model model;
	struct pipeline w;
	struct job job;
	char *words;

	(void)state;
	world_init(&w);
	model_start(&w, &model);
	put_many(&w);
	/* Alive as it is, it is asked again at once: that helps here... */
	model_set(&model, NULL, 100, 101, 502);
	index_by(&w, "{" LINES ",\"graph\":{\"by\":\"model\"}}", 1);
	assert_int_equal(model_asked(&model), MANY + 2);
	words = graph_words(&w);
	assert_int_equal(count_of(words, '|'), MANY);
	assert_non_null(strstr(words, "|Ada Person699:Concept*1;"));
	mem_free(words);
	/* ...and not there. */
	index_by(&w, "{" LINES "}", 1);
	model_set(&model, NULL, 301, 303, 502);
	set(&w, "{" LINES ",\"graph\":{\"by\":\"model\"}}");
	assert_int_equal(world_index(&w, &job), 0);
	job = until_waiting(&w, &job.uuid, WAITING_UPSTREAM);
	assert_int_equal(job.segments_completed, 300);
	job = world_until(&w, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(model_asked(&model), MANY + 3);
	words = graph_words(&w);
	assert_int_equal(count_of(words, '|'), MANY);
	assert_non_null(strstr(words, "|Ada Person300:Concept*1;"));
	mem_free(words);
	(void)world_audit(&w);
	model_stop(&w, &model);
}

/* Of a question and its answer. */
static void
test_questions(void **state)
{
	struct model model;
	struct pipeline w;

	(void)state;
	world_init(&w);
	model_start(&w, &model);
	world_put(&w, "a.txt", "text\n", 1);
	model_set(&model, "Q1: Where did Alan Turing work?\n"
	    "A1: Alan Turing worked at the University of Manchester.", 0, 0,
	    0);
	index_by(&w, "{\"questions\":\"English\","
	    "\"graph\":{\"by\":\"rules\"}}", 1);
	expect_graph(&w, "|Alan Turing:Person*2;"
	    "University of Manchester:Organization*1;"
	    "alan turing>works_at>university of manchester*1;", RULES);
	model_stop(&w, &model);
}

/* ---- by hand ------------------------------------------------------------- */

#define TURING_WORDS                                                          \
	"|Alan Turing:Person*1;University of Manchester:Organization*1;"      \
	"alan turing>works_at>university of manchester*1;"

static void
change(struct pipeline *w, const struct uuid *document,
    const struct uuid *segment, struct segment_edit edit)
{
	struct err_note note = {""};

	if (engine_segment_change(w->engine, w->account_id, document, segment,
		&edit, "me", &note) < 0)
		fail_msg("%s", note.text);
}

static void
test_edits(void **state)
{
	struct segment_edit added[2] = {{.text = TURING},
	    {.text = "Who was it?", .answer = CURIE}};
	struct uuid document, first, segments[2];
	struct err_note note = {""};
	struct pipeline w;

	(void)state;
	world_init(&w);
	world_start(&w);
	world_base(&w);
	world_put(&w, "a.txt", TURING, 1);
	index_by(&w, BY_RULES, 1);
	document = document_named(&w, "a.txt");
	first = segments_of(&w, &document).uuids[0];
	expect_graph(&w, TURING_WORDS, RULES);
	assert_int_equal(engine_segments_add(w.engine, w.account_id,
			     &document, added, 2, segments, &note), 0);
	expect_graph(&w, TURING_WORDS TURING_WORDS CURIE_WORDS, RULES);
	/* Another text, another answer; off and on. */
	change(&w, &document, &first, (struct segment_edit){.text = CURIE});
	expect_graph(&w, CURIE_WORDS TURING_WORDS CURIE_WORDS, RULES);
	change(&w, &document, &segments[1],
	    (struct segment_edit){.answer = TURING});
	expect_graph(&w, CURIE_WORDS TURING_WORDS TURING_WORDS, RULES);
	change(&w, &document, &segments[1],
	    (struct segment_edit){.sets_enabled = true});
	expect_graph(&w, CURIE_WORDS TURING_WORDS, RULES);
	change(&w, &document, &segments[1],
	    (struct segment_edit){.sets_enabled = true, .is_enabled = true});
	expect_graph(&w, CURIE_WORDS TURING_WORDS TURING_WORDS, RULES);
	/* No graph is asked for any more: what says something else has none,
	 * and what stands there keeps its own. */
	set(&w, "{}");
	change(&w, &document, &first, (struct segment_edit){.text = TURING});
	change(&w, &document, &segments[1],
	    (struct segment_edit){.answer = TURING, .keywords = "[\"k\"]"});
	expect_graph(&w, TURING_WORDS TURING_WORDS, RULES);
	assert_int_equal(engine_segment_delete(w.engine, w.account_id,
			     &document, &segments[1], &note), 0);
	expect_graph(&w, TURING_WORDS, RULES);
	world_fini(&w);
}

/* What a model said stays where the text stays; what is new is by rules. */
static void
test_edits_of_model(void **state)
{
	struct uuid document, first;
	struct model model;
	struct pipeline w;

	(void)state;
	world_init(&w);
	model_start(&w, &model);
	world_put(&w, "a.txt", CURIE, 1);
	model_set(&model, right, 0, 0, 0);
	index_by(&w, BY_MODEL, 1);
	document = document_named(&w, "a.txt");
	first = segments_of(&w, &document).uuids[0];
	change(&w, &document, &first, (struct segment_edit){.text = CURIE,
	    .keywords = "[\"k\"]"});
	expect_graph(&w, right_words, MODEL);
	change(&w, &document, &first, (struct segment_edit){.text = TURING});
	expect_graph(&w, TURING_WORDS, MODEL);
	assert_int_equal(model_asked(&model), 1);
	model_stop(&w, &model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_embedder_fails),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_model_fails),
		cmocka_unit_test(test_model_stops),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_edits_of_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
