// The knowledge bases that the project is tried on. They are there on its own machines and in CI, not at a user's.

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, list, rowLink, test } from '../fixtures/index.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../shared/data/kbs');

async function countMarkdown(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => file.endsWith('.md')).length;
}

// Each has an entry that many others link to.
for (const [kb, from, to, title] of [
  ['agile', 'velocity', 'technical-debt', 'Technical Debt'],
  ['deming', 'on-probability-as-a-basis-for-action', 'system-of-profound-knowledge', 'System of Profound Knowledge'],
  ['foss', 'gnu-manifesto-1983', 'eric-raymond', 'Eric S. Raymond'],
  ['wardley', 'sun-tzu', 'the-art-of-war-sun-tzu', 'The Art of War (Sun Tzu)'],
] as const) {
  test(`${kb} is brought in, browsed and searched, and its links work`, async ({ server, goto, page }) => {
    const folder = path.join(FOLDER, kb);
    test.skip(!existsSync(folder), `there is no ${folder}`);
    const files = await countMarkdown(folder);
    await server.cli('sync', folder, '--kb', kb);

    await goto(`/kb/${kb}?sort=title`);
    await expect(page.getByText(`${files} entries`).first()).toBeAttached();
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(list(page).locator(`[aria-posinset="${files}"]`)).toBeInViewport();

    await goto(`/kb/${kb}?q=${encodeURIComponent(title)}`);
    await expect(list(page).locator('mark').first()).toBeVisible();
    await expect(rowLink(page, title)).toBeVisible();

    await goto(`/kb/${kb}/e/${from}`);
    const link = page.getByRole('article').locator(`a[href="/kb/${kb}/e/${to}"]`).first();
    await link.click();
    await expect(page).toHaveURL(new RegExp(`/kb/${kb}/e/${to}$`));
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
    await expect(page.getByRole('complementary', { name: 'About this entry' }).locator(`a[href="/kb/${kb}/e/${from}"]`)).toBeVisible();
  });
}
