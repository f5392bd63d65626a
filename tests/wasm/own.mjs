// What is true of the core beside the vectors: its form, its self-test, and how it is called.
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

import { Core, fromHex, toHex, frame, list } from "./core.mjs";

const SIZE_MAX = 150000;
const STACK_SIZE = 131072;

const EXPORTS = [
    "memory", "init", "input", "input_size", "output", "output_length",
    "status", "text_decode", "text_encode", "envelope", "payload", "carrier", "verify", "payment",
    "request", "request_verify", "receipt", "accept", "evidence", "news", "merkle", "checkpoint", "key",
    "transfer_sign", "payment_build",
];

// RFC 8032 section 7.1, test 1.
const SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const SIGNATURE = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f" +
    "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
// The first constant of SHA-512 (FIPS 180-4 section 4.2.3), the lowest byte first.
const SHA512_FIRST = "22ae28d7982f8a42";

const TILL = 70123;
const NETWORK = 7;

function need(condition, what) {
    if (!condition) throw new Error(what);
}

function same(value, expected) {
    need(value === expected, `${value}, expected ${expected}`);
}

function traps(run, what) {
    try {
        run();
    } catch (error) {
        need(error instanceof WebAssembly.RuntimeError, `${what}: ${error}`);
        return;
    }
    throw new Error(`${what} does not trap`);
}

// The module with a bit of known bytes in it turned over.
function damaged(bytes, hex) {
    const copy = Buffer.from(bytes);
    const at = copy.indexOf(hex, "hex");
    need(at >= 0 && copy.indexOf(hex, at + 1, "hex") < 0, `${hex} is not in it just once`);
    copy[at] ^= 1;
    return new WebAssembly.Module(copy);
}

function started(module) {
    const core = new Core(module);
    same(core.init(), 0);
    return core;
}

// One that does not pass its self-test answers no call, not even after a second try.
function refuses(module, random) {
    const core = new Core(module, random);
    for (let i = 0; i < 2; i++) {
        need(core.init() !== 0, "passes its self-test");
        const { status } = core.call("key", fromHex(SEED));
        need(status !== 0 && core.output().length === 0, "answers all the same");
    }
}

// What a wallet signs, and the values of a call for it.
const payment = (change = {}) => ({
    network: NETWORK, seed: fromHex(SEED), request: new Uint8Array(32).fill(3), payee: TILL,
    from: 250, to: 1000, seq: 2, prev: new Uint8Array(16).fill(5), ...change,
});
const sign = (core, p) => core.call("transfer_sign", p.network, p.seed, p.request, p.payee, p.from,
    p.to, p.seq, p.prev);

// An allowance of 5000 cents for a key; its signature is nobody's, and only a till looks at it.
const anAllowance = (key) => fromHex(`d2844da201320448${"00".repeat(8)}a0583da900130107025820${key}` +
    `0301040205191388061909c4071a6afdd5c00818a85840${"00".repeat(64)}`);

const named = (core, status) => core.statusName(status);

// The first vector of an operation.
const firstVector = (op) =>
    JSON.parse(readFileSync(new URL(`../vectors/${op}.json`, import.meta.url), "utf8")).vectors[0];

// Each gets the module, its bytes, and a core that has passed its self-test.
export const CHECKS = {
    "the module's size": ({ bytes }) => need(bytes.length < SIZE_MAX, `${bytes.length} bytes`),

    "the module exports what it should": ({ module }) => {
        const found = WebAssembly.Module.exports(module).map((one) => one.name).sort();
        same(found.join(" "), [...EXPORTS].sort().join(" "));
    },

    "the module imports random numbers alone": ({ module }) => {
        const found = WebAssembly.Module.imports(module);
        same(found.map((one) => `${one.module} ${one.name}`).join(), "wasi_snapshot_preview1 random_get");
    },

    "random numbers that are no such": ({ module }) => {
        let byte = 0;
        refuses(module, (bytes) => void bytes.fill(8));
        refuses(module, (bytes) => void bytes.fill(byte++));
        refuses(module, (bytes) => void bytes.forEach((_, i) => (bytes[i] = i)));
        refuses(module, () => 0);
        refuses(module, (bytes) => {
            bytes.forEach((_, i) => (bytes[i] = byte++));
            return 52;
        });
    },

    "a module with a damaged bit": ({ bytes }) => {
        refuses(damaged(bytes, PUBLIC_KEY));
        refuses(damaged(bytes, SIGNATURE));
        refuses(damaged(bytes, SHA512_FIRST));
    },

    "no answer before the self-test": ({ module }) => {
        const core = new Core(module);
        need(core.call("key", fromHex(SEED)).status !== 0, "answers");
        same(core.init(), 0);
        same(core.call("key", fromHex(SEED)).status, 0);
    },

    "the public key of a seed": ({ core }) => {
        const { answer } = core.call("key", fromHex(SEED));
        same(answer.hex(), PUBLIC_KEY);
        same(answer.bytes().length, 32);
        answer.end();
    },

    "the input is wiped": ({ core }) => {
        const seed = webcrypto.getRandomValues(new Uint8Array(32));
        for (const from of [0, 1000]) {
            sign(core, payment({ seed, from }));
            need(core.input(4096).every((byte) => byte === 0), "something is left in it");
            need(!Buffer.from(core.memory).includes(seed), "the seed is left somewhere");
        }
        core.call("key", seed);
        need(!Buffer.from(core.memory).includes(seed), "the seed is left somewhere");
    },

    "nothing is answered to what is refused": ({ core }) => {
        sign(core, payment());
        need(core.output().length > 0, "no answer");
        same(named(core, sign(core, payment({ from: 1000 })).status), "AMOUNT_ZERO");
        sign(core, payment({ from: 1000 }));
        same(core.output().length, 0);
        same(named(core, sign(core, payment({ to: 10001 })).status), "CBOR_RANGE");
        same(named(core, sign(core, payment({ payee: 0 })).status), "CBOR_RANGE");
    },

    "a payment that was signed here": ({ core }) => {
        const p = payment();
        const key = core.call("key", p.seed).answer;
        const [publicKey, thumbprint] = [key.bytes(), key.bytes()];
        const { status, answer } = sign(core, p);
        same(status, 0);
        const [transfer, id] = [answer.bytes(), answer.hex()];
        const verified = core.call("verify", "transfer", NETWORK, transfer, publicKey, thumbprint,
            p.request, TILL);
        same(verified.status, 0);
        same(verified.answer.hex(), id);
        same(toHex(sign(core, p).answer.bytes()), toHex(transfer));
        const allowance = anAllowance(PUBLIC_KEY);
        const built = core.call("payment_build", NETWORK, allowance, transfer);
        same(named(core, built.status), "OK");
        const text = built.answer.text();
        const read = core.call("payment", NETWORK, text, p.request).answer;
        same(read.hex(), toHex(allowance));
        same(read.hex(), toHex(transfer));
        read.hex();
        same(read.hex(), id);
        const foreign = sign(core, payment({ seed: new Uint8Array(32).fill(1) })).answer.bytes();
        same(named(core, core.call("payment_build", NETWORK, allowance, foreign).status),
            "SIGNATURE_BAD");
    },

    "a till's request is checked at its certificate's time": ({ core }) => {
        const { network, code, till } = firstVector("request");
        const office = fromHex(firstVector("accept").till_key);
        const { answer } = core.call("envelope", fromHex(till));
        answer.bytes();
        const signed = core.call("payload", "till", network, answer.bytes()).answer.fields().from;
        const verify = (key, from, until, killed, text = code) => named(core, core.call("request_verify",
            network, ...list([[key, from, until, until, killed]], (one) => one), text).status);
        same(verify(office, signed, signed, 0), "OK");
        same(verify(fromHex(PUBLIC_KEY), signed, signed, 0), "SIGNER_UNKNOWN");
        same(verify(office, signed + 1, signed + 1, 0), "KEY_NOT_YET");
        same(verify(office, signed - 1, signed - 1, 0), "KEY_EXPIRED");
        same(verify(office, signed, signed, 1), "KEY_KILLED");
        need(verify(office, signed, signed, 0, `${code.slice(0, -1)}G`) !== "OK", "another code is good");
        const many = list(Array.from({ length: 257 }, () => [office, 1, 2, 2, 0]), (one) => one);
        same(named(core, core.call("request_verify", network, ...many, code).status), "CAPACITY");
    },

    "a call that is not laid out as one": ({ module }) => {
        const whole = frame(["void", NETWORK, new Uint8Array(3)]);
        for (let length = 0; length < whole.length; length++)
            traps(() => started(module).callRaw("payload", whole.subarray(0, length)), `${length} bytes`);
        traps(() => started(module).callRaw("payload", Uint8Array.of(...whole, 0)), "a byte more");
        traps(() => started(module).call("payload", "no-such-rule", NETWORK, ""), "an unknown rule");
        traps(() => started(module).call("payload", "void", 0, "x"), "network 0");
        traps(() => started(module).call("payload", "void", 2 ** 32, "x"), "network 2^32");
        traps(() => started(module).call("key", new Uint8Array(31)), "a seed of 31 bytes");
        traps(() => started(module).call("text_decode", "PP", "WU1P"), "two letters");
    },

    "calls of any length": ({ module, core }) => {
        same(core.inputSize, 1048576 + 65536);
        const room = core.inputSize - frame(["P", ""]).length;
        same(named(core, core.call("text_encode", "P", new Uint8Array(room)).status), "TOO_LARGE");
        same(named(core, core.call("carrier", "parcel", new Uint8Array(1048577)).status), "TOO_LARGE");
        const ids = (count) => [NETWORK, fromHex(PUBLIC_KEY), 0, 0, count];
        same(named(core, core.call("news", ...ids(4097)).status), "CAPACITY");
        same(named(core, core.call("merkle", 1025).status), "CAPACITY");
        const broken = started(module);
        traps(() => broken.callLength("status", core.inputSize + 1), "too long a call");
    },

    "lists at their most": ({ core }) => {
        const entries = Array.from({ length: 1024 }, (_, i) => Uint8Array.of(i & 255, i >> 8));
        const { status, answer } = core.call("merkle", 1024, ...entries, 1, 1023, 1, 1000);
        same(status, 0);
        answer.hex();
        same(answer.list(() => answer.hex()).length, 10);
        need(answer.list(() => answer.hex()).length > 0, "no path");
        answer.end();
        same(named(core, core.call("merkle", 1, entries[0], 1, 1, 0).status), "NOT_FOUND");
        const parts = Array.from({ length: 1024 }, () => Buffer.concat([Buffer.from("5903fc", "hex"),
            Buffer.alloc(1020)]));
        const parcel = Buffer.concat([Buffer.from("8201990400", "hex"), ...parts]);
        const read = core.call("carrier", "parcel", parcel);
        same(named(core, read.status), "OK");
        same(core.call("carrier", "parcel", parcel).answer.fields().parts.length, 1024);
    },

    "a promise of 2^31 elements costs nothing": ({ core }) => {
        const before = core.memory.length;
        let best = Infinity;
        for (let i = 0; i < 5; i++) {
            const start = performance.now();
            const { status } = core.call("payload", "void", NETWORK, fromHex("9a80000000"));
            best = Math.min(best, performance.now() - start);
            same(named(core, status), "CBOR_TRUNCATED");
        }
        need(best < 1, `${best} ms`);
        same(core.memory.length, before);
    },
};

// After everything else was done with a core: its memory has not grown, and its stack, which lies
// lowest, was never more than half full.
export function checkMemory(core, before) {
    same(core.memory.length, before);
    const lowest = core.memory.findIndex((byte) => byte !== 0);
    need(lowest > STACK_SIZE / 2 && lowest < STACK_SIZE, `stack used down to ${lowest}`);
    return STACK_SIZE - lowest;
}
