import { connection, expect, isSameDocument, list, markDocument, rowLink, Sockets, test, visit } from '../fixtures/index.ts';

const BANNER = 'No connection. What you write is kept in this browser and sent later.';

test.beforeEach(async ({ api, allowConsole }) => {
  allowConsole(/net::ERR_|WebSocket connection to/);
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createEntry('notes', { title: 'From before' });
});

test('a tab has one socket, on whatever page it is', async ({ openTab }) => {
  const tab = await openTab();
  const sockets = Sockets.of(tab);
  await visit(tab, '/');
  await expect(connection(tab, 'Live')).toBeVisible();
  await tab.getByRole('link', { name: 'Notes' }).first().click();
  await rowLink(tab, 'From before').click();
  await expect(tab.getByRole('heading', { level: 1, name: 'From before' })).toBeVisible();
  await expect(connection(tab, 'Live')).toBeVisible();
  expect(sockets.mostAtOnce).toBe(1);
  expect(sockets.open).toBe(1);
});

test('over a killed server a tab tells how it is, comes back, and catches up', async ({ server, openTab }) => {
  const tab = await openTab();
  const sockets = Sockets.of(tab);
  await visit(tab, '/kb/notes');
  await expect(connection(tab, 'Live')).toBeVisible();
  await markDocument(tab);

  await server.kill9();
  await expect(connection(tab, 'Offline')).toBeVisible();
  await expect(tab.getByText(BANNER)).toBeVisible();
  await expect(tab.getByText(/Next try in \d+ s\./)).toBeVisible();
  await expect(rowLink(tab, 'From before')).toBeVisible();
  await server.cli('entry', 'create', '--kb', 'notes', '--title', 'Written meanwhile');

  await server.start();
  await expect(connection(tab, 'Live')).toBeVisible({ timeout: 60_000 });
  await expect(tab.getByText(BANNER)).toBeHidden();
  await expect(list(tab).getByRole('link')).toHaveText(['Written meanwhile', 'From before']);
  expect(sockets.open).toBe(1);
  expect(sockets.mostAtOnce).toBe(1);
  expect(await isSameDocument(tab)).toBe(true);
});

test('nobody is alarmed by a connection that is back at once', async ({ network, openTab }) => {
  const tab = await openTab(`${network.url}/kb/notes`);
  await expect(connection(tab, 'Live')).toBeVisible();
  network.cut();
  await expect(connection(tab, 'Offline')).toBeVisible();
  await expect(tab.getByText(BANNER)).toBeHidden();
  network.heal();
  await expect(connection(tab, 'Live')).toBeVisible();
});

test('“Retry now” does not wait for the countdown', async ({ network, openTab }) => {
  const tab = await openTab();
  await tab.clock.install();
  await visit(tab, `${network.url}/kb/notes`);
  await expect(connection(tab, 'Live')).toBeVisible();
  network.cut();
  await expect(tab.getByText(BANNER)).toBeVisible();
  // From here on no try comes by itself.
  await tab.clock.pauseAt(new Date(Date.now() + 1_000));
  await expect(tab.getByText(/Next try in \d+ s\./)).toBeVisible();

  network.heal();
  await tab.getByRole('button', { name: 'Retry now' }).click();
  await expect(connection(tab, 'Live')).toBeVisible();
});

test('offline, then online: what others wrote meanwhile is there, once and in order', async ({ api, network, context, openTab }) => {
  const tab = await openTab();
  const sockets = Sockets.of(tab);
  await visit(tab, `${network.url}/kb/notes`);
  await expect(connection(tab, 'Live')).toBeVisible();
  await markDocument(tab);

  network.cut();
  await context.setOffline(true);
  await expect(connection(tab, 'Offline')).toBeVisible();
  await api.createEntry('notes', { title: 'One' });
  await api.createEntry('notes', { title: 'Two' });
  await api.patchEntry('notes', 'one', { title: 'One, changed' });
  await api.deleteEntry('notes', 'from-before');

  network.heal();
  await context.setOffline(false);
  await expect(connection(tab, 'Live')).toBeVisible();
  await expect(list(tab).getByRole('link')).toHaveText(['One, changed', 'Two']);
  expect(sockets.open).toBe(1);
  expect(await isSameDocument(tab)).toBe(true);
});

test('a connection that died without a word is found out and replaced', async ({ api, network, context, openTab }) => {
  const tab = await openTab();
  const sockets = Sockets.of(tab);
  await visit(tab, `${network.url}/kb/notes`);
  await expect(connection(tab, 'Live')).toBeVisible();

  network.stall();
  // The browser has noticed something: the tab asks the server whether it is there.
  await context.setOffline(true);
  await context.setOffline(false);
  await expect(connection(tab, 'Offline')).toBeVisible();
  await api.createEntry('notes', { title: 'Written meanwhile' });

  network.heal();
  await expect(connection(tab, 'Live')).toBeVisible({ timeout: 60_000 });
  await expect(list(tab).getByRole('link')).toHaveText(['Written meanwhile', 'From before']);
  await expect.poll(() => sockets.open).toBe(1);
});

test('a page that is opened from the cache of the browser catches up', async ({ api, openTab }) => {
  const tab = await openTab('/kb/notes');
  await expect(connection(tab, 'Live')).toBeVisible();
  await tab.goto('/docs');
  await api.createEntry('notes', { title: 'Written meanwhile' });
  await tab.goBack();
  await expect(rowLink(tab, 'Written meanwhile')).toBeVisible();
  await expect(connection(tab, 'Live')).toBeVisible();
});

test('an open entry is right again after the server was away', async ({ server, openTab }) => {
  const tab = await openTab('/kb/notes/e/from-before');
  await expect(connection(tab, 'Live')).toBeVisible();
  await server.kill9();
  await server.cli('entry', 'edit', 'notes', 'from-before', '--title', 'From after', '--body', 'New text.');
  await server.start();
  await expect(tab.getByRole('heading', { level: 1, name: 'From after' })).toBeVisible({ timeout: 60_000 });
  await expect(tab.getByRole('article')).toContainText('New text.');
});
