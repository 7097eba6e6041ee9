# -*- coding: utf-8 -*-
# forward mode of network(params: {'w': f64[n, m], 'b': f64[k], 'scale': float} dup, x: f64[n, m] dup)

import numpy as np


def network_jvp(params, x, params_dot, x_dot):
    t = params['w']
    h = np.tanh(x @ t + params['b'])
    t1 = params['scale']
    t = t1 * (x_dot @ t + x @ params_dot['w'] + params_dot['b']) * (1 - h * h)
    return np.sum(h * t1), np.sum(t + params_dot['scale'] * h)
