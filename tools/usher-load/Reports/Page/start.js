// Draws all plots, and again whenever the page's width, its medium or the view changes.

const plots = {
  arrivals: drawArrivals, line: drawLine, admissions: drawAdmissions, fairness: drawFairness,
  promise: drawPromise, seats: drawSeats, map: drawMap, funnel: drawFunnel, ends: drawEnds,
  waits: drawWaits, answers: drawAnswers, percentiles: drawPercentiles, windows: drawWindows,
  heat: drawHeat, load: drawLoad, server: drawServer, difference: drawDifference,
};
const overTime = new Set(
  ["arrivals", "line", "admissions", "seats", "answers", "windows", "heat", "server"]);

function render(isWanted) {
  for (const figure of document.querySelectorAll("figure[data-plot]")) {
    const name = figure.dataset.plot;
    if (!isWanted(name)) continue;
    const host = figure.querySelector(".panels");
    host.replaceChildren();
    plots[name](host);
  }
}

function renderTimes() {
  cursors = [];
  render((name) => overTime.has(name));
}

function renderAll() {
  names = 0;
  cursors = [];
  render(() => true);
}

function prepareTimes() {
  for (const figure of document.querySelectorAll("figure[data-plot]")) {
    if (!overTime.has(figure.dataset.plot)) continue;
    const host = figure.querySelector(".panels");
    host.tabIndex = 0;
    host.setAttribute("role", "group");
    host.setAttribute("aria-label", `${figure.querySelector("h3").textContent}: arrow keys move the `
      + "cursor of all plots over time, plus and minus zoom, 0 shows the whole run");
    host.addEventListener("keydown", keys);
  }
}

// What the letters on the time axes stand for.
function explainMarks() {
  if ((record.marks ?? []).length === 0) return;
  for (const id of ["test", "line", "sale", "calls", "server"]) {
    const key = make("p", { class: "key marks" });
    record.marks.forEach((mark, index) => key.append(
      make("span", {}, make("b", {}, markName(index)), ` ${seconds(mark.at_ms)}: ${mark.text}`)));
    document.querySelector(`#${id} .lede`).after(key);
  }
}

function offerData() {
  const data = new Blob([document.getElementById("record").textContent], { type: "application/json" });
  document.getElementById("save").href = URL.createObjectURL(data);
}

function printed(isPrinted) {
  if (printing === isPrinted) return;
  printing = isPrinted;
  for (const details of document.querySelectorAll("details")) details.open = isPrinted;
  renderAll();
}

prepareTimes();
explainMarks();
offerData();
renderAll();
document.getElementById("whole").addEventListener("click", () => zoom(whole));
window.addEventListener("beforeprint", () => printed(true));
window.addEventListener("afterprint", () => printed(false));

let width = document.body.clientWidth;
new ResizeObserver(() => {
  if (printing || document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  renderAll();
}).observe(document.body);
