import { truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { axe, bring, expect, job, jobState, rowLink, strip, test, toast, visit } from '../fixtures/index.ts';

const SOON = { timeout: 60_000 };

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
  await api.createKb({ name: 'other', title: 'Other things' });
});

/** A file as a page is given it. */
function file(name: string, text: string, mimeType = 'text/markdown') {
  return { name, mimeType, buffer: Buffer.from(text) };
}

const FILES = [
  file('plan.md', '---\ntitle: The plan\n---\n\nFirst this, then that.\n'),
  file('list.txt', 'A list of things\n\none, two, three\n', 'text/plain'),
  file('page.html', '<!doctype html><title>A page</title><main><h1>A page</h1><p>It says a sentence that is long enough to be kept.</p></main>', 'text/html'),
];

/** Drops files in the middle of an element, as a hand would. */
async function drop(page: Page, selector: string, files: { name: string; text: string }[]): Promise<void> {
  const data = await page.evaluateHandle((files) => {
    const data = new DataTransfer();
    files.forEach(({ name, text }) => data.items.add(new File([text], name, { type: 'text/markdown' })));
    return data;
  }, files);
  for (const event of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent(selector, event, { dataTransfer: data });
  }
}

async function openForm(page: Page): Promise<void> {
  await visit(page, '/jobs');
  await page.getByRole('button', { name: 'Upload files' }).click();
}

/** Makes the way to the server slow: so many bytes a second. */
async function slow(page: Page, bytes: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
}

test('files are chosen, sent, and become entries', async ({ page }) => {
  await openForm(page);
  await expect(bring(page).dialog.getByRole('button', { name: 'Choose files' })).toBeFocused();
  await bring(page).files.setInputFiles(FILES);
  await expect(bring(page).chosen).toHaveCount(3);
  await expect(bring(page).chosen.first()).toContainText(/plan\.md\d+ B/);
  await bring(page).kb.selectOption('Other things');
  await bring(page).upload.click();
  await expect(bring(page).dialog).toBeHidden();
  const card = job(page, 'plan.md and 2 more');
  await expect(page).toHaveURL(/\/jobs#other\.\w+$/);
  await expect(card).toHaveClass(/job-marked/);
  await expect(jobState(card)).toHaveText('Completed', SOON);
  await expect(card).toContainText('3 done, 0 failed, 0 skipped of 3 files');
  await expect(card).toContainText('Imported 3 new');
  await card.getByText('New entries 3', { exact: true }).click();
  await card.getByRole('link', { name: 'plan.md', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'The plan' })).toBeVisible();
});

test('files that are dropped on a knowledge base are offered to it, and show in its list', async ({ page }) => {
  await visit(page, '/kb/other');
  await drop(page, 'body', [
    { name: 'one.md', text: '# One\n\nThe first.\n' },
    { name: 'two.md', text: '# Two\n\nThe second.\n' },
  ]);
  await expect(bring(page).chosen).toHaveCount(2);
  await expect(bring(page).kb).toHaveValue('other');
  await bring(page).upload.click();
  await expect(jobState(job(page, 'one.md and 1 more'))).toHaveText('Completed', SOON);
  await visit(page, '/kb/other');
  await expect(rowLink(page, 'One')).toBeVisible();
  await expect(rowLink(page, 'Two')).toBeVisible();
});

test('a file that cannot be read fails by itself, and says why', async ({ page }) => {
  await openForm(page);
  await bring(page).files.setInputFiles([file('good.md', '# Good\n\nIt is.\n'), file('song.mp3', '\u0000\u0001\u0002 not text', 'audio/mpeg')]);
  await bring(page).upload.click();
  const card = job(page, 'good.md and 1 more');
  await expect(jobState(card)).toHaveText('Completed, 1 failed', SOON);
  await card.getByText('Failed 1', { exact: true }).click();
  await expect(card.getByRole('listitem').filter({ hasText: 'song.mp3' }).locator('.muted')).not.toBeEmpty();
});

test('an upload that was received becomes a job, in every tab', async ({ openTab, page }) => {
  const other = await openTab('/jobs');
  await openForm(page);
  await bring(page).files.setInputFiles(FILES);
  await bring(page).kb.selectOption('Notes');
  await bring(page).upload.click();
  for (const tab of [page, other]) {
    await expect(job(tab, 'plan.md and 2 more')).toContainText('of 3 files');
    await expect(jobState(job(tab, 'plan.md and 2 more'))).toHaveText(/^(Completed|Failed)/, SOON);
  }
  await expect(page).toHaveURL(/\/jobs#notes\.\w+$/);
});

test('what is dropped on a page is offered to its knowledge base, and elsewhere a drop leaves the page alone', async ({ page }) => {
  await visit(page, '/kb/other');
  await drop(page, 'body', [{ name: 'one.md', text: '# One\n' }]);
  await expect(bring(page).chosen).toHaveText(/one\.md/);
  await expect(bring(page).kb).toHaveValue('other');
  await drop(page, '.drop', [{ name: 'two.md', text: '# Two\n' }]);
  await expect(bring(page).chosen).toHaveText([/one\.md/, /two\.md/]);
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(bring(page).dialog).toBeHidden();
  await page.getByRole('button', { name: 'Import…' }).click();
  await expect(bring(page).chosen).toHaveCount(0);
});

test('what is too large is told at once and not sent; what was chosen can be taken back', async ({ folder, page }) => {
  await folder.write('large.pdf', '%PDF-1.7');
  const large = path.join(folder.path, 'large.pdf');
  await truncate(large, 51 * 1024 * 1024);
  await openForm(page);
  const { chosen, dialog, files, upload } = bring(page);
  await expect(upload).toBeDisabled();
  await files.setInputFiles(large);
  await expect(dialog.getByRole('alert').filter({ hasText: 'large.pdf: it has 51 MiB, and 50 MiB are allowed.' })).toBeVisible();
  await expect(chosen).toHaveCount(0);
  await files.setInputFiles(FILES);
  await expect(upload).toHaveText(/^Upload 3 files, /);
  await dialog.getByRole('button', { name: 'Remove list.txt' }).click();
  await expect(chosen).toHaveText([/plan\.md/, /page\.html/]);
  await axe(page);
});

test('a bar shows how far it is, the upload goes on when the form is closed, and can be cancelled from any page', async ({ page }) => {
  await openForm(page);
  await bring(page).files.setInputFiles([file('big.txt', 'a line of text\n'.repeat(200_000), 'text/plain')]);
  await bring(page).kb.selectOption('Notes');
  await slow(page, 200_000);
  await bring(page).upload.click();
  const bar = bring(page).dialog.getByRole('progressbar', { name: 'Uploading 1 file into notes' });
  await expect(bar).toHaveAttribute('aria-valuenow', /^[1-9]/);
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(bring(page).dialog).toBeHidden();
  await expect(strip(page).getByRole('progressbar', { name: 'Uploading 1 file' })).toBeVisible();
  await page.getByRole('link', { name: 'Tidings' }).click();
  await expect(page.getByRole('heading', { name: 'Knowledge bases' })).toBeVisible();
  await strip(page).getByRole('link', { name: 'Uploading 1 file' }).click();
  await page.getByRole('button', { name: 'Cancel the upload' }).click();
  await expect(toast(page, 'The upload was cancelled.')).toBeVisible();
  await expect(strip(page)).toBeHidden();
  await expect(page.getByRole('heading', { name: 'No jobs yet' })).toBeVisible();
});

test('an upload that breaks says so, and what was chosen stays', async ({ allowConsole, page }) => {
  allowConsole(/Failed to load resource|ERR_/);
  await openForm(page);
  await bring(page).files.setInputFiles(FILES);
  await page.route('**/api/jobs/upload', (route) => route.abort('connectionreset'));
  await bring(page).upload.click();
  await expect(bring(page).dialog.getByRole('alert').filter({ hasText: 'The connection broke' })).toBeVisible();
  await expect(bring(page).chosen).toHaveCount(3);
  await page.unroute('**/api/jobs/upload');
  await bring(page).upload.click();
  await expect(job(page, 'plan.md and 2 more')).toBeVisible();
});
