"use strict";
(() => {
  const text = (cell) => cell.textContent.trim();
  const number = (shown) => {
    const found = shown.replaceAll(",", "").replaceAll("−", "-").match(/^[-+]?\d+(\.\d+)?(e[-+]?\d+)?/i);
    return found ? parseFloat(found[0]) : NaN;
  };

  const compare = (numeric, falling) => (left, right) => {
    if (!numeric) return left.localeCompare(right, undefined, { numeric: true }) * (falling ? -1 : 1);
    const [a, b] = [number(left), number(right)];
    if (isNaN(a) || isNaN(b)) return isNaN(a) - isNaN(b);
    return (a - b) * (falling ? -1 : 1);
  };

  const sort = (table, head) => {
    const body = table.tBodies[0];
    const column = head.cellIndex;
    const numeric = head.classList.contains("number");
    const before = head.getAttribute("aria-sort");
    const falling = before ? before === "ascending" : numeric;
    const rows = Array.from(body.rows, (row) => [text(row.cells[column]), row]);
    const order = compare(numeric, falling);
    rows.sort((left, right) => order(left[0], right[0]));
    body.append(...rows.map((pair) => pair[1]));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  };

  const filter = (table, box, status) => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = Array.from(table.tBodies[0].rows);
    for (const row of rows) {
      const said = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => said.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    status.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const head of table.tHead.rows[0].cells) {
      if (head.matches(".picture, .words")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head));
    }
    if (table.tBodies[0].rows.length < 8) continue;
    const box = document.createElement("input");
    const status = document.createElement("span");
    const label = document.createElement("label");
    box.type = "search";
    box.autocomplete = "off";
    status.setAttribute("role", "status");
    label.append("Show rows with ", box);
    const bar = document.createElement("p");
    bar.className = "filter";
    bar.append(label, status);
    table.closest(".table").prepend(bar);
    box.addEventListener("input", () => filter(table, box, status));
  }

  const opened = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) {
      part.open = true;
      opened.push(part);
    }
  });
  addEventListener("afterprint", () => {
    for (const part of opened.splice(0)) part.open = false;
  });
})();
