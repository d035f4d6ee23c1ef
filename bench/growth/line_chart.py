"""Line charts side by side as SVG, readable in light and dark."""

import math
from html import escape

PANEL, HEIGHT, LEFT, BOTTOM, TOP = 380, 300, 70, 46, 40
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #222; } .title { font-weight: 600; }
  .axis { stroke: #999; } .grid { stroke: #ddd; } path, circle { stroke-width: 2.5; }
  .l0 { stroke: #0b7a75; } .l1 { stroke: #c2571a; } .l2 { stroke: #5b5bd6; } path { fill: none; }
  .k0 { fill: #0b7a75; } .k1 { fill: #c2571a; } .k2 { fill: #5b5bd6; }
  @media (prefers-color-scheme: dark) { text { fill: #eee; } .grid { stroke: #444; } }
"""


def panel(title, axis, lines, shift):
    """lines: [(name, style 0 to 2, [(x, y)])]; x is shown on a logarithmic axis, y from 0."""
    xs = sorted({x for _, _, points in lines for x, _ in points})
    highest = max(y for _, _, points in lines for _, y in points) * 1.1
    span = math.log(xs[-1] / xs[0]) or 1
    at_x = lambda x: shift + LEFT + (PANEL - LEFT - 30) * math.log(x / xs[0]) / span
    at_y = lambda y: HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / highest
    body = [f'<text class="title" x="{shift + LEFT}" y="20">{escape(title)}</text>']
    for step in range(5):
        y = highest / 1.1 * step / 4
        body.append(f'<line class="{"grid" if step else "axis"}" x1="{shift + LEFT}" x2="{shift + PANEL - 20}" '
                    f'y1="{at_y(y):.0f}" y2="{at_y(y):.0f}"/>')
        body.append(f'<text x="{shift + LEFT - 6}" y="{at_y(y) + 4:.0f}" text-anchor="end">{y:,.0f}</text>')
    for x in xs:
        body.append(f'<text x="{at_x(x):.0f}" y="{HEIGHT - 26}" text-anchor="middle">{x:,}</text>')
    body.append(f'<text x="{shift + (LEFT + PANEL) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(axis)}</text>')
    for name, style, points in lines:
        path = " L".join(f"{at_x(x):.1f} {at_y(y):.1f}" for x, y in points)
        body.append(f'<path class="l{style}" d="M{path}"/>')
        body += [f'<circle class="l{style} k{style}" cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="2.5"/>' for x, y in points]
        x, y = points[-1]
        body.append(f'<text class="k{style}" x="{at_x(x):.0f}" y="{at_y(y) - 8:.0f}" text-anchor="end">{escape(name)}</text>')
    return body


def line_charts(panels, label):
    """panels: [(title, axis, lines)]"""
    body = [line for number, each in enumerate(panels) for line in panel(*each, number * PANEL)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PANEL * len(panels)} {HEIGHT}" role="img" '
            f'aria-label="{escape(label)}">\n<style>{STYLE}</style>\n' + "\n".join(body) + "\n</svg>\n")
