/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * formats_tbl: every format, its media type, its reader, whether it is a text
 * or BINARY, and the extensions (or whole names) of files that are in it
 * unless their content says otherwise.  A new format is a row here and a file
 * of its own; how the bytes of a binary one begin stands in sniff.c.
 */
/* clang-format off */
/*     id    media type          read   shape   extensions */
FORMAT(TXT,  "text/plain",       txt, TEXT,
    "txt text asc log out man readme license copying changelog news authors "
    "tex bib adoc asciidoc org textile wiki pod sub nfo me")
FORMAT(MD,   "text/markdown",    md, TEXT,   "md mdx markdown mkd mkdn mdown qmd rmd")
FORMAT(HTML, "text/html",        html, TEXT, "html htm xhtml xht shtml")
FORMAT(CSV,  "text/csv",         csv, TEXT,  "csv tsv tab psv")
FORMAT(JSON, "application/json", json, TEXT, "json geojson jsonld webmanifest ipynb")
FORMAT(JSONL, "application/jsonl", jsonl, TEXT, "jsonl ndjson ldjson")
FORMAT(XML,  "application/xml",  xml, TEXT,
    "xml xsd xsl xslt rss atom svg kml gpx opml dbk docbook dita ditamap "
    "wsdl plist resx rdf owl tei fb2 xliff xlf tmx")
FORMAT(RST,  "text/x-rst",       rst, TEXT,  "rst rest")
FORMAT(CONF, "text/x-config",    code, TEXT,
    "ini cfg conf config cnf properties toml yaml yml env editorconfig desktop "
    "service timer socket reg lock jsonc json5 hjson")
FORMAT(CODE, "text/x-code",      code, TEXT,
    "c h cc cpp cxx c++ hpp hh hxx inl py pyi pyx js mjs cjs ts mts cts tsx "
    "jsx java go rs rb php pl pm t sh bash zsh fish ksh csh lua swift kt kts "
    "scala sc cs fs fsx vb sql r jl m mm hs lhs ml mli ex exs erl hrl clj "
    "cljs edn el lisp lsp scm rkt vim asm s pas pp d dart nim zig v sv svh vhd "
    "vhdl tcl awk sed cmake mk makefile gnumakefile dockerfile containerfile "
    "gradle groovy proto thrift graphql gql tf hcl nix css scss sass less "
    "styl vue svelte bat cmd ps1 psm1 f f77 f90 f95 for cob cbl ada adb ads "
    "coffee cr elm glsl hlsl metal cu cuh wgsl sol y l yy ll bzl bazel diff "
    "patch rake gemspec jenkinsfile vagrantfile rakefile gemfile")
FORMAT(VTT,  "text/vtt",         vtt, TEXT,  "vtt srt")

FORMAT(PDF,  "application/pdf",  pdf, BINARY, "pdf")
FORMAT(DOCX, "application/vnd.openxmlformats-officedocument"
    ".wordprocessingml.document", docx, BINARY, "docx docm dotx dotm")
FORMAT(PPTX, "application/vnd.openxmlformats-officedocument"
    ".presentationml.presentation", pptx, BINARY,
    "pptx pptm ppsx ppsm potx potm")
FORMAT(XLSX, "application/vnd.openxmlformats-officedocument"
    ".spreadsheetml.sheet", xlsx, BINARY, "xlsx xlsm xltx xltm")
FORMAT(ODT,  "application/vnd.oasis.opendocument.text", odf, BINARY,
    "odt ott fodt odm sxw")
FORMAT(ODS,  "application/vnd.oasis.opendocument.spreadsheet", odf, BINARY,
    "ods ots fods sxc")
FORMAT(ODP,  "application/vnd.oasis.opendocument.presentation", odf, BINARY,
    "odp otp fodp odg otg sxi")
FORMAT(EPUB, "application/epub+zip", epub, BINARY, "epub")
FORMAT(RTF,  "application/rtf",  rtf, BINARY, "rtf")
FORMAT(DOC,  "application/msword", doc, BINARY, "doc dot")
FORMAT(XLS,  "application/vnd.ms-excel", xls, BINARY, "xls xlt")
FORMAT(PPT,  "application/vnd.ms-powerpoint", ppt, BINARY, "ppt pps pot")
FORMAT(MSG,  "application/vnd.ms-outlook", msg, BINARY, "msg oft")
FORMAT(EML,  "message/rfc822",   eml, BINARY, "eml")
FORMAT(MBOX, "application/mbox", mbox, BINARY, "mbox mbx")
FORMAT(MHTML, "multipart/related", mhtml, BINARY, "mhtml mht")
FORMAT(ARCHIVE, "application/zip", archive, BINARY,
    "zip tar gz tgz bz2 tbz2 xz txz zst 7z")
FORMAT(IMAGE, "image/png",       image, BINARY, "png jpg jpeg tif tiff")
/* clang-format on */
#undef FORMAT
