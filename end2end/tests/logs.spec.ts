import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { type Api, axe, connection, expect, frames, logLines, personMenu, test, visit } from '../fixtures/index.ts';

/** Each request then says two lines or three. */
const TALKATIVE = ['--log', 'info,tower_http=debug'];

/** What the server says when a request comes. */
const REQUEST = 'started processing request';

test.use({ serverOptions: { args: TALKATIVE } });

test.beforeEach(async ({ api, serverOptions }) => {
  if (serverOptions.auth !== 'required') {
    await api.createKb({ name: 'notes' });
  }
});

function line(page: Page, text: string | RegExp) {
  return logLines(page).locator('.log-line').filter({ hasText: text });
}

async function distanceToEnd(page: Page): Promise<number> {
  return logLines(page).evaluate((pane) => pane.scrollHeight - pane.scrollTop - pane.clientHeight);
}

/** Scrolls the lines as a wheel does. */
async function wheel(page: Page, by: number): Promise<void> {
  await logLines(page).hover();
  await page.mouse.wheel(0, by);
}

/** Has the server say much: each request is told. */
async function talk(url: string, requests: number): Promise<void> {
  for (let left = requests; left > 0; left -= 20) {
    await Promise.all(Array.from({ length: Math.min(left, 20) }, async () => (await fetch(new URL('/healthz', url))).arrayBuffer()));
  }
}

/** Has the server say something that is told from all else: the id of a job that begins and ends. */
async function say(api: Api): Promise<string> {
  const id = await api.crawl('notes', 'http://127.0.0.1:9/');
  await expect.poll(async () => (await api.getJob(id)).status).toMatch(/^(failed|completed)$/);
  return id;
}

test('the last lines are there, and what is said from now on follows', async ({ api, goto, page, server }) => {
  const before = await say(api);
  const rendered = await (await fetch(new URL('/logs', server.url))).text();
  expect(rendered).toContain(before);
  await goto('/logs');
  await expect(page).toHaveTitle(/Log · Tidings$/);
  await expect(line(page, before).first()).toBeAttached();
  await expect(connection(page, 'Live')).toBeVisible();
  const after = await say(api);
  await expect(line(page, after).first()).toContainText(/\d\d:\d\d:\d\d\.\d{3} INFO\s+server::jobs a job begins/);
  await expect.poll(() => distanceToEnd(page)).toBeLessThanOrEqual(32);
});

test('scrolling up pauses, says what is new, and leads down again', async ({ api, goto, page, server }) => {
  await talk(server.url, 60);
  await goto('/logs');
  await expect(connection(page, 'Live')).toBeVisible();
  await expect.poll(() => distanceToEnd(page)).toBeLessThanOrEqual(32);
  await wheel(page, -300);
  const paused = page.locator('.log-paused');
  await expect(paused).toContainText('Paused');
  const place = await logLines(page).evaluate((pane) => pane.scrollTop);
  const id = await say(api);
  await expect(line(page, id).first()).toBeAttached();
  await expect(paused.getByRole('button')).toHaveText(/^\d+ new$/);
  expect(await logLines(page).evaluate((pane) => pane.scrollTop)).toBe(place);
  await axe(page);
  await paused.getByRole('button').click();
  await expect(paused).toBeHidden();
  await expect.poll(() => distanceToEnd(page)).toBeLessThanOrEqual(32);
  await talk(server.url, 5);
  await expect.poll(() => distanceToEnd(page)).toBeLessThanOrEqual(32);

  await wheel(page, -300);
  await expect(paused).toBeVisible();
  await wheel(page, 100_000);
  await expect(paused).toBeHidden();
});

test('two hundred lines a second do not hurt, and none is missing', async ({ api, goto, page, server }) => {
  test.slow();
  await goto('/logs');
  await expect(connection(page, 'Live')).toBeVisible();
  await page.evaluate(() => {
    const seen: number[] = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => seen.push(entry.duration))).observe({ type: 'longtask' });
    Object.assign(window, { longTasksSeenByTest: seen });
  });
  const began = Date.now();
  const requests = 1_000;
  // A hundred requests a second, each of which says two lines or three.
  for (let sent = 0; sent < requests; sent += 10) {
    await talk(server.url, 10);
    await expect.poll(() => Date.now() - began).toBeGreaterThanOrEqual((sent + 10) * 9);
  }
  const end = await say(api);
  await expect(line(page, end).last()).toBeAttached();
  const all = (await (await api.send('GET', '/api/logs?limit=1000')).json()) as { items: { timestamp: string }[] };
  const shown = await logLines(page).evaluate((pane) => [...pane.querySelectorAll('time')].map((time) => time.dateTime).join(' '));
  const told = all.items.slice(0, 950).map((record) => record.timestamp);
  expect(shown).toContain(told.join(' '));
  expect(await line(page, REQUEST).count()).toBeGreaterThanOrEqual(requests);
  const long = await page.evaluate(() => (window as unknown as { longTasksSeenByTest: number[] }).longTasksSeenByTest);
  expect(long.filter((duration) => duration > 200)).toEqual([]);
});

test('of more than five thousand lines the newest stay', async ({ api, goto, page, server }) => {
  test.slow();
  await goto('/logs');
  await expect(connection(page, 'Live')).toBeVisible();
  await talk(server.url, 2_700);
  const end = await say(api);
  await expect(line(page, end).last()).toBeAttached();
  const count = await logLines(page).locator('.log-line').count();
  expect(count).toBeLessThanOrEqual(5_000);
  expect(count).toBeGreaterThan(4_800);
  await frames(page, 2);
  await expect.poll(() => distanceToEnd(page)).toBeLessThanOrEqual(32);
});

test('filters stand in the address, take what is here at once, and find what is further up', async ({ api, goto, page, server }) => {
  const needle = await say(api);
  await talk(server.url, 600);
  await goto('/logs');
  await expect(line(page, REQUEST).first()).toBeAttached();
  await expect(line(page, needle)).toHaveCount(0);
  await page.keyboard.press('/');
  await page.keyboard.type(needle);
  await expect(page).toHaveURL(`/logs?q=${needle}`);
  await expect(line(page, needle).first()).toBeVisible();
  await expect(line(page, REQUEST)).toHaveCount(0);

  await page.getByRole('combobox', { name: 'Level' }).selectOption('Errors only');
  await expect(page).toHaveURL(`/logs?level=ERROR&q=${needle}`);
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Level' })).toHaveValue('ERROR');
  await expect(page.getByRole('searchbox', { name: 'Search in the log' })).toHaveValue(needle);
  await page.locator('html[data-hydrated]').waitFor();
  await page.getByRole('link', { name: 'Show all lines' }).click();
  await expect(page).toHaveURL('/logs');
  await expect(line(page, REQUEST).first()).toBeAttached();
  await expect(page.getByRole('searchbox', { name: 'Search in the log' })).toHaveValue('');

  await page.getByRole('combobox', { name: 'Level' }).selectOption('Info up');
  await expect(line(page, REQUEST)).toHaveCount(0);
  const next = await say(api);
  await expect(line(page, next).first()).toBeVisible();
  await expect(line(page, REQUEST)).toHaveCount(0);
});

test('what is shown is saved as a file', async ({ api, goto, page }) => {
  const id = await say(api);
  await goto(`/logs?q=${id}`);
  await expect(line(page, id).first()).toBeVisible();
  const shown = await line(page, id).count();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toMatch(/^tidings-log-\d{4}-\d\d-\d\dT\d{6}\.txt$/);
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(shown);
  lines.forEach((text) => expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z (INFO|WARN) server::jobs: a job .*job=notes\./));
});

test('it is emptied in every tab, after a question', async ({ api, goto, openTab, page }) => {
  const id = await say(api);
  const other = await openTab(`/logs?q=${id}`);
  await goto(`/logs?q=${id}`);
  for (const tab of [page, other]) {
    await expect(line(tab, id).first()).toBeVisible();
    await expect(connection(tab, 'Live')).toBeVisible();
  }
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('dialog', { name: 'Clear the log?' }).getByRole('button', { name: 'Clear' }).click();
  for (const tab of [page, other]) {
    await expect(line(tab, id)).toHaveCount(0);
    await expect(tab.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  }
});

test('what was said while the network was away is filled in', async ({ allowConsole, api, network, openTab, server }) => {
  allowConsole(/ERR_|WebSocket/);
  const tab = await openTab(`${network.url}/logs`);
  await expect(connection(tab, 'Live')).toBeVisible();
  const first = await say(api);
  await expect(line(tab, first).first()).toBeAttached();
  network.cut();
  await expect(connection(tab, 'Offline')).toBeVisible();
  const meanwhile = await say(api);
  await talk(server.url, 700);
  network.heal();
  await expect(connection(tab, 'Live')).toBeVisible({ timeout: 60_000 });
  await expect(line(tab, meanwhile).first()).toBeAttached();
  await expect.poll(() => line(tab, REQUEST).count()).toBeGreaterThan(700);
  const after = await say(api);
  await expect(line(tab, after).first()).toBeAttached();
});

test('a server that is started again goes on below', async ({ allowConsole, api, goto, page, server }) => {
  allowConsole(/ERR_|WebSocket/);
  const old = await say(api);
  await talk(server.url, 100);
  await goto('/logs');
  await expect(line(page, old).first()).toBeAttached();
  const before = await line(page, old).count();
  await server.stop();
  await server.start();
  await expect(connection(page, 'Live')).toBeVisible({ timeout: 60_000 });
  const now = await say(api);
  await expect(line(page, now).first()).toBeAttached();
  await expect(line(page, old)).toHaveCount(before);
});

test('by keyboard: g l, and the lines scroll', async ({ goto, page, server }) => {
  await talk(server.url, 60);
  await goto('/');
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await expect(page).toHaveURL('/logs');
  await expect(logLines(page)).toBeVisible();
  await logLines(page).focus();
  await page.keyboard.press('PageUp');
  await expect(page.locator('.log-paused')).toBeVisible();
  await page.keyboard.press('End');
  await expect(page.locator('.log-paused')).toBeHidden();
});

test.describe('with people', () => {
  test.use({ serverOptions: { auth: 'required', args: TALKATIVE } });

  test('it is for owners', async ({ ada, allowConsole, bob }) => {
    allowConsole(/status of 403/);
    const theirs = await bob.openTab('/logs');
    await expect(theirs.getByRole('heading', { level: 1, name: 'Not allowed' })).toBeVisible();
    await personMenu(theirs, 'bob').button.click();
    await expect(theirs.getByRole('link', { name: 'Log', exact: true })).toHaveCount(0);

    const tab = await ada.openTab('/');
    await personMenu(tab, 'ada').button.click();
    await tab.getByRole('link', { name: 'Log', exact: true }).click();
    await expect(line(tab, /./).first()).toBeAttached();
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 844 } });

      test('nothing keeps anybody out, and nothing is wider than the screen', async ({ api, page, server }) => {
        await api.crawl('notes', `http://127.0.0.1:9/${'a-long-word'.repeat(20)}`);
        await talk(server.url, 30);
        for (const path of ['/logs', '/logs?q=nothing-is-like-that-for-sure']) {
          await visit(page, path);
          await expect(connection(page, 'Live')).toBeVisible();
          const { content, screen } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, screen: window.innerWidth }));
          expect(content).toBeLessThanOrEqual(screen);
          await axe(page);
        }
      });
    });
  }
}
