# -*- coding: utf-8 -*-
# reverse mode of first_above(xs: list[float] shadow, limit: float value)


def first_above_vjp(xs, limit, dxs, dout=1.0):
    # forward
    total_saved = []
    total = 0.0
    n = 0
    for x in xs:
        n += 1
        total = total + x * x
        total_saved.append(total)
        if total > limit:
            found = x * total
            ex = 1
            break
    else:
        found = total
        ex = 0
    test = ex == 0
    if test:
        found = found * 10.0
    # reverse
    dfound = 10.0 * dout if test else dout  # line 6: for x in xs:
    dtotal = dfound
    for k in range(n - 1, -1, -1):
        x = xs[k]
        total = total_saved.pop()  # saved in line 7
        if ex != 0:  # line 8: if total > limit:
            dx = dtotal * total  # line 9: found = x * total
            dtotal *= x
        else:
            dx = 0.0
        dxs[k] += dx + 2.0 * dtotal * x  # line 6: for x in xs:
        ex = 0
    return found, 0.0
