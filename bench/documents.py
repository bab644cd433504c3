# SPDX-License-Identifier: Apache-2.0
"""Documents of many formats: the whole pipeline beside other indexers, and
extraction alone beside the tools for one format.

BENCH_DOCUMENTS names a folder of real documents to take instead of those that
are made (make_documents.py).
"""
import base64
import os
import shutil
import subprocess
import sys
import time

from common import (BENCH, BUILD, RUNS, Server, fresh, interleaved, median,
                    proc_field, program, say, table)
from make_documents import make_documents

JARS = ":".join("/usr/share/java/%s.jar" % name for name in (
    "pdfbox2", "fontbox2", "commons-logging"))


PEAKS = []  # of the server's memory, MB


def timed(command, **more):
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)
    return time.monotonic() - begin, done.stdout.decode("utf-8", "replace")


def files_below(folder, ending=""):
    return sorted(os.path.join(place, name)
                  for place, _, names in os.walk(folder) for name in names
                  if name.endswith(ending) and name != "complete")


# ---- the whole pipeline ----------------------------------------------------

def tidemark(folder, indexed):
    server = Server("documents-data")
    try:
        begin = time.monotonic()
        job = server.wait_job(server.folder_job("documents", folder))
        taken = time.monotonic() - begin
        peak = proc_field(server.pid, "status", "VmHWM") / 1024
    finally:
        server.close()
    indexed["tidemark serve"] = job["counts"]["completed"]
    PEAKS.append(peak)
    return taken


def omindex(folder, indexed):
    database = os.path.join(fresh("omindex"), "db")
    taken, text = timed([program("omindex"), "--verbose", "--db", database,
                         "--url", "/", folder])
    indexed["omindex"] = text.count(" added")
    return taken


def recollindex(folder, indexed):
    config = fresh("recoll")
    with open(os.path.join(config, "recoll.conf"), "w",
              encoding="utf-8") as file:
        file.write("topdirs = %s\nskippedPaths =\nskippedNames =\n"
                   "noaspell = 1\nloglevel = 2\n" % folder)
    env = dict(os.environ, HOME=config, RECOLL_CONFDIR=config)
    taken, _ = timed([program("recollindex"), "-c", config], env=env)
    # Two lines of words, then for each document its address and how much text
    # it has.  Those without any were found by their names only; the documents
    # inside of a file have its address.
    _, text = timed([program("recollq"), "-c", config, "-n", "0-100000",
                     "-F", "url dbytes", "dir:" + folder], env=env)
    found = {line.split()[0] for line in text.split("\n")[2:]
             if len(line.split()) == 2 and
             base64.b64decode(line.split()[1]) not in (b"", b"0")}
    indexed["recollindex"] = sum(
        os.path.isfile(base64.b64decode(name)[len("file://"):])
        for name in found)
    return taken


def pipeline(folder):
    names = files_below(folder)
    indexed = {}
    taken = interleaved([
        ("tidemark serve", lambda: tidemark(folder, indexed)),
        ("omindex", lambda: omindex(folder, indexed)),
        ("recollindex", lambda: recollindex(folder, indexed)),
    ], RUNS)
    speed = {name: indexed[name] / one for name, one in taken.items()}
    table("Whole pipeline, %d documents of many formats, median of %d runs" %
          (len(names), RUNS), ("", "seconds", "indexed", "files/s"),
          [(name, "%.2f" % one, indexed[name], "%.1f" % speed[name])
           for name, one in taken.items()])
    print("  the server held %.0f MB at most (median of runs)" %
          median(PEAKS))
    for name in ("documents-data", "omindex", "recoll"):
        shutil.rmtree(os.path.join(BENCH, name), ignore_errors=True)
    ours = speed["tidemark serve"]
    rows = [("documents against " + name, "%.1f files/s" % ours,
             "%.1f files/s" % speed[name], ours / speed[name], ">=", least)
            for name, least in (("omindex", 2), ("recollindex", 3))]
    # What is made here all of them may read; real documents tell.
    rows.append(("documents indexed, beside the most of others",
                 "%d" % indexed["tidemark serve"],
                 "%d" % max(indexed["omindex"], indexed["recollindex"]),
                 indexed["tidemark serve"] / max(
                     indexed["omindex"], indexed["recollindex"]), ">=", 1))
    return rows


# ---- extraction alone ------------------------------------------------------

def extract(paths):
    done = subprocess.run(
        [os.path.join(BENCH, "extract_bench"),
         os.path.join(BUILD, "tidemark-extract"), "2", *paths],
        stdout=subprocess.PIPE, check=True)
    return float(done.stdout.split()[0])


def each(command, paths):
    """One process for each file, two at a time."""
    begin = time.monotonic()
    subprocess.run(["xargs", "-0", "-P2", "-n1", "sh", "-c",
                    command + " >/dev/null 2>&1 || :", "sh"],
                   input="\0".join(paths).encode(), check=True)
    return time.monotonic() - begin


def pdfbox(classes, paths):
    done = subprocess.run([program("java"), "-cp", JARS + ":" + classes,
                           "PdfBox", "2", *paths], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True)
    return float(done.stdout.split()[0])


def pdf(folder):
    paths = files_below(folder, ".pdf")
    classes = fresh("pdfbox")
    subprocess.run([program("javac"), "-cp", JARS, "-d", classes,
                    os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                 "PdfBox.java")], check=True)
    taken = interleaved([
        ("tidemark-extract", lambda: extract(paths)),
        ("pdftotext per file",
         lambda: each('pdftotext "$1" -', paths)),
        ("PDFBox in one JVM", lambda: pdfbox(classes, paths)),
    ], RUNS)
    rows = compare("PDF", paths, taken, (("pdftotext per file", 1.5),
                                         ("PDFBox in one JVM", 1)))
    for what, group in by_length(paths):
        taken = interleaved([
            ("tidemark-extract", lambda group=group: extract(group)),
            ("pdftotext per file",
             lambda group=group: each('pdftotext "$1" -', group)),
        ], RUNS)
        rows += compare("PDF of " + what, group, taken,
                        (("pdftotext per file", 1.5),))
    return rows


def by_length(paths):
    """A process's start weighs less the longer the file is."""
    groups = {"10 pages at most": [], "more than 10 pages": []}
    for path in paths:
        done = subprocess.run([program("pdfinfo"), path], check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        pages = [line.split()[1] for line in done.stdout.split(b"\n")
                 if line.startswith(b"Pages:")]
        groups["more than 10 pages" if pages and int(pages[0]) > 10
               else "10 pages at most"].append(path)
    return [(what, group) for what, group in groups.items() if group]


def docx(folder):
    paths = files_below(folder, ".docx")
    taken = interleaved([
        ("tidemark-extract", lambda: extract(paths)),
        ("pandoc per file",
         lambda: each('pandoc -t plain "$1"', paths)),
    ], RUNS)
    return compare("DOCX", paths, taken, (("pandoc per file", 10),))


def compare(what, paths, taken, targets):
    count = len(paths)
    table("Text of %d %s files on two cores, median of %d runs" % (
        count, what, RUNS), ("", "seconds", "files/s"),
          [(name, "%.3f" % one, "%.0f" % (count / one))
           for name, one in taken.items()])
    ours = taken["tidemark-extract"]
    return [("%s against %s" % (what, name), "%.0f files/s" % (count / ours),
             "%.0f files/s" % (count / taken[name]), taken[name] / ours,
             ">=", least) for name, least in targets]


def run():
    folder = os.environ.get("BENCH_DOCUMENTS") or make_documents()
    if not os.path.isdir(folder):
        sys.exit("bench: BENCH_DOCUMENTS is no folder: %s" % folder)
    say("documents: %d files" % len(files_below(folder)))
    return pipeline(folder) + pdf(folder) + docx(folder)
