# -*- coding: utf-8 -*-
# reverse mode of network(params: {'w': f64[n, m], 'b': f64[k], 'scale': float} shadow, x: f64[n, m] value)

import numpy as np


def network_vjp(params, x, dparams, dout=1.0):
    # forward
    params_w = params['w']
    h = np.tanh(x @ params_w + params['b'])
    params_scale = params['scale']
    t = h * params_scale
    out = np.sum(t)
    # reverse
    # line 8: return np.sum(h * params["scale"])
    dparams['scale'] += np.sum(np.full_like(t, dout) * h)
    # line 7: h = np.tanh(x @ params["w"] + params["b"])
    t = dout * params_scale * (1 - h * h)
    dparams['b'] += np.sum(t, axis=0)
    dparams['w'] += x.T @ t
    return out, t @ params_w.T
