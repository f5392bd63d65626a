"""Gates that ask the compiler and what it made. Each takes a tree and yields (place, complaint).

The compiler and its flags come from the Makefile by way of the environment (GATE_CC, GATE_CFLAGS).
"""

import atexit
import functools
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source import IMPURE, PRODUCT, files, lines, name

CC = os.environ.get("GATE_CC", "gcc")
DEFAULT = "-std=c11 -O2 -D_POSIX_C_SOURCE=200809L -I."
CFLAGS = shlex.split(os.environ.get("GATE_CFLAGS", DEFAULT))

# What the pure core may call beside itself: memory and text, nothing that asks the system.
PLAIN = re.compile(
    r"(__)?(mem(cpy|move|set|cmp|chr)|str(len|n?cmp|nlen|chr|rchr))(_chk)?"
    r"|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_"
)
LIBRARY = {
    "crypt": re.compile(r"crypto_\w+|sodium_\w+|randombytes_buf"),
    "wire": re.compile(r"cbor_\w+"),
}


def compile_all(tree, paths, *flags):
    """Compiles each file alone, two at a time; gives path, object and what the compiler said."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)

    def one(item):
        number, path = item
        made = Path(folder) / f"{number}.o"
        command = [CC, *CFLAGS, *flags, "-o", made, name(tree, path)]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
        return path, made, done.stderr if done.returncode else ""

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, enumerate(paths)))


@functools.cache
def objects(tree):
    """The objects of the programs, made without floating-point registers. The browser's exports
    are for another machine."""
    paths = [p for p in files(tree, ".c", under=PRODUCT) if "web" not in p.parts]
    return compile_all(tree, paths, "-mgeneral-regs-only", "-c")


def first_error(path, tree, errors, what):
    match = re.search(r"^(\S+?:\d+):\d+: (?:fatal )?error: (.*)$", errors, re.M)
    place, message = match.groups() if match else (name(tree, path), errors.strip()[:200])
    return place, f"{what}: {message}"


def is_pure(path):
    return path.parent.name == "protocol" and path.stem not in IMPURE


def headers(tree):
    """Each header compiles by itself and has its guard."""
    paths = list(files(tree, ".h", under=(*PRODUCT, "tests")))
    paths = [p for p in paths if "coverage" not in p.parts]
    for path, _, errors in compile_all(tree, paths, "-Itests", "-xc", "-fsyntax-only"):
        folder, stem = path.parent.name.upper(), path.stem.upper()
        if not {f"#ifndef SCHWEBE_{stem}_H", f"#ifndef SCHWEBE_{folder}_{stem}_H"} & set(lines(path)):
            yield name(tree, path), f"has no guard SCHWEBE_{stem}_H"
        if errors:
            yield first_error(path, tree, errors, "does not compile by itself")


def nofloat(tree):
    """No floating point, neither written nor hidden in a call: there are no registers for it."""
    for path, _, errors in objects(tree):
        if errors:
            yield first_error(path, tree, errors, "does not compile without floating point")


def symbols(made, *flags):
    done = subprocess.run(["nm", *flags, made], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        *_, kind, symbol = line.split()
        yield kind, symbol


def family(path):
    """msg_city.c may also export msg_…, as a part of what msg.h declares."""
    first = path.stem.split("_")[0]
    if first != path.stem and path.with_name(f"{first}.h").is_file():
        yield f"{first}_"


def names(tree):
    """Every exported symbol carries the name of its file."""
    for path, made, errors in objects(tree):
        if errors:
            continue
        allowed = (f"{path.stem}_", *family(path))
        for kind, symbol in symbols(made, "-g", "--defined-only"):
            is_main = symbol == "main" and path.stem in ("main", "scan_main")
            if not is_main and not symbol.startswith(allowed):
                yield name(tree, path), f"exports {symbol} ({kind}), not {' '.join(allowed)}…"


def purity(tree):
    """The pure core calls nothing but itself and its two libraries, and keeps no state."""
    pure = [item for item in objects(tree) if is_pure(item[0]) and not item[2]]
    own = "|".join(re.escape(path.stem) for path, *_ in pure)
    for path, made, _ in pure:
        here = name(tree, path)
        library = LIBRARY.get(path.stem)
        for _, symbol in symbols(made, "-u"):
            known = PLAIN.fullmatch(symbol) or re.match(rf"({own})_", symbol)
            if not known and not (library and library.fullmatch(symbol)):
                yield here, f"calls {symbol}"
        done = subprocess.run(["size", "-A", made], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            match = re.match(r"\.(data|bss|tdata|tbss)(\.(?!rel\.ro)\S*)?\s+(\d+)", line)
            if match and int(match.group(3)) > 0:
                yield here, f"keeps {match.group(3)} bytes of state in .{match.group(1)}"


GATES = (headers, nofloat, names, purity)
