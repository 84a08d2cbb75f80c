"""Draws docs/fleet.svg: token requests per lifetime by processes, with and without a store.

Reads the table that `cargo run --release -p edge-oauth-fleet -- scale` prints, from docs/reliability.md. With --check it
compares the picture to the table."""

import math
import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).parent
# processes, store, requests at the start, requests per lifetime
ROW = re.compile(r"^\| (\d+) \| (none|redis) \| \d+ \| ([\d.]+) \|", re.MULTILINE)
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 64, 128, 44, 52
MOST = 256
LINES = {"none": ("#c0392b", "without a store"), "redis": ("#1f6fb2", "with Redis")}


def x(processes):
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log2(processes) / math.log2(MOST)


def y(requests):
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log2(max(requests, 1)) / math.log2(MOST)


def text(at_x, at_y, words, anchor="middle", more=""):
    return f'<text x="{at_x:.0f}" y="{at_y:.0f}" text-anchor="{anchor}"{more}>{words}</text>'


def draw(rows):
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(LEFT, 24, "Token requests per lifetime, by processes with one configuration", "start", ' font-size="15"'),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "processes"),
    ]
    for power in range(0, 9):
        count = 2**power
        parts.append(text(x(count), HEIGHT - BOTTOM + 20, count))
        if power % 2 == 0:
            parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(count):.0f}" y2="{y(count):.0f}" stroke="#ddd"/>')
            parts.append(text(LEFT - 10, y(count) + 4, count, "end"))
    for store, (colour, name) in LINES.items():
        points = sorted((int(processes), float(rate)) for processes, kind, rate in rows if kind == store)
        line = " ".join(f"{x(processes):.1f},{y(rate):.1f}" for processes, rate in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3.5" fill="{colour}"/>' for a, b in points]
        last = points[-1]
        parts.append(text(x(last[0]) + 10, y(last[1]) + 4, name, "start", f' fill="{colour}"'))
    return "\n".join(parts + ["</svg>", ""])


rows = ROW.findall((DOCS / "reliability.md").read_text())
picture = draw(rows)
if "--check" not in sys.argv:
    (DOCS / "fleet.svg").write_text(picture)
elif (DOCS / "fleet.svg").read_text() != picture:
    sys.exit("docs/fleet.svg is not of the table in docs/reliability.md: run python3 docs/fleet.py")
