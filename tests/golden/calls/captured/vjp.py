# -*- coding: utf-8 -*-
# reverse mode of captured(x: float value, k: float value)


def twice(f_0, y):
    return captured_lambda(f_0, captured_lambda(f_0, y))


def scaled(k, x, y):
    return k * y * x


def captured_lambda(k, y):
    return y + k


def captured_vjp(x, k, dout=1.0):
    # forward
    t, saved = twice_fwd(k, x, x)
    out = t + twice(k, x)
    # reverse
    # line 11: return twice(scaled, x) + twice(lambda y: y + k, x)
    dk, dx = twice_1_rev(dout)
    dk_1, dx_1, dx_2 = twice_rev(saved, dout)
    return out, dx + dx_1 + dx_2, dk + dk_1


def twice_1_rev(dout):
    # reverse
    return 2.0 * dout, dout


def twice_fwd(f_0, f_1, y):
    t = scaled(f_0, f_1, y)
    out = scaled(f_0, f_1, t)
    return out, (f_0, f_1, y, t)


def twice_rev(saved, dout):
    # reverse
    f_0, f_1, y, t = saved
    t1 = dout * f_1  # line 6: return k * y * x
    dy = t1 * f_0
    t2 = dy * f_1
    return t1 * t + t2 * y, dout * f_0 * t + dy * f_0 * y, t2 * f_0
