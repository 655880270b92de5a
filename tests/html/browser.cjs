// SPDX-License-Identifier: GPL-2.0-or-later
// Opens pages in Chromium without network and reports what a person would meet.
// node browser.cjs MODULES CHROMIUM OUT LOOKS PAGE...   one JSON object a page and look.
const path = require("path");
const { pathToFileURL } = require("url");
const [modules, chromium_path, out, looks, ...pages] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "playwright-core"));
const axe = require(path.join(modules, "axe-core")).source;

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const LOOKS = [
  { name: "phone-light", width: 390, height: 844, scheme: "light" },
  { name: "phone-dark", width: 390, height: 844, scheme: "dark" },
  { name: "desktop-light", width: 1280, height: 900, scheme: "light" },
  { name: "desktop-dark", width: 1280, height: 900, scheme: "dark" },
];

async function look(browser, file, view) {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme, bypassCSP: true,
  });
  const page = await context.newPage();
  const troubles = [], requests = [];
  page.on("console", (m) => { if (m.type() === "error") troubles.push(m.text()); });
  page.on("pageerror", (e) => troubles.push(String(e)));
  page.on("dialog", (d) => { troubles.push("dialog: " + d.message()); d.dismiss(); });
  page.on("request", (r) => requests.push(r.url()));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  const facts = await page.evaluate(() => ({
    title: document.title,
    remarks: [...document.querySelectorAll(".remark")].map((r) => ({
      id: r.id, text: r.innerText, seen: r.getBoundingClientRect().height > 20,
    })),
    dead: [...document.querySelectorAll('a[href^="#"]')]
      .map((a) => a.getAttribute("href").slice(1))
      .filter((id) => !document.getElementById(id)),
    scripts: document.scripts.length,
    wide: document.documentElement.scrollWidth - window.innerWidth,
    doubled: (() => {
      const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
      return ids.filter((id, n) => ids.indexOf(id) !== n);
    })(),
  }));
  await page.keyboard.press("Tab");
  facts.first_stop = await page.evaluate(() => document.activeElement.innerText);
  const anchor = await page.$('.summary a[href^="#"]');
  if (anchor) {
    const target = (await anchor.getAttribute("href")).slice(1);
    await anchor.click();
    facts.jumped = await page.waitForFunction((id) => {
      const box = document.getElementById(id).getBoundingClientRect();
      return box.top >= -2 && box.top < window.innerHeight;
    }, target, { timeout: 5000 }).then(() => true, () => false);
    await page.evaluate(() => window.scrollTo(0, 0));
  }
  if (out !== "-") {
    const stem = path.basename(file, ".html");
    await page.screenshot({ path: path.join(out, `${stem}-${view.name}.png`), fullPage: true });
  }
  await page.evaluate(axe);
  const checked = await page.evaluate(() => window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
  }));
  facts.axe = checked.violations.map((v) => `${v.id}: ${v.nodes.length}: ${v.nodes[0].html}`);
  facts.troubles = troubles;
  facts.fetched = requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"));
  facts.page = path.basename(file);
  facts.look = view.name;
  await context.close();
  return facts;
}

(async () => {
  const browser = await chromium.launch({ executablePath: chromium_path, args: FLAGS });
  for (const file of pages)
    for (const view of LOOKS.filter((one) => looks.split(",").includes(one.name)))
      console.log(JSON.stringify(await look(browser, file, view)));
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
