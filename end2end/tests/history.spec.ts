import { expect, test } from '../fixtures/index.ts';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createEntry('notes', { title: 'Plan', body: 'one\n\ntwo\n\nthree\n' });
  await api.patchEntry('notes', 'plan', { body: 'one\n\n2\n\nthree\n' });
  await api.patchEntry('notes', 'plan', { title: 'The plan' });
});

test('the history lists all versions, the newest first', async ({ goto, page }) => {
  await goto('/kb/notes/e/plan');
  await page.getByRole('link', { name: 'History' }).click();
  const versions = page.getByRole('list', { name: 'Versions, newest first' }).getByRole('listitem');
  await expect(versions).toHaveText([/^Version 3.*now/, /^Version 2/, /^Version 1/]);
  await expect(versions.first()).toContainText('owner');
});

test('a long history comes in pieces', async ({ api, goto, page }) => {
  for (let n = 4; n <= 150; n += 1) {
    await api.patchEntry('notes', 'plan', { body: `Version ${n}` });
  }
  await goto('/kb/notes/e/plan/history');
  const versions = page.getByRole('list', { name: 'Versions, newest first' }).getByRole('listitem');
  await expect(versions).toHaveCount(100);
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect(versions).toHaveCount(150);
  await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0);
  await page.getByRole('link', { name: /^Version 1 / }).click();
  await expect(page.getByRole('heading', { name: 'Version 1, the first' })).toBeVisible();
  // What is written meanwhile takes nothing away that was loaded.
  await api.patchEntry('notes', 'plan', { body: 'One more' });
  await expect(versions).toHaveCount(151);
});

test('a version is compared with the one before it', async ({ goto, page }) => {
  await goto('/kb/notes/e/plan/history');
  await expect(page.getByRole('heading', { name: 'Version 3 compared with 2' })).toBeVisible();
  await expect(page.getByRole('definition')).toContainText('Plan → The plan');

  await page.getByRole('link', { name: 'Version 2' }).click();
  await expect(page).toHaveURL(/\?v=2$/);
  await expect(page.getByRole('heading', { name: 'Version 2 compared with 1' })).toBeVisible();
  const lines = page.getByRole('region', { name: 'Changed lines' });
  await expect(lines).toContainText('Removed: two');
  await expect(lines).toContainText('Added: 2');

  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Version 3 compared with 2' })).toBeVisible();
});

test('an old version is brought back as the newest, and none is lost', async ({ api, goto, page }) => {
  await goto('/kb/notes/e/plan/history?v=1');
  await page.getByRole('button', { name: 'Restore this version' }).click();
  await expect(page.getByText('Version 1 is back, as version 4.')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Versions, newest first' }).getByRole('listitem')).toHaveCount(4);
  expect(await api.getEntry('notes', 'plan')).toMatchObject({ version: 4, title: 'Plan', body: 'one\n\ntwo\n\nthree\n' });
});

test('a version that somebody else makes joins an open history', async ({ api, goto, page }) => {
  await goto('/kb/notes/e/plan/history');
  await api.patchEntry('notes', 'plan', { body: 'All new.' });
  await expect(page.getByRole('link', { name: 'Version 4' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Changed lines' })).toContainText('All new.');
});
