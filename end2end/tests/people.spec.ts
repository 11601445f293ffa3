import { door, expect, PASSWORD, personMenu, rowLink, Sockets, test, visit } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

/** What is shown in place of a page to who is logged out in the middle of it. */
const LOGGED_OUT = 'You are logged out. What you wrote is kept in this browser.';

test('the first comes by the link that the server prints, owns it all, and uses the link up', async ({ allowConsole, page, server }) => {
  // The browser's word for the link that is used up.
  allowConsole(/status of 410/);
  await page.goto(server.claim);
  await expect(page.getByRole('heading', { name: 'Make this Tidings yours' })).toBeVisible();
  await expect(door(page).name).toBeFocused();
  await door(page).name.fill('ada');
  await door(page).password.fill(PASSWORD);
  await door(page).make.click();

  await expect(page).toHaveURL('/');
  await visit(page, '/settings');
  await expect(page.getByRole('heading', { name: 'ada Owner' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'People of this server' })).toBeVisible();

  await page.goto(server.claim);
  await expect(page.getByRole('heading', { name: 'The link is no longer good' })).toBeVisible();
  await page.getByRole('link', { name: 'Log in' }).click();
  await expect(page).toHaveURL('/');
});

test('a weak password says what is missing, and the name stays', async ({ allowConsole, page, server }) => {
  allowConsole(/status of 422/);
  await page.goto(server.claim);
  const { name, password, make } = door(page);
  await name.fill('ada');
  await password.fill('short');
  await make.click();
  await expect(page.getByRole('alert')).toHaveText('The password has 5 characters; give it at least 10.');
  await expect(name).toHaveValue('ada');
  await expect(password).toHaveAccessibleDescription(/has 5 characters/);

  await password.fill('password123');
  await make.click();
  await expect(page.getByRole('alert')).toContainText('The password is too weak.');

  await password.fill(PASSWORD);
  await make.click();
  await expect(page).toHaveURL('/');
});

test('a wrong password says so and keeps the name, and the right one leads where one wanted to go', async ({ ada, allowConsole, page }) => {
  allowConsole(/status of 401/);
  await ada.api.createKb({ name: 'notes', title: 'Notes' });
  await ada.api.createEntry('notes', { title: 'Plan, do' });
  const wanted = '/kb/notes?q=plan&sort=title';

  await page.goto(wanted);
  await expect(page).toHaveURL(/\/login\?next=/);
  const { name, password, logIn } = door(page);
  await name.fill('ada');
  await password.fill('not her password');
  await logIn.click();
  await expect(page.getByRole('alert')).toHaveText('Wrong name or password.');
  await expect(name).toHaveValue('ada');
  await expect(password).toBeFocused();

  await password.fill(PASSWORD);
  await logIn.click();
  await expect(page).toHaveURL(wanted);
  await expect(rowLink(page, 'Plan, do')).toBeVisible();
});

test('who logs out is at the login, and the other tab of the browser says so and leads back', async ({ ada }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes' });
  await ada.api.createEntry('notes', { title: 'Plan' });
  const other = await ada.openTab();
  const sockets = Sockets.of(other);
  await visit(other, '/kb/notes/e/plan?from=a%26b');
  await expect.poll(() => sockets.open).toBe(1);
  const tab = await ada.openTab('/');

  await personMenu(tab, 'ada').button.click();
  await personMenu(tab, 'ada').logOut.click();
  await expect(tab).toHaveURL('/login');

  await expect(other.getByRole('status').filter({ hasText: LOGGED_OUT })).toBeVisible();
  await expect.poll(() => sockets.open).toBe(0);
  await other.getByRole('link', { name: 'Log in' }).first().click();
  await door(other).name.fill('ada');
  await door(other).password.fill(PASSWORD);
  await door(other).logIn.click();
  await expect(other).toHaveURL('/kb/notes/e/plan?from=a%26b');
  await expect(other.getByRole('heading', { level: 1, name: 'Plan' })).toBeVisible();
});

test('the way back leads to the same place of the page', async ({ ada }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes' });
  await ada.api.createEntry('notes', { title: 'Plan', body: '## First\n\n## Second\n' });
  const other = await ada.openTab('/kb/notes/e/plan#second');
  const tab = await ada.openTab('/');
  await personMenu(tab, 'ada').button.click();
  await personMenu(tab, 'ada').logOut.click();

  await other.getByRole('link', { name: 'Log in' }).first().click();
  await door(other).name.fill('ada');
  await door(other).password.fill(PASSWORD);
  await door(other).logIn.click();
  await expect(other).toHaveURL('/kb/notes/e/plan#second');
});

test('whoever tries many passwords is told when to try again, and gets in then', async ({ ada, allowConsole, page }) => {
  allowConsole(/status of (401|429)/);
  await page.goto('/login');
  const tooMany = page.getByRole('alert').filter({ hasText: /Try again in \d+ s\.$/ });
  for (let tries = 1; tries <= 10 && (await tooMany.count()) === 0; tries += 1) {
    await door(page).name.fill(ada.name);
    await door(page).password.fill('not her password');
    await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), door(page).logIn.click()]);
    await expect(page.getByRole('alert')).toBeVisible();
  }
  await expect(tooMany).toBeVisible();
  await expect(door(page).name).toHaveValue(ada.name);
  await expect(async () => {
    await door(page).password.fill(PASSWORD);
    await door(page).logIn.click();
    await expect(page).toHaveURL('/', { timeout: 1_000 });
  }).toPass();
});

test('who was just here counts as seen', async ({ ada, bob }) => {
  await bob.openTab('/');
  const tab = await ada.openTab('/settings/people');
  const persons = tab.getByRole('region', { name: 'People', exact: true }).getByRole('listitem');
  await expect(persons.filter({ hasText: 'ada' })).toContainText('Seen just now');
  await expect(persons.filter({ hasText: 'bob' })).toContainText('Seen just now');
});

test('who is invited joins by the link, is a member, and uses the link up', async ({ ada, allowConsole, people }) => {
  allowConsole(/status of 410/);
  const tab = await ada.openTab('/settings');
  await tab.getByRole('link', { name: 'People of this server' }).click();
  await tab.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = tab.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await dialog.getByLabel('The link', { exact: true }).inputValue();
  await dialog.getByRole('button', { name: 'Done' }).click();
  const invitations = tab.getByRole('region', { name: 'Invitations' });
  await expect(invitations.getByRole('listitem')).toContainText('For a member');

  const guest = await (await people.openBrowser()).newPage();
  await guest.goto(link);
  await expect(guest.getByText('You were invited as a member.')).toBeVisible();
  await door(guest).name.fill('bob');
  await door(guest).password.fill(PASSWORD);
  await door(guest).make.click();
  await expect(guest).toHaveURL('/');
  await visit(guest, '/settings');
  await expect(guest.getByRole('heading', { name: 'bob Member' })).toBeVisible();
  await expect(guest.getByRole('link', { name: 'People of this server' })).toHaveCount(0);

  const persons = tab.getByRole('region', { name: 'People', exact: true });
  await expect(persons.getByRole('listitem').filter({ hasText: 'bob' }).getByRole('combobox')).toHaveValue('member');
  await expect(invitations).toContainText('No invitation is open.');

  const late = await (await people.openBrowser()).newPage();
  await late.goto(link);
  await expect(late.getByRole('heading', { name: 'The link is no longer good' })).toBeVisible();
});

test('an invitation that is withdrawn lets nobody in', async ({ ada, allowConsole, page }) => {
  allowConsole(/status of 410/);
  const path = await ada.api.invite();
  const tab = await ada.openTab('/settings/people');
  const invitations = tab.getByRole('region', { name: 'Invitations' });
  await invitations.getByRole('button', { name: 'Withdraw' }).click();
  await expect(invitations).toContainText('No invitation is open.');
  await page.goto(path);
  await expect(page.getByRole('heading', { name: 'The link is no longer good' })).toBeVisible();
});

test('a member does not get to the people of the server', async ({ allowConsole, bob }) => {
  allowConsole(/status of 403/);
  const tab = await bob.openTab('/settings/people');
  await expect(tab.getByRole('heading', { level: 1, name: 'Not allowed' })).toBeVisible();
  await personMenu(tab, 'bob').button.click();
  await expect(personMenu(tab, 'bob').settings).toBeVisible();
  await expect(personMenu(tab, 'bob').people).toHaveCount(0);
});

test('who becomes an owner while they are here may do what owners do', async ({ ada, bob }) => {
  const theirs = await bob.openTab('/');
  const tab = await ada.openTab('/settings/people');
  await tab.getByRole('combobox', { name: 'What bob is on this server' }).selectOption('Owner');
  await personMenu(theirs, 'bob').button.click();
  await expect(personMenu(theirs, 'bob').people).toBeVisible();
});

test('a person who is removed is logged out, and what they wrote stays', async ({ ada, allowConsole, bob }) => {
  allowConsole(/status of 401/);
  await ada.api.createKb({ name: 'notes', title: 'Notes', members: 'write' });
  await bob.api.createEntry('notes', { title: 'By bob' });
  const theirs = await bob.openTab('/kb/notes');
  const tab = await ada.openTab('/settings/people');
  await tab.getByRole('button', { name: 'Remove bob' }).click();
  await tab.getByRole('dialog', { name: 'Remove this person?' }).getByRole('button', { name: 'Remove' }).click();
  await expect(tab.getByRole('button', { name: 'Remove bob' })).toHaveCount(0);

  await expect(theirs.getByRole('status').filter({ hasText: LOGGED_OUT })).toBeVisible();
  await visit(tab, '/kb/notes');
  await expect(rowLink(tab, 'By bob')).toBeVisible();
});
