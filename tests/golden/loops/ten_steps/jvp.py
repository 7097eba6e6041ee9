# -*- coding: utf-8 -*-
# forward mode of ten_steps(x: f64[10] dup)


def ten_steps_jvp(x, x_dot):
    y0 = x[0]
    y0_dot = x_dot[0]
    y1 = 0.5 * y0 + x[1]
    y1_dot = 0.5 * y0_dot + x_dot[1]
    y2 = 0.5 * y1 + x[2]
    y2_dot = 0.5 * y1_dot + x_dot[2]
    y3 = 0.5 * y2 + x[3]
    y3_dot = 0.5 * y2_dot + x_dot[3]
    y4 = 0.5 * y3 + x[4]
    y4_dot = 0.5 * y3_dot + x_dot[4]
    y5 = 0.5 * y4 + x[5]
    y5_dot = 0.5 * y4_dot + x_dot[5]
    y6 = 0.5 * y5 + x[6]
    y6_dot = 0.5 * y5_dot + x_dot[6]
    y7 = 0.5 * y6 + x[7]
    y7_dot = 0.5 * y6_dot + x_dot[7]
    y8 = 0.5 * y7 + x[8]
    y8_dot = 0.5 * y7_dot + x_dot[8]
    y9 = 0.5 * y8 + x[9]
    y9_dot = 0.5 * y8_dot + x_dot[9]
    t = 2.0 * y0_dot * y0 + 2.0 * y1_dot * y1
    t1 = y0 * y0 + y1 * y1 + (y2 * y2 + y3 * y3)
    t += 2.0 * y2_dot * y2 + 2.0 * y3_dot * y3
    t2 = 2.0 * y4_dot * y4 + 2.0 * y5_dot * y5
    t = t + (t2 + (2.0 * y6_dot * y6 + 2.0 * y7_dot * y7)) + 2.0 * y8_dot * y8
    t1 = t1 + (y4 * y4 + y5 * y5 + (y6 * y6 + y7 * y7)) + y8 * y8 + y9 * y9
    return t1, t + 2.0 * y9_dot * y9
