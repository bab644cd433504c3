/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tensors: a file of weights, mapped into memory.
 *
 * Floor 3, for this folder only.  The format is safetensors
 * (https://github.com/huggingface/safetensors, "Format"): 8 bytes of length,
 * a JSON header, and the numbers, little-endian.  A file is read as untrusted:
 * offsets that overlap, leave the file, leave gaps, do not fit their shape or
 * are not aligned are ERR_CORRUPT.  What was opened must not be changed
 * meanwhile: it is mapped.
 */
#ifndef EMBED_TENSORS_H
#define EMBED_TENSORS_H

#include <stddef.h>
#include <stdint.h>

struct err_note;
struct tensors;

enum tensor_type {
	TENSOR_F32,
	TENSOR_F16,
	TENSOR_BF16,
	TENSOR_F64,
	TENSOR_I8,
	TENSOR_I32,
	TENSOR_I64,
	TENSOR_OTHER
};

#define TENSOR_RANK_MAX 4u

struct tensor {
	const char *name;
	enum tensor_type type;
	unsigned rank; /* 0: one number */
	size_t shape[TENSOR_RANK_MAX];
	size_t count;	  /* of numbers */
	const void *data; /* in the mapping, aligned for its type */
	size_t bytes;
};

/* Returns owned (tensors_close); any thread may read it.  ERR_NOT_FOUND,
 * ERR_IO, ERR_CORRUPT, ERR_TOO_BIG with words; ERR_NOMEM. */
int tensors_open(const char *path, struct tensors **ret_tensors,
    struct err_note *note);
void tensors_close(struct tensors *tensors);

/* In the order in which the file has them. */
size_t tensors_count(const struct tensors *tensors);
const struct tensor *tensors_at(const struct tensors *tensors, size_t nth);
/* NULL: there is none of that name. */
const struct tensor *tensors_find(const struct tensors *tensors,
    const char *name);

/* The numbers from first on as floats, whatever floating type they are;
 * ERR_UNSUPPORTED for others, ERR_INVALID beyond the end. */
int tensor_floats(const struct tensor *tensor, size_t first, size_t count,
    float *ret_floats);

#endif
