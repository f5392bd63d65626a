// The operations of tests/vectors/README.md through the core.
import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { fromHex, list } from "./core.mjs";

const REQUEST_STATES = ["", "open", "paid", "expired", "cancelled", "voided"];

const paths = (answer, known, name) =>
    known.map((one) => ({ [name]: one[name], path: answer.list(() => answer.hex()) }));

// For each operation the call, its values, how its answer reads, and what must hold besides.
const OPS = {
    text: {
        call: "text_decode",
        values: (v) => [v.letter, v.text],
        read: (answer) => ({ bytes: answer.hex() }),
        again(core, v, out) {
            const text = core.call("text_encode", v.letter, fromHex(out.bytes)).answer.text();
            return core.call("text_decode", v.letter, text).answer.hex() === out.bytes;
        },
    },
    envelope: {
        call: "envelope",
        values: (v) => [fromHex(v.cose)],
        read: (answer) => ({ kid: answer.hex(), payload: answer.hex(), signature: answer.hex() }),
    },
    payload: {
        call: "payload",
        values: (v) => [v.rule, v.network, fromHex(v.payload)],
        read: (answer) => ({ fields: answer.fields() }),
    },
    carrier: {
        call: "carrier",
        values: (v) => [v.rule, fromHex(v.bytes)],
        read: (answer) => ({ fields: answer.fields() }),
    },
    verify: {
        call: "verify",
        values: (v) => [
            v.rule, v.network, fromHex(v.cose), fromHex(v.key),
            ...(v.rule === "transfer" ? [fromHex(v.thumbprint), fromHex(v.request), v.payee] : []),
        ],
        read: (answer) => ({ id: answer.hex() }),
    },
    payment: {
        call: "payment",
        values: (v) => [v.network, v.code, fromHex(v.request)],
        read: (answer) => ({
            allowance: answer.hex(), transfer: answer.hex(),
            allowance_id: answer.hex(), transfer_id: answer.hex(),
        }),
        again(core, v, out) {
            const parts = [fromHex(out.allowance), fromHex(out.transfer)];
            const built = core.call("payment_build", v.network, ...parts);
            return built.answer.text() === v.code.toUpperCase();
        },
    },
    request: {
        call: "request",
        values: (v) => [v.network, v.code],
        read: (answer) => ({ till: answer.hex(), request: answer.hex(), request_id: answer.hex() }),
    },
    accept: {
        call: "accept",
        values: (v) => [
            v.network, fromHex(v.till), fromHex(v.till_key), fromHex(v.parameters),
            ...list(v.issuers, (one) => [
                fromHex(one.key), one.from, one.until, one.verify_until, Number(one.killed),
            ]),
            ...list(v.denied.map(fromHex)),
            v.lower_bound, v.anchor_time, v.news_time,
            ...list(v.requests, (one) => [fromHex(one.cose), REQUEST_STATES.indexOf(one.state)]),
            ...list(v.accepted, (one) => [
                fromHex(one.line), one.tier, one.from, one.to, one.seq, fromHex(one.prev),
                Number(one.confirmed),
            ]),
            ...list(v.codes), v.code, v.now,
        ],
        read: (answer) => ({ transfer_id: answer.hex(), amount: answer.number() }),
    },
    evidence: {
        call: "evidence",
        values: (v) => [
            v.network, ...list(v.keys.map(fromHex)), fromHex(v.allowance),
            fromHex(v.first), fromHex(v.first_request), fromHex(v.second), fromHex(v.second_request),
        ],
        read: (answer) => ({ cause: answer.number() }),
    },
    news: {
        call: "news",
        values: (v) => [
            v.network, fromHex(v.key), v.version, v.time, ...list(v.ids.map(fromHex)), fromHex(v.cose),
        ],
        read: (answer) => ({
            new_version: answer.number(), new_ids: answer.list(() => answer.hex()),
        }),
    },
    merkle: {
        call: "merkle",
        values: (v) => [
            ...list(v.entries.map(fromHex)),
            ...list(v.inclusion ?? [], (one) => [one.index]),
            ...list(v.consistency ?? [], (one) => [one.old]),
        ],
        read: (answer, v) => ({
            root: answer.hex(),
            inclusion: paths(answer, v.inclusion ?? [], "index"),
            consistency: paths(answer, v.consistency ?? [], "old"),
        }),
    },
    checkpoint: {
        call: "checkpoint",
        values: (v) => [v.note, v.key_name, fromHex(v.key)],
        read: (answer) => ({ origin: answer.text(), size: answer.number(), root: answer.hex() }),
    },
};

// What is wrong with a vector's answer; undefined when nothing is.
function fault(core, op, vector, statuses) {
    if (!statuses.has(vector.expect)) return `there is no status ${vector.expect}`;
    const { status, answer } = core.call(op.call, ...op.values(vector));
    const name = core.statusName(status);
    if (name !== vector.expect) return `${name}, expected ${vector.expect}`;
    if (name !== "OK") return undefined;
    const out = op.read(answer, vector);
    answer.end();
    for (const [key, value] of Object.entries(out)) {
        if (!isDeepStrictEqual(value, vector[key]))
            return `${key} is ${JSON.stringify(value)}, expected ${JSON.stringify(vector[key])}`;
    }
    return op.again && !op.again(core, vector, out) ? "made again it is another" : undefined;
}

// Numbers that JSON cannot hold exactly would be compared wrongly.
function reviver(key, value) {
    if (typeof value === "number" && !Number.isSafeInteger(value))
        throw new Error(`${key} has no exact number`);
    return value;
}

// Runs all vectors of a folder: report(name, what is wrong) for each, and for each operation once
// under `vectors of OP` whether there were any and all were right.
export function runVectors(core, folder, statuses, report) {
    const done = Object.fromEntries(Object.keys(OPS).map((op) => [op, { good: 0, bad: 0 }]));
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")).sort()) {
        const { op, vectors } = JSON.parse(readFileSync(new URL(file, folder), "utf8"), reviver);
        if (!(op in OPS)) {
            report(file, `there is no operation ${op}`);
            continue;
        }
        for (const vector of vectors) {
            let wrong;
            try {
                wrong = fault(core, OPS[op], vector, statuses);
            } catch (error) {
                wrong = String(error);
            }
            done[op][wrong === undefined ? "good" : "bad"]++;
            report(`${file}: ${vector.name}`, wrong);
        }
    }
    for (const [op, { good, bad }] of Object.entries(done)) {
        if (good === 0) report(`vectors of ${op}`, "none was right");
        else if (bad === 0) console.log(`ok vectors of ${op}`);
    }
}
