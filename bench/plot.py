# SPDX-License-Identifier: Apache-2.0
"""A plot of lines over two logarithmic axes, as SVG.

Colours follow the reader's choice of light or dark.
"""
import math

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 118, 44, 52
FONT = "system-ui, 'DejaVu Sans', sans-serif"
COLOURS = (("#1f66b5", "#6fb1f5"), ("#b4530a", "#f2a05c"),
           ("#2c7a36", "#7ccf86"))
LABEL_GAP = 15

STYLE = """<style>
svg { --back: #ffffff; --text: #24292f; --faint: #d7dbe0; --limit: #b3261e;
  %(light)s }
@media (prefers-color-scheme: dark) {
  svg { --back: #0d1117; --text: #e6edf3; --faint: #30363d; --limit: #ff8078;
    %(dark)s }
}
text { fill: var(--text); font: 13px %(font)s }
.title { font-size: 15px; font-weight: 600 }
.grid { stroke: var(--faint); stroke-width: 1 }
.axis { stroke: var(--text); stroke-width: 1 }
.limit { stroke: var(--limit); stroke-width: 1.5; stroke-dasharray: 2 4 }
.limit-text { fill: var(--limit) }
.line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
.dashed { stroke-dasharray: 7 4 }
</style>"""


def number(value):
    """1000000 as 1,000,000; 0.1 as it is."""
    return "{:,.0f}".format(value) if value >= 1 else "%g" % value


def spread(places, gap, lowest):
    """Places of labels, in the same order, at least gap apart."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved, last = list(places), -math.inf
    for i in order:
        moved[i] = last = max(places[i], last + gap)
    above = lowest
    for i in reversed(order):
        moved[i] = above = min(moved[i], above)
        above -= gap
    return moved


class Plot:
    """lines: (name, number of its colour, is it dashed, [(x, y)])."""

    def __init__(self, title, x_title, y_title, lines, limit):
        self.title, self.x_title, self.y_title = title, x_title, y_title
        self.lines = lines
        self.limit = limit  # (y, what it is)
        xs = [x for line in lines for x, _ in line[3]]
        ys = [y for line in lines for _, y in line[3]] + [limit[0]]
        self.x_range = math.log10(min(xs)), math.log10(max(xs))
        self.y_range = (math.floor(math.log10(min(ys))),
                        math.ceil(math.log10(max(ys))))
        self.out = []

    def x(self, value):
        low, high = self.x_range
        part = (math.log10(value) - low) / max(high - low, 1e-9)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = self.y_range
        part = (math.log10(value) - low) / max(high - low, 1e-9)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    def text(self, x, y, words, anchor="start", more=""):
        self.out.append('<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>'
                        % (x, y, anchor, more, words))

    def rule(self, kind, x1, y1, x2, y2):
        self.out.append(
            '<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>' %
            (kind, x1, y1, x2, y2))

    def axes(self):
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for power in range(self.y_range[0], self.y_range[1] + 1):
            y = self.y(10 ** power)
            self.rule("grid", LEFT, y, right, y)
            self.text(LEFT - 8, y + 4, number(10 ** power), "end")
        for x in sorted({x for line in self.lines for x, _ in line[3]}):
            self.rule("grid", self.x(x), TOP, self.x(x), bottom)
            self.text(self.x(x), bottom + 18, number(x), "middle")
        self.rule("axis", LEFT, bottom, right, bottom)
        self.rule("axis", LEFT, TOP, LEFT, bottom)
        self.text(LEFT, 22, self.title, more=' class="title"')
        self.text((LEFT + right) / 2, HEIGHT - 12, self.x_title, "middle")
        middle = (TOP + bottom) / 2
        self.text(16, middle, self.y_title, "middle",
                  ' transform="rotate(-90 16 %.1f)"' % middle)

    def draw_lines(self):
        right = WIDTH - RIGHT
        ends = spread([self.y(line[3][-1][1]) for line in self.lines],
                      LABEL_GAP, HEIGHT - BOTTOM)
        for (name, colour, is_dashed, points), end in zip(self.lines, ends):
            stroke = "var(--c%d)" % colour
            self.out.append(
                '<polyline class="line%s" style="stroke:%s" points="%s"/>' % (
                    " dashed" if is_dashed else "", stroke,
                    " ".join("%.1f,%.1f" % (self.x(x), self.y(y))
                             for x, y in points)))
            for x, y in points:
                self.out.append('<circle cx="%.1f" cy="%.1f" r="3" '
                                'style="fill:%s"/>' % (self.x(x), self.y(y),
                                                       stroke))
            self.text(right + 10, end + 4, name,
                      more=' style="fill:%s"' % stroke)

    def svg(self):
        self.axes()
        limit, words = self.limit
        self.rule("limit", LEFT, self.y(limit), WIDTH - RIGHT, self.y(limit))
        self.text(LEFT + 8, self.y(limit) - 6, words,
                  more=' class="limit-text"')
        self.draw_lines()
        style = STYLE % {
            "font": FONT,
            "light": " ".join("--c%d: %s;" % (i, pair[0])
                              for i, pair in enumerate(COLOURS)),
            "dark": " ".join("--c%d: %s;" % (i, pair[1])
                             for i, pair in enumerate(COLOURS))}
        return "\n".join(
            ['<svg xmlns="http://www.w3.org/2000/svg" role="img" '
             'viewBox="0 0 %d %d" width="%d" height="%d">' % (
                 WIDTH, HEIGHT, WIDTH, HEIGHT),
             "<!-- SPDX-License-Identifier: Apache-2.0; written by "
             "bench/curve.py -->", "<title>%s</title>" % self.title, style,
             '<rect width="%d" height="%d" style="fill:var(--back)"/>' % (
                 WIDTH, HEIGHT), *self.out, "</svg>", ""])
