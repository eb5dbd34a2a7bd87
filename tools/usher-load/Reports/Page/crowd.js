// Plots of the crowd: its arrivals, its line, and what became of it.

const noTimes = "Nothing was recorded over time in this run.";

function drawArrivals(host) {
  if (!has(times.arrived)) return nothing(host, noTimes);
  timePanel(host, {
    title: "Begun", unit: "per s",
    series: [
      { name: "achieved", values: perSecond(times.arrived), how: "area", style: "one" },
      ...(has(times.planned)
        ? [{ name: "planned", values: perSecond(times.planned), style: "three dashed" }] : []),
    ],
  });
  if (!has(times.late_max_us)) return undefined;
  return timePanel(host, {
    title: "Lateness", unit: "ms, the most in a window", height: 110,
    limit: { name: "10 ms", value: 10 },
    series: [{ name: "late", values: inMs(times.late_max_us), how: "area", style: "two" }],
  });
}

function drawLine(host) {
  if (!has(times.waiting) && !has(times.inside)) {
    return nothing(host, "This run had no line.");
  }
  if (has(times.waiting)) {
    timePanel(host, {
      title: "In line", unit: "people",
      series: [{ name: "waiting", values: times.waiting, how: "line", style: "one thick" }],
    });
  }
  if (!has(times.inside)) return undefined;
  const series = [{ name: "inside", values: times.inside, how: "line", style: "one thick" }];
  if (has(times.inside_most)) {
    series.push({ name: "most", values: times.inside_most, style: "two thin" });
  }
  return timePanel(host, {
    title: "Inside", unit: "people", height: 130, series,
    limit: times.inside_limit > 0
      ? { name: `limit ${grouped(times.inside_limit)}`, value: times.inside_limit } : undefined,
  });
}

function drawAdmissions(host) {
  const values = has(times.admitted_most) ? times.admitted_most : times.admitted;
  if (!has(values)) return nothing(host, "Nobody was admitted by a rate in this run.");
  return timePanel(host, {
    title: "Admitted",
    unit: has(times.admitted_most) ? `people in any ${plain(times.rate_interval_ms / 1000)} s`
      : "people in a window",
    height: 130, series: [{ name: "admitted", values, how: "area", style: "one" }],
    limit: times.rate_limit > 0
      ? { name: `limit ${grouped(times.rate_limit)}`, value: times.rate_limit } : undefined,
  });
}

// A plot of two numbers against each other.
function scatter(host, { title, unit, says, x, y, xUnit, height, paint, xLog, yLog }) {
  const place = panel(host, title, unit);
  const width = roomIn(place.node);
  const { left } = margins(width);
  const [right, top] = [width - 16, 14];
  const size = height ?? Math.min(320, Math.max(220, width * 0.7));
  const bottom = size - 22;
  const across = (xLog ? logarithmic : linear)(x[0], x[1], left, right);
  across.ticks = xLog ? across.ticks : linearTicks(x[0], x[1], (right - left) * 0.7);
  const up = (yLog ? logarithmic : linear)(y[0], y[1], bottom, top);
  const svg = picture(place.node, { title, says, width, height: size });
  axes(svg, { x: across, y: up, left, right, top, bottom, xUnit });
  paint(svg, across, up, { left, right, top, bottom });
  return place;
}

function drawFairness(host) {
  const people = record.people;
  if (!people || people.admissions.length === 0) return nothing(host, "Nobody was admitted.");
  const pairs = people.admissions;
  const bounds = [0, 1].map((side) => Math.max(1, most(pairs.map((pair) => pair[side])) * 1.02));
  const thinned = pairs.length < people.admissions_total
    ? `, ${grouped(pairs.length)} of ${grouped(people.admissions_total)} shown` : "";
  const place = scatter(host, {
    title: "Order of admission", unit: `against the place’s number${thinned}`,
    says: `${grouped(people.inversions)} inversions among ${grouped(people.admissions_total)} `
      + "admissions; none are wanted.",
    x: [0, bounds[0]], y: [0, bounds[1]], xUnit: "place",
    paint(svg, x, y, { left, top }) {
      svg.append(draw("path", {
        class: "dots small one", d: dots(pairs.map(([a, b]) => [x(a), y(b)])),
      }));
      svg.append(draw("text", { class: "label", x: left + 10, y: top + 14 },
        `${grouped(people.inversions)} out of order, 0 wanted`));
    },
  });
  return place;
}

function drawPromise(host) {
  const people = record.people;
  if (!people || people.waits.length === 0) return nothing(host, "Nobody was promised a wait.");
  const waits = [...people.waits].sort((a, b) => a.likely_ms - b.likely_ms);
  const isKept = (wait) => wait.waited_ms >= wait.low_ms && wait.waited_ms <= wait.high_ms;
  const likely = (wait) => wait.likely_ms / 1000;
  const waited = (wait) => wait.waited_ms / 1000;
  const far = nearlyAll(waits.map(likely));
  const high = nearlyAll(waits.flatMap((wait) => [waited(wait), wait.high_ms / 1000]));
  const inside = waits.filter((wait) => likely(wait) <= far && waited(wait) <= high);
  const shown = waits.length < people.waits_total
    ? `, ${grouped(waits.length)} of ${grouped(people.waits_total)} shown` : "";
  const share = percent(people.promises_kept, people.waits_total);
  const place = scatter(host, {
    title: "Waited, s", unit: `against promised, s${shown}`,
    says: `${share} of ${grouped(people.waits_total)} waits were inside what was promised; wanted 90 %.`,
    x: [0, far * 1.03], y: [0, high * 1.05], xUnit: "s",
    paint(svg, x, y, { left, top }) {
      const edge = (name) => inside.map((wait) => [x(likely(wait)), y(Math.min(high, wait[name] / 1000))]);
      svg.append(draw("path", {
        class: "area faint one", d: `${through([...edge("high_ms"), ...edge("low_ms").reverse()])}Z`,
      }));
      const places = (some) => some.map((wait) => [x(likely(wait)), y(waited(wait))]);
      svg.append(draw("path", { class: "dots small one", d: dots(places(inside.filter(isKept))) }));
      svg.append(draw("path", {
        class: "crosses two", d: crosses(places(inside.filter((wait) => !isKept(wait)))),
      }));
      svg.append(draw("text", { class: "label", x: left + 10, y: top + 14 },
        `${share} inside the promise, 90 % wanted`));
    },
  });
  const outside = waits.length - inside.length;
  if (outside > 0) {
    nothing(place.node, `${grouped(outside)} of ${grouped(waits.length)} lie outside the axes: promised up to `
      + `${digits(most(waits.map(likely)))} s, waited up to ${digits(most(waits.map(waited)))} s.`);
  }
  return place;
}

// Up to where 99 of 100 of them lie, or all of them where the others lie little further.
function nearlyAll(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [almost, last] = [sorted[Math.ceil(sorted.length * 0.99) - 1], sorted[sorted.length - 1]];
  return (last > almost * 1.25 ? almost : last) || 1;
}

// Bars from the left with their numbers: how many, and what share.
function bars(host, title, stages, style, whole_, empty) {
  if (stages.length === 0) return nothing(host, empty);
  const place = panel(host, title, "people");
  const width = roomIn(place.node);
  const row = 34;
  const height = stages.length * row + 6;
  const high = Math.max(1, most(stages.map((stage) => stage.count)));
  const svg = picture(place.node, {
    title, width, height,
    says: stages.map((stage) => `${stage.name} ${grouped(stage.count)}`).join(", "),
  });
  stages.forEach((stage, index) => {
    const y = index * row + 4;
    const before = index > 0 && style === "one" ? stages[index - 1].count : 0;
    const step = before > 0 ? `, ${percent(stage.count, before)} of those before` : "";
    const fits = Math.floor(width * 0.45 / 6);
    const name = stage.name.length > fits ? `${stage.name.slice(0, fits - 1)}…` : stage.name;
    svg.append(
      draw("text", { class: "label", x: 0, y: y + 10 }, draw("title", {}, stage.name), name),
      draw("text", { x: width, y: y + 10, "text-anchor": "end" },
        `${grouped(stage.count)} · ${percent(stage.count, whole_)}${width > 380 ? step : ""}`),
      draw("rect", {
        class: `area ${style}`, x: 0, y: y + 15, height: 9,
        width: Math.max(stage.count > 0 ? 1 : 0, (stage.count / high) * width),
      }),
      draw("line", { class: "grid", x1: 0, x2: width, y1: y + 24.5, y2: y + 24.5 }));
  });
  return place;
}

function drawFunnel(host) {
  const stages = record.people?.funnel ?? [];
  return bars(host, "Got as far as", stages, "one", stages[0]?.count ?? 0, "Nobody came.");
}

function drawEnds(host) {
  const stages = [...(record.people?.ends ?? [])].sort((a, b) => b.count - a.count);
  return bars(host, "Ended by", stages, "two", record.people?.funnel[0]?.count ?? 0,
    "Everybody who came has one.");
}
