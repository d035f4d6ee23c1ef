"""The reports in headless Chromium. Not part of `make test`: run `make test-browser`."""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SENTIMENT = ROOT / "examples" / "tweet-sentiment"
TWEETS = ROOT / "examples" / "tweets.csv"
SCREENSHOTS = ROOT / "build" / "browser"
BROWSER = shutil.which("chromium")

pytestmark = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed: make test-browser installs it")

# What a page says about itself, put where --dump-dom shows it. Panels of hidden tabs are opened first.
PROBE = """<script>
const errors = [];
addEventListener("error", event => errors.push(event.message));
addEventListener("load", () => {
  const tabs = document.querySelectorAll(".tabs > input");
  const plots = [];
  const look = () => document.querySelectorAll("figure svg").forEach(svg => {
    if (!svg.checkVisibility()) return;
    const marks = [...svg.querySelectorAll(".points, .bar, .curve, .area")].map(mark => mark.getBBox());
    plots.push({name: svg.getAttribute("aria-label"), width: svg.getBoundingClientRect().width,
                marks: marks.filter(box => box.width > 0 || box.height > 0).length,
                texts: svg.querySelectorAll("text").length});
  });
  if (tabs.length) tabs.forEach(tab => { tab.checked = true; look(); }); else look();
  const result = {errors, plots, scroll: document.documentElement.scrollWidth, width: innerWidth,
                  requests: performance.getEntriesByType("resource").map(entry => entry.name)};
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = JSON.stringify(result);
  document.body.append(out);
});
</script>"""


def hasten(*arguments):
    done = subprocess.run([os.environ["HASTEN"], *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 8), done.stderr


@pytest.fixture(scope="module", params=["verify", "tune", "label"])
def page(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    if request.param == "verify":
        hasten("verify", f"{SENTIMENT}@int8", "--input", TWEETS, "--html", path, "--quiet")
    elif request.param == "label":
        hasten("label", "--model", SENTIMENT, "--input", TWEETS, "--output", path.with_suffix(".parquet"), "--quiet")
        path.with_suffix(".report.html").rename(path)
    else:
        hasten("tune", SENTIMENT, "--input", TWEETS, "--budget", "spearman@10%>=0.998", "--html", path, "--quiet")
    return path


def chromium(*flags, width=1200):
    # Chromium's window is never narrower than 500 pixels: narrower pages are shown in a frame of that width.
    return subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
                           f"--window-size={max(width, 500)},1600", "--virtual-time-budget=3000", *flags],
                          capture_output=True, text=True, timeout=120)


def probed(page, tmp_path, width):
    copy = tmp_path / page.name
    copy.write_text(page.read_text(encoding="utf-8").replace("<head>", "<head>" + PROBE, 1), encoding="utf-8")
    done = chromium("--dump-dom", copy.as_uri(), width=width)
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    assert "CONSOLE" not in done.stderr, done.stderr
    return json.loads(html.unescape(found.group(1)))


def test_every_plot_is_drawn_without_an_error_or_a_request(page, tmp_path):
    result = probed(page, tmp_path, 1200)
    assert result["errors"] == [] and result["requests"] == []
    assert len(result["plots"]) >= (2 * 3 + 4 * 3 if page.stem == "verify" else 2)
    for plot in result["plots"]:
        assert plot["marks"] > 0 and plot["texts"] >= 2 and plot["width"] > 200, plot


def test_nothing_is_wider_than_a_phone(page, tmp_path):
    frame = tmp_path / "frame.html"
    copy = tmp_path / "page.html"
    copy.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    frame.write_text(f"""<body style="margin:0"><iframe src="{copy.name}" width="380" height="6000" style="border:0"></iframe>
<script>addEventListener("load", () => document.title = frames[0].document.documentElement.scrollWidth)</script>""", encoding="utf-8")
    done = chromium("--allow-file-access-from-files", "--dump-dom", frame.as_uri(), width=500)
    assert "<title>380</title>" in done.stdout, re.findall(r"<title>.*?</title>", done.stdout)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    chromium("--allow-file-access-from-files", f"--screenshot={SCREENSHOTS / (page.stem + '-phone.png')}", frame.as_uri(), "--window-size=500,3200")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_pages_have_their_own_background(page, scheme):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{page.stem}-{scheme}.png"
    path.unlink(missing_ok=True)
    chromium(f"--screenshot={path}", f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}", page.as_uri(), "--window-size=1200,2400")
    assert first_pixel(path) == ((14, 19, 25) if scheme == "dark" else (246, 247, 249))


def first_pixel(path):
    """The colour of the upper left corner of a PNG, whose first row Chromium stores unfiltered or by Sub."""
    import zlib
    content = path.read_bytes()
    data, place = b"", 8
    while place < len(content):
        size = int.from_bytes(content[place:place + 4], "big")
        if content[place + 4:place + 8] == b"IDAT":
            data += content[place + 8:place + 8 + size]
        place += 12 + size
    return tuple(zlib.decompress(data)[1:4])
