/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patterns: gitignore's patterns.  Floor 3, pure.
 *
 * As gitignore(5) describes them: no slash matches the name at any depth, a
 * slash at the start or inside anchors at the root, a slash at the end means
 * folders only, * and ? do not match a slash, [..] is a class, ** crosses
 * folders, \ takes the next character as it is, ! turns the meaning, # and
 * blank lines say nothing.  ? and [..] take a whole UTF-8 character.
 *
 * Only the path itself is looked at: that what is inside of a matched folder
 * goes with it is the walk's business.
 */
#ifndef SOURCE_PATTERNS_H
#define SOURCE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

enum pattern_verdict { PATTERN_NO, PATTERN_YES, PATTERN_NEGATED };

/* What the last pattern that matches path (relative, no slash at its start)
 * says.  Time is bounded by len(pattern) * len(path), whatever they hold. */
enum pattern_verdict patterns_match(const char *const *patterns, size_t count,
    const char *path, bool is_folder);

/* True when all lines are blank or comments. */
bool patterns_say_nothing(const char *const *patterns, size_t count);

/* Does one of them, not turned by !, have name (no wildcards) as one of its
 * parts between slashes? */
bool patterns_name(const char *const *patterns, size_t count,
    const char *name);

#endif
