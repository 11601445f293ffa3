import { expect, test } from '../fixtures/index.ts';

test('what a REST client creates appears in an open tab, without a reload', async ({ api, openTab }) => {
  await api.createKb({ name: 'notes' });
  const tab = await openTab('/kb/notes');
  // A mark that a reload would wipe out.
  await tab.evaluate(() => Object.assign(window, { sameDocument: true }));

  await api.createEntry('notes', { title: 'Made by curl' });

  await expect(tab.getByRole('link', { name: 'Made by curl' })).toBeVisible();
  expect(await tab.evaluate(() => 'sameDocument' in window)).toBe(true);
});
