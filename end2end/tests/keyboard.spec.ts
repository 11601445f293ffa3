import { editor, expect, hold, list, rowLink, test } from '../fixtures/index.ts';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  for (const title of ['Gamma', 'Beta', 'Alpha']) {
    await api.createEntry('notes', { title, body: `About ${title}.` });
  }
});

test('Ctrl K finds an entry of any knowledge base and goes there', async ({ goto, page }) => {
  await goto('/');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or jump to' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('beta');
  await expect(palette.getByRole('option').first()).toContainText('Beta');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/kb\/notes\/e\/beta$/);
  await expect(palette).toBeHidden();
});

test('the palette goes to knowledge bases and carries out commands', async ({ goto, page }) => {
  await goto('/');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or jump to' });
  await expect(palette.getByRole('option', { name: 'Notes' })).toBeVisible();
  await page.keyboard.type('notes');
  await palette.getByRole('option', { name: /^Notes/ }).click();
  await expect(page).toHaveURL(/\/kb\/notes$/);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('show all keys');
  await palette.getByRole('option', { name: /^Show all keys/ }).click();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
});

test('the palette is left by Escape, and the focus is where it was', async ({ goto, page }) => {
  await goto('/kb/notes');
  await rowLink(page, 'Beta').focus();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search entries, knowledge bases and commands' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(rowLink(page, 'Beta')).toBeFocused();
});

test('the arrows move through what the palette offers', async ({ goto, page }) => {
  await goto('/');
  await page.keyboard.press('Control+k');
  const options = page.getByRole('dialog', { name: 'Search or jump to' }).getByRole('option');
  await expect(options.nth(1)).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('combobox')).toHaveAttribute('aria-activedescendant', (await options.nth(1).getAttribute('id')) ?? '');
  await page.keyboard.press('ArrowUp');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
});

test('the mark stays where it was put when the server answers, and what is known waits for nobody', async ({ api, goto, page }) => {
  await api.createEntry('notes', { title: 'Notation', body: 'How things are written.' });
  await goto('/');
  const release = await hold(page, '**/api/pages/search');
  await page.keyboard.press('Control+k');
  const options = page.getByRole('dialog', { name: 'Search or jump to' }).getByRole('option');
  await expect(options.filter({ hasText: /^Notes/ })).toBeVisible();
  await page.keyboard.type('not');
  await expect(options.first()).toContainText('Notes');
  await expect(options.nth(1)).toContainText('Go to notifications');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const marked = page.getByRole('option', { selected: true });
  await expect(marked).toContainText('Search everywhere');
  release();
  await expect(options.nth(1)).toContainText('Notation');
  await expect(marked).toContainText('Search everywhere');
  await expect(page.getByRole('combobox')).toHaveAttribute('aria-activedescendant', (await marked.getAttribute('id')) ?? '');
});

test('/ searches, n writes, e edits, h looks back', async ({ goto, page }) => {
  await goto('/kb/notes');
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Search in this knowledge base' })).toBeFocused();

  await goto('/kb/notes/e/beta');
  await page.keyboard.press('h');
  await expect(page).toHaveURL(/\/e\/beta\/history$/);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Beta' })).toBeVisible();
  await page.keyboard.press('e');
  await expect(page).toHaveURL(/\/e\/beta\/edit$/);
  await expect(editor(page).title).toHaveValue('Beta');

  await goto('/kb/notes');
  await page.keyboard.press('n');
  await expect(page).toHaveURL(/\/kb\/notes\/new$/);
  await expect(editor(page).title).toBeFocused();
});

test('g h goes home, g t to the trash', async ({ goto, page }) => {
  await goto('/kb/notes');
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page.getByRole('heading', { name: 'Trash', exact: true })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page.getByRole('heading', { name: 'Knowledge bases' })).toBeVisible();
});

test('j and k walk the rows, and Enter opens one', async ({ goto, page }) => {
  await goto('/kb/notes?sort=title');
  await page.keyboard.press('j');
  await expect(rowLink(page, 'Alpha')).toBeFocused();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(rowLink(page, 'Gamma')).toBeFocused();
  await page.keyboard.press('k');
  await expect(rowLink(page, 'Beta')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/e\/beta$/);
});

test('x selects the row that has the focus', async ({ goto, page }) => {
  await goto('/kb/notes?sort=title');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(page.getByRole('toolbar', { name: 'Selected entries' })).toContainText('1 selected');
  await expect(page.getByRole('checkbox', { name: 'Select Alpha' })).toBeChecked();
});

test('? shows all keys', async ({ goto, page }) => {
  await goto('/kb/notes');
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(help).toContainText('Edit this entry');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
});

test('a key that follows a closing dialog at once is heard', async ({ goto, page }) => {
  await goto('/kb/notes');
  const palette = page.getByRole('dialog', { name: 'Search or jump to' });
  // Until the browser draws again, the focus is in the field of the closed dialog, and nothing has told that it is closed.
  const closeAndPress = (init: Pick<KeyboardEventInit, 'key' | 'ctrlKey'>) =>
    page.evaluate((init) => {
      const field = document.activeElement;
      document.querySelector<HTMLDialogElement>('dialog[open]')?.close();
      field?.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
    }, init);

  await page.keyboard.press('Control+k');
  await expect(palette.getByRole('combobox')).toBeFocused();
  await closeAndPress({ key: 'k', ctrlKey: true });
  await expect(palette).toBeVisible();
  await expect(palette.getByRole('combobox')).toBeFocused();

  await closeAndPress({ key: '?' });
  await expect(palette).toBeHidden();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
});

test('keys rest while one types', async ({ goto, page }) => {
  await goto('/kb/notes');
  const search = page.getByRole('searchbox', { name: 'Search in this knowledge base' });
  await search.focus();
  await page.keyboard.type('n/e?jgt');
  await expect(search).toHaveValue('n/e?jgt');
  await expect(page).toHaveURL(/\/kb\/notes(\?|$)/);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('keys can be switched off, for good; Ctrl K goes on', async ({ goto, page }) => {
  await goto('/kb/notes');
  await page.keyboard.press('?');
  await page.getByRole('checkbox', { name: /^Single keys do something/ }).uncheck();
  await page.keyboard.press('Escape');
  await goto('/kb/notes?sort=title');
  await page.keyboard.press('n');
  await page.keyboard.press('?');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Search or jump to' })).toBeVisible();
  await expect(page).toHaveURL(/\/kb\/notes\?sort=title$/);
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeHidden();
});

test('n asks for the knowledge base where the page has none', async ({ goto, page }) => {
  await goto('/');
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New entry' });
  await dialog.getByRole('textbox', { name: 'Title' }).fill('From home');
  await dialog.getByRole('combobox', { name: 'Knowledge base' }).selectOption('Notes');
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Write' }).click();
  await expect(page).toHaveURL(/\/kb\/notes\/new\?title=From%20home$/);
  await expect(editor(page).title).toHaveValue('From home');
});

test('the dialog for a new entry begins in its title, and Enter goes on', async ({ goto, page }) => {
  await goto('/');
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New entry' });
  await expect(dialog.getByRole('textbox', { name: 'Title' })).toBeFocused();
  await expect(dialog.getByRole('combobox', { name: 'Knowledge base' })).toHaveValue('notes');
  await page.keyboard.type('A thought');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/kb\/notes\/new\?title=A/);
});

test('a knowledge base is made by a dialog, and is there to be filled', async ({ goto, page }) => {
  await goto('/');
  await page.getByRole('button', { name: 'New knowledge base' }).click();
  const dialog = page.getByRole('dialog', { name: 'New knowledge base' });
  await expect(dialog.getByRole('textbox', { name: 'Title' })).toBeFocused();
  await page.keyboard.type('Reading list');
  await expect(dialog.getByRole('textbox', { name: 'Name in addresses' })).toHaveValue('reading-list');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/kb\/reading-list$/);
  await expect(list(page).getByRole('heading', { name: 'No entries yet' })).toBeVisible();
});
