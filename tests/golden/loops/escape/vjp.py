# -*- coding: utf-8 -*-
# reverse mode of escape(x: float value, c: float value, steps: int const)


def escape_vjp(x, c, steps, dout=1.0):
    # forward
    x_saved = []
    n = 0
    for k in range(steps):
        x_saved.append(x)
        n += 1
        x_1 = x * x + c
        if x_1 > 2.0:
            out = x_1 - 0.1 * k
            ex = 1
            break
        x = x_1
    else:
        ex = 0
    test = ex == 0
    if test:
        out = x * c
    # reverse
    if test:  # line 5: for k in range(steps):
        dx = dout * c  # line 9: return x * c
        dc = dout * x
        dout = 0.0
    else:
        dx = 0.0
        dc = 0.0
    for _ in range(n):  # line 5: for k in range(steps):
        x = x_saved.pop()  # saved in line 5
        if ex != 0:  # line 7: if x > 2.0:
            dx_1 = dout
        else:
            dx_1 = dx
            dx = 0.0
        dx += 2.0 * dx_1 * x  # line 6: x = x * x + c
        dc += dx_1
        ex = 0
    return out, dx, dc
