// What a reader does with a page: sorts, switches, points, and all of it by keys alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { FOLDER, PHONE, launch, report, withPage } from "./browser.mjs";
import { parsed } from "./words.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** The numbers of a column, from top to bottom. */
const column = (table, index) =>
    table
        .locator("tbody tr")
        .evaluateAll((rows, at) => rows.map((row) => Number(row.cells[at].querySelector("data")?.value)), index);

const sorted = (values, sign) => values.every((value, index) => index === 0 || sign * (value - values[index - 1]) >= 0);

test("a table is sorted by a click, and back by another", () =>
    withPage(browser, "comparison", {}, async (page) => {
        const table = page.locator("table[data-sortable]").first();
        const button = table.getByRole("button", { name: "TPS" });
        const head = table.locator("th", { has: page.locator("text=TPS") }).first();
        const before = await column(table, 3);
        assert.ok(before.length >= 4 && before.every(Number.isFinite));
        await button.click();
        assert.equal(await head.getAttribute("aria-sort"), "ascending");
        assert.ok(sorted(await column(table, 3), 1));
        await button.click();
        assert.equal(await head.getAttribute("aria-sort"), "descending");
        assert.ok(sorted(await column(table, 3), -1));
        // The rows went as wholes.
        const [label, tps] = await table
            .locator("tbody tr")
            .last()
            .evaluate((row) => [row.cells[0].textContent, Number(row.cells[3].querySelector("data").value)]);
        const figures = report("comparison").figures.find((one) => one.label === label);
        assert.equal(figures.values.tps.median, tps);
    }));

test("a table is sorted by keys, and one column at a time", () =>
    withPage(browser, "capacity-two", {}, async (page) => {
        const table = page.locator("table[data-sortable]", { hasText: "in the order in which they ran" }).first();
        const button = (name) => table.getByRole("button", { name, exact: true });
        await button("P99").focus();
        await page.keyboard.press("Enter");
        assert.ok(sorted(await column(table, 4), 1));
        await page.keyboard.press("Space");
        assert.ok(sorted(await column(table, 4), -1));
        await button("Level").press("Enter");
        assert.ok(sorted(await column(table, 0), 1));
        assert.equal(await table.locator("th[aria-sort]").count(), 1);
        await new AxeBuilder({ page }).analyze().then(({ violations }) => assert.deepEqual(violations, []));
    }));

test("what is not known stands last either way", () =>
    withPage(browser, "comparison", {}, async (page) => {
        const table = page.locator("table[data-sortable]", { hasText: "To settle it" });
        for (const sign of [1, -1]) {
            await table.getByRole("button", { name: "p, Holm" }).click();
            const values = await column(table, 5);
            const known = values.filter((value) => !Number.isNaN(value));
            assert.ok(
                known.length < values.length && values.slice(0, known.length).every(Number.isFinite),
                `${values}`,
            );
            assert.ok(sorted(known, sign));
        }
    }));

/** Waits for what the page does once the browser has told it. */
async function until(holds) {
    const end = Date.now() + 5000;
    while (!(await holds())) {
        assert.ok(Date.now() < end, "it came about within 5 s");
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/** Points at a part of a chart's panel, from its left and its top, and gives what it says. */
async function pointed(page, figure, [x, y], panel = 0) {
    const over = figure.locator(".u-over").nth(panel);
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
    return figure.locator(".readout").evaluate((readout) => ({
        at: readout.querySelector(".at")?.textContent ?? "",
        values: [...readout.querySelectorAll(".value")].map((value) => value.textContent),
    }));
}

/** A run's intervals, as the CSV format has them. */
function intervals() {
    const [head, ...rows] = readFileSync(join(FOLDER, "run.csv"), "utf8").trim().split("\r\n");
    const names = head.split(",");
    return rows.map((row) => Object.fromEntries(row.split(",").map((field, index) => [names[index], field])));
}

test("pointing at a run over time says what its intervals say", () =>
    withPage(browser, "run", {}, async (page) => {
        const rows = intervals();
        for (const [chart, line, field] of [
            ["throughput", "verified requests", "tps"],
            ["latency", "P99", "latency_p99_us"],
            ["latency", "Max", "latency_max_us"],
        ]) {
            const figure = page.locator(`figure[data-chart=${chart}]`);
            for (const place of [0.04, 0.3, 0.55, 0.96]) {
                const { at, values } = await pointed(page, figure, [place, 0.5]);
                const middle = parsed(at).value / 1e6;
                const row = rows.find(({ start_s, duration_s }) => Math.abs(+start_s + duration_s / 2 - middle) < 0.01);
                assert.ok(row, `an interval around ${at}`);
                const said = parsed(values.find((value) => value.startsWith(`${line} `)).slice(line.length));
                assert.ok(Math.abs(said.value - row[field]) <= said.off + 5e-4, `${chart} at ${at}: ${values}`);
            }
        }
    }));

test("pointing at a distribution says the summary's percentiles", () =>
    withPage(browser, "run", {}, async (page) => {
        const figure = page.locator("figure[data-chart=latency-distribution]");
        const plot = figure.locator(".plot");
        const wanted = new Map([
            ["90%:", "p90"],
            ["99%:", "p99"],
            ["99.9%:", "p99_9"],
            ["99.99%:", "p99_99"],
        ]);
        const { latency_us } = report("run").summary;
        await plot.focus();
        await page.keyboard.press("Home");
        for (let step = 0; step < 300 && wanted.size > 0; step += 1) {
            const at = await figure.locator(".readout .at").textContent();
            if (wanted.has(at)) {
                const said = parsed(await figure.locator(".readout .value b").first().textContent());
                const expected = latency_us[wanted.get(at)];
                assert.ok(Math.abs(said.value - expected) <= said.off, `${at} ${said.value} for ${expected}`);
                wanted.delete(at);
            }
            await page.keyboard.press("ArrowRight");
        }
        assert.deepEqual([...wanted.keys()], [], "every usual percentile is a step");
    }));

test("pointing at a board says a target's median, and its blocks", () =>
    withPage(browser, "comparison", {}, async (page) => {
        const figure = page.locator("figure[data-chart=comparison-tps]");
        const [first] = report("comparison").figures;
        await figure.locator(".plot").focus();
        await page.keyboard.press("Home");
        const said = async () => ({
            at: await figure.locator(".readout .at").textContent(),
            ...parsed(await figure.locator(".readout .value b").textContent()),
        });
        const median = await said();
        assert.equal(median.at, `${first.label}:`);
        assert.ok(Math.abs(median.value - first.values.tps.median) <= median.off);
        const seen = new Set();
        for (let block = 0; block < first.values.tps.values.length; block += 1) {
            await page.keyboard.press("ArrowDown");
            const one = await said();
            const number = Number(one.at.match(/used block (\d+)/)[1]);
            assert.ok(Math.abs(one.value - first.values.tps.values[number - 1]) <= one.off, one.at);
            seen.add(number);
        }
        assert.equal(seen.size, first.values.tps.values.length);
        assert.equal(await figure.locator(".readout").getAttribute("aria-live"), "polite");
    }));

test("the scale is switched by keys, and the chart is another", () =>
    withPage(browser, "run", {}, async (page) => {
        const figure = page.locator("figure[data-chart=latency-distribution]");
        const button = (name) => figure.getByRole("button", { name, exact: true });
        const pressed = async () => [
            await button("Linear").getAttribute("aria-pressed"),
            await button("Logarithmic").getAttribute("aria-pressed"),
        ];
        const before = await pressed();
        assert.deepEqual([...before].sort(), ["false", "true"]);
        const picture = () => figure.locator("canvas").evaluate((canvas) => canvas.toDataURL());
        const drawn = await picture();
        const other = before[0] === "true" ? "Logarithmic" : "Linear";
        await button(other).focus();
        await page.keyboard.press("Space");
        assert.deepEqual(await pressed(), before.reverse());
        assert.notEqual(await picture(), drawn);
        assert.ok(await button(other).evaluate((found) => found === document.activeElement), "the focus stays");
        const outline = await button(other).evaluate((found) => getComputedStyle(found).outlineStyle);
        assert.equal(outline, "solid", "the focus is seen");
    }));

test("a target is hidden in all charts at once, and shown again", () =>
    withPage(browser, "comparison", {}, async (page) => {
        const buttons = page.locator("figure").getByRole("button", { name: "python", exact: true });
        const count = await buttons.count();
        assert.ok(count >= 3, "several charts have it");
        const pressed = () => buttons.evaluateAll((all) => all.map((one) => one.getAttribute("aria-pressed")));
        const board = page.locator("figure[data-chart=comparison-tps] .u-wrap");
        const height = async () => (await board.boundingBox()).height;
        const before = await height();
        await buttons.first().focus();
        await page.keyboard.press("Enter");
        assert.deepEqual(await pressed(), Array(count).fill("false"));
        assert.ok((await height()) < before, "its row is gone");
        await page.keyboard.press("Enter");
        assert.deepEqual(await pressed(), Array(count).fill("true"));
        assert.equal(await height(), before);
    }));

test("all lines may be hidden", () =>
    withPage(browser, "run", { viewport: PHONE }, async (page) => {
        for (const button of await page.locator("figure [aria-label='What is shown'] button").all()) {
            await button.click();
        }
        assert.equal(await page.locator("figure canvas").count(), await page.locator("figure .plot").count());
        await pointed(page, page.locator("figure").first(), [0.5, 0.5]);
    }));

test("other colours and another width draw the charts anew", () =>
    withPage(browser, "comparison", { colorScheme: "light" }, async (page) => {
        const canvas = page.locator("figure[data-chart=comparison-latency] canvas");
        const picture = () => canvas.evaluate((found) => found.toDataURL());
        const light = await picture();
        await page.emulateMedia({ colorScheme: "dark" });
        await until(async () => (await picture()) !== light);
        const width = (await canvas.boundingBox()).width;
        await page.setViewportSize(PHONE);
        await page.waitForFunction((before) => document.querySelector("canvas").clientWidth < before, width);
    }));
