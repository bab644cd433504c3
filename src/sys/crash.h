/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crash: places at which a test can let the program die.  Floor 1.
 *
 * TIDEMARK_CRASH_AT=NAME:N kills the process with SIGKILL, as a power cut
 * would, when it comes past CRASH_POINT("NAME") for the Nth time.  Only builds
 * with sanitizers, which are the ones that tests run, have these places; in
 * all others the macro is nothing and the environment is not looked at.
 */
#ifndef SYS_CRASH_H
#define SYS_CRASH_H

#ifdef SANITIZED
void crash_point(const char *name);
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
