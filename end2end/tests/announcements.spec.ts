import { announcement, expect, test, visit } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

test('what an owner announces shows in everybody’s tabs, and for who comes later', async ({ ada, bob, people }) => {
  const tab = await ada.openTab('/settings/people');
  const theirs = await bob.openTab('/');

  await tab.getByRole('button', { name: 'Announce something' }).click();
  const dialog = tab.getByRole('dialog', { name: 'Announce something' });
  await dialog.getByRole('textbox', { name: 'What everybody is told' }).fill('Tonight the server rests.');
  await dialog.getByRole('combobox', { name: 'How much it weighs' }).selectOption({ value: 'warning' });
  await dialog.getByRole('button', { name: 'Announce' }).click();

  await expect(dialog).toBeHidden();
  await expect(announcement(tab, 'Tonight the server rests.')).toBeVisible();
  await expect(announcement(theirs, 'Tonight the server rests.')).toBeVisible();
  await expect(theirs.getByRole('status').filter({ hasText: 'Tonight the server rests.' })).toBeVisible();

  const eve = await people.join('eve', await ada.api.invite());
  const late = await eve.openTab('/');
  await expect(announcement(late, 'Tonight the server rests.')).toBeVisible();
});

test('it is dismissed in every tab of the same person, and stays for others', async ({ ada, bob }) => {
  await ada.api.announce({ message: 'Tonight the server rests.' });
  const theirs = await ada.openTab('/');
  const [tab, other] = [await bob.openTab('/'), await bob.openTab('/settings')];
  await expect(announcement(other, 'Tonight')).toBeVisible();

  await announcement(tab, 'Tonight').getByRole('button', { name: 'Dismiss' }).click();
  await expect(announcement(tab, 'Tonight')).toHaveCount(0);
  await expect(announcement(other, 'Tonight')).toHaveCount(0);
  await visit(tab, '/');
  await expect(announcement(tab, 'Tonight')).toHaveCount(0);
  await expect(announcement(theirs, 'Tonight')).toBeVisible();
});

test('one that is critical is an alert, in a region that was there before it', async ({ ada, bob }) => {
  const tab = await bob.openTab('/');
  const alerts = tab.getByRole('alert').filter({ hasText: 'The disk is nearly full.' });
  await expect(alerts).toHaveCount(0);
  await ada.api.announce({ message: 'The disk is nearly full.', level: 'critical' });
  await expect(alerts).toBeVisible();
  await expect(tab.getByRole('status').filter({ hasText: 'The disk is nearly full.' })).toHaveCount(0);
});

test('one that is withdrawn leaves everybody’s tabs', async ({ ada, bob }) => {
  await ada.api.announce({ message: 'Tonight the server rests.' });
  const theirs = await bob.openTab('/');
  await expect(announcement(theirs, 'Tonight')).toBeVisible();
  const tab = await ada.openTab('/settings/people');
  await tab.getByRole('region', { name: 'Announcements' }).getByRole('button', { name: 'Withdraw' }).click();
  await expect(announcement(theirs, 'Tonight')).toHaveCount(0);
  await expect(tab.getByRole('region', { name: 'Announcements' })).toContainText('Nothing is announced.');
});

test('an announcement is in the page before it is alive', async ({ ada, bob }) => {
  await ada.api.announce({ message: 'Tonight the server rests.' });
  const answer = await bob.api.send('GET', '/');
  expect(await answer.text()).toContain('Tonight the server rests.');
});
