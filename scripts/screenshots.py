"""The pictures of README and docs, taken from a running demo: `screenshots.py http://localhost:8000`.

Needs Chromium (CHROMIUM names another than /usr/bin/chromium) and the developers' packages.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
# A picture is read on a phone too.
MOST_BYTES = 200_000
DESK, PHONE = (1200, 900), (360, 740)

Steps = Callable[[Page], None]


def overview(page: Page) -> None:
    page.get_by_role("listitem").filter(has_text="Week").get_by_role("link").first.click()


def matching_run(page: Page) -> None:
    overview(page)
    page.get_by_role("link", name="Matching").click()
    page.get_by_role("table", name="Runs").get_by_role("link").first.click()


def next_round(page: Page) -> None:
    page.goto("/admin/")
    card = page.get_by_role("listitem").filter(has_text="Applications open")
    card.get_by_role("link").first.click()


def tab(name: str) -> Steps:
    """A page of the round that takes applications."""

    def steps(page: Page) -> None:
        next_round(page)
        page.get_by_role("navigation", name="Cohort").get_by_role("link", name=name).click()

    return steps


def card(name: str) -> Steps:
    """A part of the set-up of that round."""

    def steps(page: Page) -> None:
        tab("Set-up")(page)
        page.get_by_role("main").get_by_role("link", name=name, exact=True).click()

    return steps


def application(page: Page) -> None:
    tab("Applications")(page)
    page.get_by_role("table", name="Applications").get_by_role("link").first.click()


def review(page: Page) -> None:
    page.goto("/admin/reviews/")
    page.get_by_role("main").get_by_role("table").get_by_role("link").first.click()


def my_data(page: Page) -> None:
    page.goto("/profile/data/")


def home(page: Page) -> None:
    page.goto("/")


def match(page: Page) -> None:
    home(page)
    # the main part of the page: the menu has links of its own
    page.get_by_role("region", name="Your matches").get_by_role("link").first.click()


def check_in(page: Page) -> None:
    match(page)
    page.get_by_role("link", name="Open the check-in").click()


# name of the file: whose view, how wide and high, which colours, and the steps to the page
PICTURES: dict[str, tuple[str, tuple[int, int], str, Steps]] = {
    "overview": ("Coordinator", DESK, "light", overview),
    "overview-dark": ("Coordinator", DESK, "dark", overview),
    "matching-run": ("Coordinator", DESK, "light", matching_run),
    "mentee-home": ("Mentee", DESK, "light", home),
    "match": ("Mentee", DESK, "light", match),
    "match-dark": ("Mentee", DESK, "dark", match),
    "check-in-phone": ("Mentee", PHONE, "light", check_in),
    "set-up": ("Coordinator", DESK, "light", tab("Set-up")),
    "forms": ("Coordinator", DESK, "light", card("Forms")),
    "readiness": ("Coordinator", DESK, "light", card("Check")),
    "preview": ("Coordinator", DESK, "light", card("Preview")),
    "queue": ("Coordinator", DESK, "light", tab("Applications")),
    "application": ("Coordinator", DESK, "light", application),
    "review": ("Reviewer", DESK, "light", review),
    "my-data": ("Mentee", DESK, "light", my_data),
}


def take(browser: Browser, address: str, name: str) -> int:
    """Take one picture and return its size in bytes."""
    part, (width, height), colours, steps = PICTURES[name]
    page = browser.new_page(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page.goto("/demo/")
    row = page.get_by_role("listitem").filter(has_text=re.compile(rf"\b{part}: "))
    row.get_by_role("button").click()
    page.wait_for_load_state()
    steps(page)
    page.wait_for_load_state()
    # the strip is the demo's, not the product's
    page.locator(".demo-strip").evaluate("strip => strip.remove()")
    picture = page.screenshot(path=FOLDER / f"{name}.png")
    page.close()
    return len(picture)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="where the demo answers")
    address = parser.parse_args().address.rstrip("/")
    FOLDER.mkdir(parents=True, exist_ok=True)
    too_big = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in PICTURES:
            size = take(browser, address, name)
            print(f"{name}.png: {size // 1000} kB")
            if size > MOST_BYTES:
                too_big.append(name)
        browser.close()
    if too_big:
        print(f"Larger than {MOST_BYTES // 1000} kB: {', '.join(too_big)}", file=sys.stderr)
    return 1 if too_big else 0


if __name__ == "__main__":
    sys.exit(main())
