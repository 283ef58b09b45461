"""An uploaded file in a real browser: its reading is corrected, and it is still there after a walk and a reload."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.visitor import Visitor, dashboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REPORT = "Report 2024\nkg;ill\ncm;x\nSize;Ill\n" + "1,5;0\n2,5;1\n" * 40


def test_an_upload_and_its_correction_survive_a_walk_and_a_reload(running: Browser, tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    file.write_text(REPORT)
    with dashboard(tmp_path / "home") as url:
        visitor = Visitor(running, url)
        visitor.open("data?source=Upload")
        visitor.page.locator("input[type=file]").first.set_input_files(file)
        visitor.sees("bank.csv, uploaded just now")
        visitor.sees("Semicolon, header in line 2, UTF-8, 82 rows")
        correct_header(visitor, 4)
        visitor.walk("Train")
        visitor.walk("Data")
        visitor.sees("Semicolon, decimal comma, header in line 4, UTF-8, 80 rows")
        visitor.page.reload()
        visitor.settle()
        visitor.sees("bank.csv, uploaded")
        visitor.sees("Semicolon, decimal comma, header in line 4, UTF-8, 80 rows")
        visitor.press("remove_upload")
        assert "upload" not in visitor.address
        assert visitor.page.locator("input[type=file]").count() == 1
        assert visitor.faults == []


def correct_header(visitor: Visitor, line: int) -> None:
    visitor.page.get_by_role("button", name="Correct").click()
    visitor.page.get_by_role("spinbutton", name="Header in line").fill(str(line))
    visitor.picture("data-correct-file")
    visitor.page.get_by_role("button", name="Reload file").click()
    visitor.settle()
    visitor.sees(f"Semicolon, decimal comma, header in line {line}, UTF-8, 80 rows")
