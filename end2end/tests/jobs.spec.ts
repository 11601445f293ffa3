import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { ApiError, axe, bring, crawlTest, expect, isSameDocument, job, jobState, markDocument, rowLink, strip, test, toast, visit } from '../fixtures/index.ts';

/** A crawl of some pages on two slow cores. */
const SOON = { timeout: 90_000 };
/** An address that nobody may crawl, and at which nothing answers. */
const NOWHERE = 'http://127.0.0.1:9/';
/** What became of it, as its card folds it away. */
const FOLDED = /^(Failed|Skipped) 1$/;

/** What a card counts: done, failed, skipped, total. */
async function counts(card: Locator): Promise<number[]> {
  const text = (await card.locator('.job-numbers').textContent()) ?? '';
  const found = /([\d,]+) done, ([\d,]+) failed, ([\d,]+) skipped of ([\d,]+)/.exec(text);
  return found ? found.slice(1).map((number) => Number(number.replaceAll(',', ''))) : [0, 0, 0, 0];
}

/** Remembers every number that a card shows from now on; the answer tells them in order. */
async function recordCounts(page: Page, card: Locator): Promise<() => Promise<number[][]>> {
  await card.locator('.job-numbers').evaluate((node) => {
    const seen: string[] = [];
    const look = () => seen.push(node.textContent ?? '');
    look();
    new MutationObserver(look).observe(node, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { countsSeenByTest: seen });
  });
  return async () => {
    const seen = await page.evaluate(() => (window as unknown as { countsSeenByTest: string[] }).countsSeenByTest);
    return seen
      .map((text) => /([\d,]+) done, ([\d,]+) failed, ([\d,]+) skipped of ([\d,]+)/.exec(text))
      .filter((found) => found !== null)
      .map((found) => found.slice(1).map((number) => Number(number.replaceAll(',', ''))));
  };
}

function expectOnlyForward(seen: number[][]): void {
  for (const [at, now] of seen.entries()) {
    const [done = 0, failed = 0, skipped = 0, total = 0] = now;
    expect(done + failed + skipped, `adds up: ${now}`).toBeLessThanOrEqual(total);
    const before = seen[at - 1];
    if (before) {
      now.forEach((number, of) => expect(number, `${before} then ${now}`).toBeGreaterThanOrEqual(before[of] ?? 0));
    }
  }
}

test.describe('without a site', () => {
  test.beforeEach(async ({ api }) => {
    await api.createKb({ name: 'notes', title: 'Notes' });
    await api.createKb({ name: 'other', title: 'Other things' });
  });

  test('the page says what to do where nothing was done yet', async ({ goto, page }) => {
    await goto('/jobs');
    await expect(page).toHaveTitle('Jobs · Tidings');
    await expect(page.getByRole('heading', { name: 'No jobs yet' })).toBeVisible();
    await expect(strip(page)).toBeHidden();
    await axe(page);
  });

  test('a crawl that gets nothing says so, why, and what can be done; in every tab, and after a reload', async ({ goto, openTab, page }) => {
    const other = await openTab('/jobs');
    await goto('/jobs');
    await page.getByRole('button', { name: 'Crawl a site' }).click();
    await expect(bring(page).url).toBeFocused();
    await bring(page).url.fill(NOWHERE);
    await bring(page).kb.selectOption('Notes');
    await bring(page).crawl.click();
    await expect(bring(page).dialog).toBeHidden();
    await expect(page).toHaveURL(/\/jobs#notes\.\w+$/);
    for (const tab of [page, other]) {
      const card = job(tab, NOWHERE);
      await expect(jobState(card)).toHaveText('Failed', SOON);
      await expect(card).toContainText(/0 done, .* of 1 page\b/);
      await expect(card.getByRole('link', { name: 'notes' })).toHaveAttribute('href', '/kb/notes');
    }
    await expect(job(page, NOWHERE)).toHaveClass(/job-marked/);
    await page.reload();
    const card = job(page, NOWHERE);
    await expect(card).toContainText(/0 done, .* of 1 page\b/);
    await expect(card.locator('.job-error')).toContainText('Nothing was stored.');
    await card.getByText(FOLDED).click();
    await expect(card.getByRole('listitem')).toContainText(NOWHERE);
    await expect(card.getByRole('listitem').locator('.muted')).not.toBeEmpty();
    await axe(page);

    await card.getByRole('button', { name: /^Try again/ }).click();
    await expect(card).toContainText('attempt 2');
    await expect(jobState(card)).toHaveText('Failed', SOON);
    await card.getByRole('button', { name: /^Dismiss/ }).click();
    for (const tab of [page, other]) {
      await expect(job(tab, NOWHERE)).toHaveCount(0);
      await expect(tab.getByRole('heading', { name: 'No jobs yet' })).toBeVisible();
    }
  });

  test('what is wrong is said at its field, and all that was typed stays', async ({ allowConsole, goto, page }) => {
    allowConsole(/status of 422/);
    await goto('/jobs');
    await page.getByRole('button', { name: 'Crawl a site' }).click();
    const { crawl, dialog, url } = bring(page);
    await crawl.click();
    await expect(url).toBeFocused();
    await expect(url).toHaveAccessibleDescription(/Enter the address of a page of the site\./);
    await expect(url).toHaveAttribute('aria-invalid', 'true');

    await url.fill('http://');
    await dialog.getByText('More').click();
    await dialog.getByRole('textbox', { name: 'Include paths' }).fill('/docs/**');
    await dialog.getByRole('textbox', { name: 'Maximum pages' }).fill('many');
    await dialog.getByText('More').click();
    await crawl.click();
    const pages = dialog.getByRole('textbox', { name: 'Maximum pages' });
    await expect(pages).toBeFocused();
    await expect(pages).toHaveAccessibleDescription('Enter a whole number, or nothing.');
    await pages.fill('0');
    await url.fill('https://example.org/');
    await crawl.click();
    await expect(pages).toHaveAccessibleDescription('0 is not between 1 and 10000');
    await pages.fill('');
    await url.fill('http://');
    await crawl.click();
    await expect(url).toHaveAttribute('aria-invalid', 'true');
    await expect(url).toBeFocused();
    await expect(dialog.getByRole('textbox', { name: 'Include paths' })).toHaveValue('/docs/**');
    await axe(page);
  });

  test('a crawl stays below the folder where it begins, unless one says otherwise', async ({ goto, page }) => {
    await goto('/jobs');
    await page.getByRole('button', { name: 'Crawl a site' }).click();
    const { crawl, dialog, kb, url } = bring(page);
    const below = dialog.getByRole('checkbox', { name: 'Only pages below' });
    await url.fill('https://docs.example.org/');
    await expect(below).toBeHidden();
    await url.fill(`${NOWHERE}book/index.html`);
    await expect(below).toBeChecked();
    await expect(dialog.getByText('Only pages below /book/')).toBeVisible();
    await dialog.getByText('More').click();
    await dialog.getByRole('textbox', { name: 'Include paths' }).fill('/other/**');
    await expect(below).toBeHidden();
    await dialog.getByRole('textbox', { name: 'Include paths' }).fill('');
    await kb.selectOption('Notes');
    const asked = page.waitForRequest((request) => request.method() === 'POST' && (request.postData() ?? '').includes('book/index.html'));
    await crawl.click();
    expect((await asked).postData()).toContain('/book/**');
  });

  test('a folder that never was cannot be synced again, and the way to it is said', async ({ allowConsole, goto, page }) => {
    allowConsole(/status of 409/);
    await goto('/jobs');
    await page.getByRole('button', { name: 'Re-sync a folder' }).click();
    const { dialog, kb } = bring(page);
    await kb.selectOption('Other things');
    await dialog.getByRole('button', { name: 'Re-sync', exact: true }).click();
    await expect(dialog.getByRole('alert').filter({ hasText: 'tidings sync DIR --kb other' })).toBeVisible();
    await axe(page);
  });

  test('a folder that was synced is synced again', async ({ folder, goto, page, server }) => {
    await folder.write('plan.md', '# Plan\n\nOne.\n');
    await server.cli('sync', folder.path, '--kb', 'notes');
    await folder.write('second.md', '# Second\n\nTwo.\n');
    await goto('/kb/notes');
    await page.getByRole('button', { name: 'Import…' }).click();
    await bring(page).dialog.getByRole('button', { name: 'Re-sync folder' }).click();
    await expect(bring(page).kb).toHaveValue('notes');
    await bring(page).dialog.getByRole('button', { name: 'Re-sync', exact: true }).click();
    // Where the folder lies is nobody's business who may only read.
    const card = job(page, path.basename(folder.path));
    await expect(jobState(card)).toHaveText('Completed', SOON);
    await expect(card).toContainText('Imported 1 new, 1 unchanged');
    await card.getByRole('link', { name: 'See the entries' }).click();
    await expect(rowLink(page, 'Second')).toBeVisible();
  });

  test('an address of a job that nobody knows says so', async ({ goto, page }) => {
    await goto('/jobs#notes.0000');
    await expect(page.getByText('There is no job notes.0000 any more')).toBeVisible();
    await page.getByRole('link', { name: 'All jobs' }).click();
    await expect(page.getByText('There is no job')).toHaveCount(0);
  });

  test('by keyboard and by the palette', async ({ goto, page }) => {
    await goto('/kb/other');
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await expect(page).toHaveURL('/jobs');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('crawl');
    await page.keyboard.press('Enter');
    await expect(bring(page).url).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(bring(page).dialog).toBeHidden();
    await goto('/kb/other');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('upload');
    await page.keyboard.press('Enter');
    await expect(bring(page).dialog.getByRole('button', { name: 'Choose files' })).toBeFocused();
    await expect(bring(page).kb).toHaveValue('other');
  });

  test('the newest are there at once, the older ones on demand', async ({ api, goto, page }) => {
    for (let n = 100; n < 140; n += 1) {
      await api.crawl('notes', `http://127.0.0.1:9/${n}`);
    }
    await goto('/jobs');
    await expect(job(page, /:9\/139/)).toBeVisible();
    await expect(job(page, /:9\/100/)).toHaveCount(0);
    await page.getByRole('button', { name: 'Load more' }).click();
    await expect(job(page, /:9\/100/)).toBeAttached();
    await expect(job(page, /./)).toHaveCount(40);
  });

  test('the page that the server renders has the cards', async ({ api, baseURL }) => {
    const id = await api.crawl('notes', NOWHERE);
    await expect.poll(async () => (await api.getJob(id)).status).toBe('failed');
    const text = await (await fetch(new URL('/jobs', baseURL))).text();
    expect(text).toContain(NOWHERE);
    expect(text).toMatch(/of 1 page\b/);
  });
});

test.describe('with people', () => {
  test.use({ serverOptions: { auth: 'required' } });

  test('who may only read sees what comes in, and cannot ask for anything', async ({ ada, bob }) => {
    // Members may write in it.
    await ada.api.deleteKb('guide');
    await ada.api.createKb({ name: 'notes', title: 'Notes', members: 'read' });
    await ada.api.createKb({ name: 'secret', title: 'Secret', members: 'none' });
    const tab = await bob.openTab('/jobs');
    await ada.api.crawl('secret', 'http://127.0.0.1:9/secret');
    await ada.api.crawl('notes', NOWHERE);
    await expect(job(tab, NOWHERE)).toContainText('asked for by ada');
    await expect(jobState(job(tab, NOWHERE))).toHaveText(/failed/i, SOON);
    await expect(job(tab, /./)).toHaveCount(1);
    await expect(job(tab, NOWHERE).getByRole('button')).toHaveCount(0);
    await expect(tab.getByRole('button', { name: 'Crawl a site' })).toBeDisabled();
    await expect(tab.getByText('You cannot write to any knowledge base')).toBeVisible();
    await visit(tab, '/kb/notes');
    await expect(tab.getByRole('button', { name: 'Import…' })).toHaveCount(0);
  });
});

crawlTest.describe('with a site', () => {
  crawlTest.beforeEach(async ({ api }) => {
    await api.createKb({ name: 'notes', title: 'Notes' });
  });

  crawlTest('a crawl is watched from the form to its entries: the strip, the bar, a reload, a second tab', async ({ goto, openTab, page, site }) => {
    crawlTest.slow();
    site.delay = 250;
    await goto('/kb/notes');
    const other = await openTab('/');
    await page.getByRole('button', { name: 'Import…' }).click();
    await bring(page).dialog.getByRole('button', { name: 'Site', exact: true }).click();
    await bring(page).url.fill(site.url);
    await bring(page).crawl.click();

    const card = job(page, site.url);
    await expect(jobState(card)).toHaveText('Fetching pages', SOON);
    const seen = await recordCounts(page, card);
    await expect(strip(other).getByRole('progressbar', { name: `Crawl of ${site.host}/` })).toBeVisible();
    await expect(strip(other)).toContainText(/\d+ %/);
    await strip(other).getByRole('link', { name: `Crawl of ${site.host}/` }).click();
    await expect(job(other, site.url)).toHaveClass(/job-marked/);
    await expect(card.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]/, SOON);

    const before = await counts(card);
    await page.reload();
    await expect(card).toBeVisible();
    const after = await counts(card);
    after.forEach((number, of) => expect(number, `${before} then ${after}`).toBeGreaterThanOrEqual(before[of] ?? 0));
    const seenAgain = await recordCounts(page, card);

    for (const tab of [page, other]) {
      await expect(jobState(job(tab, site.url))).toHaveText('Completed', SOON);
      await expect(job(tab, site.url)).toContainText(`${site.pages + 1} done, 0 failed, 0 skipped of ${site.pages + 1} pages`);
      await expect(strip(tab)).toBeHidden();
    }
    expectOnlyForward(await seenAgain());
    expect(seen).toBeTruthy();
    await expect(card).toContainText(`Imported ${site.pages + 1} new`);
    await card.getByText(`New entries ${site.pages + 1}`, { exact: true }).click();
    await expect(card.getByRole('link', { name: /page-7$/ })).toBeVisible();
    await card.getByRole('link', { name: 'See the entries' }).click();
    await expect(rowLink(page, 'Plough 7')).toBeAttached();
  });

  crawlTest('the numbers of a card only grow, and always add up', async ({ api, goto, page, site }) => {
    crawlTest.slow();
    site.broken.add('/page-3');
    await goto('/jobs');
    await api.crawl('notes', site.url);
    const card = job(page, site.url);
    await expect(card).toBeVisible();
    const seen = await recordCounts(page, card);
    await expect(jobState(card)).toHaveText('Completed, 1 failed', SOON);
    const all = await seen();
    expect(all.length).toBeGreaterThan(3);
    expectOnlyForward(all);
  });

  crawlTest('one that is cancelled says so until it has ended, keeps what it brought, and goes on where it was', async ({ api, goto, openTab, page, site }) => {
    crawlTest.slow();
    site.delay = 400;
    await goto('/jobs');
    const other = await openTab('/jobs');
    const id = await api.crawl('notes', site.url);
    const card = job(page, site.url);
    await expect(card.locator('.job-numbers')).toContainText(/^[1-9]\d* done/, SOON);
    await card.getByRole('button', { name: /^Cancel/ }).click();
    for (const tab of [page, other]) {
      await expect(jobState(job(tab, site.url))).toHaveText('Cancelled', { timeout: 8_000 });
      await expect(strip(tab)).toBeHidden();
    }
    const kept = await counts(card);
    expect((await api.getJob(id)).counts.done).toBe(kept[0]);
    await expect(card).toContainText('What it had imported is stored.');
    await expect(card).toContainText(`Imported ${kept[0]} new`);

    site.delay = 20;
    await card.getByRole('button', { name: /^Go on/ }).click();
    await expect(jobState(card)).toHaveText('Completed', SOON);
    await expect(card).toContainText(`${site.pages + 1} done, 0 failed`);
    await expect(card).toContainText('attempt 2');
    expect(site.hits('/')).toBe(1);
  });

  crawlTest('what failed is told with its reason, and is all that is tried again', async ({ api, goto, page, site }) => {
    crawlTest.slow();
    ['/page-4', '/page-9'].forEach((path) => site.broken.add(path));
    await goto('/jobs');
    await api.crawl('notes', site.url);
    const card = job(page, site.url);
    await expect(jobState(card)).toHaveText('Completed, 2 failed', SOON);
    await card.getByText('Failed 2', { exact: true }).click();
    await expect(card.getByRole('listitem').filter({ hasText: '/page-4' })).toContainText('500');
    const asked = site.hits('/page-5');
    site.broken.clear();
    await card.getByRole('button', { name: /^Retry what failed/ }).click();
    await expect(jobState(card)).toHaveText('Completed', SOON);
    await expect(card).toContainText(`${site.pages + 1} done, 0 failed`);
    expect(site.hits('/page-5')).toBe(asked);
  });

  crawlTest('a restart interrupts it, and it goes on from there; the card stays', async ({ api, goto, page, server, site }) => {
    crawlTest.slow();
    site.delay = 400;
    await goto('/jobs');
    await markDocument(page);
    await api.crawl('notes', site.url);
    const card = job(page, site.url);
    await expect(card.locator('.job-numbers')).toContainText(/^[1-9]\d* done/, SOON);
    await server.kill9();
    await server.start();
    await expect(jobState(card)).toHaveText('Interrupted', SOON);
    expect(await isSameDocument(page)).toBe(true);
    site.delay = 20;
    await card.getByRole('button', { name: /^Go on/ }).click();
    await expect(jobState(card)).toHaveText('Completed', SOON);
    await expect(card).toContainText(`${site.pages + 1} done, 0 failed`);
  });

  crawlTest('those that wait say their place, are cancelled at once, and never mix with the others', async ({ api, goto, page, site }) => {
    crawlTest.slow();
    site.delay = 2_000;
    await goto('/');
    for (const path of ['', 'page-1', 'page-2', 'page-3', 'page-4']) {
      await api.crawl('notes', `${site.url}${path}`);
    }
    await expect(strip(page).getByRole('progressbar')).toHaveCount(3);
    await expect(strip(page).getByRole('link', { name: '+2 more' })).toBeVisible();
    const height = await strip(page).evaluate((element) => element.getBoundingClientRect().height);
    expect(height).toBeLessThanOrEqual(40);
    await strip(page).getByRole('link', { name: '+2 more' }).click();
    await expect(jobState(job(page, /page-2Crawl/))).toHaveText('Queued, next');
    await expect(jobState(job(page, /page-4Crawl/))).toHaveText('Queued, 2 ahead');
    await axe(page);
    await job(page, /page-2Crawl/).getByRole('button', { name: /^Cancel/ }).click();
    await expect(jobState(job(page, /page-2Crawl/))).toHaveText('Cancelled');
    await expect(jobState(job(page, /page-4Crawl/))).toHaveText('Queued, 1 ahead');
    await expect(job(page, /page-2Crawl/)).toContainText('0 done, 0 failed');
  });
});

test('a request for a job that nobody knows is answered at once', async ({ api }) => {
  await expect(api.getJob('notes.0000')).rejects.toBeInstanceOf(ApiError);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 390]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 844 } });

      test('nothing keeps anybody out, and nothing is wider than the screen', async ({ api, goto, page }) => {
        await api.createKb({ name: 'notes', title: 'Notes' });
        await api.crawl('notes', `${NOWHERE}${'a-long-address/'.repeat(12)}`);
        await goto('/jobs');
        await expect(jobState(job(page, NOWHERE))).toHaveText(/failed/i, SOON);
        await job(page, NOWHERE).getByText(FOLDED).click();
        await expect(job(page, NOWHERE).getByRole('listitem')).toBeVisible();
        const { content, screen } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, screen: window.innerWidth }));
        expect(content).toBeLessThanOrEqual(screen);
        await axe(page);
        for (const name of ['Crawl a site', 'Upload files', 'Re-sync a folder']) {
          await page.getByRole('button', { name }).click();
          await expect(bring(page).kb).toHaveValue('notes');
          await axe(page);
          await page.keyboard.press('Escape');
          await expect(bring(page).dialog).toBeHidden();
        }
        await expect(toast(page, /./)).toHaveCount(0);
      });
    });
  }
}
