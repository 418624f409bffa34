TITLE Transient sodium channel of the axon of layer 5 pyramidal cells (NaTa_t)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Colbert CM, Pan E (2002) Ion channel properties underlying axonal action potential initiation in
pyramidal neurons. Nat Neurosci 5:533-538.

Kinetics of 21 degC, sped up 2.3-fold over 10 degC; the model of the paper runs at 34 degC.
ENDCOMMENT

NEURON {
    SUFFIX hay_nata_t
    USEION na READ ena WRITE ina
    RANGE gbar, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2) <0,1e9>
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gbar*m*m*m*h*(v - ena)
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
    LOCAL alpha, beta, q10
    UNITSOFF
    q10 = 2.3^((celsius - 21)/10)
    alpha = .182*vtrap(-(v + 38), 6)
    beta = .124*vtrap(v + 38, 6)
    minf = alpha/(alpha + beta)
    mtau = 1/(q10*(alpha + beta))
    alpha = .015*vtrap(v + 66, 6)
    beta = .015*vtrap(-(v + 66), 6)
    hinf = alpha/(alpha + beta)
    htau = 1/(q10*(alpha + beta))
    UNITSON
}

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}
