/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasons: items that failed or were skipped, gathered by their code.
 *
 * Plain data; memory is bounded by the numbers of codes and of files shown.
 */
#ifndef CMD_REASONS_H
#define CMD_REASONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct reasons;

/* Items that are looked at, at most: nobody waits for more. */
#define REASONS_FAILED_MAX 100000u
#define REASONS_SKIPPED_MAX 20000u
#define REASON_FILES_SHOWN 10u /* of one code */

/* Returns owned (reasons_free); ERR_NOMEM. */
int reasons_new(uint64_t items_max, struct reasons **ret_reasons);
void reasons_free(struct reasons *reasons);

/* An items_fn: count the item in; false once items_max were. */
bool reasons_add(void *reasons, const json_t *item);

/* Each code, the most frequent first, with its sentence, what to do about it
 * and the first files; nothing when there is none. */
void reasons_print_failed(const struct reasons *reasons, FILE *out);
/* A line for each code with its number, and the first files but of those that
 * are unchanged. */
void reasons_print_skipped(const struct reasons *reasons, FILE *out);

#endif
