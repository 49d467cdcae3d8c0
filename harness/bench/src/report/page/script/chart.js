// A chart that can be asked for values: its switches, its panels, and what it says where it is pointed at.

class LiveChart {
    // Puts the chart before the drawing in its figure. `shared` is what all charts of the page have in common.
    constructor(figure, chart, shared) {
        this.chart = chart;
        this.shared = shared;
        this.log = chart.kind === "lines" && chart.panels.some((panel) => panel.switch && panel.log);
        this.tools = element("div", { class: "tools" });
        this.panels = chart.panels.map((panel) => this.makePanel(panel));
        this.readout = element("p", { class: "readout", role: "status", "aria-live": "off" });
        this.root = element("div", { class: "live" }, this.tools);
        if (chart.alarm) {
            this.root.append(element("p", { class: "alarm" }, chart.alarm));
        }
        const boards = chart.kind === "board" ? " boards" : "";
        this.root.append(element("div", { class: `panels${boards}` }, ...this.panels.map(({ root }) => root)));
        this.root.append(this.readout, ...this.notes());
        figure.querySelector(".still").before(this.root);
        figure.classList.add("redrawn");
        this.draw();
        let width = this.root.clientWidth;
        new ResizeObserver(() => {
            if (this.root.clientWidth !== width && this.root.clientWidth > 0) {
                width = this.root.clientWidth;
                this.draw();
            }
        }).observe(this.root);
    }

    // Whether a switch of this name is one of the chart's.
    has(name) {
        return this.switches().some(({ of }) => of === name);
    }

    // Draws everything anew: after a switch, in another width, in other colours.
    draw() {
        this.drawTools();
        this.say(null);
        for (const panel of this.panels) {
            panel.drawn?.plot.destroy();
            panel.drawn = null;
            if (panel.host.clientWidth > 0 && !panel.isEmpty) {
                const view = {
                    width: panel.host.clientWidth,
                    hidden: this.shared.hidden,
                    log: this.log,
                    point: (index) => this.say(panel, index, "off"),
                };
                const draw = this.chart.kind === "board" ? drawBoard : drawLines;
                panel.drawn = draw(panel.host, this.chart, panel.data, view);
            }
        }
    }

    // Says what a panel shows at one of its steps. Who moves a pointer sees it; to who moves by keys it is read.
    say(panel, index = null, live = "off") {
        this.readout.setAttribute("aria-live", live);
        if (index === null || !panel?.drawn) {
            this.readout.replaceChildren(this.hint());
            return;
        }
        panel.step = index;
        const { at, values } = panel.drawn.say(index);
        const each = values.map(([name, words]) => {
            return element("span", { class: "value" }, name ? `${name} ` : "", element("b", {}, words));
        });
        const spaced = each.flatMap((value) => [" ", value]);
        this.readout.replaceChildren(element("span", { class: "at" }, `${at}:`), ...spaced);
    }

    hint() {
        const words = "Point at the chart, or go to it and use the arrow keys, for its values.";
        return element("span", { class: "hint" }, this.panels.every(({ isEmpty }) => isEmpty) ? "" : words);
    }

    makePanel(data) {
        const isEmpty = this.chart.kind === "lines" && data.lines.length === 0;
        const host = element("div", { class: "plot", role: "application", tabindex: "0" });
        host.setAttribute("aria-label", `${data.title}: a chart; the arrow keys say its values`);
        const panel = { data, host, isEmpty, step: null, drawn: null };
        host.addEventListener("keydown", (event) => this.pressed(panel, event));
        host.addEventListener("blur", () => this.say(null));
        const under = this.chart.kind === "lines" ? this.chart.x.title : data.x.title;
        const parts = [element("p", { class: "over" }, data.title), isEmpty ? element("p", {}, data.empty) : host];
        panel.root = element("div", { class: "panel" }, ...parts, element("p", { class: "under" }, under));
        return panel;
    }

    pressed(panel, event) {
        const { drawn } = panel;
        const last = (drawn?.steps.length ?? 0) - 1;
        if (last < 0) {
            return;
        }
        const now = drawn.steps.indexOf(panel.step);
        const forward = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
        let next = null;
        if (forward[event.key]) {
            next = now < 0 ? (forward[event.key] > 0 ? 0 : last) : now + forward[event.key];
        } else if (event.key === "Home" || event.key === "End") {
            next = event.key === "Home" ? 0 : last;
        } else {
            return;
        }
        event.preventDefault();
        const index = drawn.steps[Math.min(Math.max(next, 0), last)];
        // The pointer's place shows the same step to who sees the chart.
        const { plot } = drawn;
        const [x, y] = [
            plot.data[0][index],
            plot.data
                .slice(1)
                .map((values) => values[index])
                .find(Number.isFinite),
        ];
        const isBoard = this.chart.kind === "board";
        const left = isBoard ? plot.valToPos(y, "v") : plot.valToPos(x, "x");
        plot.setCursor({ left, top: isBoard ? plot.valToPos(x, "x") : plot.valToPos(y, "y") });
        this.say(panel, index, "polite");
    }

    // What can be shown and hidden: each once, with how it looks.
    switches() {
        const { chart } = this;
        const looks =
            chart.kind === "board"
                ? chart.labels.map((label, index) => {
                      const row = chart.panels.map((panel) => panel.rows[index]).find(Boolean);
                      return { of: label, colour: row?.colour || "#3C3C3C", isBar: row?.bar, mark: "diamond" };
                  })
                : chart.panels.flatMap(({ lines, levels, uprights }) => [...lines, ...levels, ...uprights]);
        return looks.filter((look, index) => looks.findIndex(({ of }) => of === look.of) === index);
    }

    drawTools() {
        const focused = this.tools.contains(document.activeElement) ? document.activeElement.dataset.key : null;
        const groups = [];
        if (this.chart.kind === "lines" && this.chart.panels.some((panel) => panel.switch)) {
            const scale = (label, log) => {
                const button = toggle([label], this.log === log, () => {
                    this.log = log;
                    this.draw();
                });
                button.dataset.key = `scale ${label}`;
                return button;
            };
            const buttons = [scale("Linear", false), scale("Logarithmic", true)];
            groups.push(element("div", { role: "group", "aria-label": "Scale of latencies" }, ...buttons));
        }
        const switches = this.switches().map((look) => {
            const label = [sample(look), element("span", {}, look.of)];
            const button = toggle(label, !this.shared.hidden.has(look.of), () => this.shared.toggle(look.of));
            button.dataset.key = `show ${look.of}`;
            return button;
        });
        groups.push(element("div", { role: "group", "aria-label": "What is shown" }, ...switches));
        this.tools.replaceChildren(...groups);
        [...this.tools.querySelectorAll("button")].find(({ dataset }) => dataset.key === focused)?.focus();
    }

    // What the drawing says in its small print.
    notes() {
        const { chart } = this;
        const uprights = chart.kind === "lines" ? chart.panels.flatMap((panel) => panel.uprights) : [];
        const named = uprights.filter(({ name, of }) => name !== of).map(({ name }) => name);
        const upright = named.length > 0 ? `Upright lines: ${named.join("; ")}.` : "";
        const shade = chart.shade ? `Shaded: ${chart.shade[0]}.` : "";
        const text = [chart.key, shade, upright].filter(Boolean).join(" ");
        return text ? [element("p", { class: "key" }, text)] : [];
    }
}
