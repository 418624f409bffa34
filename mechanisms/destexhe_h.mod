TITLE Hyperpolarization-activated cation channel of thalamocortical cells, with its regulation by calcium

COMMENT
Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996) Ionic mechanisms underlying synchronized
oscillations and propagating waves in a model of ferret thalamic slices. J Neurophysiol
76:2049-2070.
Destexhe A, Babloyantz A, Sejnowski TJ (1993) Ionic mechanisms for intrinsic slow oscillations in
thalamic relay neurons. Biophys J 65:1538-1552.
Huguenard JR, McCormick DA (1992) Simulation of the currents involved in rhythmic oscillations in
thalamic relay neurons. J Neurophysiol 68:1373-1383.

Calcium binds to a protein (p0, p1), and the bound protein to the open channel (o1, o2), which then
conducts ginc times as well. Measured at 36 degC; the gate, not the binding, grows threefold over 10
degC.
The file reads the voltage, calcium and its own state p1 in one scheme; p1 raised to the power 1
enters as a rate.
ENDCOMMENT

NEURON {
    SUFFIX destexhe_h
    USEION ca READ cai
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, shift, cac, k2, pc, k4, ginc, hinf, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = 2e-5 (S/cm2) <0,1e9>
    e = -40 (mV)
    shift = 0 (mV)
    cac = .002 (mM) <1e-12,1e9> : half activation of the protein by calcium
    k2 = 4e-4 (/ms) <0,1e9> : release of calcium
    pc = .01 <1e-12,1e9> : half activation of the channel by the protein
    k4 = .001 (/ms) <0,1e9> : release of the protein
    ginc = 2 <0,1e9>
}

STATE { c1 o1 o2 p0 p1 }

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    i (mA/cm2)
    hinf
    htau (ms)
    alpha (/ms)
    beta (/ms)
    k1ca (/ms)
    k3p (/ms)
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    i = gbar*(o1 + ginc*o2)*(v - e)
}

INITIAL {
    rates(v, cai)
    p1 = k1ca/(k1ca + k2)
    p0 = 1 - p1
    k3p = k4*p1/pc
    c1 = 1/(1 + alpha/beta*(1 + k3p/k4))
    o1 = c1*alpha/beta
    o2 = o1*k3p/k4
}

KINETIC scheme {
    rates(v, cai)
    ~ c1 <-> o1 (alpha, beta)
    ~ p0 <-> p1 (k1ca, k2)
    k3p = k4*p1/pc
    ~ o1 <-> o2 (k3p, k4)
    CONSERVE p0 + p1 = 1
    CONSERVE c1 + o1 + o2 = 1
}

PROCEDURE rates(v (mV), c (mM)) {
    LOCAL q10
    UNITSOFF
    q10 = 3^((celsius - 36)/10)
    hinf = 1/(1 + exp((v + 75 - shift)/5.5))
    htau = (20 + 1000/(exp((v + 71.5 - shift)/14.2) + exp(-(v + 89 - shift)/11.6)))/q10
    alpha = hinf/htau
    beta = (1 - hinf)/htau
    k1ca = k2*(c/cac)^4
    UNITSON
}
