// The data, and numbers as the page writes them.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const record = read("record");
const earlier = read("comparison");
const times = record.timeline;

const grouped = (value) => Math.round(value).toLocaleString("en-US");

// To three digits, and whole from a hundred on.
function digits(value) {
  const size = Math.abs(value);
  if (size >= 99.95) return grouped(value);
  if (size >= 9.995 || size === 0) return size === 0 ? "0" : value.toFixed(1);
  return value.toFixed(size >= 0.0995 ? 2 : 3);
}

// A tick: no digits that it does not need.
const plain = (value) => (Math.abs(value) >= 1000 ? grouped(value)
  : String(Number(value.toPrecision(6)))).replace("-", "−");

const seconds = (ms) => (ms < 600_000 ? `${(ms / 1000).toFixed(1)} s`
  : `${grouped(Math.floor(ms / 60_000))} min ${Math.floor((ms % 60_000) / 1000)} s`);

const percent = (part, whole) => (whole > 0 ? `${((part / whole) * 100).toFixed(1)} %` : "–");

const sum = (values) => values.reduce((total, value) => total + value, 0);

const most = (values) => values.reduce((large, value) => Math.max(large, value), 0);

// What the bucket of that number counts: [first, width].
function bucket(number, bits) {
  if (number < 2 ** bits) return [number, 1];
  const half = 2 ** (bits - 1);
  const octave = Math.floor((number - half) / half);
  return [(half + ((number - half) % half)) * 2 ** octave, 2 ** octave];
}

// A histogram's distribution: for each bucket the value at its middle, in ms or units of so many of
// them, and how many came up to it.
function distribution(histogram, unitMs = 1) {
  let seen = 0;
  return histogram.buckets.map(([number, count]) => {
    const [first, width] = bucket(number, histogram.digit_bits);
    seen += count;
    const value = Math.min(Math.max(first + width / 2, histogram.min), histogram.max);
    return { value: value / 1e6 / unitMs, seen };
  });
}

const countOf = (histogram) => sum(histogram.buckets.map((pair) => pair[1]));
