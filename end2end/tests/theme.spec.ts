import type { Page } from '@playwright/test';
import { expect, hydrated, test } from '../fixtures/index.ts';

/** How bright the page's background is, from 0 to 255. */
function brightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) {
      throw new Error('no canvas');
    }
    const background = (element: Element) => getComputedStyle(element).backgroundColor;
    const [body, root] = [background(document.body), background(document.documentElement)];
    canvas.fillStyle = body === 'rgba(0, 0, 0, 0)' ? root : body;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
  });
}

const isDark = async (page: Page) => (await brightness(page)) < 96;

test('light and dark follow the system, at once', async ({ goto, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await goto('/');
  expect(await isDark(page)).toBe(true);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => isDark(page)).toBe(false);
});

test('the theme can be set against the system, and holds over a reload', async ({ goto, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await goto('/');
  await page.getByRole('button', { name: 'Theme: system. Switch to light' }).click();
  await page.getByRole('button', { name: 'Theme: light. Switch to dark' }).click();
  await expect.poll(() => isDark(page)).toBe(true);

  await page.reload();
  // Before the page is live, so that nothing flashes.
  expect(await isDark(page)).toBe(true);
  await hydrated(page);
  await page.getByRole('button', { name: 'Theme: dark. Switch to system' }).click();
  await expect.poll(() => isDark(page)).toBe(false);
});

test('a light theme holds on a dark system', async ({ goto, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await goto('/kb/guide');
  await page.keyboard.press('t');
  await expect(page.getByRole('button', { name: 'Theme: light. Switch to dark' })).toBeVisible();
  await expect.poll(() => isDark(page)).toBe(false);
});
