"""Where the coefficients of the elementary functions come from: minimax polynomials by Remez exchange.

Needs mpmath. Prints each polynomial's coefficients (lowest first, rounded to the precision) and its error in units of
2^-53 (f64) or 2^-24 (f32), which is half a unit in the last place of a result just above a power of two.
"""

import struct

from mpmath import bernoulli, cos, exp, expm1, factorial, log, lu_solve, matrix, mp, mpf, pi, sin

mp.dps = 50


def rounded(value, precision):
    if precision == "f64":
        return float(value)
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def shortest(value, precision):
    """The shortest decimal that reads back as the same number."""
    return next(text for text in (f"{value:.{n}g}" for n in range(1, 18)) if rounded(text, precision) == value)


def remez(f, weight, low, high, degree):
    """The polynomial p of least max |weight·(p - f)| over [low, high], and that maximum."""
    low, high = mpf(low), mpf(high)
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / 800) for i in range(801)]
    grid = [x for x in grid if abs(weight(x)) > mpf(10) ** -12]
    values = [f(x) for x in grid]
    weights = [weight(x) for x in grid]
    count = degree + 2
    nodes = [round(i * (len(grid) - 1) / (count - 1)) for i in range(count)]
    for _ in range(30):
        system, right = matrix(count, count), matrix(count, 1)
        for row, node in enumerate(nodes):
            for power in range(degree + 1):
                system[row, power] = grid[node] ** power
            system[row, degree + 1] = (-1) ** row / weights[node]
            right[row] = values[node]
        solution = lu_solve(system, right)
        coefficients = [solution[i] for i in range(degree + 1)]
        errors = [w * (evaluate(coefficients, x) - y) for x, y, w in zip(grid, values, weights)]
        extrema, start = [], 0
        for i in range(1, len(grid) + 1):
            if i == len(grid) or (errors[i] > 0) != (errors[start] > 0):
                extrema.append(max(range(start, i), key=lambda j: abs(errors[j])))
                start = i
        while len(extrema) > count:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < count or extrema == nodes:
            break
        nodes = extrema
    return coefficients, max(abs(e) for e in errors)


def evaluate(coefficients, x):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def show(name, f, weight, low, high, degrees):
    for precision, degree in zip(("f64", "f32"), degrees):
        coefficients, _ = remez(f, weight, low, high, degree)
        coefficients = [rounded(c, precision) for c in coefficients]
        points = [mpf(low) + (mpf(high) - mpf(low)) * (i + mpf("0.5")) / 500 for i in range(500)]
        error = max(abs(weight(x) * (evaluate([mpf(c) for c in coefficients], x) - f(x))) for x in points)
        unit = mpf(2) ** (-53 if precision == "f64" else -24)
        print(f"{name} {precision} degree {degree} error {float(error / unit):.3f}")
        print("    [" + ", ".join(shortest(c, precision) for c in coefficients) + "]")


def series(terms, x):
    return sum(t * x**n for n, t in enumerate(terms))


def phi(k, x):
    """The k-th phi function: (e^x - 1 - x - … )/x^k."""
    if abs(x) < mpf("0.5"):
        return series([1 / factorial(n + k) for n in range(40)], x)
    value = exp(x)
    for n in range(k):
        value = (value - 1 / factorial(n)) / x
    return value


def even(coefficients):
    """A function of x² given by its series in x² near 0."""
    return lambda z: series(coefficients, z)


def exprel_even(order):
    """P(x²) of E(x) = x/(e^x-1) = -x/2 + …: E' = -1/2 + x·P for order 1, E'' = P for order 2."""
    b = [bernoulli(2 * n) / factorial(2 * n) for n in range(0, 120)]
    if order == 1:
        return even([2 * n * b[n] for n in range(1, 120)])
    return even([2 * n * (2 * n - 1) * b[n] for n in range(1, 120)])


def atanh_rest(z):
    """R(z) of log(1+f) = 2s + s·z·R(z), s = f/(2+f), z = s²."""
    if z == 0:
        return mpf(2) / 3
    s = z ** mpf("0.5")
    return (log((1 + s) / (1 - s)) - 2 * s) / (s * z)


def sine_rest(z):
    return series([(-1) ** (n + 1) / factorial(2 * n + 3) for n in range(20)], z)


def cosine_rest(z):
    return series([(-1) ** n / factorial(2 * n + 4) for n in range(20)], z)


def relative_sine(z):
    x = z ** mpf("0.5")
    return x**3 / sin(x)


if __name__ == "__main__":
    # e^r = 1 + r + r²·q(r) on [ln 3/4, ln 3/2]; the error counts by the last place of the result, then
    # relative to e^r - 1
    show("exp", lambda r: phi(2, r), lambda r: r * r / (1 if r < 0 else 2), "-0.2878", "0.4056", (9, 4))
    show("expm1", lambda r: phi(2, r), lambda r: r * r / expm1(r), "-0.2878", "0.4056", (10, 5))
    # phi_1 = 1 + x·p(x)
    show("phi one", lambda r: phi(2, r), lambda r: r / phi(1, r), "-0.75", "0.25", (11, 5))
    show("phi two", lambda r: phi(2, r), lambda r: 1 / phi(2, r), "-1", "1", (13, 7))
    show("phi three", lambda r: phi(3, r), lambda r: 1 / phi(3, r), "-2", "2", (16, 9))
    first, second = exprel_even(1), exprel_even(2)

    def slope_scale(z):
        return z ** mpf("0.5") / (mpf("0.5") - z ** mpf("0.5") * first(z))

    show("exprel first", first, slope_scale, "0", "4", (11, 5))
    show("exprel first from exprel", first, slope_scale, "0", "1", (7, 3))
    show("exprel second", second, lambda z: 1 / second(z), "0", "9", (16, 7))
    show("log", atanh_rest, lambda z: z / 2, "0", "0.029439", (6, 3))
    show("sine", sine_rest, relative_sine, "1e-9", "0.6169", (5, 3))
    show("cosine", cosine_rest, lambda z: z * z / cos(z ** mpf("0.5")), "0", "0.6169", (5, 3))
