/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_mark_tbl: parameters of a query that say who is looking, or where from,
 * and never what is shown.  In lower case.
 *
 * EXACT: a parameter of this name.  PREFIX: one whose name begins so.
 * LONG: one of this name whose value looks like an id (16 or more letters
 * and digits): "sid=4" may well be a page, "sid=9f86d081884c7d65" is not.
 */
/* clang-format off */
MARK("phpsessid",      EXACT)
MARK("jsessionid",     EXACT)
MARK("aspsessionid",   PREFIX)
MARK("asp.net_sessionid", EXACT)
MARK("cfid",           LONG)
MARK("cftoken",        EXACT)
MARK("sessionid",      EXACT)
MARK("session_id",     EXACT)
MARK("session",        LONG)
MARK("sess",           LONG)
MARK("sid",            LONG)
MARK("utm_",           PREFIX)
MARK("gclid",          EXACT)
MARK("fbclid",         EXACT)
MARK("msclkid",        EXACT)
MARK("mc_cid",         EXACT)
MARK("mc_eid",         EXACT)
/* clang-format on */
#undef MARK
