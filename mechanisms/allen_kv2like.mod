TITLE Slow delayed rectifier potassium channel of cortical neurons (Kv2like)

COMMENT
Gouwens NW, Berg J, Feng D, Sorensen SA, Zeng H, Hawrylycz MJ, Koch C, Arkhipov A (2018) Systematic
generation of biophysically detailed models for diverse cortical neuron types. Nat Commun 9:710.
Keren N, Peled N, Korngreen A (2005) Constraining compartmental models using multiple voltage
recordings and genetic algorithms. J Neurophysiol 94:3730-3742.
Liu PW, Bean BP (2014) Kv2 channel regulation of action potential repolarization and firing patterns
in superior cervical ganglion neurons and hippocampal CA1 pyramidal neurons. J Neurosci
34:4991-5002.

Half of the channels inactivate faster than the other half. A mechanism of the perisomatic and
all-active models of the Allen Cell Types Database; its others are hay_ih, hay_im, hay_sk_e2,
hay_skv3_1, hay_ca_hva, hay_ca_lvast and hay_cadynamics_e2. Measured at 21 degC; sped up 2.3-fold
over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX allen_kv2like
    USEION k READ ek WRITE ik
    RANGE gbar, minf, hinf, mtau, h1tau, h2tau
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

STATE { m h1 h2 }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    minf
    hinf
    mtau (ms)
    h1tau (ms)
    h2tau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*m*(h1 + h2)/2*(v - ek)
}

INITIAL {
    rates(v)
    m = minf
    h1 = hinf
    h2 = hinf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h1' = (hinf - h1)/h1tau
    h2' = (hinf - h2)/h2tau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta, q10
    UNITSOFF
    q10 = 2.3^((celsius - 21)/10)
    alpha = .12*vtrap(-(v - 43), 11)
    beta = .02*exp(-(v + 1.27)/120)
    minf = alpha/(alpha + beta)
    mtau = 2.5/(q10*(alpha + beta))
    hinf = 1/(1 + exp((v + 58)/11))
    h1tau = (360 + (1010 + 23.7*(v + 54))*exp(-((v + 75)/48)^2))/q10
    h2tau = (2350 + 1380*exp(-.011*v) - 210*exp(-.03*v))/q10
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
