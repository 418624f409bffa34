TITLE A test: states that satisfy equations, linear and not, and a loop that only a run ends

NEURON {
    SUFFIX tlinear
    NONSPECIFIC_CURRENT i
    RANGE gmax, root
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER { gmax = 3e-5 (S/cm2) }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    root
}

STATE { a b c }

INITIAL {
    SOLVE balance
    c = 0.7
    SOLVE curve
}

BREAKPOINT {
    SOLVE balance
    SOLVE curve METHOD newton
    halve()
    i = gmax*(a + c + root)*(v + 70)
}

LINEAR balance {
    ~ a*(1 + exp((v + 30)/20(mV))) - b = 1
    ~ a + 2*b = 3
}

NONLINEAR curve {
    ~ c*c*c + c = 1 + 0.01(/mV)*(v + 65)
}

: the square root of 2 + a by halving an interval
PROCEDURE halve() {
    LOCAL low, high, middle
    low = 0
    high = 4
    WHILE (high - low > 1e-3) {
        middle = (low + high)/2
        IF (middle*middle < 2 + a) {
            low = middle
        } ELSE {
            high = middle
        }
    }
    root = low
}
