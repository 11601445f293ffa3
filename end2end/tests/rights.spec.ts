import { editor, expect, isSameDocument, markDocument, rowLink, saveState, SAVED, test, visit, type Person } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

test.beforeEach(async ({ ada }) => {
  await ada.api.createKb({ name: 'open', title: 'Open to all', members: 'read' });
  await ada.api.createEntry('open', { title: 'Shared plan', body: 'What everybody knows.' });
  await ada.api.createKb({ name: 'secret', title: 'Secret things', members: 'none' });
  await ada.api.createEntry('secret', { title: 'Hidden plan', body: 'What nobody knows.' });
});

/** What somebody may do in the private knowledge base, chosen on its page. */
async function choose(owner: Person, level: string): Promise<void> {
  const tab = await owner.openTab('/kb/secret/access');
  const select = tab.getByRole('combobox', { name: 'What bob may do' });
  const changed = tab.waitForResponse((response) => response.request().method() === 'POST' && response.ok());
  await select.selectOption({ label: level });
  await changed;
  await tab.close();
}

test('a private knowledge base is in nobody’s list, search, palette or address', async ({ allowConsole, bob }) => {
  allowConsole(/status of 404/);
  const tab = await bob.openTab('/');
  await expect(tab.getByRole('link', { name: 'Open to all' }).first()).toBeVisible();
  await expect(tab.getByText('Secret things')).toHaveCount(0);
  await expect(tab.getByText('Hidden plan')).toHaveCount(0);

  await visit(tab, '/search?q=plan');
  await expect(tab.getByRole('link', { name: 'Shared plan' })).toBeVisible();
  await expect(tab.getByText('Hidden plan')).toHaveCount(0);

  await tab.keyboard.press('Control+k');
  await tab.keyboard.type('plan');
  const palette = tab.getByRole('dialog', { name: 'Search or jump to' });
  await expect(palette.getByRole('option').filter({ hasText: 'Shared plan' })).toBeVisible();
  await expect(palette.getByText('Hidden plan')).toHaveCount(0);

  for (const path of ['/kb/secret', '/kb/secret/e/hidden-plan', '/kb/secret/e/hidden-plan/edit', '/kb/secret/access', '/kb/secret/trash']) {
    await visit(tab, path);
    await expect.soft(tab.getByRole('alert').filter({ hasText: 'No such knowledge base' }), path).toBeVisible();
    await expect.soft(tab.getByText(/Secret things|Hidden plan/), path).toHaveCount(0);
  }
});

test('a right that is given shows at home at once, and one that is taken takes it all away', async ({ ada, allowConsole, bob }) => {
  // The browser's word for what is asked for again.
  allowConsole(/status of 404/);
  const home = await bob.openTab('/');
  const card = home.getByRole('list', { name: 'Knowledge bases' }).getByRole('listitem').filter({ hasText: 'Secret things' });
  await expect(home.getByRole('link', { name: 'Open to all' }).first()).toBeVisible();
  await markDocument(home);

  await choose(ada, 'Read');
  await expect(card).toContainText('1 entry');

  const inside = await bob.openTab('/kb/secret');
  const entry = await bob.openTab('/kb/secret/e/hidden-plan');
  await expect(rowLink(inside, 'Hidden plan')).toBeVisible();
  await markDocument(inside);

  await choose(ada, 'Nothing');
  await expect(card).toHaveCount(0);
  await expect(home.getByText('Hidden plan')).toHaveCount(0);
  await expect(inside.getByRole('heading', { name: 'No such knowledge base' })).toBeVisible();
  await expect(inside.getByText('Hidden plan')).toHaveCount(0);
  await expect(entry.getByRole('heading', { name: 'No such knowledge base' })).toBeVisible();
  await expect(entry.getByText('What nobody knows.')).toHaveCount(0);
  expect(await isSameDocument(home)).toBe(true);
  expect(await isSameDocument(inside)).toBe(true);

  await choose(ada, 'Read and write');
  await expect(card).toContainText('1 entry');
  await expect(rowLink(inside, 'Hidden plan')).toBeVisible();
});

test('an open search and an open palette show nothing of what was just closed', async ({ ada, bob }) => {
  await choose(ada, 'Read');
  const search = await bob.openTab('/search?q=plan');
  await expect(search.getByRole('link', { name: 'Hidden plan' })).toBeVisible();
  await markDocument(search);
  const other = await bob.openTab('/');
  await other.keyboard.press('Control+k');
  await other.keyboard.type('plan');
  const palette = other.getByRole('dialog', { name: 'Search or jump to' });
  await expect(palette.getByRole('option').filter({ hasText: 'Hidden plan' })).toBeVisible();

  await choose(ada, 'Nothing');
  await expect(search.getByRole('link', { name: 'Hidden plan' })).toHaveCount(0);
  await expect(search.getByRole('link', { name: 'Shared plan' })).toBeVisible();
  await expect(palette.getByText('Hidden plan')).toHaveCount(0);
  await expect(palette.getByRole('option').filter({ hasText: 'Shared plan' })).toBeVisible();

  // It is live in all else, too.
  await ada.api.createEntry('open', { title: 'Plan of the day' });
  await expect(search.getByRole('link', { name: 'Plan of the day' })).toBeVisible();
  expect(await isSameDocument(search)).toBe(true);
});

test('what somebody writes where one was let in is live, and what was missed is there', async ({ ada, bob }) => {
  await choose(ada, 'Read');
  const tab = await bob.openTab('/kb/secret');
  await expect(rowLink(tab, 'Hidden plan')).toBeVisible();
  await ada.api.createEntry('secret', { title: 'Another plan' });
  await expect(rowLink(tab, 'Another plan')).toBeVisible();
});

test('who may only read sees nothing to write with, and the editor says so', async ({ bob }) => {
  const tab = await bob.openTab('/kb/open');
  await expect(rowLink(tab, 'Shared plan')).toBeVisible();
  await expect(tab.getByRole('checkbox')).toHaveCount(0);
  await expect(tab.getByRole('link', { name: 'Access' })).toHaveCount(0);

  await rowLink(tab, 'Shared plan').click();
  await expect(tab.getByRole('article')).toContainText('What everybody knows.');
  await expect(tab.getByRole('link', { name: 'History' })).toBeVisible();
  await expect(tab.getByRole('link', { name: 'Edit' })).toHaveCount(0);
  await expect(tab.getByRole('button', { name: 'Rename' })).toHaveCount(0);
  await expect(tab.getByRole('button', { name: 'Delete' })).toHaveCount(0);
  await tab.keyboard.press('e');
  await expect(tab).toHaveURL('/kb/open/e/shared-plan');

  for (const path of ['/kb/open/e/shared-plan/edit', '/kb/open/new']) {
    await visit(tab, path);
    await expect(tab.getByRole('heading', { name: 'You may only read here' }).first()).toBeVisible();
    await expect(editor(tab).text).toHaveCount(0);
  }
});

test('“New” does not lead into a knowledge base in which one may only read', async ({ ada, bob }) => {
  await ada.api.createKb({ name: 'writable', title: 'Writable', members: 'write' });
  const tab = await bob.openTab('/kb/open');
  await expect(rowLink(tab, 'Shared plan')).toBeVisible();
  await tab.getByRole('link', { name: 'New', exact: true }).click();
  const dialog = tab.getByRole('dialog', { name: 'New entry' });
  const options = dialog.getByRole('combobox', { name: 'Knowledge base' }).getByRole('option');
  await expect(options.filter({ hasText: 'Writable' })).toHaveCount(1);
  await expect(options.filter({ hasText: 'Open to all' })).toHaveCount(0);
});

test('who is let write while they read can write', async ({ ada, bob }) => {
  const tab = await bob.openTab('/kb/open/e/shared-plan');
  await expect(tab.getByRole('link', { name: 'History' })).toBeVisible();
  await expect(tab.getByRole('link', { name: 'Edit' })).toHaveCount(0);
  await ada.api.giveRight('open', 'bob', 'write');
  await tab.getByRole('link', { name: 'Edit' }).click();
  await editor(tab).text.fill('What bob knows.');
  await editor(tab).save.click();
  await expect(saveState(tab, SAVED)).toBeVisible();
  expect((await ada.api.getEntry('open', 'shared-plan')).body).toBe('What bob knows.');
});

test('who may no longer write while they write loses nothing', async ({ ada, allowConsole, bob }) => {
  allowConsole(/status of 403/);
  await ada.api.giveRight('open', 'bob', 'write');
  const tab = await bob.openTab('/kb/open/e/shared-plan/edit');
  await editor(tab).text.fill('What bob wanted to say.');
  await ada.api.giveRight('open', 'bob', 'read');
  await editor(tab).save.click();
  await expect(tab.getByRole('alert').filter({ hasText: /may/ })).toBeVisible();
  await expect(editor(tab).text).toHaveValue('What bob wanted to say.');
  await expect(saveState(tab, SAVED)).toHaveCount(0);
  expect((await ada.api.getEntry('open', 'shared-plan')).body).toBe('What everybody knows.');
});

test('who writes is told at once that they may only read now, and when they may write again', async ({ ada, bob }) => {
  await ada.api.giveRight('open', 'bob', 'write');
  const tab = await bob.openTab('/kb/open/e/shared-plan/edit');
  await editor(tab).text.fill('What bob wanted to say.');
  await ada.api.giveRight('open', 'bob', 'read');
  await expect(tab.getByText(/You may only read here now/)).toBeVisible();
  await expect(editor(tab).text).toHaveValue('What bob wanted to say.');
  await ada.api.giveRight('open', 'bob', 'write');
  await expect(tab.getByText(/You may only read here now/)).toBeHidden();
  await editor(tab).save.click();
  await expect(saveState(tab, SAVED)).toBeVisible();
  expect((await ada.api.getEntry('open', 'shared-plan')).body).toBe('What bob wanted to say.');
});

test('who writes is told at once that they may no longer read, keeps their text, and saves it when they may again', async ({
  ada,
  allowConsole,
  bob,
}) => {
  allowConsole(/status of 404/);
  await ada.api.giveRight('secret', 'bob', 'write');
  const tab = await bob.openTab('/kb/secret/e/hidden-plan/edit');
  await editor(tab).text.fill('What bob wanted to say.');
  await ada.api.giveRight('secret', 'bob', 'none');
  await expect(tab.getByText(/you may no longer read it/)).toBeVisible();
  await expect(editor(tab).save).toBeDisabled();
  await expect(editor(tab).text).toHaveValue('What bob wanted to say.');
  expect((await ada.api.getEntry('secret', 'hidden-plan')).body).toBe('What nobody knows.');

  await ada.api.giveRight('secret', 'bob', 'write');
  await expect(tab.getByText(/you may no longer read it/)).toBeHidden();
  await editor(tab).save.click();
  await expect(saveState(tab, SAVED)).toBeVisible();
  expect((await ada.api.getEntry('secret', 'hidden-plan')).body).toBe('What bob wanted to say.');
});
