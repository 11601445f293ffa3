import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser.js';

const ci = Boolean(process.env['CI']);

/** How the tests run: each on a server of its own, so any may run beside any other. Times suit two slow cores. */
export default defineConfig({
  testDir: './tests',
  globalSetup: './fixtures/comes-to-life.ts',
  outputDir: './test-results',
  reporter: [['list'], ['./reporters/closing-line.ts']],
  fullyParallel: true,
  forbidOnly: ci,
  workers: ci ? 1 : 2,
  // A test that passes now and then has found something.
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    launchOptions,
    actionTimeout: 20_000,
    navigationTimeout: 60_000,
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
  },
});
