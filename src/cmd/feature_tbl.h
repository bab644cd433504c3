/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature_tbl: what this build can do, and the libraries it runs on, as
 * `tidemark version` shows them.  The library's version is asked at run time:
 * a distribution may have replaced the one that was compiled against.
 */
/* clang-format off */
/*      name         what */
FEATURE("store",     "sqlite")
FEATURE("search",    "bm25, vectors")
FEATURE("embedding", "lexical, static, bert, openai")
FEATURE("http",      "native, dify, digitalocean, captain, cognee")
FEATURE("formats",   "pdf, docx, pptx, xlsx, odt, odp, ods, doc, ppt, xls, rtf, epub, eml, msg, mbox, mhtml, "
                     "html, md, rst, txt, csv, tsv, json, jsonl, xml, vtt, srt, config, source code")
FEATURE("archives",  "zip, tar, 7z, gz, bz2, xz, zst")
FEATURE("sources",   "folder, upload, text")
#ifdef SANITIZED
FEATURE("build",     "sanitized")
#else
FEATURE("build",     "release")
#endif

/*      name             its version */
LIBRARY("libmicrohttpd", MHD_get_version())
LIBRARY("sqlite",        sqlite3_libversion())
LIBRARY("jansson",       jansson_version_str())
LIBRARY("libcurl",       curl_version_info(CURLVERSION_NOW)->version)
LIBRARY("icu",           U_ICU_VERSION)
LIBRARY("openssl",       OpenSSL_version(OPENSSL_VERSION_STRING))
/* clang-format on */
#undef FEATURE
#undef LIBRARY
