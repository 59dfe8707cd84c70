// Lives through the demo in Chromium, without JavaScript, on a phone and on a desk, and lets
// axe-core judge each page. Every address that is fetched must be the service's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.NODE_MODULES, "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const links = [...readFileSync(process.argv[2], "utf8").matchAll(/https?:\/\/\S+/g)].map((found) => found[0]);
const link = (part) => links.find((one) => one.includes(part)) ?? assert.fail(`no link with ${part}`);
const origin = new URL(link("/r/")).origin;

let passed = 0;
let failed = 0;
async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error.message).replaceAll("\n", "\n        ")}`);
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

/** A fresh reader; requests that leave the service are counted, and fail. */
async function reader(options) {
  const context = await browser.newContext({ locale: "fr-FR", ...options });
  context.setDefaultTimeout(120_000);
  const foreign = [];
  await context.route("**", (route) => {
    if (new URL(route.request().url()).origin === origin) return route.continue();
    foreign.push(route.request().url());
    return route.abort();
  });
  return { page: await context.newPage(), foreign, context };
}

/** Only for somebody who wants to look. */
async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, name), fullPage: true });
}

const phone = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false };

await check("one answers with one press, on a phone, without JavaScript", async () => {
  const { page, foreign, context } = await reader(phone);
  await page.goto(`${link("/r/")}?a=no&lang=fr`);
  const first = page.locator("form button[name=answer]").first();
  assert.equal(await first.getAttribute("value"), "no", "the answer of the link stands first");
  const before = await page.textContent("main");
  await page.reload();
  assert.equal(await page.textContent("main"), before, "looking changes nothing");
  await first.click();
  assert.match(page.url(), /noted/);
  await page.locator("form button[name=answer][value=yes]").click();
  const noted = await page.textContent("main");
  assert.match(noted, /oui|inscrit|place|attente/i);
  await shot(page, "rsvp-phone.png");
  assert.deepEqual(foreign, []);
  await context.close();
});

await check("the season leads to an evening, and the evening to the form for a lost link", async () => {
  const { page, foreign, context } = await reader(phone);
  await page.goto(`${origin}/?lang=fr`);
  await page.locator("main a[href*='/events/']:visible").first().click();
  assert.ok(await page.locator("h1").count(), "the evening has a title");
  await page.locator("a[href*='/link']").first().click();
  await page.fill("input[name=email]", "personne@nulle-part.example");
  await page.locator("main form button").click();
  assert.match(await page.textContent("main"), /si /i);
  assert.deepEqual(foreign, []);
  await context.close();
});

await check("the mailbox of the demo shows a mail as its reader sees it", async () => {
  const { page, foreign, context } = await reader({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  await page.goto(link("/demo/mailbox"));
  await page.locator("main a[href*='/demo/mailbox/']").first().click();
  const mail = page.frameLocator("iframe").locator("body");
  assert.match(await mail.innerText(), /\S/, "the mail is shown");
  await page.waitForLoadState("load");
  await shot(page, "mailbox.png");
  assert.deepEqual(foreign, []);
  await context.close();
});

const slug = await (async () => {
  const { page, context } = await reader(phone);
  await page.goto(`${origin}/`);
  const path = await page.locator("main .soon a[href*='/events/']").getAttribute("href");
  await context.close();
  return path;
})();

// Mails alone carry it: the page of a link that answers does not.
const preferences = new URL(/https?:\/\/\S*?\/u\/[\w.~-]+/.exec(readFileSync(process.argv[3], "utf8"))[0]).pathname;

await check("one chooses one's mails on a phone, without JavaScript", async () => {
  const { page, foreign, context } = await reader(phone);
  await page.goto(`${origin}${preferences}?lang=fr`);
  await shot(page, "preferences-phone.png");
  await page.getByLabel("deux semaines avant").check();
  await page.getByLabel("la veille").uncheck();
  await page.getByLabel("Les nouvelles de la communauté").uncheck();
  await page.getByRole("button", { name: "Enregistrer" }).click();
  assert.match(await page.textContent("main"), /C.est noté/);
  await page.reload();
  assert.equal(await page.getByLabel("deux semaines avant").isChecked(), true);
  assert.equal(await page.getByLabel("la veille").isChecked(), false);
  assert.equal(await page.getByLabel("Les nouvelles de la communauté").isChecked(), false);
  await page.getByRole("button", { name: "Me mettre en pause" }).click();
  assert.match(await page.textContent("main"), /Vous êtes en pause/);
  await page.getByRole("button", { name: "Reprendre maintenant" }).click();
  assert.doesNotMatch(await page.textContent("main"), /Vous êtes en pause/);
  const old = await page.textContent("code.address");
  await page.getByText(/D’autres connaissent/).click();
  await page.getByRole("button", { name: "Faire une nouvelle adresse" }).click();
  assert.notEqual(await page.textContent("code.address"), old);
  assert.equal((await page.request.get(old)).status(), 410);
  await shot(page, "preferences-feed-phone.png");
  assert.deepEqual(foreign, []);
  await context.close();
});

await check("every way into a calendar is a plain link", async () => {
  const { page, foreign, context } = await reader(phone);
  await page.goto(`${origin}${slug}?lang=fr`);
  await page.getByText("Ajouter à l’agenda").click();
  const ways = page.locator(".add a:visible");
  const hrefs = await ways.evaluateAll((links) => links.map((one) => one.href));
  const starts = ["https://calendar.google.com/calendar/render?", "https://outlook.live.com/", "https://outlook.office.com/", "webcal://", origin];
  assert.deepEqual(starts.filter((start) => !hrefs.some((href) => href.startsWith(start))), []);
  await shot(page, "evening-phone.png");
  assert.deepEqual(foreign, []);
  await context.close();
});

await check("structured data break no rule of the strict policy, and a script would", async () => {
  const { page, foreign, context } = await reader({ viewport: { width: 1280, height: 900 } });
  const broken = [];
  await page.exposeFunction("broke", (what) => broken.push(what));
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) => globalThis.broke(event.violatedDirective)));
  page.on("console", (message) => message.type() === "error" && broken.push(message.text()));
  for (const path of ["/", slug, new URL(link("/r/")).pathname, preferences]) await page.goto(origin + path, { waitUntil: "networkidle" });
  await page.goto(origin + slug, { waitUntil: "networkidle" });
  const data = JSON.parse(await page.textContent("script[type='application/ld+json']"));
  assert.equal(data["@type"], "Event");
  assert.match(data.startDate, /T\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
  assert.deepEqual(broken, []);
  assert.deepEqual(foreign, []);
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("script"), { textContent: "globalThis.ran = 1" })));
  for (const end = Date.now() + 60_000; broken.length === 0 && Date.now() < end; ) await page.waitForTimeout(50);
  assert.notDeepEqual(broken, [], "the check sees what the policy stops");
  await context.close();
});

// The checker itself needs scripts; the pages forbid them, so it comes from outside their policy.
for (const path of ["/", slug, "/link", preferences, new URL(link("/r/")).pathname, "/nowhere", "/demo/mailbox", "/api/docs"]) {
  for (const colorScheme of ["light", "dark"]) {
    await check(`${path.replace(/\/(r|u)\/.*/, "/$1/…")} is accessible, ${colorScheme}`, async () => {
      const { page, context } = await reader({ viewport: { width: 360, height: 800 }, colorScheme, bypassCSP: true });
      await page.goto(origin + path);
      await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
      await shot(page, `${path.replaceAll("/", "-").slice(0, 12)}-${colorScheme}.png`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
      assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(", ")}`), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0 || path === "/api/docs", `the page is ${wide}px wider than a phone`);
      await context.close();
    });
  }
}

await check("the checker finds what is wrong", async () => {
  const { page, context } = await reader({ bypassCSP: true });
  await page.goto(`${origin}/link`);
  await page.evaluate(() => document.querySelectorAll("label").forEach((label) => label.remove()));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.ok(violations.some((one) => one.id === "label"));
  await context.close();
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
