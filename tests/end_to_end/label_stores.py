"""A bucket of a local S3 server, and jobs from and into it, for the tests of `hasten label`; `make test-s3` installs it."""

import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from conftest import ROOT
from label_jobs import bytes_of, is_of_one_run, label, start, write_parts

fs = pytest.importorskip("pyarrow.fs")

SERVER_PYTHON = ROOT / ".venv-s3" / "bin" / "python"
CHECKPOINTS = ("--checkpoint-rows", "100")
needs_server = pytest.mark.skipif(not SERVER_PYTHON.exists(), reason="make test-s3 installs the S3 server")


class Store:
    """A bucket of a server of its own."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {"AWS_ENDPOINT_URL": self.address, "AWS_ACCESS_KEY_ID": "key", "AWS_REGION": "us-east-1",
                            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
        self.files = fs.S3FileSystem(endpoint_override=self.address, access_key="key", secret_key="secret",
                                     region="us-east-1", allow_bucket_creation=True)

    def put(self, path, query=""):
        request = urllib.request.Request(f"{self.address}/{path}{query}", method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def fault(self, at, status=403, persistent=False):
        return int(self.put("_fault", f"?at={at}&status={status}&persistent={int(persistent)}"))

    def upload(self, folder, to):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with self.files.open_output_stream(f"bucket/{to}/{path.relative_to(folder).as_posix()}") as stream:
                    stream.write(path.read_bytes())

    def bytes_of(self, folder):
        """As label_jobs.bytes_of()."""
        found = self.files.get_file_info(fs.FileSelector(f"bucket/{folder}", recursive=True, allow_not_found=True))
        names = {info.path.removeprefix(f"bucket/{folder}/"): info.path for info in found if info.is_file}
        return {name: self.read(path) for name, path in names.items() if not is_of_one_run(name)}

    def read(self, path):
        with self.files.open_input_stream(path) as stream:
            return stream.read()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = open(tmp_path_factory.mktemp("s3") / "server.log", "wb")
    server = subprocess.Popen([SERVER_PYTHON, ROOT / "tests" / "s3" / "server.py", str(port)], stdout=log, stderr=log)
    store = Store(port)
    try:
        for _ in range(600):
            try:
                store.put("bucket")
                break
            except urllib.error.URLError:
                assert server.poll() is None
                time.sleep(0.1)
        yield store
    finally:
        server.terminate()
        server.wait()
        log.close()


class Job:
    """Inputs in the store, and what an undisturbed run from disk to disk makes of them."""

    def __init__(self, hasten, model, store, workspace):
        self.hasten, self.model, self.store = hasten, model, store
        self.local = workspace / "in"
        write_parts(self.local, 4, 250)
        store.upload(self.local, "in")
        self.whole = workspace / "whole"
        assert label(hasten, model, self.local, self.whole, *CHECKPOINTS).returncode == 0
        self.bytes = bytes_of(self.whole)
        began = time.time()
        assert self.run("timed").returncode == 0
        self.seconds = time.time() - began

    def run(self, out, *more, environment=None):
        return label(self.hasten, self.model, "s3://bucket/in", f"s3://bucket/{out}", *CHECKPOINTS, *more,
                     environment=dict(self.store.environment, **(environment or {})))

    def start(self, out):
        return start(self.hasten, self.model, "s3://bucket/in", f"s3://bucket/{out}", *CHECKPOINTS,
                     environment=self.store.environment)

    def check_nothing_false(self, out):
        files = self.store.bytes_of(out)
        for name, content in files.items():
            if "_hasten/checkpoints" not in name:
                assert content == self.bytes[name], f"{name} is there, and not whole"
        assert "_SUCCESS" not in files or self.bytes.keys() <= files.keys()

    def check_going_on(self, out):
        done = self.run(out)
        assert done.returncode == 0, done.stderr
        assert self.store.bytes_of(out) == self.bytes


@pytest.fixture(scope="module")
def job(hasten, sentiment, store, tmp_path_factory):
    return Job(hasten, sentiment.converted, store, tmp_path_factory.mktemp("job"))
