// Plots over time: they share one axis and one cursor, whatever they show.

const windowMs = Math.max(1, times.window_ms);
const whole = [0, Math.max(1, times.windows) * windowMs];
let view = [...whole];
let cursors = [];
let cursorAt = null;

const perSecond = (values) => values.map((value) => (value * 1000) / windowMs);
// Where nothing is known of a window, nothing is known of its thousandth.
const scaled = (values, by) => values.map((value) => (value === null ? null : value / by));
const inMs = (values) => scaled(values, 1000);
const has = (values) => Array.isArray(values) && values.length > 0;
const markName = (index) => String.fromCharCode(65 + (index % 26)) + (index < 26 ? "" : Math.floor(index / 26));

// A series: `how` it is drawn (step, area, line), its `style`, and how a value is told.
function timePanel(host, spec) {
  const { title, unit = "", height = 150, series, limit, log = false, strip } = spec;
  const place = panel(host, title, unit);
  const width = roomIn(place.node);
  const { left, right: room } = margins(width, spec.room);
  const right = width - room;
  const top = strip ? 44 : 14;
  const bottom = height - 22;
  const shown = series.flatMap((one) => visible(one.values));
  const x = timeScale(left, right);
  let y;
  if (log) {
    y = logarithmic(...(spec.bounds ?? logBounds(shown)), bottom, top);
  } else {
    const high = spec.stacked ? most(visible(totals(series))) : most(shown);
    y = linear(0, Math.max(high, limit ? limit.value : 0, spec.least ?? 0) * 1.06 || 1, bottom, top);
  }
  const svg = picture(place.node, {
    title: `${title}${unit ? `, ${unit}` : ""}`, says: describe(spec, shown), width, height,
  });
  axes(svg, { x, y, left, right, top, bottom, xUnit: clock().unit });
  const area = clipped(svg, left, right, height);
  const ends = spec.stacked
    ? drawStack(area, series, x, y, bottom) : drawSeries(area, series, x, y, bottom);
  if (spec.cells) drawCells(area, spec.cells, x, y);
  if (strip) drawStrip(svg, area, strip, x, { left, top: 14, bottom: 28 });
  if (limit) ends.push(drawLimit(area, limit, y, left, right));
  labels(svg, ends, { right, top, bottom, room });
  drawMarks(svg, area, x, top, bottom);
  follow(svg, x, { left, right, top: strip ? 14 : top, bottom }, place.output, spec);
  return place;
}

// Which windows the view shows.
function visible(values) {
  return values.slice(Math.floor(view[0] / windowMs), Math.ceil(view[1] / windowMs));
}

function clock() {
  return view[1] > 600_000 ? { unit: "min", ms: 60_000 } : { unit: "s", ms: 1_000 };
}

function timeScale(left, right) {
  const { ms } = clock();
  const scale = linear(view[0], view[1], left, right);
  scale.ticks = linearTicks(view[0] / ms, view[1] / ms, (right - left) * 0.6)
    .map((tick) => ({ at: tick.at * ms, text: tick.text }));
  return scale;
}

function describe(spec, shown) {
  const range = `From ${seconds(view[0])} to ${seconds(view[1])} since the run's start.`;
  const parts = spec.series.map((one) => `${one.name}: at most ${digits(most(visible(one.values)))}`);
  if (spec.limit) parts.push(`limit ${plain(spec.limit.value)}`);
  if (spec.cells) parts.push(`${grouped(spec.cells.count)} calls`);
  return `${range} ${parts.join(", ")}.${spec.log ? " Logarithmic." : ""}`;
}

function clipped(svg, left, right, height) {
  const id = `clip${names}`;
  svg.append(draw("clipPath", { id },
    draw("rect", { x: left, y: 0, width: right - left, height })));
  const group = draw("g", { "clip-path": `url(#${id})` });
  svg.append(group);
  return group;
}

// The outline of a series: steps for what is counted in a window, a line for what was at its end.
function outline(one, x, y, values = one.values) {
  if (one.how === "line") {
    return values.map((value, index) =>
      (value === null ? null : [x((index + 1) * windowMs), y(value)]));
  }
  return values.flatMap((value, index) => (value === null ? [null] : [
    [x(index * windowMs), y(value)], [x((index + 1) * windowMs), y(value)],
  ]));
}

function drawSeries(area, series, x, y, bottom) {
  const isShown = (one) => visible(one.values).some((value) => value !== null);
  return series.filter(isShown).map((one) => {
    const points = outline(one, x, y);
    const there = points.filter((place) => place !== null);
    if (one.how === "area" && there.length > 0) {
      const [first, last] = [there[0], there[there.length - 1]];
      area.append(draw("path", {
        class: `area faint ${one.style.split(" ")[0]}`,
        d: `${through(there)}L${point(last[0], bottom)}L${point(first[0], bottom)}Z`,
      }));
    }
    area.append(draw("path", { class: `curve ${one.style}`, d: through(points) }));
    return { y: endOf(one, y, bottom), text: one.name, style: one.style };
  });
}

// Where a series leaves the view.
function endOf(one, y, bottom) {
  const values = visible(one.values).filter((value) => value !== null);
  return values.length > 0 ? y(values[values.length - 1]) : bottom;
}

const totals = (series) =>
  series[0].values.map((_, index) => sum(series.map((one) => one.values[index] ?? 0)));

function drawStack(area, series, x, y, bottom) {
  let below = series[0].values.map(() => 0);
  return series.map((one) => {
    const above = below.map((value, index) => value + (one.values[index] ?? 0));
    const upper = outline(one, x, y, above);
    const lower = outline(one, x, y, below).reverse();
    area.append(draw("path", {
      class: `area band ${one.style}`, d: `${through(upper)}${through(lower).replace("M", "L")}Z`,
    }));
    if (one.style === "none") {
      area.append(draw("path", { class: "curve three thin", d: through(upper) }));
    }
    const last = Math.min(above.length, Math.ceil(view[1] / windowMs)) - 1;
    const middle = (above[last] + below[last]) / 2;
    below = above;
    return { y: y(middle), text: one.name, style: one.style === "none" ? "three thin" : one.style };
  });
}

function drawLimit(area, limit, y, left, right) {
  const at = y(limit.value);
  area.append(draw("line", { class: "limit-line", x1: left, x2: right, y1: at, y2: at }));
  return { y: at, text: limit.name, style: "" };
}

// A row of marks above the plot: as high as the window's count.
function drawStrip(svg, area, strip, x, { left, top, bottom }) {
  const high = most(strip.values) || 1;
  const bars = strip.values.map((value, index) => {
    if (!value) return "";
    const size = Math.max(2, (value / high) * (bottom - top));
    const from = x(index * windowMs);
    const wide = Math.max(1, x((index + 1) * windowMs) - from - 0.5);
    return `M${point(from, bottom)}v${-size.toFixed(1)}h${wide.toFixed(1)}v${size.toFixed(1)}z`;
  });
  area.append(draw("path", { class: "area two", d: bars.join("") }));
  svg.append(draw("text", { x: left - 6, y: bottom, "text-anchor": "end" }, strip.name));
  svg.append(draw("line", {
    class: "grid", x1: left, x2: x(view[1]), y1: bottom + 0.5, y2: bottom + 0.5,
  }));
}

function drawMarks(svg, area, x, top, bottom) {
  let taken = -Infinity;
  (record.marks ?? []).forEach((mark, index) => {
    if (mark.at_ms < view[0] || mark.at_ms > view[1]) return;
    const at = x(mark.at_ms);
    const group = draw("g", { class: "mark" },
      draw("title", {}, `${seconds(mark.at_ms)}: ${mark.text}`),
      draw("line", { x1: at, x2: at, y1: 11, y2: bottom }));
    if (at - taken > 10) {
      group.append(draw("text", { x: at, y: 9, "text-anchor": "middle" }, markName(index)));
      taken = at;
    }
    svg.append(group);
  });
}

// Shows in all plots over time where the pointer is in one of them; dragging chooses what is shown.
function follow(svg, x, { left, right, top, bottom }, output, spec) {
  const line = draw("line", { class: "cursor", y1: top, y2: bottom, visibility: "hidden" });
  const chosen = draw("rect", {
    class: "chosen", y: top, height: bottom - top, width: 0, x: left, visibility: "hidden",
  });
  svg.append(chosen, line);
  svg.parentNode.classList.add("over");
  cursors.push({ line, x, output, spec });
  const timeAt = (event) => {
    const box = svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    return Math.min(view[1], Math.max(view[0], x.back(place)));
  };
  let from = null;
  svg.addEventListener("pointermove", (event) => {
    const at = timeAt(event);
    showCursor(at);
    if (from === null) return;
    const [low, high] = [Math.min(from, at), Math.max(from, at)];
    chosen.setAttribute("x", x(low));
    chosen.setAttribute("width", x(high) - x(low));
    chosen.setAttribute("visibility", "visible");
  });
  svg.addEventListener("pointerleave", () => { if (from === null) showCursor(null); });
  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    from = timeAt(event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const ends = [from, timeAt(event)].sort((a, b) => a - b);
    from = null;
    chosen.setAttribute("visibility", "hidden");
    if (ends[1] - ends[0] >= 2 * windowMs) zoom(ends);
  });
}

function showCursor(at) {
  cursorAt = at;
  const index = at === null ? -1 : Math.floor(Math.min(at, whole[1] - 1) / windowMs);
  for (const { line, x, output, spec } of cursors) {
    if (at === null) {
      line.setAttribute("visibility", "hidden");
      output.textContent = "";
      continue;
    }
    line.setAttribute("x1", x(at));
    line.setAttribute("x2", x(at));
    line.setAttribute("visibility", "visible");
    output.textContent = spec.tell ? spec.tell(index) : tell(spec, index);
  }
  const mark = at === null ? undefined
    : (record.marks ?? []).find((one) => Math.abs(one.at_ms - at) <= windowMs);
  document.getElementById("moment").textContent =
    at === null ? "" : `at ${seconds(at)}${mark ? ` · ${mark.text}` : ""}`;
}

function tell(spec, index) {
  const all = spec.strip ? [...spec.series, spec.strip] : spec.series;
  return all.map((one) => {
    const value = one.values[index];
    return `${one.name} ${value === undefined || value === null ? "–" : digits(value)}`;
  }).join(" · ");
}

function zoom(range) {
  const from = Math.max(whole[0], Math.floor(range[0] / windowMs) * windowMs);
  const to = Math.min(whole[1], Math.ceil(range[1] / windowMs) * windowMs);
  if (to - from < windowMs) return;
  view = [from, to];
  document.getElementById("whole").hidden = from === whole[0] && to === whole[1];
  renderTimes();
}

// On the keyboard: arrows move the cursor, + and − zoom around it, 0 shows the whole run.
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
  const span = view[1] - view[0];
  const at = cursorAt ?? (view[0] + view[1]) / 2;
  const moves = { ArrowLeft: -windowMs, ArrowRight: windowMs, PageUp: -span / 10, PageDown: span / 10 };
  if (event.key in moves) {
    showCursor(Math.min(view[1], Math.max(view[0], at + moves[event.key])));
  } else if (event.key === "+" || event.key === "=") {
    zoom([at - span / 4, at + span / 4]);
    showCursor(at);
  } else if (event.key === "-") {
    zoom([at - span, at + span]);
    showCursor(at);
  } else if (event.key === "0") {
    zoom(whole);
  } else if (event.key === "Escape") {
    showCursor(null);
  } else {
    return;
  }
  event.preventDefault();
}
