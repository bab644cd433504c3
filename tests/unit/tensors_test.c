/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "embed/tensors.h"
#include "sys/fs.h"

static char path[] = "/tmp/tensors-XXXXXX";

/* A file of a header, padded as the format's writers do, and zeroes, but for
 * what data gives. */
static void
file_make(const char *header, const void *data, size_t bytes)
{
	static unsigned char file[1 << 16];
	uint64_t len = (strlen(header) + 7) / 8 * 8;

	assert_true(8 + len + bytes <= sizeof(file));
	memcpy(file, &len, 8);
	memset(file + 8, ' ', len);
	memcpy(file + 8, header, strlen(header));
	if (data != NULL)
		memcpy(file + 8 + len, data, bytes);
	else
		memset(file + 8 + len, 0, bytes);
	assert_int_equal(fs_replace(path, file, 8 + len + bytes, 0600, NULL),
	    0);
}

static int
try(const char *header, size_t bytes, const char *words)
{
	struct tensors *tensors = NULL;
	struct err_note note = { .text = "" };
	int err;

	file_make(header, NULL, bytes);
	err = tensors_open(path, &tensors, &note);
	tensors_close(tensors);
	if (err < 0 && strstr(note.text, words) == NULL)
		fail_msg("%s", note.text);
	return err;
}

static int
setup(void **state)
{
	(void)state;
	return close(mkstemp(path));
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void
test_types(void **state)
{
	static const char header[] = "{\"__metadata__\":{\"format\":\"pt\"},"
	    "\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
	    "\"f\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[8,16]},"
	    "\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[16,28]},"
	    "\"b\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[28,30]},"
	    "\"i\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[30,32]}}";
	const double d = -2.5;
	const float f[2] = { 1.5f, -0.25f };
	const uint16_t h[6] = { 0x3C00, 0xC000, 0x0001, 0x7BFF, 0xFC00,
		0x8000 };
	const uint16_t b = 0x4049;
	unsigned char data[32] = { 0 };
	struct tensors *tensors;
	const struct tensor *tensor;
	float out[6];

	(void)state;
	memcpy(data, &d, 8);
	memcpy(data + 8, f, 8);
	memcpy(data + 16, h, 12);
	memcpy(data + 28, &b, 2);
	file_make(header, data, sizeof(data));
	assert_int_equal(tensors_open(path, &tensors, NULL), 0);
	assert_int_equal(tensors_count(tensors), 5);
	assert_string_equal(tensors_at(tensors, 1)->name, "f");
	assert_null(tensors_at(tensors, 5));
	assert_null(tensors_find(tensors, "x"));
	assert_null(tensors_find(tensors, "__metadata__"));
	tensor = tensors_find(tensors, "f");
	assert_int_equal(tensor->rank, 2);
	assert_int_equal(tensor->shape[0], 2);
	assert_int_equal(tensor->count, 2);
	assert_int_equal(tensor_floats(tensor, 0, 2, out), 0);
	assert_true(out[0] == 1.5f && out[1] == -0.25f);
	assert_int_equal(tensor_floats(tensor, 1, 1, out), 0);
	assert_true(out[0] == -0.25f);
	assert_int_equal(tensor_floats(tensor, 1, 2, out), ERR_INVALID);
	assert_int_equal(tensor_floats(tensor, 3, 0, out), ERR_INVALID);
	assert_int_equal(tensor_floats(tensors_find(tensors, "h"), 0, 6, out),
	    0);
	assert_true(out[0] == 1.0f && out[1] == -2.0f && out[2] == 0x1p-24f &&
	    out[3] == 65504.0f && isinf(out[4]) && out[5] == 0 &&
	    signbit(out[5]));
	assert_int_equal(tensor_floats(tensors_find(tensors, "b"), 0, 1, out),
	    0);
	assert_true(out[0] == 3.140625f);
	assert_int_equal(tensor_floats(tensors_find(tensors, "d"), 0, 1, out),
	    0);
	assert_true(out[0] == -2.5f);
	assert_int_equal(tensor_floats(tensors_find(tensors, "i"), 0, 1, out),
	    ERR_UNSUPPORTED);
	tensors_close(tensors);
}

#define ONE(rest) "{\"a\":{\"dtype\":\"F32\"," rest "}}"

static void
test_damaged(void **state)
{
	uint64_t len = 1ULL << 63;
	struct tensors *tensors;

	(void)state;
	assert_int_equal(try("{}      ", 0, ""), 0);
	assert_int_equal(try("[]", 0, "object"), ERR_CORRUPT);
	assert_int_equal(try("{", 0, "object"), ERR_CORRUPT);
	assert_int_equal(try("{}", 1, "behind"), ERR_CORRUPT);
	assert_int_equal(try("{\"a\":3}", 0, "type"), ERR_CORRUPT);
	assert_int_equal(try("{\"a\":{\"dtype\":\"F31\",\"shape\":[],"
		"\"data_offsets\":[0,4]}}", 4, "type"), ERR_CORRUPT);
	assert_int_equal(try("{\"a\":{\"dtype\":\"I8\",\"shape\":[2],"
		"\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"F32\",\"shape\":"
		"[1],\"data_offsets\":[2,6]}}", 6, "aligned"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[1],\"data_offsets\":[0,5]"), 4,
		"leaves"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[1],\"data_offsets\":[4,0]"), 4,
		"leaves"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[1],\"data_offsets\":[-4,0]"), 4,
		"leaves"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[1],\"data_offsets\":[0]"), 4,
		"leaves"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[2],\"data_offsets\":[0,4]"), 4,
		"fit"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[-1],\"data_offsets\":[0,4]"), 4,
		"shape"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[1,1,1,1,1],"
		"\"data_offsets\":[0,4]"), 4, "shape"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[4611686018427387904,4],"
		"\"data_offsets\":[0,0]"), 0, "shape"), ERR_CORRUPT);
	assert_int_equal(try(ONE("\"shape\":[1152921504606846975,1152921504606"
		"846975],\"data_offsets\":[0,0]"), 0, "large"), ERR_CORRUPT);
	assert_int_equal(try("{\"a\":{\"dtype\":\"I8\",\"shape\":[2],"
		"\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"I8\",\"shape\":"
		"[2],\"data_offsets\":[1,3]}}", 3, "overlaps"), ERR_CORRUPT);
	assert_int_equal(try("{\"a\":{\"dtype\":\"I8\",\"shape\":[2],"
		"\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"I8\",\"shape\":"
		"[2],\"data_offsets\":[3,5]}}", 5, "gap"), ERR_CORRUPT);
	assert_int_equal(try("{\"a\":{\"dtype\":\"I8\",\"shape\":[0],"
		"\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"I8\",\"shape\":"
		"[2],\"data_offsets\":[0,2]}}", 2, ""), 0);
	assert_int_equal(fs_replace(path, &len, 8, 0600, NULL), 0);
	assert_int_equal(tensors_open(path, &tensors, NULL), ERR_CORRUPT);
	assert_int_equal(fs_replace(path, &len, 7, 0600, NULL), 0);
	assert_int_equal(tensors_open(path, &tensors, NULL), ERR_CORRUPT);
	assert_int_equal(tensors_open("/nonexistent/x", &tensors, NULL),
	    ERR_NOT_FOUND);
	assert_int_equal(tensors_open("/tmp", &tensors, NULL), ERR_IO);
}

/* Any byte may be another, and the file may end anywhere. */
static void
test_any_damage(void **state)
{
	static const char header[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2]"
	    ",\"data_offsets\":[0,16]},\"b\":{\"dtype\":\"F16\",\"shape\":[2],"
	    "\"data_offsets\":[16,20]}}    ";
	unsigned char file[8 + sizeof(header) - 1 + 20], damaged[sizeof(file)];
	uint64_t len = sizeof(header) - 1;
	struct tensors *tensors;
	uint32_t random = 3;
	size_t round, i, nth;
	float out[4];

	(void)state;
	memset(file, 0, sizeof(file));
	memcpy(file, &len, 8);
	memcpy(file + 8, header, len);
	for (round = 0; round < 3000; round++) {
		memcpy(damaged, file, sizeof(file));
		for (i = 0; i < 1 + round % 3; i++) {
			random = random * 1664525u + 1013904223u;
			damaged[(random >> 8) % (8 + len)] =
			    (unsigned char)(random >> 24);
		}
		nth = round % 7 == 0 ? random % sizeof(file) : sizeof(file);
		assert_int_equal(fs_replace(path, damaged, nth, 0600, NULL),
		    0);
		if (tensors_open(path, &tensors, NULL) < 0)
			continue;
		for (i = 0; i < tensors_count(tensors); i++)
			(void)tensor_floats(tensors_at(tensors, i), 0,
			    tensors_at(tensors, i)->count < 4 ?
				tensors_at(tensors, i)->count :
				4,
			    out);
		tensors_close(tensors);
	}
}

static void
test_memory(void **state)
{
	struct tensors *tensors;
	unsigned long nth;
	int err;

	(void)state;
	file_make(ONE("\"shape\":[1],\"data_offsets\":[0,4]"), NULL, 4);
	for (nth = 1; nth < 10; nth++) {
		mem_fail_at(nth);
		err = tensors_open(path, &tensors, NULL);
		mem_fail_at(0);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	assert_in_range(nth, 2, 9);
	tensors_close(tensors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_any_damage),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
