// Every page as readers meet it: on a desktop and on a phone, in either colours, with scripts and without, on paper.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { DESKTOP, NAMES, PHONE, SCREENSHOTS, launch, report, withPage } from "./browser.mjs";
import { inUnits, parsed } from "./words.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/**
 * No part of the page is wider than the screen, but for what scrolls by itself. Words are as wide as the fonts of the machine make
 * them, so a failure names what sticks out.
 */
async function assertFits(page) {
    const [inner, outer, wide] = await page.evaluate(() => {
        const sticksOut = (element) =>
            element.getBoundingClientRect().right > innerWidth && !element.closest(".scroll, pre, .uplot");
        const wide = [...document.querySelectorAll("body *")].filter(sticksOut).slice(-3);
        return [
            document.documentElement.scrollWidth,
            innerWidth,
            wide.map((element) => element.outerHTML.slice(0, 200)),
        ];
    });
    assert.ok(inner <= outer, `the page is ${inner} wide on ${outer}: ${wide.join(" ")}`);
}

async function assertAccessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const told = violations.map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).slice(0, 3)}`,
    );
    assert.deepEqual(told, []);
}

const DESKTOP_LIGHT = { viewport: DESKTOP, colorScheme: "light" };
const PHONE_DARK = { viewport: PHONE, colorScheme: "dark" };

/** Pages that differ in kind. The others are like one of these, and say something else. */
const KINDS = ["run", "run-hostile", "comparison", "comparison-sweep", "capacity-two", "published"];
const ALIKE = NAMES.filter((name) => !KINDS.includes(name));

/**
 * Whether a page is examined on that screen, which takes most of the time: on both if it is a kind of its own, else on one, so that half
 * of the others are seen on either.
 */
const isExamined = (name, look) => KINDS.includes(name) || (ALIKE.indexOf(name) % 2 === 0) === (look === PHONE_DARK);

async function examine(page, name, look) {
    await assertFits(page);
    if (isExamined(name, look)) {
        await assertAccessible(page);
        const suffix = look === PHONE_DARK ? "phone-dark" : "desktop-light";
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${suffix}.png`), fullPage: true });
    }
}

test("every kind of page is there", () => {
    assert.deepEqual(
        KINDS.filter((name) => !NAMES.includes(name)),
        [],
    );
});

// Two at a time: a page that is drawn or examined keeps one CPU busy.
describe("pages", { concurrency: 2 }, () => {
    for (const name of NAMES) {
        test(`${name} on a desktop, light`, () =>
            withPage(browser, name, DESKTOP_LIGHT, async (page) => {
                await examine(page, name, DESKTOP_LIGHT);
                await assertFigures(page, name);
                await assertCharts(page);
            }));

        test(`${name} on a phone, dark`, () =>
            withPage(browser, name, PHONE_DARK, (page) => examine(page, name, PHONE_DARK)));

        test(`${name} without scripts`, () =>
            withPage(browser, name, { javaScriptEnabled: false, viewport: PHONE }, async (page) => {
                await assertFits(page);
                assert.equal(await page.locator("figure .still svg").count(), await page.locator("figure").count());
                for (const still of await page.locator("figure .still").all()) {
                    assert.ok(await still.isVisible(), "the drawing is there");
                }
                assert.equal(await page.locator("button").count(), 0, "no button that does nothing");
            }));
    }
});

/** Each figure of the page says what stands in the report's JSON. */
async function assertFigures(page, name) {
    const whole = report(name);
    const figures = await page
        .locator("data[data-figure]")
        .evaluateAll((found) =>
            found.map(({ dataset, value, textContent }) => ({ pointer: dataset.figure, value, text: textContent })),
        );
    for (const { pointer, value, text } of figures) {
        const steps = pointer
            .slice(1)
            .split("/")
            .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
        const known = steps.reduce((part, step) => part?.[step], whole);
        assert.equal(Number(value), known, pointer);
        if (text.startsWith("under ")) {
            continue;
        }
        const said = parsed(text);
        assert.ok(said, `${pointer}: a number in ${text}`);
        const expected = Math.abs(inUnits(known, pointer, said.unit));
        assert.ok(Math.abs(said.value - expected) <= said.off, `${pointer}: ${text} for ${known}`);
    }
}

/** Every chart is drawn again, and what it draws is in the page's data. */
async function assertCharts(page) {
    const [figures, redrawn] = [page.locator("figure[data-chart]"), page.locator("figure.redrawn")];
    assert.equal(await redrawn.count(), await figures.count());
    for (const figure of await figures.all()) {
        assert.ok(!(await figure.locator(".still").isVisible()), "the drawing makes room");
        const panels = figure.locator(".panel");
        assert.ok((await panels.count()) > 0);
        for (const panel of await panels.all()) {
            const drawn = (await panel.locator("canvas").count()) === 1;
            assert.ok(drawn || (await panel.locator("p").count()) === 3, "a panel is drawn or says why not");
        }
    }
}
