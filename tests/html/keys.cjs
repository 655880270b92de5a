// SPDX-License-Identifier: GPL-2.0-or-later
// Opens a page in Chromium, under the page's own policy, and presses keys.
// node keys.cjs MODULES CHROMIUM PAGE KEY...   one JSON object a key.
// "n>" waits for the page that the key leads to, "=words" types.
const path = require("path");
const { pathToFileURL } = require("url");
const [modules, chromium_path, file, ...keys] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "playwright-core"));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

(async () => {
  const browser = await chromium.launch({ executablePath: chromium_path, args: FLAGS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const troubles = [];
  page.on("console", (m) => { if (m.type() === "error") troubles.push(m.text()); });
  page.on("pageerror", (e) => troubles.push(String(e)));
  await page.goto(pathToFileURL(file).href);
  for (const key of keys) {
    if (key.startsWith("=")) await page.keyboard.type(key.slice(1));
    else if (key.endsWith(">")) // to another page
      await Promise.all([page.waitForNavigation(), page.keyboard.press(key.slice(0, -1))]);
    else await page.keyboard.press(key);
    const met = await page.evaluate(() => ({
      page: location.pathname.split("/").pop(),
      focus: ((!document.activeElement.matches("a") && document.activeElement.id) || document.activeElement.innerText || "").slice(0, 80),
      seen: [...document.querySelectorAll("#series tbody tr")]
        .filter((row) => row.offsetHeight > 0).map((row) => row.cells[1].querySelector("a,code,span").innerText),
      open: document.querySelectorAll("details.patch[open]").length,
      sorted: [...document.querySelectorAll("th[aria-sort]")].map((e) => e.innerText.trim()),
      copied: [...document.querySelectorAll(".copy")].map((e) => e.textContent),
    }));
    console.log(JSON.stringify({ key, ...met, troubles }));
  }
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
