// A mail scanner with a browser: JavaScript runs, every link of every mail is opened. Nothing may change in the
// database; a press of a button must.
//
//   robots.mjs LINKS DATABASE    LINKS: one address on each line, as tests/browser/mails.py prints them

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.NODE_MODULES, "x.js"));
const { chromium } = require("playwright-core");

const [, , list, database] = process.argv;
const links = readFileSync(list, "utf8").split("\n").filter(Boolean);
const origin = new URL(links.find((link) => link.includes("/r/")) ?? assert.fail("no link to answer")).origin;
const rows = () => execFileSync("python3", [join(import.meta.dirname, "rows.py"), database], { encoding: "utf8", maxBuffer: 1 << 30 });

/** Once the mails that were under way have left: nothing changes for three seconds. */
async function settled() {
  let before = rows();
  const end = Date.now() + 600_000;
  for (let same = 0; same < 3; ) {
    assert.ok(Date.now() < end, "the demo never comes to rest");
    await new Promise((done) => setTimeout(done, 1000));
    const now = rows();
    same = now === before ? same + 1 : 0;
    before = now;
  }
  return before;
}

// Nothing leaves this machine, as no other name leads anywhere. Requests are not intercepted: that took as long as the
// pages, and switches the cache off. The window is small, as painting takes time and nobody looks.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-gpu-compositing", "--disable-software-rasterizer", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(origin).hostname}`,
  ],
});
const context = await browser.newContext({ acceptDownloads: true, viewport: { width: 320, height: 320 } });
// Both processors have other work at the same time.
context.setDefaultTimeout(120_000);
const foreign = [];
context.on("request", (request) => new URL(request.url()).origin === origin || foreign.push(request.url()));

/** Opens what a scanner opens; a calendar is a download, which a browser calls an aborted page. */
async function open(page, link) {
  const answered = page.waitForResponse((response) => response.url() === link.split("#")[0]);
  const went = page.goto(link, { waitUntil: "load" }).catch((error) => /ERR_ABORTED|Download/.test(error.message) || Promise.reject(error));
  assert.equal((await answered).status(), 200, link);
  await went;
}

const kinds = ["/r/", "/u/", "?a=yes", "?a=no", "/link"];
assert.deepEqual(kinds.filter((kind) => !links.some((link) => link.includes(kind))), []);
const before = await settled();
const waiting = links.filter((link) => link.startsWith(origin));
const count = waiting.length;
await Promise.all(
  Array.from({ length: 4 }, async () => {
    const page = await context.newPage();
    for (let link = waiting.pop(); link; link = waiting.pop()) await open(page, link);
    await page.close();
  }),
);
assert.equal(await settled(), before, "looking changed something");
assert.deepEqual(foreign, [], "a page asked somebody else for something");
console.log(`ok      ${count} links of mails were opened with JavaScript, and the database is as it was`);

const page = await context.newPage();
await page.goto(links.find((link) => link.includes("/u/")));
await page.locator("button[name='List-Unsubscribe'], button[name='subscribe']").click();
assert.notEqual(rows(), before, "a press of a button is seen by the same comparison");
console.log("ok      a press of a button changes it");
await page.goto("http://elsewhere.example/").catch(() => {});
assert.deepEqual(foreign, ["http://elsewhere.example/"], "what goes elsewhere is seen");
await browser.close();
