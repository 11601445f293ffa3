import { connection, editor, expect, row, rowLink, test } from '../fixtures/index.ts';

test.use({ viewport: { width: 390, height: 844 } });

const PAGES = [
  '/',
  '/kb/notes',
  '/kb/notes?q=plan',
  '/kb/notes?q=nowhere',
  '/kb/notes/new',
  '/kb/notes/trash',
  '/kb/notes/e/plan',
  '/kb/notes/e/plan/edit',
  '/kb/notes/e/plan/history',
  '/kb/notes/e/missing',
  '/search?q=plan',
  '/jobs',
  '/logs',
  '/nothing-here',
];

const LONG_WORD = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen';
const TABLE = '| One | Two | Three | Four | Five |\n|---|---|---|---|---|\n| a cell of some words | a cell of some words | a cell of some words | a cell of some words | a cell of some words |';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes', description: `About ${LONG_WORD} and more.` });
  await api.createEntry('notes', {
    title: `Plan ${LONG_WORD}`,
    id: 'plan',
    tags: ['one', 'two', 'three', 'four', 'a-tag-that-is-rather-long'],
    metadata: { source: `https://example.org/${'long/'.repeat(30)}` },
    body: `# Plan\n\n${LONG_WORD.repeat(3)}\n\n${TABLE}\n\n## Code\n\n    ${'a very long line of code '.repeat(10)}\n`,
  });
  await api.patchEntry('notes', 'plan', { title: 'Plan' });
  await api.createEntry('notes', { title: LONG_WORD.repeat(2), id: 'gone' });
  await api.deleteEntry('notes', 'gone');
});

test('no page is wider than a narrow screen, and each has the connection and “New” in sight', async ({ allowConsole, goto, page }) => {
  test.slow();
  allowConsole(/status of 404/);
  for (const path of PAGES) {
    await goto(path);
    await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
    await expect(connection(page, 'Live')).toBeVisible();
    await expect.soft(page.getByRole('link', { name: 'New', exact: true }), path).toBeInViewport({ ratio: 1 });
    const { content, screen } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, screen: window.innerWidth }));
    expect.soft(content, `width of ${path}`).toBeLessThanOrEqual(screen);
  }
});

test('what is at hand on a wide screen can be reached on a narrow one', async ({ goto, page }) => {
  await goto('/');
  await page.getByRole('link', { name: 'Notes' }).first().click();
  await expect(row(page, 'Plan')).toBeVisible();
  await page.getByRole('link', { name: /^Trash/ }).click();
  await expect(page.getByRole('button', { name: 'Restore' })).toBeInViewport({ ratio: 1 });
  await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'notes' }).click();

  await page.getByRole('link', { name: /^Search or jump to/ }).click();
  await page.keyboard.type('show all keys');
  await page.getByRole('option', { name: /^Show all keys/ }).click();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();

  await rowLink(page, 'Plan').click();
  for (const name of ['Copy link', 'Rename', 'Delete']) {
    await expect(page.getByRole('button', { name })).toBeInViewport({ ratio: 1 });
  }
  await expect(page.getByRole('link', { name: 'History' })).toBeInViewport({ ratio: 1 });
});

test('the editor shows text and preview in turns', async ({ goto, page }) => {
  await goto('/kb/notes/e/plan/edit');
  const { text, preview } = editor(page);
  await expect(text).toBeVisible();
  await expect(preview).toBeHidden();
  await page.getByRole('tab', { name: 'Preview' }).click();
  await expect(preview.getByRole('heading', { name: 'Code' })).toBeVisible();
  await expect(text).toBeHidden();
  await page.getByRole('tab', { name: 'Write' }).click();
  await expect(text).toBeVisible();
});

test('what is pressed is at least 24 pixels high and wide', async ({ goto, page }) => {
  for (const path of ['/', '/kb/notes', '/kb/notes/e/plan/edit']) {
    await goto(path);
    for (const button of await page.getByRole('button').all()) {
      if (await button.isVisible()) {
        const box = await button.boundingBox();
        const name = (await button.getAttribute('aria-label')) ?? (await button.textContent());
        expect(Math.min(box?.width ?? 0, box?.height ?? 0), `${name} at ${path}`).toBeGreaterThanOrEqual(24);
      }
    }
  }
});
