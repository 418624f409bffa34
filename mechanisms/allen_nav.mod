TITLE Sodium channel of mouse neurons with twelve states (NaV)

COMMENT
Gouwens NW, Berg J, Feng D, Sorensen SA, Zeng H, Hawrylycz MJ, Koch C, Arkhipov A (2018) Systematic
generation of biophysically detailed models for diverse cortical neuron types. Nat Commun 9:710.
Carter BC, Giessel AJ, Sabatini BL, Bean BP (2012) Transient sodium current at subthreshold
voltages: activation by EPSP waveforms. Neuron 75:1081-1093.

Four sensors move one by one (c1 to c5), then the channel opens (o); from each of these it may
inactivate (i1 to i6), the more easily the more sensors have moved. A mechanism of the perisomatic
and all-active models of the Allen Cell Types Database; its others are hay_ih, hay_im, hay_sk_e2,
hay_skv3_1, hay_ca_hva, hay_ca_lvast and hay_cadynamics_e2. Measured at 37 degC; sped up 2.3-fold
over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX allen_nav
    USEION na READ ena WRITE ina
    RANGE gbar
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .015 (S/cm2) <0,1e9>
}

STATE { c1 c2 c3 c4 c5 o i1 i2 i3 i4 i5 i6 }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    alpha (/ms)
    beta (/ms)
    gamma (/ms)
    delta (/ms)
    con (/ms)
    coff (/ms)
    oon (/ms)
    ooff (/ms)
    afac
    bfac
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    ina = gbar*o*(v - ena)
}

INITIAL {
    SOLVE scheme STEADYSTATE sparse
}

KINETIC scheme {
    rates(v)
    ~ c1 <-> c2 (4*alpha, beta)
    ~ c2 <-> c3 (3*alpha, 2*beta)
    ~ c3 <-> c4 (2*alpha, 3*beta)
    ~ c4 <-> c5 (alpha, 4*beta)
    ~ c5 <-> o (gamma, delta)
    ~ o <-> i6 (oon, ooff)
    ~ i1 <-> i2 (4*alpha*afac, beta/bfac)
    ~ i2 <-> i3 (3*alpha*afac, 2*beta/bfac)
    ~ i3 <-> i4 (2*alpha*afac, 3*beta/bfac)
    ~ i4 <-> i5 (alpha*afac, 4*beta/bfac)
    ~ i5 <-> i6 (gamma, delta)
    ~ c1 <-> i1 (con, coff)
    ~ c2 <-> i2 (con*afac, coff/bfac)
    ~ c3 <-> i3 (con*afac^2, coff/bfac^2)
    ~ c4 <-> i4 (con*afac^3, coff/bfac^3)
    ~ c5 <-> i5 (con*afac^4, coff/bfac^4)
    CONSERVE c1 + c2 + c3 + c4 + c5 + o + i1 + i2 + i3 + i4 + i5 + i6 = 1
}

PROCEDURE rates(v (mV)) {
    LOCAL q10
    UNITSOFF
    q10 = 2.3^((celsius - 37)/10)
    alpha = q10*400*exp(v/24)
    beta = q10*12*exp(-v/24)
    gamma = q10*250
    delta = q10*60
    : inactivation of a channel at rest, and of an open one
    con = q10*.01
    coff = q10*40
    oon = q10*8
    ooff = q10*.05
    : by what each sensor favours it
    afac = 2.51
    bfac = 5.32
    UNITSON
}
