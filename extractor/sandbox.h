/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox: after it closes, the process can compute, read descriptors that it
 * is handed, and answer on its socket; nothing else.
 */
#ifndef EXTRACTOR_SANDBOX_H
#define EXTRACTOR_SANDBOX_H

#include <stdint.h>

struct err_note;

/* Ask for death with the parent, and drop every descriptor the parent should
 * not have left open. */
void sandbox_prepare(void);

/*
 * Drop every descriptor that was opened since, and close all layers (layers is
 * a set of WIRE_SANDBOX_*; a part of them is for the self-test).
 * memory_bytes_max limits the address space.  Sets *ret_layers to those in
 * force.  0, or ERR_INTERNAL with note when a layer that cannot be missing is
 * not to be had.
 */
int sandbox_close(uint32_t layers, uint64_t memory_bytes_max,
    uint32_t *ret_layers, struct err_note *note);

/* Let a file have seconds of processor time from now on; then the process is
 * killed (SIGPROF).  0 stops the watch. */
void sandbox_allow_cpu(uint32_t seconds);

/* Try what must be impossible and print what became of each attempt; the
 * exit status of the program. */
int sandbox_self_test(void);

#endif
