"""A bar chart as SVG, readable in light and dark."""

from html import escape

BAR, GAP, LEFT, WIDTH = 22, 8, 200, 760
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #222; }
  .ours { fill: #0b7a75; } .theirs { fill: #b8b8b8; } .group { font-weight: 600; }
  @media (prefers-color-scheme: dark) { text { fill: #eee; } .theirs { fill: #777; } .ours { fill: #2bb3ab; } }
"""


def bar_chart(groups, label):
    """groups: [(title, [(name, value, ours)])]; each group has a scale of its own."""
    body, y = [], 10
    for title, bars in groups:
        y += 16
        body.append(f'<text class="group" x="10" y="{y}">{escape(title)}</text>')
        y += 8
        highest = max(value for _, value, _ in bars)
        for name, value, ours in bars:
            width = (WIDTH - LEFT - 90) * value / highest
            body.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
            body.append(f'<rect class="{"ours" if ours else "theirs"}" x="{LEFT}" y="{y}" width="{width:.0f}" height="{BAR}" rx="3"/>')
            body.append(f'<text x="{LEFT + width + 6:.0f}" y="{y + 15}">{value:,.0f}</text>')
            y += BAR + GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}" role="img" '
            f'aria-label="{escape(label)}">\n<style>{STYLE}</style>\n' + "\n".join(body) + "\n</svg>\n")
