import { expect, list, rowLink, test } from '../fixtures/index.ts';

test.use({ javaScriptEnabled: false });

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createEntry('notes', { title: 'Beta', tags: ['lean'], body: 'Small steps.' });
  await api.createEntry('notes', { title: 'Alpha', body: 'A [[beta]] and *more*. The word is variation.' });
});

test.describe('without scripts', () => {
  test('home, list and entry can be read and walked', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('region', { name: 'Recent changes' })).toContainText('owner created Alpha');
    await page.getByRole('link', { name: 'Notes' }).first().click();
    await expect(list(page).getByRole('listitem')).toHaveCount(2);
    await rowLink(page, 'Alpha').click();
    await expect(page.getByRole('heading', { level: 1, name: 'Alpha' })).toBeVisible();
    await expect(page.getByRole('article')).toContainText('The word is variation.');
    await page.getByRole('article').getByRole('link', { name: 'Beta' }).click();
    await expect(page.getByRole('complementary').getByRole('link', { name: 'Alpha' })).toBeVisible();
    await page.getByRole('link', { name: 'History' }).click();
    await expect(page.getByRole('link', { name: 'Version 1' })).toBeVisible();
  });

  test('the list can be searched, filtered and sorted', async ({ page }) => {
    await page.goto('/kb/notes');
    await page.getByRole('searchbox').fill('variation');
    await page.getByRole('searchbox').press('Enter');
    await expect(page).toHaveURL(/[?&]q=variation/);
    await expect(list(page).getByRole('listitem')).toHaveCount(1);
    await expect(list(page).locator('mark')).toHaveText('variation');

    await page.goto('/kb/notes');
    await page.getByRole('navigation', { name: 'Filter by tag' }).getByRole('link', { name: /^lean/ }).click();
    await expect(list(page).getByRole('listitem')).toHaveCount(1);
    await page.goto('/kb/notes?sort=title');
    await expect(list(page).getByRole('checkbox').first()).toHaveAccessibleName('Select Alpha');
  });

  test('all knowledge bases can be searched', async ({ page }) => {
    await page.goto('/search');
    await page.getByRole('searchbox').fill('variation');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await expect(page.getByRole('list', { name: 'Found entries' }).getByRole('link')).toHaveText(['Alpha']);
  });

  test('trash and editor show what there is', async ({ api, page }) => {
    await api.deleteEntry('notes', 'beta');
    await page.goto('/kb/notes/trash');
    await expect(page.getByRole('list', { name: 'Deleted entries' })).toContainText('Beta');
    await page.goto('/kb/notes/e/alpha/edit');
    await expect(page.getByRole('textbox', { name: 'Text in Markdown' })).toHaveValue('A [[beta]] and *more*. The word is variation.');
  });
});

test.describe('the response', () => {
  for (const path of ['/nothing-here', '/kb/missing', '/kb/notes/e/missing', '/kb/notes/e/missing/edit', '/kb/notes/e/missing/history', '/kb/missing/trash']) {
    test(`${path} is not found, and says so in words`, async ({ allowConsole, page }) => {
      allowConsole(/status of 404/);
      const response = await page.goto(path);
      expect(response?.status()).toBe(404);
      await expect(page.getByRole('link', { name: /All knowledge bases|Create it|Home/ }).first()).toBeVisible();
    });
  }

  test('/kb/missing/new is not found', async ({ allowConsole, page }) => {
    allowConsole(/status of 404/);
    expect((await page.goto('/kb/missing/new'))?.status()).toBe(404);
    await expect(page.getByRole('link', { name: 'All knowledge bases' })).toBeVisible();
  });

  test('the old address of an entry redirects', async ({ api, request }) => {
    await api.patchEntry('notes', 'beta', { id: 'gamma' });
    const response = await request.get('/kb/notes/e/beta', { maxRedirects: 0 });
    expect(Math.floor(response.status() / 100)).toBe(3);
    expect(response.headers()['location']).toBe('/kb/notes/e/gamma');
  });

  test('a policy lets only scripts run that the server wrote', async ({ request }) => {
    for (const path of ['/', '/kb/notes', '/kb/notes/e/alpha', '/nothing-here']) {
      const response = await request.get(path);
      const policy = response.headers()['content-security-policy'] ?? '';
      const scripts = /(?:^|;)\s*script-src ([^;]*)/.exec(policy)?.[1] ?? '';
      expect(scripts, path).not.toContain('unsafe-inline');
      expect(scripts, path).not.toContain("'unsafe-eval'");
      const nonce = /'nonce-([^']+)'/.exec(scripts)?.[1];
      expect(nonce, path).toBeTruthy();
      const tags = (await response.text()).match(/<script\b[^>]*>/g) ?? [];
      expect(tags.length).toBeGreaterThan(0);
      for (const tag of tags) {
        expect(tag, path).toContain(`nonce="${nonce}"`);
      }
    }
  });

  test('each response has a nonce of its own', async ({ request }) => {
    const policies = await Promise.all([0, 1].map(async () => (await request.get('/')).headers()['content-security-policy']));
    expect(policies[0]).not.toBe(policies[1]);
  });

  test('what an entry brings along does not run', async ({ api, request }) => {
    await api.createEntry('notes', { title: 'Mallory', body: '<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))' });
    const article = /<article>[\s\S]*<\/article>/.exec(await (await request.get('/kb/notes/e/mallory')).text())?.[0] ?? '';
    expect(article).not.toMatch(/<script|onerror|href="javascript:/i);
    expect(article).toContain('x');
  });

  test('a text does not break out of the field in which it is edited', async ({ api, page }) => {
    const body = 'A </textarea><b id="out">text</b> & more';
    await api.createEntry('notes', { title: 'Mallory', body, aliases: ['</textarea><b id="out">'], metadata: { a: '</textarea><b id="out">' } });
    await page.goto('/kb/notes/e/mallory/edit');
    await expect(page.locator('#out')).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Text in Markdown' })).toHaveValue(body);
  });
});
