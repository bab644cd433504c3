/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_upload_tbl: extensions of files that may be uploaded, and the media
 * type that they stand for.
 *
 * DIFY_OWN: those of the original.  DIFY_MORE: what can be read beside them,
 * taken when upload_any_format is on.
 */
/* clang-format off */
#ifdef DIFY_OWN
DIFY_OWN("txt",        "text/plain")
DIFY_OWN("markdown",   "text/markdown")
DIFY_OWN("md",         "text/markdown")
DIFY_OWN("mdx",        "text/mdx")
DIFY_OWN("pdf",        "application/pdf")
DIFY_OWN("html",       "text/html")
DIFY_OWN("htm",        "text/html")
DIFY_OWN("xlsx",       "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
DIFY_OWN("xls",        "application/vnd.ms-excel")
DIFY_OWN("docx",       "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
DIFY_OWN("csv",        "text/csv")
DIFY_OWN("vtt",        "text/vtt")
DIFY_OWN("properties", "text/plain")
#undef DIFY_OWN
#endif

#ifdef DIFY_MORE
/* What the original reads with another reader of its own. */
DIFY_MORE("doc",   "application/msword")
DIFY_MORE("eml",   "message/rfc822")
DIFY_MORE("msg",   "application/vnd.ms-outlook")
DIFY_MORE("pptx",  "application/vnd.openxmlformats-officedocument.presentationml.presentation")
DIFY_MORE("ppt",   "application/vnd.ms-powerpoint")
DIFY_MORE("xml",   "application/xml")
DIFY_MORE("epub",  "application/epub+zip")
/* Offices, mail, the web. */
DIFY_MORE("odt",   "application/vnd.oasis.opendocument.text")
DIFY_MORE("ods",   "application/vnd.oasis.opendocument.spreadsheet")
DIFY_MORE("odp",   "application/vnd.oasis.opendocument.presentation")
DIFY_MORE("rtf",   "application/rtf")
DIFY_MORE("mbox",  "application/mbox")
DIFY_MORE("mhtml", "multipart/related")
DIFY_MORE("mht",   "multipart/related")
DIFY_MORE("xhtml", "application/xhtml+xml")
/* Texts and data. */
DIFY_MORE("text",  "text/plain")
DIFY_MORE("log",   "text/plain")
DIFY_MORE("tex",   "text/x-tex")
DIFY_MORE("rst",   "text/x-rst")
DIFY_MORE("adoc",  "text/asciidoc")
DIFY_MORE("org",   "text/org")
DIFY_MORE("srt",   "application/x-subrip")
DIFY_MORE("tsv",   "text/tab-separated-values")
DIFY_MORE("json",  "application/json")
DIFY_MORE("jsonl", "application/jsonl")
DIFY_MORE("ndjson", "application/x-ndjson")
DIFY_MORE("ipynb", "application/x-ipynb+json")
DIFY_MORE("yaml",  "application/yaml")
DIFY_MORE("yml",   "application/yaml")
DIFY_MORE("toml",  "application/toml")
DIFY_MORE("ini",   "text/plain")
DIFY_MORE("conf",  "text/plain")
DIFY_MORE("cfg",   "text/plain")
/* Source code. */
DIFY_MORE("c",     "text/x-c")
DIFY_MORE("h",     "text/x-c")
DIFY_MORE("cc",    "text/x-c++")
DIFY_MORE("cpp",   "text/x-c++")
DIFY_MORE("hpp",   "text/x-c++")
DIFY_MORE("cs",    "text/x-csharp")
DIFY_MORE("css",   "text/css")
DIFY_MORE("go",    "text/x-go")
DIFY_MORE("java",  "text/x-java")
DIFY_MORE("js",    "text/javascript")
DIFY_MORE("jsx",   "text/javascript")
DIFY_MORE("kt",    "text/x-kotlin")
DIFY_MORE("lua",   "text/x-lua")
DIFY_MORE("mjs",   "text/javascript")
DIFY_MORE("php",   "text/x-php")
DIFY_MORE("pl",    "text/x-perl")
DIFY_MORE("py",    "text/x-python")
DIFY_MORE("r",     "text/x-r")
DIFY_MORE("rb",    "text/x-ruby")
DIFY_MORE("rs",    "text/x-rust")
DIFY_MORE("scala", "text/x-scala")
DIFY_MORE("sh",    "text/x-shellscript")
DIFY_MORE("sql",   "text/x-sql")
DIFY_MORE("swift", "text/x-swift")
DIFY_MORE("ts",    "text/x-typescript")
DIFY_MORE("tsx",   "text/x-typescript")
DIFY_MORE("vue",   "text/x-vue")
/* Archives: their members become documents of their own. */
DIFY_MORE("zip",   "application/zip")
DIFY_MORE("tar",   "application/x-tar")
DIFY_MORE("7z",    "application/x-7z-compressed")
DIFY_MORE("gz",    "application/gzip")
DIFY_MORE("tgz",   "application/gzip")
DIFY_MORE("bz2",   "application/x-bzip2")
DIFY_MORE("xz",    "application/x-xz")
DIFY_MORE("zst",   "application/zstd")
#undef DIFY_MORE
#endif
/* clang-format on */
