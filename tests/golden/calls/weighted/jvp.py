# -*- coding: utf-8 -*-
# forward mode of weighted(x: f64[n] dup)


def weighted_jvp(x, x_dot):
    if x[0] > 0.5:
        w = {'centre': x[0], 'edge': 0.5}
        w_dot = {'centre': x_dot[0], 'edge': 0.0}
    else:
        w = {'centre': 1.0, 'edge': x[1]}
        w_dot = {'centre': 0.0, 'edge': x_dot[1]}
    t1 = []
    t2 = []
    for t, t_dot in zip(x, x_dot):
        w_centre = w['centre']
        t3 = w_dot['centre'] * t + t_dot * w_centre
        w_edge = w['edge']
        t4 = w_edge * t
        t1.append(w_centre * t + t4 * t)
        t2.append(t3 + ((w_dot['edge'] * t + t_dot * w_edge) * t + t_dot * t4))
    t1, t2 = total_1_jvp(t1, t2)
    return t1, t2


def total_1_jvp(items, items_dot):
    s = 0.0
    s_dot = 0.0
    for item, item_dot in zip(items, items_dot):
        s += item
        s_dot += item_dot
    return s, s_dot
