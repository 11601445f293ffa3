// Several people at one browser, one after the other: nobody gets what was another's.

import type { Page } from '@playwright/test';
import { door, editor, expect, PASSWORD, personMenu, SAVED, saveState, test, visit } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

test.beforeEach(async ({ ada }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes', members: 'write' });
  await ada.api.createEntry('notes', { title: 'Plan', body: 'What all know.' });
  await ada.api.createKb({ name: 'secret', title: 'Secret things', members: 'none' });
  await ada.api.createEntry('secret', { title: 'Hidden', body: 'What ada knows.' });
});

async function logOut(page: Page, name: string): Promise<void> {
  await personMenu(page, name).button.click();
  await personMenu(page, name).logOut.click();
  await expect(door(page).logIn).toBeVisible();
}

async function logIn(page: Page, name: string): Promise<void> {
  await door(page).name.fill(name);
  await door(page).password.fill(PASSWORD);
  await door(page).logIn.click();
  await expect(personMenu(page, name).button).toBeVisible();
}

test('a draft is offered to nobody but its author', async ({ ada, bob }) => {
  const tab = await ada.openTab('/kb/notes/e/plan/edit');
  await editor(tab).text.fill('What only ada was to see yet.');
  await expect(saveState(tab, /./).first()).toBeVisible();
  // It is kept when the page is left.
  await visit(tab, '/');
  await logOut(tab, 'ada');

  await logIn(tab, bob.name);
  await visit(tab, '/kb/notes/e/plan/edit');
  await expect(editor(tab).text).toHaveValue('What all know.');
  await visit(tab, '/');
  await logOut(tab, bob.name);

  await logIn(tab, 'ada');
  await visit(tab, '/kb/notes/e/plan/edit');
  await expect(editor(tab).text).toHaveValue('What only ada was to see yet.');
});

test('Back after the log-out shows nothing of what was there', async ({ ada }) => {
  const tab = await ada.openTab('/kb/secret/e/hidden');
  await expect(tab.getByText('What ada knows.')).toBeVisible();
  await logOut(tab, 'ada');
  await tab.goBack();
  await expect(door(tab).logIn).toBeVisible();
  await expect(tab.getByText('What ada knows.')).toHaveCount(0);
});

test('who comes next sees nothing of who was there before', async ({ ada, bob }) => {
  await ada.api.notify({ user: 'ada', title: 'For ada alone' });
  const tab = await ada.openTab('/');
  await expect(tab.getByRole('link', { name: /Secret things/ }).first()).toBeVisible();
  await visit(tab, '/notifications');
  await expect(tab.getByText('For ada alone')).toBeVisible();
  await logOut(tab, 'ada');
  await logIn(tab, bob.name);
  await expect(tab.getByRole('link', { name: /^Notes/ }).first()).toBeVisible();
  await expect(tab.getByText('Secret things')).toHaveCount(0);
  await visit(tab, '/notifications');
  await expect(tab.getByRole('heading', { name: 'No notifications yet' })).toBeVisible();
});

test('a tab that somebody left open writes nothing in the name of who came next', async ({ ada, allowConsole, bob }) => {
  allowConsole(/status of (401|403|409)/);
  const left = await ada.openTab('/kb/notes/e/plan/edit');
  await editor(left).text.fill('What ada has written.');
  const tab = await ada.openTab('/');
  await logOut(tab, 'ada');
  await logIn(tab, bob.name);

  await expect(left.getByText('You are logged out.').first()).toBeVisible();
  await editor(left).save.click();
  await expect(left.getByRole('main').getByRole('alert').filter({ hasText: /./ })).toBeVisible();
  await expect(editor(left).text).toHaveValue('What ada has written.');
  await expect(saveState(left, SAVED)).toHaveCount(0);
  expect((await bob.api.getEntry('notes', 'plan')).body).toBe('What all know.');
});
