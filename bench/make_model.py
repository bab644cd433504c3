# SPDX-License-Identifier: Apache-2.0
"""Models of random numbers: as large as real ones, and as fast.

A folder gets model.safetensors (of float32) and tokenizer.json (WordPiece).  In
a static one the rows of frequent words are short, as they are in real ones, so
that a text's vector is that of what it is about.  An encoder is of the shape
of MiniLM with six layers.
"""
import array
import json
import math
import os
import random
import re
import struct

CONSONANTS = "bcdfghklmnprstvz"
VOWELS = "aeio"
SEED = 20261122
ENCODER = {
    "architectures": ["BertModel"], "model_type": "bert",
    "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12,
    "intermediate_size": 1536, "max_position_embeddings": 512,
    "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
    "pad_token_id": 0, "position_embedding_type": "absolute"}


def made_word(number):
    """The word of a number, as search_bench has it."""
    word = ""
    while True:
        word += CONSONANTS[number & 15] + VOWELS[number >> 4 & 3]
        number >>= 6
        if number == 0:
            return word


def made_words(count):
    return [made_word(number) for number in range(count)]


def frequent_words(texts, count):
    """Letters, their continuations and the most frequent words of texts."""
    counts = {}
    for text in texts:
        for word in re.findall(r"[a-z]+", text.lower()):
            counts[word] = counts.get(word, 0) + 1
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,-_()/'\"<>[]|="
    tokens = [letter for letter in letters]
    tokens += ["##" + letter for letter in letters]
    known = set(tokens)
    tokens += [word for word in sorted(counts, key=lambda w: (-counts[w], w))
               if word not in known]
    return tokens[:count]


def write_tensors(path, tensors):
    """tensors: (name, shape, function that gives its rows as arrays)."""
    facts, at = {}, 0
    for name, shape, _ in tensors:
        size = 4 * math.prod(shape)
        facts[name] = {"dtype": "F32", "shape": shape,
                       "data_offsets": [at, at + size]}
        at += size
    header = json.dumps(facts)
    header = header.ljust(-(-len(header) // 8) * 8).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for _, _, rows in tensors:
            for row in rows():
                row.tofile(file)


def random_rows(chance, rows, columns, scale):
    """Numbers between -scale(row) and scale(row)."""
    for row in range(rows):
        values = [scale(row) * (number - 127.5) / 127.5
                  for number in range(256)]
        yield array.array("f", map(values.__getitem__,
                                   chance.randbytes(columns)))


def write_json(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file)


def word_piece(tokens):
    return {
        "version": "1.0", "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "model": {"type": "WordPiece", "unk_token": "[UNK]",
                  "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {word: number
                            for number, word in enumerate(tokens)}}}


def write_static(folder, words, dimensions):
    """words: the most frequent first."""
    tokens = words + ["[UNK]"]
    chance = random.Random(SEED)
    os.makedirs(folder, exist_ok=True)
    # Rows by their rank, as in "A Simple but Tough-to-Beat Baseline for
    # Sentence Embeddings" (Arora et al., 2017).
    write_tensors(os.path.join(folder, "model.safetensors"), [
        ("embeddings", [len(tokens), dimensions],
         lambda: random_rows(chance, len(tokens), dimensions,
                             lambda row: 1e-3 / (1e-3 + 0.1 / (row + 1))))])
    write_json(folder, "tokenizer.json", word_piece(tokens))


def encoder_tensors(vocabulary):
    """Names and shapes as BertModel has them."""
    hidden, inner = ENCODER["hidden_size"], ENCODER["intermediate_size"]
    for name, rows in (
            ("word", vocabulary),
            ("position", ENCODER["max_position_embeddings"]),
            ("token_type", ENCODER["type_vocab_size"])):
        yield "embeddings.%s_embeddings.weight" % name, [rows, hidden]
    yield from norm_tensors("embeddings.", hidden)
    for layer in range(ENCODER["num_hidden_layers"]):
        at = "encoder.layer.%d." % layer
        for name, rows, columns in (
                ("attention.self.query", hidden, hidden),
                ("attention.self.key", hidden, hidden),
                ("attention.self.value", hidden, hidden),
                ("attention.output.dense", hidden, hidden),
                ("intermediate.dense", inner, hidden),
                ("output.dense", hidden, inner)):
            yield at + name + ".weight", [rows, columns]
            yield at + name + ".bias", [rows]
        yield from norm_tensors(at + "attention.output.", hidden)
        yield from norm_tensors(at + "output.", hidden)


def norm_tensors(at, hidden):
    for name in ("weight", "bias"):
        yield at + "LayerNorm." + name, [hidden]


def tensor_rows(chance, name, shape):
    if name.endswith("LayerNorm.weight"):
        return lambda: [array.array("f", [1.0] * shape[0])]
    if len(shape) == 1:
        return lambda: [array.array("f", [0.0] * shape[0])]
    return lambda: random_rows(chance, shape[0], shape[1], lambda row: 0.05)


def write_encoder(folder, words):
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + words
    chance = random.Random(SEED)
    os.makedirs(folder, exist_ok=True)
    write_tensors(os.path.join(folder, "model.safetensors"), [
        (name, shape, tensor_rows(chance, name, shape))
        for name, shape in encoder_tensors(len(tokens))])
    write_json(folder, "config.json", dict(ENCODER, vocab_size=len(tokens)))
    tokenizer = word_piece(tokens)
    pieces = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
              {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing", "single": pieces, "pair": pieces,
        "special_tokens": {
            word: {"id": word, "ids": [tokens.index(word)], "tokens": [word]}
            for word in ("[CLS]", "[SEP]")}}
    write_json(folder, "tokenizer.json", tokenizer)
