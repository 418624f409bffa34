TITLE Persistent potassium channel of layer 5 pyramidal cells (K_Pst)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Korngreen A, Sakmann B (2000) Voltage-gated K+ channels in layer 5 neocortical pyramidal neurones
from young rats: subtypes and gradients. J Physiol 525:621-639.

Voltages are shifted by -10 mV for the junction potential. Kinetics of 21 degC, sped up 2.3-fold
over 10 degC; the model of the paper runs at 34 degC.
ENDCOMMENT

NEURON {
    SUFFIX hay_k_pst
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
    ik = gbar*m*m*h*(v - ek)
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
    minf = 1/(1 + exp(-(u + 1)/12))
    : two exponentials that meet at -50 mV up to their last digit
    IF (u < -50) {
        mtau = (1.25 + 175.03*exp(.026*u))/q10
    } ELSE {
        mtau = (1.25 + 13*exp(-.026*u))/q10
    }
    hinf = 1/(1 + exp((u + 54)/11))
    htau = (360 + (1010 + 24*(u + 55))*exp(-((u + 75)/48)^2))/q10
    UNITSON
}
