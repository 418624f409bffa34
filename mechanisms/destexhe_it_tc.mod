TITLE Low-threshold calcium channel (T type) of thalamocortical cells

COMMENT
Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996) Ionic mechanisms underlying synchronized
oscillations and propagating waves in a model of ferret thalamic slices. J Neurophysiol
76:2049-2070.
Huguenard JR, McCormick DA (1992) Simulation of the currents involved in rhythmic oscillations in
thalamic relay neurons. J Neurophysiol 68:1373-1383.

Activation is instantaneous. Inactivation was measured at 24 degC and grows threefold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX destexhe_it_tc
    USEION ca READ eca WRITE ica
    RANGE gbar, shift, minf, hinf, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .002 (S/cm2) <0,1e9>
    shift = 2 (mV) : by screening charge
}

STATE { h }

ASSIGNED {
    v (mV)
    celsius (degC)
    eca (mV)
    ica (mA/cm2)
    minf
    hinf
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    minf = 1/(1 + exp(-(v + shift + 57)/6.2))
    ica = gbar*minf*minf*h*(v - eca)
}

INITIAL {
    rates(v)
    h = hinf
}

DERIVATIVE gates {
    rates(v)
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, q10
    UNITSOFF
    q10 = 3^((celsius - 24)/10)
    u = v + shift
    hinf = 1/(1 + exp((u + 81)/4))
    htau = (30.8 + (211.4 + exp((u + 113.2)/5))/(1 + exp((u + 84)/3.2)))/q10
    UNITSON
}
