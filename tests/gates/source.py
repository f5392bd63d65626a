"""Gates that read the source text. Each takes the root of a tree and yields (place, complaint)."""

import re
import subprocess
from pathlib import Path

PRODUCT = ("protocol", "ledger", "merchant", "wallet")

# Who may include whom. A till is a small ledger: it keeps the same kind of log in the same store,
# and asks the node as every program does.
SHARED = tuple(f"ledger/{name}.h" for name in ("store", "log", "http", "fetch", "carry"))
LAYERS = {
    "protocol": ("protocol/",),
    "ledger": ("ledger/", "protocol/"),
    "merchant": ("merchant/", "protocol/", *SHARED),
    "wallet": ("wallet/", "protocol/", *SHARED),
}

# The part of protocol/ that may touch heap and system; the Makefile names it.
MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"
IMPURE = re.findall(r"protocol/(\w+)\.c", re.search(r"\nIMPURE := .*", MAKEFILE.read_text())[0])

# Each outside library has one home.
HOMES = {
    r"cbor(\.h|/)": ("protocol/wire.c",),
    r"sodium(\.h|/)": ("protocol/crypt.c",),
    r"qrencode\.h": ("protocol/qr.c",),
    r"png\.h": ("protocol/qr.c",),
    r"lmdb\.h": ("ledger/store.c",),
    r"microhttpd\.h": ("ledger/http.c",),
    r"curl/": ("ledger/fetch.c",),
    r"jansson\.h": ("ledger/json.c",),
    r"ZXing/": ("merchant/scan_zxing.cpp",),
    r"zbar\.h": ("merchant/scan.c",),
}

LINE_MAX = 100
SCRIPT_LINE_MAX = 120
FILE_MAX = 600
TEST_FILE_MAX = 1000
FUNCTION_MAX = 120
FUNCTION_NOTE = 70

# Left over or unsafe; no word that only a machine of ours would know.
CALLS = (
    "strcpy strncpy strcat strncat sprintf vsprintf gets scanf sscanf fscanf strtok atoi atol atof "
    "alloca rand srand random setjmp longjmp system popen"
).split()
WORDS = ("float", "double")
HEAP = ("malloc", "calloc", "realloc", "free", "strdup", "strndup")
CLOCK = ("time", "clock_gettime", "gettimeofday", "localtime", "localtime_r", "mktime")
# Programs read the clock; the rules get it as a parameter.
CLOCK_HOMES = ("/main.c", "/clock.c", "/http.c", "/command.c")
# What a library or a device leaves no other way for.
EXCEPTIONS = {
    "protocol/qr.c": ("setjmp",),  # libpng reports its errors so
    "protocol/reader.c": ("clock_gettime",),  # the time-out of a code in several parts
}

TOP = set(".git ledger merchant wallet protocol tests fuzz Makefile README.md LICENSE".split())
CODE = (".c", ".h", ".cpp", ".py", ".sh", ".mjs", ".js", ".css")


def files(tree, *suffixes, under=None):
    """All files of the project, or those of some folders, in a fixed order."""
    found = []
    for top in sorted(Path(tree).iterdir()):
        if top.name in (".git", "build", "node_modules"):
            continue
        if under is not None and top.name not in under:
            continue
        found += [top] if top.is_file() else sorted(top.rglob("*"))
    for path in found:
        if path.is_file() and "__pycache__" not in path.parts:
            if not suffixes or path.suffix in suffixes:
                yield path


def name(tree, path):
    return path.relative_to(tree).as_posix()


def lines(path):
    return path.read_text(errors="replace").splitlines()


def bare(text):
    """C without comments and without what stands in strings; the lines keep their numbers."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: '""' + "\n" * m.group().count("\n"), text, flags=re.S)


def includes(path):
    for number, line in enumerate(lines(path), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1), match.group(2)


def layers(tree):
    """Dependencies point one way, and one language is enough but for the barcode reader."""
    for path in files(tree, ".c", ".h", ".cpp", ".cc", ".hpp", under=PRODUCT):
        here = name(tree, path)
        folder = here.split("/")[0]
        if path.suffix not in (".c", ".h") and here != "merchant/scan_zxing.cpp":
            yield here, "C++ has one home: merchant/scan_zxing.cpp"
        for number, kind, target in includes(path):
            if kind == "<":
                continue
            place = f"{here}:{number}"
            if (path.parent / target).is_file():
                target = name(tree, (path.parent / target).resolve())
            elif not (Path(tree) / target).is_file():
                yield place, f"{target} is not in the project"
            if not target.startswith(LAYERS[folder]):
                yield place, f"{folder} may not know {target}"
            stem = path.stem
            pure = folder == "protocol" and stem not in IMPURE
            if pure and target in [f"protocol/{part}.h" for part in IMPURE]:
                yield place, f"the pure core may not know {target}"


def homes(tree):
    """Each outside library is used in one file."""
    for path in files(tree, ".c", ".h", ".cpp", under=PRODUCT):
        here = name(tree, path)
        for number, _, target in includes(path):
            for pattern, allowed in HOMES.items():
                if re.match(pattern, target) and here not in allowed:
                    yield f"{here}:{number}", f"<{target}> is used only in {' '.join(allowed)}"


def functions(path):
    """(line, length) of each C function: Linux braces stand in the first column."""
    start = None
    for number, line in enumerate(bare(path.read_text()).splitlines(), 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number - start + 1
            start = None


def lengths(tree):
    """Lines, functions and files that a person can take in."""
    for path in files(tree):
        here = name(tree, path)
        script = path.suffix == "" and path.read_bytes()[:2] == b"#!"
        if path.suffix not in CODE and not script and here != "Makefile":
            continue
        text = lines(path)
        line_max = LINE_MAX if path.suffix in (".c", ".h", ".cpp") else SCRIPT_LINE_MAX
        file_max = TEST_FILE_MAX if here.startswith("tests/") else FILE_MAX
        if len(text) > file_max:
            yield here, f"{len(text)} lines, more than {file_max}"
        for number, line in enumerate(text, 1):
            if len(line.expandtabs(8)) > line_max:
                yield f"{here}:{number}", f"{len(line)} columns, more than {line_max}"
        if path.suffix == ".c":
            for number, length in functions(path):
                if length > FUNCTION_MAX:
                    yield f"{here}:{number}", f"function of {length} lines, over {FUNCTION_MAX}"
                elif length > FUNCTION_NOTE:
                    print(f"  note: {here}:{number}: function of {length} lines")


def banned(tree):
    """Calls and words with no place in code that handles money."""
    for path in files(tree, ".c", ".h", under=PRODUCT):
        here = name(tree, path)
        pure = here.startswith("protocol/") and path.stem not in IMPURE
        calls = list(CALLS) + (list(HEAP) if pure else [])
        if not here.endswith(CLOCK_HOMES):
            calls += CLOCK
        call = re.compile(rf"(?<![\w.>])({'|'.join(calls)})\s*\(")
        word = re.compile(rf"\b({'|'.join(WORDS)})\b|\btypedef\s+(struct|enum|union)\b")
        for number, line in enumerate(bare(path.read_text()).splitlines(), 1):
            for match in [*call.finditer(line), *word.finditer(line)]:
                found = match.group().rstrip("( ")
                if found not in EXCEPTIONS.get(here, ()):
                    yield f"{here}:{number}", f"{found} is not used here"


def leftovers(tree):
    """Nothing unfinished, and no trace of the machine on which it was written."""
    unfinished = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3))
    hosts = "|".join((r"debian\.org", r"npm" + r"js\.(org|com)", r"py" + r"pi\.org"))
    paths = "|".join(("/ro" + "ot/", "/wo" + "rk/", "/ho" + "me/[a-z]"))
    pattern = re.compile(rf"\b({unfinished})\b|({hosts})|(?<![\w/.])({paths})")
    for path in files(tree):
        here = name(tree, path)
        if path.suffix in (".png", ".wasm") or here.startswith(("fuzz/corpus/", "LICENSE")):
            continue
        for number, line in enumerate(lines(path), 1):
            match = pattern.search(line)
            if match:
                yield f"{here}:{number}", f"{match.group()} has no place here"


def top(tree):
    """Eight entries stand at the top, beside dotfiles and the licence."""
    for path in sorted(Path(tree).iterdir()):
        ignored = path.name in ("build", "node_modules") or path.name.startswith(".")
        if path.name not in TOP and not ignored:
            yield path.name, "only " + " ".join(sorted(TOP - {".git"})) + " stand at the top"


def lint(tree, command, pattern, paths, complaint):
    """What a program that need not be installed says of some files: one complaint for each file."""
    try:
        done = subprocess.run([*command, *paths], cwd=tree, capture_output=True, text=True)
    except FileNotFoundError:
        print(f"  note: {command[0]} is not installed, which looks at {len(paths)} files")
        return
    seen = {}
    for match in re.finditer(pattern, done.stdout + done.stderr, re.M):
        seen.setdefault(match.group(1), []).append(match.group(2))
    for path, places in seen.items():
        yield f"{path}:{places[0]}", f"{complaint} ({len(places)} places)"


def layout(tree):
    """clang-format agrees, where it is installed."""
    found = [name(tree, p) for p in files(tree, ".c", ".h", under=(*PRODUCT, "tests", "fuzz"))]
    style = Path(__file__).resolve().parents[2] / ".clang-format"
    command = ["clang-format-14", f"--style=file:{style}", "--dry-run", "--Werror"]
    pattern = r"^(\S+?):(\d+):\d+: error"
    yield from lint(tree, command, pattern, found, "is laid out otherwise by `make format`")


def statuses(tree):
    """Each status is given somewhere, or PROTOCOL.md reserves it."""
    listed = Path(tree) / "protocol" / "status.h"
    text = Path(tree) / "protocol" / "PROTOCOL.md"
    if not listed.is_file():
        return
    sentence = re.search(r"Reserved[^:]*:(.*?)Their numbers", text.read_text(), re.S)
    reserved = set(re.findall(r"\b[A-Z]+_?[A-Z]+\b", re.sub(r"\([^)]*\)", "", sentence[1])))
    used = set()
    for path in files(tree, ".c", ".cpp", under=PRODUCT):
        used |= set(re.findall(r"\bSTATUS_([A-Z0-9_]+)", bare(path.read_text())))
    for number, line in enumerate(lines(listed), 1):
        match = re.match(r"\s*X\(\d+, (\w+),", line)
        if match and match[1] not in used | reserved:
            yield f"protocol/status.h:{number}", f"nothing gives {match[1]}"
        elif match and match[1] in used & reserved:
            yield f"protocol/status.h:{number}", f"{match[1]} is reserved, and used"


def manual(tree):
    """The manual pages are in order, where mandoc is installed."""
    pages = [name(tree, p) for p in files(tree, ".1", ".5", ".7", ".8", under=PRODUCT)]
    if pages:
        command = ["mandoc", "-Tlint", "-Wwarning"]
        pattern = r"^mandoc: (\S+?):(\d+):\d+: (?:WARNING|ERROR|UNSUPP)"
        yield from lint(tree, command, pattern, pages, "see mandoc -Tlint")


GATES = (layers, homes, lengths, banned, leftovers, top, layout, statuses, manual)
