"""What was measured, gathered: printed as it comes, and written as docs/PERFORMANCE.md with its drawings."""

import datetime
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape


@dataclass
class Line:
    """One figure of ours beside one of the peer's. Less is better for both."""

    what: str
    ours: float
    peer: float
    unit: str

    @property
    def ratio(self):
        return self.peer / self.ours


@dataclass
class Section:
    title: str
    peer: str
    lines: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    # The figures beside ours are limits that we set ourselves: nothing to draw beside those of peers.
    is_limit: bool = False

    def add(self, what, ours, peer, unit):
        self.lines.append(Line(what, ours, peer, unit))

    def add_costs(self, what, ours, peer):
        for label, name, unit in (("wall", "wall_seconds", "s"), ("processor", "cpu_seconds", "s"), ("memory", "peak_mib", "MiB")):
            self.add(f"{what}, {label}".lstrip(", "), getattr(ours, name), getattr(peer, name), unit)

    def note(self, text):
        self.notes.append(text)

    def __str__(self):
        width = max((len(line.what) for line in self.lines), default=0)
        rows = [f"\n{self.title} (peer: {self.peer})"]
        for line in self.lines:
            rows.append(f"  {line.what:<{width}}  {shown(line.ours):>9} {line.unit:<3}  {shown(line.peer):>9} {line.unit:<3}  {line.ratio:>6.1f}x")
        return "\n".join(rows + [f"  {note}" for note in self.notes])


@dataclass
class Point:
    rows: int
    seconds: float
    peak_mib: float


def shown(value):
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def machine():
    """The processor, its cores and the memory: no ratio means anything without them."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        name = names[0] if names else name
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def write(folder, command, sections, curve):
    """The document and its drawings. Whoever writes it has measured everything in one go."""
    pictures = folder / "performance"
    pictures.mkdir(parents=True, exist_ok=True)
    (pictures / "ratios.svg").write_text(bars([section for section in sections if not section.is_limit]))
    text = [
        "# Performance",
        "",
        f"Written by `{command}` on {datetime.date.today()}: {machine()}. Both sides ran in turn on the same",
        "machine, as whole processes unless a line says otherwise; a ratio is the peer's figure divided by ours. On another",
        "machine the figures differ and the ratios differ less: run the command.",
        "",
        "![how many times less time we need](performance/ratios.svg)",
        "",
    ]
    for section in sections:
        text += [f"## {section.title}", "", f"Peer: {section.peer}.", "", "| what | millrace | peer | ratio |", "|---|---:|---:|---:|"]
        text += [f"| {l.what} | {shown(l.ours)} {l.unit} | {shown(l.peer)} {l.unit} | {l.ratio:.1f} |" for l in section.lines]
        text += [""] + [f"{note}\n" for note in section.notes]
    if curve:
        (pictures / "growth.svg").write_text(growth(curve))
        text += ["## Scoring more rows", "", "| rows | wall | memory |", "|---:|---:|---:|"]
        text += [f"| {p.rows:,} | {p.seconds:.2f} s | {p.peak_mib:.0f} MiB |" for p in curve]
        text += ["", "![time and memory as rows grow](performance/growth.svg)", ""]
    (folder / "PERFORMANCE.md").write_text("\n".join(text))


def svg(width, height, body):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="{width}" height="{height}" fill="white"/>\n{body}\n</svg>\n'
    )


def bars(sections):
    """A heading for each section, and below it a bar for each of its times."""
    times = [(section, [line for line in section.lines if line.unit != "MiB"]) for section in sections]
    largest = max(line.ratio for _, lines in times for line in lines)
    parts, y = [], 8
    for section, lines in times:
        parts.append(f'<text x="10" y="{y + 14}" font-weight="bold">{escape(section.title)}</text>')
        y += 22
        for line in lines:
            width = max(2, 480 * line.ratio / largest)
            parts.append(f'<text x="240" y="{y + 12}" text-anchor="end">{escape(line.what)}</text>')
            parts.append(f'<rect x="250" y="{y}" width="{width:.0f}" height="16" fill="#2a7f62"/>')
            parts.append(f'<text x="{256 + width:.0f}" y="{y + 12}">{line.ratio:.1f}x</text>')
            y += 20
        y += 8
    return svg(800, y, "\n".join(parts))


def growth(curve):
    """Rows against seconds and MiB, both in straight scales, so that a straight line is one."""
    rows, seconds, memory = max(p.rows for p in curve), max(p.seconds for p in curve), max(p.peak_mib for p in curve)
    x = lambda p: 60 + 480 * p.rows / rows
    parts = ['<path d="M60 20V260H560" fill="none" stroke="#444"/>']
    for value, largest, colour, name, unit in (
        (lambda p: p.seconds, seconds, "#2a7f62", "wall", "s"), (lambda p: p.peak_mib, memory, "#b3541e", "memory", "MiB"),
    ):
        y = lambda p: 260 - 220 * value(p) / largest
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{x(p):.0f},{y(p):.0f}" for p in curve)}"/>')
        for p in curve:
            parts.append(f'<circle cx="{x(p):.0f}" cy="{y(p):.0f}" r="3" fill="{colour}"/>')
        last = curve[-1]
        parts.append(f'<text x="{x(last) + 8:.0f}" y="{y(last) + (4 if name == "wall" else 20):.0f}" fill="{colour}">{name} {shown(value(last))} {unit}</text>')
    parts += [f'<text x="{x(p):.0f}" y="278" text-anchor="middle">{p.rows:,}</text>' for p in curve if p.rows * 20 > rows]
    return svg(700, 300, "\n".join(parts))
