/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ole_tell_tbl: which program a compound file is of, by what its root holds;
 * the first row that fits counts.  Those with a format are read.
 */
/* clang-format off */
/*       entry of the root              format */
OLE_READ("__properties_version1.0",     MSG)
OLE_READ("PowerPoint Document",         PPT)
OLE_READ("PP97_DUALSTORAGE",            PPT)
OLE_READ("WordDocument",                DOC)
OLE_READ("Workbook",                    XLS)
OLE_READ("Book",                        XLS)

/*        entry of the root             media type                       what it is */
OLE_OTHER("PP40",                       "application/vnd.ms-powerpoint", "a presentation of PowerPoint 4")
OLE_OTHER("MatOST",                     "application/vnd.ms-works",      "a document of Microsoft Works")
OLE_OTHER("MM",                         "application/vnd.ms-works",      "a document of Microsoft Works")
OLE_OTHER("WksSSWorkBook",              "application/vnd.ms-works",      "a spreadsheet of Microsoft Works")
OLE_OTHER("VisioDocument",              "application/vnd.visio",         "a drawing of Visio")
OLE_OTHER("Quill",                      "application/x-mspublisher",     "a publication of Publisher")
OLE_OTHER("HwpSummaryInformation",      "application/x-hwp",             "a document of Hangul")
OLE_OTHER("\005HwpSummaryInformation",  "application/x-hwp",             "a document of Hangul")
OLE_OTHER("StarWriterDocument",         "application/vnd.stardivision.writer", "a text of StarOffice")
OLE_OTHER("StarCalcDocument",           "application/vnd.stardivision.calc", "a spreadsheet of StarOffice")
OLE_OTHER("StarDrawDocument3",          "application/vnd.stardivision.draw", "a drawing of StarOffice")
OLE_OTHER("StarImpressDocument",        "application/vnd.stardivision.impress", "a presentation of StarOffice")
OLE_OTHER("PerfectOffice_MAIN",         "application/vnd.wordperfect",   "a document of WordPerfect Office")
OLE_OTHER("NativeContent_MAIN",         "application/x-quattro-pro",     "a spreadsheet of Quattro Pro")
OLE_OTHER("SwDocContentMgr",            "application/sldworks",          "a drawing of SolidWorks")
OLE_OTHER("Props14",                    "application/vnd.ms-project",    "a plan of Microsoft Project")
OLE_OTHER("Props12",                    "application/vnd.ms-project",    "a plan of Microsoft Project")
OLE_OTHER("Props9",                     "application/vnd.ms-project",    "a plan of Microsoft Project")
OLE_OTHER("Props",                      "application/vnd.ms-project",    "a plan of Microsoft Project")
OLE_OTHER("Catalog",                    "application/x-thumbs-db",       "a cache of thumbnails")
OLE_OTHER("DestList",                   "application/x-ms-jumplist",     "a jump list of Windows")
OLE_OTHER("Equation Native",            "application/x-ms-equation",     "an equation of Microsoft Office")
OLE_OTHER("\001Ole10Native",            "application/x-ole-object",      "an embedded object")
OLE_OTHER("VBA",                        "application/vnd.ms-office.vbaProject", "a project of Visual Basic")
OLE_OTHER("SPELLING",                   "application/vnd.ms-works",      "a document of Microsoft Works")
/* clang-format on */
#undef OLE_READ
#undef OLE_OTHER
