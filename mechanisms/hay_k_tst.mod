TITLE Transient potassium channel of layer 5 pyramidal cells (K_Tst)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Korngreen A, Sakmann B (2000) Voltage-gated K+ channels in layer 5 neocortical pyramidal neurones
from young rats: subtypes and gradients. J Physiol 525:621-639.

Voltages are shifted by -10 mV for the junction potential. Kinetics of 21 degC, sped up 2.3-fold
over 10 degC; the model of the paper runs at 34 degC.
ENDCOMMENT

NEURON {
    SUFFIX hay_k_tst
    USEION k READ ek WRITE ik
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
    ek (mV)
    ik (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*m*m*m*h*(v - ek)
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
    LOCAL u, q10
    UNITSOFF
    q10 = 2.3^((celsius - 21)/10)
    u = v + 10
    minf = 1/(1 + exp(-u/19))
    mtau = (.34 + .92*exp(-((u + 71)/59)^2))/q10
    hinf = 1/(1 + exp((u + 66)/10))
    htau = (8 + 49*exp(-((u + 73)/23)^2))/q10
    UNITSON
}
