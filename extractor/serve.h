/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve: one request after the other, until the server hangs up.
 */
#ifndef EXTRACTOR_SERVE_H
#define EXTRACTOR_SERVE_H

#include <stddef.h>
#include <stdint.h>

struct emit;
struct input;

/*
 * Read input, which was opened and is called name, and emit blocks, meta and
 * end.  0, or ERR_CLOSED when nobody listens.
 */
int serve_input(struct input *input, const char *name, struct emit *emit);

/* Answer requests on WIRE_FD; layers is what the hello says about the
 * sandbox.  Returns the exit status of the program. */
int serve(struct input *input, struct emit *emit, uint32_t layers);

/* emit_write_fn for WIRE_FD. */
int serve_write(void *arg, const char *bytes, size_t len);

#endif
