/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_bench: the ten best of the full text, again and again.
 *
 *	index_bench DIR DOCUMENTS QUERIES
 *
 * Makes a store in DIR with a segment of each line of the file DOCUMENTS,
 * merges its parts as a server does when it is left alone, and says "ready",
 * the documents and the seconds of processor time.  Then it answers each line
 * of its input with a line: "round" with the microseconds of processor time
 * that each line of QUERIES took, its words being the query; "hits" with the
 * numbers of the documents found, separated by commas, for each.  xapian_bench
 * does the same.
 *
 * A query's time is that of store_search_terms(): its snapshot, the stems of
 * its words, the search, and whether what is found is still there.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/store.h"
#include "store/store_index.h"
#include "text/language.h"

#define BEST 10u
#define LINE_BYTES (1u << 20)
#define QUERIES_MAX 10000u
#define WORDS_MAX 32u
#define COMMIT_DOCUMENTS 1000u

struct bench {
	struct store *writer, *reader;
	int64_t base_id, part_id;
	unsigned documents;
	char *queries[QUERIES_MAX];
	size_t query_count;
	int64_t hits[BEST];
	size_t hit_count;
};

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "index_bench: %s\n", what);
	exit(1);
}

static void
must(int err, const char *what)
{
	if (err < 0)
		die(what);
}

static double
now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec * 1e-3;
}

/* A line without its end; false: there is none. */
static bool
line_read(FILE *file, char line[LINE_BYTES])
{
	if (fgets(line, LINE_BYTES, file) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* ---- the store ---------------------------------------------------------- */

static void
document_put(struct bench *bench, const char *text)
{
	struct revision r = {.base_id = bench->base_id, .title = "",
	    .media_type = "text/plain", .language = "en", .summary = "",
	    .keyphrases = "[]", .rule = 1, .stems = LANGUAGE_ENGLISH};
	struct segment segment = {.section = "", .text = text,
	    .text_len = strlen(text)};
	char name[32];

	(void)snprintf(name, sizeof(name), "%u.txt", bench->documents++);
	must(store_document_put(bench->writer, bench->base_id, name, name,
		 "{}", 0, 0, 1, &r.document_id), "no document");
	must(store_revision_add(bench->writer, &r, &r.id), "no revision");
	segment.chars = (uint32_t)segment.text_len;
	must(store_segments_add(bench->writer, &r, &segment, 1),
	    "no segment");
	r.segments = r.stored = 1;
	must(store_revision_publish(bench->writer, &r, 1), "not published");
}

static void
turn_begin(struct bench *bench)
{
	must(store_begin(bench->writer, NULL), "no transaction");
}

static void
turn_end(struct bench *bench)
{
	must(store_commit(bench->writer, NULL), "no commit");
	must(store_checkpoint(bench->writer, false), "no checkpoint");
}

static void
store_fill(struct bench *bench, const char *path)
{
	struct account account = {.name = "bench"};
	struct base base = {.name = "bench", .description = "",
	    .settings = "{}"};
	char *line = mem_array(LINE_BYTES, 1);
	FILE *file = fopen(path, "rb");

	if (file == NULL || line == NULL)
		die("no documents");
	turn_begin(bench);
	must(store_account_add(bench->writer, &account, &base.account_id),
	    "no account");
	must(store_base_add(bench->writer, &base, &base.id), "no base");
	bench->base_id = base.id;
	while (line_read(file, line)) {
		document_put(bench, line);
		if (bench->documents % COMMIT_DOCUMENTS != 0)
			continue;
		turn_end(bench);
		turn_begin(bench);
	}
	turn_end(bench);
	(void)fclose(file);
	mem_free(line);
}

/* ---- merging, as the engine's janitor does it ---------------------------- */

static void
part_begin(struct bench *bench, const struct merge_plan *plan)
{
	turn_begin(bench);
	must(store_merge_begin(bench->writer, plan, &bench->part_id),
	    "no part");
	turn_end(bench);
}

static int
piece_put(void *arg, uint32_t first, const void *bytes, size_t len)
{
	struct bench *bench = arg;

	turn_begin(bench);
	must(store_merge_put(bench->writer, bench->part_id, first, bytes,
		 len), "no piece");
	turn_end(bench);
	return 0;
}

static void
store_merge(struct bench *bench)
{
	struct merge_plan plan;
	struct merge_made made;
	bool is_more;

	for (;;) {
		must(store_merge_plan(bench->reader, bench->base_id,
			 MERGE_MANY, &plan), "no plan");
		if (plan.count == 0)
			break;
		part_begin(bench, &plan);
		must(store_merge_make(bench->reader, &plan, piece_put, bench,
			 &made), "not merged");
		turn_begin(bench);
		must(store_merge_end(bench->writer, &plan, bench->part_id,
			 &made), "not merged");
		turn_end(bench);
	}
	do {
		turn_begin(bench);
		must(store_merge_sweep(bench->writer, &is_more), "no sweep");
		turn_end(bench);
	} while (is_more);
}

/* ---- queries ------------------------------------------------------------ */

static void
queries_read(struct bench *bench, const char *path)
{
	char *line = mem_array(LINE_BYTES, 1);
	FILE *file = fopen(path, "rb");

	if (file == NULL || line == NULL)
		die("no queries");
	while (bench->query_count < QUERIES_MAX && line_read(file, line)) {
		bench->queries[bench->query_count] = mem_strdup(line);
		if (bench->queries[bench->query_count++] == NULL)
			die("out of memory");
	}
	(void)fclose(file);
	mem_free(line);
}

static int
hit(void *arg, int64_t segment_id, double score)
{
	struct bench *bench = arg;

	(void)score;
	if (bench->hit_count < BEST)
		bench->hits[bench->hit_count++] = segment_id;
	return 0;
}

/* The query's words are its own afterwards; the time without cutting it. */
static double
ask(struct bench *bench, const char *query)
{
	struct search_term terms[WORDS_MAX];
	struct search_request request = {.base_id = bench->base_id,
	    .terms = terms, .limit = BEST};
	char words[1024], *rest = words, *word;
	double begun;

	(void)snprintf(words, sizeof(words), "%s", query);
	while (request.count < WORDS_MAX &&
	    (word = strtok_r(rest, " ", &rest)) != NULL)
		terms[request.count++] =
		    (struct search_term){.text = word, .weight = 1.0};
	bench->hit_count = 0;
	begun = now_us();
	must(store_search_terms(bench->reader, &request, hit, bench),
	    "no search");
	return now_us() - begun;
}

static void
round_run(struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->query_count; i++)
		(void)printf("%s%.2f", i == 0 ? "" : " ",
		    ask(bench, bench->queries[i]));
	(void)printf("\n");
}

/* Segments are numbered from 1 in the order in which they came. */
static void
hits_print(struct bench *bench)
{
	size_t i, k;

	for (i = 0; i < bench->query_count; i++) {
		(void)ask(bench, bench->queries[i]);
		(void)printf("%s", i == 0 ? "" : " ");
		for (k = 0; k < bench->hit_count; k++)
			(void)printf("%s%lld", k == 0 ? "" : ",",
			    (long long)bench->hits[k] - 1);
		if (bench->hit_count == 0)
			(void)printf("-");
	}
	(void)printf("\n");
}

int
main(int argc, char **argv)
{
	static struct bench bench;
	char word[32];
	size_t i;

	if (argc != 4)
		die("usage: index_bench DIR DOCUMENTS QUERIES");
	must(store_open(argv[1], STORE_WRITER, &bench.writer, NULL),
	    "no store");
	store_fill(&bench, argv[2]);
	must(store_open(argv[1], STORE_READER, &bench.reader, NULL),
	    "no reader");
	store_merge(&bench);
	queries_read(&bench, argv[3]);
	(void)printf("ready %u %.2f\n", bench.documents, now_us() * 1e-6);
	(void)fflush(stdout);
	while (fgets(word, sizeof(word), stdin) != NULL) {
		if (strcmp(word, "round\n") == 0)
			round_run(&bench);
		else
			hits_print(&bench);
		(void)fflush(stdout);
	}
	for (i = 0; i < bench.query_count; i++)
		mem_free(bench.queries[i]);
	store_close(bench.reader);
	store_close(bench.writer);
	return 0;
}
