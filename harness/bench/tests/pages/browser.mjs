// The browser, and pages that are opened in it as a reader would, with everything noted that a report must not do.

import { chromium } from "playwright-core";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Where the pages are that the harness wrote, each with the JSON of its report. */
export const FOLDER = process.env.PAGES;
/** Where screenshots go, to be looked at. */
export const SCREENSHOTS = process.env.SCREENSHOTS;

if (!FOLDER || !SCREENSHOTS) {
    throw new Error("PAGES and SCREENSHOTS name folders: run scripts/test-pages");
}

/** The names of all pages. */
export const NAMES = readdirSync(FOLDER)
    .filter((file) => file.endsWith(".html"))
    .map((file) => file.slice(0, -".html".length))
    .sort();

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** The report of a page, as the JSON format prints it. */
export function report(name) {
    return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
}

/** The system's browser: CHROMIUM, or whatever is called chromium or chrome. */
export function launch() {
    const names = ["chromium", "chromium-browser", "google-chrome"];
    const found = process.env.CHROMIUM || names.map(which).find(Boolean);
    if (!found) {
        throw new Error(`no browser: install one of ${names.join(", ")}, or name it with CHROMIUM`);
    }
    // Whoever is root in a container has no sandbox; the pages are our own.
    return chromium.launch({ executablePath: found, args: ["--no-sandbox", "--force-device-scale-factor=1"] });
}

function which(name) {
    try {
        return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
        return null;
    }
}

/**
 * Opens a page in a context of its own, calls back with it, and fails on every request, message or error that there was.
 *
 * @param {object} options `viewport`, `colorScheme`, `javaScriptEnabled`
 */
export async function withPage(browser, name, options, use) {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    const faults = [];
    const url = pathToFileURL(join(FOLDER, `${name}.html`)).href;
    try {
        const page = await context.newPage();
        page.on("console", (message) => faults.push(`console: ${message.text()}`));
        page.on("pageerror", (error) => faults.push(`error: ${error}`));
        await page.route("**/*", (route) => {
            if (route.request().url().split("#")[0] === url) {
                return route.continue();
            }
            faults.push(`request: ${route.request().url()}`);
            return route.abort();
        });
        await page.goto(url);
        await use(page);
    } finally {
        await context.close();
    }
    if (faults.length > 0) {
        throw new Error(`${name}: ${faults.join("\n")}`);
    }
}
