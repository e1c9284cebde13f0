// Draws the tables that have data-chart, a stacked bar for each row, from their columns with
// data-series. The figures stay in the table, for the eye and for whoever reads them aloud.
"use strict";
(function () {
  const colours = ["--pass", "--forward", "--fail"];

  function number(cell) {
    return Number(cell.textContent.replace(/[^0-9-]/g, ""));
  }

  function sums(table, columns) {
    const days = new Map();
    for (const row of table.tBodies[0].rows) {
      const day = row.cells[0].textContent;
      const values = days.get(day) || columns.map(() => 0);
      columns.forEach((column, i) => { values[i] += number(row.cells[column]); });
      days.set(day, values);
    }
    return new Map([...days].reverse());
  }

  function draw(table) {
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.flatMap((head, i) => ("series" in head.dataset ? [i] : []));
    const days = sums(table, columns);
    const style = getComputedStyle(document.documentElement);
    const box = document.createElement("div");
    const canvas = document.createElement("canvas");
    const text = style.getPropertyValue("--text");
    const line = style.getPropertyValue("--line");

    box.className = "chart";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", table.caption.textContent +
      ": the figures are in the table below");
    box.append(canvas);
    table.parentElement.before(box);
    new Chart(canvas, {
      type: "bar",
      data: {
        labels: [...days.keys()],
        datasets: columns.map((column, i) => ({
          label: heads[column].textContent,
          data: [...days.values()].map((values) => values[i]),
          backgroundColor: style.getPropertyValue(colours[i % colours.length]),
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        color: text,
        scales: {
          x: { stacked: true, ticks: { color: text }, grid: { display: false } },
          y: { stacked: true, beginAtZero: true, ticks: { color: text, precision: 0 },
            grid: { color: line } },
        },
      },
    });
  }

  if (typeof Chart === "function")
    document.querySelectorAll("table[data-chart]").forEach(draw);
})();
