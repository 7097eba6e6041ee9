# -*- coding: utf-8 -*-
# forward mode of first_above(xs: list[float] dup, limit: float dup)


def first_above_jvp(xs, limit, xs_dot, limit_dot):
    total = 0.0
    total_dot = 0.0
    for x, x_dot in zip(xs, xs_dot):
        total = total + x * x
        total_dot += 2.0 * x_dot * x
        if total > limit:
            found = x * total
            found_dot = x_dot * total + total_dot * x
            break
    else:
        found = total * 10.0
        found_dot = 10.0 * total_dot
    return found, found_dot
