"""Gates that ask the compiler and what it made. Each takes a tree and yields (place, complaint).

The compiler and its flags come from the Makefile by way of the environment (GATE_CC, GATE_CFLAGS).
"""

import os
import re
import shlex
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source import IMPURE, PRODUCT, files, lines, name

CC = os.environ.get("GATE_CC", "gcc")
CFLAGS = shlex.split(os.environ.get("GATE_CFLAGS", "-std=c11 -I."))

# What the pure core may call beside itself: memory and text, nothing that asks the system.
PLAIN = re.compile(
    r"(__)?(mem(cpy|move|set|cmp|chr)|str(len|n?cmp|nlen|chr|rchr))(_chk)?"
    r"|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_"
)
LIBRARY = {
    "crypt": re.compile(r"crypto_\w+|sodium_\w+|randombytes_buf"),
    "wire": re.compile(r"cbor_\w+"),
}


def compile_all(tree, paths, flags, action):
    """Compiles each file alone, two at a time; action(path, object, errors) makes complaints."""
    with tempfile.TemporaryDirectory() as folder:

        def one(item):
            number, path = item
            made = Path(folder) / f"{number}.o"
            command = [CC, *CFLAGS, *flags, "-o", made, name(tree, path)]
            done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
            return list(action(path, made, done.stderr if done.returncode else ""))

        with ThreadPoolExecutor(2) as pool:
            for found in pool.map(one, enumerate(paths)):
                yield from found


def first_error(path, tree, errors, what):
    match = re.search(r"^(\S+?:\d+):\d+: (?:fatal )?error: (.*)$", errors, re.M)
    place, message = match.groups() if match else (name(tree, path), errors.strip()[:200])
    return place, f"{what}: {message}"


def is_pure(path):
    return path.parent.name == "protocol" and path.stem not in IMPURE


def product(tree):
    """The C files that go into programs; the browser's exports are for another machine."""
    return [p for p in files(tree, ".c", under=PRODUCT) if "web" not in p.parts]


def headers(tree):
    """Each header compiles by itself and has its guard."""

    def action(path, _, errors):
        guard = f"SCHWEBE_{re.sub('[^A-Z0-9]', '_', path.stem.upper())}_H"
        if not any(line == f"#ifndef {guard}" for line in lines(path)):
            yield name(tree, path), f"has no guard {guard}"
        if errors:
            yield first_error(path, tree, errors, "does not compile by itself")

    paths = list(files(tree, ".h", under=(*PRODUCT, "tests")))
    paths = [p for p in paths if "coverage" not in p.parts]
    yield from compile_all(tree, paths, ["-Itests", "-xc", "-fsyntax-only"], action)


def nofloat(tree):
    """No floating point, neither written nor hidden in a call: there are no registers for it."""

    def action(path, _, errors):
        if errors:
            yield first_error(path, tree, errors, "does not compile without floating point")

    yield from compile_all(tree, product(tree), ["-mgeneral-regs-only", "-c"], action)


def symbols(made, *flags):
    done = subprocess.run(["nm", *flags, made], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        *_, kind, symbol = line.split()
        yield kind, symbol


def family(path):
    """msg_city.c may also export msg_…, as a part of msg.c that grew too long for one file."""
    first = path.stem.split("_")[0]
    if first != path.stem and path.with_name(f"{first}.c").is_file():
        yield f"{first}_"


def names(tree):
    """Every exported symbol carries the name of its file."""

    def action(path, made, errors):
        here = name(tree, path)
        if errors:
            yield first_error(path, tree, errors, "does not compile")
            return
        allowed = (f"{path.stem}_", *family(path))
        for kind, symbol in symbols(made, "-g", "--defined-only"):
            is_main = symbol == "main" and path.stem in ("main", "scan_main")
            if not is_main and not symbol.startswith(allowed):
                yield here, f"exports {symbol} ({kind}), not {' '.join(allowed)}…"

    yield from compile_all(tree, product(tree), ["-c"], action)


def purity(tree):
    """The pure core calls nothing but itself and its two libraries, and keeps no state."""
    paths = [p for p in product(tree) if is_pure(p)]
    own = "|".join(re.escape(p.stem) for p in paths) or "-"  # no symbol starts with a dash

    def action(path, made, errors):
        here = name(tree, path)
        if errors:
            yield first_error(path, tree, errors, "does not compile")
            return
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

    yield from compile_all(tree, paths, ["-c"], action)


GATES = (headers, nofloat, names, purity)
