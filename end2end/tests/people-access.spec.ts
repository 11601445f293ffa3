import type { Page } from '@playwright/test';
import { axe, bell, connection, door, expect, letter, personMenu, present, test, visit, type Person } from '../fixtures/index.ts';

test.use({ serverOptions: { auth: 'required' } });

const LONG_WORD = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen';
/** Pages of who is logged in. */
const PAGES = ['/notifications', '/notifications?unread=1', '/settings', '/settings/people', '/kb/notes', '/kb/notes/access', '/kb/notes/e/plan'];

/** People, notifications, announcements and tokens: all that these pages show. */
async function fill(ada: Person, bob: Person): Promise<void> {
  await ada.api.createKb({ name: 'notes', title: 'Notes', members: 'none' });
  await ada.api.giveRight('notes', 'bob', 'read');
  await ada.api.createEntry('notes', { title: 'Plan', body: 'Some text.' });
  await ada.api.notify({ user: 'ada', title: `About ${LONG_WORD}`, message: `${LONG_WORD}${LONG_WORD}`, link: '/kb/notes' });
  await ada.api.notify({ user: 'ada', title: 'Without a link', message: 'The rest.' });
  await bob.api.notify({ user: 'ada', title: 'From bob', link: 'https://example.org/' });
  await ada.api.announce({ message: `Tonight the server rests. ${LONG_WORD}`, level: 'critical' });
  await ada.api.announce({ message: 'Good to know.' });
  await ada.api.invite();
  await ada.api.send('POST', '/api/tokens', { body: { name: 'claude', expires_in_days: 30 } });
}

/** Goes through all pages, first those of who is not yet in, and looks at each. */
async function forEachPage(ada: Person, stranger: Page, paths: readonly string[], look: (page: Page, path: string) => Promise<void>): Promise<void> {
  for (const path of ['/login', await ada.api.invite()]) {
    await stranger.goto(path);
    await expect(stranger.getByRole('heading', { level: 1 })).toBeVisible();
    await look(stranger, path);
  }
  const tab = await ada.openTab();
  for (const path of paths) {
    await visit(tab, path);
    await expect(tab.getByRole('heading', { level: 1 }).first()).toBeAttached();
    await expect(connection(tab, 'Live')).toBeVisible();
    await look(tab, path);
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('no page of people keeps anybody out', async ({ ada, allowConsole, bob, page }) => {
      test.slow();
      allowConsole(/status of (401|403|410)/);
      await fill(ada, bob);
      await bob.openTab('/kb/notes/e/plan');
      await forEachPage(ada, page, PAGES, async (tab) => axe(tab));

      await page.goto('/login');
      await door(page).name.fill('ada');
      await door(page).password.fill('not her password');
      await door(page).logIn.click();
      await expect(page.getByRole('alert')).toBeVisible();
      await axe(page);
      await page.goto('/join/used-up');
      await axe(page);

      const empty = await bob.openTab('/notifications?unread=1');
      await expect(empty.getByRole('heading', { level: 1 })).toBeVisible();
      await axe(empty);
      await visit(empty, '/settings/people');
      await axe(empty);
    });

    test('the page of the first owner keeps nobody out', async ({ allowConsole, page, server }) => {
      allowConsole(/status of 422/);
      await page.goto(server.claim);
      await axe(page);
      await door(page).name.fill('ada');
      await door(page).password.fill('short');
      await door(page).make.click();
      await expect(page.getByRole('alert')).toBeVisible();
      await axe(page);
    });

    test('no dialog of people keeps anybody out', async ({ ada, bob }) => {
      await fill(ada, bob);
      const tab = await ada.openTab('/settings');
      const open = async (button: string, dialog: string) => {
        await tab.getByRole('button', { name: button }).click();
        await expect(tab.getByRole('dialog', { name: dialog })).toBeVisible();
        await axe(tab);
      };
      await open('New token', 'New token');
      await tab.getByRole('textbox', { name: /^Name of the program/ }).fill('other');
      await tab.getByRole('dialog').getByRole('button', { name: 'Make' }).click();
      await expect(tab.getByLabel('The token', { exact: true })).toBeVisible();
      await axe(tab);
      await visit(tab, '/settings/people');
      await open('Invite somebody', 'Invite somebody');
      await tab.keyboard.press('Escape');
      await open('Announce something', 'Announce something');
      await tab.keyboard.press('Escape');
      await open('Remove bob', 'Remove this person?');
      await tab.keyboard.press('Escape');
      await personMenu(tab, 'ada').button.click();
      await expect(personMenu(tab, 'ada').logOut).toBeVisible();
      await axe(tab);
    });
  });
}

test.describe('on a narrow screen', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('no page of people is wider than the screen, and the bell and the menu are in sight', async ({ ada, bob, page }) => {
    test.slow();
    await fill(ada, bob);
    await bob.openTab('/kb/notes/e/plan');
    await forEachPage(ada, page, ['/', ...PAGES], async (tab, path) => {
      const { content, screen } = await tab.evaluate(() => ({ content: document.documentElement.scrollWidth, screen: window.innerWidth }));
      expect.soft(content, `width of ${path}`).toBeLessThanOrEqual(screen);
      if (tab !== page) {
        await expect.soft(bell(tab), path).toBeInViewport({ ratio: 1 });
        await expect.soft(personMenu(tab, 'ada').button, path).toBeInViewport({ ratio: 1 });
        await expect.soft(tab.getByRole('link', { name: 'New', exact: true }), path).toBeInViewport({ ratio: 1 });
      }
      for (const button of await tab.getByRole('button').all()) {
        const box = (await button.isVisible()) ? await button.boundingBox() : undefined;
        expect.soft(Math.min(box?.width ?? 24, box?.height ?? 24), `${await button.textContent()} at ${path}`).toBeGreaterThanOrEqual(24);
      }
      if (path === '/kb/notes/e/plan') {
        await expect.soft(present(tab)).toBeInViewport({ ratio: 1 });
      }
    });
  });

  test('the menu fits the screen and is complete', async ({ ada }) => {
    const tab = await ada.openTab('/');
    const menu = personMenu(tab, 'ada');
    await menu.button.click();
    for (const item of [menu.jobs, menu.settings, menu.people, menu.log, menu.logOut]) {
      await expect(item).toBeInViewport({ ratio: 1 });
    }
  });
});

test('by keyboard alone: to the notifications, through them, and into one', async ({ ada, bob }) => {
  await ada.api.createKb({ name: 'notes', title: 'Notes' });
  for (const name of ['one', 'two', 'three']) {
    await ada.api.createEntry('notes', { title: name });
    await ada.api.notify({ user: 'bob', title: `About ${name}`, link: `/kb/notes/e/${name}` });
  }
  const tab = await bob.openTab('/');
  await tab.keyboard.press('g');
  await tab.keyboard.press('n');
  await expect(tab).toHaveURL('/notifications');
  await expect(letter(tab, /About/)).toHaveCount(3);
  await tab.keyboard.press('j');
  await expect(tab.getByRole('link', { name: 'About three' })).toBeFocused();
  await tab.keyboard.press('j');
  await tab.keyboard.press('j');
  await expect(tab.getByRole('link', { name: 'About one' })).toBeFocused();
  await tab.keyboard.press('k');
  await expect(tab.getByRole('link', { name: 'About two' })).toBeFocused();
  await tab.keyboard.press('Enter');
  await expect(tab).toHaveURL('/kb/notes/e/two');
  await expect(tab.getByRole('heading', { level: 1, name: 'two' })).toBeVisible();
  await tab.goBack();
  await expect(letter(tab, 'About two').getByRole('button', { name: 'Mark as unread' })).toBeVisible();
  await expect(letter(tab, 'About one').getByRole('button', { name: 'Mark as read' })).toBeVisible();
});

test('by keyboard alone: the menu opens, closes, and logs out', async ({ ada }) => {
  const tab = await ada.openTab('/');
  const menu = personMenu(tab, 'ada');
  await menu.button.focus();
  await tab.keyboard.press('Enter');
  await expect(menu.settings).toBeVisible();
  await tab.keyboard.press('Tab');
  await expect(menu.jobs).toBeFocused();
  await tab.keyboard.press('Escape');
  await expect(menu.settings).toBeHidden();
  await expect(menu.button).toBeFocused();

  await tab.keyboard.press('Enter');
  await tab.keyboard.press('Tab');
  await tab.keyboard.press('Tab');
  await expect(menu.settings).toBeFocused();
  await tab.keyboard.press('Enter');
  await expect(tab).toHaveURL('/settings');
  await expect(menu.settings).toBeHidden();

  await menu.button.focus();
  await tab.keyboard.press('Space');
  for (const item of [menu.jobs, menu.settings, menu.people, menu.log, menu.logOut]) {
    await tab.keyboard.press('Tab');
    await expect(item).toBeFocused();
  }
  await tab.keyboard.press('Tab');
  await expect(menu.settings).toBeHidden();
  await menu.button.focus();
  await tab.keyboard.press('Enter');
  await expect(menu.settings).toBeVisible();
  await tab.keyboard.press('Shift+Tab');
  await expect(menu.settings).toBeHidden();
  await menu.button.focus();
  await tab.keyboard.press('Enter');
  await menu.logOut.focus();
  await tab.keyboard.press('Enter');
  await expect(tab).toHaveURL('/login');
  await expect(door(tab).name).toBeFocused();
});
