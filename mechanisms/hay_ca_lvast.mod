TITLE Low-voltage-activated calcium channel of layer 5 pyramidal cells (Ca_LVAst)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Avery RB, Johnston D (1996) Multiple channel types contribute to the low-voltage-activated calcium
current in hippocampal CA3 pyramidal neurons. J Neurosci 16:5567-5582.
Randall AD, Tsien RW (1997) Contrasting biophysical and pharmacological properties of T-type and
R-type calcium channels. Neuropharmacology 36:879-893.

Voltages are shifted by -10 mV for the junction potential. Kinetics of 21 degC, sped up 2.3-fold
over 10 degC; the model of the paper runs at 34 degC. Also the Ca_LVA of the models of the Allen
Institute (Gouwens et al. 2018).
ENDCOMMENT

NEURON {
    SUFFIX hay_ca_lvast
    USEION ca READ eca WRITE ica
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
    eca (mV)
    ica (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*m*m*h*(v - eca)
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
    minf = 1/(1 + exp(-(u + 30)/6))
    mtau = (5 + 20/(1 + exp((u + 25)/5)))/q10
    hinf = 1/(1 + exp((u + 80)/6.4))
    htau = (20 + 50/(1 + exp((u + 40)/7)))/q10
    UNITSON
}
