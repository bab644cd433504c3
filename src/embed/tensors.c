/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header is parsed once and forgotten; what stays is a list sorted by
 * place, which shows overlaps and gaps, and an index of it sorted by name.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/tensors.h"

#define HEADER_BYTES_MAX (16 * MIB)
#define TENSORS_MAX 65536u
#define METADATA "__metadata__"

_Static_assert(__BYTE_ORDER == __LITTLE_ENDIAN,
    "numbers are read where they lie, which is little-endian");
_Static_assert(sizeof(size_t) == 8, "sizes of files fit");

struct tensors {
	unsigned char *map;
	size_t map_bytes;
	json_t *header; /* whose keys are the names */
	struct tensor *list;
	size_t count;
	const struct tensor **by_name;
};

static const struct type_row {
	const char *name;
	enum tensor_type type;
	size_t bytes;
} type_rows[] = {
	{ "F32", TENSOR_F32, 4 },
	{ "F16", TENSOR_F16, 2 },
	{ "BF16", TENSOR_BF16, 2 },
	{ "F64", TENSOR_F64, 8 },
	{ "I8", TENSOR_I8, 1 },
	{ "I32", TENSOR_I32, 4 },
	{ "I64", TENSOR_I64, 8 },
	{ "BOOL", TENSOR_OTHER, 1 },
	{ "U8", TENSOR_OTHER, 1 },
	{ "I16", TENSOR_OTHER, 2 },
	{ "U16", TENSOR_OTHER, 2 },
	{ "U32", TENSOR_OTHER, 4 },
	{ "U64", TENSOR_OTHER, 8 },
};

static int
corrupt(struct err_note *note, const char *name, const char *what)
{
	return err_set(note, ERR_CORRUPT, "tensor %.80s: %s", name, what);
}

static int
map_open(struct tensors *tensors, const char *path, struct err_note *note)
{
	struct stat st;
	void *map;
	int fd, err = 0;

	/* A pipe in a file's place must not hold us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(note, err_from_errno(errno), "%.150s: %s",
		    path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err = err_set(note, ERR_IO, "%.150s is not a file", path);
		goto out;
	}
	if (st.st_size < 8) {
		err = err_set(note, ERR_CORRUPT, "%.150s is too short", path);
		goto out;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		err = err_set(note, ERR_IO, "%.150s cannot be mapped: %s",
		    path, strerror(errno));
		goto out;
	}
	tensors->map = map;
	tensors->map_bytes = (size_t)st.st_size;
out:
	(void)close(fd);
	return err;
}

/* A number that counts something within the file. */
static bool
size_read(const json_t *value, size_t max, size_t *ret_size)
{
	json_int_t number;

	if (!json_is_integer(value))
		return false;
	number = json_integer_value(value);
	if (number < 0 || (uint64_t)number > max)
		return false;
	*ret_size = (size_t)number;
	return true;
}

static int
shape_read(const json_t *shape, struct tensor *tensor, struct err_note *note)
{
	size_t rank = json_array_size(shape), size, i;

	if (!json_is_array(shape) || rank > TENSOR_RANK_MAX)
		return corrupt(note, tensor->name, "has no shape that is "
		    "understood");
	tensor->rank = (unsigned)rank;
	tensor->count = 1;
	for (i = 0; i < rank; i++) {
		if (!size_read(json_array_get(shape, i), SIZE_MAX / 16, &size))
			return corrupt(note, tensor->name, "has a bad shape");
		tensor->shape[i] = size;
		if (__builtin_mul_overflow(tensor->count, size,
			&tensor->count))
			return corrupt(note, tensor->name, "is too large");
	}
	return 0;
}

static int
tensor_read(const json_t *value, const unsigned char *data, size_t data_bytes,
    struct tensor *tensor, struct err_note *note)
{
	const size_t types = sizeof(type_rows) / sizeof(*type_rows);
	const char *type = json_string_value(json_object_get(value, "dtype"));
	const json_t *offsets = json_object_get(value, "data_offsets");
	size_t begin, end, bytes, i;
	int err;

	for (i = 0; type != NULL && i < types; i++) {
		if (strcmp(type_rows[i].name, type) == 0)
			break;
	}
	if (type == NULL || i == types)
		return corrupt(note, tensor->name, "has an unknown type");
	tensor->type = type_rows[i].type;
	err = shape_read(json_object_get(value, "shape"), tensor, note);
	if (err < 0)
		return err;
	if (json_array_size(offsets) != 2 ||
	    !size_read(json_array_get(offsets, 0), data_bytes, &begin) ||
	    !size_read(json_array_get(offsets, 1), data_bytes, &end) ||
	    begin > end)
		return corrupt(note, tensor->name, "leaves the file");
	if (__builtin_mul_overflow(tensor->count, type_rows[i].bytes,
		&bytes) || bytes != end - begin)
		return corrupt(note, tensor->name,
		    "has a place that does not fit its shape");
	tensor->data = data + begin;
	tensor->bytes = bytes;
	if (((uintptr_t)tensor->data & (type_rows[i].bytes - 1)) != 0)
		return corrupt(note, tensor->name, "is not aligned");
	return 0;
}

static int
compare_place(const void *a, const void *b)
{
	const struct tensor *x = a, *y = b;

	if (x->data != y->data)
		return x->data < y->data ? -1 : 1;
	/* Empty ones stand before what begins at the same place. */
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
compare_name(const void *a, const void *b)
{
	const struct tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Place must follow on place, from the first byte to the last. */
static int
places_check(const struct tensors *tensors, const unsigned char *data,
    struct err_note *note)
{
	const unsigned char *end = data;
	size_t i;

	for (i = 0; i < tensors->count; i++) {
		if (tensors->list[i].data != end)
			return corrupt(note, tensors->list[i].name,
			    (const unsigned char *)tensors->list[i].data <
				    end ?
				"overlaps another one" :
				"has a gap before it");
		end += tensors->list[i].bytes;
	}
	if (end != tensors->map + tensors->map_bytes)
		return err_set(note, ERR_CORRUPT,
		    "there are bytes behind the last tensor");
	return 0;
}

static int
list_read(struct tensors *tensors, const unsigned char *data,
    struct err_note *note)
{
	size_t data_bytes = (size_t)(tensors->map + tensors->map_bytes - data);
	size_t count = json_object_size(tensors->header), i;
	struct tensor *tensor;
	const char *name;
	json_t *value;
	int err;

	if (count > TENSORS_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "there are over %u tensors", TENSORS_MAX);
	tensors->list = mem_array(count + 1, sizeof(*tensors->list));
	tensors->by_name = mem_array(count + 1, sizeof(*tensors->by_name));
	if (tensors->list == NULL || tensors->by_name == NULL)
		return ERR_NOMEM;
	json_object_foreach (tensors->header, name, value) {
		if (strcmp(name, METADATA) == 0)
			continue;
		tensor = &tensors->list[tensors->count];
		*tensor = (struct tensor){ .name = name };
		err = tensor_read(value, data, data_bytes, tensor, note);
		if (err < 0)
			return err;
		tensors->count++;
	}
	qsort(tensors->list, tensors->count, sizeof(*tensors->list),
	    compare_place);
	for (i = 0; i < tensors->count; i++)
		tensors->by_name[i] = &tensors->list[i];
	qsort(tensors->by_name, tensors->count, sizeof(*tensors->by_name),
	    compare_name);
	return places_check(tensors, data, note);
}

static int
header_read(struct tensors *tensors, struct err_note *note)
{
	json_error_t error;
	uint64_t bytes;

	memcpy(&bytes, tensors->map, sizeof(bytes));
	bytes = le64toh(bytes);
	if (bytes > tensors->map_bytes - 8)
		return err_set(note, ERR_CORRUPT,
		    "the header leaves the file");
	if (bytes > HEADER_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG,
		    "the header has over %u MiB",
		    (unsigned)(HEADER_BYTES_MAX / MIB));
	tensors->header = json_loadb((const char *)tensors->map + 8,
	    (size_t)bytes, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(tensors->header))
		return err_set(note, ERR_CORRUPT,
		    "the header is not a JSON object: %.120s",
		    tensors->header == NULL ? error.text : "another value");
	return list_read(tensors, tensors->map + 8 + bytes, note);
}

int
tensors_open(const char *path, struct tensors **ret_tensors,
    struct err_note *note)
{
	struct tensors *tensors;
	int err;

	tensors = mem_zalloc(sizeof(*tensors));
	if (tensors == NULL)
		return ERR_NOMEM;
	err = map_open(tensors, path, note);
	if (err < 0)
		goto out;
	err = header_read(tensors, note);
	if (err < 0) {
		err_wrap(note, "%.150s", path);
		goto out;
	}
	*ret_tensors = tensors;
	tensors = NULL;
out:
	tensors_close(tensors);
	return err;
}

void
tensors_close(struct tensors *tensors)
{
	if (tensors == NULL)
		return;
	if (tensors->map != NULL)
		(void)munmap(tensors->map, tensors->map_bytes);
	json_decref(tensors->header);
	mem_free(tensors->list);
	mem_free(tensors->by_name);
	mem_free(tensors);
}

size_t
tensors_count(const struct tensors *tensors)
{
	return tensors->count;
}

const struct tensor *
tensors_at(const struct tensors *tensors, size_t nth)
{
	return nth < tensors->count ? &tensors->list[nth] : NULL;
}

const struct tensor *
tensors_find(const struct tensors *tensors, const char *name)
{
	size_t low = 0, high = tensors->count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, tensors->by_name[middle]->name);
		if (order == 0)
			return tensors->by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* IEEE 754 half: five bits of exponent, ten of fraction. */
static float
float_of_half(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000) << 16;
	uint32_t rest = half & 0x7FFF, bits;
	float value;

	if (rest >= 0x7C00) {
		bits = sign | 0x7F800000 | rest << 13;
	} else if (rest >= 0x0400) {
		bits = sign | ((rest << 13) + (112u << 23));
	} else {
		/* Subnormal: so many times 2^-24, which a float has. */
		value = (float)rest * 0x1p-24f;
		return sign != 0 ? -value : value;
	}
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static float
float_of_brain(uint16_t brain)
{
	uint32_t bits = (uint32_t)brain << 16;
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

int
tensor_floats(const struct tensor *tensor, size_t first, size_t count,
    float *ret_floats)
{
	const uint16_t *halves;
	const double *doubles;
	size_t i;

	if (first > tensor->count || count > tensor->count - first)
		return ERR_INVALID;
	switch (tensor->type) {
	case TENSOR_F32:
		memcpy(ret_floats, (const float *)tensor->data + first,
		    count * sizeof(float));
		return 0;
	case TENSOR_F16:
		halves = (const uint16_t *)tensor->data + first;
		for (i = 0; i < count; i++)
			ret_floats[i] = float_of_half(halves[i]);
		return 0;
	case TENSOR_BF16:
		halves = (const uint16_t *)tensor->data + first;
		for (i = 0; i < count; i++)
			ret_floats[i] = float_of_brain(halves[i]);
		return 0;
	case TENSOR_F64:
		doubles = (const double *)tensor->data + first;
		for (i = 0; i < count; i++)
			ret_floats[i] = (float)doubles[i];
		return 0;
	case TENSOR_I8:
	case TENSOR_I32:
	case TENSOR_I64:
	case TENSOR_OTHER:
		return ERR_UNSUPPORTED;
	}
	return ERR_UNSUPPORTED;
}
