"""Bundle adjustment: cameras and points in space, from where the cameras saw the points.

Each observation depends on the nine numbers of one camera (turn, shift, focal length, distortion) and the three
of one point, so the Jacobian of thousands of residuals is nearly empty. `ds.sparse_jacobian` finds where its entries
are, computes all of them by twelve products, and SciPy's `least_squares` takes it as it is.

    python examples/bundle_adjustment.py
"""

import argparse
import time

import numpy as np

import diffsrc as ds


def rotate(points, turns):
    """Rodrigues' formula: each point turned about an axis by its length."""
    angle = np.sqrt(np.sum(turns**2, axis=1, keepdims=True) + 1e-30)
    axis = turns / angle
    along = np.sum(points * axis, axis=1, keepdims=True) * axis
    return np.cos(angle) * (points - along) + np.sin(angle) * np.cross(axis, points) + along


def project(cameras, points):
    """Where cameras see points, one camera per point."""
    p = rotate(points, cameras[:, :3]) + cameras[:, 3:6]
    p = -p[:, :2] / p[:, 2:]
    r2 = np.sum(p**2, axis=1)
    scale = cameras[:, 6] * (1.0 + cameras[:, 7] * r2 + cameras[:, 8] * r2**2)
    return p * scale[:, np.newaxis]


def residuals(cameras, points, camera, point, seen):
    """How far the projections are from what was seen: `seen[k]` is where `camera[k]` saw `point[k]`."""
    return (project(cameras[camera], points[point]) - seen).ravel()


def make(cameras=20, points=1000, views=5, noise=0.5, seed=0):
    """A scene with a start that is off: the arguments of `residuals`."""
    rng = np.random.default_rng(seed)
    turns, shifts = rng.normal(scale=0.2, size=(cameras, 3)), rng.normal(scale=0.2, size=(cameras, 3)) - [0.0, 0.0, 6.0]
    lenses = np.stack([np.full(cameras, 500.0), *rng.normal(scale=1e-2, size=(2, cameras))], axis=1)
    true_cameras, true_points = np.concatenate([turns, shifts, lenses], axis=1), rng.uniform(-1.0, 1.0, (points, 3))
    camera = np.concatenate([rng.choice(cameras, views, replace=False) for _ in range(points)])
    point = np.repeat(np.arange(points), views)
    seen = project(true_cameras[camera], true_points[point]) + noise * rng.normal(size=(points * views, 2))
    start = true_cameras + rng.normal(size=true_cameras.shape) * [*[0.01] * 6, 5.0, 0.0, 0.0]
    return start, true_points + 0.02 * rng.normal(size=(points, 3)), camera, point, seen


def adjust(cameras, points, camera, point, seen):
    """The cameras and points that explain what was seen best, and SciPy's report."""
    from scipy.optimize import least_squares

    size = cameras.size

    def of_vector(v):
        return residuals(v[:size].reshape(-1, 9), v[size:].reshape(-1, 3), camera, point, seen)

    start = np.concatenate([cameras.ravel(), points.ravel()])
    report = least_squares(of_vector, start, jac=ds.sparse_jacobian(of_vector), x_scale="jac", ftol=1e-6, tr_solver="lsmr")
    return report.x[:size].reshape(-1, 9), report.x[size:].reshape(-1, 3), report


def rms(r):
    return float(np.sqrt(np.mean(r**2)))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Adjust cameras and points to observations")
    parser.add_argument("--cameras", type=int, default=20)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--views", type=int, default=5, help="how many cameras see a point")
    options = parser.parse_args(argv)

    args = make(options.cameras, options.points, options.views)
    jacobian = ds.sparse_jacobian(residuals, argnums=(0, 1))
    jacobian(*args)
    begun = time.perf_counter()
    blocks = jacobian(*args)
    seconds = time.perf_counter() - begun
    rows, columns = blocks[0].shape[0], sum(b.shape[1] for b in blocks)
    print(f"Jacobian: {rows} x {columns}, {sum(b.nnz for b in blocks)} entries, {1e3 * seconds:.1f} ms")

    cameras, points, report = adjust(*args)
    print(f"{report.nfev} evaluations of the residuals, {report.njev} Jacobians")
    start, end = rms(residuals(*args)), rms(residuals(cameras, points, *args[2:]))
    print(f"residual: {start:.3f} pixels at the start, {end:.3f} at the end")


if __name__ == "__main__":
    main()
