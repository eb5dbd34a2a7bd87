"""What the report's page is in a browser. Run by ReportsTests with a folder of pages:

    page_tests.py FOLDER [--keep FOLDER]

whole.html is a sale compared with one before it, bare.html a run with nothing in it, invalid.html
one whose generator fell behind, hostile.html a run whose every name is an attack, halls.html seats of
many dates, climbing.html calls at two rates, looping.html calls by no plan. With --keep the pictures
are left in a folder, for people to look at.
"""

import sys
import unittest
from pathlib import Path

from browser import Browser

PLOTS = {
    "arrivals": 2, "line": 2, "admissions": 1, "fairness": 1, "promise": 1, "seats": 1, "map": 1,
    "funnel": 1, "ends": 1, "waits": 1, "answers": 1, "percentiles": 5, "windows": 5, "heat": 5,
    "load": 5, "server": 5, "difference": 1,
}
# How many shapes with something to see in them each picture of a figure has.
MARKS = """
Object.fromEntries([...document.querySelectorAll("figure[data-plot]")].map((figure) => [
  figure.dataset.plot,
  [...figure.querySelectorAll(".panel > svg")].map((svg) => [...svg.querySelectorAll(
    "path.curve, path.area, path.dots, path.crosses, path.seat, path[class^=cell], rect.area")]
    .filter((shape) => shape.tagName === "rect" ? shape.getAttribute("width") > 0
      : (shape.getAttribute("d") || "").length > 3).length),
]))
"""
# Every piece of text that can be seen, whose contrast with what is behind it is too low.
PALE = """
(() => {
  const numbers = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      const parts = numbers(colour);
      if (parts.length < 4 || parts[3] === 1) return colour;
    }
    return getComputedStyle(document.documentElement).backgroundColor;
  };
  const pale = [];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || node.closest("script, title, desc, style, noscript")) continue;
    if (!node.checkVisibility() || node.closest(".hidden, .skip")) continue;
    const style = getComputedStyle(node);
    const colour = node.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(colour), light(behind(node))].sort((x, y) => y - x);
    seen += 1;
    if ((a + 0.05) / (b + 0.05) < 4.5) pale.push([walker.currentNode.data.trim(), colour, behind(node)]);
  }
  return { seen, pale };
})()
"""


class Pages(unittest.TestCase):
    folder = None
    keep = None
    browser = None

    def open(self, name, width=1280, scheme="light"):
        self.browser.scheme(scheme)
        self.browser.resize(width)
        self.browser.open(self.folder / f"{name}.html")

    def test_nothing_is_complained_of_and_nothing_fetched(self):
        for name in ("whole", "bare", "invalid", "hostile", "halls", "climbing", "looping"):
            with self.subTest(name):
                self.open(name)
                self.assertEqual(self.browser.complaints(), [])
                asked = self.browser.requests()
                self.assertEqual([url for url in asked if not url.startswith("file:///")], [])
                self.assertEqual(len(asked), 1)

    def test_every_plot_is_there_with_something_in_it(self):
        self.open("whole")
        marks = self.browser.run(MARKS)
        self.assertEqual({name: len(svgs) for name, svgs in marks.items()}, PLOTS)
        for name, svgs in marks.items():
            self.assertTrue(all(svgs), f"{name}: {svgs}")

    def test_each_picture_has_a_title_and_a_description(self):
        self.open("whole")
        self.assertEqual(self.browser.run("""
            [...document.querySelectorAll(".panel > svg")].filter((svg) =>
              svg.getAttribute("aria-labelledby").split(" ").some((id) =>
                !document.getElementById(id)?.textContent.trim())).length"""), 0)
        self.assertEqual(self.browser.run(
            "[...document.querySelectorAll('table')].filter((one) => !one.caption).length"), 0)
        self.assertEqual(self.browser.run("document.querySelectorAll('h1').length"), 1)

    def test_a_run_with_nothing_in_it_says_so(self):
        self.open("bare")
        empty = self.browser.run("""[...document.querySelectorAll("figure[data-plot]")].map(
            (figure) => [figure.dataset.plot, !!figure.querySelector(".empty")])""")
        self.assertEqual([name for name, says in empty if not says], [])

    def test_a_run_of_calls_alone_has_no_line_and_no_sale(self):
        shown = """["test", "line", "sale", "calls"].filter((id) =>
            document.getElementById(id).checkVisibility())"""
        self.open("bare")
        self.assertEqual(self.browser.run(shown), ["test", "calls"])
        self.open("whole")
        self.assertEqual(self.browser.run(shown), ["test", "line", "sale", "calls"])

    def test_marks_stand_on_every_time_axis(self):
        self.open("whole")
        counts = self.browser.run("""
            ["arrivals", "line", "admissions", "seats", "answers", "windows", "heat", "server"]
              .map((name) => [...document.querySelectorAll(`[data-plot=${name}] .panel > svg`)]
              .every((svg) => svg.querySelectorAll(".mark").length === 2))""")
        self.assertTrue(all(counts), counts)

    def test_one_cursor_moves_on_all_time_axes_by_pointer_and_by_keys(self):
        self.open("whole")
        shown = "document.querySelectorAll('line.cursor[visibility=visible]').length"
        x, y = self.browser.run("""(() => {
            const svg = document.querySelector("[data-plot=line] svg");
            svg.scrollIntoView({ block: "center", behavior: "instant" });
            const box = svg.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
        })()""")
        self.browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.assertEqual(self.browser.run(shown), 22)
        before = self.browser.run("document.getElementById('moment').textContent")
        self.assertRegex(before, r"^at \d+\.\d s")
        self.browser.run("document.querySelector('[data-plot=seats] .panels').focus({ preventScroll: true })")
        for key in ("ArrowRight", "ArrowRight"):
            self.browser.call("Input.dispatchKeyEvent", type="keyDown", key=key)
        after = self.browser.run("document.getElementById('moment').textContent")
        self.assertAlmostEqual(float(after.split()[1]), float(before.split()[1]) + 2, places=1)
        self.assertIn("sold", self.browser.run(
            "document.querySelector('[data-plot=seats] output').textContent"))
        self.browser.call("Input.dispatchKeyEvent", type="keyDown", key="+", text="+")
        self.assertFalse(self.browser.run("document.getElementById('whole').hidden"))
        self.browser.run("document.getElementById('whole').click()")
        self.assertTrue(self.browser.run("document.getElementById('whole').hidden"))
        self.assertEqual(self.browser.complaints(), [])

    def test_the_map_shows_the_hall_at_a_moment(self):
        self.open("whole")
        tell = "document.querySelector('.slide output').textContent"
        self.assertIn("600 sold, 0 held, 0 free", self.browser.run(tell))
        self.slide(0)
        self.assertEqual(self.browser.run(tell), "0.0 s: 0 sold, 0 held, 600 free")

    def slide(self, ms):
        self.browser.run("""(() => {
            const slider = document.getElementById("slider");
            slider.value = %d;
            slider.dispatchEvent(new Event("input"));
        })()""" % ms)

    def test_a_seat_that_lapsed_is_free_until_it_is_held_again(self):
        self.open("halls")
        shown = """[...document.querySelectorAll("[data-plot=map] .panel > svg")].slice(0, 2).map((svg) =>
            [...svg.querySelectorAll("path")].filter((path) => path.getAttribute("d"))
              .map((path) => path.getAttribute("class")).join(" + "))"""
        # The second was sold before the start, which the first shade stands for.
        sold_before = "seat cell1"
        for ms, wanted in ((0, "seat free"), (2000, "seat free + seat held"), (4000, "seat free"),
                           (6000, "seat free + seat held"), (8000, "seat cell4")):
            with self.subTest(ms=ms):
                self.slide(ms)
                self.assertEqual(self.browser.run(shown), [wanted, sold_before])
        self.assertEqual(self.browser.complaints(), [])

    def test_the_maps_totals_say_what_they_count_and_what_is_left_out(self):
        self.open("halls")
        self.assertEqual(
            self.browser.run("document.querySelector('.slide output').textContent"),
            "10.0 s, of the 12 dates shown of 14: 2 sold, 0 held, 10 free")
        notes = self.browser.run(
            "document.querySelector('[data-plot=map] .panels').textContent")
        self.assertIn("14 of 15 seats are kept in the data", notes)
        self.assertIn("1 seat changed so often", notes)
        self.open("whole")
        self.assertEqual(self.browser.run(
            "document.querySelectorAll('[data-plot=map] .empty').length"), 0)

    def test_where_nothing_was_heard_of_the_server_its_line_has_a_gap(self):
        self.open("halls")
        self.assertEqual(self.browser.run("""
            document.querySelector("[data-plot=server] path.curve").getAttribute("d")
              .split("M").length - 1"""), 2)

    def test_waits_that_lie_far_outside_do_not_stretch_the_plot(self):
        self.open("halls")
        said = self.browser.run("document.querySelector('[data-plot=promise]').textContent")
        self.assertIn("1 of 101 lie outside the axes", said)
        self.assertIn("promised up to 90.0 s, waited up to 95.0 s", said)
        ticks = self.browser.run("""[...document.querySelectorAll("[data-plot=promise] svg > text")]
            .map((text) => parseFloat(text.textContent)).filter((value) => !isNaN(value))""")
        self.assertLessEqual(max(value for value in ticks if value < 100), 2)

    def test_latency_against_load_has_a_dot_for_each_window_and_failures_are_load_alone(self):
        self.open("climbing")
        counts = self.browser.run("""[...document.querySelectorAll("[data-plot=load] .panel > svg path")]
            .map((path) => [path.getAttribute("class"), path.getAttribute("d").split("M").length - 1,
              new Set(path.getAttribute("d").match(/M[0-9.]+/g)).size])""")
        # With 99 answers a window has no p99; 450 answers and 50 failures are a load of 500.
        self.assertEqual(counts, [["dots small faint three", 20, 2], ["dots two", 10, 1]])
        self.assertIn("answers in OK", self.browser.run(
            "document.querySelector('[data-plot=load] h3').textContent"))
        ends = self.browser.run("""(() => {
            const at = (element, name) => parseFloat(element.getAttribute(name));
            const svg = document.querySelector("[data-plot=load] svg");
            const [left, right] = ["x1", "x2"].map((name) => at(svg.querySelector("line.axis"), name));
            const dot = parseFloat(svg.querySelector(".dots.two").getAttribute("d").slice(1));
            return (dot - left) / (right - left);
        })()""")
        self.assertAlmostEqual(ends, 500 / (500 * 1.05), places=2)

    def test_callers_in_a_loop_are_no_measure_of_capacity(self):
        self.open("looping")
        self.assertIn("is no capacity", self.browser.run(
            "document.querySelector('[data-plot=load] .empty').textContent"))

    def test_on_a_wide_page_verdicts_and_goals_need_no_scrolling(self):
        for name in ("whole", "climbing"):
            with self.subTest(name):
                self.open(name)
                self.assertEqual(self.browser.run("""[...document.querySelectorAll(".stacks")]
                    .filter((one) => one.parentNode.scrollWidth > one.parentNode.clientWidth).length"""), 0)

    def test_on_a_narrow_page_every_cell_of_the_audit_can_be_read(self):
        for width in (320, 400):
            with self.subTest(width=width):
                self.open("whole", width)
                self.assertEqual(self.browser.run("""[...document.querySelectorAll(".stacks td")]
                    .filter((cell) => {
                        const box = cell.getBoundingClientRect();
                        return box.left < 0 || box.right > innerWidth || cell.scrollWidth > box.width + 1
                          || !getComputedStyle(cell, "::before").content.includes(cell.dataset.head);
                    }).length"""), 0)
                self.assertGreater(
                    self.browser.run("document.querySelectorAll('.stacks td').length"), 30)

    def test_the_data_can_be_saved_as_it_is(self):
        self.open("whole")
        self.assertTrue(self.browser.run("document.getElementById('save').href").startswith("blob:"))
        self.assertTrue(self.browser.run("document.getElementById('save').download").endswith(".json"))
        self.assertEqual(self.browser.run(
            "JSON.parse(document.getElementById('record').textContent).facts.name"), "spring")

    def test_nothing_is_wider_than_a_narrow_page(self):
        for name in ("whole", "bare", "invalid", "hostile", "halls", "climbing"):
            for width in (320, 360, 768, 1280):
                with self.subTest(name, width=width):
                    self.open(name, width)
                    self.assertLessEqual(
                        self.browser.run("document.documentElement.scrollWidth"), width)

    def test_text_can_be_read_in_light_and_dark(self):
        for name in ("whole", "invalid"):
            for scheme in ("light", "dark"):
                with self.subTest(name, scheme=scheme):
                    self.open(name, scheme=scheme)
                    found = self.browser.run(PALE)
                    self.assertGreater(found["seen"], 400)
                    self.assertEqual(found["pale"], [])

    def test_it_prints_on_pages_whatever_the_scheme(self):
        for scheme in ("light", "dark"):
            self.open("whole", scheme=scheme)
            pdf = self.browser.pdf()
            self.assertTrue(pdf.startswith(b"%PDF-"))
            self.assertGreater(pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page "), 4)
            if self.keep:
                (self.keep / f"report-{scheme}.pdf").write_bytes(pdf)
        self.browser.call("Emulation.setEmulatedMedia", media="print", features=[])
        self.browser.resize(720)
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 720)

    def test_latencies_of_an_invalid_run_are_marked(self):
        self.open("invalid")
        self.assertGreater(self.browser.run("document.querySelectorAll('td > s').length"), 10)
        self.assertIn("not to be believed", self.browser.run(
            "document.querySelector('.doubt').textContent"))

    def test_what_a_run_is_called_runs_nothing(self):
        self.open("hostile")
        self.assertIsNone(self.browser.run("window.taken ?? null"))
        self.assertEqual(self.browser.run("document.querySelectorAll('img, iframe, b[id]').length"), 0)
        self.assertEqual(self.browser.run("document.scripts.length"), 3)
        self.assertIn("</script>", self.browser.run("document.querySelector('h1').textContent"))

    def test_a_script_that_got_in_all_the_same_does_not_run(self):
        self.open("whole")
        self.browser.run("""(() => {
            const script = document.createElement("script");
            script.textContent = "window.taken = true";
            document.body.append(script);
        })()""")
        self.assertIsNone(self.browser.run("window.taken ?? null"))

    def test_pictures_for_people(self):
        if not self.keep:
            return
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)):
            self.open("whole", width, scheme)
            self.browser.screenshot(self.keep / f"report-{scheme}-{width}.png")
        for name in ("invalid", "bare", "hostile"):
            self.open(name)
            self.browser.screenshot(self.keep / f"report-{name}-1280.png")


def main():
    arguments = sys.argv[1:]
    Pages.folder = Path(arguments[0]).resolve()
    if "--keep" in arguments:
        Pages.keep = Path(arguments[arguments.index("--keep") + 1])
        Pages.keep.mkdir(parents=True, exist_ok=True)
    with Browser() as browser:
        Pages.browser = browser
        outcome = unittest.main(argv=sys.argv[:1], exit=False).result
    return 0 if outcome.wasSuccessful() and outcome.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
