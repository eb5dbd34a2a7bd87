// Plots of calls: what was answered, how long it took, and what the server says meanwhile.

const styles = ["one", "two", "four", "five", "six", "three"];
const stepsWithCalls = () => record.steps.filter((step) => step.response.buckets.length > 0);
const noCalls = "There were no calls of this kind.";

function drawAnswers(host) {
  const all = Object.entries(times.answers ?? {})
    .map(([name, values]) => ({ name, values: perSecond(values) }))
    .filter((one) => sum(one.values) > 0)
    .sort((a, b) => (b.name === "OK") - (a.name === "OK") || sum(b.values) - sum(a.values));
  if (all.length === 0) return nothing(host, noTimes);
  const kept = all.slice(0, all.length > 6 ? 5 : 6);
  const rest = all.slice(kept.length);
  if (rest.length > 0) {
    kept.push({ name: `${rest.length} others`, values: kept[0].values.map((_, index) =>
      sum(rest.map((one) => one.values[index]))) });
  }
  return timePanel(host, {
    title: "Answers", unit: "per s", height: 200, stacked: true, room: 150,
    series: kept.map((one, index) => ({ ...one, style: styles[index] })),
  });
}

// For each step of the journey a panel, and in place of an empty one a sentence.
function perStep(host, isThere, paint) {
  if (record.steps.length === 0) return nothing(host, noCalls);
  return record.steps.forEach((step) => {
    if (isThere(step)) return paint(step);
    const place = panel(host, step.name, "");
    return nothing(place.node, "No calls of this kind.");
  });
}

const seriesOf = (step) => (times.steps ?? {})[step.name];

// Curves of histograms over 1/(1−p). A curve is dotted from where fewer than ten lie beyond.
function percentilePlot(host, title, unit, curves, scale, unitMs = 1) {
  const told = curves.map((curve) => ({
    ...curve, count: countOf(curve.histogram), places: distribution(curve.histogram, unitMs),
  })).filter((curve) => curve.count > 0);
  const count = Math.max(...told.map((curve) => curve.count));
  const nines = Math.max(1, Math.log10(count));
  const place = panel(host, title, `${unit} · ${grouped(told[0].count)}`);
  const width = roomIn(place.node);
  const { left, right: room } = margins(width, 84);
  const [right, top, height] = [width - room, 10, 210];
  const bottom = height - 22;
  const x = linear(0, nines, left, right);
  const marks = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999];
  x.ticks = marks.map((share) => ({ at: -Math.log10(1 - share), text: `${plain(share * 100)}` }))
    .filter((tick) => tick.at <= nines);
  const y = logarithmic(...scale, bottom, top);
  const svg = picture(place.node, {
    title: `${title}: latency by percentile, ${unit}`, width, height,
    says: told.map((curve) => `${curve.name}: p50 ${digits(valueAt(curve, 0.5))}, p99 `
      + `${digits(valueAt(curve, 0.99))}, max ${digits(curve.histogram.max / 1e6 / unitMs)}`).join("; "),
  });
  axes(svg, { x, y, left, right, top, bottom, xUnit: "%" });
  const ends = told.map((curve) => {
    const steps = curvePoints(curve, x, y);
    svg.append(draw("path", { class: `curve ${curve.style}`, d: through(steps.sure) }));
    svg.append(draw("path", { class: `curve dotted ${curve.style}`, d: through(steps.unsure) }));
    const last = steps.unsure[steps.unsure.length - 1] ?? steps.sure[steps.sure.length - 1];
    return { y: last[1], text: curve.name, style: curve.style };
  });
  labels(svg, ends, { right, top, bottom, room });
  return place;
}

function valueAt(curve, share) {
  const rank = Math.ceil(share * curve.count);
  return curve.places.find((place) => place.seen >= rank)?.value ?? 0;
}

function curvePoints(curve, x, y) {
  const end = Math.log10(curve.count);
  const sure = [];
  const unsure = [];
  let before = 0;
  for (const { value, seen } of curve.places) {
    const from = before === 0 ? 0 : -Math.log10(1 - before / curve.count);
    const to = seen < curve.count ? -Math.log10(1 - seen / curve.count) : end;
    const list = curve.count - before >= 10 ? sure : unsure;
    if (list === unsure && unsure.length === 0 && sure.length > 0) unsure.push(sure[sure.length - 1]);
    list.push([x(Math.min(from, end)), y(value)], [x(Math.min(to, end)), y(value)]);
    before = seen;
  }
  return { sure, unsure };
}

const msOf = (histogram, unitMs = 1) => distribution(histogram, unitMs).map((place) => place.value);

function earlierStep(step) {
  const found = (earlier?.before.steps ?? []).find((one) => one.name === step.name);
  return found && found.response.buckets.length > 0 ? found : undefined;
}

function drawPercentiles(host) {
  const scale = logBounds(stepsWithCalls().flatMap((step) =>
    [...msOf(step.response), ...msOf(step.service)]));
  perStep(host, (step) => step.response.buckets.length > 0, (step) => {
    const before = earlierStep(step);
    percentilePlot(host, step.name, "ms, log; calls", [
      { name: "response", histogram: step.response, style: "one thick" },
      { name: "service", histogram: step.service, style: "two thin" },
      ...(before ? [{ name: "before", histogram: before.response, style: "three dashed" }] : []),
    ], scale);
  });
}

function drawWaits(host) {
  const people = record.people;
  const curves = people ? [
    { name: "in line", histogram: people.time_in_line, style: "one thick" },
    { name: "to a seat", histogram: people.time_to_seat, style: "two" },
  ].filter((curve) => curve.histogram.buckets.length > 0) : [];
  if (curves.length === 0) return nothing(host, "Nobody waited.");
  const places = curves.flatMap((curve) => msOf(curve.histogram, 1000));
  return percentilePlot(host, "Waits", "s, log; people", curves,
    logBounds(places.filter((value) => value >= 0.01)), 1000);
}

// With fewer calls than that in a window, its p99 is its largest.
const callsForP99 = 100;

function drawWindows(host) {
  const least = { p50_us: 1, p99_us: callsForP99, max_us: 1 };
  const stats = (series) => Object.entries(least).map(([name, calls]) =>
    (series[name] ?? []).map((value, index) => (series.count[index] >= calls ? value / 1000 : null)));
  const isThere = (step) => has(seriesOf(step)?.count) && sum(seriesOf(step).count) > 0;
  perStep(host, isThere, (step) => {
    const series = seriesOf(step);
    const [p50, p99, max] = stats(series);
    timePanel(host, {
      title: step.name, unit: "ms, log", height: 190, log: true,
      series: [
        { name: "max", values: max, style: "three thin" },
        { name: "p99", values: p99, style: "two" },
        { name: "p50", values: p50, style: "one thick" },
      ],
      strip: { name: "refused or failed", values: series.failed ?? [] },
    });
  });
}

// The counts of a heat map's cells, of so many windows together that cells stay wide enough to see.
function heatCells(series, together) {
  const cells = new Map();
  series.heat.forEach((pairs, index) => {
    const column = Math.floor(index / together);
    for (const [number, count] of pairs) {
      const key = `${column} ${number}`;
      cells.set(key, (cells.get(key) ?? 0) + count);
    }
  });
  return [...cells].map(([key, count]) => {
    const [column, number] = key.split(" ").map(Number);
    const [first, width] = bucket(number, series.heat_digit_bits);
    return { column, low: first / 1e6, high: (first + width) / 1e6, count };
  });
}

function drawHeat(host) {
  const isThere = (step) => has(seriesOf(step)?.heat) && sum(seriesOf(step).count ?? []) > 0;
  const shown = (view[1] - view[0]) / windowMs;
  const together = Math.max(1, Math.ceil(shown / 160));
  const all = record.steps.filter(isThere).map((step) => heatCells(seriesOf(step), together));
  const bounds = logBounds(all.flatMap((cells) => cells.flatMap((cell) => [cell.low, cell.high])));
  const peak = most(all.flatMap((cells) => cells.map((cell) => cell.count)));
  perStep(host, isThere, (step) => {
    const cells = all[record.steps.filter(isThere).indexOf(step)];
    timePanel(host, {
      title: step.name, unit: "ms, log", height: 190, log: true,
      series: [], bounds, cells: { list: cells, together, peak, count: sum(cells.map((cell) => cell.count)) },
      tell: (index) => tellHeat(cells, Math.floor(index / together)),
    });
  });
  if (peak > 0) host.append(heatKey(peak, together));
}

function tellHeat(cells, column) {
  const here = cells.filter((cell) => cell.column === column);
  if (here.length === 0) return "no calls";
  const low = Math.min(...here.map((cell) => cell.low));
  const high = Math.max(...here.map((cell) => cell.high));
  return `${grouped(sum(here.map((cell) => cell.count)))} calls, ${digits(low)} to ${digits(high)} ms`;
}

// Five shades, each standing for some times as many calls as the one before.
const shadeOf = (count, peak) =>
  (peak <= 1 ? 5 : 1 + Math.min(4, Math.floor((Math.log(count) / Math.log(peak)) * 4.999)));

function drawCells(area, { list, together, peak }, x, y) {
  const shades = [[], [], [], [], []];
  for (const cell of list) {
    const left = x(cell.column * together * windowMs);
    const wide = x((cell.column + 1) * together * windowMs) - left;
    const [high, low] = [y(cell.high), y(Math.max(cell.low, 1e-6))];
    shades[shadeOf(cell.count, peak) - 1].push(
      `M${point(left, high)}h${wide.toFixed(1)}V${low.toFixed(1)}h${(-wide).toFixed(1)}z`);
  }
  shades.forEach((cells, index) => {
    if (cells.length > 0) area.append(draw("path", { class: `cell${index + 1}`, d: cells.join("") }));
  });
}

function heatKey(peak, together) {
  const line = make("p", { class: "key" }, make("span", {}, "calls in a cell"));
  for (let shade = 1; shade <= 5; shade += 1) {
    const from = Math.max(1, Math.ceil(peak ** ((shade - 1) / 5)));
    line.append(make("span", {}, swatch(`cell${shade}`), `${grouped(from)}${shade === 5 ? ` to ${grouped(peak)}` : ""}`));
  }
  if (together > 1) {
    line.append(make("span", {}, `a cell is ${seconds(together * windowMs)} wide: counts are added up`));
  }
  return line;
}

const key = (...shapes) => draw("svg", { viewBox: "0 0 14 10", "aria-hidden": "true" }, ...shapes);

const swatch = (style) => key(draw("rect", { class: style, x: 0.5, y: 0.5, width: 13, height: 9 }));

// For each window with answers in OK, how many calls ended in it, and how long those answers took.
function loads(step) {
  const series = seriesOf(step);
  return (series?.count ?? []).map((count, index) => ({
    rate: ((count + (series.failed[index] ?? 0)) * 1000) / windowMs,
    p99: count >= callsForP99 ? series.p99_us[index] / 1000 : 0,
    max: series.max_us[index] / 1000,
  })).filter((load) => load.max > 0);
}

function drawLoad(host) {
  if (stepsWithCalls().length === 0) return nothing(host, noCalls);
  if (record.generator.planned === 0) {
    return nothing(host, "Callers in a loop call as fast as they are answered: a slow server slows them, "
      + "so that what they reach is no capacity, and shows no knee. Calls by a plan do: --arrive.");
  }
  const told = record.steps.map((step) => ({ step, all: loads(step) })).filter(({ all }) => {
    const rates = all.map((load) => load.rate);
    return rates.length >= 10 && most(rates) >= 1.5 * Math.min(...rates);
  });
  if (told.length === 0) return nothing(host, "The load was the same all the time.");
  const bounds = logBounds(told.flatMap(({ all }) => all.flatMap((load) => [load.p99, load.max])));
  told.forEach(({ step, all }) => loadPanel(host, step, all, bounds));
  return host.append(make("p", { class: "key" },
    make("span", {}, key(draw("path", { class: "dots two", d: "M7 5h0" })),
      `p99 of a window with ${callsForP99} answers in OK or more`),
    make("span", {}, key(draw("path", { class: "dots small faint three", d: "M7 5h0" })), "maximum")));
}

function loadPanel(host, step, all, bounds) {
  const places = (name, x, y) =>
    dots(all.filter((load) => load[name] > 0).map((load) => [x(load.rate), y(load[name])]));
  scatter(host, {
    title: step.name, unit: "ms, log; against calls per s", height: 200,
    says: `${all.length} windows of ${seconds(windowMs)}: p99 and maximum of the answers in OK `
      + "against the calls that ended in the window.",
    x: [0, most(all.map((load) => load.rate)) * 1.05], y: bounds, yLog: true, xUnit: "per s",
    paint: (svg, x, y) => svg.append(
      draw("path", { class: "dots small faint three", d: places("max", x, y) }),
      draw("path", { class: "dots two", d: places("p99", x, y) })),
  });
}

function drawServer(host) {
  const server = times.server ?? {};
  const charts = [
    ["Commit", "ms", [["p99", server.commit_p99_us, "two"], ["p50", server.commit_p50_us, "one thick"]],
      inMs],
    ["Batch", "commands, the most at once", [["batch", server.batch_most, "one"]]],
    ["Queued", "commands", [["queued", server.queued, "one"]]],
    ["Memory", "MiB", [["memory", server.memory_bytes, "one"]], (values) => scaled(values, 1_048_576)],
    ["Log lag", "ms", [["lag", server.lag_ms, "one"]]],
  ].map(([title, unit, lines, convert = (values) => values]) => ({
    title, unit, height: 120,
    series: lines.filter(([, values]) => has(values)).map(([name, values, style]) =>
      ({ name, values: convert(values), style })),
  })).filter((chart) => chart.series.length > 0);
  if (charts.length === 0) return nothing(host, "The server told nothing of itself in this run.");
  return charts.forEach((chart) => timePanel(host, chart));
}

// Differences with their intervals over the noise band; beyond ±100 % an arrow says that it goes on.
function drawDifference(host) {
  const rows = (earlier?.comparison.rows ?? []).filter((row) =>
    row.unit === "percent" && row.low !== undefined && row.low !== null);
  if (rows.length === 0) return nothing(host, "There is nothing to compare.");
  const place = panel(host, "Difference", "%, after against before");
  const width = roomIn(place.node);
  const [left, row, top] = [Math.min(170, width * 0.42), 20, 10];
  const bottom = top + rows.length * row;
  const noise = earlier.comparison.noise_percent;
  const reach = Math.min(100, Math.max(2 * noise,
    most(rows.map((one) => Math.max(Math.abs(one.low), Math.abs(one.high))))) * 1.1);
  const x = linear(-reach, reach, left, width - 12);
  const svg = picture(place.node, {
    title: "Differences with their intervals at 95 %", width, height: bottom + 24,
    says: rows.map((one) => `${one.subject} ${one.measure}: ${one.finding}`).join(", "),
  });
  svg.append(draw("rect", {
    class: "area faint three", x: x(-noise), width: x(noise) - x(-noise), y: top, height: bottom - top,
  }));
  x.ticks = linearTicks(-reach, reach, (width - left) * 0.6);
  const y = Object.assign(() => 0, { ticks: [] });
  axes(svg, { x, y, left, right: width - 12, top, bottom, xUnit: "%" });
  svg.append(draw("line", { class: "limit-line", x1: x(0), x2: x(0), y1: top, y2: bottom }));
  rows.forEach((one, index) => {
    const at = top + (index + 0.5) * row;
    const inside = (value) => x(Math.max(-reach, Math.min(reach, value)));
    const isShown = one.finding === "more" || one.finding === "less";
    const style = isShown ? "two" : "one";
    svg.append(
      draw("text", { class: "label", x: 0, y: at + 4 }, `${one.subject} ${one.measure}`),
      draw("path", { class: `curve ${style} ${isShown ? "thick" : ""}`,
        d: `M${point(inside(one.low), at)}L${point(inside(one.high), at)}` }),
      draw("path", { class: `dots ${style}`, d: dots([[inside(one.difference), at]]) }),
      draw("title", {}, `${one.subject} ${one.measure}: ${one.finding}`));
  });
  return place;
}
