// The seats: how they sold over time, and which.

function drawSeats(host) {
  if (!has(times.seats_sold)) return nothing(host, "No seats were on sale in this run.");
  const series = [
    { name: "sold", values: times.seats_sold, how: "line", style: "one" },
    ...(has(times.seats_held) ? [{ name: "held", values: times.seats_held, how: "line", style: "two" }] : []),
    ...(has(times.seats_free) ? [{ name: "free", values: times.seats_free, how: "line", style: "none" }] : []),
  ];
  return timePanel(host, { title: "Seats", unit: "stacked", height: 200, stacked: true, series });
}

const datesShown = 12;
let moment = null;
// What a seat is, as the record has it.
const [free, held, sold] = [0, 1, 2];

function drawMap(host) {
  const seats = record.people?.seats ?? [];
  if (seats.length === 0) return nothing(host, "No seats were recorded in this run.");
  const end = Math.max(whole[1], most(seats.map((seat) => seat.changes.at(-1)?.[0] ?? 0)));
  const dates = [...new Set(seats.map((seat) => seat.date))].sort((a, b) => a - b);
  const shown = dates.slice(0, datesShown);
  const output = make("output", { for: "slider" });
  const slider = make("input", {
    id: "slider", type: "range", min: 0, max: end, step: 100, value: moment ?? end,
    "aria-label": "Moment of the sale that the map shows",
  });
  host.append(make("div", { class: "slide" }, make("label", { for: "slider" }, "Moment"), slider, output));
  const maps = shown.map((date) =>
    seatMap(host, date, dates.length, seats.filter((seat) => seat.date === date), end));
  host.append(mapKey(end));
  mapNotes(seats, shown, dates).forEach((note) => nothing(host, note));
  const counted = shown.length < dates.length
    ? `, of the ${shown.length} dates shown of ${grouped(dates.length)}` : "";
  const show = () => {
    const at = Number(slider.value);
    moment = at >= end ? null : at;
    const counts = maps.map((map) => map(at)).reduce((a, b) => a.map((value, index) => value + b[index]));
    output.textContent = `${seconds(at)}${counted}: ${grouped(counts[sold])} sold, `
      + `${grouped(counts[held])} held, ${grouped(counts[free])} free`;
  };
  slider.addEventListener("input", show);
  return show();
}

// What the maps leave out.
function mapNotes(seats, shown, dates) {
  const { seats_total: total, seats_thinned: thinned } = record.people;
  const notes = [];
  if (shown.length < dates.length) {
    notes.push(`${shown.length} of ${grouped(dates.length)} dates are shown and counted here; the data has `
      + "all of them.");
  }
  if (seats.length < total) {
    notes.push(`${grouped(seats.length)} of ${grouped(total)} seats are kept in the data.`);
  }
  if (thinned > 0) {
    notes.push(`${grouped(thinned)} seat${thinned === 1 ? "" : "s"} changed so often that the data has only the `
      + "last changes: before those, the map shows it as free.");
  }
  return notes;
}

// What a seat became last at a moment: [when, what]; nothing where it is as it was.
const lastChange = (seat, at) => seat.changes.findLast(([moment]) => moment <= at);

const stateOf = (seat, at) => lastChange(seat, at)?.[1] ?? free;

function seatMap(host, date, dates, seats, end) {
  const place = panel(host, dates > 1 ? `Date ${date + 1}` : "Hall", `${grouped(seats.length)} seats`);
  const width = roomIn(place.node);
  const cell = Math.max(3, Math.min(18, Math.floor(Math.sqrt((width * 340) / seats.length))));
  const columns = Math.max(1, Math.floor(width / cell));
  const height = Math.ceil(seats.length / columns) * cell + 2;
  const svg = picture(place.node, {
    title: `Seats of date ${date + 1}`, width, height,
    says: `${grouped(seats.filter((seat) => stateOf(seat, end) === sold).length)} of `
      + `${grouped(seats.length)} seats were sold.`,
  });
  const sorted = [...seats].sort((a, b) => a.number - b.number);
  if (cell < 7) svg.classList.add("tiny");
  const layers = ["free", "held", "cell1", "cell2", "cell3", "cell4", "cell5"].map((style) => {
    const path = draw("path", { class: `seat ${style}` });
    svg.append(path);
    return path;
  });
  const gap = cell > 6 ? 1.5 : 0.2;
  const size = cell - 2 * gap;
  let shownAt = end;
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const scale = width / box.width;
    const column = Math.floor(((event.clientX - box.left) * scale) / cell);
    const index = Math.floor(((event.clientY - box.top) * scale) / cell) * columns + column;
    place.output.textContent = column < columns && sorted[index] 
      ? tellSeat(sorted[index], shownAt) : "";
  });
  svg.addEventListener("pointerleave", () => { place.output.textContent = ""; });
  return (at) => {
    shownAt = at;
    const counts = [0, 0, 0];
    const paths = layers.map(() => []);
    sorted.forEach((seat, index) => {
      const x = (index % columns) * cell + gap + 0.5;
      const y = Math.floor(index / columns) * cell + gap + 0.5;
      const state = stateOf(seat, at);
      counts[state] += 1;
      const square = `M${point(x, y)}h${size}v${size}h${-size}z`;
      if (state === sold) paths[1 + soldShade(lastChange(seat, at)[0], end)].push(square);
      else paths[0].push(square);
      if (state === held) paths[1].push(`M${point(x, y + size)}h${size}v${-size}z`);
    });
    layers.forEach((layer, index) => layer.setAttribute("d", paths[index].join("")));
    return counts;
  };
}

// What was sold before the start is of the first shade.
const soldShade = (at, end) => 1 + Math.min(4, Math.floor((Math.max(0, at) / Math.max(1, end)) * 5));

function tellSeat(seat, at) {
  const change = lastChange(seat, at);
  const since = change ? ` since ${seconds(change[0])}` : "";
  return `seat ${seat.number}: ${["free", "held", "sold"][change?.[1] ?? free]}${since}; `
    + `${grouped(seat.holds)} hold${seat.holds === 1 ? "" : "s"} in all`;
}

function mapKey(end) {
  const line = make("p", { class: "key" });
  for (let shade = 1; shade <= 5; shade += 1) {
    line.append(make("span", {}, swatch(`seat cell${shade}`),
      `${shade === 1 ? "sold " : ""}${seconds(((shade - 1) * end) / 5)} to ${seconds((shade * end) / 5)}`));
  }
  line.append(
    make("span", {}, key(draw("rect", { class: "seat free", x: 0.5, y: 0.5, width: 13, height: 9 }),
      draw("path", { class: "seat held", d: "M0.5 9.5h13v-9z" })), "held"),
    make("span", {}, swatch("seat free"), "free"));
  return line;
}
