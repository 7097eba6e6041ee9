"""The folder of the disk cache: files that only the user can have written.

The folder is opened once, and its owner and mode are checked on the open descriptor; files are read and written relative to
it, never through symbolic links. A folder of somebody else, or one below a folder that everybody may write (such as the
shared temporary folder), isn't used. A file is written under another name and put in its place at once, under a lock.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
import warnings
from collections.abc import Iterator

MAX_BYTES = 64 * 1024 * 1024
#: entries that are kept; of more, those not read for longest go
MAX_ENTRIES = 20_000
_POSIX = hasattr(os, "geteuid")
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_LOCK = ".lock"


class CacheWarning(UserWarning):
    """Something is wrong with the disk cache; results are right, and compiled anew."""


def warn(text: str) -> None:
    """Say that something is wrong with the cache."""
    warnings.warn(f"diffsrc cache: {text}", CacheWarning, stacklevel=2)


class Vault:
    """An open folder of entries."""

    def __init__(self, path: str, fd: int | None) -> None:
        self.path, self._fd = path, fd
        self._pruned = False

    @classmethod
    def open(cls, path: str | os.PathLike[str], owners: frozenset[int] = frozenset(), chosen: bool = True) -> Vault | None:
        """The folder, made if it isn't there; None where it can't be used, of which a warning tells if the user has chosen it.
        `owners`: who may own it besides the user."""
        with warnings.catch_warnings():
            if not chosen:
                warnings.simplefilter("ignore", CacheWarning)
            return cls._tried(path, owners)

    @classmethod
    def _tried(cls, path: str | os.PathLike[str], owners: frozenset[int]) -> Vault | None:
        try:
            return cls._opened(os.path.abspath(path), owners)  # links aren't followed
        except OSError as err:
            warn(f"{path} can't be used: {err.strerror or err}")
            return None

    @classmethod
    def _opened(cls, path: str, owners: frozenset[int]) -> Vault | None:
        if not _POSIX:
            os.makedirs(path, exist_ok=True)
            return cls(path, None)
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, mode=0o700)
        if (shared := _open_to_all(path)) is not None:
            warn(f"{path} isn't used: everybody may write {shared}")
            return None
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _NOFOLLOW | _CLOEXEC)
        found = os.fstat(fd)
        if found.st_uid != os.geteuid() and found.st_uid not in owners:
            os.close(fd)
            warn(f"{path} isn't used: it belongs to somebody else")
            return None
        if found.st_uid == os.geteuid() and not owners and found.st_mode & 0o077:
            os.fchmod(fd, 0o700)
        elif found.st_mode & 0o022:
            os.close(fd)
            warn(f"{path} isn't used: others may write it")
            return None
        return cls(path, fd)

    def __del__(self) -> None:
        if self._fd is not None:
            with contextlib.suppress(OSError):
                os.close(self._fd)

    def _at(self, name: str) -> str:
        return name if self._fd is not None else os.path.join(self.path, name)

    def read(self, name: str) -> bytes | None:
        """The contents of an entry; None if there is none.

        Raises:
            OSError: it can't be read, or isn't a plain file of the folder's owner.
        """
        try:
            fd = os.open(self._at(name), os.O_RDONLY | _NOFOLLOW | _CLOEXEC, dir_fd=self._fd)
        except FileNotFoundError:
            return None
        with os.fdopen(fd, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
                raise OSError(f"{name} isn't a file of this cache")
            if self._fd is not None and found.st_uid != os.fstat(self._fd).st_uid:
                raise OSError(f"{name} belongs to somebody else")
            return file.read(MAX_BYTES)

    def write(self, name: str, data: bytes) -> None:
        """Put an entry in its place, whole or not at all.

        Raises:
            OSError: it can't be written.
        """
        with self._locked():
            self._prune()
            part = f".{name}.{os.getpid()}.{os.urandom(6).hex()}.part"
            fd = os.open(self._at(part), os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC, 0o600, dir_fd=self._fd)
            try:
                with os.fdopen(fd, "wb") as file:
                    file.write(data)
                os.replace(self._at(part), self._at(name), src_dir_fd=self._fd, dst_dir_fd=self._fd)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(self._at(part), dir_fd=self._fd)
                raise

    def remove(self, name: str) -> None:
        """Take out an entry."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._at(name), dir_fd=self._fd)

    def _all(self) -> list[str]:
        return os.listdir(self.path if self._fd is None else self._fd)  # the open folder

    def names(self) -> list[str]:
        """The names of the entries."""
        return sorted(n for n in self._all() if n.endswith(".json"))

    def seconds_of(self, name: str) -> float:
        """When an entry was written."""
        return os.stat(self._at(name), dir_fd=self._fd, follow_symlinks=False).st_mtime

    def clear(self) -> int:
        """Take out all entries, and what writers left that were killed; how many entries there were."""
        names = self._all()
        for name in names:
            if name.endswith((".json", ".part")):
                self.remove(name)
        return sum(n.endswith(".json") for n in names)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        try:
            with FileLock(os.path.join(self.path, _LOCK), timeout=10, mode=0o600):
                yield
        except Timeout:
            raise OSError("another process holds its lock") from None

    def _prune(self) -> None:
        """Once per process: what killed writers left, and entries beyond the limit."""
        if self._pruned:
            return
        self._pruned = True
        now = time.time()
        for name in self._all():
            if name.endswith(".part"):
                with contextlib.suppress(OSError):
                    if now - self.seconds_of(name) > 600:
                        self.remove(name)
        names = self.names()
        if len(names) > MAX_ENTRIES:
            for name in sorted(names, key=self.seconds_of)[: len(names) - MAX_ENTRIES // 2]:
                self.remove(name)


def _open_to_all(path: str) -> str | None:
    """The folder above that everybody may write, None for none."""
    above = os.path.realpath(path)
    while (up := os.path.dirname(above)) != above:
        above = up
        with contextlib.suppress(OSError):
            if os.stat(above).st_mode & stat.S_IWOTH:
                return above
    return None
