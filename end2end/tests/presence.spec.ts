import { editor, expect, present, test, visit } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

test.beforeEach(async ({ ada }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes', members: 'write' });
  await ada.api.createEntry('notes', { title: 'Plan', body: 'Some text.' });
  await ada.api.createEntry('notes', { title: 'Other' });
});

test('who reads an entry is seen there by others, and not by themselves', async ({ ada, bob }) => {
  const tab = await ada.openTab('/kb/notes/e/plan');
  await expect(tab.getByTitle('Connection: Live')).toBeVisible();
  await expect(present(tab)).toHaveCount(0);

  const theirs = await bob.openTab('/kb/notes/e/plan');
  await expect(present(tab)).toHaveText(/bob is reading$/);
  await expect(present(tab)).toHaveAttribute('title', 'bob is reading');
  await expect(present(tab)).toContainText('B');
  await expect(present(theirs)).toHaveText(/ada is reading$/);

  await bob.openTab('/kb/notes/e/plan');
  await expect(present(theirs)).toHaveCount(1);
  await expect(present(tab)).toHaveCount(1);
});

test('who goes on to another entry is seen there and no longer here', async ({ ada, bob }) => {
  const tab = await ada.openTab('/kb/notes/e/plan');
  const other = await ada.openTab('/kb/notes/e/other');
  const theirs = await bob.openTab('/kb/notes/e/plan');
  await expect(present(tab)).toHaveText(/bob is reading$/);
  await expect(present(other)).toHaveCount(0);
  await visit(theirs, '/kb/notes/e/other');
  await expect(present(other)).toHaveText(/bob is reading$/);
  await expect(present(tab)).toHaveCount(0);

  const list = await ada.openTab('/kb/notes');
  await expect(present(list)).toHaveText(/bob is reading$/);
});

test('who edits is seen editing, and those who edit too are told who does and who types', async ({ ada, bob }) => {
  const reader = await ada.openTab('/kb/notes/e/plan');
  const writer = await ada.openTab('/kb/notes/e/plan/edit');
  const theirs = await bob.openTab('/kb/notes/e/plan');
  await expect(present(reader)).toHaveText(/bob is reading$/);

  await theirs.getByRole('link', { name: 'Edit' }).click();
  await expect(editor(theirs).text).toBeVisible();
  await expect(present(reader)).toHaveText(/bob is editing$/);
  await expect(present(writer)).toHaveText(/bob is editing$/);
  const company = writer.getByRole('status').filter({ hasText: 'bob is editing this too.' });
  await expect(company).toBeVisible();

  await editor(theirs).text.pressSequentially('More ');
  await expect(writer.getByRole('status').filter({ hasText: 'bob is typing…' })).toBeVisible();
  await expect(theirs.getByText(/ada is typing/)).toHaveCount(0);
  await expect(company).toBeVisible();
});

test('who closes their browser is gone', async ({ ada, bob }) => {
  const tab = await ada.openTab('/kb/notes/e/plan');
  await bob.openTab('/kb/notes/e/plan');
  await expect(present(tab)).toHaveText(/bob is reading$/);
  await bob.closeBrowser();
  await expect(present(tab)).toHaveCount(0);
});

test('who is at home is seen at home', async ({ ada, bob }) => {
  const tab = await ada.openTab('/');
  const here = tab.getByRole('region', { name: 'Here now' });
  await expect(here).toBeHidden();
  await bob.openTab('/');
  await expect(here.getByRole('listitem')).toHaveText(/bob$/);
  await bob.closeBrowser();
  await expect(here).toBeHidden();
});

test('nobody is seen in a private knowledge base by who may not read it', async ({ ada, bob }) => {
  await ada.api.createKb({ name: 'secret', title: 'Secret things', members: 'none' });
  await ada.openTab('/kb/secret');
  const seen = async () => (await ada.api.send('GET', '/api/presence?topic=kb:secret')).json();
  await expect.poll(seen).toMatchObject({ people: [{ user_id: 'ada' }] });
  await expect(bob.api.send('GET', '/api/presence?topic=kb:secret')).rejects.toThrow(/answered 404/);
});

test('who is there before one comes is seen at once', async ({ ada, bob }) => {
  const theirs = await bob.openTab('/kb/notes/e/plan/edit');
  await expect(editor(theirs).text).toBeVisible();
  await expect(theirs.getByTitle('Connection: Live')).toBeVisible();
  const tab = await ada.openTab('/kb/notes/e/plan');
  await expect(present(tab)).toHaveText(/bob is editing$/);
});
