import type { Page } from '@playwright/test';
import { Nginx } from '../fixtures/nginx.ts';
import { connection, editor, expect, hydrated, isSameDocument, markDocument, rowLink, test as base, visit } from '../fixtures/index.ts';

const PREFIX = '/team/notes';
const OWNER = { name: 'ada', password: 'five quiet lamps sing' };
/** Something else of the same host, whose path begins with the same letters. */
const NEIGHBOUR = '/team/notes2/';
/** The largest text that an entry may have. */
const BODY_BYTES = 1024 * 1024;

base.skip(Nginx.find() === undefined, 'There is no nginx: on Debian, apt-get install nginx-light.');

const test = base.extend<{ nginx: Nginx }>({
  nginx: async ({ server }, use, testInfo) => {
    const nginx = await Nginx.before(server, PREFIX);
    try {
      await use(nginx);
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('nginx log', { body: nginx.log, contentType: 'text/plain' });
      }
    } finally {
      await nginx.dispose();
    }
  },
  // Addresses of a test are Tidings' own.
  baseURL: async ({ nginx }, use) => use(`${nginx.url}${PREFIX}/`),
});

test.use({
  ignoreHTTPSErrors: true,
  serverOptions: { auth: 'required', args: ['--trust-proxy', '--url-prefix', PREFIX, '--no-guide'] },
});

/** Makes the owner's account by the link that the server prints. */
async function claim(page: Page, nginx: Nginx, server: { readonly claim: string }): Promise<void> {
  expect(server.claim).toMatch(new RegExp(`^${PREFIX}/claim/`));
  await page.goto(`${nginx.url}${server.claim}`);
  await page.getByRole('textbox', { name: 'Name' }).fill(OWNER.name);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await expect(page).toHaveURL(`${nginx.url}${PREFIX}/`);
  await hydrated(page);
}

/** Makes the knowledge base `notes` at the home page. */
async function makeNotes(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New knowledge base' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New knowledge base' });
  await dialog.getByRole('textbox', { name: 'Title' }).fill('Notes');
  await dialog.getByRole('button', { name: 'Make', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${PREFIX}/kb/notes$`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Notes');
}

/** The addresses in a page that are paths, and lead neither below the prefix nor to the neighbour. */
function strayAddresses(page: Page): Promise<string[]> {
  return page.evaluate(
    ({ prefix, neighbour }) =>
      [...document.querySelectorAll('[href], [src], [action]')]
        .flatMap((element) => ['href', 'src', 'action'].map((name) => element.getAttribute(name) ?? ''))
        .filter((address) => address.startsWith('/') && !address.startsWith(`${prefix}/`) && address !== neighbour),
    { prefix: PREFIX, neighbour: NEIGHBOUR },
  );
}

test('behind nginx, with TLS and below a path, everything is there and live', async ({ allowConsole, context, nginx, openTab, page, server }) => {
  // The browser's word for an entry that nobody has written yet, and for a neighbour of which nginx knows nothing.
  allowConsole(/status of 404/);
  await claim(page, nginx, server);
  await expect(connection(page, 'Live')).toBeVisible();
  const cookies = await context.cookies(`${nginx.url}${PREFIX}/`);
  expect(cookies.map(({ name }) => name).sort()).toEqual(['__Host-tidings-team-notes', '__Host-tidings-team-notes-known']);
  expect(cookies.every(({ secure, httpOnly }) => secure && httpOnly)).toBe(true);

  // One document from here on: the router follows its links, and leads on itself, below the prefix.
  await markDocument(page);
  await makeNotes(page);
  const other = await openTab('kb/notes');
  await expect(connection(other, 'Live')).toBeVisible();
  await markDocument(other);
  await page.getByRole('link', { name: 'New', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${PREFIX}/kb/notes/new$`));
  await editor(page).title.fill('Plan');
  await editor(page).text.fill(`Then [[do]] it, as [others](${NEIGHBOUR}) did.`);
  await expect(editor(page).preview.getByRole('link', { name: 'do' })).toHaveAttribute('href', `${PREFIX}/kb/notes/e/do`);
  await editor(page).saveAndClose.click();
  await expect(page).toHaveURL(new RegExp(`${PREFIX}/kb/notes/e/plan$`));
  await expect(rowLink(other, 'Plan')).toBeVisible();

  await rowLink(other, 'Plan').click();
  await expect(other).toHaveURL(new RegExp(`${PREFIX}/kb/notes/e/plan$`));
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Plan');
  expect(await strayAddresses(other)).toEqual([]);
  await other.getByRole('link', { name: 'do', exact: true }).click();
  await expect(other).toHaveURL(new RegExp(`${PREFIX}/kb/notes/e/do$`));
  await expect(other.getByRole('link', { name: 'Create it' })).toHaveAttribute('href', new RegExp(`^${PREFIX}/kb/notes/new`));
  await other.goBack();
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Plan');
  await other.getByRole('link', { name: 'Tidings' }).click();
  await expect(other).toHaveURL(`${nginx.url}${PREFIX}/`);
  await expect(other.getByRole('heading', { name: 'Notes', exact: true })).toBeVisible();
  expect(await strayAddresses(other)).toEqual([]);
  expect(await isSameDocument(page)).toBe(true);
  expect(await isSameDocument(other)).toBe(true);

  // What the server renders leads to the same places.
  for (const address of ['', 'kb/notes', 'kb/notes/e/plan', 'kb/notes/e/plan/history', 'search?q=plan', 'settings', 'settings/people', 'notifications']) {
    await visit(other, address);
    await expect(connection(other, 'Live')).toBeVisible();
    expect(await strayAddresses(other), address).toEqual([]);
  }

  // A neighbour's page is not for this router.
  await page.getByRole('link', { name: 'others' }).click();
  await expect(page).toHaveURL(`${nginx.url}${NEIGHBOUR}`);
  expect(await isSameDocument(page)).toBe(false);
});

test('events come through nginx at once, and the largest entry goes through it', async ({ context, nginx, page, server }) => {
  await claim(page, nginx, server);
  await makeNotes(page);
  await page.evaluate(
    (url) =>
      new Promise<void>((resolve, reject) => {
        const source = new EventSource(url);
        const titles: string[] = [];
        Object.assign(window, { titlesSeenByTest: titles });
        source.addEventListener('connection_ack', () => resolve());
        source.onerror = () => reject(new Error('the stream ended'));
        source.onmessage = ({ data }) => titles.push((JSON.parse(data as string) as { data: { title?: string } }).data.title ?? '');
      }),
    `${PREFIX}/api/events/stream`,
  );
  const entries = `${nginx.url}${PREFIX}/api/kbs/notes/entries`;
  expect((await context.request.post(entries, { headers: { origin: nginx.url }, data: { title: 'Small' } })).status()).toBe(201);
  const titles = () => page.evaluate(() => (window as unknown as { titlesSeenByTest: string[] }).titlesSeenByTest);
  await expect.poll(titles, { timeout: 5_000 }).toContain('Small');

  const body = 'A line of text.\n'.repeat(BODY_BYTES / 16);
  const large = await context.request.post(entries, { headers: { origin: nginx.url }, data: { title: 'Large', body } });
  expect(large.status(), await large.text()).toBe(201);
  await expect.poll(titles, { timeout: 5_000 }).toContain('Large');
  await expect(rowLink(page, 'Large')).toBeVisible();

  // nginx obeys this header, and keeps it to itself.
  const cookies = await context.cookies(`${nginx.url}${PREFIX}/`);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const headers = { cookie, 'x-forwarded-proto': 'https' };
  const ending = new AbortController();
  const stream = await fetch(`${server.url}${PREFIX}/api/events/stream`, { headers, signal: ending.signal });
  expect(stream.status).toBe(200);
  expect(stream.headers.get('x-accel-buffering')).toBe('no');
  ending.abort();
});

test('who is not known logs in below the path, and comes to the page that they wanted', async ({ nginx, openBrowser, page, server }) => {
  await claim(page, nginx, server);
  await makeNotes(page);
  const stranger = await openBrowser();
  await stranger.goto('kb/notes?sort=title');
  await expect(stranger).toHaveURL(new RegExp(`${PREFIX}/login\\?next=`));
  await stranger.getByRole('textbox', { name: 'Name' }).fill(OWNER.name);
  await stranger.getByLabel('Password').fill(OWNER.password);
  await stranger.getByRole('button', { name: 'Log in' }).click();
  await expect(stranger).toHaveURL(`${nginx.url}${PREFIX}/kb/notes?sort=title`);
  await hydrated(stranger);
  await expect(connection(stranger, 'Live')).toBeVisible();

  await stranger.locator('.menu > summary').click();
  await stranger.getByRole('button', { name: 'Log out' }).click();
  await expect(stranger).toHaveURL(new RegExp(`${PREFIX}/login`));
});

test('an invitation made below the path leads there', async ({ nginx, openBrowser, page, server }) => {
  await claim(page, nginx, server);
  await visit(page, 'settings/people');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await dialog.getByLabel('The link', { exact: true }).inputValue();
  expect(link).toMatch(new RegExp(`^${nginx.url}${PREFIX}/join/`));

  const guest = await openBrowser();
  await guest.goto(link);
  await guest.getByRole('textbox', { name: 'Name' }).fill('bob');
  await guest.getByLabel('Password').fill(OWNER.password);
  await guest.getByRole('button', { name: 'Make the account' }).click();
  await expect(guest).toHaveURL(`${nginx.url}${PREFIX}/`);
  await hydrated(guest);
  await expect(connection(guest, 'Live')).toBeVisible();
});
