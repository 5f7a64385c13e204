"""The page in a real browser: it reads, it marks, and a hostile text stays text."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from live_server import Client

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here")

TEXT = "Halima Quill of Orvane Labs said on Friday that its profit fell."


def shown(client: Client, text: str, tmp_path: Path) -> str:
    """The page's elements after it has read a text that its address carries."""
    command = [BROWSER or "", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000", "--dump-dom"]
    where = f"{client.url}/#text={quote(text)}"
    found = subprocess.run(
        [*command, f"--user-data-dir={tmp_path}", where], capture_output=True, timeout=120, check=True
    )
    return found.stdout.decode()


def test_it_shows_what_the_model_found(server: Client, tmp_path: Path) -> None:
    page = shown(server, TEXT, tmp_path)
    expected = server("POST", "/extract", {"text": TEXT}).json
    answer = re.search(r'<section id="answer".*?</section>', page, re.S)
    assert answer is not None
    marked = re.findall(r'<mark class="c\d+">([^<]*)<small>([^<]*)</small>', answer[0])
    assert marked == [(entity["text"], entity["type"]) for entity in expected["entities"]]
    assert expected["labels"][0] in answer[0]
    for level in ("labels", "entities"):
        assert f"<dt>{level}</dt><dd>{', '.join(server('GET', '/schema').json[level])}</dd>" in page


def test_a_hostile_text_stays_text(server: Client, tmp_path: Path) -> None:
    text = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script></textarea>"
    page = shown(server, text, tmp_path)
    assert "<title>run</title>" not in page
    assert "<img" not in page
    assert html.escape(text, quote=False) in page
