// On paper: the drawings, everything opened, nothing to press.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SCREENSHOTS, launch, withPage } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** What paper has between its margins. */
const A4 = { width: 680, height: 1000 };
const PRINTED = ["run", "run-invalid", "comparison", "comparison-sweep", "capacity-two"];

for (const name of PRINTED) {
    for (const javaScriptEnabled of [true, false]) {
        test(`${name}, ${javaScriptEnabled ? "with" : "without"} scripts`, () =>
            withPage(browser, name, { javaScriptEnabled, colorScheme: "dark", viewport: A4 }, async (page) => {
                await page.emulateMedia({ media: "print" });
                if (javaScriptEnabled) {
                    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
                }
                for (const still of await page.locator("figure .still").all()) {
                    assert.ok(await still.isVisible(), "the drawing is printed");
                }
                for (const table of await page.locator("details table").all()) {
                    assert.ok(await table.isVisible(), "the figures of a chart are printed");
                }
                assert.equal(await page.locator(".live:visible, nav:visible, summary:visible").count(), 0);
                const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
                assert.equal(paper, "rgb(255, 255, 255)", "paper is white");
                await page.screenshot({ path: join(SCREENSHOTS, `${name}-print.png`), fullPage: true });
            }));
    }

    test(`${name} as a PDF`, () =>
        withPage(browser, name, {}, async (page) => {
            const pdf = await page.pdf({ preferCSSPageSize: true });
            assert.ok(pdf.subarray(0, 5).toString() === "%PDF-");
            try {
                const picture = join(SCREENSHOTS, `${name}-print`);
                const stdio = ["pipe", "ignore", "ignore"];
                execFileSync("pdftoppm", ["-png", "-r", "60", "-", picture], { input: pdf, stdio });
            } catch {
                // Pictures of the pages are for people to look at, where there is a program that makes them.
            }
        }));
}
