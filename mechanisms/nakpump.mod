TITLE Sodium-potassium pump

COMMENT
Kager H, Wadman WJ, Somjen GG (2000) Simulated seizures and spreading depression in a neuron model
incorporating interstitial space and ion concentrations. J Neurophysiol 84:495-512.

Three sodium ions out for two potassium ions in. Temperature is not part of it.
ENDCOMMENT

NEURON {
    SUFFIX nakpump
    USEION na READ nai WRITE ina
    USEION k READ ko WRITE ik
    RANGE imax, kna, kk, i
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
}

PARAMETER {
    imax = .01 (mA/cm2) <0,1e9> : of the net current
    kna = 10 (mM) <1e-12,1e9>
    kk = 3.5 (mM) <1e-12,1e9>
}

ASSIGNED {
    nai (mM)
    ina (mA/cm2)
    ko (mM)
    ik (mA/cm2)
    i (mA/cm2)
}

BREAKPOINT {
    i = imax*(1 + kk/ko)^(-2)*(1 + kna/nai)^(-3)
    ina = 3*i
    ik = -2*i
}
