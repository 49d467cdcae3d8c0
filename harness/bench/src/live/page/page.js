"use strict";
// The live page: follows /events, draws what they say, and goes to the report at the end. Figures in words come ready from
// bench; only axes and hovered points are put into words here. Text goes into the page as text alone.

const at = (id) => document.getElementById(id);
const element = (name, text) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
};

// Figures as bench writes them (report/amount.rs): four digits, three decimals at most, and a unit.
const fourDigits = (value) => Number(value.toPrecision(4));
const exact = (value) => {
    const size = Math.abs(fourDigits(value));
    return fourDigits(value).toFixed(size === 0 || size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
};
/** The same without zeros at its end, as it stands at an axis. */
const brief = (value) => String(fourDigits(value));

/** A value in the largest unit that it has at least one of, or in the first. */
const scaled = (value, steps, write) => {
    const [step, unit] = steps.findLast(([least]) => Math.abs(fourDigits(value)) >= least) ?? steps[0];
    return write(value / step) + unit;
};
const THOUSANDS = [
    [1e3, "k"],
    [1e6, "M"],
    [1e9, "G"],
];
const TIMES_US = [
    [1e-3, " ns"],
    [1, " us"],
    [1e3, " ms"],
    [1e6, " s"],
];
const SIZES = [
    [1024, " KiB"],
    [1048576, " MiB"],
    [1073741824, " GiB"],
    [1099511627776, " TiB"],
];
const count = (value, write = exact) =>
    Math.abs(fourDigits(value)) < 1e4 ? write(value) : scaled(value, THOUSANDS, write);
const time = (us, write = exact) => (us === 0 ? "0 us" : scaled(us, TIMES_US, write));
const bytes = (size, write = exact) => (size < 1024 ? `${Math.round(size)} B` : scaled(size, SIZES, write));

/** Where an axis of sizes may have its ticks. */
const POWERS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** The charts: where, what of a point, and in which words. */
const CHARTS = [
    { id: "chart-tps", words: count, lines: [["tps", "TPS"]] },
    {
        id: "chart-latency",
        words: time,
        lines: [
            ["p50_us", "P50"],
            ["p90_us", "P90"],
            ["p99_us", "P99"],
            ["p99_9_us", "P99.9"],
            ["max_us", "Max"],
        ],
        isLogarithmic: () => at("log").getAttribute("aria-pressed") === "true",
    },
    {
        id: "chart-cpus",
        words: count,
        lines: [
            ["target_cpus", "target"],
            ["generator_cpus", "generator"],
        ],
    },
    { id: "chart-memory", words: bytes, steps: POWERS, lines: [["memory_bytes", "memory"]] },
    { id: "chart-errors", words: count, lines: [["errors_per_s", "errors"]] },
];

let columns = [];
let points = [];
let head = {};

/** What a chart draws: the end of each interval, and a list for each line. */
const dataOf = (chart) => {
    const column = (name) => columns.indexOf(name);
    const [start, duration] = [column("start_s"), column("duration_s")];
    const values = (name) => {
        const index = column(name);
        // On a logarithmic axis there is no zero.
        const isDrawn = (value) => value !== null && (value > 0 || !chart.isLogarithmic?.());
        return points.map((point) => (isDrawn(point[index]) ? point[index] : null));
    };
    return [points.map((point) => point[start] + point[duration]), ...chart.lines.map(([name]) => values(name))];
};

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The warm-up, which is not measured, has another ground. */
const shadeWarmUp = (plot) => {
    const { left, top, width, height } = plot.bbox;
    const until = head.window_from_s === null ? Infinity : plot.valToPos(head.window_from_s, "x", true);
    const right = Math.min(Math.max(until, left), left + width);
    plot.ctx.save();
    plot.ctx.fillStyle = colour("--wash");
    plot.ctx.fillRect(left, top, right - left, height);
    plot.ctx.restore();
};

const optionsOf = (chart) => {
    const axis = {
        stroke: colour("--faint"),
        grid: { stroke: colour("--line"), width: 1 },
        ticks: { stroke: colour("--line") },
    };
    const isLogarithmic = chart.isLogarithmic?.() ?? false;
    const y = isLogarithmic ? { distr: 3 } : { range: (_, __, most) => [0, (most > 0 ? most : 1) * 1.05] };
    const line = ([, label], index) => ({
        label,
        stroke: colour(`--trace-${index + 1}`),
        width: 2,
        points: { show: points.length < 2 },
        value: (_, value) => (value === null || value === undefined ? "-" : chart.words(value)),
    });
    return {
        width: at(chart.id).clientWidth,
        height: chart.lines.length > 1 ? 240 : 160,
        scales: { x: { time: false }, y },
        axes: [
            { ...axis, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
            {
                ...axis,
                size: 76,
                ...(chart.steps && { incrs: chart.steps }),
                values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : chart.words(tick, brief))),
            },
        ],
        series: [
            {
                label: "until",
                value: (_, value) => (value === null || value === undefined ? "-" : `${value.toFixed(1)} s`),
            },
            ...chart.lines.map(line),
        ],
        legend: { live: true },
        hooks: { drawClear: [shadeWarmUp] },
    };
};

const draw = (chart) => {
    chart.plot?.destroy();
    chart.plot = new uPlot(optionsOf(chart), dataOf(chart), at(chart.id));
};

const drawAll = () => CHARTS.forEach(draw);

const gaugeOf = ({ title, value, beside }) => {
    const group = document.createElement("div");
    group.append(element("dt", title), element("dd", value), element("dd", beside));
    return group;
};

const warningOf = ({ message, invalidates }) => {
    const item = document.createElement("li");
    item.className = invalidates ? "invalid" : "";
    item.append(element("strong", invalidates ? "Invalid: " : "Warning: "), message);
    return item;
};

/** Shows everything but the charts. */
const showHead = () => {
    at("title").textContent = head.title || "bench";
    document.title = head.title ? `${head.step} - ${head.title}` : "bench";
    at("position").textContent = head.position ?? "";
    at("position").hidden = head.position === null;
    at("step").textContent = head.step;
    at("part").hidden = head.part_done === null;
    at("part").value = head.part_done ?? 0;
    at("latency-title").textContent = head.latency || "Latency";
    const percentiles = head.percentiles.map(([title, value]) => ({ title, value, beside: "" }));
    at("gauges").replaceChildren(...[...head.gauges, ...percentiles].map(gaugeOf));
    at("stride").hidden = head.stride === 1;
    at("stride").textContent =
        `A point stands for ${head.stride} intervals: the larger of their percentiles and sizes, the mean of the rest.`;
    // Whoever listens to the page hears what has changed, and not the same again every second.
    const said = JSON.stringify(head.warnings);
    if (at("warnings").dataset.said !== said) {
        at("warnings").dataset.said = said;
        at("warnings").replaceChildren(...head.warnings.map(warningOf));
    }
    at("warnings-section").hidden = head.warnings.length === 0;
    at("lines").textContent = head.lines.join("\n");
    at("lines-section").hidden = head.lines.length === 0;
};

const source = new EventSource("/events");
const say = (text) => {
    at("connection").textContent = text;
};

source.addEventListener("all", (event) => {
    ({ head, columns, points } = JSON.parse(event.data));
    showHead();
    drawAll();
});
source.addEventListener("more", (event) => {
    const news = JSON.parse(event.data);
    head = news.head;
    showHead();
    if (news.points.length > 0) {
        points.push(...news.points);
        CHARTS.forEach((chart) => (points.length < 3 ? draw(chart) : chart.plot.setData(dataOf(chart))));
    }
});
source.addEventListener("end", (event) => {
    source.close();
    const { report, folder } = JSON.parse(event.data);
    if (report) {
        location.replace("/report");
    } else {
        say(
            folder
                ? `bench has ended. The results are in ${folder}`
                : "bench has ended without a result: its terminal says why.",
        );
    }
});
source.addEventListener("open", () => say(""));
source.addEventListener("error", () =>
    say("No connection to bench: it has ended, or the way to it is closed. Trying again."),
);

at("log").addEventListener("click", () => {
    at("log").setAttribute("aria-pressed", String(at("log").getAttribute("aria-pressed") !== "true"));
    draw(CHARTS.find((chart) => chart.id === "chart-latency"));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
addEventListener("resize", () => {
    CHARTS.forEach((chart) => chart.plot?.setSize({ width: at(chart.id).clientWidth, height: chart.plot.height }));
});
