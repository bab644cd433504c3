/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/utf8.h"

static const int errs[] = {
#define ERR(name, value, class, http, text) ERR_##name,
#include "base/err_tbl.h"
};

#define ERRS (sizeof(errs) / sizeof(errs[0]))

static void
test_table(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ERRS; i++) {
		assert_true(errs[i] < 0);
		assert_string_not_equal(err_name(errs[i]), "UNKNOWN");
		assert_true(strlen(err_text(errs[i])) > 0);
		assert_in_range(err_http(errs[i]), 400, 599);
		for (j = 0; j < i; j++) {
			assert_int_not_equal(errs[i], errs[j]);
			assert_string_not_equal(err_name(errs[i]),
			    err_name(errs[j]));
		}
		/* A client is at fault for ever, a server for a while. */
		if (err_class(errs[i]) == ERR_CLASS_TRANSIENT)
			assert_true(err_http(errs[i]) >= 500);
	}
}

static void
test_stored_values(void **state)
{
	(void)state;
	assert_int_equal(ERR_NOMEM, -1);
	assert_int_equal(ERR_STORAGE_FULL, -5);
	assert_int_equal(ERR_NOT_FOUND, -11);
	assert_int_equal(ERR_CONFLICT, -13);
	assert_int_equal(ERR_INTERNAL, -20);
	assert_int_equal(ERRS, 20);
}

static void
test_unknown(void **state)
{
	static const int unknown[] = {0, 1, -1000, INT32_MIN, INT32_MAX};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_string_equal(err_name(unknown[i]), "UNKNOWN");
		assert_int_equal(err_class(unknown[i]), ERR_CLASS_PERMANENT);
		assert_int_equal(err_http(unknown[i]), 500);
	}
}

static void
test_note(void **state)
{
	struct err_note note;

	(void)state;
	assert_int_equal(err_set(&note, ERR_IO, "page %d", 7), ERR_IO);
	assert_string_equal(note.text, "page 7");
	err_wrap(&note, "segment %d", 42);
	assert_string_equal(note.text, "segment 42: page 7");
	assert_string_equal(err_words(&note, ERR_IO), "segment 42: page 7");

	note.text[0] = '\0';
	assert_string_equal(err_words(&note, ERR_IO), err_text(ERR_IO));
	assert_string_equal(err_words(NULL, ERR_IO), err_text(ERR_IO));
	err_wrap(&note, "alone");
	assert_string_equal(note.text, "alone");

	/* Without a note the words are lost, the error is not. */
	assert_int_equal(err_set(NULL, ERR_BUSY, "x"), ERR_BUSY);
	err_wrap(NULL, "x");
}

/* Words that are too long are cut at a character, never within one. */
static void
test_note_cut(void **state)
{
	char text[2 * ERR_NOTE_SIZE];
	struct err_note note;
	size_t shift, i;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (i = shift; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\xF0\x9F\x98\x80", 4);
		text[i] = '\0';
		(void)err_set(&note, ERR_IO, "%s", text);
		assert_true(strlen(note.text) >= ERR_NOTE_SIZE - 4);
		assert_true(strlen(note.text) < ERR_NOTE_SIZE);
		assert_true(utf8_is_valid(note.text, strlen(note.text)));
		err_wrap(&note, "%s", "\xC3\xA4");
		assert_true(utf8_is_valid(note.text, strlen(note.text)));
		assert_memory_equal(note.text, "\xC3\xA4: ", 4);
	}
}

static void
test_errno(void **state)
{
	(void)state;
	assert_int_equal(err_from_errno(ENOMEM), ERR_NOMEM);
	assert_int_equal(err_from_errno(ENOSPC), ERR_STORAGE_FULL);
	assert_int_equal(err_from_errno(EDQUOT), ERR_STORAGE_FULL);
	assert_int_equal(err_from_errno(ENOENT), ERR_NOT_FOUND);
	assert_int_equal(err_from_errno(EACCES), ERR_FORBIDDEN);
	assert_int_equal(err_from_errno(EMFILE), ERR_BUSY);
	assert_int_equal(err_from_errno(EIO), ERR_IO);
	assert_int_equal(err_from_errno(0), ERR_IO);
	assert_int_equal(err_from_errno(99999), ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_stored_values),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_note),
	    cmocka_unit_test(test_note_cut),
	    cmocka_unit_test(test_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
