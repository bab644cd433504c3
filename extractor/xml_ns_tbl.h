/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml_ns_tbl: XML namespaces.  Those that have a second address have it in
 * xml.c.
 */
/* clang-format off */
/*     id            address */
XML_NS(W,            "http://schemas.openxmlformats.org/wordprocessingml/2006/main")
XML_NS(A,            "http://schemas.openxmlformats.org/drawingml/2006/main")
XML_NS(P,            "http://schemas.openxmlformats.org/presentationml/2006/main")
XML_NS(S,            "http://schemas.openxmlformats.org/spreadsheetml/2006/main")
XML_NS(R,            "http://schemas.openxmlformats.org/officeDocument/2006/relationships")
XML_NS(C,            "http://schemas.openxmlformats.org/drawingml/2006/chart")
XML_NS(DGM,          "http://schemas.openxmlformats.org/drawingml/2006/diagram")
XML_NS(M,            "http://schemas.openxmlformats.org/officeDocument/2006/math")
XML_NS(XDR,          "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing")
XML_NS(WP,           "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing")
XML_NS(MC,           "http://schemas.openxmlformats.org/markup-compatibility/2006")
XML_NS(V,            "urn:schemas-microsoft-com:vml")
XML_NS(REL,          "http://schemas.openxmlformats.org/package/2006/relationships")
XML_NS(TYPES,        "http://schemas.openxmlformats.org/package/2006/content-types")
XML_NS(CORE,         "http://schemas.openxmlformats.org/package/2006/metadata/core-properties")
XML_NS(APP,          "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties")
XML_NS(DC,           "http://purl.org/dc/elements/1.1/")
XML_NS(DCTERMS,      "http://purl.org/dc/terms/")
XML_NS(OFFICE,       "urn:oasis:names:tc:opendocument:xmlns:office:1.0")
XML_NS(TEXT,         "urn:oasis:names:tc:opendocument:xmlns:text:1.0")
XML_NS(TABLE,        "urn:oasis:names:tc:opendocument:xmlns:table:1.0")
XML_NS(DRAW,         "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0")
XML_NS(PRESENTATION, "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0")
XML_NS(STYLE,        "urn:oasis:names:tc:opendocument:xmlns:style:1.0")
XML_NS(META,         "urn:oasis:names:tc:opendocument:xmlns:meta:1.0")
XML_NS(MANIFEST,     "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0")
XML_NS(SVG,          "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0")
XML_NS(FO,           "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0")
XML_NS(XLINK,        "http://www.w3.org/1999/xlink")
XML_NS(OPF,          "http://www.idpf.org/2007/opf")
XML_NS(CONTAINER,    "urn:oasis:names:tc:opendocument:xmlns:container")
XML_NS(NCX,          "http://www.daisy.org/z3986/2005/ncx/")
XML_NS(XHTML,        "http://www.w3.org/1999/xhtml")
XML_NS(ENC,          "http://www.w3.org/2001/04/xmlenc#")
XML_NS(XML,          "http://www.w3.org/XML/1998/namespace")
/* clang-format on */
#undef XML_NS
