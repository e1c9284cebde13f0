#!/usr/bin/python3
"""screenshots.py - pictures of each page over made-up months, for the eye.

    tests/web/screenshots.py --build FOLDER TO     writes TO/NAME-WIDTH-SCHEME.png
"""
import argparse
import base64
import pathlib

import site_of_months
import lab as lab_module

WIDTHS = (360, 800, 1440)
HIGHEST = 4000


def shoot(driver, url, width, scheme, path):
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                           {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
    driver.get(url)
    height = min(driver.execute_script("return document.documentElement.scrollHeight"), HIGHEST)
    picture = driver.execute_cdp_cmd("Page.captureScreenshot",
                                     {"captureBeyondViewport": True,
                                      "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}})
    path.write_bytes(base64.b64decode(picture["data"]))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default=".")
    options.add_argument("to", type=pathlib.Path)
    options = options.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    with lab_module.Lab("screenshots") as lab:
        site = site_of_months.Site(lab, pathlib.Path(options.build).resolve())
        driver = site.browser()
        for url in site_of_months.PAGES[:-1]:
            name = url.split("?", maxsplit=1)[0].strip("/") or "domains"
            if "shop" in url:
                continue
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    shoot(driver, site.page.url(url), width, scheme, options.to / f"{name}-{width}-{scheme}.png")
        shoot(driver, site.empty.url("/"), WIDTHS[1], "light", options.to / f"empty-{WIDTHS[1]}-light.png")


if __name__ == "__main__":
    main()
