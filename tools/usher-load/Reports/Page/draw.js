// Elements, scales and axes: what every plot is drawn with. Words of the run become text, never markup.

const NS = "http://www.w3.org/2000/svg";

function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(NS, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function nothing(host, words) {
  host.append(make("p", { class: "empty" }, words));
}

// Printed pages have a width of their own, which the window does not know.
let printing = false;

function roomIn(host) {
  if (!printing) return Math.max(200, Math.floor(host.clientWidth));
  return host.closest(".grid, .pair") ? 320 : 680;
}

function linear(min, max, from, to) {
  const span = max - min || 1;
  const scale = (value) => from + ((value - min) / span) * (to - from);
  scale.back = (place) => min + ((place - from) / (to - from)) * span;
  scale.ticks = linearTicks(min, max, Math.abs(to - from));
  return scale;
}

function linearTicks(min, max, room) {
  const wanted = Math.max(3, Math.min(6, Math.floor(room / 27)));
  const rough = (max - min || 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const ticks = [];
  for (let at = Math.ceil(min / step - 1e-9) * step; at <= max + step * 1e-6; at += step) {
    ticks.push({ at, text: plain(Math.abs(at) < step * 1e-6 ? 0 : at) });
  }
  return ticks;
}

// Logarithmic: ticks at every power of ten, and between them where there are few.
function logarithmic(min, max, from, to) {
  const inner = linear(Math.log10(min), Math.log10(max), from, to);
  const scale = (value) => inner(Math.log10(Math.max(value, min)));
  scale.back = (place) => 10 ** inner.back(place);
  const decades = Math.log10(max / min);
  const factors = decades < 1.5 ? [1, 2, 5] : [1];
  scale.ticks = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power += 1) {
    for (const factor of factors) {
      const at = Number((factor * 10 ** power).toPrecision(3));
      if (at >= min * 0.999 && at <= max * 1.001) scale.ticks.push({ at, text: plain(at) });
    }
  }
  return scale;
}

// Bounds of 1, 2 or 5 times a power of ten around what is shown.
function logBounds(values) {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (value > 0) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (high === 0) return [1, 10];
  const steps = [1, 2, 5, 10];
  const floor = 10 ** Math.floor(Math.log10(low));
  const ceiling = 10 ** Math.floor(Math.log10(high));
  const min = [...steps].reverse().map((step) => step * floor).find((at) => at <= low * 1.0001);
  let max = steps.map((step) => step * ceiling).find((at) => at >= high * 0.9999);
  if (max / min < 10) max = min * 10;
  return [min, max];
}

// A panel with its heading, and the place where the values under the cursor are told.
function panel(host, title, unit) {
  const output = make("output");
  const node = make("div", { class: "panel" },
    make("p", {}, make("span", {}, make("b", {}, title), unit ? ` ${unit}` : ""), output));
  host.append(node);
  return { node, output };
}

let names = 0;

// An empty picture with a title and a description for those who do not see it.
function picture(node, { title, says, width, height }) {
  names += 1;
  const svg = draw("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-labelledby": `t${names} d${names}`,
  }, draw("title", { id: `t${names}` }, title), draw("desc", { id: `d${names}` }, says));
  node.append(svg);
  return svg;
}

// Room around a plot, less of it where the page is narrow.
function margins(width, right = 104) {
  return { left: width < 480 ? 40 : 48, right: width < 480 ? Math.min(right, 78) : right };
}

// Grid lines and ticks of both axes.
function axes(svg, { x, y, left, right, top, bottom, xUnit = "" }) {
  const grid = draw("g", { class: "grid" });
  for (const tick of y.ticks) {
    const at = y(tick.at);
    grid.append(draw("line", { x1: left, x2: right, y1: at, y2: at }));
    svg.append(draw("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, tick.text));
  }
  svg.prepend(grid);
  svg.append(draw("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
  let taken = -Infinity;
  x.ticks.forEach((tick, index) => {
    const at = x(tick.at);
    const text = tick.text + (index === x.ticks.length - 1 && xUnit ? ` ${xUnit}` : "");
    const half = text.length * 3.2;
    if (at - half < taken) return;
    taken = at + half + 4;
    svg.append(draw("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 4 }));
    const middle = Math.min(at, right + 14 - half);
    svg.append(draw("text", { x: middle, y: bottom + 16, "text-anchor": "middle" }, text));
  });
}

// Names right of where the lines end, moved apart where they would touch.
function labels(svg, entries, { right, top, bottom, room }) {
  const fits = Math.max(4, Math.floor((room - 14) / 6));
  const placed = entries.map((entry) => ({ ...entry, at: entry.y })).sort((a, b) => a.at - b.at);
  for (let index = 1; index < placed.length; index += 1) {
    placed[index].at = Math.max(placed[index].at, placed[index - 1].at + 13);
  }
  let limit = bottom;
  for (const entry of placed.reverse()) {
    entry.at = Math.min(entry.at, limit);
    limit = entry.at - 13;
  }
  for (const entry of placed) {
    const short = entry.text.length > fits ? `${entry.text.slice(0, fits - 1)}…` : entry.text;
    if (entry.style) {
      svg.append(draw("path", {
        class: `curve ${entry.style}`, d: `M${right + 1} ${entry.y}L${right + 9} ${entry.at}`,
      }));
    }
    svg.append(draw("text", { class: "label", x: right + 12, y: entry.at + 4 },
      draw("title", {}, entry.text), short));
  }
}

const point = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;

// A line through points; where one is null, there is a gap.
function through(points) {
  let open = false;
  return points.map((place) => {
    if (place === null) {
      open = false;
      return "";
    }
    const command = open ? "L" : "M";
    open = true;
    return command + point(place[0], place[1]);
  }).join("");
}

// Many dots are one path: a line of no length with round ends is a dot.
const dots = (points) => points.map(([x, y]) => `M${point(x, y)}h0`).join("");

const crosses = (points) =>
  points.map(([x, y]) => `M${point(x - 2.5, y - 2.5)}l5 5m-5 0l5-5`).join("");
