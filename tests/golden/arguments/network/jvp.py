# -*- coding: utf-8 -*-
# forward mode of network(params: {'w': f64[n, m], 'b': f64[k], 'scale': float} dup, x: f64[n, m] dup)

import numpy as np


def network_jvp(params, x, params_dot, x_dot):
    params_w = params['w']
    h = np.tanh(x @ params_w + params['b'])
    params_scale = params['scale']
    t = params_scale * (x_dot @ params_w + x @ params_dot['w'] + params_dot['b']) * (1 - h * h)
    return np.sum(h * params_scale), np.sum(t + params_dot['scale'] * h)
