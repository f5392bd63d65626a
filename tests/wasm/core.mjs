// Calls the core of the page: wallet/web/core.c says what it exports, frame.h how values lie in
// memory, ops.h which values belong to a call.
import { webcrypto } from "node:crypto";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const fromHex = (text) => Uint8Array.from(Buffer.from(text, "hex"));
export const toHex = (bytes) => Buffer.from(bytes).toString("hex");

// A list among the values of a call: its length, then the values of its elements.
export const list = (items, values = (item) => [item]) => [items.length, ...items.flatMap(values)];

// The bytes of a call: numbers (also BigInt), bytes, and strings as text.
export function frame(values) {
    const parts = values.map((value) => {
        if (typeof value === "number" || typeof value === "bigint") {
            const number = Buffer.alloc(8);
            number.writeBigUInt64LE(BigInt(value));
            return number;
        }
        const bytes = typeof value === "string" ? encoder.encode(value) : value;
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        return Buffer.concat([length, bytes]);
    });
    return new Uint8Array(Buffer.concat(parts));
}

// The values of an answer, read in their order.
export class Answer {
    #bytes;
    #view;
    #at = 0;

    constructor(bytes) {
        this.#bytes = bytes;
        this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    #take(length) {
        const from = this.#at;
        if (length > this.#bytes.length - from) throw new Error("the answer is too short");
        this.#at += length;
        return this.#bytes.subarray(from, this.#at);
    }

    #u32() {
        const from = this.#at;
        this.#take(4);
        return this.#view.getUint32(from, true);
    }

    number() {
        const from = this.#at;
        this.#take(8);
        return Number(this.#view.getBigUint64(from, true));
    }

    bytes() {
        return this.#take(this.#u32());
    }

    text() {
        return decoder.decode(this.bytes());
    }

    hex() {
        return toHex(this.bytes());
    }

    list(read) {
        return Array.from({ length: this.number() }, read);
    }

    // The fields of a message: records as objects, arrays as arrays, bytes in hexadecimal.
    fields() {
        const open = [];
        for (;;) {
            const letter = String.fromCharCode(this.#take(1)[0]);
            let value;
            if (letter === "}" || letter === "]") {
                ({ value } = open.pop());
                if (open.length === 0) return value;
                continue;
            }
            const name = decoder.decode(this.#take(this.#take(1)[0]));
            if (letter === "{") value = {};
            else if (letter === "[") value = [];
            else if (letter === "n") value = this.number();
            else if (letter === "b") value = this.hex();
            else if (letter === "t") value = this.text();
            else throw new Error(`the answer has an event ${letter}`);
            const around = open[open.length - 1]?.value;
            if (Array.isArray(around)) around.push(value);
            else if (around !== undefined) around[name] = value;
            if (letter === "{" || letter === "[") open.push({ value });
        }
    }

    end() {
        if (this.#at !== this.#bytes.length) throw new Error("the answer is too long");
    }
}

export class Core {
    #exports;

    // `random` fills an array, as getRandomValues does, and may give an error number.
    constructor(module, random = (bytes) => void webcrypto.getRandomValues(bytes)) {
        const random_get = (at, length) =>
            random(new Uint8Array(this.#exports.memory.buffer, at, length)) ?? 0;
        const instance = new WebAssembly.Instance(module, {
            wasi_snapshot_preview1: { random_get },
        });
        this.#exports = instance.exports;
    }

    init() {
        return this.#exports.init();
    }

    get memory() {
        return new Uint8Array(this.#exports.memory.buffer);
    }

    get inputSize() {
        return this.#exports.input_size();
    }

    input(length) {
        const at = this.#exports.input();
        return this.memory.subarray(at, at + length);
    }

    // The answer's bytes; a copy, as the next call overwrites them.
    output() {
        const at = this.#exports.output();
        return this.memory.slice(at, at + this.#exports.output_length());
    }

    // A call of that many bytes of what lies in the input; gives the number of its status.
    callLength(name, length) {
        return this.#exports[name](length);
    }

    // A call laid out by `frame`.
    callRaw(name, bytes) {
        this.input(bytes.length).set(bytes);
        return this.callLength(name, bytes.length);
    }

    call(name, ...values) {
        const status = this.callRaw(name, frame(values));
        return { status, answer: new Answer(this.output()) };
    }

    statusName(number) {
        return this.call("status", number).answer.text();
    }
}
