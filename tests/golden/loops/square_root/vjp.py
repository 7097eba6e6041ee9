# -*- coding: utf-8 -*-
# reverse mode of square_root(a: float value)


def square_root_vjp(a, dout=1.0):
    # forward
    x_saved = []
    x = a
    n = 0
    while abs(x * x - a) > 1e-09:
        x_saved.append(x)
        n += 1
        x = 0.5 * (x + a / x)
    # reverse
    dx = dout
    da = 0.0
    for _ in range(n):  # line 6: while abs(x * x - a) > 1e-9:
        x_1 = x_saved.pop()  # saved in line 6
        dx *= 0.5  # line 7: x = 0.5 * (x + a / x)
        da += dx / x_1
        dx += dx * (-(a / x_1) / x_1)
    return x, da + dx
