/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/doctor_place.h"

/* Those that tests cannot mount. */
static void
test_places(void **state)
{
	(void)state;
	assert_string_equal(place_find(0x6969)->name, "NFS");
	assert_true(place_find(0x6969)->is_wrong);
	assert_string_equal(place_find(0xff534d42)->name, "CIFS");
	/* statfs() may give it with a sign. */
	assert_string_equal(
	    place_find((unsigned long)(long)(int)0xff534d42)->name, "CIFS");
	assert_false(place_find(0x01021994)->is_wrong);
	assert_null(place_find(0xef53)); /* ext4 */
	assert_null(place_find(0x58465342)); /* XFS */
	assert_null(place_find(0x9123683e)); /* btrfs */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
