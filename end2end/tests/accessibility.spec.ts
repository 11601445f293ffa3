import type { Locator, Page } from '@playwright/test';
import { axe, connection, editor, expect, rowLink, test } from '../fixtures/index.ts';

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

const PAGES = [
  '/',
  '/kb/notes',
  '/kb/notes?q=more',
  '/kb/notes?q=nowhere',
  '/kb/empty',
  '/kb/notes/trash',
  '/kb/empty/trash',
  '/kb/notes/new',
  '/kb/notes/e/alpha',
  '/kb/notes/e/beta',
  '/kb/notes/e/alpha/edit',
  '/kb/notes/e/alpha/history',
  '/kb/notes/e/missing',
  '/kb/missing',
  '/search',
  '/search?q=more',
  '/nothing-here',
];

const BODY = `# First

See [[beta]], and one day [[not-yet]].

| One | Two |
|---|---|
| a | b |

- [ ] to do
- [x] done

\`\`\`rust
fn main() {}
\`\`\`

## Second

> A quotation.[^1]

[^1]: A footnote.
`;

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, viewport] of [
    ['wide', WIDE],
    ['narrow', NARROW],
  ] as const) {
    test.describe(`${colorScheme} and ${name}`, () => {
      test.use({ colorScheme, viewport });

      test.beforeEach(async ({ api }) => {
        await api.createKb({ name: 'notes', title: 'Notes', description: 'Some notes.' });
        await api.createKb({ name: 'empty', title: 'Empty' });
        await api.createEntry('notes', { title: 'Beta', entry_type: 'concept', tags: ['lean'] });
        await api.createEntry('notes', { title: 'Alpha', tags: ['lean', 'deming'], aliases: ['First'], metadata: { year: 1950 }, body: BODY });
        await api.patchEntry('notes', 'alpha', { body: `${BODY}\nAnd more.\n` });
        await api.createEntry('notes', { title: 'Gone' });
        await api.deleteEntry('notes', 'gone');
      });

      test('no page keeps anybody out', async ({ allowConsole, goto, page }) => {
        test.slow();
        // The browser's word for pages that say that nothing is there.
        allowConsole(/status of 404/);
        for (const path of PAGES) {
          await goto(path);
          await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
          await expect(connection(page, 'Live')).toBeVisible();
          await axe(page);
        }
      });

      test('no dialog keeps anybody out', async ({ goto, page }) => {
        await goto('/kb/notes/e/alpha');
        for (const open of [() => page.keyboard.press('Control+k'), () => page.keyboard.press('?'), () => page.getByRole('button', { name: 'Rename' }).click()]) {
          await open();
          await expect(page.getByRole('dialog')).toBeVisible();
          await axe(page);
          await page.keyboard.press('Escape');
          await expect(page.getByRole('dialog')).toBeHidden();
        }
        await goto('/');
        await page.getByRole('button', { name: 'New knowledge base' }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await axe(page);
      });
    });
  }
}

test('a conflict and an alert keep nobody out', async ({ api, allowConsole, goto, page }) => {
  allowConsole(/status of 412/);
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createEntry('notes', { title: 'Plan', body: 'one\n' });
  await goto('/kb/notes/e/plan/edit');
  await editor(page).text.fill('mine\n');
  await api.patchEntry('notes', 'plan', { body: 'theirs\n' });
  await editor(page).save.click();
  await expect(page.getByRole('button', { name: 'Save both together' })).toBeVisible();
  await axe(page);
});

/** Goes there by Tab alone. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 80; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  await expect(target, 'reached by Tab').toBeFocused();
}

test('by keyboard alone: create, link, rename, delete, restore', async ({ api, goto, page }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createEntry('notes', { title: 'Kaizen' });
  await goto('/kb/notes');

  await test.step('create and link', async () => {
    await page.keyboard.press('n');
    await expect(editor(page).title).toBeFocused();
    await page.keyboard.type('Improvement');
    await tabTo(page, editor(page).text);
    await page.keyboard.type('It is [[kai');
    await expect(page.getByRole('option').first()).toContainText('Kaizen');
    await page.keyboard.press('Enter');
    await page.keyboard.type(', daily.');
    await page.keyboard.press('Control+Enter');
    await expect(page).toHaveURL(/\/e\/improvement$/);
    await expect(page.getByRole('article').getByRole('link', { name: 'Kaizen' })).toBeVisible();
  });

  await test.step('rename, and the link follows', async () => {
    await tabTo(page, page.getByRole('article').getByRole('link', { name: 'Kaizen' }));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/e\/kaizen$/);
    await tabTo(page, page.getByRole('button', { name: 'Rename' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('textbox', { name: 'Title' })).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('textbox', { name: 'Id' })).toBeFocused();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('small-steps');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/e\/small-steps$/);
    expect((await api.getEntry('notes', 'improvement')).body).toBe('It is [[small-steps]], daily.');
  });

  await test.step('delete', async () => {
    await tabTo(page, page.getByRole('button', { name: 'Delete' }));
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/kb\/notes$/);
    await expect(rowLink(page, 'Kaizen')).toHaveCount(0);
  });

  await test.step('restore', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await tabTo(page, page.getByRole('button', { name: 'Restore' }));
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
    await tabTo(page, page.getByRole('link', { name: 'Back to the list' }));
    await page.keyboard.press('Enter');
    await expect(rowLink(page, 'Kaizen')).toBeVisible();
  });
});

test('the first stop of Tab leads past the header', async ({ goto, page }) => {
  await goto('/');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('the title of the document names the page', async ({ api, goto, page }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createEntry('notes', { title: 'Kaizen' });
  await goto('/');
  await expect(page).toHaveTitle('Tidings');
  await page.getByRole('link', { name: 'Notes' }).first().click();
  await expect(page).toHaveTitle('Notes · Tidings');
  await rowLink(page, 'Kaizen').click();
  await expect(page).toHaveTitle('Kaizen · Tidings');
});
