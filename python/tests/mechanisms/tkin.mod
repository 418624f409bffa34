TITLE potassium channel of the tests with three states in a row

NEURON {
    SUFFIX tkin
    USEION k READ ek WRITE ik
    RANGE gbar
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 5e-3 (S/cm2) }

STATE { c1 c2 o }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    opening (/ms)
    closing (/ms)
}

INITIAL { SOLVE scheme STEADYSTATE sparse }

BREAKPOINT {
    SOLVE scheme METHOD sparse
    ik = gbar*o*(v - ek)
}

KINETIC scheme {
    rates(v)
    ~ c1 <-> c2 (2*opening, closing)
    ~ c2 <-> o (opening, 2*closing)
    CONSERVE c1 + c2 + o = 1
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    opening = 0.5*linoid(-(v + 30)/10)
    closing = 0.1*exp(-(v + 40)/40)
    UNITSON
}

FUNCTION linoid(x) {
    if (fabs(x) < 1e-6) {
        linoid = 1 - x/2
    } else {
        linoid = x/(exp(x) - 1)
    }
}
