# -*- coding: utf-8 -*-
# forward mode of skip_negative(xs: f64[n] dup)


def skip_negative_jvp(xs, xs_dot):
    product = 1.0
    product_dot = 0.0
    for i in range(len(xs)):
        if xs[i] < 0.0:
            continue
        xs_i = xs[i]
        product, product_dot = product * xs_i, product_dot * xs_i + xs_dot[i] * product
    return product, product_dot
