import { expect, row, test } from '../fixtures/index.ts';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'My notes' });
  await api.createKb({ name: 'other', title: 'Other' });
  await api.createEntry('notes', { title: 'One' });
  await api.createEntry('notes', { title: 'Two' });
  await api.createEntry('notes', { title: 'Three' });
  await api.deleteEntry('notes', 'three');
});

test('a knowledge base is deleted once it was named, and it says what goes with it', async ({ allowConsole, goto, page, openTab }) => {
  // The browser's word for what another tab asks for again.
  allowConsole(/status of 404/);
  const other = await openTab('/');
  const reader = await openTab('/kb/notes');
  await goto('/kb/notes');
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this knowledge base?' });
  await expect(dialog).toContainText('“My notes” will be gone for everybody, with its 2 entries, the one in its trash and all versions.');
  await expect(dialog).toContainText('This cannot be undone.');
  const name = dialog.getByRole('textbox', { name: 'type its name' });
  const confirm = dialog.getByRole('button', { name: 'Delete for good' });
  await expect(name).toBeFocused();
  await expect(confirm).toBeDisabled();
  await name.fill('note');
  await name.press('Enter');
  await expect(dialog).toBeVisible();
  await expect(confirm).toBeDisabled();
  await name.fill('notes');
  await confirm.click();

  await expect(page).toHaveURL(/\/$/);
  await expect(page.getByText('“My notes” is deleted.')).toBeVisible();
  const cards = other.getByRole('list', { name: 'Knowledge bases' });
  await expect(cards.getByRole('heading', { name: 'My notes' })).toHaveCount(0);
  await expect(cards.getByRole('heading', { name: 'Other' })).toBeVisible();
  await expect(reader.getByRole('link', { name: 'All knowledge bases' })).toBeVisible();
});

test('a knowledge base is called otherwise, and another tab shows it at once', async ({ goto, page, openTab }) => {
  const other = await openTab('/');
  await goto('/kb/notes');
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit this knowledge base' });
  await expect(dialog.getByRole('textbox', { name: 'Title' })).toBeFocused();
  await dialog.getByRole('textbox', { name: 'Title' }).fill('Our notes');
  await dialog.getByRole('textbox', { name: 'What it is about' }).fill('What we know.');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Our notes');
  await expect(page.getByText('What we know.')).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Our notes' })).toBeVisible();
});

test('who thinks better of it keeps everything', async ({ api, goto, page }) => {
  await goto('/kb/notes');
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this knowledge base?' });
  await dialog.getByRole('textbox').fill('notes');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Delete' }).click();
  // Named again, each time.
  await expect(dialog.getByRole('textbox')).toHaveValue('');
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(row(page, 'One')).toBeVisible();
  expect((await api.getEntry('notes', 'one')).title).toBe('One');
});

test('a deletion that fails says so, and can be tried again', async ({ allowConsole, goto, page }) => {
  allowConsole(/status of 503/);
  await goto('/kb/notes');
  await page.route('**/api/pages/delete_kb', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/json',
      body: JSON.stringify({ type: '/docs#store_unavailable', title: 'The store is unavailable', status: 503, code: 'store_unavailable', detail: 'The disk is full.' }),
    }),
  );
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this knowledge base?' });
  await dialog.getByRole('textbox').fill('notes');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('Not deleted: The disk is full.');
  await page.unroute('**/api/pages/delete_kb');
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page).toHaveURL(/\/$/);
});
