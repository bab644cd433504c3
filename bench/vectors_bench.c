/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vectors_bench: the nearest of many segments, in memory and through the store.
 *
 *	vectors_bench DIR SEGMENTS [QUERIES]
 *
 * Makes a store in DIR with so many segments of 384 dimensions, around 1,000
 * centres, in documents of 100, and asks for the best 100: once when nothing
 * is in memory, then QUERIES (500) times, half of a hybrid query each: the
 * snapshot, the mirror, the hidden revisions, the search; "hybrid" adds the
 * words' half with one word of a hundredth of the segments.  Wall-clock time
 * of one thread.
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
#include "engine/mirror.h"
#include "search/flat.h"
#include "search/near.h"
#include "search/vector.h"
#include "store/store_index.h"
#include "store/store_vector.h"

#define DIMENSIONS 384u
#define CENTRES 1000u
#define PER_DOCUMENT 100u
#define BEST 100u
#define SCANS 3
#define QUERIES_MAX 100000u

static uint64_t state = 88172645463325252ULL;
static int8_t centres[CENTRES][DIMENSIONS];

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "vectors_bench: %s\n", what);
	exit(1);
}

static void
must(int err, const char *what)
{
	if (err < 0)
		die(what);
}

static uint32_t
next(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

static clockid_t clock_used = CLOCK_MONOTONIC;

static double
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(clock_used, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec * 1e-6;
}

static float
vector_any(int8_t *vector)
{
	const int8_t *centre = centres[next(CENTRES)];
	float components[DIMENSIONS], scale, squares = 0;
	size_t i;

	for (i = 0; i < DIMENSIONS; i++) {
		components[i] = (float)centre[i] + (float)next(127) - 63;
		squares += components[i] * components[i];
	}
	for (i = 0; i < DIMENSIONS; i++)
		components[i] /= sqrtf(squares);
	vector_quantise(components, DIMENSIONS, vector, &scale);
	return scale;
}

/* ---- the store ---------------------------------------------------------- */

static void
document_make(struct store *store, int64_t base_id, unsigned n)
{
	struct revision r = {.base_id = base_id, .has_vectors = true,
	    .title = "", .media_type = "text/plain", .language = "en",
	    .summary = "", .keyphrases = "[]", .rule = 1};
	struct segment segment = {.section = "", .dimensions = DIMENSIONS};
	int8_t vector[DIMENSIONS];
	char text[64];
	uint32_t i;

	(void)snprintf(text, sizeof(text), "%u.txt", n);
	must(store_document_put(store, base_id, text, text, "{}", 0, 0, 1,
		 &r.document_id), "no document");
	must(store_revision_add(store, &r, &r.id), "no revision");
	for (i = 0; i < PER_DOCUMENT; i++) {
		(void)snprintf(text, sizeof(text), "word%u number%u",
		    next(100), next(1000000));
		segment.ordinal = i;
		segment.text = text;
		segment.text_len = strlen(text);
		segment.chars = (uint32_t)segment.text_len;
		segment.vector = vector;
		segment.scale = vector_any(vector);
		must(store_segments_add(store, &r, &segment, 1),
		    "no segment");
	}
	r.segments = r.stored = PER_DOCUMENT;
	must(store_revision_publish(store, &r, 1), "not published");
}

static int64_t
store_make(const char *dir, unsigned segments)
{
	struct account account = {.name = "bench"};
	struct base base = {.name = "bench", .description = "",
	    .settings = "{}"};
	struct store *store;
	struct err_note note = {""};
	unsigned i;

	if (store_open(dir, STORE_WRITER, &store, &note) < 0)
		die(note.text);
	must(store_begin(store, &note), "no transaction");
	must(store_account_add(store, &account, &base.account_id), "account");
	must(store_base_add(store, &base, &base.id), "no base");
	for (i = 0; i < segments / PER_DOCUMENT; i++) {
		document_make(store, base.id, i);
		if (i % 100 != 99)
			continue;
		must(store_commit(store, &note), "no commit");
		must(store_checkpoint(store, false), "no checkpoint");
		must(store_begin(store, &note), "no transaction");
	}
	must(store_commit(store, &note), "no commit");
	store_close(store);
	return base.id;
}

/* ---- queries ------------------------------------------------------------ */

struct asking {
	struct mirrors *mirrors;
	struct store *reader;
	int64_t base_id;
	int8_t vector[DIMENSIONS];
	float scale;
	size_t hits;
	struct top top;
	struct candidate list[BEST];
};

static bool
is_found(void *arg, int64_t revision_id)
{
	(void)arg;
	(void)revision_id;
	return true;
}

static int
hide(void *arg, int64_t revision_id)
{
	(void)arg;
	(void)revision_id;
	return 0;
}

static int
hit(void *arg, int64_t segment_id, double score)
{
	struct asking *asking = arg;

	(void)segment_id;
	asking->hits += score > 0;
	return 0;
}

static double
ask(struct asking *asking, bool is_hybrid)
{
	const struct mirror_want want = {asking->base_id, 0, DIMENSIONS};
	const struct flat_query query = {.vector = asking->vector,
	    .scale = asking->scale, .accept = is_found};
	char word[16];
	const struct search_term term = {.text = word, .weight = 1.0};
	const struct search_request words = {.base_id = asking->base_id,
	    .terms = &term, .count = 1, .limit = BEST};
	struct flat *flat;
	double begun = now_ms();

	must(store_begin(asking->reader, NULL), "no snapshot");
	must(mirrors_take(asking->mirrors, asking->reader, &want, &flat),
	    "no mirror");
	must(store_revisions_hidden(asking->reader, asking->base_id, hide,
		 NULL), "no revisions");
	top_init(&asking->top, asking->list, BEST);
	must(flat_search(flat, &query, &asking->top), "no search");
	(void)snprintf(word, sizeof(word), "word%u", next(100));
	if (is_hybrid)
		must(store_search_terms(asking->reader, &words, hit, asking),
		    "no words");
	flat_unref(flat);
	store_end(asking->reader);
	return now_ms() - begun;
}

static int
scan_one(void *arg, const struct vector_kept *kept)
{
	struct asking *asking = arg;

	top_put(&asking->top, kept->segment_id,
	    (double)vector_dot(asking->vector, kept->bytes, DIMENSIONS) *
		(double)asking->scale * (double)kept->scale);
	return 0;
}

static double
scan(struct asking *asking)
{
	double begun = now_ms();

	top_init(&asking->top, asking->list, BEST);
	must(store_vectors_each(asking->reader, asking->base_id, scan_one,
		 asking), "no scan");
	return now_ms() - begun;
}

static int
order(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void
ask_many(struct asking *asking, unsigned count, bool is_hybrid,
    const char *name)
{
	double *took = mem_array(count, sizeof(*took));
	unsigned i;

	if (took == NULL)
		die("out of memory");
	for (i = 0; i < count; i++) {
		asking->scale = vector_any(asking->vector);
		took[i] = ask(asking, is_hybrid);
	}
	qsort(took, count, sizeof(*took), order);
	(void)printf("%s p50 %.3f ms\n%s p99 %.3f ms\n", name,
	    took[count / 2], name, took[count * 99 / 100]);
	mem_free(took);
}

int
main(int argc, char **argv)
{
	struct asking asking = {.hits = 0};
	unsigned long segments, queries = 500;
	double took[SCANS];
	uint64_t bytes;
	size_t count;
	int i;

	if (argc < 3)
		die("usage: vectors_bench DIR SEGMENTS [QUERIES]");
	segments = strtoul(argv[2], NULL, 10);
	if (argc > 3)
		queries = strtoul(argv[3], NULL, 10);
	if (segments < PER_DOCUMENT || segments > SEGMENTS_MAX ||
	    queries == 0 || queries > QUERIES_MAX)
		die("so many are not asked for");
	for (count = 0; count < sizeof(centres); count++)
		centres[count / DIMENSIONS][count % DIMENSIONS] =
		    (int8_t)((int)next(127) - 63);
	asking.base_id = store_make(argv[1], (unsigned)segments);
	must(store_open(argv[1], STORE_READER, &asking.reader, NULL),
	    "no reader");
	asking.mirrors = mirrors_new(4 * GIB);
	if (asking.mirrors == NULL)
		die("out of memory");
	asking.scale = vector_any(asking.vector);
	(void)printf("kernels %s\n", near_kernels()->name);
	(void)printf("first %.1f ms\n", ask(&asking, false));
	mirrors_measure(asking.mirrors, &count, &bytes);
	(void)printf("memory %.1f MB\n", (double)bytes / 1e6);
	ask_many(&asking, (unsigned)queries, false, "vectors");
	ask_many(&asking, (unsigned)queries, true, "hybrid");
	/* What it costs, however busy the machine is. */
	clock_used = CLOCK_THREAD_CPUTIME_ID;
	ask_many(&asking, (unsigned)queries, false, "vectors CPU");
	for (i = 0; i < SCANS; i++)
		took[i] = scan(&asking);
	qsort(took, SCANS, sizeof(took[0]), order);
	(void)printf("scan CPU %.1f ms\n", took[SCANS / 2]);
	mirrors_free(asking.mirrors);
	store_close(asking.reader);
	return 0;
}
