// A panel of lines over one axis.

const LINES_HEIGHT = 280;
// Marks on a line at most; each line keeps others, so that lines which lie on each other are told apart.
const MOST_MARKS = 24;

// Draws the panel into an element. `view` says how wide, what is hidden, which scale, and takes what is pointed at.
function drawLines(host, chart, panel, view) {
    const palette = paletteNow();
    const isShown = ({ of }) => !view.hidden.has(of);
    const parts = {
        lines: panel.lines.filter(isShown),
        levels: panel.levels.filter(isShown),
        uprights: panel.uprights.filter(isShown),
        outlines: panel.outlines.filter(isShown),
    };
    const log = panel.switch ? view.log : panel.log;
    const heights = [
        ...parts.lines.flatMap((line) => line.y.filter((y) => y !== null)),
        ...parts.levels.map((level) => level.y),
        ...parts.outlines.flatMap((outline) => outline.pieces.flat().map(([, y]) => y)),
    ];
    const range = rangeOf(heights, log);
    const xTicks = ticksWithRoom(chart.x, view.width - 80);
    const options = {
        width: view.width,
        height: view.height || LINES_HEIGHT,
        padding: [10, 22, 0, null],
        legend: { show: false },
        cursor: { x: true, y: false, drag: { x: false, y: false, setScale: false }, points: { size: 9 } },
        scales: {
            x: { time: false, distr: chart.x.log ? 3 : 1, range: () => [chart.x.low, chart.x.high] },
            y: { distr: log ? 3 : 1, range: () => [range.low, range.high] },
        },
        series: [{}, ...parts.lines.map((line) => lineOptions(line))],
        axes: [
            axisOptions(palette, {
                splits: () => xTicks.map(([at]) => at),
                values: () => xTicks.map(([, label]) => label),
                filter: (plot, splits) => splits,
                size: 30,
            }),
            valueAxis(palette, range, { size: 52 }),
        ],
        hooks: {
            drawClear: [(plot) => drawBehind(plot, chart, palette)],
            drawSeries: [(plot, index) => drawMarks(plot, parts.lines[index - 1], index)],
            draw: [(plot) => drawBeside(plot, parts)],
            setCursor: [(plot) => view.point(plot.cursor.left >= 0 ? nearest(parts.lines, plot.cursor.idx) : null)],
        },
    };
    const data = [panel.x, ...parts.lines.map((line) => valuesOf(line, log))];
    const plot = new uPlot(options, data, host);
    return { plot, steps: stepsOf(parts.lines, panel), say: (index) => sayPlace(panel, parts, index) };
}

function lineOptions(line) {
    const colour = shown(line.colour);
    const dash = line.dash || undefined;
    return { label: line.name, stroke: colour, width: 2, dash, points: { show: false } };
}

// uPlot breaks a line at null and goes on over undefined. A logarithmic axis has no place for zero.
function valuesOf(line, log) {
    const gaps = new Set(line.gaps);
    return line.y.map((y, index) => {
        if (y === null) {
            return gaps.has(index) ? null : undefined;
        }
        return log && y <= 0 ? null : y;
    });
}

// The places at which any line has a value, in order.
function stepsOf(lines, panel) {
    return panel.x.map((x, index) => index).filter((index) => lines.some((line) => line.y[index] !== null));
}

// The place nearest to an index at which any line has a value.
function nearest(lines, index) {
    if (index === null || index === undefined) {
        return null;
    }
    const isThere = (at) => lines.some((line) => line.y[at] !== null && line.y[at] !== undefined);
    for (let off = 0; lines.length > 0 && off < lines[0].y.length; off += 1) {
        for (const at of [index - off, index + off]) {
            if (isThere(at)) {
                return at;
            }
        }
    }
    return null;
}

// What the lines say at a place.
function sayPlace(panel, { lines, levels }, index) {
    const named = lines.filter((line) => line.words[index]).map((line) => [line.name, line.words[index]]);
    const constant = levels.map((level) => [level.name, level.words]);
    return { at: panel.at[index], values: [...named, ...constant.filter(([name, words]) => !name.includes(words))] };
}

// Calls back with the plotting area alone to be drawn on.
function within(plot, draw) {
    const { left, top, width, height } = plot.bbox;
    plot.ctx.save();
    plot.ctx.beginPath();
    plot.ctx.rect(left, top, width, height);
    plot.ctx.clip();
    draw(plot.ctx, plot.bbox);
    plot.ctx.restore();
}

// What does not count is shaded, and an invalid run says so in its charts.
function drawBehind(plot, chart, palette) {
    within(plot, (context, { left, top, width, height }) => {
        if (chart.shade) {
            const [from, to] = chart.shade.slice(1).map((x) => plot.valToPos(x, "x", true));
            context.fillStyle = palette.shade;
            context.fillRect(from, top, to - from, height);
        }
        if (chart.alarm) {
            context.fillStyle = palette["alarm-wash"];
            context.font = `700 ${Math.min(height * 0.4, width * 0.2)}px ${FONT.slice(FONT.indexOf(" "))}`;
            context.textAlign = "center";
            context.textBaseline = "middle";
            context.fillText("INVALID", left + width / 2, top + height / 2);
        }
    });
}

function drawMarks(plot, line, index) {
    if (!line) {
        return;
    }
    const every = Math.max(Math.ceil(line.y.length / MOST_MARKS), 1);
    const offset = index * Math.ceil(every / 3);
    within(plot, (context) => {
        line.y.forEach((y, at) => {
            const stands = y !== null && (line.y[at - 1] ?? line.y[at + 1] ?? null) === null;
            // A point without neighbours is no line, and would not be seen.
            const mark = stands && line.mark === "none" ? "circle" : line.mark;
            if (y === null || (!stands && (at + offset) % every !== 0)) {
                return;
            }
            const place = [plot.valToPos(plot.data[0][at], "x", true), plot.valToPos(y, "y", true)];
            drawMark(context, mark, place, 3.4 * devicePixelRatio, shown(line.colour));
        });
    });
}

function drawBeside(plot, { levels, uprights, outlines }) {
    const place = ([x, y]) => [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)];
    within(plot, (context, { top, height }) => {
        outlines.forEach((outline) =>
            outline.pieces.forEach((piece) => drawPath(context, piece.map(place), outline, 2)),
        );
        levels.forEach((level) => {
            drawPath(context, [place([level.from, level.y]), place([level.to, level.y])], level, 2);
        });
        uprights.forEach((upright) => {
            const x = plot.valToPos(upright.x, "x", true);
            drawPath(
                context,
                [
                    [x, top],
                    [x, top + height],
                ],
                upright,
                2,
            );
        });
    });
}
