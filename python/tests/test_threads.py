"""Threads of Python share models and programs, as they do without the GIL."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import loligo as lo


def test_threads_that_share_a_model_get_what_one_gets_alone() -> None:
    """Runs and gradients of one model in four threads at once, the first of which compile it, equal bit for bit."""

    def gradient_of(cell: lo.Cell) -> tuple[np.ndarray, np.ndarray]:
        value, gradient = lo.value_and_grad(lambda values: (lo.simulate(cell, values, t_max=3).v ** 2).mean())(
            cell.get_parameters()
        )
        return value, gradient[0]["hh.gnabar"]

    def cell() -> lo.Cell:
        made = lo.Cell([lo.Branch(ncomp=3)] * 3, parents=[-1, 0, 0])
        made.insert(lo.mechanism("hh"))
        made.branch(0).loc(0.0).stimulate(lo.step(start=0.5, duration=2, amplitude=0.3))
        made.branch("all").make_trainable("hh.gnabar")
        made.record()
        return made

    alone, shared = gradient_of(cell()), cell()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: gradient_of(shared), range(12)))
    for value, gradient in together:
        assert value == alone[0] and np.array_equal(gradient, alone[1])
