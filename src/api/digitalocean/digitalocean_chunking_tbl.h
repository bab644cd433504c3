/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_chunking_tbl: the ways to cut text, and the sizes in tokens that
 * each has unless told otherwise.
 *
 * max: of a chunk, 0 where the algorithm has no such option; parent and child
 * likewise; threshold below 0: it has none.  method: of engine/rule.h.
 */
/* clang-format off */
/*     name             method       max   parent child  threshold */
DO_CUT(SECTION_BASED,  "structure",  300,     0,    0,    -1)
DO_CUT(HIERARCHICAL,   "structure",    0,  1500,  300,    -1)
DO_CUT(SEMANTIC,       "semantic",   700,     0,    0,    0.5)
DO_CUT(FIXED_LENGTH,   "fixed",      500,     0,    0,    -1)
/* clang-format on */
#undef DO_CUT
