# -*- coding: utf-8 -*-
# reverse mode of power(x: float value, n: int const)


def power_vjp(x, n, dout=1.0):
    # forward
    test = n == 0
    if test:
        out = 1.0
    else:
        half, saved = power_fwd(x, n // 2)
        t1 = n % 2
        if t1:
            t = half * half
            out = t * x
        else:
            out = half * half
    # reverse
    if test:  # line 5: if n == 0:
        dx = 0.0
    else:
        if t1:  # line 8: if n % 2:
            dx = dout * t  # line 9: return half * half * x
            dhalf = 2.0 * dout * x * half
        else:
            dx = 0.0
            dhalf = 2.0 * dout * half  # line 10: return half * half
        dx_1 = power_rev(saved, dhalf)  # line 7: half = power(x, n // 2)
        dx += dx_1
    return out, dx


def power_fwd(x, n):
    test = n == 0
    if test:
        out = 1.0
        t = 0.0
        saved = None
        half = 0.0
        t1 = None
    else:
        half, saved = power_fwd(x, n // 2)
        t1 = n % 2
        if t1:
            t = half * half
            out = t * x
        else:
            out = half * half
            t = 0.0
    return out, (x, test, t, saved, half, t1)


def power_rev(saved, dout):
    # reverse
    x, test, t, saved, half, t1 = saved
    if test:  # line 5: if n == 0:
        dx = 0.0
    else:
        if t1:  # line 8: if n % 2:
            dx = dout * t  # line 9: return half * half * x
            dhalf = 2.0 * dout * x * half
        else:
            dx = 0.0
            dhalf = 2.0 * dout * half  # line 10: return half * half
        dx_1 = power_rev(saved, dhalf)  # line 7: half = power(x, n // 2)
        dx += dx_1
    return dx
