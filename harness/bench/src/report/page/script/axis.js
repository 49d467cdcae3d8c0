// Axes: from where to where, and which ticks have room. Ticks are no figures: all else that is written came with the page.

const FONT = '12px Inter, "Helvetica Neue", Helvetica, Arial, sans-serif';

// What stands at a tick: 0.5, 20, 50k.
function tickText(value) {
    const steps = [
        [1e9, "G"],
        [1e6, "M"],
        [1e4, "k"],
    ];
    const [from, suffix] = steps.find(([least]) => Math.abs(value) >= least) || [1, ""];
    const scale = suffix === "k" ? 1e3 : from;
    return Number((value / scale).toPrecision(6)) + suffix;
}

// 1, 2 and 5 times every power of ten from below the least to above the most.
function roundNumbers(least, most) {
    const numbers = [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.floor(Math.log10(most)) + 1; power += 1) {
        numbers.push(...[1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
    }
    return numbers;
}

// The range of an axis for some values, and of a logarithmic one its ticks.
function rangeOf(values, log) {
    const usable = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
    const least = usable.length > 0 ? Math.min(...usable) : 1;
    const most = usable.length > 0 ? Math.max(...usable) : 1;
    if (!log) {
        const high = Math.max(most, 0);
        return { low: Math.min(least, 0), high: high > 0 ? high * 1.06 : 1 };
    }
    const all = roundNumbers(least, most * 1.1);
    const low = all.filter((number) => number <= least).pop();
    const high = all.find((number) => number >= most * 1.1);
    const isDense = high / low <= 1000;
    const isPower = (number) => number.toExponential().startsWith("1e");
    const inside = all.filter((number) => number >= low && number <= high);
    return { low, high, ticks: inside.filter((number) => isDense || isPower(number)) };
}

// The given ticks of an axis that do not touch each other on so many pixels.
function ticksWithRoom({ low, high, log, ticks }, pixels) {
    const place = (at) => (log ? Math.log(at / low) / Math.log(high / low) : (at - low) / (high - low));
    let freeFrom = -Infinity;
    return ticks.filter(([at, label]) => {
        const [middle, half] = [place(at) * pixels, label.length * 3.7];
        if (middle - half < freeFrom) {
            return false;
        }
        freeFrom = middle + half + 8;
        return true;
    });
}

// How uPlot is to draw an axis.
function axisOptions(palette, options) {
    const thin = { stroke: palette.line, width: 1 };
    return { stroke: palette.faint, font: FONT, grid: thin, ticks: { ...thin, size: 4 }, gap: 4, ...options };
}

// An axis of values, whose ticks are uPlot's own where it is linear.
function valueAxis(palette, range, options) {
    const values = (plot, splits) => splits.map((value) => (value === null ? "" : tickText(value)));
    const own = range.ticks ? { splits: () => range.ticks, filter: (plot, splits) => splits } : {};
    return axisOptions(palette, { values, ...own, ...options });
}
