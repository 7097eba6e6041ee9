# -*- coding: utf-8 -*-
# reverse mode of skip_negative(xs: f64[n] value)

import numpy as np


def skip_negative_vjp(xs, dout=1.0):
    # forward
    product_saved = []
    test_saved = []
    product = 1.0
    for i in range(len(xs)):
        product_saved.append(product)
        test = xs[i] < 0.0
        test_saved.append(test)
        if test:
            continue
        product *= xs[i]
    # reverse
    dxs = np.zeros_like(xs)  # line 8: for i in range(len(xs)):
    dproduct = dout
    for i in range(len(xs) - 1, -1, -1):
        product_1 = product_saved.pop()  # saved in line 8
        if not test_saved.pop():  # line 9: if xs[i] < 0.0:
            dxs[i] += dproduct * product_1  # line 11: product *= xs[i]
            dproduct *= xs[i]
    return product, dxs
