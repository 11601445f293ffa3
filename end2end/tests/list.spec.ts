import { expect, frames, hold, hydrated, list, row, rowLink, test } from '../fixtures/index.ts';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createEntry('notes', { title: 'Alpha', entry_type: 'concept', tags: ['lean'], body: 'Of flow and of waste.' });
  await api.createEntry('notes', { title: 'Beta', entry_type: 'person', tags: ['lean', 'deming'], body: 'A statistician who spoke of variation.' });
  await api.createEntry('notes', { title: 'Gamma', entry_type: 'concept', tags: [], body: 'Variation has common and special causes.' });
});

const titles = ['Alpha', 'Beta', 'Gamma'];

test('a row tells title, type, tags, when and by whom', async ({ goto, page }) => {
  await goto('/kb/notes');
  const beta = row(page, 'Beta');
  await expect(beta).toContainText('person');
  await expect(beta.getByRole('link')).toHaveText(['Beta', 'lean', 'deming']);
  await expect(beta.getByRole('time')).toHaveText('just now');
  await expect(beta).toContainText('owner');
});

test('the list is filtered by type and by tag, and the address says so', async ({ goto, page }) => {
  await goto('/kb/notes?sort=title');
  await page.getByRole('navigation', { name: 'Filter by type' }).getByRole('link', { name: /^concept/ }).click();
  await expect(page).toHaveURL(/\/kb\/notes\?type=concept&sort=title$/);
  await expect(rowLink(page, 'Beta')).toHaveCount(0);
  await expect(list(page).getByRole('listitem')).toHaveCount(2);

  await page.getByRole('navigation', { name: 'Filter by tag' }).getByRole('link', { name: /^lean/ }).click();
  await expect(page).toHaveURL(/type=concept&tag=lean&sort=title$/);
  await expect(list(page).getByRole('listitem')).toHaveCount(1);
  await expect(rowLink(page, 'Alpha')).toBeVisible();

  await page.goBack();
  await expect(list(page).getByRole('listitem')).toHaveCount(2);
  await page.reload();
  await hydrated(page);
  await expect(list(page).getByRole('listitem')).toHaveCount(2);
});

test('the filters count, and follow what is written', async ({ api, goto, page }) => {
  await goto('/kb/notes');
  const types = page.getByRole('navigation', { name: 'Filter by type' });
  await expect(types.getByRole('link', { name: /^concept\s*2$/ })).toBeVisible();
  await api.createEntry('notes', { title: 'Delta', entry_type: 'concept' });
  await expect(types.getByRole('link', { name: /^concept\s*3$/ })).toBeVisible();
});

test('a search shows where the words were found, and stands in the address', async ({ goto, page }) => {
  await goto('/kb/notes');
  await page.getByRole('searchbox', { name: 'Search in this knowledge base' }).fill('variation');
  await expect(page).toHaveURL(/\?q=variation$/);
  await expect(list(page).getByRole('listitem')).toHaveCount(2);
  await expect(row(page, 'Beta').locator('mark')).toHaveText('variation');
  await expect(row(page, 'Gamma').locator('mark')).toHaveText('Variation');

  await page.goBack();
  await expect(page).toHaveURL(/\/kb\/notes$/);
  await expect(list(page).getByRole('listitem')).toHaveCount(3);
  await expect(page.getByRole('searchbox', { name: 'Search in this knowledge base' })).toHaveValue('');
});

test('what nothing matches says so and leads back', async ({ goto, page }) => {
  await goto('/kb/notes?q=nowhere');
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all entries' }).click();
  await expect(list(page).getByRole('listitem')).toHaveCount(3);
});

test('a search follows what others write', async ({ api, goto, page }) => {
  await goto('/kb/notes?q=variation');
  await expect(list(page).getByRole('listitem')).toHaveCount(2);
  await api.createEntry('notes', { title: 'Delta', body: 'More variation.' });
  await expect(rowLink(page, 'Delta')).toBeVisible();
});

for (const [order, wanted] of [
  ['Title', titles],
  ['Newest', [...titles].reverse()],
] as const) {
  test(`sorted by ${order}, the address says so and the order holds over a reload`, async ({ api, goto, page }) => {
    await api.patchEntry('notes', 'beta', { body: 'Changed last.' });
    await goto('/kb/notes');
    const shown = list(page).getByRole('checkbox');
    await expect(shown.first()).toHaveAccessibleName('Select Beta');
    await page.getByRole('combobox', { name: 'Sort' }).selectOption(order);
    for (const [at, title] of wanted.entries()) {
      await expect(shown.nth(at)).toHaveAccessibleName(`Select ${title}`);
    }
    await expect(page).toHaveURL(/\?sort=/);
    await page.reload();
    await hydrated(page);
    await expect(page.getByRole('combobox', { name: 'Sort' }).locator('option:checked')).toHaveText(order);
    await expect(shown.first()).toHaveAccessibleName(`Select ${wanted[0]}`);
  });
}

test('Back comes back to the row that was opened, where it was', async ({ api, goto, page }) => {
  for (let n = 100; n < 250; n += 1) {
    await api.createEntry('notes', { title: `Note ${n}` });
  }
  await goto('/kb/notes?sort=title');
  // Beyond the first page of rows.
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  const opened = rowLink(page, 'Note 240');
  await expect(opened).toBeInViewport();
  const before = await opened.boundingBox();
  await opened.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Note 240' })).toBeVisible();
  expect(await page.evaluate(() => window.scrollY)).toBe(0);

  await page.goBack();
  await expect(opened).toBeInViewport();
  await expect(opened).toBeFocused();
  const after = await opened.boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1);
});

test('Back finds the place of a list that takes long to come, and a reader who scrolls stays where he is', async ({ api, goto, page }) => {
  for (let n = 100; n < 180; n += 1) {
    await api.createEntry('notes', { title: `Note ${n}` });
  }
  await goto('/kb/notes?sort=title');
  const opened = rowLink(page, 'Note 170');
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(opened).toBeInViewport();
  await opened.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Note 170' })).toBeVisible();
  const release = await hold(page, '**/api/pages/entries');
  await page.goBack();
  await expect(page.getByText('Loading…')).toBeAttached();
  // Longer than anybody counts who only counts frames.
  await frames(page, 200);
  release();
  await expect(opened).toBeInViewport();
  await expect(opened).toBeFocused();

  await page.mouse.wheel(0, -20_000);
  await expect(rowLink(page, 'Alpha')).toBeInViewport();
  await frames(page, 30);
  await expect(rowLink(page, 'Alpha')).toBeInViewport();
});

test('the search over all knowledge bases names where each entry is', async ({ api, goto, page }) => {
  await api.createKb({ name: 'people', title: 'People' });
  await api.createEntry('people', { title: 'Shewhart', body: 'He studied variation.' });
  await goto('/search');
  await page.getByRole('searchbox', { name: 'Search in all knowledge bases' }).fill('variation');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page).toHaveURL(/\/search\?q=variation$/);
  const hits = page.getByRole('list', { name: 'Found entries' }).getByRole('listitem');
  await expect(hits).toHaveCount(3);
  const shewhart = hits.filter({ hasText: 'Shewhart' });
  await expect(shewhart).toContainText('People');
  await expect(shewhart.locator('mark')).toHaveText('variation');
  await shewhart.getByRole('link').click();
  await expect(page).toHaveURL(/\/kb\/people\/e\/shewhart$/);
});
