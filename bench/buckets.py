# SPDX-License-Identifier: Apache-2.0
"""A bucket of 10,000 objects, 100 of them broken, indexed twice.

The bucket is in a service that really speaks S3 (OpenStack Swift, one process
beside the server).  The first job must end PARTIAL with exactly the broken
ones failed in its report; the second must find nothing to do, in a small part
of the first one's time, without asking for any object.
"""
import csv
import hashlib
import hmac
import http.client
import io
import os
import shutil
import subprocess
import sys
import threading
import time

from common import BENCH, ROOT, Server, fresh, say, stop, table

SERVICE = os.path.join(ROOT, "tests", "flow", "s3-service.py")
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's packages
REGION = "us-east-1"
USER, SECRET, BUCKET = "test:tester", "bench-secret", "papers"
OBJECTS, BROKEN_EACH = 10000, 100
PUTTERS = 8
API = "/v2/gen-ai"


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def headers_of(method, host, target, body):
    """AWS Signature Version 4 over the headers that an upload has."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    digest = hashlib.sha256(body).hexdigest()
    scope = "%s/%s/s3/aws4_request" % (now[:8], REGION)
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = "\n".join([
        method, target, "", "host:" + host, "x-amz-content-sha256:" + digest,
        "x-amz-date:" + now, "", names, digest])
    key = ("AWS4" + SECRET).encode()
    for part in (now[:8], REGION, "s3", "aws4_request"):
        key = sign(key, part)
    signature = sign(key, "\n".join([
        "AWS4-HMAC-SHA256", now, scope,
        hashlib.sha256(canonical.encode()).hexdigest()])).hex()
    return {"x-amz-date": now, "x-amz-content-sha256": digest,
            "Authorization": "AWS4-HMAC-SHA256 Credential=%s/%s,"
                             "SignedHeaders=%s,Signature=%s" % (
                                 USER, scope, names, signature)}


def is_broken(number):
    return number % BROKEN_EACH == BROKEN_EACH // 2


def content(number):
    """The key and the bytes of one object."""
    if is_broken(number):
        return "notes/%05d.pdf" % number, b"%%PDF-1.7 cut off, %d" % number
    return "notes/%05d.md" % number, (
        "# Note %d\n\nThe pilot of boat %d writes down the height of the "
        "tide, the wind and the name of each ship that comes in. Berth %d "
        "is free again at noon.\n" % (number, number * 7919 % OBJECTS,
                                      number % 61)).encode()


class Bucket:
    def __init__(self):
        self.folder = fresh("bucket-service")
        self.process = subprocess.Popen(
            [PYTHON, SERVICE, self.folder, USER, SECRET],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        if not line.strip():
            sys.exit("bench: no S3 service here; see tools/install_deps "
                     "(python3-swift)")
        self.host = "127.0.0.1:%d" % int(line)

    def put(self, connection, target, body):
        connection.request("PUT", target, body,
                           headers_of("PUT", self.host, target, body))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit("bench: PUT %s: %d" % (target, answer.status))

    def fill(self):
        connection = http.client.HTTPConnection(self.host)
        self.put(connection, "/" + BUCKET, b"")
        connection.close()
        threads = [threading.Thread(target=self.fill_part, args=(part,))
                   for part in range(PUTTERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def fill_part(self, part):
        connection = http.client.HTTPConnection(self.host)
        for number in range(part, OBJECTS, PUTTERS):
            key, body = content(number)
            self.put(connection, "/%s/%s" % (BUCKET, key), body)
        connection.close()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


def base_make(server):
    base = server.call("POST", API + "/knowledge_bases",
                       {"name": "bucket", "region": "tor1"})
    uuid = base["knowledge_base"]["uuid"]
    server.call("POST", API + "/knowledge_bases/%s/data_sources" % uuid, {
        "aws_data_source": {
            "bucket_name": BUCKET, "item_path": "notes", "region": REGION,
            "key_id": USER, "secret_key": SECRET}})
    return uuid


def index(server, base):
    """Seconds, and the job when it has ended."""
    begin = time.monotonic()
    job = server.call("POST", API + "/indexing_jobs",
                      {"knowledge_base_uuid": base})["job"]
    native = server.call("GET", "/tidemark/v1/jobs/" + job["uuid"])
    server.wait_job(native["job"] if "job" in native else native)
    spent = time.monotonic() - begin
    return spent, server.call("GET", API + "/indexing_jobs/" +
                              job["uuid"])["job"]


def report(server, job):
    """The rows of the job's report, which need no key but the URL's own."""
    url = server.call("GET", API + "/indexing_jobs/%s/details_signed_url" %
                      job["uuid"])["signed_url"]
    text = server.bytes_of("GET", url[url.index("/", len("https://")):])
    return list(csv.DictReader(io.StringIO(text.decode())))


def words(job):
    return "%s %s" % (job["phase"].rpartition("_")[2],
                      job["status"].rpartition("STATUS_")[2])


def check(server, first, second):
    broken = {content(n)[0].rpartition("/")[2]
              for n in range(OBJECTS) if is_broken(n)}
    failed = {row["item_name"].rpartition("/")[2]
              for row in report(server, first) if row["status"] == "failed"}
    again = [row for row in report(server, second)
             if row["status"] != "unchanged"]
    if failed != broken:
        raise SystemExit("bench: the report names %d failed, not the %d" % (
            len(failed), len(broken)))
    if {row["item_name"].rpartition("/")[2] for row in again} != broken or \
            {row["code"] for row in again} != {"STILL_UNREADABLE"}:
        raise SystemExit("bench: the second report is not of the broken ones")
    return len(failed)


def run():
    say("a bucket of %d objects" % OBJECTS)
    bucket = Bucket()
    server = None
    try:
        bucket.fill()
        server = Server("bucket-data", (
            "--s3-endpoints", "*=http://" + bucket.host))
        base = base_make(server)
        spent, first = index(server, base)
        again, second = index(server, base)
        failed = check(server, first, second)
    finally:
        if server is not None:
            server.close()
            shutil.rmtree(server.data, ignore_errors=True)
        bucket.close()
    table("A bucket of %d objects, %d of them broken, indexed twice" % (
        OBJECTS, failed), ("", "s", "ends", "failed in its report"), [
            ("first job", "%.1f" % spent, words(first), str(failed)),
            ("second job", "%.2f" % again, words(second), "0")])
    if words(second).rpartition(" ")[2] != "CHANGES" and \
            "NO_CHANGES" not in second["status"]:
        raise SystemExit("bench: the second job ended " + words(second))
    return [("bucket indexed again, part of the first job's time",
             "%.2f s" % again, "%.1f s" % spent, again / spent, "<", 0.1)]


if __name__ == "__main__":
    os.makedirs(BENCH, exist_ok=True)
    print(run())
