"""Runs in other processes and threads, and Ctrl-C."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import loligo as lo


def busy(lanes: int = 64) -> tuple[lo.Cell, lo.parameters.Batch]:
    """A batch that takes all threads."""
    cell = lo.Cell(lo.Branch(ncomp=4), parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh"))
    cell.branch(0).loc(0).stimulate(lo.step(1, 5, 0.1))
    cell.branch(2).loc(1).record()
    cell.make_trainable("hh.gnabar")
    return cell, lo.batch([{"hh.gnabar": np.linspace(0.1, 0.2, lanes)[:, None]}])


def voltages() -> np.ndarray:
    cell, values = busy()
    return lo.simulate(cell, values, t_max=10, threads=2).v


def put_voltages(queue) -> None:
    queue.put(voltages())


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_process_computes_the_same(method: str) -> None:
    expected = voltages()  # the pool of threads exists when the process forks
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    child = context.Process(target=put_voltages, args=(queue,))
    child.start()
    assert (queue.get(timeout=60) == expected).all()
    child.join(timeout=60)
    assert child.exitcode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_gradient_after_a_fork() -> None:
    cell, _ = busy()
    loss = lo.value_and_grad(lambda p: (lo.simulate(cell, p, t_max=10).v ** 2).mean())
    expected = loss(cell.get_parameters())[1][0]["hh.gnabar"][0]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, repr(float(loss(cell.get_parameters())[1][0]["hh.gnabar"][0])).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert float(os.read(reading, 100)) == expected


def test_python_goes_on_while_the_engine_runs() -> None:
    cell, values = busy(lanes=256)
    counted = 0
    done = threading.Event()

    def run() -> None:
        lo.simulate(cell, values, t_max=200, threads=1)
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    while not done.wait(0.001):
        counted += 1
    thread.join()
    assert counted > 5


@pytest.mark.parametrize(
    "work",
    [
        "lo.simulate(cell, t_max=1e6, record_every=100)",
        "lo.grad(lambda p: lo.simulate(cell, p, t_max=1e6, record_every=100).v.mean())(cell.get_parameters())",
    ],
    ids=["run", "gradient"],
)
@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise on Windows")
def test_ctrl_c_stops_within_a_tenth_of_a_second(work: str) -> None:
    script = f"""
        import signal
        import time
        import loligo as lo
        # a shell that runs tests in the background has them ignore it
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cell = lo.datasets.ca1()
        cell.insert(lo.mechanism("hh"))
        cell.make_trainable("hh.gnabar")
        cell.soma.record()
        lo.simulate(cell, t_max=1)
        print("running", flush=True)
        try:
            {work}
        except KeyboardInterrupt:
            print(time.time(), flush=True)
        # the process is of use afterwards
        lo.simulate(cell, t_max=1)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "running\n"
    time.sleep(1.0)
    pressed = time.time()
    child.send_signal(signal.SIGINT)
    stopped = float(child.stdout.readline())
    assert child.wait(timeout=30) == 0
    assert stopped - pressed < 0.1
