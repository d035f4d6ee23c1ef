"""An S3 server on the loopback whose write requests can be made to fail.

usage: server.py PORT

PUT /_fault?at=N&status=S&persistent=0|1  from now on the Nth PUT, POST or DELETE answers S, with persistent=1 also all
                                          that follow; at=0 ends that. The answer is how many there were since the last.
"""

import sys
import threading
from urllib.parse import parse_qs

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

WRITING = ("PUT", "POST", "DELETE")


class Faults:
    """Between the network and the store."""

    def __init__(self, store):
        self.store = store
        self.lock = threading.Lock()
        self.count, self.at, self.status, self.persistent = 0, 0, 403, False

    def set(self, query):
        with self.lock:
            count, self.count = self.count, 0
            self.at, self.status = int(query["at"][0]), int(query.get("status", ["403"])[0])
            self.persistent = query.get("persistent") == ["1"]
        return count

    def fails(self, method):
        if method not in WRITING:
            return False
        with self.lock:
            self.count += 1
            return self.at > 0 and (self.count >= self.at if self.persistent else self.count == self.at)

    def __call__(self, environment, start_response):
        if environment["PATH_INFO"] == "/_fault":
            answer = str(self.set(parse_qs(environment["QUERY_STRING"]))).encode()
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [answer]
        if not self.fails(environment["REQUEST_METHOD"]):
            return self.store(environment, start_response)
        environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
        start_response(f"{self.status} Fault", [("Content-Type", "application/xml")])
        code = "AccessDenied" if self.status == 403 else "InternalError"
        return [f"<Error><Code>{code}</Code><Message>as asked</Message></Error>".encode()]


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), Faults(DomainDispatcherApplication(create_backend_app)), threaded=True)
