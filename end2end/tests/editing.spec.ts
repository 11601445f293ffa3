import { editor, expect, hydrated, recordStatuses, rowLink, SAVED, saveState, test } from '../fixtures/index.ts';

/** What the browser says of a server that is away, and of the answer that an entry has changed meanwhile. */
const OF_THE_CUT = /net::ERR_|WebSocket connection to/;
const OF_A_STALE_VERSION = /status of 412/;

test.beforeEach(async ({ api }) => {
  await api.createKb({ name: 'notes', title: 'Notes' });
});

test.describe('writing', () => {
  test('the preview follows the text', async ({ openTab }) => {
    const tab = await openTab('/kb/notes/new');
    const { text, preview } = editor(tab);
    await text.fill('# A heading\n\nWith *emphasis*.');
    await expect(preview.getByRole('heading', { name: 'A heading' })).toBeVisible();
    await expect(preview.getByRole('emphasis')).toHaveText('emphasis');
  });

  test('two brackets offer the entries that could be linked', async ({ api, openTab }) => {
    await api.createEntry('notes', { title: 'Plan, do, study, act', id: 'pdca' });
    await api.createEntry('notes', { title: 'Kaizen' });
    const tab = await openTab('/kb/notes/new');
    const { text } = editor(tab);
    await text.pressSequentially('See [[plan');
    const options = tab.getByRole('listbox', { name: 'Entries' }).getByRole('option');
    await expect(options).toHaveCount(1);
    await expect(options.first()).toContainText('Plan, do, study, act');

    await text.press('Enter');
    await expect(text).toHaveValue('See [[pdca]]');
    await expect(tab.getByRole('listbox', { name: 'Entries' })).toBeHidden();
  });

  test('Escape puts the offered entries away and stays in the editor', async ({ api, openTab }) => {
    await api.createEntry('notes', { title: 'Kaizen' });
    const tab = await openTab('/kb/notes/new');
    const { text } = editor(tab);
    await text.pressSequentially('[[kai');
    await expect(tab.getByRole('option')).toHaveCount(1);
    await text.press('Escape');
    await expect(tab.getByRole('option')).toHaveCount(0);
    await expect(text).toBeFocused();
    await expect(text).toHaveValue('[[kai');
  });

  test('tags that are in use are offered, and a sign before them is no part of them', async ({ api, openTab }) => {
    await api.createEntry('notes', { title: 'One', tags: ['deming', 'lean'] });
    const tab = await openTab('/kb/notes/new');
    const { title, tags, saveAndClose } = editor(tab);
    await title.fill('Two');
    await tags.pressSequentially('#dem');
    await expect(tab.getByRole('listbox', { name: 'Tags' }).getByRole('option')).toHaveCount(1);
    await tags.press('Enter');
    await expect(tags).toHaveValue('deming, ');
    await tags.pressSequentially('#quality');
    await saveAndClose.click();
    await expect(tab.getByRole('heading', { level: 1, name: 'Two' })).toBeVisible();
    expect((await api.getEntry('notes', 'two')).tags.sort()).toEqual(['deming', 'quality']);
  });

  test('what the editor says of saving is true at each step', async ({ api, openTab }) => {
    await api.createEntry('notes', { title: 'Plan', body: 'Old.' });
    const tab = await openTab('/kb/notes/e/plan/edit');
    const { text, save } = editor(tab);
    await expect(saveState(tab, 'No changes.')).toBeVisible();
    await text.fill('New.');
    await expect(saveState(tab, 'Unsaved changes, kept in this browser.')).toBeVisible();

    // Held back, so that there is time to see it on its way.
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await tab.route('**/api/pages/update_entry', async (route) => {
      await held;
      await route.continue();
    });
    await save.click();
    await expect(saveState(tab, 'Saving…')).toBeVisible();
    expect((await api.getEntry('notes', 'plan')).body).toBe('Old.');
    release();

    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('notes', 'plan')).body).toBe('New.');
    await text.pressSequentially('!');
    await expect(saveState(tab, 'Unsaved changes, kept in this browser.')).toBeVisible();
  });

  test('Ctrl S saves and stays, Ctrl Enter saves and shows the entry', async ({ api, openTab }) => {
    await api.createEntry('notes', { title: 'Plan' });
    const tab = await openTab('/kb/notes/e/plan/edit');
    const { text } = editor(tab);
    await text.fill('First.');
    await text.press('Control+s');
    await expect(saveState(tab, SAVED)).toBeVisible();
    await expect(text).toBeFocused();

    await text.fill('Second.');
    await text.press('Control+Enter');
    await expect(tab).toHaveURL(/\/kb\/notes\/e\/plan$/);
    await expect(tab.getByRole('article')).toContainText('Second.');
  });

  test('a new entry that is saved goes on being edited at its own address', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/new');
    const { title, text, save } = editor(tab);
    await title.fill('Größe');
    await text.fill('Some text.');
    await save.click();
    await expect(tab).toHaveURL(/\/e\/[^/]+\/edit$/);
    await expect(text).toHaveValue('Some text.');
    await text.fill('More text.');
    await save.click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    await expect.poll(async () => (await api.getEntry('notes', 'größe')).body).toBe('More text.');
  });

  test('the first save leaves the caret where it was', async ({ openTab }) => {
    const tab = await openTab('/kb/notes/new');
    const { title, text } = editor(tab);
    await title.fill('Begun');
    await text.fill('One three.');
    await text.press('Home');
    for (let n = 0; n < 'One'.length; n += 1) {
      await text.press('ArrowRight');
    }
    await text.press('Control+s');
    await expect(tab).toHaveURL(/\/e\/begun\/edit$/);
    await expect(saveState(tab, SAVED)).toBeVisible();
    await expect(text).toBeFocused();
    await tab.keyboard.type(' two');
    await expect(text).toHaveValue('One two three.');
  });

  test('other names and metadata are edited, and links may use the names', async ({ api, openTab }) => {
    await api.createEntry('notes', { title: 'Plan', metadata: { year: 1986, gone: true, kept: { deep: [1] } } });
    await api.createEntry('notes', { title: 'Source', body: 'To [[the-cycle]].' });
    const tab = await openTab('/kb/notes/e/plan/edit');
    const { more, aliases, metadata, saveAndClose } = editor(tab);
    await expect(more).toContainText('3 members');
    await more.click();
    await aliases.fill('The cycle\nDeming, his wheel');
    await metadata.fill('{"year": 1994, "kept": {"deep": [1]}, "source": "a book"}');
    await saveAndClose.click();
    await expect(tab).toHaveURL(/\/e\/plan$/);
    const aside = tab.getByRole('complementary', { name: 'About this entry' });
    await expect(aside).toContainText('The cycle');
    await expect(aside).toContainText('a book');
    await expect(aside.getByRole('link', { name: 'Source' })).toBeVisible();
    const stored = await api.getEntry('notes', 'plan');
    expect(stored.aliases).toEqual(['The cycle', 'Deming, his wheel']);
    expect(stored.metadata).toEqual({ year: 1994, kept: { deep: [1] }, source: 'a book' });
  });

  test('metadata that is no JSON is not saved, and the field says why and keeps it', async ({ api, openTab }) => {
    await api.createEntry('notes', { title: 'Plan', body: 'Old.' });
    const tab = await openTab('/kb/notes/e/plan/edit');
    const { more, metadata, text, save } = editor(tab);
    await text.fill('New.');
    await more.click();
    await metadata.fill('{"year": 1994,');
    // It is said when the field is left, not at each key.
    await expect(tab.getByText('This JSON is not finished')).toHaveCount(0);
    await text.focus();
    await expect(metadata).toHaveAccessibleDescription(/This JSON is not finished/);
    await more.click();
    await save.click();
    await expect(saveState(tab, /^Not saved/)).toBeVisible();
    // Folded away it would have been found by nobody.
    await expect(metadata).toBeFocused();
    expect((await api.getEntry('notes', 'plan')).body).toBe('Old.');

    await tab.reload();
    await hydrated(tab);
    await expect(text).toHaveValue('New.');
    await more.click();
    await expect(metadata).toHaveValue('{"year": 1994,');
    await metadata.fill('{"year": 1994}');
    await save.click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    const stored = await api.getEntry('notes', 'plan');
    expect([stored.body, stored.metadata]).toEqual(['New.', { year: 1994 }]);
  });

  test('an entry without a title is not saved, and the editor says why', async ({ openTab }) => {
    const tab = await openTab('/kb/notes/new');
    await editor(tab).text.fill('A text without a title.');
    await editor(tab).save.click();
    await expect(tab.getByRole('alert').filter({ hasText: 'An entry needs a title' })).toBeVisible();
    await expect(editor(tab).text).toHaveValue('A text without a title.');
  });
});

test.describe('two people at one entry', () => {
  test.beforeEach(async ({ api }) => {
    await api.createEntry('notes', { title: 'Plan', body: 'one\n\ntwo\n\nthree\n' });
  });

  test('changes that do not touch are brought together by themselves', async ({ api, allowConsole, openTab, openBrowser }) => {
    allowConsole(OF_A_STALE_VERSION);
    const ada = await openTab('/kb/notes/e/plan/edit');
    const bob = await openBrowser('/kb/notes/e/plan/edit');
    await editor(bob).text.fill('one\n\ntwo\n\nTHREE\n');
    await editor(ada).text.fill('ONE\n\ntwo\n\nthree\n');
    await editor(ada).save.click();
    await expect(saveState(ada, SAVED)).toBeVisible();
    await expect(bob.getByText('saved version 2 while you write')).toBeVisible();
    await expect(editor(bob).text).toHaveValue('one\n\ntwo\n\nTHREE\n');

    await editor(bob).save.click();

    await expect(bob.getByText('Merged with a change by owner. Both are saved.')).toBeVisible();
    await expect(saveState(bob, SAVED)).toBeVisible();
    await expect(editor(bob).text).toHaveValue('ONE\n\ntwo\n\nTHREE\n');
    expect(await api.getEntry('notes', 'plan')).toMatchObject({ version: 3, body: 'ONE\n\ntwo\n\nTHREE\n' });
  });

  test('changes that touch are shown as theirs, yours and both, and all stay in the history', async ({ api, allowConsole, openTab, openBrowser }) => {
    allowConsole(OF_A_STALE_VERSION);
    const ada = await openTab('/kb/notes/e/plan/edit');
    const bob = await openBrowser('/kb/notes/e/plan/edit');
    await editor(ada).text.fill('one\n\ntwo by Ada\n\nthree\n');
    await editor(ada).save.click();
    await expect(saveState(ada, SAVED)).toBeVisible();
    const statuses = await recordStatuses(bob);
    await editor(bob).text.fill('one\n\ntwo by Bob\n\nthree\n');
    await editor(bob).save.click();

    const conflict = bob.getByRole('region', { name: 'owner changed the same place' });
    await expect(conflict.getByRole('heading', { name: 'Theirs, by owner' })).toBeVisible();
    await expect(conflict.getByText('two by Ada').first()).toBeVisible();
    await expect(conflict.getByRole('heading', { name: 'Yours' })).toBeVisible();
    await expect(conflict.getByText('two by Bob').first()).toBeVisible();
    const both = conflict.getByRole('textbox', { name: /^Both together/ });
    await expect(both).toHaveValue(/two by Ada[\s\S]*two by Bob|two by Bob[\s\S]*two by Ada/);
    expect(await statuses()).not.toContainEqual(expect.stringMatching(SAVED));

    await both.fill('one\n\ntwo by both\n\nthree\n');
    await conflict.getByRole('button', { name: 'Save both together' }).click();
    await expect(saveState(bob, SAVED)).toBeVisible();
    await expect(conflict).toHaveCount(0);
    expect(await api.getEntry('notes', 'plan')).toMatchObject({ version: 3, body: 'one\n\ntwo by both\n\nthree\n' });

    await bob.goto('/kb/notes/e/plan/history?v=2');
    await expect(bob.getByRole('region', { name: 'Changed lines' })).toContainText('two by Ada');
  });

  for (const [button, kept] of [
    ['Save yours', 'two by Bob'],
    ['Take theirs', 'two by Ada'],
  ] as const) {
    test(`in a conflict one may choose “${button}”`, async ({ api, allowConsole, openTab }) => {
      allowConsole(OF_A_STALE_VERSION);
      const bob = await openTab('/kb/notes/e/plan/edit');
      await editor(bob).text.fill('one\n\ntwo by Bob\n\nthree\n');
      await api.patchEntry('notes', 'plan', { body: 'one\n\ntwo by Ada\n\nthree\n' });
      await editor(bob).save.click();
      await bob.getByRole('button', { name: button }).click();

      await expect(saveState(bob, SAVED)).toBeVisible();
      await expect(editor(bob).text).toHaveValue(`one\n\n${kept}\n\nthree\n`);
      expect((await api.getEntry('notes', 'plan')).body).toBe(`one\n\n${kept}\n\nthree\n`);
    });
  }

  test('saving twice in a row is no conflict with oneself', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    const { text } = editor(tab);
    for (const word of ['first', 'second', 'third']) {
      await text.fill(word);
      await text.press('Control+s');
      await expect(saveState(tab, SAVED)).toBeVisible();
    }
    await expect(tab.getByText('while you write')).toHaveCount(0);
    expect(await api.getEntry('notes', 'plan')).toMatchObject({ version: 4, body: 'third' });
  });

  test('an entry that is deleted meanwhile leaves the text alone', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('Hours of work.');
    await api.deleteEntry('notes', 'plan');
    await expect(tab.getByText('owner deleted this entry. Your text is kept in this browser.')).toBeVisible();
    await expect(editor(tab).text).toHaveValue('Hours of work.');
  });

  test('an entry that is deleted meanwhile is restored with what was written', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('Hours of work.');
    await api.deleteEntry('notes', 'plan');
    await tab.getByRole('button', { name: 'Restore it and save' }).click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    await expect(tab.getByText('deleted this entry')).toHaveCount(0);
    expect(await api.getEntry('notes', 'plan')).toMatchObject({ title: 'Plan', body: 'Hours of work.' });
  });

  test('an entry that is deleted meanwhile is written as a new one', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).title.fill('Another plan');
    await api.deleteEntry('notes', 'plan');
    await tab.getByRole('button', { name: 'Save as a new entry' }).click();
    await expect(tab).toHaveURL(/\/e\/another-plan\/edit$/);
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect(await api.getEntry('notes', 'another-plan')).toMatchObject({ version: 1, title: 'Another plan' });
  });

  test('an entry that somebody restores is there again for who edits it', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('Hours of work.');
    const { trash_id } = await api.deleteEntry('notes', 'plan');
    await expect(tab.getByText('deleted this entry')).toBeVisible();
    await api.restoreEntry('notes', trash_id);
    await expect(tab.getByText('deleted this entry')).toHaveCount(0);
    await editor(tab).save.click();
    await expect(saveState(tab, SAVED)).toBeVisible();
  });

  test('the draft of an entry that is gone is found again', async ({ api, allowConsole, openTab }) => {
    allowConsole(/status of 404/);
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('Hours of work.');
    await api.deleteEntry('notes', 'plan');
    await tab.goto('/kb/notes/e/plan');
    await tab.getByRole('link', { name: 'Go on with your draft' }).click();
    await expect(editor(tab).text).toHaveValue('Hours of work.');
    await tab.reload();
    await hydrated(tab);
    await expect(editor(tab).text).toHaveValue('Hours of work.');
    await tab.getByRole('button', { name: 'Restore it and save' }).click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('notes', 'plan')).body).toBe('Hours of work.');
  });

  test('what is written when its knowledge base is deleted is saved in another', async ({ api, allowConsole, openTab }) => {
    // The preview may be on its way when it goes.
    allowConsole(/status of 404/);
    await api.createKb({ name: 'other', title: 'Other' });
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('Hours of work.');
    await api.deleteKb('notes');
    await expect(tab.getByText('owner deleted this knowledge base. Your text is kept in this browser.')).toBeVisible();
    await tab.getByRole('combobox', { name: 'Knowledge base to save in' }).selectOption('Other');
    await tab.getByRole('button', { name: 'Save there' }).click();
    await expect(tab).toHaveURL(/\/kb\/other\/e\/plan\/edit$/);
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('other', 'plan')).body).toBe('Hours of work.');
  });

  test('what is written to bring both together outlives a reload, and is what is saved elsewhere', async ({ api, allowConsole, openTab }) => {
    allowConsole(OF_A_STALE_VERSION);
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('mine\n');
    await api.patchEntry('notes', 'plan', { body: 'theirs\n' });
    await editor(tab).save.click();
    const both = tab.getByRole('textbox', { name: /^Both together/ });
    await both.fill('hours of merging\n');
    await both.press('Control+s');
    await expect(both).toHaveValue('hours of merging\n');
    await tab.reload();
    await hydrated(tab);
    await expect(editor(tab).text).toHaveValue('hours of merging\n');

    await editor(tab).save.click();
    await both.fill('more hours\n');
    await api.deleteEntry('notes', 'plan');
    await tab.getByRole('button', { name: 'Save as a new entry' }).click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('notes', 'plan')).body).toBe('more hours\n');
  });

  test('another entry that took the id is not written over', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('My draft.');
    await api.deleteEntry('notes', 'plan');
    await api.createEntry('notes', { title: 'Plan', body: 'By Bob.' });
    await expect(tab.getByText('owner deleted this entry. Your text is kept in this browser.')).toBeVisible();
    await expect(editor(tab).save).toBeDisabled();
    await editor(tab).text.press('Control+s');
    await tab.reload();
    await hydrated(tab);
    await expect(editor(tab).text).toHaveValue('My draft.');
    await tab.getByRole('button', { name: 'Save as a new entry' }).click();
    await expect(tab).toHaveURL(/\/e\/plan-2\/edit$/);
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('notes', 'plan')).body).toBe('By Bob.');
    expect((await api.getEntry('notes', 'plan-2')).body).toBe('My draft.');
  });

  test('a draft follows its entry to another id', async ({ api, allowConsole, openTab }) => {
    // The rename made a version, with which the draft is brought together.
    allowConsole(OF_A_STALE_VERSION);
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('Hours of work.');
    await api.patchEntry('notes', 'plan', { id: 'scheme' });
    // The event has arrived when the way back leads to the new address.
    await expect(tab.getByRole('link', { name: 'Close (draft kept)' })).toHaveAttribute('href', '/kb/notes/e/scheme');
    await tab.reload();
    await hydrated(tab);
    await expect(tab).toHaveURL(/\/e\/scheme\/edit$/);
    await expect(editor(tab).text).toHaveValue('Hours of work.');
    await editor(tab).save.click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('notes', 'scheme')).body).toBe('Hours of work.');
  });

  test('both together are not saved while places are marked', async ({ api, allowConsole, openTab }) => {
    allowConsole(OF_A_STALE_VERSION);
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill('mine\n');
    await api.patchEntry('notes', 'plan', { body: 'theirs\n' });
    await editor(tab).save.click();
    const save = tab.getByRole('button', { name: 'Save both together' });
    await expect(tab.getByText('1 place is still marked.')).toBeVisible();
    await expect(save).toBeDisabled();
    await expect(editor(tab).save).toBeDisabled();
    await tab.getByRole('textbox', { name: /^Both together/ }).fill('ours\n');
    await save.click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('notes', 'plan')).body).toBe('ours\n');
  });
});

test.describe('nothing is lost', () => {
  const essay = 'A sentence that took a while to find its words. '.repeat(5);

  test.beforeEach(async ({ api }) => {
    await api.createEntry('notes', { title: 'Plan', body: 'Old.' });
  });

  test('a draft is there after a reload, and may be dropped', async ({ api, openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill(essay);
    await tab.reload();
    await hydrated(tab);
    await expect(tab.getByText('Your unsaved draft is back')).toBeVisible();
    await expect(editor(tab).text).toHaveValue(essay);
    expect((await api.getEntry('notes', 'plan')).body).toBe('Old.');

    await tab.getByRole('button', { name: 'Discard the draft' }).click();
    await expect(editor(tab).text).toHaveValue('Old.');
    await tab.reload();
    await hydrated(tab);
    await expect(saveState(tab, 'No changes.')).toBeVisible();
    await expect(editor(tab).text).toHaveValue('Old.');
  });

  test('a draft of a new entry is there after a reload', async ({ openTab }) => {
    const tab = await openTab('/kb/notes/new');
    await editor(tab).title.fill('Not yet saved');
    await editor(tab).text.fill(essay);
    await tab.reload();
    await hydrated(tab);
    await expect(editor(tab).title).toHaveValue('Not yet saved');
    await expect(editor(tab).text).toHaveValue(essay);
  });

  test('a draft is there after leaving the page and coming back', async ({ openTab }) => {
    const tab = await openTab('/kb/notes/e/plan/edit');
    await editor(tab).text.fill(essay);
    await tab.getByRole('link', { name: 'Close (draft kept)' }).click();
    await expect(tab.getByRole('article')).toContainText('Old.');
    await tab.getByRole('link', { name: 'Edit' }).click();
    await expect(editor(tab).text).toHaveValue(essay);
  });

  test('what is typed without a network is there after a reload', async ({ network, allowConsole, openTab }) => {
    allowConsole(OF_THE_CUT);
    const tab = await openTab(`${network.url}/kb/notes/e/plan/edit`);
    network.cut();
    await editor(tab).text.fill('');
    await editor(tab).text.pressSequentially(essay.slice(0, 200));
    network.heal();
    await tab.reload();
    await hydrated(tab);
    await expect(editor(tab).text).toHaveValue(essay.slice(0, 200));
  });

  test('a server that fails on saving keeps the text in the editor until it can be saved', async ({ api, allowConsole, openTab }) => {
    allowConsole(/status of 500/);
    const tab = await openTab('/kb/notes/e/plan/edit');
    const statuses = await recordStatuses(tab);
    await tab.route('**/api/pages/update_entry', (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ type: 'about:blank', title: 'Internal error', status: 500, code: 'internal', detail: 'The disk is full.' }),
      }),
    );
    await editor(tab).text.fill(essay);
    await editor(tab).save.click();

    const alert = tab.getByRole('alert').filter({ hasText: 'Not saved.' });
    await expect(alert).toContainText('Your text is still here.');
    await expect(saveState(tab, /^Not saved/)).toBeVisible();
    await expect(editor(tab).text).toHaveValue(essay);
    expect(await statuses()).not.toContainEqual(expect.stringMatching(SAVED));
    expect((await api.getEntry('notes', 'plan')).body).toBe('Old.');

    await tab.unroute('**/api/pages/update_entry');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(saveState(tab, SAVED)).toBeVisible();
    expect((await api.getEntry('notes', 'plan')).body).toBe(essay);
  });

  test('the preview follows when the server is back', async ({ network, allowConsole, openTab }) => {
    allowConsole(OF_THE_CUT);
    const tab = await openTab(`${network.url}/kb/notes/e/plan/edit`);
    const { text, preview } = editor(tab);
    await expect(preview).toContainText('Old.');
    network.cut();
    await text.fill('Newer.');
    await expect(preview.getByText('The preview is older than the text')).toBeVisible();
    network.heal();
    await expect(preview).toContainText('Newer.', { timeout: 60_000 });
    await expect(preview.getByText('The preview is older than the text')).toHaveCount(0);
  });

  test('without a server the list is still there, and a new entry is written and sent later', async ({ api, network, allowConsole, openTab }) => {
    allowConsole(OF_THE_CUT);
    const tab = await openTab(`${network.url}/kb/notes`);
    await rowLink(tab, 'Plan').click();
    await expect(tab.getByRole('article')).toContainText('Old.');
    network.cut();
    await tab.goBack();
    await expect(rowLink(tab, 'Plan')).toBeVisible();
    await tab.keyboard.press('n');
    await editor(tab).title.fill('From the train');
    await editor(tab).save.click();
    await expect(saveState(tab, 'Offline. It is kept here and sent when the connection is back.')).toBeVisible();
    network.heal();
    await expect(saveState(tab, SAVED)).toBeVisible({ timeout: 60_000 });
    expect((await api.getEntry('notes', 'from-the-train')).title).toBe('From the train');
  });

  test('what is saved while the server is gone is sent when it is back', async ({ api, server, allowConsole, openTab }) => {
    allowConsole(OF_THE_CUT);
    const tab = await openTab('/kb/notes/e/plan/edit');
    const statuses = await recordStatuses(tab);
    await editor(tab).text.fill(essay);
    await server.kill9();
    await editor(tab).save.click();
    await expect(saveState(tab, 'Offline. It is kept here and sent when the connection is back.')).toBeVisible();
    expect(await statuses()).not.toContainEqual(expect.stringMatching(SAVED));

    await server.start();
    await expect(saveState(tab, SAVED)).toBeVisible({ timeout: 60_000 });
    expect(await api.getEntry('notes', 'plan')).toMatchObject({ version: 2, body: essay });
  });
});
