#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of Tidemark in one file, with nothing but the standard library.

Copy it into a program, or run it:

    TIDEMARK_API_KEY=tm-... python3 tidemark.py BASE "QUESTION" FILE...

It makes the base when it is missing, sends the files, says how far they are,
names those that failed and prints what answers the question best.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid


class TidemarkError(Exception):
    """What the server refused: status, code and a sentence."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


class Tidemark:
    def __init__(self, url="http://127.0.0.1:8420", key=""):
        self.url, self.key = url.rstrip("/"), key

    def call(self, method, path, body=None, media_type="application/json"):
        """One request below /tidemark/v1; the answer's object."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/tidemark/v1{path}", body, method=method,
            headers={"Authorization": f"Bearer {self.key}",
                     "Content-Type": media_type})
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                said = json.loads(error.read())["error"]
            raise TidemarkError(error.code, said["code"],
                                said["message"]) from None
        return json.loads(text) if text else None

    @staticmethod
    def _base(base, rest=""):
        return f"/bases/{urllib.parse.quote(base, safe='')}{rest}"

    def ensure_base(self, base):
        """The base; made when there is none of that name."""
        try:
            return self.call("POST", "/bases", {"name": base})
        except TidemarkError as error:
            if error.code != "NAME_TAKEN":
                raise
        return self.call("GET", self._base(base))

    def put_texts(self, base, documents):
        """Index texts: [{"name": ..., "text": ..., "metadata": {...}}].
        The job; it has not ended yet."""
        return self.call("POST", self._base(base, "/documents"),
                         {"documents": documents})["job"]

    def put_files(self, base, paths):
        """Index files.  The job; it has not ended yet."""
        border = uuid.uuid4().hex
        body = bytearray()
        for path in paths:
            name = os.path.basename(path).replace('"', "%22")
            body += (f'--{border}\r\nContent-Disposition: form-data; '
                     f'name="file"; filename="{name}"\r\n\r\n').encode()
            with open(path, "rb") as file:
                body += file.read() + b"\r\n"
        body += f"--{border}--\r\n".encode()
        return self.call("POST", self._base(base, "/documents"), bytes(body),
                         f"multipart/form-data; boundary={border}")["job"]

    def watch(self, job):
        """The job each time that it has changed, until it has ended.  The
        server answers as soon as there is something new."""
        yield job
        while not job["finished_at"]:
            job = self.call("GET", f"/jobs/{job['id']}"
                            f"?after={job['revision']}&wait=60")
            yield job

    def items(self, job, state):
        """All items of the job in that state, page after page."""
        cursor = ""
        while cursor is not None:
            page = self.call("GET", f"/jobs/{job['id']}/items?limit=1000"
                             f"&state={state}{cursor and '&cursor='}{cursor}")
            yield from page["items"]
            cursor = page["next_cursor"]

    def query(self, base, text, **options):
        """The best segments; options as limit=5, filter={"year": 2024}."""
        return self.call("POST", self._base(base, "/query"),
                         {"query": text, **options})["results"]


def main(base, question, *paths):
    client = Tidemark(os.environ.get("TIDEMARK_URL",
                                     "http://127.0.0.1:8420"),
                      os.environ["TIDEMARK_API_KEY"])
    client.ensure_base(base)
    for job in client.watch(client.put_files(base, paths)):
        print(f"{job['state']} {job['percent']:.1f} %", file=sys.stderr)
    counts = job["counts"]
    print(f"{counts['completed']} of {counts['total']} completed")
    for item in client.items(job, "failed"):
        print(f"failed: {item['name']}: {item['error']['code']}: "
              f"{item['error']['message']}")
    for result in client.query(base, question, limit=3):
        print(f"{result['score']:.3f} {result['name']}: "
              f"{' '.join(result['text'].split())[:60]}")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except TidemarkError as error:
        sys.exit(f"the server said: {error}")
    except urllib.error.URLError as error:
        sys.exit(f"the server was not reached: {error.reason}")
