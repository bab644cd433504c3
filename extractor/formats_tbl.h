/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * formats_tbl: every format, its media type, its reader, and the extensions
 * (or whole names) of files that are in it unless their content says
 * otherwise.  A new format is a row here and a file of its own.
 */
/* clang-format off */
/*     id    media type          read   extensions */
FORMAT(TXT,  "text/plain",       txt,
    "txt text asc log out man readme license copying changelog news authors "
    "tex bib adoc asciidoc org textile wiki pod srt vtt sub nfo eml mbox me")
FORMAT(MD,   "text/markdown",    md,   "md mdx markdown mkd mkdn mdown qmd rmd")
FORMAT(HTML, "text/html",        html, "html htm xhtml xht shtml")
FORMAT(CSV,  "text/csv",         csv,  "csv tsv tab psv")
FORMAT(JSON, "application/json", json, "json geojson jsonld webmanifest ipynb")
FORMAT(JSONL, "application/jsonl", jsonl, "jsonl ndjson ldjson")
FORMAT(XML,  "application/xml",  xml,
    "xml xsd xsl xslt rss atom svg kml gpx opml dbk docbook dita ditamap "
    "wsdl plist resx rdf owl tei fb2 xliff xlf tmx")
FORMAT(RST,  "text/x-rst",       rst,  "rst rest")
FORMAT(CONF, "text/x-config",    code,
    "ini cfg conf config cnf properties toml yaml yml env editorconfig desktop "
    "service timer socket reg lock jsonc json5 hjson")
FORMAT(CODE, "text/x-code",      code,
    "c h cc cpp cxx c++ hpp hh hxx inl py pyi pyx js mjs cjs ts mts cts tsx "
    "jsx java go rs rb php pl pm t sh bash zsh fish ksh csh lua swift kt kts "
    "scala sc cs fs fsx vb sql r jl m mm hs lhs ml mli ex exs erl hrl clj "
    "cljs edn el lisp lsp scm rkt vim asm s pas pp d dart nim zig v sv svh vhd "
    "vhdl tcl awk sed cmake mk makefile gnumakefile dockerfile containerfile "
    "gradle groovy proto thrift graphql gql tf hcl nix css scss sass less "
    "styl vue svelte bat cmd ps1 psm1 f f77 f90 f95 for cob cbl ada adb ads "
    "coffee cr elm glsl hlsl metal cu cuh wgsl sol y l yy ll bzl bazel diff "
    "patch rake gemspec jenkinsfile vagrantfile rakefile gemfile")
/* clang-format on */
#undef FORMAT
