"""The table of calls for NumPy: see calls.py."""

M = "x: (3,4)"
V = "x: (5,)"
P = "x: (3,4) in 0.3..2.0"
PV = "x: (5,) in 0.3..2.0"
U = "x: (3,4) in -0.9..0.9"
XY = "x: (3,4); y: (3,4)"
POS = "x: (3,4) in 0.4..2.0; y: (3,4) in 0.5..1.5"
BROAD = "x: (3,1) in 0.4..2.0; y: (4,) in 0.5..1.5"
SQ = "x: (3,3)"
SPD = "x: (3,3) spd"
Z = "x: (4,) complex"
ZM = "x: (3,4) complex"
VV = "x: (5,); y: (5,)"
NUM = "x: number in 0.3..0.9"
NUM2 = "x: number in 0.3..0.9; y: number in 1.1..1.9"

TABLE = [
    (U, """
np.sin(x)
np.cos(x)
np.tan(x)
np.arcsin(x)
np.arccos(x)
np.arctan(x)
np.sinh(x)
np.cosh(x)
np.tanh(x)
np.arcsinh(x)
np.arctanh(x)
np.exp(x)
np.exp2(x)
np.expm1(x)
np.square(x)
np.negative(x)
np.positive(x)
np.abs(x)
np.absolute(x)
np.fabs(x)
np.deg2rad(x)
np.rad2deg(x)
np.radians(x)
np.degrees(x)
np.sinc(x)
np.i0(x)  # refused: `np.piecewise` has no derivative rule
np.sign(x)
np.floor(x)
np.ceil(x)
np.rint(x)
np.trunc(x)
np.round(x)
np.around(x, 1)
np.fix(x)
np.real(x)
np.imag(x)
np.conj(x)
np.conjugate(x)
np.angle(x)
np.real_if_close(x)
np.nan_to_num(x)
np.clip(x, -0.45, 0.45)
np.clip(x, None, 0.3)
np.clip(x, a_min=-0.2, a_max=None)
np.where(x > 0.0, x, x * x)
np.unwrap(x)  # refused: the type of this value couldn't be infer
np.heaviside(x, 0.5)
np.modf(x)  # refused: `np.modf` has neither a derivative rule
np.frexp(x)  # refused: `np.frexp` has neither a derivative rule
np.ldexp(x, 2)
np.spacing(x)
np.copysign(x, -1.0)
np.minimum(x, 0.1)
np.maximum(x, 0.1)
np.fmax(x, 0.1)
np.fmin(x, -0.1)
x ** 2
x ** 3
abs(x)
-x + 1.0
1.0 - x
2.0 ** x
"""),
    (P, """
np.log(x)
np.log2(x)
np.log10(x)
np.log1p(x)
np.sqrt(x)
np.cbrt(x)
np.reciprocal(x)
np.arccosh(x + 1.0)
np.power(x, 2.5)
np.power(2.0, x)
np.float_power(x, 1.5)
np.prod(x)
np.prod(x, axis=0)
np.prod(x, axis=(0, 1), keepdims=True)
np.prod(x, axis=1, initial=2.0)
np.cumprod(x, axis=1)
np.cumprod(x)
np.nanprod(x, axis=0)
np.nancumprod(x, axis=1)
np.multiply.reduce(x, axis=1)
np.multiply.accumulate(x, axis=1)
np.cumulative_prod(x, axis=1)
np.logaddexp.reduce(x, axis=1)
1.0 / x
x ** -1.5
x ** x
x % 0.7
x // 0.7
divmod(x, 0.7)
"""),
    (POS, """
np.add(x, y)
np.subtract(x, y)
np.multiply(x, y)
np.divide(x, y)
np.true_divide(x, y)
np.floor_divide(x, y)
np.mod(x, y)
np.remainder(x, y)
np.fmod(x, y)
np.divmod(x, y)
np.power(x, y)
np.pow(x, y)
np.float_power(x, y)
np.maximum(x, y)
np.minimum(x, y)
np.fmax(x, y)
np.fmin(x, y)
np.hypot(x, y)
np.arctan2(x, y)
np.atan2(x, y)
np.logaddexp(x, y)
np.logaddexp2(x, y)
np.copysign(x, y)
np.nextafter(x, y)
np.where(x > y, x, y)
np.add(x, y, where=x > 1.0, out=np.zeros((3, 4)))
np.multiply(x, y, out=np.ones((3, 4)), where=y > 1.0)
np.vdot(x, y)
np.inner(x, y)
np.tensordot(x, y)
np.tensordot(x, y, axes=([0], [0]))
np.tensordot(x, y, axes=(1, 1))
np.einsum("ij,ij->", x, y)
np.einsum("ij,kj->ik", x, y)
np.einsum("ij,ij->i", x, y)
np.einsum("ij,kl", x, y)
np.einsum("...j,...j->...", x, y)
np.average(x, weights=y)
np.average(x, axis=1, weights=y)
np.linalg.vecdot(x, y)
np.vecdot(x, y)
np.kron(x, y)
np.outer(x, y)
np.concatenate([x, y])
np.concatenate((x, y), axis=1)
np.concatenate([x, y], axis=None)
np.stack([x, y])
np.stack([x, y], axis=-1)
np.vstack([x, y])
np.hstack([x, y])
np.dstack([x, y])
np.column_stack([x, y])
np.append(x, y)
np.append(x, y, axis=0)
np.block([[x, y], [y, x]])
np.array([x, y])
np.c_[x, y]
np.r_[x, y]
np.choose(np.array([[0, 1, 0, 1]] * 3), [x, y])  # refused: `np.choose` has no derivative rule
np.select([x > 1.0, y > 1.0], [x, y * y], 0.5)
np.broadcast_arrays(x, y[0])
np.interp(x, np.linspace(0.0, 3.0, 7), np.sort(y[0].sum() * np.linspace(0.0, 1.0, 7)))
x @ y.T
x * y + x / y
x - y ** x
"""),
    (BROAD, """
np.add(x, y)
np.subtract(x, y)
np.multiply(x, y)
np.divide(x, y)
np.power(x, y)
np.maximum(x, y)
np.hypot(x, y)
np.arctan2(x, y)
np.logaddexp(x, y)
np.where(x > 1.0, x, y)
np.outer(x, y)
np.multiply.outer(x, y)
np.add.outer(x[:, 0], y)
np.subtract.outer(y, y)
np.meshgrid(x[:, 0], y)  # refused: an array or list whose length is known o
np.meshgrid(x[:, 0], y, indexing="ij", sparse=True)  # refused: np.meshgrid with sparse= can't be differ
np.broadcast_to(y, (3, 4)) * x
np.ix_([0, 1, 2], [1, 2])[0] * y[0] + x
np.clip(y, 0.6, x)
x + y
x * y - y / x
"""),
    (M, """
np.sum(x)
np.sum(x, axis=0)
np.sum(x, axis=-1, keepdims=True)
np.sum(x, axis=(0, 1))
np.sum(x, where=x > 0.0)
np.sum(x, axis=0, initial=2.0)
np.mean(x)
np.mean(x, axis=1)
np.mean(x, axis=(0, 1), keepdims=True)
np.mean(x, axis=0, where=x > -1.5)
np.var(x)
np.var(x, axis=0)
np.var(x, axis=1, ddof=1, keepdims=True)
np.std(x)
np.std(x, axis=0)
np.std(x, axis=1, ddof=1)
np.max(x)
np.max(x, axis=0)
np.amax(x, axis=1, keepdims=True)
np.max(x, axis=0, initial=0.5)
np.min(x)
np.min(x, axis=(0, 1))
np.amin(x, axis=1)
np.min(x, axis=1, where=x > -1.0, initial=3.0)
np.ptp(x)
np.ptp(x, axis=1)
np.median(x)
np.median(x, axis=0)
np.median(x, axis=1, keepdims=True)
np.percentile(x, 30.0)
np.percentile(x, [10.0, 80.0], axis=0)
np.quantile(x, 0.3, axis=1)
np.quantile(x, 0.4, method="lower")
np.quantile(x, 0.4, axis=0, method="nearest")
np.quantile(x, 0.4, method="weibull")
np.quantile(x, 0.35, axis=1, method="hazen")
np.nansum(x, axis=0)
np.nanmean(x, axis=1)
np.nanmax(x)
np.nanmin(x, axis=0)
np.nanvar(x, axis=0)
np.nanstd(x)
np.nanmedian(x, axis=0)
np.nanpercentile(x, 40.0, axis=0)
np.nanquantile(x, 0.4)
np.nancumsum(x, axis=0)
np.average(x, axis=0)
np.average(x, axis=1, weights=np.array([1.0, 2.0, 3.0, 4.0]))
np.average(x, axis=0, weights=[1.0, 2.0, 3.0], returned=True)[0]
np.cumsum(x)
np.cumsum(x, axis=0)
np.cumulative_sum(x, axis=1)
np.diff(x)
np.diff(x, n=2, axis=1)
np.diff(x, axis=0, prepend=0.0)  # refused: np.diff with prepend= can't be different
np.diff(x, append=x[:, :1])  # refused: np.diff with append= can't be differenti
np.ediff1d(x)
np.ediff1d(x, to_begin=1.0, to_end=[2.0, 3.0])  # refused: np.ediff1d with to_begin= can't be diffe
np.gradient(x)
np.gradient(x, axis=1)
np.gradient(x, 0.5, 2.0)
np.gradient(x, axis=0, edge_order=2)  # refused: np.gradient with edge_order=2, or spacin
np.trapezoid(x)
np.trapezoid(x, dx=0.5, axis=0)
np.trapezoid(x, np.array([0.0, 0.5, 0.7, 2.0]))
np.cov(x)
np.cov(x, rowvar=False)
np.cov(x, bias=True)
np.corrcoef(x)
np.sort(x)
np.sort(x, axis=0)
np.sort(x, axis=None)
np.partition(x, 1)
np.partition(x, 2, axis=None)
np.argsort(x)
np.argmax(x, axis=0)
np.argmin(x)
np.take(x, [0, 2, 2])
np.take(x, [0, 2], axis=1)
np.take(x, [5, -1], axis=1, mode="wrap")  # refused: np.take with mode='wrap' can't be differ
np.take_along_axis(x, np.argsort(x, axis=1), axis=1)
np.take_along_axis(x, np.array([[0, 1, 2, 0]]), 0)
np.compress([True, False, True], x, axis=0)
np.extract(x > 0.0, x)
np.choose([0, 1, 2, 0], x)  # refused: `np.choose` has no derivative rule
np.unique(x)  # refused: `np.unique` has no derivative rule
np.reshape(x, (4, 3))
np.reshape(x, -1)
np.reshape(x, (2, 6), order="F")
np.ravel(x)
np.ravel(x, order="F")
np.transpose(x)
np.transpose(x, (1, 0))
np.permute_dims(x, (1, 0))
np.swapaxes(x, 0, 1)
np.moveaxis(x, 0, -1)
np.rollaxis(x, 1)
np.matrix_transpose(x)
np.expand_dims(x, 1)
np.expand_dims(x, (0, 2))
np.squeeze(x[:, None])
np.squeeze(x[None], axis=0)
np.atleast_1d(x)
np.atleast_2d(x[0])
np.atleast_3d(x)
np.atleast_1d(x[0], x[1, 0])  # refused: np.atleast_1d with several arrays may re
np.broadcast_to(x, (2, 3, 4))
np.flip(x)
np.flip(x, axis=0)
np.flip(x, axis=(0, 1))
np.fliplr(x)
np.flipud(x)
np.rot90(x)
np.rot90(x, 2)
np.rot90(x, -1, axes=(1, 0))
np.roll(x, 1)
np.roll(x, -2, axis=1)
np.roll(x, (1, 2), axis=(0, 1))
np.tile(x, 2)
np.tile(x, (2, 1))
np.tile(x, (2, 1, 2))
np.repeat(x, 2)
np.repeat(x, 3, axis=0)
np.repeat(x, [1, 0, 2, 1], axis=1)
np.pad(x, 1)
np.pad(x, ((1, 0), (2, 1)))
np.pad(x, 1, constant_values=2.0)
np.pad(x, 2, mode="edge")
np.pad(x, 2, mode="reflect")
np.pad(x, (1, 2), mode="symmetric")
np.pad(x, 2, mode="wrap")
np.pad(x, 1, mode="linear_ramp", end_values=1.0)  # refused: np.pad with mode='linear_ramp' can't be
np.pad(x, 1, mode="mean")  # refused: np.pad with mode='mean' can't be differe
np.pad(x, 1, mode="maximum")  # refused: np.pad with mode='maximum' can't be diff
np.pad(x, 1, mode="minimum")  # refused: np.pad with mode='minimum' can't be diff
np.pad(x, 1, mode="median")  # refused: np.pad with mode='median' can't be diffe
np.pad(x, ((0, 1), (1, 0)), mode="reflect", reflect_type="odd")  # refused: np.pad with reflect_type= can't be diffe
np.split(x, 3)
np.split(x, [1, 3], axis=1)
np.array_split(x, 2)
np.vsplit(x, 3)
np.hsplit(x, 2)
np.dsplit(x[:, :, None] * np.ones(2), 2)
np.unstack(x)  # refused: the number of axes hangs on a value that
np.unstack(x, axis=1)  # refused: the number of axes hangs on a value that
np.diag(x)
np.diag(x, 1)
np.diag(x[0])
np.diag(x[0], -1)
np.diagonal(x)
np.diagonal(x, 1, 1, 0)
np.diagflat(x)  # refused: the type of this value couldn't be infer
np.tril(x)
np.tril(x, 1)
np.triu(x)
np.triu(x, -1)
np.trace(x)
np.trace(x, offset=1)
np.delete(x, 1, axis=0)
np.delete(x, [0, 2], axis=1)
np.delete(x, 3)
np.insert(x, 1, 2.0, axis=1)
np.insert(x, 2, x[0], axis=0)
np.insert(x, [0, 3], [1.0, 2.0])
np.resize(x, (2, 5))
np.resize(x, 20)
np.trim_zeros(x[0])  # refused: this value meets a value of another kind
np.copy(x)
np.array(x)
np.asarray(x)
np.ascontiguousarray(x.T)
np.asfortranarray(x)
np.full_like(x, 2.0) * x
np.full((2, 3), x[0, 0])
np.ones_like(x) * x
np.zeros_like(x) + x
np.empty_like(x).shape[0] * x
np.linspace(x[0, 0], x[1, 1], 5)
np.linspace(x[0], x[1], 4, axis=-1)
np.linspace(0.0, x[0, 0], 5, endpoint=False)
np.arange(4) * x
np.argwhere(x > 0.0)
np.nonzero(x)
np.count_nonzero(x)
np.searchsorted(np.sort(x[0]), 0.1)
np.digitize(x, [-1.0, 0.0, 1.0])
np.bincount([0, 1, 1, 2], x[0])
np.histogram(x)[0]  # refused: `np.histogram` has neither a derivative
np.isnan(x)
np.isfinite(x)
np.allclose(x, x)
np.array_equal(x, x)
np.any(x > 0.0)
np.all(x > 0.0)
np.shape(x)
np.size(x)
np.ndim(x)
np.piecewise(x, [x < 0.0, x >= 0.0], [lambda t: -t, lambda t: t ** 2])  # refused: no result type: float() argument must be
np.apply_along_axis(np.sum, 0, x)  # refused: `np.apply_along_axis` has no derivative
np.apply_along_axis(lambda r: r[::2] * r[0], 1, x)  # refused: no result type: 'Func' object is not cal
np.apply_over_axes(np.sum, x, [0, 1])
np.vectorize(lambda t: t * t + 1.0)(x)  # refused: which function is called here isn't know
np.fromfunction(lambda i, j: i + j, (3, 4)) * x
np.linalg.norm(x)
np.linalg.norm(x, axis=0)
np.linalg.norm(x, axis=1, keepdims=True)
np.linalg.norm(x, 1)
np.linalg.norm(x, -1)
np.linalg.norm(x, np.inf)
np.linalg.norm(x, -np.inf)
np.linalg.norm(x, 2)
np.linalg.norm(x, -2)
np.linalg.norm(x, "fro")
np.linalg.norm(x, "nuc")
np.linalg.norm(x, axis=(0, 1))
np.linalg.norm(x, 1, axis=1)
np.linalg.norm(x, 3, axis=0)
np.linalg.norm(x, np.inf, axis=1)
np.linalg.norm(x, -np.inf, axis=0)
np.linalg.norm(x, 0, axis=0)
np.linalg.matrix_norm(x)
np.linalg.vector_norm(x, axis=1)
np.linalg.svd(x)
np.linalg.svd(x, full_matrices=False)
np.linalg.svd(x, compute_uv=False)
np.linalg.svdvals(x)
np.linalg.qr(x.T)
np.linalg.qr(x)
np.linalg.qr(x.T, mode="r")
np.linalg.qr(x.T, mode="complete")
np.linalg.pinv(x)
np.linalg.lstsq(x.T, x[0])[0]
np.linalg.lstsq(x.T, x.T[:, :2])[0]
np.linalg.matrix_rank(x)
np.linalg.cond(x)
np.linalg.diagonal(x)
np.linalg.trace(x)
np.linalg.outer(x[0], x[1])
np.linalg.matmul(x, x.T)
np.linalg.tensordot(x, x, axes=2)
np.dot(x, x.T)
np.matmul(x, x.T)
np.einsum("ij->j", x)
np.einsum("ij->ji", x)  # refused: np.einsum with one operand and no sum ma
np.einsum("ij,jk->ik", x, x.T)
np.einsum("ij,kj,lj->ikl", x, x, x)
np.einsum(x, [0, 1], x, [2, 1], [0, 2])
np.fft.fft(x)
np.fft.fft(x, axis=0)
np.fft.fft(x, n=6)
np.fft.fft(x, n=3, norm="ortho")
np.fft.ifft(x)
np.fft.rfft(x)
np.fft.rfft(x, n=3)
np.fft.rfft(x, n=7, axis=0)
np.fft.fft2(x)
np.fft.ifft2(x)
np.fft.rfft2(x)
np.fft.fftn(x)
np.fft.fftn(x, s=(2, 6), axes=(0, 1))
np.fft.ifftn(x, norm="forward")
np.fft.rfftn(x)
np.fft.rfftn(x, s=(3, 3), axes=(0, 1))
np.fft.ihfft(x)
np.fft.fftshift(x)
np.fft.ifftshift(x, axes=0)
np.fft.fftfreq(4, 2.0) * x
np.lib.stride_tricks.sliding_window_view(x, 2, axis=1)
np.maximum.reduce(x, axis=0)
np.minimum.reduce(x)
np.add.reduce(x, axis=(0, 1))
np.add.accumulate(x, axis=1)
np.add.reduceat(x, [0, 2], axis=1)
np.maximum.accumulate(x, axis=1)
np.minimum.accumulate(x)
np.subtract.reduce(x, axis=0)
np.hypot.reduce(x, axis=0)
x.sum()
x.sum(axis=1)
x.mean(0)
x.var(axis=1)
x.std()
x.max(axis=0)
x.min()
x.prod(axis=1)
x.cumsum(axis=0)
x.cumprod(1)
x.T
x.reshape(4, 3)
x.reshape((2, -1))
x.ravel()
x.flatten()
x.flatten("F")
x.transpose(1, 0)
x.swapaxes(0, 1)
x.squeeze()
x.diagonal()
x.trace()
x.clip(-1.0, 1.0)
x.round(1)
x.repeat(2, axis=1)
x.take([0, 1], axis=0)
x.compress([True, False, True], axis=0)
x.dot(x.T)
x.copy()
x.astype(np.float64)
x.item(0)  # refused: item with an index can't be differentiat
x.tolist()
x.argsort()
x.real
x.imag
x.conj()
x.mT
x[1]
x[-1, 2]
x[:, 1:3]
x[::2, ::-1]
x[..., None]
x[[0, 2, 0]]
x[:, [1, 1, 3]]
x[[0, 1], [1, 2]]
x[(0, 1, 0), (3, 3, 2)]
x[x > 0.0]
x[np.array([0, 2])[:, None], [1, 2, 3]]
x[np.ix_([0, 2], [1, 3])]
x.flat[3]
"""),
    (V, """
np.dot(x, x)
np.inner(x, x)
np.vdot(x, x)
np.outer(x, x)
np.cross(x[:3], x[2:])
np.cross(x[:3], np.ones((2, 3)))
np.convolve(x, x[:3])
np.convolve(x, x[:2], mode="same")
np.convolve(x, x[:3], mode="valid")
np.correlate(x, x[:3])
np.correlate(x, x[:2], mode="full")
np.correlate(x, x[:3], "same")
np.vander(x)
np.vander(x, 3, increasing=True)
np.polyval(x, 0.7)
np.polyval([1.0, -2.0, 0.5], x)
np.polyfit(np.arange(5.0), x, 2)
np.polyder(x)
np.polyint(x)  # refused: `np.polyint` has neither a derivative ru
np.polymul(x, x[:2])  # refused: `np.polymul` has neither a derivative ru
np.polyadd(x, x[:2])
np.polysub(x, x[:3])
np.poly(x[:3])  # refused: this value meets a value of another kind
np.roots([1.0, -3.0, 1.5]) * x[0]  # refused: the type of this value couldn't be infer
np.polynomial.polynomial.polyval(0.3, x)
np.polynomial.chebyshev.chebval(0.3, x)
np.polynomial.legendre.legval(0.3, x)
np.polynomial.hermite.hermval(0.3, x)
np.interp(0.3, np.arange(5.0), x)
np.interp([0.3, 2.7, 9.0], np.arange(5.0), x, right=1.0)
np.interp(x, np.linspace(-2.0, 2.0, 4), [0.3, 0.8, -1.0, 2.0])
np.trapezoid(x, x=np.array([0.0, 1.0, 1.5, 2.0, 4.0]))
np.diff(x, n=3)
np.ediff1d(x)
np.gradient(x)
np.gradient(x, np.array([0.0, 1.0, 1.5, 2.0, 4.0]))  # refused: np.gradient with edge_order=2, or spacin
np.unwrap(x * 3.0)  # refused: the type of this value couldn't be infer
np.trim_zeros(x)  # refused: this value meets a value of another kind
np.linalg.norm(x)
np.linalg.norm(x, 1)
np.linalg.norm(x, 3)
np.linalg.norm(x, np.inf)
np.linalg.norm(x, -np.inf)
np.linalg.norm(x, 0)
np.linalg.vector_norm(x, ord=3)
np.linalg.cross(x[:3], x[2:])
np.fft.rfft(x)
np.fft.ihfft(x)
np.fft.fft(x, 3)
np.median(x)
np.quantile(x, [0.1, 0.75])
np.sort(x)[::-1]
np.partition(x, (1, 3))
np.array([x[0], x[1] * x[2], 1.0])
np.array([[x[0], 1.0], [x[1], x[2]]])
np.geomspace(x[0] ** 2 + 0.1, 3.0, 4)  # refused: `np.geomspace` has no derivative rule
np.logspace(x[0], x[1], 4)  # refused: `np.logspace` has no derivative rule
np.float64(x[0]) * x
np.asarray([x[0], x[1]])
np.sum([x[0], x[1] ** 2])
np.max([x[0], x[1], x[2]])
np.fromiter((t * t for t in x), float)
np.bincount(np.array([0, 1, 1, 2, 4]), weights=x, minlength=6)  # refused: no result type: bincount() got multiple
np.nan_to_num(x, nan=1.0)
np.add.reduceat(x, [0, 2, 3])
np.multiply.reduce(x)
np.logaddexp.reduce(x)
np.roll(x, 2)
np.tile(x, (2, 2))
np.expand_dims(x, 0)
np.hstack([x, 1.0])
np.r_[x, 0.0, x[0]]
np.c_[x, x * x]
sum(x)
max(x)
min(x)
x @ x
"""),
    (SQ, """
np.linalg.det(x)
np.linalg.slogdet(x)
np.linalg.inv(x)
np.linalg.solve(x, np.array([1.0, 2.0, 3.0]))
np.linalg.solve(x, x.T[:, :2])
np.linalg.solve(x, x[0])
np.linalg.matrix_power(x, 3)
np.linalg.matrix_power(x, -2)
np.linalg.matrix_power(x, 0)
np.linalg.eigvalsh(x)
np.linalg.eigh(x)[0]
np.linalg.eigh(x, UPLO="U")[0]
np.linalg.svd(x)[1]
np.linalg.qr(x)
np.linalg.pinv(x)
np.linalg.cond(x)
np.linalg.cond(x, 1)
np.linalg.cond(x, "fro")
np.linalg.multi_dot([x, x.T, x])
np.linalg.tensorsolve(x, x[0])
np.linalg.tensorinv(np.reshape(x, (3, 1, 3)), ind=1)  # refused: no result type: Singular matrix
np.linalg.norm(x, 2)
np.linalg.norm(x, "nuc")
np.real(np.linalg.eigvals(x + 9.0 * np.diag([1.0, 2.0, 3.0])))
np.real(np.linalg.eig(x + 9.0 * np.diag([1.0, 2.0, 3.0]))[0])
x @ x
np.trace(x @ x)
np.einsum("ii", x)
np.einsum("ii->i", x)  # refused: np.einsum with one operand and no sum ma
np.diagonal(np.linalg.inv(x))
np.fill_diagonal(x, 0.0)
"""),
    (SPD, """
np.linalg.cholesky(x)
np.linalg.cholesky(x, upper=True)
np.linalg.eigh(x)
np.linalg.eigvalsh(x)
np.linalg.slogdet(x)[1]
np.linalg.solve(x, np.eye(3))
"""),
    ("x: (2,3,3); y: (2,3)", """
np.matmul(x, y[:, :, None])
np.matmul(x, x)
np.matmul(y, x)
np.dot(y, x)
np.linalg.solve(x, y[:, :, None])
np.linalg.inv(x)
np.linalg.det(x)
np.linalg.slogdet(x)[1]
np.linalg.svd(x)[1]
np.linalg.eigvalsh(x)
np.linalg.norm(x, axis=(1, 2))
np.linalg.matrix_power(x, 2)
np.matvec(x, y)
np.vecmat(y, x)
np.inner(y, x)
np.tensordot(x, y, axes=([1], [1]))
np.einsum("bij,bj->bi", x, y)
np.einsum("bij,bj,bi->b", x, y, y)
np.einsum("...ij,...j->...i", x, y)
np.einsum("bij->bji", x)  # refused: np.einsum with one operand and no sum ma
np.cross(x, y[:, None])
np.transpose(x, (2, 0, 1))
np.moveaxis(x, (0, 1), (-1, 0))
np.rollaxis(x, 2)
np.sum(x, axis=(0, 2))
np.mean(x, axis=(1, 2), keepdims=True)
np.max(x, axis=(0, 2))
np.cumsum(x, axis=1)
np.diff(x, axis=1)
np.concatenate([x, y[:, None]], axis=1)
np.trace(x, axis1=1, axis2=2)
np.diagonal(x, axis1=1, axis2=2)
np.fft.fft2(x)
np.fft.rfftn(x, axes=(0, 2))
np.kron(x[0], y)
np.swapaxes(x, 0, 2)
np.stack([x[0], x[1]], axis=2)
np.linalg.vecdot(x, y[:, None])
np.take_along_axis(x, np.array([[[0], [1], [2]]] * 2), axis=2)
x @ np.ones(3)
x[0] @ y[1]
x[:, 0] * y
x.sum(axis=(1, 2))
"""),
    (Z, """
np.real(x)
np.imag(x)
np.conj(x)
np.abs(x)
np.angle(x)
np.angle(x, deg=True)
np.exp(x)
np.log(x)
np.sqrt(x)
np.sin(x)
np.cos(x)
np.tan(x)
np.sinh(x)
np.cosh(x)
np.tanh(x)
np.arcsin(x)
np.arccos(x)
np.arctan(x)
np.arcsinh(x)
np.arccosh(x)
np.arctanh(x)
np.expm1(x)
np.log1p(x)
np.square(x)
np.reciprocal(x)
np.sinc(x)
np.sum(x)
np.prod(x)
np.mean(x)
np.var(x)
np.cumsum(x)
np.dot(x, x)
np.vdot(x, x)
np.outer(x, x)
np.convolve(x, x[:2])
np.correlate(x, x[:2])
np.linalg.norm(x)
np.linalg.norm(x, 1)
np.fft.fft(x)
np.fft.ifft(x, 6)
np.fft.irfft(x)
np.fft.irfft(x, 5)
np.fft.hfft(x)
np.where(np.real(x) > 0.0, x, np.conj(x))
np.power(x, 2.5)
np.polyval(x, 0.3)
np.concatenate([x, np.conj(x)])
x * np.conj(x)
x ** 3
x / (1.0 + x)
x.real * x.imag
abs(x)
"""),
    ("x: (3,3) complex", """
np.linalg.det(x)
np.linalg.inv(x)
np.linalg.solve(x, x[0])
np.linalg.slogdet(x)
np.linalg.matrix_power(x, 2)
np.linalg.norm(x)
np.linalg.svd(x)[1]
np.linalg.svd(x, compute_uv=False)
np.linalg.eigvalsh(x)
np.linalg.eigh(x)[0]
np.linalg.pinv(x)
np.linalg.qr(x)[1]
np.matmul(x, x)
np.einsum("ij,jk->ik", x, x)
np.kron(x, x)
np.trace(x)
np.fft.fft2(x)
np.fft.irfft2(x)
np.fft.irfftn(x, s=(3, 5), axes=(0, 1))
x.conj().T @ x
"""),
    (NUM, """
np.sin(x)
np.exp(x) * x
np.sqrt(x)
np.sum(x)
np.array(x)
np.array([x, 2.0 * x])
np.full(3, x)
np.std(x)
np.clip(x, 0.0, 1.0)
np.linspace(0.0, x, 4)
np.arange(3) * x
np.polyval([x, 1.0, x], 2.0)
np.eye(3) * x
np.maximum(x, 0.5)
np.interp(x, [0.0, 0.5, 1.0], [1.0, 3.0, 2.0])
np.float64(x)
np.trapezoid([x, x * x, 1.0])
np.tile(x, 3)
np.atleast_2d(x)
np.cumsum([x, x * x])
"""),
    (NUM2, """
np.hypot(x, y)
np.power(x, y)
np.arctan2(x, y)
np.outer([x, y], [y, 1.0])
np.dot([x, y], [y, x])
np.stack([x, y])
np.linalg.norm([x, y])
np.linalg.det([[x, y], [1.0, x]])
np.linalg.solve([[x, y], [1.0, x]], [1.0, y])
np.where(x > y, x, y)
np.mod(y, x)
np.polyval([x, y], 0.3)
np.add.outer([x, y], [1.0, x])
np.average([x, y], weights=[y, x])
np.cross([x, y, 1.0], [y, x, 2.0])
np.concatenate([[x], [y, 1.0]])
np.max([x, y])
np.prod([x, y, x])
np.interp(0.3, [0.0, x, 2.0], [y, x, 1.0])
np.block([[x, y], [y, x]])
"""),
    ("x: (0,3)", """
np.sin(x)
np.sum(x)
np.sum(x, axis=0)
np.prod(x, axis=1)
np.concatenate([x, x])
np.transpose(x)
np.reshape(x, (3, 0))
np.cumsum(x, axis=0)
np.sort(x, axis=0)
x @ np.ones(3)
x * x
"""),
    ("x: (3,4,4); y: (4,4,3)", """
np.linalg.solve(x, np.ones((3, 4, 2)))
np.linalg.solve(np.eye(4) + 0.1 * np.ones((3, 4, 4)), x)
np.einsum("ijk,lji,lli->lki", x, y, np.ones((4, 4, 3)))
np.einsum("ijk,lji->lki", x, y)
np.einsum(x, (0, 1, 2), y, (3, 1, 0), (3, 2, 0))
np.einsum(x, [0, 1, 2], y, [3, 1, 0])
np.einsum("i...,...i->...", x, y)
"""),
    ("x: (2,3) list", """
np.sum(x)
np.array(x)
np.stack(x)
np.concatenate(x)
np.vstack(x)
np.hstack(x)
np.column_stack(x)
np.block(x)
np.dot(x, x[0])
x[0] * x[1]
sum(x)
"""),
    ("x: (2,3,2) list", """
np.block(x)
np.concatenate(x, axis=1)
np.stack(x, axis=-1)
np.select([x[0] > 0.0, x[1] > 0.0], x)  # refused: an array or list whose length is known o
"""),
    ("x: ()", """
np.sin(x)
np.sum(x)
np.exp(x) + x
np.reshape(x, (1, 1))
np.atleast_1d(x)
np.stack([x, x])
np.broadcast_to(x, (2, 3))
np.maximum(x, 0.0)
np.where(x > 0.0, x, -x)
x * np.ones(3)
"""),
    ("x: (1,1)", """
np.sum(x)
np.squeeze(x)
np.broadcast_to(x, (3, 4))
np.linalg.inv(x)
np.std(x)
np.std(x + np.zeros((1, 1)), axis=0)
x + np.ones((2, 3))
x @ x
x.item()
"""),
]  # fmt: skip
