/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stem_tbl: diacritics that terms have lost and that Snowball's rules look at.
 *
 * A term that ends in the first text (the longest row of its language wins)
 * is stemmed as if it ended in the second one.  Rows whose texts are the same
 * keep a shorter row away from words of another kind.  Both texts are the same
 * but for diacritics, so that a stem loses them again by folding.
 *
 * Each row joins forms of the same word that were apart without it; endings
 * that as many words have without a diacritic are left out.
 */
/* clang-format off */
/*      language    as folded    as written */
/* mangée, mangèrent; activité; première */
RESTORE(FRENCH,     "ee",        "ée")
RESTORE(FRENCH,     "ees",       "ées")
RESTORE(FRENCH,     "erent",     "èrent")
RESTORE(FRENCH,     "ite",       "ité")
RESTORE(FRENCH,     "ites",      "ités")
RESTORE(FRENCH,     "iere",      "ière")
RESTORE(FRENCH,     "ieres",     "ières")
/* información, informaciones */
RESTORE(SPANISH,    "cion",      "ción")
/* había, comían, ecología; but importancia, ciencia */
RESTORE(SPANISH,    "ia",        "ía")
RESTORE(SPANISH,    "ias",       "ías")
RESTORE(SPANISH,    "ian",       "ían")
RESTORE(SPANISH,    "ancia",     "ancia")
RESTORE(SPANISH,    "ancias",    "ancias")
RESTORE(SPANISH,    "encia",     "encia")
RESTORE(SPANISH,    "encias",    "encias")
/* università, attività, qualità, felicità, affinità, priorità */
RESTORE(ITALIAN,    "sita",      "sità")
RESTORE(ITALIAN,    "vita",      "vità")
RESTORE(ITALIAN,    "alita",     "alità")
RESTORE(ITALIAN,    "ilita",     "ilità")
RESTORE(ITALIAN,    "icita",     "icità")
RESTORE(ITALIAN,    "inita",     "inità")
RESTORE(ITALIAN,    "enita",     "enità")
RESTORE(ITALIAN,    "anita",     "anità")
RESTORE(ITALIAN,    "orita",     "orità")
RESTORE(ITALIAN,    "arita",     "arità")
/* informação, informações; ciência, importância; amável, possíveis */
RESTORE(PORTUGUESE, "cao",       "ção")
RESTORE(PORTUGUESE, "coes",      "ções")
RESTORE(PORTUGUESE, "encia",     "ência")
RESTORE(PORTUGUESE, "encias",    "ências")
RESTORE(PORTUGUESE, "ancia",     "ância")
RESTORE(PORTUGUESE, "ancias",    "âncias")
RESTORE(PORTUGUESE, "avel",      "ável")
RESTORE(PORTUGUESE, "ivel",      "ível")
RESTORE(PORTUGUESE, "aveis",     "áveis")
RESTORE(PORTUGUESE, "iveis",     "íveis")
/* Endings in -й are a letter of their own, which folds to и. */
RESTORE(RUSSIAN,    "аи",        "ай")
RESTORE(RUSSIAN,    "еи",        "ей")
RESTORE(RUSSIAN,    "ии",        "ий")
RESTORE(RUSSIAN,    "ои",        "ой")
RESTORE(RUSSIAN,    "уи",        "уй")
RESTORE(RUSSIAN,    "ыи",        "ый")
RESTORE(RUSSIAN,    "юи",        "юй")
RESTORE(RUSSIAN,    "яи",        "яй")
RESTORE(RUSSIAN,    "иися",      "ийся")
RESTORE(RUSSIAN,    "еися",      "ейся")
/* The superlative, in all its cases. */
RESTORE(RUSSIAN,    "еишии",     "ейший")
RESTORE(RUSSIAN,    "еишая",     "ейшая")
RESTORE(RUSSIAN,    "еишее",     "ейшее")
RESTORE(RUSSIAN,    "еишие",     "ейшие")
RESTORE(RUSSIAN,    "еишеи",     "ейшей")
RESTORE(RUSSIAN,    "еишую",     "ейшую")
RESTORE(RUSSIAN,    "еишего",    "ейшего")
RESTORE(RUSSIAN,    "еишему",    "ейшему")
RESTORE(RUSSIAN,    "еишем",     "ейшем")
RESTORE(RUSSIAN,    "еишим",     "ейшим")
RESTORE(RUSSIAN,    "еишими",    "ейшими")
RESTORE(RUSSIAN,    "еиших",     "ейших")
/* házból, iskoláról, várostól; -nál, -nél, -ként */
RESTORE(HUNGARIAN,  "bol",       "ból")
RESTORE(HUNGARIAN,  "rol",       "ról")
RESTORE(HUNGARIAN,  "tol",       "tól")
RESTORE(HUNGARIAN,  "nal",       "nál")
RESTORE(HUNGARIAN,  "nel",       "nél")
RESTORE(HUNGARIAN,  "kent",      "ként")
/* clang-format on */
#undef RESTORE
