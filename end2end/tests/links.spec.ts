import { editor, expect, test } from '../fixtures/index.ts';

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
});

test('wikilinks show the title of what they point to and lead there', async ({ api, goto, page }) => {
  await api.createKb({ name: 'people', title: 'People' });
  await api.createEntry('people', { title: 'W. Edwards Deming', id: 'deming' });
  await api.createEntry('notes', { title: 'Plan, do, study, act', id: 'pdca' });
  await api.createEntry('notes', { title: 'Start', body: 'See [[pdca]], [[pdca|the cycle]] and [[people:deming]].' });
  await goto('/kb/notes/e/start');
  const text = page.getByRole('article');
  await expect(text.getByRole('link')).toHaveText(['Plan, do, study, act', 'the cycle', 'W. Edwards Deming']);

  await text.getByRole('link', { name: 'the cycle' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Plan, do, study, act' })).toBeVisible();
  await page.goBack();
  await text.getByRole('link', { name: 'W. Edwards Deming' }).click();
  await expect(page).toHaveURL(/\/kb\/people\/e\/deming$/);
});

test('an entry names the entries that link to it, as they come and go', async ({ api, goto, page }) => {
  await api.createEntry('notes', { title: 'Target' });
  await goto('/kb/notes/e/target');
  const aside = page.getByRole('complementary', { name: 'About this entry' });
  await expect(aside.getByText('No entry links here yet.')).toBeVisible();

  await api.createEntry('notes', { title: 'Source', body: 'To [[target]].' });
  await expect(aside.getByRole('link', { name: 'Source' })).toHaveAttribute('href', '/kb/notes/e/source');
  await api.patchEntry('notes', 'source', { body: 'To nothing.' });
  await expect(aside.getByRole('link', { name: 'Source' })).toHaveCount(0);
});

test('a link to what is not there yet offers to write it', async ({ api, allowConsole, goto, page }) => {
  // The browser's word for an entry that is not there.
  allowConsole(/status of 404/);
  await api.createEntry('notes', { title: 'Start', body: 'One day: [[first-steps]].' });
  await goto('/kb/notes/e/start');
  await page.getByRole('article').getByRole('link', { name: 'first-steps' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'No such entry' })).toBeVisible();
  await page.getByRole('link', { name: 'Create it' }).click();
  await expect(editor(page).title).toHaveValue('first steps');
  await editor(page).text.fill('Here it is.');
  await editor(page).saveAndClose.click();
  await expect(page).toHaveURL(/\/kb\/notes\/e\/first-steps$/);
  await expect(page.getByRole('complementary').getByRole('link', { name: 'Start' })).toBeVisible();
});

test('a wanted link comes alive when somebody writes what it points to', async ({ api, goto, page }) => {
  await api.createEntry('notes', { title: 'Start', body: 'One day: [[first-steps]].' });
  await goto('/kb/notes/e/start');
  const wanted = page.getByRole('article').getByTitle(/follow the link to write it/);
  await expect(wanted).toBeVisible();
  await api.createEntry('notes', { title: 'The first steps', id: 'first-steps' });
  await expect(wanted).toHaveCount(0);
  await expect(page.getByRole('article').getByRole('link', { name: 'The first steps' })).toBeVisible();
});

test('links follow when an entry gets another id, and its old address leads on', async ({ api, goto, page, openTab }) => {
  await api.createEntry('notes', { title: 'Old name' });
  await api.createEntry('notes', { title: 'Source', body: 'To [[old-name]] and [[old-name|with a label]].' });
  const reader = await openTab('/kb/notes/e/source');

  await goto('/kb/notes/e/old-name');
  await page.getByRole('button', { name: 'Rename' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByRole('textbox', { name: 'Id' }).fill('new-name');
  await dialog.getByRole('button', { name: 'Rename' }).click();

  await expect(page).toHaveURL(/\/kb\/notes\/e\/new-name$/);
  await expect(page.getByText('Renamed. Links followed in 1 other entry.')).toBeVisible();
  await expect(reader.getByRole('article').getByRole('link', { name: 'with a label' })).toHaveAttribute('href', '/kb/notes/e/new-name');
  expect((await api.getEntry('notes', 'source')).body).toBe('To [[new-name]] and [[new-name|with a label]].');

  await goto('/kb/notes/e/old-name');
  await expect(page).toHaveURL(/\/kb\/notes\/e\/new-name$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Old name' })).toBeVisible();
});

test('a reader of an entry that gets another id is taken along', async ({ api, allowConsole, goto, page }) => {
  // The browser's word for the old id that is asked for again.
  allowConsole(/status of 404/);
  await api.createEntry('notes', { title: 'Old name', body: 'Still here.' });
  await goto('/kb/notes/e/old-name');
  await api.patchEntry('notes', 'old-name', { id: 'new-name' });
  await expect(page).toHaveURL(/\/kb\/notes\/e\/new-name$/);
  await expect(page.getByRole('article')).toContainText('Still here.');
});

test('an id that is taken is refused with the reason, and the dialog stays', async ({ api, allowConsole, goto, page }) => {
  allowConsole(/status of 409/);
  await api.createEntry('notes', { title: 'One' });
  await api.createEntry('notes', { title: 'Two' });
  await goto('/kb/notes/e/one');
  await page.getByRole('button', { name: 'Rename' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByRole('textbox', { name: 'Id' }).fill('two');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog.getByRole('alert')).not.toBeEmpty();
  await expect(page).toHaveURL(/\/kb\/notes\/e\/one$/);
});

test('a page has one heading of the first level: its title', async ({ api, goto, page }) => {
  await api.createEntry('notes', { title: 'Long', body: '# Beginning\n\nText.\n\n## Part\n\nText.' });
  await goto('/kb/notes/e/long');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(['Long']);
  await expect(page.getByRole('article').getByRole('heading', { level: 2 })).toHaveText(['Beginning']);
  await expect(page.getByRole('article').getByRole('heading', { level: 3 })).toHaveText(['Part']);
});

test('an entry that others do not touch is not read again', async ({ api, goto, page }) => {
  await api.createEntry('notes', { title: 'Target', body: 'To [[wanted]].' });
  await api.createEntry('notes', { title: 'Stranger' });
  await goto('/kb/notes/e/target');
  let reads = 0;
  page.on('request', (request) => (reads += Number(request.url().endsWith('/api/pages/entry'))));
  await api.patchEntry('notes', 'stranger', { title: 'Stranger still', body: 'To [[elsewhere]].' });
  await api.createEntry('notes', { title: 'Another' });
  await api.deleteEntry('notes', 'another');
  const wanted = page.getByRole('article').getByTitle(/follow the link to write it/);
  await expect(wanted).toBeVisible();
  expect(reads).toBe(0);

  await api.patchEntry('notes', 'stranger', { aliases: ['Wanted'] });
  await expect(wanted).toHaveCount(0);
  expect(reads).toBe(1);
});

test('the outline leads to the headings', async ({ api, goto, page }) => {
  const filler = Array.from({ length: 60 }, () => 'Words.').join('\n\n');
  await api.createEntry('notes', { title: 'Long', body: `# Beginning\n\n${filler}\n\n## The far end\n\nDone.` });
  await goto('/kb/notes/e/long');
  await page.getByRole('navigation', { name: 'Outline' }).getByRole('link', { name: 'The far end' }).click();
  await expect(page.getByRole('heading', { name: 'The far end' })).toBeInViewport();
});
