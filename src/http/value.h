/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: numbers in JSON, as tolerantly as clients of all kinds write them.
 *
 * Floor 5, pure.  What dialects say of a value that is none is their own.
 */
#ifndef HTTP_VALUE_H
#define HTTP_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* 2^53: beyond it a real number is no exact whole one. */
#define HTTP_VALUE_EXACT 9007199254740992.0

/* A number, or a string that is a decimal one and nothing else; finite. */
bool http_value_number(const json_t *value, double *ret_number);

/* A whole number: an integer, or what http_value_number() takes, without a
 * fraction and not over HTTP_VALUE_EXACT. */
bool http_value_int(const json_t *value, int64_t *ret_number);

#endif
