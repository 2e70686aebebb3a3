"""GoogleSQL's local service, which the wheel `zetasql` carries as WebAssembly, called by raw protocol buffers.

The wheel's own Python API compiles the module in every process (14 s, 1.2 GB); here the compiled module is kept on disk.
"""

import ctypes
import fcntl
import hashlib
import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import tzdata
import wasmtime
import zetasql.wasi


class GoogleSqlError(Exception):
    """What the analyzer or the evaluator said against a statement."""


class Service:
    """One instance of the module. Not for several threads."""

    def __init__(self) -> None:
        engine = wasmtime.Engine(_config())
        self._store = wasmtime.Store(engine)
        self._store.set_wasi(_system())
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        self._exports: Any = linker.instantiate(self._store, _module(engine)).exports(self._store)
        self._run("_initialize")

    def call(self, method: str, request: Any, response: Any) -> Any:
        """Calls a method of the service and reads the answer into the message type `response`.

        Raises:
            GoogleSqlError: The service refused.
        """
        data = request.SerializeToString()
        start, length = self._run("wasm_malloc", max(1, len(data))), self._run("wasm_malloc", 4)
        try:
            ctypes.memmove(self._address() + start, data, len(data))
            answer = self._run("ZetaSqlLocalService_" + method, start, len(data), length)
            if answer == 0:
                raise GoogleSqlError(self._last_error())
            return response.FromString(self._taken(answer, int.from_bytes(self._read(length, 4), "little")))
        finally:
            self._run("wasm_free", start)
            self._run("wasm_free", length)

    def _run(self, name: str, *arguments: int) -> Any:
        return self._exports[name](self._store, *arguments)

    def _last_error(self) -> str:
        length = self._run("wasm_get_last_error_size")
        return self._read(self._run("wasm_get_last_error"), length).decode() if length else "no reason given"

    def _taken(self, start: int, length: int) -> bytes:
        data = self._read(start, length)
        self._run("wasm_free", start)
        return data

    def _read(self, start: int, length: int) -> bytes:
        return ctypes.string_at(self._address() + start, length)

    def _address(self) -> int:
        # Asked for every time: the memory moves when it grows.
        memory = self._exports["memory"]
        shared = isinstance(memory, wasmtime.SharedMemory)
        pointer = memory.data_ptr() if shared else memory.data_ptr(self._store)
        return ctypes.addressof(pointer.contents)


def _config() -> wasmtime.Config:
    config = wasmtime.Config()
    config.shared_memory = True
    return config


def _system() -> wasmtime.WasiConfig:
    system = wasmtime.WasiConfig()
    system.inherit_stderr()
    system.preopen_dir(str(Path(tzdata.__file__).with_name("zoneinfo")), "/usr/share/zoneinfo")
    return system


def _module(engine: wasmtime.Engine) -> wasmtime.Module:
    """The compiled module, from the cache if this machine has made it before."""
    cached = _cache_file()
    cached.parent.mkdir(parents=True, exist_ok=True)
    with cached.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test processes would need the memory twice
        if not cached.exists():
            fresh = cached.with_suffix(".new")
            fresh.write_bytes(wasmtime.Module.from_file(engine, str(zetasql.wasi.get_wasm_path())).serialize())
            fresh.replace(cached)
    return wasmtime.Module.deserialize_file(engine, str(cached))


def _cache_file() -> Path:
    # A compiled module fits one wasmtime and one kind of processor.
    parts = (importlib.metadata.version("zetasql"), importlib.metadata.version("wasmtime"), platform.machine(), _processor())
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "c360" / ("googlesql-" + "-".join(parts) + ".cwasm")


def _processor() -> str:
    """A digest of what the processor can do: homes are shared between machines."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = [platform.processor()]
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), lines[0])
    return hashlib.sha256(flags.encode()).hexdigest()[:8]
