"""`hasten label` as an array of a real Slurm: run `make test-slurm`."""

import os
import sys
import time

import pytest

from conftest import ROOT
from label_jobs import INCOMPLETE, bytes_of, label, write_parts

sys.path.insert(0, str(ROOT / "tests" / "slurm"))
pytestmark = pytest.mark.skipif(os.environ.get("HASTEN_TEST_SLURM") != "1", reason="make test-slurm runs it")

FILES = 60
ROWS = 20_000  # long enough that a task still runs when it is cancelled
SCRIPT = ROOT / "examples" / "slurm" / "label.sbatch"


@pytest.fixture(scope="module")
def slurm():
    from cluster import Cluster
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def job(hasten, sentiment, tmp_path_factory):
    """Inputs, and what one machine makes of them."""
    workspace = tmp_path_factory.mktemp("job")
    write_parts(workspace / "in", FILES, ROWS)
    done = label(hasten, sentiment.converted, workspace / "in", workspace / "whole")
    assert done.returncode == 0, done.stderr
    hasten.ok("merge", workspace / "whole", workspace / "merged.parquet")
    return workspace


def states(slurm, job):
    """Array id -> state, of all tasks that Slurm remembers."""
    lines = slurm("squeue", "-h", "-r", "-t", "all", "-j", job, "-o", "%K %T").splitlines()
    return {int(line.split()[0]): line.split()[1] for line in lines}


def wait_for(condition, what, seconds=600):
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, what
        time.sleep(0.1)


def submit(slurm, hasten, model, source, out, *options):
    return slurm("sbatch", "--parsable", "--cpus-per-task=1", f"--output={out}-%a.log", *options, SCRIPT, model, source,
                 out, environment={"HASTEN": hasten.program}).strip()


def test_an_array_of_which_one_task_is_cancelled_and_requeued(slurm, hasten, sentiment, job, tmp_path):
    out = tmp_path / "out"
    array = submit(slurm, hasten, sentiment.converted, job / "in", out, "--array=3-15:2")
    victim = 3 + 2 * 2
    wait_for(lambda: states(slurm, array).get(victim) == "RUNNING", "the task never ran")
    log = tmp_path / f"out-{victim}.log"
    wait_for(lambda: log.exists() and "shard 2/7" in log.read_text(), "the task never began")
    slurm("scancel", f"{array}_{victim}")
    wait_for(lambda: set(states(slurm, array).values()) <= {"COMPLETED", "CANCELLED"}, "the array never ended")
    assert states(slurm, array)[victim] == "CANCELLED"
    assert not (out / "_SUCCESS").exists()
    assert hasten("status", out).returncode == INCOMPLETE

    slurm("scontrol", "requeue", f"{array}_{victim}")
    wait_for(lambda: states(slurm, array).get(victim) == "COMPLETED", "the requeued task never ended")
    assert bytes_of(out) == bytes_of(job / "whole")
    hasten.ok("merge", out, tmp_path / "merged.parquet")
    assert (tmp_path / "merged.parquet").read_bytes() == (job / "merged.parquet").read_bytes()


def test_a_task_at_its_time_limit_requeues_itself_and_goes_on(slurm, hasten, sentiment, job, tmp_path):
    """As the limit does it, USR1 reaches the batch script, which passes it on and queues the task again."""
    out = tmp_path / "out"
    array = submit(slurm, hasten, sentiment.converted, job / "in", out, "--array=0-1")
    log = tmp_path / "out-0.log"
    wait_for(lambda: log.exists() and "shard 0/2" in log.read_text(), "the task never began")
    wait_for(lambda: list(out.glob("*.parquet")), "no part came")
    slurm("scancel", "--batch", "--signal=USR1", f"{array}_0")
    wait_for(lambda: log.read_text().count("shard 0/2") == 2, "the task was not queued again")
    assert "stopped after" in log.read_text()
    wait_for(lambda: set(states(slurm, array).values()) == {"COMPLETED"}, "the array never ended")
    assert bytes_of(out) == bytes_of(job / "whole")
