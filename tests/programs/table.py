"""At which arguments each program is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.probe.harness import RTOL, Case

from .fields import (
    control,
    estimation,
    fields,
    geometry,
    grids,
    learning,
    linear_algebra,
    markets,
    mechanics,
    nature,
    networks,
    sequences,
    signals,
    solvers,
    vision,
    waves,
)

_R = np.random.default_rng(11)
ZS = np.array([0.9, 1.7, 2.2, 3.4, 3.9])
X83, Y8 = _R.standard_normal((8, 3)), _R.standard_normal(8)
A4 = _R.standard_normal((4, 4)) + 3.0 * np.eye(4)
S4 = A4 @ A4.T / 4.0 + np.eye(4)
B4 = _R.standard_normal(4)
IMG = _R.standard_normal((7, 6))
U12 = np.sin(np.linspace(0.0, 3.0, 12)) + 1.5
_Q = np.random.default_rng(12)
LABELS = np.array([0, 1, 1, 0, 2, 1, 0, 2])

#: function, arguments, whether second derivatives are compared too
_ROWS: list[tuple[Callable[..., Any], tuple[Any, ...], bool]] = [
    (estimation.kalman_loglik, (0.3, 0.5, ZS), True),
    (estimation.kalman_class, (0.7, np.array([0.2, 0.1]), ZS), True),
    (estimation.ekf_range, (np.array([0.4, 0.3]), 0.5, _R.random((3, 2)) + 1.0, np.array([[1.0, 2.0], [-1.0, 0.5]])), True),
    (estimation.rts_smoother, (0.9, 0.2, ZS), True),
    (estimation.alpha_beta, (0.6, 0.3, ZS), True),
    (estimation.particle_weights, (0.8, ZS[:3]), True),
    (mechanics.nbody_energy, (np.array([1.0, 0.5, 2.0]), _R.standard_normal((3, 3)), _R.standard_normal((3, 3))), False),
    (mechanics.nbody_arrays, (np.array([1.0, 0.5, 2.0]), _R.standard_normal((3, 3)), _R.standard_normal((3, 3))), True),
    (mechanics.double_pendulum, (1.1, 0.4, 0.7), True),
    (mechanics.arm_reach, (np.array([0.3, -0.5, 1.2, 0.4, -1.3, 0.2]), np.array([0.4, 0.2, 0.6])), True),
    (mechanics.inverse_kinematics, (1.0, 0.8, np.array([0.9, 0.7])), True),
    (mechanics.attitude, (np.array([0.3, 0.8, -0.4, 1.1]), np.array([0.5, -1.0, 2.0])), True),
    (mechanics.adaptive_rk, (2.0, np.array([1.5, 0.3])), True),
    (mechanics.orbit_miss, (0.3, 0.9, 1.2), True),
    (mechanics.rigid_body, (np.array([1.0, 2.0, 3.0]), np.array([0.4, 0.9, -0.3])), True),
    (linear_algebra.lu_solve_norm, (A4, B4), True),
    (linear_algebra.cholesky_loops, (S4,), True),
    (linear_algebra.householder_qr, (_R.standard_normal((4, 3)),), True),
    (linear_algebra.gram_schmidt, (A4,), True),
    (linear_algebra.conjugate_gradient, (S4, B4), False),
    (linear_algebra.power_iteration, (S4,), True),
    (linear_algebra.jacobi_rotations, (S4,), True),
    (linear_algebra.gauss_seidel, (A4 + 3.0 * np.eye(4), B4), True),
    (linear_algebra.thomas, ([0.3, 0.2, 0.4], [2.0, 2.5, 2.2, 3.0], [0.5, 0.1, 0.3], [1.0, 0.2, -0.4, 0.7]), True),
    (linear_algebra.determinant, ([[1.0, 2.0, 0.5], [0.3, -1.0, 2.0], [1.5, 0.7, 0.9]],), True),
    (linear_algebra.robust_cholesky, (S4, B4), True),
    (linear_algebra.expm_taylor, (0.3 * A4,), True),
    (linear_algebra.strassen_sum, (A4, S4), False),
    (learning.mlp_classes, (_R.standard_normal((3, 4)), np.zeros(4), _R.standard_normal((4, 3)), np.zeros(3), X83, LABELS), True),
    (
        learning.mlp_params,
        (
            [
                {"W": _R.standard_normal((3, 4)), "b": _R.standard_normal(4)},
                {"W": _R.standard_normal((4, 1)), "b": _R.standard_normal(1)},
            ],
            X83,
            Y8,
        ),
        True,
    ),
    (learning.sgd_momentum, (0.05, np.zeros(3), X83, Y8), True),
    (learning.adam_dict, (0.1, X83, Y8), True),
    (learning.lstm_loss, (0.5 * _R.standard_normal((12, 5)), _R.standard_normal((3, 2))), True),
    (learning.causal_attention_loss, (X83[:4] @ _R.standard_normal((3, 4)), *_R.standard_normal((3, 4, 4))), False),
    (learning.convnet, (IMG, _R.standard_normal((3, 3)), _R.standard_normal((2, 2))), True),
    (learning.batchnorm_running, (X83,), True),
    (learning.gp_objective, (np.array([0.1, -0.2, -1.0]), np.linspace(0.0, 2.0, 5), B4[[0, 1, 2, 3, 0]]), True),
    (learning.logistic_irls, (X83, (Y8 > 0).astype(float), 0.3), False),
    (learning.em_mixture, (np.array([-1.0, 0.2, 1.5]), Y8), True),
    (learning.ridge_fit, (Y8, X83[:, 0], 0.2), True),
    (sequences.hmm_nll, (_R.standard_normal((3, 3)), _R.standard_normal((3, 2)), [0, 1, 1, 0]), True),
    (sequences.baum_welch_expectation, (_R.random((3, 3)), _R.random((3, 2)), _R.random(3), [0, 1, 1, 0]), True),
    (sequences.viterbi_score, (_R.standard_normal((3, 3)), _R.standard_normal((3, 2)), np.array([0, 1, 1, 0])), True),
    (sequences.dtw, (ZS, Y8), True),
    (sequences.soft_alignment, (0.7, 1.3, "GATTAC", "GCATC"), True),
    (sequences.ctc_loss, (_R.standard_normal((5, 4)), [1, 3]), True),
    (sequences.inside_algorithm, (np.array([0.5, 0.3, 0.8, 0.6]), ["a", "b", "a", "b"]), True),
    (sequences.tree_total, (0.7, -0.4, 1.2), True),
    (sequences.formula, (0.7, 1.2), True),
    (sequences.pruning, (np.array([0.1, 0.2, 0.15, 0.3, 0.05, 0.25]), 2.0, [0, 1, 2, 0]), True),
    (sequences.linked_sum, ([0.5, 1.5, -0.7],), True),
    (sequences.union, ([0.5, 1.5, -0.7, 2.0], ["a", "b", "a", "b"]), True),
    (fields.heat_implicit, (0.7, U12), True),
    (fields.wave, (1.2, U12), True),
    (fields.burgers, (0.05, U12), True),
    (fields.upwind, (np.array([0.5, -0.4, 0.3, 0.8, -0.2, 0.6]), U12[:6]), True),
    (fields.poisson_energy, (_R.standard_normal(9),), True),
    (fields.grid_simulation, (0.4, IMG), True),
    (fields.gray_scott, (0.04, 0.06, 1.0 + 0.1 * IMG, 0.2 * IMG), True),
    (fields.spectral_kdv, (0.8,), True),
    (fields.shallow_water, (U12,), True),
    (fields.finite_elements, (2.0, np.array([1.0, 0.8, 1.2, 0.9, 1.1]), 0.5), True),
    (fields.game_of_diffusion, (IMG[:4, :3],), True),
    (markets.black_scholes, (1.1, 1.0, 0.7, 0.02, 0.3, "put"), True),
    (markets.implied_vol, (0.15, 1.0, 1.05, 0.8, 0.01), True),
    (markets.american_put, (1.0, 1.03, 0.05, 0.3), True),
    (markets.monte_carlo_asian, (1.1, 0.25), True),
    (markets.garch_nll, (np.array([0.1, 0.2, 0.6]), 0.3 * Y8), True),
    (markets.bond_risk, (0.03, 0.05), True),
    (markets.bootstrap_curve, ([0.02, 0.025, 0.028, 0.03],), True),
    (markets.portfolio_pnl, (3.0, 1.2, 1.5), True),
    (markets.markowitz, (np.array([0.1, 0.2, 0.15]), X83, 2.0), True),
    (signals.power_in_band, ([0.5, -1.0, 0.3, 0.8],), True),
    (signals.biquad, (np.array([0.3, 0.2, 0.1]), np.array([-0.4, 0.2]), Y8), True),
    (signals.filter_chain, (np.array([0.5, 0.3, -0.4]), [0.2, 1.0, -0.5]), True),
    (signals.levinson, (np.array([2.0, 0.8, 0.3, -0.2]),), True),
    (signals.registration, (np.array([0.3, -0.2]), IMG, IMG[::-1]), True),
    (signals.total_variation, (IMG, IMG + 0.1, 0.3), True),
    (signals.harris, (IMG,), True),
    (signals.sliding_rms, ([0.5, -1.0, 0.3, 0.8, 1.2, -0.4], 3), True),
    (signals.thin_film, (1.38, 0.3, 1.7), True),
    (signals.autocorrelation_pitch, (Y8,), True),
    (signals.haar, (Y8,), True),
    (nature.sir, (0.5, 0.1), True),
    (nature.predator_prey, (1.1, 0.4, 0.9), True),
    (nature.lennard_jones, (np.array([[0.0, 0.1, 0.0], [1.1, 0.0, 0.2], [0.1, 1.2, 0.3], [3.0, 3.0, 3.0]]),), True),
    (nature.hodgkin_huxley, (10.0,), True),
    (nature.integrate_and_fire, (0.8, [0.5, 0.9, 0.3, 1.0, 0.2]), True),
    (nature.gillespie, (0.7,), True),
    (nature.equilibrium, (0.3, 1.2), True),
    (nature.comoving_distance, (0.3, 0.7), True),
    (nature.ising_mean_field, (1.0, 1.5), True),
    (nature.delayed_feedback, (1.5,), True),
    (nature.kinetics, (0.8, 0.3, 1.0), True),
    (nature.radioactive_chain, ([0.5, 0.9, 1.4], 2.0), True),
    (nature.variational_monte_carlo, (0.4,), True),
    (geometry.ray_image, (1.0, 0.1, 2.0), True),
    (geometry.curve_length, (_R.standard_normal((4, 2)),), True),
    (geometry.spline_value, ([0.5, -1.0, 0.7, 1.2, 0.1], 1.3), True),
    (geometry.polygon, ([(0.1, 0.0), (2.0, 0.3), (1.5, 1.8), (0.2, 1.1)],), True),
    (geometry.floyd_warshall, (np.abs(A4) + 0.1,), True),
    (geometry.dijkstra, ([1.0, 0.7, 0.4, 1.5, 0.9],), True),
    (geometry.pagerank, (np.abs(A4) + 0.1,), True),
    (geometry.tune, (3.0, 0.5, 0.8), True),
    (geometry.lqr_cost, (np.array([[1.0, 0.1], [0.0, 1.0]]), np.array([[0.0], [0.1]]), 1.2, 0.5, np.array([1.0, 0.3])), True),
    (geometry.interval_horner, ([0.5, -1.0, 0.3], 0.2, 0.9), True),
    (geometry.event_queue, ([0.1, -0.4, 0.7, 0.3],), True),
    (control.lqr_gain_norm, (0.8, np.array([1.0, 0.2]), 0.3), True),
    (control.mpc_cost, ({"m": 0.2, "M": 1.1, "l": 0.5}, np.array([0.5, -0.2, 0.1])), True),
    (control.pid_loop, (2.0, 0.7, 0.05, 1.3), True),
    (vision.sdf_render, (0.5, 0.3, np.array([1.0, 1.0, -1.0])), False),
    (
        vision.bundle_adjustment,
        (
            0.1 * _Q.standard_normal((2, 3)),
            0.1 * _Q.standard_normal((2, 3)) + [0.0, 0.0, 4.0],
            1.2,
            _Q.standard_normal((4, 3)),
            _Q.standard_normal((2, 4, 2)),
        ),
        True,
    ),
    (vision.icp, (_Q.standard_normal((5, 2)), np.array([0.1, -0.05])), True),
    (solvers.lu_program, (A4[::-1].copy(), B4), True),
    (solvers.qr_eigen, (S4,), True),
    (solvers.planck_fraction, (0.5, 1.5), True),
    (solvers.stiff_kinetics, (np.array([0.4, 1.0, 30.0]),), True),
    (solvers.durand_kerner, ([1.0, -2.0, 0.5, 3.0],), True),
    (grids.adi_heat, (0.4, IMG[:4, :5]), True),
    (grids.fdtd, (np.linspace(1.0, 2.5, 10), 3.0), True),
    (grids.lattice_boltzmann, (0.8, 0.1 * _Q.random((3, 4)) + 1.0), True),
    (grids.art_reconstruction, (_Q.random((3, 3)), 0.7), True),
    (waves.beam_waist, (0.5, 0.8, 1.2, 0.3), True),
    (waves.multilayer, ([0.3, 0.25, 0.4], 0.2, 0.01), True),
    (waves.array_pattern, (np.array([0.0, 0.45, 1.02, 1.5]), np.array([1.0, 0.8, 0.9, 0.7]), 0.3), True),
    (networks.power_flow, (0.4, 0.2, 0.1), True),
    (networks.beam_deflection, (2.0, 0.5, 1.2), True),
]  # fmt: skip


def cases() -> Iterator[Case]:
    """Every program with its point."""
    for fn, args, second in _ROWS:
        yield Case(fn, (args,), fn.__module__.rpartition(".")[2], second, None, RTOL)
