"""Opens a report in Chromium, operates it, and compares what it shows with the file of numbers it was made from.

    python report.py CHROMIUM REPORT.html FIGURES.h5 OUTDIR [OTHER.html …]

The other pages are only opened, audited and photographed. Fails at the first thing that is wrong.
"""

import io
import json
import math
import pathlib
import re
import sys
import time
import xml.dom.minidom

import h5py
import matplotlib.image
import numpy as np

from devtools import Browser

AUDIT = pathlib.Path(__file__).with_name("audit.js").read_text()
WIDTHS = (390, 820, 1400)


def fine(page, what):
    """No complaint of the console, and nothing asked of any server."""
    assert not page.errors, f"{what}: {str(page.errors)[:2000]}"
    outside = [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))]
    assert not outside, f"{what} asks for {outside}"
    others = {url.split("#")[0] for url in page.requests if url.startswith("file:")}
    assert len(others) <= 1, f"{what} loads {others}"


def audit(page, what):
    found = page.run(AUDIT)
    assert not found["wrong"], f"{what}:\n" + "\n".join(found["wrong"])
    return found["least"]


def photograph(browser, path, out, widths):
    """Screenshots in light and dark at some widths, each audited."""
    least = 99
    for scheme in ("light", "dark"):
        page = browser.page()
        page.prefer(scheme)
        for width in widths[scheme]:
            page.size(width)
            page.open(path)
            least = min(least, audit(page, f"{path} at {width}, {scheme}"))
            page.screenshot(out / f"{path.parent.name}-{path.stem}-{width}-{scheme}.png")
        fine(page, path)
    print(f"{path.name}: least contrast {least:.2f}")


def operate_player(page, numbers):
    """Every flow on either side, at the first, a middle and the last step: readings and spins are those of the file."""
    assert not page.run("document.getElementById('player').hidden")
    groups = {g: numbers[f"P01/{g}"] for g in numbers["P01"]}
    assert page.run("document.getElementById('player-left-hidden').value") != \
        page.run("document.getElementById('player-right-hidden').value"), "two machines stand side by side"
    names = page.run("JSON.parse(document.getElementById('player-data').textContent).machines.map((m) => [m.training, m.name])")
    kinds = list(dict.fromkeys(training for training, _ in names))
    flows = [[name for training, name in names if training == kind] for kind in kinds]
    flows += [["block_spin"]] if "block_spin" in groups else []
    assert sorted(sum(flows, [])) == sorted(groups), "every flow can be chosen"
    shown = 0
    for side in ("left", "right"):
        assert page.run(f"document.getElementById('player-{side}-kind').options.length") == len(flows)
        for kind, own in enumerate(flows):
            choose(page, f"player-{side}-kind", str(kind))
            for place, name in enumerate(own):
                slide(page, place, f"player-{side}-hidden")
                group = groups[name]
                last = len(group["step"]) - 1
                for frame in (0, last // 2, last):
                    slide(page, frame)
                    heading = page.run(f"document.querySelector('#player-{side} .at').textContent")
                    assert heading.startswith(f"step {group['step'][frame]}"), heading
                    compare_panels(page, f"#player-{side}", group, frame)
                    shown += 1
    assert shown == 6 * len(groups)
    for side, kind in (("left", 0), ("right", 0)):
        choose(page, f"player-{side}-kind", str(kind))
    print(f"player: {shown} states of {len(groups)} flows")


def choose(page, name, value):
    page.run(f"(() => {{ const e = document.getElementById({json.dumps(name)}); e.value = {json.dumps(value)};"
             "e.dispatchEvent(new Event('change', { bubbles: true })); })()")


def slide(page, frame, name="player-step"):
    page.run(f"(() => {{ const e = document.getElementById('{name}'); e.value = {frame};"
             "e.dispatchEvent(new Event('input', { bubbles: true })); })()")


def compare_panels(page, where, group, frame):
    panels = page.run(
        f"[...document.querySelectorAll('.player {where} .panel')].map((p) => ({{"
        "energy: p.querySelector('.energy').textContent, magnetization: p.querySelector('.magnetization').textContent,"
        "spins: [...p.querySelectorAll('canvas')].map((c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height)"
        ".data].filter((_, i) => i % 4 === 0)) }))")
    assert len(panels) == len(group["start_temperature"])
    for start, panel in enumerate(panels):
        for name, shown in (("energy_temperature", panel["energy"]), ("abs_magnetization", panel["magnetization"])):
            value, error = group[name][start, frame], group[f"{name}_error"][start, frame]
            text = f"{value:.3f}" + (f" ± {error:.3f}" if error else "")
            shown = shown.split("= ")[1].replace("−", "-").removesuffix(" (says little)")
            assert shown == text, f"{group.name} {start} {frame}: {shown}, not {text}"
        # Up is dark: red below 128.
        spins = np.where(np.array(panel["spins"]) < 128, 1, -1)
        assert np.array_equal(spins, group["configurations"][start, frame]), f"{group.name} {start} {frame}"


def operate_keys(page):
    """Play, pause and steps by keyboard and by mouse."""
    at = lambda: int(page.run("document.getElementById('player-step').value"))
    text = lambda: page.run("document.getElementById('player-play').textContent")
    slide(page, 0)
    page.run("document.querySelector('.player .flows').focus()")
    for key, expected in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("Home", 0)):
        page.key(key)
        assert at() == expected, f"{key}: step {at()}"
    page.key(" ", "Space", " ")
    assert text() == "Pause"
    page.wait(lambda: at() >= 2, "the player to play", 20)
    page.key(" ", "Space", " ")
    stopped = at()
    assert text() == "Play"
    time.sleep(0.9)
    assert at() == stopped, "paused is paused"
    page.click("#player-play")
    page.wait(lambda: at() > stopped, "the player to go on", 20)
    page.click("#player-play")
    assert text() == "Play"
    page.run("document.getElementById('player-step').focus()")
    before = at()
    page.key("ArrowRight")
    assert at() == before + 1, "the slider has the keyboard too"
    # Whoever asks for less motion gets a slower player, and nothing moves by itself.
    page.prefer(motion="reduce")
    slide(page, 0)
    page.click("#player-play")
    time.sleep(1.0)
    assert at() == 0, "reduced motion is slow"
    page.click("#player-play")
    page.prefer()
    page.key("Tab")
    outline = page.run("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "solid3px", f"the focus is seen: {outline}"


def compare_points(page, numbers):
    """Every value that F05 and F06 show on demand is in the file."""
    count = 0
    for figure in ("F05", "F06"):
        known = set()
        for item in numbers[figure].values():
            for name, data in (item.items() if isinstance(item, h5py.Group) else []):
                if f"{name}_error" in item:
                    pairs = zip(np.ravel(data), np.ravel(item[f"{name}_error"]))
                else:
                    pairs = ((v, 0.0) for v in np.ravel(data))
                known.update(pairs)
        shown = page.run(f"[...document.querySelectorAll('#{figure} [data-points]')].map((e) => e.dataset.points).join('')")
        for point in filter(None, shown.split(";")):
            _, _, _, value, error = point.split(" ")
            # Values are rounded to their error; an unknown error is a question mark, none is 0.
            near = lambda number, text: abs(number - float(text)) <= 0.51 * 10.0 ** -len(text.partition(".")[2])
            right = {"?": lambda e: np.isnan(e), "0": lambda e: not e > 0}.get(error, lambda e: near(e, error))
            # Of values without an error there are four or six digits.
            digits = lambda v: abs(v - float(value)) <= 1e-3 * abs(v) if error in "?0" else near(v, value)
            assert any(digits(v) and right(e) for v, e in known), f"{figure}: {value} ± {error} is not in the file"
            count += 1
    assert count > 50
    print(f"points: {count}")


def hover(page):
    """The pointer on a point shows its value; so do the arrow keys."""
    x, y, expected = page.run(
        "(() => { const svg = document.querySelector('#F05 .picture svg'); svg.scrollIntoView({block: 'center'});"
        "const e = svg.querySelector('[data-points]'); const [px, py, x, y, error] = e.dataset.points.split(';')[1].split(' ');"
        "const box = svg.getBoundingClientRect(); const scale = box.width / svg.viewBox.baseVal.width;"
        "const at = `J/k_B at ${e.dataset.x} ${x}`;"
        "return [box.left + px * scale, box.top + py * scale, `${y}${({'0': '', '?': ' (error unknown)'})[error] ?? ` ± ${error}`} ${at}`]; })()")
    page.move(x, y)
    shown = page.run("document.querySelector('.tip').hidden ? '' : document.querySelector('.tip').textContent")
    # Curves lie close together: the nearest point may be another curve's, but it is at the same place.
    assert re.fullmatch(r"from T = .+: [\d.]+( ± [\d.e-]+)? J/k_B at step [\d.]+", shown), shown
    page.run("document.querySelector('#F05 .picture').focus()")
    page.key("ArrowRight")
    page.key("ArrowRight")
    assert page.run("document.querySelector('.tip').textContent").endswith(expected), expected


def download(page, out):
    """Each kind of file of each figure."""
    out.mkdir(parents=True, exist_ok=True)
    page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(out))
    figures = page.run("[...document.querySelectorAll('figure[id]')].filter((f) => f.querySelector('.picture')).map((f) => f.id)")
    assert len(figures) >= 15
    for figure in figures:
        for kind in ("svg", "png", "csv"):
            selector = f"#{figure} .downloads button[aria-label$='{kind.upper()}']"
            # Chromium ignores an eleventh download within a second.
            time.sleep(0.12)
            page.click(selector)
            path = out / f"{figure}.{kind}"
            page.wait(path.exists, path, 30)
            page.wait(lambda: path.stat().st_size > 0, path, 30)
        assert xml.dom.minidom.parse(str(out / f"{figure}.svg")).documentElement.tagName == "svg"
        assert (out / f"{figure}.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert (out / f"{figure}.csv").read_text().startswith("dataset,units,axes,row,values\n")
    print(f"downloads: {3 * len(figures)} files")


def cells(page, scheme, rule=""):
    """The pixels of every heat map, by figure and place in it, without what is drawn over them."""
    page.prefer(scheme)
    style = ".picture svg * { visibility: hidden } .picture svg .cells * { visibility: visible }" + rule
    page.run("(() => { const style = document.getElementById('bare') ?? document.createElement('style'); style.id = 'bare';"
             f"style.textContent = {json.dumps(style)}; document.head.append(style); }})()")
    figures = page.run("[...new Set([...document.querySelectorAll('.picture .cells > rect')]"
                       ".map((e) => e.closest('figure').id))]")
    found = []
    for figure in figures:
        # The ground of a heat map covers all of it.
        places = page.run(
            f"(() => {{ document.querySelector('#{figure} .picture').scrollIntoView({{ block: 'start' }});"
            f"return [...document.querySelectorAll('#{figure} .cells > rect')].map((e) => {{ const b = e.getBoundingClientRect();"
            "return [b.top, b.bottom, b.left, b.right]; }); })()")
        view = matplotlib.image.imread(io.BytesIO(page.picture()), format="png")[..., :3]
        for top, bottom, left, right in places:
            assert 0 <= top and bottom <= len(view), f"{figure} is not in view"
            found.append((figure, view[math.ceil(top):math.floor(bottom), math.ceil(left):math.floor(right)]))
    return found


def compare_schemes(page, report):
    """Heat maps show the same numbers in the same colours on light and on dark pages."""
    page.size(1400, 1600)
    page.open(report)
    light, dark = cells(page, "light"), cells(page, "dark")
    assert [name for name, _ in light] == [name for name, _ in dark]
    coloured = {name for name, one in light if len(np.unique(one.reshape(-1, 3), axis=0)) > 3}
    assert {"F03", "F04", "F08", "F09"} <= coloured, f"only {coloured} show values"
    for (name, one), (_, other) in zip(light, dark):
        assert np.array_equal(one, other), f"{name} has other colours in the dark"
    # A rule for dark pages that matches one colour of the cells is seen.
    fill = page.run("document.querySelector('#F08 .cells > path').getAttribute('fill')")
    wrong = f"@media (prefers-color-scheme: dark) {{ .picture svg [fill='{fill}'] {{ fill: #123456 }} }}"
    pairs = zip(dark, cells(page, "dark", wrong))
    recoloured = [name for (name, one), (_, other) in pairs if not np.array_equal(one, other)]
    assert "F08" in recoloured, recoloured
    print(f"heat maps: {len(light)} alike in both schemes")


def printed(page, out):
    """On paper there is no player, and all of the rest."""
    page.prefer(media="print")
    assert page.run("getComputedStyle(document.getElementById('player')).display") == "none"
    page.prefer()
    import base64
    pdf = base64.b64decode(page.call("Page.printToPDF", printBackground=False)["data"])
    assert pdf.startswith(b"%PDF") and len(pdf) > 50_000
    (out / "printed.pdf").write_bytes(pdf)


def main():
    program, report, figures, out, *others = sys.argv[1:]
    report, out = pathlib.Path(report), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with Browser(program) as browser, h5py.File(figures) as numbers:
        page = browser.page()
        page.size(1400)
        page.open(report)
        operate_player(page, numbers)
        operate_keys(page)
        compare_points(page, numbers)
        hover(page)
        download(page, out / "downloads")
        printed(page, out)
        compare_schemes(page, report)
        fine(page, "the report")
        assert page.run("window.hostile === undefined")
        photograph(browser, report, out, {"light": WIDTHS, "dark": WIDTHS})
        for path in map(pathlib.Path, others):
            photograph(browser, path, out, {"light": WIDTHS[:1], "dark": WIDTHS[2:]})
            page.open(path)
            assert page.run("window.hostile === undefined"), f"{path} ran what was only a name"
    print("all is well")


main()
