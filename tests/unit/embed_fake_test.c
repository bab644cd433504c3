/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/embed.h"
#include "embed/embed_fake.h"

static void
test_fake(void **state)
{
	const struct embed_text texts[] = { { "one", 3 }, { "poison", 6 },
		{ "one", 3 } };
	struct embedder *fake = embed_fake_new(8);
	struct err_note note = { "" };
	float vectors[24];
	double squares = 0;
	size_t i;

	(void)state;
	assert_non_null(fake);
	embed_fake_fail(fake, 2, ERR_UPSTREAM);
	for (i = 0; i < 2; i++)
		assert_int_equal(fake->run(fake, texts, 3, vectors, &note),
		    ERR_UPSTREAM);
	assert_string_not_equal(note.text, "");
	assert_int_equal(fake->run(fake, texts, 3, vectors, &note), 0);
	assert_memory_equal(vectors, vectors + 16, 8 * sizeof(*vectors));
	assert_memory_not_equal(vectors, vectors + 8, 8 * sizeof(*vectors));
	for (i = 0; i < 8; i++)
		squares += (double)vectors[i] * (double)vectors[i];
	assert_true(fabs(squares - 1) < 1e-5);
	embed_fake_refuse(fake, "poison", ERR_INVALID);
	assert_int_equal(fake->run(fake, texts, 3, vectors, &note),
	    ERR_INVALID);
	assert_int_equal(fake->run(fake, texts, 1, vectors, NULL), 0);
	embed_fake_refuse(fake, NULL, 0);
	assert_int_equal(fake->run(fake, texts, 3, vectors, NULL), 0);
	assert_int_equal(embed_fake_runs(fake), 6);
	assert_int_equal(embed_fake_texts(fake), 7);
	fake->close(fake);
	mem_fail_at(1);
	assert_null(embed_fake_new(8));
	mem_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
