/* SPDX-License-Identifier: Apache-2.0 */
/* Queries with operators, against documents that are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "edit_world.h"
#include "base/buf.h"

struct seen {
	struct buf names; /* "name#position " of each result */
	bool is_partial;
	unsigned lists; /* by one half of the search alone */
};

static int
result_see(void *arg, const struct result *result)
{
	struct seen *seen = arg;

	seen->lists += result->is_lexical != result->is_vector;
	return buf_printf(&seen->names, "%s#%u ", result->name,
	    result->position);
}

/* What is found, in the order of its scores; more: a second base. */
static void
ask(struct fixture *f, const struct uuid *more, struct query query,
    struct seen *seen)
{
	struct uuid bases[2] = {f->w.base};
	struct err_note note = {""};
	int64_t generation;

	if (more != NULL)
		bases[1] = *more;
	query.ret_is_partial = &seen->is_partial;
	query.has_operators = true;
	if (query.limit == 0)
		query.limit = 100;
	seen->lists = 0;
	buf_clear(&seen->names);
	assert_int_equal(engine_query_bases(f->w.engine, f->w.reader,
			     f->w.account_id, bases, more == NULL ? 1 : 2,
			     &query, &generation, result_see, seen, &note),
	    0);
}

static void
expect(struct fixture *f, const char *text, const char *wanted)
{
	static const double ratios[] = {0, 0.5, 1};
	struct seen seen;
	size_t i;

	buf_init(&seen.names, 64 * KIB);
	for (i = 0; i < 3; i++) {
		ask(f, NULL, (struct query){.text = text,
		    .semantic_ratio = ratios[i]}, &seen);
		assert_string_equal(buf_text(&seen.names), wanted);
		assert_false(seen.is_partial);
	}
	buf_fini(&seen.names);
}

static void
segment_put(struct fixture *f, const char *text, const char *keywords)
{
	struct segment_edit edit = {.text = text, .keywords = keywords};
	struct uuid uuid;

	assert_int_equal(segment_add(f, &f->first, &edit, &uuid), 0);
}

/* What is not there is said by the answer being empty. */
static void
test_where_words_stand(void **state)
{
	struct fixture *f = *state;

	expect(f, "\"the apple\"", "first.txt#0 ");
	expect(f, "\"apple the\"", "");
	expect(f, "text -\"the apple\"", "second.txt#0 ");
	expect(f, "name:second", "second.txt#0 ");
	expect(f, "name:txt", "first.txt#0 second.txt#0 ");
	expect(f, "-name:first -banana", "");
	segment_put(f, "a pear", "[\"green fruit\",\"sour\"]");
	expect(f, "keyword:fruit", "first.txt#1 ");
	expect(f, "\"green fruit\"", "first.txt#1 ");
	expect(f, "\"fruit sour\"", "");
	expect(f, "text:fruit", "");
	expect(f, "-keyword:sour name:first", "first.txt#0 ");
	expect(f, "pear -keyword:fruit name:first -apple", "");
	expect(f, "name:first", "first.txt#0 first.txt#1 ");
}

static void
test_edits_hold_at_once(void **state)
{
	struct fixture *f = *state;
	struct document_edit off = {.document = f->second,
	    .sets_enabled = true};
	struct document_edit name = {.document = f->second,
	    .name = "third.txt", .sets_enabled = true, .is_enabled = true};
	struct uuid segment = segments_of(&f->w, &f->first).uuids[0];
	struct segment_edit edit = {.text = "the pear text"};

	assert_int_equal(segment_change(f, &segment, &edit), 0);
	expect(f, "\"the apple\"", "");
	expect(f, "\"pear text\"", "first.txt#0 ");
	assert_int_equal(segment_switch(f, &segment, false), 0);
	expect(f, "\"pear text\"", "");
	expect(f, "name:first", "");
	expect(f, "-banana", "");
	assert_int_equal(documents_edit(f, &off, 1), 0);
	expect(f, "\"the banana\"", "");
	expect(f, "name:second", "");
	assert_int_equal(documents_edit(f, &name, 1), 0);
	expect(f, "name:second", "");
	expect(f, "\"the banana\" name:third", "third.txt#0 ");
}

static void
test_bases(void **state)
{
	struct fixture *f = *state;
	struct uuid first = f->w.base;
	struct err_note note = {""};
	struct seen seen;

	buf_init(&seen.names, 64 * KIB);
	assert_int_equal(engine_base_create(f->w.engine, f->w.account_id,
			     "more", NULL, NULL, &f->w.base, &note), 0);
	world_put(&f->w, "third.txt", "the apple cake", 1);
	assert_int_equal(index_all(&f->w).counts.completed, 3);
	ask(f, &first, (struct query){.text = "name:third"}, &seen);
	assert_string_equal(buf_text(&seen.names), "third.txt#0 ");
	/* In the order in which the bases were named. */
	ask(f, &first, (struct query){.text = "-banana"}, &seen);
	assert_string_equal(buf_text(&seen.names),
	    "first.txt#0 third.txt#0 first.txt#0 ");
	ask(f, &first, (struct query){.text = "\"apple cake\" banana",
	    .semantic_ratio = 0.5}, &seen);
	assert_string_equal(buf_text(&seen.names), "third.txt#0 ");
	/* Each that words find is near to some degree, in whichever base. */
	ask(f, &first, (struct query){.text = "\"apple\"",
	    .semantic_ratio = 0.5}, &seen);
	assert_int_equal(seen.names.len, strlen("first.txt#0 ") * 3);
	assert_int_equal(seen.lists, 0);
	ask(f, &first, (struct query){.text = "name:txt", .limit = 2},
	    &seen);
	assert_string_equal(buf_text(&seen.names),
	    "first.txt#0 second.txt#0 ");
	buf_fini(&seen.names);
}

static void
test_bounds(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	char text[32];
	unsigned i;

	buf_init(&seen.names, 64 * KIB);
	for (i = 0; i < 20; i++) {
		(void)snprintf(text, sizeof(text), "grey %s %u",
		    i == 18 ? "goose" : "a goose", i);
		segment_put(f, text, NULL);
	}
	/* Those that pass are few, and those that are looked at fewer. */
	ask(f, NULL, (struct query){.text = "\"grey goose\""}, &seen);
	assert_string_equal(buf_text(&seen.names), "first.txt#19 ");
	assert_false(seen.is_partial);
	/* Asked for twice, it is looked for twice. */
	ask(f, NULL, (struct query){.text = "\"grey goose\"",
	    .expand = EXPAND_YES, .looks_max = 20}, &seen);
	assert_string_equal(buf_text(&seen.names), "first.txt#19 ");
	ask(f, NULL, (struct query){.text = "\"goose grey\"",
	    .looks_max = 19}, &seen);
	assert_string_equal(buf_text(&seen.names), "");
	assert_true(seen.is_partial);
	ask(f, NULL, (struct query){.text = "\"goose grey\"",
	    .looks_max = 20}, &seen);
	assert_false(seen.is_partial);
	ask(f, NULL, (struct query){.text = "-pear name:first",
	    .looks_max = 4}, &seen);
	assert_string_equal(buf_text(&seen.names),
	    "first.txt#0 first.txt#1 first.txt#2 first.txt#3 ");
	assert_true(seen.is_partial);
	/* Of one document no more than so many. */
	ask(f, NULL, (struct query){.text = "name:txt",
	    .per_document_max = 2}, &seen);
	assert_string_equal(buf_text(&seen.names),
	    "first.txt#0 first.txt#1 second.txt#0 ");
	/* With nearness it is the same. */
	ask(f, NULL, (struct query){.text = "\"a goose 3\"",
	    .semantic_ratio = 1}, &seen);
	assert_string_equal(buf_text(&seen.names), "first.txt#4 ");
	buf_fini(&seen.names);
}

/* A word may be required that would be left out as one that says nothing. */
static void
test_common_words(void **state)
{
	struct fixture *f = *state;

	segment_put(f, "to be or not to be", NULL);
	segment_put(f, "or to be a pear", NULL);
	expect(f, "\"to be or\" pear", "first.txt#1 ");
	expect(f, "\"to be\" -not", "first.txt#2 ");
	expect(f, "\"or to\"", "first.txt#2 ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAIN(test_where_words_stand),
		PLAIN(test_edits_hold_at_once),
		PLAIN(test_bases),
		PLAIN(test_bounds),
		PLAIN(test_common_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
