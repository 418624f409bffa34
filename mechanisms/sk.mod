TITLE Calcium-dependent potassium channel of small conductance (SK2) with six states

COMMENT
Hirschberg B, Maylie J, Adelman JP, Marrion NV (1998) Gating of recombinant small-conductance
Ca-activated K+ channels by calcium. J Gen Physiol 111:565-581.
Solinas S, Forti L, Cesana E, Mapelli J, De Schutter E, D'Angelo E (2007) Computational
reconstruction of pacemaking and intrinsic electroresponsiveness in cerebellar Golgi cells. Front
Cell Neurosci 1:2.

Calcium binds to closed states one by one (c1 to c4); the last two open (o1, o2). At the channels
calcium is diluted threefold. Measured at 23 degC; sped up threefold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX sk
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, dilution
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = 1e-3 (S/cm2) <0,1e9>
    dilution = 3 <1e-9,1e9>
}

STATE { c1 c2 c3 c4 o1 o2 }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    ca (mM)
    q10
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    ik = gbar*(o1 + o2)*(v - ek)
}

INITIAL {
    SOLVE scheme STEADYSTATE sparse
}

KINETIC scheme {
    rates()
    ~ c1 <-> c2 (q10*200*ca, q10*.08)
    ~ c2 <-> c3 (q10*160*ca, q10*.08)
    ~ c3 <-> c4 (q10*80*ca, q10*.2)
    ~ c3 <-> o1 (q10*.16, q10)
    ~ c4 <-> o2 (q10*1.2, q10*.1)
    CONSERVE c1 + c2 + c3 + c4 + o1 + o2 = 1
}

PROCEDURE rates() {
    UNITSOFF
    q10 = 3^((celsius - 23)/10)
    ca = cai/dilution
    UNITSON
}
