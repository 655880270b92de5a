// SPDX-License-Identifier: GPL-2.0-or-later
// Filter, sort and keys. Without it every page can be read as it is.
"use strict";
(function () {
  const all = (what) => Array.from(document.querySelectorAll(what));
  const one = (what) => document.querySelector(what);
  all(".keys").forEach((e) => { e.hidden = false; });

  const table = one("#series");
  const rows = table ? Array.from(table.tBodies[0].rows) : [];
  const filter = one("#filter"), remarked = one("#remarked");

  function narrow() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const kept = words.every((word) => text.includes(word))
        && (!remarked.checked || "remarked" in row.dataset);
      row.hidden = !kept;
      left += kept ? 1 : 0;
    }
    one("#count").textContent = left === rows.length ? "" : left + " of " + rows.length;
  }

  function value(row, column) {
    if (column === 0) return Number(row.dataset.rank);
    return row.cells[column].textContent.trim().toLowerCase();
  }

  function sort(column, back) {
    const sign = back ? -1 : 1;
    rows.sort((a, b) => {
      const x = value(a, column), y = value(b, column);
      const rank = Number(a.dataset.rank) - Number(b.dataset.rank);
      return x < y ? -sign : x > y ? sign : rank;
    });
    table.tBodies[0].append(...rows);
    Array.from(table.tHead.rows[0].cells).forEach((head, n) => {
      if (n === column) head.setAttribute("aria-sort", back ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  }

  let sorted = 0, backwards = false;
  if (table) {
    one("#tools").hidden = false;
    filter.addEventListener("input", narrow);
    remarked.addEventListener("change", narrow);
    Array.from(table.tHead.rows[0].cells).forEach((head, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => {
        backwards = n === sorted && !backwards;
        sorted = n;
        sort(sorted, backwards);
      });
      head.replaceChildren(button);
    });
    table.tHead.rows[0].cells[0].setAttribute("aria-sort", "ascending");
  }

  for (const button of all(".copy")) {
    button.addEventListener("click", () => {
      const text = button.closest("details").querySelector("pre").textContent;
      const said = () => { button.textContent = "Copied"; };
      const selected = () => {
        getSelection().selectAllChildren(button.closest("details").querySelector("pre"));
        if (document.execCommand("copy")) said();
      };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(said, selected);
      else selected();
    });
  }

  function stops() {
    if (table) return rows.filter((row) => !row.hidden).map((row) => row.querySelector("a") || row);
    return all(".remark, .told > li");
  }

  function go(step) {
    const list = stops();
    const at = list.findIndex((e) => e === document.activeElement);
    const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step];
    if (!next) return;
    if (!next.matches("a")) next.tabIndex = -1;
    for (let e = next.closest("details"); e; e = e.parentElement.closest("details")) e.open = true;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function follow(what) {
    const link = one(what);
    if (link) link.click();
  }

  const keys = {
    j: () => go(1), k: () => go(-1),
    n: () => follow("a[rel=next]"), p: () => follow("a[rel=prev]"),
    u: () => follow("a[rel=up]"),
    o: () => {
      const patches = all("details.patch"), open = patches.some((e) => !e.open);
      patches.forEach((e) => { e.open = open; });
    },
    d: () => {
      const drafts = all("details.draft");
      const at = drafts.indexOf(document.activeElement.closest("details.draft"));
      const draft = drafts[(at + 1) % drafts.length];
      if (draft) { draft.open = true; draft.querySelector("summary").focus(); }
    },
    c: () => {
      const here = document.activeElement.closest("details.draft") || one("details.draft");
      if (here) { here.open = true; here.querySelector(".copy").click(); }
    },
  };
  const list_keys = {
    "/": () => filter.focus(),
    r: () => { remarked.checked = !remarked.checked; narrow(); },
    s: () => { sorted = (sorted + 1) % table.tHead.rows[0].cells.length; backwards = false; sort(sorted, false); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const field = event.target.matches("input[type=search]");
    if (field) {
      if (event.key === "Escape" || event.key === "Enter") { filter.blur(); go(1); event.preventDefault(); }
      return;
    }
    const action = keys[event.key] || (table && list_keys[event.key]);
    if (action) { event.preventDefault(); action(); }
  });
})();
