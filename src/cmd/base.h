/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base: the base that a command names, and what it is embedded with.
 */
#ifndef CMD_BASE_H
#define CMD_BASE_H

#include <jansson.h>

struct args;
struct buf;
struct client;
struct err_note;
struct jsonw;

/* Append "/bases/NAME" and rest to path. */
void base_path_put(struct buf *path, const char *name, const char *rest);

/* The members of a base's body that say which model the arguments name. */
void model_members_put(struct jsonw *w, const struct args *args);

/* The server answered err: if that is because there is no base of that name,
 * note says so, and which one may have been meant.  Returns err. */
int base_unknown(struct client *client, const char *name, int err,
    struct err_note *note);

/*
 * Make the base when it is missing, with the model that the arguments name.
 * ERR_CONFLICT: it is there with another one, and the words say how that is
 * changed.  ERR_INVALID: dimensions without a model, or what the server
 * refuses.
 */
int base_ensure(struct client *client, const struct args *args,
    const char *name, struct err_note *note);

#endif
