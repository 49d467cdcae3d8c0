// What is done with the page once it is there.

function start() {
    document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
    const data = JSON.parse(document.getElementById("page-data").textContent);
    const charts = [];
    const hidden = new Set();
    const shared = {
        hidden,
        // Shows or hides a target or a line in all charts that have it.
        toggle(name) {
            if (!hidden.delete(name)) {
                hidden.add(name);
            }
            charts.filter((chart) => chart.has(name)).forEach((chart) => chart.draw());
        },
    };
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
        const chart = data.charts.find(({ name }) => name === figure.dataset.chart);
        if (chart) {
            charts.push(new LiveChart(figure, chart, shared));
        }
    }
    DARK.addEventListener("change", () => charts.forEach((chart) => chart.draw()));
    printWhole();
}

// Paper has no room for what must be opened first.
function printWhole() {
    let closed = [];
    addEventListener("beforeprint", () => {
        closed = [...document.querySelectorAll("details:not([open])")];
        closed.forEach((details) => details.setAttribute("open", ""));
    });
    addEventListener("afterprint", () => closed.forEach((details) => details.removeAttribute("open")));
}

start();
