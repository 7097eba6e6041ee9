# -*- coding: utf-8 -*-
# forward mode of captured(x: float dup, k: float dup)


def captured_jvp(x, k, x_dot, k_dot):
    t, t1 = twice_jvp(k, x, x, k_dot, x_dot, x_dot)
    t2, t3 = twice_1_jvp(k, x, k_dot, x_dot)
    return t + t2, t1 + t3


def scaled_jvp(k, x, y, k_dot, x_dot, y_dot):
    t = k * y
    return t * x, (k_dot * y + y_dot * k) * x + x_dot * t


def twice_jvp(f_0, f_1, y, f_0_dot, f_1_dot, y_dot):
    t, t1 = scaled_jvp(f_0, f_1, y, f_0_dot, f_1_dot, y_dot)
    t, t1 = scaled_jvp(f_0, f_1, t, f_0_dot, f_1_dot, t1)
    return t, t1


def captured_lambda_jvp(k, y, k_dot, y_dot):
    return y + k, y_dot + k_dot


def twice_1_jvp(f_0, y, f_0_dot, y_dot):
    t, t1 = captured_lambda_jvp(f_0, y, f_0_dot, y_dot)
    t, t1 = captured_lambda_jvp(f_0, t, f_0_dot, t1)
    return t, t1
