import { expect, list, row, rowLink, test } from '../fixtures/index.ts';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  for (const title of ['One', 'Two', 'Three']) {
    await api.createEntry('notes', { title, body: `The text of ${title}.` });
  }
});

test('deleting an entry offers to take it back', async ({ api, goto, page }) => {
  await goto('/kb/notes/e/two');
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('“Two” is in the trash.')).toBeVisible();
  await expect(page).toHaveURL(/\/kb\/notes$/);
  await expect(rowLink(page, 'Two')).toHaveCount(0);

  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(rowLink(page, 'Two')).toBeVisible();
  await expect(page.getByText('“Two” is in the trash.')).toHaveCount(0);
  expect((await api.getEntry('notes', 'two')).body).toBe('The text of Two.');
});

test('a long trash comes in pieces, and what is restored goes from any of them', async ({ api, goto, page }) => {
  for (let n = 100; n < 250; n += 1) {
    await api.createEntry('notes', { title: `Note ${n}` });
    await api.deleteEntry('notes', `note-${n}`);
  }
  await goto('/kb/notes/trash');
  const items = page.getByRole('list', { name: 'Deleted entries' }).getByRole('listitem');
  await expect(items).toHaveCount(100);
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect(items).toHaveCount(150);
  await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0);
  await items.filter({ hasText: 'Note 100' }).getByRole('button', { name: 'Restore' }).click();
  await expect(items).toHaveCount(149);
  await api.deleteEntry('notes', 'one');
  await expect(items).toHaveCount(150);
  await expect(items.first()).toContainText('One');
});

test('several selected entries are deleted together, and taken back together', async ({ goto, page }) => {
  await goto('/kb/notes?sort=title');
  await row(page, 'One').getByRole('checkbox').check();
  await row(page, 'Two').getByRole('checkbox').check();
  const selected = page.getByRole('toolbar', { name: 'Selected entries' });
  await expect(selected).toContainText('2 selected');
  await selected.getByRole('button', { name: 'Delete' }).click();
  await expect(list(page).getByRole('link')).toHaveText(['Three']);

  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(list(page).getByRole('link')).toHaveText(['One', 'Three', 'Two']);
});

test('an entry is restored from the trash with its versions', async ({ api, goto, page }) => {
  await api.patchEntry('notes', 'two', { body: 'Second text.' });
  await api.deleteEntry('notes', 'two');
  await goto('/kb/notes');
  await page.getByRole('link', { name: /^Trash/ }).click();
  const item = page.getByRole('list', { name: 'Deleted entries' }).getByRole('listitem').filter({ hasText: 'Two' });
  await expect(item).toContainText('Deleted by owner');
  await expect(item).toContainText(/(29|30) days left/);

  await item.getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await expect(rowLink(page, 'Two')).toBeVisible();
  expect((await api.getEntry('notes', 'two')).body).toBe('Second text.');
  await goto('/kb/notes/e/two/history');
  await expect(page.getByRole('link', { name: 'Version 1' })).toBeVisible();
});

test('deleting for good asks first, and then it is gone', async ({ api, goto, page }) => {
  await api.deleteEntry('notes', 'one');
  await api.deleteEntry('notes', 'two');
  await goto('/kb/notes/trash');
  const items = page.getByRole('list', { name: 'Deleted entries' }).getByRole('listitem');
  const doomed = items.filter({ hasText: 'Two' });
  const question = page.getByRole('dialog', { name: 'Delete for good?' });

  await doomed.getByRole('button', { name: 'Delete for good' }).click();
  await expect(question).toContainText('“Two” and all its versions will be gone.');
  await question.getByRole('button', { name: 'Keep it' }).click();
  await expect(question).toBeHidden();
  await expect(items).toHaveCount(2);

  await doomed.getByRole('button', { name: 'Delete for good' }).click();
  await question.getByRole('button', { name: 'Delete for good' }).click();
  await expect(doomed).toHaveCount(0);
  await expect(items).toHaveCount(1);
});

test('an open trash follows what others delete and restore', async ({ api, goto, page, openTab }) => {
  await goto('/kb/notes/trash');
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await api.deleteEntry('notes', 'two');
  const item = page.getByRole('list', { name: 'Deleted entries' }).getByRole('listitem').filter({ hasText: 'Two' });
  await expect(item).toBeVisible();

  const other = await openTab('/kb/notes/trash');
  await other.getByRole('button', { name: 'Restore' }).click();
  await expect(item).toHaveCount(0);
});
