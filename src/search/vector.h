/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vector: unit vectors in eight bits a component, and their nearness.
 *
 * Floor 3, pure.  component = value * scale, scale = largest magnitude / 127:
 * symmetric, so that the product of two vectors needs no offsets.  The error
 * of a cosine is below 1/127 a component, far below what ranks depend on.
 */
#ifndef SEARCH_VECTOR_H
#define SEARCH_VECTOR_H

#include <stddef.h>
#include <stdint.h>

/* Quantise dimensions components into values; *ret_scale is 0 for the zero
 * vector. */
void vector_quantise(const float *components, size_t dimensions,
    int8_t *values, float *ret_scale);

/* The dot product of two quantised vectors, without their scales. */
int32_t vector_dot(const int8_t *a, const int8_t *b, size_t dimensions);

#endif
