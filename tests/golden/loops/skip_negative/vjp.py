# -*- coding: utf-8 -*-
# reverse mode of skip_negative(xs: f64[n] value)

import numpy as np


def skip_negative_vjp(xs, dout=1.0):
    # forward
    product_saved = []
    product = 1.0
    for i in range(len(xs)):
        product_saved.append(product)
        if xs[i] < 0.0:
            continue
        product *= xs[i]
    # reverse
    dxs = np.zeros_like(xs)  # line 8: for i in range(len(xs)):
    dproduct = dout
    for i in range(len(xs) - 1, -1, -1):
        product_1 = product_saved.pop()  # saved in line 8
        xs_i = xs[i]  # line 9: if xs[i] < 0.0:
        if not xs_i < 0.0:
            dxs[i] += dproduct * product_1  # line 11: product *= xs[i]
            dproduct *= xs_i
    return product, dxs
