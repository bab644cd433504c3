/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assert: for our own mistakes, never for bytes from outside.
 *
 * Floor 0.  It stays on in production: the process dies, the store is still
 * right, and a restart goes on from it.  The condition has no side effects.
 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

#define ASSERT(condition)                                                     \
	((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))

_Noreturn void assert_failed(const char *condition, const char *file, int line);

#endif
