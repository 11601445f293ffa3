import type { Page } from '@playwright/test';
import { bell, connection, expect, letter, test, toast, visit } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

test.beforeEach(async ({ ada }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes', members: 'write' });
});

/** What is told in every tab is told within this time. */
const AT_ONCE = { timeout: 2_000 };

function readAll(page: Page) {
  return page.getByRole('button', { name: 'Mark all as read' });
}

/** Watches what is open; it shows at once, and holds once the server has answered. */
async function watch(page: Page) {
  await page.getByRole('button', { name: 'Watch' }).click();
  const button = page.getByRole('button', { name: 'Watching' });
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  await expect(button).toHaveAttribute('aria-busy', 'false');
}

function unread(page: Page) {
  return page.getByRole('main').getByText('Unread', { exact: true }).and(page.locator('.badge'));
}

test('who is mentioned hears of it in every tab, and who mentioned them does not', async ({ ada, bob }) => {
  const [one, two, author] = [await bob.openTab('/'), await bob.openTab('/kb/notes'), await ada.openTab('/kb/notes')];
  await expect(bell(one)).toHaveAccessibleName('Notifications');

  await ada.api.createEntry('notes', { title: 'Plan', body: 'First.\n\nThis is for @bob to read.' });

  for (const tab of [one, two]) {
    await expect(toast(tab, 'ada mentioned you in “Plan”: This is for @bob to read.')).toBeVisible();
    await expect(bell(tab)).toHaveAccessibleName('Notifications, 1 new');
  }
  await expect(one).toHaveTitle('(1) Tidings');
  await expect(two).toHaveTitle('(1) Notes · Tidings');
  await expect(one.locator('link[rel=icon]')).toHaveAttribute('href', /^data:image\/svg\+xml,.*%3E1%3C/);
  await expect(author.getByRole('region', { name: 'Entries' }).getByRole('link', { name: 'Plan' })).toBeVisible();
  await expect(bell(author)).toHaveAccessibleName('Notifications');
  await expect(author.locator('.toast')).toHaveCount(0);
  await expect(author).toHaveTitle('Notes · Tidings');

  await toast(two, 'ada mentioned you').getByRole('button', { name: 'Open' }).click();
  await expect(two).toHaveURL('/kb/notes/e/plan');
  await visit(one, '/notifications?unread=1');
  await expect(one.getByRole('heading', { name: 'All read' })).toBeVisible();
});

test('the page says how many are new before it is alive', async ({ ada, bob }) => {
  await ada.api.notify({ user: 'bob', title: 'Hello' });
  const answer = await bob.api.send('GET', '/');
  expect(await answer.text()).toContain('Notifications, 1 new');
});

test('more than nine are “9+”', async ({ ada, bob }) => {
  const tab = await bob.openTab('/');
  for (let n = 1; n <= 10; n += 1) {
    await ada.api.notify({ user: 'bob', title: `Number ${n}` });
  }
  await expect(bell(tab)).toHaveAccessibleName('Notifications, 10 new');
  await expect(bell(tab)).toHaveText('9+');
  await expect(tab).toHaveTitle('(9+) Tidings');
});

test('looking at the inbox in one tab clears the bell in the other, and nothing is read by that', async ({ ada, bob }) => {
  const other = await bob.openTab('/kb/notes');
  await ada.api.notify({ user: 'bob', title: 'The backup is done', message: 'It took 3 s.', link: '/kb/notes' });
  await expect(bell(other)).toHaveAccessibleName('Notifications, 1 new');
  const tab = await bob.openTab('/');
  await expect(bell(tab)).toHaveAccessibleName('Notifications, 1 new');

  await bell(tab).click();
  await expect(letter(tab, 'The backup is done')).toContainText('It took 3 s.');
  await expect(bell(other)).toHaveAccessibleName('Notifications', AT_ONCE);
  await expect(bell(tab)).toHaveAccessibleName('Notifications');
  await expect(other).toHaveTitle('Notes · Tidings');
  await expect(unread(tab)).toHaveCount(1);
  await expect(tab.getByRole('status').filter({ hasText: '1 is unread.' })).toBeVisible();
  await expect(tab.getByRole('region', { name: 'Today' })).toContainText('The backup is done');
});

test('what comes while one looks at the inbox appears there, without a toast', async ({ ada, bob }) => {
  const tab = await bob.openTab('/notifications');
  await expect(tab.getByRole('heading', { name: 'No notifications yet' })).toBeVisible();
  await ada.api.notify({ user: 'bob', title: 'First' });
  await expect(letter(tab, 'First')).toBeVisible();
  await ada.api.notify({ user: 'bob', title: 'Second' });
  await expect(letter(tab, /./)).toHaveText([/^Second/, /^First/]);
  await expect(tab.locator('.toast')).toHaveCount(0);
  await expect(bell(tab)).toHaveAccessibleName('Notifications');
});

test('all are marked as read in every tab, and taken back in every tab', async ({ ada, bob }) => {
  await ada.api.notify({ user: 'bob', title: 'First' });
  await ada.api.notify({ user: 'bob', title: 'Second' });
  const [tab, other] = [await bob.openTab('/notifications'), await bob.openTab('/notifications')];
  await expect(unread(tab)).toHaveCount(2);
  await expect(unread(other)).toHaveCount(2);

  await readAll(tab).click();
  for (const page of [tab, other]) {
    await expect(unread(page)).toHaveCount(0, AT_ONCE);
    await expect(readAll(page)).toBeDisabled();
  }

  await toast(tab, '2 notifications are marked as read.').getByRole('button', { name: 'Undo' }).click();
  for (const page of [tab, other]) {
    await expect(unread(page)).toHaveCount(2, AT_ONCE);
    await expect(page.getByRole('status').filter({ hasText: '2 are unread.' })).toBeVisible();
  }
  await tab.reload();
  await expect(unread(tab)).toHaveCount(2);
});

test('one is marked, and one is deleted, in every tab', async ({ ada, bob }) => {
  await ada.api.notify({ user: 'bob', title: 'First' });
  await ada.api.notify({ user: 'bob', title: 'Second' });
  const [tab, other] = [await bob.openTab('/notifications'), await bob.openTab('/notifications')];
  await letter(tab, 'First').getByRole('button', { name: 'Mark as read' }).click();
  await expect(letter(other, 'First').getByRole('button', { name: 'Mark as unread' })).toBeVisible();
  await expect(unread(other)).toHaveCount(1);
  await letter(other, 'First').getByRole('button', { name: 'Mark as unread' }).click();
  await expect(unread(tab)).toHaveCount(2);

  await letter(tab, 'Second').getByRole('button', { name: 'Delete “Second”' }).click();
  await expect(letter(tab, 'Second')).toHaveCount(0);
  await expect(letter(other, 'Second')).toHaveCount(0);
  await expect(letter(other, 'First')).toBeVisible();
});

test('the filter is in the address, and Back leads through what one chose', async ({ ada, bob }) => {
  await ada.api.notify({ user: 'bob', title: 'Was read' });
  await ada.api.notify({ user: 'bob', title: 'Waits', link: '/kb/notes' });
  const tab = await bob.openTab('/notifications');
  await letter(tab, 'Was read').getByRole('button', { name: 'Mark as read' }).click();
  await expect(unread(tab)).toHaveCount(1);

  await tab.getByRole('link', { name: 'Unread' }).click();
  await expect(tab).toHaveURL('/notifications?unread=1');
  await expect(tab.getByRole('link', { name: 'Unread' })).toHaveAttribute('aria-current', 'page');
  await expect(letter(tab, 'Was read')).toHaveCount(0);
  await expect(letter(tab, 'Waits')).toBeVisible();

  await letter(tab, 'Waits').getByRole('link', { name: 'Waits' }).click();
  await expect(tab).toHaveURL('/kb/notes');
  await tab.goBack();
  await expect(tab).toHaveURL('/notifications?unread=1');
  await expect(tab.getByRole('heading', { name: 'All read' })).toBeVisible();
  await tab.goBack();
  await expect(tab).toHaveURL('/notifications');
  await expect(letter(tab, 'Was read')).toBeVisible();
  await expect(letter(tab, 'Waits')).toBeVisible();

  await visit(tab, '/notifications?unread=1');
  await expect(tab.getByRole('heading', { name: 'All read' })).toBeVisible();
});

test('a long inbox comes in pieces', async ({ ada, bob }) => {
  for (let n = 100; n < 180; n += 1) {
    await ada.api.notify({ user: 'bob', title: `Number ${n}` });
  }
  const tab = await bob.openTab('/notifications');
  await expect(letter(tab, 'Number 179')).toBeVisible();
  await expect(letter(tab, 'Number 100')).toHaveCount(0);
  await tab.getByRole('button', { name: 'Load more' }).click();
  await expect(letter(tab, 'Number 100')).toBeAttached();
  await expect(letter(tab, /Number/)).toHaveCount(80);
});

test('who watches an entry hears when somebody else changes it', async ({ ada, bob }) => {
  await ada.api.createEntry('notes', { title: 'Plan' });
  const tab = await bob.openTab('/kb/notes/e/plan');
  await watch(tab);
  const watched = await bob.openTab('/kb/notes/e/plan');
  await expect(watched.getByRole('button', { name: 'Watching' })).toBeVisible();

  await ada.api.patchEntry('notes', 'plan', { body: 'Changed.' });
  await expect(bell(tab)).toHaveAccessibleName('Notifications, 1 new');
  await expect(tab.locator('.toast')).toHaveCount(0);
  await bell(tab).click();
  await letter(tab, 'ada changed “Plan”').getByRole('link').click();
  await expect(tab).toHaveURL('/kb/notes/e/plan');

  await tab.getByRole('button', { name: 'Watching' }).click();
  await expect(watched.getByRole('button', { name: 'Watch', exact: true })).toBeVisible();
  await ada.api.patchEntry('notes', 'plan', { body: 'Changed again.' });
  await expect(tab.getByRole('article')).toContainText('Changed again.');
  await expect(bell(tab)).toHaveAccessibleName('Notifications');
});

test('who watches a knowledge base hears of what is new in it', async ({ ada, bob }) => {
  const tab = await bob.openTab('/kb/notes');
  await watch(tab);
  await ada.api.createEntry('notes', { title: 'Brand new' });
  await expect(bell(tab)).toHaveAccessibleName('Notifications, 1 new');
  await bell(tab).click();
  await expect(letter(tab, 'ada created “Brand new”')).toBeVisible();
});

test('what is switched off in Settings does not come, and what is for the inbox alone shows no toast', async ({ ada, bob }) => {
  const settings = await bob.openTab('/settings');
  const mentions = settings.getByRole('combobox', { name: 'Someone mentions you (@name)' });
  const messages = settings.getByRole('combobox', { name: 'Messages from programs and people, and everything else' });
  await expect(mentions).toHaveValue('toast');
  await mentions.selectOption('Off');
  await messages.selectOption('Inbox');
  const chosen = async () => (await bob.api.send('GET', '/api/notifications/preferences')).json();
  await expect.poll(chosen).toMatchObject({ mention: 'off', message: 'inbox' });
  await settings.reload();
  await expect(mentions).toHaveValue('off');
  await expect(messages).toHaveValue('inbox');

  const tab = await bob.openTab('/kb/notes');
  await ada.api.createEntry('notes', { title: 'Plan', body: 'For @bob.' });
  await ada.api.notify({ user: 'bob', title: 'A message' });
  await expect(bell(tab)).toHaveAccessibleName('Notifications, 1 new');
  await expect(tab.locator('.toast')).toHaveCount(0);
  await bell(tab).click();
  await expect(letter(tab, /./)).toHaveText(/^A message/);
});

test('a right that is given is told, and leads there', async ({ ada, bob }) => {
  await ada.api.createKb({ name: 'secret', title: 'Secret things', members: 'none' });
  const tab = await bob.openTab('/');
  await expect(connection(tab, 'Live')).toBeVisible();
  await ada.api.giveRight('secret', 'bob', 'read');
  await toast(tab, 'You may now read “Secret things”').getByRole('button', { name: 'Open' }).click();
  await expect(tab).toHaveURL('/kb/secret');
  await expect(tab.getByRole('heading', { level: 1, name: 'Secret things' })).toBeVisible();
});
