// Whether the core answers random calls as its sources do when compiled for this machine: agree.c
// writes calls and answers, here they are called and compared.
import { spawnSync } from "node:child_process";

const CALLS = 100000;

// The next record: name, call, status, answer.
function* records(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    const take = (length) => bytes.subarray(at, (at += length));
    const u32 = () => {
        at += 4;
        return view.getUint32(at - 4, true);
    };
    while (at < bytes.length) {
        const name = take(u32()).toString();
        const call = take(u32());
        const status = u32();
        yield { name, call, status, answer: take(u32()) };
    }
}

const agrees = (core, { name, call, status, answer }) =>
    core.callRaw(name, call) === status && answer.equals(core.output());

// report(name, what is wrong) for each operation and for the whole.
export function runAgreement(core, program, report) {
    const made = spawnSync(program, [String(CALLS)], { maxBuffer: 1 << 28 });
    if (made.status !== 0) {
        report("native core", `${program}: ${made.error ?? made.stderr}`);
        return;
    }
    const seen = new Map();
    const statuses = new Map();
    let calls = 0;
    let last;
    for (const record of records(made.stdout)) {
        const one = seen.get(record.name) ?? { calls: 0 };
        seen.set(record.name, one);
        one.calls++;
        calls++;
        statuses.set(record.status, (statuses.get(record.status) ?? 0) + 1);
        if (!agrees(core, record) && !one.wrong)
            one.wrong = `${core.statusName(core.callRaw(record.name, record.call))}, natively ` +
                `${core.statusName(record.status)}, to ${record.call.toString("hex")}`;
        if (record.status === 0 && record.answer.length > 0) last = record;
    }
    for (const [name, one] of seen) report(`${name} as natively`, one.wrong);
    report("random calls are enough", calls === CALLS ? undefined : `${calls} of ${CALLS}`);
    const good = (statuses.get(0) ?? 0) / calls;
    report("random calls are good and bad",
        good > 0.2 && good < 0.8 && statuses.size >= 40 ? undefined
            : `${(100 * good).toFixed(1)} % good, ${statuses.size} statuses`);
    const other = Buffer.from(last.answer);
    other[other.length >> 1] ^= 1;
    report("another answer is noticed",
        agrees(core, last) && !agrees(core, { ...last, answer: other }) ? undefined : "it is not");
}
