// Tries the core of the page: `node run.mjs CORE.wasm [NATIVE]`. Its form and self-test, all of
// tests/vectors, and random calls against the program NATIVE (agree.c), if it is given.
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

import { runAgreement } from "./agree.mjs";
import { Core } from "./core.mjs";
import { CHECKS, checkMemory } from "./own.mjs";
import { runVectors } from "./vectors.mjs";

const VECTORS = new URL("../vectors/", import.meta.url);
const SHOWN_MAX = 50;

let passed = 0;
let failed = 0;

function report(name, wrong) {
    if (wrong === undefined) {
        passed++;
        return;
    }
    if (++failed <= SHOWN_MAX) console.log(`FAIL ${name}: ${String(wrong).slice(0, 1000)}`);
}

function check(name, run) {
    const before = failed;
    try {
        run();
        report(name);
    } catch (error) {
        report(name, error);
    }
    if (failed === before) console.log(`ok ${name}`);
}

function timed(what, run) {
    const start = performance.now();
    const value = run();
    console.log(`${what}: ${(performance.now() - start).toFixed(1)} ms`);
    return value;
}

// The names of all statuses that the core has.
function statusNames(core) {
    const names = Array.from({ length: 256 }, (_, number) => core.statusName(number));
    return new Set(names.filter((name) => name !== "UNKNOWN"));
}

function main(path, native) {
    const bytes = readFileSync(path);
    const module = timed("compile", () => new WebAssembly.Module(bytes));
    const core = new Core(module);
    if (timed("instantiate and self-test", () => core.init()) !== 0) {
        report("self-test", "refuses to run");
        return;
    }
    report("self-test");
    const before = core.memory.length;
    for (const [name, run] of Object.entries(CHECKS)) check(name, () => run({ bytes, module, core }));
    timed("vectors", () => runVectors(core, VECTORS, statusNames(core), report));
    if (native !== undefined)
        timed("random calls", () => runAgreement(core, native, report));
    check("memory does not grow", () =>
        console.log(`memory: ${before / 65536} pages, stack: ${checkMemory(core, before)} bytes`));
}

const [path, native] = process.argv.slice(2);
if (path === undefined) {
    console.error("usage: node run.mjs CORE.wasm [NATIVE]");
    process.exit(2);
}
main(path, native);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
