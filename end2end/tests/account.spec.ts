import { Api, ApiError, door, expect, PASSWORD, test, visit } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

test('the secret of a token is shown once, lets a program act, and is refused when it is revoked', async ({ ada, server }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes' });
  const tab = await ada.openTab('/settings');
  const tokens = tab.getByRole('region', { name: 'Tokens for programs' });
  await expect(tokens).toContainText('You have no token.');
  await tokens.getByRole('button', { name: 'New token' }).click();
  const dialog = tab.getByRole('dialog', { name: 'New token' });
  await dialog.getByRole('textbox', { name: /^Name of the program/ }).fill('claude');
  await dialog.getByRole('button', { name: 'Make' }).click();
  const secret = await dialog.getByLabel('The token', { exact: true }).inputValue();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(tokens.getByRole('listitem')).toContainText('claude');
  await expect(tokens.getByRole('listitem')).toContainText('never used');

  await visit(tab, '/settings');
  await expect(tokens.getByRole('listitem')).toContainText('claude');
  expect(await tab.content()).not.toContain(secret);

  const program = new Api(server, { authorization: `Bearer ${secret}` });
  await program.createEntry('notes', { title: 'By a program' });
  expect((await ada.api.getEntry('notes', 'by-a-program')).created_by).toContain('claude');

  await tokens.getByRole('button', { name: 'Revoke claude' }).click();
  await tab.getByRole('dialog', { name: 'Revoke this token?' }).getByRole('button', { name: 'Revoke' }).click();
  await expect(tokens).toContainText('You have no token.');
  const refused = await program.getEntry('notes', 'by-a-program').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect((refused as ApiError).problem.status).toBe(401);
});

test('a token for one knowledge base reads no other, and one that may only read writes nothing', async ({ ada, server }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes' });
  await ada.api.createKb({ name: 'other', title: 'Other' });
  const tab = await ada.openTab('/settings');
  await tab.getByRole('button', { name: 'New token' }).click();
  const dialog = tab.getByRole('dialog', { name: 'New token' });
  await dialog.getByRole('textbox', { name: /^Name of the program/ }).fill('reader');
  await dialog.getByRole('checkbox', { name: /^Make and change knowledge bases/ }).uncheck();
  await dialog.getByRole('combobox', { name: 'Where' }).selectOption('Only in Notes');
  await dialog.getByRole('combobox', { name: 'Until when' }).selectOption('30 days');
  await dialog.getByRole('button', { name: 'Make' }).click();
  const program = new Api(server, { authorization: `Bearer ${await dialog.getByLabel('The token', { exact: true }).inputValue()}` });
  await dialog.getByRole('button', { name: 'Done' }).click();
  const line = tab.getByRole('region', { name: 'Tokens for programs' }).getByRole('listitem');
  await expect(line).toContainText('in notes only');
  await expect(line).toContainText('good until');

  await program.send('GET', '/api/kbs/notes/entries');
  await expect(program.send('GET', '/api/kbs/other/entries')).rejects.toThrow(/answered 404/);
  await expect(program.createEntry('notes', { title: 'No' })).rejects.toThrow(/answered 403/);
});

test('a browser that is ended in Settings is logged out', async ({ ada, allowConsole }) => {
  allowConsole(/status of 401/);
  const lost = await ada.openOtherBrowser('/');
  const tab = await ada.openTab('/settings');
  const devices = tab.getByRole('region', { name: 'Browsers logged in' }).getByRole('listitem');
  await expect(devices).toHaveCount(2);
  const other = devices.filter({ hasNotText: 'This one' });
  await other.getByRole('button', { name: /^End / }).click();

  await expect(devices).toHaveCount(1);
  await expect(devices).toContainText('This one');
  await expect(lost.getByRole('status').filter({ hasText: 'You are logged out.' })).toBeVisible();
  await lost.reload();
  await expect(door(lost).logIn).toBeVisible();
  await expect(tab.getByTitle('Connection: Live')).toBeVisible();
});

test('a new browser shows in Settings when it logs in', async ({ ada }) => {
  const tab = await ada.openTab('/settings');
  const devices = tab.getByRole('region', { name: 'Browsers logged in' }).getByRole('listitem');
  await expect(devices).toHaveCount(1);
  await ada.openOtherBrowser('/');
  await expect(devices).toHaveCount(2);
});

test('a new password logs the other browsers out, and this one stays', async ({ ada, allowConsole, page }) => {
  allowConsole(/status of 401/);
  const other = await ada.openOtherBrowser('/');
  const tab = await ada.openTab('/settings');
  const form = tab.getByRole('region', { name: 'Password' });
  await form.getByLabel('Current password').fill('not her password');
  await form.getByLabel('New password').fill('another velvet plough');
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(form.getByRole('alert')).toHaveText('That is not your current password.');

  await form.getByLabel('Current password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(tab.getByText('Your password is changed. All other browsers are logged out.')).toBeVisible();
  await expect(other.getByRole('status').filter({ hasText: 'You are logged out.' })).toBeVisible();
  await expect(tab.getByTitle('Connection: Live')).toBeVisible();

  await page.goto('/login');
  await door(page).name.fill('ada');
  await door(page).password.fill('another velvet plough');
  await door(page).logIn.click();
  await expect(page).toHaveURL('/');
});
