# SPDX-License-Identifier: Apache-2.0
"""The corpus many times over, with a line in each document that no other
has, so that none is a duplicate."""
import os

from common import CORPUS, fresh, say


def corpus_texts():
    for name in sorted(os.listdir(CORPUS)):
        with open(os.path.join(CORPUS, name), "rb") as file:
            yield name, file.read()


def make_copies(name, copies):
    """COPIES folders of the corpus below build/bench/NAME; its path."""
    place = fresh(name)
    say("making %d documents" % (2000 * copies))
    texts = list(corpus_texts())
    for turn in range(copies):
        folder = os.path.join(place, "%03d" % turn)
        os.makedirs(folder)
        for name_, text in texts:
            with open(os.path.join(folder, name_), "wb") as file:
                file.write(b"copy %d of %s\n\n" % (turn, name_.encode()))
                file.write(text)
    return place


def make_one_file(name, size):
    """One text file of at least SIZE bytes from the corpus; its folder."""
    place = fresh(name)
    say("making a file of %.1f GB" % (size / 1e9))
    texts = list(corpus_texts())
    written = turn = 0
    with open(os.path.join(place, "one.txt"), "wb") as file:
        while written < size:
            for name_, text in texts:
                written += file.write(
                    b"copy %d of %s\n\n" % (turn, name_.encode()))
                written += file.write(text) + file.write(b"\n\n")
            turn += 1
    return place
