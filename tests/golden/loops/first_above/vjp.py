# -*- coding: utf-8 -*-
# reverse mode of first_above(xs: list[float] shadow, limit: float value)


def first_above_vjp(xs, limit, dxs, dout=1.0):
    # forward
    total_saved = []
    total = 0.0
    n = 0
    for x in xs:
        n += 1
        total_1 = total + x * x
        total_saved.append(total_1)
        if total_1 > limit:
            found = x * total_1
            ex = 1
            break
        total = total_1
    else:
        ex = 0
    test = ex == 0
    if test:
        found = total * 10.0
    # reverse
    if test:  # line 6: for x in xs:
        dtotal = 10.0 * dout  # line 12: found = total * 10.0
        dfound = 0.0
    else:
        dtotal = 0.0
        dfound = dout
    for k in range(n - 1, -1, -1):  # line 6: for x in xs:
        x = xs[k]
        total = total_saved.pop()  # saved in line 7
        if ex != 0:  # line 8: if total > limit:
            dx = dfound * total  # line 9: found = x * total
            dtotal_1 = dfound * x
        else:
            dx = 0.0
            dtotal_1 = dtotal
            dtotal = 0.0
        dxs[k] += dx + 2.0 * dtotal_1 * x  # line 6: for x in xs:
        dtotal += dtotal_1  # line 7: total = total + x * x
        ex = 0
    return found, 0.0
