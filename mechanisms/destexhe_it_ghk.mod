TITLE Low-threshold calcium channel (T type) of thalamocortical cells, by its permeability

COMMENT
Destexhe A, Neubig M, Ulrich D, Huguenard J (1998) Dendritic low-threshold calcium currents in
thalamic relay cells. J Neurosci 18:3574-3588.
Huguenard JR, McCormick DA (1992) Simulation of the currents involved in rhythmic oscillations in
thalamic relay neurons. J Neurophysiol 68:1373-1383.

The current follows Goldman's equation. Measured at 24 degC; activation grows fivefold and
inactivation threefold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX destexhe_it_ghk
    USEION ca READ cai, cao WRITE ica
    RANGE pbar, shift, actshift, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}

PARAMETER {
    pbar = 2e-4 (cm/s) <0,1e9>
    shift = 2 (mV) : by screening charge
    actshift = 0 (mV) : of activation alone
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    cao (mM)
    ica (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = pbar*m*m*h*ghk(v, cai, cao)
}

INITIAL {
    rates(v)
    m = minf
    h = hinf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, w
    UNITSOFF
    u = v + shift
    w = u + actshift
    minf = 1/(1 + exp(-(w + 57)/6.2))
    mtau = (.612 + 1/(exp(-(w + 132)/16.7) + exp((w + 16.8)/18.2)))/5^((celsius - 24)/10)
    hinf = 1/(1 + exp((u + 81)/4))
    IF (u < -80) {
        htau = exp((u + 467)/66.6)/3^((celsius - 24)/10)
    } ELSE {
        htau = (28 + exp(-(u + 22)/10.5))/3^((celsius - 24)/10)
    }
    UNITSON
}

: mC/cm3: the charge that crosses per area and permeability
FUNCTION ghk(v (mV), inside (mM), outside (mM)) (.001 coul/cm3) {
    LOCAL z
    z = (1e-3)*2*FARADAY*v/(R*(celsius + 273.15))
    ghk = (1e-3)*2*FARADAY*(inside*vtrap(-z, 1) - outside*vtrap(z, 1))
}

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}
