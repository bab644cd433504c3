# SPDX-License-Identifier: Apache-2.0
"""A service that speaks S3: OpenStack Swift, all of it in one process.

    s3-service.py FOLDER USER SECRET

Keeps everything in FOLDER, which must be on a file system with extended
attributes, and listens on a port of 127.0.0.1 that the kernel picks; its
number is the only line on standard output.  Ends when standard input does.
Requests must be signed (Signature Version 4); the user is account:name.
"""
import os
import sys
import threading

import eventlet

eventlet.patcher.monkey_patch(all=False, socket=True, select=True, thread=True)

from eventlet import wsgi  # noqa: E402  (after the patch)
from swift.account.server import AccountController  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import parse_storage_policies  # noqa: E402
from swift.common.utils import ConfigParser  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.server import ObjectController  # noqa: E402

REGION = "us-east-1"
COMMON = """
[swift-hash]
swift_hash_path_suffix = test

[storage-policy:0]
name = one
default = yes
"""
PROXY = """
[DEFAULT]
swift_dir = {folder}
log_level = CRITICAL

[pipeline:main]
pipeline = catch_errors memory s3api tempauth proxy-server

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:memory]
paste.filter_factory = s3service:memory_factory

[filter:s3api]
use = egg:swift#s3api
location = {region}
allow_multipart_uploads = no
auth_pipeline_check = no
min_segment_size = 1

[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{name} = {secret} .admin

[app:proxy-server]
use = egg:swift#proxy
allow_account_management = yes
account_autocreate = yes
"""


class Memory:
    """As much of a memcached as is asked for."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def delete(self, key, **_):
        self.values.pop(key, None)

    def incr(self, key, delta=1, **_):
        self.values[key] = self.values.get(key, 0) + delta
        return self.values[key]


def memory_factory(_, **__):
    memory = Memory()

    def factory(app):
        def call(env, start_response):
            env["swift.cache"] = memory
            return app(env, start_response)

        return call

    return factory


def ring_write(folder, name, port):
    # Two to the zeroth power of partitions, one copy, no hour to wait.
    builder = RingBuilder(0, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1,
                     "ip": "127.0.0.1", "port": port, "device": "d"})
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, name + ".ring.gz"))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def serve(listener, app):
    eventlet.spawn(wsgi.server, listener, app, log=open(os.devnull, "w"),
                   protocol=SwiftHttpProtocol, log_output=False)


def main():
    folder, user, secret = sys.argv[1:]
    account, name = user.split(":")
    sys.modules["s3service"] = sys.modules["__main__"]
    os.makedirs(os.path.join(folder, "devices", "d"))
    write(os.path.join(folder, "swift.conf"), COMMON)
    write(os.path.join(folder, "proxy.conf"),
          PROXY.format(folder=folder, region=REGION, account=account,
                       name=name, secret=secret))
    import swift.common.storage_policy as policy
    import swift.common.utils as utils
    utils.HASH_PATH_SUFFIX = b"test"
    utils.SWIFT_CONF_FILE = os.path.join(folder, "swift.conf")
    parser = ConfigParser()
    parser.read_string(COMMON)
    policy._POLICIES = parse_storage_policies(parser)

    settings = {"devices": os.path.join(folder, "devices"),
                "swift_dir": folder, "mount_check": "false",
                "log_level": "CRITICAL"}
    for kind, controller in (("account", AccountController),
                             ("container", ContainerController),
                             ("object", ObjectController)):
        listener = eventlet.listen(("127.0.0.1", 0))
        ring_write(folder, kind, listener.getsockname()[1])
        serve(listener, controller(settings))
    listener = eventlet.listen(("127.0.0.1", 0))
    serve(listener, loadapp(os.path.join(folder, "proxy.conf")))
    print(listener.getsockname()[1], flush=True)
    eventlet.tpool.execute(sys.stdin.read)


if __name__ == "__main__":
    main()
