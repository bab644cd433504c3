/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search_bench: what a query costs over many segments.
 *
 *	search_bench EXTRACTOR MODEL DIR SEGMENTS [QUERIES]
 *
 * Fills a base in DIR with so many segments of some 100 words, in documents of
 * 100, with vectors by the static model in the folder MODEL, as make_model.py
 * makes it.  Then a server's engine opens DIR and is given the time to merge
 * what it wants to merge, and QUERIES (500) queries for the best 10 go through
 * engine_query(), by words, by vectors and by both, as they come over HTTP:
 * embedding the query, the snapshot, the search, the texts of what is found.
 *
 * Words are made up.  Six of ten are as often as words are (Zipf's law), most
 * others belong to the document's topic, one of 1,000, and some are in few
 * documents only.  Queries are drawn alike, their frequent words included: 4
 * to 10 words of one topic.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/static.h"
#include "engine/engine.h"
#include "engine/engine_int.h"
#include "engine/mirror.h"
#include "search/vector.h"
#include "store/store.h"
#include "store/store_model.h"
#include "text/language.h"

#define DIMENSIONS 384u
#define WORDS 30000u /* make_model.py has a vector for each */
#define TOPICS 1000u
#define TOPIC_WORDS 200u
#define DRAW_BITS 18
#define DRAWS (1u << DRAW_BITS)
#define PER_DOCUMENT 100u
#define BEST 10u
#define QUERIES_MAX 100000u
#define WARM 20u
#define TEXT_BYTES 2048u
#define QUIET_S 3u
#define QUIET_WAIT_S 900u

struct bench {
	const char *extractor, *model, *dir;
	struct engine *engine;
	struct store *store; /* the writer while it is filled, then a reader */
	struct embedder *embedder;
	int64_t account_id, base_id, embedder_id;
	struct uuid base;
	unsigned segments;
	size_t results;
};

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "search_bench: %s\n", what);
	exit(1);
}

static void
must(int err, const char *what)
{
	if (err < 0)
		die(what);
}

static double
now_ms(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec * 1e-6;
}

/* ---- words --------------------------------------------------------------- */

static uint64_t state = 88172645463325252ULL;
/* Numbers of words, each as many times as it is to be drawn. */
static uint16_t common[DRAWS];
static uint8_t topical[DRAWS]; /* of those of a topic */

static uint32_t
next(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

static void
draws_make(void)
{
	double sum = 0, at = 0;
	unsigned i, rank;

	for (i = 1; i <= WORDS; i++)
		sum += 1.0 / i;
	for (i = 0, rank = 0; i < DRAWS; i++) {
		while (rank + 1 < WORDS &&
		    at + 1.0 / (rank + 1) <= sum * i / DRAWS) {
			at += 1.0 / (rank + 1);
			rank++;
		}
		common[i] = (uint16_t)rank;
		/* Flatter than all words together. */
		topical[i] = (uint8_t)(TOPIC_WORDS *
		    pow((double)i / DRAWS, 2));
	}
}

/* Topics share words, but none has the hundred most frequent ones. */
static uint32_t
word_draw(uint32_t topic)
{
	uint32_t which;

	if (next(10) < 6)
		return common[next(DRAWS)];
	which = topic * TOPIC_WORDS + topical[next(DRAWS)];
	return 100 + (uint32_t)(which * 2654435761u) % (WORDS - 100);
}

/* The same word for the same number, as make_model.py has it. */
static size_t
word_put(char *out, uint32_t word)
{
	static const char consonants[] = "bcdfghklmnprstvz";
	static const char vowels[] = "aeio";
	size_t len = 0;

	do {
		out[len++] = consonants[word & 15];
		out[len++] = vowels[word >> 4 & 3];
		word >>= 6;
	} while (word != 0);
	out[len++] = ' ';
	return len;
}

static size_t
text_make(char out[TEXT_BYTES], uint32_t topic, unsigned words)
{
	size_t len = 0;

	while (words-- > 0 && len < TEXT_BYTES - 32) {
		if (next(40) == 0)
			len += (size_t)snprintf(out + len, 32, "x%u ",
			    next(1000000));
		else
			len += word_put(out + len, word_draw(topic));
	}
	out[--len] = '\0';
	return len;
}

/* ---- the store ----------------------------------------------------------- */

static void
segment_put(struct bench *bench, struct revision *r, uint32_t topic)
{
	struct segment segment = {.section = "", .dimensions = DIMENSIONS,
	    .ordinal = r->stored, .embedder_id = bench->embedder_id};
	float components[DIMENSIONS];
	int8_t vector[DIMENSIONS];
	char text[TEXT_BYTES];
	struct embed_text one = {.text = text};

	one.len = text_make(text, topic, 50 + next(101));
	must(bench->embedder->run(bench->embedder, &one, 1, components,
		 NULL), "not embedded");
	vector_quantise(components, DIMENSIONS, vector, &segment.scale);
	segment.text = text;
	segment.text_len = one.len;
	segment.chars = (uint32_t)one.len;
	segment.vector = vector;
	must(store_segments_add(bench->store, r, &segment, 1), "no segment");
	r->stored++;
}

static void
document_put(struct bench *bench, unsigned n)
{
	struct revision r = {.base_id = bench->base_id, .has_vectors = true,
	    .title = "", .media_type = "text/plain", .language = "en",
	    .summary = "", .keyphrases = "[]", .rule = 1,
	    .stems = LANGUAGE_ENGLISH, .embedder_id = bench->embedder_id};
	uint32_t topic = next(TOPICS);
	char name[32];

	(void)snprintf(name, sizeof(name), "%u.txt", n);
	must(store_document_put(bench->store, bench->base_id, name, name,
		 "{}", 0, 0, 1, &r.document_id), "no document");
	must(store_revision_add(bench->store, &r, &r.id), "no revision");
	while (r.stored < PER_DOCUMENT)
		segment_put(bench, &r, topic);
	r.segments = r.stored;
	must(store_revision_publish(bench->store, &r, 1), "not published");
}

static int
base_seen(void *arg, const struct base *base)
{
	struct bench *bench = arg;

	bench->base_id = base->id;
	return 0;
}

static void
embedder_find(struct bench *bench)
{
	struct base_model model = {.name = NULL};
	size_t dimensions = 0;

	must(embed_static_new(bench->model, &bench->embedder, NULL),
	    "no model");
	if (bench->embedder->dimensions != DIMENSIONS)
		die("the model has other dimensions");
	must(store_embedder(bench->store, bench->embedder->name,
		 &bench->embedder_id, &dimensions), "no embedder");
	if (dimensions == 0)
		must(store_embedder_learn(bench->store, bench->embedder_id,
			 DIMENSIONS), "no embedder");
	/* What the server will take for its default. */
	model.wanted_id = bench->embedder_id;
	must(store_base_model(bench->store, bench->base_id, &model, 1),
	    "no model");
	must(store_base_answer(bench->store, bench->base_id), "no model");
}

static void
store_fill(struct bench *bench)
{
	unsigned i;

	must(store_open(bench->dir, STORE_WRITER, &bench->store, NULL),
	    "no store");
	must(store_base_find(bench->store, bench->account_id, &bench->base,
		 NULL, base_seen, bench), "no base");
	must(store_begin(bench->store, NULL), "no transaction");
	embedder_find(bench);
	for (i = 0; i < bench->segments / PER_DOCUMENT; i++) {
		document_put(bench, i);
		/* As much as a server commits at once. */
		if (i % 50 != 49)
			continue;
		must(store_commit(bench->store, NULL), "no commit");
		must(store_checkpoint(bench->store, false), "no checkpoint");
		must(store_begin(bench->store, NULL), "no transaction");
	}
	must(store_commit(bench->store, NULL), "no commit");
	must(store_checkpoint(bench->store, true), "no checkpoint");
	store_close(bench->store);
	bench->embedder->close(bench->embedder);
}

/* ---- the engine ---------------------------------------------------------- */

static void
engine_begin(struct bench *bench)
{
	struct engine_config config = {.data_dir = bench->dir,
	    .extractor = bench->extractor, .workers = 1,
	    .file_bytes_max = MIB, .embedding_folder = bench->model};
	struct err_note note = {.text = ""};

	if (engine_open(&config, &bench->engine, &note) < 0 ||
	    engine_start(bench->engine, &note) < 0)
		die(note.text);
	must(engine_reader(bench->engine, &bench->store, NULL), "no reader");
}

static void
engine_end(struct bench *bench)
{
	store_close(bench->store);
	engine_stop(bench->engine);
	engine_close(bench->engine);
}

static void
base_make(struct bench *bench)
{
	struct uuid uuid;

	engine_begin(bench);
	must(store_account_first(bench->store, &bench->account_id, &uuid),
	    "no account");
	must(engine_base_create(bench->engine, bench->account_id, "bench", "",
		 "{}", &bench->base, NULL), "no base");
	engine_end(bench);
}

/* Until its threads have had nothing to do for some seconds. */
static void
engine_quieten(void)
{
	const struct timespec second = {.tv_sec = 1};
	unsigned quiet = 0, waited;
	double before;

	for (waited = 0; quiet < QUIET_S; waited++) {
		if (waited == QUIET_WAIT_S)
			die("the engine does not come to rest");
		before = now_ms(CLOCK_PROCESS_CPUTIME_ID);
		(void)nanosleep(&second, NULL);
		quiet = now_ms(CLOCK_PROCESS_CPUTIME_ID) - before < 20
		    ? quiet + 1 : 0;
	}
}

/* ---- queries ------------------------------------------------------------- */

static int
result_seen(void *arg, const struct result *result)
{
	struct bench *bench = arg;

	bench->results += result->text_len > 0;
	return 0;
}

static void
ask(struct bench *bench, double semantic_ratio)
{
	char text[TEXT_BYTES];
	const struct query query = {.text = text, .limit = BEST,
	    .semantic_ratio = semantic_ratio};
	int64_t generation;

	(void)text_make(text, next(TOPICS), 4 + next(7));
	must(engine_query(bench->engine, bench->store, bench->account_id,
		 &bench->base, &query, &generation, result_seen, bench, NULL),
	    "no search");
}

static int
order(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void
ask_many(struct bench *bench, unsigned count, double semantic_ratio,
    const char *name)
{
	double *took = mem_array(count, sizeof(*took));
	double cpu, begun;
	unsigned i;

	if (took == NULL)
		die("out of memory");
	for (i = 0; i < WARM; i++)
		ask(bench, semantic_ratio);
	bench->results = 0;
	cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < count; i++) {
		begun = now_ms(CLOCK_MONOTONIC);
		ask(bench, semantic_ratio);
		took[i] = now_ms(CLOCK_MONOTONIC) - begun;
	}
	cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	qsort(took, count, sizeof(*took), order);
	(void)printf("%s p50 %.3f ms\n%s p99 %.3f ms\n%s CPU %.3f ms\n",
	    name, took[count / 2], name, took[count * 99 / 100], name,
	    cpu / count);
	(void)printf("%s found %.2f each\n", name,
	    (double)bench->results / count);
	mem_free(took);
}

static void
run(struct bench *bench, unsigned queries)
{
	double begun = now_ms(CLOCK_MONOTONIC);
	uint64_t bytes;
	size_t count;

	draws_make();
	base_make(bench);
	store_fill(bench);
	(void)printf("filled in %.1f s\n",
	    (now_ms(CLOCK_MONOTONIC) - begun) * 1e-3);
	begun = now_ms(CLOCK_MONOTONIC);
	engine_begin(bench);
	/* As after a job that has filled it. */
	janitor_note(bench->engine->janitor, bench->base_id);
	engine_quieten();
	(void)printf("merged in %.1f s\n",
	    (now_ms(CLOCK_MONOTONIC) - begun) * 1e-3);
	begun = now_ms(CLOCK_MONOTONIC);
	ask(bench, 1.0);
	(void)printf("first %.1f ms\n", now_ms(CLOCK_MONOTONIC) - begun);
	engine_quieten();
	mirrors_measure(bench->engine->mirrors, &count, &bytes);
	(void)printf("memory %.1f MB\n", (double)bytes / 1e6);
	ask_many(bench, queries, 0.0, "words");
	ask_many(bench, queries, 1.0, "vectors");
	ask_many(bench, queries, 0.5, "hybrid");
	engine_end(bench);
}

int
main(int argc, char **argv)
{
	static struct bench bench;
	unsigned long segments, queries = 500;

	if (argc < 5)
		die("usage: search_bench EXTRACTOR MODEL DIR SEGMENTS "
		    "[QUERIES]");
	segments = strtoul(argv[4], NULL, 10);
	if (argc > 5)
		queries = strtoul(argv[5], NULL, 10);
	if (segments < PER_DOCUMENT || segments > SEGMENTS_MAX ||
	    queries == 0 || queries > QUERIES_MAX)
		die("so many are not asked for");
	bench.extractor = argv[1];
	bench.model = argv[2];
	bench.dir = argv[3];
	bench.segments = (unsigned)segments;
	run(&bench, (unsigned)queries);
	return 0;
}
