# SPDX-License-Identifier: Apache-2.0
"""Documents of the formats people have, made from the corpus' texts: each
has a text of its own, with headings, and those of the spreadsheets a table.

They lie below build/bench/documents, a folder for each format, and are made
once.  LibreOffice and pandoc write them, as they would for people.
"""
import csv
import email.message
import html
import os
import shutil
import subprocess
import sys

from common import BENCH, CORPUS, fresh, program, say

DOCUMENTS = os.path.join(BENCH, "documents")
EACH = 60  # documents of a format
LONG = 12  # of the PDFs: so many are ten times as long

# What LibreOffice makes of what it reads: (folder, from, filter).
OFFICE = (("docx", "html", "docx:MS Word 2007 XML"),
          ("odt", "html", "odt:writer8"),
          ("rtf", "html", "rtf:Rich Text Format"),
          ("doc", "html", "doc:MS Word 97"),
          ("pdf", "html", "pdf:writer_pdf_Export"),
          ("xlsx", "csv", "xlsx:Calc MS Excel 2007 XML"),
          ("ods", "csv", "ods:calc8"),
          ("xls", "csv", "xls:MS Excel 97"))
FORMATS = ("txt", "md", "html", "csv", "eml", "epub", "pptx") + tuple(
    name for name, _, _ in OFFICE)


def texts():
    """Another text each time, from the corpus in order."""
    names = sorted(name for name in os.listdir(CORPUS)
                   if name.endswith(".txt"))
    for name in names:
        with open(os.path.join(CORPUS, name), encoding="utf-8",
                  errors="replace") as file:
            yield file.read()


def is_heading(line):
    return line[:1].isupper() and line.upper() == line and len(line) < 60


def paragraphs(text):
    """(is_heading, words) for each paragraph of a manual page."""
    block = []
    for line in text.split("\n") + [""]:
        if line and not is_heading(line):
            block.append(line.strip())
            continue
        if block:
            yield False, " ".join(block)
        block = []
        if line:
            yield True, line.strip().capitalize()


def as_html(text):
    body = "".join("<h2>%s</h2>\n" % html.escape(words) if heading else
                   "<p>%s</p>\n" % html.escape(words)
                   for heading, words in paragraphs(text))
    return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" \
        "A page</title></head>\n<body>\n%s</body></html>\n" % body


def as_markdown(text):
    return "".join("\n## %s\n\n" % words if heading else "%s\n\n" % words
                   for heading, words in paragraphs(text))


def as_slides(text):
    return "".join("\n## %s\n\n" % words if heading else
                   "- %s\n" % words[:200]
                   for heading, words in paragraphs(text))


def as_mail(text, number):
    mail = email.message.EmailMessage()
    mail["From"] = "Ada Shore <ada@example.org>"
    mail["To"] = "bob@example.org"
    mail["Subject"] = "Page %d" % number
    mail["Date"] = "Tue, 03 Mar 2026 10:20:30 +0100"
    mail["Message-ID"] = "<%d@example.org>" % number
    mail.set_content(text)
    return mail.as_bytes()


def write_csv(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["number", "heading", "words", "text"])
        heading = ""
        for number, (is_head, words) in enumerate(paragraphs(text)):
            if is_head:
                heading = words
            else:
                rows.writerow([number, heading, len(words.split()), words])


def run(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)
    if done.returncode != 0:
        sys.exit("bench: %s failed:\n%s" % (
            command[0], done.stdout.decode("utf-8", "replace")[-2000:]))


def write(folder, number, ending, content):
    path = os.path.join(folder, "%03d.%s" % (number, ending))
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes)
                   else content.encode())
    return path


def office(sources, target, folder):
    profile = fresh("office-profile")
    run([program("soffice"), "-env:UserInstallation=file://" + profile,
         "--headless", "--convert-to", target, "--outdir", folder, *sources],
        env=dict(os.environ, HOME=profile))


def make_plain(place, format_, source):
    folder = os.path.join(place, format_)
    os.makedirs(folder)
    for number in range(EACH):
        text = next(source)
        if format_ == "csv":
            write_csv(os.path.join(folder, "%03d.csv" % number), text)
        else:
            write(folder, number, format_,
                  as_html(text) if format_ == "html" else
                  as_markdown(text) if format_ == "md" else
                  as_mail(text, number) if format_ == "eml" else text)


def make_pandoc(place, format_, source):
    folder = os.path.join(place, format_)
    os.makedirs(folder)
    for number in range(EACH):
        text = next(source)
        run([program("pandoc"), "-f", "markdown", "-o",
             os.path.join(folder, "%03d.%s" % (number, format_)),
             "--metadata", "title=Page %d" % number],
            input=(as_slides(text) if format_ == "pptx"
                   else as_markdown(text)).encode())


def make_office(place, format_, from_, target, source):
    folder = os.path.join(place, format_)
    work = fresh("documents-work")
    os.makedirs(folder)
    paths = []
    for number in range(EACH):
        text = next(source)
        if format_ == "pdf" and number < LONG:
            text = "\n".join([text] + [next(source) for _ in range(9)])
        if from_ == "csv":
            paths.append(os.path.join(work, "%03d.csv" % number))
            write_csv(paths[-1], text)
        else:
            # As a word processor's document, not as a page of the web.
            paths.append(write(work, number, from_, as_html(text)))
    if from_ == "html":
        odts = fresh("documents-odt")
        for path in paths:
            run([program("pandoc"), "-f", "html", path, "-o", os.path.join(
                odts, os.path.basename(path)[:-4] + "odt")])
        paths = [os.path.join(odts, name) for name in sorted(
            os.listdir(odts))]
    office(paths, target, folder)


def make_documents():
    """The folder; it is made when it is not complete."""
    if os.path.exists(os.path.join(DOCUMENTS, "complete")):
        return DOCUMENTS
    place = fresh("documents")
    source = texts()
    for format_ in ("txt", "md", "html", "csv", "eml"):
        make_plain(place, format_, source)
    for format_ in ("epub", "pptx"):
        say("making %s" % format_)
        make_pandoc(place, format_, source)
    for format_, from_, target in OFFICE:
        say("making %s" % format_)
        make_office(place, format_, from_, target, source)
    for name in ("documents-work", "documents-odt", "office-profile"):
        shutil.rmtree(os.path.join(BENCH, name), ignore_errors=True)
    for format_ in FORMATS:
        made = len(os.listdir(os.path.join(place, format_)))
        if made != EACH:
            sys.exit("bench: %d of %d documents of %s" % (made, EACH,
                                                          format_))
    with open(os.path.join(place, "complete"), "w", encoding="ascii"):
        pass
    return DOCUMENTS


if __name__ == "__main__":
    print(make_documents())
