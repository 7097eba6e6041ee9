# -*- coding: utf-8 -*-
# forward mode of branches(x: float dup, y: float dup)


def branches_jvp(x, y, x_dot, y_dot):
    if x > y:
        z = x * y
        z_dot = x_dot * y + y_dot * x
    elif x > 0.0:
        z = x / y
        z_dot = x_dot / y + y_dot * (-z / y)
    else:
        z = -x
        z_dot = -x_dot
        y, y_dot = y * y, 2.0 * y_dot * y
    return z * y, z_dot * y + y_dot * z
