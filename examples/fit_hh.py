"""The main job in Python: simulate a reconstructed neuron, differentiate it, fit it.

python examples/fit_hh.py
"""

import loligo as lo

# a CA1 pyramidal cell; lo.read_swc("mine.swc") for another
cell = lo.datasets.ca1()
cell.insert(lo.mechanism("hh"))
cell.celsius = 6.3  # that of the squid
cell.soma.loc(0.5).stimulate(lo.step(start=5, duration=20, amplitude=0.5))
cell.soma.loc(0.5).record()

# a target: the response of the same cell with fewer sodium channels
cell.set("hh.gnabar", 0.1)
target = lo.simulate(cell, t_max=30).v
cell.set("hh.gnabar", 0.12)

# the loss, and its gradient with respect to the sodium conductance of every branch
cell.branch("all").make_trainable("hh.gnabar", bounds=(0.01, 0.5))
loss = lo.value_and_grad(lambda parameters: ((lo.simulate(cell, parameters, t_max=30).v - target) ** 2).mean())
value, gradient = loss(cell.get_parameters())
print(f"loss {value:.4g} mV², its derivative in the soma {gradient[0]['hh.gnabar'][0]:.4g} mV² per S/cm²")

# recover these conductances
fit = lo.fit(cell, lambda run: ((run.v - target) ** 2).mean(), t_max=30)
print(fit)
print(f"gnabar of the soma: {fit.parameters[0]['hh.gnabar'][0]:.4f} S/cm², 0.1 was to be found")
fit.plot().savefig("fit_hh.png")
