// How lines look: their colours on white and on black, their dashes and marks, on a canvas and as a sample beside a name.

const DARK = matchMedia("screen and (prefers-color-scheme: dark)");

// The colours that black swallows; the same as in the sheet.
const ON_BLACK = { "#0072B2": "#3D9BD9", "#7A7014": "#B5A937", "#3C3C3C": "#C9CDD1" };

function shown(colour) {
    return (DARK.matches && ON_BLACK[colour]) || colour;
}

// The sheet's colours, as they are now.
function paletteNow() {
    const sheet = getComputedStyle(document.documentElement);
    const names = ["paper", "ink", "faint", "line", "shade", "alarm-wash"];
    return Object.fromEntries(names.map((name) => [name, sheet.getPropertyValue(`--${name}`).trim()]));
}

// The signs at a line's points, around 0 and about 1 in radius.
const MARKS = {
    circle: "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    square: "M-.9 -.9H.9V.9H-.9Z",
    triangle: "M0 -1.25L1.2 .9H-1.2Z",
    diamond: "M0 -1.4L1.4 0L0 1.4L-1.4 0Z",
    cross: "M-1 -1L1 1M-1 1L1 -1",
};

// Draws a mark; place and radius in the canvas' own pixels.
function drawMark(context, mark, [x, y], radius, colour) {
    if (!MARKS[mark]) {
        return;
    }
    const path = new Path2D(MARKS[mark]);
    context.save();
    context.translate(x, y);
    context.scale(radius, radius);
    if (mark === "cross") {
        context.strokeStyle = colour;
        context.lineWidth = 0.55;
        context.setLineDash([]);
        context.stroke(path);
    } else {
        context.fillStyle = colour;
        context.fill(path);
    }
    context.restore();
}

// Draws a line of points in a stroke's colour and dashes.
function drawPath(context, points, { colour, dash }, width) {
    context.strokeStyle = shown(colour);
    context.lineWidth = width * devicePixelRatio;
    context.setLineDash((dash || []).map((length) => length * devicePixelRatio));
    context.beginPath();
    points.forEach(([x, y], index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.stroke();
    context.setLineDash([]);
}

// A stroke as it looks, for the button that shows and hides it. Decoration: the name stands beside it.
function sample({ colour, dash, mark, isBar }) {
    const part = (tag, attributes) => {
        const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
        Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
        return made;
    };
    const picture = part("svg", {
        width: 28,
        height: 12,
        viewBox: "0 0 28 12",
        "aria-hidden": "true",
        class: "sample",
    });
    const stroke = shown(colour);
    if (isBar) {
        picture.append(part("rect", { x: 2, y: 1, width: 24, height: 10, fill: stroke }));
        return picture;
    }
    const dashes = dash ? { "stroke-dasharray": dash.join(" ") } : {};
    picture.append(part("line", { x1: 0, y1: 6, x2: 28, y2: 6, stroke, "stroke-width": 2, ...dashes }));
    if (MARKS[mark]) {
        const look = mark === "cross" ? { stroke, "stroke-width": 0.55 } : { fill: stroke };
        picture.append(part("path", { d: MARKS[mark], transform: "translate(14 6) scale(3.4)", ...look }));
    }
    return picture;
}
