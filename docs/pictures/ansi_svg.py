"""What a terminal has got, as a picture in SVG: for docs/pictures/make."""

import re
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 8.4, 19  # of a character
MARGIN, BAR = 18, 34     # around the text, above it
PAPER, FRAME, INK = "#161b22", "#2d333b", "#d7dde5"
COLOURS = {"31": "#ff7b72", "32": "#56d364", "33": "#e3b341", "90": "#8b949e"}
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
CODE = re.compile(r"\033\[([0-9;]*)([A-Za-z])")


def runs(line):
    """(column, text, colour, bold) for each stretch of a line that looks the same."""
    column, at, colour, bold = 0, 0, None, False
    for code in [*CODE.finditer(line), None]:
        text = line[at:code.start() if code else len(line)]
        if text.strip():
            lead = len(text) - len(text.lstrip(" "))
            yield column + lead, text.strip(" "), colour, bold
        column += len(text)
        if code is None:
            return
        at = code.end()
        for number in code.group(1).split(";") if code.group(2) == "m" else ():
            if number in ("", "0"):
                colour, bold = None, False
            elif number == "1":
                bold = True
            elif number in COLOURS:
                colour = number
            elif number == "39":
                colour = None


def picture(title, text, columns):
    """The SVG of a window in which text, with its colours, stands."""
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    width, height = 2 * MARGIN + columns * WIDTH, BAR + 2 * MARGIN + len(lines) * HEIGHT - 6
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
           f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" font-family="{FONT}" font-size="14">',
           f"<title>{escape(title)}</title>",
           f'<rect x=".5" y=".5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="10" fill="{PAPER}" stroke="{FRAME}"/>']
    out += [f'<circle cx="{20 + 20 * i}" cy="{BAR / 2 + 2:.0f}" r="6" fill="{c}"/>'
            for i, c in enumerate(("#ff5f57", "#febc2e", "#28c840"))]
    out.append(f'<text x="{width / 2:.0f}" y="{BAR / 2 + 7:.0f}" text-anchor="middle" fill="#8b949e">{escape(title)}</text>')
    for row, line in enumerate(lines):
        y = BAR + MARGIN + row * HEIGHT + 8
        for column, words, colour, bold in runs(line):
            weight = ' font-weight="700"' if bold else ""
            out.append(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{y}" textLength="{len(words) * WIDTH:.1f}" '
                       f'fill="{COLOURS.get(colour, INK)}"{weight} xml:space="preserve">{escape(words)}</text>')
    return "\n".join(out + ["</svg>", ""])
