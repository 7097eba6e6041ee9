# -*- coding: utf-8 -*-
# reverse mode of network(params: {'w': f64[n, m], 'b': f64[k], 'scale': float} shadow, x: f64[n, m] value)

import numpy as np


def network_vjp(params, x, dparams, dout=1.0):
    # forward
    t = params['w']
    h = np.tanh(x @ t + params['b'])
    t1 = params['scale']
    t2 = h * t1
    out = np.sum(t2)
    # reverse
    # line 8: return np.sum(h * params["scale"])
    dparams['scale'] += np.sum(np.full_like(t2, dout) * h)
    t1 = dout * t1 * (1 - h * h)  # line 7: h = np.tanh(x @ params["w"] + params["b"])
    dparams['b'] += np.sum(t1, axis=0)
    dparams['w'] += x.T @ t1
    return out, t1 @ t.T
