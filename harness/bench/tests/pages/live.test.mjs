// The live page beside a short run: what it shows, that it asks nobody else, that keys work, and that it ends as the report.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { DESKTOP, FOLDER, PHONE, SCREENSHOTS, launch } from "./browser.mjs";

const BENCH = process.env.BENCH ?? join(FOLDER, "../debug/bench");

let browser;
let server;
let kept;
before(async () => {
    kept = mkdtempSync(join(tmpdir(), "bench-live-"));
    browser = await launch();
    server = createServer((_, response) => response.end("hello"));
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
});
after(async () => {
    rmSync(kept, { recursive: true, force: true });
    server.closeAllConnections();
    server.close();
    await browser.close();
});

/** Starts a run of so many seconds, and gives where its page is and when it has ended. */
async function start(seconds) {
    const results = mkdtempSync(join(kept, "run-"));
    const url = `http://127.0.0.1:${server.address().port}/`;
    // At a low rate: this process is the server, and would have no time left for the browser.
    const load = ["--url", url, "--pid", process.pid, "-c", "4", "--rate", "100"];
    const flags = ["run", ...load, "--warmup", "1s", "--duration", `${seconds}s`, "--serve", "0", "--results", results];
    const bench = spawn(BENCH, flags, { stdio: ["ignore", "ignore", "pipe"] });
    const ended = new Promise((end) => bench.on("exit", end));
    let said = "";
    const page = await new Promise((found, failed) => {
        bench.stderr.setEncoding("utf8").on("data", (text) => {
            said += text;
            const address = said.match(/watch at (http:\S+)/);
            if (address) {
                found(address[1]);
            }
        });
        ended.then(() => failed(new Error(`bench ended: ${said}`)));
    });
    return { page, ended, bench };
}

/** Opens a page, and notes what it must not do. */
async function open(url, options) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const faults = [];
    page.on("console", (message) => faults.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
    page.on("request", (request) => {
        if (!request.url().startsWith(url) && !request.url().startsWith("data:")) {
            faults.push(`request: ${request.url()}`);
        }
    });
    await page.goto(url);
    return { page, faults, context };
}

async function assertAccessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(
        violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).slice(0, 3)}`),
        [],
    );
}

async function assertFits(page) {
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(inner <= outer, `the page is ${inner} wide on ${outer}`);
}

for (const [name, options] of [
    ["desktop-light", { viewport: DESKTOP, colorScheme: "light" }],
    ["phone-dark", { viewport: PHONE, colorScheme: "dark" }],
]) {
    test(`the page shows the run and ends as its report, ${name}`, async () => {
        // It lasts until it is ended, however slow the browser is.
        const run = await start(300);
        const { page, faults, context } = await open(run.page, options);
        await page.waitForFunction(() =>
            /^measuring, ([2-9]|\d\d+) s/.test(document.getElementById("step").textContent),
        );
        assert.match(
            await page.locator("#title").textContent(),
            /^ad-hoc on http:\/\/127.0.0.1:\d+\/, 4 connections, 100.0 requests\/s, 300 s$/,
        );
        assert.match(await page.locator("#gauges div", { hasText: "Throughput" }).textContent(), /[1-9].* TPS/);
        assert.match(await page.locator("#gauges div", { hasText: "Memory" }).textContent(), /MiB/);
        assert.match(await page.locator("#gauges div", { hasText: "P99.9" }).textContent(), /\d (us|ms|s)$/);
        assert.equal(await page.locator(".chart canvas").count(), 5);
        const log = page.getByRole("button", { name: "logarithmic" });
        await log.focus();
        await page.keyboard.press("Enter");
        assert.equal(await log.getAttribute("aria-pressed"), "true");
        // A hovered point is written as the same figure is in the report: the cases of report/amount.rs.
        const words = await page.evaluate(() => [
            [0, 0.0321, 998.66, 1500, 9999.6, 52314.4, 999960].map((value) => count(value)),
            [0, 0.85, 1, 18.934, 999.96, 18934, 1500000, 3.6e9].map((us) => time(us)),
            [0, 512, 1024, 37853593].map((size) => bytes(size)),
            [count(50000, brief), time(2500, brief), bytes(1572864, brief)],
        ]);
        assert.deepEqual(words, [
            ["0", "0.032", "998.7", "1500", "10.00k", "52.31k", "1.000M"],
            ["0 us", "850.0 ns", "1.000 us", "18.93 us", "1.000 ms", "18.93 ms", "1.500 s", "3600 s"],
            ["0 B", "512 B", "1.000 KiB", "36.10 MiB"],
            ["50k", "2.5 ms", "1.5 MiB"],
        ]);
        await assertAccessible(page);
        await assertFits(page);
        await page.screenshot({ path: join(SCREENSHOTS, `live-${name}.png`), fullPage: true });
        run.bench.kill("SIGTERM");
        await page.waitForURL("**/report");
        await run.ended;
        assert.match(await page.title(), /ad-hoc/);
        assert.ok((await page.locator("table").count()) > 0, "it is the report");
        await page.screenshot({ path: join(SCREENSHOTS, `live-${name}-end.png`) });
        assert.deepEqual(faults, []);
        await context.close();
    });
}

test("a page that loses its bench says so", async () => {
    const run = await start(300);
    const { page, context } = await open(run.page, {});
    await page.waitForFunction(() => document.getElementById("step").textContent.startsWith("measuring"));
    run.bench.kill("SIGKILL");
    await run.ended;
    await page.waitForFunction(() => document.getElementById("connection").textContent.startsWith("No connection"));
    await context.close();
});
