# -*- coding: utf-8 -*-
# reverse mode of branches(x: float value, y: float value)


def branches_vjp(x, y, dout=1.0):
    # forward
    t = x > y
    if t:
        z = x * y
        y_1 = y
    else:
        t1 = x > 0.0
        if t1:
            z = x / y
            y_1 = y
        else:
            z = -x
            y_1 = y * y
    out = z * y_1
    # reverse
    dz = dout * y_1  # line 12: return z * y
    dy = dout * z
    if t:  # line 7: elif x > 0.0:
        dy += dz * x  # line 6: z = x * y
        dx = dz * y
    elif t1:  # line 10: z = -x
        dy += dz * (-z / y)  # line 8: z = x / y
        dx = dz / y
    else:
        dy = 2.0 * dy * y  # line 11: y = y * y
        dx = -dz  # line 10: z = -x
    return out, dx, dy
