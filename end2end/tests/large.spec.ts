import { expect, list, rowLink, test } from '../fixtures/index.ts';

const ENTRIES = 10_000;

test('ten thousand entries scroll, filter and come back to their place', async ({ server, folder, goto, page }) => {
  test.slow();
  const files = Array.from({ length: ENTRIES }, (_, at) => {
    const number = String(at + 1).padStart(5, '0');
    const tag = at % 100 === 0 ? 'hundredth' : 'other';
    return folder.write(`${number}.md`, `---\nid: entry-${number}\ntitle: Entry ${number}\ntype: note\ntags: [${tag}]\n---\n\nThe text of number ${number}.\n`);
  });
  await Promise.all(files);
  await server.cli('sync', folder.path, '--kb', 'large');

  await goto('/kb/large?sort=title');
  await expect(rowLink(page, 'Entry 00001')).toBeVisible();
  await expect(page.getByText('10000 entries').first()).toBeAttached();
  const rendered = list(page).getByRole('listitem');
  expect(await rendered.count()).toBeLessThan(200);

  await test.step('the far end', async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(rowLink(page, 'Entry 10000')).toBeInViewport({ timeout: 60_000 });
    expect(await rendered.count()).toBeLessThan(200);
  });

  await test.step('Back restores the place', async () => {
    // To the middle of the screen: at its edge the row would lie under the header, and a click would scroll once more.
    await page.evaluate(() => window.scrollTo(0, (document.body.scrollHeight - window.innerHeight) / 2));
    const middle = list(page).getByRole('listitem').and(page.locator('[aria-posinset="5000"]')).getByRole('link').first();
    await expect(middle).toBeInViewport();
    const before = await middle.boundingBox();
    await middle.click();
    await expect(page.getByRole('heading', { level: 1, name: 'Entry 05000' })).toBeVisible();
    await page.goBack();
    await expect(rowLink(page, 'Entry 05000')).toBeInViewport();
    await expect(rowLink(page, 'Entry 05000')).toBeFocused();
    const after = await rowLink(page, 'Entry 05000').boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1);
  });

  await test.step('filters', async () => {
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.getByRole('navigation', { name: 'Filter by tag' }).getByRole('link', { name: /^hundredth/ }).click();
    await expect(page.getByText('100 entries', { exact: true }).first()).toBeAttached();
    await expect(rowLink(page, 'Entry 00101')).toBeVisible();
    await expect(rowLink(page, 'Entry 00002')).toHaveCount(0);
  });

  await test.step('one that is written far from what is shown is counted', async () => {
    await goto('/kb/large?sort=title');
    await server.cli('entry', 'create', '--kb', 'large', '--title', 'Entry 99999');
    await expect(page.getByText('10001 entries').first()).toBeAttached();
    await expect(rowLink(page, 'Entry 00001')).toBeVisible();
  });
});
