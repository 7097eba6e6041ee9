# -*- coding: utf-8 -*-
# reverse mode of branches(x: float value, y: float value)


def branches_vjp(x, y, dout=1.0):
    # forward
    test = x > y
    if test:
        z = x * y
        y_1 = y
    else:
        t = x > 0.0
        if t:
            z = x / y
            y_1 = y
        else:
            z = -x
            y_1 = y * y
    out = z * y_1
    # reverse
    dz = dout * y_1  # line 12: return z * y
    dy = dout * z
    if test:  # line 5: if x > y:
        dy += dz * x  # line 6: z = x * y
        dx = dz * y
    elif t:  # line 7: elif x > 0.0:
        dy += dz * (-z / y)  # line 8: z = x / y
        dx = dz / y
    else:
        dy = 2.0 * dy * y  # line 11: y = y * y
        dx = -dz  # line 10: z = -x
    return out, dx, dy
