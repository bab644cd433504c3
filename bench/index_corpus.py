# SPDX-License-Identifier: Apache-2.0
"""Documents and queries for full text, made of what people have written.

The text is that of the manual pages of this machine, from their sources: a
paragraph is what stands between two requests of roff.  Where there are few
pages, the corpus (bench/corpus) is taken with them.  A document is paragraphs
in the order of the pages until a length is reached that is drawn for it,
log-normal as lengths of real passages are: a median of 60 words, and some of a
thousand.  When all paragraphs are used up they are gone through again, and
cut otherwise.

Documents and queries are words of a-z and 0-9 in small letters: whoever cuts
text into words gets the same ones.  The same pages give the same documents.
"""
import gzip
import json
import os
import random
import re

from common import CORPUS, ROOT

SHARED = os.path.join(os.path.dirname(ROOT), "shared", "data", "ir")
PAGES = "/usr/share/man"
PAGES_BYTES_MIN = 8000000
SEED = 20261122
QUERIES = 300
WORD = re.compile(r"[a-z0-9]{1,40}")
# A font, a size, a character by its name, and what is not printed.
ESCAPE = re.compile(
    rb"\\(?:f(?:\[[^]]*\]|\(..|.)|s[-+]?\d|[*]?(?:\[[^]]*\]|\(..)|[&|^%/,c])")
# Requests whose rest of the line is text as well.
TEXT_REQUEST = (b".B ", b".I ", b".BR ", b".IR ", b".RB ", b".RI ", b".BI ",
                b".IB ", b".Nm ", b".Xr ", b".Ar ", b".Fl ", b".Em ")
BEGINNINGS = (
    "how do i", "how can i", "what is the", "what does the", "why is the",
    "when is the", "where is the", "which of the", "how to", "is there a",
    "can the", "what are the", "who may", "does the", "what happens when")


def page_paragraphs(text):
    lines = []
    for line in text.split(b"\n"):
        if line[:1] not in (b".", b"'") and line.strip():
            lines.append(ESCAPE.sub(b"", line))
        elif line.startswith(TEXT_REQUEST):
            lines.append(ESCAPE.sub(b"", line.split(b" ", 1)[1]))
        elif lines:
            yield b" ".join(lines)
            lines = []
    if lines:
        yield b" ".join(lines)


def page_files():
    """All of them, mixed, so that the first ones are like all."""
    paths = list(page_list())
    random.Random(SEED).shuffle(paths)
    return paths


def page_list():
    for section in range(1, 10):
        folder = os.path.join(PAGES, "man%d" % section)
        if not os.path.isdir(folder):
            continue
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name.endswith(".gz") and not os.path.islink(path):
                yield path


def texts():
    size = 0
    for path in page_files():
        try:
            with gzip.open(path) as file:
                text = file.read()
        except (OSError, EOFError):
            continue
        size += len(text)
        yield from page_paragraphs(text)
    if size >= PAGES_BYTES_MIN:
        return
    for name in sorted(os.listdir(CORPUS)):
        with open(os.path.join(CORPUS, name), "rb") as file:
            yield from file.read().split(b"\n\n")


def words_of(text):
    return WORD.findall(text.lower())


def paragraphs():
    """Each once, as words; lines of examples and tables are too short."""
    seen, found = set(), []
    for text in texts():
        words = words_of(text.decode("utf-8", "replace"))
        key = " ".join(words)
        if len(words) >= 8 and key not in seen:
            seen.add(key)
            found.append(words)
    return found


def documents(source, count, chance):
    """count documents, each a list of words."""
    made, at = [], 0
    while len(made) < count:
        length = min(1000, max(15, round(chance.lognormvariate(4.1, 0.7))))
        words = []
        while len(words) < length:
            words += source[at % len(source)]
            at += 1
        made.append(words[:1200])
    return made, at / len(source)


def frequencies(made):
    counts = {}
    for words in made:
        for word in set(words):
            counts[word] = counts.get(word, 0) + 1
    return counts


def questions(made, chance):
    """3 to 12 words, as they stand in a document, after a beginning."""
    for _ in range(QUERIES):
        begin = chance.choice(BEGINNINGS).split()
        words = chance.choice(made)
        count = chance.randint(1, 12 - len(begin))
        at = chance.randrange(max(1, len(words) - count))
        yield begin + words[at:at + count]


def short_queries(made, chance):
    """1 to 3 words of a document, none of them in every hundredth."""
    counts = frequencies(made)
    most = max(3, len(made) // 100)
    while True:
        rare = [word for word in set(chance.choice(made))
                if 2 <= counts[word] <= most and len(word) > 3 and
                word.isalpha()]
        if len(rare) >= 3:
            yield chance.sample(sorted(rare), chance.randint(1, 3))


def unique(words):
    return list(dict.fromkeys(words))[:32]


def write_lines(path, lines):
    with open(path, "w", encoding="ascii") as file:
        for words in lines:
            file.write(" ".join(words) + "\n")


class Collection:
    """A file of documents, one a line, and one of queries of each kind."""

    def __init__(self, name, folder, made, kinds):
        self.name = name
        self.count = len(made)
        self.words = sum(len(words) for words in made)
        self.documents = os.path.join(folder, name + ".documents")
        self.queries = os.path.join(folder, name + ".queries")
        self.kinds = [(kind, len(queries)) for kind, queries in kinds]
        write_lines(self.documents, made)
        write_lines(self.queries, (unique(query) for _, queries in kinds
                                   for query in queries))


def made_collections(folder, sizes):
    source = paragraphs()
    for size in sizes:
        chance = random.Random(SEED)
        made, passes = documents(source, size, chance)
        short = short_queries(made, chance)
        made_one = Collection(
            str(size), folder, made,
            [("questions", list(questions(made, chance))),
             ("short", [next(short) for _ in range(QUERIES)])])
        made_one.passes = passes
        yield made_one


def real_collections(folder):
    """Those of ../shared, when they are there, with their own questions."""
    if not os.path.isdir(SHARED):
        return
    for name in sorted(os.listdir(SHARED)):
        path = os.path.join(SHARED, name)
        with open(os.path.join(path, "corpus.jsonl"),
                  encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        made = [words_of(row.get("title", "") + " " + row["text"]) or ["-"]
                for row in rows]
        with open(os.path.join(path, "queries.tsv"), encoding="utf-8") as file:
            asked = [words_of(line.split("\t", 1)[1]) for line in file]
        yield Collection(name, folder, made,
                         [("its own", [one for one in asked if one])])
