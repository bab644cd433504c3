#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corpus_cut first|all PAGES FOLDER COUNT BYTES ENOUGH: pages to documents.

Rendered pages are cut at ends of lines into pieces of at most BYTES.  With
`first` only the first piece of each page is taken, with `all` every one.  The
COUNT largest become the documents; exit status 1, and none is written, when
there are fewer or when they are less than ENOUGH bytes together.
"""
import os
import sys


def cut(text, size):
    """The pieces of a text, in order."""
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            line = text.rfind(b"\n", start, end)
            end = line + 1 if line > start else end
        yield text[start:end]
        start = end


def pieces_of(pages, size, first_only):
    """(name, text) of every piece; those of the same text are taken once."""
    seen = set()
    for name in sorted(os.listdir(pages)):
        with open(os.path.join(pages, name), "rb") as file:
            # Whole characters only, whatever the page contained.
            text = file.read().decode("utf-8", "replace").encode()
        for number, piece in enumerate(cut(text, size)):
            if first_only and number > 0:
                break
            piece = piece.decode("utf-8", "ignore").encode()
            if piece.strip() and piece not in seen:
                seen.add(piece)
                yield "%s-%03d.txt" % (name, number), piece


def main():
    which, pages, folder, count, size, enough = sys.argv[1:]
    count, size, enough = int(count), int(size), int(enough)
    pieces = list(pieces_of(pages, size, which == "first"))
    pieces.sort(key=lambda piece: (-len(piece[1]), piece[0]))
    pieces = pieces[:count]
    if len(pieces) < count or sum(len(text) for _, text in pieces) < enough:
        sys.exit(1)
    os.makedirs(folder)
    for name, text in pieces:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text)


main()
