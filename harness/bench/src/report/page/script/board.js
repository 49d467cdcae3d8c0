// A panel with a row for each target: an estimate with its interval, and the values of the blocks.

const ROW_HEIGHT = 44;
// Where the estimate and the blocks' dots stand in their row, as parts of it from its middle.
const ESTIMATE_AT = -0.14;
const DOTS_AT = [0.24, 0.17, 0.31];

// Draws the panel into an element. `view` says how wide, what is hidden, and takes what is pointed at.
function drawBoard(host, chart, panel, view) {
    const palette = paletteNow();
    const shownRows = panel.rows
        .map((row, index) => ({ row, label: chart.labels[index] }))
        .filter(({ label }) => !view.hidden.has(label));
    const items = itemsOf(shownRows);
    const range = boardRange(panel, shownRows);
    const { labels, size } = fitted(
        shownRows.map(({ label }) => label),
        Math.min(view.width * 0.34, 150),
    );
    const options = {
        width: view.width,
        height: Math.max(shownRows.length, 1) * ROW_HEIGHT + 44,
        padding: [6, 22, 0, null],
        legend: { show: false },
        cursor: {
            x: false,
            y: false,
            drag: { x: false, y: false, setScale: false },
            points: { size: 10 },
            dataIdx: (plot, series, index) => (series === 0 ? index : closest(plot, items)),
        },
        scales: {
            x: { time: false, ori: 1, dir: -1, range: () => [-0.5, Math.max(shownRows.length, 1) - 0.5] },
            v: { ori: 0, dir: 1, distr: panel.x.log ? 3 : 1, range: () => [range.low, range.high] },
        },
        series: [{}, { scale: "v", stroke: palette.ink, paths: () => null, points: { show: false } }],
        axes: [
            axisOptions(palette, {
                side: 3,
                size,
                splits: () => labels.map((label, index) => index),
                values: () => labels,
                stroke: palette.ink,
                grid: { show: false },
                ticks: { show: false },
            }),
            valueAxis(palette, range, { scale: "v", side: 2, size: 30 }),
        ],
        hooks: {
            drawClear: [(plot) => drawBand(plot, panel, palette)],
            draw: [(plot) => drawRows(plot, { panel, shownRows, items, palette })],
            setCursor: [(plot) => view.point(plot.cursor.left >= 0 ? plot.cursor.idxs[1] : null)],
        },
    };
    const data = [items.map((item) => item.row), items.map((item) => item.value)];
    const plot = new uPlot(options, data, host);
    const say = (index) => ({ at: items[index].at, values: [["", items[index].words]] });
    return { plot, steps: items.map((item, index) => index), say };
}

// Everything of the rows that can be pointed at, from top to bottom.
function itemsOf(shownRows) {
    const items = shownRows.flatMap(({ row, label }, index) => {
        if (!row) {
            return [];
        }
        const interval = row.interval ? ` ${row.interval.words}` : "";
        const note = row.note ? `, ${row.note}` : "";
        const estimate = {
            row: index + ESTIMATE_AT,
            value: row.estimate,
            at: label,
            words: row.words + interval + note,
        };
        const dots = row.dots.map(([value, words], block) => ({
            row: index + DOTS_AT[block % DOTS_AT.length],
            value,
            at: `${label}, used block ${block + 1}`,
            words,
            colour: row.colour,
        }));
        return [estimate, ...dots];
    });
    return items.sort((a, b) => a.row - b.row);
}

// What is shown decides the range: of bars from zero, of ratios what there is with the margin around 1.
function boardRange(panel, shownRows) {
    const rows = shownRows.map(({ row }) => row).filter(Boolean);
    const of = (row) => [row.estimate, ...row.dots.map(([value]) => value)];
    const ends = (row) => (row.interval ? [row.interval.low, row.interval.high] : []);
    const values = rows.flatMap((row) => [...of(row), ...ends(row)]).concat(panel.band || []);
    if (panel.x.log || rows.some((row) => row.bar) || values.length === 0) {
        return rangeOf(values, panel.x.log);
    }
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const room = (most - least) * 0.06 || Math.abs(most) * 0.06;
    return { low: least - room, high: most + room };
}

// Labels cut to a width, and the room that they take.
function fitted(labels, most) {
    const context = document.createElement("canvas").getContext("2d");
    context.font = FONT;
    const width = (text) => context.measureText(text).width;
    const cut = (label) => {
        let kept = label;
        while (kept.length > 1 && width(`${kept}…`) > most - 12) {
            kept = kept.slice(0, -1);
        }
        return `${kept}…`;
    };
    const shortened = labels.map((label) => (width(label) > most - 12 ? cut(label) : label));
    return { labels: shortened, size: Math.ceil(Math.max(24, ...shortened.map(width))) + 12 };
}

// The item closest to the pointer.
function closest(plot, items) {
    const { left, top } = plot.cursor;
    const distance = (item) => Math.hypot(plot.valToPos(item.value, "v") - left, plot.valToPos(item.row, "x") - top);
    let found = null;
    items.forEach((item, index) => {
        if (found === null || distance(item) < distance(items[found])) {
            found = index;
        }
    });
    return found;
}

function drawBand(plot, panel, palette) {
    within(plot, (context, { top, height }) => {
        if (panel.band) {
            const [from, to] = panel.band.map((value) => plot.valToPos(value, "v", true));
            context.fillStyle = palette.shade;
            context.fillRect(from, top, to - from, height);
        }
    });
}

function drawRows(plot, { panel, shownRows, items, palette }) {
    const across = (value) => plot.valToPos(value, "v", true);
    const down = (row) => plot.valToPos(row, "x", true);
    const pixels = (length) => length * devicePixelRatio;
    within(plot, (context, { left, top, height }) => {
        if (panel.rule !== null) {
            drawPath(
                context,
                [
                    [across(panel.rule), top],
                    [across(panel.rule), top + height],
                ],
                { colour: palette.faint },
                1.4,
            );
        }
        shownRows.forEach(({ row }, index) => {
            const y = down(index + ESTIMATE_AT);
            if (!row) {
                context.fillStyle = palette.faint;
                context.font = `${pixels(12)}px ${FONT.slice(FONT.indexOf(" "))}`;
                context.textAlign = "left";
                context.textBaseline = "middle";
                context.fillText("not measured", left + pixels(6), y);
                return;
            }
            if (row.bar) {
                context.fillStyle = shown(row.colour);
                context.fillRect(left, y - pixels(8), across(row.estimate) - left, pixels(16));
            }
            if (row.interval) {
                drawInterval(context, [across(row.interval.low), across(row.interval.high)], y, palette.ink);
            }
            if (!row.bar) {
                drawMark(context, "diamond", [across(row.estimate), y], pixels(4.4), shown(row.colour));
            }
        });
        items
            .filter((item) => item.colour)
            .forEach((item) => {
                drawMark(context, "circle", [across(item.value), down(item.row)], pixels(2.3), shown(item.colour));
            });
    });
}

function drawInterval(context, [low, high], y, colour) {
    const end = 5 * devicePixelRatio;
    const lines = [
        [
            [low, y],
            [high, y],
        ],
        [
            [low, y - end],
            [low, y + end],
        ],
        [
            [high, y - end],
            [high, y + end],
        ],
    ];
    lines.forEach((line) => drawPath(context, line, { colour }, 1.6));
}
