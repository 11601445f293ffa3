import { editor, expect, isMarked, isSameDocument, list, mark, markDocument, row, rowLink, SAVED, saveState, test } from '../fixtures/index.ts';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
});

test('an entry that is made in one tab appears in the other without a reload', async ({ openTab }) => {
  const other = await openTab('/kb/notes');
  await markDocument(other);

  const tab = await openTab('/kb/notes/new');
  await editor(tab).title.fill('Plan, do, study, act');
  await editor(tab).saveAndClose.click();

  await expect(rowLink(other, 'Plan, do, study, act')).toBeVisible();
  expect(await isSameDocument(other)).toBe(true);
});

test('a new title and a new id reach the other tab', async ({ api, openTab }) => {
  await api.createEntry('notes', { title: 'Draft' });
  const other = await openTab('/kb/notes');
  await markDocument(other);

  const tab = await openTab('/kb/notes/e/draft/edit');
  await editor(tab).title.fill('Final');
  await editor(tab).saveAndClose.click();
  await expect(rowLink(other, 'Final')).toHaveAttribute('href', '/kb/notes/e/draft');

  await tab.getByRole('button', { name: 'Rename' }).click();
  await tab.getByRole('textbox', { name: 'Id' }).fill('final');
  await tab.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
  await expect(tab).toHaveURL(/\/kb\/notes\/e\/final$/);
  await expect(rowLink(other, 'Final')).toHaveAttribute('href', '/kb/notes/e/final');
  await expect(list(other).getByRole('listitem')).toHaveCount(1);
  expect(await isSameDocument(other)).toBe(true);
});

test('an entry that is deleted in one tab leaves the other', async ({ api, openTab }) => {
  await api.createEntry('notes', { title: 'Stays' });
  await api.createEntry('notes', { title: 'Goes' });
  const other = await openTab('/kb/notes');
  await markDocument(other);

  const tab = await openTab('/kb/notes/e/goes');
  await tab.getByRole('button', { name: 'Delete' }).click();

  await expect(rowLink(other, 'Goes')).toHaveCount(0);
  await expect(rowLink(other, 'Stays')).toBeVisible();
  expect(await isSameDocument(other)).toBe(true);
});

test('a tab that reads a deleted entry says so and offers it back', async ({ api, allowConsole, openTab }) => {
  // The browser's word for the entry that is asked for again.
  allowConsole(/status of 404/);
  await api.createEntry('notes', { title: 'Read by two', body: 'Some text.' });
  const reader = await openTab('/kb/notes/e/read-by-two');

  await api.deleteEntry('notes', 'read-by-two');
  await expect(reader.getByRole('heading', { name: '“Read by two” was deleted' })).toBeVisible();

  await reader.getByRole('button', { name: 'Restore' }).click();
  await expect(reader.getByRole('heading', { level: 1, name: 'Read by two' })).toBeVisible();
  await expect(reader.getByRole('article')).toContainText('Some text.');
});

test('only the row that changed is rendered anew', async ({ api, openTab }) => {
  for (const title of ['Alpha', 'Beta', 'Gamma']) {
    await api.createEntry('notes', { title });
  }
  const tab = await openTab('/kb/notes?sort=title');
  for (const title of ['Alpha', 'Beta', 'Gamma']) {
    await mark(row(tab, title));
    await mark(rowLink(tab, title));
  }

  await api.patchEntry('notes', 'beta', { title: 'Bravo', tags: ['new'] });

  await expect(row(tab, 'Bravo').getByRole('link', { name: 'new' })).toBeVisible();
  for (const title of ['Alpha', 'Bravo', 'Gamma']) {
    expect(await isMarked(row(tab, title)), title).toBe(true);
    expect(await isMarked(rowLink(tab, title)), title).toBe(true);
  }
});

test('what others write moves neither the focus nor what one reads', async ({ api, openTab }) => {
  for (let n = 100; n < 160; n += 1) {
    await api.createEntry('notes', { title: `Note ${n}` });
  }
  const tab = await openTab('/kb/notes?sort=title');
  await expect(rowLink(tab, 'Note 100')).toBeVisible();
  await rowLink(tab, 'Note 130').scrollIntoViewIfNeeded();
  await rowLink(tab, 'Note 130').focus();
  // The list renders another part of itself in the frame after a scroll.
  await tab.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const before = await rowLink(tab, 'Note 130').boundingBox();

  await api.createEntry('notes', { title: 'A first one' });
  await api.createEntry('notes', { title: 'A second one' });
  await api.patchEntry('notes', 'note-131', { title: 'Note 131, changed' });
  await api.deleteEntry('notes', 'note-132');

  await expect(rowLink(tab, 'Note 131, changed')).toBeVisible();
  await expect(rowLink(tab, 'Note 132')).toHaveCount(0);
  await expect(tab.getByRole('button', { name: '2 new' })).toBeVisible();
  await expect(rowLink(tab, 'Note 130')).toBeFocused();
  const after = await rowLink(tab, 'Note 130').boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1);
});

test('what came above is told by a pill that leads there', async ({ api, openTab }) => {
  for (let n = 100; n < 160; n += 1) {
    await api.createEntry('notes', { title: `Note ${n}` });
  }
  const tab = await openTab('/kb/notes');
  await rowLink(tab, 'Note 130').scrollIntoViewIfNeeded();
  await tab.evaluate(() => window.scrollBy(0, 200));

  await api.createEntry('notes', { title: 'Brand new' });
  const pill = tab.getByRole('button', { name: '1 new' });
  await pill.click();

  await expect(rowLink(tab, 'Brand new')).toBeInViewport();
  await expect(pill).toHaveCount(0);
});

test('at the top of the list, what is new appears without a pill', async ({ api, openTab }) => {
  await api.createEntry('notes', { title: 'Old' });
  const tab = await openTab('/kb/notes');
  await api.createEntry('notes', { title: 'Brand new' });
  await expect(rowLink(tab, 'Brand new')).toBeVisible();
  await expect(list(tab).getByRole('link')).toHaveText(['Brand new', 'Old']);
  await expect(tab.getByRole('button', { name: /new$/ })).toHaveCount(0);
});

test('what the command line writes appears in an open list', async ({ server, openTab }) => {
  const tab = await openTab('/kb/notes');
  await server.cli('entry', 'create', '--kb', 'notes', '--title', 'By the command line', '--tag', 'shell');
  await expect(row(tab, 'By the command line').getByRole('link', { name: 'shell' })).toBeVisible();
});

test('a list that is filtered takes in what comes to match, and lets go what no longer does', async ({ api, openTab }) => {
  await api.createEntry('notes', { title: 'Inside', tags: ['lean'] });
  await api.createEntry('notes', { title: 'Outside' });
  const tab = await openTab('/kb/notes?tag=lean');
  await expect(rowLink(tab, 'Inside')).toBeVisible();
  await expect(rowLink(tab, 'Outside')).toHaveCount(0);

  await api.patchEntry('notes', 'outside', { tags: ['lean'] });
  await expect(rowLink(tab, 'Outside')).toBeVisible();
  await api.patchEntry('notes', 'inside', { tags: [] });
  await expect(rowLink(tab, 'Inside')).toHaveCount(0);
});

test('the home page counts, and tells what happened, as it happens', async ({ api, openTab }) => {
  const tab = await openTab('/');
  const card = tab.getByRole('list', { name: 'Knowledge bases' }).getByRole('listitem').filter({ hasText: 'Notes' });
  await expect(card).toContainText('0 entries');
  await mark(card);

  await api.createEntry('notes', { title: 'Made by curl' });

  await expect(card).toContainText('1 entry');
  const recent = tab.getByRole('region', { name: 'Recent changes' });
  await expect(recent.getByRole('listitem').first()).toContainText('owner created Made by curl in notes');
  expect(await isMarked(card)).toBe(true);

  await api.createKb({ name: 'more', title: 'More notes' });
  await expect(tab.getByRole('link', { name: 'More notes' }).first()).toBeVisible();
});

test('an open entry follows what others write, and keeps its place', async ({ api, openTab }) => {
  const body = Array.from({ length: 80 }, (_, n) => `Paragraph ${n}.`).join('\n\n');
  await api.createEntry('notes', { title: 'Long', body });
  const tab = await openTab('/kb/notes/e/long');
  await tab.getByText('Paragraph 40.').scrollIntoViewIfNeeded();
  await mark(tab.getByRole('article'));

  await api.patchEntry('notes', 'long', { title: 'Long, and changed', body: `${body}\n\nThe end.` });

  await expect(tab.getByRole('heading', { level: 1, name: 'Long, and changed' })).toBeVisible();
  await expect(tab.getByText('The end.')).toBeAttached();
  await expect(tab.getByRole('link', { name: 'version 2' })).toBeAttached();
  await expect(tab.getByText('Paragraph 40.')).toBeInViewport();
  expect(await isMarked(tab.getByRole('article'))).toBe(true);
});

test('nobody is told of what they did themselves', async ({ openTab }) => {
  const other = await openTab('/kb/notes');
  const tab = await openTab('/kb/notes/new');
  await editor(tab).title.fill('My own');
  await editor(tab).save.click();
  await expect(saveState(tab, SAVED)).toBeVisible();
  await editor(tab).text.fill('More of it.');
  await editor(tab).saveAndClose.click();
  await expect(tab.getByRole('article')).toContainText('More of it.');
  await expect(rowLink(other, 'My own')).toBeVisible();

  await expect(tab.getByRole('button', { name: 'Dismiss' })).toHaveCount(0);
  await tab.getByRole('link', { name: 'notes', exact: true }).click();
  await expect(rowLink(tab, 'My own')).toHaveCount(1);
});
