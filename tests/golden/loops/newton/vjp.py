# -*- coding: utf-8 -*-
# reverse mode of newton(a: float value, x: float value)


def newton_vjp(a, x, dout=1.0):
    # forward
    difference_saved = []
    x_saved = []
    f_saved = []
    n = 0
    while True:
        x_saved.append(x)
        n += 1
        f = x ** 3 - a * x - 1.0
        f_saved.append(f)
        if abs(f) < 1e-12:
            break
        difference = 3.0 * x ** 2 - a
        difference_saved.append(difference)
        x = x - f / difference
    out = x * a
    # reverse
    dx = dout * a  # line 10: return x * a
    da = dout * x
    ex = 1
    for _ in range(n):  # line 5: while True:
        x = x_saved.pop()  # saved in line 5
        f = f_saved.pop()  # saved in line 6
        if ex != 0:  # line 7: if abs(f) < 1e-12:
            df = 0.0
        else:
            difference = difference_saved.pop()  # saved in line 9
            t = -dx  # line 9: x = x - f / (3.0 * x**2 - a)
            t1 = t * (-(f / difference) / difference)
            da -= t1
            dx += 6.0 * t1 * x
            df = t / difference
        t = -df  # line 6: f = x**3 - a * x - 1.0
        dx = dx + t * a + 3.0 * df * x ** 2
        da += t * x
        ex = 0
    return out, da, dx
