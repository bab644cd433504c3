// SPDX-License-Identifier: Apache-2.0
//
// What every view needs: heads, tags, fields, dialogs, toasts, errors.

import { h, put, byId, newId, announce } from './dom.js';
import { isFinal, stateWords } from './format.js';
import { icon } from './icons.js';

const TOAST_MS = 8000;
const COPIED_MS = 2000;

// The page's h1 and what can be done with all of it.  app.js moves the focus
// to it, and takes its text as the window's title.
export function pageHead(title, ...actions) {
	return h('header', { class: 'page-head' },
	    h('h1', { tabindex: '-1', dir: 'auto' }, title),
	    actions.length > 0
		? h('div', { class: 'row page-actions' }, actions) : null);
}

// What the window is called, when the page's name comes late.
export function setTitle(text) {
	document.title = `${text} \u2013 Tidemark`;
}

// A job's or item's state: a word, with a sign and a colour of its own.  What
// is worked on has the class tag-processing beside its own.
export function tag(state) {
	const isLive = !isFinal(state) && !['queued', 'pending', 'paused']
	    .includes(state);

	return h('span', { class: `tag tag-${state}` +
	    (isLive ? ' tag-processing' : '') }, stateWords(state));
}

export function button(text, click, { kind = '', ...props } = {}) {
	return h('button', { type: 'button',
		class: `button${kind ? ` button-${kind}` : ''}`, ...props,
		on: { click } }, text);
}

// Keep the button from being used again until its work is done; an error
// becomes a toast.  Returns what the work returns, undefined after an error.
export async function busy(el, work) {
	const wasHere = el === document.activeElement;

	el.disabled = true;
	el.classList.add('is-busy');
	try {
		return await work();
	} catch (error) {
		toast(errorWords(error), 'bad');
		return undefined;
	} finally {
		el.disabled = false;
		el.classList.remove('is-busy');
		// What is switched off loses the focus.
		if (wasHere && document.activeElement === document.body)
			el.focus();
	}
}

// A control with its label; hint stands below it and is read with it.  The
// element has show(message): what is wrong with it, '' when nothing is.
export function field(label, control, hint = null) {
	const wrong = h('p', { class: 'field-wrong', id: newId('wrong'),
		role: 'alert', hidden: true });
	const note = hint === null ? null
	    : h('p', { class: 'field-hint', id: newId('hint') }, hint);

	control.id ||= newId('field');
	control.setAttribute('aria-describedby',
	    [note?.id, wrong.id].filter(Boolean).join(' '));
	const el = h('div', { class: 'field' },
	    h('label', { for: control.id }, label), control, note, wrong);

	el.show = (message) => {
		wrong.textContent = message;
		wrong.hidden = message === '';
		control.setAttribute('aria-invalid', String(message !== ''));
	};
	return el;
}

// The server's own sentence, and the number by which its log knows it.
export function errorWords(error) {
	return error.message || String(error);
}

export function errorBox(error, again = null) {
	return h('div', { class: 'card error-box', role: 'alert' },
	    h('p', { class: 'error-words', dir: 'auto' }, errorWords(error)),
	    error.requestId ? h('p', { class: 'muted small' }, 'Request ',
		h('code', error.requestId), ' in the server\u2019s log.')
		: null,
	    again ? h('p', button('Try again', again)) : null);
}

// What a page shows of what was there a moment ago, if it is the page still.
export function gone(main, words, href, link) {
	if (!main.isConnected)
		return;
	put(main, pageHead('Not here'), h('p', `${words} `,
	    h('a', { href }, link)));
	setTitle('Not here');
}

// Grey lines in the place of what is on its way.
export function skeleton(lines = 3) {
	return h('div', { class: 'skeleton', 'aria-hidden': 'true' },
	    Array.from({ length: lines }, () => h('span')));
}

// What there is to do where nothing is yet.
export function empty(title, ...more) {
	return h('div', { class: 'empty' }, h('p', { class: 'empty-title' },
	    title), more);
}

// A word at the lower edge.  kind: '', 'good', 'bad'; bad ones stay until they
// are closed, as nobody may have looked.
export function toast(text, kind = '', action = null) {
	const place = byId('toasts');
	const close = h('button', { type: 'button', class: 'button-bare',
		'aria-label': 'Close', on: { click: () => el.remove() } },
	    icon('close'));
	const el = h('div', { class: `toast${kind ? ` toast-${kind}` : ''}`,
		role: kind === 'bad' ? 'alert' : 'status' },
	    kind === 'good' || kind === 'bad' ? icon(kind) : null,
	    h('p', { dir: 'auto' }, text), action, close);

	place.append(el);
	while (place.children.length > 4)
		place.firstElementChild.remove();
	if (kind !== 'bad' && action === null)
		setTimeout(() => el.remove(), TOAST_MS);
	return el;
}

// A modal dialog; resolves with what was given to close(), null when it was
// left with Escape.  fill(close) returns its content; the first of its fields
// gets the focus.  isFirm: Escape does not leave it, as that would lose what
// is shown this once.
export function dialog(title, fill, { isFirm = false } = {}) {
	return new Promise((resolve) => {
		let result = null;
		const heading = h('h2', { id: newId('dialog') }, title);
		const before = document.activeElement;
		// The browser's way back leaves what was asked about.
		const left = () => isFirm || close();
		const close = (value = null) => {
			result = value;
			el.close();
		};
		const el = h('dialog', { class: 'dialog',
			'aria-labelledby': heading.id, on: {
				// A second Escape closes a dialog without asking by
				// "cancel"; the key itself must not come through.
				keydown: (event) => {
					if (isFirm && event.key === 'Escape')
						event.preventDefault();
				},
				close: () => {
					removeEventListener('hashchange', left);
					el.remove();
					before?.focus?.();
					resolve(result);
				},
			} }, heading, fill(close));

		document.body.append(el);
		addEventListener('hashchange', left);
		el.showModal();
		el.querySelector('[autofocus], input, textarea, select')
		    ?.focus();
	});
}

// Ask before what cannot be taken back.
export function confirm(text, { title = 'Are you sure?', yes = 'Yes',
	no = 'Keep it', isDanger = true } = {}) {
	return dialog(title, (close) => [
		h('p', { dir: 'auto' }, text),
		h('div', { class: 'row dialog-actions' },
		    button(no, () => close(false), { autofocus: true }),
		    button(yes, () => close(true),
			{ kind: isDanger ? 'danger' : 'primary' })),
	]).then((answer) => answer === true);
}

async function copy(text, input) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		// Only pages on https and on this machine may do that; elsewhere
		// the old way works, on what is selected.
		input?.select?.();
		return document.execCommand('copy');
	}
}

// A text to be taken elsewhere, and a button that does.  label names it.
export function copyField(label, text) {
	const input = h('input', { type: 'text', class: 'mono', readonly: true,
		value: text, spellcheck: 'false', 'aria-label': label,
		// Backward: its beginning is what is seen of a long one.
		on: { focus: () => input.setSelectionRange(0, text.length,
		    'backward') } });
	const word = h('span', 'Copy');
	const el = h('button', { type: 'button', class: 'button',
		on: { click: async () => {
			const isDone = await copy(text, input);

			word.textContent = isDone ? 'Copied'
			    : 'Select it and press Ctrl+C';
			announce(word.textContent);
			setTimeout(() => {
				word.textContent = 'Copy';
			}, COPIED_MS);
		} } }, icon('copy'), word);

	return h('div', { class: 'row copy-field' }, input, el);
}
