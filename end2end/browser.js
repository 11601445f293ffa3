// @ts-check
// Which browser the tests drive, and how it is started. Run by itself, it says whether that browser starts.

import { existsSync } from 'node:fs';
import { argv, getuid, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';

/** Debian's Chromium; without it, the one that `playwright install` has downloaded. */
const system = '/usr/bin/chromium';

/** @type {import('@playwright/test').LaunchOptions} */
export const launchOptions = {
  ...(existsSync(system) ? { executablePath: system } : {}),
  args: [
    // Chromium refuses its sandbox to root.
    ...(getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const browser = await chromium.launch(launchOptions);
  stdout.write(`Chromium ${browser.version()}: starts\n`);
  await browser.close();
}
