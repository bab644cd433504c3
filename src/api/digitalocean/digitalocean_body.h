/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_body: the members of a JSON body, read as tolerantly as the
 * original's clients need it.
 *
 * Floor 6; all but do_body() is pure.  null, "", [], {} and an enum's *_UNKNOWN
 * or *_UNSPECIFIED are as good as absent, members that are not known are no
 * matter, and a number may come as a string.  What is of a wrong type is
 * ERR_INVALID with words that name it.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_BODY_H
#define API_DIGITALOCEAN_DIGITALOCEAN_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct err_note;
struct http_request;

#define DO_TEXT_BYTES_MAX 4096u /* of a text without a limit of its own */

/* The request's body, an object; NULL, which has no members, when there is no
 * body or it is null.  Belongs to the request. */
int do_body(struct http_request *request, const json_t **ret_body);

/* Does the value say nothing?  A whole object, too, does not when none of its
 * members does. */
bool do_is_blank(const json_t *value);

/* Each sets its output in any case: NULL, 0 or -1 is absent. */
int do_text(const json_t *object, const char *name, const char **ret_text,
    struct err_note *note);
int do_number(const json_t *object, const char *name, uint64_t max,
    uint64_t *ret_number, struct err_note *note);
/* otherwise: what is absent. */
int do_real(const json_t *object, const char *name, double min, double max,
    double otherwise, double *ret_real, struct err_note *note);
int do_bool(const json_t *object, const char *name, int *ret_bool,
    struct err_note *note);
int do_object(const json_t *object, const char *name,
    const json_t **ret_object, struct err_note *note);
/* An array of at most max members. */
int do_array(const json_t *object, const char *name, size_t max,
    const json_t **ret_array, struct err_note *note);
/* An array of strings. */
int do_texts(const json_t *object, const char *name, size_t max,
    const json_t **ret_array, struct err_note *note);
/* One of words, ended by NULL; *ret_index -1 is absent. */
int do_word(const json_t *object, const char *name, const char *const *words,
    int *ret_index, struct err_note *note);

#endif
