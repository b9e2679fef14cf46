// The distribution's Chromium for tests, without its background requests.

import { chromium } from "playwright-core";

export const executablePath = process.env.CHROME_PATH ?? "/usr/bin/chromium";

export const launchChromium = () =>
  chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
