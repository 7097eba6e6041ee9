# -*- coding: utf-8 -*-
# reverse mode of power(x: float value, n: int const)


def power_vjp(x, n, dout=1.0):
    # forward
    t = n == 0
    if t:
        out = 1.0
    else:
        half, saved = power_fwd(x, n // 2)
        t2 = n % 2
        if t2:
            t1 = half * half
            out = t1 * x
        else:
            out = half * half
    # reverse
    if t:  # line 7: half = power(x, n // 2)
        dx = 0.0
    else:
        if t2:  # line 10: return half * half
            dx = dout * t1  # line 9: return half * half * x
            dhalf = 2.0 * dout * x * half
        else:
            dx = 0.0
            dhalf = 2.0 * dout * half  # line 10: return half * half
        dx_1 = power_rev(saved, dhalf)  # line 7: half = power(x, n // 2)
        dx += dx_1
    return out, dx


def power_fwd(x, n):
    t = n == 0
    if t:
        out = 1.0
        t1 = 0.0
        saved = None
        half = 0.0
        t2 = None
    else:
        half, saved = power_fwd(x, n // 2)
        t2 = n % 2
        if t2:
            t1 = half * half
            out = t1 * x
        else:
            out = half * half
            t1 = 0.0
    return out, (x, t, t1, saved, half, t2)


def power_rev(saved, dout):
    # reverse
    x, t, t1, saved, half, t2 = saved
    if t:  # line 7: half = power(x, n // 2)
        dx = 0.0
    else:
        if t2:  # line 10: return half * half
            dx = dout * t1  # line 9: return half * half * x
            dhalf = 2.0 * dout * x * half
        else:
            dx = 0.0
            dhalf = 2.0 * dout * half  # line 10: return half * half
        dx_1 = power_rev(saved, dhalf)  # line 7: half = power(x, n // 2)
        dx += dx_1
    return dx
