// Numbers as people read them, back to numbers.

const UNITS = {
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    "%": 1,
    ns: 1e-3,
    us: 1,
    ms: 1e3,
    s: 1e6,
    B: 1,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40,
};

/**
 * What the first number of a text says, and by how much it may be off for having been rounded: times in microseconds, sizes in
 * bytes, parts in percent. Null where there is none.
 */
export function parsed(text) {
    const found = text.match(/(\d+(?:\.(\d+))?) ?([kMGT%](?![A-Za-z])|ns|us|ms|s(?![A-Za-z])|[KMGT]iB|B(?![A-Za-z]))?/);
    if (!found) {
        return null;
    }
    const [, digits, decimals = "", unit = ""] = found;
    const scale = UNITS[unit];
    // A digit more than half the last one, since numbers that end in 5 are rounded either way.
    return { value: Number(digits) * scale, off: 0.501 * scale * 10 ** -decimals.length, unit };
}

/** The number of a report in the units of `parsed`, by its place and the unit of its text. */
export function inUnits(value, pointer, unit) {
    if (/startup_ms$|\/start-up\//.test(pointer)) {
        return value * 1e3;
    }
    // A target's own metric in seconds.
    if (/_s(_per_s)?\/(median|max)$/.test(pointer)) {
        return value * 1e6;
    }
    return unit === "%" && !/percent/.test(pointer) ? value * 100 : value;
}
