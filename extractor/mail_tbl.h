/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mail_tbl: the header fields of a mail that are kept, and the types of its
 * parts that are told apart, each with the extension that a part without a
 * name gets.
 */
/* clang-format off */
#ifdef MAIL_FIELD
/*         id                         name */
MAIL_FIELD(SUBJECT,                   "Subject")
MAIL_FIELD(FROM,                      "From")
MAIL_FIELD(SENDER,                    "Sender")
MAIL_FIELD(TO,                        "To")
MAIL_FIELD(CC,                        "Cc")
MAIL_FIELD(DATE,                      "Date")
MAIL_FIELD(MESSAGE_ID,                "Message-ID")
MAIL_FIELD(CONTENT_TYPE,              "Content-Type")
MAIL_FIELD(CONTENT_TRANSFER_ENCODING, "Content-Transfer-Encoding")
MAIL_FIELD(CONTENT_DISPOSITION,       "Content-Disposition")
MAIL_FIELD(CONTENT_ID,                "Content-ID")
MAIL_FIELD(CONTENT_LOCATION,          "Content-Location")
#undef MAIL_FIELD
#endif

#ifdef MAIL_TYPE
/*        id           type                              extension */
MAIL_TYPE(PLAIN,       "text/plain",                     "txt")
MAIL_TYPE(HTML,        "text/html",                      "html")
MAIL_TYPE(XHTML,       "application/xhtml+xml",          "html")
MAIL_TYPE(ENRICHED,    "text/enriched",                  "txt")
MAIL_TYPE(RICHTEXT,    "text/richtext",                  "txt")
MAIL_TYPE(AMP,         "text/x-amp-html",                "html")
MAIL_TYPE(CALENDAR,    "text/calendar",                  "ics")
MAIL_TYPE(VCARD,       "text/vcard",                     "vcf")
MAIL_TYPE(X_VCARD,     "text/x-vcard",                   "vcf")
MAIL_TYPE(DIRECTORY,   "text/directory",                 "vcf")
MAIL_TYPE(CSV,         "text/csv",                       "csv")
MAIL_TYPE(RTF,         "text/rtf",                       "rtf")
MAIL_TYPE(XML,         "text/xml",                       "xml")
MAIL_TYPE(TEXT,        "text/",                          "txt")
MAIL_TYPE(ALTERNATIVE, "multipart/alternative",          "")
MAIL_TYPE(RELATED,     "multipart/related",              "")
MAIL_TYPE(SIGNED,      "multipart/signed",               "")
MAIL_TYPE(ENCRYPTED,   "multipart/encrypted",            "")
MAIL_TYPE(DIGEST,      "multipart/digest",               "")
MAIL_TYPE(MULTIPART,   "multipart/",                     "")
MAIL_TYPE(MESSAGE,     "message/rfc822",                 "eml")
MAIL_TYPE(NEWS,        "message/news",                   "eml")
MAIL_TYPE(GLOBAL,      "message/global",                 "eml")
MAIL_TYPE(REPORT,      "message/",                       "txt")
MAIL_TYPE(JPEG,        "image/jpeg",                     "jpg")
MAIL_TYPE(JPG,         "image/jpg",                      "jpg")
MAIL_TYPE(PNG,         "image/png",                      "png")
MAIL_TYPE(GIF,         "image/gif",                      "gif")
MAIL_TYPE(TIFF,        "image/tiff",                     "tiff")
MAIL_TYPE(IMAGE,       "image/",                         "")
MAIL_TYPE(PDF,         "application/pdf",                "pdf")
MAIL_TYPE(ZIP,         "application/zip",                "zip")
MAIL_TYPE(DOC,         "application/msword",             "doc")
MAIL_TYPE(XLS,         "application/vnd.ms-excel",       "xls")
MAIL_TYPE(PPT,         "application/vnd.ms-powerpoint",  "ppt")
MAIL_TYPE(APP_RTF,     "application/rtf",                "rtf")
MAIL_TYPE(JSON,        "application/json",               "json")
MAIL_TYPE(APP_XML,     "application/xml",                "xml")
MAIL_TYPE(TNEF,        "application/ms-tnef",            "dat")
MAIL_TYPE(PKCS7,       "application/pkcs7-mime",         "p7m")
MAIL_TYPE(X_PKCS7,     "application/x-pkcs7-mime",       "p7m")
MAIL_TYPE(SIGNATURE,   "application/pkcs7-signature",    "p7s")
MAIL_TYPE(X_SIGNATURE, "application/x-pkcs7-signature",  "p7s")
MAIL_TYPE(PGP_SIGNATURE, "application/pgp-signature",    "asc")
MAIL_TYPE(APPLEFILE,   "application/applefile",          "")
MAIL_TYPE(OTHER,       "",                               "")
#undef MAIL_TYPE
#endif
/* clang-format on */
