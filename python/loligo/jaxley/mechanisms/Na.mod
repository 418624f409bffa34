TITLE Fast sodium channel, under Jaxley's names

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441.
ENDCOMMENT

NEURON {
    SUFFIX Na
    USEION na READ ena WRITE ina
    RANGE gNa, vt_of_all
}

PARAMETER {
    gNa = 0.05 (S/cm2)
    vt_of_all = -60 (mV)
}

STATE { m h }

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
    m_inf
    m_tau (ms)
    h_inf
    h_tau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gNa*m^3*h*(v - ena)
}

INITIAL {
    rates(v)
    m = m_inf
    h = h_inf
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/m_tau
    h' = (h_inf - h)/h_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = 0.32*vtrap(-(v - vt_of_all - 13), 4)
    beta = 0.28*vtrap(v - vt_of_all - 40, 5)
    m_inf = alpha/(alpha + beta)
    m_tau = 1/(alpha + beta)
    alpha = 0.128*exp(-(v - vt_of_all - 17)/18)
    beta = 4/(1 + exp(-(v - vt_of_all - 40)/5))
    h_inf = alpha/(alpha + beta)
    h_tau = 1/(alpha + beta)
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
