# SPDX-License-Identifier: Apache-2.0
"""How good what is found is: collections with questions and judgements, asked
through the HTTP API with words alone, vectors alone and both.

A collection is a folder with corpus.jsonl ({"_id", "title", "text"}),
queries.tsv (id, text) and qrels.txt (query, 0, document, relevance).  Those in
../shared/data/ir are taken when they are there, else tests/data/ir-small.
"""
import json
import math
import os

from common import ROOT, Server, say, table

SHARED = os.path.join(os.path.dirname(ROOT), "shared", "data", "ir")
SMALL = os.path.join(ROOT, "tests", "data", "ir-small")
WAYS = (
    ("words", {"semantic_ratio": 0}),
    ("words, expanded", {"semantic_ratio": 0, "expand": True}),
    ("vectors", {"semantic_ratio": 1}),
    ("hybrid, not expanded", {"expand": False}),
    ("hybrid by rank", {"fusion": "rrf"}),
    ("hybrid", {}),  # as by default
)
DEPTH = 1000  # all that the API gives
TEXTS = 200  # in one request
# Mean average precision of other systems on the same files.
TARGETS = {"cranfield": 0.3009, "cisi": 0.2045}


def collections():
    if not os.path.isdir(SHARED):
        return [SMALL]
    return [os.path.join(SHARED, name) for name in sorted(os.listdir(SHARED))]


def read_documents(folder):
    with open(os.path.join(folder, "corpus.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_queries(folder):
    with open(os.path.join(folder, "queries.tsv"), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t", 1) for line in file]


def read_judgements(folder):
    """By query: the relevance of each document that has any."""
    wanted = {}
    with open(os.path.join(folder, "qrels.txt"), encoding="utf-8") as file:
        for line in file:
            query, _, document, relevance = line.split()
            if int(relevance) > 0:
                wanted.setdefault(query, {})[document] = int(relevance)
    return wanted


def average_precision(ranking, wanted):
    found = total = 0
    for place, document in enumerate(ranking, 1):
        if document in wanted:
            found += 1
            total += found / place
    return total / len(wanted)


def ndcg(ranking, wanted, depth=10):
    gains = [wanted.get(document, 0) for document in ranking[:depth]]
    best = sorted(wanted.values(), reverse=True)[:depth]
    discounted = [sum(gain / math.log2(place + 2)
                      for place, gain in enumerate(row))
                  for row in (gains, best)]
    return discounted[0] / discounted[1]


def index(server, base, folder):
    """A document for each row; its name is the row's id."""
    server.call("POST", "/tidemark/v1/bases", {"name": base})
    documents = read_documents(folder)
    for first in range(0, len(documents), TEXTS):
        texts = [{"name": row["_id"] + ".txt",
                  "text": "\n\n".join(part for part in (
                      row.get("title", ""), row["text"]) if part) or "-"}
                 for row in documents[first:first + TEXTS]]
        job = server.call("POST", "/tidemark/v1/bases/%s/documents" % base,
                          {"documents": texts})["job"]
        server.wait_job(job)


def ask(server, base, text, how):
    """Names of documents, each at the place of its best segment."""
    body = {"query": text, "limit": DEPTH, "operators": False, **how}
    ranking = {}
    for row in server.call("POST", "/tidemark/v1/bases/%s/query" % base,
                           body)["results"]:
        ranking.setdefault(row["name"].rpartition(".")[0])
    return list(ranking)


def judge(server, base, folder, how):
    wanted = read_judgements(folder)
    rankings = [(ask(server, base, text, how), wanted[query])
                for query, text in read_queries(folder) if query in wanted]
    return tuple(sum(measure(*pair) for pair in rankings) / len(rankings)
                 for measure in (average_precision, ndcg))


def targets_of(base, precisions):
    """MAP by way: no worse than words alone, and better than others."""
    hybrid, words = precisions["hybrid"], precisions["words"]
    rows = [("MAP of %s, hybrid beside words" % base, "%.4f" % hybrid,
             "%.4f" % words, hybrid / words, ">=", 1.0)]
    if base in TARGETS:
        rows.append(("MAP of " + base, "%.4f" % hybrid, None, hybrid, ">=",
                     TARGETS[base]))
    return rows


def run():
    rows, targets = [], []
    server = Server("quality")
    try:
        for folder in collections():
            base = os.path.basename(folder)
            say("quality: %s" % base)
            index(server, base, folder)
            precisions = {}
            for way, how in WAYS:
                precisions[way], gain = judge(server, base, folder, how)
                rows.append((base, way, "%.4f" % precisions[way],
                             "%.4f" % gain))
            targets += targets_of(base, precisions)
    finally:
        server.close()
    table("Quality, at most %d results" % DEPTH,
          ("collection", "asked", "MAP", "nDCG@10"), rows)
    return targets
