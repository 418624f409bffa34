TITLE what point processes and equations add

NEURON {
    POINT_PROCESS events
    USEION ca READ cai WRITE ica
    NONSPECIFIC_CURRENT i
    ELECTRODE_CURRENT clamp
    POINTER other
    EXTERNAL shared
    BBCOREPOINTER stream
    RANDOM draws
    RANGE g, tau, p, q
}

VERBATIM
static double z = 3;
ENDVERBATIM

PARAMETER {
    tau = 2 (ms) <1e-9, 1e9>
    e = 0 (mV)
    measured = 3
}

STATE { a (uS) b (uS) p q u (mM) }

ASSIGNED {
    v (mV)
    i (nA) clamp (nA) ica (nA)
    cai (mM)
    g (uS)
    other (mV)
    diam (um)
    x[3]
}

INITIAL {
    a = 0
    b = 0
    SOLVE balance
    net_send(1, 2)
}

BEFORE BREAKPOINT {
    g = 0
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    SOLVE spread METHOD sparse
    g = b - a
    i = g*(v - e)
    clamp = random_normal(draws, 0, 1)
    ica = 0
}

DERIVATIVE decay {
    a' = -a/tau
    b' = -b/(2*tau)
}

KINETIC spread {
    COMPARTMENT diam*diam { u }
    ~ u << (0)
}

LINEAR balance SOLVEFOR p, q {
    ~ p + q = 1
    ~ p - 2*q = cai
}

NET_RECEIVE(weight (uS), last (ms), n) {
    LOCAL k
    INITIAL {
        last = t
        n = 0
    }
    IF (flag == 0) {
        a = a + weight*exp(-(t - last)/tau)
        b = b + weight
        last = t
    } ELSE IF (flag == 2) {
        WATCH (v > -20) 3
    } ELSE {
        k = 0
        WHILE (k < 3) {
            x[k] = k
            k = k + 1
        }
        net_event(t)
        FOR_NETCONS(w, l, m) {
            w = w*0.9
        }
    }
}

FUNCTION_TABLE table(k) (mV)

PROCEDURE unused() {
    VERBATIM
    int i = 3;
    ENDVERBATIM
}

DESTRUCTOR {
    VERBATIM
    free(stream);
    ENDVERBATIM
}
