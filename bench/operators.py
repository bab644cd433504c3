# SPDX-License-Identifier: Apache-2.0
"""Queries with operators: what looking at the text of segments costs.

The paragraphs are those of index_corpus, with their signs, joined to documents
of about 5,500 bytes, which become five or six segments each; two words that
nobody else writes stand in every thousandth document.
"""
import os
import random
import shutil

import index_corpus
from common import RUNS, Server, cpu_seconds, say, table

DOCUMENTS = int(os.environ.get("BENCH_OPERATORS_DOCUMENTS", "20000"))
DOCUMENT_BYTES = 5400
BATCH = 200
ASKED = 20  # times in a row, as the clock of processor time is coarse
RATIOS = (0, 0.5)
# With operators, and without.
QUERIES = (
    ('"quorvex mandible"', True), ('"quorvex mandible"', False),
    ('"file descriptor"', True), ('"file descriptor"', False),
    ('"of the"', True), ('"of the"', False),
    ('"of of the the"', True),
    ('file -the', True),
    ('name:1234', True),
    ('name:"page 77" file', True),
    ('-the', True),
)


def paragraphs():
    found = []
    for text in index_corpus.texts():
        text = text.decode("utf-8", "replace").strip()
        if len(text) > 60:
            found.append(text)
    return found


def documents(source):
    chance = random.Random(index_corpus.SEED)
    at = 0
    for number in range(DOCUMENTS):
        parts, size = [], 0
        while size < DOCUMENT_BYTES:
            if at == len(source):
                chance.shuffle(source)
                at = 0
            parts.append(source[at])
            size += len(source[at])
            at += 1
        if number % 1000 == 500:
            parts.insert(1, "A quorvex mandible stood there.")
        yield {"name": "page %d.txt" % number, "text": "\n\n".join(parts)}


def fill(server):
    server.call("POST", "/tidemark/v1/bases", {"name": "operators"})
    path = "/tidemark/v1/bases/operators"
    jobs, batch = [], []
    for document in documents(paragraphs()):
        batch.append(document)
        if len(batch) == BATCH:
            jobs.append(server.call("POST", path + "/documents",
                                    {"documents": batch})["job"])
            batch = []
    for job in jobs:
        server.wait_job(job)
    return server.call("GET", path)["segments"]


def ask(server, text, has_operators, ratio):
    """Milliseconds of processor time of one query, and what was found."""
    body = {"query": text, "operators": has_operators,
            "semantic_ratio": ratio, "limit": 10}
    path = "/tidemark/v1/bases/operators/query"
    answer = server.call("POST", path, body)
    begin = cpu_seconds(server.pid)
    for _ in range(ASKED):
        answer = server.call("POST", path, body)
    used = (cpu_seconds(server.pid) - begin) * 1000 / ASKED
    return used, len(answer["results"]), answer["partial"]


def run():
    server = Server("operators-data")
    try:
        segments = fill(server)
        say("operators: %d segments" % segments)
        rows = []
        for text, has_operators in QUERIES:
            row = [text + ("" if has_operators else ", as text")]
            for ratio in RATIOS:
                figures = sorted(ask(server, text, has_operators, ratio)
                                 for _ in range(RUNS))
                used, found, is_partial = figures[RUNS // 2]
                row.append("%.1f" % used)
            row += [found, "yes" if is_partial else ""]
            rows.append(row)
    finally:
        server.close()
        shutil.rmtree(server.data, ignore_errors=True)
    table("Queries over %d segments: ms of processor time" % segments,
          ("", "words", "and vectors", "found", "partial"), rows)
    return []
