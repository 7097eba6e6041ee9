"""The table of calls for NumPy, continued: options, and what NumPy has beside its plain functions. See calls.py."""

TABLE = [
    ("A: (3,4)", """
np.cov(A)
np.cov(A, rowvar=False)
np.cov(A, bias=True)
np.cov(A, ddof=0)
np.cov(A, fweights=np.array([1, 2, 1, 3]))
np.cov(A, aweights=np.array([1., 2., .5, 1.]))
np.corrcoef(A)
np.corrcoef(A, rowvar=False)
np.diagflat(A, 1)
np.i0(A)
np.unwrap(A * 4, axis=0)
np.vecdot(A, A * 2)
np.vecdot(A, A[0])
np.matvec(A, A[0])
np.cumulative_sum(A, axis=1)
np.cumulative_sum(A, axis=0, include_initial=True)
np.cumulative_prod(A, axis=-1, include_initial=True)
np.linalg.diagonal(A, offset=1)
np.linalg.matrix_norm(A)
np.linalg.matrix_norm(A, ord=1)
np.linalg.matrix_norm(A, ord=2)
np.linalg.svdvals(A)
np.linalg.vecdot(A, A * 2)
np.linalg.vecdot(A, A * 2, axis=0)
np.linalg.vector_norm(A)
np.linalg.vector_norm(A, axis=0, ord=3)
np.linalg.vector_norm(A, ord=1)
np.linalg.cond(A)
np.fft.ihfft(A, n=6, axis=0, norm="forward")
np.apply_along_axis(np.sum, 0, A)
np.linalg.norm(A, ord="nuc")
np.linalg.norm(A, "fro")
np.linalg.norm(A, 1)
np.linalg.norm(A, -1)
np.linalg.norm(A, 2)
np.linalg.norm(A, -2)
np.linalg.norm(A, np.inf)
np.linalg.norm(A, -np.inf)
np.linalg.norm(A, axis=0)
np.linalg.norm(A, axis=(0, 1))
np.linalg.norm(A, axis=1, keepdims=True)
np.linalg.norm(A, 3, axis=-1, keepdims=True)
np.linalg.norm(A, keepdims=True)
np.diff(A, axis=0, prepend=0.0)
np.diff(A, n=2, axis=1, append=A[:, :1])
np.take(A, [0, 2], axis=1)
np.take(A, 1, axis=0)
np.percentile(A, 30.0, axis=0)
np.percentile(A, 30.0, axis=(0, 1))
np.quantile(A, np.array([0.2, 0.7]), axis=1)
np.quantile(A, 0.3, axis=1, keepdims=True)
np.median(A, axis=(0, 1))
np.median(A, axis=0, keepdims=True)
np.pad(A, 1, mode="mean", stat_length=2)
np.pad(A, ((1, 2), (0, 1)), mode="wrap")
np.add.reduce(A)
np.add.reduce(A, axis=(0, 1))
np.add.reduce(A, axis=None)
np.add.reduce(A, axis=1, keepdims=True)
np.multiply.reduce(A, axis=0)
np.subtract.reduce(A)
np.maximum.reduce(A, axis=1)
np.minimum.reduce(A, axis=None)
np.fmin.reduce(A, axis=0)
np.hypot.reduce(A, axis=1)
np.logaddexp.reduce(A, axis=0)
np.logaddexp2.reduce(A, axis=0)
np.logaddexp.reduce(A, axis=None)
np.add.accumulate(A)
np.add.accumulate(A, axis=1)
np.multiply.accumulate(A, axis=1)
np.maximum.accumulate(A)
np.add.reduceat(A, np.array([0, 2]), axis=1)
np.std(A, axis=0, where=(np.arange(12).reshape(3, 4) % 3 > 0))
np.sum(A, axis=1, where=(np.arange(12).reshape(3, 4) % 3 > 0), keepdims=True)
np.prod(A, axis=(0, 1), keepdims=True)
np.max(A, axis=(0, 1))
np.var(A, axis=0, ddof=1)
np.var(A, correction=1)
np.var(A, axis=0, mean=np.mean(A, axis=0, keepdims=True))
np.std(A, mean=np.mean(A, keepdims=True))
np.average(A, axis=1, weights=A[0]**2 + 1.0)
np.average(A, axis=0, weights=np.array([1., 2., 3.]), returned=True)[0]
np.average(A, axis=0, weights=np.array([1., 2., 3.]), returned=True)
np.ptp(A, axis=0)
np.linalg.qr(A)
np.linalg.qr(A, mode="complete")
np.linalg.svd(A, full_matrices=False)
np.linalg.svd(A)
np.linalg.svd(A, compute_uv=False)
np.linalg.pinv(A)
np.linalg.pinv(A, rcond=1e-10)
np.einsum("ij->ji", A)
np.einsum("...i,...i", A, A)
np.einsum("ij->", A)
np.tile(A, (2, 3))
np.tile(A, (2, 1, 2))
np.fft.rfft2(A)
np.fft.fft(A, axis=0, norm="forward")
np.fft.fftshift(A, axes=1)
np.full_like(A, A[0])
np.sort(A, axis=0)
np.sort(A, axis=None)
np.sort(A)[::-1]
np.divide.reduce(A)
np.divide.reduce(A, axis=1)
np.divide.accumulate(A, axis=1)
np.logaddexp.accumulate(A)
np.multiply.reduceat(A, [0, 2, 1], axis=1)
A.sum((0, 1), keepdims=True)
A.mean(0, where=(np.arange(12).reshape(3, 4) % 3 > 0))
A.prod(1)
A.std(ddof=1)
A.var(0, ddof=1, keepdims=True)
A.min(0, where=(np.arange(12).reshape(3, 4) % 3 > 0), initial=5.0)
A.cumprod(axis=1)
A.flatten("F")
A.item(1, 2)
A.item((1, 2))
A.repeat(2, axis=0)
A.reshape(4, 3)
A.reshape((2, -1))
A.squeeze()
A @ A[0]
A @ np.ones((2, 4, 5))
np.inner(A, A)
np.roll(A, (1, 2), axis=(0, 1))
np.rot90(A, k=3)
np.block([[A, A], [np.zeros((1, 8))]])
np.split(A, [1, 2], axis=1)[1]
np.hsplit(A, 2)[0]
np.triu(A, 1)
np.diag(A, -1)
np.append(A, A, axis=1)
np.delete(A, [0, 2], axis=1)
np.atleast_3d(A)
np.trapezoid(A, dx=0.5, axis=0)
np.take_along_axis(A, np.argsort(A, axis=0), axis=0)
np.compress(np.array([False, True, True, False]), A, axis=1)
np.extract((np.arange(12).reshape(3, 4) % 3 > 0), A)
np.fliplr(A) + np.flipud(A)
np.stack((A, A), axis=-1)
np.dstack((A, A))
np.concatenate((A, A), axis=None)
np.squeeze(A[:, :1], axis=1)
np.ediff1d(A)
np.gradient(A)
np.cumsum(A, dtype=np.float64)
np.average(A, weights=A**2)
np.fft.fft2(A)
np.maximum(A, 0.0)
np.where(A > 0, A, 0.1 * A)
np.apply_along_axis(np.cumsum, 1, A)
np.array(A, ndmin=3)
np.quantile(A, [0.1, 0.5], axis=0, keepdims=True)
"""),
    ("B: (2,3,3) spd", """
np.linalg.cond(B)
np.linalg.eigvals(B)  # refused: program returns a complex number; a grad
np.linalg.cholesky(B)
np.linalg.cholesky(B, upper=True)
np.linalg.eigh(B)
np.linalg.inv(B)
np.linalg.det(B)
np.linalg.slogdet(B)
np.einsum("bij,bjk->bik", B, B)
np.linalg.eigvalsh(B)
"""),
    ("C: (3,3) complex", """
np.linalg.eigvals(C)
np.linalg.qr(C)[1]
np.linalg.eigvalsh(C)
np.linalg.eigh(C @ np.conj(C.T))[0]
np.abs(np.linalg.eigh(C @ np.conj(C.T))[1])
np.linalg.cholesky(C @ np.conj(C.T))
np.linalg.inv(C)
np.linalg.det(C)
np.vdot(C, C)
np.linalg.slogdet(C)[1]
"""),
    ("D: (4,3)", """
np.linalg.qr(D)
np.linalg.qr(D, mode="complete")[1]
np.linalg.qr(D, mode="complete")
np.linalg.qr(D, mode="r")
np.linalg.qr(np.stack((D, D * 2)))
np.vsplit(D, 2)[1]
"""),
    ("H: (3,4) complex", """
np.cov(H)
np.fft.hfft(H, axis=0)
np.linalg.norm(H)
np.linalg.norm(H, axis=1)
np.linalg.norm(H, 1)
np.linalg.norm(H, "nuc")
np.linalg.svd(H, compute_uv=False)
np.abs(np.linalg.svd(H, full_matrices=False)[0])
np.linalg.pinv(H)
np.fft.irfftn(H)
np.fft.irfft2(H, s=(3, 5))
np.fft.ifft2(H)
H.T
"""),
    ("P: (3,3) spd", """
np.linalg.tensorinv(np.reshape(P, (3, 3)), ind=1)
np.linalg.cholesky(P, upper=True)
np.linalg.cholesky(P)
np.linalg.svd(P, hermitian=True)[1]
np.linalg.svd(P, hermitian=True, compute_uv=False)
np.linalg.pinv(P, hermitian=True)
np.linalg.eigh(P)
np.linalg.eigh(P, UPLO="U")
"""),
    ("S: (3,3) spd", """
np.poly(S)  # refused: np.poly with a matrix can't be different
np.linalg.trace(S)
np.linalg.cond(S)
np.linalg.cond(S, 1)
np.linalg.cond(S, "fro")
np.linalg.cond(S, np.inf)
np.linalg.cond(S, -2)
np.linalg.eig(S)[0]  # refused: program returns a complex number; a grad
np.abs(np.linalg.eig(S)[1])
np.linalg.eigvals(S)  # refused: program returns a complex number; a grad
np.linalg.qr(S, mode="complete")
np.linalg.qr(S, mode="raw")  # refused: np.linalg.qr with mode='raw' can't be di
np.linalg.slogdet(S)[1]
np.linalg.matrix_power(S, 3)
np.linalg.matrix_power(S, 0)
np.linalg.matrix_power(S, -2)
np.einsum("ii", S)
np.einsum("ii->i", S)
S.trace()
np.tri(3) * S
"""),
    ("T: (2,3,4)", """
np.apply_over_axes(np.sum, T, (0, 2))
np.apply_over_axes(np.mean, T, [0, -1])
np.linalg.diagonal(T)
np.linalg.matrix_norm(T, ord="nuc")
np.linalg.matrix_norm(T, keepdims=True)
np.linalg.svdvals(T)
np.linalg.trace(T, offset=1)
np.linalg.vector_norm(T, axis=(0, 2), keepdims=True)
np.linalg.norm(T, axis=(0, 2))
np.linalg.norm(T, ord=2, axis=(0, 2))
np.linalg.norm(T, ord=1, axis=(2, 0))
np.linalg.norm(T, ord="nuc", axis=(1, 2), keepdims=True)
np.median(T, axis=(0, 2), keepdims=True)
np.add.reduce(T, axis=(0, -1))
np.multiply.reduce(T, axis=(0, 2))
np.logaddexp.reduce(T, axis=(0, 1))
np.average(T, axis=(0, 1), weights=np.ones((2, 3)))
np.linalg.svd(T, full_matrices=False)
np.linalg.svd(T)[1]
np.linalg.pinv(T)
np.tile(T, 2)
np.fft.rfftn(T, s=(3, 5), axes=(0, 2))
np.fft.fftn(T, axes=(0, 2), norm="ortho")
np.divide.reduce(T, -1)
T.diagonal(axis1=1, axis2=2)
T.swapaxes(0, 2)
T.transpose(2, 0, 1)
T.transpose((1, 0, 2))
np.rot90(T, axes=(1, 2))
np.flip(T, (0, 2))
np.moveaxis(T, [0, 1], [-1, -2])
np.rollaxis(T, 2)
np.rollaxis(T, 0, 3)
np.dsplit(T, 2)[0]
np.tril(T, -1)
np.swapaxes(T, 0, -1)
np.linalg.inv(T @ T.transpose(0, 2, 1))
np.fft.rfftn(T)
"""),
    ("c: (5,) complex", """
np.sort_complex(c)
np.real_if_close(c)
np.fft.hfft(c)
np.fft.hfft(c, 6)
np.fft.hfft(c, n=4, norm="ortho")
np.linalg.norm(c, 3)
np.linalg.norm(c, np.inf)
np.linalg.norm(c, 1)
np.fft.fft(c, 3)
np.fft.irfft(c)
np.fft.irfft(c, 5)
np.fft.irfft(c, 4)
np.fft.irfft(c, 12)
np.sort(c)
c.conj()
c.real
c.imag
np.angle(c)
np.angle(c, deg=True)
np.abs(c)
np.exp(c)
np.log(c)
np.sqrt(c)
np.real(c) * np.imag(c)
np.fft.hfft(c, 5, norm="ortho")
np.square(c)
"""),
    ("s: number in 0.5..0.9", """
np.kaiser(5, s)
np.longlong(3) * s
np.bincount(np.array([0, 1, 1, 3, 0])) * s
np.zeros(3) + np.array([s] * 3)
np.tile(s, 3)
np.full(3, s, dtype=float)
np.roots([1.0, -3.0, 1.0 + 0.1 * s])  # refused: program returns a complex number; a grad
np.frexp(s)[0]
np.modf(s)
np.i0(s)
"""),
    ("t: number in 1.1..1.6", """
np.kaiser(4, t)
"""),
    ("u: (3,) in 0.3..1.9", """
np.diagflat(u)
np.diagflat(u, k=-1)
np.i0(u)
np.roots(u)
np.bitwise_count(np.array([1, 2, 3])) * u
u @ np.ones((2, 3, 5))
np.vander(u, increasing=True)
np.full((2, 3), u, dtype=float)
"""),
    ("x: (5,) in 0.3..2.7", """
np.frexp(x)[0]
np.modf(x)[0]
np.hamming(5) * x
np.hanning(5) * x
np.kaiser(5, 8.6) * x
np.bartlett(5) * x
np.blackman(5) * x
np.histogram(x, bins=3)[1]
np.histogram_bin_edges(x, bins=3)
np.poly(x)
np.polyder(x, 2)
np.polyint(x, 2)
np.polyint(x, 1, 0.5)
np.abs(np.roots(x))
np.unwrap(x * 4)
np.unwrap(x * 4, period=3.0)
np.cumulative_sum(x)
np.cumulative_prod(x)
np.sort_complex(x)
np.trim_zeros(np.concatenate((np.zeros(2), x, np.zeros(1))))
np.unique_values(x)
np.unique(x, return_inverse=True)[0]
np.unique_all(x).values
np.unique_counts(x)[0]
np.unique_inverse(x)[0]
np.fft.ihfft(x, 4)
np.asarray_chkfinite(x) * 2
np.require(x) * 2
np.fromiter((z * z for z in x), float)
np.fromiter([z * z for z in x], dtype=float)
np.finfo(float).eps * x
np.finfo(x.dtype).eps * x
np.linalg.norm(x, 0.5)
np.linalg.norm(x, 2.5)
np.diff(x, prepend=0.0, append=0.0)
np.take(x, np.array([0, 7, -1]), mode="wrap")
np.take(x, np.array([0, 7, -1]), mode="clip")
x.take(np.array([6, 1]), mode="wrap")
np.percentile(x, [20.0, 50.0])
np.quantile(x, 0.3, method="lower")
np.quantile(x, 0.3, method="higher")
np.quantile(x, 0.3, method="midpoint")
np.quantile(x, 0.3, method="nearest")
np.quantile(x, 0.3, method="hazen")
np.quantile(x, 0.3, method="weibull")
np.quantile(x, 0.3, method="linear")
np.quantile(x, 0.3, method="median_unbiased")
np.quantile(x, 0.3, method="normal_unbiased")
np.quantile(x, 0.3, method="inverted_cdf")
np.quantile(x, 0.3, method="averaged_inverted_cdf")
np.quantile(x, 0.3, method="closest_observation")
np.quantile(x, 0.3, method="interpolated_inverted_cdf")
np.quantile(x, 0.3, weights=np.array([1.0, 2.0, 1.0, 0.5, 0.5]), method="inverted_cdf")
np.bincount(np.array([0, 1, 1, 3, 0]), weights=x)
np.bincount(np.array([0, 1, 1, 3, 0]), x, minlength=6)
np.pad(x, 2)
np.pad(x, 2, mode="linear_ramp")
np.pad(x, 2, mode="maximum")
np.pad(x, 2, mode="maximum", stat_length=2)
np.pad(x, 2, mode="mean")
np.pad(x, 2, mode="median")
np.pad(x, 2, mode="minimum")
np.pad(x, 2, mode="reflect", reflect_type="odd")
np.pad(x, 2, mode="symmetric")
np.pad(x, 2, mode="symmetric", reflect_type="odd")
np.pad(x, 2, mode="empty")[2:-2]
np.add.reduce(x, where=np.array([True, False, True, True, False]))
np.add.reduce(x, where=np.array([True, False, True, True, False]), initial=2.0)
np.multiply.reduce(x, where=np.array([True, False, True, True, False]))
np.divide.reduce(x)
np.power.reduce(x[:3])  # refused: `np.power.reduce`
np.maximum.reduce(x, initial=0.0, where=np.array([True, False, True, True, False]))
np.fmax.reduce(x)
np.subtract.accumulate(x)
np.divide.accumulate(x)
np.logaddexp.accumulate(x)
np.fmax.accumulate(x)
np.multiply.reduceat(x, [0, 2, 3])
np.maximum.reduceat(x, [0, 2, 3])
np.minimum.reduceat(x, [0, 2])
np.sum(x, where=np.array([True, False, True, True, False]))
np.mean(x, where=np.array([True, False, True, True, False]))
np.prod(x, where=np.array([True, False, True, True, False]))
np.max(x, where=np.array([True, False, True, True, False]), initial=0.0)
np.min(x, where=np.array([True, False, True, True, False]), initial=9.0)
np.var(x, where=np.array([True, False, True, True, False]))
np.fft.rfft(x, 3)
np.fft.rfft(x, 8)
np.fft.fft(x, 7)
np.full((3, 5), x)
np.partition(x, 2)
np.histogram(x, 4, density=True)[0]
np.histogram(x, "auto")[1]
np.minimum.reduceat(x, np.array([3, 2, 0]))
np.hypot.reduce(x)
np.hypot.accumulate(x)
np.arctan2.reduce(x)  # refused: `np.arctan2.reduce`
x.sum(where=np.array([True, False, True, True, False]))
x.clip(0.5, 1.5)
x.take([0, -1])
x.compress(np.array([True, False, True, True, False]))
x.cumsum()
x.astype(complex)
x.view()
x.tolist()[0]
x + [1.0, 2.0, 3.0, 4.0, 5.0]
[1.0, 2.0, 3.0, 4.0, 5.0] * x
x - (1, 2, 3, 4, 5)
2 ** x
x // 1.0 + x % 0.7
-x
+x
abs(x - 1.0)
np.roll(x, -2)
np.array_split(x, 3)[1]
np.delete(x, slice(0, 2))
np.resize(x, (2, 4))
np.vander(x, 3)
np.sinc(x - 0.7)
np.broadcast_to(x, (2, 5))
np.gradient(x, 0.5)
np.gradient(x, np.cumsum(np.ones(5)))
np.stack([x] * 3)
np.percentile(x, q=[10, 90])
"""),
    ("y: (5,) in 0.4..2.4", """
np.histogram(np.array([0.5,1.5,2.5,0.7,1.1]), bins=3, weights=y)[0]
"""),
    ("A: (3,4); D: (4,3)", """
np.linalg.matmul(A, D)
np.linalg.tensordot(A, D, axes=1)
np.linalg.lstsq(D, A[0][:4], rcond=None)[0]
np.linalg.lstsq(D, A.T, rcond=None)
np.einsum("ij,jk", A, D)
np.einsum("ij,jk,kl->il", A, D, A, optimize=True)
np.einsum(A, [0, 1], D, [1, 2], [0, 2])
np.einsum(A, [0, 1], D, [1, 2])
A.dot(D)
np.trapezoid(A, D.T)
np.linalg.lstsq(D, A.T, rcond=None)[0]
np.linalg.multi_dot([A, D])
"""),
    ("A: (3,4); H: (3,4) complex", """
np.vecdot(H, A)
"""),
    ("A: (3,4); T: (2,3,4)", """
np.vecdot(A, T[0], axis=0)
np.matvec(T, A[0])
np.average(T, axis=(1, 2), weights=A**2)
np.einsum("...ij,...j->...i", T, A[0])
T @ A[0]
np.dot(A, T.transpose(0, 2, 1))
np.tensordot(T, A, axes=([1, 2], [0, 1]))
np.kron(T, A)
"""),
    ("A: (3,4); s: number in 0.5..0.9", """
np.isfortran(A) * s
np.sum(A, axis=(0, 1), initial=s)
np.prod(A, axis=0, initial=s)
A.max(initial=s)
np.dot(s, A)
np.linalg.matrix_rank(A) * s
"""),
    ("C: (3,3) complex; H: (3,4) complex", """
np.vecmat(C[0], H)
"""),
    ("D: (4,3); H: (3,4) complex", """
np.conj(H) @ D
"""),
    ("D: (4,3); T: (2,3,4)", """
T @ D
np.dot(T, D)
np.tensordot(T, D, 1)
"""),
    ("S: (3,3) spd; B: (2,3,3) spd", """
np.matmul(B, S)
"""),
    ("S: (3,3) spd; s: number in 0.5..0.9", """
np.linalg.matrix_rank(S) * s
"""),
    ("T: (2,3,4); B: (2,3,3) spd", """
np.linalg.solve(B, T)
"""),
    ("s: number in 0.5..0.9; t: number in 1.1..1.6", """
np.geomspace(s, t, 5)
np.logspace(s, t, 5)
np.logspace(s, t, 5, base=2.0)
np.array([[s, t], [1.0, s * t]])
np.array([s, [t][0], 2])
np.array([[s, t], [t, s]]) @ np.array([t, s])
np.asarray([s, t])
np.array([np.array([s, t]), np.array([t, s])])
np.array((s, t, 1))
np.array([[[s], [t]]])
np.max([s, t])
np.dot([s, t], [t, 1.0])
np.linalg.norm([s, t])
np.cov([s, t, 1.0])
np.nanmedian([s, t, 1.0])
np.nanprod([s, t])
np.unique([s, t])
np.union1d([s], [t])
np.vecdot([s, t], [t, 1.0])
np.poly([s, t])
np.polymul([s, t], [1.0, s])
np.polyadd([s, t], 2.0)
np.pad([s, t], 1, mode="edge")
np.linalg.cond([[s, 0.1], [0.2, t]])
np.linalg.eigvals([[s, 0.1], [0.2, t]])  # refused: program returns a complex number; a grad
np.linalg.qr([[s, 0.1], [0.2, t]])
np.histogram([s, t, 0.1], 2, weights=[1.0, s, t])[0]
np.i0([s, t])
np.modf([s, t])[0]
np.unwrap([s, t + 9.0])
np.geomspace([s, t], [2.0, 3.0], 3)
np.logspace(0.1, [s, t], 3)
np.cumulative_prod([s, t])
np.diff([s, t, 1.0], prepend=[s])
np.gradient([s, t, 1.0])
np.sort_complex([s, t])
np.broadcast_arrays([s, t], 2.0)[0]
np.apply_along_axis(np.sum, 0, [[s, t], [t, s]])
np.trim_zeros([0.0, s, t])
np.percentile([s, t, 1.0], [20, 70])
np.linalg.svdvals([[s, 0.1], [0.2, t]])
np.matvec([[s, 0.1], [0.2, t]], [s, t])
np.linalg.vector_norm([s, t])
np.linalg.tensorsolve(np.eye(2), [s, t])
np.nancumsum([s, t])
np.choose([0, 1], ([s, t], [t, s]))
np.take([s, t], [0, 5], mode="clip")
np.interp([0.1, 4.9], [0.0, s, 2.0], [s, t, 1.0], period=3.0)
"""),
    ("u: (3,) in 0.3..1.9; A: (3,4)", """
np.vecmat(u, A)
np.broadcast_arrays(u, A.T)
np.multiply.outer(A, u)
np.full_like(A, u[0])
np.polyval(u, A)
A.T @ u
u @ A
np.kron(A, u)
np.cross(A[:, :3], u)
np.insert(A, 1, u, axis=1)
"""),
    ("u: (3,) in 0.3..1.9; B: (2,3,3) spd", """
np.linalg.solve(B, u)
"""),
    ("u: (3,) in 0.3..1.9; C: (3,3) complex", """
np.linalg.solve(C, u)
"""),
    ("u: (3,) in 0.3..1.9; S: (3,3) spd", """
np.linalg.tensorsolve(np.reshape(S, (3, 3)), u)
"""),
    ("u: (3,) in 0.3..1.9; T: (2,3,4)", """
np.vecmat(u, T)
"""),
    ("u: (3,) in 0.3..1.9; s: number in 0.5..0.9", """
np.broadcast_arrays(u, s)[1]
np.interp(s, [0.0, 1.0, 2.0], u)
"""),
    ("u: (3,) in 0.3..1.9; v: (3,) in 0.2..1.4", """
np.linalg.cross(u, v)
np.linalg.outer(u, v)
np.einsum("i,j", u, v)
np.einsum("i,i,i->", u, v, u)
np.tensordot(u, v, 0)
np.cross(u, v)
np.meshgrid(u, v)[0]
"""),
    ("x: (5,) in 0.3..2.7; A: (3,4)", """
np.trapezoid(A, x[:4] * 2, axis=1)
np.trapezoid(A, x[:3], axis=0)
"""),
    ("x: (5,) in 0.3..2.7; T: (2,3,4)", """
np.inner(T, x[:4])
"""),
    ("x: (5,) in 0.3..2.7; s: number in 0.5..0.9", """
np.histogram(x, bins=3)[0] * s
np.polyint(x, k=s)
np.packbits(x > 1).sum() * s
np.issubdtype(x.dtype, np.floating) * s
np.iterable(x) * s
np.array_str(x).count("1") * s
np.linalg.norm(x, 0) * s
np.diff(x, prepend=s)
np.quantile(x, s)  # refused: `np.quantile` has no derivative with res
np.pad(x, (1, 2), mode="constant", constant_values=s)
np.add.reduce(x, initial=s)
np.multiply.reduce(x, initial=s)
np.maximum.reduce(x, initial=s)
np.max(x, initial=s)
np.full_like(x, s)
np.argsort(x)[0] * s
np.polyint(x, 2, k=s)
x.sum(initial=s)
x.clip(min=s)
x.round(1) * s
x.searchsorted(1.0) * s
x.argmax() * s
np.append(x, s)
np.heaviside(x - 1.0, s)
np.searchsorted(x, 1.0) * s
np.select([x < 1, x < 2], [x, x**2], default=s)
np.argwhere(x > 1)[0, 0] * s
np.array([x, [s] * 5])
np.r_[x, s, 0.0]
"""),
    ("x: (5,) in 0.3..2.7; u: (3,) in 0.3..1.9", """
np.polyadd(x, u)
np.polysub(u, x)
np.polymul(x, u)
np.polydiv(x, u)
np.polydiv(x, u)[0]
np.polyval(u, x)
np.union1d(x, u)
np.setdiff1d(x, u)
np.setxor1d(x, u)
np.interp(x, np.array([0.5, 1.0, 2.0]), u, period=2.5)
np.interp(x, np.array([0.5, 1.0, 2.0]), u, left=0.0)
np.add.outer(x, u)
np.convolve(x, u, "same")
np.correlate(x, u, "full")
np.minimum.outer(x, u)
"""),
    ("x: (5,) in 0.3..2.7; y: (5,) in 0.4..2.4", """
np.cov(x, y)
np.corrcoef(x, y)
np.histogram(x, bins=3, weights=y)[0]
np.histogram(x, bins=np.array([0., 1., 2., 3.]), weights=y)[0]
np.histogram(x, 4, (0.0, 3.0), weights=y)[0]
np.polyfit(x, y, 2)
np.polyfit(x, y, 1, w=np.array([1., 2., 1., .5, 1.]))
np.polyfit(x, np.stack((y, y**2), 1), 2)
np.choose(np.array([0, 1, 1, 0, 1]), (x, y))
np.choose(np.array([0, 3, 1, 0, -1]), (x, y), mode="wrap")
np.choose(np.array([0, 3, 1, 0, -1]), [x, y], mode="clip")
np.divmod(x, y)[1]
np.diff(x, append=y)
np.interp(np.array([0.1, 1.5, 5.0]), x.cumsum(), y, period=3.0)
np.subtract.outer(x, y)
np.divide.outer(x, y)
np.power.outer(x, y)
np.maximum.outer(x, y)
np.arctan2.outer(x, y)
np.multiply(x, y, where=np.array([True, False, True, True, False]), out=np.zeros(5))
np.divide(x, y, out=np.zeros_like(x), where=y > 1.0)
np.histogram(x, bins=3, weights=y)
np.histogram(x, bins=[0., 1., 2., 3.], weights=y)[0]
np.histogram(x, 4, (0.0, 2.0), density=True, weights=y)[0]
np.histogram(x, 4, density=True, weights=y)[0]
np.histogram2d(x, y, bins=3)[1]
np.histogram2d(x, y, bins=3, density=True)
np.histogram2d(x, y, bins=[2, 3], weights=x * y)[0]
np.histogram2d(x, y, bins=[2, np.array([0., 1., 2., 3.])], weights=x * y, density=True)[0]
np.histogram2d(x, y, bins=2, range=[[0., 2.], [0., 3.]], weights=x * y)[0]
np.array([0, 1, 1, 0, 1]).choose((x, y))
x.dot(y)
x @ y
np.trapezoid(y, x)
np.copysign(x, y - 1.0)
np.sum([x, y])
np.mean([x, y], axis=0)
np.array([0, 1, 1, 0, 1]).choose([x, y])
np.array([0, 3, 1, 0, 1]).choose([x, y], mode="clip")
np.cov([x, y])
np.corrcoef([x, y])
"""),
    ("A: (3,4); D: (4,3); S: (3,3) spd", """
np.linalg.multi_dot([A, D, S])
"""),
    ("A: (3,4); D: (4,3); s: number in 0.5..0.9", """
"""),
    ("A: (3,4); s: number in 0.5..0.9; t: number in 1.1..1.6", """
np.pad(A, ((1, 1), (2, 0)), constant_values=((s, 1.0), (0.0, t)))
"""),
    ("u: (3,) in 0.3..1.9; s: number in 0.5..0.9; t: number in 1.1..1.6", """
np.array([u, [s, t, 1.0]])
np.stack([np.array([s, t]), u[:2]])
np.array([[s, t], u[:2]])
"""),
    ("u: (3,) in 0.3..1.9; v: (3,) in 0.2..1.4; S: (3,3) spd", """
np.linalg.multi_dot((u, S, v))
np.einsum("i,ij,j->", u, S, v)
"""),
    ("x: (5,) in 0.3..2.7; A: (3,4); s: number in 0.5..0.9", """
"""),
    ("x: (5,) in 0.3..2.7; s: number in 0.5..0.9; t: number in 1.1..1.6", """
np.polyval([s, t, 1.0], x)
np.pad(x, (2, 3), mode="linear_ramp", end_values=(s, t))
np.polyint(x, 2, k=[s, t])
np.insert(x, [0, 2], [s, t])
np.outer([s, t], x)
np.polyval([1.0, s, t], x)
"""),
    ("x: (5,) in 0.3..2.7; y: (5,) in 0.4..2.4; A: (3,4)", """
np.column_stack((x, A.T[:, 0].sum() * y))
"""),
    ("x: (5,) in 0.3..2.7; y: (5,) in 0.4..2.4; s: number in 0.5..0.9", """
np.histogram2d(x, y, bins=3)[0] * s
np.histogramdd(np.stack((x, y), 1), bins=3)[0] * s  # refused: `np.histogramdd` has no derivative with
np.lexsort((x, y))[0] * s
"""),
    ("u: (3,) in 0.3..1.9; A: (3,4); D: (4,3); S: (3,3) spd", """
np.linalg.multi_dot([A, D, S, u])
"""),
    ("x: (5,) in 0.3..2.7; u: (3,) in 0.3..1.9; s: number in 0.5..0.9; t: number in 1.1..1.6", """
np.interp(x, np.array([0.5, 1.0, 2.0]), u, left=s, right=t)
"""),
    ("A: (3,4); s: number in 0.5..0.9", """
np.logaddexp.reduce(A, axis=1, initial=s)
np.logaddexp2.reduce(A, axis=0, initial=s, keepdims=True)
np.hypot.reduce(A, axis=1, initial=s)
np.linspace(A, s, 3, axis=1)
np.linspace(s, A[0], 4, retstep=True)
np.meshgrid(s, A[0])
np.convolve(A[0], s)
np.polyval(A[0], [s, 1.0])
np.choose([0, 1, 1, 0], [A[0], s])
"""),
    ("A: (3,4)", """
np.logaddexp.reduce(A, axis=1, where=(np.arange(12).reshape(3, 4) % 3 > 0), initial=-np.inf)
np.hypot.reduce(A, axis=1, where=(np.arange(12).reshape(3, 4) % 3 > 0), initial=0.0)
np.subtract.reduce(A, axis=1, keepdims=True)
np.divide.reduce(A, axis=-1, keepdims=True)
np.multiply.outer(A, A[0], dtype=float)
A[0] * [[1], [2]]
[1, 2, 3, 4] * A[0]
A[0] / (1, 2, 3, 4)
np.power(A, [1, 2, 3, 0])
np.cov(A, fweights=[1, 2, 1, 3], aweights=[1., 2., .5, 1.])
np.average(A, axis=-1, weights=[1, 2, 3, 4], keepdims=True)
np.linspace(A, A[0], 3)
np.linspace(A[0], A, 3, axis=-1)
np.apply_along_axis(lambda r: np.outer(r, r), 1, A)
np.block([[A, A[:, :2]], [np.zeros((1, 6))]])
np.einsum("ij,ij->i", A[:, :1], A)
np.vander(A[0], 1)
np.diff(A, n=0)
np.linalg.matrix_power(A[:, :3], 1)
np.vectorize(lambda a, b: a * b if a > b else b)(A, A[0])
np.linalg.tensorinv(np.reshape(np.outer(A[0], A[1]) + np.eye(4), (4, 2, 2)), ind=1)
np.linalg.tensorsolve(np.reshape(np.outer(A[0], A[1]) + np.eye(4), (2, 2, 4)), A[:2, :2])
np.cross(A[:, :3], A[:, 1:])
np.array(A.tolist())
np.take(a=A, indices=[0, 1], axis=1)
np.split(ary=A, indices_or_sections=[2])
np.einsum("ij,ij->", A[:1], A[:, :1])
np.apply_along_axis(func1d=np.sum, axis=0, arr=A)
np.apply_along_axis(lambda r, a: r * a, 0, A, 2.0)
np.piecewise(A, [A < 0, A >= 0], [lambda a, b: a * b, lambda a, b: a - b], 0.5)
"""),
    ("H: (3,4) complex", """
(lambda t: (t[0] / t[1]) @ t[2])(np.linalg.svd(H, full_matrices=False))
np.cov(H[0])
"""),
]  # fmt: skip
