"""Pictures of mechanisms: what is drawn is what was published."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot

import loligo as lo


@pytest.fixture(autouse=True)
def closed() -> object:
    yield
    pyplot.close("all")


def rates(v: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """α and β of the gates of Hodgkin and Huxley (1952), 1/ms, in today's voltage."""

    def singular(x: np.ndarray) -> np.ndarray:
        return np.where(x == 0, 1.0, x / np.where(x == 0, 1.0, 1 - np.exp(-x)))

    return {
        "m": (singular((v + 40) / 10), 4 * np.exp(-(v + 65) / 18)),
        "h": (0.07 * np.exp(-(v + 65) / 20), 1 / (1 + np.exp(-(v + 35) / 10))),
        "n": (0.1 * singular((v + 55) / 10), 0.125 * np.exp(-(v + 65) / 80)),
    }


def drawn(ax: pyplot.Axes) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {line.get_label(): line.get_data() for line in ax.lines}


@pytest.mark.parametrize(("celsius", "speed"), [(None, 1.0), (16.3, 3.0)])
def test_the_squid_is_that_of_the_paper(celsius: float | None, speed: float) -> None:
    axes = lo.plot_mechanism(lo.mechanism("hh"), celsius=celsius, numbers={"ena": 55, "gkbar": 0.05})
    steady, time_constants, currents = (drawn(ax) for ax in axes)
    v = steady["m"][0]
    assert (v[0], v[-1]) == (-100, 50)
    assert list(steady) == list(time_constants) == ["m", "h", "n"]
    expected = {}
    for gate, (alpha, beta) in rates(v).items():
        expected[gate] = alpha / (alpha + beta)
        np.testing.assert_allclose(steady[gate][1], expected[gate], rtol=1e-12)
        np.testing.assert_allclose(time_constants[gate][1], 1 / (speed * (alpha + beta)), rtol=1e-12)
    m, h, n = expected.values()
    np.testing.assert_allclose(currents["ina"][1], 0.12 * m**3 * h * (v - 55), rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(currents["ik"][1], 0.05 * n**4 * (v + 77), rtol=1e-10, atol=1e-15)
    assert [ax.get_xlabel() for ax in axes] == ["voltage (mV)"] * 3
    assert [ax.get_ylabel() for ax in axes] == ["steady state", "time constant (ms)", "current (mA/cm²)"]
    assert axes[1].get_yscale() == "log"
    assert [text.get_text() for text in axes[0].get_legend().get_texts()] == ["m", "h", "n"]


def test_axes_are_used_again_and_points_chosen() -> None:
    axes = lo.plot_mechanism(lo.mechanism("hh"), values=[-80, -40, 0], label="cold")
    again = lo.plot_mechanism(lo.mechanism("hh"), axes, values=[-80, -40, 0], celsius=37, label="warm", linestyle=":")
    assert all(a is b for a, b in zip(axes, again))
    assert list(drawn(axes[0])) == ["m cold", "h cold", "n cold", "m warm", "h warm", "n warm"]
    assert axes[0].lines[-1].get_linestyle() == ":"
    assert drawn(axes[0])["m warm"][0].tolist() == [-80, -40, 0]


def test_kinetics_of_calcium_are_drawn_over_calcium() -> None:
    axes = lo.plot_mechanism(lo.mechanism("hay_sk_e2"), numbers={"v": -50})
    calcium, steady = drawn(axes[0])["z"]
    np.testing.assert_allclose(steady, 1 / (1 + (0.00043 / calcium) ** 4.8), rtol=1e-9)
    assert axes[0].get_xlabel() == "cai (mM)" and axes[0].get_xscale() == "log"
    assert axes[2].get_ylabel() == "current at -50 mV (mA/cm²)"
    over_voltage = lo.plot_mechanism(lo.mechanism("hay_sk_e2"), along="v", numbers={"cai": 1e-3})
    assert np.ptp(drawn(over_voltage[0])["z"][1]) == 0


def test_points_are_in_nanoampere_and_what_is_missing_is_said() -> None:
    text = "NEURON { POINT_PROCESS P NONSPECIFIC_CURRENT i } PARAMETER { g = 0.002 } BREAKPOINT { i = g*v }"
    axes = lo.plot_mechanism(lo.Mechanism.compile(text, "P.mod"))
    voltages, current = drawn(axes[2])["i"]
    assert axes[2].get_ylabel() == "current (nA)"
    np.testing.assert_allclose(current, 0.002 * voltages)
    assert [ax.texts[0].get_text() for ax in axes[:2]] == ["no states", "no time constants"]


def test_channels_written_in_python_are_drawn() -> None:
    class Leak(lo.Channel):
        parameters = {"g": 0.001}

        def compute_current(self, states: dict, v: object, params: dict) -> object:
            return params["g"] * (v + 70)

    assert drawn(lo.plot_mechanism(Leak(), values=[-70.0, -60.0])[2])["i"][1].tolist() == [0, pytest.approx(0.01)]


def test_wrong_calls_are_refused() -> None:
    hh = lo.mechanism("hh")
    with pytest.raises(lo.errors.UnknownNameError, match="reads no `gnabra`; did you mean `gnabar`"):
        lo.plot_mechanism(hh, numbers={"gnabra": 1.0})
    with pytest.raises(lo.errors.UnknownNameError, match="reads no `cai`"):
        lo.plot_mechanism(hh, along="cai")
    with pytest.raises(lo.errors.ArgumentError, match="given 1 axes, expected 3"):
        lo.plot_mechanism(hh, [pyplot.subplots()[1]])
    with pytest.raises(lo.errors.ArgumentError, match="`ena` is nan"):
        lo.plot_mechanism(hh, numbers={"ena": np.nan})
    with pytest.raises(lo.errors.ArgumentError, match="shape"):
        lo.plot_mechanism(hh, values=[[1.0]])
    with pytest.raises(lo.errors.ArgumentTypeError, match="expected one such as"):
        lo.plot_mechanism("hh")
    text = """NEURON { SUFFIX x USEION ca READ cai, eca WRITE ica }
        ASSIGNED { v eca cai ica } BREAKPOINT { ica = cai*(v - eca) }"""
    with pytest.raises(lo.errors.ArgumentError, match="`eca` follows from the concentrations"):
        lo.plot_mechanism(lo.Mechanism.compile(text, "x.mod"), numbers={"eca": 100.0})
