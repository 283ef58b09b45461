"""Which pages there are, in what order, under what names.

Kept beside the pages and not in `streamlit_app.py`, because a cold deep link runs a page's own file first and it
needs the same map (docs/decisions/0001-site-map.md).
"""

from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parents[2]
BRAND = Path(__file__).parent / "brand"
ICON, LOGO = str(BRAND / "icon.svg"), str(BRAND / "logo.svg")

SECTIONS = {
    "": [("start", "Start", ":material/home:")],
    "Data": [("data", "Data", ":material/table_chart:")],
    "Models": [
        ("train", "Train", ":material/model_training:"),
        ("tune", "Tune", ":material/tune:"),
        ("history", "History", ":material/history:"),
        ("evaluate", "Evaluate", ":material/fact_check:"),
        ("registry", "Registry", ":material/inventory_2:"),
    ],
    "Operations": [
        ("endpoints", "Endpoints", ":material/rocket_launch:"),
        ("costs", "Costs", ":material/payments:"),
        ("connection", "Connection", ":material/cable:"),
        ("settings", "Settings", ":material/settings:"),
    ],
}


def page(name: str) -> Any:
    """The Streamlit page behind a file of `pages/`, for links and switches."""
    title, icon = next((t, i) for section in SECTIONS.values() for n, t, i in section if n == name)
    return st.Page(FOLDER / f"{name}.py", title=title, icon=icon, default=name == "start")


def navigation() -> Any:
    """Draw the navigation and return the page that the address asks for."""
    # Before st.navigation: otherwise the browser fetches the page's icon from the internet as favicon.
    st.set_page_config(page_icon=ICON, layout="wide")
    sections = {section: [page(name) for name, _, _ in entries] for section, entries in SECTIONS.items()}
    return st.navigation(sections)
